"""Builds and starts what is measured: the bare socket loop, the rmcp server and Gatehouse.

Every server runs on the first core this process may use, everything else on the last one.
"""

import base64
import contextlib
import hashlib
import json
import os
import re
import resource
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUT = ROOT / "build" / "bench"
RMCP_TARGET = ROOT / "build" / "bench-rmcp"
TICKS = os.sysconf("SC_CLK_TCK")
TEXT = "hello, gatehouse"
BARE_PORT = r"^(\d+)$"
GATEHOUSE_PORT = r"^.*Listening on https?://[^/\s]*:(\d+)/"
TOKEN = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
LIMITED = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()  # a token with limits that are never reached


class BenchError(Exception):
    """Something that makes a measurement impossible; the text is shown to the user."""


class Cores:
    """Which core the servers have, and which one the load."""

    allowed = sorted(os.sched_getaffinity(0))
    server, load = allowed[0], allowed[-1]

    @classmethod
    def use_load_core(cls):
        os.sched_setaffinity(0, {cls.load})

    @classmethod
    @contextlib.contextmanager
    def server_core(cls):
        """What is started in this block inherits the server's core."""
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {cls.server})
        try:
            yield
        finally:
            os.sched_setaffinity(0, before)


def raise_open_files():
    """Asks for 20,480 open files (10,100 connections on each side) and tells what was granted."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (20480, hard):
        limit = wanted if hard == resource.RLIM_INFINITY or wanted <= hard else hard
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
            return limit
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.01)
    raise BenchError(f"{what}: nothing after {seconds:g} s")


class Server:
    """A running server: its port, and what the kernel knows of its process."""

    scheme = "http"

    def __init__(self, name, argv, port_pattern, audit=None):
        self.name, self.audit = name, audit
        self.log = OUT / f"{name.replace(' ', '-')}.log"
        with open(self.log, "wb") as sink, Cores.server_core():
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink)
        self.pid = self.process.pid
        self.port = self._read_port(re.compile(port_pattern, re.MULTILINE))

    def _read_port(self, pattern):
        def seen():
            if self.process.poll() is not None:
                raise BenchError(f"{self.name} ended with {self.process.returncode}: {self._tail()}")
            return pattern.search(self.log.read_text(errors="replace"))

        return int(wait_for(seen, 10, f"{self.name} told no port").group(1))

    def _tail(self):
        return self.log.read_text(errors="replace")[-600:].strip()

    def url(self, path="/mcp"):
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def cpu_seconds(self):
        """Of the process, all threads, also ended ones: in its own code, and in the kernel for it."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) / TICKS, int(fields[12]) / TICKS

    def pss_kib(self):
        rollup = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE).group(1))

    def threads(self):
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"^Threads:\s+(\d+)", status, re.MULTILINE).group(1))

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.audit:
            self.audit.unlink(missing_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def compile_c(name, *libraries):
    OUT.mkdir(parents=True, exist_ok=True)
    program = OUT / name
    compiler = os.environ.get("CC", "cc")
    subprocess.run([compiler, "-O2", "-Wall", "-Wextra", "-o", program, HERE / f"{name}.c", *libraries],
                   check=True)
    return program


def bare_argv(response=None):
    program = compile_c("bare_loop")
    if response is None:
        return [program]
    (OUT / "answer.bin").write_bytes(response)
    return [program, OUT / "answer.bin"]


def bare_loop(response=None):
    return Server("bare loop", bare_argv(response), BARE_PORT)


def build_rmcp():
    """Returns the rmcp server's executable, or None (having said why)."""
    if shutil.which("cargo") is None:
        print("rmcp: skipped, cargo is not installed")
        return None
    print("building the rmcp server (some minutes the first time)", flush=True)
    environment = dict(os.environ, CARGO_TARGET_DIR=str(RMCP_TARGET))
    manifest = HERE / "rmcp_server" / "Cargo.toml"
    command = ["cargo", "build", "--release", "--locked", "--quiet", "--manifest-path", manifest]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        print(f"rmcp: skipped, cargo build failed: {done.stderr.strip()[-600:]}")
        return None
    return RMCP_TARGET / "release" / "rmcp_echo"


def token_hash(text=TOKEN):
    return hashlib.sha256(text.encode()).hexdigest()


def rmcp_server(program, style="documented"):
    """style: documented (as its macros make it), shared (tool table built once), logging (at info)."""
    log = OUT / "rmcp-calls.log" if style == "logging" else None
    argv = [program, "--token-hash", token_hash()]
    argv += ["--tools", "shared"] if style == "shared" else []
    argv += ["--log", log] if log else []
    return Server(f"rmcp {style}", argv, BARE_PORT, log)


def gatehouse_program():
    program = Path(os.environ.get("GATEHOUSE_BIN", ROOT / "build/release/bin/gatehouse"))
    if not os.access(program, os.X_OK):
        raise BenchError(f"{program} is not there: run `make build` first")
    return program


def write_token_file():
    path = OUT / "tokens.yaml"
    entry = {"id": "bench", "hash": token_hash(), "note": "bench", "created_at": "2024-10-30T10:15:30Z"}
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    limits = {"rate_limit": 1_000_000_000, "burst": 1_000_000_000}
    limited = {**entry, "id": "limited", "hash": token_hash(LIMITED), **limits}
    path.write_text(json.dumps({"tokens": [entry, limited]}))
    return path


def own_certificate():
    """A certificate and its key, as settings of http.tls."""
    cert, key = OUT / "cert.pem", OUT / "key.pem"
    key.unlink(missing_ok=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-keyout", key, "-out", cert], check=True, capture_output=True)
    key.chmod(0o600)
    return {"enabled": True, "cert_file": str(cert), "key_file": str(key)}


def write_settings(name, audit, metrics, port=0, backend="echo", auth=None, http=None):
    """Settings as JSON, which is YAML. Audit and metrics are on as shipped unless told otherwise."""
    settings = {
        "http": {"address": f"127.0.0.1:{port}", **(http or {})},
        "auth": {"token_file": str(write_token_file()), **(auth or {})},
        "backend": backend if isinstance(backend, dict) else {"plugin": backend},
    }
    if audit:
        settings["audit"] = {"file": str(audit)}
    if metrics:
        settings["metrics"] = {"address": "127.0.0.1:0"}
    path = OUT / f"{name.replace(' ', '-')}.yaml"
    path.write_text(json.dumps(settings, indent=2))
    return path


def gatehouse_argv(name="gatehouse", audit=True, metrics=True, port=0, backend="echo", auth=None, http=None):
    audit_file = OUT / f"{name.replace(' ', '-')}-audit.log" if audit else None
    settings = write_settings(name, audit_file, metrics, port, backend, auth, http)
    return [gatehouse_program(), "serve", "--config", settings], audit_file


def gatehouse(name="gatehouse", audit=True, metrics=True, backend="echo", auth=None, http=None):
    argv, audit_file = gatehouse_argv(name, audit, metrics, backend=backend, auth=auth, http=http)
    if audit_file:
        audit_file.unlink(missing_ok=True)
    server = Server(name, argv, GATEHOUSE_PORT, audit_file)
    server.scheme = "https" if http and "tls" in http else "http"
    return server
