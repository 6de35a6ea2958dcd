"""F30, F34, F35, F36: framing, sizes, versions and pipelining, each with a conversation of its own."""

import gzip
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import kept_freed_kib, slowness
from http_wire import ConnectionEnded, call_body, chunked, request_bytes
from process_probe import forget_peak, peak_rss_kib, rss_kib
from served_case import ServedCase


def call_bytes(text, call_id=1, size=0):
    return call_body("echo", {"text": text}, call_id, size)


class Framing(ServedCase):
    options = {"limits": {"head_seconds": 2, "body_seconds": 2, "idle_seconds": 2}}

    def posted(self, body=b"", **fields):
        """The bytes of a POST with the right token; underscores in a name stand for hyphens."""
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        return request_bytes("POST", "/mcp", self.server.fields(headers=headers), body,
                             host=self.server.authority)

    def one_refusal(self, data, *statuses):
        """Exactly one answer with one of these statuses, then the end of the connection."""
        answers = self.server.raw(data)
        self.assertEqual(answers.count(b"HTTP/1.1 "), 1, (data[:400], answers))
        self.assertIn(int(answers[9:12]), statuses, (data[:400], answers))
        self.assertNotIn(b'"result"', answers)

    def test_F30_one_connection_serves_many_calls(self):
        with self.server.wire() as wire:
            for number in range(50):
                self.echoed(self.server.call("echo", {"text": f"call {number}"}, wire=wire), f"call {number}")

    def test_F30_a_chunked_body_is_read_whatever_its_chunks(self):
        body = call_bytes("in chunks")
        for size in (1, 7, len(body), 4096):
            with self.subTest(size=size), self.server.wire() as wire:
                fields = self.server.fields(headers={"Transfer-Encoding": "chunked"})
                self.echoed(wire.request("POST", "/mcp", fields, chunked(body, size)), "in chunks")
                self.echoed(self.server.call("echo", {"text": "next"}, wire=wire), "next")

    def test_F30_a_request_may_come_byte_by_byte(self):
        with self.server.wire() as wire:
            for byte in self.posted(call_bytes("drip")):
                wire.send(bytes([byte]))
            self.echoed(wire.reply(), "drip")

    def test_F30_length_and_coding_together_are_refused(self):
        body = chunked(call_bytes("both"))
        for fields in ({"Content_Length": len(body), "Transfer_Encoding": "chunked"},
                       {"Transfer_Encoding": "chunked", "Content_Length": 5}):
            self.one_refusal(self.posted(body, **fields), 400)

    def test_F30_odd_lengths_are_refused(self):
        body = call_bytes("length")
        for length in (f"+{len(body)}", f"-{len(body)}", f"0x{len(body):x}", f"{len(body)},{len(body)}",
                       f"{len(body)} 0", f"{len(body)}.0", "", "abc", "99999999999999999999",
                       "18446744073709551616", f"{len(body)}\x0b"):
            with self.subTest(length=length):
                self.one_refusal(self.posted(body, Content_Length=length), 400, 413)

    def test_F30_two_lengths_are_refused(self):
        body = call_bytes("twice")
        for second in (len(body), len(body) + 1):
            data = self.posted(body,
                               Content_Length=len(body)).replace(b"\r\n\r\n",
                                                                 b"\r\nContent-Length: %d\r\n\r\n" % second,
                                                                 1)
            self.one_refusal(data, 400)

    def test_F30_other_codings_are_refused(self):
        for coding in ("gzip", "identity", "gzip, chunked", "chunked, chunked", "chunked;q=1", "xchunked", "",
                       "chunked,", ", chunked", "chunked\x0b", '"chunked"'):
            with self.subTest(coding=coding):
                self.one_refusal(self.posted(chunked(call_bytes("coded")), Transfer_Encoding=coding), 400,
                                 501)

    def test_F30_broken_chunks_are_refused(self):
        good = call_bytes("chunk")
        size = b"%x" % len(good)
        end = b"0\r\n\r\n"
        for body in (b"+" + size + b"\r\n" + good + b"\r\n" + end,
                     b"0x" + size + b"\r\n" + good + b"\r\n" + end,
                     b" " + size + b"\r\n" + good + b"\r\n" + end, size + b" \r\n" + good + b"\r\n" + end,
                     size + b"\n" + good + b"\r\n" + end, size + b"\r\n" + good + end,
                     size + b"\r\n" + good + b"XX" + end, size + b";\r\n" + good + b"\r\n" + end,
                     b"fffffffffffffffff\r\n" + good, b"-1\r\n" + good, b"1_0\r\n" + good, b"\r\n" + good,
                     size + b";a\x00b=c\r\n" + good + b"\r\n" + end,
                     size + b"\r\n" + good + b"\r\n" + b"0\r\nbad trailer\r\n\r\n"):
            with self.subTest(body=body[:24]):
                self.one_refusal(self.posted(body, Transfer_Encoding="chunked"), 400, 413)

    def test_F30_endless_chunk_extensions_and_trailers_are_refused(self):
        for body in (b"5;" + b"e" * 100_000, b"0\r\n" + b"X-Trailer: " + b"t" * 100_000,
                     b"0\r\n" + b"X-Trailer: t\r\n" * 20_000):
            with self.subTest(body=body[:16]), self.server.wire() as wire:
                wire.send_what_it_takes(self.posted(body, Transfer_Encoding="chunked"))
                answers = wire.rest(10)
                self.assertNotIn(b'"result"', answers)
                self.assertLessEqual(answers.count(b"HTTP/1.1 "), 1)
        self.server.assert_serves()

    def test_F30_broken_heads_are_refused(self):
        host = f"Host: {self.server.authority}".encode()
        for head in (b"GET /health HTTP/1.1\n" + host + b"\n\n", b"GET /health HTTP/1.1\r\n" + host +
                     b"\nX: y\r\n\r\n", b"GET  /health HTTP/1.1\r\n" + host + b"\r\n\r\n",
                     b"GET /health  HTTP/1.1\r\n" + host + b"\r\n\r\n", b"GET\t/health HTTP/1.1\r\n" + host +
                     b"\r\n\r\n", b" GET /health HTTP/1.1\r\n" + host + b"\r\n\r\n",
                     b"GET /health HTTP/1.1\r\n" + host + b"\r\nX : y\r\n\r\n", b"GET /health HTTP/1.1\r\n" +
                     host + b"\r\nX: a\r\n folded\r\n\r\n", b"GET /health HTTP/1.1\r\n " + host + b"\r\n\r\n",
                     b"GET /health HTTP/1.1\r\n" + host + b"\r\n: y\r\n\r\n", b"GET /health HTTP/1.1\r\n" +
                     host + b"\r\nno colon\r\n\r\n", b"GET /health\r\n" + host + b"\r\n\r\n",
                     b"GET /health HTTP/1.1\r\n" + host + b"\r\nX: a\rb\r\n\r\n",
                     b"GET /hea\x00lth HTTP/1.1\r\n" + host + b"\r\n\r\n", b"GET /health HTTP/1.1\r\n" +
                     host + b"\r\nX: a\x00b\r\n\r\n", b"GET /health HTTP/1.1\r\n\r\n",
                     b"GET /health HTTP/1.1\r\n" + host + b"\r\n" + host + b"\r\n\r\n",
                     b"GET /health HTTP/1.1\r\n" + host + b"\r\nX\x80: y\r\n\r\n",
                     b"GET /health HTTP/1.1 \r\n" + host + b"\r\n\r\n"):
            with self.subTest(head=head[:70]):
                self.one_refusal(head, 400)

    def test_F30_other_versions_are_refused(self):
        for version in ("HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "HTTP/1", "HTTP/11", "HTTP/01.1", "http/1.1",
                        "HTTP/1.10", "HTTPS/1.1"):
            with self.subTest(version=version):
                self.one_refusal(f"GET /health {version}\r\nHost: {self.server.authority}\r\n\r\n".encode(),
                                 400, 505)

    def test_F30_http_1_0_is_answered_and_closed(self):
        answers = self.server.raw(f"GET /health HTTP/1.0\r\nHost: {self.server.authority}\r\n\r\n".encode())
        self.assertRegex(answers, rb"^HTTP/1\.[01] 200 ")
        self.assertNotIn(b"ransfer-Encoding", answers.split(b"\r\n\r\n")[0])

    def test_F30_an_empty_line_before_a_request_is_skipped(self):
        with self.server.wire() as wire:
            wire.send(b"\r\n" + self.posted(call_bytes("after a line")))
            self.echoed(wire.reply(), "after a line")

    def test_F30_connection_close_is_honoured(self):
        answers = self.server.raw(
            self.posted(call_bytes("last"), Connection="close") + self.posted(call_bytes("never")))
        self.assertEqual(answers.count(b"HTTP/1.1 200"), 1)
        self.assertIn(b"last", answers)

    def test_F30_a_head_request_gets_no_body(self):
        with self.server.wire() as wire:
            self.assertEqual(wire.request("HEAD", "/health").status, 200)
            self.assertEqual(wire.request("GET", "/health").json()["status"], "ok")

    def test_F30_other_methods_get_405_with_allow(self):
        for method in ("PUT", "PATCH", "TRACE", "BREW"):
            with self.subTest(method=method), self.server.wire() as wire:
                answer = wire.request(method, "/mcp", self.server.fields())
                self.assertEqual(answer.status, 405, answer)
                self.assertIn("POST", answer.header("allow") or "")

    def test_F30_unknown_paths_are_not_found(self):
        for path in ("/", "/mcp2", "/mcp/../etc/passwd", "/MCP", "//mcp", "/mcp%2f", "/health/x", "/..",
                     "/mcp/v2"):
            with self.subTest(path=path):
                self.assertIn(self.server.call("echo", {"text": "x"}, path=path).status, (400, 404))

    def test_F30_absolute_form_names_the_own_host_only(self):
        here = self.server.authority
        with self.server.wire() as wire:
            self.assertEqual(wire.request("GET", f"http://{here}/health").status, 200)
        for target, host in (("http://evil.example/health", here), (f"http://user@{here}/health", here)):
            with self.subTest(target=target), self.server.wire() as wire:
                self.assertIn(wire.request("GET", target, {"Host": host}).status, (400, 403, 421))

    def test_F30_expect_continue_is_answered_after_the_gate(self):
        body = call_bytes("continued")
        fields = self.server.fields(headers={"Expect": "100-continue", "Content-Length": str(len(body))})
        with self.server.wire() as wire:
            wire.send(request_bytes("POST", "/mcp", fields, host=self.server.authority))
            self.assertEqual(wire.head().status, 100)
            wire.send(body)
            self.echoed(wire.reply(), "continued")
        del fields["Authorization"]
        with self.server.wire() as wire:
            wire.send(request_bytes("POST", "/mcp", fields, host=self.server.authority))
            self.assertEqual(wire.head().status, 401)


class Sizes(ServedCase):
    CAP = 8192
    options = {"limits": {"body_bytes": CAP, "body_seconds": 2, "head_seconds": 2}}

    def test_F34_a_body_at_the_cap_is_served(self):
        self.echoed(self.server.post(call_bytes("exact", size=self.CAP)), "exact")
        with self.server.wire() as wire:
            fields = self.server.fields(headers={"Transfer-Encoding": "chunked"})
            self.echoed(
                wire.request("POST", "/mcp", fields, chunked(call_bytes("exact", size=self.CAP), 1000)),
                "exact")

    def test_F34_one_byte_more_is_413_before_it_is_read(self):
        fields = self.server.fields(headers={"Content-Length": str(self.CAP + 1)})
        with self.server.wire() as wire:
            wire.send(request_bytes("POST", "/mcp", fields, host=self.server.authority))
            self.assertEqual(wire.reply().status, 413)
            self.assertIsNotNone(wire.closed_within(5), "the connection stays open")

    def test_F34_one_byte_more_in_chunks_is_413_and_closed(self):
        fields = self.server.fields(headers={"Transfer-Encoding": "chunked"})
        part = b"%x\r\n%s\r\n" % (self.CAP, call_bytes("many", size=self.CAP))
        with self.server.wire() as wire:
            wire.send(request_bytes("POST", "/mcp", fields, part + b"1\r\n", host=self.server.authority))
            self.assertEqual(wire.reply().status, 413)
            self.assertIsNotNone(wire.closed_within(5), "the connection stays open")

    def test_F34_a_head_over_the_cap_is_refused(self):
        for lines in ("X-Long: " + "a" * 17_000 + "\r\n", "".join(f"X-{n}: y\r\n" for n in range(3000))):
            with self.subTest(lines=lines[:12]), self.server.wire() as wire:
                wire.send_what_it_takes(
                    f"GET /health HTTP/1.1\r\nHost: {self.server.authority}\r\n{lines}\r\n".encode())
                self.assertIn(wire.reply().status, (400, 431))
                self.assertIsNotNone(wire.closed_within(5))
        with self.server.wire() as wire:
            self.assertEqual(wire.request("GET", "/health", {"X-Long": "a" * 15_000}).status, 200)

    def test_F35_compressed_bodies_are_refused(self):
        packed = gzip.compress(call_bytes("packed"))
        for coding in ("gzip", "deflate", "br", "zstd", "x-gzip", "gzip, gzip"):
            with self.subTest(coding=coding):
                self.refused(self.server.post(packed, headers={"Content-Encoding": coding}), 415)
        self.server.assert_serves()


class DefaultCap(ServedCase):
    CAP = 4 << 20

    def test_F34_the_default_cap_is_four_mebibytes(self):
        self.echoed(self.server.post(call_bytes("exact", size=self.CAP)), "exact")
        fields = self.server.fields(headers={"Content-Length": str(self.CAP + 1)})
        with self.server.wire() as wire:
            wire.send(request_bytes("POST", "/mcp", fields, host=self.server.authority))
            self.assertEqual(wire.reply().status, 413)

    def test_F36_ten_thousand_pipelined_calls_are_answered_in_order(self):
        self.server.assert_serves()
        count, before = 10_000, rss_kib(self.server.process.pid)
        forget_peak(self.server.process.pid)
        data = b"".join(self.server.call_bytes("echo", {"text": f"n{n}"}, n) for n in range(count))
        with self.server.wire(timeout=60 * slowness()) as wire:
            sender = self.sender(wire, data)
            for number in range(count):
                answer = wire.reply()
                self.assertEqual((answer.status, answer.json()["id"]), (200, number))
            sender.join()
        grown = peak_rss_kib(self.server.process.pid) - before
        self.assertLess(grown, 32 * 1024 * slowness() + kept_freed_kib(), "KiB more at the peak")

    def sender(self, wire, data):
        thread = threading.Thread(target=wire.send, args=(data, ))
        thread.start()
        return thread

    def test_F36_pipelined_calls_stop_at_a_broken_request(self):
        good = self.server.call_bytes("echo", {"text": "good"})
        answers = self.server.raw(good * 3 + b"GARBAGE\r\n\r\n" + good * 3)
        self.assertEqual((answers.count(b"HTTP/1.1 200"), answers.count(b"HTTP/1.1 400")), (3, 1),
                         answers[-300:])

    def test_F36_calls_behind_an_unauthenticated_one_are_still_framed(self):
        good = self.server.call_bytes("echo", {"text": "good"})
        bad = self.server.call_bytes("echo", {"text": "bad"}, token=None)
        with self.server.wire(timeout=5) as wire:
            wire.send(good + bad + good)
            statuses = []
            try:
                while len(statuses) < 3:
                    statuses.append(wire.reply().status)
            except ConnectionEnded:
                pass
        self.assertIn(statuses, ([200, 401], [200, 401, 200]))


if __name__ == "__main__":
    unittest.main()
