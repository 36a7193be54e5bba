# Builds the server and the sandbox, and starts both, for the scripts beside it: sets work (a directory that goes
# away), node, server (the URL) and $work/bearer, and exports the environment of an account of the sandbox.

work=$(mktemp -d)
pids=()
end() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf -- "$work"
}
trap end EXIT

cargo build --quiet --manifest-path "$here/../../Cargo.toml" -p kallyai-sandbox -p kallyai-mcp
programs=${CARGO_TARGET_DIR:-$here/../../target}/debug
node=$work/node_modules/.bin/node

# Installs packages of npm, and Node.
packages() {
  npm install --no-audit --no-fund --loglevel error --prefix "$work" node@24.21.0 "$@" >"$work/npm.log"
}

# Waits for the first line of a file: what was started says where it listens.
first_line() {
  for _ in $(seq 300); do
    if [ -s "$1" ]; then
      head -n 1 "$1"
      return
    fi
    sleep 0.1
  done
  echo "nothing is written to $1" >&2
  return 1
}

"$programs/kallyai-sandbox" --call-seconds 0 >"$work/sandbox" 2>/dev/null &
pids+=($!)
account=$(first_line "$work/sandbox")
field() { sed -E "s/.*\"$1\":\"([^\"]*)\".*/\1/" <<<"$account"; }
KALLYAI_BASE_URL=$(field base_url)
KALLYAI_ACCESS_TOKEN=$(field access_token)
export KALLYAI_BASE_URL KALLYAI_ACCESS_TOKEN

"$programs/kallyai-mcp" --http 0 --bearer-file "$work/bearer" 2>"$work/server" &
pids+=($!)
server=$(first_line "$work/server")
server=${server##* }
