#!/usr/bin/env bash
# Runs the official conformance suite of MCP against the server, with the sandbox behind it, for both versions of
# the protocol: the scenarios that each of them requires. What is expected to fail stands in expected-failures-*.yaml, each line with its reason; anything
# else that fails, or passes although it stands there, fails the run.
#
# Needs npm and the network; Node itself comes from npm too.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
pids=()
end() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap end EXIT

cd "$here/../.."
cargo build --quiet -p kallyai-sandbox -p kallyai-mcp
programs=${CARGO_TARGET_DIR:-target}/debug

cd "$work"
npm init -y >/dev/null
# The first version of the suite that has scenarios for 2026-07-28 has no final release yet.
npm install --silent node@24.21.0 @modelcontextprotocol/conformance@0.2.0-alpha.12 >/dev/null
node=$work/node_modules/.bin/node
suite=$work/node_modules/@modelcontextprotocol/conformance/dist/index.js
cd - >/dev/null

# Waits for the first line of a file: what was started says where it listens.
first_line() {
  for _ in $(seq 300); do
    if [ -s "$1" ]; then
      head -n 1 "$1"
      return
    fi
    sleep 0.1
  done
  echo "nothing is written to $1" >&2
  return 1
}

"$programs/kallyai-sandbox" --call-seconds 0 >"$work/sandbox" 2>/dev/null &
pids+=($!)
first_line "$work/sandbox" >"$work/started"
value() { "$node" -p "JSON.parse(require('fs').readFileSync('$work/started'))['$1']"; }

KALLYAI_BASE_URL=$(value base_url) KALLYAI_ACCESS_TOKEN=$(value access_token) \
  "$programs/kallyai-mcp" --http 0 --bearer-file "$work/bearer" 2>"$work/server" &
pids+=($!)
server=$(first_line "$work/server")
server=${server##* }

# The suite sends no bearer.
"$node" "$here/with-bearer.mjs" "$server" "$work/bearer" >"$work/proxy" &
pids+=($!)
url=$(first_line "$work/proxy")

failed=0
for version in 2025-11-25 2026-07-28; do
  echo "== $version"
  "$node" "$suite" server --url "$url" --requirements "$version" \
    --expected-failures "$here/expected-failures-$version.yaml" || failed=1
done
exit "$failed"
