"""F01-F06, F28: slow and silent clients, too many of them, and streams. Deadlines are set small.

The large crowds are in slow_clients_deep_test.py.
"""

import resource
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness
from http_wire import request_bytes
from process_probe import cpu_seconds, descriptors, rss_kib, threads, wait_until
from served_case import ServedCase
from slow_crowd import SlowCrowd

SLACK = 2.0  # how late a deadline of a few tenths of a second may be noticed


def worst_of(calls, server):
    """The longest of several ordinary calls, each on a fresh connection; all must succeed."""
    worst = 0.0
    for number in range(calls):
        began = time.monotonic()
        server.assert_serves(f"call {number}")
        worst = max(worst, time.monotonic() - began)
    return worst


class SlowRequests(ServedCase):
    options = {
        "limits": {
            "head_seconds": 1.5, "body_seconds": 1.5, "unauthenticated_body_seconds": 0.5, "idle_seconds": 1.0
        }
    }

    def head(self, token="first", length=8192):
        fields = self.server.fields(token, {"Content-Length": str(length)})
        return request_bytes("POST", "/mcp", fields, host=self.server.authority)

    def closed_between(self, wire, least, most):
        took = wire.closed_within(most + SLACK * slowness())
        self.assertIsNotNone(took, f"still open after {most + SLACK} s")
        self.assertGreater(took, least)

    def test_F01_slow_heads_hold_up_nobody(self):
        with SlowCrowd(self.server, 200, b"POST /mcp HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"a",
                       every=0.3) as crowd:
            self.assertLess(worst_of(10, self.server), 1.0 * slowness())
            self.assertGreater(len(crowd.open), 0,
                               "the slow ones were gone before they could hold up anybody")
            self.assertTrue(crowd.all_closed_within(1.5 + SLACK * slowness()),
                            f"{len(crowd.open)} still open")
        self.assertGreater(min(crowd.lived), 1.0)
        self.assertEqual({answer[9:12] for answer in crowd.answers} - {b"", b"408"}, set())

    def test_F01_dripping_does_not_extend_the_head_deadline(self):
        with SlowCrowd(self.server, 5, b"GET /health HTTP/1.1\r\nX: ", b"a", every=0.1) as crowd:
            self.assertTrue(crowd.all_closed_within(1.5 + SLACK * slowness()))

    def test_F02_slow_bodies_are_closed_by_their_deadline(self):
        with SlowCrowd(self.server, 50, self.head(), b" ", every=0.2) as crowd:
            self.assertLess(worst_of(10, self.server), 1.0 * slowness())
            self.assertTrue(crowd.all_closed_within(1.5 + SLACK * slowness()),
                            f"{len(crowd.open)} still open")
        self.assertGreater(min(crowd.lived), 1.0)
        self.assertEqual({answer[9:12] for answer in crowd.answers} - {b"", b"408"}, set())

    def test_F02_slow_chunks_are_closed_by_their_deadline(self):
        fields = self.server.fields(headers={"Transfer-Encoding": "chunked"})
        with SlowCrowd(self.server, 5, request_bytes("POST", "/mcp", fields, host=self.server.authority),
                       b"1\r\n \r\n", 0.1) as crowd:
            self.assertTrue(crowd.all_closed_within(1.5 + SLACK * slowness()))

    def test_F02_a_slow_body_without_a_token_is_refused_at_the_head(self):
        with SlowCrowd(self.server, 20, self.head(token=None), b" ", every=0.2) as crowd:
            self.assertTrue(crowd.all_closed_within(0.5 + SLACK * slowness()),
                            f"{len(crowd.open)} still open")
        self.assertEqual({answer[9:12] for answer in crowd.answers}, {b"401"})

    def test_F04_a_silent_connection_is_closed(self):
        with self.server.wire() as wire:
            self.closed_between(wire, 0.5, 1.5)

    def test_F04_an_idle_kept_connection_is_closed(self):
        with self.server.wire() as wire:
            self.assertEqual(wire.request("GET", "/health").status, 200)
            self.closed_between(wire, 0.5, 1.0)

    def test_F04_an_event_stream_is_not_idle(self):
        stream = self.server.event_stream()
        self.assertFalse(stream.ended_within(2.0))
        stream.wire.close()


class IdleConnections(ServedCase):
    options = {"limits": {"connections": 4}}

    def test_at_the_limit_one_that_is_idle_makes_room_for_a_new_one(self):
        idle = [self.server.wire() for _ in range(4)]
        for wire in idle:
            self.addCleanup(wire.close)
            self.assertEqual(wire.request("GET", "/health").status, 200)
        with self.server.wire(timeout=20 * slowness()) as fresh:  # less than idle_seconds
            self.assertEqual(fresh.request("GET", "/health").status, 200)


class SlowReaders(ServedCase):
    options = {"limits": {"write_seconds": 1.0 * slowness()}}
    ANSWER = 200_000

    def pipelined(self, calls):
        return self.server.call_bytes("echo", {"text": "r" * self.ANSWER}) * calls

    def test_F03_slow_readers_hold_up_nobody_and_cost_little(self):
        readers, before = 50, rss_kib(self.server.process.pid)
        with SlowCrowd(self.server, readers, self.pipelined(50), rcvbuf=1024, reads=False) as crowd:
            # Most of this time is the crowd's own: half a gigabyte of requests comes from this process.
            self.assertLess(worst_of(10, self.server), 4.0 * slowness())
            grown = rss_kib(self.server.process.pid) - before
            self.assertLess(grown, readers * 2048 * slowness(), "KiB for the unread answers of all")
            self.assertTrue(crowd.all_closed_within((6 + SLACK) * slowness()),
                            f"{len(crowd.open)} still open")
        self.server.assert_serves()

    def test_F03_a_reader_that_takes_nothing_is_closed_by_the_deadline(self):
        pid = self.server.process.pid
        self.server.assert_serves()
        before = descriptors(pid)
        readers = [self.server.wire(rcvbuf=1024) for _ in range(5)]
        for reader in readers:
            self.addCleanup(reader.close)
            reader.send(self.server.call_bytes("echo", {"text": "r" * 4_000_000}))
        began = time.monotonic()
        self.assertTrue(wait_until(lambda: descriptors(pid) > before, 2 * slowness()), "closed at once")
        self.assertTrue(wait_until(lambda: descriptors(pid) <= before, (1.0 + SLACK) * slowness()),
                        "not closed")
        self.assertGreater(time.monotonic() - began, 0.5)

    def test_F03_a_steady_reader_is_not_cut_off(self):
        with self.server.wire(timeout=20 * slowness(), rcvbuf=65536) as wire:
            calls = 60  # 12 MB: more than the system holds for both sides
            sender = threading.Thread(target=wire.send_what_it_takes, args=(self.pipelined(calls),))
            sender.start()
            self.addCleanup(sender.join)
            for _ in range(calls):
                self.assertEqual(len(wire.reply().result()["content"][0]["text"]), self.ANSWER)
                time.sleep(0.05)  # slower than the server writes, faster than its deadline

    def test_G09_a_reader_that_takes_steadily_but_slowly_gets_all(self):
        size, taken = 4_000_000, 0
        with self.server.wire(timeout=60 * slowness(), rcvbuf=65536) as wire:
            wire.send(self.server.call_bytes("echo", {"text": "r" * size}))
            slowly_until = time.monotonic() + 4.0 * slowness()  # four times what a reader has that takes nothing
            while taken < size:
                piece = wire.socket.recv(30_000)
                self.assertTrue(piece, f"cut off after {taken} bytes")
                taken += len(piece)
                if time.monotonic() < slowly_until:
                    time.sleep(0.1)  # 300 kB in a second: the system tells of room only now and then

    def test_F03_a_large_answer_reaches_a_slow_reader_whole(self):
        for rcvbuf in (None, 1024):
            with self.subTest(rcvbuf=rcvbuf), self.server.wire(timeout=20 * slowness(), rcvbuf=rcvbuf) as wire:
                wire.send(self.server.call_bytes("echo", {"text": "r" * 4_000_000}))
                time.sleep(0.2)  # the answer has to wait, much shorter than the deadline
                self.assertEqual(len(wire.reply().result()["content"][0]["text"]), 4_000_000)


class Descriptors(unittest.TestCase):
    def test_F05_too_few_descriptors_stop_accepting_and_nothing_else(self):
        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

        with GatehouseServer(preexec_fn=few, limits={"head_seconds": 5,
                                                     "idle_seconds": 30}) as server, server.wire() as kept:
            server.call("echo", {"text": "first"}, wire=kept)
            with SlowCrowd(server, 200) as crowd:
                began, used = time.monotonic(), cpu_seconds(server.process.pid)
                self.assertEqual(server.call("echo", {"text": "kept"}, wire=kept).status, 200)
                fresh = server.token_file.add()
                self.assertTrue(
                    wait_until(lambda: server.rpc("ping", token=fresh, wire=kept).status == 200, 3, 0.05),
                    "the token file was not read again while descriptors were short")
                time.sleep(max(0.0, began + 2 - time.monotonic()))  # the time in which a busy loop shows
                share = (cpu_seconds(server.process.pid) - used) / (time.monotonic() - began)
                self.assertLess(share, 0.2, "of one processor while it could not accept")
                self.assertTrue(server.alive() and crowd.open is not None)
            began = time.monotonic()
            with server.wire() as wire:
                self.assertEqual(wire.request("GET", "/health").status, 200)
            self.assertLess(time.monotonic() - began, 1.0 * slowness(), "seconds until it accepted again")

    def test_F06_no_descriptor_is_lost(self):
        with GatehouseServer() as server:
            pid = server.process.pid
            server.assert_serves()
            before = descriptors(pid)
            half = request_bytes("POST", "/mcp", server.fields(), b"x" * 100, server.authority)[:-50]
            for number in range(2000):
                server.wire().close()
                if number % 4 == 0:
                    server.wire().send(half).reset()
            self.assertTrue(wait_until(lambda: abs(descriptors(pid) - before) <= 2, 5),
                            f"{before} -> {descriptors(pid)}")


class Streams(unittest.TestCase):
    def test_F28_a_thousand_streams_need_no_threads_and_little_memory(self):
        count = min(1000, (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 100) // 2)
        with GatehouseServer() as server:
            pid = server.process.pid
            for _ in range(20):
                server.assert_serves()
            memory, some = rss_kib(pid), threads(pid)
            streams = [server.event_stream() for _ in range(count)]
            self.assertLessEqual(threads(pid), some + 4)
            self.assertLess((rss_kib(pid) - memory) / count, 64 * slowness(), "KiB for each stream")
            self.assertLess(worst_of(10, server), 1.0 * slowness())
            for stream in streams:
                stream.wire.close()
            server.assert_serves()


if __name__ == "__main__":
    unittest.main()
