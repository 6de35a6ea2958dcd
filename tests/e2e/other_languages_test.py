"""Validators in C, Rust and Go: they build, load, judge 64 callers at once, and pass `plugin check`."""

import shutil
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "interop"))

import client_needs
from gatehouse_server import ROOT, GatehouseServer, executable
from installed_sdk import run
from needed import note_skip, skip_class

CALLERS, CALLS = 64, 20


def tool(find):
    """The program; without it the class is skipped, with the reason. Rust may be missing even with CI=true."""
    try:
        return find()
    except client_needs.NoRust as why:
        note_skip("e2e.other_languages_test", str(why))
        raise unittest.SkipTest(str(why)) from None
    except client_needs.Missing as why:
        skip_class(str(why))


class Language:
    """What holds for a validator in any language."""
    sample = ""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="gatehouse-language-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        for part in ("sdk/include", "sdk/go", "sdk/rust", f"samples/{cls.sample}"):
            shutil.copytree(ROOT / part, cls.folder / part, ignore=shutil.ignore_patterns("target", "Cargo.lock"))
        cls.source = cls.folder / "samples" / cls.sample
        cls.library = cls.build()

    def settings(self, own=None):
        return {"auth": {"validator": str(self.library), "validators": {str(self.library): own or {}}}}

    def test_it_says_who_it_is_without_being_run(self):
        said = run(executable(), "plugin", "inspect", self.library, folder=self.folder)
        self.assertRegex(said, rf"name: +{self.sample}\n")
        self.assertRegex(said, r"interfaces: +gatehouse.token_validator/1\n")

    def test_64_callers_at_once_are_judged_each_by_its_token(self):
        with GatehouseServer(self.settings(), tokens=CALLERS) as server:
            statuses = [[] for _ in range(CALLERS)]

            def call(number):
                token = server.token_file.tokens[number]
                with server.wire() as wire:
                    for _ in range(CALLS):
                        statuses[number].append(server.call("echo", {"text": "x"}, token=token, wire=wire).status)
                    wrong = server.call("echo", {"text": "x"}, token=f"nobody-{number}", wire=wire)
                    statuses[number].append(wrong.status)

            threads = [threading.Thread(target=call, args=(number,)) for number in range(CALLERS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(statuses, [[200] * CALLS + [401]] * CALLERS)
            server.stop()

    def test_a_setting_that_it_has_not_refuses_the_start(self):
        server = GatehouseServer(self.settings({"mode": "lax"}), started=False)
        self.addCleanup(server.discard)
        server.write_settings()
        server.launch()
        self.assertEqual(server.process.wait(20), 3)
        server.wait_line(rf"auth\.validators\..*{self.sample}\S*\.mode: unknown key; there are no settings here")


    def test_it_passes_the_check(self):
        said = run(executable(), "plugin", "check", self.library, folder=self.source)
        self.assertRegex(said, r"passed: \d+ tokens, 0 faults")


class InC(Language, unittest.TestCase):
    sample = "c_validator"

    @classmethod
    def build(cls):
        words = ["cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O2", "-shared", "-fPIC", "-fvisibility=hidden"]
        run(*words, "-I", cls.folder / "sdk/include", "-o", "c_validator.so", "c_validator.c", folder=cls.source)
        return cls.source / "c_validator.so"


class InRust(Language, unittest.TestCase):
    sample = "rust_validator"

    @classmethod
    def build(cls):
        cls.cargo = tool(client_needs.cargoTool)
        run(cls.cargo, "build", "--release", "--offline", "--quiet", folder=cls.source)
        return cls.source / "target/release/librust_validator.so"

    def test_the_structures_of_the_crate_are_those_of_the_header(self):
        said = run(self.cargo, "test", "--offline", folder=self.folder / "sdk/rust")
        self.assertIn("every_field_lies_where_the_header_has_it ... ok", said)


class InGo(Language, unittest.TestCase):
    sample = "go_validator"

    @classmethod
    def build(cls):
        go = tool(client_needs.goTool)
        run(go, "build", "-buildmode=c-shared", "-o", "go_validator.so", ".", folder=cls.source)
        return cls.source / "go_validator.so"


if __name__ == "__main__":
    unittest.main()
