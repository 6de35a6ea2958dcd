"""J12: tokens that are large, deep or of parts without end are refused at once, and cost no memory."""

import statistics
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import sanitized, slowness
from identity_provider import base64url, hs256
from process_probe import rss_kib, wait_until
from served_case import ServedCase

SECRET = "a-shared-secret-of-more-than-32-bytes"
MOST_MEDIAN = 0.005  # seconds
REPEATS, MANY = 50, 5000
KIB = 1024


def signed(header, claims=b'{"sub":"u"}'):
    """Three parts with a signature that is only long enough."""
    return ".".join(base64url(part) for part in (header, claims, bytes(32)))


def deep(opening, closing, levels=3000):
    return opening * levels + closing * levels


def zipped_header(number):
    return base64url(b'{"alg":"dir","enc":"A256GCM","zip":"DEF","n":%d}' % number)


def begun(number):
    return b'{"alg":"HS256","n":%d,"x":' % number


# What a stranger may send; each number makes another token, so that no earlier verdict answers for it.
TOKENS = {
    "dots": lambda n: f"{n}" + "." * (15 * KIB),
    "parts": lambda n: ".".join([f"{n}"] * 2000),
    "deep lists in the header": lambda n: signed(begun(n) + deep(b"[", b"]") + b"}"),
    "deep objects in the header": lambda n: signed(begun(n) + b'{"a":' * 1500 + b"1" + b"}" * 1500 + b"}"),
    "an open depth in the header": lambda n: signed(begun(n) + b"[" * 9000),
    "deep claims": lambda n: signed(b'{"alg":"HS256"}', b'{"n":%d,"x":' % n + deep(b"[", b"]") + b"}"),
    "a zipped JWE": lambda n: f"{zipped_header(n)}..{base64url(bytes(12))}.{base64url(b'x' * 9000)}.{base64url(bytes(16))}",
    "a JWE of nothing": lambda n: f"{zipped_header(n)}....",
    "a wide header": lambda n: signed(begun(n) + b"[" + b",".join([b"0"] * 5000) + b"]}"),
    "many members": lambda n: signed(begun(n) + b"{" + b",".join(b'"m%d":1' % i for i in range(800)) + b"}}"),
    "a large number": lambda n: signed(begun(n) + b"9" * 9000 + b"}"),
    "a large signature": lambda n: f"{base64url(begun(n) + b'1}')}.e30.{'A' * 12000}",
    "no base64url": lambda n: f"{n}" + "~" * (15 * KIB),
}


class HostileTokens(ServedCase):
    options = {
        "settings": {
            "auth": {"validator": "jwt", "limits": {"failures_per_minute": 1_000_000},
                     "validators": {"jwt": {"secret": SECRET, "audience": "a"}}}
        }
    }

    def refused_once(self, token, wire, server=None):
        """How long the 401 took."""
        began = time.perf_counter()
        answer = (server or self.server).rpc("ping", token=token, wire=wire)
        took = time.perf_counter() - began
        self.refused(answer, 401)
        return took

    def assert_serves(self, server=None):
        good = hs256(SECRET, {"aud": "a", "sub": "u"})
        self.assertEqual((server or self.server).rpc("ping", token=good).status, 200)

    def test_J12_each_is_refused_in_well_under_five_milliseconds(self):
        with self.server.wire() as wire:
            for kind, token in TOKENS.items():
                with self.subTest(kind):
                    took = [self.refused_once(token(number), wire) for number in range(REPEATS)]
                    self.assertLess(statistics.median(took), MOST_MEDIAN * slowness())
        self.assert_serves()

    def test_J12_what_does_not_fit_into_a_head_is_431_at_once(self):
        for kind, token in (("dots", "." * 16 * KIB), ("64 KiB", "a" * 64 * KIB), ("a JWT of 64 KiB", signed(b"x" * 48 * KIB))):
            with self.subTest(kind):
                took = []
                for _ in range(REPEATS):
                    with self.server.wire() as wire:
                        began = time.perf_counter()
                        wire.send_what_it_takes(self.server.call_bytes("echo", {"text": "x"}, token=token))
                        self.refused(wire.reply(), 431)
                        took.append(time.perf_counter() - began)
                self.assertLess(statistics.median(took), MOST_MEDIAN * slowness())
        self.assert_serves()

    @unittest.skipIf(sanitized(), "a sanitizer keeps freed memory for a while")
    def test_J12_five_thousand_of_them_take_no_memory(self):
        pid = self.server.process.pid
        with self.server.wire() as wire:
            self.send(wire, range(100_000, 101_000))
            before = rss_kib(pid)
            self.send(wire, range(MANY))
        self.assertTrue(wait_until(lambda: rss_kib(pid) - before < 4 * KIB, 2), f"{rss_kib(pid) - before} KiB more")
        self.assert_serves()

    def send(self, wire, numbers):
        """One kind after the other, a different token each time."""
        kinds = list(TOKENS.values())
        for number in numbers:
            self.refused_once(kinds[number % len(kinds)](number), wire)


class LargeHeads(HostileTokens):
    """The same where an operator lets heads be large: a token of 64 KiB reaches the validator."""
    options = {**HostileTokens.options, "limits": {"head_bytes": 256 * KIB}}

    def test_J12_what_does_not_fit_into_a_head_is_431_at_once(self):
        for kind, make in (("dots", lambda n: f"{n}" + "." * 64 * KIB), ("64 KiB", lambda n: f"{n}" + "a" * 64 * KIB),
                           ("a header of 48 KiB", lambda n: signed(b'{"alg":"HS256","x":"%d' % n + b"x" * 48 * KIB + b'"}')),
                           ("depth 20,000", lambda n: signed(b'{"alg":"HS256","n":%d,"x":' % n + deep(b"[", b"]", 20_000) + b"}"))):
            with self.subTest(kind), self.server.wire() as wire:
                took = [self.refused_once(make(number), wire) for number in range(REPEATS)]
                self.assertLess(statistics.median(took), MOST_MEDIAN * slowness())
        self.assert_serves()


if __name__ == "__main__":
    unittest.main()
