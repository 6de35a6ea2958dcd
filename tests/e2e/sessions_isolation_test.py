"""T08, T09: sessions, states and tasks belong to the identity that made them, and answers to who asked.

What belongs to another is answered exactly as what does not exist. The full number of session ids is in
sessions_isolation_deep_test.py.
"""

import base64
import json
import statistics
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness, test_plugin
from http_wire import request_bytes
from mcp_clients import LegacySession, ModernClient, TASKS, request, text_of, tool
from process_probe import wait_until
from served_case import ServedCase

CLIENTS = 64
ROUNDS = 4
ASKABLE = {"elicitation": {}, "extensions": {TASKS: {}}}


class Foreign(ServedCase):
    options = {"backend": "everything", "tokens": 2}

    def setUp(self):
        self.own, self.other = self.server.token_file.tokens

    def same(self, one, other):
        """Both answers say the same, to the byte."""
        self.assertEqual((one.status, one.body), (other.status, other.body))

    def status_of(self, stream):
        return stream.head.status

    def test_T08_a_session_is_unknown_to_another_user(self):
        session = LegacySession(self.server)
        unknown = {"Mcp-Session-Id": "A" * len(session.id)}
        for method in ("ping", "tools/list", "no/such"):
            answer = session.rpc(method, token=self.other)
            self.assertEqual(answer.status, 404, answer)
            self.same(answer, self.server.rpc(method, token=self.other, headers=unknown))
        note = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
        self.assertEqual(session.post(note, token=self.other).status, 404)
        self.assertEqual(session.rpc("ping", token=None).status, 401)
        self.assertEqual(session.rpc("ping").status, 200)

    def test_T08_its_streams_and_their_replay_are_unknown_to_another_user(self):
        session = LegacySession(self.server)
        marked = {**tool("test_tool_with_progress"), "_meta": {"progressToken": 1}}
        with session.open("tools/call", marked) as call:
            last = call.event()["id"]
            for event_id in (None, last, "0-0"):
                self.assertEqual(self.status_of(session.get(event_id, token=self.other)), 404)
            self.assertEqual(session.delete(token=self.other), 404)
            self.assertEqual(text_of(call.answer()["result"]), "Progress finished")

    def test_T08_delete_ends_a_session_and_its_streams(self):
        session = LegacySession(self.server)
        stream = session.get()
        self.assertEqual(session.delete(), 204)
        self.assertTrue(stream.ended_within(2.0))
        self.assertEqual(session.rpc("ping").status, 404)
        self.assertEqual(self.status_of(session.get()), 404)
        self.assertEqual(session.delete(), 404)

    def test_T08_delete_ends_a_call_that_is_under_way(self):
        session = LegacySession(self.server)
        with session.open_call("test_slow", {"milliseconds": 20_000}) as call:
            call.event()
            self.assertEqual(session.delete(), 204)
            self.assertIsNone(call.message())
        self.assertTrue(wait_until(lambda: self.server.metric("open_clients") == 0, 2.0 * slowness()),
                        "the tool still runs for nobody")

    def test_T08_refused_requests_mint_no_session(self):
        before = self.server.metric("gatehouse_sessions")
        for answer in (self.server.rpc("initialize", {}, token=None), self.server.rpc("initialize", {}, token="wrong"),
                       self.server.rpc("initialize", []), self.server.post(b"{"), self.server.rpc("tools/list"),
                       self.server.rpc("initialize", headers={"Origin": "http://evil.example"}),
                       ModernClient(self.server).rpc("initialize"), ModernClient(self.server).call("greet")):
            self.assertIsNone(answer.header("mcp-session-id"), answer)
        self.assertEqual(self.server.metric("gatehouse_sessions"), before)

    def test_T09_a_requestState_of_another_user_is_as_a_broken_one(self):
        name = "test_input_required_result_elicitation"
        mine, theirs = (ModernClient(self.server, token, ASKABLE) for token in (self.own, self.other))
        state = mine.call(name).result()["requestState"]
        answers = {"user_name": {"action": "accept", "content": {"name": "Mallory"}}}
        refused = theirs.call(name, requestState=state, inputResponses=answers)
        self.assertEqual(refused.error_code(), -32602, refused)
        self.same(refused, theirs.call(name, requestState="broken", inputResponses=answers))
        accepted = mine.call(name, requestState=state, inputResponses=answers)
        self.assertEqual(text_of(accepted.result()), "Hello, Mallory!")

    def test_T09_a_task_of_another_user_is_as_an_unknown_one(self):
        mine, theirs = (ModernClient(self.server, token, ASKABLE) for token in (self.own, self.other))
        task = mine.call("confirm_delete", {"filename": "notes"}).result()["taskId"]
        for method, more in (("tasks/get", {}), ("tasks/cancel", {}), ("tasks/update", {"inputResponses": {}})):
            refused = theirs.rpc(method, {"taskId": task, **more})
            self.assertEqual(refused.error_code(), -32602, refused)
            self.same(refused, theirs.rpc(method, {"taskId": "A" * len(task), **more}))
        self.assertIn(mine.rpc("tasks/get", {"taskId": task}).result()["status"], ("working", "input_required"))


class Refreshed(unittest.TestCase):
    """Two tokens of one identity, as after a refresh; the validator takes every token of twelve characters."""
    def test_T08_a_refreshed_token_keeps_its_session_state_and_task(self):
        settings = {"auth": {"validator": test_plugin("frozen_validator")}}
        first, second = "first-token1", "second-token"
        with GatehouseServer(settings, backend="everything") as server:
            session = LegacySession(server, first)
            self.assertEqual(session.rpc("ping", token=second).status, 200)
            self.assertEqual(session.rpc("ping", token="a token of another length").status, 401)
            before, after = (ModernClient(server, token, ASKABLE) for token in (first, second))
            name = "test_input_required_result_elicitation"
            state = before.call(name).result()["requestState"]
            answers = {"user_name": {"action": "accept", "content": {"name": "Ada"}}}
            done = after.call(name, requestState=state, inputResponses=answers)
            self.assertEqual(text_of(done.result()), "Hello, Ada!")
            task = before.call("slow_compute", {"seconds": 0}).result()["taskId"]
            self.assertEqual(after.rpc("tasks/get", {"taskId": task}).result()["taskId"], task)
            self.assertEqual(session.delete(second), 204)


class Ids(unittest.TestCase):
    COUNT = 10_000
    PIPELINED = 250

    def ids(self, server):
        params = {"protocolVersion": "2025-11-25", "capabilities": {}}
        body = json.dumps(request("initialize", params)).encode()
        data = request_bytes("POST", "/mcp", server.fields(), body, server.authority) * self.PIPELINED
        with server.wire(timeout=30) as wire:
            for _ in range(self.COUNT // self.PIPELINED):
                wire.send(data)
                for _ in range(self.PIPELINED):
                    yield wire.reply().header("mcp-session-id")

    def test_T08_session_ids_are_random_and_never_twice(self):
        with GatehouseServer(backend="everything") as server:
            seen = list(self.ids(server))
        self.assertEqual((len(seen), len(set(seen))), (self.COUNT, self.COUNT))
        raw = [base64.urlsafe_b64decode(each + "=" * (-len(each) % 4)) for each in seen]
        size = len(raw[0])
        self.assertGreaterEqual(size * 8, 128)
        numbers = [int.from_bytes(each, "big") for each in raw]
        sigma = 0.5 / self.COUNT**0.5
        for bit in range(size * 8):
            share = sum(number >> bit & 1 for number in numbers) / self.COUNT
            self.assertLess(abs(share - 0.5), 6 * sigma, f"bit {bit}")
        apart = statistics.mean(bin(a ^ b).count("1") for a, b in zip(numbers, numbers[1:]))
        self.assertLess(abs(apart - size * 4), 1.0, "bits between two ids that follow each other")


class Crowd(unittest.TestCase):
    """64 users send the same ids and ask for the same; each must meet only itself."""
    def setUp(self):
        self.server = GatehouseServer(backend="everything", tokens=CLIENTS)
        self.addCleanup(self.server.__exit__, None)

    def in_threads(self, work):
        """Runs work(token, n) for every token at once; the first failure is raised."""
        failures, gate = [], threading.Barrier(CLIENTS)

        def run(token, number):
            try:
                gate.wait(30)
                work(token, number)
            except BaseException as failure:
                failures.append(failure)
                gate.abort()

        tokens = self.server.token_file.tokens
        callers = [threading.Thread(target=run, args=(token, n)) for n, token in enumerate(tokens)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        if failures:
            raise failures[0]

    def test_T08_legacy_questions_and_answers_stay_with_their_session(self):
        met = threading.Barrier(CLIENTS)

        def ask(token, number):
            name = f"client-{number:02}-{token.id}"
            session = LegacySession(self.server, token, capabilities=ASKABLE)
            for _ in range(ROUNDS):
                with session.open_call("test_elicitation", {"message": name}, timeout=60) as call:
                    asked = call.message()
                    self.assertEqual(asked["params"]["message"], name)
                    met.wait(60)  # all are asked before any answers
                    content = {"username": name, "email": f"{name}@example.com"}
                    session.respond(asked, {"action": "accept", "content": content})
                    answer = call.answer()
                self.assertEqual(answer["id"], 1)
                text = text_of(answer["result"])
                self.assertEqual(json.loads(text.split("content=")[1]), content)

        self.in_threads(ask)
        self.assertTrue(wait_until(lambda: self.server.metric("open_clients") == 0, 5))

    def test_T09_modern_states_and_answers_stay_with_their_client(self):
        states, met = {}, threading.Barrier(CLIENTS)
        arguments = {"message": "the same for all"}

        def ask(token, number):
            name = f"client-{number:02}-{token.id}"
            client = ModernClient(self.server, token, ASKABLE)
            for _ in range(ROUNDS):
                states[number] = client.call("test_elicitation", arguments).result()["requestState"]
                met.wait(60)
                content = {"username": name, "email": f"{name}@example.com"}
                answers = {"user": {"action": "accept", "content": content}}
                foreign = states[(number + 1) % CLIENTS]
                refused = client.call("test_elicitation", arguments, requestState=foreign, inputResponses=answers)
                self.assertEqual(refused.error_code(), -32602, refused)
                done = client.call("test_elicitation", arguments, requestState=states[number],
                                   inputResponses=answers)
                self.assertEqual(json.loads(text_of(done.result()).split("content=")[1]), content)
                met.wait(60)

        self.in_threads(ask)
        self.assertEqual(len(set(states.values())), CLIENTS)

    def test_T08_progress_and_results_of_the_same_ids_stay_apart(self):
        def ask(token, number):
            for client in (LegacySession(self.server, token), ModernClient(self.server, token)):
                marked = {**tool("test_tool_with_progress"), "_meta": {"progressToken": number}}
                if isinstance(client, ModernClient):
                    call = client.open("tools/call", tool("test_tool_with_progress"), meta={"progressToken": number},
                                       timeout=60)
                else:
                    call = client.open("tools/call", marked, timeout=60)
                *notes, answer = call.until_answer()
                self.assertEqual([note["params"]["progressToken"] for note in notes], [number] * 3)
                self.assertEqual(answer["id"], 1)

        self.in_threads(ask)


if __name__ == "__main__":
    unittest.main()
