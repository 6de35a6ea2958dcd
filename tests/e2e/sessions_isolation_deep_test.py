"""T08: a hundred thousand session ids."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import sessions_isolation_test as quick


class HundredThousandIds(quick.Ids):
    COUNT = 100_000


if __name__ == "__main__":
    unittest.main()
