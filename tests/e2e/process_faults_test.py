"""F14, F15: threads that cannot be made, a clock that jumps.

The clock is moved by the Debian package libfaketime, which cannot be put under a sanitizer build; without
it the test says so.
"""

import glob
import os
import resource
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, sanitized, slowness, test_plugin
from needed import give_up, needs
from process_probe import threads, wait_until
from shared_copy import run_from_shared_copy

FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
LONELY_UID = 64123  # a user with no other process: thread limits count per user


class Clock(unittest.TestCase):
    """The wall clock is set through a file while the server runs; the steady clock stays true."""
    def setUp(self):
        if not FAKETIME or sanitized():
            give_up(self, "needs the package libfaketime and no sanitizer")
        self.server = GatehouseServer(started=False, backend=test_plugin("witness"), env=self.faked())
        self.server.token_file.tokens.clear()
        self.soon = self.server.token_file.add(lives=1800)
        self.never = self.server.token_file.add(lives=None)
        self.later = self.server.token_file.add(lives=20 * 365 * 86400)
        self.jump("+0")
        self.server.start()
        self.addCleanup(self.server.__exit__, None)

    def faked(self):
        handle, self.file = tempfile.mkstemp(prefix="gatehouse-clock-")
        os.close(handle)
        self.addCleanup(os.unlink, self.file)
        return {
            "LD_PRELOAD": FAKETIME, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1", "FAKETIME_TIMESTAMP_FILE": self.file
        }

    def jump(self, offset):
        with open(self.file, "w", encoding="ascii") as clock:
            clock.write(offset + "\n")

    def becomes(self, token, status, wire=None):
        return wait_until(lambda: self.server.rpc("ping", token=token, wire=wire).status == status,
                          3 * slowness(), 0.02)

    def test_F15_tokens_follow_the_new_time_and_nothing_else_does(self):
        stream = self.server.event_stream(self.never)
        with self.server.wire() as kept:
            self.assertEqual(self.server.rpc("ping", token=self.never, wire=kept).status, 200)
            for offset, soon in (("-1h", 200), ("+0", 200), ("+1h", 401), ("+10y", 401)):
                self.jump(offset)
                self.assertTrue(self.becomes(self.soon, soon),
                                f"at {offset} the token of half an hour is not {soon}")
                for token in (self.never, self.later):
                    self.assertEqual(self.server.rpc("ping", token=token, wire=kept).status, 200, offset)
        self.assertFalse(stream.ended_within(0.5), "a stream was cut by a jump of the clock")
        stream.wire.close()

    def test_F15_a_running_call_does_not_feel_the_jump(self):
        for offset in ("+10y", "-1h"):
            answers = []
            began = time.monotonic()
            caller = threading.Thread(
                target=lambda: answers.append(self.server.call("slow", {"ms": 800}, token=self.never)))
            caller.start()
            self.jump(offset)
            caller.join()
            self.assertEqual(answers[0].status, 200, answers)
            self.assertTrue(0.7 < time.monotonic() - began < 3 * slowness(), offset)

    def test_F15_a_stream_of_an_expired_token_ends_after_the_jump(self):
        stream = self.server.event_stream(self.soon)
        self.jump("+1h")
        self.assertTrue(stream.ended_within(5 * slowness()), "the stream outlived its token")


def settled(reading):
    """What is read twice in a row: on a busy machine a thread may begin after the server listens."""
    seen = [reading()]
    while len(seen) < 2 or seen[-1] != seen[-2]:
        time.sleep(0.3 * slowness())
        seen.append(reading())
    return seen[-1]


class Threads(unittest.TestCase):
    @needs(os.geteuid() == 0, "needs root to become another user")
    def test_F14_without_new_threads_the_server_still_answers(self):
        run_from_shared_copy(self)
        with self.lonely(None) as server:
            at_rest = settled(lambda: threads(server.process.pid))
        with self.lonely(at_rest) as server:
            answers = []
            callers = [
                threading.Thread(target=lambda: answers.append(server.call("slow", {"ms": 1500}).status))
                for _ in range(64)
            ]
            for caller in callers:
                caller.start()
            began = time.monotonic()
            self.assertEqual(server.get("/health").status, 200)
            self.assertEqual(server.rpc("ping", token="wrong").status, 401)
            self.assertLess(time.monotonic() - began, 1.0)
            for caller in callers:
                caller.join()
            self.assertLessEqual(set(answers), {200, 503}, answers)
            self.assertLessEqual(threads(server.process.pid), at_rest)
            server.assert_serves()

    def lonely(self, limit):
        """A server of a user of its own, who may have that many threads."""
        def become():
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))
            os.setgroups([])
            os.setgid(LONELY_UID)
            os.setuid(LONELY_UID)

        server = GatehouseServer(started=False, backend=test_plugin("witness"), preexec_fn=become)
        server.write_settings()
        for path in (server.folder, server.token_file.path, server.settings_path):
            os.chown(path, LONELY_UID, LONELY_UID)
        return server.start()


if __name__ == "__main__":
    unittest.main()
