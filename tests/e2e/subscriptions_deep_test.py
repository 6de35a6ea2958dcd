"""Crowds on subscriptions/listen: two thousand told within a second, and those that read nothing dropped."""

import resource
import selectors
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness
from mcp_clients import ModernClient
from needed import give_up
from process_probe import rss_kib, threads, wait_until

LONG_URI = "test://" + "x" * 8000  # 8 KiB is the most that a URI may have
LISTENERS = 2000
TOLD = b"notifications/tools/list_changed"


class Crowd(unittest.TestCase):
    def setUp(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        if hard < LISTENERS + 200:
            give_up(self, f"needs {LISTENERS + 200} descriptors, has {hard}")

    def listeners(self, server, count, **what):
        streams = []
        for number in range(count):
            streams.append(ModernClient(server).listen(number, **what))
            self.addCleanup(streams[-1].close)
        return streams

    def seconds_until_told(self, streams, change):
        """From before the change until the last of them has read it."""
        with selectors.DefaultSelector() as ready:
            for stream in streams:
                stream.wire.socket.setblocking(False)
                ready.register(stream.wire.socket, selectors.EVENT_READ, [b""])
            began, left = time.monotonic(), len(streams)
            change()
            while left and time.monotonic() - began < 30:
                for key, _ in ready.select(1):
                    piece = key.fileobj.recv(65536)
                    self.assertTrue(piece, "a listener was dropped")
                    key.data[0] += piece
                    if TOLD in key.data[0]:
                        ready.unregister(key.fileobj)
                        left -= 1
            took = time.monotonic() - began
        self.assertEqual(left, 0, "were never told")
        return took

    def test_two_thousand_are_told_within_a_second_and_cost_little(self):
        with GatehouseServer(backend="everything") as server:
            pid = server.process.pid
            self.listeners(server, 50, toolsListChanged=True)
            server.call("test_trigger_tool_change")
            memory, some = rss_kib(pid), threads(pid)
            streams = self.listeners(server, LISTENERS, toolsListChanged=True)
            self.assertLess((rss_kib(pid) - memory) / LISTENERS, 8 * slowness(), "KiB for each")
            self.assertLessEqual(threads(pid), some + 2)
            for _ in range(3):
                took = self.seconds_until_told(streams, lambda: server.call("test_trigger_tool_change"))
                self.assertLess(took, 1.0 * slowness(), "seconds until all were told")
            server.assert_serves()

    def dropped(self, server, deaf, readers, turns, within):
        """Changes come until the deaf one is dropped; the readers hear of each, in time."""
        before = server.metric("event_streams")
        for _ in range(turns):
            for _ in range(8):
                server.call("test_update_resource", {"uri": LONG_URI})
            took = self.seconds_until_told(readers, lambda: server.call("test_trigger_tool_change"))
            self.assertLess(took, 1.0 * slowness(), "the readers had to wait")
            if server.metric("event_streams") < before:
                break
        self.assertTrue(wait_until(lambda: server.metric("event_streams") == before - 1, within * slowness(), 0.05),
                        "the deaf listener is still there")
        self.seconds_until_told(readers, lambda: server.call("test_trigger_tool_change"))
        deaf.close()

    def deaf(self, server):
        """A listener for long messages that never reads again."""
        client = ModernClient(server)
        stream = client.listen("deaf", rcvbuf=4096, resourceSubscriptions=[LONG_URI])
        self.addCleanup(stream.close)
        return stream

    def test_one_that_stops_reading_is_dropped_at_the_output_limit(self):
        with GatehouseServer(backend="everything", limits={"write_seconds": 600}) as server:
            readers = self.listeners(server, 200, toolsListChanged=True)
            memory = rss_kib(server.process.pid)
            self.dropped(server, self.deaf(server), readers, turns=300, within=1)
            self.assertLess(rss_kib(server.process.pid) - memory, 8192 * slowness(), "KiB for one deaf listener")

    def test_one_that_stops_reading_is_dropped_by_the_deadline(self):
        with GatehouseServer(backend="everything", limits={"write_seconds": 2, "output_bytes": 1 << 30}) as server:
            readers = self.listeners(server, 200, toolsListChanged=True)
            self.dropped(server, self.deaf(server), readers, turns=150, within=4)


if __name__ == "__main__":
    unittest.main()
