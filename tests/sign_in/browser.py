#!/usr/bin/env python3
"""Drives a real browser through a sign-in, up to the pages of the callback listener.

    tests/sign_in/browser.py [folder for screenshots]

It proves what no test over sockets can: that the browser runs the one script which the policy allows, so
that no token stays in the address bar or the history; that the page as it is breaks no rule of its own
policy, and gets its style; and that a browser which preconnects and asks for icons does not disturb the
sign-in. It exits with 1 when something is wrong. It is not part of CI: it installs Debian's chromium where
there is none (as root), and takes the network for that.

Last run: Chromium 148.0.7778.167 on Debian 12; all checks passed, and the three pages look as they should
in light and dark.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 60
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-pipe", "--window-size=900,600",
]
# Runs before the page's own script, and notes what the policy has stopped.
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation',
  event => window.violations.push(event.effectiveDirective + ' ' + event.blockedURI));
"""
failures = []


def check(what, holds, seen=""):
    print(f"{'ok  ' if holds else 'FAIL'}  {what}{'' if holds else f': {seen}'}")
    if not holds:
        failures.append(what)


def chromium():
    if not shutil.which("chromium"):
        subprocess.run(["apt-get", "install", "-y", "chromium"], check=True, stdout=subprocess.DEVNULL)
    return shutil.which("chromium")


class Browser:
    """Speaks the DevTools protocol over two pipes: JSON, each message ended by a zero byte."""

    def __init__(self, profile):
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()

        def pipes():
            # To other numbers first: these may be 3 and 4 already, the wrong way round.
            low, high = os.dup(commands), os.dup(answers)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self.process = subprocess.Popen(
            [chromium(), *FLAGS, f"--user-data-dir={profile}"],
            preexec_fn=pipes, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self.buffer, self.number, self.session, self.events = b"", 0, None, []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")
        self.ask("Page.addScriptToEvaluateOnNewDocument", source=WATCH)

    def receive(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.answers, 65536)
            if not piece:
                raise SystemExit("the browser has gone")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def go(self, url):
        """Opens a link, and waits for the page that it leads to."""
        self.events.clear()
        self.ask("Page.navigate", url=url)
        started = time.monotonic()
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            if time.monotonic() - started > TIMEOUT:
                raise SystemExit("the page does not load")
            self.events.append(self.receive())

    def value(self, expression):
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"]["value"]

    def picture(self, file, scheme):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.ask("Emulation.setEmulatedMedia", features=[feature])
        file.write_bytes(b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))

    def end(self):
        self.process.kill()
        self.process.wait()


def look(browser, name, redirect_uri, secrets, pictures):
    """The page that is shown now."""
    check(f"{name}: the address bar is scrubbed", browser.value("location.href") == redirect_uri,
          browser.value("location.href"))
    # Beside where a page is, an entry holds what was typed: by this script.
    entries = browser.ask("Page.getNavigationHistory")["entries"]
    history = json.dumps([entry["url"] for entry in entries])
    check(f"{name}: so is the history", not any(secret in history for secret in secrets), history)
    shown = browser.value("document.documentElement.outerHTML")
    check(f"{name}: nothing secret stands in the page", not any(secret in shown for secret in secrets), shown)
    check(f"{name}: the policy has stopped nothing", browser.value("window.violations") == [],
          browser.value("window.violations"))
    logged = [event["params"]["entry"] for event in browser.events if event.get("method") == "Log.entryAdded"]
    logged = [entry for entry in logged if entry["source"] == "security"]
    check(f"{name}: nor has the browser complained", not logged, logged)
    check(f"{name}: it has its style", browser.value("getComputedStyle(document.querySelector('h1')).marginTop")
          == "0px")
    for scheme in ("light", "dark"):
        browser.picture(pictures / f"{name}-{scheme}.png", scheme)


def main():
    pictures = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="sign-in-"))
    pictures.mkdir(parents=True, exist_ok=True)
    build = ["cargo", "build", "--quiet", "-p", "kallyai-tests", "--example", "begin_login"]
    subprocess.run(build, cwd=ROOT, check=True)
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    program = subprocess.Popen([folder / "debug/examples/begin_login"], stdout=subprocess.PIPE, text=True)
    says = lambda: json.loads(program.stdout.readline())
    profile = tempfile.mkdtemp(prefix="chromium-")
    browser = Browser(profile)
    try:
        begun = says()
        state = parse_qs(urlsplit(begun["url"]).query)["state"][0]
        secrets = [state, "access_token", "refresh_token", "hunter2"]

        browser.go(f"{begun['redirect_uri']}?access_token=hunter2&state=forged")
        check("forged: it is told so", "Nothing to see" in browser.value("document.title"))
        look(browser, "forged", begun["redirect_uri"], secrets, pictures)

        browser.go(begun["url"])
        came = [event["params"] for event in browser.events
                if event.get("method") == "Network.requestWillBeSent"]
        check("done: the tokens did pass through the browser",
              any("access_token=" in request["request"]["url"] for request in came))
        check("done: the page says so", browser.value("document.title") == "Back to the program")
        look(browser, "done", begun["redirect_uri"], secrets, pictures)
        outcome = says()
        check("done: the program has the tokens", outcome["signed_in"], outcome)

        begun = says()
        state = parse_qs(urlsplit(begun["url"]).query)["state"][0]
        browser.go(f"{begun['redirect_uri']}?error=access_denied&state={state}")
        check("refused: the page says so", browser.value("document.title") == "You are not signed in")
        look(browser, "refused", begun["redirect_uri"], [state, "access_denied"], pictures)
        outcome = says()
        check("refused: the program knows", outcome["code"] == "access_denied", outcome)
    finally:
        browser.end()
        program.kill()
        shutil.rmtree(profile, ignore_errors=True)
    print(f"pictures in {pictures}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
