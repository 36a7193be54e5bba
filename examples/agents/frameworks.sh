#!/bin/sh
# Builds the examples with the frameworks rig and genai, runs them, and compares what has become of it. Each is a
# workspace of its own, so that the frameworks' dependencies are not the library's. Nothing but building needs the
# network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/../../target}/frameworks
export CARGO_TARGET_DIR

expected='Tools       13
Told        success
Told        success
Told        refused
Agent       The table is booked. I may not call London.
Dialled     1 time(s)'
for framework in rig genai; do
    cargo build --quiet --locked --manifest-path "$here/$framework/Cargo.toml"
    shown=$("$CARGO_TARGET_DIR/debug/kallyai-with-$framework")
    if [ "$shown" != "$expected" ]; then
        printf '%s: not what was expected:\n%s\n' "$framework" "$shown" >&2
        exit 1
    fi
    echo "$framework: 13 tools, 3 calls of them, 1 refused, dialled 1 time"
done
