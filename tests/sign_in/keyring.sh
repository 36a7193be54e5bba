#!/usr/bin/env bash
# KeyringStore against a real Secret Service: GNOME Keyring on a D-Bus session and in a home directory of
# its own. Needs the Debian packages gnome-keyring and dbus (dbus-daemon, dbus-bin).
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
dbus-run-session -- bash -euo pipefail -c '
  printf "a password\n" | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null
  cargo test --locked -q -p kallyai-sdk --lib --features keyring -- \
    --ignored --exact auth::store::keyring::tests::a_real_keyring'
