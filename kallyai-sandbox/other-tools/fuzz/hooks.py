"""What schemathesis has to be told about the sandbox. `run.py` starts it with this.

Nothing in here switches a check off. What is dropped is dropped one by one in `filter_failure`, and
counted; schemathesis prints the count, too.
"""

import atexit
import json
import os
import re
from collections import Counter
from pathlib import Path

import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase
from schemathesis.generation.stateful.state_machine import APIStateMachine
from schemathesis.openapi.checks import RejectedPositiveData

FURNISHED = json.loads(Path(os.environ["FURNISHED"]).read_text())
BASE_URL = FURNISHED["base_url"]
IDS = FURNISHED["ids"]
SIGNED_IN = {"Authorization": f"Bearer {FURNISHED['token']}"}

# As many cases meet the world before it is loaded again.
CASES_A_WORLD = 10


# --- What the document says in ways that schemathesis does not read -------------------------------


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Schemathesis leaves OAuth alone, so `ignored_auth` would check nothing. What OAuth brings is a
    bearer token, and that it can check."""
    raw_schema["components"]["securitySchemes"]["oauth"] = {"type": "http", "scheme": "bearer"}
    for item in raw_schema["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation.update({"security": [{"oauth": []}] if operation.get("security") else []})


# Formats that JSON Schema does not know; openapi/README.md names them.
def minutes(time):
    return time.strftime("%H:%M")


def seconds(time):
    # Early years come without their zeros.
    return time.strftime("%Y-%m-%dT%H:%M:%S").zfill(19)


NUMBERS = st.from_regex(r"\+[1-9][0-9]{7,13}", fullmatch=True)
schemathesis.openapi.format("time-of-day", st.times().map(minutes))
schemathesis.openapi.format("local-date-time", st.datetimes().map(seconds))
schemathesis.openapi.format("phone", NUMBERS)
schemathesis.openapi.format("phone-or-email", NUMBERS | st.emails())
schemathesis.openapi.format("recipient", NUMBERS | st.emails())
schemathesis.openapi.format("time-zone", st.sampled_from(["America/New_York", "Europe/Madrid", "UTC"]))


# --- The world ------------------------------------------------------------------------------------

session = requests.Session()
seen = Counter()
refused = Counter()
worlds = 0


# What must have happened right before. A change that is pending stands in the way of every other, so it is
# not in the furnished world.
PREPARATIONS = {
    "subscription_cancel_pending_change": [
        ("POST", "/v1/subscriptions/change-plan", {"new_plan": plan}) for plan in ("pro", "starter")
    ],
}


def prepare(operation):
    for method, path, body in PREPARATIONS.get(operation, []):
        answer = session.request(method, BASE_URL + path, json=body, headers=SIGNED_IN, timeout=30)
        answer.raise_for_status()


def load_world():
    global worlds
    worlds += 1
    answer = session.put(f"{BASE_URL}/_sandbox/state", data=json.dumps(FURNISHED["dump"]), timeout=30)
    answer.raise_for_status()


class Turn:
    """Which operation is being tested, and how many cases it has had."""

    label = None
    cases = 0

    def next(self, label, operation):
        self.cases = self.cases + 1 if label == self.label else 0
        self.label = label
        if self.cases % CASES_A_WORLD == 0:
            load_world()
            prepare(operation)


TURN = Turn()

# A scenario of the stateful phase must find what it has made, so it has one world from start to end.
start_scenario = APIStateMachine.__init__


def start_scenario_in_a_new_world(self):
    load_world()
    start_scenario(self)


APIStateMachine.__init__ = start_scenario_in_a_new_world

# --- Ids that lead to something -------------------------------------------------------------------

PATHS = [
    ("/v1/calls/{call_id}", "calls"),
    ("/v1/inbound/calls/{call_id}", "inbound calls"),
    ("/v1/inbound/rules/{rule_id}", "rules"),
    ("/v1/inbound/contacts/{contact_id}", "contacts"),
    ("/v1/inbound/voicemails/{voicemail_id}", "voicemails"),
    ("/v1/coordination/goals/{goal_id}", "goals"),
    ("/v1/goals/{goal_id}", "goals"),
    ("/v1/phone-numbers/{phone_number_id}", "phones"),
    ("/v1/actions/calendar/events/{event_id}", "events"),
    ("/v1/actions/bookings/{booking_id}", "bookings"),
    ("/v1/actions/email/{email_id}", "outbox"),
    ("/v1/actions/{action_id}", "log"),
    ("/v1/messages/inbox/{message_id}", "messages"),
    ("/v1/messages/conversation/{conversation_id}", "threads"),
    ("/v1/email/accounts/{account_id}", "accounts"),
    ("/v1/email/messages/{message_id}", "e-mails"),
    ("/v1/channels/email/{email_id}", "addresses"),
    ("/v1/channels/disconnect/{channel}", "channels"),
    ("/v1/outreach/tasks/{task_id}", "tasks"),
]
QUERIES = {
    "auth_cli_authorize": {"redirect_uri": "http://127.0.0.1:8740/callback"},
    "auth_authorize": {"client_id": FURNISHED["client_id"], "redirect_uri": "https://example.com/back"},
    "coordination_history": {"conversation_id": IDS["conversations"][0]},
    "channels_verify_email": {"token": IDS["links"][0]},
    "outreach_list_tasks": {"status": "failed,awaiting"},
}
BODIES = {
    "coordination_batch_archive_goals": {"goal_ids": IDS["goals over"]},
    "coordination_send_message": {"conversation_id": IDS["conversations"][0]},
    "calls_reschedule": {"time": "20:30"},
    "phone_set_up_forwarding": {"phone_number": IDS["own phones"][0]},
    "phone_configure_verified": {"phone_number": IDS["own phones"][0]},
    "messages_mark_read": {"message_ids": IDS["messages"]},
    "actions_create_booking": {
        "restaurant_id": IDS["restaurants"][0],
        "date": "2099-02-15",
        "time": "20:00",
        "party_size": 2,
    },
    "inbound_delete_calls": {"call_ids": IDS["inbound calls"]},
    "auth_refresh_token": {"refresh_token": FURNISHED["refresh_token"]},
    "auth_exchange_token": {
        "grant_type": "refresh_token",
        "client_id": FURNISHED["client_id"],
        "refresh_token": FURNISHED["refresh_token"],
    },
}
met = Counter()
filled = Counter()


def is_positive(case, location):
    """Whether what is there was made to be valid."""
    component = case.meta.components.get(location)
    return component is None or component.mode.is_positive


def fill_in(case):
    """Puts what is there in place of what was made up, in two cases of three."""
    operation = case.operation.definition.raw["operationId"]
    met[operation] += 1
    if met[operation] % 3 == 0:
        return
    turn = filled[operation]
    filled[operation] += 1
    if case.path_parameters and is_positive(case, ParameterLocation.PATH):
        for prefix, pool in PATHS:
            if case.operation.path.startswith(prefix):
                name = prefix.rpartition("{")[2].rstrip("}")
                case.path_parameters[name] = IDS[pool][turn % len(IDS[pool])]
    if "Idempotency-Key" in (case.headers or {}) and is_positive(case, ParameterLocation.HEADER):
        # The key of the example would come again and again, each time with another body.
        case.headers["Idempotency-Key"] = f"case-{met[operation]}-{turn}"
    if operation in QUERIES and is_positive(case, ParameterLocation.QUERY):
        case.query = {**(case.query or {}), **QUERIES[operation]}
    if operation in BODIES and is_positive(case, ParameterLocation.BODY) and isinstance(case.body, dict):
        case.body = {**case.body, **BODIES[operation]}


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or case.meta.phase.name is TestPhase.STATEFUL:
        return
    TURN.next((case.meta.phase.name, case.operation.label), case.operation.definition.raw["operationId"])
    fill_in(case)


@schemathesis.hook
def after_call(context, case, response):
    operation = case.operation.definition.raw["operationId"]
    seen[operation, response.status_code] += 1
    if response.status_code == 402 and code(response) == "quota_exceeded":
        # The next month brings new credits.
        session.post(f"{BASE_URL}/_sandbox/clock", json={"advance_seconds": 31 * 86400}, timeout=30)


# --- What a valid request may be refused for ------------------------------------------------------

# Refusals of valid requests that no published code stands for: the operation, the status, and the code or
# the beginning of the reason. None of this can be said in a schema, or it is not published and so stays out
# of it.
REFUSALS = [
    # The format of a period is not published; the sandbox's README says which is taken.
    ("inbound_list_calls", 400, "query/date_"),
    ("inbound_analytics", 400, "query/date_"),
    ("inbound_events", 400, "query/from"),
    ("inbound_events", 400, "query/to"),
    # The body is not published; what is not understood deletes nothing.
    ("inbound_delete_calls", 400, "body: the sandbox takes call_ids"),
    # The key came with another body before.
    ("calls_create", 422, "idempotency_conflict"),
    # What a key may be is not published; one that is dropped would ring twice.
    ("calls_create", 400, "header/idempotency-key: must be visible ASCII"),
    # The document says it in words: a new date or time.
    ("calls_reschedule", 400, "body: date or time is required"),
    # The tokens go to this machine only, and the document has no format for that.
    ("auth_cli_authorize", 400, "query/redirect_uri: only http on localhost"),
    ("auth_authorize", 400, "query/redirect_uri: is not an absolute"),
    # No schema knows which clients, codes, numbers and restaurants there are.
    ("auth_authorize", 400, "query/client_id: is not known"),
    ("auth_exchange_token", 400, "invalid_grant"),
    ("phone_provision", 400, "body/area_code: has no numbers"),
    ("actions_create_booking", 400, "body/restaurant_id: is no restaurant"),
    # A list in one text.
    ("outreach_list_tasks", 400, "query/status: is no status"),
    # An e-mail goes to no phone.
    ("outreach_create_task", 400, "body/target: is not for this channel"),
    ("outreach_create_task", 400, "body/recipient_identifier: is not for this channel"),
    # The references say to delete the contact e-mail.
    ("channels_disconnect", 400, "path/channel: e-mail is not disconnected"),
    # The bodies are not published; some phone must be meant, and be the user's.
    ("phone_set_up_forwarding", 400, "body/phone_number: "),
    ("phone_configure_verified", 400, "body/phone_number: "),
]
# The same for every operation: no limits are published for these numbers, and no program counts so far.
BEYOND_64_BITS = re.compile(
    r"value is (greater than the maximum of 9223372036854775807|less than the minimum of -9223372036854775808)$"
)


def code(response):
    return error(response).get("code", "")


def error(response):
    try:
        return response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return {}


def reason(response):
    details = error(response).get("details")
    return details.get("reason", "") if isinstance(details, dict) else ""


def is_documented(case, response):
    """A valid request may be refused with the codes that the document lists for its operation: out of
    credits, an emergency number, no e-mail account connected."""
    operation = case.operation.definition.raw
    if code(response) in operation.get("x-errors", []):
        refused[operation["operationId"], response.status_code, code(response)] += 1
        return True
    if response.status_code == 400 and BEYOND_64_BITS.search(reason(response)):
        refused[operation["operationId"], 400, "a number beyond 64 bits"] += 1
        return True
    for name, status, what in REFUSALS:
        if (name, status) == (operation["operationId"], response.status_code):
            if code(response) == what or reason(response).startswith(what):
                refused[name, status, what] += 1
                return True
    return False


@schemathesis.hook
def filter_failure(context, failure, case, response):
    return not (isinstance(failure, RejectedPositiveData) and is_documented(case, response))


# --- The account of a run -------------------------------------------------------------------------


@atexit.register
def write_account():
    account = {
        "worlds": worlds,
        "seen": [[*key, count] for key, count in sorted(seen.items())],
        "refused": [[*key, count] for key, count in sorted(refused.items())],
    }
    Path(os.environ["ACCOUNT"]).write_text(json.dumps(account))
