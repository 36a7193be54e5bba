"""Asks a server over stdio for its tools, and says how long the list is.

sizes.py NAME COMMAND [ARGUMENT...]

Bytes are those of the list as JSON without spaces; a token is taken for four of them.
"""

import json
import subprocess
import sys

name, *command = sys.argv[1:]
server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def send(message):
    server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    server.stdin.flush()


def request(number, method, params):
    send({"id": number, "method": method, "params": params})
    for line in server.stdout:
        answer = json.loads(line)
        if answer.get("id") == number:
            return answer["result"]
    sys.exit(f"{name} has ended before it answered {method}")


def size(value):
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


client = {"name": "sizes", "version": "1"}
asked = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
told = request(1, "initialize", asked)
send({"method": "notifications/initialized"})
tools, number, params = [], 2, {}
while True:
    page = request(number, "tools/list", params)
    tools += page["tools"]
    if not page.get("nextCursor"):
        break
    number, params = number + 1, {"cursor": page["nextCursor"]}
server.kill()

listed = size(tools)
without = size([{key: value for key, value in tool.items() if key != "outputSchema"} for tool in tools])
version = told["serverInfo"]["version"]
print(f"| `{name}`, version {version} | {len(tools)} | {listed:,} | {listed // 4:,} | {without:,} | {without // 4:,} |")
