"""What a running call tells its client: progress and log messages, on the stream of its own request."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from mcp_clients import LegacySession, ModernClient, PREFIX, text_of, tool
from served_case import ServedCase

LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
NO_LEVELS = ("trace", "Info", "INFO", "", "info ", 1, None, {}, ["info"])


class Case(ServedCase):
    options = {"backend": "everything"}

    def notes(self, call):
        """The params of what came before the answer, and the answer's result."""
        *notes, answer = call.until_answer()
        return [(note["method"], note["params"]) for note in notes], answer["result"]


class Progress(Case):
    def legacy(self, meta, session=None):
        session = session or LegacySession(self.server)
        return self.notes(session.open("tools/call", {**tool("test_tool_with_progress"), "_meta": meta}))

    def modern(self, meta):
        client = ModernClient(self.server)
        return self.notes(client.open("tools/call", tool("test_tool_with_progress"), meta=meta))

    def test_the_token_keeps_its_json_type_and_progress_grows(self):
        for ask in (self.legacy, self.modern):
            for token in ("t1", "7", "", 7, 0, -1, 2**53, "ü\"\\\n"):
                with self.subTest(era=ask.__name__, token=token):
                    notes, result = ask({"progressToken": token})
                    self.assertEqual({method for method, _ in notes}, {"notifications/progress"})
                    for _, params in notes:
                        got = params["progressToken"]
                        self.assertEqual((got, type(got)), (token, type(token)))
                    done = [params["progress"] for _, params in notes]
                    self.assertEqual(done, [0, 50, 100])
                    self.assertEqual({params["total"] for _, params in notes}, {100})
                    self.assertTrue(all(params["message"] for _, params in notes))
                    self.assertEqual(text_of(result), "Progress finished")

    def test_without_a_token_there_is_no_progress(self):
        for ask in (self.legacy, self.modern):
            for meta in ({}, {"progressToken": None}, {"progressToken": 1.5}, {"progressToken": True},
                         {"progressToken": {}}, {"ProgressToken": 1}):
                with self.subTest(era=ask.__name__, meta=meta):
                    notes, result = ask(meta)
                    self.assertEqual((notes, text_of(result)), ([], "Progress finished"))

    def test_a_client_that_takes_no_stream_gets_the_result(self):
        params = {**tool("test_tool_with_progress"), "_meta": {"progressToken": 1}}
        answer = LegacySession(self.server).rpc("tools/call", params)
        self.assertEqual(text_of(answer.result()), "Progress finished")
        answer = ModernClient(self.server).rpc("tools/call", tool("test_tool_with_progress"), meta={"progressToken": 1})
        self.assertEqual(text_of(answer.result()), "Progress finished")

    def test_two_calls_of_one_session_keep_their_tokens(self):
        session = LegacySession(self.server)
        calls = [
            session.open("tools/call", {**tool("test_tool_with_progress"), "_meta": {"progressToken": token}}, token)
            for token in ("one", "two", 3)
        ]
        for token, call in zip(("one", "two", 3), calls):
            *notes, answer = call.until_answer()
            self.assertEqual([note["params"]["progressToken"] for note in notes], [token] * 3)
            self.assertEqual(answer["id"], token)


class LegacyLogging(Case):
    """The level belongs to the session."""
    def logged(self, session):
        notes, result = self.notes(session.open_call("test_tool_with_logging"))
        self.assertEqual(text_of(result), "Logging finished")
        return notes

    def test_messages_come_on_the_stream_of_their_call(self):
        notes = self.logged(LegacySession(self.server))
        self.assertEqual([method for method, _ in notes], ["notifications/message"] * 3)
        self.assertEqual(notes[0][1], {"level": "info", "logger": "everything", "data": "Tool execution started"})

    def test_every_level_is_taken_and_decides_what_comes(self):
        session = LegacySession(self.server)
        for level in LEVELS:
            self.assertEqual(session.rpc("logging/setLevel", {"level": level}).result(), {})
            wanted = 3 if level in ("debug", "info") else 0
            self.assertEqual(len(self.logged(session)), wanted, level)

    def test_a_level_is_of_its_session_alone(self):
        quiet, loud = LegacySession(self.server), LegacySession(self.server)
        quiet.rpc("logging/setLevel", {"level": "emergency"})
        loud.rpc("logging/setLevel", {"level": "debug"})
        self.assertEqual((len(self.logged(quiet)), len(self.logged(loud))), (0, 3))
        self.assertEqual(len(self.logged(LegacySession(self.server))), 3)

    def test_unknown_levels_are_invalid_params_and_change_nothing(self):
        session = LegacySession(self.server)
        session.rpc("logging/setLevel", {"level": "error"})
        for params in (*({"level": level} for level in NO_LEVELS), {}, {"Level": "info"}):
            with self.subTest(params=params):
                self.assertEqual(session.rpc("logging/setLevel", params).error_code(), -32602)
        self.assertEqual(session.rpc("logging/setLevel").error_code(), -32602)
        self.assertEqual(self.logged(session), [])

    def test_without_a_session_nothing_is_logged(self):
        answer = self.server.call("test_tool_with_logging", headers={"Accept": "text/event-stream"})
        self.assertNotIn("notifications/message", answer.text)
        self.assertIn("Logging finished", answer.text)


class ModernLogging(Case):
    """The level comes with each request."""
    def logged(self, meta):
        call = ModernClient(self.server).open("tools/call", tool("test_logging_tool"), meta=meta)
        notes, result = self.notes(call)
        self.assertEqual(text_of(result), "Logged")
        return notes

    def test_nothing_is_logged_unless_asked_for(self):
        self.assertEqual(self.logged({}), [])
        self.assertEqual(self.logged({"logLevel": "debug"}), [])

    def test_the_level_of_the_request_decides(self):
        for level in LEVELS:
            notes = self.logged({PREFIX + "logLevel": level})
            wanted = ["notifications/message"] if level in ("debug", "info") else []
            self.assertEqual([method for method, _ in notes], wanted, level)

    def test_unknown_levels_are_invalid_params(self):
        client = ModernClient(self.server)
        for level in NO_LEVELS:
            answer = client.rpc("tools/call", tool("test_logging_tool"), meta={PREFIX + "logLevel": level})
            self.assertEqual((answer.status, answer.error_code()), (400, -32602), (level, answer))

    def test_a_level_is_forgotten_with_its_request(self):
        self.assertEqual(len(self.logged({PREFIX + "logLevel": "debug"})), 1)
        self.assertEqual(self.logged({}), [])


if __name__ == "__main__":
    unittest.main()
