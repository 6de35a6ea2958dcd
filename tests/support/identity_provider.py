"""Real identity providers for tests, started by this project's own scripts."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parents[1] / "idp"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def hs256(secret, claims, header=None, life=600):
    """A token signed with a shared secret; `exp` is `life` seconds from now unless claims say otherwise."""
    claims = {"exp": int(time.time()) + life, **claims}
    parts = [base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT", **(header or {})}, claims)]
    signature = hmac.new(secret.encode(), ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, base64url(signature)])


class OidcProvider:
    """panva's oidc-provider: JWT and opaque tokens, rotation, outages, and how often it was asked."""

    def __init__(self, audience):
        if not shutil.which("node"):
            raise RuntimeError("node is missing (Debian: nodejs, npm)")
        self.audience = audience
        self.folder = Path(tempfile.mkdtemp(prefix="gatehouse-op-"))
        for _ in range(3):  # the first start installs it from its registry, and another may have taken the port
            self.port = free_port()
            words = [str(HERE / "oidc-provider/start-provider.sh"), str(self.folder), str(self.port)]
            started = subprocess.run(words, env={**os.environ, "OP_AUDIENCE": audience}, capture_output=True, text=True,
                                     timeout=300, check=False)
            if started.returncode == 0:
                break
        else:
            raise RuntimeError(f"oidc-provider does not start: {started.stderr}")
        self.pid = int(started.stdout)
        self.issuer = (self.folder / "issuer").read_text().strip()

    def close(self):
        try:
            os.kill(self.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _ask(self, path, form=None, user=None):
        request = urllib.request.Request(self.issuer + path, method="POST" if form is not None else "GET",
                                         data=urllib.parse.urlencode(form).encode() if form is not None else None)
        if user:
            request.add_header("Authorization", "Basic " + base64.b64encode(":".join(user).encode()).decode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def token(self, client="mcp-service", scope="mcp:read"):
        """An access token of a service client; the client's name says its form and algorithm."""
        form = {"grant_type": "client_credentials", "scope": scope}
        return self._ask("/token", form, (client, "mcp-service-secret"))["access_token"]

    def user_token(self, user="alice", scope="openid mcp:read"):
        """An access token of a person, by authorization code and PKCE, signed in without a page."""
        verifier, back = base64url(os.urandom(32)), "http://127.0.0.1/callback"
        challenge = base64url(hashlib.sha256(verifier.encode()).digest())
        query = {"client_id": "mcp-proxy", "response_type": "code", "redirect_uri": back, "scope": scope, "login_hint": user,
                 "resource": self.audience, "code_challenge": challenge, "code_challenge_method": "S256", "state": "s"}
        code = self._code(self.issuer + "/auth?" + urllib.parse.urlencode(query), back)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier,
                "resource": self.audience}
        return self._ask("/token", form, ("mcp-proxy", "mcp-proxy-secret"))["access_token"]

    @staticmethod
    def _code(url, back):
        class Stop(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, request, answer, code, message, headers, target):
                if target.startswith(back):
                    raise StopIteration(target)
                return super().redirect_request(request, answer, code, message, headers, target)

        browser = urllib.request.build_opener(Stop, urllib.request.HTTPCookieProcessor())
        try:
            browser.open(url, timeout=10).read()
        except StopIteration as arrived:
            return urllib.parse.parse_qs(urllib.parse.urlparse(arrived.value).query)["code"][0]
        raise RuntimeError("the provider never came back")

    def rotate(self, algorithm="RS256"):
        return self._ask(f"/test/rotate?alg={algorithm}", {})["kid"]

    def retire(self, kid):
        self._ask(f"/test/retire?kid={kid}", {})

    def outage(self, seconds):
        self._ask(f"/test/outage?ms={int(seconds * 1000)}", {})

    def asked(self, path="/jwks"):
        return self._ask("/test/stats").get(path, 0)
