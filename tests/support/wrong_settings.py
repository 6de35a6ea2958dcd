"""Settings that are wrong, each with the key and the words of the fault that it must be told with.

A row says what is changed in settings that are right. Used by e2e/config_check_test.py.
"""

import re

RIGHT = {"http": {"address": "127.0.0.1:0"}, "backend": {"plugin": "echo"},
         "auth": {"validator": "jwt", "validators": {"jwt": {"secret": "s" * 40, "audience": "a"}}}}
PROVIDER = "http://127.0.0.1:1"
OIDC = {"issuer": PROVIDER, "audience": "a"}
CLIENT = {"client_id": "me", "client_secret": "s" * 40}
ASKS = {"endpoint": PROVIDER + "/i", **CLIENT}
NOWHERE = "/nowhere/at/all"


def line_of(text, key):
    """The line of a key in settings written by json.dumps(indent=1), or of the nearest that it is part of; from 1."""
    lines, at = text.split("\n"), 0
    depths = [len(line) - len(line.lstrip(" ")) for line in lines]
    for depth, part in enumerate(re.split(r"[.\[]", key.replace(".so", "-so")), 1):
        end = next((n for n in range(at + 1, len(lines)) if depths[n] < depth), len(lines))
        own = [n for n in range(at + 1, end) if depths[n] == depth and lines[n].strip()[0] not in "}]"]
        name = part.rstrip("]").replace("-so", ".so")
        found = own[int(name):int(name) + 1] if name.isdigit() else [n for n in own if lines[n].strip().startswith(f'"{name}":')]
        if not found:
            break
        at = found[0]
    return at + 1


class Row:
    """`key`: what the fault names; `source`: the variable or flag that the value comes from, else the file."""
    def __init__(self, what, change, key, words, source=None, env=None, flags=(), text=None, line=None):
        self.what, self.change, self.key, self.words, self.source = what, change, key, words, source
        self.env, self.flags, self.text, self.line = env or {}, flags, text, line


def jwt(**own):
    return {"auth": {"validators": {"jwt": own}}}


def using(name, settings):
    return {"auth": {"validator": name, "validators": {name: settings}}}


def auth(**own):
    return {"auth": own}


def policy(**own):
    return {"auth": {"policy": own}}


def server_rows(folder):
    yield Row("unknown part", {"htpp": {}}, "htpp", r'unknown; did you mean "http"\?')
    yield Row("unknown key", {"http": {"adress": "x"}}, "http.adress", r'unknown; did you mean "address"\?')
    yield Row("unknown key, like none", {"http": {"zzz": 1}}, "http.zzz", "unknown key, expected one of: enabled, address")
    yield Row("a list for a map", {"http": [1]}, "http", r"expected a map, got \[1\]")
    for what, address in {"no port": "127.0.0.1", "no number": "127.0.0.1:http", "too large": "127.0.0.1:65536",
                          "URL": "http://127.0.0.1:80", "bare IPv6": "::1:80", "no IPv4": "127.0.0.256:80",
                          "no IPv6": "[::zz]:80", "empty": "", "blank in it": "my host:80"}.items():
        yield Row(f"address: {what}", {"http": {"address": address}}, "http.address", r"expected host:port such as")
    yield Row("metrics address", {"metrics": {"address": "9090"}}, "metrics.address", "expected host:port such as")
    yield Row("metrics on the same port", {"http": {"address": "127.0.0.1:1"}, "metrics": {"address": "127.0.0.1:1"}},
              "metrics.address", "is the same as http.address")
    yield Row("nothing to serve", {"http": {"enabled": False}}, "http.enabled", "nothing to serve")
    yield Row("public URL", {"http": {"public_url": "mcp.example"}}, "http.public_url", r"expected an http\(s\) URL")
    yield Row("proxies", {"http": {"trusted_proxies": ["10.0.0.0/8", "proxy"]}}, "http.trusted_proxies", '"proxy"')
    yield Row("limit", {"http": {"limits": {"workers": 0}}}, "http.limits.workers", "expected a whole number from 1 to")
    yield Row("log level", {"log": {"level": "loud"}}, "log.level", "expected debug, info, warning or error")
    yield Row("short secret key", {"secrets": {"keys": ["short"]}}, "secrets.keys", "at least 32 bytes")
    yield Row("secret key without its file", {"secrets": {"keys": ["file:" + NOWHERE]}}, "secrets.keys", "expected a list")
    yield Row("audit in no folder", {"audit": {"file": NOWHERE}}, "audit.file", "there is no folder")
    yield Row("audit is a folder", {"audit": {"file": str(folder)}}, "audit.file", "is a folder")
    yield Row("authorities", {"fetch": {"ca_file": NOWHERE}}, "fetch.ca_file", "cannot be read")
    yield Row("unset variable", {"http": {"public_url": "${CONFIG_CHECK_LOST}"}}, "http.public_url",
              r"\$\{CONFIG_CHECK_LOST\}: this environment variable is not set")


def tls_rows(pair, other, folder):
    both = {"enabled": True, "cert_file": pair[0], "key_file": pair[1]}
    noise = folder / "noise.pem"
    noise.write_text("neither key nor certificate", encoding="utf-8")
    noise.chmod(0o600)
    for what, change, key, words in [
        ("without a key", {"key_file": ""}, "http.tls", "is enabled, but cert_file or key_file is missing"),
        ("no certificate file", {"cert_file": NOWHERE}, "http.tls.cert_file", "cannot read"),
        ("no key file", {"key_file": NOWHERE}, "http.tls.key_file", "cannot read"),
        ("noise for a certificate", {"cert_file": str(noise)}, "http.tls", "certificate"),
        ("noise for a key", {"key_file": str(noise)}, "http.tls", "key"),
        ("another key", {"key_file": other[1]}, "http.tls", "key"),
        ("no chain", {"chain_file": str(noise)}, "http.tls.chain_file", "no certificate"),
        ("off", {"enabled": False, "key_file": ""}, "http.tls.cert_file", "TLS is off")]:
        yield Row(f"TLS: {what}", {"http": {"tls": {**both, **change}}}, key, words)


def validator_rows(folder):
    broken = folder / "broken.yaml"
    broken.write_text("tokens:\n- {id: a}\n", encoding="utf-8")
    yield Row("unknown validator", auth(validator="jvt"), "auth.validator", 'expected a full path or one of: .*, got "jvt"')
    yield Row("no library", auth(validator=NOWHERE + ".so"), "auth.validator", "no such plugin library")
    yield Row("a backend for a validator", auth(validator="no/path"), "auth.validator", "expected a full path or one of")
    yield Row("twice in a chain", auth(validator=["jwt", "jwt"]), "auth.validator", "twice")
    yield Row("settings of an unknown one", auth(validators={"oidk": {}}), "auth.validators.oidk", "no such validator")
    yield Row("misspelt key", jwt(secrett="x"), "auth.validators.jwt.secrett", r'unknown; did you mean "secret"\?')
    yield Row("settings that are a list", auth(validators={"jwt": []}), "auth.validators.jwt", "expected a map")
    yield Row("short secret", jwt(secret="short"), "auth.validators.jwt.secret", "32|bytes|short")
    yield Row("two keys", jwt(jwks_file=NOWHERE), "auth.validators.jwt.jwks_file", "as well as secret")
    yield Row("no key file", using("jwt", {"secret": None, "public_key_file": NOWHERE}),
              "auth.validators.jwt.public_key_file", "cannot be read")
    yield Row("algorithm", jwt(algorithms=["HS257"]), "auth.validators.jwt.algorithms", "HS257")
    yield Row("leeway", jwt(leeway_seconds=-1), "auth.validators.jwt.leeway_seconds", "expected a whole number from 0 to 300, got -1")
    yield Row("empty audience", jwt(audience=[]), "auth.validators.jwt.audience", "is empty")
    yield Row("two issuers", using("oidc", {**OIDC, "issuer": ["a", "b"]}), "auth.validators.oidc.issuer", "one URL")
    yield Row("no issuer", using("oidc", {"audience": "a"}), "auth.validators.oidc.issuer", "expected one URL")
    yield Row("profile", using("oidc", {**OIDC, "profile": "acme"}), "auth.validators.oidc.profile",
              "expected one of keycloak")
    yield Row("startup", using("oidc", {**OIDC, "startup": "eager"}), "auth.validators.oidc.startup",
              "expected one of lazy, strict")
    yield Row("no endpoint", using("introspection", {**ASKS, "endpoint": ""}), "auth.validators.introspection.endpoint",
              "is empty")
    yield Row("no credentials", using("introspection", {**ASKS, "client_secret": None}), "auth.validators.introspection",
              "expected one of client_secret and private_key_file")
    yield Row("exchange of nobody", using("token_exchange", {
        **CLIENT, "token_endpoint": PROVIDER, "audience": "a", "validator": "jvt"}),
        "auth.validators.token_exchange", "jvt")
    yield Row("exchange of itself", using("token_exchange", {
        **CLIENT, "token_endpoint": PROVIDER, "audience": "a", "validator": "token_exchange"}),
        "auth.validators.token_exchange", "asks itself")
    yield Row("short API key", using("api_key", {"key": "short"}), "auth.validators.api_key.key", "expected 32 or more")
    yield Row("plugin of a name", using("mine", {"plugin": "nine"}), "auth.validator", '"nine"')
    yield Row("no token file", auth(validator="static_file", token_file=NOWHERE), None, "Token file not found: " + NOWHERE,
              source="ERROR")
    yield Row("broken token file", auth(validator="static_file", token_file=str(broken)), "auth.token_file", ":2: hash")
    yield Row("broken token file of nobody", auth(token_file=str(broken)), "auth.token_file", ":2: hash")
    yield Row("pin of nothing", {"plugins": {"pins": {"gatehouse_validator_jvt.so": "0" * 64}}},
              "plugins.pins.gatehouse_validator_jvt.so", "no such plugin")
    yield Row("wrong pin", {"plugins": {"pins": {"gatehouse_validator_jwt.so": "0" * 64}}}, "auth.validator", "SHA-256 is")
    yield Row("no SHA-256", {"plugins": {"pins": {"a.so": "00"}}}, "plugins.pins", "64 lower-case hex digits")
    yield Row("no folder", {"plugins": {"dir": NOWHERE}}, "plugins.dir", "is no folder")


def gate_rows():
    yield Row("unknown backend", {"backend": {"plugin": "eco"}}, "backend.plugin", 'expected a full path or one of: .*, got "eco"')
    yield Row("backend's key", {"backend": {"plugin": "sql", "settings": {"max_row": 5}}}, "backend.settings.max_row",
              "unknown")
    yield Row("backend's number", {"backend": {"plugin": "sql", "settings": {"max_rows": 0}}}, "backend.settings.max_rows",
              "got 0")
    yield Row("rule with tool:", policy(rules=[{"tool": "a", "scopes": ["s"]}]), "auth.policy.rules[0].tool",
              r'unknown; did you mean "tools"\?')
    yield Row("rule without scopes", policy(rules=[{"tools": ["a"]}]), "auth.policy.rules[0].scopes", "is empty")
    yield Row("rule of nothing", policy(rules=[{"scopes": ["a"]}]), "auth.policy.rules[0]", "expected tools, resources")
    yield Row("hide", policy(hide="yes"), "auth.policy.hide", "expected true or false")
    yield Row("test", policy(tests=[{"tool": "a", "expect": "maybe"}]), "auth.policy.tests[0].expect", "allow or deny")
    yield Row("authorization server", auth(resource={"authorization_servers": ["a"]}),
              "auth.resource.authorization_servers", "expected an http")
    yield Row("resource's key", auth(resource={"nam": "a"}), "auth.resource.nam", "unknown")
    yield Row("fallback without a variable", auth(fallback={"enabled": True}), "auth.fallback.env", "missing")
    yield Row("fallback's variable", auth(fallback={"enabled": True, "env": "CONFIG_CHECK_LOST"}), "auth.fallback.env",
              "CONFIG_CHECK_LOST is not set")
    yield Row("plain public URL", {"http": {"public_url": "http://mcp.example"}, **using("oidc", OIDC)}, "http.public_url",
              "expected https")
    yield Row("no authentication, reachable", {"http": {"address": "0.0.0.0:0"}, **auth(enabled=False)}, "auth.enabled",
              "no authentication on 0.0.0.0:0")


def source_rows():
    yield Row("a flag", {}, "http.address", "expected host:port", source="--addr", flags=("--addr", "x"))
    yield Row("a variable", {}, "http.address", "expected host:port", source="GATEHOUSE_HTTP_ADDRESS",
              env={"GATEHOUSE_HTTP_ADDRESS": "x"})
    yield Row("the log's variable", {}, "log.level", 'got "loud"', source="LOG_LEVEL", env={"LOG_LEVEL": "loud"})
    yield Row("a secret's variable", auth(validators={"jwt": {"secret": None}}), "auth.validators.jwt.secret", "32|bytes",
              source="JWT_SECRET_KEY", env={"JWT_SECRET_KEY": "short"})
    yield Row("a key's variable", using("api_key", {}), "auth.validators.api_key", "expected 32 or more",
              source="DCC_MCP_API_KEY", env={"DCC_MCP_API_KEY": "short"})
    yield Row("a validator's variable", {}, "auth.validator", '"jvt"', source="TOKEN_VALIDATOR_FACTORY",
              env={"TOKEN_VALIDATOR_FACTORY": "jvt"})
    yield Row("no known type", {}, None, 'got "oauth"', source="MCP_AUTH_TYPE", env={"MCP_AUTH_TYPE": "oauth"})
    yield Row("no authentication, by flag", {"http": {"address": "0.0.0.0:0"}}, "auth.enabled", "no authentication",
              source="--no-auth", flags=("--no-auth", ))


# What people write that is no YAML, with the line and the words.
MISTAKES = {
    "a tab": ("log:\n  level: info\nhttp:\n\taddress: 127.0.0.1:0\n", 4, "a tab; YAML indents with spaces"),
    "a tab after spaces": ("http:\n  address: 127.0.0.1:0\n \tlegacy_sse: true\n", 3, "a tab; YAML indents with spaces"),
    "twice": ("log: {level: info}\nhttp: {address: '127.0.0.1:0'}\nlog: {level: debug}\n", 3, "log: duplicate key; the first is in line 1"),
    "no space": ("http:\n  address:127.0.0.1:0\n", 1, 'http: expected a map, got .*; a space is missing after "address:"'),
    "no space beside others": ("http:\n  address:127.0.0.1:0\n  legacy_sse: true\n", 2, 'a space is missing after "address:"'),
    "an open quote": ("log:\n  level: \"info\nhttp:\n  address: 127.0.0.1:0\n", 2, 'the " in this line is not closed'),
    "an open single quote": ("log: {level: 'info}\nhttp: {}\n", 1, "the ' in this line is not closed"),
    "an open bracket": ("log: {level: info}\nhttp:\n  allowed_hosts: [a, b\n", 3, r"the \[ in this line is not closed"),
    "a list": ("- http\n- log\n", 1, "expected a map of settings"),
    "a list of keys": ("http:\n- address: a\n", 1, "http: expected a map, got .*"),
    "an at sign": ("log:\n  level: @info\n", 2, "a value that begins with @; put it in quotes"),
    "a second colon": ("audit:\n  file: note: see\n", 2, 'put it in quotes'),
    "indentation": ("http:\n    address: a\n  legacy_sse: true\n", 3, "indented neither"),
    "an unknown anchor": ("log:\n  level: *info\n", 2, r"a value that begins with \*; put it in quotes"),
}
