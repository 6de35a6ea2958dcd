"""One caller alone takes as much as it gets of everything that grows: at its limit it is told 429 or 503 with Retry-After,
memory stays bounded, a second caller is served as before, and after the first has gone everything is back.
"""

import json
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, sanitized, slowness, test_plugin
from http_wire import request_bytes
from mcp_clients import LegacySession, ModernClient
from process_probe import rss_kib, wait_until
from steady_traffic import SteadyTraffic, p99, statuses

MOST_GROWTH_KIB = 64 << 10
SECOND_CONNECTIONS = 4
URI = "test://" + "u" * 8000


class OneCaller(unittest.TestCase):
    """`first` takes, `second` is served: two tokens of one server."""
    limits = {}

    def setUp(self):
        self.server = GatehouseServer(backend={"plugin": test_plugin("witness")}, tokens=2,
                                      limits={"call_seconds": 30, "drain_seconds": 3, **self.limits})
        self.addCleanup(self.server.discard)
        self.first, self.second = self.server.token_file.tokens
        self.wires = []
        self.addCleanup(self.leave)

    # --- the second caller

    def watched(self, take, settled=None):
        """Runs take() between two measures of the second caller; what take() left stays while the second is measured."""
        session = LegacySession(self.server, token=self.second)
        stream = session.get()
        with SteadyTraffic(self.server, lambda: self.second, connections=SECOND_CONNECTIONS, rate=100, tool="whoami") as traffic:
            traffic.during(0.5)
            quiet = traffic.during(1.5)
            before = rss_kib(self.server.process.pid)
            took = take()
            grown = rss_kib(self.server.process.pid) - before
            busy = self.calmest(traffic, max(2 * p99(quiet), 0.010))
            self.assertEqual(set(statuses(traffic.since(0))), {200}, "the second caller is served")
        if not sanitized():
            self.assertLess(grown, MOST_GROWTH_KIB, f"memory grew by {grown} KiB")
            self.assertLess(busy, max(2 * p99(quiet), 0.010), f"quiet {p99(quiet)}, busy {busy}")
        self.assertEqual(session.rpc("ping").status, 200, "its session lives")
        self.assertFalse(stream.ended_within(0.01), "its stream lives")
        stream.wire.close()
        return took

    @staticmethod
    def calmest(traffic, wanted):
        """The p99 of one of a few measures: what the first caller holds is there in all, other load on the machine is not."""
        found = []
        while len(found) < 5 and (not found or found[-1] >= wanted):
            found.append(p99(traffic.during(1.5)))
        return min(found)

    def told(self, answers):
        """Some are served, the rest is told to come again."""
        refused = [answer for answer in answers if answer.status in (429, 503)]
        self.assertTrue(refused, {answer.status for answer in answers})
        for answer in refused:
            self.assertGreaterEqual(int(answer.header("Retry-After") or 0), 1, answer)
        return refused

    def leave(self):
        for wire in self.wires:
            wire.close()
        self.wires = []

    def back(self, budget, left=0):
        """After the first caller has gone its share is free."""
        name = f'gatehouse_budget_used{{budget="{budget}"}}'
        self.assertTrue(wait_until(lambda: self.server.metrics().get(name, 0) <= left, 10 * slowness(), 0.05),
                        self.server.metrics().get(name))

    def refusals(self, budget):
        return self.server.metrics().get(f'gatehouse_budget_refusals_total{{budget="{budget}"}}', 0)

    def wire(self, **options):
        self.wires.append(self.server.wire(timeout=30, **options))
        return self.wires[-1]

    def begin(self, tool, arguments, call_id=1):
        wire = self.wire()
        wire.send(self.server.call_bytes(tool, arguments, call_id, token=self.first))
        return wire


class Workers(OneCaller):
    limits = {"open_calls_per_identity": 150}

    def test_C_calls_have_a_share_of_the_workers_for_each_identity(self):
        def take():
            wires = [self.begin("slow", {"ms": 20_000}) for _ in range(200)]
            self.assertTrue(wait_until(lambda: self.refusals("open_calls") >= 50, 10 * slowness(), 0.05))
            used = self.server.metrics()['gatehouse_budget_used{budget="calls"}']
            self.assertIn(used, range(32, 32 + SECOND_CONNECTIONS + 1))  # of them the second caller's
            return wires

        wires = self.watched(take)
        answers = [wire.reply() for wire in wires if self.readable(wire)]
        self.assertEqual(len(self.told(answers)), 50)
        self.leave()
        self.back("calls")
        self.back("open_calls")

    @staticmethod
    def readable(wire):
        wire.socket.settimeout(0.05)
        try:
            return bool(wire.socket.recv(1, socket.MSG_PEEK))
        except TimeoutError:
            return False
        finally:
            wire.socket.settimeout(30)


class OpenCalls(OneCaller):
    limits = {"open_calls_per_identity": 50, "ask_seconds": 60}

    def test_C_calls_that_wait_for_their_client_are_bounded(self):
        client = LegacySession(self.server, token=self.first, capabilities={"elicitation": {}})

        def take():
            for number in range(50):
                self.wires.append(client.open_call("ask", call_id=number + 10))
                self.wires[-1].start()
            self.assertTrue(wait_until(
                lambda: self.server.metrics().get('gatehouse_budget_used{budget="open_calls"}') == 50, 10 * slowness(), 0.05))
            return [client.call("ask", call_id=1000 + number) for number in range(20)]

        self.assertEqual(len(self.told(self.watched(take))), 20)
        client.delete()
        self.back("open_calls")


class Sessions(OneCaller):
    def test_C_a_flood_of_initialize_ends_sessions_of_its_own_identity_only(self):
        hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25",
                 "capabilities": {}, "clientInfo": {"name": "flood", "version": "1"}}}

        def take():
            with self.server.wire(timeout=30) as wire:
                for _ in range(10_000 if not sanitized() else 3_000):
                    answer = self.server.post(hello, token=self.first, wire=wire)
                    self.assertEqual(answer.status, 200)
            return answer.header("Mcp-Session-Id")

        newest = self.watched(take)
        self.assertEqual(self.server.rpc("ping", token=self.first, headers={"Mcp-Session-Id": newest}).status, 200)
        self.assertLessEqual(self.server.metrics()["gatehouse_sessions"], 2_500 + 2)


class FewSessions(OneCaller):
    limits = {"sessions": 4, "sessions_per_identity": 3}

    def test_C_where_others_hold_every_session_a_newcomer_is_told_to_come_again(self):
        third = self.server.token_file.add()
        for token in (self.first, self.first, self.first, self.second):
            LegacySession(self.server, token=token)
        self.assertTrue(wait_until(lambda: self.server.rpc("ping", token=third).status == 200, 5 * slowness(), 0.05))
        hello = self.server.rpc("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}}, token=third)
        self.told([hello])


class Streams(OneCaller):
    limits = {"streams_per_identity": 300}

    def test_C_event_streams_are_bounded(self):
        fields = self.server.fields(self.first, {"Accept": "text/event-stream", "Content-Type": None})

        def take():
            answers = []
            for _ in range(320):
                wire = self.wire()
                wire.send(request_bytes("GET", "/mcp/sse", fields, b"", self.server.authority))
                answers.append(wire.head())
            return answers

        self.assertEqual(len(self.told(self.watched(take))), 20)
        self.leave()
        self.back("streams")

    def test_C_an_open_stream_holds_no_budget_of_its_request(self):
        body = json.dumps({"pad": "x" * 3_000_000}).encode()
        fields = self.server.fields(self.first, {"Accept": "text/event-stream"})

        def take():
            for _ in range(12):
                wire = self.wire()
                wire.send(request_bytes("GET", "/mcp/sse", fields, body, self.server.authority))
                self.assertEqual(wire.head().status, 200)

        self.watched(take)
        self.back("bodies")


class Bodies(OneCaller):
    def test_C_bodies_on_their_way_are_bounded_by_identity(self):
        def take():
            half = b"x" * 900_000  # a refused sender is listened to for 1 MiB more
            answers = []
            for _ in range(60):
                wire = self.wire()
                fields = {**self.server.fields(self.first), "Content-Length": "4000000"}
                wire.send(request_bytes("POST", "/mcp", fields, b"", self.server.authority, length=False))
                wire.send(half)
            self.assertTrue(wait_until(lambda: self.refusals("bodies") >= 20, 10 * slowness(), 0.05))
            for wire in self.wires:
                if Workers.readable(wire):
                    answers.append(wire.reply())
            return answers

        self.told(self.watched(take))
        self.leave()
        self.back("bodies")

    def test_C_probes_are_answered_at_the_head(self):
        def take():
            statuses_seen = set()
            for _ in range(64):
                wire = self.wire()
                wire.send(request_bytes("GET", "/health", {"Content-Length": "4000000"}, b"", self.server.authority, length=False))
                wire.send_what_it_takes(b"x" * 3_000_000)
                statuses_seen.add(wire.head().status)
            return statuses_seen

        self.assertEqual(self.watched(take), {200})
        self.back("bodies")


class Outputs(OneCaller):
    def test_C_answers_that_are_not_read_are_bounded_by_identity(self):
        def take():
            for _ in range(80):  # one after the other: what the kernel has no room for stays with the server
                wire = self.wire(rcvbuf=4096)
                wire.send(self.server.call_bytes("large", {"bytes": 4_000_000}, token=self.first))
                self.assertTrue(wait_until(lambda wire=wire: Workers.readable(wire), 20 * slowness()))
            self.assertGreater(self.refusals("outputs"), 0)

        self.watched(take)
        self.assertTrue(any(wire.head().status == 503 for wire in self.wires[40:]))
        self.leave()
        self.back("outputs")

    def test_C_the_answers_of_a_batch_are_bounded(self):
        calls = [{"jsonrpc": "2.0", "id": number, "method": "tools/call",
                  "params": {"name": "large", "arguments": {"bytes": 1_000_000}}} for number in range(100)]
        answer = self.watched(lambda: self.server.post(calls, token=self.first,
                                                       headers={"MCP-Protocol-Version": "2025-03-26"}))
        self.assertEqual(answer.status, 200)
        self.assertLess(len(answer.body), 24 << 20)
        results = answer.json()
        self.assertEqual(sorted(one["id"] for one in results), list(range(100)))
        self.assertTrue(any("result" in one for one in results))
        self.assertTrue(any("error" in one for one in results))


class Kept(OneCaller):
    def test_C_events_kept_for_clients_that_come_back_are_bounded(self):
        def take():
            for _ in range(12):
                client = LegacySession(self.server, token=self.first)
                for number in range(10):
                    answer = client.call("large", {"bytes": 1_000_000}, call_id=number + 10,
                                         headers={"Accept": "text/event-stream"})
                    self.assertEqual(answer.status, 200)

        self.watched(take)
        used = self.server.metrics()['gatehouse_budget_used{budget="kept_events"}']
        self.assertLessEqual(used, 16 << 20)
        self.assertGreater(self.refusals("kept_events"), 0)

    def test_C_subscribed_uris_are_bounded(self):
        clients = [LegacySession(self.server, token=self.first) for _ in range(4)]

        def take():
            return [client.rpc("resources/subscribe", {"uri": f"{URI}{number}"}, call_id=number + 10)
                    for client in clients for number in range(200)]

        self.told(self.watched(take))
        for client in clients:
            client.delete()
        self.back("subscriptions")

    def test_C_a_uri_has_at_most_8_KiB_everywhere(self):
        long = "test://" + "u" * 8192
        client = LegacySession(self.server, token=self.first)
        for method, params in (("resources/subscribe", {"uri": long}), ("resources/unsubscribe", {"uri": long})):
            answer = client.rpc(method, params, call_id=7)
            self.assertEqual(answer.error_code(), -32602, answer)

    def test_C_results_of_tasks_are_bounded(self):
        client = ModernClient(self.server, token=self.first,
                              capabilities={"extensions": {"io.modelcontextprotocol/tasks": {}}})

        def take():
            for number in range(40):
                answer = client.rpc("tools/call", {"name": "large_task", "arguments": {"bytes": 1_000_000}}, call_id=number)
                self.assertIn(answer.status, (200, 429), answer)

        self.watched(take)
        used = self.server.metrics()['gatehouse_budget_used{budget="task_results"}']
        self.assertLessEqual(used, 16 << 20)
        self.assertTrue(wait_until(lambda: self.refusals("task_results") > 0, 5 * slowness(), 0.05))


class Gone(OneCaller):
    limits = {"workers": 4, "calls_per_identity": 4}

    def await_calls(self, count):
        """Waits until as many calls are inside of the backend."""
        self.assertTrue(wait_until(lambda: self.server.metrics()["gatehouse_open_clients"] >= count, 5 * slowness(), 0.02))

    def test_C_an_identity_that_has_gone_is_told_also_while_every_worker_is_busy(self):
        third = self.server.token_file.add()
        self.assertTrue(wait_until(lambda: self.server.rpc("ping", token=third).status == 200, 5 * slowness(), 0.05))
        busy = [self.begin("stubborn", {"ms": 4000}) for _ in range(4)]
        self.await_calls(4)
        self.server.token_file.remove(third)
        for wire in busy:
            wire.reply()
        counts = self.server.call("counts", token=self.second).result()["structuredContent"]
        self.assertGreaterEqual(counts["identitiesGone"], 1)

    def test_C_workers_that_do_not_return_are_counted_and_made_up_for(self):
        for _ in range(4):
            self.begin("stubborn", {"ms": 60_000})
        self.await_calls(4)
        self.leave()
        self.assertTrue(wait_until(lambda: self.server.metrics()["gatehouse_overdue_workers"] == 4, 15 * slowness(), 0.1))
        self.assertEqual(self.server.call("whoami", token=self.second).status, 200)

    def test_C_a_plugin_that_never_returns_takes_the_server_with_it_neither_in_a_call_nor_at_the_stop(self):
        for _ in range(3):
            self.begin("deaf", {"ms": 600_000})
        self.await_calls(3)
        self.leave()
        for _ in range(20):
            self.assertEqual(self.server.call("whoami", token=self.second).status, 200)
        self.leave()
        self.assertLess(self.server.stop(within=20 * slowness()), 16 * slowness())


if __name__ == "__main__":
    unittest.main()
