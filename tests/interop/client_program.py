"""A client as a process of its own, and what came of it: exit code, output, and the answers it got.

The answers come from the client's observer (clients/observe_*), one JSON line each: method, path, version
(the MCP-Protocol-Version sent), status, challenge (WWW-Authenticate), and body where it was JSON.
"""

import json
import os
import subprocess
import time
from dataclasses import dataclass, field

from gate_lab import Failed

CLIENT_SECONDS = 120
MODERN = "2026-07-28"


@dataclass
class Outcome:
    label: str
    code: object
    out: str
    err: str
    wire: list = field(default_factory=list)

    def posts(self):
        return [note for note in self.wire if note["method"] == "POST"]

    def steps(self, name=None):
        """The JSON lines by which the SDK programs report this step, or every step."""
        lines = [json.loads(line) for line in self.out.splitlines() if line.startswith('{"')]
        return [line for line in lines if name in (None, line["step"])]

    def __str__(self):
        wire = "".join(f"    {json.dumps(note)[:1500]}\n" for note in self.wire) or "    nothing\n"
        return (f"  client: {self.label}\n  exit code: {self.code}\n  answers it got:\n{wire}"
                f"  standard output:\n{indented(self.out)}  standard error:\n{indented(self.err)}")


class Program:
    """A client that runs; finish() waits for it. `environment` is added to a small clean one."""

    def __init__(self, lab, label, command, environment, cwd=None, readWire=None):
        self.label = label
        self.files = {name: lab.folder / f"{time.monotonic_ns()}.{name}" for name in ("out", "err", "wire")}
        self.readWire = readWire or readNotes
        clean = cleanEnvironment(lab) | {"INTEROP_WIRE_LOG": str(self.files["wire"])} | environment
        with open(self.files["out"], "wb") as out, open(self.files["err"], "wb") as err:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=err, env=clean,
                                            cwd=cwd or lab.folder)

    def waitForOutput(self, text):
        deadline = time.monotonic() + CLIENT_SECONDS
        while text not in self.files["out"].read_text():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"the client never came to {text!r}\n{self.finish(0)}")
            time.sleep(0.05)

    def release(self):
        """Lets a client that waits on standard input go on; forgets the answers it got before."""
        self.files["wire"].write_text("")
        self.process.stdin.write(b"\n")
        return self.finish()

    def finish(self, seconds=CLIENT_SECONDS):
        try:
            self.process.communicate(timeout=seconds)
            code = self.process.returncode
        except subprocess.TimeoutExpired:
            self.stop()
            code = f"killed after {seconds} s"
        out, err = (self.files[name].read_text(errors="replace") for name in ("out", "err"))
        return Outcome(self.label, code, out, err, self.readWire(self.files["wire"]))

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def readNotes(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def expectEra(era, outcome):
    """`auto` must end up modern: the server speaks both."""
    versions = {note["version"] for note in outcome.posts()} - {None, ""}
    if not versions or (MODERN in versions) != (era != "legacy") or (era != "legacy" and len(versions) > 1):
        raise Failed(f"era {era}: the client spoke protocol versions {sorted(versions)}\n{outcome}")


def cleanEnvironment(lab):
    """Nothing of the caller's proxies, certificate settings or dot files reaches a client."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"HOME": str(lab.home), "LANG": "C.UTF-8", "NO_PROXY": "*", "no_proxy": "*"}


def indented(text):
    return "".join(f"    {line[:1500]}\n" for line in text.splitlines()[-40:]) or "    nothing\n"
