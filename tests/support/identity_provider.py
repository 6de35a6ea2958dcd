"""Real identity providers for tests, started by this project's own scripts."""

import base64
import hashlib
import hmac
import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

from fetched_tools import NODE, Missing, last_error, need
from needed import skip_class

HERE = Path(__file__).resolve().parents[1] / "idp"
CANNOT_DOWNLOAD = 75  # the script's exit code; EX_TEMPFAIL of sysexits.h


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


class StartedProvider:
    """One provider that its script starts: `script DIR PORT` prints its pid, and DIR/issuer holds what it is called."""

    script, needs = "", {}  # the programs the script needs, with the Debian packages that hold them

    def __init__(self, **environment):
        missing = [f"{program} is missing (Debian: {package})" for program, package in self.needs.items()
                   if not shutil.which(program)]
        if missing:
            skip_class("; ".join(missing))
        self.folder = Path(tempfile.mkdtemp(prefix="gatehouse-idp-"))
        for _ in range(3):  # the first start installs it from its registry, and another may have taken the port
            words = [str(HERE / self.script), str(self.folder), str(free_port())]
            started = subprocess.run(words, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
                                     timeout=900)
            if started.returncode == 0:
                break
        else:
            if started.returncode == CANNOT_DOWNLOAD:
                skip_class(f"{self.script}: the download failed: {last_error(started.stderr)}")
            raise RuntimeError(f"{self.script} fails: {started.stderr}")
        self.pid = int(started.stdout)
        self.issuer = (self.folder / "issuer").read_text().strip()

    def _end(self):
        os.kill(self.pid, signal.SIGTERM)

    def close(self):
        try:
            self._end()
        except ProcessLookupError:
            pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def _ask(self, path, form=None, user=None):
        headers = {"Authorization": "Basic " + base64.b64encode(":".join(user).encode()).decode()} if user else {}
        return ask(self.issuer + path, urllib.parse.urlencode(form).encode() if form is not None else None, headers)


def ask(url, body=None, headers=None, method=None):
    """The JSON that a provider answers, or None when it answers nothing; an HTTP error is raised."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
        return json.loads(text) if text else None


class Login:
    """A browser on its way through an authorization code request with PKCE; `code` is there once it has come back."""

    back = "http://127.0.0.1/callback"

    def __init__(self, place, client, **query):
        self.code, self.verifier = None, base64url(os.urandom(32))
        challenge = base64url(hashlib.sha256(self.verifier.encode()).digest())
        asked = {"client_id": client, "response_type": "code", "redirect_uri": self.back, "state": "s",
                 "code_challenge": challenge, "code_challenge_method": "S256", **query}
        # loopback counts as secure for a browser, so that cookies with Secure are sent back
        jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https")))
        self.opener = urllib.request.build_opener(self._stop(), urllib.request.HTTPCookieProcessor(jar))
        self.page = self.visit(place + "?" + urllib.parse.urlencode(asked))

    def _stop(self):
        class Stop(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, request, answer, code, message, headers, target):
                if target.startswith(Login.back):
                    raise StopIteration(target)
                return super().redirect_request(request, answer, code, message, headers, target)

        return Stop

    def visit(self, url, form=None):
        """The page there, or the empty text when the way led back."""
        try:
            return self.opener.open(url, urllib.parse.urlencode(form).encode() if form else None, timeout=10).read().decode()
        except StopIteration as arrived:
            self.code = urllib.parse.parse_qs(urllib.parse.urlparse(arrived.value).query)["code"][0]
            return ""

    def form(self):
        """What is sent to the token endpoint for the code."""
        if not self.code:
            shown = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]+>", " ", self.page)
            raise RuntimeError("the provider never came back: " + " ".join(shown.split()))
        return {"grant_type": "authorization_code", "code": self.code, "redirect_uri": self.back, "code_verifier": self.verifier}


class OidcProvider(StartedProvider):
    """panva's oidc-provider: JWT and opaque tokens, rotation, outages, and how often it was asked."""

    script = "oidc-provider/start-provider.sh"

    def __init__(self, audience):
        self.audience = audience
        try:
            need(NODE)
        except Missing as missing:
            skip_class(str(missing))
        super().__init__(OP_AUDIENCE=audience)

    def token(self, client="mcp-service", scope="mcp:read"):
        """An access token of a service client; the client's name says its form and algorithm."""
        form = {"grant_type": "client_credentials", "scope": scope}
        return self._ask("/token", form, (client, "mcp-service-secret"))["access_token"]

    def user_token(self, user="alice", scope="openid mcp:read"):
        """An access token of a person, by authorization code and PKCE, signed in without a page."""
        login = Login(self.issuer + "/auth", "mcp-proxy", scope=scope, login_hint=user, resource=self.audience)
        form = {**login.form(), "resource": self.audience}
        return self._ask("/token", form, ("mcp-proxy", "mcp-proxy-secret"))["access_token"]

    def rotate(self, algorithm="RS256"):
        return self._ask(f"/test/rotate?alg={algorithm}", {})["kid"]

    def retire(self, kid):
        self._ask(f"/test/retire?kid={kid}", {})

    def outage(self, seconds):
        self._ask(f"/test/outage?ms={int(seconds * 1000)}", {})

    def asked(self, path="/jwks"):
        return self._ask("/test/stats").get(path, 0)
