"""What callers, browsers and operators read where something is refused: what is wrong, and what to do about it."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from http_wire import Wire
from process_probe import wait_until
from served_case import ServedCase, StartCase

APP = "https://app.example.com"
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
SECRET = "0123456789abcdef0123456789abcdef-test"


def error_of(answer):
    """The JSON-RPC error of a refusal, whose message begins with the status."""
    told = json.loads(answer.body)
    assert told["jsonrpc"] == "2.0" and told["id"] is None, told
    assert told["error"]["message"].startswith(f"{answer.status}: "), told
    return told["error"]


class Words(ServedCase):
    """Most clients show their user nothing but the message of a JSON-RPC error."""
    options = {"settings": {"auth": {"limits": {"failures_per_minute": 100_000}}}}

    def test_U02_every_refusal_of_a_token_is_a_json_rpc_error_that_a_user_understands(self):
        for token, words in ((None, "send the header Authorization: Bearer <API token>"),
                             ("x" * 43 + "=", "is not valid (unknown, expired or removed)")):
            with self.subTest(token=token):
                answer = self.server.post(PING, token=token)
                error = error_of(answer)
                self.assertEqual((answer.status, error["code"]), (401, 401))
                self.assertIn(words, error["message"])
                self.assertEqual(error["data"]["error"], "invalid_token" if token else "unauthorized")
                self.assertIn("Bearer", answer.header("www-authenticate"))

    def test_U02_so_is_every_other_refusal_by_the_server(self):
        head = {"Content-Type": "application/json"}
        for how, status in ((dict(headers={"Host": "evil.example"}), 403),
                            (dict(headers={"Content-Type": "text/plain"}), 415),
                            (dict(headers={**head, "Accept": "text/html"}), 406),
                            (dict(headers={**head, "Content-Length": "99999999"}), 413)):
            with self.subTest(status=status):
                error_of(self.assert_status(self.server.post(PING, **how), status))

    def assert_status(self, answer, status):
        self.assertEqual(answer.status, status, answer)
        return answer

    def test_an_origin_that_is_none_is_refused_where_no_host_is_named_either(self):
        for origin in ("null", "", "nonsense"):
            answer = self.server.raw(f"GET /mcp HTTP/1.0\r\nOrigin: {origin}\r\n\r\n".encode())
            self.assertTrue(answer.startswith(b"HTTP/1.1 403 "), (origin, answer[:200]))

    def test_D20_a_refused_body_is_told_which_header_is_wrong(self):
        coded = self.server.post(PING, headers={"Content-Encoding": "gzip"})
        self.assertEqual((coded.status, coded.header("accept-encoding")), (415, "identity"))
        self.assertIn("Content-Encoding", error_of(coded)["message"])
        typed = self.server.post(PING, headers={"Content-Type": "text/plain"})
        self.assertIn("Content-Type", error_of(typed)["message"])

    def test_U04_who_looks_with_a_get_is_asked_for_a_token_first(self):
        for accept in ("*/*", "application/json", "text/event-stream"):
            with self.subTest(accept=accept), self.server.wire() as wire:
                answer = wire.request("GET", "/mcp", {"Accept": accept})
                self.assertEqual(answer.status, 401)
                self.assertIn("Bearer", answer.header("www-authenticate"))

    def test_U01_a_get_for_a_stream_without_a_session_ends_at_once(self):
        with self.server.wire() as wire:
            answer = wire.request("GET", "/mcp", self.server.fields(headers={"Accept": "text/event-stream"}))
        self.assertEqual(answer.status, 405)
        self.assertEqual(error_of(answer)["message"], "405: this URL speaks Streamable HTTP: POST")

    def test_U01_the_nested_stream_is_the_old_transports_in_any_configuration(self):
        stream = self.server.event_stream()
        first = stream.next()
        self.assertEqual(first["event"], "endpoint")
        self.assertRegex(first["data"], r"^/messages\?session=\S+$")
        self.assertEqual(self.server.post(PING, path=first["data"]).status, 202)
        self.assertEqual(stream.message()["result"], {})

    def test_U03_who_looks_for_a_sign_in_reads_what_to_do(self):
        for method, path in (("POST", "/register"), ("GET", "/.well-known/oauth-protected-resource/mcp"),
                             ("GET", "/.well-known/oauth-authorization-server"),
                             ("GET", "/mcp/.well-known/openid-configuration")):
            with self.subTest(path=path), self.server.wire() as wire:
                answer = wire.request(method, path, {"Content-Type": "application/json"}, b"{}")
                self.assertEqual(answer.status, 404)
                self.assertIn("This server has no sign-in. Set the header Authorization: Bearer <API token>",
                              json.loads(answer.body)["error_description"])

    def test_E10_metrics_are_for_hosts_that_are_allowed(self):
        for name, status in (("127.0.0.1:9090", 200), ("10.1.2.3:9090", 200), ("localhost", 200),
                             ("evil.example", 403)):
            with self.subTest(host=name), Wire(*self.server.metrics_place) as wire:
                self.assertEqual(wire.request("GET", "/metrics", {"Host": name}).status, status)


class Logs(ServedCase):
    """The operator reads why; at most one line a minute for each peer and reason."""
    options = {"settings": {"auth": {"limits": {"failures_per_minute": 100_000},
                                     "policy": {"rules": [{"tools": ["echo"], "scopes": ["write:data"]}]}}}}

    def audited(self, reason, at_least=1):
        """The audit's lines with this reason, once there are that many."""
        def found():
            return [line for line in map(json.loads, self.server.audit_bytes().splitlines())
                    if line.get("reason") == reason]

        self.assertTrue(wait_until(lambda: len(found()) >= at_least, 5), self.server.audit_bytes()[-1000:])
        return found()

    def lines_with(self, word):
        return [line for line in self.server.log_lines() if word in line]

    def test_E03_a_403_names_caller_tool_and_scope(self):
        answer = self.server.call("echo", {"text": "x"}, headers={"User-Agent": "their-client/1.2"})
        self.assertEqual(answer.status, 403)
        self.assertIn("write:data", json.loads(answer.body)["error"]["message"])
        line = self.server.wait_line("refused 403 insufficient_scope")
        for word in ('name "echo"', 'token "', 'client "their-client/1.2"', "needs write:data", 'path "/mcp"'):
            self.assertIn(word, str(line))
        audit = self.audited("insufficient_scope")[-1]
        self.assertEqual((audit["name"], audit["detail"], audit["client"], audit["path"]),
                         ("echo", "needs write:data", "their-client/1.2", "/mcp"))
        self.assertTrue(audit["token_id"])

    def test_U05_a_hundred_refusals_are_one_line_with_their_reason(self):
        for _ in range(100):
            self.server.post(PING, token=None, headers={"User-Agent": "node"})
        self.server.wait_line("refused 401 no_token")
        self.assertEqual(len(self.lines_with("no_token")), 1)
        self.assertTrue(all(line["client"] == "node" for line in self.audited("no_token", 100)))


class Credentials(StartCase):
    def test_U08_the_log_says_what_is_wrong_with_the_credential(self):
        for shown, words in (("Bearer Bearer x", "repeated"), ('Bearer "x"', "quotes"), ("Bearer <token>", "placeholder"),
                             ("Bearer ${TOKEN}", "variable"), ("Basic eA==", "another scheme")):
            with self.subTest(shown=shown):
                server = self.start({})
                server.post(PING, token=None, headers={"Authorization": shown})
                self.assertIn(words, str(server.wait_line("refused 401 malformed")))

    def test_U06_audit_lines_stay_out_of_the_protocol(self):
        server = self.start({"audit": {"file": "-"}}, started=False, words=["--stdio"])
        server.write_settings()
        server.launch()
        self.assertEqual(server.process.wait(10), 3)
        server.wait_line("audit.file")


class Pages(ServedCase):
    """Web pages of allowed origins may call, and read why they may not."""
    options = {"settings": {"http": {"allowed_origins": [APP], "public_url": "https://mcp.example.com/apps/db"},
                            "auth": {"validator": "jwt", "validators": {"jwt": {"secret": SECRET}},
                                     "resource": {"authorization_servers": ["https://idp.example"]},
                                     "policy": {"required_scopes": ["mcp:use"]}}}}

    def ask(self, method, fields, path="/mcp", body=b""):
        with self.server.wire() as wire:
            return wire.request(method, path, fields, body)

    def test_D12_a_preflight_of_an_allowed_page_needs_no_token(self):
        for origin in (APP, "https://mcp.example.com"):
            answer = self.ask("OPTIONS", {"Origin": origin, "Access-Control-Request-Method": "POST"})
            self.assertEqual((answer.status, answer.header("access-control-allow-origin")), (204, origin))
            self.assertIn("Authorization", answer.header("access-control-allow-headers"))
            self.assertIn("DELETE", answer.header("access-control-allow-methods"))

    def test_D12_a_refusal_can_be_read_by_the_page(self):
        answer = self.ask("POST", {"Origin": APP, "Content-Type": "application/json"}, body=json.dumps(PING).encode())
        self.assertEqual((answer.status, answer.header("access-control-allow-origin")), (401, APP))
        for name in ("WWW-Authenticate", "Mcp-Session-Id", "Retry-After"):
            self.assertIn(name, answer.header("access-control-expose-headers"))
        self.assertIn("Origin", answer.header("vary"))

    def test_D12_another_page_gets_no_permission(self):
        for method in ("OPTIONS", "POST"):
            answer = self.ask(method, {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"})
            self.assertEqual((answer.status, answer.header("access-control-allow-origin")), (403, None))

    def test_D09_the_metadata_stands_where_the_challenge_says_and_names_every_scope(self):
        answer = self.ask("POST", {"Content-Type": "application/json"}, body=json.dumps(PING).encode())
        challenge = answer.header("www-authenticate")
        url = challenge.split('resource_metadata="')[1].split('"')[0]
        self.assertEqual(url, "https://mcp.example.com/.well-known/oauth-protected-resource/apps/db/mcp")
        self.assertIn('scope="mcp:use"', challenge)
        told = json.loads(self.ask("GET", {}, path=url.split("mcp.example.com")[1]).body)
        self.assertEqual((told["resource"], told["scopes_supported"]),
                         ("https://mcp.example.com/apps/db/mcp", ["mcp:use"]))

    def test_U10_the_public_path_is_understood_with_and_without(self):
        for path in ("/mcp", "/apps/db/mcp", "/apps/db/mcp/"):
            self.assertEqual(self.ask("POST", {"Content-Type": "application/json"}, path=path, body=b"{}").status, 401)
        self.assertEqual(self.ask("GET", {}, path="/apps/db/health").status, 200)
        self.assertEqual(self.ask("POST", {}, path="/apps/other/mcp").status, 404)


class ValidatorsScopes(StartCase):
    def test_D11_a_validators_required_scopes_are_told_to_clients(self):
        server = self.start({"auth": {"validator": "jwt",
                                      "validators": {"jwt": {"secret": SECRET, "required_scopes": ["mcp:use"]}},
                                      "resource": {"authorization_servers": ["https://idp.example"]}}})
        self.assertIn('scope="mcp:use"', server.post(PING, token=None).header("www-authenticate"))
        told = json.loads(server.get("/.well-known/oauth-protected-resource/mcp").body)
        self.assertEqual(told["scopes_supported"], ["mcp:use"])

    def test_U09_without_sessions_no_id_is_handed_out(self):
        server = self.start({"http": {"sessions": False}})
        answer = server.rpc("initialize", {"protocolVersion": "2025-06-18", "capabilities": {},
                                           "clientInfo": {"name": "t", "version": "1"}})
        self.assertEqual((answer.status, answer.header("mcp-session-id")), (200, None))
        self.assertEqual(server.call("echo", {"text": "x"}).status, 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
