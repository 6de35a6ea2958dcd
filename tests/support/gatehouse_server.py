"""Starts the real server on a free port in one line, and everything a test asks of it.

    with GatehouseServer(limits={"idle_seconds": 0.5}) as server:
        reply = server.call("echo", {"text": "hi"})

The server gets a settings file, a token file with one token and an audit file in a folder of its own.
Leaving the block sends SIGTERM and insists on exit code 0 within the drain time.
The executable is build/release/bin/gatehouse, or what GATEHOUSE_BIN names.
"""

import functools
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from http_wire import EventStream, Wire, request_bytes
from minted_tokens import TokenFile

ROOT = Path(__file__).resolve().parents[2]
MODERN = "2026-07-28"
START_SECONDS = float(os.environ.get("GATEHOUSE_START_SECONDS", "20"))


def executable():
    path = Path(os.environ.get("GATEHOUSE_BIN", ROOT / "build/release/bin/gatehouse"))
    if not path.exists():
        raise FileNotFoundError(f"no server at {path}: run `make build`, or name one in GATEHOUSE_BIN")
    return str(path)


def test_plugin(name):
    """The full path of a plugin that exists for the tests only."""
    return str(Path(executable()).resolve().parents[1] / "lib" / "tests" / f"{name}.so")


@functools.cache
def sanitized():
    """True for a build that cannot stand another preloaded library."""
    if "GATEHOUSE_SANITIZER" in os.environ:
        return True
    with open(executable(), "rb") as program:
        content = program.read()
    return b"__asan_init" in content or b"__tsan_init" in content


def slowness():
    """By how much deadlines of a test grow under a sanitizer."""
    return 5.0 if sanitized() else 1.0


def kept_freed_kib():
    """What AddressSanitizer keeps of freed memory (its quarantine's default): a limit on memory allows for it."""
    return 256 * 1024 if sanitized() else 0


def command(*words, stdin=None, **more):
    """Runs a command of the executable to its end."""
    more.setdefault("timeout", 60)
    return subprocess.run([executable(), *map(str, words)], input=stdin, text=True, errors="replace",
                          capture_output=True, check=False, **more)


def merged(base, more):
    """Both settings trees in one; `more` wins."""
    out = dict(base)
    for key, value in (more or {}).items():
        out[key] = merged(out[key],
                          value) if isinstance(value, dict) and isinstance(out.get(key), dict) else value
    return out


class GatehouseServer:
    """One server process with its own folder, settings, tokens and logs."""
    def __init__(self, settings=None, limits=None, backend="echo", tokens=1, form="list", started=True,
                 **process):
        self.folder = Path(tempfile.mkdtemp(prefix="gatehouse-e2e-"))
        self.token_file = TokenFile(self.folder / "tokens.yaml", form)
        for _ in range(tokens):
            self.token_file.add()
        self.audit_path = self.folder / "audit.log"
        self.settings_path = self.folder / "settings.yaml"
        self.settings = settings if isinstance(settings, str) else merged(self._defaults(backend, limits), settings)
        self.process_options = process
        self.process = None
        self.lines = []
        self.streams = []
        self.unread = threading.Event()
        self.more_lines = threading.Condition()
        if started:
            self.start()

    def _defaults(self, backend, limits):
        chosen = backend if isinstance(backend, dict) else {"plugin": backend}
        return {
            "http": {"address": "127.0.0.1:0", "limits": limits
                     or {}}, "auth": {"token_file": self.token_file.path}, "backend": chosen,
            "metrics": {"address": "127.0.0.1:0"}, "audit": {"file": str(self.audit_path)}
        }

    # --- life ---------------------------------------------------------------------------------

    def start(self):
        self.write_settings()
        self.launch()
        try:
            self._await_listening()
        except BaseException:
            self.discard()
            raise
        return self

    def write_settings(self):
        """Settings are written as JSON, which every YAML reader takes; a text of settings as it stands."""
        text = self.settings if isinstance(self.settings, str) else json.dumps(self.settings, indent=1)
        self.settings_path.write_text(text, encoding="utf-8")

    def launch(self):
        """Starts the process without waiting for it to listen."""
        options = dict(self.process_options)
        words = [
            *options.pop("wrap", ()),
            executable(), "serve", "--config",
            str(self.settings_path), *options.pop("words", ())
        ]
        environment = {**os.environ, **options.pop("env", {})}
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env=environment, **options)
        self.lines = []
        threading.Thread(target=self._collect, args=(self.process.stdout, self.lines), daemon=True).start()

    def _collect(self, pipe, lines):
        for raw in pipe:
            with self.more_lines:
                lines.append(raw.decode("utf-8", "surrogateescape").rstrip("\n"))
                self.more_lines.notify_all()
            while self.unread.is_set():
                time.sleep(0.02)
        pipe.close()
        with self.more_lines:
            lines.append(None)
            self.more_lines.notify_all()

    def _await_listening(self):
        line = self.wait_line(r"Listening on https?://", START_SECONDS * slowness())
        self.scheme, self.host, self.port = self._place(line)
        if isinstance(self.settings, dict) and self.settings["metrics"]:
            line = self.wait_line(r"Metrics on https?://", 5 * slowness())
            self.metrics_place = self._place(line)[1:]

    def _drain_seconds(self):
        return self.settings["http"]["limits"].get("drain_seconds", 30) if isinstance(self.settings, dict) else 30

    @staticmethod
    def _place(line):
        scheme, host, port = re.search(r"(https?)://(\[[^]]+\]|[^:/]+):(\d+)", line).groups()
        return scheme, host.strip("[]"), int(port)

    def __enter__(self):
        return self

    def __exit__(self, kind, *unused):
        if kind is None and self.alive():
            self.stop()
        self.discard()

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, within=None):
        """SIGTERM; the server must end by itself with exit code 0 within the drain time."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(within or self._drain_seconds() + 5)
        took = time.monotonic() - began
        assert code == 0, f"exit code {code} after SIGTERM; last lines: {self.log_tail()}"
        self._await_log_end()
        return took

    def _await_log_end(self, within=5.0):
        """What the process wrote before its end has been read, unless the pipe is in other hands."""
        with self.more_lines:
            self.more_lines.wait_for(lambda: self.unread.is_set() or None in self.lines, within * slowness())

    def wait_exit(self, within=10):
        return self.process.wait(within)

    def discard(self):
        if self.alive():
            self.process.kill()
            self.process.wait()
        for stream in self.streams:
            stream.wire.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- what it says -------------------------------------------------------------------------

    def wait_line(self, pattern, within=5.0, after=0):
        """The first line from index `after` that the pattern is found in; fails when none comes in time."""
        limit = time.monotonic() + within
        with self.more_lines:
            while True:
                fresh = [line for line in self.lines[after:] if line is not None]
                found = next((line for line in fresh if re.search(pattern, line)), None)
                if found is not None:
                    return found
                left = limit - time.monotonic()
                assert left > 0 and None not in self.lines, f"no line like {pattern!r}; lines: {fresh[-20:]}"
                self.more_lines.wait(left)

    def line_count(self):
        with self.more_lines:
            return len(self.lines)

    def log_lines(self):
        with self.more_lines:
            return [line for line in self.lines if line is not None]

    def log_tail(self):
        return "\n".join(self.log_lines()[-15:])

    def audit_bytes(self):
        """What is written so far, without a line that is still being written."""
        written = self.audit_path.read_bytes() if self.audit_path.exists() else b""
        return written[: written.rfind(b"\n") + 1]

    def metrics(self):
        """All samples as {name{labels}: value}."""
        with Wire(*self.metrics_place) as wire:
            reply = wire.request("GET", "/metrics")
        assert reply.status == 200, reply
        rows = (line.rsplit(" ", 1) for line in reply.text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in rows}

    def metric(self, *words):
        """The sum of all samples whose name holds every word; fails when there is none."""
        found = [
            value for name, value in self.metrics().items()
            if all(word in name.lower() for word in words) and "_bucket" not in name
        ]
        assert found, f"no metric with {words} among {sorted(self.metrics())}"
        return sum(found)

    # --- talking to it ------------------------------------------------------------------------

    @property
    def token(self):
        return self.token_file.tokens[0]

    @property
    def authority(self):
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def wire(self, **options):
        options.setdefault("timeout", 10.0 * slowness())
        return Wire(self.host, self.port, **options)

    def raw(self, data, within=10.0):
        """Sends the bytes on a fresh connection; everything that comes until the server closes it."""
        with self.wire(timeout=within) as wire:
            wire.send(data)
            return wire.rest(within)

    def fields(self, token="first", headers=None):
        """The header fields of an ordinary call; a header of None is left out."""
        chosen = self.token if token == "first" else token
        fields = {"Content-Type": "application/json"}
        if chosen is not None:
            fields["Authorization"] = f"Bearer {getattr(chosen, 'text', chosen)}"
        fields.update(headers or {})
        return {name: value for name, value in fields.items() if value is not None}

    def post(self, body, path="/mcp", token="first", headers=None, wire=None):
        """POSTs a JSON value, or bytes as they are, on the wire given or on a fresh connection."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if wire is not None:
            return wire.request("POST", path, self.fields(token, headers), data)
        with self.wire() as fresh:
            return fresh.request("POST", path, self.fields(token, headers), data)

    def get(self, path, headers=None):
        with self.wire() as wire:
            return wire.request("GET", path, headers or {})

    def rpc(self, method, params=None, call_id=1, **how):
        """One legacy request without a session."""
        message = {"jsonrpc": "2.0", "id": call_id, "method": method}
        if params is not None:
            message["params"] = params
        return self.post(message, **how)

    def call_bytes(self, tool, arguments, call_id=1, token="first", headers=None, modern=False):
        """The bytes of one tools/call, for tests that send them their own way."""
        params = {"name": tool, "arguments": arguments}
        if modern:
            params, own = self.modern_parts("tools/call", params)
            headers = {**own, **(headers or {})}
        message = {"jsonrpc": "2.0", "id": call_id, "method": "tools/call", "params": params}
        return request_bytes("POST", "/mcp", self.fields(token, headers),
                             json.dumps(message).encode(), self.authority)

    def call(self, tool, arguments=None, **how):
        """One legacy tools/call."""
        return self.rpc("tools/call", {"name": tool, "arguments": arguments or {}}, **how)

    @staticmethod
    def modern_parts(method, params):
        """The params with their _meta, and the headers that belong to them."""
        meta = {
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {}
        }
        headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": method}
        if "name" in (params or {}):
            headers["Mcp-Name"] = str(params["name"])
        return {"_meta": meta, **(params or {})}, headers

    def modern(self, method, params=None, headers=None, call_id=1, **how):
        """One request of the 2026-07-28 wire, with the headers that belong to it."""
        params, own = self.modern_parts(method, params)
        return self.rpc(method, params, call_id, headers={**own, **(headers or {})}, **how)

    def event_stream(self, token="first", session=None, timeout=10.0):
        """Opens the GET stream of a session, or without one the old transport's; its connection is .wire of what comes
        back."""
        fields = self.fields(token,
                             {"Accept": "text/event-stream", "Content-Type": None, "Mcp-Session-Id": session})
        wire = self.wire(timeout=timeout)
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        path = "/mcp" if session else "/mcp/sse"
        wire.send(f"GET {path} HTTP/1.1\r\nHost: {self.authority}\r\n{lines}\r\n".encode())
        head = wire.head()
        assert head.status == 200, f"no event stream: {head!r}"
        assert "text/event-stream" in head.header("content-type", ""), head
        self.streams.append(EventStream(wire, head))
        return self.streams[-1]

    def assert_serves(self, text="still here"):
        """The server lives and the next ordinary request is answered."""
        assert self.alive(), f"the server ended with {self.process.poll()}: {self.log_tail()}"
        reply = self.call(
            "echo", {"text": text}) if self.settings["backend"]["plugin"] == "echo" else self.rpc("ping")
        assert reply.status == 200 and "result" in reply.json(), f"not served: {reply!r}"
