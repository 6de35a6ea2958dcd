"""T29: what clients and operators write reaches the logs as text: one line each, no control characters."""

import base64
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from log_lines_case import FORGED, LogLinesCase
from patient_wire import PatientWire

NASTY = [
    "line\n" + FORGED, "line\r\n" + FORGED, "\x1b[2J\x1b[31mred", "nul\0nul", '"},{"forged":true,"x":"',
    "\u202egnp.exe", "\u2028" + FORGED, "\x7f\x80\x9b31m", "back\\slash\\n", "%0a%0d" + FORGED, "{}",
    "a" * 5000, "${jndi:ldap://x}", "\ud7ff\ue000\uffff"
]


class LogInjection(LogLinesCase):
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

    def test_T29_hostile_words_stay_in_their_line(self):
        for word in NASTY:
            self.speak(word)
        self.raw_garbage()
        self.check()


if __name__ == "__main__":
    unittest.main()
