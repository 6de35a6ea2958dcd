"""The second opinion on framing, itself tested: what it counts, what it refuses, what it calls incomplete."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from strict_http import read_requests

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n%s"


class StrictReading(unittest.TestCase):
    def check(self, data, count, ending):
        reading = read_requests(data)
        self.assertEqual((len(reading.methods), reading.ending), (count, ending), (data, reading.why))

    def test_whole_requests_are_counted(self):
        chunks = b"3;a=\"b c\"\r\nabc\r\n000\r\nX: y\r\n\r\n"
        for data, count in ((b"", 0), (GET, 1), (GET * 3, 3), (b"\r\n" + GET, 1),
                            (POST % (b"Content-Length: 2", b"ab") + GET,
                             2), (POST % (b"Transfer-Encoding: Chunked", chunks) + GET, 2)):
            self.check(data, count, "end")

    def test_nothing_is_read_behind_a_close(self):
        self.check(b"GET / HTTP/1.0\r\n\r\n" + GET, 1, "closed")
        self.check(GET.replace(b"a\r\n", b"a\r\nConnection: x, Close\r\n") + GET, 1, "closed")

    def test_missing_bytes_are_incomplete(self):
        for data in (GET[:-1], POST % (b"Content-Length: 3", b"ab"),
                     POST % (b"Transfer-Encoding: chunked", b"3\r\nab")):
            self.check(GET + data, 1, "incomplete")
            self.assertEqual(read_requests(GET + data).most_answers, 2)

    def test_what_two_parsers_could_read_in_two_ways_is_refused(self):
        for fields in (b"Content-Length: 2\r\nTransfer-Encoding: chunked",
                       b"Content-Length: 2\r\nContent-Length: 2", b"Content-Length: +2",
                       b"Content-Length: 2, 2", b"Transfer-Encoding: gzip, chunked",
                       b"Transfer-Encoding : chunked", b"X: a\r\n b", b"X: a\rb", b"X: a\nb", b"X: a\0",
                       b": x", b"x", b"Host: b", b"Transfer-Encoding: chunked\x0b"):
            self.check(GET + POST % (fields, b"ab") + GET, 1, "refused")
        for chunks in (b"3 \r\nabc\r\n0\r\n\r\n", b"+3\r\nabc\r\n0\r\n\r\n", b"3\r\nabcd\r\n0\r\n\r\n",
                       b"3\nabc\r\n0\r\n\r\n", b"3;\r\nabc\r\n0\r\n\r\n"):
            self.check(POST % (b"Transfer-Encoding: chunked", chunks), 0, "refused")
        for line in (b"GET / HTTP/1.2", b"GET  / HTTP/1.1", b"GET /", b"G@T / HTTP/1.1", b"GET / HTTP/1.1 "):
            self.check(line + b"\r\nHost: a\r\n\r\n", 0, "refused")


if __name__ == "__main__":
    unittest.main()
