"""MCP over standard input and output: both eras, nothing but messages on the output, the end with the input."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from gatehouse_server import executable, slowness

MODERN = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {"elicitation": {}}}


class Stdio:
    """A server over pipes; what it writes is read line by line."""
    def __init__(self, folder):
        settings = Path(folder) / "settings.yaml"
        settings.write_text('backend: {plugin: everything}\n', encoding="ascii")
        self.errors = open(Path(folder) / "errors", "w+", encoding="utf-8")
        self.process = subprocess.Popen([executable(), "serve", "--stdio", "--config", settings],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)

    def send(self, method=None, params=None, **members):
        message = {"jsonrpc": "2.0", **({"method": method} if method else {}), **members}
        if params is not None:
            message["params"] = params
        self.write(json.dumps(message))

    def write(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def read(self):
        return json.loads(self.process.stdout.readline())

    def initialize(self, **capabilities):
        self.send("initialize", {"protocolVersion": "2025-11-25", "capabilities": capabilities,
                                 "clientInfo": {"name": "test", "version": "1"}}, id=0)
        answer = self.read()
        self.send("notifications/initialized")
        return answer

    def end(self):
        """Closes the input; the exit code, and what was still written."""
        self.process.stdin.close()
        rest = self.process.stdout.read().decode()
        return self.process.wait(10 * slowness()), rest

    def discard(self):
        self.process.kill()
        self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout, self.errors):
            pipe.close()


class OverPipes(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="gatehouse-stdio-")
        self.addCleanup(self.folder.cleanup)
        self.server = Stdio(self.folder.name)
        self.addCleanup(self.server.discard)

    def test_the_handshake_a_call_and_the_end(self):
        self.assertEqual(self.server.initialize()["result"]["protocolVersion"], "2025-11-25")
        self.server.send("tools/call", {"name": "test_simple_text"}, id="a")
        answer = self.server.read()
        self.assertEqual((answer["id"], answer["result"]["content"][0]["text"]),
                         ("a", "This is a simple text response for testing."))
        self.assertEqual(self.server.end(), (0, ""))

    def test_a_modern_client_may_probe_first(self):
        self.server.send("server/discover", {"_meta": MODERN}, id=1)
        self.assertIn("2026-07-28", self.server.read()["result"]["supportedVersions"])
        self.assertEqual(self.server.end()[0], 0)

    def test_calls_that_were_read_are_answered_before_the_end(self):
        self.server.send("tools/call", {"name": "test_slow", "arguments": {"milliseconds": 300}}, id=1)
        code, rest = self.server.end()
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(rest)["result"]["content"][0]["text"], "Slow, but done")

    def test_a_legacy_client_is_asked_and_answers(self):
        self.server.initialize(elicitation={})
        self.server.send("tools/call", {"name": "test_elicitation", "arguments": {"message": "Who?"}}, id=5)
        asked = self.server.read()
        self.assertEqual((asked["method"], asked["params"]["message"]), ("elicitation/create", "Who?"))
        content = {"username": "ada", "email": "ada@example.com"}
        self.server.send(id=asked["id"], result={"action": "accept", "content": content})
        answer = self.server.read()
        self.assertEqual(answer["id"], 5)
        self.assertIn("ada@example.com", answer["result"]["content"][0]["text"])

    def test_a_modern_client_is_asked_by_an_answer(self):
        params = {"name": "test_input_required_result_elicitation", "_meta": MODERN}
        self.server.send("tools/call", params, id=1)
        first = self.server.read()["result"]
        answers = {"user_name": {"action": "accept", "content": {"name": "Ada"}}}
        self.server.send("tools/call", {**params, "inputResponses": answers,
                                        "requestState": first["requestState"]}, id=2)
        self.assertEqual(self.server.read()["result"]["content"][0]["text"], "Hello, Ada!")

    def test_several_subscriptions_share_the_channel(self):
        for name, wish in (("s1", {"toolsListChanged": True}), ("s2", {"promptsListChanged": True})):
            self.server.send("subscriptions/listen", {"notifications": wish, "_meta": MODERN}, id=name)
            acknowledged = self.server.read()
            self.assertEqual(acknowledged["method"], "notifications/subscriptions/acknowledged")
        self.server.send("tools/call", {"name": "test_trigger_prompt_change", "_meta": MODERN}, id=3)
        seen = [self.server.read(), self.server.read()]
        told = [message for message in seen if "method" in message]
        self.assertEqual([message["method"] for message in told], ["notifications/prompts/list_changed"])
        self.assertEqual(told[0]["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], "s2")

    def test_a_cancelled_call_is_not_answered(self):
        self.server.send("tools/call", {"name": "test_slow", "arguments": {"milliseconds": 20000},
                                        "_meta": MODERN}, id=1)
        self.server.send("notifications/cancelled", {"requestId": 1})
        self.server.send("tools/call", {"name": "test_simple_text", "_meta": MODERN}, id=2)
        self.assertEqual(self.server.read()["id"], 2)
        self.assertEqual(self.server.end(), (0, ""))

    def test_what_is_no_message_gets_an_error_and_the_next_is_served(self):
        for line, code in (("{bad", -32700), ("[]", -32600), ('{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600)):
            self.server.write(line)
            self.assertEqual(self.server.read()["error"]["code"], code, line)
        self.server.send("ping", id=9)
        self.assertEqual(self.server.read()["result"], {})


if __name__ == "__main__":
    unittest.main()
