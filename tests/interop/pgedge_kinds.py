"""The curl, Python, JavaScript and Go examples of the pgEdge document, as written in pgedge_examples.md.

Only scheme, host and port of the URL and the token are put in (and in one more run of the query, SQL for
its sentence). Each runs beside an observer: the Go example prints nothing, and none prints the status.
"""

import ast
import json
import re
from dataclasses import dataclass, field

import client_needs
from client_program import Program
from gate_lab import EXPECTED_NAMES, QUERY, UNEXPECTED_NAME, Failed

CLIENTS = client_needs.CLIENTS
PATH = "/mcp/v1"
SENTENCE = "Show me all active users"


def example(title):
    document = (client_needs.HERE / "pgedge_examples.md").read_text()
    return re.search(rf"^## {re.escape(title)}\n.*?^```\w+\n(.*?)^```", document, re.MULTILINE | re.DOTALL)[1]


def filledIn(text, lab, token):
    """The example with this lab's URL and this token; a place that is not found would make a vain test."""
    text, urls = re.subn(r"https?://localhost:8080/mcp/v1", lab.url(PATH), text)
    text, tokens = re.subn(r"O9ms9jqTfUdy-DIjvpFWeqd_yH_NEj7me0mgOnOjGdQ=|YOUR_TOKEN_HERE", token, text)
    assert (urls, tokens) == (1, 1), (urls, tokens)
    return text


def expectListed(result, outcome):
    names = [tool["name"] for tool in result["tools"]]
    if not {"query_database", "list_tables", "describe_table"} <= set(names):
        raise Failed(f"tools/list has only {names}\n{outcome}")


def expectInitialized(result, outcome):
    if result["protocolVersion"] != "2024-11-05" or not result["serverInfo"]["name"]:
        raise Failed(f"initialize asked for 2024-11-05 and got {result}\n{outcome}")


def expectSqlError(result, outcome):
    """The document's sentence is no SQL: the tool says so, and the protocol call still succeeds."""
    if result.get("isError") is not True or not result["content"][0]["text"]:
        raise Failed(f"a sentence that is no SQL was not answered as a tool's error\n{outcome}")


def expectRows(result, outcome):
    text = "".join(block.get("text", "") for block in result["content"])
    if result.get("isError") or UNEXPECTED_NAME in text or any(name not in text for name in EXPECTED_NAMES):
        raise Failed(f"the rows are not {EXPECTED_NAMES}\n{outcome}")


@dataclass
class PgedgeWay:
    kind: object
    title: str
    expect: object
    change: tuple = ("", "")
    refusals: bool = True
    canHold: bool = field(default=False, init=False)

    def __str__(self):
        return f"{self.kind.name}: example {self.title!r}{' with SQL' if self.change[0] else ''}"

    def start(self, lab, token, trusted=True):
        text = filledIn(example(self.title).replace(*self.change), lab, token)
        return self.kind.start(lab, str(self), text, lab.certificates if trusted else None)

    def checkRight(self, outcome):
        answer = json.loads(outcome.wire[-1]["body"])
        if "result" not in answer:
            raise Failed(f"no result came back\n{outcome}")
        self.expect(answer["result"], outcome)
        self.kind.checkPrinted(answer, outcome)

    def checkRefused(self, outcome):
        """The examples look at no status; that the answer was a 401 is seen by the observer."""


class Curl:
    name = "pgedge-curl"
    schemes = ["http", "https"]

    def prepare(self):
        client_needs.tool("bash", "Debian package bash")
        client_needs.tool("curl", "Debian package curl")

    def ways(self, scheme):
        return [PgedgeWay(self, "curl: list tools", expectListed),
                PgedgeWay(self, "curl: initialize", expectInitialized),
                PgedgeWay(self, "curl: query", expectSqlError),
                PgedgeWay(self, "curl: query", expectRows, (SENTENCE, QUERY), refusals=False)]

    def start(self, lab, label, text, certificates):
        authority = f"--cacert '{certificates.ca}'" if certificates else ""
        options = f'-sS {authority} -o body -D "$INTEROP_WIRE_LOG"'
        observer = f'curl() {{ command curl {options} "$@" && cat body; }}\n'
        command = ["bash", "-c", observer + text]
        return Program(lab, label, command, {}, readWire=lambda path: readHeads(path, lab))

    def checkPrinted(self, answer, outcome):
        pass


def readHeads(path, lab):
    """The note of the last answer in a file of `curl --dump-header`."""
    heads = path.read_text().replace("\r", "").strip().split("\n\n") if path.exists() else [""]
    if not heads[-1]:
        return []
    status, *lines = heads[-1].split("\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return [{"method": "POST", "path": PATH, "version": None, "status": int(status.split()[1]),
             "challenge": fields.get("www-authenticate"), "body": (lab.folder / "body").read_text()}]


class PythonRequests:
    name = "pgedge-python"
    schemes = ["http", "https"]

    def prepare(self):
        self.python, self.site = client_needs.pythonWithPackages()

    def ways(self, scheme):
        return [PgedgeWay(self, "Python", expectListed)]

    def start(self, lab, label, text, certificates):
        program = lab.folder / "example.py"
        program.write_text(text)
        environment = {"PYTHONPATH": str(self.site)}
        if certificates:
            environment["REQUESTS_CA_BUNDLE"] = str(certificates.ca)
        command = [self.python, "-s", str(CLIENTS / "observe_requests.py"), str(program)]
        return Program(lab, label, command, environment)

    def checkPrinted(self, answer, outcome):
        if ast.literal_eval(outcome.out) != answer:
            raise Failed(f"the example printed something else than the answer\n{outcome}")


class JavascriptFetch:
    name = "pgedge-javascript"
    schemes = ["http", "https"]

    def prepare(self):
        self.node = client_needs.node()

    def ways(self, scheme):
        return [PgedgeWay(self, "JavaScript/Node.js", expectListed)]

    def start(self, lab, label, text, certificates):
        program = lab.folder / "example.mjs"
        program.write_text(text)
        environment = {"NODE_EXTRA_CA_CERTS": str(certificates.ca)} if certificates else {}
        observer = (CLIENTS / "observe_fetch.mjs").as_uri()
        return Program(lab, label, [self.node, "--import", observer, str(program)], environment)

    def checkPrinted(self, answer, outcome):
        if "tools:" not in outcome.out:
            raise Failed(f"the example printed no tools\n{outcome}")


class GoHttp:
    name = "pgedge-go"
    schemes = ["http", "https"]

    def prepare(self):
        self.go = client_needs.goTool()

    def ways(self, scheme):
        return [PgedgeWay(self, "Go", expectListed)]

    def start(self, lab, label, text, certificates):
        (lab.folder / "example.go").write_text(text)
        (lab.folder / "observe_transport.go").write_bytes((CLIENTS / "observe_transport.go").read_bytes())
        cache = client_needs.STORE / "go"
        environment = {"GOCACHE": str(cache / "build"), "GOPATH": str(cache / "path"), "GOTOOLCHAIN": "local",
                       "GOPROXY": "off", "CGO_ENABLED": "0"}
        if certificates:
            environment["SSL_CERT_FILE"] = str(certificates.ca)
        return Program(lab, label, [self.go, "run", "example.go", "observe_transport.go"], environment)

    def checkPrinted(self, answer, outcome):
        pass


PGEDGE_KINDS = [Curl(), PythonRequests(), JavascriptFetch(), GoHttp()]
