#!/usr/bin/env bash
# Instructions and allocations of one request, by the library and by hand. Needs valgrind.
#
# Each way runs twice, with 200 and with 1200 requests, against a server in a process of its own: the
# difference is what 1000 requests take, and starting is not counted.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v valgrind >/dev/null || { echo "install valgrind first" >&2; exit 1; }

cargo build --profile bench --locked -q -p kallyai-bench --example one_way
way="${CARGO_TARGET_DIR:-target}/release/examples/one_way"

coproc SERVER { "$way" serve; }
read -r base_url <&"${SERVER[0]}"

instructions() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$way" "$1" "$base_url" "$2" 2>&1 >/dev/null |
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}

printf '%-16s %14s %14s %14s\n' way instructions allocations bytes
for operation in get create; do
  for one in "$operation" "${operation}_by_hand"; do
    counted=$((($(instructions "$one" 1200) - $(instructions "$one" 200)) / 1000))
    read -r allocations bytes <<<"$("$way" "$one" "$base_url" 1000)"
    printf '%-16s %14d %14.1f %14.1f\n' "$one" "$counted" \
      "$(awk "BEGIN { print $allocations / 1000 }")" "$(awk "BEGIN { print $bytes / 1000 }")"
  done
done
