"""The HTTP+SSE transport of 2024-11-05, where the settings turn it on."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from gatehouse_server import GatehouseServer
from http_wire import EventStream, request_bytes
from process_probe import wait_until

STREAM = {"Accept": "text/event-stream"}


class OldClient:
    """A GET stream, and the place to POST to that its first event names."""
    def __init__(self, server, token="first"):
        self.server, self.token = server, token
        self.wire = server.wire(timeout=10)
        fields = server.fields(token, {**STREAM, "Content-Type": None})
        self.wire.send(request_bytes("GET", "/sse", fields, host=server.authority))
        self.events = EventStream(self.wire, self.wire.head())
        first = self.events.next()
        assert first["event"] == "endpoint", first
        self.place = first["data"]

    def post(self, method, params=None, call_id=None, token=None):
        message = {"jsonrpc": "2.0", "method": method, "params": params or {}}
        if call_id is not None:
            message["id"] = call_id
        with self.server.wire() as wire:
            return wire.request("POST", self.place, self.server.fields(token or self.token),
                                json.dumps(message).encode()).status

    def call(self, method, params=None):
        assert self.post(method, params, 7) == 202
        return self.events.message()


class OldTransport(unittest.TestCase):
    def test_the_handshake_and_a_call(self):
        with GatehouseServer({"http": {"legacy_sse": True}}, backend="everything") as server:
            client = OldClient(server)
            params = {"protocolVersion": "2024-11-05", "capabilities": {},
                      "clientInfo": {"name": "old", "version": "1"}}
            self.assertEqual(client.call("initialize", params)["result"]["protocolVersion"], "2024-11-05")
            self.assertEqual(client.post("notifications/initialized"), 202)
            answer = client.call("tools/call", {"name": "test_simple_text"})
            self.assertEqual(answer["result"]["content"][0]["text"],
                             "This is a simple text response for testing.")
            client.wire.close()
            self.assertTrue(wait_until(lambda: client.post("ping", call_id=1) == 404, 5),
                            "the session ends with its stream")

    def test_another_caller_cannot_post_into_a_stream(self):
        with GatehouseServer({"http": {"legacy_sse": True}}, tokens=2) as server:
            client = OldClient(server)
            self.assertEqual(client.post("ping", call_id=1, token=server.token_file.tokens[1]), 404)
            self.assertEqual(client.call("ping")["result"], {})
            client.wire.close()

    def test_it_is_off_unless_turned_on(self):
        with GatehouseServer() as server, server.wire() as wire:
            self.assertEqual(wire.request("GET", "/sse", server.fields(headers=STREAM)).status, 404)


if __name__ == "__main__":
    unittest.main()
