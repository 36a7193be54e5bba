#!/usr/bin/env python3
"""Drives a real browser over the page of the sandbox.

    kallyai-sandbox/tests/page.py [folder for screenshots]

It proves what no test over sockets can: that the page shows a call while it goes on, that its buttons and
forms do what they say by the keyboard alone, that markup in what people say stays text, and that it fits a
phone. It exits with 1 when something is wrong. It is not part of CI: it installs Debian's chromium where
there is none (as root), and takes the network for that. The result of the last run stands in README.md.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from base64 import b64decode
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/sign_in"))
from browser import Browser, check, failures  # noqa: E402

PATIENCE = 20
MARKUP = "<img src=x onerror=\"document.title='taken'\">"
KEYS = {"Enter": (13, "\r"), "Tab": (9, ""), " ": (32, " ")}


class Sandbox:
    def __init__(self, port=0):
        folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
        self.process = subprocess.Popen(
            [folder / "debug/kallyai-sandbox", "--clock", "manual", "--call-seconds", "30",
             "--port", str(port), "--seed", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        self.told = json.loads(self.process.stdout.readline())
        self.base_url = self.told["base_url"]

    def ask(self, method, path, body=None):
        """Status and body of a request with a token."""
        request = urllib.request.Request(
            self.base_url + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.told['access_token']}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read() or b"null")

    def call(self, number, task, name):
        """Places a call, which waits for the clock."""
        body = {"submission": {"task_category": "restaurant", "task_description": task,
                               "respondent_phone": number, "business_name": name, "party_size": 4},
                "timezone": "America/New_York"}
        waiting = threading.Thread(target=self.ask, args=("POST", "/v1/calls", body))
        waiting.start()
        return waiting

    def advance(self, seconds):
        self.ask("POST", "/_sandbox/clock", {"advance_seconds": seconds})

    def end(self):
        self.process.terminate()
        self.process.wait()


class Page(Browser):
    def do(self, statement):
        self.ask("Runtime.evaluate", expression=statement)

    def until(self, what, expression):
        """Waits until this is so."""
        started = time.monotonic()
        while not self.value(expression):
            if time.monotonic() - started > PATIENCE:
                check(what, False, self.value("document.body.innerText"))
                return
            time.sleep(0.03)
        check(what, True)

    def press(self, key):
        code, text = KEYS[key]
        common = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **common)

    def use(self, selector, key="Enter"):
        """Does with the keyboard what a click would do."""
        self.do(f"document.querySelector({json.dumps(selector)}).focus()")
        self.press(key)

    def type(self, selector, text):
        self.do(f"{{ const field = document.querySelector({json.dumps(selector)}); field.focus(); field.select(); }}")
        self.ask("Input.insertText", text=text)

    def size(self, width, height, mobile=False):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=mobile)

    def shot(self, file, scheme):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.ask("Emulation.setEmulatedMedia", features=[feature])
        data = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        file.write_bytes(b64decode(data))

    def seen(self, method):
        return [event["params"] for event in self.events if event.get("method") == method]


def text(selector):
    return f"(document.querySelector({json.dumps(selector)})?.innerText ?? '')"


def says(selector, words):
    return f"{text(selector)}.includes({json.dumps(words)})"


def shows_a_call(page, sandbox):
    page.until("the page is live", says("#connection", "Live"))
    check("it says that there is nothing yet", page.value(says("#calls", "No calls yet")))
    check("and where the clock stands", page.value(text("#now")) == "2026-02-14 18:00:00 UTC")
    waiting = sandbox.call("+12025550199", f"{MARKUP} Reserve a table for 4", f"Chez {MARKUP}")
    page.until("a call appears", says("#calls .number", "+12025550199"))
    check("it is queued", page.value(says("#calls .badge", "queued")))
    check("markup in its task is text", page.value(text("#calls .task")).startswith(MARKUP))
    check("and so it is in its name", page.value(text("#calls .name")) == f"Chez {MARKUP}")
    page.until("its request waits", says("#journal tbody", "none"))
    page.use("#step")
    page.until("a step later it rings", says("#calls .badge", "ringing"))
    check("the clock has moved", page.value(text("#now")) == "2026-02-14 18:00:10 UTC", page.value(text("#now")))
    page.use("#step", " ")
    page.until("a step later somebody talks", says("#calls .badge", "in progress"))
    turns = "document.querySelectorAll('#calls .transcript li').length"
    page.until("the first words are there", f"{turns} === 1")
    page.do("window.card = document.querySelector('#calls details')")
    counts = [1]
    for _ in range(3):
        sandbox.advance(3)
        page.until("the talk grows", f"{turns} > {counts[-1]}")
        counts.append(page.value(turns))
    check("in a card that stays", page.value("window.card === document.querySelector('#calls details')"))
    page.use("#step")
    page.until("a step later it is over", says("#calls .badge", "success"))
    waiting.join()
    page.until("its request is answered", says("#journal tbody", "201"))
    check("the credits are less", page.value("document.querySelector('#left').value < 200"),
          page.value(text("#credits")))
    check("and the ledger says why", page.value(says("#credits .list", "Chez")))
    check("the inbox has the outcome", page.value(says("#inbox .list", "call")))
    check("no markup has become an element", page.value("document.images.length") == 0)
    check("nor has it run", page.value("document.title") == "KallyAI sandbox")


def takes_faults(page, sandbox):
    page.until("operations are offered", "document.querySelectorAll('#operations option').length > 100")
    page.type("#faults [name=operation_id]", "calls_list")
    page.type("#faults [name=status]", "503")
    page.use("#faults form button")
    page.until("a fault is set", says("#faults .list", "calls_list: server_error 503"))
    status, _ = sandbox.ask("GET", "/v1/calls")
    check("it hits", status == 503, status)
    page.until("it is spent", says("#faults", "Nothing goes wrong"))
    page.until("and shows among the requests", says("#journal tbody tr", "503"))
    page.type("#faults [name=operation_id]", "*")
    page.do("{ const kind = document.querySelector('#faults [name=fault]'); kind.value = 'latency'; "
            "kind.dispatchEvent(new Event('change', { bubbles: true })); }")
    check("another fault has other fields", page.value(
        "!document.querySelector('[name=ms]').disabled && document.querySelector('[name=status]').disabled"))
    page.use("#faults [name=how][value=probability]", " ")
    page.use("#faults form button")
    page.until("chance is taken", says("#faults .list", "all: latency 1000 ms") + " && " +
               says("#faults .list", "chance 0.5"))


def rings(page, sandbox):
    page.type("#ring [name=script]", f"Hello\n{MARKUP}\nPlease call me back")
    page.use("#ring form button")
    page.until("somebody rings", says("#calls .badge", "ringing"))
    check("the call comes in", page.value(text("#calls .way")) == "from")
    page.use("#step")
    page.until("the assistant talks", says("#calls .badge", "assistant"))
    sandbox.advance(14)
    page.until("what the caller says is text", says("#calls .transcript", MARKUP))
    check("no markup has become an element", page.value("document.images.length") == 0)


def refuses(page):
    page.type("#ring [name=from]", "12")
    page.use("#ring form button")
    page.until("a mistake is told", says("#problem", "not a number in E.164"))
    page.type("#ring [name=from]", "+12025550143")
    page.use("#ring form button")
    page.until("and forgotten", "document.querySelector('#problem').hidden")


def goes_by_tab(page):
    """All that can be used is reached by the tabulator, in the order in which it is seen."""
    page.do("document.activeElement.blur()")
    wanted = ("[...document.querySelectorAll('button, input, select, textarea, summary')]"
              ".filter(node => !node.disabled && node.getClientRects().length > 0 "
              "&& !(node.type === 'radio' && !node.checked))")
    count = page.value(f"{wanted}.length")
    page.do(f"window.missed = new Set({wanted}); window.getSelection().removeAllRanges(); "
            "document.body.tabIndex = -1; document.body.focus()")
    for _ in range(count + 8):
        page.press("Tab")
        page.do("window.missed.delete(document.activeElement)")
    check(f"the tabulator reaches all {count}", page.value("window.missed.size") == 0,
          page.value("[...window.missed].map(node => node.outerHTML).join()"))
    page.do("document.body.removeAttribute('tabindex'); document.activeElement.blur()")


def fits(page, pictures):
    for name, width, height, mobile in (("wide", 1280, 900, False), ("phone", 360, 780, True)):
        page.size(width, height, mobile)
        overflow = page.value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        check(f"{name}: nothing stands out", overflow <= 0, overflow)
        for scheme in ("light", "dark"):
            page.shot(pictures / f"{name}-{scheme}.png", scheme)
    page.size(1280, 900)


def stays_inside(page, sandbox):
    urls = [params["request"]["url"] for params in page.seen("Network.requestWillBeSent")]
    elsewhere = [url for url in urls if not url.startswith((f"{sandbox.base_url}/", "data:"))]
    check(f"{len(urls)} requests, and none to another host", urls and not elsewhere, elsewhere)
    check("the policy has stopped nothing", page.value("window.violations") == [], page.value("window.violations"))
    errors = page.seen("Runtime.exceptionThrown")
    errors += [params for params in page.seen("Runtime.consoleAPICalled") if params["type"] in ("error", "warning")]
    errors += [params["entry"] for params in page.seen("Log.entryAdded")]
    check("the console is empty", not errors, errors)


def rests(page, sandbox):
    """Whoever does not look takes no feed: a browser has six connections for one server."""
    def turn(hidden):
        page.do(f"Object.defineProperty(document, 'hidden', {{ value: {hidden}, configurable: true }}); "
                "document.dispatchEvent(new Event('visibilitychange'))")
    before = page.value(text("#now"))
    turn("true")
    sandbox.advance(60)
    # Long enough for two pictures, if any came.
    time.sleep(0.5)
    check("a page that is hidden is sent nothing", page.value(text("#now")) == before)
    turn("false")
    page.until("when it is seen again, it is up to date", f"{text('#now')} !== {json.dumps(before)}")


def lives_on(page, sandbox):
    page.use("#clear-faults")
    page.until("the faults are cleared", says("#faults", "Nothing goes wrong"))
    page.use("#reset")
    check("a reset is asked for twice", page.value(says("#reset", "Press again")))
    page.press("Enter")
    page.until("then all is gone", says("#calls", "No calls yet"))
    page.until("and the page is live", says("#connection", "Live"))
    sandbox.end()
    page.until("it notices that the sandbox is gone", says("#connection", "No connection"))
    again = Sandbox(int(sandbox.base_url.rsplit(":", 1)[1]))
    page.until("and that it is there again", says("#connection", "Live"))
    waiting = again.call("+12025550101", "Reserve a table for 4", "Chez Ada")
    page.until("and goes on", says("#calls .number", "+12025550101"))
    again.advance(30)
    waiting.join()
    return again


def allows_nothing_else(page):
    """What would happen if markup came in all the same."""
    page.do("document.body.insertAdjacentHTML('beforeend', "
            f"{json.dumps(MARKUP + '<iframe src=/ ></iframe>')})")
    page.do("{ const script = document.createElement('script'); "
            "script.textContent = 'document.title = \"taken\"'; document.body.append(script); }")
    page.until("the policy stops what is put in", "window.violations.length >= 3")
    check("nothing of it has run", page.value("document.title") == "KallyAI sandbox")


def main():
    pictures = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="page-"))
    pictures.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cargo", "build", "--quiet", "-p", "kallyai-sandbox"], cwd=ROOT, check=True)
    profile = tempfile.mkdtemp(prefix="chromium-")
    sandbox, page = Sandbox(), Page(profile)
    try:
        page.size(1280, 900)
        page.go(f"{sandbox.base_url}/")
        shows_a_call(page, sandbox)
        takes_faults(page, sandbox)
        page.use("#clear-faults")
        rings(page, sandbox)
        sandbox.ask("POST", "/v1/coordination/message", {"message": "[ask] Find a dentist for Friday"})
        page.until("a goal is shown", says("#goals .list", "dentist"))
        sandbox.ask("GET", "/v1/nothing")
        page.type("#faults [name=often]", "0.25")
        page.use("#faults form button")
        page.until("a fault waits", says("#faults .list", "chance 0.25"))
        goes_by_tab(page)
        fits(page, pictures)
        stays_inside(page, sandbox)
        refuses(page)
        rests(page, sandbox)
        sandbox = lives_on(page, sandbox)
        allows_nothing_else(page)
    finally:
        page.end()
        sandbox.end()
        shutil.rmtree(profile, ignore_errors=True)
    print(f"pictures in {pictures}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
