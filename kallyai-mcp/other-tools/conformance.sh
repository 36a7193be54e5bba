#!/usr/bin/env bash
# Runs the official conformance suite of MCP against the server, with the sandbox behind it, for both versions of
# the protocol: the scenarios that each of them requires. What is expected to fail stands in
# expected-failures-*.yaml, each line with its reason; anything else that fails, or passes although it stands
# there, fails the run.
#
# Needs npm and the network; Node itself comes from npm too.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
source "$here/serve.sh"

# The first version of the suite that has scenarios for 2026-07-28 has no final release yet.
packages @modelcontextprotocol/conformance@0.2.0-alpha.12
suite=$work/node_modules/@modelcontextprotocol/conformance/dist/index.js

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
