"""The table of README.md and the tests agree: every case has a test, every row names what exists."""

import re
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
THREATS = [f"T{n:02}" for n in (*range(1, 13), 21, 24, 27, 29, 32, 33)]
ENDINGS = ["A1", "A2", "A3"]  # what ended the process
OPENINGS = [f"B{n}" for n in range(1, 8)]  # what let somebody in
SHARES = [f"C{n:02}" for n in range(1, 18)]  # what one caller could take from all
RIGHTS = [f"D{n:02}" for n in range(1, 23)]  # what is right and was refused, or told wrongly
PROMISES = [  # what our own pages say
    *(f"E{n:02}" for n in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12)), *(f"E06{kind}" for kind in "abcdefghij")
]
HONESTY = [f"G{n:02}" for n in range(1, 10)]  # what tests would not have noticed
USERS = [f"U{n:02}" for n in range(1, 11)]  # what users of real clients read
FAULTS = [f"F{n:02}" for n in (*range(1, 40), 43, 44, 45)]


class CaseIndex(unittest.TestCase):
    def setUp(self):
        self.rows = dict(
            re.findall(r"(?m)^\| ([A-Z]\d\d[a-z]?|[AB]\d) \|[^|]*\| (.*) \|$",
                       (HERE / "README.md").read_text(encoding="utf-8")))
        self.sources = {path.stem: path.read_text(encoding="utf-8") for path in HERE.glob("*_test.py")}

    def test_every_case_has_a_row_and_a_test(self):
        everything = "\n".join(self.sources.values())
        for case in SHARES + RIGHTS + PROMISES + HONESTY + USERS:
            self.assertIn(case, self.rows)
        for case in ENDINGS + OPENINGS + THREATS + FAULTS:
            with self.subTest(case=case):
                self.assertIn(case, self.rows)
                self.assertRegex(everything, rf"def test_{case}_|def test_F01_{case}_")

    def test_every_row_names_what_exists(self):
        for case, text in self.rows.items():
            for stem in re.findall(r"`(\w+)`", text):
                self.assertIn(stem, self.sources, case)
            for path in re.findall(r"`(unit/[\w/.]+)`", text):
                self.assertRegex((HERE.parent / path).read_text(encoding="utf-8"),
                                 rf'"(\w\d\d\w?, )*({case[0]}|{case})(, \w\d\d\w?)*: |subscriptions/listen', case)
            for prefix in re.findall(r"test_(?:[A-Z]\d\d[a-z]?|[AB]\d)_|test_[CJ]\w+_", text):
                self.assertIn(f"def {prefix}", "\n".join(self.sources.values()), case)
            for name in re.findall(r"\b[A-Z][a-z]+[A-Za-z]*\b(?!_)", re.sub(r"`\w+`|test_\S+", "", text)):
                self.assertIn(f"class {name}(", "\n".join(self.sources.values()), case)


if __name__ == "__main__":
    unittest.main()
