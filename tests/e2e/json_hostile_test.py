"""T03, T05, F32, F33: bodies that are JSON by name only, or by the letter only. Never a 5xx, never late."""

import json
import random
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import MODERN, kept_freed_kib, slowness
from hash_flood import colliding_names, libstdcpp_hash
from http_wire import request_bytes
from patient_wire import PatientWire
from process_probe import forget_peak, peak_rss_kib, rss_kib
from served_case import ServedCase

CAP = 4 << 20
CALL = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":%s}'
ECHO = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":%s}}}'


class JsonCase(ServedCase):
    def answered(self, body, *outcomes, within=0.2, **how):
        """The answer comes in time with one of these (status, error code) pairs."""
        began = time.monotonic()
        answer = self.server.post(body, **how)
        took = time.monotonic() - began
        self.assertIn((answer.status, answer.error_code()), outcomes, (body[:200], answer))
        self.assertLess(took, within * slowness(), body[:100])
        return answer

    def answered_quickly_once_of(self, times, body, *outcomes):
        """As answered, where the machine may be busy: one of several tries must be in time."""
        for left in reversed(range(times)):
            try:
                return self.answered(body, *outcomes)
            except AssertionError as slow:
                if not left or "not less" not in str(slow):
                    raise


class Hostile(JsonCase):
    MUTATIONS = 2000

    def test_F31_broken_bodies_are_parse_errors_without_an_id(self):
        for body in (b"", b" ", b"{", b"[", b"nul", b"{'a':1}", b'{"a":1,}', b"\xff\xfe{\x00}\x00", b"\x00",
                     b'{"a":"\x00"}', b'{"jsonrpc":"2.0","id":1,"method":"ping"} x',
                     b'{"jsonrpc":"2.0","id":1,"method":"ping"}}', b"NaN",
                     b'{"jsonrpc":"2.0","id":01,"method":"ping"}',
                     b'{"jsonrpc":"2.0","id":1,"method":"pi\xc3ng"}'):
            with self.subTest(body=body):
                answer = self.answered(body, (400, -32700))
                self.assertIsNone(answer.json().get("id"))
        self.server.assert_serves()

    def test_F31_broken_json_inside_of_params_is_found(self):
        for inside in (b"tru", b"[1,]", b"{,}", b"1.", b'"\\x"', b'"\n"', b"{]", b"0x1", b"1e"):
            with self.subTest(inside=inside):
                self.answered(ECHO % inside, (400, -32700))

    def test_T03_valid_json_that_is_no_request_is_invalid(self):
        for body in (b"[]", b"1", b'"x"', b"null", b"true", b"{}",
                     b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', b'{"id":1,"method":"ping"}',
                     b'{"jsonrpc":"1.0","id":1,"method":"ping"}', b'{"jsonrpc":2.0,"id":1,"method":"ping"}',
                     b'{"jsonrpc":"2.0","id":1}', b'{"jsonrpc":"2.0","id":1,"method":1}',
                     b'{"jsonrpc":"2.0","id":1,"method":null}',
                     b'{"jsonrpc":"2.0","id":null,"method":"ping"}',
                     b'{"jsonrpc":"2.0","id":{},"method":"ping"}',
                     b'{"jsonrpc":"2.0","id":[1],"method":"ping"}',
                     b'{"jsonrpc":"2.0","id":true,"method":"ping"}',
                     b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}',
                     b'{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}',
                     b'{"jsonrpc":"2.0","id":1,"method":"ping","params":7}'):
            with self.subTest(body=body):
                self.answered(body, (400, -32600), (400, -32602))

    def test_T03_member_names_are_exact(self):
        for body in (b'{"JSONRPC":"2.0","ID":1,"METHOD":"ping"}', b'{"jsonrpc":"2.0","id":1,"Method":"ping"}',
                     b'{"Jsonrpc":"2.0","id":1,"method":"ping"}',
                     b'{"jsonrpc ":"2.0","id":1,"method":"ping"}'):
            with self.subTest(body=body):
                self.answered(body, (400, -32600))
        folded = CALL % b'{"Name":"echo","Arguments":{"text":"x"}}'
        self.assertNotIn("result", self.server.post(folded).json())

    def test_T03_duplicate_members_are_refused(self):
        for body in (b'{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}',
                     b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
                     b'{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}',
                     b'{"jsonrpc":"2.0","id":1,"method":"ping","m\\u0065thod":"tools/list"}',
                     b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{},"params":{"a":1}}',
                     CALL % b'{"name":"a","name":"echo","arguments":{"text":"x"}}',
                     CALL % b'{"name":"echo","n\\u0061me":"a","arguments":{"text":"x"}}',
                     CALL % b'{"name":"echo","arguments":{"text":"x"},"arguments":{}}'):
            with self.subTest(body=body):
                self.answered(body, (400, -32600))

    def test_T03_an_escaped_name_is_the_same_name(self):
        body = b'{"jsonrpc":"2.0","id":1,"m\\u0065thod":"tools/call","params":%s}'
        body %= b'{"n\\u0061me":"echo","arguments":{"te\\u0078t":"x"}}'
        self.echoed(self.server.post(body), "x")

    def test_T03_members_beside_params_are_ignored(self):
        self.echoed(
            self.server.post({
                "jsonrpc": "2.0", "id": 1, "method": "tools/call", "extra": {"method": "x"},
                "params": {"name": "echo", "arguments": {"text": "x"}, "more": [1]}
            }), "x")

    def test_T05_wrong_types_in_every_place(self):
        junk = [None, True, 0, -1, 1.5, 10**30, "", "x", [], [1], {}, {"a": 1}, [[]]]
        shapes = {
            "id": lambda v: {"id": v}, "method": lambda v: {"method": v}, "params": lambda v: {"params": v},
            "name": lambda v: {"params": {"name": v, "arguments": {}}},
            "arguments": lambda v: {"params": {"name": "echo", "arguments": v}},
            "text": lambda v: {"params": {"name": "echo", "arguments": {"text": v}}},
            "_meta": lambda v: {"params": {"name": "echo", "arguments": {"text": "x"}, "_meta": v}}
        }
        for place, shape in shapes.items():
            for value in junk:
                with self.subTest(place=place, value=value):
                    message = {
                        "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {}, **shape(value)
                    }
                    self.assertLess(self.server.post(message).status, 500)
        self.server.assert_serves()

    def test_T05_wrong_arguments_are_told_not_run(self):
        for arguments in ({}, {"text": 1}, {"text": None}, {"text": ["x"]}, {"text": {"x": 1}}, {"Text": "x"
                                                                                                 }):
            with self.subTest(arguments=arguments):
                answer = self.server.call("echo", arguments)
                told = answer.error_code() == -32602 or answer.json().get("result", {}).get("isError") is True
                self.assertTrue(told, answer)

    def test_T05_mutated_requests_never_end_the_server(self):
        dice = random.Random(5)
        seeds = [
            ECHO % b'"x"',
            json.dumps({
                "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
                    "protocolVersion": "2025-11-25", "capabilities": {},
                    "clientInfo": {"name": "c", "version": "1"}
                }
            }).encode()
        ]
        with PatientWire(self.server) as wire:
            for _ in range(self.MUTATIONS):
                answer = self.server.post(self.mutated(dice, dice.choice(seeds)), wire=wire)
                self.assertLess(answer.status, 500, answer)
        self.server.assert_serves()

    @staticmethod
    def mutated(dice, seed):
        data = bytearray(seed)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(data))
            kind = dice.randrange(4)
            if kind == 0:
                data[at] = dice.randrange(256)
            elif kind == 1:
                del data[at:at + dice.randint(1, 8)]
            elif kind == 2:
                data[at:at] = dice.choice(
                    (b"{", b"}", b"[", b'"', b"\\u0000", b"null", b",", b"1e999", b"\xf0\x9f"))
            else:
                data[at:at] = data[at:at + dice.randint(1, 16)]
            data = data or bytearray(b"x")
        return bytes(data)


class Heavy(JsonCase):
    def setUp(self):
        self.server.assert_serves()
        self.before = rss_kib(self.server.process.pid)
        forget_peak(self.server.process.pid)

    def tearDown(self):
        self.server.assert_serves()
        grown = peak_rss_kib(self.server.process.pid) - self.before
        self.assertLess(grown, 8 * CAP // 1024 * slowness() + kept_freed_kib(), "KiB more at the peak than before the bodies")

    def test_F32_depth_of_one_hundred_thousand(self):
        depth = 100_000
        for body in (b"[" * depth, b'{"a":' * depth, b"[" * depth + b"]" * depth,
                     ECHO % (b"[" * depth + b"]" * depth), ECHO % (b'{"a":' * depth + b"1" + b"}" * depth)):
            with self.subTest(body=body[:20]):
                self.answered_quickly_once_of(3, body, (400, -32700), (400, -32600))

    def test_F32_two_hundred_thousand_members(self):
        members = b",".join(b'"k%d":%d' % (n, n) for n in range(200_000))
        for body in (ECHO % (b"{" + members + b"}"), b"{" + members + b"}",
                     b'{"jsonrpc":"2.0","id":1,"method":"ping",' + members + b"}",
                     CALL % (b'{"name":"echo","arguments":{"text":"x",' + members + b"}}")):
            with self.subTest(body=body[:60]):
                answer = self.answered_quickly_once_of(3, body, (200, None), (200, -32602), (400, -32600),
                                                       (400, -32602))
                self.assertLess(len(answer.body), CAP)

    def test_F32_a_string_of_twenty_mebibytes(self):
        with self.server.wire() as wire:
            fields = self.server.fields(headers={"Content-Length": str(20 << 20)})
            wire.send(request_bytes("POST", "/mcp", fields, host=self.server.authority))
            self.assertEqual(wire.reply().status, 413)

    def test_F32_a_number_of_one_hundred_thousand_digits(self):
        for number in (b"1" * 100_000, b"-" + b"9" * 100_000, b"1." + b"3" * 100_000, b"1e" + b"9" * 100_000):
            with self.subTest(number=number[:4]):
                answer = self.answered_quickly_once_of(3, ECHO % number, (200, None), (200, -32602),
                                                       (400, -32602), (400, -32700), (400, -32600))
                self.assertTrue(answer.status == 400 or answer.error_code() or answer.result().get("isError"),
                                answer)
                self.answered_quickly_once_of(3, b'{"jsonrpc":"2.0","id":' + number + b',"method":"ping"}',
                                              (400, -32600), (400, -32700))

    def test_F32_lone_surrogates(self):
        for text in (b'"\\ud800"', b'"\\udc00x"', b'"\\ud800\\ud800"', b'"\\ud83d"'):
            with self.subTest(text=text):
                answer = self.answered(ECHO % text, (200, None), (400, -32700), (400, -32600), (200, -32602),
                                       (400, -32602))
                answer.body.decode("utf-8")
        self.answered(ECHO % b'"\xed\xa0\x80"', (400, -32700))

    def test_F32_nul_in_strings_is_kept(self):
        self.echoed(self.answered(ECHO % b'"a\\u0000b"', (200, None)), "a\0b")
        self.answered(ECHO.replace(b"echo", b"echo\\u0000x") % b'"x"', (200, -32602), (400, -32602))
        self.answered(b'{"jsonrpc":"2.0","id":1,"method":"ping\\u0000"}', (404, -32601), (200, -32601),
                      (400, -32601))

    def test_F33_fifty_thousand_names_with_one_hash(self):
        names = colliding_names(50_000)
        self.assertEqual(len({libstdcpp_hash(name) for name in names[:100] + names[-100:]}), 1)
        members = ",".join(f'"{name}":0' for name in names).encode()
        self.assertLess(len(members), CAP)
        meta = b'{"io.modelcontextprotocol/protocolVersion":"' + MODERN.encode() + b'",' + members + b"}"
        for body in (ECHO % (b"{" + members + b"}"), b"{" + members + b"}",
                     b'{"jsonrpc":"2.0","id":1,"method":"ping",' + members + b"}",
                     b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":' + meta + b"}}"):
            with self.subTest(body=body[:60]):
                self.answered_quickly_once_of(3, body, (200, None), (200, -32602), (400, -32600),
                                              (400, -32602), (400, -32020))


if __name__ == "__main__":
    unittest.main()
