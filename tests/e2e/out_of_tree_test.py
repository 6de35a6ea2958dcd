"""The SDK as a package: a validator and a backend built outside of the tree are loaded and called."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from gatehouse_server import ROOT, GatehouseServer, executable  # noqa: E402

from identity_provider import hs256  # noqa: E402
from installed_sdk import build, install, run  # noqa: E402

SECRET = "a-secret-shared-by-few"
LONG_SECRET = "a-secret-that-signs-tokens-of-users"


class OutOfTree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="gatehouse-package-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.installed = install(cls.folder / "installed")
        cls.validator = cls.built("address_validator")
        cls.backend = cls.built("greeting_backend")
        cls.asking = cls.built("asking_backend")
        cls.shop = cls.built("shop_backend")

    @classmethod
    def built(cls, sample):
        source = shutil.copytree(ROOT / "samples" / sample, cls.folder / sample)
        build(source, cls.folder / f"{sample}-build", cls.installed, "-DCMAKE_CXX_FLAGS=-std=c++17")
        return str(cls.folder / f"{sample}-build" / f"{sample}.so")

    def settings(self, allowed):
        return {
            "auth": {
                "validator": self.validator,
                "validators": {self.validator: {"secret": SECRET, "allowed": allowed}}
            }
        }

    def test_a_new_plugin_builds_and_is_loaded_as_it_stands(self):
        """Seed 001's custom validator: an address allow-list on top of JWT. Its verdicts differ by address."""
        subprocess.run([executable(), "plugin", "new", "corp_guard"], cwd=self.folder, check=True, capture_output=True)
        again = subprocess.run([executable(), "plugin", "new", "corp_guard"], cwd=self.folder, capture_output=True)
        self.assertEqual(again.returncode, 2)
        source, made = self.folder / "corp_guard", self.folder / "corp_guard" / "build"
        build(source, made, self.installed)
        run("ctest", "--test-dir", made, "--output-on-failure", "--no-tests=error")
        checked = subprocess.run([executable(), "plugin", "check", "build/corp_guard.so"], cwd=source, capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        self.assertRegex(checked.stdout, r"caching +for each token and peer")
        settings = {"auth": {"validator": "corp_guard", "validators": {
            "corp_guard": {"plugin": str(made / "corp_guard.so"), "addresses": ["127.0.0.1"]},
            "jwt": {"secret": LONG_SECRET, "audience": "mcp-server"}}}}
        token = hs256(LONG_SECRET, {"aud": "mcp-server", "sub": "u"})
        with GatehouseServer(settings) as server:
            for _ in range(2):
                self.assertEqual(server.call("echo", {"text": "x"}, token=token).status, 200)
                with server.wire(source="127.0.0.2") as other:
                    self.assertEqual(server.call("echo", {"text": "x"}, token=token, wire=other).status, 401)
            self.assertEqual(server.call("echo", {"text": "x"}, token=token + "x").status, 401)
            server.wait_line(r"address not allowed")

    def test_a_new_backend_builds_passes_its_test_and_is_loaded_as_it_stands(self):
        subprocess.run([executable(), "plugin", "new", "corp_tools", "--backend"], cwd=self.folder, check=True, capture_output=True)
        source, made = self.folder / "corp_tools", self.folder / "corp_tools" / "build"
        build(source, made, self.installed)
        run("ctest", "--test-dir", made, "--output-on-failure")
        checked = subprocess.run([executable(), "plugin", "check", "build/corp_tools.so"], cwd=source, capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        self.assertRegex(checked.stdout, r"passed: \d+ calls, 0 faults")
        plugin = {"plugin": str(made / "corp_tools.so"), "settings": {"greeting": "Good day"}}
        with GatehouseServer(backend=plugin) as server:
            self.assertEqual(server.call("add", {"a": 1, "b": 2}).result()["structuredContent"], {"sum": 3})
            note = server.token_file.tokens[0].fields["note"]
            self.assertEqual(server.call("greet").result()["content"][0]["text"], f"Good day, {note}!")
        refused = GatehouseServer(backend={**plugin, "settings": {"greting": "Hi"}}, started=False)
        self.addCleanup(refused.discard)
        refused.write_settings()
        refused.launch()
        self.assertEqual(refused.wait_exit(10), 3)
        refused.wait_line("backend.settings.greting: unknown; did you mean .greeting", 2)

    def test_the_address_validator_passes_the_check(self):
        words = [executable(), "plugin", "check", self.validator]
        checked = subprocess.run(words, cwd=self.folder / "address_validator", capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        self.assertRegex(checked.stdout, r"passed: \d+ tokens, 0 faults")

    def test_the_greeting_backend_greets_the_token_by_name(self):
        with GatehouseServer(backend=self.backend) as server:
            note = server.token_file.tokens[0].fields["note"]
            self.assertEqual(server.call("greet").result()["content"][0]["text"], f"Hello, {note}!")

    def test_the_shop_is_tested_without_a_server_and_serves_each_caller_its_basket(self):
        run("ctest", "--test-dir", self.folder / "shop_backend-build", "--output-on-failure")
        source = ROOT / "samples" / "shop_backend" / "shop_backend.cpp"
        self.assertLessEqual(len(source.read_text(encoding="utf-8").splitlines()), 60)
        with GatehouseServer(backend=self.shop, tokens=2) as server:
            first, second = server.token_file.tokens
            put = server.call("put", {"name": "leek", "count": 2}, token=first).result()
            self.assertEqual(put["structuredContent"], {"name": "leek", "count": 2})
            self.assertEqual(server.call("bill", token=first).result()["structuredContent"]["pieces"], 2)
            self.assertEqual(server.call("bill", token=second).result()["structuredContent"]["pieces"], 0)
            wrong = server.call("put", {"name": "leek", "count": "two"}, token=first).result()
            self.assertIn("Invalid arguments: /count", wrong["content"][0]["text"])

    def test_the_asking_backend_asks_its_user(self):
        """Modern: an answer that asks to call again, twice; then the result."""
        params = {"name": "book_table", "arguments": {"restaurant": "Chez Nous"}}
        meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}, "sampling": {}}}
        guests = {"action": "accept", "content": {"guests": 4}}
        line = {"role": "assistant", "content": {"type": "text", "text": "Bon appetit!"}, "model": "test"}
        with GatehouseServer(backend=self.asking) as server:

            def call(**more):
                return server.modern("tools/call", {**params, **more, "_meta": meta}).result()

            first = call()
            self.assertEqual(list(first["inputRequests"]), ["guests"])
            second = call(inputResponses={"guests": guests}, requestState=first["requestState"])
            self.assertEqual(list(second["inputRequests"]), ["greeting"])
            third = call(inputResponses={"greeting": line}, requestState=second["requestState"])
        self.assertEqual(third["content"][0]["text"], "A table for 4 at Chez Nous. Bon appetit!")

    def test_the_address_validator_sees_every_call(self):
        """One token, two addresses on one server: no cached verdict passes the allow-list by."""
        bearer = {"Authorization": f"Bearer {SECRET}"}
        with GatehouseServer(self.settings(["127.0.0.1"])) as server:
            statuses = []
            for _ in range(5):
                statuses.append(server.call("echo", {"text": "x"}, token=None, headers=bearer).status)
                with server.wire(source="127.0.0.2") as other:
                    statuses.append(
                        server.call("echo", {"text": "x"}, token=None, headers=bearer, wire=other).status)
            self.assertEqual(statuses, [200, 401] * 5)
            server.stop()  # its log is complete then
            server.wait_exit()
            asked = [line for line in server.log_lines() if "asked for" in line]
            self.assertEqual(len(asked), 10, asked)

    def test_the_installed_server_finds_its_plugins(self):
        listed = subprocess.run([self.folder / "installed/bin/gatehouse", "plugin", "list"],
                                capture_output=True, text=True, check=True).stdout
        self.assertIn("static_file", listed)
        self.assertIn(str(self.folder / "installed/lib/gatehouse"), listed)


if __name__ == "__main__":
    unittest.main()
