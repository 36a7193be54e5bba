#!/usr/bin/env bash
# Runs schemathesis against the sandbox: all checks, all phases, 50 examples an operation, for each seed
# (1 to 4 without arguments). Needs cargo and Python 3.11. Writes nothing outside a temporary directory but
# cargo's target.
set -euo pipefail

schemathesis=4.32.5
hypothesis=6.170.17
requests=2.34.2

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

(cd "$root" && cargo build --quiet --package kallyai-sandbox)
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
  "schemathesis==$schemathesis" "hypothesis==$hypothesis" "requests==$requests"

[ "$#" -gt 0 ] || set -- 1 2 3 4
echo "schemathesis $schemathesis"
TMPDIR="$work" PYTHONDONTWRITEBYTECODE=1 timeout 3600 "$work/venv/bin/python" "$here/fuzz/run.py" \
  "${CARGO_TARGET_DIR:-$root/target}/debug/kallyai-sandbox" "$work/venv/bin/schemathesis" "$@"
