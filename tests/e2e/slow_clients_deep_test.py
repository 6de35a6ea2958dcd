"""F01, F02 at full size: 1,000 slow heads and 200 slow bodies while valid requests keep their speed."""

import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness
from http_wire import request_bytes
from process_probe import descriptors, rss_kib, wait_until
from slow_crowd import SlowCrowd


def p99_of(calls, server):
    """The 99th percentile of sequential calls on one kept connection, in seconds."""
    times = []
    with server.wire() as wire:
        for _ in range(calls):
            began = time.monotonic()
            assert server.call("echo", {"text": "x"}, wire=wire).status == 200
            times.append(time.monotonic() - began)
    return sorted(times)[int(len(times) * 0.99)]


class Crowds(unittest.TestCase):
    def test_F01_F02_a_thousand_slow_heads_and_two_hundred_slow_bodies(self):
        with GatehouseServer(limits={"head_seconds": 10, "body_seconds": 10}) as server:
            pid = server.process.pid
            p99_of(500, server)
            quiet, memory, before = p99_of(2000, server), rss_kib(pid), descriptors(pid)
            head = request_bytes("POST", "/mcp", server.fields(headers={"Content-Length": "8192"}),
                                 host=server.authority)
            with SlowCrowd(server, 1000, b"POST /mcp HTTP/1.1\r\nX: ", b"a",
                           2.0) as heads, SlowCrowd(server, 200, head, b" ", 1.0) as bodies:
                busy = p99_of(2000, server)
                grown = rss_kib(pid) - memory
                print(f"\np99 quiet {quiet * 1e3:.3f} ms, crowded {busy * 1e3:.3f} ms ({busy / quiet:.2f} times); "
                      f"memory +{grown / 1024:.1f} MiB; descriptors {before} -> {descriptors(pid)}", flush=True)
                self.assertEqual((len(heads.open), len(bodies.open)), (1000, 200),
                                 "not all were open while measuring")
                self.assertLess(grown, 200 * 1024, "KiB more")
                self.assertLess(busy, max(2 * quiet, 0.002 * slowness()),
                                f"p99 quiet {quiet:.6f} s, crowded {busy:.6f} s")
                self.assertTrue(heads.all_closed_within(15) and bodies.all_closed_within(15))
            self.assertTrue(wait_until(lambda: abs(descriptors(pid) - before) <= 2, 5))
            print(f"descriptors after: {descriptors(pid)}", flush=True)

    def test_F03_fifty_readers_that_take_nothing_leave_the_others_their_speed(self):
        with GatehouseServer(limits={"write_seconds": 30}) as server:
            p99_of(500, server)
            quiet, before = p99_of(2000, server), descriptors(server.process.pid)
            calls = server.call_bytes("echo", {"text": "r" * 200_000}) * 10
            with SlowCrowd(server, 50, calls, rcvbuf=1024, reads=False):
                busy = p99_of(2000, server)
                print(f"\np99 quiet {quiet * 1e3:.3f} ms, beside 50 readers that take nothing {busy * 1e3:.3f} ms "
                      f"({busy / quiet:.2f} times)", flush=True)
                self.assertLess(busy, max(2 * quiet, 0.002 * slowness()))
                self.assertTrue(wait_until(lambda: descriptors(server.process.pid) <= before, 45 * slowness()),
                                "not all were dropped")
            server.assert_serves()


if __name__ == "__main__":
    unittest.main()
