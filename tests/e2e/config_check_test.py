"""`config check` and `serve` judge settings alike: the same verdict in the same words, everything at once, each fault with
file, line and key. A start that is refused changes nothing on disk, and `config check` never does.

The tables of what is wrong are in support/wrong_settings.py.
"""

import http.server
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, executable, merged, slowness
from private_ca import PrivateCa
from wrong_settings import (ASKS, MISTAKES, NOWHERE, OIDC, RIGHT, auth, gate_rows, line_of, server_rows, source_rows, tls_rows,
                            validator_rows)

OURS = ("MCP_", "JWT_", "OIDC_", "OAUTH_", "DCC_", "GATEHOUSE_AUTH", "GATEHOUSE_HTTP", "TOKEN_", "LOG_", "APP_")
LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\d[ T]|^WARNING: |^Loaded |^Removed ")

class ConfigCheck(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        held = tempfile.TemporaryDirectory(prefix="gatehouse-config-check-")
        cls.addClassCleanup(held.cleanup)
        cls.folder = Path(held.name)
        cls.file = cls.folder / "settings.yaml"
        cls.pair, cls.other = ((str(ca.cert), str(ca.key)) for ca in (PrivateCa(cls.folder / name) for name in ("one", "two")))

    def run_it(self, words, env=None, flags=()):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        return subprocess.run([executable(), *words, "--config", str(self.file), *flags], env={**inherited, **(env or {})},
                              capture_output=True, text=True, timeout=30 * slowness(), check=False)

    def faults(self, said):
        return [line for line in said.stderr.split("\n") if line and not LOG_LINE.match(line)]

    def told_last(self, said):
        """What is wrong, which stands whole behind what was logged."""
        faults = self.faults(said)
        self.assertEqual(said.stderr.splitlines()[-len(faults):], faults)
        return faults

    def refused(self, text, env=None, flags=()):
        """Both refuse these settings, with the same lines."""
        self.file.write_bytes(text if isinstance(text, bytes) else text.encode())
        checked, served = self.run_it(["config", "check"], env, flags), self.run_it(["serve"], env, flags)
        self.assertEqual((checked.returncode, served.returncode), (3, 3), (checked, served))
        self.assertEqual(self.faults(checked), self.told_last(served))
        self.assertEqual(checked.stdout, "")
        self.assertNotIn("s" * 40, checked.stderr + served.stderr)
        return self.faults(checked)

    def expected(self, row, text):
        place = row.source or f"{self.file}:{line_of(text, row.key)}"
        return f"^{re.escape(place)}: " + (f"{re.escape(row.key)}: " if row.key else "") + f".*(?:{row.words})"

    def rows(self):
        return [*server_rows(self.folder), *tls_rows(self.pair, self.other, self.folder), *validator_rows(self.folder),
                *gate_rows(), *source_rows()]

    def test_E04_every_wrong_setting_is_refused_by_both_in_the_same_words(self):
        rows = self.rows()
        self.assertGreaterEqual(len(rows), 60)
        for row in rows:
            with self.subTest(row.what):
                text = json.dumps(merged(RIGHT, row.change), indent=1)
                lines = self.refused(text, row.env, row.flags)
                self.assertRegex(lines[0], self.expected(row, text))
                self.assertEqual([line for line in lines[1:] if not line.startswith(("Create a", "Or disable"))], [])

    def test_E04_all_that_is_wrong_is_told_at_once(self):
        change = {
            "htpp": {}, "http": {"adress": "x", "address": "nowhere", "tls": {"cert_file": "c"}},
            "log": {"level": "loud"}, "metrics": {"address": "9090"}, "audit": {"file": NOWHERE},
            "fetch": {"ca_file": NOWHERE}, "backend": {"plugin": "sql", "settings": {"max_rows": 0, "max_byte": 1}},
            "plugins": {"pins": {"gatehouse_validator_jvt.so": "0" * 64}},
            "auth": {"validator": ["jwt", "api_key"], "token_file": "${CONFIG_CHECK_LOST}",
                     "validators": {"jwt": {"secret": "short", "secrett": 1, "isuer": "a", "leeway_seconds": -1},
                                    "api_key": {"key": "short", "subject": 5}, "oidk": {}},
                     "policy": {"hide": 1, "rules": [{"tool": "a", "scopes": ["s"]}, {"tools": ["a"], "scopes": ["s"]},
                                                     {"tools": ["b"]}]}, "resource": {"nam": "a"}}}
        text = json.dumps(merged(RIGHT, change), indent=1)
        lines = self.refused(text)
        keys = ["htpp", "http.adress", "http.address", "http.tls.cert_file", "log.level", "metrics.address", "audit.file",
                "fetch.ca_file", "backend.settings.max_rows", "backend.settings.max_byte",
                "plugins.pins.gatehouse_validator_jvt.so", "auth.token_file", "auth.validators.jwt.secret",
                "auth.validators.jwt.secrett", "auth.validators.jwt.isuer", "auth.validators.jwt.leeway_seconds",
                "auth.validators.api_key.key", "auth.validators.api_key.subject", "auth.validators.oidk",
                "auth.policy.hide", "auth.policy.rules[0].tool", "auth.policy.rules[2].scopes", "auth.resource.nam"]
        for key in keys:
            with self.subTest(key):
                self.assertRegex("\n".join(lines), rf"(?m)^{re.escape(f'{self.file}:{line_of(text, key)}: {key}: ')}")
        self.assertEqual(len(lines), len(keys), lines)

    def test_E04_right_settings_are_ok_and_serve_starts(self):
        self.file.write_text(json.dumps(RIGHT), encoding="utf-8")
        checked = self.run_it(["config", "check"])
        self.assertEqual((checked.returncode, checked.stdout), (0, f"{self.file}: ok\n"), checked)
        with GatehouseServer(settings=RIGHT, backend="echo"):
            pass

    def test_E04_a_check_asks_nobody_and_writes_nothing(self):
        asked = []

        class Provider(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_error(500)

            do_POST = do_GET

            def log_message(self, *unused):
                pass

        provider = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
        threading.Thread(target=provider.serve_forever, daemon=True).start()
        self.addCleanup(provider.server_close)
        self.addCleanup(provider.shutdown)
        url = f"http://127.0.0.1:{provider.server_address[1]}"
        tokens = self.folder / "kept.yaml"
        old = {"id": "old", "hash": "0" * 64, "expires_at": "2020-01-01T00:00:00Z"}
        tokens.write_text(json.dumps({"tokens": [old]}), encoding="utf-8")
        tokens.chmod(0o600)
        change = {"http": {"address": "127.0.0.1:1"}, "audit": {"file": str(self.folder / "audit.log")},
                  "auth": {"validator": ["oidc", "other", "introspection", "static_file"], "token_file": str(tokens),
                           "validators": {"oidc": {"issuer": url, "audience": "a", "startup": "strict"},
                                          "other": {"plugin": "oidc", "issuer": url + "/o", "audience": "a"},
                                          "introspection": {**ASKS, "endpoint": url + "/i"}}}}
        self.file.write_text(json.dumps(merged(RIGHT, change)), encoding="utf-8")
        before = {path: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}
        checked = self.run_it(["config", "check"])
        self.assertEqual((checked.returncode, checked.stdout), (0, f"{self.file}: ok\n"), checked)
        self.assertEqual({path: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}, before)
        self.assertEqual(asked, [])

    def test_E05_a_flag_is_stronger_than_a_broken_variable(self):
        self.file.write_text(json.dumps(RIGHT), encoding="utf-8")
        for env in ({"MCP_AUTH_TYPE": "oauth"}, {"MCP_AUTH_TYPE": "none"}, {"GATEHOUSE_AUTH_ENABLED": "false"},
                    {"MCP_AUTH_TYPE": "env"}, {"TOKEN_VALIDATOR_FACTORY": "a:b"}, {}):
            with self.subTest(env):
                checked = self.run_it(["config", "check"], env, ("--no-auth", ))
                self.assertEqual((checked.returncode, checked.stdout), (0, f"{self.file}: ok\n"), checked)
                with GatehouseServer(settings=RIGHT, env=env, words=("--no-auth", )) as server:
                    self.assertEqual(server.call("echo", {"text": "a"}, token=None).status, 200)

    def test_E08_what_is_no_yaml_is_told_in_plain_words(self):
        for what, (text, line, words) in MISTAKES.items():
            for ends in ("\n", "\r\n"):
                with self.subTest(what, ends=ends):
                    lines = self.refused(text.replace("\n", ends).encode())
                    self.assertRegex(lines[0], rf"^(ERROR: )?{re.escape(str(self.file))}:{line}: .*{words}")

    def test_E08_line_ends_and_byte_order_marks_of_other_systems_are_read(self):
        text = "# settings\nhttp:\n  address: 127.0.0.1:0\nbackend:\n  plugin: echo\nauth:\n  enabled: false\n"
        for what, data in {"Windows": text.replace("\n", "\r\n").encode(), "mark": b"\xef\xbb\xbf" + text.encode(),
                           "both": b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
                           "UTF-16": text.encode("utf-16")}.items():
            with self.subTest(what):
                self.file.write_bytes(data)
                checked = self.run_it(["config", "check"])
                self.assertEqual((checked.returncode, checked.stdout), (0, f"{self.file}: ok\n"), checked)

    def test_E11_a_member_that_owns_every_token_is_told_of_unless_it_is_the_last(self):
        key = {"api_key": {"key": "k" * 40}, "introspection": ASKS, "oidc": OIDC}
        for names, told in ((["api_key", "jwt"], "api_key"), (["jwt", "api_key"], None), (["oidc", "jwt", "api_key"], None),
                            (["introspection", "jwt"], "introspection"), (["jwt", "oidc"], None)):
            with self.subTest(names):
                settings = merged(RIGHT, auth(validator=names, validators=key))
                self.file.write_text(json.dumps(settings), encoding="utf-8")
                checked = self.run_it(["config", "check"])
                self.assertEqual(checked.returncode, 0, checked)
                with GatehouseServer(settings=settings) as server:
                    logged = "\n".join(server.log_lines())
                for said in (checked.stderr, logged):
                    self.assertEqual(f"auth.validator: {told} judges every token itself" in said, told is not None, said)
                    self.assertEqual("judges every token" in said, told is not None, said)


class TakenPort(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory(prefix="gatehouse-taken-port-")
        self.addCleanup(held.cleanup)
        self.folder = Path(held.name)
        self.taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.taken.close)
        self.address = f"127.0.0.1:{self.taken.getsockname()[1]}"
        old = {"id": "old", "hash": "0" * 64, "expires_at": "2020-01-01T00:00:00Z"}
        self.tokens = self.folder / "tokens.yaml"
        self.tokens.write_text(json.dumps({"tokens": [old]}), encoding="utf-8")
        self.tokens.chmod(0o600)

    def serve(self, **change):
        settings = merged({"http": {"address": "127.0.0.1:0"}, "backend": {"plugin": "echo"},
                           "audit": {"file": str(self.folder / "audit.log")},
                           "auth": {"token_file": str(self.tokens)}}, change)
        file = self.folder / "settings.yaml"
        file.write_text(json.dumps(settings), encoding="utf-8")
        before = {path: path.read_bytes() for path in self.folder.iterdir()}
        done = subprocess.run([executable(), "serve", "--config", str(file)], capture_output=True, text=True,
                              timeout=30 * slowness(), check=False)
        self.assertEqual({path: path.read_bytes() for path in self.folder.iterdir()}, before, "the disk is as it was")
        return done

    def test_E07_a_taken_port_is_one_line_and_exit_code_1(self):
        for change, key in (({"http": {"address": self.address}}, "--addr or http.address"),
                            ({"metrics": {"address": self.address}}, "metrics.address")):
            with self.subTest(key):
                done = self.serve(**change)
                self.assertEqual(done.returncode, 1, done)
                self.assertEqual(done.stderr, f"ERROR: {self.address} is in use by another program; choose another "
                                              f"with {key}\n")

    def test_E07_an_address_of_another_machine_is_told_with_its_key(self):
        done = self.serve(http={"address": "192.0.2.1:8080"})
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stderr, r"^ERROR: cannot listen on 192\.0\.2\.1:8080: .*\(--addr or http\.address\)\n$")

    def test_E12a_a_refused_start_changes_nothing_on_disk(self):
        for what, change in {"a backend": {"backend": {"plugin": "none"}}, "a rule": {"auth": {"policy": {"rules": [{}]}}},
                             "an address": {"metrics": {"address": "x"}}}.items():
            with self.subTest(what):
                self.assertEqual(self.serve(**change).returncode, 3)


class GotPort(unittest.TestCase):
    def test_D10_the_port_that_was_got_is_the_one_that_is_told(self):
        issuer = "http://127.0.0.1:1"
        settings = {"auth": {"validator": ["oidc", "jwt"], "validators": {"oidc": {"issuer": issuer, "audience": "a"},
                                                                          "jwt": {"secret": "s" * 40}}}}
        with GatehouseServer(settings=settings) as server:
            url = f"http://127.0.0.1:{server.port}"
            answer = server.post({}, token=None)
            self.assertEqual(answer.status, 401)
            metadata = f"{url}/.well-known/oauth-protected-resource/mcp"
            self.assertIn(f'resource_metadata="{metadata}"', answer.header("www-authenticate"))
            self.assertEqual(server.get("/.well-known/oauth-protected-resource/mcp").json()["resource"], url + "/mcp")
            server.wait_line(re.escape(f"audience: {url}/mcp"))


if __name__ == "__main__":
    unittest.main()
