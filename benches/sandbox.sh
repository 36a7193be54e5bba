#!/usr/bin/env bash
# How quick and how large the sandbox is, beside Prism serving the same document in the same run.
# Needs cargo, and npm with Node 20. Prism is installed into a temporary directory; everything listens on
# loopback. Takes about two minutes when all is built. Linux only.
set -euo pipefail
cd "$(dirname "$0")/.."
prism=5.16.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One after the other: together they would share features that neither has by itself.
cargo build --release --locked -q -p kallyai-sandbox --bin kallyai-sandbox
cargo build --profile bench --locked -q -p kallyai-bench --example sandbox
target=${CARGO_TARGET_DIR:-target}/release
cp "$target/kallyai-sandbox" "$work/kallyai-sandbox"
cargo run --release --locked -q -p kallyai-openapi -- bundle > "$work/kallyai.json"
npm install --prefix "$work" --no-audit --no-fund --loglevel=error "@stoplight/prism-cli@$prism" >/dev/null

"$target/examples/sandbox" beside "$work/kallyai-sandbox" "$work/node_modules/.bin/prism" "$work/kallyai.json"
