"""Tasks (extension io.modelcontextprotocol/tasks): from their making to their end.

Whose they are: sessions_isolation_test.py; who is told of them: listening_test.py.
"""

import datetime
import re
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness
from mcp_clients import LegacySession, ModernClient, TASKS, text_of, tool
from process_probe import wait_until
from served_case import ServedCase

EXTENSION = {"extensions": {TASKS: {}}}
ABLE = {"elicitation": {}, **EXTENSION}
OVER = ("completed", "cancelled", "failed")


class TaskCalls:
    """What tests of tasks share; `client` is a ModernClient."""
    def begin(self, name, arguments=None, **more):
        result = self.client.call(name, arguments, **more).result()
        self.assertEqual(result["resultType"], "task", result)
        return result

    def get(self, task):
        result = self.client.rpc("tasks/get", {"taskId": task["taskId"]}).result()
        self.assertEqual((result["taskId"], result["resultType"]), (task["taskId"], "complete"))
        return result

    def until(self, task, *statuses, within=5.0):
        """The task as soon as it has one of the statuses."""
        seen = []

        def reached():
            seen.append(self.get(task))
            return seen[-1]["status"] in statuses

        self.assertTrue(wait_until(reached, within * slowness(), 0.02), seen[-1])
        return seen[-1]

    def change(self, method, task, **more):
        return self.client.rpc(method, {"taskId": task["taskId"], **more})


class Life(TaskCalls, ServedCase):
    options = {"backend": "everything"}

    def setUp(self):
        self.client = ModernClient(self.server, capabilities=ABLE)

    def test_a_task_works_and_completes(self):
        task = self.begin("slow_compute", {"seconds": 0.3, "label": "pi"})
        self.assertEqual(task["status"], "working")
        self.assertRegex(task["taskId"], r"^[\x21-\x7e]{22,}$")
        for name in ("createdAt", "lastUpdatedAt"):
            moment = datetime.datetime.fromisoformat(task[name].replace("Z", "+00:00"))
            self.assertLess(abs(moment.timestamp() - time.time()), 60)
        self.assertIsInstance(task["ttlMs"], int)
        self.assertIsInstance(task["pollIntervalMs"], int)
        self.assertEqual(self.get(task)["status"], "working")
        self.assertNotIn("result", self.get(task))
        done = self.until(task, *OVER)
        self.assertEqual((done["status"], text_of(done["result"])), ("completed", "Computed pi"))
        self.assertGreaterEqual(done["lastUpdatedAt"], done["createdAt"])
        self.assertEqual(self.get(task), done, "a finished task stays as it is")

    def test_task_ids_are_never_twice(self):
        ids = {self.begin("slow_compute", {"seconds": 0})["taskId"] for _ in range(200)}
        self.assertEqual(len(ids), 200)
        self.assertGreater(min(len(set(each)) for each in ids), 8)

    def test_failures_of_the_tool_complete_and_errors_of_the_call_fail(self):
        done = self.until(self.begin("failing_job"), *OVER)
        self.assertEqual((done["status"], done["result"]["isError"]), ("completed", True))
        failed = self.until(self.begin("protocol_error_job"), *OVER)
        self.assertEqual((failed["status"], failed["error"]["code"]), ("failed", -32603))
        self.assertNotIn("result", failed)

    def test_a_cancelled_task_stops_and_stays_cancelled(self):
        task = self.begin("slow_compute", {"seconds": 60})
        self.assertTrue(wait_until(lambda: self.server.metric("open_clients") == 1, 5))
        for _ in range(2):
            self.assertEqual(self.change("tasks/cancel", task).status, 200)
            self.assertEqual(self.get(task)["status"], "cancelled")
        self.assertTrue(wait_until(lambda: self.server.metric("open_clients") == 0, 1.0 * slowness()),
                        "the tool still runs for nobody")
        self.assertEqual(self.get(task)["status"], "cancelled")

    def test_cancelling_a_finished_task_changes_nothing(self):
        task = self.begin("slow_compute", {"seconds": 0})
        done = self.until(task, "completed")
        self.assertEqual(self.change("tasks/cancel", task).status, 200)
        self.assertEqual(self.get(task), done)

    def test_a_task_asks_and_goes_on_with_the_answer(self):
        task = self.begin("confirm_delete", {"filename": "notes"})
        asking = self.until(task, "input_required")
        self.assertEqual(list(asking["inputRequests"]), ["confirm"])
        for responses in ({}, {"confirm": 7}, {"confirm": {"action": "accept"}}, {"other": {"action": "accept"}}):
            self.assertEqual(self.change("tasks/update", task, inputResponses=responses).status, 200)
            self.assertEqual(self.get(task)["status"], "input_required", responses)
        self.assertEqual(self.change("tasks/update", task, inputResponses=[]).error_code(), -32602)
        answer = {"confirm": {"action": "accept", "content": {"confirm": True}}}
        self.assertEqual(self.change("tasks/update", task, inputResponses=answer).status, 200)
        done = self.until(task, *OVER)
        self.assertEqual(text_of(done["result"]), "Deleted notes")
        self.assertNotIn("inputRequests", done)
        self.assertEqual(self.change("tasks/update", task, inputResponses=answer).status, 200)

    def test_two_questions_can_be_answered_one_by_one(self):
        task = self.begin("multi_input")
        self.assertEqual(set(self.until(task, "input_required")["inputRequests"]), {"first", "second"})
        for left, name in (({"second"}, "first"), (set(), "second")):
            answer = {name: {"action": "accept", "content": {"name": f"Ada {name}"}}}
            self.change("tasks/update", task, inputResponses=answer)
            now = self.get(task)
            self.assertEqual(set(now.get("inputRequests", {})), left)
        text = text_of(self.until(task, "completed")["result"])
        self.assertIn("Ada first", text)
        self.assertIn("Ada second", text)

    def test_a_call_may_ask_first_and_become_a_task_then(self):
        asked = self.client.call("test_tool_with_task").result()
        self.assertEqual(asked["resultType"], "input_required")
        answers = {"user_name": {"action": "accept", "content": {"name": "Ada"}}}
        task = self.begin("test_tool_with_task", requestState=asked["requestState"], inputResponses=answers)
        self.assertEqual(text_of(self.until(task, *OVER)["result"]), "Done for Ada")

    def test_a_lost_client_does_not_cancel_its_task(self):
        with self.client.open("tools/call", tool("slow_compute", {"seconds": 0.3})) as call:
            task = call.message()["result"]
        self.assertEqual(self.until(task, *OVER)["status"], "completed")

    def test_methods_that_are_not_there_are_404(self):
        task = self.begin("slow_compute", {"seconds": 0})
        for method in ("tasks/list", "tasks/result", "tasks/delete"):
            answer = self.change(method, task)
            self.assertEqual((answer.status, answer.error_code()), (404, -32601), answer)

    def test_unknown_tasks_are_invalid_params(self):
        for unknown in ("nope", "", "A" * 32):
            for method in ("tasks/get", "tasks/cancel", "tasks/update"):
                answer = self.client.rpc(method, {"taskId": unknown, "inputResponses": {}})
                self.assertEqual(answer.error_code(), -32602, answer)
        self.assertEqual(self.client.rpc("tasks/get", {}).error_code(), -32602)

    def test_the_name_header_of_a_task_method_is_its_id(self):
        task = self.begin("slow_compute", {"seconds": 0})
        for name in (None, "other"):
            answer = self.client.rpc("tasks/get", {"taskId": task["taskId"]}, headers={"Mcp-Name": name})
            self.assertEqual((answer.status, answer.error_code()), (400, -32020), answer)


class Clients(TaskCalls, ServedCase):
    """Who gets tasks: only clients that declared the extension on that very request."""
    options = {"backend": "everything"}
    PLAIN = ({}, {"extensions": {}}, {"extensions": {"io.modelcontextprotocol/Tasks": {}}}, {"tasks": {}},
             {"extensions": {TASKS: None}})

    def setUp(self):
        self.client = ModernClient(self.server, capabilities=ABLE)

    def test_a_tool_that_needs_tasks_names_the_extension(self):
        for capabilities in self.PLAIN:
            answer = ModernClient(self.server, capabilities=capabilities).call("failing_job")
            self.assertEqual((answer.status, answer.error_code()), (400, -32021), answer)
            self.assertEqual(answer.json()["error"]["data"], {"requiredCapabilities": EXTENSION})

    def test_a_tool_that_may_be_a_task_runs_at_once_for_others(self):
        for capabilities in self.PLAIN:
            client = ModernClient(self.server, capabilities=capabilities)
            result = client.call("slow_compute", {"seconds": 0, "label": "x"}).result()
            self.assertEqual((result["resultType"], text_of(result)), ("complete", "Computed x"))
        answer = LegacySession(self.server).call("slow_compute", {"seconds": 0, "label": "y"})
        self.assertEqual(text_of(answer.result()), "Computed y")
        self.assertNotIn("taskId", answer.text)

    def test_task_methods_need_the_extension_as_well(self):
        task = self.begin("slow_compute", {"seconds": 0})
        for method in ("tasks/get", "tasks/cancel", "tasks/update"):
            answer = ModernClient(self.server).rpc(method, {"taskId": task["taskId"], "inputResponses": {}})
            self.assertEqual((answer.status, answer.error_code()), (400, -32021), answer)

    def test_a_tool_without_tasks_is_none(self):
        result = self.client.call("greet", {"name": "Ada"}).result()
        self.assertEqual((result["resultType"], text_of(result)), ("complete", "Hello, Ada!"))

    def test_a_missing_capability_of_a_question_fails_the_task(self):
        self.client = ModernClient(self.server, capabilities=EXTENSION)
        failed = self.until(self.begin("confirm_delete", {"filename": "notes"}), *OVER)
        self.assertEqual((failed["status"], failed["error"]["code"]), ("failed", -32021))
        self.assertEqual(failed["error"]["data"], {"requiredCapabilities": {"elicitation": {}}})

    def test_the_extension_is_announced(self):
        self.assertIn(TASKS, self.client.rpc("server/discover").result()["capabilities"]["extensions"])


class Deadlines(TaskCalls, unittest.TestCase):
    def test_a_task_outlives_the_deadline_of_calls(self):
        with GatehouseServer(backend="everything", limits={"call_seconds": 1}) as server:
            self.client = ModernClient(server)
            began = time.monotonic()
            late = self.client.call("slow_compute", {"seconds": 30})
            self.assertEqual(late.error_code(), -32603, late)
            self.assertTrue(re.search("deadline", late.text), late)
            self.assertLess(time.monotonic() - began, 2.0 * slowness())
            self.client = ModernClient(server, capabilities=ABLE)
            task = self.begin("slow_compute", {"seconds": 1.6, "label": "long"})
            self.assertEqual(text_of(self.until(task, *OVER)["result"]), "Computed long")


class Ends(TaskCalls, unittest.TestCase):
    def test_a_task_is_forgotten_when_its_time_is_over(self):
        with GatehouseServer(backend="everything", limits={"task_seconds": 0.5}) as server:
            self.client = ModernClient(server, capabilities=ABLE)
            done, running = self.begin("slow_compute", {"seconds": 0}), self.begin("slow_compute", {"seconds": 60})
            self.assertEqual(done["ttlMs"], 500)
            for task in (done, running):
                self.assertTrue(wait_until(lambda: self.change("tasks/get", task).error_code() == -32602,
                                           2.0 * slowness()))
            self.assertTrue(wait_until(lambda: server.metric("open_clients") == 0, 1.0 * slowness()))

    def test_a_task_ends_with_the_last_token_of_its_owner(self):
        with GatehouseServer(backend="everything", tokens=2) as server:
            owner = server.token_file.tokens[1]
            self.client = ModernClient(server, owner, ABLE)
            task = self.begin("slow_compute", {"seconds": 60})
            self.assertTrue(wait_until(lambda: server.metric("open_clients") == 1, 5))
            server.token_file.remove(owner)
            self.assertTrue(wait_until(lambda: server.metric("open_clients") == 0, 2.0 * slowness()))
            server.token_file.add(owner)
            answer = {}

            def known_again():
                answer["last"] = self.client.rpc("tasks/get", {"taskId": task["taskId"]})
                return answer["last"].status != 401

            self.assertTrue(wait_until(known_again, 5))
            self.assertEqual(answer["last"].error_code(), -32602)


if __name__ == "__main__":
    unittest.main()
