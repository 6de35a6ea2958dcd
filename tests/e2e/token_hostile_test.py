"""T16, T25, T26, T29, T30 at the token API and its page: other sites' requests, sessions, guesses, paths, headers, logs."""

import json
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from checked_text import checked_text
from gatehouse_server import slowness
from log_lines_case import CONTROL
from managed_server import TOKENS, ManagedServer
from process_probe import eventually


class Case(unittest.TestCase):
    settings = {}

    def setUp(self):
        self.server = ManagedServer(self.settings)
        self.addCleanup(self.server.discard)

    def ask(self, method, path, headers=None, body=None, source=None):
        data = json.dumps(body).encode() if body is not None else b""
        fields = {"Content-Type": "application/json"} if body is not None else {}
        with self.server.wire(source=source) as wire:
            return wire.request(method, path, {**fields, **(headers or {})}, data)

    def signed_in(self, cookie=None):
        """The answer to a sign-in by a new link, and the name and value of the session's cookie."""
        link = self.server.run("admin", "link").stdout.strip().split("=", 1)[1]
        eventually(lambda: self.ask("POST", "/admin/session", {"Authorization": "Bearer x"}).status == 401, 5)
        answer = self.ask("POST", "/admin/session", {"Authorization": f"Bearer {link}", **({"Cookie": cookie} if cookie else {})})
        self.assertEqual(answer.status, 204, answer)
        return answer, re.match(r"([^;]+)", answer.header("set-cookie")).group(1)

    def csrf(self, cookie):
        return re.search(r'name="csrf-token" content="([^"]+)"', self.ask("GET", "/", {"Cookie": cookie}).text).group(1)


class Sessions(Case):
    def test_T26_every_change_wants_the_sessions_own_proof(self):
        _, cookie = self.signed_in()
        _, others = self.signed_in()
        token = self.server.create()
        one = f"{TOKENS}/{token['id']}"
        changes = [("POST", TOKENS, {"name": "n"}), ("PATCH", one, {"name": "n"}), ("POST", f"{one}/rotate", {}),
                   ("POST", f"{one}/suspend", None), ("POST", f"{one}/resume", None), ("POST", f"{one}/derive", {"name": "n"}),
                   ("POST", f"{TOKENS}/bulk-revoke", {"ids": [token["id"]]}), ("DELETE", one, None), ("DELETE", "/admin/session", None)]
        for method, path, body in changes:
            for proof in ({}, {"X-CSRF-Token": "x" * 43}, {"X-CSRF-Token": self.csrf(others)}):
                self.assertEqual(self.ask(method, path, {"Cookie": cookie, **proof}, body).status, 403, (method, path))
        self.assertEqual(self.server.api("GET", token["id"]).json()["name"], "a token")
        answers = [self.ask(method, path, {"Cookie": cookie, "X-CSRF-Token": self.csrf(cookie)}, body).status for method, path, body in changes]
        self.assertEqual(answers, [201, 200, 201, 200, 200, 201, 200, 404, 204])

    def test_T26_a_session_that_somebody_chose_is_none(self):
        chosen = "gatehouse_session=" + "c" * 43
        _, cookie = self.signed_in(cookie=chosen)
        self.assertNotEqual(cookie, chosen)
        self.assertEqual(self.ask("GET", TOKENS, {"Cookie": chosen}).status, 401)
        self.assertEqual(self.ask("GET", TOKENS, {"Cookie": cookie}).status, 200)

    def test_T26_signing_out_ends_it_on_the_server(self):
        _, cookie = self.signed_in()
        self.assertEqual(self.ask("DELETE", "/admin/session", {"Cookie": cookie, "X-CSRF-Token": self.csrf(cookie)}).status, 204)
        self.assertEqual(self.ask("GET", TOKENS, {"Cookie": cookie}).status, 401)


class Secure(Case):
    settings = {"http": {"public_url": "https://mcp.example"}}

    def test_T26_behind_https_the_cookie_is_for_https_alone(self):
        answer, _ = self.signed_in()
        self.assertRegex(answer.header("set-cookie"), "^__Host-gatehouse=.*; Path=/; .*Secure")

    def test_a_public_url_that_ends_where_the_page_would_stand_is_told(self):
        self.server.settings["http"]["public_url"] = "https://mcp.example/mcp"
        self.server.write_settings()
        told = self.server.run("config", "check")
        self.assertEqual(told.returncode, 3)
        self.assertIn("give it without /mcp", told.stdout + told.stderr)


class Guesses(Case):
    settings = {"auth": {"limits": {"failures_per_minute": 20}}}

    def test_T26_who_guesses_is_slowed_down_and_nobody_else(self):
        kinds = (lambda n: {"Authorization": f"Bearer {checked_text(n)}"}, lambda n: {"Cookie": f"gatehouse_session={n:043d}"})
        for number, kind in enumerate(kinds):
            source = f"127.0.0.{number + 2}"
            answers = [self.ask("GET", TOKENS, kind(guess), source=source) for guess in range(60)]
            self.assertEqual({answer.status for answer in answers}, {401, 429})
            self.assertLess([answer.status for answer in answers].count(401), 30)
            self.assertGreaterEqual(int(answers[-1].header("retry-after")), 1)
        links = [self.ask("POST", "/admin/session", {"Authorization": f"Bearer {checked_text(n)}"}, source="127.0.0.9").status for n in range(60)]
        self.assertEqual(set(links), {401, 429})
        self.assertEqual(self.server.api("GET").status, 200)


class Paths(Case):
    def test_T26_an_id_is_no_path(self):
        manager = {"Authorization": f"Bearer {self.server.manager}"}
        for path, status in (("/..%2F..%2Fetc%2Fpasswd", 400), ("/%2e%2e", 400), ("/%00", 400), ("/%", 400), ("/../../etc/passwd", 404)):
            for method, more in (("GET", ""), ("DELETE", ""), ("POST", "/rotate")):
                answer = self.ask(method, TOKENS + path + more, manager)
                self.assertIn(answer.status, (status, 404), (method, path))
                self.assertNotIn("root:", answer.text)
            self.assertEqual(self.ask("GET", TOKENS + path, manager).status, status, path)

    def test_T26_what_is_too_large_is_refused_as_it_comes(self):
        self.assertEqual(self.server.api("POST", body={"name": "x" * (60 << 10)}).status, 400)
        self.assertEqual(self.server.api("POST", body={"name": "x" * (70 << 10)}).status, 413)


class Headers(Case):
    def test_T16_T30_pages_are_framed_by_nobody_kept_by_nobody_and_run_nothing_of_others(self):
        _, cookie = self.signed_in()
        for path, kept in (("/", "no-store"), ("/admin/assets/app.js", "no-cache"), ("/admin/assets/none.js", "no-cache")):
            answer = self.ask("GET", path, {"Cookie": cookie})
            policy = answer.header("content-security-policy")
            self.assertIn("frame-ancestors 'none'", policy)
            self.assertIn("default-src 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertEqual((answer.header("referrer-policy"), answer.header("x-frame-options")), ("no-referrer", "DENY"))
            self.assertEqual((answer.header("cache-control"), answer.header("x-content-type-options")), (kept, "nosniff"))

    def test_nosniff_stands_on_every_answer(self):
        token = self.server.create()["token"]
        stream = self.server.modern_parts("tools/call", {"name": "test_simple_text", "arguments": {}})
        answers = [self.ask("GET", "/health"), self.ask("GET", "/none"), self.ask("POST", "/mcp"), self.ask("GET", "/"),
                   self.server.call("test_simple_text", token=token), self.server.raw(b"GET\r\n\r\n"), self.ask("OPTIONS", TOKENS),
                   self.server.rpc("tools/call", stream[0], token=token, headers={**stream[1], "Accept": "text/event-stream"})]
        for answer in answers:
            text = answer if isinstance(answer, bytes) else repr(answer.fields).encode()
            self.assertIn(b"nosniff", text.lower(), answer)


class Told(Case):
    """What reaches the log and the audit file."""

    settings = {"log": {"level": "debug"}}

    def test_T25_a_token_in_the_wrong_place_is_not_told(self):
        token = self.server.create()["token"]
        plain = re.search(r"^Token: (\S+)$", self.server.run("-add-token", "-token-note", "p", "-token-expiry", "30d").stdout, re.M).group(1)
        eventually(lambda: self.server.used(plain) == 200, 5 * slowness())
        for text in (token, plain):
            self.server.api("DELETE", text)
            self.server.api("GET", f"{TOKENS}/{text}/usage", who=None)
            self.server.call(text, token=token)
            self.server.call("test_simple_text", token=token, headers={"User-Agent": f"client {text}"})
            self.ask("GET", f"/mcp/{text}")
            self.ask("GET", f"/mcp?token={text}")
        eventually(lambda: self.server.audit_bytes().count(b"\n") >= 10, 5 * slowness())
        for text in (token, plain, token[:30], plain[:30]):
            self.assertNotIn(text.encode(), self.server.audit_bytes())
            self.assertNotIn(text, "\n".join(self.server.log_lines()))

    def test_T29_control_characters_of_a_request_make_no_line_of_their_own(self):
        for field in ("User-Agent", "Host", "Authorization"):
            for bad in (b"\x1b[31m", b"\x00", b"\r", b"\n[AUTH] Reloaded /forged"):
                head = {"Host": b"127.0.0.1", "User-Agent": b"x", "Authorization": f"Bearer {self.server.manager}".encode()}
                head[field] += bad
                lines = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in head.items())
                self.server.raw(b"GET " + TOKENS.encode() + b" HTTP/1.1\r\n" + lines + b"\r\n")
        self.assertEqual(self.server.api("GET").status, 200)
        for line in [*self.server.log_lines(), *self.server.audit_bytes().decode().split("\n")]:
            self.assertNotRegex(line, CONTROL)
            self.assertFalse(line.startswith("[AUTH] Reloaded /forged"), line)

    def test_T25_a_store_that_others_may_read_is_told(self):
        self.server.stop()
        self.server.store_path.chmod(0o644)
        self.server.start()
        self.server.wait_line(r"warning .*tokens\.db: others may read or write it", 5 * slowness())


if __name__ == "__main__":
    unittest.main()
