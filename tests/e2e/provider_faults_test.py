"""What an identity provider may do wrong: F16 to F20, F38, F39, T21, T24, J16, and that it costs nobody else anything."""

import json
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import command, test_plugin
from identity_provider import OidcProvider, base64url, free_port
from process_probe import wait_until
from scripted_case import ScriptedCase
from scripted_provider import ScriptedProvider, drip, hang, reset
from served_case import StartCase


class KeySets(ScriptedCase):
    def test_J16_an_odd_key_is_left_out_and_named_and_the_rest_serves(self):
        odd = [{"kty": "XYZ", "kid": "odd"}, {"kty": "oct", "kid": "secret", "k": base64url(b"x" * 40)}, 5,
               {**self.keys[1].jwk, "d": "AQAB"}, {**self.keys[1].jwk, "kid": "small", "n": "AQAB"}]
        self.publish(self.keys[0], odd=odd)
        server = self.serve()
        self.assertEqual(self.status(server, self.token()), 200)
        line = server.wait_line(r"left out")
        for words in ("odd", "a secret, which a published set must not hold", "a private key"):
            self.assertIn(words, line)

    def test_J16_a_document_of_another_issuer_is_refused_at_the_start(self):
        self.document(issuer="https://evil.example")
        self.start_refused(r"that of another issuer", self.settings())

    def test_T21_keys_on_another_host_are_fetched_from_the_public_internet_only(self):
        """Who writes the document must not make us knock at our own doors: nobody connects to the listener."""
        with socket.create_server(("127.0.0.1", 0)) as door:
            door.settimeout(0.2)
            port = door.getsockname()[1]
            for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433", "0177.0.0.1", "localhost."):
                with self.subTest(host):
                    self.document(jwks_uri=f"https://{host}:{port}/jwks")
                    server = self.serve({"startup": "lazy"})
                    server.wait_line(r"keys cannot be loaded.*(not on the public internet|not resolve host)")
                    self.assertEqual(self.status(server, self.token()), 503)
                    with self.assertRaises(TimeoutError):
                        door.accept()
        for place in ("http://localhost:1", "https://169.254.169.254/x", "file:///etc/passwd", "gopher://localhost"):
            with self.subTest(place):
                self.document(jwks_uri=place)
                server = self.serve({"startup": "lazy"})
                server.wait_line(r"keys cannot be loaded")
                self.assertEqual(self.status(server, self.token()), 503)

    def test_F18_whatever_the_key_set_answers_the_old_keys_stay_and_no_request_waits(self):
        server = self.serve({"cool_down_seconds": 1})
        known = self.token()
        self.assertEqual(self.status(server, known), 200)
        huge = (200, {}, b"{" + b" " * (2 << 20))
        for name, answer in (("hang", hang), ("drip", drip), ("reset", reset), ("500", (500, {}, b"")),
                             ("html", (200, {"Content-Type": "text/html"}, b"<html>")), ("huge", huge),
                             ("no keys", (200, {}, b'{"keys":[]}')), ("redirect", (302, {"Location": "/jwks"}, b""))):
            with self.subTest(name):
                self.provider.answers["/jwks"] = answer
                before = self.provider.count("/jwks")
                self.status(server, self.token(self.keys[1]))  # asks for another look
                began = time.monotonic()
                self.assertEqual(self.status(server, self.token(nonsense=name)), 200)
                self.assertLess(time.monotonic() - began, 1)
                self.assertLessEqual(self.provider.count("/jwks") - before, 3)
                self.publish(self.keys[0])
                self.assertTrue(wait_until(lambda: self.provider.count("/jwks") > before + 1, 45))

    def test_F19_an_old_key_is_refused_once_it_has_been_taken_out(self):
        server = self.serve()
        self.publish(self.keys[1])
        self.assertEqual(self.status(server, self.token(self.keys[1])), 200)
        self.assertEqual(self.status(server, self.token(late=True)), 401)

    def test_explain_takes_the_keys_of_a_file_when_nobody_can_be_asked(self):
        issuer = "https://nobody.invalid/realms/x"
        server = self.serve({"issuer": issuer}, started=False)
        server.write_settings()
        keys = Path(server.folder) / "keys.json"
        keys.write_text(json.dumps({"keys": [self.keys[0].jwk]}), encoding="utf-8")
        for key, code, words in ((self.keys[0], 0, "signature: made by the issuer"), (self.keys[1], 1, "WRONG signature")):
            with self.subTest(words):
                told = command("explain", "--config", server.settings_path, "--keys", keys, stdin=self.token(key, iss=issuer) + "\n")
                self.assertEqual(told.returncode, code, told.stdout + told.stderr)
                self.assertIn(words, told.stdout)

    def test_F38_a_name_that_resolves_to_nothing_is_503_at_once(self):
        server = self.serve({"issuer": "https://nobody.invalid", "startup": "lazy"})
        server.wait_line(r"keys cannot be loaded")
        began = time.monotonic()
        self.assertEqual(self.status(server, self.token(iss="https://nobody.invalid")), 503)
        self.assertLess(time.monotonic() - began, 1)


class Exchanges(StartCase):
    """Against a real provider: a person's token, exchanged for the backend's."""

    @classmethod
    def setUpClass(cls):
        cls.place = f"http://localhost:{free_port()}"
        cls.provider = OidcProvider(cls.place + "/mcp")
        cls.addClassCleanup(cls.provider.close)

    def serve(self, **own):
        exchange = {"validator": "oidc", "token_endpoint": self.provider.issuer + "/token", "audience": "backend-api",
                    "client_id": "mcp-gateway", "client_secret": "mcp-gateway-secret", **own}
        settings = {"http": {"public_url": self.place}, "auth": {"validator": "token_exchange", "validators": {
            "token_exchange": exchange, "oidc": {"issuer": self.provider.issuer, "startup": "strict"}}}}
        return self.start(settings, backend=test_plugin("witness"))

    def whoami(self, server, token):
        answer = server.call("whoami", {"credential": True}, token=token)
        return answer.result()["structuredContent"]

    def test_B3_in_a_chain_the_member_that_decided_exchanges_and_else_there_is_no_call(self):
        key = "an-api-key-of-more-than-32-characters"
        exchange = {"validator": "oidc", "token_endpoint": self.provider.issuer + "/token", "audience": "backend-api",
                    "client_id": "mcp-gateway", "client_secret": "mcp-gateway-secret"}
        oidc = {"issuer": self.provider.issuer, "startup": "strict"}
        settings = {"http": {"public_url": self.place}, "auth": {
            "validator": ["token_exchange", "api_key"],
            "validators": {"token_exchange": exchange, "oidc": oidc, "api_key": {"key": key}}}}
        server = self.start(settings, backend=test_plugin("witness"))
        self.assertTrue(self.whoami(server, self.provider.user_token("alice"))["credential"])
        answer = server.call("whoami", {"credential": True}, token=key)
        self.assertEqual(answer.status, 403, answer)
        self.assertIn("error", answer.json())

    def test_T10_the_backend_gets_a_token_of_its_own_and_never_the_callers(self):
        server = self.serve()
        token = self.provider.user_token("alice")
        before = self.provider.asked("/token")
        told = [self.whoami(server, token) for _ in range(3)]
        self.assertEqual({one["subject"] for one in told}, {"alice"})
        self.assertNotEqual(told[0]["credential"], token)
        self.assertEqual(len({one["credential"] for one in told}), 1)
        self.assertEqual(self.provider.asked("/token") - before, 1)
        other = self.whoami(server, self.provider.user_token("bob"))
        self.assertEqual(other["subject"], "bob")
        self.assertNotEqual(other["credential"], told[0]["credential"])

    def test_T24_a_denial_is_403_and_says_nothing_of_the_provider(self):
        server = self.serve(audience="not-allowed")
        answer = server.call("whoami", {}, token=self.provider.user_token())
        self.assertEqual((answer.status, answer.error_code()), (403, -32004))
        self.assertNotIn("invalid_target", answer.text)
        server.wait_line(r"a token was not exchanged.*invalid_target")
        self.assertEqual(server.metrics().get("gatehouse_clients_created_total", 0), 0)

    def test_T24_what_the_inner_validator_refuses_is_never_exchanged(self):
        server = self.serve()
        before = self.provider.asked("/token")
        self.assertEqual(server.call("whoami", {}, token="a.b.c").status, 401)
        self.assertEqual(self.provider.asked("/token"), before)

    def test_F39_a_broken_endpoint_is_503_and_after_three_failures_is_left_alone(self):
        broken = ScriptedProvider()
        self.addCleanup(broken.close)
        server = self.serve(token_endpoint=broken.url + "/token")
        token = self.provider.user_token()
        for number, answer in enumerate(((500, {}, b""), (200, {}, b"<html>"), (200, {}, b"{}"), (200, {}, b"{}"))):
            broken.answers["/token"] = answer
            got = server.call("whoami", {}, token=token)
            self.assertEqual((number, got.status, got.error_code()), (number, 503, -32005))
            self.assertGreaterEqual(int(got.header("Retry-After")), 1)
        self.assertEqual(broken.count("/token"), 3)

    def test_F39_a_validator_that_asks_itself_is_refused_at_the_start(self):
        itself = {"validator": "token_exchange", "token_endpoint": "https://a.example", "audience": "b", "client_id": "c",
                  "client_secret": "d"}
        auth = {"validator": "token_exchange", "validators": {"token_exchange": itself}}
        self.start_refused(r"it asks itself", {"auth": auth})


if __name__ == "__main__":
    unittest.main()
