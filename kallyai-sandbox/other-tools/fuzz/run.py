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


class Run:
    """One run of schemathesis: its exit code, what it told, its report, and the account of the hooks."""

    def __init__(self, schemathesis, url, token, directory, *options):
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
        done = subprocess.run(command, cwd=directory, env=environment, timeout=1800, stdout=subprocess.PIPE, text=True)
        self.exit_code, self.told = done.returncode, done.stdout
        self.report = json.loads((directory / "report.json").read_text())
        self.account = json.loads((directory / "account.json").read_text())

    def statuses(self):
        statuses = Counter()
        for _, status, count in self.account["seen"]:
            statuses[status] += count
        return statuses

    def without_credits(self):
        return self.statuses()[402] / max(self.statuses().total(), 1)

    def succeeded(self):
        return {operation for operation, status, _ in self.account["seen"] if status < 400}

    def problems(self):
        """What speaks against this run, whatever it was to test."""
        found = []
        if self.exit_code != 0 or not self.report["complete"]:
            found.append(f"schemathesis ended with {self.exit_code}")
        if self.without_credits() > SHARE_WITHOUT_CREDITS:
            found.append(f"{self.without_credits():.1%} of the answers were 402")
        return found

    def tell(self, name, problems):
        cases = self.report["test_cases"]
        statuses = self.statuses()
        verdict = "FAILED" if problems else "ok"
        print(f"{name}: {verdict}, {cases['generated']} cases, {cases['unique_failures']} failures")
        print(f"  {self.report['operations']['tested']} operations, {len(self.succeeded())} of them with success")
        for line in re.findall(r"^ +((?:Scenarios|API Links): .*)$", self.told, re.MULTILINE):
            print(f"  {re.sub(' +', ' ', line)}")
        print("  " + ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))
        print(f"  402 are {self.without_credits():.2%} of {statuses.total()} answers; {self.account['worlds']} worlds")
        for problem in problems:
            print(f"  {problem}")


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


def notices_an_open_door(program, schemathesis):
    """Whether `ignored_auth` finds a service that lets everybody in; it is easily left with nothing to check."""
    with tempfile.TemporaryDirectory() as name, Sandbox(program, 1) as sandbox:
        token, _ = set_up(sandbox, Path(name))
        with OpenDoor(sandbox.line["base_url"], token) as door:
            run = Run(schemathesis, door.url, token, Path(name), "--include-operation-id", "calls_list")
    found = any(failure["type"] == "IgnoredAuth" for failure in run.report["failures"])
    print(f"a door that is open to everybody is {'noticed' if found else 'not noticed: FAILED'}")
    return found


def run_all(program, schemathesis, seed, refused):
    """All phases, and then more scenarios of the stateful one than it has beside the others."""
    with tempfile.TemporaryDirectory() as name, Sandbox(program, seed) as sandbox:
        token, document = set_up(sandbox, Path(name))
        start = [schemathesis, sandbox.line["base_url"], token, Path(name), "--seed", str(seed)]
        every = Run(*start)
        stateful = Run(*start, "--phases", "stateful")
        gone = sandbox.process.poll() is not None
    operations = {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict)
    }
    problems = every.problems()
    if every.report["operations"]["tested"] != len(operations):
        problems.append(f"{len(operations)} operations were to be tested")
    for phase, result in every.report["phases"].items():
        if result["status"] == "skip":
            problems.append(f"the phase {phase} was skipped: {result['skip_reason']}")
    if missing := sorted(operations - every.succeeded()):
        problems.append(f"never with success: {', '.join(missing)}")
    if gone:
        problems.append("the sandbox has ended")
    good = True
    for name, run, against in [
        (f"seed {seed}, all phases", every, problems),
        (f"seed {seed}, stateful", stateful, stateful.problems()),
    ]:
        if against:
            good = False
            print(run.told)
        run.tell(name, against)
        for operation, status, what, count in run.account["refused"]:
            refused[operation, status, what] += count
    sys.stdout.flush()
    return good


def main(program, schemathesis, *seeds):
    if not notices_an_open_door(program, schemathesis):
        return 1
    refused = Counter()
    good = [run_all(program, schemathesis, int(seed), refused) for seed in seeds]
    print("valid requests that were refused, as it is documented:")
    for (operation, status, what), count in sorted(refused.items()):
        print(f"  {count:4} {operation} {status} {what}")
    print(f"{sum(good)} of {len(good)} seeds without failure")
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
