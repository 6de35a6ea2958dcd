"""The oidc and introspection validators against a real provider: algorithms, rotation, outage, and what is asked of it."""

import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from identity_provider import OidcProvider, base64url, free_port, hs256
from process_probe import wait_until
from served_case import StartCase

SERVED = "http://localhost:{}"


class Provided(StartCase):
    """One provider for all tests of a class, and a server of its own for each."""

    validator = "oidc"

    @classmethod
    def setUpClass(cls):
        cls.place = SERVED.format(free_port())
        cls.provider = OidcProvider(cls.place + "/mcp")
        cls.addClassCleanup(cls.provider.close)

    def serve(self, own=None, auth=None, **more):
        return self.start(self.settings(own, auth), **more)

    def settings(self, own=None, auth=None):
        return {
            "http": {"public_url": self.place},
            "auth": {"validator": self.validator, "validators": {self.validator: self.own(own or {})}, **(auth or {})}
        }

    def own(self, more):
        algorithms = ["RS256", "PS256", "ES256", "EdDSA"]
        return {"issuer": self.provider.issuer, "algorithms": algorithms, "startup": "strict", **more}

    def status(self, server, token):
        return server.rpc("tools/list", token=token).status


class Oidc(Provided):
    def test_each_algorithm_is_taken_when_it_is_configured(self):
        server = self.serve()
        for client in ("mcp-service", "mcp-service-ps256", "mcp-service-es256", "mcp-service-eddsa"):
            with self.subTest(client):
                self.assertEqual(self.status(server, self.provider.token(client)), 200)

    def test_J20_an_algorithm_that_is_not_configured_is_refused(self):
        server = self.serve({"algorithms": ["RS256"]})
        self.assertEqual(self.status(server, self.provider.token()), 200)
        for client in ("mcp-service-ps256", "mcp-service-es256", "mcp-service-eddsa"):
            with self.subTest(client):
                self.assertEqual(self.status(server, self.provider.token(client)), 401)

    def test_T10_a_token_for_another_audience_is_refused(self):
        server = self.serve({"audience": "https://other.example/mcp"})
        answer = server.rpc("tools/list", token=self.provider.token())
        self.assertEqual(answer.status, 401)
        self.assertIn('error="invalid_token"', answer.header("WWW-Authenticate"))
        self.assertNotIn("aud", str(answer.body) + answer.header("WWW-Authenticate").replace("audience", ""))
        server.wait_line(r"wrong_audience")

    def test_T11_who_has_no_token_is_told_where_to_get_one(self):
        server = self.serve()
        answer = server.rpc("tools/list", token=None)
        challenge = answer.header("WWW-Authenticate")
        self.assertEqual(answer.status, 401)
        self.assertNotIn("error=", challenge)
        self.assertIn(f'resource_metadata="{self.place}/.well-known/oauth-protected-resource/mcp"', challenge)

    def test_T31_the_metadata_names_the_provider_and_never_the_host_header(self):
        server = self.serve()
        for path in ("", "/mcp"):
            answer = server.get("/.well-known/oauth-protected-resource" + path, {"Host": "evil.example"})
            document = answer.json()
            self.assertEqual(document["resource"], self.place + "/mcp")
            self.assertEqual(document["authorization_servers"], [self.provider.issuer])
            self.assertEqual(document["bearer_methods_supported"], ["header"])

    def test_an_opaque_token_is_not_mine(self):
        server = self.serve()
        self.assertEqual(self.status(server, self.provider.token("mcp-service-opaque")), 401)
        server.wait_line(r"not_mine")

    def test_F19_a_key_that_is_new_is_found_at_its_first_token(self):
        server = self.serve()
        self.assertEqual(self.status(server, self.provider.token()), 200)
        before = self.provider.asked()
        self.provider.rotate()
        token = self.provider.token()
        answers = []
        crowd = [threading.Thread(target=lambda: answers.append(self.status(server, token))) for _ in range(16)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
        self.assertEqual(answers, [200] * 16)
        self.assertLessEqual(self.provider.asked() - before, 1)

    def test_J06_ten_thousand_unknown_kids_cause_two_fetches_at_most(self):
        server = self.serve(auth={"limits": {"failures_per_minute": 1_000_000}})
        known = self.provider.token()
        self.assertEqual(self.status(server, known), 200)
        before = self.provider.asked()
        claims = base64url(b'{"iss":"%s","sub":"x","exp":9999999999}' % self.provider.issuer.encode())
        with server.wire() as wire:
            for number in range(10_000):
                header = base64url(b'{"alg":"RS256","kid":"stranger-%d"}' % number)
                token = f"{header}.{claims}.{base64url(bytes(256))}"
                status = server.rpc("tools/list", token=token, wire=wire).status
                self.assertEqual(status, 401 if number < 2 else 503)  # until the next look its key may be a new one
        self.assertLessEqual(self.provider.asked() - before, 2)
        self.assertEqual(self.status(server, known), 200)

    def test_F17_while_the_provider_is_down_known_keys_work_and_unknown_ones_are_not_judged(self):
        server = self.serve()
        known = self.provider.token()
        self.assertEqual(self.status(server, known), 200)
        self.provider.rotate()
        later, fresh = self.provider.token(), self.provider.token("mcp-service-es256")
        self.provider.outage(3600)
        self.addCleanup(self.provider.outage, 0)
        self.assertEqual(self.status(server, fresh), 200)
        answer = server.rpc("tools/list", token=later)
        self.assertEqual(answer.status, 503)
        self.assertGreaterEqual(int(answer.header("Retry-After")), 1)
        self.provider.outage(0)
        wait_until(lambda: self.status(server, later) == 200, 40)
        self.assertEqual(self.status(server, later), 200)

    def test_F16_without_a_provider_lazy_answers_503_and_strict_does_not_start(self):
        nobody = f"http://127.0.0.1:{free_port()}"
        server = self.serve({"issuer": nobody, "startup": "lazy"})
        token = hs256("x" * 32, {"iss": nobody, "sub": "a"}, {"alg": "RS256", "kid": "k"})
        answer = server.rpc("tools/list", token=token)
        self.assertEqual(answer.status, 503)
        self.assertGreaterEqual(int(answer.header("Retry-After")), 1)
        self.start_refused(r"issuer: " + nobody, self.settings({"issuer": nobody}))


class Introspection(Provided):
    validator = "introspection"

    def own(self, more):
        return {
            "endpoint": self.provider.issuer + "/token/introspection", "client_id": "mcp-resource",
            "client_secret": "mcp-resource-secret", **more
        }

    def test_an_opaque_token_is_what_its_server_says(self):
        server = self.serve()
        token = self.provider.token("mcp-service-opaque")
        self.assertEqual(self.status(server, token), 200)
        self.assertEqual(self.status(server, token + "x"), 401)

    def test_a_token_is_asked_about_once_while_the_answer_is_fresh(self):
        server = self.serve()
        token = self.provider.token("mcp-service-opaque")
        before = self.provider.asked("/token/introspection")
        self.assertEqual([self.status(server, token) for _ in range(5)], [200] * 5)
        self.assertEqual(self.provider.asked("/token/introspection") - before, 1)

    def test_J18_an_answer_that_does_not_come_is_no_refusal(self):
        server = self.serve()
        token = self.provider.token("mcp-service-opaque")
        self.provider.outage(3600)
        self.addCleanup(self.provider.outage, 0)
        self.assertEqual(self.status(server, token), 503)

    def test_our_own_wrong_secret_is_no_refusal_either(self):
        server = self.serve({"client_secret": "wrong"})
        self.assertEqual(self.status(server, self.provider.token("mcp-service-opaque")), 503)
        server.wait_line(r"our own client credentials are refused")


class ChainOfTwo(Provided):
    def serve_chain(self):
        resource = {"endpoint": self.provider.issuer + "/token/introspection", "client_id": "mcp-resource",
                    "client_secret": "mcp-resource-secret"}
        settings = {
            "http": {"public_url": self.place},
            "auth": {"validator": ["oidc", "introspection"],
                     "validators": {"oidc": self.own({}), "introspection": resource}}
        }
        return self.start(settings)

    def test_each_kind_of_token_finds_its_validator(self):
        server = self.serve_chain()
        self.assertEqual(self.status(server, self.provider.token()), 200)
        self.assertEqual(self.status(server, self.provider.token("mcp-service-opaque")), 200)

    def test_a_token_that_one_refuses_is_not_rescued_by_the_next(self):
        server = self.serve_chain()
        good = self.provider.token()
        before = self.provider.asked("/token/introspection")
        head, payload, signature = good.split(".")
        self.assertEqual(self.status(server, f"{head}.{payload}.{signature[:-4]}AAAA"), 401)
        self.assertEqual(self.provider.asked("/token/introspection"), before)


if __name__ == "__main__":
    unittest.main()
