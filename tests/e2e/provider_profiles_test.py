"""The profiles of the oidc validator against what Keycloak, Entra, Okta, Auth0 and Google publish and issue.

Each provider is served under its real names, behind a proxy (HTTPS_PROXY) and with certificates of a private authority
(fetch.ca_file), so every one of these tests shows both as well.
"""

import re
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import command, test_plugin
from identity_provider import base64url
from private_ca import PrivateCa
from recorded_provider import RecordedProvider, current
from served_case import StartCase
from rsa_signer import SigningKey

PROVIDERS = ("keycloak", "entra", "okta", "auth0", "google")
AUDIENCES = {"keycloak": "gatehouse", "okta": "api://default", "auth0": "https://mcp.example.com/api",
             "entra": ["bbbbbbbb-0000-4000-8000-00000000000b", "api://bbbbbbbb-0000-4000-8000-00000000000b"],
             "google": "000000000000-example.apps.googleusercontent.com"}
CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"  # the tenant of personal accounts


class Profiled(StartCase):
    name = "keycloak"
    more_hosts = ()

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.ca, cls.key = PrivateCa(Path(folder.name) / "ca"), SigningKey(folder.name, "own-key")
        cls.provider = cls.open(cls.name)

    @classmethod
    def open(cls, name):
        provider = RecordedProvider(name, cls.ca, cls.key, *cls.more_hosts)
        cls.addClassCleanup(provider.close)
        return provider

    def serve(self, provider=None, policy=None, **own):
        provider = provider or self.provider
        fixed = {"issuer": provider.issuer, "profile": provider.name, "audience": AUDIENCES[provider.name], "startup": "strict"}
        oidc = {name: value for name, value in {**fixed, **own}.items() if value is not None}
        settings = {"auth": {"validator": "oidc", "validators": {"oidc": oidc}, "policy": policy or {}},
                    "fetch": {"ca_file": str(self.ca.ca)}}
        return self.start(settings, provider.environment, backend=test_plugin("witness"))

    def claims(self, **changes):
        return current(self.provider.claims, **changes)

    def explain(self, server, token):
        told = command("explain", "--config", server.settings_path, stdin=token + "\n",
                       env={"PATH": "/usr/bin:/bin", **server.process_options["env"]})
        for part in token.split("."):
            self.assertTrue(len(part) < 20 or part[:20] not in told.stdout + told.stderr, "the token was printed")
        return told.stdout

    def accepted(self, server, token, scopes):
        """The token is taken, with just these scopes; what the backend was told of who calls."""
        answer = server.call("whoami", {}, token=token)
        self.assertEqual(answer.status, 200, (answer, server.log_tail()))
        told = self.explain(server, token)
        self.assertIn("HTTP:      let in", told)
        found = re.search(r"(?m)^ +ok +scopes: (.*)$", told)
        self.assertEqual(sorted(found[1].split()), sorted(scopes or ["none"]), told)
        return answer.result()["structuredContent"]

    def refused(self, server, token, why):
        """401, and `explain` says why."""
        answer = server.call("whoami", {}, token=token)
        self.assertEqual(answer.status, 401, answer)
        self.assertNotIn(b'"result"', answer.body)
        self.assertRegex(self.explain(server, token), why)

    def refused_each(self, server, cases):
        """Each case: changed claims (or a whole token), and what is wrong with them."""
        for what, why in cases:
            with self.subTest(what=str(what)[:70]):
                self.refused(server, what if isinstance(what, str) else self.key.token(self.claims(**what)), why)


class Keycloak(Profiled):
    SCOPES = "openid profile email default-roles-main offline_access uma_authorization operator".split()

    def test_realm_roles_and_the_roles_of_our_client_are_scopes(self):
        token = self.key.token(self.claims())
        caller = self.accepted(self.serve(client_id="gatehouse"), token, [*self.SCOPES, "tools-read", "tools-write"])
        self.assertEqual(caller["subject"], self.provider.claims["sub"])
        self.assertEqual(caller["tokenId"], self.provider.claims["jti"])
        self.accepted(self.serve(), token, self.SCOPES)

    def test_a_role_of_another_client_is_no_role_of_ours(self):
        server = self.serve(client_id="gatehouse", policy={"rules": [{"tools": ["whoami"], "scopes": ["tools-read"]}]})
        others = {"resource_access": {"other": {"roles": ["tools-read"]}}}
        self.assertEqual(server.call("whoami", {}, token=self.key.token(self.claims())).status, 200)
        self.assertEqual(server.call("whoami", {}, token=self.key.token(self.claims(**others))).status, 403)

    def test_what_a_realm_issues_for_other_purposes_is_refused(self):
        other = self.provider.issuer.replace("main", "other")
        self.refused_each(self.serve(), (
            ({"aud": "account"}, "WRONG aud: made for others"), ({"aud": None}, "WRONG aud: missing"),
            ({"typ": "ID", "at_hash": "x"}, "WRONG use"), ({"typ": "Refresh"}, "WRONG use"),
            ({"typ": "Offline"}, "WRONG use"), ({"typ": "Logout", "events": {}}, "WRONG use"), ({"iss": other}, "WRONG iss"),
            ({"iss": self.provider.issuer + "/"}, "WRONG iss"), ({"realm_access": {"roles": [5]}}, "WRONG shape")))

    def test_D04_an_access_token_of_an_older_release_may_have_a_nonce(self):
        self.assertEqual(self.serve().rpc("tools/list", token=self.key.token(self.claims(nonce="n"))).status, 200)


class Entra(Profiled):
    name = "entra"
    more_hosts = ("sts.windows.net",)
    SCOPES = ["Tools.Read", "Tools.Write", "Operator", "eeeeeeee-0000-4000-8000-00000000000e"]

    def claims(self, version="v2", **changes):
        return current(self.provider.claims[version], **changes)

    def setUp(self):
        self.tenant = self.provider.claims["v2"]["tid"]

    def issuer_of(self, tenant):
        return self.provider.issuer.replace("{tenantid}", tenant)

    def test_scp_roles_and_groups_are_scopes_and_uti_is_the_token_id(self):
        caller = self.accepted(self.serve(), self.key.token(self.claims()), self.SCOPES)
        self.assertEqual((caller["subject"], caller["tokenId"]), ("masked-pairwise-subject", "masked-uti-0001"))

    def test_our_application_is_named_by_its_guid_or_by_its_uri(self):
        server = self.serve()
        for audience in AUDIENCES["entra"]:
            self.accepted(server, self.key.token(self.claims(aud=audience)), self.SCOPES)
        only = self.serve(audience=AUDIENCES["entra"][0])
        self.refused(only, self.key.token(self.claims(aud=AUDIENCES["entra"][1])), "WRONG aud: made for others")

    def test_tokens_for_graph_and_of_the_v1_endpoint_are_refused(self):
        self.refused_each(self.serve(), (
            ({"aud": "00000003-0000-0000-c000-000000000000"}, "WRONG aud"), ({"aud": "https://graph.microsoft.com"}, "WRONG aud"),
            (self.key.token(self.claims("v1")), "WRONG iss"),
            ({"nonce": "n", "azp": None, "scp": None, "aud": AUDIENCES["entra"][0]}, "WRONG use")))

    def test_the_tenant_must_be_that_of_the_issuer(self):
        other = "aaaaaaaa-0000-4000-8000-0000000000aa"
        self.refused_each(self.serve(), (
            ({"tid": other}, "WRONG iss"), ({"iss": self.issuer_of(other)}, "WRONG iss"), ({"tid": None}, "WRONG iss"),
            ({"iss": self.issuer_of("{tenantid}")}, "WRONG iss"), ({"tid": "{tenantid}", "iss": self.provider.issuer}, "WRONG iss"),
            ({"tid": "contoso", "iss": self.issuer_of("contoso")}, "WRONG iss"),
            ({"tid": self.tenant.upper()}, "WRONG iss")))
        self.accepted(self.serve(), self.key.token(self.claims(tid=other, iss=self.issuer_of(other))), self.SCOPES)

    def test_where_one_tenant_is_trusted_another_is_refused(self):
        issuer, other = self.issuer_of(self.tenant), "aaaaaaaa-0000-4000-8000-0000000000aa"
        keys = self.provider.discovery["jwks_uri"].replace("organizations", self.tenant)
        self.provider.page(issuer + "/.well-known/openid-configuration", {"issuer": issuer, "jwks_uri": keys})
        self.provider.page(keys, {"keys": [*self.provider.keys, *self.provider.extra]})
        server = self.serve(issuer=issuer)
        self.accepted(server, self.key.token(self.claims()), self.SCOPES)
        self.refused(server, self.key.token(self.claims(tid=other, iss=self.issuer_of(other))), "WRONG iss")

    def test_v1_tokens_are_taken_where_their_issuer_is_configured(self):
        issuer, keys = f"https://sts.windows.net/{self.tenant}/", "https://login.microsoftonline.com/common/discovery/keys"
        self.provider.page(issuer + ".well-known/openid-configuration", {"issuer": issuer, "jwks_uri": keys})
        v1_keys = [{name: value for name, value in key.items() if name not in ("issuer", "cloud_instance_name")}
                   for key in [*self.provider.keys, *self.provider.extra]]
        self.provider.page(keys, {"keys": v1_keys})
        server = self.serve(issuer=issuer)
        caller = self.accepted(server, self.key.token(self.claims("v1"), x5t=self.key.kid), self.SCOPES)
        self.assertEqual(caller["tokenId"], "masked-uti-0001")
        self.refused(server, self.key.token(self.claims("v2")), "WRONG iss")

    def test_more_groups_than_fit_count_for_nothing_and_explain_says_so(self):
        claims = {**self.claims(groups=None), **self.provider.claims["overage"]}
        server, token = self.serve(), self.key.token(claims)
        self.accepted(server, token, self.SCOPES[:3])
        self.assertRegex(self.explain(server, token), r"groups: .*overage")

    def test_a_key_of_one_issuer_signs_for_that_issuer_only(self):
        """Microsoft's document "Access tokens", section "Validate the signing key issuer"."""
        personal = SigningKey(self.folder, "personal-key")
        self.provider.extra.append(self.provider.shaped(personal, issuer=self.issuer_of(CONSUMERS)))
        self.provider.publish()
        server = self.serve()
        own = personal.token(self.claims(tid=CONSUMERS, iss=self.issuer_of(CONSUMERS)))
        self.assertEqual(server.rpc("tools/list", token=own).status, 200)
        self.assertEqual(server.rpc("tools/list", token=personal.token(self.claims())).status, 401)


class Okta(Profiled):
    name = "okta"
    SCOPES = ["openid", "profile", "tools.read", "Everyone", "Operators"]

    def token(self, **changes):
        return self.key.token(self.claims(**changes), typ=None)  # its headers have kid and alg only

    def test_scp_is_a_list_and_groups_are_scopes_too(self):
        caller = self.accepted(self.serve(), self.token(), self.SCOPES)
        self.assertEqual((caller["subject"], caller["tokenId"]), ("person@example.com", "AT.masked-token-id"))
        server = self.serve(policy={"required_scopes": ["tools.write"]})
        self.assertEqual(server.call("whoami", {}, token=self.token()).status, 403)
        self.assertEqual(server.call("whoami", {}, token=self.token(scp=["tools.write"])).status, 200)

    def test_D04_what_an_id_token_has_as_well_refuses_no_access_token(self):
        self.assertEqual(self.serve().call("whoami", {}, token=self.token(nonce="n", at_hash="x", amr=["pwd"])).status, 200)

    def test_tokens_of_the_organization_for_others_and_for_a_login_are_refused(self):
        organization, client = "https://example.okta.com", self.provider.claims["cid"]
        login = {"aud": client, "jti": "ID.masked", "at_hash": "x", "nonce": "n", "amr": ["pwd"], "cid": None, "scp": None}
        self.refused_each(self.serve(), (
            (self.token(iss=organization, aud=organization), "WRONG iss"), (self.token(aud="api://other"), "WRONG aud"),
            (self.token(**login), "WRONG use"), (self.token(iss=organization + "/oauth2/other"), "WRONG iss"),
            (self.token(scp={"tools.read": True}), "WRONG shape")))
        self.refused(self.serve(audience=client), self.token(**login), "WRONG use")


class Auth0(Profiled):
    name = "auth0"

    def test_scope_and_permissions_are_scopes(self):
        scopes = ["openid", "profile", "read:tools", "write:tools"]
        caller = self.accepted(self.serve(), self.key.token(self.claims()), scopes)
        self.assertEqual(caller["subject"], self.provider.claims["sub"])
        self.accepted(self.serve(), self.key.token(self.claims(azp=None, client_id="c", jti="j"), typ="at+jwt"), scopes)

    def test_tokens_for_userinfo_opaque_ones_and_encrypted_ones_are_refused(self):
        issuer = self.provider.issuer
        encrypted = base64url(b'{"alg":"dir","enc":"A256GCM","iss":"%s"}' % issuer.encode()) + ".." + ".".join(["YWJj" * 20] * 3)
        self.refused_each(self.serve(), (
            ({"aud": [issuer + "userinfo"]}, "WRONG aud"), ({"aud": issuer + "userinfo"}, "WRONG aud"),
            ({"iss": issuer.rstrip("/")}, "WRONG iss"), (encrypted, "WRONG form: not of three parts"),
            ("masked-opaque-access-token", "WRONG form"), ({"permissions": {"write:tools": True}}, "WRONG shape")))

    def test_an_issuer_without_its_last_slash_is_another_issuer(self):
        server = self.serve(issuer=self.provider.issuer.rstrip("/"), startup="lazy")
        server.wait_line(r"keys cannot be loaded.*another issuer")
        self.assertEqual(server.call("whoami", {}, token=self.key.token(self.claims(iss=self.provider.issuer.rstrip("/")))).status, 503)


class Google(Profiled):
    name = "google"

    def test_its_id_tokens_are_taken_without_any_scope(self):
        caller = self.accepted(self.serve(), self.key.token(self.claims()), [])
        self.assertEqual(caller["subject"], self.provider.claims["sub"])

    def test_D04_without_the_profile_its_id_tokens_are_not_for_an_api(self):
        oidc = {"issuer": self.provider.issuer, "audience": AUDIENCES["google"]}
        self.start_refused(r"profile: https://accounts.google.com signs ID tokens and nothing else",
                           {"auth": {"validator": "oidc", "validators": {"oidc": oidc}}})

    def test_access_tokens_other_clients_and_the_old_issuer_are_refused(self):
        good = self.key.token(self.claims())
        head, payload, _ = good.split(".")
        plain = base64url(b'{"alg":"none","typ":"JWT"}')
        self.refused_each(self.serve(), (
            ("ya29.a0" + "masked-opaque-access-token" * 5, "WRONG form"), ({"aud": "1-other.apps.googleusercontent.com"}, "WRONG aud"),
            ({"iss": "accounts.google.com"}, "WRONG iss"), (f"{head}.{payload}.", "not signed"),
            (f"{plain}.{payload}.", "WRONG form: alg"), (f"{head}.{payload}.{base64url(bytes(256))}", "WRONG signature")))


class EveryProvider(Profiled):
    def loaded(self, provider):
        """What the log says was taken, and what of each key that was left out."""
        line = self.serve(provider).wait_line(r"keys loaded: ").partition("keys loaded: ")[2]
        taken, *left = line.split("; left out ")
        return taken.split(", "), left

    def test_J16_each_recorded_key_is_taken_or_named_as_left_out_and_no_set_fails(self):
        for name in PROVIDERS:
            with self.subTest(name):
                provider = self.open(name)
                taken, left = self.loaded(provider)
                fit = [key["use"] == "sig" for key in provider.keys]
                self.assertEqual(len(taken), sum(fit) + 1)  # and the test's own
                self.assertEqual([line.split()[:2] for line in left],
                                 [["key", str(number)] for number, is_fit in enumerate(fit, 1) if not is_fit])
                self.assertTrue(all(line.endswith("its use is not sig") for line in left), left)

    def test_J16_the_log_names_keys_by_their_kid_which_is_no_secret(self):
        for name in PROVIDERS:
            with self.subTest(name):
                provider = self.open(name)
                taken, left = self.loaded(provider)
                for key in provider.keys:  # the beginning is enough to find it
                    self.assertIn(key["kid"][:8], "\n".join(taken if key["use"] == "sig" else left))

    def test_everything_is_fetched_through_the_proxy_from_the_hosts_that_the_documents_name(self):
        for name in PROVIDERS:
            with self.subTest(name):
                provider = self.open(name)
                self.serve(provider)
                self.assertEqual(set(provider.hosts.proxy.asked), {host + ":443" for host in provider.named})

    def test_explain_shows_who_it_would_be_and_never_the_token(self):
        for name in PROVIDERS:
            with self.subTest(name):
                provider = self.open(name)
                claims = current(provider.claims.get("v2", provider.claims))
                told = self.explain(self.serve(provider), self.key.token(claims))
                for words in ("ok    sub: sub", "ok    iss: " + claims["iss"], "ok    aud: names this server",
                              "accepted as " + claims["sub"], "ok    scopes: ", "let in"):
                    self.assertIn(words, told)


if __name__ == "__main__":
    unittest.main()
