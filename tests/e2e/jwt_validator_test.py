"""The jwt validator and what its document promises: quick start by environment, audiences, scopes, and why a token is refused."""

import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, executable
from identity_provider import hs256
from mcp_clients import LegacySession
from process_probe import wait_until
from served_case import StartCase

SECRET = "a-shared-secret-of-more-than-32-bytes"


class JwtServed(StartCase):
    def serve(self, own=None, env=None, auth=None, http=None, **more):
        chosen = {} if own is None else {"validator": "jwt", "validators": {"jwt": {"secret": SECRET, **own}}}
        return self.start({"auth": {**chosen, **(auth or {})}, "http": http or {}}, env, **more)


class QuickStart(JwtServed):
    """Seed 001: JWT_SECRET_KEY alone turns it on."""

    def test_the_initialize_of_the_document_is_answered(self):
        server = self.serve(env={"JWT_SECRET_KEY": SECRET})
        message = {"jsonrpc": "2.0", "method": "initialize", "params": {"protocolVersion": "2025-06-18"}, "id": 1}
        token = hs256(SECRET, {"aud": "mcp-server", "iss": "agenthub", "user_id": "u1", "scopes": ["execute:mcp"]})
        answer = server.post(message, "/mcp/initialize", token=token)
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.result()["protocolVersion"], "2025-06-18")

    def test_required_scopes_of_the_document_are_asked_for_with_all_that_is_missing(self):
        env = {"JWT_SECRET_KEY": SECRET, "MCP_AUTH_TYPE": "jwt", "MCP_REQUIRED_SCOPES": "mcp:access,execute:mcp"}
        server = self.serve(env=env)
        good = hs256(SECRET, {"aud": "mcp-server", "sub": "u", "scopes": ["execute:mcp"]})
        poor = hs256(SECRET, {"aud": "mcp-server", "sub": "u", "scopes": ["read:tasks"]})
        self.assertEqual(server.rpc("tools/list", token=good).status, 200)
        answer = server.rpc("tools/list", token=poor)
        self.assertEqual(answer.status, 403)
        self.assertIn('error="insufficient_scope"', answer.header("WWW-Authenticate"))
        self.assertIn('scope="mcp:access execute:mcp"', answer.header("WWW-Authenticate"))

    def test_B2_mcp_access_is_had_with_any_scope_and_not_without_one(self):
        server = self.serve(env={"JWT_SECRET_KEY": SECRET, "MCP_REQUIRED_SCOPES": "mcp:access"})
        server.wait_line(r"auth.policy.required_scopes: every token that has any scope has mcp:access")
        for scopes, status in ((["execute:mcp"], 200), (["anything"], 200), ([], 403), (None, 403)):
            claims = {"aud": "mcp-server", "sub": f"u{scopes}", **({} if scopes is None else {"scopes": scopes})}
            with self.subTest(scopes):
                self.assertEqual(server.rpc("tools/list", token=hs256(SECRET, claims)).status, status)

    def test_B6_the_start_says_which_validator_is_in_force_and_from_where(self):
        server = self.serve(env={"JWT_SECRET_KEY": SECRET})
        line = server.wait_line(r"^Validator: ")
        self.assertRegex(line, r"jwt \(issuer: any; audience: http://\S+/mcp, mcp-server\), chosen by JWT_SECRET_KEY")
        self.assertNotIn(SECRET, line)

    def test_admin_includes_every_scope_and_write_includes_read(self):
        for scopes, status in ((["mcp:admin"], 200), (["write:tasks"], 200), (["read:agents"], 403)):
            with self.subTest(scopes):
                server = self.serve(env={"JWT_SECRET_KEY": SECRET, "MCP_REQUIRED_SCOPES": "read:tasks"})
                token = hs256(SECRET, {"aud": "mcp-server", "sub": "u", "scopes": scopes})
                self.assertEqual(server.rpc("tools/list", token=token).status, status)

    def test_a_secret_that_is_too_short_is_refused_at_the_start(self):
        self.start_refused(r"expected at least 32", env={"JWT_SECRET_KEY": "your-secret-key-here"})

    def test_two_guesses_are_an_error_and_the_settings_end_it(self):
        both = {"JWT_SECRET_KEY": SECRET, "MCP_BEARER_TOKEN": "t" * 40}
        self.start_refused(r"JWT_SECRET_KEY and MCP_BEARER_TOKEN are both set", env=both)
        server = self.serve(env={**both, "MCP_AUTH_TYPE": "env"})
        self.assertEqual(server.rpc("tools/list", token="t" * 40).status, 200)

    def test_a_python_factory_is_told_what_replaces_it(self):
        self.start_refused(r"TOKEN_VALIDATOR_FACTORY.*my_module:make.*gatehouse plugin new",
                           env={"TOKEN_VALIDATOR_FACTORY": "my_module:make"})


class Tokens(JwtServed):
    def test_the_audiences_of_several_organisations(self):
        server = self.serve({"audience": ["org1.example.com", "org2.example.com"], "required_scopes": ["mcp:access"]})
        for audience, status in (("org1.example.com", 200), ("org2.example.com", 200), (["x", "org2.example.com"], 200),
                                 ("org3.example.com", 401), ("org1.example.com/", 401), ("ORG1.example.com", 401),
                                 ("org1.example.co", 401), ([], 401), ({"0": "org1.example.com"}, 401), (None, 401)):
            with self.subTest(audience=audience):
                token = hs256(SECRET, {"aud": audience, "sub": "u", "scopes": ["execute:mcp"]})
                self.assertEqual(server.rpc("tools/list", token=token).status, status)

    def test_without_audience_the_resource_itself_is_meant(self):
        server = self.serve({}, auth={"validator": "jwt"}, http={"public_url": "http://localhost:8123"})
        for audience, status in (("http://localhost:8123/mcp", 200), ("http://localhost:8123", 401), ("mcp-server", 401)):
            token = hs256(SECRET, {"aud": audience, "sub": "u"})
            self.assertEqual(server.rpc("tools/list", token=token).status, status)

    def test_times_are_judged_with_leeway(self):
        server = self.serve({"audience": "a", "leeway_seconds": 60})
        now = int(time.time())
        for claims, status in (({"exp": now - 50}, 200), ({"exp": now - 70}, 401), ({"nbf": now + 50}, 200),
                               ({"nbf": now + 80}, 401), ({"iat": now + 80}, 401), ({"exp": str(now + 99)}, 401),
                               ({"exp": now + 99.5}, 200), ({"exp": -1}, 401), ({"exp": None}, 401),
                               ({"exp": True}, 401), ({"exp": [now + 99]}, 401)):
            with self.subTest(claims=claims):
                token = hs256(SECRET, {"aud": "a", "sub": "u", **claims})
                self.assertEqual(server.rpc("tools/list", token=token).status, status)

    def test_J01_J02_J04_J05_headers_that_are_never_taken(self):
        server = self.serve({"audience": "a"})
        claims = {"aud": "a", "sub": "u"}
        for header in ({"alg": "none"}, {"alg": "None"}, {"alg": ""}, {"alg": "RS256"}, {"alg": "HS512"}, {"crit": ["x"]},
                       {"crit": []}, {"b64": False}, {"kid": 5}, {"typ": "logout+jwt"}, {"cty": "JWT"}):
            with self.subTest(header=header):
                self.assertEqual(server.rpc("tools/list", token=hs256(SECRET, claims, header)).status, 401)

    def test_D02_header_members_that_are_not_used_are_ignored(self):
        server = self.serve({"audience": "a"})
        stranger = {"kty": "oct", "k": "YS1zdHJhbmdlcnMtc2VjcmV0LW9mLW1vcmUtdGhhbi0zMi1ieXRlcw"}
        for header in ({"jwk": stranger}, {"jku": "https://evil.example"}, {"x5u": "https://evil.example"},
                       {"x5c": ["MIIB"]}, {"cty": "application/json"}, {"anything": {"a": [1]}}):
            with self.subTest(header=header):
                claims = {"aud": "a", "sub": "u"}
                self.assertEqual(server.rpc("tools/list", token=hs256(SECRET, claims, header)).status, 200)
                forged = hs256("a-strangers-secret-of-more-than-32-bytes", claims, header)
                self.assertEqual(server.rpc("tools/list", token=forged).status, 401)
                critical = hs256(SECRET, claims, {**header, "crit": list(header)})
                self.assertEqual(server.rpc("tools/list", token=critical).status, 401)

    def test_D14_the_user_id_of_the_document_may_be_a_number(self):
        server = self.serve({"audience": "a"})
        self.assertEqual(server.rpc("tools/list", token=hs256(SECRET, {"aud": "a", "user_id": 5})).status, 200)
        self.assertEqual(server.rpc("tools/list", token=hs256(SECRET, {"aud": "a", "sub": 5})).status, 401)

    def test_D14_a_secret_of_digits_is_its_digits_and_a_variable_is_always_text(self):
        digits = "0123456789" * 4
        for secret, variable in ((digits, None), ("${NUMERIC_SECRET}", "9" * 40), ("${NUMERIC_SECRET}", "1e400" + "0" * 40)):
            with self.subTest(secret):
                server = self.start(
                    "http:\n  address: 127.0.0.1:0\n  legacy_sse: ${YES}\n  limits:\n    body_bytes: ${BYTES}\n"
                    "backend: {plugin: echo}\nauth:\n  validator: jwt\n  validators:\n    jwt:\n      audience: a\n"
                    f"      leeway_seconds: ${{LEEWAY}}\n      secret: {secret}\n",
                    {"LEEWAY": "60", "YES": "true", "BYTES": "100000", "NUMERIC_SECRET": variable or "-"})
                now = int(time.time())
                for exp, status in ((now + 99, 200), (now - 30, 200), (now - 99, 401)):
                    token = hs256(variable or secret, {"aud": "a", "sub": "u", "exp": exp})
                    self.assertEqual(server.rpc("tools/list", token=token).status, status)

    def test_T11_nobody_learns_why_and_the_log_says_it_without_the_token(self):
        server = self.serve({"audience": "a"}, env={"APP_DEBUG": "true", "LOG_LEVEL": "DEBUG"})
        token = hs256(SECRET, {"aud": "b", "sub": "u"})
        answer = server.rpc("tools/list", token=token)
        bad = server.rpc("tools/list", token=token[:-3] + "AAA")
        self.assertEqual((answer.status, answer.body), (bad.status, bad.body))
        self.assertEqual(answer.header("WWW-Authenticate"), bad.header("WWW-Authenticate"))
        server.wait_line(r"wrong_audience.*made for others")
        self.assertFalse([line for line in server.lines if line and token[:20] in line])

    def test_a_token_that_left_the_store_is_refused(self):
        server = GatehouseServer(started=False, settings={
            "auth": {"validator": "jwt",
                     "validators": {"jwt": {"secret": SECRET, "audience": "a", "check_token_store": True}}}
        })
        self.addCleanup(server.discard)
        known, unknown = (hs256(SECRET, {"aud": "a", "sub": name}) for name in ("known", "unknown"))
        minted = server.token_file.add(text=known)
        server.start()
        self.assertEqual(server.rpc("tools/list", token=known).status, 200)
        self.assertEqual(server.rpc("tools/list", token=unknown).status, 401)
        server.wait_line(r"token not found in database")
        server.token_file.remove(minted)
        self.assertTrue(wait_until(lambda: server.rpc("tools/list", token=known).status == 401, 5))


class Explained(JwtServed):
    def explain(self, server, token, *words):
        return subprocess.run([executable(), "explain", "--config", str(server.settings_path), *words], input=token + "\n",
                              capture_output=True, text=True, timeout=20, check=False)

    def test_explain_names_each_rule_and_the_answer_but_not_the_token(self):
        rules = {"rules": [{"tools": ["echo"], "scopes": ["write:tasks", "execute:mcp"]}]}
        server = self.serve({"audience": "a"}, auth={"policy": rules})
        token = hs256(SECRET, {"aud": "a", "sub": "ada", "scopes": ["execute:mcp"]})
        told = self.explain(server, token, "--tool", "echo")
        self.assertEqual(told.returncode, 1)
        for words in ("accepted as ada", "execute:mcp", "echo: needs write:tasks execute:mcp", "403", "insufficient_scope"):
            self.assertIn(words, told.stdout)
        wrong = self.explain(server, hs256(SECRET, {"aud": "b", "sub": "ada"}))
        self.assertIn("WRONG aud", wrong.stdout)
        self.assertIn("401", wrong.stdout)
        self.assertNotIn(token[:30], told.stdout + told.stderr + wrong.stdout + wrong.stderr)
        self.assertNotIn(SECRET, told.stdout + told.stderr)

    def test_the_answer_is_that_of_the_server(self):
        server = self.serve({"audience": "a"}, auth={"policy": {"required_scopes": ["read:db"]}})
        for claims in ({"aud": "a", "sub": "u"}, {"aud": "x", "sub": "u"}, {"aud": "a", "sub": "u", "scope": "read:db"}):
            token = hs256(SECRET, claims)
            answer, told = server.rpc("tools/list", token=token), self.explain(server, token)
            with self.subTest(claims=claims):
                if answer.status == 200:
                    self.assertIn("let in", told.stdout)
                else:
                    self.assertIn(f"HTTP:      {answer.status}", told.stdout)
                    self.assertIn(answer.header("WWW-Authenticate"), told.stdout)


class Policies(JwtServed):
    RULES = {"rules": [{"tools": ["ech*"], "scopes": ["execute:mcp"]}, {"tools": ["echo"], "scopes": ["write:tasks"]}]}

    def test_a_tool_needs_the_scopes_of_every_rule_that_names_it(self):
        server = self.serve({"audience": "a"}, auth={"policy": self.RULES})
        rich = hs256(SECRET, {"aud": "a", "sub": "u", "scopes": ["execute:mcp", "write:tasks"]})
        poor = hs256(SECRET, {"aud": "a", "sub": "u", "scopes": ["execute:mcp"]})
        self.assertEqual(server.call("echo", {"text": "x"}, token=rich).status, 200)
        answer = server.call("echo", {"text": "x"}, token=poor)
        self.assertEqual((answer.status, answer.error_code()), (403, -32003))
        self.assertIn('scope="execute:mcp write:tasks"', answer.header("WWW-Authenticate"))

    def test_lists_show_what_may_be_called_unless_told_otherwise(self):
        poor = hs256(SECRET, {"aud": "a", "sub": "u"})
        for hide, count in ((True, 0), (False, 1)):
            server = self.serve({"audience": "a"}, auth={"policy": {**self.RULES, "hide": hide}})
            names = [tool["name"] for tool in server.rpc("tools/list", token=poor).result()["tools"]]
            self.assertEqual(names.count("echo"), count)

    def test_who_may_not_read_a_resource_is_not_told_of_its_changes(self):
        rules = {"rules": [{"resources": ["test://*"], "scopes": ["read:tests"]}]}
        server = self.serve({"audience": "a"}, auth={"policy": rules}, backend="everything")
        for scopes, code in (([], -32602), (["read:tests"], None)):
            token = hs256(SECRET, {"aud": "a", "sub": "u", "scopes": scopes})
            answer = LegacySession(server, token).rpc("resources/subscribe", {"uri": "test://watched-resource"})
            self.assertEqual(answer.error_code(), code)

    def test_policy_test_holds_the_operators_table_against_the_rules(self):
        tests = [{"scopes": ["write:tasks", "execute:mcp"], "tool": "echo", "expect": "allow"},
                 {"scopes": ["execute:mcp"], "tool": "echo", "expect": "allow"}]
        server = self.serve({"audience": "a"}, auth={"policy": {**self.RULES, "tests": tests}})
        told = subprocess.run([executable(), "policy", "test", "--config", str(server.settings_path)], capture_output=True,
                              text=True, timeout=20, check=False)
        self.assertEqual(told.returncode, 1)
        self.assertIn("2 tests, 1 wrong", told.stdout)


if __name__ == "__main__":
    unittest.main()
