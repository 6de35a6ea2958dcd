"""Who is let in: token, Host, Origin, media type. Decided at the head, before a byte of the body is read."""

import base64
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer
from http_wire import chunked, request_bytes
from served_case import ServedCase

CALL = {
    "jsonrpc": "2.0", "id": 1, "method": "tools/call",
    "params": {"name": "echo", "arguments": {"text": "in"}}
}
BODY = json.dumps(CALL).encode()


class ForeignHostAndOrigin(ServedCase):
    def hosts_of_others(self):
        port = self.server.port
        return [
            "evil.example", f"evil.example:{port}", f"localhost.evil:{port}", f"127.0.0.1.evil:{port}",
            f"127.0.0.1:{port}@evil", "", "localhost:0x50", f"[::1]evil:{port}"
        ]

    def test_T01_foreign_host_is_refused(self):
        for host in self.hosts_of_others():
            for token in ("first", None):
                with self.subTest(host=host, token=token):
                    self.refused(self.server.post(CALL, token=token, headers={"Host": host}), 400, 403, 421)

    def test_T01_refusal_of_a_host_names_the_setting(self):
        self.assertIn("allowed_hosts", self.server.post(CALL, headers={"Host": "evil.example"}).text)

    def test_T01_loopback_names_are_let_in(self):
        port = self.server.port
        for host in (f"127.0.0.1:{port}", f"localhost:{port}", f"LocalHost:{port}", f"[::1]:{port}",
                     "localhost"):
            with self.subTest(host=host):
                self.echoed(self.server.post(CALL, headers={"Host": host}), "in")

    def test_T01_foreign_origin_is_refused(self):
        port = self.server.port
        for origin in ("http://evil", "https://evil.example", "null", "http://localhost.evil",
                       "http://localhost@evil", f"http://127.0.0.1:{port}@evil",
                       f"http://127.0.0.1:{port}.evil", "file://", "", f"http://127.0.0.1:{port} http://evil",
                       f"http://localhost:{port}/path"):
            for token in ("first", None):
                with self.subTest(origin=origin, token=token):
                    self.refused(self.server.post(CALL, token=token, headers={"Origin": origin}), 400, 403)

    def test_T01_foreign_origin_is_refused_with_403_on_every_method(self):
        for method in ("POST", "GET", "DELETE"):
            with self.subTest(method=method), self.server.wire() as wire:
                fields = self.server.fields(headers={"Origin": "http://evil", "Accept": "text/event-stream"})
                self.assertEqual(
                    wire.request(method, "/mcp", fields, BODY if method == "POST" else b"").status, 403)

    def test_T01_two_origins_are_refused(self):
        fields = [
            *self.server.fields().items(), ("Origin", f"http://{self.server.authority}"),
            ("Origin", "http://evil")
        ]
        with self.server.wire() as wire:
            self.refused(wire.request("POST", "/mcp", fields, BODY), 400, 403)

    def test_T01_the_own_origin_is_let_in(self):
        self.echoed(self.server.post(CALL, headers={"Origin": f"http://{self.server.authority}"}), "in")


class CrossSiteRequests(ServedCase):
    def test_T02_media_types_of_simple_requests_are_refused(self):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                     "application/jsonp", "text/json", "application/json-rpc", "application"):
            with self.subTest(kind=kind):
                self.refused(self.server.post(CALL, headers={"Content-Type": kind}), 415)

    def test_T02_a_missing_media_type_is_refused(self):
        for kind in (None, ""):
            self.refused(self.server.post(CALL, headers={"Content-Type": kind}), 400, 415)

    def test_T02_two_media_types_are_refused(self):
        fields = [*self.server.fields().items(), ("Content-Type", "text/plain")]
        with self.server.wire() as wire:
            self.refused(wire.request("POST", "/mcp", fields, BODY), 400, 415)

    def test_T02_json_with_parameters_is_taken(self):
        for kind in ("application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"):
            with self.subTest(kind=kind):
                self.echoed(self.server.post(CALL, headers={"Content-Type": kind}), "in")

    def test_T02_preflight_of_a_foreign_origin_allows_nothing(self):
        with self.server.wire() as wire:
            answer = wire.request(
                "OPTIONS", "/mcp", {
                    "Origin": "http://evil", "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "authorization"
                })
        self.assertIsNone(answer.header("access-control-allow-origin"), answer)
        self.assertGreaterEqual(answer.status, 400)

    def test_T02_no_answer_opens_credentials_to_everybody(self):
        for headers in ({}, {"Origin": f"http://{self.server.authority}"}, {"Origin": "http://evil"}):
            answer = self.server.post(CALL, headers=headers)
            wide = answer.header("access-control-allow-origin") == "*"
            self.assertFalse(wide and answer.header("access-control-allow-credentials"), answer)


class Credentials(ServedCase):
    def challenge(self, answer):
        self.refused(answer, 401)
        words = answer.header("www-authenticate")
        self.assertIsNotNone(words, answer)
        self.assertTrue(words.startswith("Bearer"), words)
        return words

    def test_T11_no_token_is_challenged_without_an_error(self):
        self.assertNotIn("error", self.challenge(self.server.post(CALL, token=None)))

    def test_T11_a_wrong_token_is_called_invalid(self):
        stranger = self.server.token_file.mint()
        right = self.server.token.text
        near = ("A" if right[0] != "A" else "B") + right[1:]
        for text in (stranger.text, near, right.lower(), right[:-1], self.server.token.digest, right + "A",
                     "short-token"):
            with self.subTest(text=text[:12]):
                answer = self.server.post(CALL, token=text)
                self.assertIn('error="invalid_token"', self.challenge(answer))
                self.assertNotIn(text, repr(answer.fields) + answer.text)

    def test_T11_expired_and_unknown_tokens_look_the_same_in_the_body(self):
        expired = self.server.token_file.add(lives=-60)
        self.server.wait_line(r"Reloaded")
        answers = [self.server.post(CALL, token=token) for token in (expired, self.server.token_file.mint())]
        self.assertEqual([answer.status for answer in answers], [401, 401])
        self.assertEqual(answers[0].body, answers[1].body)

    def test_T11_the_scheme_is_read_in_any_case(self):
        for scheme in ("Bearer", "bearer", "BEARER", "bEaReR"):
            with self.subTest(scheme=scheme):
                answer = self.server.post(CALL,
                                          headers={"Authorization": f"{scheme} {self.server.token.text}"})
                self.echoed(answer, "in")

    def test_T11_other_schemes_and_broken_headers_are_refused(self):
        text = self.server.token.text
        basic = base64.b64encode(f"user:{text}".encode()).decode()
        for value in (f"Basic {basic}", f"Token {text}", text, "Bearer", f"Bearer{text}", f"Bearer={text}",
                      f'Bearer "{text}"', f"Bearer {text} more", f"Bearer {text},Bearer {text}", "",
                      f"Bearer {text};"):
            with self.subTest(value=value[:16]):
                self.refused(self.server.post(CALL, headers={"Authorization": value}), 400, 401)

    def test_T11_many_wrong_tokens_never_hold_up_a_right_one_that_is_known(self):
        with GatehouseServer(settings={"auth": {"limits": {"failures_per_minute": 30}}}) as server:
            self.echoed(server.post(CALL), "in")
            answers = [server.post(CALL, token=server.token_file.mint()) for _ in range(100)]
            for answer in answers:
                self.refused(answer, 401, 429)
            self.assertEqual(answers[-1].status, 429)
            self.assertIsNotNone(answers[-1].header("Retry-After"))
            self.echoed(server.post(CALL), "in")

    def test_T12_a_token_in_the_query_is_no_token(self):
        for name in ("access_token", "token", "bearer", "api_key"):
            with self.subTest(name=name):
                answer = self.server.post(CALL, path=f"/mcp?{name}={self.server.token.text}", token=None)
                self.assertIn(answer.status, (400, 401))
        self.assertEqual(
            self.server.post(CALL, path=f"/mcp?access_token={self.server.token.text}", token=None).status,
            401)

    def test_T12_a_token_in_the_query_beside_the_header_is_refused(self):
        self.refused(self.server.post(CALL, path=f"/mcp?access_token={self.server.token.text}"), 400)

    def test_T12_two_credentials_are_refused(self):
        for second in (self.server.token.text, "another"):
            fields = [*self.server.fields().items(), ("Authorization", f"Bearer {second}")]
            with self.subTest(second=second[:8]), self.server.wire() as wire:
                self.refused(wire.request("POST", "/mcp", fields, BODY), 400)

    def test_T12_other_headers_and_cookies_carry_no_token(self):
        text = self.server.token.text
        for name, value in (("Cookie", f"access_token={text}"), ("X-MCP-Token", text), ("mcp-token", text),
                            ("Proxy-Authorization", f"Bearer {text}"), ("X-Authorization", f"Bearer {text}"),
                            ("X-Api-Key", text), ("Authorization_", f"Bearer {text}")):
            with self.subTest(name=name):
                self.refused(self.server.post(CALL, token=None, headers={name: value}), 400, 401)

    def test_T12_tokens_reach_no_log(self):
        stranger = self.server.token_file.mint()
        for path, token in ((f"/mcp?access_token={self.server.token.text}", None), ("/mcp", stranger),
                            ("/mcp", "first")):
            self.server.post(CALL, path=path, token=token)
        written = self.server.audit_bytes().decode() + "\n".join(self.server.log_lines()) + repr(
            self.server.metrics())
        for token in (self.server.token, stranger):
            self.assertNotIn(token.text, written)
            self.assertNotIn(token.text[:16], written)


class DecidedAtTheHead(ServedCase):
    options = {"limits": {"idle_seconds": 1, "unauthenticated_body_seconds": 1}}

    def head_only(self, fields, length=100_000):
        """The answer to a head whose body never comes."""
        with self.server.wire(timeout=3) as wire:
            fields = {**fields, "Content-Length": str(length)}
            wire.send(request_bytes("POST", "/mcp", fields, host=self.server.authority))
            return wire.reply()

    def test_T11_refusals_do_not_wait_for_the_body(self):
        plenty = self.server.fields()
        for why, fields, status in (("no token", self.server.fields(token=None),
                                     401), ("wrong token", self.server.fields(token="wrong"), 401),
                                    ("foreign origin", {**plenty, "Origin": "http://evil"},
                                     403), ("media type", {**plenty, "Content-Type": "text/plain"}, 415)):
            with self.subTest(why=why):
                self.assertEqual(self.head_only(fields).status, status)

    def test_T11_an_unread_body_is_not_the_next_request(self):
        hidden = request_bytes("POST", "/mcp", self.server.fields(), BODY, host=self.server.authority)
        outer = request_bytes("POST", "/mcp", self.server.fields(token=None), hidden,
                              host=self.server.authority)
        answers = self.server.raw(outer)
        self.assertEqual(answers.count(b"HTTP/1.1 "), 1, answers)
        self.assertIn(b" 401 ", answers)
        self.assertNotIn(b'"result"', answers)

    def test_T11_a_token_of_one_mebibyte_is_refused(self):
        with self.server.wire() as wire:
            wire.send_what_it_takes(
                request_bytes("POST", "/mcp", {"Authorization": "Bearer " + "A" * (1 << 20)}, BODY,
                              host=self.server.authority))
            self.assertIn(wire.reply().status, (400, 401, 431))
        self.server.assert_serves()


class EncodedWordsAndTrailers(ServedCase):
    def words(self, text):
        packed = base64.b64encode(text.encode()).decode()
        quoted = "".join(f"={byte:02X}" if byte in b"=?_ " else chr(byte) for byte in text.encode())
        return [
            f"=?utf-8?B?{packed}?=", f"=?UTF-8?b?{packed}?=", f"=?utf-8?Q?{quoted}?=",
            f"=?iso-8859-1?q?{quoted}?="
        ]

    def test_T32_an_encoded_authorization_is_no_token(self):
        for word in self.words(f"Bearer {self.server.token.text}") + \
                [f"Bearer {word}" for word in self.words(self.server.token.text)]:
            with self.subTest(word=word[:20]):
                self.refused(self.server.post(CALL, headers={"Authorization": word}), 400, 401)

    def test_T32_encoded_host_origin_and_media_type_do_not_count(self):
        here = self.server.authority
        for name, text, statuses in (("Host", here, (400, 403, 421)), ("Origin", f"http://{here}", (400,
                                                                                                    403)),
                                     ("Content-Type", "application/json", (400, 415))):
            for word in self.words(text):
                with self.subTest(name=name, word=word[:20]):
                    self.refused(self.server.post(CALL, headers={name: word}), *statuses)

    def test_T32_encoded_framing_is_refused(self):
        for name, text in (("Transfer-Encoding", "chunked"), ("Content-Length", str(len(BODY)))):
            for word in self.words(text):
                with self.subTest(name=name):
                    fields = self.server.fields(headers={name: word})
                    answers = self.server.raw(
                        request_bytes("POST", "/mcp", fields, chunked(BODY), host=self.server.authority))
                    self.assertRegex(answers, rb"^HTTP/1.1 (400|501) ")
                    self.assertEqual(answers.count(b"HTTP/1.1 "), 1)

    def test_T32_an_encoded_tool_name_stays_literal(self):
        for word in self.words("echo"):
            answer = self.server.modern("tools/call", {"name": "echo", "arguments": {"text": "x"}},
                                        {"Mcp-Name": word})
            self.assertEqual((answer.status, answer.error_code()), (400, -32020), word)

    def trailing(self, trailer, token="first"):
        fields = self.server.fields(token, {"Transfer-Encoding": "chunked"})
        body = chunked(BODY, trailer=trailer)
        with self.server.wire() as wire:
            return wire.request("POST", "/mcp", fields, body)

    def test_T33_a_token_in_a_trailer_is_no_token(self):
        bearer = f"Authorization: Bearer {self.server.token.text}\r\n".encode()
        self.refused(self.trailing(bearer, token=None), 400, 401)
        self.refused(self.trailing(bearer, token="wrong"), 400, 401)

    def test_T33_framing_fields_in_a_trailer_frame_nothing(self):
        follower = request_bytes("GET", "/health", host=self.server.authority)
        for line in (b"Content-Length: 500\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: evil.example\r\n",
                     b"Connection: close\r\n"):
            with self.subTest(line=line), self.server.wire() as wire:
                fields = self.server.fields(headers={"Transfer-Encoding": "chunked"})
                answer = wire.request("POST", "/mcp", fields, chunked(BODY, trailer=line))
                self.assertIn(answer.status, (200, 400))
                if answer.status == 200:
                    self.assertEqual(wire.send(follower).reply("GET").status, 200)
                else:
                    self.assertIsNotNone(wire.closed_within(5))

    def test_T33_an_ordinary_trailer_is_ignored(self):
        self.echoed(self.trailing(b"X-Checksum: abc\r\n"), "in")


if __name__ == "__main__":
    unittest.main()
