"""A real Keycloak behind every validator that asks a provider: tokens, roles, login, rotation, introspection, exchange."""

import base64
import itertools
import json
import sys
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import slowness, test_plugin
from keycloak import AUDIENCE, TOKEN, Keycloak
from process_probe import wait_until
from scripted_provider import ScriptedProvider
from served_case import StartCase

SERVICES = {"RS256": "mcp-service", "PS256": "mcp-service-ps256", "ES256": "mcp-service-es256", "EdDSA": "mcp-service-eddsa"}
INTROSPECTION = "/protocol/openid-connect/token/introspect"
keycloak = None


def setUpModule():
    global keycloak
    keycloak = Keycloak()
    unittest.addModuleCleanup(keycloak.close)


def part(token, index=1):
    """The claims of a token, or its header with index 0."""
    text = token.split(".")[index]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


class Guarded(StartCase):
    """A server of its own for each test, in front of the one Keycloak."""

    validator = "oidc"

    def own(self):
        return {"issuer": keycloak.issuer, "startup": "strict"}

    def serve(self, policy=None, backend="echo", **own):
        return self.served({self.validator: {**self.own(), **own}}, self.validator, policy, backend=backend)

    def served(self, validators, order, policy=None, **more):
        auth = {"validator": order, "validators": validators, "policy": policy or {}}
        return self.start({"http": {"public_url": AUDIENCE.removesuffix("/mcp")}, "auth": auth}, **more)

    def status(self, server, token, wire=None):
        return server.rpc("tools/list", token=token, wire=wire).status

    def refused(self, server, token, why, status=401):
        """That token gets that status, and the log says why."""
        before = server.line_count()
        self.assertEqual(self.status(server, token), status)
        server.wait_line(why, after=before)


class Tokens(Guarded):
    def test_each_algorithm_that_is_configured_is_taken(self):
        server = self.serve(algorithms=list(SERVICES))
        for algorithm, client in SERVICES.items():
            with self.subTest(algorithm):
                token = keycloak.token(client)
                self.assertEqual(part(token, 0)["alg"], algorithm)
                self.assertEqual(self.status(server, token), 200)

    def test_J20_an_algorithm_that_is_not_configured_is_refused(self):
        tokens = {algorithm: keycloak.token(client) for algorithm, client in SERVICES.items()}
        for configured in SERVICES:
            server = self.serve(algorithms=[configured])
            for algorithm, token in tokens.items():
                with self.subTest(configured=configured, token=algorithm):
                    self.assertEqual(self.status(server, token), 200 if algorithm == configured else 401)

    def test_T10_a_token_without_our_audience_is_refused(self):
        for client in ("mcp-service-no-audience", "mcp-service-other-audience"):
            with self.subTest(client):
                self.refused(self.serve(), keycloak.token(client), r"wrong_audience")

    def test_a_token_ends_with_its_life(self):
        server = self.serve(leeway_seconds=0)
        seen, unseen = keycloak.token("mcp-service-short"), keycloak.token("mcp-service-short")
        self.assertEqual(self.status(server, seen), 200)
        self.assertTrue(wait_until(lambda: self.status(server, seen) == 401, 5, 0.05))
        self.assertGreaterEqual(time.time(), part(seen)["exp"])
        wait_until(lambda: time.time() > part(unseen)["exp"], 5)
        self.refused(server, unseen, r"expired")

    def test_an_id_token_and_a_refresh_token_open_nothing(self):
        server = self.serve(audience=["{resource}", "mcp-public", keycloak.issuer], algorithms=["RS256"])
        answer = keycloak.login()
        self.assertEqual(self.status(server, answer["access_token"]), 200)
        self.assertEqual(self.status(server, answer["id_token"]), 401)
        self.assertEqual(self.status(server, answer["refresh_token"]), 401)

    def test_T31_the_metadata_names_the_realm(self):
        document = self.serve().get("/.well-known/oauth-protected-resource/mcp").json()
        self.assertEqual(document["resource"], AUDIENCE)
        self.assertEqual(document["authorization_servers"], [keycloak.issuer])

    def test_an_issuer_is_found_byte_for_byte(self):
        validators = {"oidc": {**self.own(), "issuer": keycloak.issuer + "/"}}
        self.start_refused(r"that of another issuer", {"auth": {"validator": "oidc", "validators": validators}})


class Roles(Guarded):
    """What Keycloak calls a role is a scope here, with its profile."""

    def calls(self, needed, **own):
        """The statuses that alice and bob get when the echo tool needs that scope."""
        policy = {"rules": [{"tools": ["echo"], "scopes": [needed]}]}
        server = self.serve(policy, **own)
        return [server.call("echo", {"text": "hi"}, token=keycloak.user_token(who)).status for who in ("alice", "bob")]

    def test_roles_of_the_realm_are_scopes(self):
        self.assertEqual(self.calls("operator", profile="keycloak"), [200, 403])
        self.assertEqual(self.calls("viewer", profile="keycloak"), [403, 200])

    def test_roles_of_our_own_client_are_scopes(self):
        self.assertEqual(self.calls("rw", profile="keycloak", client_id="mcp-resource"), [200, 403])
        self.assertEqual(self.calls("ro", profile="keycloak", client_id="mcp-resource"), [403, 200])

    def test_roles_of_another_client_and_roles_without_the_profile_are_none(self):
        self.assertEqual(self.calls("rw", profile="keycloak", client_id="backend-api"), [403, 403])
        self.assertEqual(self.calls("rw", profile="keycloak"), [403, 403])
        self.assertEqual(self.calls("operator"), [403, 403])

    def test_scopes_still_count_beside_the_roles(self):
        self.assertEqual(self.calls("mcp:read", profile="keycloak"), [200, 200])
        self.assertEqual(self.calls("mcp:write", profile="keycloak"), [403, 403])


class Login(Guarded):
    def test_who_logs_in_at_the_page_calls_tools(self):
        server = self.serve(backend=test_plugin("witness"))
        token = keycloak.login("alice")["access_token"]
        answer = server.call("whoami", token=token)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.result()["structuredContent"]["subject"], part(token)["sub"])
        self.assertEqual(part(token)["preferred_username"], "alice")

    def test_a_wrong_password_brings_no_code(self):
        with self.assertRaisesRegex(RuntimeError, "Invalid username or password"):
            keycloak.login("alice", "wrong")


class Rotation(Guarded):
    def test_F19_a_new_key_is_found_at_its_first_token(self):
        server = self.serve()
        self.assertEqual(self.status(server, keycloak.token()), 200)
        kid = keycloak.rotate()
        token = keycloak.token()
        self.assertEqual(part(token, 0)["kid"], kid)
        self.assertEqual(self.status(server, token), 200)

    REFRESH = 10

    def retired(self):
        """A server that has taken one of two tokens whose key is then retired, and has looked since."""
        server = self.serve(refresh_seconds=self.REFRESH)
        seen, unseen = keycloak.token(), keycloak.token()
        kid = part(seen, 0)["kid"]
        self.assertEqual(self.status(server, seen), 200)
        before = server.line_count()
        keycloak.rotate()
        keycloak.retire(kid)
        server.wait_line(rf"keys loaded: (?!.*{kid[:12]})", 15 * slowness(), after=before)
        return server, seen, unseen

    def test_F19_a_retired_key_opens_nothing_after_the_refresh(self):
        server, _, unseen = self.retired()
        self.assertEqual(self.status(server, unseen), 401)
        self.assertEqual(self.status(server, keycloak.token()), 200)

    def test_F19_a_retired_key_ends_tokens_that_were_taken_before(self):
        """Who stole the key may have made a token that lives for years, and used it already."""
        server, seen, _ = self.retired()  # what was kept of it is as old as one refresh at the most
        self.assertTrue(wait_until(lambda: self.status(server, seen) == 401, self.REFRESH + 5 * slowness()))

    def test_F19_rotation_under_load_refuses_nobody(self):
        server = self.serve()
        tokens, statuses, over = [keycloak.token()], [], threading.Event()

        def call():
            with server.wire() as wire:
                for turn in itertools.count():
                    if over.is_set():
                        return
                    statuses.append(self.status(server, tokens[-1 if turn % 2 else turn % len(tokens)], wire))

        crowd = [threading.Thread(target=call) for _ in range(16)]
        for one in crowd:
            one.start()
        for _ in range(2):
            kid = keycloak.rotate()
            tokens += [keycloak.token() for _ in range(10)]
            self.assertEqual(part(tokens[-1], 0)["kid"], kid)
        self.assertTrue(wait_until(lambda: len(statuses) > 1000, 20 * slowness()))
        over.set()
        for one in crowd:
            one.join()
        self.assertEqual(set(statuses), {200}, [statuses.count(401), len(statuses)])


class Introspection(Guarded):
    validator = "introspection"

    def own(self):
        return {"endpoint": keycloak.issuer + INTROSPECTION, "client_id": "mcp-resource", "client_secret": "mcp-resource-secret"}

    def test_a_token_is_what_keycloak_says(self):
        server = self.serve(backend=test_plugin("witness"))
        token = keycloak.user_token()
        told = server.call("whoami", token=token).result()["structuredContent"]
        self.assertEqual((told["subject"], told["tokenId"]), (part(token)["sub"], part(token)["jti"]))
        self.refused(server, token[:-8] + "AAAAAAAA", r"active is not true|unknown")

    def test_its_scopes_count(self):
        server = self.serve({"rules": [{"tools": ["echo"], "scopes": ["mcp:write"]}]})
        for scope, status in (("mcp:read", 403), ("mcp:read mcp:write", 200)):
            with self.subTest(scope):
                token = keycloak.token(scope=scope)
                self.assertEqual(server.call("echo", {"text": "hi"}, token=token).status, status)

    def test_a_revoked_token_is_refused_at_once_when_nothing_is_kept(self):
        server = self.serve(cache_seconds=0)
        token, other = keycloak.user_token(), keycloak.user_token("bob")
        self.assertEqual(self.status(server, token), 200)
        keycloak.revoke(token)
        self.assertEqual(self.status(server, token), 401)
        self.assertEqual(self.status(server, other), 200)

    def test_a_revoked_token_is_refused_when_the_answer_is_old(self):
        server = self.serve(cache_seconds=2)
        token = keycloak.user_token()
        began = time.monotonic()
        self.assertEqual(self.status(server, token), 200)
        keycloak.revoke(token)
        self.assertTrue(wait_until(lambda: self.status(server, token) == 401, 5 * slowness(), 0.05))
        self.assertGreater(time.monotonic() - began, 1.5)

    def test_a_client_that_is_no_audience_learns_nothing(self):
        server = self.serve(client_id="backend-other", client_secret="backend-other-secret")
        self.assertEqual(self.status(server, keycloak.token()), 401)

    def test_our_own_wrong_secret_is_no_refusal(self):
        self.refused(self.serve(client_secret="wrong"), keycloak.token(), r"our own client credentials are refused", 503)


class Exchange(Guarded):
    validator = "token_exchange"

    def serve(self, **own):
        exchange = {"validator": "oidc", "token_endpoint": keycloak.issuer + TOKEN, "audience": "backend-api",
                    "client_id": "mcp-gateway", "client_secret": "mcp-gateway-secret", **own}
        return self.served({"oidc": self.own(), "token_exchange": exchange}, "token_exchange", backend=test_plugin("witness"))

    def whoami(self, server, token):
        return server.call("whoami", {"credential": True}, token=token).result()["structuredContent"]

    def test_T10_the_backend_gets_a_token_of_its_own_for_the_same_person(self):
        server = self.serve()
        for user in ("alice", "bob"):
            with self.subTest(user):
                token = keycloak.user_token(user)
                told = self.whoami(server, token)
                claims = part(told["credential"])
                self.assertNotEqual(told["credential"], token)
                self.assertEqual((claims["aud"], claims["azp"]), ("backend-api", "mcp-gateway"))
                self.assertEqual({told["subject"], claims["sub"]}, {part(token)["sub"]})
                self.assertEqual(self.whoami(server, token)["credential"], told["credential"])

    def denied(self, token, changed):
        """What Keycloak itself answers to such an exchange: its error's two texts."""
        with self.assertRaises(urllib.error.HTTPError) as refusal:
            keycloak.exchanged(token, **changed)
        answer = json.load(refusal.exception)
        return answer["error"], answer["error_description"]

    def test_T24_a_denial_is_403_and_says_nothing_of_keycloak(self):
        denials = {"an audience that is not available": {"audience": "backend-other"},
                   "a requester that is no audience": {"client_id": "mcp-gateway-stranger", "client_secret": "mcp-gateway-stranger-secret"},
                   "exchange is off": {"client_id": "mcp-gateway-off", "client_secret": "mcp-gateway-off-secret"},
                   "an unknown audience": {"audience": "nobody"}}
        token = keycloak.user_token()
        for name, changed in denials.items():
            with self.subTest(name):
                error, description = self.denied(token, changed)
                server = self.serve(**changed)
                answer = server.call("whoami", token=token)
                self.assertEqual((answer.status, answer.error_code()), (403, -32004))
                for words in (error, description, "eycloak", keycloak.issuer):
                    self.assertNotIn(words, repr(answer.fields) + answer.text)
                server.wait_line(rf"a token was not exchanged.*{error}")

    def test_T24_a_forged_token_never_reaches_the_token_endpoint(self):
        tap = ScriptedProvider()
        self.addCleanup(tap.close)
        tap.answers["/token"] = self.forwarded(tap)
        server = self.serve(token_endpoint=tap.url + "/token")
        token = keycloak.user_token()
        head, payload, signature = token.split(".")
        elsewhere = keycloak.token("mcp-service-no-audience")
        for refused in (f"{head}.{payload}.{'A' * len(signature)}", f"{head}.{payload}.", "a.b.c", elsewhere):
            self.assertEqual(server.call("whoami", token=refused).status, 401)
        self.assertEqual(tap.count("/token"), 0)
        self.assertEqual(part(self.whoami(server, token)["credential"])["aud"], "backend-api")
        self.assertEqual(tap.count("/token"), 1)

    @staticmethod
    def forwarded(tap):
        """Hands what was asked on to Keycloak, and its answer back."""
        def answer(handler):
            headers = {name: handler.headers[name] for name in ("Authorization", "Content-Type")}
            request = urllib.request.Request(keycloak.issuer + TOKEN, data=tap.asked[-1][3], headers=headers)
            with urllib.request.urlopen(request, timeout=10) as got:
                return got.status, {"Content-Type": "application/json"}, got.read()

        return answer


class ChainOfTwo(Guarded):
    introspection = Introspection.own

    def serve_chain(self, oidc=None, introspection=None):
        validators = {"oidc": {**self.own(), **(oidc or {})}, "introspection": {**self.introspection(), **(introspection or {})}}
        return self.served(validators, ["oidc", "introspection"])

    def test_a_token_of_the_realm_is_not_asked_about(self):
        server = self.serve_chain(introspection={"client_secret": "wrong"})
        self.assertEqual(self.status(server, keycloak.token()), 200)
        self.assertEqual(self.status(server, "opaque"), 503)

    def test_what_oidc_does_not_know_is_asked_about(self):
        elsewhere = keycloak.issuer.rsplit("/", 1)[0] + "/master"
        server = self.serve_chain({"issuer": elsewhere}, {"cache_seconds": 0})
        token = keycloak.user_token()
        self.assertEqual(self.status(server, token), 200)
        keycloak.revoke(token)
        self.refused(server, token, r"introspection: active is not true")

    def test_what_oidc_refuses_is_not_rescued(self):
        server = self.serve_chain({"algorithms": ["RS256"]})
        self.refused(server, keycloak.token("mcp-service-es256"), r"oidc: ")


if __name__ == "__main__":
    unittest.main()
