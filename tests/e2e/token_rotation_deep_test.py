"""A hundred thousand calls across a rotation with an overlap: none is refused, and none is let in after its end."""

import datetime
import sys
import threading
import time
import unittest
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import slowness
from http_wire import ConnectionEnded
from managed_server import ManagedServer


def wall(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Rotation(unittest.TestCase):
    CALLS = 100_000
    BATCH = 50
    CALLERS = 4
    OVERLAP = "8s"

    def setUp(self):
        self.server = ManagedServer(store="sqlite")
        self.addCleanup(self.server.discard)
        self.rotated = float("inf")
        self.seen, self.lock = [], threading.Lock()  # (is old, status, sent, received, count)

    def batch(self, wire, text, is_old):
        one = self.server.call_bytes("test_simple_text", {}, token=text)
        sent, statuses = time.time(), Counter()
        try:
            wire.send(one * self.BATCH)
            for _ in range(self.BATCH):
                statuses[wire.reply().status] += 1
        except (ConnectionEnded, OSError):
            pass  # a refusal may end the connection: what was not answered was not let in
        with self.lock:
            self.seen += [(is_old, status, sent, time.time(), many) for status, many in statuses.items()]
        return set(statuses) == {200}

    def made(self):
        """Calls that were sent after the rotation."""
        return sum(row[4] for row in list(self.seen) if row[2] >= self.rotated)

    def caller(self, is_old):
        """Calls with the old text until it has been refused for a while, or with the newest there is."""
        refused = 0
        while refused < 3 and (is_old or self.made() < self.CALLS):
            with self.server.wire(timeout=20 * slowness()) as wire:
                while self.batch(wire, self.first if is_old else self.newest, is_old):
                    if not is_old and self.made() >= self.CALLS:
                        return
            refused += 1

    def test_none_is_refused_and_none_accepted_after_the_end(self):
        token = self.server.create(rate_limit=1_000_000)
        self.first = self.newest = token["token"]
        callers = [threading.Thread(target=self.caller, args=(number % 2 == 0,)) for number in range(self.CALLERS)]
        for caller in callers:
            caller.start()
        time.sleep(2)  # calls go on before the rotation, while it is made, and after it
        rotated = self.server.api("POST", f"{token['id']}/rotate", {"overlap": self.OVERLAP}).json()
        self.newest, self.rotated = rotated["token"], time.time()
        for caller in callers:
            caller.join()
        end = wall(rotated["previous"]["valid_until"])
        old = [row for row in self.seen if row[0]]
        early = sum(row[4] for row in old if row[1] != 200 and row[3] < end)
        late = sum(row[4] for row in old if row[1] == 200 and row[2] >= end)
        print(f"{sum(row[4] for row in self.seen)} calls, {self.made()} after the rotation; of the old text: {early} refused before its end, {late} accepted after")
        self.assertEqual((early, late), (0, 0), [row for row in old if row[1] != 200] + [end])
        self.assertEqual({row[1] for row in self.seen if not row[0]}, {200})
        self.assertIn(401, {row[1] for row in old})
        self.assertGreaterEqual(self.made(), self.CALLS)


if __name__ == "__main__":
    unittest.main()
