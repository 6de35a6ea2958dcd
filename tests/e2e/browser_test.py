"""A web page in Chromium calls a tool, where its origin is allowed, and reads why it may not."""

import http.server
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer
from needed import needs

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGE_SECONDS = 60
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]
PAGE = """<!doctype html><title>a client</title><script>
const server = %(server)s, token = %(token)s;
async function post(message, headers) {
    return fetch(server, {method: 'POST', body: JSON.stringify({jsonrpc: '2.0', ...message}), headers: {
        'Content-Type': 'application/json', 'Accept': 'application/json, text/event-stream', ...headers}});
}
async function callTool() {
    const bearer = {Authorization: 'Bearer ' + token};
    const hello = {protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {name: 'page', version: '1'}};
    const first = await post({id: 1, method: 'initialize', params: hello}, bearer);
    const session = first.headers.get('Mcp-Session-Id');
    const inSession = {...bearer, 'Mcp-Session-Id': session, 'MCP-Protocol-Version': '2025-06-18'};
    await post({method: 'notifications/initialized'}, inSession);
    const params = {name: 'echo', arguments: {text: 'hello from a page'}};
    const called = await (await post({id: 2, method: 'tools/call', params}, inSession)).json();
    return {session, text: called.result.content[0].text};
}
async function readRefusal(headers) {
    const answer = await post({id: 1, method: 'ping'}, headers);
    return {status: answer.status, challenge: answer.headers.get('WWW-Authenticate'), body: await answer.json()};
}
async function outcome(work) {
    try { return await work; } catch (error) { return {error: String(error)}; }
}
(async () => {
    const report = {call: await outcome(callTool()), none: await outcome(readRefusal({})),
                    wrong: await outcome(readRefusal({Authorization: 'Bearer ' + 'x'.repeat(43) + '='}))};
    await fetch('/done', {method: 'POST', body: JSON.stringify(report)});
})();
</script>
"""


class Site(http.server.ThreadingHTTPServer):
    """The page on an origin of its own, and what it reported. It is asked for once, by one browser."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), SiteHandler)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.page = ""
        self.report = None
        self.reported = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


class SiteHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *unused):
        pass

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, self.server.page.encode()) if self.path == "/" else self.answer(404)

    def do_POST(self):
        self.server.report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer(204)
        self.server.reported.set()


class BrowserPages(unittest.TestCase):
    """One server that allows the first of two sites; each page makes the same requests."""

    @classmethod
    def setUpClass(cls):
        cls.allowed, cls.other = Site(), Site()
        for site in (cls.allowed, cls.other):
            cls.addClassCleanup(site.close)
        cls.server = GatehouseServer(settings={"http": {"allowed_origins": [cls.allowed.origin]}})
        cls.addClassCleanup(cls.server.__exit__, None)

    def report_of(self, site):
        """What the page of this site says once Chromium has run it."""
        site.page = PAGE % {"server": json.dumps(f"http://{self.server.authority}/mcp"),
                            "token": json.dumps(self.server.token.text)}
        with tempfile.TemporaryDirectory(prefix="gatehouse-browser-", ignore_cleanup_errors=True) as profile:
            chromium = subprocess.Popen([CHROMIUM, *FLAGS, f"--user-data-dir={profile}", site.origin + "/"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            try:
                arrived = site.reported.wait(PAGE_SECONDS)
            finally:
                chromium.kill()
                said = chromium.communicate()[0]
        self.assertTrue(arrived, f"the page never reported; Chromium said: {said[-2000:]}")
        return site.report

    @needs(CHROMIUM, "Chromium is not installed (Debian package chromium)")
    def test_D12_a_page_of_an_allowed_origin_calls_a_tool_and_reads_refusals(self):
        report = self.report_of(self.allowed)
        self.assertEqual(report["call"].get("text"), "hello from a page", report)
        self.assertTrue(report["call"]["session"], report)
        for case, words in (("none", "send the header Authorization: Bearer <API token>"),
                            ("wrong", "the access token is not valid (unknown, expired or removed)")):
            with self.subTest(token=case):
                self.assertEqual(report[case].get("status"), 401, report)
                self.assertIn("Bearer", report[case]["challenge"])
                self.assertIn(words, report[case]["body"]["error"]["message"])

    @needs(CHROMIUM, "Chromium is not installed (Debian package chromium)")
    def test_D12_a_page_of_another_origin_reads_nothing(self):
        report = self.report_of(self.other)
        for case in ("call", "none", "wrong"):
            self.assertEqual(report[case], {"error": "TypeError: Failed to fetch"}, report)


if __name__ == "__main__":
    unittest.main(verbosity=2)
