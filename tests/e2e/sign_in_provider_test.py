"""Signing in to the token page at a real OpenID provider (panva's oidc-provider): over HTTP, and by a person in Chromium."""

import http.cookiejar
import json
import re
import shutil
import subprocess
import sys
import unittest
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "interop")]

import client_needs
from fetched_tools import Missing
from identity_provider import OidcProvider, ask, free_port
from managed_server import ManagedServer
from needed import skip_class

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER = HERE.parent / "browser"
SCREENS = client_needs.STORE.parent / "screens"


class Browser:
    """Follows redirects and keeps cookies, as a browser does; loopback counts as secure."""

    def __init__(self):
        self.jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https")))
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def visit(self, url):
        with self.opener.open(url, timeout=20) as answer:
            return answer.read().decode()

    def status(self, url):
        try:
            with self.opener.open(url, timeout=20) as answer:
                return answer.status
        except urllib.error.HTTPError as refused:
            return refused.code

    def cookies(self):
        return {cookie.name: cookie for cookie in self.jar}


class SignIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        cls.base = f"http://127.0.0.1:{cls.port}"
        cls.provider = OidcProvider(cls.base + "/mcp")
        cls.addClassCleanup(cls.provider.close)
        wish = {"redirect_uris": [cls.base + "/admin/callback"], "application_type": "native",
                "grant_types": ["authorization_code"], "response_types": ["code"]}
        cls.client = ask(cls.provider.issuer + "/reg", json.dumps(wish).encode(), {"Content-Type": "application/json"})

    def serve(self, **sign_in):
        settings = {"http": {"address": f"127.0.0.1:{self.port}"},
                    "admin": {"sign_in": {"issuer": self.provider.issuer, "client_id": self.client["client_id"],
                                          "client_secret": self.client["client_secret"], **sign_in}}}
        server = ManagedServer(settings)
        self.addCleanup(server.discard)
        return server

    def signed_in(self):
        browser = Browser()
        back = browser.visit(self.base + "/admin/sign-in")
        return browser, back

    def test_there_and_back_and_what_is_made_there_is_theirs(self):
        server = self.serve()
        mine, theirs = server.create(name="of a manager"), None
        browser, back = self.signed_in()
        self.assertIn('url=/"', back)
        page = browser.visit(self.base + "/")
        csrf = re.search(r'name="csrf-token" content="([^"]+)"', page).group(1)
        request = urllib.request.Request(self.base + "/api/v2/tokens", data=json.dumps({"name": "theirs"}).encode(),
                                         headers={"Content-Type": "application/json", "X-CSRF-Token": csrf})
        with browser.opener.open(request, timeout=20) as answer:
            theirs = json.loads(answer.read())
        self.assertEqual(theirs["owner"], f"{self.provider.issuer}#alice")
        listed = json.loads(browser.visit(self.base + "/api/v2/tokens"))
        self.assertEqual([row["id"] for row in listed["data"]], [theirs["id"]])
        self.assertEqual(browser.status(self.base + f"/api/v2/tokens/{mine['id']}"), 404)
        self.assertEqual(server.used(theirs["token"]), 200)

    def test_the_answer_counts_once_and_in_the_browser_that_began(self):
        self.serve()
        browser, _ = self.signed_in()
        self.assertIn("gatehouse_session", browser.cookies())
        self.assertNotIn("gatehouse_sign_in", browser.cookies())
        stranger = Browser()
        self.assertIn("#sign-in-failed=expired", stranger.visit(self.base + "/admin/callback?code=x&state=y"))
        self.assertNotIn("gatehouse_session", stranger.cookies())

    def test_T16_T30_nothing_of_what_comes_back_is_shown_and_the_page_between_is_as_strict_as_the_others(self):
        server = self.serve()
        hostile = '"><script>alert(1)</script>'
        for query in ({"error": hostile, "error_description": hostile, "state": hostile}, {"code": hostile, "state": hostile}):
            with server.wire() as wire:
                answer = wire.request("GET", "/admin/callback?" + urllib.parse.urlencode(query), {})
            self.assertEqual(answer.status, 200)
            self.assertNotIn("script", answer.text)
            self.assertNotIn("alert", repr(answer.fields))
            self.assert_strict(answer)
        with server.wire() as wire:
            answer = wire.request("GET", "/admin/sign-in", {})
        self.assertEqual((answer.status, answer.header("cache-control"), answer.header("referrer-policy")), (303, "no-store", "no-referrer"))

    def assert_strict(self, answer):
        self.assertEqual((answer.header("cache-control"), answer.header("referrer-policy")), ("no-store", "no-referrer"))
        self.assertIn("frame-ancestors 'none'", answer.header("content-security-policy"))
        self.assertIn("default-src 'none'", answer.header("content-security-policy"))

    def test_T26_signing_out_ends_the_session_on_the_server(self):
        self.serve()
        browser, _ = self.signed_in()
        csrf = re.search(r'name="csrf-token" content="([^"]+)"', browser.visit(self.base + "/")).group(1)
        cookie = browser.cookies()["gatehouse_session"].value
        for method, headers, status in (("GET", {}, 200), ("DELETE", {"X-CSRF-Token": csrf}, 204), ("GET", {}, 401)):
            path = "/admin/session" if method == "DELETE" else "/api/v2/tokens"
            request = urllib.request.Request(self.base + path, method=method, headers={**headers, "Cookie": f"gatehouse_session={cookie}"})
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    self.assertEqual(answer.status, status)
            except urllib.error.HTTPError as refused:
                self.assertEqual(refused.code, status)

    def test_who_is_not_allowed_is_told_and_has_no_session(self):
        server = self.serve(allow={"email": ["bob@example.test"]})
        browser, back = self.signed_in()
        self.assertIn("#sign-in-failed=not_allowed", back)
        self.assertNotIn("gatehouse_session", browser.cookies())
        server.wait_line("admin.sign_in.allow: email has no allowed value")

    def test_who_is_allowed_by_a_claim_is_let_in(self):
        self.serve(allow={"email": ["alice@example.test", "carol@example.test"]})
        browser, _ = self.signed_in()
        self.assertIn("gatehouse_session", browser.cookies())

    def test_a_provider_that_is_down_is_told_and_the_link_of_the_host_works_all_the_same(self):
        server = self.serve()
        self.provider.outage(30)
        self.addCleanup(self.provider.outage, 0)
        _, back = self.signed_in()
        self.assertRegex(back, "#sign-in-failed=provider_(down|refused)")
        link = server.run("admin", "link").stdout.strip()
        self.assertIn("#sign-in=", link)

    def test_settings_that_would_let_anybody_in_are_refused(self):
        server = self.serve()
        server.stop()
        for sign_in, words in (({"issuer": "https://accounts.google.com", "client_id": "x"}, "anybody can get an account"),
                               ({"issuer": "http://idp.example", "client_id": "x"}, "expected an https URL"),
                               ({"issuer": "https://idp.example"}, "client_id: is missing"),
                               ({"issuer": "https://idp.example", "client_id": "x", "allow": {"groups": 5}}, "expected a value")):
            with self.subTest(words):
                server.settings["admin"]["sign_in"] = sign_in
                server.write_settings()
                told = server.run("config", "check")
                self.assertEqual(told.returncode, 3, told)
                self.assertIn(words, told.stdout + told.stderr)

    def test_a_person_in_chromium(self):
        if not CHROMIUM:
            skip_class("Chromium is not installed (Debian package chromium)")
        try:
            packages = client_needs.npmPackages(BROWSER, "browser")
        except Missing as missing:
            skip_class(str(missing))
        SCREENS.mkdir(parents=True, exist_ok=True)
        script = packages.parent / "provider_sign_in.mjs"  # packages are looked for beside it
        shutil.copy(BROWSER / "provider_sign_in.mjs", script)
        server = self.serve()
        done = subprocess.run([client_needs.node(), str(script), self.base, CHROMIUM, str(SCREENS)], capture_output=True,
                              text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, f"{done.stderr}\n{server.log_tail()}")
        seen = json.loads(done.stdout)
        self.assertIn("127.0.0.1", seen["link"])
        self.assertNotIn("code=", seen["addressAfterSignIn"])
        session = next(cookie for cookie in seen["cookies"] if cookie["name"] == "gatehouse_session")
        self.assertEqual((session["httpOnly"], session["sameSite"]), (True, "Strict"))
        self.assertTrue(seen["listed"] and seen["signedOut"])
        self.assertNotIn("#", seen["addressAfterFailure"])
        self.assertNotIn(seen["token"], "\n".join(server.log_lines()))


if __name__ == "__main__":
    unittest.main()
