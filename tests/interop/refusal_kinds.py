"""The clients of refusal_cases.py: how each is installed and started, and what it shows in place of the server's words.

A kind has a name, prepare(), start(lab, cases), and `replaced`: the cases whose words do not reach its user.
"""

import json
import sys
from dataclasses import dataclass, field

import client_needs
from client_program import Program
from refusal_cases import NO_SIGN_IN, SERVER_WORDS, Reading

USERS = client_needs.CLIENTS / "users"


def inPlaceOf(cases, raised, logged=""):
    return {name: Reading(raised, logged) for name in cases}


# mcp 1 reads nothing of a refusal's body: httpx raises with the status line, in which the head's refusals say why.
MCP_1 = inPlaceOf(["narrow"], "Client error '403 Forbidden'")


@dataclass
class PythonUser:
    client: str
    requirements: str
    replaced: dict = field(default_factory=dict)

    @property
    def name(self):
        return f"{self.client}-refusals"

    def prepare(self):
        python, self.site = pythonOf(self.requirements)
        self.command = [python, "-s", str(USERS / "python_user.py"), self.client]

    def start(self, lab, cases):
        return Program(lab, self.name, [*self.command, lab.url("/mcp"), cases], {"PYTHONPATH": str(self.site)})


@dataclass
class NodeUser:
    client: str
    replaced: dict = field(default_factory=dict)

    @property
    def name(self):
        return f"{self.client}-refusals"

    def prepare(self):
        packages = client_needs.npmPackages()
        # Beside node_modules, because that is where node looks for an import's package.
        program = packages.parent / "node_user.mjs"
        program.write_bytes((USERS / "node_user.mjs").read_bytes())
        self.command = [client_needs.node(), str(program), self.client]

    def start(self, lab, cases):
        return Program(lab, self.name, [*self.command, lab.url("/mcp"), cases], {})


class BridgeUser:
    def start(self, lab, cases):
        bridge = json.dumps({"command": self.command, "header": self.header})
        python = [sys.executable, "-s", str(USERS / "bridge_user.py")]
        return Program(lab, self.name, [*python, lab.url("/mcp"), cases, bridge], self.environment)


class McpProxy(BridgeUser):
    name = "mcp-proxy-refusals"
    header = ["--headers", "Authorization", "Bearer {token}"]
    # With mcp 1.30 under it, it ends where the start is refused, and its log says why; where a call is, its user waits
    # for ever.
    replaced = {name: Reading("the bridge has ended", words.split(": ", 1)[1]) for name, words in SERVER_WORDS.items()}
    replaced["narrow"] = Reading("the bridge gave no answer", '"HTTP/1.1 403 Forbidden"')

    def prepare(self):
        python, site = pythonOf("mcp_proxy.txt")
        self.command = [python, "-s", "-m", "mcp_proxy", "{header}", "--transport", "streamablehttp", "{url}"]
        self.environment = {"PYTHONPATH": str(site)}


class McpRemote(BridgeUser):
    name = "mcp-remote-refusals"
    header = ["--header", "Authorization:Bearer {token}"]
    environment = {}
    # After any 401, and any 403 for scopes, it looks for a sign-in, even where its user has set the header; what it
    # shows is the answer to its registration.
    replaced = inPlaceOf([name for name in SERVER_WORDS if name != "narrow"], "the bridge has ended", NO_SIGN_IN)
    replaced |= inPlaceOf(["narrow"], NO_SIGN_IN)

    def prepare(self):
        packages = client_needs.npmPackages()
        program = str(packages / "mcp-remote/dist/proxy.js")
        self.command = [client_needs.node(), program, "{url}", "--transport", "http-only", "{header}"]


def pythonOf(requirements):
    return client_needs.pythonWithPackages(f"users/{requirements}", requirements.removesuffix(".txt"))


REFUSAL_KINDS = [
    PythonUser("fastmcp", "python_frameworks.txt"),
    PythonUser("openai-agents", "python_frameworks.txt"),
    PythonUser("pydantic-ai", "python_frameworks.txt"),
    PythonUser("python-1.12", "python_sdk_1_12.txt", MCP_1),
    NodeUser("typescript-1.10"),
    NodeUser("typescript-1.17"),
    NodeUser("ai-sdk"),
    McpProxy(),
    McpRemote(),
]
