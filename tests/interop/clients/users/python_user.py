"""What the users of Python clients read: each case is one user with one token who lists the tools and calls one.

    python_user.py CLIENT URL CASES      CLIENT: fastmcp | openai-agents | pydantic-ai | python-1.12
                                         CASES: JSON [{"name", "token" or null, "tool", "arguments"}]

Prints one JSON line a case: "tools" and "text" (of the call's result) as far as it came, "error" (what was raised)
and "logged" (what the client's own loggers said).
"""

import asyncio
import importlib
import json
import logging
import sys

CASE_SECONDS = 30


def headersOf(case):
    return {"Authorization": f"Bearer {case['token']}"} if case["token"] else {}


def textOf(content):
    return "".join(block.text for block in content)


async def fastmcp(url, case, report):
    from fastmcp import Client
    from fastmcp.client.transports import StreamableHttpTransport

    async with Client(StreamableHttpTransport(url, headers=headersOf(case))) as client:
        report["tools"] = [tool.name for tool in await client.list_tools()]
        report["text"] = textOf((await client.call_tool(case["tool"], case["arguments"])).content)


async def openaiAgents(url, case, report):
    from agents.mcp import MCPServerStreamableHttp

    async with MCPServerStreamableHttp({"url": url, "headers": headersOf(case)}) as server:
        report["tools"] = [tool.name for tool in await server.list_tools()]
        report["text"] = textOf((await server.call_tool(case["tool"], case["arguments"])).content)


async def pydanticAi(url, case, report):
    from pydantic_ai.mcp import MCPToolset

    async with MCPToolset(url, headers=headersOf(case)) as toolset:
        report["tools"] = [tool.name for tool in await toolset.list_tools()]
        report["text"] = str(await toolset.direct_call_tool(case["tool"], case["arguments"]))


async def python112(url, case, report):
    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    async with streamablehttp_client(url, headers=headersOf(case)) as (reading, writing, _):
        async with ClientSession(reading, writing) as session:
            await session.initialize()
            report["tools"] = [tool.name for tool in (await session.list_tools()).tools]
            report["text"] = textOf((await session.call_tool(case["tool"], case["arguments"])).content)


CLIENTS = {"fastmcp": (fastmcp, "fastmcp"), "openai-agents": (openaiAgents, "agents.mcp"),
           "pydantic-ai": (pydanticAi, "pydantic_ai.mcp"), "python-1.12": (python112, "mcp")}


def leaves(error):
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in leaves(inner)]
    return [f"{type(error).__name__}: {error}"]


class Kept(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        raised = record.exc_info and record.exc_info[1]
        self.lines.append("; ".join([record.getMessage(), *(leaves(raised) if raised else [])]))


async def runCase(client, url, case):
    report = {"name": case["name"]}
    kept = Kept()
    logging.getLogger().handlers = [kept]
    try:
        await asyncio.wait_for(client(url, case, report), CASE_SECONDS)
    except Exception as error:  # whatever a user's program would end with
        report["error"] = "; ".join(leaves(error))
    print(json.dumps(report | {"logged": "\n".join(kept.lines)}), flush=True)


async def main():
    name, url, cases = sys.argv[1:]
    client, module = CLIENTS[name]
    importlib.import_module(module)  # takes seconds, which are not the first case's
    for case in json.loads(cases):
        await runCase(client, url, case)


asyncio.run(main())
