"""How long a call takes: under 256 busy connections, and right after the start."""

import socket
import subprocess
import time

import bench_servers as servers
from bench_load import ECHO, check_echo, forget_audit, median, read_answer, request_bytes, run_crowd, run_wrk
from bench_servers import Cores

MOST_P99_MS = 10.0
LEAST_SHARE = 0.25
MOST_START_MS = 50.0
STARTS = 20


def crowd_row(name, wrk_runs, crowds):
    fewest = min(crowd["fewest"] / (crowd["requests"] / crowd["connections"]) for crowd in crowds)
    return [
        name,
        f"{median([run.p99_ms for run in wrk_runs]):.2f}",
        f"{median([crowd['p50_us'] for crowd in crowds]) / 1e3:.2f}",
        f"{median([crowd['p99_us'] for crowd in crowds]) / 1e3:.2f}",
        f"{max(crowd['max_us'] for crowd in crowds) / 1e3:.2f}",
        f"{max(crowd['never_answered'] for crowd in crowds)}",
        f"{fewest:.2f}",
    ]


def judge_crowd(report, wrk_runs, crowds):
    worst = max(median([run.p99_ms for run in wrk_runs]), median([c["p99_us"] for c in crowds]) / 1e3)
    report.promise("p99 at 256 connections (the worse of wrk's and the crowd client's)", f"{worst:.2f} ms",
                   f"under {MOST_P99_MS:g} ms", worst < MOST_P99_MS)
    never = sum(crowd["never_answered"] + crowd["errors"] for crowd in crowds)
    share = min(crowd["fewest"] / (crowd["requests"] / crowd["connections"]) for crowd in crowds)
    report.promise("nobody starved: fewest answers of one of 256 connections, of the mean", f"{share:.2f}",
                   f"at least {LEAST_SHARE}, none left out", never == 0 and share >= LEAST_SHARE)


def measure_crowd(report, arguments):
    """256 connections, by wrk and by the crowd client; the bare loop shows the machine's own noise."""
    rounds = min(arguments.rounds, 3)
    with servers.gatehouse() as own, servers.bare_loop(check_echo(own)) as bare:
        runs = {"gatehouse": (own, [], []), "bare loop": (bare, [], [])}
        for _ in range(rounds):
            for server, wrk_runs, crowds in runs.values():
                forget_audit(server)
                wrk_runs.append(run_wrk(server, connections=256, seconds=arguments.seconds))
                crowds.append(run_crowd(server, 256, arguments.seconds))
        judge_crowd(report, *runs["gatehouse"][1:])
        report.note(f"threads of Gatehouse after 256 busy connections: {own.threads()}")
        rows = [crowd_row(name, *found[1:]) for name, found in runs.items()]
    head = ["server", "wrk p99 ms", "p50 ms", "p99 ms", "longest ms", "never answered", "fewest of the mean"]
    report.table("256 connections at once", head, rows)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def connect_when_up(port, deadline):
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=5)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.0002)


def first_answer_ms():
    """From just before exec to the last byte of the first authenticated answer."""
    port = free_port()
    argv, _ = servers.gatehouse_argv("gatehouse start", port=port)
    request = request_bytes(body=ECHO)
    with open(servers.OUT / "start.log", "wb") as sink, Cores.server_core():
        started = time.monotonic()
        process = subprocess.Popen(argv, stdout=sink, stderr=sink)
    try:
        with connect_when_up(port, started + 10) as connection:
            connection.sendall(request)
            answer = read_answer(connection)
            elapsed = (time.monotonic() - started) * 1e3
    finally:
        process.terminate()
        process.wait(40)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise servers.BenchError(f"the first answer was {answer[:200]!r}")
    return elapsed


def measure_start(report, _arguments):
    times = sorted(first_answer_ms() for _ in range(STARTS))
    shown = f"{median(times):.1f} ms ({times[0]:.1f} to {times[-1]:.1f})"
    report.promise(f"first authenticated answer after exec, median of {STARTS}", shown,
                   f"at most {MOST_START_MS:g} ms", median(times) <= MOST_START_MS)
