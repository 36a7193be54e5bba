#!/usr/bin/env bash
# Generates a client in Python and one in TypeScript from the OpenAPI document, and lets each do the
# quickstart against a sandbox of its own. Needs cargo, npm with Node 20, and Python 3.11. Writes nothing
# outside a temporary directory but cargo's target.
set -euo pipefail

openapi_python_client=0.29.1
ruff=0.17.5 # openapi-python-client tidies its output with it, and warns without it
httpx=0.28.1
attrs=26.1.0
openapi_typescript=7.13.0
typescript=5.9.3 # openapi-typescript 7 asks for version 5
openapi_fetch=0.17.0
types_node=20.19.43

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

cd "$root"
cargo build --quiet --package kallyai-sandbox
cargo run --quiet --package kallyai-openapi -- bundle >"$work/openapi.json"
sandbox="${CARGO_TARGET_DIR:-$root/target}/debug/kallyai-sandbox"

# From here on the caller's directory, and the settings in it, play no part.
cd "$work"
export NO_COLOR=1
echo '{"private": true, "type": "module"}' >package.json
npm install --no-audit --no-fund --ignore-scripts --loglevel error --save-exact \
  "openapi-typescript@$openapi_typescript" "typescript@$typescript" \
  "openapi-fetch@$openapi_fetch" "@types/node@$types_node" >npm.log
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check \
  "openapi-python-client==$openapi_python_client" "ruff==$ruff" "httpx==$httpx" "attrs==$attrs"
export PATH="$work/node_modules/.bin:$work/venv/bin:$PATH"

failed=0
# try NAME COMMAND...: runs it within two minutes.
try() {
  local name=$1
  shift
  timeout 120 "$@" || {
    failed=$((failed + 1))
    echo "$name: FAILED"
  }
}

openapi-python-client generate --fail-on-warning --meta none --path openapi.json \
  --output-path kallyai_client >python.log
try "openapi-python-client $openapi_python_client" \
  env PYTHONPATH="$work" PYTHONDONTWRITEBYTECODE=1 python "$here/clients/quickstart.py" "$sandbox"

openapi-typescript openapi.json --output api.d.ts >typescript.log
cp "$here/clients/quickstart.ts" .
tsc --strict --noUncheckedIndexedAccess --target es2022 --module nodenext --types node quickstart.ts
try "openapi-typescript $openapi_typescript" node quickstart.js "$sandbox"

echo "$((2 - failed)) of 2 generated clients do the quickstart"
exit "$((failed > 0))"
