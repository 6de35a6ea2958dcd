"""DhafnckMCP's tokens: JWTs that are valid only while their record exists, and the way there from no tokens at all."""

import base64
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import slowness
from identity_provider import hs256
from managed_server import ManagedServer
from process_probe import eventually

SECRET = "the secret of the document, thirty-two bytes and more"
KIND = {"auth": {"validator": "jwt", "tokens": {"kind": "jwt"},
                 "validators": {"jwt": {"secret": SECRET, "check_token_store": True, "audience": "mcp-server"}}}}


def claims_in(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class JwtKind(unittest.TestCase):
    def serve(self, store="sqlite", **more):
        server = ManagedServer(KIND, store=store, **more)
        self.addCleanup(server.discard)
        return server

    def test_create_gives_a_jwt_with_the_claims_of_the_document(self):
        server = self.serve()
        made = server.create(scopes=["execute:mcp", "read:tasks"], expires_in_days=30, owner="alice")
        claims = claims_in(made["token"])
        self.assertEqual((claims["sub"], claims["user_id"], claims["token_id"]), ("alice", "alice", made["id"]))
        self.assertEqual(claims["scopes"], ["execute:mcp", "read:tasks"])
        self.assertEqual((claims["aud"], claims["exp"] - claims["iat"]), ("mcp-server", 30 * 86400))
        self.assertEqual(server.used(made["token"]), 200)
        self.assertEqual(server.api("POST", "validate", who=made["token"]).json()["valid"], True)

    def test_after_delete_it_is_401_although_its_signature_is_good(self):
        for store in ("sqlite", "file"):
            with self.subTest(store):
                server = self.serve(store)
                made = server.create()
                self.assertEqual(server.used(made["token"]), 200)
                server.api("DELETE", made["id"])
                self.assertEqual(server.used(made["token"]), 401)
                server.wait_line("token not found in database")

    def test_one_that_was_signed_with_the_right_secret_and_never_stored_is_401(self):
        server = self.serve()
        made = server.create()
        claims = claims_in(made["token"])
        for forged in (claims, {**claims, "jti": "other"}, {**claims, "scopes": ["mcp:admin"]}):
            self.assertEqual(server.used(hs256(SECRET, forged)), 401)
        self.assertEqual(server.used(hs256(SECRET + "x", claims)), 401)

    def test_fewer_scopes_of_the_record_hold_at_once_though_the_text_has_more(self):
        settings = {"auth": {**KIND["auth"], "policy": {"rules": [{"tools": ["test_simple_text"], "scopes": ["write:tasks"]}]}}}
        server = ManagedServer(settings)
        self.addCleanup(server.discard)
        made = server.create(scopes=["execute:mcp", "write:tasks"])
        self.assertEqual(server.used(made["token"]), 200)
        self.assertEqual(server.api("PATCH", made["id"], {"scopes": ["execute:mcp"]}).status, 200)
        self.assertEqual(server.used(made["token"]), 403)

    def test_a_rotation_gives_another_jwt_and_a_repeat_of_the_request_ends_the_first(self):
        server = self.serve()
        made = server.create(expires_in_days=10)
        fresh = server.api("POST", f"{made['id']}/rotate", {}).json()
        self.assertNotEqual(fresh["token"], made["token"])
        self.assertEqual((server.used(made["token"]), server.used(fresh["token"])), (401, 200))
        again = [server.api("POST", body={"name": "twice"}, headers={"Idempotency-Key": "k"}).json() for _ in range(2)]
        self.assertEqual([server.used(one["token"]) for one in again], [401, 200])

    def test_the_command_line_makes_them_too_and_managers_stay_as_they_are(self):
        server = self.serve()
        text = server.add("from the host")
        self.assertEqual(claims_in(text)["aud"], "mcp-server")
        self.assertEqual(server.used(text), 200)
        self.assertTrue(server.manager.startswith("gth_"))
        self.assertEqual(server.used(server.manager), 401)
        refused = server.run("token", "add", "--token-note", "x", "--token-expiry", "never")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("a JWT has an end", refused.stderr)

    def test_settings_by_which_they_would_not_be_taken_are_refused(self):
        server = self.serve()
        server.stop()
        for auth in ({"validator": "static_file"}, {"validators": {"jwt": {"secret": SECRET}}},
                     {"validators": {"jwt": {"check_token_store": True, "jwks_url": "https://idp.example/keys"}}}):
            with self.subTest(auth):
                server.settings["auth"] = {**server.settings["auth"], **auth}
                server.write_settings()
                told = server.run("config", "check")
                self.assertEqual(told.returncode, 3, told)
                self.assertIn("auth.tokens.kind", told.stdout + told.stderr)


class Migration(unittest.TestCase):
    """none -> env -> jwt, as the document's migration guide has it, without a moment in which a right client is refused or
    a wrong one admitted."""

    STATIC = "the-static-token-of-the-environment"

    def restarted(self, server, environment, **auth):
        if server.alive():
            server.stop()
        server.settings["auth"] = auth
        server.process_options = {"env": environment}
        server.start()

    def statuses(self, server, *texts):
        return [server.used(text) for text in texts]

    def test_the_way_from_nothing_to_jwt(self):
        server = ManagedServer(KIND)
        self.addCleanup(server.discard)
        auth = server.settings["auth"]
        store = {"store": auth["tokens"]["store"]}

        # 1. nobody shows anything; people make the tokens that they will show
        self.restarted(server, {}, **auth, enabled=False)
        self.assertEqual(self.statuses(server, None), [200])
        mine, other = server.add("client 1"), server.add("client 2")
        self.assertEqual(self.statuses(server, mine, other, None), [200, 200, 200])  # a client that is ahead of us

        # 2. one static token for all
        self.restarted(server, {"MCP_AUTH_TYPE": "env", "MCP_BEARER_TOKEN": self.STATIC}, tokens=store)
        self.assertEqual(self.statuses(server, self.STATIC, self.STATIC + "x", None), [200, 401, 401])

        # 3. both, while clients change over one by one
        validators = {**auth["validators"], "api_key": {"key": self.STATIC}}
        self.restarted(server, {}, **{**auth, "validator": ["jwt", "api_key"], "validators": validators})
        self.assertEqual(self.statuses(server, self.STATIC, mine, other), [200, 200, 200])
        self.assertEqual(self.statuses(server, hs256(SECRET, claims_in(mine)), self.STATIC + "x", None), [401, 401, 401])

        # 4. JWT alone, by the variables of the document
        taken = {name: value for name, value in auth["validators"]["jwt"].items() if name != "secret"}
        self.restarted(server, {"MCP_AUTH_TYPE": "jwt", "JWT_SECRET_KEY": SECRET}, tokens=auth["tokens"],
                       validators={"jwt": taken})
        self.assertEqual(self.statuses(server, mine, other), [200, 200])
        self.assertEqual(self.statuses(server, self.STATIC, None), [401, 401])
        found = next(row for row in server.api("GET").json()["data"] if row["name"] == "client 2")
        server.api("DELETE", found["id"])
        eventually(lambda: self.statuses(server, mine, other) == [200, 401], 2 * slowness())


if __name__ == "__main__":
    unittest.main()
