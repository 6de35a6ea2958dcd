"""F17, F19 and F20 while hundreds of calls a second go on: what a provider does or does not do costs none of them anything."""

import itertools
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import slowness, test_plugin
from identity_provider import OidcProvider, base64url, free_port
from process_probe import wait_until
from scripted_case import ScriptedCase
from scripted_provider import hang
from served_case import StartCase
from steady_traffic import SteadyTraffic, p99, statuses

FLOOR = 0.005 * slowness()  # by so much a p99 may grow on a machine that does other work
SOON = 0.05 * slowness()


class Rotation(StartCase):
    def setUp(self):
        place = f"http://localhost:{free_port()}"
        self.provider = OidcProvider(place + "/mcp")
        self.addCleanup(self.provider.close)
        own = {"issuer": self.provider.issuer, "startup": "strict"}
        auth = {"validator": "oidc", "validators": {"oidc": own}}
        self.server = self.start({"http": {"public_url": place}, "auth": auth})

    def test_F19_rotation_under_load_refuses_nobody_and_costs_one_fetch(self):
        tokens = [self.provider.token()]
        with SteadyTraffic(self.server, lambda: tokens[-1], connections=32, rate=400) as traffic:
            self.assertEqual(set(statuses(traffic.during(1))), {200})
            before, began = self.provider.asked(), time.monotonic()
            self.provider.rotate()
            tokens.append(self.provider.token())  # from now on all 32 connections come with it
            traffic.during(1)
            tokens.extend(self.provider.token() for _ in range(20))
            traffic.during(1)
            samples = traffic.since(began)
        self.assertGreater(len(samples), 400)
        self.assertEqual(set(statuses(samples)), {200})
        self.assertEqual(self.provider.asked() - before, 1)


class Loaded(ScriptedCase):
    """A scripted provider whose key set notes when it was asked."""

    def setUp(self):
        super().setUp()
        self.fetched = []
        self.answer = self.provider.answers["/jwks"]
        self.provider.answers["/jwks"] = self.keys_answer

    def keys_answer(self, handler):
        self.fetched.append(time.monotonic())
        return self.answer(handler) if callable(self.answer) else self.answer

    def stranger(self, number):
        """A token with a kid that nobody has."""
        head = base64url(b'{"alg":"RS256","kid":"stranger-%d"}' % number)
        claims = base64url(b'{"iss":"%s","aud":"a","sub":"x","exp":9999999999}' % self.provider.url.encode())
        return f"{head}.{claims}.{base64url(bytes(256))}"

    def no_slower(self, busy, quiet):
        """All were served, and the p99 is that of quiet times."""
        self.assertEqual(set(statuses(busy)), {200}, statuses(busy))
        self.assertLess(p99(busy), max(2 * p99(quiet), p99(quiet) + FLOOR))

    def soon(self, samples):
        """All but a few of a thousand calls take a moment, and none as long as a fetch."""
        late = [sample.seconds for sample in samples if sample.seconds > SOON]
        self.assertLessEqual(len(late), 2 + len(samples) // 1000, f"of {len(samples)}, the slowest {max(late, default=0):.3f} s")
        self.assertLess(max(late, default=0), 0.5 * slowness())


class Storm(Loaded):
    QUIET, SECONDS = 3, 7

    def settings(self, own=None):
        settings = super().settings(own)
        settings["auth"]["limits"] = {"failures_per_minute": 1_000_000}
        return settings

    def storm(self, server, rate=300):
        """Unknown kids, one after the other; how many were sent."""
        with server.wire() as wire:
            over = time.monotonic() + self.SECONDS
            for number in itertools.count():
                if time.monotonic() > over:
                    return number
                self.assertIn(server.rpc("tools/list", token=self.stranger(number), wire=wire).status, (401, 503))
                time.sleep(1 / rate)

    def test_F20_unknown_kids_cost_the_others_nothing_and_one_fetch_each_cool_down(self):
        server = self.serve({"cool_down_seconds": 2, "refresh_seconds": 3600})
        known = self.token()
        with SteadyTraffic(server, lambda: known) as traffic:
            traffic.during(0.5)
            quiet = traffic.during(self.QUIET)
            began = time.monotonic()
            sent = self.storm(server)
            busy = traffic.since(began)
        self.assertGreater(sent, 50 * self.SECONDS)
        self.no_slower(busy, quiet)
        looks = [at for at in self.fetched if at >= began]
        self.assertIn(len(looks), range(3, 2 + self.SECONDS // 2 + 1))  # two at once, then one each two seconds
        self.assertTrue(all(b - a > 1.8 for a, b in zip(looks[2:], looks[3:])), looks)


class Down(Loaded):
    QUIET, PAUSES = 3, [1, 2, 4]

    def down(self, server, answer, seconds):
        """Quiet samples of known keys, and those while the provider answers that, from a kid on that asks for a look."""
        known = self.token()
        with SteadyTraffic(server, lambda: known) as traffic:
            traffic.during(0.5)
            quiet = traffic.during(self.QUIET)
            self.answer, began = answer, time.monotonic()
            self.fetched.clear()
            self.assertEqual(self.status(server, self.stranger(0)), 503)
            traffic.during(seconds)
            return quiet, traffic.since(began)

    def test_F17_known_keys_are_as_fast_as_ever_and_the_pauses_double(self):
        server = self.serve()
        quiet, down = self.down(server, (500, {}, b""), sum(self.PAUSES) + 0.7)
        self.no_slower(down, quiet)
        self.soon(down)
        pauses = [b - a for a, b in zip(self.fetched, self.fetched[1:])]
        self.assertEqual([round(pause) for pause in pauses], self.PAUSES, pauses)

    def test_F17_nobody_waits_for_a_fetch_that_hangs(self):
        server = self.serve()
        quiet, down = self.down(server, hang, 6)
        self.no_slower(down, quiet)
        self.soon(down)
        self.assertIn(len(self.fetched), (1, 2))
        began = time.monotonic()
        self.assertEqual(self.status(server, self.stranger(1)), 503)
        self.assertLess(time.monotonic() - began, SOON)

    def test_F17_when_the_provider_is_back_a_new_key_is_found(self):
        server = self.serve()
        self.answer = (500, {}, b"")
        fresh = self.token(self.keys[1])
        self.assertEqual(self.status(server, fresh), 503)
        self.publish(*self.keys)
        self.assertTrue(wait_until(lambda: self.status(server, fresh) == 200, 5 * slowness(), 0.1))


class Crowd(Loaded):
    def crowded(self, tool, **more):
        """The samples of a known key while more strangers than there are workers come and the fetch hangs."""
        server = self.serve({"refresh_seconds": 3600}, **more)
        known, asked = self.token(), []
        self.assertEqual(self.status(server, known), 200)
        self.answer = hang
        crowd = [threading.Thread(target=lambda n=n: asked.append(self.status(server, self.stranger(n)))) for n in range(200)]
        with SteadyTraffic(server, lambda: known, rate=100, tool=tool) as traffic:
            began = time.monotonic()
            for one in crowd:
                one.start()
            for one in crowd:
                one.join()
            samples = traffic.since(began)
        self.assertEqual((set(asked), len(self.fetched)), ({503}, 2))
        self.assertEqual(set(statuses(samples)), {200}, statuses(samples))
        return samples

    def test_F20_a_crowd_of_strangers_delays_nobody_while_a_fetch_hangs(self):
        self.soon(self.crowded("echo"))

    def test_F20_a_crowd_of_strangers_does_not_hold_every_worker_while_a_fetch_hangs(self):
        """A tool that needs a worker gets one, though more wait for the one look than there are workers."""
        self.soon(self.crowded("whoami", backend=test_plugin("witness")))


if __name__ == "__main__":
    unittest.main()
