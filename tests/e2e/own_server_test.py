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


def call(url, token):
    """The status and the body of one call of the tool."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "add", "arguments": {"a": 1, "b": 2}}}
    request = urllib.request.Request(url, json.dumps(body).encode(), {
        "Authorization": f"Bearer {token}", "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


class OwnServer(unittest.TestCase):
    def source_of_the_page(self, folder):
        """What docs/embed.md shows, which is the sample."""
        page = (ROOT / "docs" / "embed.md").read_text(encoding="utf-8")
        program, project = (re.search(rf"```{kind}\n(.*?)```", page, re.S).group(1) for kind in ("cpp", "cmake"))
        sample = ROOT / "samples" / "own_server"
        text = (sample / "main.cpp").read_text(encoding="utf-8")
        self.assertEqual(program, text[text.index("#include"):])
        self.assertIn(project, (sample / "CMakeLists.txt").read_text(encoding="utf-8"))
        self.assertLessEqual(len(text.splitlines()), 40)
        return shutil.copytree(sample, folder)

    def test_a_program_of_its_own_serves_its_tool_to_whoever_has_its_key(self):
        folder = Path(tempfile.mkdtemp(prefix="gatehouse-core-"))
        self.addCleanup(shutil.rmtree, folder, True)
        tree = Path(executable()).parents[1]
        run("cmake", "--build", tree, "--target", "gatehouse_core", "gatehouse_json")
        installed = install(folder / "installed")
        run("cmake", "--install", tree, "--prefix", installed, "--component", "core")
        source = self.source_of_the_page(folder / "own_server")
        build(source, folder / "build", installed)
        program = subprocess.Popen([folder / "build" / "own_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(program.stdout.close)
        self.addCleanup(program.wait)
        self.addCleanup(program.stdin.close)
        url = program.stdout.readline().strip()
        status, answer = call(url, "open-sesame")
        self.assertEqual(status, 200, answer)
        self.assertIn('"structuredContent":{"sum":3', answer)
        self.assertEqual(call(url, "open-barley")[0], 401)
        program.stdin.write("\n")
        program.stdin.flush()
        self.assertEqual(program.wait(20), 0)


if __name__ == "__main__":
    unittest.main()
