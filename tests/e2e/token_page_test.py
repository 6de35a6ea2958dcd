"""A person at the token page, in Chromium (tests/browser/token_page.mjs): what it saw is held to what the token guide promises.

Screenshots of every view, light, dark and on a phone, are in <build folder>/screens/.
"""

import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "interop")]

import client_needs
from fetched_tools import Missing
from managed_server import ManagedServer
from needed import skip_class

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER = HERE.parent / "browser"
PAGE_SECONDS = 170
SCREENS = client_needs.STORE.parent / "screens"
ASKED_FOR = {"execute:mcp", "read:tasks", "write:tasks", "read:context", "write:context", "read:agents", "write:agents"}


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not CHROMIUM:
            skip_class("Chromium is not installed (Debian package chromium)")
        try:
            packages = client_needs.npmPackages(BROWSER, "browser")
        except Missing as missing:
            skip_class(str(missing))
        SCREENS.mkdir(parents=True, exist_ok=True)
        script = packages.parent / "token_page.mjs"  # packages are looked for beside it
        shutil.copy(BROWSER / "token_page.mjs", script)
        cls.server = ManagedServer()
        cls.addClassCleanup(cls.server.discard)
        cls.link = cls.server.run("admin", "link").stdout.strip().replace(":0/", f":{cls.server.port}/")
        done = subprocess.run([client_needs.node(), str(script), cls.link, f"http://127.0.0.1:{cls.server.port}/mcp", CHROMIUM,
                               str(SCREENS)], capture_output=True, text=True, timeout=PAGE_SECONDS, check=False,
                              env=os.environ)
        assert done.returncode == 0, f"{done.stderr}\n{cls.server.log_tail()}"
        cls.seen = json.loads(done.stdout)

    def test_without_a_session_there_is_a_way_to_sign_in_and_no_data(self):
        self.assertIn("gatehouse admin link", self.seen["stranger"])
        self.assertNotIn("token-", self.seen["stranger"])

    def test_a_link_signs_in_once_and_leaves_the_address(self):
        self.assertNotIn("#", self.seen["addressAfterSignIn"])
        self.assertTrue(self.seen["linkTwice"])
        credential = self.link.split("=")[1]
        self.assertNotIn(credential, "\n".join(self.server.log_lines()))
        self.assertNotIn(credential.encode(), self.server.audit_bytes())

    def test_the_cookie_is_no_scripts(self):
        self.assertEqual((self.seen["cookie"]["httpOnly"], self.seen["cookie"]["sameSite"]), (True, "Strict"))

    def test_the_form_offers_what_the_guide_lists_and_no_administration(self):
        self.assertTrue(ASKED_FOR <= set(self.seen["scopes"]))
        self.assertNotIn("mcp:admin", self.seen["scopes"])

    def test_what_is_wrong_stands_at_its_field(self):
        self.assertEqual(len(self.seen["faults"]), 2)
        self.assertIn("1 to 365 days.", self.seen["faults"])

    def test_a_text_is_shown_once_and_copied_whole(self):
        self.assertTrue(self.seen["tokenForm"] and self.seen["clipboard"])
        self.assertTrue(self.seen["goneAfterReload"] and self.seen["goneAfterBack"])
        self.assertTrue({"Cursor", "VS Code", "Claude Code"} <= set(self.seen["clients"]))
        self.assertIn(f":{self.server.port}/mcp", self.seen["clientText"])

    def test_it_works_its_limit_holds_and_its_use_is_seen(self):
        self.assertEqual(self.seen["calls"], [200, 200, 200, 429])
        self.assertTrue(self.seen["usage"].startswith("4"))
        self.assertIn("test_simple_text", self.seen["tools"])

    def test_a_rotation_shows_who_uses_the_old_text(self):
        self.assertTrue(self.seen["secondIsNew"])
        self.assertIn("127.0.0.1", self.seen["generations"])

    def test_a_revoked_token_fails_at_the_next_call(self):
        self.assertEqual((self.seen["beforeRevoke"], self.seen["afterRevoke"]), (200, 401))

    def test_its_owner_sees_why_it_was_refused_and_what_to_do(self):
        self.assertIn("revoked", self.seen["refusals"])
        self.assertIn("This client needs the new text", self.seen["refusals"])

    def test_names_are_text(self):
        self.assertTrue(self.seen["hostileName"])
        self.assertEqual(self.seen["errors"], [])

    def test_nothing_comes_from_another_host(self):
        self.assertEqual(self.seen["foreign"], [])

    def test_another_sites_request_is_refused_and_signing_out_holds_on_the_server(self):
        self.assertEqual((self.seen["withoutProof"], self.seen["wrongProof"], self.seen["afterSignOut"]), (403, 403, 401))

    def test_by_keyboard_alone_and_the_focus_comes_back(self):
        self.assertTrue(self.seen["keyboard"])
        self.assertEqual(self.seen["focusComesBack"], "Revoke By keyboard")

    def test_on_a_phone_nothing_scrolls_sideways(self):
        self.assertEqual(set(self.seen["sideways"]), {False})

    def test_axe_finds_nothing_in_any_view(self):
        self.assertGreater(len(self.seen["axe"]), 14)
        self.assertEqual({name: found for name, found in self.seen["axe"].items() if found}, {})


if __name__ == "__main__":
    unittest.main()
