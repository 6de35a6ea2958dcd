"""docs/limits.md says what is: every budget of the page is a metric, every setting on it exists, with the default it names."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from served_case import ServedCase

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/limits.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "conf/gatehouse.yaml").read_text(encoding="utf-8")
UNITS = {"MiB": 1 << 20, "KiB": 1 << 10}


def rows(heading):
    """The rows of the table below a heading, as lists of cells, without its head."""
    table = PAGE.split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()
            if line.startswith("|")][2:]


def number(cell):
    """`32 MiB` or `1,000` as a number; none where the cell is a sum or a word."""
    found = re.fullmatch(r"([\d,]+)(?: (MiB|KiB))?", cell)
    return int(found[1].replace(",", "")) * UNITS.get(found[2], 1) if found else None


def default_of(setting):
    found = re.search(rf"(?m)^[ #]*{re.escape(setting.rsplit('.', 1)[-1])}: (\d+)", SETTINGS)
    return int(found[1]) if found else None


class LimitsPage(ServedCase):
    options = {"settings": {"admin": {"enabled": True}}}  # whose budget is on the page

    def test_every_budget_of_the_page_is_a_metric_and_every_metric_is_on_the_page(self):
        named = re.findall(r'gatehouse_budget_used\{budget="(\w+)"\}', "\n".join(self.server.metrics()))
        self.assertEqual(sorted(named), sorted(row[0].strip("`") for row in rows("Budgets")))

    def test_defaults_of_budgets_are_those_of_the_settings_file(self):
        for row in rows("Budgets"):
            for setting, cell in zip(re.findall(r"`([\w.]+)`", row[5]), row[2:4]):
                with self.subTest(setting):
                    self.assertIsNotNone(default_of(setting))
                    if number(cell) is not None:
                        self.assertEqual(default_of(setting), number(cell))

    def test_every_setting_on_the_page_exists(self):
        for setting in re.findall(r"`([a-z]+(?:[_.][a-z]+)+)`", PAGE):
            if not setting.startswith(("http.limits", "backend.settings")) and setting not in {row[0].strip("`") for row in rows("Budgets")}:
                with self.subTest(setting):
                    self.assertRegex(SETTINGS, rf"(?m)^[ #]*{re.escape(setting.rsplit('.', 1)[-1])}:")


if __name__ == "__main__":
    unittest.main()
