#!/usr/bin/env python3
"""Measures Gatehouse against its promises: `make bench`, or python3 tests/bench/bench.py.

Parts (--only): cost     CPU of an authenticated echo call beside a bare socket loop and an rmcp server
                parts    what each part of a call costs
                crowd    latencies at 256 connections, and that each one is served
                memory   10,000 idle connections, 10,000 idle event streams, threads
                streams  answers as events, 10,000 subscriptions told of a change, resumption
                validators  a JWT beside a static token, cold checks beside OpenSSL
                sql      select 1 beside an echo call, 1,000 rows beside a bare loop of sqlite3_step
                tokens   memory after 1,000,000 tokens that the server has never seen
                stores   a token among 1,000,000 beside one among 100, in SQLite and PostgreSQL
                start    from exec to the first authenticated answer
                yardstick  the bare loop and rmcp alone, without Gatehouse

The whole run writes tests/bench/results.md; --quick and --only write build/bench/results.md.
Ends with 1 when a target is missed, 2 when something needed is not there.
GATEHOUSE_BIN names another executable. Needs wrk, strace and a C compiler; cargo for the rmcp server.
"""

import argparse
import subprocess
import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

import bench_cost
import bench_latency
import bench_memory
import bench_report
import bench_servers
import bench_sql
import bench_stores
import bench_streams
import bench_tokens
import bench_validators
from bench_servers import HERE, OUT, BenchError, Cores

PARTS = ["cost", "parts", "crowd", "memory", "streams", "validators", "sql", "tokens", "stores", "start"]
NEEDS_RMCP = {"cost", "parts", "memory", "yardstick"}


def parse_arguments():
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--quick", action="store_true", help="two rounds of 1 s: a first impression only")
    choices = [*PARTS, "yardstick"]
    parser.add_argument("--only", metavar="PART", action="append", choices=choices, help="may be repeated")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="length of one run of one server")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds = 2, 1.0
    return arguments


def run_part(part, report, arguments, rmcp):
    print(f"{part}:", flush=True)
    if part in ("cost", "yardstick"):
        bench_cost.measure_cost(report, arguments, rmcp, with_gatehouse=part == "cost")
    elif part == "parts":
        bench_cost.measure_parts(report, arguments, rmcp)
    elif part == "crowd":
        bench_latency.measure_crowd(report, arguments)
    elif part == "memory":
        bench_memory.measure_memory(report, arguments, rmcp)
    elif part == "streams":
        bench_streams.measure_streams(report, arguments)
    elif part == "validators":
        bench_validators.measure_validators(report, arguments)
    elif part == "sql":
        bench_sql.measure_sql(report, arguments)
    elif part == "tokens":
        bench_tokens.measure_tokens(report, arguments)
    elif part == "stores":
        bench_stores.measure_stores(report, arguments)
    else:
        bench_latency.measure_start(report, arguments)


def run_parts(parts, report, arguments):
    """Runs the parts; one that cannot be measured counts as missed and does not stop the others."""
    rmcp = bench_servers.build_rmcp() if NEEDS_RMCP & set(parts) else None
    Cores.use_load_core()
    for part in parts:
        try:
            run_part(part, report, arguments, rmcp)
        except (BenchError, OSError, subprocess.SubprocessError) as error:
            report.promise(part, f"failed: {error}".replace("\n", " "), "a clean run", False)


def results_path(arguments):
    partial = arguments.quick or arguments.only
    return (OUT if partial else HERE) / "results.md"


def main():
    arguments = parse_arguments()
    parts = arguments.only or PARTS
    machine = bench_report.machine()
    OUT.mkdir(parents=True, exist_ok=True)
    bench_servers.raise_open_files()
    if parts != ["yardstick"]:
        bench_servers.gatehouse_program()
    report = bench_report.Report()
    run_parts(parts, report, arguments)
    path = results_path(arguments)
    print("\n" + bench_report.write(report, path, bench_report.headline(arguments, machine)))
    print(f"Written to {path.relative_to(bench_servers.ROOT)}")
    return 1 if report.missed() else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(2)
