"""The API by the client that openapi-python-client makes, on asyncio: what harness.rs does, in the same way."""

import asyncio
import json
import sys
import time
import uuid

import httpx
from kallyai_client import AuthenticatedClient
from kallyai_client.api.auth import auth_exchange_token
from kallyai_client.api.calls import calls_create, calls_get, calls_list
from kallyai_client.models import (
    Call,
    CallList,
    CallRequest,
    GrantType,
    Submission,
    TaskCategory,
    TokenRequest,
    TokenResponse,
)
from kallyai_client.types import UNSET

PAGE = 200
# As long as one of PKCE is.
VERIFIER = "a-verifier-of-forty-three-letters-and-so-on"


def call_id(number: int) -> str:
    return f"{number:08x}-6a47-4c0c-9a53-0b2f5d8a9e01"


def expect(is_: object, should_be: object) -> None:
    if is_ != should_be:
        sys.exit(f"{is_} came in place of {should_be}")


class Ids:
    """The ids that should come, in their order."""

    def __init__(self) -> None:
        self.seen = 0

    def check(self, calls: list[Call]) -> int:
        for call in calls:
            expect(int(str(call.call_id)[:8], 16), self.seen)
            self.seen += 1
        return len(calls)


class Peer:
    def __init__(self, base_url: str) -> None:
        # As many connections as there are requests; loopback is plain, so that nobody reads certificates.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        self.client = AuthenticatedClient(
            base_url=base_url,
            token="a-token-of-no-account",
            verify_ssl=False,
            httpx_args={"limits": limits},
        )

    async def sign_in(self) -> None:
        request = TokenRequest(
            grant_type=GrantType.AUTHORIZATION_CODE,
            client_id="peer",
            client_secret="a-secret-of-nobody",
            code="a-code-that-is-good-again",
            redirect_uri="http://127.0.0.1:1/callback",
            code_verifier=VERIFIER,
        )
        tokens = await auth_exchange_token.asyncio(client=self.client, body=request)
        assert isinstance(tokens, TokenResponse)
        expect(tokens.access_token, "example-access-token")

    async def place(self) -> None:
        request = CallRequest(
            submission=Submission(
                task_category=TaskCategory.RESTAURANT,
                task_description="Reserve a table for 4 at 8 pm",
                respondent_phone="+12025550199",
                business_name="Italian Bistro",
                party_size=4,
            ),
            timezone="America/New_York",
        )
        key = str(uuid.uuid4())
        call = await calls_create.asyncio(client=self.client, body=request, idempotency_key=key)
        assert isinstance(call, Call)
        expect(str(call.call_id), call_id(0))

    async def read(self, number: int) -> None:
        call = await calls_get.asyncio(call_id(number), client=self.client)
        assert isinstance(call, Call)
        expect(str(call.call_id), call_id(number))

    async def walk(self) -> int:
        ids = Ids()
        while True:
            answer = await calls_list.asyncio(client=self.client, limit=PAGE, offset=ids.seen)
            assert isinstance(answer, CallList) and answer.calls
            if ids.check(answer.calls) == 0 or ids.seen >= (answer.total or 0):
                return ids.seen

    async def whole(self) -> int:
        answer = await calls_list.asyncio(client=self.client, limit=UNSET, offset=UNSET)
        assert isinstance(answer, CallList) and answer.calls
        return Ids().check(answer.calls)


async def reads(peer: Peer, count: int, in_flight: int) -> None:
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            await peer.read(number)

    await asyncio.gather(*(worker() for _ in range(in_flight)))


def report(wall: int, cpu: int) -> None:
    with open("/proc/self/status", encoding="ascii") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    print(json.dumps({"wall_ns": wall, "cpu_ns": cpu, "peak_kib": peak}), flush=True)


async def main(scenario: str, base_url: str, count: int, in_flight: int) -> None:
    peer = Peer(base_url)
    if scenario == "cold":
        await peer.read(0)
        report(0, time.process_time_ns())
        return
    # The connections are there before anything is measured.
    await reads(peer, in_flight, in_flight)
    if scenario == "sign_in":
        await peer.sign_in()
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    if scenario == "sign_in":
        for _ in range(count):
            await peer.sign_in()
    elif scenario == "place":
        for _ in range(count):
            await peer.place()
    elif scenario == "read":
        await reads(peer, count, in_flight)
    elif scenario == "list":
        expect(await peer.walk(), count)
    elif scenario == "decode":
        # As many entries in all, whatever one answer has.
        for _ in range(max(1, 10_000 // count)):
            expect(await peer.whole(), count)
    else:
        sys.exit("no such scenario")
    report(time.perf_counter_ns() - wall, time.process_time_ns() - cpu)


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
