"""A running server whose tokens are right, wrong, expired or too narrow, each in one way.

    with RefusalLab() as lab:
        lab.url("/mcp"), lab.tokens["expired"]

The `jwt` validator guards the `echo` backend; everything needs mcp:use, the tool `echo` also write:data.
"""

import base64
import hashlib
import hmac
import json
import time

from gate_lab import GateLab

SECRET = "interop-interop-interop-interop-interop"


def signed(scopes, lifetime=3600, secret=SECRET):
    """A JWT (HS256) with these scopes that runs out in so many seconds."""
    claims = {"sub": "ada", "jti": "t1", "aud": "interop", "scope": " ".join(scopes)}
    claims["exp"] = int(time.time()) + lifetime
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
             for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    mac = hmac.new(secret.encode(), b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(mac).rstrip(b"=")]).decode()


class RefusalLab(GateLab):
    def __init__(self):
        super().__init__("http")
        everything = ["mcp:use", "write:data"]
        self.tokens = {"right": signed(everything), "none": None,
                       "wrong": signed(everything, secret="another-" + SECRET),
                       "expired": signed(everything, lifetime=-3600),
                       "narrow": signed(["mcp:use"]), "scopeless": signed(["read:other"])}

    def _makeFiles(self):
        self.certificates = None
        (self.folder / "gatehouse.yaml").write_text(json.dumps(self._settings(), indent=2))

    def _settings(self):
        policy = {"required_scopes": ["mcp:use"], "rules": [{"tools": ["echo"], "scopes": ["write:data"]}]}
        auth = {"validator": "jwt", "validators": {"jwt": {"secret": SECRET, "audience": "interop"}}, "policy": policy,
                "limits": {"failures_per_minute": 100_000}}
        return {"http": {"address": "127.0.0.1:0"}, "auth": auth, "backend": {"plugin": "echo"}}

    def hideTokens(self, text):
        for name, token in self.tokens.items():
            text = text.replace(token or "\0", f"<{name} token>")
        return text
