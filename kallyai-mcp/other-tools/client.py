"""Uses the server with the official client for Python: over stdio and HTTP, by one version of the protocol.

client.py PROGRAM URL BEARER_FILE VERSION
"""

import asyncio
import os
import pathlib
import sys

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ElicitResult


def call(number):
    return {
        "submission": {
            "task_category": "restaurant",
            "task_description": "Reserve a table for 4 at 8 pm",
            "respondent_phone": number,
        },
        "timezone": "America/New_York",
    }


async def use(server, mode, version, number):
    questions = []

    async def agree(_context, params):
        questions.append(params.message)
        return ElicitResult(action="accept", content={})

    async with Client(server, mode=mode, elicitation_callback=agree) as client:
        assert client.protocol_version == version, client.protocol_version
        tools = (await client.list_tools()).tools
        assert len(tools) == 13, len(tools)
        # The client checks structured answers against their schemas.
        balance = await client.call_tool("credits_balance", {})
        assert not balance.is_error and balance.structured_content, balance
        placed = await client.call_tool("calls_create", call(number))
        assert not placed.is_error, placed
        assert len(questions) == 1 and number in questions[0], questions
        key = placed.structured_content.get("idempotency_key")
        if key:
            placed = await client.call_tool("calls_wait", {"idempotency_key": key})
        assert placed.structured_content["status"] == "success", placed
        refused = await client.call_tool("calls_get", {})
        assert refused.is_error, refused
        templates = await client.list_resource_templates()
        assert len(templates.resource_templates) == 3, templates


async def main():
    program, url, bearer, version = sys.argv[1:]
    mode = "legacy" if version == "2025-11-25" else version
    account = {name: value for name, value in os.environ.items() if name.startswith("KALLYAI_")}
    # Every combination has a number of its own, which nobody has called before.
    last = "5" if mode == "legacy" else "6"
    stdio = StdioServerParameters(command=program, args=[], env=account)
    await use(stdio, mode, version, f"+1202555014{last}")
    print(f"Python, stdio, {version}: ok")
    token = pathlib.Path(bearer).read_text()
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
        await use(streamable_http_client(url, http_client=http), mode, version, f"+1202555015{last}")
    print(f"Python, HTTP, {version}: ok")


asyncio.run(main())
