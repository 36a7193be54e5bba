#!/usr/bin/env bash
# A minute of fuzzing: five seconds for each target, from the seeds that are kept. Builds one program for all of them,
# with the flags of `cargo fuzz -s none`, which stable Rust has; so cargo-fuzz is not needed here.
set -euo pipefail
cd "$(dirname "$0")"

seconds="${1:-5}"

if ! command -v c++ >/dev/null; then
  apt-get update && apt-get install -y --no-install-recommends g++
fi

# What is built runs for a minute: building it fast counts.
export CARGO_INCREMENTAL=0 CARGO_PROFILE_RELEASE_OPT_LEVEL=0
RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
RUSTFLAGS+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
RUSTFLAGS+=" -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0"
export RUSTFLAGS
# With a target, build scripts and macros are built without these flags.
host="$(rustc -vV | sed -n 's/^host: //p')"
# Not where cargo-fuzz builds: its flags are a few more, and each would build all anew for the other.
export CARGO_TARGET_DIR="$PWD/target/smoke"
built="$CARGO_TARGET_DIR/$host/release"
cargo build --release --locked -q --target "$host" --bin any

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
for seeds in seeds/*/; do
  target="$(basename "$seeds")"
  dictionary=()
  if [ -f "dictionaries/$target.dict" ]; then dictionary=("-dict=dictionaries/$target.dict"); fi
  mkdir -p "$scratch/$target" artifacts
  if ! KALLYAI_FUZZ_TARGET="$target" timeout $((seconds + 60)) "$built/any" \
    -max_total_time="$seconds" -max_len=4096 -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
    -artifact_prefix="artifacts/$target-" "${dictionary[@]}" "$scratch/$target" "$seeds" >"$scratch/log" 2>&1; then
    cat "$scratch/log"
    echo "fuzz: $target has found something" >&2
    exit 1
  fi
  runs="$(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/log")"
  echo "fuzz: $target: $runs executions, nothing found"
done
