"""Prints the realm that Keycloak imports: clients and people of the tests, and which token is made for whom.

Every token of an ordinary client names the server as its audience, and the two clients that the server uses itself: one to
introspect the token, one to exchange it. A client's secret is its name and "-secret"; a person's password likewise.
"""

import json

AUDIENCE = "http://localhost:8080/mcp"


def mapper(name, kind, **config):
    return {"name": name, "protocol": "openid-connect", "protocolMapper": f"oidc-{kind}-mapper",
            "config": {"access.token.claim": "true", "introspection.token.claim": "true", **config}}


def audience(**included):
    return mapper("audience " + "".join(included.values()), "audience", **{f"included.{k}.audience": v for k, v in included.items()})


def claim(name, kind, path, **config):
    return mapper(name, kind, **{"claim.name": path, "jsonType.label": "String", **config})


def scope(name, *mappers, told=False):
    attributes = {"include.in.token.scope": json.dumps(told), "display.on.consent.screen": "false"}
    return {"name": name, "protocol": "openid-connect", "attributes": attributes, "protocolMappers": list(mappers)}


SCOPES = [
    scope("basic", mapper("subject", "sub")),
    scope("profile", claim("username", "usermodel-attribute", "preferred_username", **{"user.attribute": "username"})),
    scope("roles", claim("realm roles", "usermodel-realm-role", "realm_access.roles", multivalued="true"),
          claim("client roles", "usermodel-client-role", "resource_access.${client_id}.roles", multivalued="true")),
    scope("for-server", audience(custom=AUDIENCE), audience(client="mcp-resource"), audience(client="mcp-gateway")),
    scope("for-others", audience(custom="https://other.example/mcp")),
    scope("for-backend", audience(client="backend-api")),
    scope("mcp:read", told=True),
    scope("mcp:write", told=True),
]
ROLES = ["operator", "viewer"]


def client(name, *scopes, **more):
    return {"clientId": name, "protocol": "openid-connect", "secret": name + "-secret", "publicClient": False,
            "serviceAccountsEnabled": True, "standardFlowEnabled": False, "fullScopeAllowed": False,
            "defaultClientScopes": ["basic", *scopes], "optionalClientScopes": ["mcp:read", "mcp:write"], **more}


def service(kind="", *scopes, **attributes):
    name = "mcp-service" + (kind and "-") + kind
    return client(name, *(scopes or ["for-server"]), attributes={key.replace("_", "."): value for key, value in attributes.items()})


def login(name, *scopes, **more):
    attributes = {"pkce.code.challenge.method": "S256"}
    return client(name, "profile", "roles", *scopes, standardFlowEnabled=True, directAccessGrantsEnabled=True,
                  serviceAccountsEnabled=False, redirectUris=["http://127.0.0.1/*"], attributes=attributes, **more)


def exchanger(name, may="true"):
    return client(name, "for-backend", attributes={"standard.token.exchange.enabled": may})


ALGORITHMS = ("ES256", "PS256", "EdDSA")
CLIENTS = [
    service(),
    *(service(name.lower(), access_token_signed_response_alg=name) for name in ALGORITHMS),
    service("short", access_token_lifespan="2"),
    service("no-audience", "basic"),
    service("other-audience", "for-others"),
    login("mcp-public", "for-server", publicClient=True),
    exchanger("mcp-gateway"),
    exchanger("mcp-gateway-stranger"),  # in no token's audience
    exchanger("mcp-gateway-off", "false"),
    client("mcp-resource"),  # may introspect what it is an audience of
    client("backend-api"),
    client("backend-other"),
]


def person(name, realm_roles, client_roles):
    return {"username": name, "enabled": True, "email": f"{name}@example.org", "firstName": name, "lastName": "Tester",
            "credentials": [{"type": "password", "value": name + "-password"}],
            "realmRoles": realm_roles, "clientRoles": {"mcp-resource": client_roles}}


def key(name, kind, priority, **config):
    more = {name: [value] for name, value in config.items()}
    return {"name": name.lower(), "providerId": kind + "-generated",
            "config": {"enabled": ["true"], "active": ["true"], "priority": [str(priority)], **more}}


def generated_key(algorithm, priority=100):
    """A signing key that Keycloak makes; the one with the highest priority signs."""
    if algorithm == "ES256":
        return key(algorithm, "ecdsa", priority, ecdsaEllipticCurveKey="P-256")
    if algorithm == "EdDSA":
        return key(algorithm, "eddsa", priority, eddsaEllipticCurveKey="Ed25519")
    return key(algorithm, "rsa", priority, algorithm=algorithm, keySize="2048")


KEYS = [*map(generated_key, ("RS256", *ALGORITHMS)), key("HS512", "hmac", 100, algorithm="HS512"), key("aes", "aes", 100)]
REALM = {
    "realm": "gatehouse", "enabled": True, "sslRequired": "none", "defaultSignatureAlgorithm": "RS256",
    "roles": {"realm": [{"name": name} for name in ROLES], "client": {"mcp-resource": [{"name": "rw"}, {"name": "ro"}]}},
    "scopeMappings": [{"client": "mcp-public", "roles": ROLES}],
    "clientScopeMappings": {"mcp-resource": [{"client": "mcp-public", "roles": ["rw", "ro"]}]},
    "clientScopes": SCOPES, "clients": CLIENTS,
    "users": [person("alice", ["operator"], ["rw"]), person("bob", ["viewer"], ["ro"])],
    "components": {"org.keycloak.keys.KeyProvider": KEYS},
}

if __name__ == "__main__":
    print(json.dumps(REALM))
