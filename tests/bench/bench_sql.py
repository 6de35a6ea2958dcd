"""What the sql backend costs: `select 1` beside an echo call, 1,000 rows beside a bare loop over the same statement."""

import sqlite3
import subprocess
from contextlib import ExitStack

import bench_servers as servers
from bench_cost import cost_head, cost_rows, in_turn, ratios, spread
from bench_load import call_once, median, request_bytes
from bench_servers import OUT, BenchError, Cores, compile_c

MOST_OF_ECHO = 3.0
MOST_OF_BARE_ROWS = 2.5
ROWS = 1000
ROWS_SQL = "select id, name from item"  # as in bench_echo.lua


def make_database():
    path = OUT / "bench.db"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT)")
        database.executemany("INSERT INTO item VALUES (?, ?)", ((i, f"the item number {i}") for i in range(ROWS)))
    database.close()
    return path


def check_rows(server):
    """Fails unless the server answers all rows."""
    call = {"name": "query_database", "arguments": {"query": ROWS_SQL}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    answer = call_once(server.port, request_bytes(body=message))
    if f'"rowCount":{ROWS},"truncated":false'.encode() not in answer:
        raise BenchError(f"the sql backend does not answer the rows: {answer[:300]!r}")


def bare_rows(path, seconds):
    """Microseconds of processor time that the bare loop takes for all rows."""
    program = compile_c("bare_rows", "-lsqlite3")
    with Cores.server_core():
        told = subprocess.run([program, path, ROWS_SQL, str(seconds)], check=True, capture_output=True, text=True)
    return float(told.stdout)


def promise(report, what, values, most):
    report.promise(what, spread(values), f"at most {most:g}", median(values) <= most)


def measure_sql(report, arguments):
    path = make_database()
    backend = {"plugin": "sql", "settings": {"databases": [{"name": "bench", "url": f"sqlite:{path}"}]}}
    with ExitStack() as stack:
        echo = stack.enter_context(servers.gatehouse("echo beside sql"))
        sql = stack.enter_context(servers.gatehouse("sql", backend=backend))
        check_rows(sql)
        loads = {"`echo`": (echo, {}), "`select 1`": (sql, {"call": "select"}), "1,000 rows": (sql, {"call": "rows"})}
        samples = in_turn(loads, arguments.rounds, arguments.seconds)
        bare = [bare_rows(path, min(arguments.seconds, 2.0)) for _ in range(arguments.rounds)]
    per_call = lambda run: run.us_per_request
    promise(report, "CPU of `select 1`, of an echo call's", ratios(samples["`select 1`"], samples["`echo`"], per_call),
            MOST_OF_ECHO)
    promise(report, "CPU of 1,000 rows of two columns, of a bare sqlite3_step loop's",
            [run.us_per_request / alone for run, alone in zip(samples["1,000 rows"], bare)], MOST_OF_BARE_ROWS)
    rows = cost_rows(samples) + [["1,000 rows, bare loop", spread(bare), "", "", f"{1e6 / median(bare):,.0f}", ""]]
    report.table("SQL: calls of the sql backend, 64 connections", cost_head("call"), rows)
