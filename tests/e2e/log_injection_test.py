"""T29: what clients and operators write reaches the logs as text: one line each, no control characters."""

import base64
import json
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import corpus_reader
from gatehouse_server import GatehouseServer
from patient_wire import PatientWire
from process_probe import wait_until

FORGED = "[AUTH] Reloaded /forged"
NASTY = [
    "line\n" + FORGED, "line\r\n" + FORGED, "\x1b[2J\x1b[31mred", "nul\0nul", '"},{"forged":true,"x":"',
    "\u202egnp.exe", "\u2028" + FORGED, "\x7f\x80\x9b31m", "back\\slash\\n", "%0a%0d" + FORGED, "{}",
    "a" * 5000, "${jndi:ldap://x}", "\ud7ff\ue000\uffff"
]
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class LogInjection(unittest.TestCase):
    def setUp(self):
        self.server = GatehouseServer({"log": {"level": "debug"}}, started=False)
        self.server.token_file.add(name="evil\n" + FORGED, note="note\n" + FORGED + "\x1b[31m")
        self.server.start()
        self.addCleanup(self.server.__exit__, None)

    def speak(self, word):
        """The word in every place of a request that a log could repeat."""
        server, safe = self.server, base64.b64encode(word.encode()).decode()
        with PatientWire(server) as wire:
            for token in (server.token, server.token_file.tokens[1]):
                server.call(word, {"text": word, word: word}, token=token, call_id=word, wire=wire)
            server.rpc(word, {word: word}, wire=wire)
            server.rpc(
                "initialize",
                {"protocolVersion": word, "capabilities": {}, "clientInfo": {"name": word, "version": word}},
                wire=wire)
            server.modern("tools/call", {"name": word, "arguments": {}}, {"Mcp-Name": f"=?base64?{safe}?="},
                          wire=wire)
            server.modern(word, {}, {"Mcp-Method": "x", "Mcp-Name": "y"}, wire=wire)
            server.post({"jsonrpc": "2.0", "method": "notifications/" + word, "params": {"reason": word}},
                        wire=wire)
        quoted = "".join(f"%{byte:02x}" for byte in word.encode()[:300])
        server.get(f"/{quoted}?q={quoted}")
        line = re.sub(r"[\x00-\x1f\x7f]", " ", word)[:1000].encode("utf-8", "replace").decode("latin-1")
        for name in ("User-Agent", "Origin", "Host", "Authorization", "Mcp-Session-Id",
                     "MCP-Protocol-Version", "X-Forwarded-For", "Accept"):
            server.rpc("ping", headers={name: line})

    def raw_garbage(self):
        for bad in (b"\x1b[31m /x HTTP/1.1\r\n\r\n", b"GET /\n" + FORGED.encode() + b" HTTP/1.1\r\n\r\n",
                    b"\x16\x03\x01\x02\x00\x01\x00",
                    b"GET / HTTP/1.1\r\nHost: a\n" + FORGED.encode() + b"\r\n\r\n",
                    bytes(range(256)) + b"\r\n\r\n"):
            with self.server.wire() as wire:
                wire.send(bad).socket.shutdown(1)
                wire.closed_within(5)

    def check(self):
        self.server.assert_serves()
        self.assertTrue(wait_until(lambda: self.server.audit_bytes().endswith(b"\n"), 3))
        audit = self.server.audit_bytes().decode("utf-8")
        for line in audit.split("\n")[:-1]:
            self.assertIsInstance(json.loads(line), dict, line)
            self.assertNotRegex(line, CONTROL)
        for line in self.server.log_lines():
            self.assertFalse(line.startswith(FORGED), line)
            self.assertNotRegex(line, CONTROL)
            if line.startswith("{"):
                json.loads(line)
        self.assertNotIn(self.server.token.text, audit + "\n".join(self.server.log_lines()))
        for name in self.server.metrics():
            self.assertNotRegex(name, CONTROL)

    def test_T29_hostile_words_stay_in_their_line(self):
        for word in NASTY:
            self.speak(word)
        self.raw_garbage()
        self.check()

    @corpus_reader.needs_corpora
    def test_T29_naughty_strings_stay_in_their_line(self):
        words = corpus_reader.naughty_strings()
        self.assertGreaterEqual(len(words), 500)
        for word in words:
            self.server.call(word, {"text": word}, call_id=word)
            answer = self.server.call("echo", {"text": word})
            self.assertEqual(answer.result()["content"][0]["text"], word)
        self.check()


if __name__ == "__main__":
    unittest.main()
