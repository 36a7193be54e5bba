#!/usr/bin/env bash
# Lets the official clients of MCP use the server, with the sandbox behind it: Python and TypeScript, over stdio and
# HTTP, with and without the handshake; and the inspector.
#
# Needs npm, Python 3.11 and the network; Node itself comes from npm too.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
source "$here/serve.sh"

packages @modelcontextprotocol/client@2.4.0 @modelcontextprotocol/inspector@2.12.0
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mcp==2.3.0

failed=0
for version in 2025-11-25 2026-07-28; do
  "$work/venv/bin/python" "$here/client.py" "$programs/kallyai-mcp" "$server" "$work/bearer" "$version" || failed=1
  # Modules are looked for beside the script.
  cp "$here/client.mjs" "$work/client.mjs"
  "$node" "$work/client.mjs" "$programs/kallyai-mcp" "$server" "$work/bearer" "$version" || failed=1
done

# Strict: problems of a schema that some runtimes refuse are errors; what is only loose is a warning.
inspector=$work/node_modules/.bin/mcp-inspector
for choice in "" --all; do
  MCP_CATALOG_PATH=$work/catalog.json "$node" "$inspector" --cli \
    -e "KALLYAI_BASE_URL=$KALLYAI_BASE_URL" -e "KALLYAI_ACCESS_TOKEN=$KALLYAI_ACCESS_TOKEN" \
    --method tools/list --strict -- "$programs/kallyai-mcp" $choice >"$work/listed" 2>"$work/problems" || failed=1
  warnings=$(grep -c '^ *Warning:' "$work/problems" || true)
  errors=$(grep -c '^ *Error:' "$work/problems" || true)
  echo "inspector, tools/list --strict, kallyai-mcp $choice: $errors errors, $warnings warnings"
done
exit "$failed"
