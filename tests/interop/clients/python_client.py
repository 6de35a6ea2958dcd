"""The official Python client as a user would write it: connect, list the tools, call each.

    python_client.py URL TOKEN ERA QUERY [--hold]      ERA: legacy | modern | auto

Prints one JSON line a step. With --hold it waits for a line on standard input after the first calls and then
calls once more on the same connection. Exit code 3: the client failed, and what it got was a 401. The answers
are noted in the file INTEROP_WIRE_LOG names, through a hook of the HTTP client.
"""

import asyncio
import json
import os
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

MODES = {"legacy": "legacy", "modern": "2026-07-28", "auto": "auto"}
statuses = []


def say(step, **details):
    print(json.dumps({"step": step, **details}), flush=True)


async def noteAnswer(answer):
    statuses.append(answer.status_code)
    note = {
        "method": answer.request.method,
        "path": answer.request.url.path,
        "version": answer.request.headers.get("mcp-protocol-version"),
        "status": answer.status_code,
        "challenge": answer.headers.get("www-authenticate"),
    }
    with open(os.environ["INTEROP_WIRE_LOG"], "a") as log:
        log.write(json.dumps(note) + "\n")


async def callTool(client, step, name, arguments):
    result = await client.call_tool(name, arguments)
    say(step, result=result.model_dump(mode="json", by_alias=True, exclude_none=True))


async def everything(url, token, era, query, hold):
    headers = {"Authorization": f"Bearer {token}"}
    hooks = {"response": [noteAnswer]}
    async with httpx2.AsyncClient(headers=headers, event_hooks=hooks, timeout=60) as http:
        async with Client(streamable_http_client(url, http_client=http), mode=MODES[era]) as client:
            say("connected", version=client.protocol_version)
            listed = await client.list_tools()
            say("tools", names=[tool.name for tool in listed.tools])
            await callTool(client, "rows", "query_database", {"query": query})
            await callTool(client, "tables", "list_tables", {})
            await callTool(client, "columns", "describe_table", {"table": "users"})
            if hold:
                say("holding")
                await asyncio.to_thread(sys.stdin.readline)
                await callTool(client, "rows", "query_database", {"query": query})
    say("closed")


def leaves(error):
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in leaves(inner)]
    return [error]


def main():
    url, token, era, query, *rest = sys.argv[1:]
    try:
        asyncio.run(everything(url, token, era, query, "--hold" in rest))
    except Exception as error:
        unauthorized = 401 in statuses
        say("error", unauthorized=unauthorized, errors=[repr(leaf) for leaf in leaves(error)])
        sys.exit(3 if unauthorized else 1)


main()
