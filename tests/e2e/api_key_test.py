"""The api_key validator (one shared key), and the client that serves requests without a token."""

import os
import subprocess
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import executable
from identity_provider import hs256
from served_case import StartCase

LITERAL = "a-literal-key-of-more-than-32-characters"
FROM_ENV = "a-key-of-the-environment-of-more-than-32"
SECRET = "a-shared-secret-of-more-than-32-bytes"


class Started(StartCase):
    def serve(self, auth, env=None, **more):
        return self.start({"auth": auth}, env, **more)

    def refused(self, words, auth, env=None, http=None):
        self.start_refused(words, {"auth": auth, "http": http or {}}, env)


class ApiKey(Started):
    def status(self, server, token, **how):
        return server.rpc("tools/list", token=token, **how).status

    def test_the_environment_of_the_document_is_enough(self):
        server = self.serve({}, {"DCC_MCP_API_KEY": "k" * 43})
        self.assertEqual(self.status(server, "k" * 43), 200)
        for wrong in ("k" * 42, "k" * 44, "K" * 43, "x"):
            self.assertEqual(self.status(server, wrong), 401)

    def test_a_literal_goes_before_the_environment_and_the_variable_has_a_name_of_its_own(self):
        chosen = {"validator": "api_key", "validators": {"api_key": {"key": LITERAL, "env_var": "MY_MCP_SECRET"}}}
        server = self.serve(chosen, {"MY_MCP_SECRET": FROM_ENV})
        self.assertEqual([self.status(server, key) for key in (LITERAL, FROM_ENV)], [200, 401])
        chosen["validators"]["api_key"].pop("key")
        server = self.serve(chosen, {"MY_MCP_SECRET": FROM_ENV})
        self.assertEqual([self.status(server, key) for key in (LITERAL, FROM_ENV)], [401, 200])

    def test_another_header_with_or_without_a_scheme(self):
        for scheme, value in ((None, f"Bearer {LITERAL}"), ("none", LITERAL)):
            own = {"key": LITERAL, "header_name": "X-API-Key", **({"scheme": scheme} if scheme else {})}
            server = self.serve({"validator": "api_key", "validators": {"api_key": own}})
            self.assertEqual(self.status(server, None, headers={"x-api-key": value}), 200)
            self.assertEqual(self.status(server, LITERAL), 401)

    def test_an_empty_variable_is_no_key_and_never_taken_as_one(self):
        self.refused(r"DCC_MCP_API_KEY is not set, or empty.*--no-auth", {"validator": "api_key"}, {"DCC_MCP_API_KEY": ""})
        self.refused(r"MCP_BEARER_TOKEN is not set", {}, {"MCP_AUTH_TYPE": "env", "MCP_BEARER_TOKEN": ""})

    def test_B7_a_short_key_is_refused_unless_it_is_allowed_by_name(self):
        own = {"key": "x" * 31}
        chosen = {"validator": "api_key", "validators": {"api_key": own}}
        self.refused(r"key: has 31 characters, expected 32 or more.*allow_short_key", chosen)
        own["allow_short_key"] = True
        self.assertEqual(self.status(self.serve(chosen), "x" * 31), 200)

    def test_B7_guesses_are_counted(self):
        server = self.serve({"validator": "api_key", "validators": {"api_key": {"key": LITERAL}},
                             "limits": {"failures_per_minute": 20}})
        answers = [self.status(server, f"guess-{i}") for i in range(40)]
        self.assertEqual((answers[0], answers[-1]), (401, 429))
        self.assertIn(answers.count(401), range(20, 25))

    def test_generate_key_makes_43_characters_and_never_the_same(self):
        made = [subprocess.run([executable(), "generate-key"], capture_output=True, text=True, check=True).stdout.strip()
                for _ in range(20)]
        self.assertEqual({len(key) for key in made}, {43})
        self.assertEqual(len(set(made)), 20)
        longer = subprocess.run([executable(), "generate-key", "--length", "48"], capture_output=True, text=True, check=True)
        self.assertEqual(len(longer.stdout.strip()), 64)


class Fallback(Started):
    """PR 93: a client from the environment serves requests without a token. Tokens by environment only."""

    tokens = [os.environ.get(name) or hs256(SECRET, {"aud": "a", "sub": name})
              for name in ("MCP_TEST_AUTH_TOKEN", "MCP_TEST_AUTH_TOKEN_2")]

    def serve_fallback(self, **more):
        auth = {"validator": "jwt", "validators": {"jwt": {"secret": SECRET, "audience": "a"}},
                "fallback": {"enabled": True, "env": "DATAHUB_GMS_TOKEN"}, **more}
        return self.serve(auth, {"DATAHUB_GMS_TOKEN": "the-start-up-token"}, backend="everything")

    def echo(self, server, token):
        return server.rpc("tools/list", token=token).status

    def crowd(self, server, tokens):
        answers = []
        threads = [threading.Thread(target=lambda token=token: answers.append((token, self.echo(server, token))))
                   for token in tokens]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def test_without_a_token_the_fallback_serves_and_an_invalid_one_is_refused(self):
        server = self.serve_fallback()
        self.assertEqual(self.echo(server, None), 200)
        self.assertEqual(self.echo(server, "not-a-token"), 401)
        self.assertEqual(self.echo(server, self.tokens[0]), 200)

    def test_different_tokens_the_same_token_and_none_at_once(self):
        server = self.serve_fallback()
        for tokens in (self.tokens * 8, self.tokens[:1] * 16, [None] * 16, [*self.tokens, None, "bad"] * 6):
            for token, status in self.crowd(server, tokens):
                self.assertEqual(status, 401 if token == "bad" else 200)

    def test_switching_in_sequence_and_rapid_fire(self):
        server = self.serve_fallback()
        for turn in range(60):
            token = (*self.tokens, None)[turn % 3]
            self.assertEqual(self.echo(server, token), 200)

    def test_the_fallback_client_is_lent_and_not_closed_or_counted(self):
        server = self.serve_fallback()
        for _ in range(5):
            answer = server.rpc("tools/call", {"name": "test_simple_text", "arguments": {}}, token=None)
            self.assertEqual(answer.status, 200)
        self.assertEqual(server.metrics().get("gatehouse_clients_created_total", 0), 0)
        answer = server.rpc("tools/call", {"name": "test_simple_text", "arguments": {}}, token=self.tokens[0])
        self.assertEqual(answer.status, 200)
        self.assertEqual(server.metrics()["gatehouse_clients_created_total"], 1)
        self.assertEqual(server.metrics()["gatehouse_clients_closed_total"], 1)

    def test_it_is_refused_where_strangers_are_and_without_its_variable(self):
        auth = {"validator": "jwt", "validators": {"jwt": {"secret": SECRET, "audience": "a"}},
                "fallback": {"enabled": True, "env": "DATAHUB_GMS_TOKEN"}}
        self.refused(r"auth.fallback.env: the environment variable DATAHUB_GMS_TOKEN is not set", auth)
        self.refused(r"auth.fallback: refused on 0.0.0.0", auth, {"DATAHUB_GMS_TOKEN": "x"}, {"address": "0.0.0.0:0"})
        self.refused(r"auth.fallback: refused while clients log in by OAuth", {
            **auth, "validator": "oidc",
            "validators": {"oidc": {"issuer": "http://127.0.0.1:1", "audience": "a"}}
        }, {"DATAHUB_GMS_TOKEN": "x"})

    def test_switched_off_it_does_not_serve(self):
        auth = {"validator": "jwt", "validators": {"jwt": {"secret": SECRET, "audience": "a"}}}
        server = self.serve(auth, {"DATAHUB_GMS_TOKEN": "x"})
        self.assertEqual(self.echo(server, None), 401)


if __name__ == "__main__":
    unittest.main()
