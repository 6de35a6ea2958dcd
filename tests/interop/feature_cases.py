"""What a client must see of the `everything` backend, in both eras, over HTTP with a token and over stdio.

  lists, tools, resources, a template, prompts, completion, progress, structured content
  sampling and elicitation, answered by the client: a tool's, a prompt's, several at once, one after another
  changes: the list of tools, a watched resource
  over HTTP with a wrong token: nothing at all
"""

from client_program import expectEra
from gate_lab import Failed, GateLab

VERSIONS = {"legacy": "2025-11-25", "modern": "2026-07-28"}
WATCHED = "test://watched-resource"
HELD = {  # step -> what its line must hold; a list of names may have more
    "tools": {"names": ["test_simple_text", "test_sampling", "test_elicitation", "test_update_resource"]},
    "resources": {"names": ["test://static-text", "test://static-binary", WATCHED]},
    "templates": {"names": ["test://template/{id}/data"]},
    "prompts": {"names": ["test_simple_prompt", "test_prompt_with_arguments", "test_prompt_with_image"]},
    "call": {"text": "This is a simple text response for testing."},
    "structured": {"values": {"city": "Oslo", "degrees": 21.5}},
    "read": {"text": "This is the content of the static text resource."},
    "read-template": {"text": '{"data":"Data for ID: 7","id":"7","templateTest":true}'},
    "prompt": {"text": "Prompt with arguments: arg1='one', arg2='two'"},
    "completion": {"values": ["paris", "park", "party"]},
    "progress": {"text": "Progress finished"},
    "progress-seen": {"values": [0, 50, 100]},
    "sampling": {"text": "LLM response: answer to: the question"},
    "elicitation": {"text": 'User response: action=accept, content={"email":"ada@example.org","username":"ada"}'},
    "declined": {"text": "User response: action=decline, content=null"},
    "several": {"text": 'Inputs: {"greeting":{"content":{"text":"answer to: Generate a greeting","type":"text"},'
                        '"model":"interop","role":"assistant"},'
                        '"user_name":{"action":"accept","content":{"name":"Ada"}}}'},
    "rounds": {"text": "Ada likes blue"},
    "prompt-elicitation": {"text": "Use this context: interop"},
    "tools-changed": {},
    "resource-updated": {"text": WATCHED},
}
STEPS = ["connected", *HELD, "closed"]


def runAll(kind):
    with GateLab("http", backend={"plugin": "everything"}) as lab:
        try:
            for way in kind.ways():
                checkRight(way, lab)
            checkRefused(kind.ways()[0], lab)
        except Failed as failed:
            raise Failed(lab.hideTokens(f"{failed}\n  the server said:\n{lab.logTail()}")) from None


def checkRight(way, lab):
    outcome = way.start(lab, lab.right).finish()
    if outcome.code != 0:
        raise Failed(f"{way}: the client failed\n{outcome}")
    if bad := [note for note in outcome.wire if note["status"] >= 400]:
        raise Failed(f"{way}: the client met {[note['status'] for note in bad]}\n{outcome}")
    way.check(outcome)
    print(f"  ok: {way}")


def checkRefused(way, lab):
    outcome = way.start(lab, lab.wrong).finish()
    if outcome.code == 0 or outcome.steps("connected"):
        raise Failed(f"{way}: a wrong token was let in\n{outcome}")
    if bad := [note for note in outcome.posts() if note["status"] != 401]:
        raise Failed(f"{way}: a wrong token met {[note['status'] for note in bad]}\n{outcome}")
    print(f"  ok: {way}: wrong token: refused")


def checkSteps(era, outcome):
    """What the program of an SDK printed, and the versions it spoke."""
    lines = outcome.steps()
    if [line["step"] for line in lines] != STEPS:
        raise Failed(f"the client did not come through the steps {STEPS}\n{outcome}")
    if lines[0]["version"] != VERSIONS[era]:
        raise Failed(f"era {era}: the client says {lines[0]['version']}\n{outcome}")
    for line in lines:
        for name, wanted in HELD.get(line["step"], {}).items():
            if not holds(name, line[name], wanted):
                raise Failed(f"{line['step']}: wanted {wanted}, found {line[name]}\n{outcome}")
    if outcome.wire:
        expectEra(era, outcome)


def holds(name, found, wanted):
    """Names may be more, in any order, but none twice."""
    return set(wanted) <= set(found) and len(set(found)) == len(found) if name == "names" else found == wanted
