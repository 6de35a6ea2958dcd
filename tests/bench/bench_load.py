"""Puts load on a server and says what it cost: wrk, the crowd client, and single requests."""

import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import time
from dataclasses import dataclass

from bench_servers import HERE, OUT, TEXT, TOKEN, BenchError, compile_c

CALL = {"name": "echo", "arguments": {"text": TEXT}}
ECHO = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": CALL}
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
BOTH_TYPES = "application/json, text/event-stream"
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass
class Sample:
    """One wrk run against one server."""

    requests: int
    own_seconds: float  # of processor time in the server's own code
    kernel_seconds: float  # and in the kernel for it
    wall_seconds: float
    p99_ms: float
    refused: int

    @property
    def cpu_seconds(self):
        return self.own_seconds + self.kernel_seconds

    @property
    def own_us(self):
        return self.own_seconds * 1e6 / self.requests

    @property
    def kernel_us(self):
        return self.kernel_seconds * 1e6 / self.requests

    @property
    def us_per_request(self):
        return self.cpu_seconds * 1e6 / self.requests

    @property
    def per_cpu_second(self):
        return self.requests / self.cpu_seconds

    @property
    def busy(self):
        return self.cpu_seconds / self.wall_seconds


def request_bytes(method="POST", path="/mcp", body=None, token=TOKEN, accept=BOTH_TYPES):
    text = "" if body is None else json.dumps(body, separators=(",", ":"))
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Accept: {accept}"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(text)}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()


def modern(method, params, name=None):
    """The bytes of one request of 2026-07-28."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": META}}
    head, _, text = request_bytes(body=body).partition(b"\r\n\r\n")
    lines = [head.decode(), "MCP-Protocol-Version: 2026-07-28", f"Mcp-Method: {method}"]
    lines += [f"Mcp-Name: {name}"] if name else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + text


def read_answer(connection, whole=True):
    """Reads one answer (or, if not `whole`, at least its head) and returns the bytes."""
    data = b""
    while b"\r\n\r\n" not in data or (whole and len(data) < answer_size(data)):
        piece = connection.recv(65536)
        if not piece:
            raise BenchError(f"the server closed the connection after {data!r}")
        data += piece
    return data


def answer_size(data):
    head, _, _ = data.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length:\s*(\d+)", head, re.IGNORECASE)
    return len(head) + 4 + (int(length.group(1)) if length else 0)


def call_once(port, request):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        return read_answer(connection)


def check_echo(server):
    """Fails unless the server answers the call with the text, and 401 without a token."""
    answer = call_once(server.port, modern("tools/call", CALL, "echo"))
    if not answer.startswith(b"HTTP/1.1 200") or TEXT.encode() not in answer:
        raise BenchError(f"{server.name} does not answer the echo call: {answer[:300]!r}")
    refusal = call_once(server.port, request_bytes(body=ECHO, token="wrong"))
    if not refusal.startswith(b"HTTP/1.1 401"):
        raise BenchError(f"{server.name} takes a wrong token: {refusal[:300]!r}")
    return answer


def wrk_text(server, call, connections, seconds, token):
    wrk = shutil.which("wrk")
    if wrk is None:
        raise BenchError("wrk is not installed (Debian package wrk)")
    environment = dict(os.environ, GATEHOUSE_BENCH_CALL=call, GATEHOUSE_BENCH_TOKEN=token)
    url = server.url("/health" if call == "health" else "/mcp")
    command = [wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency"]
    command += ["-s", HERE / "bench_echo.lua", url]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def number(pattern, text, default=0):
    found = re.search(pattern, text)
    return int(found.group(1)) if found else default


def p99_ms(text):
    found = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", text)
    return float(found.group(1)) * UNITS[found.group(2)] if found else float("nan")


def parse_wrk(text, before, after, wall):
    return Sample(
        requests=number(r"(\d+) requests in", text),
        own_seconds=after[0] - before[0],
        kernel_seconds=after[1] - before[1],
        wall_seconds=wall,
        p99_ms=p99_ms(text),
        refused=number(r"Non-2xx or 3xx responses: (\d+)", text),
    )


def run_wrk(server, call="echo", connections=64, seconds=5.0, token=TOKEN):
    """One wrk run. Fails when an answer is not what the call should get, or a connection breaks."""
    started, before = time.monotonic(), server.cpu_seconds()
    text = wrk_text(server, call, connections, seconds, token)
    sample = parse_wrk(text, before, server.cpu_seconds(), time.monotonic() - started)
    broken = re.search(r"Socket errors: .*", text)
    wanted_refusals = 0 if token or call == "health" else sample.requests
    if sample.requests == 0 or sample.refused != wanted_refusals or (broken and wanted_refusals == 0):
        raise BenchError(f"{server.name}, {call}: not a clean run:\n{text}")
    return sample


def forget_audit(server):
    """Empties the file the server writes its calls to, so that rounds do not fill the disk."""
    if server.audit and server.audit.exists():
        os.truncate(server.audit, 0)


def audit_lines(server):
    """Lines in the audit file once it stopped growing."""
    size = -1
    while size != (size := server.audit.stat().st_size):
        time.sleep(0.5)
    with open(server.audit, "rb") as lines:
        return sum(piece.count(b"\n") for piece in iter(lambda: lines.read(1 << 20), b""))


def run_crowd(server, connections=256, seconds=5.0):
    """What each of the connections got; see crowd_client.c."""
    request = OUT / "request.bin"
    request.write_bytes(request_bytes(body=ECHO))
    command = [compile_c("crowd_client"), str(server.port), str(connections), str(seconds), request]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def median(values):
    return statistics.median(values)
