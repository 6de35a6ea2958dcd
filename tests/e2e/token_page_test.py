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
        self.assertEqual(set(self.seen["scopes"]), ASKED_FOR | {"write:data"})
        self.assertEqual([meaning for meaning in self.seen["meanings"] if not meaning], [])
        self.assertEqual(len(self.seen["meanings"]), len(self.seen["scopes"]))
        self.assertTrue({"Name", "Days", "Rate Limit", "Scopes", "Expiry"} <= set(self.seen["labels"]), self.seen["labels"])
        self.assertEqual(self.seen["rateHint"], "Requests in any hour.")

    def test_the_header_has_the_key_and_a_way_to_generate(self):
        self.assertEqual(self.seen["header"], {"tab": True, "key": 1, "generate": True})

    def test_what_is_wrong_stands_at_its_field(self):
        nameless = "Give it a name, such as the program that will use it."
        self.assertEqual(self.seen["faults"], [[nameless, "1 to 365 days."],
                                               [nameless, "Choose at least one.", "1 to 365 days.", "A number of 1 or more."]])
        self.assertEqual(self.seen["madeByMistake"], 0, "it was sent all the same")

    def test_a_text_is_shown_once_and_copied_whole(self):
        self.assertTrue(self.seen["tokenForm"] and self.seen["clipboard"])
        self.assertTrue(self.seen["warning"])
        self.assertTrue(self.seen["goneAfterwards"] and self.seen["goneAfterReload"] and self.seen["goneAfterBack"])
        self.assertTrue({"Cursor", "VS Code", "Claude Code"} <= set(self.seen["clients"]))
        self.assertIn(f":{self.server.port}/mcp", self.seen["clientText"])

    def test_it_works_its_limit_holds_and_its_use_is_seen(self):
        self.assertEqual(self.seen["calls"], [200, 200, 200, 429])
        self.assertTrue(self.seen["usageBefore"].startswith("1") and self.seen["usage"].startswith("4"))
        self.assertNotIn("never", self.seen["lastUsed"])
        self.assertIn("3 requests an hour", self.seen["facts"])
        self.assertTrue({"Name", "May", "Status", "Last used", "Expires", "Created"} <= set(self.seen["columns"]))
        self.assertIn("test_simple_text", self.seen["tools"])

    def test_a_rotation_shows_who_uses_the_old_text(self):
        self.assertTrue(self.seen["secondIsNew"])
        self.assertTrue(self.seen["beforeItsUse"])
        self.assertEqual(self.seen["both"], [200, 200])
        self.assertIn("Used since: 1 times", self.seen["since"])
        self.assertRegex(self.seen["generations"][0], "^1.*127.0.0.1.*the old laptop")
        self.assertIn("the old generation is still in use", self.seen["needs"])
        self.assertEqual(self.seen["whoIsIt"], "Laptop of Ann")

    def test_it_may_be_limited_to_networks_and_tools(self):
        self.assertEqual(self.seen["limited"], [401, 401, 403, 200])

    def test_a_revoked_token_fails_at_the_next_call(self):
        self.assertEqual((self.seen["beforeRevoke"], self.seen["afterRevoke"]), (200, 401))

    def test_its_owner_sees_why_it_was_refused_and_what_to_do(self):
        self.assertIn("revoked", self.seen["refusals"])
        self.assertIn("This client needs the new text", self.seen["refusals"])
        self.assertIn("rate_limit", self.seen["allRefusals"])
        self.assertIn("revoked", self.seen["allRefusals"])

    def test_names_are_text(self):
        self.assertTrue(self.seen["hostileName"] and self.seen["hostileTool"] and self.seen["hostileClient"])
        self.assertEqual(len(set(self.seen["isolated"])), 1, "a name turns the words beside it around")
        self.assertEqual(self.seen["markup"], 0)
        self.assertEqual(self.seen["errors"], [])

    def test_nothing_comes_from_another_host(self):
        self.assertEqual(self.seen["foreign"], [])

    def test_another_sites_request_is_refused_and_signing_out_holds_on_the_server(self):
        self.assertEqual((self.seen["withoutProof"], self.seen["wrongProof"], self.seen["afterSignOut"]), (403, 403, 401))

    def test_by_keyboard_alone_and_the_focus_comes_back(self):
        self.assertTrue(self.seen["keyboard"] and self.seen["copiedByKeyboard"])
        self.assertEqual(self.seen["scopesByKeyboard"], ["execute:mcp"])
        self.assertEqual(self.seen["revokedByKeyboard"], 401)
        self.assertEqual(self.seen["focusComesBack"], "Revoke By keyboard")

    def test_on_a_phone_nothing_scrolls_sideways(self):
        self.assertEqual(set(self.seen["sideways"]), {False})

    def test_axe_finds_nothing_in_any_view(self):
        self.assertGreater(len(self.seen["axe"]), 20)
        self.assertTrue(all((SCREENS / f"{view}.png").stat().st_size > 5000 for view in self.seen["axe"]))
        self.assertEqual({name: found for name, found in self.seen["axe"].items() if found}, {})


if __name__ == "__main__":
    unittest.main()
