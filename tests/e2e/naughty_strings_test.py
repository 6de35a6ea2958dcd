"""T29 with the strings that others collected (GATEHOUSE_CORPORA): they reach the logs as text, and come back as they were."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import corpus_reader
from log_lines_case import LogLinesCase


@corpus_reader.needs_corpora
class NaughtyStrings(LogLinesCase):
    def test_T29_naughty_strings_stay_in_their_line(self):
        words = corpus_reader.naughty_strings()
        self.assertGreaterEqual(len(words), 500)
        for word in words:
            self.server.call(word, {"text": word}, call_id=word)
            answer = self.server.call("echo", {"text": word})
            self.assertEqual(answer.result()["content"][0]["text"], word)
        self.check()


if __name__ == "__main__":
    unittest.main()
