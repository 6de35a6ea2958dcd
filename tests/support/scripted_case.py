"""A test class whose provider does as it is told, and signs with keys of our own."""

import json
import tempfile
import time

from rsa_signer import SigningKey
from scripted_provider import ScriptedProvider
from served_case import StartCase


class ScriptedCase(StartCase):
    """A provider of its own for each test, with the first of two keys published."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.keys = [SigningKey(cls.folder.name, name) for name in ("first", "second")]

    def setUp(self):
        self.provider = ScriptedProvider()
        self.addCleanup(self.provider.close)
        self.publish(self.keys[0])
        self.document()

    def document(self, **more):
        named = {"issuer": self.provider.url, "jwks_uri": self.provider.url + "/jwks", **more}
        self.provider.answers["/.well-known/openid-configuration"] = (200, {}, json.dumps(named).encode())

    def publish(self, *keys, odd=()):
        listed = [*odd, *(key.jwk for key in keys)]
        self.provider.answers["/jwks"] = (200, {"Content-Type": "application/json"}, json.dumps({"keys": listed}).encode())

    def serve(self, own=None, **more):
        return self.start(self.settings(own), **more)

    def settings(self, own=None):
        fixed = {"issuer": self.provider.url, "audience": "a", "startup": "strict", "refresh_seconds": 10}
        return {"auth": {"validator": "oidc", "validators": {"oidc": {**fixed, **(own or {})}}}}

    def token(self, key=None, **claims):
        return (key or self.keys[0]).token({"iss": self.provider.url, "aud": "a", "sub": "u", "exp": time.time() + 600, **claims})

    def status(self, server, token):
        return server.rpc("tools/list", token=token).status
