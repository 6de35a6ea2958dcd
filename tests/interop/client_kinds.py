"""The clients: how each is installed and started, and how one sees that it got what it asked for.

A kind has a name, prepare(), and ways(scheme): the manners in which it calls. A way starts a Program with
a token; checkRight() looks at the outcome for a good token. Where `refusals` is set, the bad tokens are
tried too.
"""

import json
from dataclasses import dataclass

import client_needs
from client_program import Program, expectEra
from gate_lab import EXPECTED_NAMES, QUERY, UNEXPECTED_NAME, Failed
from pgedge_kinds import PGEDGE_KINDS

CLIENTS = client_needs.CLIENTS
TOOLS = ["query_database", "list_tables", "describe_table"]
COLUMNS = ["id", "name", "active"]
SDK_STEPS = ["connected", "tools", "rows", "tables", "columns", "closed"]


def expectTools(names, outcome):
    if missing := [name for name in TOOLS if name not in names]:
        raise Failed(f"tools/list lacks {missing}, it has {names}\n{outcome}")


def expectRows(result, outcome):
    expectAnswer("query_database", result, EXPECTED_NAMES, outcome)


def expectAnswer(tool, result, words, outcome):
    """The tool's answer holds the words, as text and as structured content, and no inactive user."""
    if result.get("isError"):
        raise Failed(f"{tool} was answered as an error: {result['content']}\n{outcome}")
    text = "".join(block.get("text", "") for block in result.get("content", []))
    for what, found in [("text", text), ("structuredContent", json.dumps(result.get("structuredContent")))]:
        if any(word not in found for word in words) or UNEXPECTED_NAME in found:
            raise Failed(f"{tool}: wanted {words} in {what}, found: {found}\n{outcome}")


@dataclass
class SdkWay:
    """One of the two SDK programs in clients/, in one era of the protocol."""

    kind: object
    era: str
    refusals: bool
    canHold = True

    def __str__(self):
        return f"{self.kind.name}, {self.era} era"

    def start(self, lab, token, trusted=True, hold=False):
        command = [*self.kind.command, lab.url("/mcp"), token, self.era, QUERY, *(["--hold"] if hold else [])]
        return Program(lab, str(self), command, self.kind.environment(lab, trusted))

    def checkRight(self, outcome):
        if noise := outcome.steps("background-error"):
            raise Failed(f"the client reported errors beside the calls: {noise}\n{outcome}")
        if [line["step"] for line in outcome.steps()] != SDK_STEPS:
            raise Failed(f"the client did not come through the steps {SDK_STEPS}\n{outcome}")
        expectTools(outcome.steps("tools")[0]["names"], outcome)
        expectRows(outcome.steps("rows")[0]["result"], outcome)
        expectAnswer("list_tables", outcome.steps("tables")[0]["result"], ["users"], outcome)
        expectAnswer("describe_table", outcome.steps("columns")[0]["result"], COLUMNS, outcome)
        expectEra(self.era, outcome)

    def checkRefused(self, outcome):
        errors = outcome.steps("error")
        if outcome.code != 3 or not errors or not errors[0]["unauthorized"]:
            raise Failed(f"the client did not report that it is unauthorized\n{outcome}")


class TypescriptClient:
    name = "typescript-client"
    schemes = ["http", "https"]

    def prepare(self):
        packages = client_needs.npmPackages()
        # Beside node_modules, because that is where node looks for an import's package.
        program = packages.parent / "typescript_client.mjs"
        program.write_bytes((CLIENTS / "typescript_client.mjs").read_bytes())
        self.command = [client_needs.node(), *observed(), str(program)]

    def ways(self, scheme):
        return [SdkWay(self, era, refusals=scheme == "http") for era in ("legacy", "modern", "auto")]

    def environment(self, lab, trusted):
        return authority(lab, trusted, "NODE_EXTRA_CA_CERTS")


class PythonClient:
    name = "python-client"
    schemes = ["http", "https"]

    def prepare(self):
        python, self.site = client_needs.pythonWithPackages()
        self.command = [python, "-s", str(CLIENTS / "python_client.py")]

    def ways(self, scheme):
        return [SdkWay(self, era, refusals=scheme == "http") for era in ("legacy", "modern", "auto")]

    def environment(self, lab, trusted):
        return {"PYTHONPATH": str(self.site)} | authority(lab, trusted, "SSL_CERT_FILE")


@dataclass
class InspectorWay:
    kind: object
    method: str
    era: str
    refusals: bool
    canHold = False

    def __str__(self):
        return f"inspector --cli --method {self.method} --protocol-era {self.era}"

    def start(self, lab, token, trusted=True):
        arguments = ["--cli", "--server-url", lab.url("/mcp"), "--transport", "http", "--format", "json",
                     "--header", f"Authorization: Bearer {token}", "--protocol-era", self.era,
                     "--stored-auth-only", "--method", self.method, *self.extra()]
        environment = authority(lab, trusted, "NODE_EXTRA_CA_CERTS")
        return Program(lab, str(self), [*self.kind.command, *arguments], environment)

    def extra(self):
        if self.method == "tools/list":
            return ["--strict"]  # also judges the schemas of the tools
        return ["--tool-name", "query_database", "--tool-arg", f"query={QUERY}"]

    def checkRight(self, outcome):
        result = json.loads(outcome.out)["result"]
        if self.method == "tools/list":
            expectTools([tool["name"] for tool in result["tools"]], outcome)
        else:
            expectRows(result, outcome)
        expectEra(self.era, outcome)

    def checkRefused(self, outcome):
        if outcome.code != 3 or '"auth_required"' not in outcome.err:
            raise Failed(f"the Inspector did not report auth_required with exit code 3\n{outcome}")


class Inspector:
    name = "inspector"
    schemes = ["http", "https"]

    def prepare(self):
        packages = client_needs.npmPackages()
        launcher = packages / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"
        self.command = [client_needs.node(), *observed(), str(launcher)]

    def ways(self, scheme):
        plain = scheme == "http"
        return [InspectorWay(self, "tools/list", "legacy", refusals=plain),
                InspectorWay(self, "tools/call", "legacy", refusals=False),
                InspectorWay(self, "tools/list", "modern", refusals=False),
                InspectorWay(self, "tools/call", "modern", refusals=plain)]


def observed():
    return ["--import", (CLIENTS / "observe_fetch.mjs").as_uri()]


def authority(lab, trusted, variable):
    """The variable by which a client is told of a private certificate authority."""
    return {variable: str(lab.certificates.ca)} if lab.certificates and trusted else {}


TOKEN_KINDS = [TypescriptClient(), PythonClient(), Inspector(), *PGEDGE_KINDS]
