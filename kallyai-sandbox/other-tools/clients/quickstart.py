"""The quickstart, by a client that openapi-python-client has generated.

    quickstart.py SANDBOX

Starts the sandbox, does what examples/quickstart.rs does, and checks what came of it, here and in the
sandbox.
"""

import datetime
import json
import subprocess
import sys
import uuid
from urllib.parse import parse_qs, urlsplit

import httpx
from kallyai_client import AuthenticatedClient, Client
from kallyai_client.api.auth import auth_cli_authorize
from kallyai_client.api.budget import budget_estimate
from kallyai_client.api.calls import calls_calendar, calls_create, calls_get, calls_list, calls_transcript
from kallyai_client.api.credits_ import credits_balance, credits_history
from kallyai_client.models import (
    CallRequest,
    CallStatus,
    ErrorBody,
    Estimate,
    EstimateType,
    Language,
    Speaker,
    Submission,
    TaskCategory,
)

PHONE = "+12025550199"
TASK = "Reserve a table for 4 at 8 pm, by the window if there is one"
checks = 0


def check(what, holds):
    global checks
    checks += 1
    assert holds, what


def parsed(response, status=200):
    """What was answered, as the generated model."""
    check(f"{response.status_code}: {response.content}", response.status_code == status)
    check("the body is modelled", response.parsed is not None and not isinstance(response.parsed, ErrorBody))
    return response.parsed


def sign_in(base_url):
    """By the CLI flow; the sandbox approves by itself."""
    anonymous = Client(base_url=base_url, timeout=httpx.Timeout(30))
    answer = auth_cli_authorize.sync_detailed(
        client=anonymous, redirect_uri="http://127.0.0.1:8740/callback", state="quickstart"
    )
    check("a redirect", answer.status_code == 302)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    check("it belongs to this sign-in", query["state"] == ["quickstart"])
    return AuthenticatedClient(base_url=base_url, token=query["access_token"][0], timeout=httpx.Timeout(30))


def quickstart(base_url):
    kally = sign_in(base_url)
    before = parsed(credits_balance.sync_detailed(client=kally))

    estimate = Estimate(type_=EstimateType.CALL, description=TASK)
    price = parsed(budget_estimate.sync_detailed(client=kally, body=estimate))
    check("an estimate", float(price.estimated_credits) > 0)

    submission = Submission(
        task_category=TaskCategory.RESTAURANT,
        task_description=TASK,
        respondent_phone=PHONE,
        business_name="Italian Bistro",
        party_size=4,
        appointment_date=datetime.date.today() + datetime.timedelta(days=1),
        appointment_time="20:00",
        language=Language.EN,
    )
    request = CallRequest(submission=submission, timezone="America/New_York")
    key = str(uuid.uuid4())
    call = parsed(calls_create.sync_detailed(client=kally, body=request, idempotency_key=key), 201)
    check("a success", call.status == CallStatus.SUCCESS)
    # The answer may be lost on its way: the key makes it safe to ask again.
    again = parsed(calls_create.sync_detailed(client=kally, body=request, idempotency_key=key), 201)
    check("the same call", again.call_id == call.call_id)

    read = parsed(calls_get.sync_detailed(client=kally, call_id=call.call_id))
    check("the same when it is read", (read.call_id, read.status) == (call.call_id, call.status))
    check("the party", read.submission.party_size == 4)
    transcript = parsed(calls_transcript.sync_detailed(client=kally, call_id=call.call_id))
    check("who speaks", {entry.speaker for entry in transcript.entries} == {Speaker.HUMAN, Speaker.AI})
    calendar = parsed(calls_calendar.sync_detailed(client=kally, call_id=call.call_id))
    check("a calendar entry", "DTSTART:" in calendar)
    calls = parsed(calls_list.sync_detailed(client=kally, limit=10)).calls
    check("one call in the list", [entry.call_id for entry in calls] == [call.call_id])

    after = parsed(credits_balance.sync_detailed(client=kally))
    spent = before.credits_remaining - after.credits_remaining
    check("it is paid for", spent > 0 and abs(spent - call.credits_used) < 0.001)
    history = parsed(credits_history.sync_detailed(client=kally))
    check("it is in the history", len(history.entries) >= 1)

    refused = calls_create.sync_detailed(
        client=kally,
        body=CallRequest(
            submission=Submission(TaskCategory.GENERAL, "Report a fire that is none", "+12025550125"),
            timezone="UTC",
        ),
    )
    check("an emergency number", refused.status_code == 422)
    check("its code", refused.parsed.error.code == "emergency_number")

    dialled = httpx.get(f"{base_url}/_sandbox/calls", timeout=30).json()["calls"]
    check(f"dialled once: {dialled}", [entry["to"] for entry in dialled] == [PHONE])
    check("with the key", dialled[0]["idempotency_key"] == key)
    print(f"Python: {checks} checks, call {call.status.value}, {spent:.2f} credits, dialled once")


def main(program):
    command = [program, "--auto-approve", "--call-seconds", "0.2"]
    sandbox = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        quickstart(json.loads(sandbox.stdout.readline())["base_url"])
    finally:
        sandbox.terminate()
        sandbox.wait(timeout=10)


main(*sys.argv[1:])
