"""CPU per request: against the bare loop, against rmcp, and part by part."""

import os
import re
import shutil
import signal
from contextlib import ExitStack
from pathlib import Path

import bench_servers as servers
from bench_load import audit_lines, check_echo, forget_audit, median, run_wrk
from bench_servers import OUT, BenchError, wait_for

MOST_OF_BARE = 1.6
MOST_WITH_LIMITS = 2.2
LEAST_OF_RMCP = 4.0
MOST_SYSTEM_CALLS = 3.0
RMCP = {"rmcp": "documented", "rmcp, tool table shared": "shared", "rmcp, log at info": "logging"}


def in_turn(loads, rounds, seconds):
    """Runs every load once a round, in the same order. loads: name -> (server, wrk arguments)."""
    samples = {name: [] for name in loads}
    for server, how in loads.values():
        run_wrk(server, seconds=1, **how)
    for _ in range(rounds):
        for name, (server, how) in loads.items():
            forget_audit(server)
            samples[name].append(run_wrk(server, seconds=seconds, **how))
    return samples


def ratios(upper, lower, figure):
    return [figure(a) / figure(b) for a, b in zip(upper, lower)]


def spread(values, unit=""):
    return f"{median(values):.2f}{unit} ({min(values):.2f} to {max(values):.2f})"


def cost_rows(samples):
    rows = []
    for name, runs in samples.items():
        us = [run.us_per_request for run in runs]
        own, kernel = median([run.own_us for run in runs]), median([run.kernel_us for run in runs])
        speed = median([run.per_cpu_second for run in runs])
        busy = median([run.busy for run in runs])
        rows.append([name, spread(us), f"{own:.2f}", f"{kernel:.2f}", f"{speed:,.0f}", f"{busy:.0%}"])
    return rows


def cost_head(first):
    return [first, "CPU us", "own", "kernel", "per CPU second", "its core busy"]


def child_of(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else None


def parse_strace(text):
    """The summary of `strace -c` as kind -> number of calls."""
    row = r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)\s*$"
    found = re.findall(row, text, re.MULTILINE)
    return {kind: int(count) for count, kind in found if kind != "total"}


def system_calls(name, argv, port_pattern):
    """System calls per request under strace (-f: all threads), and the busiest kinds."""
    counts = OUT / "strace.txt"
    traced = ["strace", "-f", "-c", "-o", counts, *argv]
    server = servers.Server(f"{name} strace", traced, port_pattern)
    try:
        child = wait_for(lambda: child_of(server.pid), 5, "the server under strace")
        requests = run_wrk(server, seconds=2).requests
        os.kill(child, signal.SIGTERM)
        server.process.wait(40)
    finally:
        server.stop()
    calls = parse_strace(counts.read_text())
    busiest = sorted(calls, key=calls.get, reverse=True)[:4]
    shown = ", ".join(f"{kind} {calls[kind] / requests:.2f}" for kind in busiest)
    return sum(calls.values()) / requests, shown


def prove_bare(report, answer):
    """The yardstick counts only while it is one: at most three system calls a request."""
    if shutil.which("strace") is None:
        raise BenchError("strace is not installed: without it the bare loop's run is void")
    per_request, kinds = system_calls("bare loop", servers.bare_argv(answer), servers.BARE_PORT)
    good = per_request <= MOST_SYSTEM_CALLS
    measured = f"{per_request:.2f} ({kinds})"
    report.promise("system calls a request, bare loop", measured, "at most 3, else void", good)


def count_own_calls(report):
    argv, _ = servers.gatehouse_argv("gatehouse strace")
    per_request, kinds = system_calls("gatehouse", argv, servers.GATEHOUSE_PORT)
    what = "system calls a request, Gatehouse, all threads, under strace"
    report.note(f"{what}: {per_request:.2f} ({kinds})")


def start_all(stack, rmcp, with_gatehouse):
    """The servers to compare, started and checked; the bare loop sends Gatehouse's own answer."""
    found, answer = {}, None
    if with_gatehouse:
        found["gatehouse"] = stack.enter_context(servers.gatehouse())
        answer = check_echo(found["gatehouse"])
    started = {"bare loop": stack.enter_context(servers.bare_loop(answer)), **found}
    for name, style in RMCP.items() if rmcp else []:
        started[name] = stack.enter_context(servers.rmcp_server(rmcp, style))
        check_echo(started[name])
    return started, answer


def judge_audit(report, server, seconds):
    """Costs count only if the audit was written: one run's lines against its requests."""
    forget_audit(server)
    requests = run_wrk(server, seconds=seconds).requests
    share = audit_lines(server) / requests
    what = "audit lines written per call, one more run"
    report.promise(what, f"{share:.3f}", "at least 0.99", share >= 0.99)


def judge(report, samples):
    bare, own = samples["bare loop"], samples["gatehouse"]
    times = ratios(own, bare, lambda run: run.us_per_request)
    what, target = "CPU of an authenticated echo call, of the bare loop's", f"at most {MOST_OF_BARE}"
    report.promise(what, spread(times), target, median(times) <= MOST_OF_BARE)
    times = ratios(samples["gatehouse, a token with limits"], bare, lambda run: run.us_per_request)
    what, target = "the same with limits, usage and audit", f"at most {MOST_WITH_LIMITS}"
    report.promise(what, spread(times), target, median(times) <= MOST_WITH_LIMITS)
    what, target = "requests per CPU second, of rmcp's", f"at least {LEAST_OF_RMCP:g}, aim 5"
    if "rmcp" not in samples:
        report.promise(what, "not measured", target, None)
        return
    factors = ratios(own, samples["rmcp"], lambda run: run.per_cpu_second)
    report.promise(what, spread(factors), target, median(factors) >= LEAST_OF_RMCP)
    for name in list(RMCP)[1:]:
        others = ratios(own, samples[name], lambda run: run.per_cpu_second)
        report.note(f"{what} ({name}): {spread(others)}")


def measure_cost(report, arguments, rmcp, with_gatehouse=True):
    """The comparison: 64 connections, every server in every round."""
    with ExitStack() as stack:
        started, answer = start_all(stack, rmcp, with_gatehouse)
        loads = {name: (server, {"call": "modern"}) for name, server in started.items()}
        if with_gatehouse:
            loads["gatehouse, a token with limits"] = (started["gatehouse"], {"call": "modern", "token": servers.LIMITED})
        samples = in_turn(loads, arguments.rounds, arguments.seconds)
        if with_gatehouse:
            judge(report, samples)
            judge_audit(report, started["gatehouse"], arguments.seconds)
    prove_bare(report, answer)
    if with_gatehouse:
        count_own_calls(report)
    report.table("An authenticated `tools/call` of `echo`, 2026-07-28, 64 connections", cost_head("server"), cost_rows(samples))


def part_loads(full, quiet, silent, tls, rmcp):
    loads = {
        "bare loop: fixed bytes": None,
        "`/health` (the engine alone)": (full, {"call": "health"}),
        "401, no token": (full, {"token": ""}),
        "`ping`": (full, {"call": "ping"}),
        "`tools/call` echo": (full, {}),
        "`tools/call` echo, 2026-07-28": (full, {"call": "modern"}),
        "`tools/call` echo, 2026-07-28, TLS": (tls, {"call": "modern"}),
        "`tools/call` echo, no audit": (quiet, {}),
        "`tools/call` echo, no audit, no metrics": (silent, {}),
    }
    if rmcp:
        loads["rmcp: `ping`"] = (rmcp, {"call": "ping"})
        loads["rmcp: `tools/call` echo, 2026-07-28"] = (rmcp, {"call": "modern"})
    return loads


def measure_parts(report, arguments, rmcp):
    """What each part of a call costs, by leaving it out."""
    with ExitStack() as stack:
        full = stack.enter_context(servers.gatehouse())
        quiet = stack.enter_context(servers.gatehouse("gatehouse without audit", audit=False))
        silent = servers.gatehouse("gatehouse silent", audit=False, metrics=False)
        stack.enter_context(silent)
        tls = stack.enter_context(servers.gatehouse("gatehouse with TLS", http={"tls": servers.own_certificate()}))
        other = stack.enter_context(servers.rmcp_server(rmcp)) if rmcp else None
        loads = part_loads(full, quiet, silent, tls, other)
        bare = stack.enter_context(servers.bare_loop(check_echo(full)))
        loads["bare loop: fixed bytes"] = (bare, {"call": "modern"})
        samples = in_turn(loads, min(arguments.rounds, 3), arguments.seconds)
    report.table("What each part costs, 64 connections", cost_head("request"), cost_rows(samples))
    for row in cost_rows(samples):
        print(f"  {row[0]}: {row[1]} us, own {row[2]}, kernel {row[3]}", flush=True)
