#!/usr/bin/env bash
# How quickly the command starts, how much memory it takes, and how large it is: as `cargo install` builds it, beside
# /bin/true and a Python client, generated from the same document, that does the same job.
# Needs cargo, hyperfine, GNU time, and Python 3.11 with venv. The client is installed into a temporary directory; the
# sandbox listens on loopback. Takes about a minute when all is built. Linux only.
set -euo pipefail
cd "$(dirname "$0")/.."
openapi_python_client=0.29.1
ruff=0.17.5 # openapi-python-client tidies its output with it, and warns without it
httpx=0.28.1
attrs=26.1.0
runs=200
memory_runs=11

for tool in hyperfine python3; do
  command -v "$tool" >/dev/null || { echo "install $tool first" >&2; exit 1; }
done
[ -x /usr/bin/time ] || { echo "install GNU time first" >&2; exit 1; }

work=$(mktemp -d)
sandbox=
trap '[ -z "$sandbox" ] || kill "$sandbox"; rm -rf "$work"' EXIT

cargo build --release --locked -q -p kallyai-cli
cargo run --locked -q -p kallyai-openapi -- bundle > "$work/kallyai.json"
cp "${CARGO_TARGET_DIR:-target}/release/kallyai" benches/cli/balance.py "$work"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check \
  "openapi-python-client==$openapi_python_client" "ruff==$ruff" "httpx==$httpx" "attrs==$attrs"

# From here on the caller's directory, and the settings in it, play no part.
cd "$work"
PATH="$work/venv/bin:$PATH" openapi-python-client generate --meta none --path kallyai.json \
  --output-path kallyai_client >python.log

mkfifo said
./kallyai sandbox --port 0 >said 2>sandbox.log &
sandbox=$!
read -r said <said
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$said"; }
export HOME="$work" KALLYAI_BASE_URL KALLYAI_ACCESS_TOKEN
unset "${!XDG_@}"
KALLYAI_BASE_URL=$(field base_url)
KALLYAI_ACCESS_TOKEN=$(field access_token)

commands=(
  "/bin/true"
  "./kallyai --version"
  "./kallyai --help"
  "./kallyai credits balance"
  "venv/bin/python balance.py"
)
# The Python client writes the time zone in another way, and the fields in another order.
balance() { "$@" | python3 -c 'import json, sys; print(sorted(json.load(sys.stdin).items()))' | sed 's/+00:00/Z/g'; }
[ "$(balance ./kallyai credits balance)" = "$(balance venv/bin/python balance.py)" ] ||
  { echo "the Python client prints another balance" >&2; exit 1; }

hyperfine --shell=none --warmup 10 --runs "$runs" --style none --export-json times.json "${commands[@]}" 2>hyperfine.log

for command in "${commands[@]}"; do
  for _ in $(seq "$memory_runs"); do
    # Split at its spaces.
    /usr/bin/time -a -o memory -f "%M $command" $command >/dev/null
  done
done

python3 - times.json memory kallyai "$runs" <<'PYTHON'
import json, os, sys

times, memory, binary, runs = sys.argv[1:]
most = {}
for line in open(memory):
    kilobytes, command = line.rstrip("\n").split(" ", 1)
    most[command] = max(most.get(command, 0), int(kilobytes))
results = json.load(open(times))["results"]
bare = results[0]["median"]
print(f"| {runs} runs each | median | beyond `/bin/true` | fastest | slowest | peak memory |")
print("| --- | --- | --- | --- | --- | --- |")
for result in results:
    command = result["command"]
    median, least, longest = (1000 * result[key] for key in ("median", "min", "max"))
    beyond = 1000 * (result["median"] - bare)
    beyond = "-" if result is results[0] else f"{beyond:.1f} ms"
    print(
        f"| `{command.removeprefix('./')}` | {median:.1f} ms | {beyond} | {least:.1f} ms | {longest:.1f} ms"
        f" | {most[command] * 1024 / 1e6:.1f} MB |"
    )
print(f"\nThe binary has {os.path.getsize(binary) / 1e6:.1f} MB.")
PYTHON
