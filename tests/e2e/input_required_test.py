"""Asking the client, in both eras: input_required with a sealed requestState, and requests on the event stream.

T09 is here as far as it is about requestState; whose state it is: sessions_isolation_test.py.
"""

import base64
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer
from mcp_clients import LegacySession, ModernClient, text_of
from process_probe import wait_until
from served_case import ServedCase

ROUND = "test_input_required_result_"
ASKABLE = {"elicitation": {}, "sampling": {}, "roots": {}}
NAMED = {"user_name": {"action": "accept", "content": {"name": "Ada"}}}


class Case(ServedCase):
    options = {"backend": "everything", "tokens": 2}

    def invalid(self, answer):
        self.assertIn(answer.status, (200, 400), answer)
        self.assertEqual(answer.error_code(), -32602, answer)


class Modern(Case):
    def setUp(self):
        self.client = ModernClient(self.server, capabilities=ASKABLE)

    def ask(self, tool, arguments=None, **more):
        """One round that asks; its requests and its state."""
        result = self.client.call(tool, arguments, **more).result()
        self.assertEqual(result["resultType"], "input_required", result)
        return result["inputRequests"], result["requestState"]

    def done(self, tool, state, responses, arguments=None):
        """The round that completes; its text."""
        result = self.client.call(tool, arguments, 2, requestState=state, inputResponses=responses).result()
        self.assertEqual(result["resultType"], "complete", result)
        return text_of(result)

    def test_a_question_is_asked_and_its_answer_used(self):
        asked, state = self.ask(ROUND + "elicitation")
        self.assertEqual(list(asked), ["user_name"])
        self.assertEqual(asked["user_name"]["method"], "elicitation/create")
        self.assertNotIn("id", asked["user_name"])
        self.assertEqual(self.done(ROUND + "elicitation", state, NAMED), "Hello, Ada!")
        self.assertEqual(self.done(ROUND + "elicitation", state, {**NAMED, "unasked": 1}), "Hello, Ada!")

    def test_T09_one_changed_bit_anywhere_in_requestState_is_refused(self):
        _, state = self.ask(ROUND + "tampered_state")
        mark, _, sealed = state.partition(".")
        raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        self.assertEqual(base64.urlsafe_b64encode(raw).decode().rstrip("="), sealed)
        places = {0, 5, 11, 12, 15, 19, 20, 25, len(raw) // 2, len(raw) - 17, len(raw) - 16, len(raw) - 1}
        changed = []
        for place in places:
            for bit in (1, 128):
                bytes_ = bytearray(raw)
                bytes_[place] ^= bit
                changed.append(mark + "." + base64.urlsafe_b64encode(bytes_).decode().rstrip("="))
        for place in (0, 1, 2, 3, len(state) // 2, len(state) - 1):
            changed.append(state[:place] + chr(ord(state[place]) ^ 1) + state[place + 1:])
        for other in (*changed, state + "-TAMPERED", state[:-1], state + "A", state[1:], "", "v1.", "x", sealed,
                      state + state, 7, {}, [state], True):
            with self.subTest(state=other):
                self.assertNotEqual(other, state)
                answer = self.client.call(ROUND + "tampered_state", requestState=other,
                                          inputResponses={"confirm": {"action": "accept", "content": {"ok": True}}})
                self.invalid(answer)
                self.assertNotIn("resultType", answer.text)

    def test_T09_a_state_belongs_to_its_tool_and_its_arguments(self):
        _, state = self.ask(ROUND + "elicitation")
        for tool, arguments in ((ROUND + "request_state", {}), ("test_streaming_elicitation", {}),
                                (ROUND + "elicitation", {"extra": 1})):
            self.invalid(self.client.call(tool, arguments, requestState=state, inputResponses=NAMED))
        asked, state = self.ask("test_elicitation", {"message": "one"})
        answers = {"user": {"action": "accept", "content": {"username": "a", "email": "a@example.com"}}}
        self.assertEqual(asked["user"]["params"]["message"], "one")
        self.invalid(self.client.call("test_elicitation", {"message": "two"}, requestState=state,
                                      inputResponses=answers))
        self.assertIn("a@example.com", self.done("test_elicitation", state, answers, {"message": "one"}))

    def test_T09_a_state_of_a_prompt_is_none_of_a_tool(self):
        answer = self.client.rpc("prompts/get", {"name": ROUND + "prompt"}).result()
        self.invalid(self.client.call(ROUND + "elicitation", requestState=answer["requestState"]))

    def test_answers_of_a_wrong_shape_are_asked_again(self):
        _, state = self.ask(ROUND + "elicitation")
        for responses in (None, {}, [], "x", {"user_name": 12345}, {"user_name": None}, {"user_name": {}},
                          {"user_name": {"action": "perhaps"}}, {"user_name": {"action": "accept"}},
                          {"user_name": {"action": "accept", "content": {}}},
                          {"user_name": {"action": "accept", "content": {"name": 7}}},
                          {"User_Name": NAMED["user_name"]}):
            with self.subTest(responses=responses):
                asked, again = self.ask(ROUND + "elicitation", requestState=state, inputResponses=responses)
                self.assertEqual(list(asked), ["user_name"])
                self.assertEqual(self.done(ROUND + "elicitation", again, NAMED), "Hello, Ada!")

    def test_decline_and_cancel_reach_the_tool(self):
        for action in ("decline", "cancel"):
            _, state = self.ask("test_elicitation", {"message": "m"})
            text = self.done("test_elicitation", state, {"user": {"action": action}}, {"message": "m"})
            self.assertIn(f"action={action}", text)

    def test_several_rounds_keep_what_was_answered(self):
        asked, first = self.ask(ROUND + "multi_round")
        self.assertEqual(list(asked), ["step1"])
        one = {"step1": {"action": "accept", "content": {"name": "Ada"}}}
        asked, second = self.ask(ROUND + "multi_round", requestState=first, inputResponses=one)
        self.assertEqual(list(asked), ["step2"])
        self.assertNotEqual(first, second)
        two = {"step2": {"action": "accept", "content": {"color": "green"}}}
        self.assertEqual(self.done(ROUND + "multi_round", second, two), "Ada likes green")

    def test_of_several_questions_only_the_open_ones_are_asked_again(self):
        asked, state = self.ask(ROUND + "multiple_inputs")
        self.assertEqual(set(asked), {"user_name", "greeting", "client_roots"})
        asked, state = self.ask(ROUND + "multiple_inputs", requestState=state, inputResponses=NAMED)
        self.assertEqual(set(asked), {"greeting", "client_roots"})
        rest = {
            "greeting": {"role": "assistant", "model": "m", "content": {"type": "text", "text": "Good day"}},
            "client_roots": {"roots": [{"uri": "file:///srv"}]}
        }
        text = self.done(ROUND + "multiple_inputs", state, rest)
        for word in ("Ada", "Good day", "file:///srv"):
            self.assertIn(word, text)

    def test_a_prompt_asks_as_well(self):
        params = {"name": ROUND + "prompt"}
        first = self.client.rpc("prompts/get", params).result()
        self.assertEqual(list(first["inputRequests"]), ["user_context"])
        answers = {"user_context": {"action": "accept", "content": {"context": "night"}}}
        second = self.client.rpc("prompts/get", {
            **params, "requestState": first["requestState"], "inputResponses": answers
        }).result()
        self.assertIn("night", second["messages"][0]["content"]["text"])

    def test_a_missing_capability_is_named(self):
        for declared, tool, missing in (({}, "test_missing_capability", {"sampling": {}}),
                                        ({"elicitation": {}}, ROUND + "sampling", {"sampling": {}}),
                                        ({"sampling": {}}, ROUND + "elicitation", {"elicitation": {}}),
                                        ({"sampling": {}}, ROUND + "multiple_inputs",
                                         {"elicitation": {}, "roots": {}})):
            answer = ModernClient(self.server, capabilities=declared).call(tool)
            self.assertEqual((answer.status, answer.error_code()), (400, -32021), answer)
            self.assertEqual(answer.json()["error"]["data"], {"requiredCapabilities": missing})

    def test_only_what_the_client_can_is_asked(self):
        for declared, keys in (({"sampling": {}}, {"greeting"}), ({"elicitation": {}}, {"user_name"})):
            client = ModernClient(self.server, capabilities=declared)
            result = client.call(ROUND + "capabilities").result()
            self.assertEqual(set(result["inputRequests"]), keys)

    def test_no_request_is_ever_sent_on_a_modern_stream(self):
        with self.client.open("tools/call", {"name": "test_streaming_elicitation"}) as call:
            messages = call.until_answer()
        self.assertEqual(len(messages), 1)
        self.assertEqual(messages[0]["result"]["resultType"], "input_required")


class Keys(unittest.TestCase):
    """requestState between instances that share a key, after a rotation, and without one."""
    OLD, NEW = ("a secret of at least 32 bytes: old", "a secret of at least 32 bytes: new")

    def server(self, *keys, tokens=None):
        server = GatehouseServer({"secrets": {"keys": list(keys)}}, backend="everything", started=False)
        self.addCleanup(server.__exit__, None)
        if tokens:
            server.token_file.tokens[:] = tokens
            server.token_file.save()
        return server.start()

    def opens(self, state, server):
        client = ModernClient(server, capabilities=ASKABLE)
        answer = client.call(ROUND + "elicitation", requestState=state, inputResponses=NAMED)
        self.assertIn(answer.error_code(), (None, -32602), answer)
        return answer.error_code() is None

    def test_T09_a_state_opens_where_its_key_is(self):
        first = self.server(self.OLD)
        tokens = first.token_file.tokens
        client = ModernClient(first, capabilities=ASKABLE)
        state = client.call(ROUND + "elicitation").result()["requestState"]
        for keys, wanted in (([self.OLD], True), ([self.NEW, self.OLD], True), ([self.NEW], False), ([], False)):
            with self.subTest(keys=keys):
                self.assertEqual(self.opens(state, self.server(*keys, tokens=tokens)), wanted)


class Waiting(unittest.TestCase):
    def test_a_question_that_nobody_answers_ends_by_its_deadline(self):
        with GatehouseServer(backend="everything", limits={"ask_seconds": 0.5}) as server:
            session = LegacySession(server, capabilities=ASKABLE)
            with session.open_call("test_elicitation", {"message": "Anybody?"}) as call:
                asked = call.message()
                self.assertEqual(call.answer()["error"]["code"], -32603)
            session.respond(asked, {"action": "cancel"})
            server.assert_serves()


class Legacy(Case):
    def setUp(self):
        self.session = LegacySession(self.server, capabilities=ASKABLE)

    def asked(self, tool, arguments=None, session=None):
        """A call that asks, and its question."""
        call = (session or self.session).open_call(tool, arguments)
        self.addCleanup(call.close)
        question = call.message()
        self.assertIn("method", question)
        return call, question

    def test_elicitation_is_answered_by_a_post(self):
        for result, words in (({"action": "accept", "content": {"username": "ada", "email": "a@b.c"}}, "a@b.c"),
                              ({"action": "decline"}, "action=decline"), ({"action": "cancel"}, "action=cancel")):
            call, question = self.asked("test_elicitation", {"message": "Who?"})
            self.assertEqual(question["method"], "elicitation/create")
            self.assertEqual(question["params"]["message"], "Who?")
            self.session.respond(question, result)
            self.assertIn(words, text_of(call.answer()["result"]))

    def test_sampling_is_answered_by_a_post(self):
        call, question = self.asked("test_sampling", {"prompt": "Say something"})
        self.assertEqual(question["method"], "sampling/createMessage")
        self.assertEqual(question["params"]["messages"][0]["content"]["text"], "Say something")
        content = {"type": "text", "text": "something"}
        self.session.respond(question, {"role": "assistant", "model": "m", "content": content})
        self.assertEqual(text_of(call.answer()["result"]), "LLM response: something")

    def test_several_rounds_and_several_questions_work_as_well(self):
        call, question = self.asked(ROUND + "multi_round")
        self.session.respond(question, {"action": "accept", "content": {"name": "Ada"}})
        self.session.respond(call.message(), {"action": "accept", "content": {"color": "green"}})
        self.assertEqual(text_of(call.answer()["result"]), "Ada likes green")
        call, first = self.asked(ROUND + "multiple_inputs")
        questions = {question["method"]: question for question in (first, call.message(), call.message())}
        self.session.respond(questions["roots/list"], {"roots": []})
        self.session.respond(questions["elicitation/create"], NAMED["user_name"])
        self.session.respond(questions["sampling/createMessage"], {"role": "assistant", "content": {}})
        self.assertIn("Ada", text_of(call.answer()["result"]))

    def test_an_error_of_the_client_is_a_tool_error(self):
        call, question = self.asked("test_sampling", {"prompt": "p"})
        self.session.respond(question, error={"code": -1, "message": "User rejected sampling request"})
        result = call.answer()["result"]
        self.assertTrue(result["isError"])
        self.assertIn("User rejected", text_of(result))

    def test_an_answer_of_a_wrong_shape_is_a_tool_error(self):
        for result in ({}, {"action": "accept"}, {"action": "accept", "content": {"username": 1}}, [], 7):
            call, question = self.asked("test_elicitation", {"message": "Who?"})
            self.session.respond(question, result)
            self.assertTrue(call.answer()["result"]["isError"], result)

    def test_a_client_without_the_capability_is_not_asked(self):
        session = LegacySession(self.server, capabilities={"elicitation": {}})
        messages = session.open_call("test_sampling", {"prompt": "p"}).until_answer()
        self.assertEqual(len(messages), 1, "the client was asked")
        self.assertTrue(messages[0]["result"]["isError"])
        self.assertIn("sampling", text_of(messages[0]["result"]))

    def test_a_client_that_cannot_be_reached_is_a_tool_error(self):
        self.assertTrue(self.session.call("test_sampling", {"prompt": "p"}).result()["isError"], "no event stream")
        self.assertTrue(self.server.call("test_sampling", {"prompt": "p"}).result()["isError"], "no session")

    def test_T09_answers_of_another_session_are_ignored(self):
        other = self.server.token_file.tokens[1]
        call, question = self.asked("test_elicitation", {"message": "Who?"})
        forged = {"action": "accept", "content": {"username": "mallory", "email": "m@b.c"}}
        LegacySession(self.server, other, capabilities=ASKABLE).respond(question, forged)
        LegacySession(self.server, capabilities=ASKABLE).respond(question, forged)
        message = {"jsonrpc": "2.0", "id": question["id"], "result": forged}
        self.assertEqual(self.server.post(message).status, 202)
        self.assertEqual(self.session.post(message, token=other).status, 404)
        self.session.respond({"id": "ask-999999"}, forged)
        self.session.respond(question, {"action": "accept", "content": {"username": "ada", "email": "a@b.c"}})
        text = text_of(call.answer()["result"])
        self.assertIn("ada", text)
        self.assertNotIn("mallory", text)
        self.session.respond(question, forged)  # too late, and nobody's any more

    def test_a_cancelled_call_asks_no_more(self):
        call, question = self.asked("test_elicitation", {"message": "Who?"})
        self.session.notify("notifications/cancelled", {"requestId": 1})
        self.assertIsNone(call.message(), "no answer to a cancelled request")
        self.session.respond(question, {"action": "cancel"})
        self.assertTrue(wait_until(lambda: self.server.metric("open_clients") == 0, 5))


if __name__ == "__main__":
    unittest.main()
