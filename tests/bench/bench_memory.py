"""Memory of idle connections: (PSS at 10,100 - PSS at 100) / 10,000, and that threads stay bounded."""

import contextlib
import select
import socket
import struct
import time

import bench_servers as servers
from bench_load import ECHO, check_echo, read_answer, request_bytes
from bench_servers import BenchError

FEW, MANY = 100, 10_100
MOST_IDLE_KIB = 4.0
MOST_STREAM_KIB = 8.0
MOST_NEW_THREADS = 4
SETTLE_SECONDS = 1.0


def open_one(port, request, whole):
    """Connects, sends the request and reads its answer; the connection stays open."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.sendall(request)
    answer = read_answer(connection, whole)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise BenchError(f"an idle connection was answered {answer[:200]!r}")
    return connection


def still_open(connections):
    """How many are open: a closed one is readable and has nothing to read."""
    poller = select.poll()
    by_number = {connection.fileno(): connection for connection in connections}
    for number in by_number:
        poller.register(number, select.POLLIN)
    closed = 0
    for number, _ in poller.poll(0):
        with contextlib.suppress(OSError):
            if by_number[number].recv(65536):
                continue
        closed += 1
    return len(connections) - closed


def fill(server, connections, count, request, whole):
    while len(connections) < count:
        connections.append(open_one(server.port, request, whole))
    time.sleep(SETTLE_SECONDS)
    if (alive := still_open(connections)) != count:
        raise BenchError(f"{server.name}: {count - alive} of {count} idle connections were closed")
    return server.pss_kib(), server.threads()


def idle_kib(server, request, whole=True):
    """KiB for each of 10,000 more connections, and the threads at 100 and at 10,100."""
    many = min(MANY, servers.raise_open_files() - 100)
    connections = []
    try:
        few_kib, few_threads = fill(server, connections, FEW, request, whole)
        many_kib, many_threads = fill(server, connections, many, request, whole)
    finally:
        for connection in connections:
            connection.close()
    return (many_kib - few_kib) / (many - FEW), few_threads, many_threads, many


def judge(report, what, found, most):
    kib, few_threads, many_threads, many = found
    report.promise(f"{what}, each of {many - FEW:,}", f"{kib:.2f} KiB", f"at most {most:g} KiB", kib <= most)
    what = f"threads at {FEW} and at {many:,} connections ({what})"
    bounded = many_threads <= few_threads + MOST_NEW_THREADS
    report.promise(what, f"{few_threads} and {many_threads}", f"at most {MOST_NEW_THREADS} more", bounded)


def measure_memory(report, _arguments, rmcp):
    call = request_bytes(body=ECHO)
    stream = request_bytes("GET", path="/mcp/sse", accept="text/event-stream")
    many = {"limits": {"streams_per_identity": 20_000, "sessions": 20_000, "sessions_per_identity": 20_000}}
    with servers.gatehouse("gatehouse idle") as own:
        check_echo(own)
        judge(report, "idle keep-alive connection", idle_kib(own, call), MOST_IDLE_KIB)
    with servers.gatehouse("gatehouse streams", http=many) as own:
        check_echo(own)
        judge(report, "idle event stream (HTTP+SSE of 2024-11-05)", idle_kib(own, stream, whole=False), MOST_STREAM_KIB)
    with servers.bare_loop() as bare:
        report.note(f"idle keep-alive connection of the bare loop: {idle_kib(bare, call)[0]:.2f} KiB")
    if rmcp:
        with servers.rmcp_server(rmcp) as other:
            report.note(f"idle keep-alive connection of rmcp: {idle_kib(other, call)[0]:.2f} KiB")
