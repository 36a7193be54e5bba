"""Runs schemathesis against a sandbox of its own for each seed, and says what was seen.

    run.py SANDBOX SCHEMATHESIS SEED...

Fails when schemathesis does, when an operation never succeeded, and when the credits ran out so often
that little was tried.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import requests
from furnish import Furnished
from open_door import OpenDoor

HERE = Path(__file__).parent
EXAMPLES = 50
# Of all answers, at most this share may be a refusal for want of credits.
SHARE_WITHOUT_CREDITS = 0.01
SANDBOX_FLAGS = ["--clock", "per-poll", "--call-seconds", "0.05", "--auto-approve"]


class Sandbox:
    """The sandbox while a run lasts."""

    def __init__(self, program, seed):
        command = [program, *SANDBOX_FLAGS, "--seed", str(seed)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.line = json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)


def set_up(sandbox, directory):
    """Writes what schemathesis and the hooks read; the token and the document."""
    furnished = Furnished(sandbox.line)
    token = furnished.tokens["access_token"]
    (directory / "furnished.json").write_text(
        json.dumps({**sandbox.line, "token": token, "dump": furnished.dump, "ids": furnished.ids})
    )
    document = requests.get(f"{sandbox.line['base_url']}/_sandbox/openapi.json", timeout=30)
    (directory / "openapi.json").write_bytes(document.content)
    return token, document.json()


def start(schemathesis, url, token, directory, *options):
    """Runs schemathesis against an address, with all checks."""
    command = [
        *[schemathesis, "--config-file", HERE / "schemathesis.toml", "run", directory / "openapi.json"],
        *["--url", url, "--header", f"Authorization: Bearer {token}", "--checks", "all"],
        *["--continue-on-failure", "--request-timeout", "10", "--no-color"],
        *["--generation-database", "none", "--report", "json"],
        *["--report-json-path", directory / "report.json", *options],
    ]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "hooks",
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
        "FURNISHED": str(directory / "furnished.json"),
        "ACCOUNT": str(directory / "account.json"),
    }
    return subprocess.run(command, cwd=directory, env=environment, timeout=1800, stdout=subprocess.PIPE, text=True)


def notices_an_open_door(program, schemathesis):
    """Whether `ignored_auth` finds a service that lets everybody in; it is easily left with nothing to check."""
    with tempfile.TemporaryDirectory() as name, Sandbox(program, 1) as sandbox:
        directory = Path(name)
        token, _ = set_up(sandbox, directory)
        with OpenDoor(sandbox.line["base_url"], token) as door:
            start(schemathesis, door.url, token, directory, "--include-operation-id", "calls_list", "--max-examples", "5")
        report = json.loads((directory / "report.json").read_text())
    found = {failure["type"] for failure in report["failures"]}
    print(f"a door that is open to everybody: {', '.join(sorted(found)) or 'nothing found, FAILED'}")
    return "IgnoredAuth" in found


def run(program, schemathesis, seed, directory):
    with Sandbox(program, seed) as sandbox:
        base_url = sandbox.line["base_url"]
        token, document = set_up(sandbox, directory)
        done = start(schemathesis, base_url, token, directory, "--max-examples", str(EXAMPLES), "--seed", str(seed))
        assert sandbox.process.poll() is None, "the sandbox has ended"
    operations = {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    }
    report = json.loads((directory / "report.json").read_text())
    account = json.loads((directory / "account.json").read_text())
    problems = judge(done.returncode, operations, report, account)
    if problems:
        print(done.stdout)
    tell(seed, report, account, problems)
    links = re.search(r"API Links: +(.*)", done.stdout)
    print(f"  links between operations: {links.group(1) if links else 'not told'}")
    return not problems


def judge(exit_code, operations, report, account):
    """What speaks against this run."""
    problems = []
    if exit_code != 0 or not report["complete"]:
        problems.append(f"schemathesis ended with {exit_code}")
    if report["operations"]["tested"] != len(operations):
        problems.append(f"tested {report['operations']['tested']} operations of {len(operations)}")
    for phase, result in report["phases"].items():
        if result["skip_reason"]:
            problems.append(f"the phase {phase} was skipped: {result['skip_reason']}")
    succeeded = {operation for operation, status, _ in account["seen"] if status < 400}
    if missing := sorted(operations - succeeded):
        problems.append(f"{len(missing)} operations never succeeded: {', '.join(missing)}")
    if share(account, 402) > SHARE_WITHOUT_CREDITS:
        problems.append(f"{share(account, 402):.1%} of the answers were 402")
    return problems


def share(account, status):
    total = sum(count for *_, count in account["seen"])
    return sum(count for _, seen, count in account["seen"] if seen == status) / max(total, 1)


def tell(seed, report, account, problems):
    statuses = Counter()
    for _, status, count in account["seen"]:
        statuses[status] += count
    total = sum(statuses.values())
    succeeded = {operation for operation, status, _ in account["seen"] if status < 400}
    cases = report["test_cases"]
    print(f"seed {seed}: {'FAILED' if problems else 'ok'}")
    print(f"  {cases['generated']} cases, {cases['unique_failures']} failures, {report['running_time']:.0f} s")
    print(f"  {report['operations']['tested']} operations tested, {len(succeeded)} of them with success")
    print("  answers: " + ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())) + f"; {total} in all")
    print(f"  402 are {share(account, 402):.2%}; the world was loaded {account['worlds']} times")
    print("  valid requests refused as documented:")
    for operation, status, what, count in account["refused"]:
        print(f"    {count:4} {operation} {status} {what}")
    for problem in problems:
        print(f"  {problem}")


def main(program, schemathesis, *seeds):
    if not notices_an_open_door(program, schemathesis):
        return 1
    good = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as directory:
            good.append(run(program, schemathesis, int(seed), Path(directory)))
        sys.stdout.flush()
    print(f"{sum(good)} of {len(good)} seeds without failure")
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
