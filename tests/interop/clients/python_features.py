"""The official Python client uses every feature of the `everything` backend once and answers what it is asked.

    python_features.py ERA URL TOKEN                  ERA: legacy | modern
    python_features.py ERA --stdio COMMAND [ARG...]

Prints one JSON line a step; feature_cases.py says what each must hold.
"""

import asyncio
import contextlib
import json
import os
import sys

import httpx2
import mcp_types as types
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

MODES = {"legacy": "legacy", "modern": "2026-07-28"}
WATCHED = "test://watched-resource"
ANSWERS = {"username": "ada", "email": "ada@example.org", "name": "Ada", "color": "blue", "context": "interop"}
PROMPT = "test_prompt_with_arguments"


def say(step, **details):
    print(json.dumps({"step": step, **details}), flush=True)


async def noteAnswer(answer):
    note = {
        "method": answer.request.method,
        "path": answer.request.url.path,
        "version": answer.request.headers.get("mcp-protocol-version"),
        "status": answer.status_code,
    }
    with open(os.environ["INTEROP_WIRE_LOG"], "a") as log:
        log.write(json.dumps(note) + "\n")


async def answerSampling(_context, params):
    asked = params.messages[0].content
    text = (asked[0] if isinstance(asked, list) else asked).text
    content = types.TextContent(type="text", text=f"answer to: {text}")
    return types.CreateMessageResult(role="assistant", model="interop", content=content)


async def answerElicitation(_context, params):
    if params.message == "Say no":
        return types.ElicitResult(action="decline")
    asked = params.requested_schema["properties"]
    return types.ElicitResult(action="accept", content={name: ANSWERS[name] for name in asked})


class Run:
    def __init__(self, era):
        self.era = era
        self.notified = asyncio.Queue()

    async def note(self, message):
        if isinstance(message, Exception):
            say("background-error", message=repr(message))
        else:
            self.notified.put_nowait(message)

    async def call(self, step, name, arguments=None, **options):
        result = await self.client.call_tool(name, arguments or {}, **options)
        say(step, text="".join(block.text for block in result.content))

    async def prompt(self, step, name, arguments=None):
        result = await self.client.get_prompt(name, arguments)
        say(step, text=result.messages[0].content.text)

    async def read(self, step, uri):
        say(step, text=(await self.client.read_resource(uri)).contents[0].text)

    async def lists(self):
        client = self.client
        say("tools", names=[tool.name for tool in (await client.list_tools()).tools])
        say("resources", names=[str(one.uri) for one in (await client.list_resources()).resources])
        templates = (await client.list_resource_templates()).resource_templates
        say("templates", names=[template.uri_template for template in templates])
        say("prompts", names=[prompt.name for prompt in (await client.list_prompts()).prompts])

    async def plainCalls(self):
        await self.call("call", "test_simple_text")
        weather = await self.client.call_tool("test_structured_content", {"city": "Oslo"})
        say("structured", values=weather.structured_content)
        await self.read("read", "test://static-text")
        await self.read("read-template", "test://template/7/data")
        await self.prompt("prompt", PROMPT, {"arg1": "one", "arg2": "two"})
        reference = types.PromptReference(type="ref/prompt", name=PROMPT)
        completed = await self.client.complete(reference, {"name": "arg1", "value": "par"})
        say("completion", values=completed.completion.values)
        seen = []

        async def progressed(progress, _total, _message):
            seen.append(progress)

        await self.call("progress", "test_tool_with_progress", progress_callback=progressed)
        say("progress-seen", values=seen)

    async def questions(self):
        await self.call("sampling", "test_sampling", {"prompt": "the question"})
        await self.call("elicitation", "test_elicitation", {"message": "Who are you?"})
        await self.call("declined", "test_elicitation", {"message": "Say no"})
        await self.call("several", "test_input_required_result_capabilities")
        await self.call("rounds", "test_input_required_result_multi_round")
        await self.prompt("prompt-elicitation", "test_input_required_result_prompt")

    async def legacyChanges(self):
        await self.client.subscribe_resource(WATCHED)
        await self.client.call_tool("test_trigger_tool_change", {})
        await self.until(types.ToolListChangedNotification)
        say("tools-changed")
        await self.client.call_tool("test_update_resource", {"uri": WATCHED})
        updated = await self.until(types.ResourceUpdatedNotification)
        say("resource-updated", text=str(updated.params.uri))
        await self.client.unsubscribe_resource(WATCHED)

    async def until(self, kind):
        while not isinstance(message := await self.notified.get(), kind):
            pass
        return message

    async def modernChanges(self):
        async with self.client.listen(tools_list_changed=True, resource_subscriptions=[WATCHED]) as heard:
            await self.client.call_tool("test_trigger_tool_change", {})
            event = await anext(heard)
            say("tools-changed", kind=type(event).__name__)
            await self.client.call_tool("test_update_resource", {"uri": WATCHED})
            say("resource-updated", text=(await anext(heard)).uri)

    async def everything(self, server):
        options = {"mode": MODES[self.era], "sampling_callback": answerSampling,
                   "elicitation_callback": answerElicitation, "message_handler": self.note}
        async with Client(server, **options) as self.client:
            say("connected", version=self.client.protocol_version)
            await self.lists()
            await self.plainCalls()
            await self.questions()
            await (self.legacyChanges() if self.era == "legacy" else self.modernChanges())
        say("closed")


async def main(era, target, *rest):
    async with contextlib.AsyncExitStack() as stack:
        if target == "--stdio":
            server = StdioServerParameters(command=rest[0], args=list(rest[1:]))
        else:
            headers = {"Authorization": f"Bearer {rest[0]}"}
            http = httpx2.AsyncClient(headers=headers, event_hooks={"response": [noteAnswer]}, timeout=60)
            server = streamable_http_client(target, http_client=await stack.enter_async_context(http))
        await Run(era).everything(server)


try:
    asyncio.run(main(*sys.argv[1:]))
except Exception as error:
    say("error", message=repr(getattr(error, "exceptions", error)))
    sys.exit(1)
