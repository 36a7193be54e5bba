#!/usr/bin/env bash
# What the MCP server adds to a call of a tool, and how quickly it starts: a release build of it, over stdio, with the
# sandbox on loopback. Needs cargo. Takes a few seconds when all is built; building takes minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

# One after the other: together they would share features that neither has by itself.
cargo build --release --locked -q -p kallyai-mcp --bin kallyai-mcp
cargo build --profile bench --locked -q -p kallyai-bench --example mcp
target=${CARGO_TARGET_DIR:-target}/release
"$target/examples/mcp" "$target/kallyai-mcp"
