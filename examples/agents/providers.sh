#!/bin/sh
# Feeds the definitions of the tools to the three providers' own Python packages, whose types are the judges.
# The packages are installed into a temporary directory; after that nothing needs the network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
cd "$here/../.."
for provider in openai anthropic gemini; do
    for all in "" --all; do
        # Without quotes: an empty one is no argument.
        cargo run --quiet -p kallyai-examples --example tool_definitions -- $provider $all >"$work/tools.json"
        "$work/venv/bin/python" "$here/providers.py" "$provider" "$work/tools.json"
    done
done
