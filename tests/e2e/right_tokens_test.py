"""Right tokens are taken: twins among keys, compressed answers, keys that moved, and what is told of a redirect."""

import gzip
import json
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from process_probe import wait_until
from scripted_case import ScriptedCase
from served_case import StartCase

KEY = "a-key-of-the-environment-of-more-than-32"


class RightTokens(ScriptedCase):
    def test_D01_keys_that_share_a_kid_are_told_apart_by_their_alg(self):
        first, second = self.keys
        odd = [{**second.jwk, "kid": first.jwk["kid"], "alg": "RS512"}, {"kty": "new", "kid": first.jwk["kid"]}]
        self.publish(first, odd=odd)
        server = self.serve()
        self.assertEqual(self.status(server, self.token()), 200)
        forged = {"iss": self.provider.url, "aud": "a", "sub": "u", "exp": time.time() + 600}
        self.assertEqual(self.status(server, second.token(forged, kid=first.jwk["kid"])), 401)

    def test_D02_D03_D04_what_is_not_used_refuses_nobody(self):
        server = self.serve()
        for claims in ({"scope": "read", "scopes": {"permissions": ["a"]}}, {"azp": None, "scope": None},
                       {"nonce": "n", "at_hash": "h"}, {"events": ["login"]}):
            with self.subTest(claims):
                self.assertEqual(self.status(server, self.token(**claims)), 200)
        self.assertEqual(self.status(server, self.token(token_use="id")), 401)

    def test_D04_a_token_without_audience_is_judged_by_its_client(self):
        self.start_refused(r"client_id: missing; Cognito", self.settings({"profile": "cognito"}))
        server = self.start({"auth": {"validator": "oidc", "validators": {"oidc": {
            "issuer": self.provider.url, "profile": "cognito", "client_id": ["app"], "startup": "strict"}}}})
        for client, use, status in (("app", "access", 200), ("other", "access", 401), ("app", "id", 401), (None, "access", 401)):
            claims = {"iss": self.provider.url, "sub": "u", "exp": time.time() + 600, "token_use": use}
            with self.subTest(client=client, use=use):
                token = self.keys[0].token({**claims, **({"client_id": client} if client else {})})
                self.assertEqual(self.status(server, token), status)

    def test_D07_answers_of_a_provider_may_be_compressed(self):
        status, fields, body = self.provider.answers["/jwks"]
        self.provider.answers["/jwks"] = (status, {**fields, "Content-Encoding": "gzip"}, gzip.compress(body))
        server = self.serve()
        self.assertEqual(self.status(server, self.token()), 200)
        self.assertEqual(self.provider.asked[-1][2].get("Accept-Encoding"), "gzip")

    def test_D07_a_compressed_answer_does_not_grow_past_the_bound(self):
        self.provider.answers["/jwks"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b" " * (64 << 20)))
        self.start_refused(r"the answer is larger than \d+ bytes", self.settings())

    def test_D07_a_redirect_is_not_followed_and_the_refusal_says_so(self):
        self.provider.answers["/jwks"] = (302, {"Location": "/moved?a=b"}, b"")
        self.start_refused(r"answered 302: redirects are not followed; set the URL it points to, http://\S+/moved$",
                           self.settings())
        self.assertEqual(self.provider.count("/moved"), 0)

    def test_G03_keys_that_moved_are_found_while_the_old_place_still_answers(self):
        server = self.serve({"cool_down_seconds": 1})
        moved = json.dumps({"keys": [self.keys[1].jwk]}).encode()
        self.provider.answers["/moved"] = (200, {}, moved)
        self.document(jwks_uri=self.provider.url + "/moved")
        wait_until(lambda: self.status(server, self.token(self.keys[1])) == 200, 10)
        self.assertEqual(self.status(server, self.token(self.keys[1])), 200)


class LineEnds(StartCase):
    def test_D13_a_line_end_of_a_key_of_the_environment_or_a_file_is_cut(self):
        for end in ("\n", "\r\n"):
            server = self.start({"auth": {"validator": "api_key"}}, {"DCC_MCP_API_KEY": KEY + end})
            self.assertEqual(server.rpc("tools/list", token=KEY).status, 200)
            file = server.folder / "key"
            file.write_bytes((KEY + end).encode())
            own = {"validator": "api_key", "validators": {"api_key": {"key": f"file:{file}"}}}
            self.assertEqual(self.start({"auth": own}).rpc("tools/list", token=KEY).status, 200)


if __name__ == "__main__":
    unittest.main()
