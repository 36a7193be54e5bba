#!/bin/sh
# Builds the example, which is a workspace of its own, runs it, and compares the spans that its collector got. Nothing
# but building needs the network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/../../target}/observability
export CARGO_TARGET_DIR

expected='kallyai.attempt  error.type=503  http.request.method=GET  http.response.status_code=503  url.template=/v1/credits/balance
kallyai.attempt  http.request.method=GET  http.request.resend_count=1  http.response.status_code=200  url.template=/v1/credits/balance
kallyai.request  http.request.method=GET  http.response.status_code=200  kallyai.operation=credits_balance  url.template=/v1/credits/balance
kallyai.attempt  http.request.method=POST  http.response.status_code=201  url.template=/v1/calls
kallyai.request  http.request.method=POST  http.response.status_code=201  kallyai.operation=calls_create  url.template=/v1/calls'
cargo build --quiet --locked --manifest-path "$here/Cargo.toml"
shown=$("$CARGO_TARGET_DIR/debug/kallyai-with-opentelemetry")
if [ "$shown" != "$expected" ]; then
    printf 'not what was expected:\n%s\n' "$shown" >&2
    exit 1
fi
echo "5 spans over OTLP"
