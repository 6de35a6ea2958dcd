"""`gatehouse plugin check` of backends: those that are right pass, and each that is wrong in one way is named with its fault."""

import re
import sqlite3
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import command, sanitized, slowness, test_plugin

CALLS = "calls: [{tool: wait, cancel: true}]\ncancel_within_ms: 1000\n"
WRONG = {  # way -> where its fault is, and what is said of it
    "twice": ("features", "echo"),
    "throws": ("calls", r"tools/call echo: fails within itself"),
    "no_client": ("calls", r"tools/call echo: fails within itself"),
    "untrue_schema": ("schema", r"tools/call echo: the result does not fit its outputSchema"),
    "tells": ("secrecy", "the backend's credential is written to the log"),
    "answers_credential": ("secrecy", "tools/call echo: the backend's credential stands in the answer"),
    "races": ("concurrency", "a call gets another answer while others call"),
    "deaf": ("cancel", "tools/call wait: does not return when it is interrupted"),
    "crashes_at_close": (None, r"it crashed \(Aborted\)"),
    "leaks": ("leaks", "tools/call echo: each call leaves memory behind"),
    "leaks_descriptors": ("leaks", "calls leave descriptors open"),
    "leaks_threads": ("leaks", "calls leave threads behind"),
    "blocks": ("inline", "tools/call echo: waits on the event loop"),
}


def check(plugin, settings):
    if sanitized():  # the sanitizer's allocator does not say what it has given out
        settings = "without: [leaks]\n" + settings
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "check.yaml"
        file.write_text(settings, encoding="utf-8")
        return command("plugin", "check", plugin, "--settings", file, timeout=240 * slowness())


def faults(done):
    return re.findall(r"^FAULT (\w+): (.*)$", done.stdout, re.M)


class BackendCheck(unittest.TestCase):
    def test_a_right_backend_passes_with_calls_of_its_own(self):
        own = 'calls: [{tool: wait, cancel: true}, {tool: echo, arguments: {text: hi}, expect: {said: "hi of kit-user"}}]\n'
        done = check(test_plugin("wrong_backend"), own)
        self.assertEqual((done.returncode, faults(done)), (0, []), done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"passed: \d+ calls, 0 faults")

    def test_our_own_backend_passes(self):
        """Beside the sample database, with a query of its own; what the schema gives alone is an error that a model can read."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "shop.db"
            sqlite3.connect(file).close()
            done = check("sql", "calls: [{tool: query_database, arguments: {query: select 1}}]\n"
                                f"settings: {{databases: [{{name: shop, url: 'sqlite:{file}'}}]}}\n")
        self.assertEqual((done.returncode, faults(done)), (0, []), done.stdout + done.stderr)

    def test_what_is_expected_and_does_not_come_is_told(self):
        done = check(test_plugin("wrong_backend"),
                     "calls: [{tool: echo, arguments: {text: hi}, expect: {said: ho}}, {tool: ecco}]\n")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r'FAULT calls: tools/call echo: answers .*, expected {"said":"ho"}')
        self.assertIn("FAULT calls: check.yaml calls ecco, which the backend does not have", done.stdout)

    def test_a_check_file_that_is_wrong_names_its_key(self):
        for settings, said in {"calls: 5": "calls: expected a list, got number", "classes: [cals]": "expected some of ",
                               "calls: [{tol: x}]": "calls[0].tol"}.items():
            with self.subTest(settings):
                done = check(test_plugin("wrong_backend"), settings)
                self.assertEqual(done.returncode, 3)
                self.assertIn(said, done.stderr)


def wrong(way, where, said):
    def test(self):
        if sanitized() and where == "leaks":
            self.skipTest("the sanitizer's allocator does not say what it has given out")
        done = check(test_plugin("wrong_backend"), CALLS + f"settings: {{way: {way}}}\n")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        told = [f"{place}: {words}" for place, words in faults(done)]
        self.assertTrue(any(re.search(said, one) and (where is None or one.startswith(where)) for one in told), done.stdout)
    return test


for way, (where, said) in WRONG.items():
    setattr(BackendCheck, f"test_{way}", wrong(way, where, said))


if __name__ == "__main__":
    unittest.main()
