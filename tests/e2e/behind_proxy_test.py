"""What the runbook shows for nginx and HAProxy, as it stands on the page, in front of a real server."""

import json
import re
import socket
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import unpacked_programs
from fetched_tools import Missing
from gatehouse_server import ROOT, GatehouseServer, slowness
from http_wire import EventStream, Wire, call_body, request_bytes
from identity_provider import free_port
from mcp_clients import BOTH, request
from needed import give_up
from process_probe import wait_until

PAGE = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8").split("## Behind a proxy, under a path")[1]
URL = re.search(r"`http\.public_url: (\S+)`", PAGE).group(1)
HOST = URL.split("/")[2]
METADATA = f"https://{HOST}/.well-known/oauth-protected-resource/apps/db/mcp"
CALLER = "127.0.0.2"  # an address that no proxy has
IDLE = 0.4  # seconds: what the proxy's own defaults give a server that says nothing


def shown(proxy):
    """The page's lines for this proxy."""
    block = re.search(rf"(?m)^    # {proxy}\b[^\n]*\n((?:    [^\n]*\n)+)", PAGE).group(1)
    return textwrap.dedent(block)


def nginx_file(folder, port, lines):
    return f"""daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; proxy_read_timeout {int(IDLE * 1000)}ms;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port};
{lines}
  }}
}}
"""


def haproxy_file(_, port, lines):
    lines = lines.replace("frontend web\n", f"frontend web\n  bind 127.0.0.1:{port}\n")
    return f"""defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server {int(IDLE * 1000)}ms
{lines}
"""


class BehindProxy:
    """The tests, for each proxy."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="gatehouse-proxy-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.server = GatehouseServer({"http": {"public_url": URL, "trusted_proxies": ["127.0.0.1"]},
                                      "auth": {"resource": {"authorization_servers": ["https://id.example"]}}},
                                     backend="everything")
        cls.addClassCleanup(cls.server.__exit__, None)

    def setUp(self):
        try:
            self.program, self.environment = unpacked_programs.need(self.proxy)
        except Missing as why:
            give_up(self, str(why))
        self.port = free_port()
        lines = shown(self.name)
        self.assertIn("127.0.0.1:8080", lines)
        lines = lines.replace("127.0.0.1:8080", self.server.authority)
        file = self.folder / "proxy.conf"
        file.write_text(self.written(self.folder, self.port, lines), encoding="utf-8")
        self.process = subprocess.Popen([self.program, *self.words(file)], env=self.environment, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        self.assertTrue(wait_until(self.listens, 10 * slowness()), "the proxy does not listen")

    def listens(self):
        self.assertIsNone(self.process.poll(), "the proxy has ended")
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def wire(self):
        return Wire("127.0.0.1", self.port, timeout=10 * slowness(), source=CALLER)

    def fields(self, **how):
        return {"Host": HOST, **self.server.fields(**how)}

    def ask(self, method, path, fields=None, body=b""):
        with self.wire() as wire:
            return wire.request(method, path, fields or {"Host": HOST}, body)

    def call(self, **how):
        return self.ask("POST", "/apps/db/mcp", self.fields(**how), call_body("test_simple_text", {}))

    def test_a_call_goes_through(self):
        self.assertIn("simple text", self.call().result()["content"][0]["text"])
        self.assertEqual(self.ask("GET", "/apps/db/health").status, 200)

    def test_a_body_as_large_as_the_server_takes_goes_through(self):
        body = call_body("test_simple_text", {}, size=4_000_000)
        self.assertEqual(self.ask("POST", "/apps/db/mcp", self.fields(), body).status, 200)

    def test_a_client_without_a_token_finds_the_metadata_through_the_proxy(self):
        answer = self.call(token=None)
        self.assertEqual(answer.status, 401)
        self.assertIn(f'resource_metadata="{METADATA}"', answer.header("www-authenticate"))
        told = self.ask("GET", METADATA.removeprefix(f"https://{HOST}"))
        self.assertEqual((told.status, told.json()["resource"]), (200, f"{URL}/mcp"))

    def test_limits_and_logs_see_the_caller(self):
        before = len(self.server.audit_bytes())
        self.call(token="wrong", headers={"X-Forwarded-For": "198.51.100.7"})
        self.assertTrue(wait_until(lambda: len(self.server.audit_bytes()) > before, 5 * slowness()))
        told = [json.loads(line) for line in self.server.audit_bytes()[before:].splitlines()]
        self.assertEqual([(line["peer"], line["path"]) for line in told], [(CALLER, self.path)])

    def test_a_stream_comes_at_once_and_outlives_the_proxys_patience(self):
        params, own = self.server.modern_parts("subscriptions/listen", {"notifications": {"toolsListChanged": True}})
        fields = self.fields(headers={**own, "Accept": BOTH})
        with self.wire() as wire:
            body = json.dumps(request("subscriptions/listen", params)).encode()
            wire.send(request_bytes("POST", "/apps/db/mcp", fields, body))
            stream = EventStream(wire, wire.head())
            self.assertEqual(stream.message()["method"], "notifications/subscriptions/acknowledged")
            self.assertFalse(stream.ended_within(3 * IDLE))


class Nginx(BehindProxy, unittest.TestCase):
    name, proxy, written = "nginx", unpacked_programs.NGINX, staticmethod(nginx_file)
    path = "/apps/db/mcp"  # as the server sees it

    def words(self, file):
        return ["-p", self.folder, "-c", file, "-e", self.folder / "error.log"]


class HaProxy(BehindProxy, unittest.TestCase):
    name, proxy, written = "HAProxy", unpacked_programs.HAPROXY, staticmethod(haproxy_file)
    path = "/mcp"

    def words(self, file):
        return ["-db", "-f", file]


if __name__ == "__main__":
    unittest.main()
