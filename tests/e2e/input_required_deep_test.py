"""Questions that nobody answers, up to the limit of the server: what comes beyond is told so at once."""

import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness
from mcp_clients import LegacySession, text_of
from process_probe import rss_kib, wait_until

LIMIT = 10_000
ASKABLE = {"elicitation": {}}
QUESTION = ("test_elicitation", {"message": "Anybody?"})


class Unanswered(unittest.TestCase):
    def test_beyond_the_limit_a_call_is_refused_and_the_end_of_a_session_frees_its_questions(self):
        room = {"open_calls": 2 * LIMIT, "open_calls_per_identity": 2 * LIMIT}  # the limit of questions is met first
        with GatehouseServer(backend="everything", tokens=2, limits=room) as server:
            memory = rss_kib(server.process.pid)
            rude = LegacySession(server, capabilities=ASKABLE)
            polite = LegacySession(server, server.token_file.tokens[1], capabilities=ASKABLE)
            for number in range(LIMIT):
                call = rude.open_call(*QUESTION, call_id=number)
                self.assertEqual(call.message()["method"], "elicitation/create")
                call.wire.reset()
            self.assertLess((rss_kib(server.process.pid) - memory) / LIMIT, 16 * slowness(), "KiB for each")
            began = time.monotonic()
            refused = polite.open_call(*QUESTION).answer()["result"]
            self.assertTrue(refused["isError"])
            self.assertIn("too many", text_of(refused))
            self.assertLess(time.monotonic() - began, 2.0 * slowness())
            self.assertEqual(rude.delete(), 204)

            def asked():
                with polite.open_call(*QUESTION) as call:
                    return call.message().get("method") == "elicitation/create"

            self.assertTrue(wait_until(asked, 5))


if __name__ == "__main__":
    unittest.main()
