"""T16, T25, T26, T29: the strings that others collected (GATEHOUSE_CORPORA) as names of tokens. The API gives each back as it
was, or refuses it; the page shows it as text; the log keeps its lines; the store keeps every token."""

import json
import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "interop")]

import client_needs
import corpus_reader
from fetched_tools import Missing
from log_lines_case import CONTROL
from managed_server import ManagedServer

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER = HERE.parent / "browser"
MOST = 200  # characters


def patient(ask):
    """The answer to what is asked again for as long as too much is asked at once."""
    while (answer := ask()).status == 429:
        pass
    return answer


def is_right(name):
    return 0 < len(name) <= MOST and not re.search("[\x00-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff]", name)


class Names:
    store, each = None, 1

    def setUp(self):
        self.server = ManagedServer(store=self.store)
        self.addCleanup(self.server.discard)
        self.names = corpus_reader.naughty_strings()[::self.each]
        self.assertGreaterEqual(len(self.names) * self.each, 500)

    def test_each_is_given_back_as_it_was_or_refused(self):
        made = {}
        for name in self.names:
            wish = {"name": name, "owner": name, "description": name, "labels": {name[:MOST] or "x": name[:MOST]}}
            answer = patient(lambda: self.server.api("POST", body=wish if is_right(name) else {"name": name}))
            self.assertEqual(answer.status, 201 if is_right(name) else 400, name)
            if answer.status == 201:
                made[answer.json()["id"]] = wish
        self.assertGreater(len(made) * self.each, 450)
        self.held_to(made)
        self.server.stop()
        self.server.start()
        self.held_to(made)
        listed = {one["id"]: one["name"] for one in json.loads(self.server.run("token", "list", "--json").stdout)["data"]}
        self.assertEqual({one: listed.get(one) for one in made}, {one: wish["name"] for one, wish in made.items()})
        for one, wish in list(made.items())[:40]:
            reason = wish["name"]
            self.assertEqual(len(self.server.api("POST", "bulk-revoke", {"ids": [one], "reason": reason}).json()["ids"]), 1)
            self.assertEqual(self.server.api("GET", one).json()["revoked_because"], reason)
        for line in self.server.log_lines():
            self.assertNotRegex(line, CONTROL)
        shown = self.server.run("token", "list").stdout
        self.assertNotRegex(shown, re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"))

    def held_to(self, made):
        listed, cursor = {}, ""
        while cursor is not None:
            page = patient(lambda: self.server.api("GET", f"/api/v2/tokens?limit=100{cursor and '&cursor=' + cursor}")).json()
            listed |= {one["id"]: one for one in page["data"]}
            cursor = page["next_cursor"]
        for one, wish in made.items():
            self.assertEqual({name: listed[one][name] for name in wish}, wish)


@corpus_reader.needs_corpora
class SqliteNames(Names, unittest.TestCase):
    store = "sqlite"


@corpus_reader.needs_corpora
class FileNames(Names, unittest.TestCase):
    store, each = "file", 4  # it is written whole for each


@corpus_reader.needs_corpora
@unittest.skipUnless(CHROMIUM, "Chromium is not installed (Debian package chromium)")
class PageNames(unittest.TestCase):
    def test_the_page_shows_each_as_text(self):
        try:
            packages = client_needs.npmPackages(BROWSER, "browser")
        except Missing as missing:
            self.skipTest(str(missing))
        script = packages.parent / "token_names.mjs"  # packages are looked for beside it
        shutil.copy(BROWSER / "token_names.mjs", script)
        names = [name for name in corpus_reader.naughty_strings() if is_right(name)]
        with ManagedServer() as server:
            link = server.run("admin", "link").stdout.strip().replace(":0/", f":{server.port}/")
            listed = server.folder / "names.json"
            listed.write_text(json.dumps(names))
            done = subprocess.run([client_needs.node(), str(script), link, str(listed), server.manager, CHROMIUM],
                                  capture_output=True, text=True, timeout=300, check=False, env=os.environ)
            self.assertEqual(done.returncode, 0, f"{done.stderr}\n{server.log_tail()}")
            seen = json.loads(done.stdout)
        self.assertEqual((seen["differ"], seen["dialogs"], seen["errors"], seen["markup"]), ([], [], [], 0))
        self.assertEqual(seen["shown"], len(names))
        self.assertGreaterEqual(seen["headings"], len(names) // 20)


if __name__ == "__main__":
    unittest.main()
