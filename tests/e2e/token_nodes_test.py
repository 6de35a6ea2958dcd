"""Several servers on one token store: two processes on one SQLite file, two nodes on one PostgreSQL server.

What one of them changes holds in all at once, limits are counted together, and a database that is gone lets nobody in.
"""

import sys
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import postgres
from gatehouse_server import slowness
from managed_server import ManagedServer
from needed import skip_class
from process_probe import eventually, wait_until

WITH_STREAMS = {"http": {"legacy_sse": True}}
FAR = 1.0  # seconds, in which the other node has to know


class TwoServers:
    """What holds for every store that several servers may share; `serve` makes one of them."""

    GIVEN_BACK = (997,)  # what a stop leaves of a limit of 1,000 after three calls

    def pair(self, **more):
        first = self.serve(**more)
        second = self.serve(like=first, **more)
        return first, second

    def seconds_until(self, condition, within):
        began = time.monotonic()
        wait_until(condition, within * slowness())
        return time.monotonic() - began

    def test_a_token_that_one_makes_works_at_the_other_at_once(self):
        first, second = self.pair()
        made = first.create(name="shared")
        self.assertLess(self.seconds_until(lambda: second.used(made["token"]) == 200, FAR), FAR * slowness())
        self.assertEqual(second.api("GET", made["id"]).json()["name"], "shared")

    def test_what_one_revokes_is_refused_by_the_other_and_its_streams_end(self):
        first, second = self.pair()
        made = first.create()
        eventually(lambda: second.used(made["token"]) == 200, FAR * slowness())
        stream = second.event_stream(made["token"])
        self.assertEqual(first.api("DELETE", made["id"]).status, 204)
        self.assertLess(self.seconds_until(lambda: second.used(made["token"]) == 401, FAR), FAR * slowness())
        self.assertTrue(stream.ended_within(FAR * slowness()), "the stream outlived its token")

    def test_twenty_calls_at_once_on_both_pass_as_often_as_the_limit_says(self):
        first, second = self.pair()
        made = first.create(rate_limit=5)
        eventually(lambda: second.api("GET", made["id"]).status == 200, FAR * slowness())
        with ThreadPoolExecutor(20) as pool:
            statuses = list(pool.map(lambda n: (first, second)[n % 2].used(made["token"]), range(20)))
        self.assertEqual(sorted(set(statuses)), [200, 429])
        self.assertEqual(statuses.count(200), 5)

    def test_a_larger_limit_is_never_passed_and_used_to_a_hundredth(self):
        first, second = self.pair()
        made = first.create(rate_limit=300)
        eventually(lambda: second.api("GET", made["id"]).status == 200, FAR * slowness())

        def calls(server):
            return sum(server.used(made["token"]) == 200 for _ in range(200))

        with ThreadPoolExecutor(2) as pool:
            passed = sum(pool.map(calls, (first, second)))
        self.assertLessEqual(passed, 300)
        self.assertGreaterEqual(passed, 294)

    def test_use_of_both_is_counted_together(self):
        first, second = self.pair()
        made = first.create()
        eventually(lambda: second.used(made["token"]) == 200, FAR * slowness())
        for server in (first, second, first):
            server.used(made["token"])

        def count():
            return first.api("GET", f"{made['id']}/usage").json()["usage_count"]

        eventually(lambda: count() == 4, 5 * slowness())

    def test_a_restart_does_not_begin_the_hour_anew(self):
        server = self.serve()
        made = server.create(rate_limit=1000)
        for _ in range(3):
            self.assertEqual(server.used(made["token"]), 200)
        server.stop()
        before = server.log_tail()
        server.start()
        mine = server.api("GET", "self", who=made["token"]).json()
        # three were made; of the ten that were taken for them, what could not be given back counts as used
        self.assertIn(mine["remaining"], self.GIVEN_BACK, before)


class OneFile(TwoServers, unittest.TestCase):
    def serve(self, like=None, **more):
        server = ManagedServer(WITH_STREAMS, store="sqlite", place=like.folder if like else None, manager=like.manager if like else None, **more)
        self.addCleanup(server.discard)
        return server


class Nodes(TwoServers, unittest.TestCase):
    GIVEN_BACK = range(990, 998)

    @classmethod
    def setUpClass(cls):
        if not postgres.programs():
            skip_class("PostgreSQL is not installed (Debian package postgresql)")
        cls.database = postgres.Postgres()
        cls.addClassCleanup(cls.database.close)

    def serve(self, like=None, **more):
        server = ManagedServer(WITH_STREAMS, store=self.database.url, manager=like.manager if like else None, **more)
        self.addCleanup(server.discard)
        return server

    def test_the_command_line_works_on_it_and_the_server_hears_of_it(self):
        server = self.serve()
        text = server.add("from the host", "--rate-limit", "10")
        self.assertEqual(server.used(text), 200)
        listed = server.run("token", "list")
        self.assertIn("from the host", listed.stdout)
        found = [row for row in server.api("GET").json()["data"] if row["name"] == "from the host"]
        self.assertEqual(server.run("token", "remove", found[0]["id"]).returncode, 0)
        eventually(lambda: server.used(text) == 401, FAR * slowness())

    def test_no_password_is_told(self):
        server = self.serve()
        wrong = {"store": self.database.url.replace(postgres.PASSWORD, "hunter2")}
        server.settings["auth"]["tokens"] = wrong
        server.write_settings()
        told = server.run("token", "list")
        self.assertNotEqual(told.returncode, 0)
        printed = server.run("config", "print")
        for text in (told.stdout, told.stderr, printed.stdout, "\n".join(server.log_lines())):
            self.assertNotIn("hunter2", text)
            self.assertNotIn(postgres.PASSWORD, text)

    def test_a_connection_that_is_cut_is_made_anew(self):
        server = self.serve()
        made = server.create()
        for _ in range(3):
            self.database.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name='gatehouse'")
            eventually(lambda: server.used(made["token"]) == 200, 5 * slowness())
        # one that is cut while it writes is told so, and nothing has changed
        eventually(lambda: server.api("POST", body={"name": "after"}).status == 201, 5 * slowness())


class Gone(unittest.TestCase):
    """A database of its own, which is stopped and frozen."""

    @classmethod
    def setUpClass(cls):
        if not postgres.programs():
            skip_class("PostgreSQL is not installed (Debian package postgresql)")

    def setUp(self):
        self.database = postgres.Postgres()
        self.addCleanup(self.database.close)

    def serve(self, **auth):
        server = ManagedServer({"auth": auth}, store=self.database.url)
        self.addCleanup(server.discard)
        return server

    def test_stopped_under_load_everybody_is_refused_with_503_and_let_in_again_by_itself(self):
        server = self.serve()
        made = server.create(rate_limit=1_000_000)
        self.assertEqual(server.used(made["token"]), 200)
        statuses, ends = [], threading.Event()

        def load():
            while not ends.is_set():
                statuses.append((time.monotonic(), server.used(made["token"])))

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        self.database.stop()
        stopped = time.monotonic()
        eventually(lambda: statuses[-1][1] == 503, 3 * slowness())
        time.sleep(1.5)
        late = [status for at, status in statuses if at > stopped + 1.5 * slowness()]
        self.assertEqual(set(late), {503})
        refused = server.api("POST", body={"name": "x"})
        self.assertEqual(refused.status, 503)
        self.assertEqual(server.used("gth_made_up"), 401)  # its checksum is wrong, whoever answers
        self.database.start()
        eventually(lambda: server.used(made["token"]) == 200, 5 * slowness())
        ends.set()
        for thread in threads:
            thread.join()
        self.assertLessEqual({status for _, status in statuses}, {200, 503})

    def test_one_that_answers_nothing_any_more_lets_nobody_in_and_holds_up_nothing_else(self):
        server = self.serve()
        made = server.create()
        self.assertEqual(server.used(made["token"]), 200)
        self.database.freeze()
        try:
            time.sleep(1.3 * slowness())
            with ThreadPoolExecutor(1) as pool:
                call = pool.submit(server.used, made["token"])
                began = time.monotonic()
                self.assertEqual(server.get("/health").status, 200)
                self.assertLess(time.monotonic() - began, 0.5 * slowness())
                self.assertEqual(call.result(), 503)
        finally:
            self.database.thaw()
        eventually(lambda: server.used(made["token"]) == 200, 10 * slowness())

    def test_for_the_grace_what_was_known_holds_and_nothing_else(self):
        server = self.serve(store_grace_seconds=30)
        # made by this process: what another one makes is heard of a moment later, and no verdict of that moment is kept
        known, fresh, limited = (server.create(**wish)["token"] for wish in ({}, {}, {"rate_limit": 300}))
        eventually(lambda: {server.used(known), server.used(limited)} == {200}, FAR * slowness())
        self.database.stop()
        time.sleep(1.5 * slowness())
        self.assertEqual(server.used(known), 200)
        self.assertEqual(server.used(fresh), 503)
        # a hundredth of its limit each minute, beside what is left of the slice before; the test may lie across a minute
        answers = [server.used(limited) for _ in range(20)]
        self.assertEqual((set(answers), answers[0]), ({200, 429}, 200))
        self.assertLessEqual(answers.count(200), 8)


if __name__ == "__main__":
    unittest.main()
