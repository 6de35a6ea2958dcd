"""F07, F08, F11: the SQLite store under a full disk, killed and competing writers.

What was acknowledged is in the store; what was not is there whole or not at all. The long runs are in
token_store_deep_test.py.
"""

import hashlib
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import executable, slowness
from managed_server import ManagedServer
from needed import give_up, needs
from process_probe import wait_until

ADD = ("token", "add", "--token-expiry", "30d", "--token-note", "x")


def digest_of(text):
    return hashlib.sha256(text.encode()).digest()


def shown_in(output):
    """The token's text that a command showed, or None."""
    found = re.search(r"^Token: (\S+)$", output, re.M)
    return found and found.group(1)


def patient(ask):
    """The answer to what is asked again for as long as too much is asked at once, or the store is busy."""
    while (answer := ask()).status == 429 or (answer.status == 503 and answer.json()["code"] == "store_busy"):
        time.sleep(float(answer.header("retry-after")) / 4)
    return answer


def patiently(run):
    """The outcome of a command that is run again for as long as the store is busy."""
    while (done := run()).returncode != 0 and "another program has held" in done.stderr:
        pass
    return done


class Store(unittest.TestCase):
    """`store`, `digests` and `assert_sound` are those of SQLite; managed_store_faults_test.py has others."""

    store = "sqlite"

    def serve(self, **more):
        server = ManagedServer(store=self.store, **more)
        self.addCleanup(server.discard)
        return server

    def digests(self, server):
        with sqlite3.connect(f"file:{server.store_path}?mode=ro", uri=True) as database:
            return {row[0] for row in database.execute("SELECT sha256 FROM tokens")}

    def held(self, server):
        """How many tokens there are beside the manager's own credential."""
        return len(self.digests(server)) - 1

    def assert_sound(self, server):
        with sqlite3.connect(f"file:{server.store_path}?mode=ro", uri=True) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone()[0], "ok")

    def assert_whole(self, server, texts):
        self.assert_sound(server)
        self.assertLessEqual({digest_of(text) for text in texts}, self.digests(server),
                             "an acknowledged token is missing")


class Killed(Store):
    ROUNDS = 60

    def add_words(self, server):
        return [executable(), *ADD, "--config", str(server.settings_path)]

    def usual_seconds(self, server):
        began = time.monotonic()
        self.assertEqual(server.run(*ADD).returncode, 0)
        return time.monotonic() - began

    def killed(self, server, dice, usual, *words):
        """What a command has printed that was killed at some moment, or came through."""
        writer = subprocess.Popen([executable(), *words, "--config", str(server.settings_path)],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        time.sleep(dice.uniform(0, 1.2 * usual))  # the moment of the kill is what varies
        writer.kill()
        return writer.communicate()[0]

    def test_F08_a_killed_rotation_leaves_the_old_text_or_the_new_one(self):
        server, dice = self.serve(), random.Random(18)
        usual = self.usual_seconds(server)
        token = server.create()
        one, text, counted = token["id"], token["token"], len(self.digests(server))
        for _ in range(max(10, self.ROUNDS // 5)):
            fresh = shown_in(self.killed(server, dice, usual, "token", "rotate", one))
            there = self.digests(server)
            self.assertEqual(len(there), counted)
            if fresh:
                self.assertIn(digest_of(fresh), there, "an acknowledged text is missing")
            if digest_of(text) in there and not fresh:
                continue
            self.assertNotIn(digest_of(text), there)
            text = fresh or shown_in(server.run("token", "rotate", one).stdout)
        self.assert_whole(server, [text])
        self.assertTrue(wait_until(lambda: server.used(text) == 200, 5 * slowness()))

    def test_F08_a_killed_removal_is_whole_or_none(self):
        server, dice = self.serve(), random.Random(28)
        usual = self.usual_seconds(server)
        for _ in range(max(10, self.ROUNDS // 5)):
            token = server.create()
            said = self.killed(server, dice, usual, "token", "remove", token["id"])
            is_there = digest_of(token["token"]) in self.digests(server)
            self.assertFalse(is_there and "removed" in said, "what was acknowledged is undone")
            self.assertTrue(wait_until(lambda: server.used(token["token"]) == (200 if is_there else 401), 5 * slowness()))
        self.assert_sound(server)

    def test_F08_what_a_killed_writer_has_shown_is_there(self):
        server, dice, promised = self.serve(), random.Random(8), []
        usual = self.usual_seconds(server)
        for turn in range(self.ROUNDS):
            writer = subprocess.Popen(self.add_words(server), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            if turn % 6 != 5:  # some come through on the busiest machine
                time.sleep(dice.uniform(0, 1.2 * usual))  # the moment of the kill is what varies
                writer.kill()
            text = shown_in(writer.communicate()[0])
            promised += [text] if text else []
            self.assertLessEqual({digest_of(one) for one in promised}, self.digests(server),
                                 "an acknowledged token is missing")
        self.assert_whole(server, promised)
        self.assertGreaterEqual(len(promised), self.ROUNDS // 6)
        self.assertTrue(wait_until(lambda: server.used(promised[-1]) == 200, 5 * slowness()))
        server.create()

    def test_F08_a_killed_server_has_kept_what_it_acknowledged(self):
        server, promised = self.serve(), []
        for _ in range(max(3, self.ROUNDS // 20)):
            with ThreadPoolExecutor(4) as pool:
                makes = [pool.submit(lambda: server.create()["token"]) for _ in range(40)]
                wait_until(lambda: sum(make.done() for make in makes) >= 10, 10 * slowness())
                server.process.kill()
                promised += [make.result() for make in makes if not make.exception()]
            server.process.wait()
            server.start()
        self.assert_whole(server, promised)
        self.assertEqual({server.used(text) for text in promised[-20:]}, {200})


class Competing(Store):
    WRITERS = 8
    EACH = 8

    def test_F11_commands_and_requests_at_once_lose_nothing(self):
        server = self.serve()

        def write(number):
            if number % 2:
                answer = patient(lambda: server.api("POST", body={"name": f"by REST {number}"}, timeout=60))
                self.assertEqual(answer.status, 201, answer)
                return answer.json()["token"]
            done = patiently(lambda: server.run(*ADD))
            self.assertEqual(done.returncode, 0, done.stderr)
            return shown_in(done.stdout)

        with ThreadPoolExecutor(self.WRITERS) as pool:
            texts = list(pool.map(write, range(self.WRITERS * self.EACH)))
        self.assertEqual(len(set(texts)), self.WRITERS * self.EACH)
        self.assert_whole(server, texts)
        self.assertEqual(self.held(server), len(texts))
        self.assertTrue(wait_until(lambda: {server.used(text) for text in texts[-8:]} == {200}, 5 * slowness()))

    def test_F11_changes_of_one_token_at_once_are_all_there(self):
        server = self.serve()
        token = server.create(rate_limit=1)

        def change(number):
            wish = {"labels": {f"l{number}": "x"}} if number % 2 else {"rate_limit": 7}
            return patient(lambda: server.api("PATCH", token["id"], wish)).status

        with ThreadPoolExecutor(self.WRITERS) as pool:
            self.assertEqual(set(pool.map(change, range(2 * self.WRITERS))), {200})
        self.assertEqual(server.api("GET", token["id"]).json()["rate_limit"], 7)


class FullDisk(Store):
    @needs(os.geteuid() == 0, "needs root to mount a small file system")
    def test_F07_a_full_disk_keeps_the_old_store_and_is_told(self):
        with tempfile.TemporaryDirectory(prefix="gatehouse-small-") as folder:
            place = Path(folder)
            if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", place], check=False).returncode:
                give_up(self, "mounting is not allowed here")
            try:
                self.full(place)
            finally:
                subprocess.run(["umount", "-l", place], check=True)

    def full(self, place):
        server = self.serve(place=place)
        first = server.create()["token"]
        with open(place / "filling", "wb", buffering=0) as filling:
            try:
                while True:
                    filling.write(b"x" * 1024)
            except OSError:
                pass
        answers = [server.api("POST", body={"name": "n" * 200}) for _ in range(40)]
        promised = [answer.json()["token"] for answer in answers if answer.status == 201]
        self.assertEqual({answer.status for answer in answers} - {201}, {507}, answers[-1])
        self.assertEqual(answers[-1].json()["code"], "store_full")
        self.assertEqual(server.used(first), 200)
        self.assert_whole(server, [first, *promised])
        self.rotated_until_refused(server)
        self.as_on_disk(server)
        os.unlink(place / "filling")
        again = server.create()["token"]
        self.assertEqual(server.used(again), 200)
        self.assert_whole(server, [first, *promised, again])
        server.stop()
        server.start()
        self.as_on_disk(server)

    def as_on_disk(self, server):
        """What the server knows is what is written."""
        self.assertEqual(server.api("GET").json()["total"], self.held(server))

    def rotated_until_refused(self, server):
        """On a full disk the text that was given last stays in force."""
        token = server.api("GET", "/api/v2/tokens?q=a+token").json()["data"][0]
        text = None
        for _ in range(40):
            answer = server.api("POST", f"{token['id']}/rotate")
            if answer.status == 507:
                break
            text = answer.json()["token"]
        self.assertEqual(answer.status, 507)
        if text:
            self.assertEqual(server.used(text), 200)
        self.assertEqual(server.api("GET", token["id"]).json()["status"], "active")


if __name__ == "__main__":
    unittest.main()
