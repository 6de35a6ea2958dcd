"""Both protocol eras on one URL: legacy handshake, sessions, streams; modern stateless calls, headers.

T04 and T27 are here; the error table is the one of the specification.
"""

import base64
import json
import re
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import MODERN
from process_probe import children
from served_case import ServedCase

LEGACY = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")


class Legacy(ServedCase):
    def initialize(self, version="2025-11-25", **more):
        params = {
            "protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"},
            **more
        }
        return self.server.rpc("initialize", params)

    def test_legacy_initialize_negotiates_every_version(self):
        for version in LEGACY:
            with self.subTest(version=version):
                result = self.initialize(version).result()
                self.assertEqual(result["protocolVersion"], version)
                self.assertIn("tools", result["capabilities"])
                self.assertTrue(result["serverInfo"]["name"] and result["serverInfo"]["version"])

    def test_legacy_initialize_answers_unknown_versions_with_its_latest(self):
        for version in ("1999-01-01", "2099-01-01", "x", MODERN):
            with self.subTest(version=version):
                self.assertEqual(self.initialize(version).result()["protocolVersion"], LEGACY[-1])

    def test_legacy_initialize_without_client_info_is_taken(self):
        answer = self.server.rpc("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}},
                                 path="/mcp/initialize")
        self.assertEqual(answer.result()["protocolVersion"], "2025-06-18")

    def test_legacy_handshake_ping_list_call_and_end(self):
        session = self.initialize().header("mcp-session-id")
        headers = {"MCP-Protocol-Version": "2025-11-25", "Mcp-Session-Id": session}
        self.assertRegex(session or "", r"^[\x21-\x7e]{22,}$")
        started = self.server.post({"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=headers)
        self.assertEqual((started.status, started.body), (202, b""))
        self.assertEqual(self.server.rpc("ping", headers=headers).result(), {})
        self.assertEqual(
            [tool["name"] for tool in self.server.rpc("tools/list", headers=headers).result()["tools"]],
            ["echo"])
        self.echoed(self.server.call("echo", {"text": "in session"}, headers=headers), "in session")
        with self.server.wire() as wire:
            self.assertIn(
                wire.request("DELETE", "/mcp", self.server.fields(headers=headers)).status, (200, 204))
        self.assertEqual(self.server.rpc("ping", headers=headers).status, 404)

    def test_legacy_stateless_call_needs_no_session(self):
        for path in ("/mcp", "/mcp/", "/mcp/v1"):
            for accept in (None, "*/*", "application/json", "application/json, text/event-stream"):
                with self.subTest(path=path, accept=accept):
                    answer = self.server.call("echo", {"text": "x"}, path=path, headers={"Accept": accept})
                    self.assertEqual(answer.status, 200, answer)
                    self.assertNotIn("resultType", answer.text)
                    self.assertIn('"x"', answer.text)

    def test_legacy_ids_keep_their_type(self):
        for call_id in (0, 1, -7, 2**53, "1", "", "ü", "a b\n"):
            with self.subTest(call_id=call_id):
                got = self.server.rpc("ping", call_id=call_id).json()["id"]
                self.assertEqual((got, type(got)), (call_id, type(call_id)))

    def test_legacy_errors(self):
        self.assertEqual(self.server.rpc("no/such").error_code(), -32601)
        self.assertEqual(self.server.call("no-such-tool").error_code(), -32602)
        for version in ("1999-01-01", "x"):
            answer = self.server.rpc("ping", headers={"MCP-Protocol-Version": version})
            self.assertEqual(answer.status, 400, answer)

    def test_legacy_notifications_and_responses_get_202(self):
        for message in ({"jsonrpc": "2.0", "method": "notifications/initialized"
                         }, {"jsonrpc": "2.0", "method": "notifications/unknown"},
                        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 99}}):
            answer = self.server.post(message)
            self.assertEqual((answer.status, answer.body), (202, b""), message)

    def test_legacy_unknown_session_is_not_found(self):
        for session in ("nope", "x" * 200, base64.b64encode(b"\0" * 16).decode()):
            self.assertEqual(self.server.rpc("ping", headers={"Mcp-Session-Id": session}).status, 404)

    def test_T08_a_session_belongs_to_its_token(self):
        other = self.server.token_file.add()
        self.server.wait_line("Reloaded")
        session = self.initialize().header("mcp-session-id")
        self.assertIn(
            self.server.rpc("ping", token=other, headers={"Mcp-Session-Id": session}).status, (403, 404))
        self.assertEqual(self.server.rpc("ping", token=None, headers={"Mcp-Session-Id": session}).status, 401)
        self.assertEqual(self.server.rpc("ping", headers={"Mcp-Session-Id": session}).status, 200)

    def test_T08_session_ids_do_not_repeat_and_failures_mint_none(self):
        seen = {self.initialize().header("mcp-session-id") for _ in range(300)}
        self.assertEqual(len(seen), 300)
        self.assertGreater(min(len(set(session)) for session in seen), 8)
        for answer in (self.server.rpc("initialize", {},
                                       token=None), self.server.post(b"{"), self.server.rpc("ping")):
            self.assertIsNone(answer.header("mcp-session-id"))

    def test_legacy_event_stream_opens_and_stays(self):
        stream = self.server.event_stream(session=self.initialize().header("mcp-session-id"))
        self.assertFalse(stream.ended_within(0.3))
        self.assertIn("no-cache", stream.head.header("cache-control") or "")
        stream.wire.close()
        with self.server.wire() as wire:
            fields = {"Accept": "text/event-stream", "Host": self.server.authority}
            self.assertEqual(wire.request("GET", "/mcp", fields).status, 401)

    def test_tools_list_shows_a_usable_schema(self):
        tool = self.server.rpc("tools/list").result()["tools"][0]
        self.assertEqual(tool["name"], "echo")
        self.assertEqual(tool["inputSchema"]["type"], "object")
        self.assertEqual(tool["inputSchema"]["properties"]["text"]["type"], "string")

    def test_echo_gives_back_every_text(self):
        for text in ("", "plain", "\"quotes\" \\ /", "\u0000\u0001\u001f\u007f", "ü€😀", "\u2028\u2029",
                     "x" * 100_000):
            with self.subTest(text=text[:10]):
                self.echoed(self.server.call("echo", {"text": text}), text)


class Modern(ServedCase):
    CALL = {"name": "echo", "arguments": {"text": "modern"}}

    def expect(self, answer, status, code):
        self.assertEqual((answer.status, answer.error_code()), (status, code), answer)
        return answer.json()["error"]

    def meta(self, **changes):
        meta = {
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientCapabilities": {}
        }
        meta.update({f"io.modelcontextprotocol/{key}": value for key, value in changes.items()})
        return {key: value for key, value in meta.items() if value is not None}

    def test_modern_call_is_complete(self):
        answer = self.server.modern("tools/call", self.CALL)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.result()["resultType"], "complete")
        self.assertEqual(answer.result()["content"][0]["text"], "modern")
        self.assertIsNone(answer.header("mcp-session-id"))

    def test_modern_discover_and_list_are_cacheable(self):
        for method in ("server/discover", "tools/list"):
            result = self.server.modern(method).result()
            self.assertEqual(result["resultType"], "complete")
            self.assertIsInstance(result["ttlMs"], int)
            self.assertIn(result["cacheScope"], ("public", "private"))
        discovered = self.server.modern("server/discover").result()
        self.assertIn(MODERN, discovered["supportedVersions"])
        self.assertIn("tools", discovered["capabilities"])

    def test_T04_header_and_body_must_name_the_same(self):
        for headers in ({"Mcp-Method": "tools/list"}, {"Mcp-Name": "other"}, {"Mcp-Name": "Echo"},
                        {"Mcp-Method": "TOOLS/CALL"}, {"MCP-Protocol-Version": "2025-11-25"
                                                       }, {"Mcp-Method": None}, {"Mcp-Name": None},
                        {"Mcp-Name": ""}, {"MCP-Protocol-Version": None}, {"Mcp-Name": "=?base64?b3RoZXI=?="},
                        {"Mcp-Name": "=?base64?ZWNoby?="}, {"Mcp-Name": "=?base64?****?="
                                                            }, {"Mcp-Name": "=?BASE64?ZWNobw==?="}):
            with self.subTest(headers=headers):
                self.expect(self.server.modern("tools/call", self.CALL, headers), 400, -32020)

    def test_T04_white_space_and_base64_are_read_before_comparing(self):
        for headers in ({"Mcp-Name": "=?base64?ZWNobw==?="}, {"Mcp-Name": "  echo\t"},
                        {"Mcp-Method": " tools/call "}):
            with self.subTest(headers=headers):
                self.assertEqual(self.server.modern("tools/call", self.CALL, headers).status, 200)

    def test_T04_unknown_versions_list_the_known(self):
        for version in ("v999.0.0", "2027-01-01"):
            answer = self.server.modern("tools/call",
                                        {**self.CALL, "_meta": self.meta(protocolVersion=version)},
                                        {"MCP-Protocol-Version": version})
            data = self.expect(answer, 400, -32022)["data"]
            self.assertEqual(data["requested"], version)
            self.assertIn(MODERN, data["supported"])

    def test_T04_a_modern_header_without_meta_is_invalid(self):
        for params in ({}, {"_meta": {}}, {"_meta": self.meta(clientCapabilities=None)}, None):
            with self.subTest(params=params):
                headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/list"}
                self.expect(self.server.rpc("tools/list", params, headers=headers), 400, -32602)

    def test_T04_meta_is_checked_before_headers(self):
        answer = self.server.modern("tools/call", {**self.CALL, "_meta": self.meta(clientCapabilities=None)},
                                    {"Mcp-Name": "other"})
        self.expect(answer, 400, -32602)

    def test_T04_unknown_and_removed_methods_are_404(self):
        for method in ("no/such", "ping", "initialize", "logging/setLevel", "resources/subscribe"):
            with self.subTest(method=method):
                self.expect(self.server.modern(method), 404, -32601)

    def test_modern_ignores_sessions_and_event_ids(self):
        answer = self.server.modern("tools/call", self.CALL, {"Mcp-Session-Id": "nope", "Last-Event-ID": "7"})
        self.assertEqual(answer.status, 200, answer)

    def test_modern_unknown_tool_is_invalid_params(self):
        answer = self.server.modern("tools/call", {"name": "nope", "arguments": {}})
        self.assertIn(answer.status, (200, 400))
        self.assertEqual(answer.error_code(), -32602)

    def test_modern_result_can_come_as_an_event_stream(self):
        answer = self.server.modern("tools/call", self.CALL, {"Accept": "text/event-stream"})
        self.assertEqual(answer.status, 200, answer)
        kind = answer.header("content-type")
        text = answer.text if "json" in kind else re.search(r"data: ?(.*)", answer.text).group(1)
        self.assertEqual(json.loads(text)["result"]["content"][0]["text"], "modern")

    def test_eras_take_turns_on_one_connection(self):
        with self.server.wire() as wire:
            for _ in range(5):
                self.assertIn("resultType", self.server.modern("tools/call", self.CALL, wire=wire).result())
                self.assertNotIn("resultType", self.server.call("echo", {"text": "old"}, wire=wire).result())


class Surroundings(ServedCase):
    def test_health_and_ready_need_no_token(self):
        health = self.server.get("/health")
        self.assertEqual((health.status, health.json()["status"], health.json()["server"]),
                         (200, "ok", "gatehouse"))
        self.assertTrue(health.json()["version"])
        self.assertEqual(self.server.get("/ready").status, 200)

    def test_metrics_are_not_on_the_public_port_without_leave(self):
        self.assertNotIn("# TYPE", self.server.get("/metrics").text)

    def test_T27_request_data_starts_no_process(self):
        with tempfile.TemporaryDirectory() as folder:
            mark = Path(folder) / "mark"
            for word in (f"$(touch {mark})", f"`touch {mark}`", f"; touch {mark}", f"| touch {mark}",
                         f"\"; touch {mark}; \""):
                self.server.call(word, {"text": word, "command": word, "args": [word]})
                self.server.rpc(word, {"command": "touch", "args": [str(mark)], "env": {"X": word}})
                self.server.rpc(
                    "initialize", {
                        "protocolVersion": word, "capabilities": {"roots": word},
                        "clientInfo": {"name": word, "version": word, "websiteUrl": word}
                    })
                self.server.get(f"/mcp?command=touch&args={mark}&url=file://{mark}")
            self.assertFalse(mark.exists())
        self.assertEqual(children(self.server.process.pid), [])

    def test_T27_metadata_holds_http_addresses_only(self):
        for path in ("/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp",
                     "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"):
            answer = self.server.get(
                path, {
                    "Host": self.server.authority, "X-Forwarded-Host": "evil.example",
                    "X-Forwarded-Proto": "javascript", "Forwarded": "host=evil.example"
                })
            self.assertIn(answer.status, (200, 404), answer)
            self.assertNotIn("evil.example", answer.text)
            self.assertNotRegex(answer.text, r'"(javascript|data|file|vbscript):')
            self.assertLessEqual(set(re.findall(r"([a-z]+)://", answer.text)), {"http", "https"})


if __name__ == "__main__":
    unittest.main()
