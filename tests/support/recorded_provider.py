"""An identity provider in the shape that it has (tests/idp/recorded says from where), served under its real names.

Its key set is the recorded one and a key of the test's own in the same shape, with which tokens are signed.
"""

import json
import time
import urllib.parse
from pathlib import Path

from named_hosts import NamedHosts

RECORDED = Path(__file__).resolve().parents[1] / "idp" / "recorded"


def recorded(name, document):
    return json.loads((RECORDED / name / f"{document}.json").read_text(encoding="utf-8"))


def current(claims, **changes):
    """The claims, made now and good for ten minutes; a change to None takes the claim out."""
    now = int(time.time())
    times = {"iat": now, "exp": now + 600, **({"nbf": now} if "nbf" in claims else {})}
    return {name: value for name, value in {**claims, **times, **changes}.items() if value is not None}


class RecordedProvider:
    """Discovery and keys of one provider; more pages and more keys may be added."""

    def __init__(self, name, ca, key, *more_hosts):
        self.name, self.discovery = name, recorded(name, "discovery")
        self.keys, self.claims = recorded(name, "keys")["keys"], recorded(name, "claims")
        self.issuer = self.discovery["issuer"]
        self.named = {self.host(self.issuer), self.host(self.discovery["jwks_uri"])}
        self.hosts = NamedHosts(ca, *self.named, *more_hosts)
        self.close, self.environment = self.hosts.close, self.hosts.environment
        self.extra = [self.shaped(key)]
        self.publish()

    @staticmethod
    def host(url):
        return urllib.parse.urlsplit(url).hostname

    def shaped(self, key, **more):
        """The key's JWK with the members that this provider's keys have, and no others."""
        sample = self.keys[0]
        own = {member: value for member, value in key.jwk.items() if member in sample}
        return {**own, **{member: sample[member] for member in ("cloud_instance_name", "issuer") if member in sample}, **more}

    def page(self, url, document):
        parts = urllib.parse.urlsplit(url)
        answer = (200, {"Content-Type": "application/json"}, json.dumps(document).encode())
        self.hosts.pages.answers[parts.hostname + parts.path] = answer

    def publish(self):
        self.page(self.discovery_url(), self.discovery)
        self.page(self.discovery["jwks_uri"], {"keys": [*self.keys, *self.extra]})

    def discovery_url(self):
        if self.name == "okta":  # the document of RFC 8414, which stands before the issuer's path
            return self.issuer.replace("/oauth2/default", "/.well-known/oauth-authorization-server/oauth2/default")
        return self.issuer.replace("{tenantid}", "organizations").rstrip("/") + "/.well-known/openid-configuration"
