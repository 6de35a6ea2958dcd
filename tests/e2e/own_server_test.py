"""A program with a server in it: built outside of the tree against the installed core, and called."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from gatehouse_server import ROOT, executable  # noqa: E402
from installed_sdk import build, install, run  # noqa: E402


TYPES = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


def fetched(url, token, body=None):
    """The status and the body of what is answered."""
    request = urllib.request.Request(url, body, {"Authorization": f"Bearer {token}", **TYPES})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def call(url, token):
    """The status and the body of one call of the tool."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "add", "arguments": {"a": 1, "b": 2}}}
    return fetched(url, token, json.dumps(body).encode())


HANDLER = """    const auto handler = [](const RouteRequest& request) {
        return RouteAnswer{200, "\\"" + request.parameter("item") + "\\""};
    };
"""


class OwnServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.page = (ROOT / "docs" / "embed.md").read_text(encoding="utf-8")
        cls.folder = Path(tempfile.mkdtemp(prefix="gatehouse-core-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        tree = Path(executable()).parents[1]
        targets = re.search(r"cmake --build build/release --target (.*)", cls.page).group(1).split()
        run("cmake", "--build", tree, "--target", *targets)
        cls.installed = install(cls.folder / "installed")
        run("cmake", "--install", tree, "--prefix", cls.installed, "--component", "core")

    def source_of_the_page(self, folder):
        """What docs/embed.md shows, which is the sample."""
        program, project = (re.search(rf"```{kind}\n(.*?)```", self.page, re.S).group(1) for kind in ("cpp", "cmake"))
        sample = ROOT / "samples" / "own_server"
        text = (sample / "main.cpp").read_text(encoding="utf-8")
        self.assertEqual(program, text[text.index("#include"):])
        self.assertIn(project, (sample / "CMakeLists.txt").read_text(encoding="utf-8"))
        self.assertLessEqual(len(text.splitlines()), 40)
        return shutil.copytree(sample, folder)

    def started(self, source):
        """The program, and the URL that it says."""
        made = Path(f"{source}-build")
        build(source, made, self.installed)
        program = subprocess.Popen([made / "own_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(program.stdout.close)
        self.addCleanup(program.wait)
        self.addCleanup(program.stdin.close)
        return program, program.stdout.readline().strip()

    def test_a_route_of_the_page_answers_whoever_has_the_key(self):
        source = shutil.copytree(ROOT / "samples" / "own_server", self.folder / "with_route")
        route = re.search(r"`(parts\.routes\.push_back\(.*?\))`", self.page).group(1)
        text = (source / "main.cpp").read_text(encoding="utf-8")
        before, server = text.split("    EmbeddedServer")
        (source / "main.cpp").write_text(f"{before}{HANDLER}    {route};\n    EmbeddedServer{server}", encoding="utf-8")
        stock = self.started(source)[1].replace("/mcp", "/stock/leek")
        self.assertEqual(fetched(stock, "open-sesame"), (200, '"leek"'))
        self.assertEqual(fetched(stock, "open-barley")[0], 401)

    def test_a_program_of_its_own_serves_its_tool_to_whoever_has_its_key(self):
        program, url = self.started(self.source_of_the_page(self.folder / "own_server"))
        status, answer = call(url, "open-sesame")
        self.assertEqual(status, 200, answer)
        self.assertIn('"structuredContent":{"sum":3', answer)
        self.assertEqual(call(url, "open-barley")[0], 401)
        program.stdin.write("\n")
        program.stdin.flush()
        self.assertEqual(program.wait(20), 0)


if __name__ == "__main__":
    unittest.main()
