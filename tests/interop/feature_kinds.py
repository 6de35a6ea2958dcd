"""The clients that use every feature once: the four SDKs, and the command line of the Inspector.

A kind has a name, prepare() and ways(). A way starts a Program with a token; check() looks at its outcome.
"""

import json
from dataclasses import dataclass

import client_needs
import feature_cases
from client_kinds import Inspector, observed
from client_program import Program, expectEra
from gate_lab import Failed

CLIENTS = client_needs.CLIENTS
ERAS = ["legacy", "modern"]


@dataclass
class SdkFeatures:
    """An SDK program of clients/ in one era, over HTTP or as the parent of a server on its standard input."""

    kind: object
    era: str
    stdio: bool
    code = 0

    def __str__(self):
        return f"{self.kind.name}, {self.era} era, {'stdio' if self.stdio else 'http'}"

    def start(self, lab, token):
        target = serverCommand(lab) if self.stdio else [lab.url("/mcp"), token]
        return Program(lab, str(self), [*self.kind.command, self.era, *target], self.kind.environment)

    def check(self, outcome):
        feature_cases.checkSteps(self.era, outcome)


def serverCommand(lab):
    settings = lab.folder / "stdio.yaml"
    settings.write_text(json.dumps({"backend": {"plugin": "everything"}}))
    return ["--stdio", lab.executable, "serve", "--stdio", "--config", str(settings)]


class SdkKind:
    environment = {}

    def ways(self):
        return [SdkFeatures(self, era, stdio) for stdio in (False, True) for era in ERAS]


class TypescriptFeatures(SdkKind):
    name = "typescript-features"

    def prepare(self):
        packages = client_needs.npmPackages()
        # Beside node_modules, because that is where node looks for an import's package.
        program = packages.parent / "typescript_features.mjs"
        program.write_bytes((CLIENTS / "typescript_features.mjs").read_bytes())
        self.command = [client_needs.node(), *observed(), str(program)]


class PythonFeatures(SdkKind):
    name = "python-features"

    def prepare(self):
        python, site = client_needs.pythonWithPackages()
        # What the modern era has dropped is used in the legacy one: no warnings.
        self.command = [python, "-s", "-W", "ignore", str(CLIENTS / "python_features.py")]
        self.environment = {"PYTHONPATH": str(site)}


class GoFeatures(SdkKind):
    name = "go-features"

    def prepare(self):
        self.command = [str(client_needs.goProgram("go_features"))]


class RmcpFeatures(SdkKind):
    name = "rmcp-features"

    def prepare(self):
        self.command = [str(client_needs.cargoProgram("rmcp_features"))]


@dataclass
class InspectorFeatures:
    kind: object
    era: str
    method: str
    more: list
    word: str
    code: int = 0

    def __str__(self):
        return f"inspector --cli --method {self.method} {' '.join(self.more)} --protocol-era {self.era}"

    def start(self, lab, token):
        arguments = ["--cli", "--server-url", lab.url("/mcp"), "--transport", "http", "--format", "json",
                     "--header", f"Authorization: Bearer {token}", "--protocol-era", self.era,
                     "--stored-auth-only", "--method", self.method, *self.more]
        return Program(lab, str(self), [*self.kind.command, *arguments], {})

    def check(self, outcome):
        said = outcome.err if self.code else json.dumps(json.loads(outcome.out)["result"])
        if self.word not in said:
            raise Failed(f"{self}: wanted {self.word!r}\n{outcome}")
        expectEra(self.era, outcome)


class InspectorFeaturesKind(Inspector):
    name = "inspector-features"
    asked = [("tools/list", [], "test_simple_text"),
             ("tools/call", ["--tool-name", "test_simple_text"], "This is a simple text response"),
             ("resources/list", [], "test://static-text"),
             ("resources/templates/list", [], "test://template/{id}/data"),
             ("resources/read", ["--uri", "test://template/7/data"], "Data for ID: 7"),
             ("prompts/list", [], "test_prompt_with_arguments"),
             ("prompts/get", ["--prompt-name", "test_prompt_with_arguments", "--prompt-args", "arg1=one", "arg2=two"],
              "arg1='one', arg2='two'")]

    cannot = [(tool, ["--tool-name", tool, "--tool-arg", f"{argument}=hi"])
              for tool, argument in [("test_sampling", "prompt"), ("test_elicitation", "message")]]

    def ways(self):
        return [*(InspectorFeatures(self, era, *question) for era in ERAS for question in self.asked),
                *self.limits("legacy", "Tool '{}' returned isError:true", 5),
                *self.limits("modern", "Missing required client capability", 1)]

    def limits(self, era, said, code):
        """The command line answers no questions and says so in its capabilities: the server must not ask."""
        return [InspectorFeatures(self, era, "tools/call", more, said.format(tool), code)
                for tool, more in self.cannot]


FEATURE_KINDS = [TypescriptFeatures(), PythonFeatures(), GoFeatures(), RmcpFeatures(), InspectorFeaturesKind()]
