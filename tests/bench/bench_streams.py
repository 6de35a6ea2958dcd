"""Event streams: answers as events, 10,000 subscriptions told of a change, and answers fetched after a lost connection."""

import select
import socket
import time

import bench_servers as servers
from bench_cost import in_turn, ratios, spread
from bench_load import call_once, check_echo, median, modern, request_bytes
from bench_memory import FEW, MOST_STREAM_KIB, idle_kib, judge, open_one
from bench_servers import BenchError

SUBSCRIPTIONS = 10_000
MOST_TELL_SECONDS = 1.0
RESUMPTIONS = 50
# More than what one identity may have as shipped.
MANY_STREAMS = {"limits": {"streams_per_identity": 20_000}}


LISTEN = modern("subscriptions/listen", {"notifications": {"toolsListChanged": True}})
CHANGE = modern("tools/call", {"name": "test_trigger_tool_change"}, "test_trigger_tool_change")


def all_told(connections, until):
    """The seconds from now until every connection has read the change; None when some have not."""
    began = time.monotonic()
    waiting = {connection.fileno(): connection for connection in connections}
    poller = select.epoll()
    for number, connection in waiting.items():
        connection.setblocking(False)
        poller.register(number, select.EPOLLIN)
    while waiting and time.monotonic() < began + until:
        for number, _ in poller.poll(0.5):
            if b"list_changed" in waiting[number].recv(65536):
                poller.unregister(number)
                del waiting[number]
    poller.close()
    return None if waiting else time.monotonic() - began


def measure_subscriptions(report):
    with servers.gatehouse("gatehouse listeners", backend="everything", http=MANY_STREAMS) as own:
        judge(report, "subscriptions/listen stream", idle_kib(own, LISTEN, whole=False), MOST_STREAM_KIB)
    with servers.gatehouse("gatehouse telling", backend="everything", http=MANY_STREAMS) as own:
        many = min(SUBSCRIPTIONS, servers.raise_open_files() - FEW)
        connections = [open_one(own.port, LISTEN, whole=False) for _ in range(many)]
        try:
            call_once(own.port, CHANGE)
            took = all_told(connections, 10)
        finally:
            for connection in connections:
                connection.close()
    shown = "not all in 10 s" if took is None else f"{took:.2f} s"
    report.promise(f"a list change reaches {many:,} subscriptions", shown, f"within {MOST_TELL_SECONDS:g} s",
                   took is not None and took <= MOST_TELL_SECONDS)


def measure_event_answers(report, arguments):
    """The same call answered as JSON and as an event stream, in the same rounds."""
    with servers.gatehouse("gatehouse events") as own:
        check_echo(own)
        loads = {"JSON": (own, {"call": "echo"}), "event stream": (own, {"call": "stream"})}
        samples = in_turn(loads, arguments.rounds, arguments.seconds)
    times = ratios(samples["event stream"], samples["JSON"], lambda run: run.us_per_request)
    report.note(f"an echo call answered as an event stream costs {spread(times)} times one answered as JSON")


def initialized(port):
    params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
    answer = call_once(port, request_bytes(body={"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}))
    return next(line.split(b": ")[1].decode() for line in answer.split(b"\r\n") if line.lower().startswith(b"mcp-session"))


def in_session(session, **how):
    head, end, text = request_bytes(**how.pop("request")).partition(b"\r\n\r\n")
    lines = [head.decode(), f"Mcp-Session-Id: {session}", *(f"{name}: {value}" for name, value in how.items())]
    return "\r\n".join(lines).encode() + end + text


def read_until(connection, wanted):
    data = b""
    while wanted not in data:
        piece = connection.recv(65536)
        if not piece:
            raise BenchError(f"the stream ended before {wanted!r}: {data[-300:]!r}")
        data += piece
    return data


def resumed_ms(port, session):
    """The connection is lost after the first event; from the GET with its id to the answer, in ms."""
    call = {"name": "test_reconnection", "arguments": {}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    with socket.create_connection(("127.0.0.1", port), timeout=10) as lost:
        lost.sendall(in_session(session, request={"body": body}))
        seen = read_until(lost, b"retry:")
    last = next(line[4:].decode() for line in seen.split(b"\n") if line.startswith(b"id: "))
    time.sleep(0.15)  # the call takes 0.1 s; what is measured is the way back
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as back:
        get = {"method": "GET", "accept": "text/event-stream"}
        back.sendall(in_session(session, request=get, **{"Last-Event-ID": last}))
        read_until(back, b'"result"')
    return (time.monotonic() - began) * 1e3


def measure_resumption(report):
    with servers.gatehouse("gatehouse resuming", backend="everything") as own:
        session = initialized(own.port)
        times = [resumed_ms(own.port, session) for _ in range(RESUMPTIONS)]
    report.note(f"an answer fetched by Last-Event-ID: {median(times):.2f} ms, median of {RESUMPTIONS}")


def measure_streams(report, arguments):
    measure_event_answers(report, arguments)
    measure_subscriptions(report)
    measure_resumption(report)
