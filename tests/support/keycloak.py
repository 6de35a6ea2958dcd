"""A real Keycloak for tests, with the realm of tests/idp/keycloak/realm.py.

    with Keycloak() as keycloak:
        token = keycloak.token("mcp-service")

Threads: any, but rotate and retire belong to one at a time.
"""

import html
import json
import os
import re
import signal
import sys
import urllib.parse

from identity_provider import HERE, Login, StartedProvider, ask

sys.path.insert(0, str(HERE / "keycloak"))

from realm import AUDIENCE, generated_key

TOKEN, CERTS = "/protocol/openid-connect/token", "/protocol/openid-connect/certs"


class Keycloak(StartedProvider):
    script = "keycloak/start-keycloak.sh"
    needs = {"java": "openjdk-17-jre-headless", "mvn": "maven", "unzip": "unzip"}
    audience = AUDIENCE

    def _end(self):
        os.killpg(self.pid, signal.SIGKILL)

    def token(self, client="mcp-service", scope="mcp:read"):
        """An access token of a service client."""
        return self._ask(TOKEN, {"grant_type": "client_credentials", "scope": scope}, (client, client + "-secret"))["access_token"]

    def user_token(self, user="alice", scope="mcp:read"):
        """An access token of a person, without a page."""
        form = {"grant_type": "password", "client_id": "mcp-public", "username": user, "password": user + "-password", "scope": scope}
        return self._ask(TOKEN, form)["access_token"]

    def login(self, user="alice", password=None, scope="openid mcp:read"):
        """The token response after authorization code and PKCE, through Keycloak's own login page."""
        way = Login(self.issuer + "/protocol/openid-connect/auth", "mcp-public", scope=scope)
        action = html.unescape(re.search(r'<form[^>]*action="([^"]+)"', way.page)[1])
        way.page = way.visit(action, {"username": user, "password": password or user + "-password", "credentialId": ""})
        return self._ask(TOKEN, {**way.form(), "client_id": "mcp-public"})

    def exchanged(self, token, client_id="mcp-gateway", client_secret="mcp-gateway-secret", audience="backend-api"):
        """Another token for that one (RFC 8693); a denial is raised."""
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token": token, "audience": audience,
                "subject_token_type": "urn:ietf:params:oauth:token-type:access_token"}
        return self._ask(TOKEN, form, (client_id, client_secret))["access_token"]

    def revoke(self, token, client="mcp-public"):
        ask(self.issuer + "/protocol/openid-connect/revoke", urllib.parse.urlencode({"client_id": client, "token": token}).encode())

    # --- as its administrator -----------------------------------------------------------------

    def _manage(self, path, value=None, method=None):
        base, realm = self.issuer.split("/realms/")
        form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin-password"}
        token = ask(f"{base}/realms/master{TOKEN}", urllib.parse.urlencode(form).encode())["access_token"]
        headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
        body = json.dumps(value).encode() if value is not None else None
        return ask(f"{base}/admin/realms/{realm}/{path}", body, headers, method)

    def rotate(self, algorithm="RS256"):
        """A new key signs from now on, and the older ones stay published; its kid."""
        top = max(key["providerPriority"] for key in self._manage("keys")["keys"])
        key = generated_key(algorithm, top + 1)
        self._manage("components", {**key, "name": f"{key['name']}-{top + 1}", "providerType": "org.keycloak.keys.KeyProvider"})
        return self._manage("keys")["active"][algorithm]

    def retire(self, kid):
        """That key is published no more."""
        provider = next(key["providerId"] for key in self._manage("keys")["keys"] if key["kid"] == kid)
        component = self._manage("components/" + provider)
        component["config"].update(enabled=["false"], active=["false"])
        self._manage("components/" + provider, component, "PUT")

    def published(self):
        """The kids of its key set."""
        return {key["kid"] for key in self._ask(CERTS)["keys"]}
