"""F13: the n-th allocation from the start of a request fails, for n = 1, 2, ... until it needs no more.

Each time the request may be answered, refused with 500 or 503, or its connection closed; it may not hang,
and the next request must be served.
"""

import socket
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from failing_memory import FailingMemory
from gatehouse_server import GatehouseServer, sanitized
from http_wire import ConnectionEnded, request_bytes
from needed import give_up
from process_probe import wait_until


class FailingAllocations(unittest.TestCase):
    MOST = 5000
    PATIENCE = 5  # so many numbers in a row that no allocation reached: the request needs no more
    ENOUGH = 3  # so many complaints end a test

    def setUp(self):
        if sanitized() or not FailingMemory.compiler():
            give_up(self, "needs a C compiler and no sanitizer")
        self.memory = FailingMemory()
        self.addCleanup(self.memory.close)
        self.server = GatehouseServer(env=self.memory.environment)
        self.addCleanup(self.server.__exit__, None)
        self.server.assert_serves()

    def each_fails(self, ask, *allowed):
        """Lets each allocation of the request fail in turn."""
        complaints, unreached = [], 0
        for number in range(1, self.MOST + 1):
            outcome, reached = self.with_failing(number, ask)
            if outcome not in {*allowed, 500, 503, "closed"}:
                complaints.append(f"allocation {number}: {outcome}")
            unreached = 0 if reached else unreached + 1
            if unreached >= self.PATIENCE or len(complaints) >= self.ENOUGH:
                break
            self.served_again(number)
        self.assertEqual(complaints, [])
        self.assertGreater(number, self.PATIENCE, "no allocation failed: the library is not in force")

    def with_failing(self, number, ask):
        """What came of the request, and whether the allocation that was to fail was reached."""
        self.memory.fail_the(number)
        try:
            with self.server.wire(timeout=2) as wire:
                outcome = ask(wire).status
        except (socket.timeout, TimeoutError):
            outcome = "no answer in 2 s"
        except (ConnectionEnded, OSError):
            outcome = "closed"
        reached = not self.memory.still_waiting()
        self.memory.fail_the(0)
        return outcome, reached

    def served_again(self, number):
        try:
            self.server.assert_serves()
        except (AssertionError, ConnectionEnded, OSError) as lost:
            wait_until(lambda: not self.server.alive(), 1)
            self.fail(f"allocation {number}: {lost!r}; exit code {self.server.process.poll()}")

    def test_F13_a_call(self):
        self.each_fails(lambda wire: self.server.call("echo", {"text": "x" * 5000}, wire=wire), 200)

    def test_F13_a_modern_call(self):
        params = {"name": "echo", "arguments": {"text": "x"}}
        self.each_fails(lambda wire: self.server.modern("tools/call", params, wire=wire), 200)

    def test_F13_a_list(self):
        self.each_fails(lambda wire: self.server.rpc("tools/list", wire=wire), 200)

    def test_F13_a_discovery(self):
        self.each_fails(lambda wire: self.server.modern("server/discover", wire=wire), 200)

    def test_F13_a_handshake(self):
        params = {"protocolVersion": "2025-11-25", "capabilities": {}}
        self.each_fails(lambda wire: self.server.rpc("initialize", params, wire=wire), 200)

    def test_F13_errors(self):
        self.each_fails(lambda wire: self.server.rpc("no/such", wire=wire), 200, 404)
        self.each_fails(lambda wire: self.server.post(b"{", wire=wire), 400)

    def test_F13_refusals(self):
        self.each_fails(lambda wire: self.server.call("echo", token="wrong", wire=wire), 401)
        self.each_fails(lambda wire: self.server.call("echo", headers={"Host": "evil.example"}, wire=wire),
                        403)

    def test_F13_probes(self):
        self.each_fails(lambda wire: wire.request("GET", "/health"), 200)
        self.each_fails(lambda wire: wire.request("GET", "/ready"), 200)

    def test_F13_a_connection_ends_while_memory_is_short(self):
        for _ in range(20):
            wire = self.server.wire(timeout=2)
            self.server.call("echo", {"text": "x"}, wire=wire)
            self.memory.fail_the(1)
            wire.close()
            wait_until(lambda: not self.memory.still_waiting(), 0.1)
            self.memory.fail_the(0)
            self.served_again("of the end")
        self.assertTrue(wait_until(lambda: self.server.metric("gatehouse_connections") <= 1, 5))

    def test_F13_an_event_stream(self):
        fields = self.server.fields(headers={"Accept": "text/event-stream"})
        request = request_bytes("GET", "/mcp/sse", fields, host=self.server.authority)
        self.each_fails(lambda wire: wire.send(request).head(), 200)

    def test_F13_reloads_of_the_token_file(self):
        for number in range(1, self.MOST):
            at = self.server.line_count()
            self.memory.fail_the(number)
            token = self.server.token_file.add()
            wait_until(lambda: self.server.line_count() > at, 0.5)
            reached = not self.memory.still_waiting()
            self.memory.fail_the(0)
            self.served_again(number)
            self.server.token_file.remove(token)
            if not reached:
                break
        fresh = self.server.token_file.add()
        self.assertTrue(wait_until(lambda: self.server.rpc("ping", token=fresh).status == 200, 5),
                        "no reload any more")


if __name__ == "__main__":
    unittest.main()
