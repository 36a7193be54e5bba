"""Furnishes a world, so that there is something to read, to change and to delete.

A new world is empty: most ids would lead to nothing, and schemathesis would see 404 again and again. Here
calls, goals and all the rest are made through the API itself; the world is dumped, and loaded again
whenever the tests have used it up. Ids stay the same by that.
"""

import re
import socket
import time
from urllib.parse import urlsplit

import requests

TEN_YEARS = 10 * 365 * 24 * 3600

# Each leaves a goal that waits for something else; the last is over.
GOALS = ("[ask]", "[approve step]", "[over budget]", "[soft cap]", "[negotiate]", "[sub-goals]", "")


class Furnished:
    """A furnished world: its dump, and what is in it."""

    def __init__(self, line):
        self.base_url = line["base_url"]
        self.line = line
        self.session = requests.Session()
        # The token must not expire when a month passes.
        self.tokens = self.control("POST", "/_sandbox/tokens", {"expires_in": TEN_YEARS})
        self.session.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
        self.ids = {}
        self.fill()
        self.dump = self.state_with_live_calls()

    def control(self, method, path, body=None):
        answer = self.session.request(method, self.base_url + path, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def api(self, method, path, body=None):
        """A request that must succeed; its answer."""
        answer = self.session.request(method, self.base_url + path, json=body, timeout=30)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def listed(self, pool, path, key="id"):
        """Remembers the ids of a list, which is the answer or the only list in it."""
        answer = self.api("GET", path)
        found = [answer] if isinstance(answer, list) else answer.values()
        lists = [entries for entries in found if isinstance(entries, list)]
        assert len(lists) == 1 and lists[0], f"{path}: {answer}"
        self.ids.setdefault(pool, []).extend(entry[key] for entry in lists[0])

    def fill(self):
        self.calls()
        self.goals()
        self.inbound()
        self.actions()
        self.email()
        self.channels()
        self.outreach()
        self.phones()
        self.listed("messages", "/v1/messages/inbox")
        self.listed("threads", "/v1/messages/inbox", "conversation_id")
        self.listed("log", "/v1/actions/log")

    def calls(self):
        self.api("POST", "/v1/calls", call())
        self.listed("calls", "/v1/calls", "call_id")

    def goals(self):
        conversation = None
        for words in GOALS:
            reply = self.api("POST", "/v1/coordination/message", {"message": f"Find a dentist {words}"})
            self.ids.setdefault("goals", []).append(reply["goal_id"])
            conversation = reply["conversation_id"]
        self.ids["conversations"] = [conversation]
        # Three steps of three polls each.
        for _ in range(12):
            self.api("GET", "/v1/coordination/goals")
        over = self.api("GET", "/v1/coordination/goals?status=completed")["goals"]
        self.ids["goals over"] = [goal["id"] for goal in over]
        assert self.ids["goals over"], "no goal is over"

    def inbound(self):
        rule = {"name": "Messages", "priority": 1, "is_active": True, "action": "voicemail"}
        rule["conditions"] = {"caller_number": "+12025550142"}
        self.api("POST", "/v1/inbound/rules", rule)
        self.listed("rules", "/v1/inbound/rules")
        self.api("POST", "/v1/inbound/contacts/import", {"source": "google"})
        self.listed("contacts", "/v1/inbound/contacts")
        script = ["Good day.", "Call me back, please."]
        for caller in ("+12025550142", "+12025550143"):
            self.control("POST", "/_sandbox/inbound", {"from": caller, "script": script})
        for _ in range(12):
            self.api("GET", "/v1/inbound/calls")
        self.listed("voicemails", "/v1/inbound/voicemails")
        self.listed("inbound calls", "/v1/inbound/calls")

    def actions(self):
        event = {"title": "Dentist", "start": "2099-02-14T20:00"}
        self.ids["events"] = [self.api("POST", "/v1/actions/calendar/events", event)["id"]]
        found = self.api("POST", "/v1/actions/bookings/restaurants/search", {"query": "Italian"})
        self.ids["restaurants"] = [found["results"][0]["id"]]
        booking = {"type": "restaurant", "restaurant_id": self.ids["restaurants"][0]}
        booking |= {"date": "2099-02-14", "time": "20:00", "party_size": 2}
        self.ids["bookings"] = [self.api("POST", "/v1/actions/bookings", booking)["id"]]
        for subject in ("One", "Two", "Three"):
            email = {"to": "grace@example.com", "subject": subject, "body": "Hello"}
            self.api("POST", "/v1/actions/email/send", email)
        self.listed("outbox", "/v1/actions/email/outbox")
        self.api("POST", f"/v1/actions/email/{self.ids['outbox'][0]}/approve")

    def email(self):
        self.listed("accounts", "/v1/email/accounts")
        self.listed("e-mails", "/v1/email/messages")
        self.api("POST", "/v1/email/voice-profile/train")

    def channels(self):
        self.api("POST", "/v1/channels/email/add", {"email_address": "work@example.com"})
        self.listed("addresses", "/v1/channels/email/list")
        link = self.control("GET", "/_sandbox/sent")["sent"][-1]["text"]
        self.ids["links"] = re.findall(r"token=([^\s&]+)", link)
        self.api("POST", "/v1/channels/webhook/telegram/connect", {"bot_token": "123:abc"})
        self.ids["channels"] = ["telegram"]

    def phones(self):
        self.listed("phones", "/v1/phone-numbers")
        phone = {"phone_number": "+12025550177"}
        self.api("POST", "/v1/phone-numbers/verify/start", phone)
        text = self.control("GET", "/_sandbox/sent")["sent"][-1]["text"]
        code = re.search(r"\d{4,}", text).group()
        checked = self.api("POST", "/v1/phone-numbers/verify/check", {**phone, "code": code})
        assert checked["success"], checked
        self.ids["own phones"] = [phone["phone_number"]]

    def outreach(self):
        # Nobody answers the first, the second waits.
        for number, execute in (("+12025550101", True), ("+12025550199", False)):
            task = {"goal": "Ask when they open", "recipient_identifier": number, "auto_execute": execute}
            self.api("POST", "/v1/outreach/tasks", task)
        for _ in range(6):
            self.api("GET", "/v1/credits/balance")
        self.listed("tasks", "/v1/outreach/tasks")

    def state_with_live_calls(self):
        """The dump, with calls that are queued and ringing: those can be cancelled, rejected and so on."""
        ringing = self.control("POST", "/_sandbox/inbound", {"from": "+12025550144", "script": ["Hello?"]})
        self.ids["inbound calls"].insert(0, ringing["id"])
        for _ in range(50):
            # The answer comes when the call is over; the call goes on without anybody who waits for it.
            with self.sent_call():
                queued = self.wait_for_a_queued_call()
                state = self.control("GET", "/_sandbox/state")
                if queued and self.queued() == queued:
                    self.ids["calls"].insert(0, queued)
                    return state
        raise AssertionError("no call was caught while it was queued")

    def sent_call(self):
        address = urlsplit(self.base_url)
        body = requests.Request("POST", self.base_url + "/v1/calls", json=call(), headers=self.session.headers)
        request = body.prepare()
        lines = ["POST /v1/calls HTTP/1.1", f"Host: {address.netloc}"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        connection = socket.create_connection((address.hostname, address.port), timeout=10)
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + request.body)
        return connection

    def wait_for_a_queued_call(self):
        for _ in range(100):
            if queued := self.queued():
                return queued
            time.sleep(0.001)
        return None

    def queued(self):
        dialled = self.control("GET", "/_sandbox/calls")["calls"]
        return next((call["call_id"] for call in dialled if call["status"] == "queued"), None)


def call():
    return {
        "submission": {
            "task_category": "restaurant",
            "task_description": "Reserve a table for 4 at 8 pm",
            "respondent_phone": "+12025550199",
        },
        "timezone": "America/New_York",
    }
