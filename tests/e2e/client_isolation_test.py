"""T07: every caller gets its own answers, from a client object made for its own request.

64 threads with different tokens send identical ids and arguments; the witness backend answers with the
subject, the token id and the serial of its client object, told from inside of it, and counts what it
makes and closes. The full size is in client_isolation_deep_test.py.
"""

import random
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness, test_plugin
from patient_wire import PatientWire
from process_probe import wait_until

THREADS = 64


class Isolation(unittest.TestCase):
    CALLS = 16
    ERRANDS = (("whoami", {}), ("slow", {"ms": 50}), ("throw", {"kind": "std"}))

    def setUp(self):
        self.server = GatehouseServer(backend=test_plugin("witness"), tokens=THREADS)
        self.addCleanup(self.server.__exit__, None)

    def who(self, token, wire=None, era="call"):
        params = {"name": "whoami", "arguments": {}}
        answer = self.server.modern("tools/call", params, token=token, wire=wire) if era == "modern" \
            else self.server.call("whoami", {}, token=token, wire=wire)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json()["id"], 1)
        return answer.result()["structuredContent"]

    def counts(self):
        return self.server.call("counts").result()["structuredContent"]

    def at_rest(self):
        """The counters once nothing but the counting call itself is open."""
        self.assertTrue(wait_until(lambda: self.counts()["open"] <= 1, 10 * slowness()), self.counts())
        now = self.counts()
        self.assertEqual(now["doubleClosed"], 0, now)
        self.assertLessEqual(now["created"] - now["closed"], 1, now)
        self.assertTrue(wait_until(lambda: self.server.metric("open_clients") == 0, 5),
                        "open clients while idle")
        return now

    def in_threads(self, work):
        """Runs work(token) for every token at once; the first failure is raised."""
        failures, gate = [], threading.Barrier(THREADS)

        def run(token):
            gate.wait()
            try:
                work(token)
            except BaseException as failure:
                failures.append(failure)

        callers = [threading.Thread(target=run, args=(token, )) for token in self.server.token_file.tokens]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        if failures:
            raise failures[0]

    def test_T07_every_answer_holds_its_callers_subject_and_an_own_serial(self):
        own = {token.id: self.who(token) for token in self.server.token_file.tokens}
        self.assertEqual(len({row["subject"] for row in own.values()}), THREADS, "two tokens share a subject")
        for name, row in own.items():
            self.assertEqual(row["tokenId"], name)
        serials, lock = [row["serial"] for row in own.values()], threading.Lock()

        def ask(token):
            mine = []
            with self.server.wire(timeout=60) as wire:
                for turn in range(self.CALLS):
                    row = self.who(token, wire, "modern" if turn % 2 else "call")
                    self.assertEqual((row["subject"], row["tokenId"]), (own[token.id]["subject"], token.id))
                    mine.append(row["serial"])
            with lock:
                serials.extend(mine)

        self.in_threads(ask)
        self.assertEqual(len(set(serials)), THREADS * (self.CALLS + 1), "a client object served two calls")
        self.at_rest()

    def test_T07_pipelined_callers_get_their_own_answers_in_order(self):
        own = {token.id: self.who(token)["subject"] for token in self.server.token_file.tokens}

        def ask(token):
            with self.server.wire(timeout=60) as wire:
                calls = [self.server.call_bytes("whoami", {}, number, token) for number in range(self.CALLS)]
                wire.send(b"".join(calls))
                for number in range(self.CALLS):
                    answer = wire.reply()
                    self.assertEqual((answer.json()["id"], answer.result()["structuredContent"]["subject"]),
                                     (number, own[token.id]))

        self.in_threads(ask)
        self.at_rest()

    def test_T07_tokens_taking_turns_on_one_connection_stay_apart(self):
        own = {token.id: self.who(token)["subject"] for token in self.server.token_file.tokens[:8]}
        with PatientWire(self.server) as wire:
            for _ in range(self.CALLS):
                for token in self.server.token_file.tokens[:8]:
                    self.assertEqual(self.who(token, wire)["subject"], own[token.id])
                    self.assertEqual(self.server.call("whoami", token="wrong", wire=wire).status, 401)

    def test_T07_killed_peers_leave_no_client_open(self):
        def ask(token):
            dice = random.Random(token.id)
            for _ in range(self.CALLS):
                wire = self.server.wire()
                tool, arguments = dice.choice(self.ERRANDS)
                wire.send(self.server.call_bytes(tool, arguments, token=token))
                if dice.random() < 0.3:
                    wire.reply()
                (wire.reset if dice.random() < 0.7 else wire.close)()

        self.in_threads(ask)
        now = self.at_rest()
        self.assertGreater(now["created"], THREADS)


if __name__ == "__main__":
    unittest.main()
