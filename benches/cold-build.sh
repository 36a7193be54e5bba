#!/usr/bin/env bash
# What the library costs a program that depends on it: a cold release build, once for each way to do TLS.
# Prints seconds of processor time (all cores added), seconds of wall time, and the number of crates.
# Usage: benches/cold-build.sh [ring|no-tls|native-tls|aws-lc-rs ...]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

declare -A features=(
  [ring]='features = ["rustls"]'
  [no-tls]='features = []'
  [native-tls]='features = ["native-tls"]'
  [aws-lc-rs]='features = ["rustls-no-provider"]'
)

printf '%-12s %12s %12s %8s %12s\n' tls 'cpu seconds' 'wall seconds' crates 'binary KiB'
for tls in "${@:-ring no-tls native-tls aws-lc-rs}"; do
  for name in $tls; do
    mkdir -p "$work/$name/src"
    cat > "$work/$name/Cargo.toml" <<TOML
[package]
name = "dependent"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
kallyai-sdk = { path = "$root/kallyai-sdk", default-features = false, ${features[$name]} }
tokio = { version = "1", features = ["macros", "rt"] }
TOML
    if [ "$name" = aws-lc-rs ]; then
      echo 'rustls = { version = "0.23", default-features = false, features = ["aws_lc_rs"] }' >> "$work/$name/Cargo.toml"
    fi
    cat > "$work/$name/src/main.rs" <<'RUST'
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), kallyai_sdk::Error> {
    let balance = kallyai_sdk::Client::from_env()?.credits().balance().await?;
    println!("{}", balance.credits_remaining);
    Ok(())
}
RUST
    cp "$root/Cargo.lock" "$work/$name/Cargo.lock"
    (cd "$work/$name" && cargo fetch -q)
    crates=$(cd "$work/$name" && cargo tree -e normal,build --prefix none --no-dedupe 2>/dev/null | awk '{print $1, $2}' | sort -u | wc -l)
    times=$( { TIMEFORMAT='%U %S %R'; time (cd "$work/$name" && CARGO_TARGET_DIR="$work/$name/target" cargo build -q --release --offline); } 2>&1 | tail -n 1)
    size=$(( $(stat -c %s "$work/$name/target/release/dependent") / 1024 ))
    awk -v n="$name" -v c="$crates" -v s="$size" '{printf "%-12s %12.0f %12.0f %8d %12d\n", n, $1 + $2, $3, c, s}' <<<"$times"
    rm -rf "$work/$name/target"
  done
done
