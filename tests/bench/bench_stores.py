"""A token among 1,000,000 beside one among 100: a whole call whose verdict is not kept, and a start; SQLite and PostgreSQL."""

import hashlib
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack

import bench_servers as servers
from bench_load import ECHO, read_answer, request_bytes
from bench_servers import HERE, OUT, BenchError

sys.path.insert(0, str(HERE.parent / "support"))

import postgres
from checked_text import checked_text

FEW, MANY, CALLED = 100, 1_000_000, 2_000
MOST_TIMES, MOST_START = 1.2, 1.0
COLUMNS = "id, sha256, previous, parent, owner, request, not_before, expires_at, watched, document"


def numbered(row, number):
    """The row of a token that was made, as that of another one."""
    new = f"token-{number:010d}"
    return (new, hashlib.sha256(checked_text(number).encode()).digest(), *row[2:-1], row[-1].replace(row[0], new))


class SqliteStore:
    def __init__(self, name, _):
        self.path = OUT / f"{name}.db"
        for old in OUT.glob(f"{name}.db*"):
            old.unlink()
        self.url = f"sqlite:{self.path}"

    def fill(self, tokens):
        with sqlite3.connect(self.path) as database:
            row = database.execute(f"SELECT {COLUMNS} FROM tokens").fetchone()
            marks = ", ".join("?" * len(row))
            database.executemany(f"INSERT INTO tokens ({COLUMNS}) VALUES ({marks})", (numbered(row, n) for n in range(tokens)))
        database.close()


class PostgresStore:
    """A database of its own in the server that all share."""

    def __init__(self, name, stack):
        if not postgres.programs():
            raise BenchError("PostgreSQL is not installed (Debian package postgresql)")
        self.server = stack.enter_context(postgres.Postgres())
        self.url = self.server.url

    def fill(self, tokens):
        row = self.server.ask("SELECT id || '\t' || document FROM tokens").split("\t")
        path = self.server.folder / "tokens.tsv"
        with open(path, "w", encoding="utf-8") as out:
            for number in range(tokens):
                new, digest, document = numbered((row[0], b"", row[1]), number)
                out.write(f"{new}\t\\\\x{digest.hex()}\t{document}\n".replace("\\\"", "\\\\\""))
        path.chmod(0o644)
        self.server.ask(f"COPY tokens (id, sha256, document) FROM '{path}'")
        self.server.ask("ANALYZE tokens")


def made(kind, name, tokens, stack):
    """A store with so many tokens, the way the command line makes its first one."""
    store = kind(name, stack)
    auth = {"tokens": {"store": store.url}, "limits": {"cached_verdicts": 1}}
    argv, _ = servers.gatehouse_argv(name, audit=False, auth=auth)
    settings = argv[-1]
    add = [argv[0], "token", "add", "--token-note", "bench", "--token-expiry", "never", "--config", settings]
    done = subprocess.run(add, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"token add: {done.stderr}")
    store.fill(tokens)
    return auth


def start_seconds(name, auth, text):
    """From exec to the first authenticated answer."""
    began = time.monotonic()
    with servers.gatehouse(name, audit=False, auth=auth) as server:
        called(server, text)
        return time.monotonic() - began


def called(server, text):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        ask(connection, text)


def ask(connection, text):
    connection.sendall(request_bytes(body=ECHO, token=text))
    answer = read_answer(connection)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise BenchError(f"not a clean run: {answer[:200]!r}")


def call_seconds(server, texts):
    """Of each of these calls, one after the other on one connection."""
    out = []
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        for text in texts:
            began = time.perf_counter()
            ask(connection, text)
            out.append(time.perf_counter() - began)
    return out


def measure_store(report, arguments, kind, name):
    dice, many = random.Random(1), MANY // 10 if arguments.quick else MANY
    with ExitStack() as stack:
        sizes = {"few": FEW, "many": many}
        auths = {size: made(kind, f"{name}-{size}", count, stack) for size, count in sizes.items()}
        start = min(start_seconds(f"{name} many", auths["many"], checked_text(7)) for _ in range(3))
        report.promise(f"{name}, {many:,} tokens: seconds from exec to the first answer", f"{start:.2f}", f"under {MOST_START:g}", start < MOST_START)
        running = {size: stack.enter_context(servers.gatehouse(f"{name} {size}", audit=False, auth=auth)) for size, auth in auths.items()}
        rounds = {size: [] for size in sizes}
        for turn in range(2 * arguments.rounds):
            for size in (list(sizes), list(sizes)[::-1])[turn % 2]:
                texts = [checked_text(dice.randrange(sizes[size])) for _ in range(CALLED // 10)]
                rounds[size].append(statistics.median(call_seconds(running[size], texts)))
    times = statistics.median(b / a for a, b in zip(rounds["few"], rounds["many"]))
    micros = {size: statistics.median(found) * 1e6 for size, found in rounds.items()}
    what = f"{name}: a call whose verdict is not kept, among {many:,} tokens ({micros['many']:.0f} us), of one among {FEW} ({micros['few']:.0f} us)"
    report.promise(what, f"{times:.2f}", f"at most {MOST_TIMES}", times <= MOST_TIMES)


def measure_stores(report, arguments):
    for kind, name in ((SqliteStore, "SQLite"), (PostgresStore, "PostgreSQL")):
        measure_store(report, arguments, kind, name)
