"""A hostile crowd for minutes: the server lives, answers others rightly, and everything it took for the crowd is given back.

GATEHOUSE_CROWD_SEED does the same decisions again; GATEHOUSE_CROWD_SECONDS is the time for each combination (300);
GATEHOUSE_CROWD_MEMBERS is how many attack at once (80).
"""

import os
import random
import re
import sys
import threading
import time
import unittest
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, sanitized, slowness, test_plugin
from honest_caller import HonestCaller
from hostile_crowd import HostileCrowd
from hostile_requests import PLAIN_ACTS
from hostile_sessions import PROTOCOL_ACTS
from http_wire import ConnectionEnded
from process_probe import descriptors, rss_kib, threads, wait_until

SEED = os.environ.get("GATEHOUSE_CROWD_SEED") or str(random.SystemRandom().randrange(1 << 32))
SECONDS = float(os.environ.get("GATEHOUSE_CROWD_SECONDS", "300"))
MEMBERS = int(os.environ.get("GATEHOUSE_CROWD_MEMBERS", "80"))
ACTS = {**PLAIN_ACTS, **PROTOCOL_ACTS}
TALLIES = ("clients_created", "clients_closed", "token_reloads", "token_reload_failures", "overloaded", "loop_stalls")
WAYS = ("legacy", "modern", "session")
REPORT = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:|DEADLYSIGNAL|terminate called")
# Small, so that every limit is met and nothing outlives the crowd by more than some seconds.
LIMITS = {"head_seconds": 3, "body_seconds": 5, "unauthenticated_body_seconds": 2, "idle_seconds": 5, "write_seconds": 4,
          "call_seconds": 3, "ask_seconds": 3, "task_seconds": 4, "session_idle_seconds": 3, "sessions": 60, "workers": 24,
          "body_budget_bytes": 6 << 20, "drain_seconds": 4}
# What a sanitizer keeps of freed memory is small here, so that growth shows; the other options are those of run-deep.sh.
QUARANTINE = ":quarantine_size_mb=16:thread_local_quarantine_size_kb=64"
# Growth of the second of two equal rounds over the first. What a run holds at its end differs by how many bodies of 4 MiB
# were there at once and how the allocator cut them up: a few of them are the measure of that.
# AddressSanitizer doubles it at most; ThreadSanitizer keeps four bytes more for each that was ever touched.
MORE_KIB = (24 << 10) * (1 if not sanitized() else 2 if os.environ.get("GATEHOUSE_SANITIZER") == "asan" else 5)


class TokenTurner:
    """Takes tokens out of the file and puts them in again, all the time."""
    def __init__(self, server, tokens, dice):
        self.file, self.tokens, self.dice = server.token_file, list(tokens), dice
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        out = []
        while not self.over.wait(self.dice.random()):
            for token in self.dice.sample(self.tokens, 3):
                if token not in out:
                    out.append(token)
                    self.file.remove(token)
            while len(out) > 6:
                self.file.add(out.pop(0))
        for token in out:
            self.file.add(token)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.over.set()
        self.thread.join()


def held(server):
    """What the server says that it holds for clients."""
    seen = server.metrics()
    return {name: seen[f"gatehouse_{name}"] for name in ("connections", "event_streams", "open_clients", "sessions")}


class Crowds(unittest.TestCase):
    maxDiff = None

    def crowd(self, legacy_sse, late):
        validators = {"late": {"plugin": test_plugin("late_validator"), "longest_milliseconds": 200}}
        auth = {"validator": "late", "validators": validators, "limits": {"failures_per_minute": 300}} if late else {}
        for backend, part in (("everything", 0.7), ("echo", 0.3)):
            with self.subTest(backend=backend):
                self.one_server({"http": {"legacy_sse": legacy_sse}, "auth": auth}, backend, SECONDS * part)

    def one_server(self, settings, backend, seconds):
        env = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "detect_leaks=1:exitcode=99") + QUARANTINE,
               "TSAN_OPTIONS": os.environ.get("TSAN_OPTIONS", "halt_on_error=1:exitcode=99")}
        server = GatehouseServer(settings, LIMITS, backend, tokens=len(WAYS) + MEMBERS, env=env)
        with server:
            print(f"\n{self._testMethodName}, {backend}: GATEHOUSE_CROWD_SEED={SEED} GATEHOUSE_CROWD_SECONDS={SECONDS:g}", flush=True)
            server.assert_serves()
            before = {"descriptors": descriptors(server.process.pid), "threads": threads(server.process.pid)}
            memory = [self.round(server, name, part * seconds, before)
                      for name, part in (("warm-up", 0.3), ("first", 0.35), ("second", 0.35))]
            self.assertLess(memory[2] - memory[1], MORE_KIB, f"KiB more after a second round; after each: {memory}; {SEED=}")
            server.assert_serves()
            seen = server.metrics()
            print("  " + ", ".join(f"{int(seen[f'gatehouse_{name}_total'])} {name}" for name in TALLIES), flush=True)
            self.stop_in_the_middle(server)
        self.assertTrue(wait_until(lambda: None in server.lines, 10), "its output did not end")
        self.no_report(server)

    def stop_in_the_middle(self, server):
        """SIGTERM while the crowd is there: the server ends by itself when the drain time is over."""
        crowd = HostileCrowd(server, f"{SEED}:stop", ACTS, server.token_file.tokens[len(WAYS):])
        running = threading.Thread(target=crowd.run, args=(60 * slowness(), lambda: None))
        running.start()
        try:
            self.assertTrue(wait_until(lambda: crowd.counts["answers"] > MEMBERS, 60 * slowness()), crowd.story())
            took = server.stop(within=LIMITS["drain_seconds"] + 5 * slowness())
            print(f"  stopped within {took:.2f} s, {crowd.counts['answers']} answers of that crowd", flush=True)
        finally:
            crowd.over.set()
            running.join()
        self.assertEqual(crowd.violations, [], crowd.story())

    def no_report(self, server):
        lines = server.log_lines()
        found = next((at for at, line in enumerate(lines) if REPORT.search(line)), None)
        if found is not None:
            self.fail(f"{SEED=}\n" + "\n".join(lines[max(0, found - 5):found + 150]))

    def round(self, server, name, seconds, before):
        """One crowd from its first connection to the last; the memory that is held after it, in KiB."""
        pid, members = server.process.pid, server.token_file.tokens[len(WAYS):]
        turning = members[::5]
        crowd = HostileCrowd(server, f"{SEED}:{name}", ACTS, members)
        honest = [HonestCaller(server, number, server.token_file.tokens[number], way, 10 * slowness())
                  for number, way in enumerate(WAYS)]
        most = {}
        with ExitStack() as stack:
            stack.enter_context(TokenTurner(server, turning, random.Random(SEED)))
            for caller in honest:
                stack.enter_context(caller)
            crowd.run(seconds, lambda: self.look(server, most))
        if not server.alive():
            wait_until(lambda: None in server.lines, 30)
            self.no_report(server)
            self.fail(f"the server ended with {server.process.poll()}: {server.log_tail()}\n{crowd.story()}")
        self.settled(server, before, crowd)
        after = rss_kib(pid)
        print(f"  {name}: {dict(sorted(crowd.counts.items()))}\n  {descriptors(pid)} descriptors ({before['descriptors']} before), "
              f"{threads(pid)} threads ({before['threads']} before), {after / 1024:.1f} MiB\n  at once: {most}", flush=True)
        for caller in honest:
            print("  " + caller.told(), flush=True)
            self.assertEqual(caller.violations, [], crowd.story())
            self.assertGreater(caller.statuses[200], 0, "never answered: " + crowd.story())
        self.assertEqual(crowd.violations, [], crowd.story())
        self.assertGreater(crowd.counts["answers"], seconds, crowd.story())
        return after

    @staticmethod
    def look(server, most):
        """Keeps the most that was held at once; a server that has just ended is the others' matter."""
        try:
            now = {**held(server), "threads": threads(server.process.pid)}
        except (OSError, ConnectionEnded, StopIteration):
            return
        most.update({name: max(value, most.get(name, 0)) for name, value in now.items()})

    def settled(self, server, before, crowd):
        """All is given back soon after the crowd has gone: at the latest when tasks, idle sessions and idle threads end."""
        pid, limit = server.process.pid, time.monotonic() + 30 * slowness()

        def left():
            return {**held(server), "descriptors": descriptors(pid), "threads": threads(pid)}

        def gone():
            now = left()
            return (now["connections"] <= 1 and now["event_streams"] == now["open_clients"] == now["sessions"] == 0
                    and now["descriptors"] <= before["descriptors"] + 3 and now["threads"] <= before["threads"] + 2)

        if not wait_until(gone, limit - time.monotonic(), 0.25):
            self.fail(f"not given back: {left()}, before: {before}\n{crowd.story()}")

    def test_asked_at_once(self):
        self.crowd(legacy_sse=False, late=False)

    def test_asked_at_once_with_the_old_transport(self):
        self.crowd(legacy_sse=True, late=False)

    def test_asked_late(self):
        self.crowd(legacy_sse=False, late=True)

    def test_asked_late_with_the_old_transport(self):
        self.crowd(legacy_sse=True, late=True)


if __name__ == "__main__":
    unittest.main()
