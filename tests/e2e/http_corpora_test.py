"""F30: the HTTP request collections of other servers. The ambiguous is refused and closed, never two answers.

Every request is sent twice where that makes sense: as it was collected, and dressed with a right Host, a
right token and a path of ours, so that it is its framing that is judged.
"""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import corpus_reader
from framing_judge import LIMITS, FramingJudge
from gatehouse_server import GatehouseServer


@corpus_reader.needs_corpora
class HttpCorpora(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = GatehouseServer(limits=LIMITS)
        cls.addClassCleanup(cls.server.__exit__, None)

    def judge(self, cases, at_least):
        cases = list(cases)
        self.assertGreaterEqual(len(cases), at_least, "the collection is smaller than it should be")
        complaints = FramingJudge(self.server).complaints(cases)
        self.server.assert_serves()
        self.assertFalse(complaints, f"{len(complaints)} of {len(cases)}:\n" + "\n".join(complaints))

    def dressed(self, cases):
        for case in cases:
            payload = corpus_reader.dressed(case.payload, self.server.authority, self.server.token.text)
            if payload is not None:
                yield case._replace(payload=payload)

    def test_F30_llhttp_as_collected(self):
        self.judge(corpus_reader.llhttp_cases(), 150)

    def test_F30_llhttp_with_host_and_token(self):
        self.judge(self.dressed(corpus_reader.llhttp_cases()), 100)

    def test_F30_gunicorn_as_collected(self):
        self.judge(corpus_reader.gunicorn_cases(), 130)

    def test_F30_gunicorn_with_host_and_token(self):
        self.judge(self.dressed(corpus_reader.gunicorn_cases()), 100)

    def test_F30_desync_guardian_as_collected(self):
        self.judge(corpus_reader.guardian_cases(), 159)

    def test_F30_desync_guardian_with_host_and_token(self):
        self.judge(self.dressed(corpus_reader.guardian_cases()), 130)

    def test_F30_http11probe_as_collected(self):
        self.judge(corpus_reader.probe_cases(self.server.authority), 180)

    def test_F30_http11probe_with_token(self):
        cases = corpus_reader.probe_cases(self.server.authority)
        self.judge(self.dressed(case for case in cases if b"\r\nHost:" in case.payload), 120)

    def test_F30_transfer_encoding_gadgets(self):
        self.judge(corpus_reader.smuggler_cases(self.server.authority), 1500)


if __name__ == "__main__":
    unittest.main()
