"""Fail closed: each way to lose a validator's key, file, address or settings ends in exit code 3; never in a
server that lets somebody in.

One row for each validator (and a chain), each way to lose what it needs, and each source that can choose it: the settings
file, our own variables, TOKEN_VALIDATOR_FACTORY, MCP_AUTH_TYPE. A row names the setting that the refusal must name.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import executable, slowness

LOST = "FAIL_CLOSED_LOST"  # a variable that is never set
HOLLOW = "FAIL_CLOSED_EMPTY"  # one that is set and empty
PROVIDER = "http://127.0.0.1:1"  # nobody listens there
INTROSPECTION = {"endpoint": PROVIDER + "/i", "client_id": "me", "client_secret": "s" * 40}
EXCHANGE = {"validator": "jwt", "token_endpoint": PROVIDER + "/t", "audience": "a", "client_id": "me",
            "client_secret": "s" * 40}
JWT = {"secret": "s" * 40, "audience": "a"}
TOKENS = "tokens:\n- {id: a}\n"  # no hash: a broken file


class Row:
    """Settings of `auth`, and `more` of other parts; `names`: a pattern that the refusal has to have."""
    def __init__(self, what, auth, names, env=None, more=None):
        self.what, self.auth, self.names, self.env, self.more = what, auth, names, env or {}, more or {}


def with_member(settings, key, value):
    return {name: kept for name, kept in {**settings, key: value}.items() if kept is not None}


class Ways:
    """The ways to lose one thing, made in a folder of their own."""
    def __init__(self, folder):
        self.folder = Path(folder)
        self.directory = self.folder / "directory"
        self.directory.mkdir()
        self.blank = self._file("blank", "  \n")
        self.empty = self._file("empty", "")
        self.noise = self._file("noise", "neither keys nor tokens")
        self.forbidden = self._file("forbidden", "x" * 40)
        self.forbidden.chmod(0)
        self.broken_tokens = self._file("broken.yaml", TOKENS)

    def _file(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def text(self):
        """A setting that is a string, lost."""
        return {"missing": None, "empty": "", "blank": "   ", "unset variable": "${" + LOST + "}",
                "empty variable": "${" + HOLLOW + "}", "number": 5, "list": [], "map": {}, "true": True}

    def secret(self):
        return {**self.text(), "no file": "file:/nowhere/at/all", "directory": f"file:{self.directory}",
                "empty file": f"file:{self.empty}", "blank file": f"file:{self.blank}", "too short": "short"}

    def file(self):
        return {**self.text(), "no file": "/nowhere/at/all", "directory": str(self.directory),
                "empty file": str(self.empty), "blank file": str(self.blank), "noise": str(self.noise)}


def of_settings(name, good, key, ways, **more):
    """A validator that the settings file chooses, with one key lost in each way."""
    for what, value in ways.items():
        settings = with_member(good, key, value)
        yield Row(f"{name}: {key}: {what}", {"validator": name, "validators": {name: settings}, **more},
                  rf"{key}|{LOST}|{HOLLOW}|no key|expected one of")


def file_rows(ways):
    """What the settings file chooses."""
    yield from of_settings("api_key", {}, "key", {what: value for what, value in ways.secret().items()})
    yield from of_settings("jwt", JWT, "secret", ways.secret())
    for key in ("public_key_file", "jwks_file"):
        yield from of_settings("jwt", {"audience": "a"}, key, ways.file())
    yield from of_settings("jwt", {"audience": "a"}, "public_key", {**ways.text(), "noise": "no key"})
    yield from of_settings("jwt", {"audience": "a"}, "jwks_url", ways.text())
    yield from of_settings("jwt", {**JWT, "audience": "a"}, "audience",
                           {"empty": "", "number": 5, "map": {}, "empty list": []})
    yield from of_settings("oidc", {"issuer": PROVIDER, "audience": "a"}, "issuer", ways.text())
    for name, good in (("jwt", JWT), ("oidc", {"issuer": PROVIDER, "audience": "a"}), ("introspection", INTROSPECTION)):
        yield from of_settings(name, good, "issuer", {"empty": "", "blank in a list": [" "], "map": {}})
        yield from of_settings(name, good, "audience", {"empty": "", "empty list": [], "blank in a list": ["a", " "]})
    yield from of_settings("introspection", INTROSPECTION, "endpoint", ways.text())
    yield from of_settings("introspection", INTROSPECTION, "client_id", ways.text())
    yield from of_settings("introspection", INTROSPECTION, "client_secret", {
        what: value for what, value in ways.secret().items() if what not in ("too short", "number")})  # digits are text
    for key in ("validator", "token_endpoint", "client_id", "audience"):
        for what, value in ways.text().items():
            own = {"jwt": JWT, "token_exchange": with_member(EXCHANGE, key, value)}
            yield Row(f"token_exchange: {key}: {what}", {"validator": "token_exchange", "validators": own},
                      rf"{key}|{LOST}|{HOLLOW}|validator|plugin|asks itself")


def static_rows(ways):
    for what, value in ways.file().items():
        if what in ("missing", "list", "map", "true", "number", "empty"):
            value = {"empty": str(ways.folder / "gone.yaml")}.get(what, value)
        yield Row(f"static_file: token_file: {what}", {"validator": "static_file", "token_file": value},
                  rf"[Tt]oken|{LOST}|{HOLLOW}")
    yield Row("static_file: token_file: broken", {"validator": "static_file", "token_file": str(ways.broken_tokens)}, "token")


def chain_rows(ways):
    """A chain of two, of which one lost its key."""
    for first, second in (("api_key", "jwt"), ("jwt", "api_key")):
        for what, value in ways.text().items():
            own = {"api_key": with_member({}, "key", value), "jwt": JWT}
            yield Row(f"chain {first}, {second}: key: {what}", {"validator": [first, second], "validators": own},
                      rf"key|{LOST}|{HOLLOW}")
    for what, names in {"empty list": [], "twice": ["jwt", "jwt"], "empty name": ["jwt", ""], "number": ["jwt", 5],
                        "unknown": ["jwt", "jvt"]}.items():
        yield Row(f"chain: {what}", {"validator": names, "validators": {"jwt": JWT}}, r"auth.validator|jvt|twice")


def environment_rows():
    """What a variable chooses, with the variable that it needs lost."""
    needs = {("MCP_AUTH_TYPE", "env"): ["MCP_BEARER_TOKEN"], ("MCP_AUTH_TYPE", "jwt"): ["JWT_SECRET_KEY"],
             ("TOKEN_VALIDATOR_FACTORY", "api_key"): ["DCC_MCP_API_KEY"],
             ("TOKEN_VALIDATOR_FACTORY", "jwt"): ["JWT_SECRET_KEY"],
             ("TOKEN_VALIDATOR_FACTORY", "oidc"): ["OIDC_ISSUER_URL"],
             ("TOKEN_VALIDATOR_FACTORY", "introspection"): ["GATEHOUSE_AUTH_VALIDATORS"],
             ("TOKEN_VALIDATOR_FACTORY", "token_exchange"): ["GATEHOUSE_AUTH_VALIDATORS"],
             ("GATEHOUSE_AUTH_VALIDATOR", "api_key"): ["DCC_MCP_API_KEY"],
             ("GATEHOUSE_AUTH_VALIDATOR", "jwt"): ["JWT_SECRET_KEY"],
             ("GATEHOUSE_AUTH_VALIDATOR", "oidc"): ["OIDC_ISSUER_URL"]}
    lost = {"unset": None, "empty": "", "blank": "   ", "short": "x"}
    for ((variable, value), (needed, )), (what, text) in itertools.product(needs.items(), lost.items()):
        if needed == "GATEHOUSE_AUTH_VALIDATORS" and what in ("empty", "blank", "short"):
            continue
        for file_says in ({}, {"validator": "static_file"}):
            env = {variable: value, **({} if text is None else {needed: text})}
            yield Row(f"{variable}={value} {file_says}: {needed} {what}", file_says,
                      rf"{needed}|key|secret|issuer|endpoint|validator|expected one of", env)


def contradiction_rows():
    for variable, value in (("MCP_AUTH_TYPE", "none"), ("GATEHOUSE_AUTH_ENABLED", "false")):
        for name in ("jwt", "api_key", "static_file", ["jwt", "api_key"]):
            yield Row(f"{variable}={value} over {name}", {"validator": name, "validators": {"jwt": JWT}}, variable,
                      {variable: value})
    for value in ("NONE", "off", " none", "oauth", "   "):
        yield Row(f"MCP_AUTH_TYPE={value!r}", {}, "MCP_AUTH_TYPE", {"MCP_AUTH_TYPE": value})
    for value in ("maybe", "[]", "{}", "2"):
        yield Row(f"GATEHOUSE_AUTH_ENABLED={value!r}", {"validator": "jwt", "validators": {"jwt": JWT}},
                  "GATEHOUSE_AUTH_ENABLED", {"GATEHOUSE_AUTH_ENABLED": value})
    for value in ("none", " ", "jvt", "/nowhere/at/all.so", "my_module:make"):
        yield Row(f"TOKEN_VALIDATOR_FACTORY={value!r}", {}, r"TOKEN_VALIDATOR_FACTORY|plugin|library|validator",
                  {"TOKEN_VALIDATOR_FACTORY": value})
    reach = {"public URL": {"public_url": "https://mcp.example"}, "proxy": {"trusted_proxies": ["127.0.0.1"]},
             "every address": {"address": "0.0.0.0:0"}}
    for what, http in reach.items():
        yield Row(f"auth.enabled: false, {what}", {"enabled": False}, "no authentication", more={"http": http})
        yield Row(f"MCP_AUTH_TYPE=none, {what}", {}, "no authentication", {"MCP_AUTH_TYPE": "none"}, {"http": http})


def misspelt_rows():
    yield Row("unknown validator's settings", {"validators": {"jvt": JWT}, "validator": "jwt"}, "jvt|secret")
    yield Row("settings of an unknown name", {"validators": {"jwt": JWT, "oidk": {}}, "validator": "jwt"}, "oidk")
    yield Row("misspelt key", {"validators": {"jwt": {**JWT, "secrett": "x"}}, "validator": "jwt"}, "secrett")
    yield Row("unused pin", {"validators": {"jwt": JWT}, "validator": "jwt"}, "plugins.pins",
              more={"plugins": {"pins": {"gatehouse_validator_jvt.so": "0" * 64}}})
    yield Row("wrong pin", {"validators": {"jwt": JWT}, "validator": "jwt"}, "gatehouse_validator_jwt",
              more={"plugins": {"pins": {"gatehouse_validator_jwt.so": "0" * 64}}})


def all_rows(ways):
    return [*file_rows(ways), *static_rows(ways), *chain_rows(ways), *environment_rows(), *contradiction_rows(),
            *misspelt_rows()]


class FailClosed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="gatehouse-fail-closed-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.rows = all_rows(Ways(folder.name))

    def start(self, row):
        """The exit code, or None of a server that listens, and all that was said."""
        settings = {"http": {"address": "127.0.0.1:0"}, "backend": {"plugin": "echo"}, "auth": row.auth}
        for part, own in row.more.items():
            settings[part] = {**settings.get(part, {}), **own}
        file = self.folder / "settings.yaml"
        file.write_text(json.dumps(settings), encoding="utf-8")
        inherited = {name: value for name, value in os.environ.items()
                     if not name.startswith(("MCP_", "JWT_", "OIDC_", "DCC_", "GATEHOUSE_AUTH", "TOKEN_"))}
        env = {**inherited, HOLLOW: "", **row.env}
        process = subprocess.Popen([executable(), "serve", "--config", str(file)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, text=True)
        said = []
        try:
            for line in process.stdout:
                said.append(line)
                if "Listening on" in line:
                    return None, "".join(said)
            return process.wait(20 * slowness()), "".join(said)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def judge(self, row):
        code, said = self.start(row)
        self.assertEqual(code, 3, (row.what, said))
        self.assertNotIn("s" * 40, said)
        self.assertRegex(said, row.names, row.what)

    def test_B1_every_way_to_lose_what_was_asked_for_is_refused(self):
        self.assertGreaterEqual(len(self.rows), 120)
        for row in self.rows:
            with self.subTest(row.what):
                self.judge(row)


if __name__ == "__main__":
    unittest.main()
