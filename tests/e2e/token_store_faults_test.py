"""F07, F08, F11, F12: the token file under a full disk, killed and competing writers, failing system calls.

What a command acknowledged is in the file; what it did not is there whole or not at all. The long runs
are in token_store_deep_test.py.
"""

import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import command, executable, sanitized
from minted_tokens import TokenFile
from needed import give_up, needs


def add_words(path, note="x"):
    return [
        executable(), "token", "add", "--token-file",
        str(path), "--token-note", note, "--token-expiry", "30d"
    ]


def acknowledged(output):
    """The hash of the token a command showed, or None."""
    found = re.search(r"Token: (\S+)", output)
    return hashlib.sha256(found.group(1).encode()).hexdigest() if found else None


class Store(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="gatehouse-store-")
        self.addCleanup(self.folder.cleanup)
        self.file = TokenFile(Path(self.folder.name) / "tokens.yaml")

    def listed(self):
        """The number of tokens `token list` counts; it must read the file without complaint."""
        shown = command("token", "list", "--token-file", self.file.path)
        self.assertEqual(shown.returncode, 0, shown)
        return int(re.search(r"Total tokens: (\d+)", shown.stdout).group(1))

    def assert_whole(self, promised):
        hashes = self.file.hashes_on_disk()
        self.assertEqual(len(set(hashes)), len(hashes))
        self.assertLessEqual(set(promised), set(hashes), "an acknowledged token is missing")
        self.assertEqual(self.listed(), len(hashes))

    def remains(self):
        """What lies in the folder beside the file and its lock."""
        return [
            name for name in os.listdir(os.path.dirname(self.file.path))
            if name not in ("tokens.yaml", "tokens.yaml.lock")
        ]


class FullDisk(Store):
    @needs(os.geteuid() == 0, "needs root to mount a small file system")
    def test_F07_a_full_disk_keeps_the_old_file(self):
        place = Path(self.folder.name) / "small"
        place.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], check=False).returncode:
            give_up(self, "mounting is not allowed here")
        try:
            self.full(place)
        finally:
            subprocess.run(["umount", "-l", place], check=True)

    def full(self, place):
        self.file = TokenFile(place / "tokens.yaml")
        first = command(*add_words(self.file.path)[1:])
        self.assertEqual(first.returncode, 0, first)
        old = Path(self.file.path).read_bytes()
        with open(place / "filling", "wb", buffering=0) as filling:
            try:
                while True:
                    filling.write(b"x" * 1024)
            except OSError:
                pass
        failed = command(*add_words(self.file.path)[1:])
        self.assertNotEqual(failed.returncode, 0, failed)
        self.assertIsNone(acknowledged(failed.stdout), "a token was shown that is not stored")
        self.assertRegex(failed.stdout + failed.stderr, r"(?i)no space")
        self.assertEqual(Path(self.file.path).read_bytes(), old)
        self.assertEqual(self.remains(), ["filling"])
        os.unlink(place / "filling")
        again = command(*add_words(self.file.path)[1:])
        self.assertEqual(again.returncode, 0, again)
        self.assert_whole([acknowledged(first.stdout), acknowledged(again.stdout)])


class Killed(Store):
    ROUNDS = 60

    def test_F08_killed_writers_leave_an_old_or_a_new_file(self):
        dice, promised = random.Random(8), []
        usual = self.usual_seconds()
        for turn in range(self.ROUNDS):
            writer = subprocess.Popen(add_words(self.file.path), stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True)
            if turn % 6 != 5:  # some come through on the busiest machine
                time.sleep(dice.uniform(0, 1.2 * usual))  # the moment of the kill is what varies
                writer.kill()
            shown = acknowledged(writer.communicate()[0])
            promised += [shown] if shown else []
            hashes = self.file.hashes_on_disk()
            self.assertLessEqual(set(promised), set(hashes), "an acknowledged token is missing")
        self.assert_whole(promised)
        self.assertGreaterEqual(len(promised), self.ROUNDS // 6)
        self.assertEqual(command(*add_words(self.file.path)[1:]).returncode, 0)

    def usual_seconds(self):
        began = time.monotonic()
        self.assertEqual(command(*add_words(self.file.path)[1:]).returncode, 0)
        return time.monotonic() - began


class Competing(Store):
    WRITERS = 8
    EACH = 8

    def test_F11_competing_writers_lose_nothing(self):
        with ThreadPoolExecutor(self.WRITERS) as pool:
            done = list(
                pool.map(lambda n: command(*add_words(self.file.path, f"note {n}")[1:]),
                         range(self.WRITERS * self.EACH)))
        self.assertEqual({run.returncode for run in done}, {0},
                         [run.stderr for run in done if run.returncode])
        self.assert_whole([acknowledged(run.stdout) for run in done])
        self.assertEqual(self.listed(), self.WRITERS * self.EACH)
        self.assertEqual(self.remains(), [])

    def test_F11_adding_and_removing_at_once_loses_nothing(self):
        for number in range(10):
            self.file.add(name=f"old-{number}")
        runs = [add_words(self.file.path)[1:] for _ in range(10)]
        runs += [["token", "remove", f"old-{number}", "--token-file", self.file.path] for number in range(10)]
        random.Random(11).shuffle(runs)
        with ThreadPoolExecutor(6) as pool:
            done = list(pool.map(lambda words: command(*words), runs))
        self.assertEqual({run.returncode for run in done}, {0},
                         [run.stderr for run in done if run.returncode])
        self.assert_whole([acknowledged(run.stdout) for run in done if "add" in run.args])
        self.assertEqual(self.listed(), 10)


class FailingCalls(Store):
    ROUNDS = 40
    POINTS = ("posix/io/rw/*", "posix/io/sync/*", "posix/io/dir/rename", "posix/io/*")

    def test_F12_failing_system_calls_tear_nothing(self):
        if not shutil.which("fiu-run") or sanitized():
            give_up(self, "needs the package fiu-utils and no sanitizer")
        promised = [self.file.add().digest]
        failures = 0
        for turn in range(self.ROUNDS):
            point = self.POINTS[turn % len(self.POINTS)]
            fiu = ["fiu-run", "-x", "-f", "", "-c", f"enable_random name={point},probability=0.05"]
            run = subprocess.run(fiu + add_words(self.file.path), capture_output=True, text=True,
                                 errors="replace", timeout=60, check=False)
            self.assertGreaterEqual(run.returncode, 0, f"ended by a signal: {run}")
            shown = acknowledged(run.stdout)
            if run.returncode == 0:
                self.assertIsNotNone(shown, run)
            failures += run.returncode != 0
            promised += [shown] if shown and run.returncode == 0 else []
            self.assert_whole(promised)
        self.assertGreater(failures, 0, "nothing failed: the faults were not injected")

    def test_F08_no_token_is_shown_before_it_is_on_the_disk(self):
        if not shutil.which("fiu-run") or sanitized():
            give_up(self, "needs the package fiu-utils and no sanitizer")
        first = command(*add_words(self.file.path)[1:])
        old = Path(self.file.path).read_bytes()
        fiu = ["fiu-run", "-x", "-f", "", "-c", "enable name=posix/io/sync/fsync"]
        run = subprocess.run(fiu + add_words(self.file.path), capture_output=True, text=True, errors="replace", timeout=60, check=False)
        self.assertGreater(run.returncode, 0, run)
        self.assertIsNone(acknowledged(run.stdout), "a token was shown that may be lost")
        self.assertIn(str(self.file.path), run.stderr)
        self.assertEqual(Path(self.file.path).read_bytes(), old)
        self.assertEqual(self.remains(), [])
        self.assert_whole([acknowledged(first.stdout)])


if __name__ == "__main__":
    unittest.main()
