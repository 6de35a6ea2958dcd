"""1,000,000 tokens that the server has never seen: its memory has a bound, whether they are good or wrong."""

import hashlib
import hmac
import json
import socket
import time
from contextlib import contextmanager

import bench_servers as servers
from bench_load import ECHO, request_bytes
from bench_servers import BenchError
from bench_validators import SECRET, base64url

TOKENS, FILLED, AT_ONCE = 1_000_000, 200_000, 64
MOST_MIB = 16.0  # between the time when every bound is reached and the end
OWN = {"validator": "jwt", "limits": {"failures_per_minute": 1_000_000},
       "validators": {"jwt": {"secret": SECRET, "audience": "bench"}}}


class Mint:
    """A token of a subject of its own for each number; a wrong one has the signature of nobody."""

    def __init__(self, good):
        self.good, self.end = good, int(time.time()) + 86400
        self.head = base64url(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())

    def token(self, number):
        claims = b'{"aud":"bench","sub":"person-%d","exp":%d}' % (number, self.end)
        text = f"{self.head}.{base64url(claims)}"
        signature = hmac.digest(SECRET.encode(), text.encode(), hashlib.sha256) if self.good else bytes(32)
        return f"{text}.{base64url(signature)}"


def ask(connection, mint, begin, count, status):
    """Pipelined calls of so many new tokens; every answer has this status."""
    connection.sendall(b"".join(request_bytes(body=ECHO, token=mint.token(begin + i)) for i in range(count)))
    data, line = b"", b"HTTP/1.1 %d " % status
    while data.count(b"HTTP/1.1 ") < count or not data.endswith((b"}", b"\r\n\r\n")):
        piece = connection.recv(1 << 20)
        if not piece:
            raise BenchError(f"the server closed the connection after {data[-300:]!r}")
        data += piece
    if data.count(line) != count:
        raise BenchError(f"wanted {count} answers with {status}: {data[:300]!r}")


@contextmanager
def connected(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        yield connection


def grown_mib(good, tokens):
    """MiB that the server has grown by between FILLED tokens and all of them, and how long all took."""
    mint, status = Mint(good), 200 if good else 401
    began, filled = time.monotonic(), 0
    with servers.gatehouse("many tokens", audit=False, auth=OWN) as server, connected(server) as connection:
        for begin in range(0, tokens, AT_ONCE):
            if begin <= FILLED < begin + AT_ONCE:
                filled = server.pss_kib()
            ask(connection, mint, begin, min(AT_ONCE, tokens - begin), status)
        return (server.pss_kib() - filled) / 1024, filled / 1024, time.monotonic() - began


def measure_tokens(report, arguments):
    tokens = TOKENS // 4 if arguments.quick else TOKENS
    for good in (True, False):
        grown, filled, seconds = grown_mib(good, tokens)
        kind = "good" if good else "wrong"
        report.promise(f"{tokens:,} distinct {kind} tokens: MiB more than after {FILLED:,} ({filled:.0f} MiB, {seconds:.0f} s in all)",
                       f"{grown:.1f}", f"at most {MOST_MIB}", grown <= MOST_MIB)
