#!/usr/bin/env bash
# Runs the examples through Prism, which stands in front of each one's sandbox and checks requests and
# answers by the OpenAPI document. Needs cargo, and npm with Node 20. Writes nothing but target/behind-prism,
# where it builds a copy of the repository; the examples in it are as they are, and have in the sandbox's
# place the crate behind-prism.
set -euo pipefail

prism_cli=5.14.2

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
work="$root/target/behind-prism"
mkdir -p "$work/npm" "$work/logs"
rm -rf "${work:?}/copy" "${work:?}/logs"/*

(cd "$root" && cargo run --quiet --package kallyai-openapi -- bundle) >"$work/openapi.json"
npm install --no-audit --no-fund --ignore-scripts --loglevel error --prefix "$work/npm" \
  "@stoplight/prism-cli@$prism_cli" >"$work/npm.log"

# A copy in which the examples' sandbox is the one behind Prism. What did not change keeps its time, so that
# cargo does not build it again.
mkdir "$work/copy"
(cd "$root" && tar --create --exclude=./target --exclude=./.git .) | tar --extract --directory "$work/copy"
mv "$work/copy/kallyai-sandbox/other-tools/behind-prism" "$work/copy/behind-prism"
sed -i 's/^members = \[/&"behind-prism", /' "$work/copy/Cargo.toml"
sed -i 's|^kallyai-sandbox = .*|kallyai-sandbox = { package = "kallyai-sandbox-behind-prism", path = "../behind-prism" }|' \
  "$work/copy/examples/Cargo.toml"
touch --reference="$root/Cargo.toml" "$work/copy/Cargo.toml"
touch --reference="$root/examples/Cargo.toml" "$work/copy/examples/Cargo.toml"

BEHIND_PRISM_NODE=$(command -v node)
export BEHIND_PRISM_NODE
export BEHIND_PRISM_CLI="$work/npm/node_modules/@stoplight/prism-cli/dist/index.js"
export BEHIND_PRISM_PRELOAD="$work/copy/behind-prism/preload.cjs"
export BEHIND_PRISM_DOCUMENT="$work/openapi.json"
export BEHIND_PRISM_LOGS="$work/logs"
export CARGO_TARGET_DIR="$work/target" CARGO_PROFILE_DEV_DEBUG=0

cd "$work/copy"
cargo build --quiet --package kallyai-examples --examples --tests
failed=0
# Their tests start each example, do what its user would do, and look at what it shows. One measures how
# quickly the quickstart is over; Prism takes longer to start, so the quickstart runs by itself.
timeout 600 cargo test --quiet --no-fail-fast --package kallyai-examples -- \
  --skip twice_quickly_and_without_a_trace >"$work/tests.log" 2>&1 || {
  failed=1
  cat "$work/tests.log"
}
timeout 60 "$CARGO_TARGET_DIR/debug/examples/quickstart" >"$work/quickstart.log" 2>&1 || {
  failed=1
  cat "$work/quickstart.log"
}

# Each Prism ends with its example, even where a test has killed that.
for _ in $(seq 50); do
  left=$(pgrep --full --count -- "$BEHIND_PRISM_PRELOAD" || true)
  [ "$left" -gt 0 ] || break
  sleep 0.1
done
if [ "$left" -gt 0 ]; then
  failed=1
  echo "$left of Prism's processes are left: FAILED"
fi

passed=$(sed -nE 's/^test result: ok\. ([0-9]+) passed.*/\1/p' "$work/tests.log" | awk '{n += $1} END {print n + 0}')
cd "$work/logs"
wrong='violation|✖|⚠|Invalid|terminated with error'
requests=0
examples=0
# Their names and paths; one that only prints, and starts no sandbox, has nothing to send.
list=$(sed -nE '/^\[\[example\]\]/{n;s/^name = "(.*)"/\1/;h;n;s/^path = "(.*)"/\1/;H;g;s/\n/ /p}' "$root/examples/Cargo.toml")
while read -r example path; do
  grep -q Sandbox "$root/examples/$path" || continue
  forwarded=$(cat "$example"-*.log 2>/dev/null | grep -c 'The upstream call to' || true)
  echo "$example: $forwarded requests"
  requests=$((requests + forwarded))
  if [ "$forwarded" -eq 0 ]; then
    failed=1
    echo "$example: FAILED, nothing went through Prism"
  else
    examples=$((examples + 1))
  fi
done <<<"$list"
if grep -EihH "$wrong" ./*.log; then
  failed=1
fi
violations=$(cat ./*.log | grep -Eic "$wrong" || true)
operations=$(cat ./*.log | grep -Eo 'HTTP SERVER\] [a-z]+ [^ ]+' | sed -E 's/[0-9a-f-]{36}/{id}/' | sort -u | wc -l)
echo "Prism $prism_cli: $examples examples, $passed tests, $requests requests for $operations operations, $violations violations"
exit "$failed"
