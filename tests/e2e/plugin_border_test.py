"""Plugins as real libraries: what is wrong is refused before it runs, what misbehaves hurts nobody else."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from gatehouse_server import GatehouseServer, executable, test_plugin  # noqa: E402
from http_wire import ConnectionEnded  # noqa: E402


def started_with(validator=None, backend="echo", **settings):
    """(exit code, output) of a server that is expected not to start."""
    auth = {"validator": validator} if validator else {}
    server = GatehouseServer({"auth": auth, **settings}, backend=backend, started=False)
    try:
        server.write_settings()
        server.launch()
        code = server.wait_exit(10)
        server.wait_line("", 1)
        return code, "\n".join(server.log_lines())
    finally:
        server.discard()


class Refusals(unittest.TestCase):
    """Each says the file and both values, and the exit code is 3."""
    def assert_refused(self, library, *words):
        code, output = started_with(validator=str(library))
        self.assertEqual(code, 3, output)
        self.assertIn(str(library), output)
        for word in words:
            self.assertIn(word, output)

    def test_wrong_magic(self):
        self.assert_refused(test_plugin("bad_magic"), "magic is 7", "expected 4990")

    def test_wrong_major(self):
        self.assert_refused(test_plugin("bad_major"), "abi_major is 99", "expected 1")

    def test_truncated_table(self):
        self.assert_refused(test_plugin("bad_size"), "size is 24", "expected at least")

    def test_no_symbol(self):
        self.assert_refused(test_plugin("bad_symbol"), "no symbol gatehouse_plugin_entry")

    def test_foreign_library(self):
        self.assert_refused(test_plugin("foreign_library"), "no symbol gatehouse_plugin_entry")

    def test_offers_another_interface(self):
        self.assert_refused(test_plugin("bad_interface"), "expected gatehouse.token_validator/1")

    def test_a_backend_is_no_validator(self):
        self.assert_refused(test_plugin("witness"), "offers gatehouse.backend/1",
                            "expected gatehouse.token_validator/1")

    def test_world_writable_file(self):
        with tempfile.TemporaryDirectory() as folder:
            library = Path(shutil.copy(test_plugin("bad_validator"), folder))
            library.chmod(0o777)
            self.assert_refused(library, "mode 0777")

    def test_world_writable_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            library = Path(shutil.copy(test_plugin("bad_validator"), folder))
            library.chmod(0o755)
            os.chmod(folder, 0o777)
            self.assert_refused(library, "mode 0777")

    def test_pinned_to_another_hash(self):
        library = test_plugin("bad_validator")
        code, output = started_with(validator=library, plugins={"pins": {"bad_validator.so": "0" * 64}})
        self.assertEqual(code, 3, output)
        self.assertIn("plugins.pins wants 000", output)

    def test_constructor_refuses(self):
        library = test_plugin("bad_validator")
        for way, word in (("refuses", "way: told to refuse"), ("throws_int_at_start", "no std::exception")):
            with self.subTest(way):
                server = GatehouseServer(
                    {"auth": {"validator": library, "validators": {library: {"way": way}}}}, started=False)
                server.write_settings()
                server.launch()
                self.assertEqual(server.wait_exit(10), 3)
                server.wait_line(word, 2)
                server.discard()

    def test_unknown_name_lists_what_there_is(self):
        code, output = started_with(validator="odic")
        self.assertEqual(code, 3, output)
        self.assertIn('got "odic"', output)
        self.assertIn("static_file", output)


def bad_validator(way):
    library = test_plugin("bad_validator")
    return {"auth": {"validator": library, "validators": {library: {"way": way}}}}


class Misbehaviour(unittest.TestCase):
    def test_a_validator_that_throws_means_unavailable(self):
        for way in ("throws", "throws_int", "no_key"):
            with self.subTest(way), GatehouseServer(bad_validator(way)) as server:
                answer = server.call("echo", {"text": "x"}, token=None,
                                     headers={"Authorization": "Bearer some-token"})
                self.assertEqual(answer.status, 503, answer)
                self.assertIsNotNone(answer.header("Retry-After"))
                self.assertNotIn(b"secret inside", answer.body)
                self.assertEqual(server.get("/health").status, 200)

    def test_a_validator_that_blocks_for_10_s_stops_nobody_else(self):
        with GatehouseServer(bad_validator("slow"), limits={"drain_seconds": 0.5}) as server:
            slow = threading.Thread(target=self.call_slowly, args=(server, ), daemon=True)
            slow.start()
            for number in range(20):
                answer = server.call("echo", {"text": "x"}, token=None,
                                     headers={"Authorization": f"Bearer quick-{number}"})
                self.assertEqual(answer.status, 200, answer)
            self.assertTrue(slow.is_alive(), "the slow one was answered first")
            server.stop(within=5)

    @staticmethod
    def call_slowly(server):
        with contextlib.suppress(ConnectionEnded):  # the server stops before the validator has answered
            server.call("echo", {"text": "x"}, token=None,
                        headers={"Authorization": "Bearer slow-token-slow-token"})

    def test_the_other_string_abi_works_through_the_door(self):
        with GatehouseServer(backend=test_plugin("old_string_witness")) as server:
            answer = server.call("whoami", {"nonce": "old strings"})
            self.assertEqual(answer.result()["structuredContent"]["nonce"], "old strings")

    def test_a_plain_c_validator_of_the_frozen_abi_loads(self):
        with GatehouseServer({"auth": {"validator": test_plugin("frozen_validator")}}) as server:
            accepted = {"Authorization": "Bearer twelve-bytes"}
            self.assertEqual(server.call("echo", {"text": "x"}, token=None, headers=accepted).status, 200)
            refused = {"Authorization": "Bearer thirteen-byte"}
            self.assertEqual(server.call("echo", {"text": "x"}, token=None, headers=refused).status, 401)

    def test_a_plain_c_backend_of_the_frozen_abi_loads(self):
        with GatehouseServer(backend=test_plugin("frozen_backend")) as server:
            self.assertEqual(server.call("name_of").result()["content"][0]["text"], "frozen")
            self.assertIn("error", server.call("another").json())


class Loading(unittest.TestCase):
    def test_the_log_names_a_plugin_with_its_version_its_abi_and_its_digest(self):
        with GatehouseServer(backend=test_plugin("witness")) as server:
            digest = hashlib.sha256(Path(test_plugin("witness")).read_bytes()).hexdigest()
            server.wait_line(rf"plugin witness \S+ \(ABI 1\.0, SHA-256 {digest}\) loaded from .*witness\.so")


class Exports(unittest.TestCase):
    def test_every_plugin_of_ours_exports_its_entry_and_its_settings_and_nothing_else(self):
        folder = Path(executable()).parents[1] / "lib" / "gatehouse"
        libraries = sorted(folder.glob("*.so"))
        self.assertGreaterEqual(len(libraries), 3)
        for library in libraries:
            listed = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True,
                                    check=True)
            symbols = [line.split()[-1] for line in listed.stdout.splitlines()]
            self.assertEqual(sorted(symbols), ["gatehouse_plugin_entry", "gatehouse_plugin_settings"], library)

    def test_list_and_inspect_do_not_run_the_library(self):
        listed = subprocess.run([executable(), "plugin", "list"], capture_output=True, text=True,
                                check=True).stdout
        for name in ("static_file 1.0.0", "echo 1.0.0", "sql 1.0.0"):
            self.assertIn(name, listed)
        inspected = subprocess.run([executable(), "plugin", "inspect",
                                    test_plugin("bad_interface")], capture_output=True, text=True,
                                   check=True).stdout
        self.assertIn("ABI:        1.0", inspected)


if __name__ == "__main__":
    unittest.main()
