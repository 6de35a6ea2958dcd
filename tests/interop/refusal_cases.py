"""What the user of a client reads where the server refuses, and that a right token works.

  right              lists the tools and calls one
  none, wrong, expired  401; the user reads what is wrong with the token
  narrow             403 on the call of one tool (a rule of the policy); the user reads the scope that is missing
  scopeless          403 on everything (required_scopes); likewise

SERVER_WORDS are the server's sentences. A client that replaces them has its own in `Reading`: the test then insists on
those, and on the server's not being there, so that a client or an answer that has changed is noticed.
"""

import json
from dataclasses import dataclass

from gate_lab import Failed
from refusal_lab import RefusalLab

NOT_VALID = "401: the access token is not valid (unknown, expired or removed)"
SERVER_WORDS = {
    "none": "401: this server wants a token: send the header Authorization: Bearer <API token>",
    "wrong": NOT_VALID,
    "expired": NOT_VALID,
    "narrow": "403: the access token lacks scopes; needed: write:data",
    "scopeless": "403: the access token lacks scopes; needed: mcp:use",
}
NO_SIGN_IN = "This server has no sign-in. Set the header Authorization: Bearer <API token>"


@dataclass
class Reading:
    """What a client shows in place of the server's words: in what it raises, and in its log ("" where in none)."""

    raised: str
    logged: str = ""


def runAll(kind):
    with RefusalLab() as lab:
        try:
            outcome = kind.start(lab, casesFor(lab)).finish()
            judge(kind, outcome)
        except Failed as failed:
            raise Failed(lab.hideTokens(f"{failed}\n  the server said:\n{lab.logTail()}")) from None


def casesFor(lab):
    call = {"tool": "echo", "arguments": {"text": "hello"}}
    return json.dumps([{"name": name, "token": token, **call} for name, token in lab.tokens.items()])


def judge(kind, outcome):
    reports = {line["name"]: line for line in map(json.loads, outcome.out.splitlines()) if "name" in line}
    if outcome.code != 0 or set(reports) != {"right", *SERVER_WORDS}:
        raise Failed(f"{kind.name}: the client's program did not come to its end\n{outcome}")
    expectRight(kind, reports["right"])
    for name, words in SERVER_WORDS.items():
        expectRefusal(kind, reports[name], words)
        print(f"  ok: {kind.name}: {name}: {shortened(reports[name]['error'])}")


def expectRight(kind, report):
    if "error" in report or report["tools"] != ["echo"] or "hello" not in report["text"]:
        raise Failed(f"{kind.name}: with the right token: {report}")


def expectRefusal(kind, report, words):
    """The user reads the server's words, or what the table has in their place."""
    name, error = report["name"], report.get("error", "")
    if name not in kind.replaced:
        if not says(error, words):
            raise Failed(f"{kind.name}: {name}: wanted {words!r} in what the user reads: {report}")
        return
    reading = kind.replaced[name]
    isOnlyLogged = reading.logged != "" and reading.logged in words
    if says(error, words) or (says(report["logged"], words) and not isOnlyLogged):
        raise Failed(f"{kind.name}: {name}: the user now reads {words!r}: take it out of `replaced` ({report})")
    if reading.raised not in error or reading.logged not in report["logged"]:
        raise Failed(f"{kind.name}: {name}: wanted {reading}: {report}")


def says(text, words):
    """The status and the sentence; some clients have other marks between the two."""
    status, sentence = words.split(": ", 1)
    return status in text and sentence in text


def shortened(text):
    return text if len(text) < 160 else text[:157] + "..."
