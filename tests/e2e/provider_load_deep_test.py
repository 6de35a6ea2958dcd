"""F17 and F20 for minutes: the pauses of a provider that stays down reach their end, and the storm outlasts many cool-downs."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import provider_load_test as quick


class LongStorm(quick.Storm):
    QUIET, SECONDS = 15, 60


class LongDown(quick.Down):
    QUIET, PAUSES = 15, [1, 2, 4, 8, 16, 30, 30]


if __name__ == "__main__":
    unittest.main()
