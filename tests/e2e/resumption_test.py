"""Lost connections: the modern era cancels, a legacy session keeps the answer for Last-Event-ID.

Also the GET stream of a session: what is told on it, and what is not.
"""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import slowness
from mcp_clients import LegacySession, ModernClient, text_of, tool
from process_probe import wait_until
from served_case import ServedCase

WATCHED = "test://watched-resource"
SLOW = {"milliseconds": 900}  # longer than the server waits before it tells how to come back
ENDLESS = {"milliseconds": 50_000}


class Case(ServedCase):
    options = {"backend": "everything"}

    def clients(self, count, within):
        return wait_until(lambda: self.server.metric("open_clients") == count, within * slowness())

    def read_all(self, stream):
        """What a stream brings up to its end, priming and retry events left out."""
        messages = []
        while (message := stream.message()) is not None:
            messages.append(message)
        return messages


class Dropped(Case):
    def test_a_dropped_connection_cancels_on_the_modern_era(self):
        for leave in ("close", "reset"):
            for stream in (False, True):
                with self.subTest(leave=leave, stream=stream):
                    params = tool("test_slow", ENDLESS)
                    call = ModernClient(self.server).open("tools/call", params, meta={"progressToken": stream})
                    self.assertTrue(self.clients(1, 5), "the call never began")
                    getattr(call.wire, leave)()
                    self.assertTrue(self.clients(0, 1), "the tool still runs for nobody")

    def test_a_dropped_connection_cancels_without_a_session(self):
        wire = self.server.wire().send(self.server.call_bytes("test_slow", ENDLESS))
        self.assertTrue(self.clients(1, 5))
        wire.close()
        self.assertTrue(self.clients(0, 1))

    def test_a_dropped_connection_does_not_cancel_in_a_session(self):
        session = LegacySession(self.server)
        call = session.open_call("test_slow", SLOW)
        primed = call.event()
        self.assertEqual(primed["data"], "")
        call.wire.reset()
        messages = self.read_all(session.get(primed["id"]))
        self.assertEqual([message["id"] for message in messages], [1])
        self.assertEqual(text_of(messages[0]["result"]), "Slow, but done")

    def test_an_answer_waits_for_the_client(self):
        session = LegacySession(self.server)
        call = session.open_call("test_slow", SLOW)
        primed = call.event()["id"]
        call.close()
        self.assertTrue(self.clients(0, 5), "the call never ended")
        replay = session.get(primed)
        event = replay.next()
        self.assertIn("Slow, but done", event["data"])
        self.assertIsNone(replay.next(), "the answer came twice, or the stream stayed open")
        self.assertEqual(self.read_all(session.get(event["id"])), [], "nothing comes after the last event")

    def test_only_cancelled_cancels_in_a_session(self):
        session = LegacySession(self.server)
        for drop in (False, True):
            call = session.open_call("test_slow", ENDLESS, call_id="slow")
            primed = call.event()["id"]
            if drop:
                call.close()
            session.notify("notifications/cancelled", {"requestId": "unknown"})
            session.notify("notifications/cancelled", {"requestId": 1})
            self.assertFalse(self.clients(0, 0.2))
            LegacySession(self.server).notify("notifications/cancelled", {"requestId": "slow"})
            self.assertFalse(self.clients(0, 0.2), "another session cancelled it")
            session.notify("notifications/cancelled", {"requestId": "slow"})
            self.assertTrue(self.clients(0, 1))
            if not drop:
                self.assertIsNone(call.message(), "a cancelled request has no answer")
                call.close()
            self.assertEqual(self.read_all(session.get(primed)), [])

    def test_a_dropped_question_is_asked_again_by_the_replay(self):
        session = LegacySession(self.server, capabilities={"elicitation": {}})
        call = session.open_call("test_elicitation", {"message": "Who?"})
        event = call.event()
        if not event["data"]:
            event = call.event()
        call.wire.reset()
        stream, sequence = event["id"].split("-")
        replay = session.get(f"{stream}-{int(sequence) - 1}")
        asked = replay.message()
        self.assertEqual(asked["params"]["message"], "Who?")
        session.respond(asked, {"action": "decline"})
        self.assertIn("decline", text_of(replay.message()["result"]))


class Replay(Case):
    def setUp(self):
        self.session = LegacySession(self.server)

    def progress(self, token):
        """A finished call with progress; its events."""
        params = {**tool("test_tool_with_progress"), "_meta": {"progressToken": token}}
        events = []
        with self.session.open("tools/call", params, call_id=token) as call:
            while (event := call.event()) is not None:
                events.append(event)
        return [event for event in events if event.get("data")], events

    def test_a_released_client_is_told_when_to_come_back(self):
        with self.session.open_call("test_reconnection") as call:
            primed, retry = call.event(), call.event()
            self.assertEqual((primed["data"], retry), ("", {"retry": "500"}))
            self.assertIsNone(call.event(), "the connection is let go before the answer")
        messages = self.read_all(self.session.get(primed["id"]))
        self.assertEqual([text_of(message["result"]) for message in messages],
                         ["Reconnection test completed successfully"])

    def test_older_clients_are_not_released(self):
        for version in ("2025-03-26", "2025-06-18"):
            session = LegacySession(self.server, version=version)
            answer = session.open_call("test_reconnection").answer()
            self.assertIn("completed", text_of(answer["result"]))

    def test_a_replay_is_of_that_stream_only_and_from_that_event_on(self):
        first, _ = self.progress("first")
        second, _ = self.progress("second")
        self.assertEqual((len(first), len(second)), (4, 4))
        ids = [event["id"] for event in first + second]
        self.assertEqual(len(set(ids)), len(ids), "an event id came twice")
        for events in (first, second):
            for at, event in enumerate(events):
                replay, got = self.session.get(event["id"]), []
                while (again := replay.next()) is not None:
                    got.append(again)
                self.assertEqual(got, events[at + 1:])

    def test_an_unknown_event_id_is_400(self):
        self.progress("p")
        for unknown in ("999-1", "nope", "", "1", "-1", "1-", "1-1-1", "18446744073709551616-0", "\u00b9-1"):
            with self.subTest(last=unknown):
                head = self.session.get(unknown).head
                self.assertEqual(head.status, 400, head)

    def test_an_event_id_of_another_session_gives_nothing_of_it(self):
        events, _ = self.progress("secret")
        other = LegacySession(self.server)
        stream = other.get(events[0]["id"])
        self.assertEqual(stream.head.status, 400)

    def test_an_answer_larger_than_the_output_limit_comes_whole(self):
        text = "x" * 3_000_000
        for client in (self.session, ModernClient(self.server)):
            answer = client.rpc("tools/call", tool("json_schema_2020_12_tool", {"email": text}),
                                headers={"Accept": "text/event-stream"})
            self.assertIn("event-stream", answer.header("content-type"))
            self.assertIn(text, answer.text)


class GetStream(Case):
    def told(self, stream):
        """What arrives up to a change of the list of prompts made now."""
        self.server.call("test_trigger_prompt_change")
        messages = []
        while not messages or messages[-1]["method"] != "notifications/prompts/list_changed":
            messages.append(stream.message())
        return [message["method"] for message in messages[:-1]], messages

    def test_list_changes_are_told_to_every_session(self):
        streams = [LegacySession(self.server).get() for _ in range(3)]
        self.server.call("test_trigger_tool_change")
        for stream in streams:
            self.assertEqual(stream.message(), {"jsonrpc": "2.0", "method": "notifications/tools/list_changed",
                                                "params": {}})

    def test_resource_updates_are_told_only_when_subscribed(self):
        session = LegacySession(self.server)
        stream = session.get()
        update = "notifications/resources/updated"
        self.server.call("test_update_resource")
        self.assertEqual(self.told(stream)[0], [])
        self.assertEqual(session.rpc("resources/subscribe", {"uri": WATCHED}).result(), {})
        self.server.call("test_update_resource", {"uri": "test://other"})
        self.server.call("test_update_resource")
        methods, messages = self.told(stream)
        self.assertEqual((methods, messages[0]["params"]), ([update], {"uri": WATCHED}))
        self.assertEqual(session.rpc("resources/unsubscribe", {"uri": WATCHED}).result(), {})
        self.server.call("test_update_resource")
        self.assertEqual(self.told(stream)[0], [])

    def test_nothing_of_a_call_is_told_on_the_get_stream(self):
        session = LegacySession(self.server, capabilities={"elicitation": {}})
        stream = session.get()
        params = {**tool("test_tool_with_progress"), "_meta": {"progressToken": 1}}
        session.open("tools/call", params).answer()
        session.open_call("test_tool_with_logging").answer()
        call = session.open_call("test_elicitation", {"message": "m"})
        session.respond(call.message(), {"action": "cancel"})
        call.answer()
        self.assertEqual(self.told(stream)[0], [])

    def test_what_was_missed_comes_by_the_last_event_id(self):
        session = LegacySession(self.server)
        stream = session.get()
        self.server.call("test_trigger_prompt_change")
        last = stream.next()["id"]
        stream.wire.reset()
        self.server.call("test_trigger_tool_change")
        again = session.get(last)
        self.assertEqual(again.message()["method"], "notifications/tools/list_changed")
        self.assertEqual(self.told(again)[0], [], "what was read before came again")

    def test_a_message_is_told_on_one_get_stream_of_a_session(self):
        session = LegacySession(self.server)
        first, second = session.get(), session.get()
        self.server.call("test_trigger_tool_change")
        self.assertEqual(second.message()["method"], "notifications/tools/list_changed")
        self.assertIsNone(first.message(), "the newest stream takes over")


class Idle(Case):
    options = {"backend": "everything", "limits": {"session_idle_seconds": 1}}
    LONGER = {"milliseconds": 2500}

    def test_a_session_that_nobody_uses_ends(self):
        session = LegacySession(self.server)
        self.assertTrue(wait_until(lambda: self.server.metric("gatehouse_sessions") == 0, 6.0 * slowness()))
        self.assertEqual(session.rpc("ping").status, 404)

    def test_a_session_with_a_listener_is_not_idle(self):
        session = LegacySession(self.server)
        stream = session.get()
        self.assertFalse(stream.ended_within(2.5))
        self.assertEqual(session.rpc("ping").status, 200)
        stream.wire.close()
        self.assertTrue(wait_until(lambda: self.server.metric("gatehouse_sessions") == 0, 6.0 * slowness()))

    def test_a_session_that_waits_for_an_answer_is_not_idle(self):
        session = LegacySession(self.server)
        call = session.open_call("test_slow", self.LONGER)
        self.assertEqual(text_of(call.answer()["result"]), "Slow, but done")
        answer = session.call("test_slow", self.LONGER)
        self.assertEqual(text_of(answer.result()), "Slow, but done")


if __name__ == "__main__":
    unittest.main()
