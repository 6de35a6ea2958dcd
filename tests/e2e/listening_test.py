"""subscriptions/listen: what was asked for, to who asked for it, until it ends.

Crowds of listeners are in subscriptions_deep_test.py.
"""

import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness
from mcp_clients import LegacySession, ModernClient, SUBSCRIPTION, TASKS, text_of
from process_probe import wait_until
from served_case import ServedCase

WATCHED = "test://watched-resource"
ACKNOWLEDGED = "notifications/subscriptions/acknowledged"
TOOLS, PROMPTS = "notifications/tools/list_changed", "notifications/prompts/list_changed"
UPDATED = "notifications/resources/updated"


class Case(ServedCase):
    options = {"backend": "everything", "tokens": 2}

    def setUp(self):
        self.client = ModernClient(self.server)

    def listen(self, call_id=1, client=None, **what):
        stream = (client or self.client).listen(call_id, **what)
        self.addCleanup(stream.close)
        return stream

    def told(self, stream, end=PROMPTS):
        """What arrives up to (and without) a change of the list of prompts made now; the stream asked for that."""
        self.server.call("test_trigger_prompt_change")
        messages = []
        while not messages or messages[-1]["method"] != end:
            messages.append(stream.message())
        return messages[:-1]


class Listening(Case):
    def test_it_is_acknowledged_first_with_what_is_honoured(self):
        for call_id in ("s1", "", 7, 0):
            stream = self.listen(call_id, toolsListChanged=True, promptsListChanged=False, unknownThing=True,
                                 resourceSubscriptions=[WATCHED], resourcesListChanged="yes")
            self.assertEqual(stream.head.status, 200)
            self.assertIn("no-cache", stream.head.header("cache-control"))
            self.assertIsNone(stream.head.header("mcp-session-id"))
            note = stream.acknowledged
            self.assertEqual(note["method"], ACKNOWLEDGED)
            self.assertEqual(note["params"]["notifications"],
                             {"toolsListChanged": True, "resourceSubscriptions": [WATCHED]})
            self.assertNotIn("id", note)

    def test_the_subscription_id_keeps_its_json_type(self):
        for call_id in ("s1", "7", 7, 0, -1, 2**53, "ü\n"):
            stream = self.listen(call_id, toolsListChanged=True)
            self.server.call("test_trigger_tool_change")
            for message in (stream.acknowledged, stream.message()):
                got = message["params"]["_meta"][SUBSCRIPTION]
                self.assertEqual((got, type(got)), (call_id, type(call_id)))

    def test_a_change_made_on_another_connection_arrives(self):
        stream = self.listen(toolsListChanged=True)
        self.assertEqual(self.client.call("test_trigger_tool_change").status, 200)
        self.assertEqual(stream.message(), {"jsonrpc": "2.0", "method": TOOLS, "params": {"_meta": {SUBSCRIPTION: 1}}})

    def test_only_what_was_asked_for_is_told(self):
        stream = self.listen(promptsListChanged=True)
        self.server.call("test_trigger_tool_change")
        self.server.call("test_update_resource")
        self.assertEqual(self.told(stream), [])

    def test_nothing_asked_for_is_nothing_told(self):
        streams = [self.listen(**what) for what in ({}, {"toolsListChanged": None}, {"promptsListChanged": 1})]
        other = self.listen(promptsListChanged=True)
        self.assertEqual(self.told(other), [])
        for stream in streams:
            self.assertEqual(stream.acknowledged["params"]["notifications"], {})
            stream.wire.timeout = 0.2
            with self.assertRaises(TimeoutError):
                stream.message()

    def test_resource_updates_come_for_the_named_resources(self):
        stream = self.listen(promptsListChanged=True, resourceSubscriptions=[WATCHED, "test://a b/ü"])
        for uri in (WATCHED, "test://other", "test://a b/ü", "TEST://watched-resource"):
            self.server.call("test_update_resource", {"uri": uri})
        got = self.told(stream)
        self.assertEqual([message["method"] for message in got], [UPDATED] * 2)
        self.assertEqual([message["params"]["uri"] for message in got], [WATCHED, "test://a b/ü"])
        self.assertEqual(got[0]["params"]["_meta"], {SUBSCRIPTION: 1})

    def test_several_subscriptions_are_apart(self):
        one = self.listen("one", promptsListChanged=True)
        two = self.listen("two", promptsListChanged=True, toolsListChanged=True)
        self.server.call("test_trigger_tool_change")
        self.assertEqual(self.told(one), [])
        self.assertEqual(two.message()["params"]["_meta"], {SUBSCRIPTION: "two"})

    def test_progress_and_log_messages_do_not_go_there(self):
        stream = self.listen(promptsListChanged=True)
        session = LegacySession(self.server)
        session.rpc("logging/setLevel", {"level": "debug"})
        session.open_call("test_tool_with_logging").answer()
        self.client.rpc("tools/call", {"name": "test_tool_with_progress"}, meta={"progressToken": 1})
        self.assertEqual(self.told(stream), [])

    def test_a_left_stream_is_forgotten(self):
        before = self.server.metric("event_streams")
        streams = [self.listen(toolsListChanged=True) for _ in range(20)]
        self.assertEqual(self.server.metric("event_streams"), before + 20)
        for stream in streams:
            stream.wire.reset()
        self.assertTrue(wait_until(lambda: self.server.metric("event_streams") == before, 2.0 * slowness()))
        self.server.call("test_trigger_tool_change")

    def test_malformed_filters_end_nothing(self):
        for params in ({}, {"notifications": None}, {"notifications": []}, {"notifications": {"taskIds": 1}},
                       {"notifications": {"resourceSubscriptions": "x"}},
                       {"notifications": {"resourceSubscriptions": [1, None, {}]}},
                       {"notifications": {"resourceSubscriptions": {"a": "test://a"}}}):
            with self.subTest(params=params), self.client.open("subscriptions/listen", params) as stream:
                self.assertIn(stream.start().head.status, (200, 400))
                message = stream.message()
                self.assertTrue("error" in message or message["method"] == ACKNOWLEDGED, message)
        self.server.assert_serves()


class Tasks(Case):
    ABLE = {"elicitation": {}, "extensions": {TASKS: {}}}
    ANSWERED = {"confirm": {"action": "accept", "content": {"confirm": True}}}

    def test_task_states_are_told_to_their_owner_alone(self):
        mine, theirs = (ModernClient(self.server, token, self.ABLE) for token in self.server.token_file.tokens)
        task = mine.call("confirm_delete", {"filename": "notes"}).result()["taskId"]
        stream = self.listen("mine", mine, taskIds=[task], promptsListChanged=True)
        foreign = self.listen("theirs", theirs, taskIds=[task], promptsListChanged=True)
        other = self.listen("other", mine, taskIds=["another"], promptsListChanged=True)
        self.assertTrue(wait_until(
            lambda: mine.rpc("tasks/get", {"taskId": task}).result()["status"] == "input_required", 5))
        mine.rpc("tasks/update", {"taskId": task, "inputResponses": self.ANSWERED})
        states = []
        while states[-1:] != ["completed"]:
            message = stream.message()
            if message["method"] == "notifications/tasks":
                self.assertEqual(message["params"]["taskId"], task)
                self.assertEqual(message["params"]["_meta"], {SUBSCRIPTION: "mine"})
                states.append(message["params"]["status"])
        self.assertEqual(text_of(message["params"]["result"]), "Deleted notes")
        self.assertIn("working", states)
        self.assertEqual(self.told(foreign), [])
        self.assertEqual(self.told(other), [])


class Endings(unittest.TestCase):
    def setUp(self):
        self.server = GatehouseServer(backend="everything", tokens=2)
        self.addCleanup(self.server.__exit__, None)

    def test_a_stopping_server_ends_streams_with_a_result(self):
        streams = {call_id: ModernClient(self.server).listen(call_id, toolsListChanged=True) for call_id in ("s", 2)}
        self.server.process.send_signal(signal.SIGTERM)
        for call_id, stream in streams.items():
            self.assertEqual(stream.message(), {
                "jsonrpc": "2.0", "id": call_id,
                "result": {"resultType": "complete", "_meta": {SUBSCRIPTION: call_id}}
            })
            self.assertIsNone(stream.message(), "the stream stayed open")
            stream.close()
        self.assertEqual(self.server.wait_exit(5), 0)

    def test_a_stream_closes_with_its_token(self):
        mine, theirs = self.server.token_file.tokens
        stream = ModernClient(self.server, theirs).listen("s", toolsListChanged=True)
        kept = ModernClient(self.server, mine).listen("k", toolsListChanged=True)
        self.server.token_file.remove(theirs)
        last = stream.message()
        if last is not None:
            self.assertEqual(last["result"]["_meta"], {SUBSCRIPTION: "s"})
            self.assertIsNone(stream.message(), "the stream outlived its token")
        self.server.call("test_trigger_tool_change")
        self.assertEqual(kept.message()["method"], TOOLS)
        for each in (stream, kept):
            each.close()

    def test_without_a_token_there_is_no_stream(self):
        for token in (None, "wrong"):
            with ModernClient(self.server, token).open("subscriptions/listen", {"notifications": {}}) as stream:
                self.assertEqual(stream.start().head.status, 401)
                self.assertIsNotNone(stream.head.header("www-authenticate"))


if __name__ == "__main__":
    unittest.main()
