"""T05 at full size: many mutated requests, over many connections at once."""

import random
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import json_hostile_test as quick
from patient_wire import PatientWire
from process_probe import descriptors, rss_kib, wait_until
from served_case import ServedCase


class Mutations(ServedCase):
    CONNECTIONS = 8
    EACH = 12_500

    def mutate(self, number):
        """Mutated calls on one connection; the worst status."""
        dice, worst = random.Random(number), 0
        with PatientWire(self.server) as wire:
            for _ in range(self.EACH):
                body = quick.Hostile.mutated(dice, quick.ECHO % b'"x"')
                worst = max(worst, self.server.post(body, wire=wire).status)
        return worst

    def test_T05_a_hundred_thousand_mutated_requests(self):
        self.server.assert_serves()
        pid = self.server.process.pid
        memory, files = rss_kib(pid), descriptors(pid)
        with ThreadPoolExecutor(self.CONNECTIONS) as pool:
            worst = max(pool.map(self.mutate, range(self.CONNECTIONS)))
        self.assertLess(worst, 500)
        self.server.assert_serves()
        self.assertLess(rss_kib(pid) - memory, 32 * 1024)
        self.assertTrue(wait_until(lambda: abs(descriptors(pid) - files) <= 2, 5))


if __name__ == "__main__":
    unittest.main()
