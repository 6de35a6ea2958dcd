"""What the pages for authors show is built, tested and served as it stands on the page."""

import json
import re
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from gatehouse_server import ROOT, GatehouseServer, command
from installed_sdk import build, install, run
from scripted_provider import ScriptedProvider

FILE = re.compile(r"^`([\w.]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", re.M | re.S)
DECLARATION = re.compile(r"^```cpp\n(GATEHOUSE_SETTINGS\(.*?)^```$", re.M | re.S)
SMALL = {"corp_guard": 20, "office": 15}  # lines of the smallest validator and backend
SETTINGS = re.compile(r"^```yaml\n(.*?)^```$", re.M | re.S)


class Pages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="gatehouse-pages-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.installed = install(cls.folder / "installed")

    def built(self, page, name):
        """The library that the page's files make, after its own tests; and the page's settings."""
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        source, made = self.folder / name, self.folder / name / "build"
        source.mkdir()
        for file, content in FILE.findall(text):
            (source / file).write_text(content, encoding="utf-8")
        self.assertEqual({path.name for path in source.iterdir()}, {f"{name}.cpp", f"{name}_test.cpp", "CMakeLists.txt"})
        lines = [line for line in (source / f"{name}.cpp").read_text(encoding="utf-8").splitlines() if line]
        self.assertLessEqual(len(lines), SMALL[name])
        build(source, made, self.installed)
        run("ctest", "--test-dir", made, "--output-on-failure", "--no-tests=error")
        return made / f"{name}.so", SETTINGS.search(text).group(1)

    def test_the_backend_of_the_page_is_served(self):
        library, settings = self.built("write-a-backend.md", "office")
        self.assertIn("/opt/backends/office.so", settings)
        with GatehouseServer(backend=str(library)) as server:
            sum_ = server.call("add", {"a": 1, "b": 2}).result()
            self.assertEqual(sum_["structuredContent"], {"sum": 3.0})
            note = server.token_file.tokens[0].fields["note"]
            self.assertEqual(server.call("greet").result()["content"][0]["text"], f"Hello, {note}!")

    def test_the_settings_for_operators_are_taken(self):
        """As they stand, but for the places that a test may write to."""
        text = SETTINGS.search((ROOT / "docs" / "operate.md").read_text(encoding="utf-8")).group(1)
        tokens = self.folder / "tokens.yaml"
        command("token", "add", "--token-file", tokens, "--token-note", "CI", "--token-expiry", "90d")
        for place, here in {"/etc/gatehouse/tokens.yaml": tokens, "/var/log/gatehouse/audit.jsonl": self.folder / "audit.jsonl"}.items():
            self.assertIn(place, text)
            text = text.replace(place, str(here))
        file = self.folder / "operate.yaml"
        file.write_text(text, encoding="utf-8")
        for words in (("config", "check"), ("config", "print"), ("policy", "test")):
            done = command(*words, "--config", file)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_validator_of_the_page_asks_the_company(self):
        library, settings = self.built("write-a-validator.md", "corp_guard")
        self.assertIn("/opt/validators/corp_guard.so", settings)
        corp = ScriptedProvider()
        self.addCleanup(corp.close)

        def whoami(handler):
            good = handler.headers["Authorization"] == "Bearer right"
            return 200 if good else 401, {}, json.dumps({"active": good, "sub": "ann", "exp": 4102444800}).encode()

        corp.answers["/whoami"] = whoami
        own = {"plugin": str(library), "url": corp.url + "/whoami"}
        with GatehouseServer({"auth": {"validator": "corp_guard", "validators": {"corp_guard": own}}}) as server:

            def status(token):
                return server.call("echo", {"text": "x"}, token=None, headers={"Authorization": f"Bearer {token}"}).status

            self.assertEqual([status("right"), status("right"), status("wrong")], [200, 200, 401])
            self.assertEqual(corp.count("/whoami"), 2)  # the right one was kept
            corp.answers["/whoami"] = (500, {}, b"")
            self.assertEqual([status("right"), status("other")], [200, 503])

    def test_the_settings_that_the_page_declares_are_shown_checked_and_filled_in(self):
        text = (ROOT / "docs" / "write-a-validator.md").read_text(encoding="utf-8")
        files = dict(FILE.findall(text))
        declared = DECLARATION.search(text).group(1)
        source, made = self.folder / "declared", self.folder / "declared" / "build"
        source.mkdir()
        lasting, reads = "std::chrono::seconds(30)", 'url_(settings.url("url"))'
        code = files["corp_guard.cpp"]
        self.assertTrue(lasting in code and reads in code)
        code = code.replace(reads, reads + ', seconds_(settings.integer("seconds"))').replace(lasting, "seconds_")
        code = code.replace("std::string url_;", "std::string url_;\n    const std::chrono::seconds seconds_;")
        (source / "corp_guard.cpp").write_text(code + declared, encoding="utf-8")
        build_file = files["CMakeLists.txt"].split("enable_testing()")[0]
        (source / "CMakeLists.txt").write_text(build_file, encoding="utf-8")
        build(source, made, self.installed)
        library = made / "corp_guard.so"
        shown = command("plugin", "inspect", library).stdout
        self.assertIn("  seconds: a whole number from 1 to 600; default 30\n      how long an answer counts\n", shown)
        self.assertIn("  url: a string; required\n", shown)
        self.assertEqual(self.check(library, {"url": "https://corp.example/whoami"}).returncode, 0)
        wrong = self.check(library, {"seconds": 601, "uri": "x"})
        self.assertEqual(wrong.returncode, 3)
        for words in ("declared.yaml:6: auth.validators.corp_guard.seconds: expected a whole number from 1 to 600, got 601",
                      'auth.validators.corp_guard.uri: unknown; did you mean "url"?',
                      "auth.validators.corp_guard.url: missing"):
            self.assertIn(words, wrong.stdout + wrong.stderr)

    def check(self, library, own):
        file = self.folder / "declared.yaml"
        keys = "".join(f"      {key}: {json.dumps(value)}\n" for key, value in own.items())
        file.write_text(f"backend: {{plugin: echo}}\nauth:\n  validator: corp_guard\n  validators:\n    corp_guard:\n{keys}"
                        f"      plugin: {library}\n", encoding="utf-8")
        return command("config", "check", "--config", file)


if __name__ == "__main__":
    unittest.main()
