"""F29 for what the server fetches: private authorities, wrong certificates, and the proxies that the environment names."""

import json
import socket
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import test_plugin
from identity_provider import free_port
from named_hosts import ConnectProxy
from private_ca import PrivateCa
from process_probe import wait_until
from scripted_provider import ScriptedProvider
from served_case import StartCase
from rsa_signer import SigningKey

PAST = ("-startdate", "20200101000000Z", "-enddate", "20200201000000Z")
FUTURE = ("-startdate", "20480101000000Z", "-enddate", "20490101000000Z")
NO_PROXY = {name: "" for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy")}


class Outgoing(StartCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.ca, cls.other = PrivateCa(Path(folder.name) / "ca"), PrivateCa(Path(folder.name) / "other")
        cls.key = SigningKey(folder.name, "own-key")
        cls.good = cls.ca.server("localhost", "idp.example", "keys.example")

    def provider(self, context=None, host=None, **named):
        """A provider at https://localhost:port, or under a name that only a proxy knows."""
        pages = ScriptedProvider(context or self.good)
        self.addCleanup(pages.close)
        pages.issuer = f"https://{host}" if host else f"https://localhost:{pages.port}"
        document = {"issuer": pages.issuer, "jwks_uri": pages.issuer + "/jwks", **named}
        pages.answers["/.well-known/openid-configuration"] = (200, {}, json.dumps(document).encode())
        pages.answers["/jwks"] = (200, {}, json.dumps({"keys": [self.key.jwk]}).encode())
        return pages

    def proxy(self, provider, **more):
        proxy = ConnectProxy({host: provider.port for host in ("localhost", "idp.example", "keys.example")}, **more)
        self.addCleanup(proxy.close)
        return proxy

    def settings(self, provider, ca=True, validator="oidc", others=None, **own):
        oidc = {"issuer": provider.issuer, "audience": "a", "startup": "lazy", **own}
        settings = {"auth": {"validator": validator, "validators": {"oidc": oidc, **(others or {})}}}
        return {**settings, "fetch": {"ca_file": str(self.ca.ca)}} if ca else settings

    def serve(self, settings, proxy=None, **env):
        through = {"HTTPS_PROXY": proxy.url if hasattr(proxy, "url") else proxy} if proxy else {}
        return self.start(settings, {**NO_PROXY, **through, **env}, backend=test_plugin("witness"))

    def token(self, provider):
        now = int(time.time())
        return self.key.token({"iss": provider.issuer, "aud": "a", "sub": "ada", "iat": now, "exp": now + 600})

    def call(self, server, token, credential=False):
        return server.call("whoami", {"credential": credential}, token=token)

    def taken(self, server, token):
        """The token is taken as soon as the keys are there."""
        server.wait_line(r"keys loaded")
        answer = self.call(server, token)
        self.assertEqual(answer.status, 200, (answer, server.log_tail()))

    def not_judged(self, server, token, why):
        """503 at once, and a log line names the reason."""
        line = server.wait_line(r"keys cannot be loaded")
        began = time.monotonic()
        answer = self.call(server, token)
        self.assertLess(time.monotonic() - began, 1)
        self.assertEqual(answer.status, 503, answer)
        self.assertGreaterEqual(int(answer.header("Retry-After")), 1)
        self.assertRegex(line, why)


class Certificates(Outgoing):
    def test_F29_an_authority_of_our_own_is_trusted_where_it_is_named_and_nowhere_else(self):
        provider = self.provider()
        self.taken(self.serve(self.settings(provider)), self.token(provider))
        asked = len(provider.asked)
        self.not_judged(self.serve(self.settings(provider, ca=False)), self.token(provider), r"certificate")
        self.assertEqual(len(provider.asked), asked)

    def wrong_certificates(self):
        """Each kind of certificate that is not good for localhost, and the words that an operator needs."""
        return (("expired", self.ca.server("localhost", validity=PAST), r"expired"),
                ("not yet valid", self.ca.server("localhost", validity=FUTURE), r"not yet valid"),
                ("another host's", self.ca.server("idp.example"), r"name.*(match|localhost)|host ?name"),
                ("another authority's", self.other.server("localhost"), r"issuer certificate"))

    def test_F29_a_certificate_that_is_not_good_gets_nothing(self):
        for name, context, _ in self.wrong_certificates():
            with self.subTest(name):
                provider = self.provider(context)
                self.not_judged(self.serve(self.settings(provider)), self.token(provider), r"certificate")
                self.assertEqual(provider.asked, [])

    def test_F29_the_log_says_what_is_wrong_with_a_certificate(self):
        for name, context, why in self.wrong_certificates():
            with self.subTest(name):
                server = self.serve(self.settings(self.provider(context)))
                self.assertRegex(server.wait_line(r"keys cannot be loaded"), why)

    def test_F29_where_keys_are_needed_at_the_start_a_bad_certificate_refuses_it(self):
        provider = self.provider(self.ca.server("localhost", validity=PAST))
        self.start_refused(r"issuer: https://localhost.*(certificate|SSL)", self.settings(provider, startup="strict"), NO_PROXY)

    def test_F29_who_speaks_no_tls_gets_nothing(self):
        plain = ScriptedProvider()
        self.addCleanup(plain.close)
        plain.issuer = f"https://localhost:{plain.port}"
        self.not_judged(self.serve(self.settings(plain)), self.token(plain), r"(?i)ssl|tls")
        self.assertEqual(plain.asked, [])

    def test_F29_a_ca_file_that_is_not_there_is_said(self):
        provider = self.provider()
        settings = {**self.settings(provider), "fetch": {"ca_file": "/nowhere/ca.pem"}}
        server = self.start(settings, NO_PROXY, started=False)
        server.write_settings()
        server.launch()
        server.wait_line(r"ca_file|/nowhere/ca\.pem|CA cert|certificate")
        self.assertEqual(provider.asked, [])


class Proxies(Outgoing):
    def test_a_provider_that_only_the_proxy_reaches(self):
        provider = self.provider(host="idp.example")
        proxy = self.proxy(provider)
        self.taken(self.serve(self.settings(provider), proxy), self.token(provider))
        self.assertEqual(set(proxy.asked), {"idp.example:443"})
        lower = self.serve(self.settings(provider), None, https_proxy=proxy.url)
        self.taken(lower, self.token(provider))

    def test_hosts_of_no_proxy_are_asked_directly(self):
        provider = self.provider()
        proxy = self.proxy(provider)
        for value in ("localhost", "idp.example,localhost", "*"):
            with self.subTest(value):
                self.taken(self.serve(self.settings(provider), proxy, NO_PROXY=value), self.token(provider))
                self.assertEqual(proxy.asked, [])

    def test_B5_loopback_is_never_asked_through_a_proxy(self):
        provider = self.provider()
        proxy = self.proxy(provider)
        for env in ({"NO_PROXY": "idp.example"}, {"http_proxy": proxy.url, "ALL_PROXY": proxy.url, "NO_PROXY": ""}):
            self.taken(self.serve(self.settings(provider), proxy, **env), self.token(provider))
        self.assertEqual(proxy.asked, [])

    def test_T21_a_host_that_the_document_names_takes_the_proxy_whatever_no_proxy_says(self):
        provider = self.provider(jwks_uri="https://keys.example/jwks")
        proxy = self.proxy(provider)
        self.taken(self.serve(self.settings(provider), proxy, NO_PROXY="*"), self.token(provider))
        self.assertEqual(set(proxy.asked), {"keys.example:443"})

    def test_T21_without_a_proxy_such_a_host_must_be_on_the_public_internet(self):
        provider = self.provider(jwks_uri=f"https://localhost:{free_port()}/jwks")
        self.not_judged(self.serve(self.settings(provider)), self.token(provider), r"not on the public internet")

    def test_T21_what_the_document_names_is_not_asked_over_a_connection_that_is_open_already(self):
        resource = ScriptedProvider(self.good, keeps_connections=True)
        self.addCleanup(resource.close)
        url = f"https://localhost:{resource.port}"
        active = {"active": True, "aud": "a", "sub": "ada", "exp": int(time.time()) + 600}
        resource.answers["/introspect"] = (200, {}, json.dumps(active).encode())
        resource.answers["/jwks"] = (200, {}, json.dumps({"keys": [self.key.jwk]}).encode())
        provider = self.provider(jwks_uri=url + "/jwks")
        asker = {"endpoint": url + "/introspect", "client_id": "c", "client_secret": "s", "audience": "a"}
        settings = self.settings(provider, validator=["oidc", "introspection"], others={"introspection": asker},
                                 cool_down_seconds=1)
        server = self.serve(settings)
        self.assertEqual(self.call(server, "opaque").status, 200, server.log_tail())
        seen = provider.count("/.well-known/openid-configuration")
        # The second of two more looks for the keys begins when the first has ended.
        self.assertTrue(wait_until(lambda: self.call(server, self.token(provider)).status == 503 and
                                   provider.count("/.well-known/openid-configuration") >= seen + 2, 30))
        self.assertEqual((resource.count("/introspect"), resource.count("/jwks")), (1, 0))

    def test_a_host_of_no_proxy_that_only_the_proxy_reaches_is_not_reached(self):
        provider = self.provider(host="idp.example")
        proxy = self.proxy(provider)
        server = self.serve(self.settings(provider), proxy, NO_PROXY="idp.example")
        self.not_judged(server, self.token(provider), r"(?i)resolve")
        self.assertEqual(proxy.asked, [])

    def test_a_certificate_is_judged_behind_the_proxy_too(self):
        provider = self.provider(self.other.server("idp.example"), host="idp.example")
        proxy = self.proxy(provider)
        self.not_judged(self.serve(self.settings(provider), proxy), self.token(provider), r"certificate|SSL")
        self.assertEqual((set(proxy.asked), provider.asked), ({"idp.example:443"}, []))

    def test_a_proxy_that_refuses_or_is_not_there_is_503_at_once(self):
        provider = self.provider(host="idp.example")
        for name, text in (("refuses", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
                           ("wants a password", b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"),
                           ("is broken", b"nonsense\r\n\r\n"), ("closes", b"")):
            with self.subTest(name):
                proxy = ConnectProxy(refusal=text)
                self.addCleanup(proxy.close)
                self.not_judged(self.serve(self.settings(provider), proxy), self.token(provider), r"idp\.example")
                self.assertTrue(proxy.asked)
        with self.subTest("is not there"):
            server = self.serve(self.settings(provider), f"http://127.0.0.1:{free_port()}")
            self.not_judged(server, self.token(provider), r"idp\.example")
        self.assertEqual(provider.asked, [])

    def test_the_log_says_that_it_was_the_proxy_and_not_its_password(self):
        provider = self.provider(host="idp.example")
        proxy = ConnectProxy(refusal=b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        self.addCleanup(proxy.close)
        server = self.serve(self.settings(provider), proxy.url.replace("//", "//gatehouse:hunter2-hunter2@"))
        line = server.wait_line(r"keys cannot be loaded")
        self.assertEqual(self.call(server, self.token(provider)).status, 503)
        self.assertFalse([line for line in server.log_lines() if "hunter2" in line])
        self.assertRegex(line, r"(?i)proxy|CONNECT|403")

    def test_a_proxy_that_says_nothing_holds_up_no_request(self):
        provider = self.provider(host="idp.example")
        with socket.create_server(("127.0.0.1", 0)) as silent:
            server = self.serve(self.settings(provider), f"http://127.0.0.1:{silent.getsockname()[1]}")
            began = time.monotonic()
            self.assertEqual(self.call(server, self.token(provider)).status, 503)
            self.assertLess(time.monotonic() - began, 2)


class Endpoints(Outgoing):
    """Introspection and token exchange are asked as discovery is: by this authority and through this proxy."""

    CLIENT = {"client_id": "gatehouse", "client_secret": "a-secret-of-the-test"}

    def introspected(self, host):
        provider = self.provider(host=host)
        answer = {"active": True, "sub": "ada", "aud": "a", "exp": int(time.time()) + 600}
        provider.answers["/introspect"] = (200, {}, json.dumps(answer).encode())
        own = {"introspection": {"endpoint": provider.issuer + "/introspect", "audience": "a", **self.CLIENT}}
        return provider, own

    def exchanged(self, host):
        provider = self.provider(host=host)
        answer = {"access_token": "for-the-backend", "token_type": "Bearer", "expires_in": 600,
                  "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}
        provider.answers["/token"] = (200, {}, json.dumps(answer).encode())
        own = {"token_exchange": {"validator": "oidc", "token_endpoint": provider.issuer + "/token", "audience": "b", **self.CLIENT}}
        return provider, own

    def test_introspection_by_our_authority_and_through_the_proxy(self):
        for host in (None, "idp.example"):
            with self.subTest(host):
                provider, own = self.introspected(host)
                proxy = self.proxy(provider) if host else None
                settings = self.settings(provider, validator="introspection", others=own)
                server = self.serve(settings, proxy)
                self.assertEqual(self.call(server, "opaque-token").result()["structuredContent"]["subject"], "ada")
                self.assertEqual(provider.count("/introspect"), 1)
                if proxy:
                    self.assertEqual(set(proxy.asked), {"idp.example:443"})
                stranger = self.serve({**settings, "fetch": {}}, proxy)
                self.assertEqual(self.call(stranger, "opaque-token").status, 503)
                stranger.wait_line(r"/introspect: .*(certificate|SSL)")
                self.assertEqual(provider.count("/introspect"), 1)

    def test_token_exchange_by_our_authority_and_through_the_proxy(self):
        for host in (None, "idp.example"):
            with self.subTest(host):
                provider, own = self.exchanged(host)
                proxy = self.proxy(provider) if host else None
                server = self.serve(self.settings(provider, validator="token_exchange", others=own), proxy)
                server.wait_line(r"keys loaded")
                told = self.call(server, self.token(provider), credential=True).result()["structuredContent"]
                self.assertEqual((told["subject"], told["credential"]), ("ada", "for-the-backend"))
                self.assertEqual(provider.count("/token"), 1)
                if proxy:
                    self.assertEqual(set(proxy.asked), {"idp.example:443"})

    def test_an_exchange_with_a_stranger_is_503_and_sends_nothing(self):
        provider, own = self.exchanged(None)
        stranger = self.provider(self.other.server("localhost"))
        own["token_exchange"]["token_endpoint"] = stranger.issuer + "/token"
        server = self.serve(self.settings(provider, validator="token_exchange", others=own))
        server.wait_line(r"keys loaded")
        answer = self.call(server, self.token(provider))
        self.assertEqual((answer.status, answer.error_code()), (503, -32005))
        self.assertEqual(stranger.asked, [])


if __name__ == "__main__":
    unittest.main()
