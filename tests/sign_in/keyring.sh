#!/usr/bin/env bash
# KeyringStore against a real Secret Service: GNOME Keyring on a D-Bus session and in a home directory of
# its own; and where there is none. Needs the Debian packages gnome-keyring and dbus.
#
# Passes with gnome-keyring 42.1, dbus 1.14.10, Debian 12, keyring 4.2, 2026-11-26.
set -euo pipefail
cd "$(dirname "$0")/../.."

for tool in gnome-keyring-daemon dbus-run-session; do
  if ! command -v "$tool" >/dev/null; then
    apt-get update && apt-get install -y --no-install-recommends gnome-keyring dbus
  fi
done

cargo test --locked -p kallyai-sdk --lib --features keyring --no-run
spare=$(mktemp -d)
trap 'rm -rf "$spare"' EXIT
mkdir -m 700 "$spare/home" "$spare/run"
# Cargo itself needs the home directory that it is installed in.
export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export HOME=$spare/home XDG_RUNTIME_DIR=$spare/run
run() {
  # Nothing that ran is a test that was renamed.
  timeout 300 cargo test --locked -p kallyai-sdk --lib --features keyring -- \
    --ignored --exact "auth::store::keyring::tests::$1" | tee "$spare/out"
  grep -q '1 passed' "$spare/out"
}
export -f run
export spare

DBUS_SESSION_BUS_ADDRESS=unix:path=$spare/nothing run no_keyring
dbus-run-session -- bash -euo pipefail -c '
  printf "a password\n" | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null
  run a_real_keyring'
