"""What is wrong with a request is told at once, with the status and code of the request's own era.

T06 is here; T03 and T04 have more in json_hostile_test.py and protocol_eras_test.py.
"""

import json
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, MODERN, slowness
from mcp_clients import LegacySession, ModernClient, OpenRequest, PREFIX, BOTH, request, text_of, tool
from process_probe import cpu_seconds
from served_case import ServedCase

ABSENT = "test://nonexistent"


class Case(ServedCase):
    options = {"backend": "everything", "tokens": 2}

    def setUp(self):
        self.modern = ModernClient(self.server)

    def failed(self, answer, status, code, call_id=1):
        """The answer is this JSON-RPC error; gives the error object back."""
        self.assertEqual((answer.status, answer.error_code()), (status, code), answer)
        self.assertIn("json", answer.header("content-type"))
        body = answer.json()
        self.assertEqual(body["jsonrpc"], "2.0")
        self.assertTrue(body["error"]["message"])
        self.assertEqual("id" in body, call_id is not None, answer)
        self.assertEqual(body.get("id"), call_id)
        return body["error"]


class Envelope(Case):
    """What holds before an era is known."""
    def test_a_foreign_origin_with_a_good_host_is_403(self):
        for origin in ("http://evil.example.com", "https://evil.example.com:443", "null",
                       f"http://evil.example.com#{self.server.authority}"):
            for token in ("first", None):
                with self.subTest(origin=origin, token=token):
                    answer = self.server.rpc("ping", token=token, headers={"Origin": origin})
                    self.refused(answer, 403)
                    self.assertIsNone(answer.header("www-authenticate"), "decided before the token")
        own = {"Origin": f"http://{self.server.authority}"}
        self.assertEqual(self.server.rpc("ping", headers=own).status, 200)

    def test_a_parse_error_is_400_with_a_body_without_id(self):
        for body in (b"{", b"", b"nonsense", b'{"jsonrpc":"2.0","id":7,"method":"ping"', b"{}}", b"\xff\xfe",
                     b'{"jsonrpc":"2.0","id":7,"method":"\xff"}', b"<html></html>"):
            with self.subTest(body=body):
                self.failed(self.server.post(body), 400, -32700, None)

    def test_a_null_id_is_an_invalid_request(self):
        for method in ("ping", "tools/list", "initialize"):
            answer = self.server.post({"jsonrpc": "2.0", "id": None, "method": method})
            self.failed(answer, 400, -32600, None)
        message = {**request("tools/list", {"_meta": self.modern.meta}), "id": None}
        headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/list"}
        self.failed(self.server.post(message, headers=headers), 400, -32600, None)

    def test_ids_of_other_types_are_invalid_requests(self):
        for call_id in (1.5, True, [], {}, [1]):
            with self.subTest(call_id=call_id):
                self.failed(self.server.rpc("ping", call_id=call_id), 400, -32600, None)

    def test_T03_member_names_are_case_sensitive(self):
        for body in ({"jsonrpc": "2.0", "id": 1, "Method": "ping"}, {"JSONRPC": "2.0", "id": 1, "method": "ping"}):
            self.failed(self.server.post(body), 400, -32600)
        answer = self.server.post({"jsonrpc": "2.0", "ID": 1, "method": "ping"})
        self.assertEqual((answer.status, answer.body), (202, b""), "without id it is a notification")
        for params in ({"Name": "test_simple_text"}, {"name": "Test_Simple_Text"}):
            self.failed(self.server.rpc("tools/call", params), 200, -32602)
        answer = self.server.call("test_elicitation", {"Message": "not message"})
        self.assertTrue(answer.result()["isError"], answer)

    def test_T03_duplicate_members_are_refused_at_every_depth(self):
        for body in (
                b'{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}',
                b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"greet","name":"test_slow"}}',
                b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":'
                b'{"name":"greet","arguments":{"name":"a","\\u006eame":"b"}}}',
                b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"x":[{"a":1,"a":1}]}}}'):
            with self.subTest(body=body):
                self.failed(self.server.post(body), 400, -32600)

    def test_T06_template_bombs_are_answered_at_once(self):
        for middle in ("{a,b,c}" * 9000, "%" * 60_000, "%7B" * 20_000, "{" * 60_000, "a" * 60_000, "/" * 60_000):
            uri = f"test://template/{middle}/data"
            for client in (LegacySession(self.server), self.modern):
                with self.subTest(middle=middle[:8], client=type(client).__name__):
                    headers = {"Mcp-Name": None} if client is self.modern else {}
                    began = cpu_seconds(self.server.process.pid)  # what others do on this machine is not counted
                    answer = client.rpc("resources/read", {"uri": uri}, headers=headers)
                    self.assertLess(cpu_seconds(self.server.process.pid) - began, 0.1 * slowness(), "seconds")
                    self.assertIn(answer.status, (200, 400), answer)


class Legacy(Case):
    def setUp(self):
        super().setUp()
        self.session = LegacySession(self.server)

    def test_unknown_versions_are_never_echoed(self):
        for version in ("1999-01-01", "2025-11-26", "2024-11-05 ", "", "latest", MODERN, "2027-01-01"):
            with self.subTest(version=version):
                opened = LegacySession(self.server, version=version).opened
                self.assertEqual(opened.result()["protocolVersion"], "2025-11-25")

    def test_an_unsupported_version_header_is_400(self):
        for version in ("1999-01-01", "2025-11-26", ""):
            answer = self.session.rpc("ping", headers={"MCP-Protocol-Version": version})
            self.assertEqual(answer.status, 400, answer)

    def test_invalid_cursors_are_invalid_params(self):
        for method in ("tools/list", "prompts/list", "resources/list", "resources/templates/list"):
            for cursor in ("nope", "0", "v1.AAAA", "x" * 5000, 1, {}, [], True):
                with self.subTest(method=method, cursor=cursor):
                    self.failed(self.session.rpc(method, {"cursor": cursor}), 200, -32602)

    def test_wrong_argument_types_are_tool_errors_at_once(self):
        for name, arguments, word in (("test_sampling", {"prompt": 7}, "prompt"),
                                      ("test_sampling", {}, "prompt"),
                                      ("test_elicitation", {"message": ["a"]}, "message"),
                                      ("test_slow", {"milliseconds": "long"}, "milliseconds"),
                                      ("test_slow", {"milliseconds": -1}, "milliseconds"),
                                      ("slow_compute", {"seconds": True}, "seconds"),
                                      ("json_schema_2020_12_tool", {"phone": "1", "other": 1}, "other")):
            with self.subTest(name=name, arguments=arguments):
                began = time.monotonic()
                for answer in (self.session.call(name, arguments), self.modern.call(name, arguments)):
                    self.assertEqual(answer.status, 200, answer)
                    self.assertTrue(answer.result()["isError"], answer)
                    self.assertIn(word, text_of(answer.result()))
                self.assertLess(time.monotonic() - began, 0.5 * slowness())

    def test_arguments_that_are_no_object_are_invalid_params(self):
        for client in (self.session, self.modern):
            for arguments in ([], "x", 1):
                params = {"name": "test_simple_text", "arguments": arguments}
                answer = client.rpc("tools/call", params)
                self.assertIn(answer.status, (200, 400))
                self.assertEqual(answer.error_code(), -32602, answer)

    def test_unknown_resources_say_so_in_the_code_of_the_era(self):
        error = self.failed(self.session.rpc("resources/read", {"uri": ABSENT}), 200, -32002)
        self.assertEqual(error["data"], {"uri": ABSENT})
        answer = self.modern.rpc("resources/read", {"uri": ABSENT})
        self.assertEqual((answer.error_code(), answer.json()["error"]["data"]), (-32602, {"uri": ABSENT}))

    def test_unknown_tools_and_prompts_are_invalid_params(self):
        for client in (self.session, self.modern):
            for method in ("tools/call", "prompts/get"):
                self.assertEqual(client.rpc(method, {"name": "nope"}).error_code(), -32602)
        answer = self.session.rpc("prompts/get", {"name": "test_prompt_with_arguments"})
        self.assertIn("arg1", self.failed(answer, 200, -32602)["message"])


class Modern(Case):
    def test_a_modern_version_is_never_answered_to_initialize(self):
        opened = LegacySession(self.server, version=MODERN).opened
        self.assertNotIn(MODERN, opened.text)
        self.assertNotIn("resultType", opened.result())

    def test_missing_meta_is_invalid_params(self):
        for gone in ("protocolVersion", "clientCapabilities"):
            client = ModernClient(self.server)
            del client.meta[PREFIX + gone]
            self.failed(client.rpc("server/discover"), 400, -32602)
        headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "server/discover"}
        for params in (None, {}, {"_meta": {}}, {"_meta": None}, {"_meta": []}):
            with self.subTest(params=params):
                self.failed(self.server.rpc("server/discover", params, headers=headers), 400, -32602)

    def test_client_info_is_not_needed_nor_believed(self):
        for info in ({}, {PREFIX + "clientInfo": {}}, {PREFIX + "clientInfo": "x"}):
            self.assertEqual(self.modern.rpc("server/discover", meta=info).status, 200)

    def test_headers_that_differ_from_the_body_are_mismatches(self):
        for headers in ({"MCP-Protocol-Version": "2025-11-25"}, {"MCP-Protocol-Version": None},
                        {"Mcp-Method": "prompts/get"}, {"Mcp-Method": None}, {"Mcp-Name": "greet"},
                        {"Mcp-Name": None}, {"Mcp-Name": "=?base64?Z3JlZXQ=?="}):
            with self.subTest(headers=headers):
                self.failed(self.modern.rpc("tools/call", tool("test_simple_text"), headers=headers), 400, -32020)
        answer = self.modern.rpc("resources/read", {"uri": "test://static-text"}, headers={"Mcp-Name": "test://x"})
        self.failed(answer, 400, -32020)

    def test_param_headers_must_repeat_the_argument(self):
        def status(value, arguments):
            answer = self.modern.rpc("tools/call", tool("test_x_mcp_header", arguments),
                                     headers={"Mcp-Param-Region": value})
            return answer.status, answer.error_code()

        self.assertEqual(status("Oslo", {"region": "Oslo"}), (200, None))
        self.assertEqual(status("=?base64?T3Nsbw==?=", {"region": "Oslo"}), (200, None))
        self.assertEqual(status(None, {}), (200, None))
        for wrong in (None, "", "oslo", "=?base64?T3Nsbw?=", "=?base64?T3!bw==?="):
            self.assertEqual(status(wrong, {"region": "Oslo"}), (400, -32020), wrong)

    def test_an_unsupported_version_names_the_supported(self):
        for version in ("v999.0.0", "2026-07-29", ""):
            client = ModernClient(self.server)
            client.meta[PREFIX + "protocolVersion"] = version
            answer = client.rpc("server/discover", headers={"MCP-Protocol-Version": version})
            data = self.failed(answer, 400, -32022)["data"]
            self.assertEqual(data["requested"], version)
            known = self.modern.rpc("server/discover").result()["supportedVersions"]
            self.assertLessEqual(set(data["supported"]), set(known))
            self.assertIn(MODERN, data["supported"])

    def test_unknown_and_removed_methods_are_404(self):
        for method in ("initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
                       "unknown/method", "Tools/List", ""):
            for call_id in (1, "one"):
                with self.subTest(method=method, call_id=call_id):
                    self.failed(self.modern.rpc(method, {"level": "info"}, call_id), 404, -32601, call_id)

    def test_a_modern_method_is_unknown_to_a_session(self):
        session = LegacySession(self.server)
        for method in ("server/discover", "subscriptions/listen", "tasks/get"):
            self.failed(session.rpc(method), 200, -32601)

    def test_invalid_cursors_are_invalid_params(self):
        for method in ("tools/list", "prompts/list", "resources/list", "resources/templates/list"):
            for cursor in ("nope", "v1.AAAA", 1, {}):
                answer = self.modern.rpc(method, {"cursor": cursor})
                self.assertIn(answer.status, (200, 400))
                self.assertEqual(answer.error_code(), -32602, (method, cursor))


class Batches(Case):
    """Arrays belong to 2025-03-26 alone."""
    MIXED = [
        request("ping", None, 1), {"jsonrpc": "2.0", "method": "notifications/initialized"},
        request("tools/call", tool("test_slow", {"milliseconds": 100}), "slow"),
        request("no/such", None, 3), {"jsonrpc": "2.0", "id": 4},
        request("tools/call", tool("greet", {"name": "Ada"}), 5)
    ]

    def test_an_array_is_an_invalid_request_elsewhere(self):
        for version in ("2024-11-05", "2025-06-18", "2025-11-25"):
            session = LegacySession(self.server, version=version)
            self.failed(session.post([request("ping")]), 400, -32600, None)
        self.failed(self.server.post([request("ping")]), 400, -32600, None)
        message = request("tools/list", {"_meta": self.modern.meta})
        headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/list"}
        self.failed(self.server.post([message], headers=headers), 400, -32600, None)

    def check(self, answers):
        by_id = {answer.get("id"): answer for answer in answers}
        self.assertEqual(set(by_id), {1, "slow", 3, 4, 5})
        self.assertEqual(len(answers), 5)
        self.assertEqual(by_id[1]["result"], {})
        self.assertEqual(text_of(by_id["slow"]["result"]), "Slow, but done")
        self.assertEqual(by_id[3]["error"]["code"], -32601)
        self.assertEqual(by_id[4]["error"]["code"], -32600)
        self.assertEqual(text_of(by_id[5]["result"]), "Hello, Ada!")

    def test_a_2025_03_26_session_mixes_what_it_likes(self):
        session = LegacySession(self.server, version="2025-03-26")
        answer = session.post(self.MIXED)
        self.assertEqual(answer.status, 200, answer)
        self.check(answer.json())

    def test_a_batch_may_be_answered_by_a_stream(self):
        session = LegacySession(self.server, version="2025-03-26")
        call = request("tools/call", {**tool("test_tool_with_progress"), "_meta": {"progressToken": "p"}}, 9)
        fields = self.server.fields(headers={**session.headers, "Accept": BOTH})
        with OpenRequest(self.server, fields, [*self.MIXED, call]) as batch:
            messages = []
            while not (messages and isinstance(messages[-1], list)):
                messages.append(batch.message())
        self.assertEqual({note["params"]["progressToken"] for note in messages[:-1]}, {"p"})
        self.check([answer for answer in messages[-1] if answer.get("id") != 9])

    def test_a_modern_message_has_no_place_in_a_batch(self):
        session = LegacySession(self.server, version="2025-03-26")
        for method, params in (("tools/list", {}), ("subscriptions/listen", {"notifications": {}})):
            answer = session.post([request(method, {**params, "_meta": self.modern.meta})])
            self.assertEqual([each["error"]["code"] for each in answer.json()], [-32020], answer)

    def test_notifications_alone_get_202_and_nothing_is_400(self):
        session = LegacySession(self.server, version="2025-03-26")
        note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        answer = session.post([note, note])
        self.assertEqual((answer.status, answer.body), (202, b""))
        self.failed(session.post([]), 400, -32600, None)
        self.failed(session.post(b"[{]"), 400, -32700, None)
        self.assertEqual(session.post([request("ping", None, n) for n in range(1001)]).status, 400)


class NoAuthentication(unittest.TestCase):
    def test_without_authentication_the_rules_are_the_same(self):
        with GatehouseServer({"auth": {"enabled": False}}, backend="everything") as server:
            self.assertEqual(server.rpc("ping", token=None, headers={"Origin": "http://evil.example"}).status, 403)
            self.assertEqual(server.post(b"{", token=None).error_code(), -32700)
            self.assertEqual(json.loads(LegacySession(server, None).call("greet").body)["id"], 1)
            self.assertEqual(ModernClient(server, None).call("greet").status, 200)


if __name__ == "__main__":
    unittest.main()
