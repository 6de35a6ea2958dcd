"""`gatehouse client-config`: what it prints is what docs/clients.md says, and texts are what their clients can parse."""

import json
import re
import sys
import tomllib
import unittest
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from gatehouse_server import ROOT, command

PLACE = "http://127.0.0.1:8080/mcp"


def said(client, name="NAME", url=PLACE):
    done = command("client-config", client, "--name", name, "--url", url)
    assert done.returncode == 0, done.stderr
    return done.stdout


def text_of(output):
    """The text for the file, or None."""
    found = re.search(r"^File: .*\n(?:Windows: .*\n)?\n((?:.*\n)*?)\n(?=Command: |Token: |Note: )", output, re.M)
    return found.group(1) if found else None


def command_of(output):
    found = re.search(r"^Command: (.*)$", output, re.M)
    return found.group(1) if found else None


class ClientConfig(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.clients = command("client-config").stdout.split()
        cls.page = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")

    def test_every_client_is_on_the_page_word_for_word(self):
        self.assertEqual(len(self.clients), 16)
        for client in self.clients:
            output = said(client)
            with self.subTest(client):
                for words in (text_of(output), command_of(output)):
                    if words:
                        shown = words.replace(PLACE, "URL").replace('"127.0.0.1:8080"', '"HOST"')
                        self.assertIn("".join(f"    {line}\n" for line in shown.splitlines()), self.page)

    def test_the_demo_prints_what_the_command_prints_with_the_token_in_it(self):
        shown = (ROOT / "demo" / "run.sh").read_text(encoding="utf-8").replace("$address", "127.0.0.1:8080")
        held = r"\$\{(?:env:)?GATEHOUSE_TOKEN\}|\$GATEHOUSE_TOKEN|\$\{input:gatehouse-token\}"
        for client in ("claude-code", "cursor", "vscode"):
            output = said(client, "packages")
            words = command_of(output) or text_of(output).splitlines()[0].rstrip(",")
            whole = words if command_of(output) or words.count("{") == words.count("}") else words + "}"
            self.assertIn(re.sub(held, "$token", whole), shown, client)

    def test_a_text_is_read_by_its_client(self):
        for client in self.clients:
            text = text_of(said(client, "shop")) or ""
            with self.subTest(client):
                if text:
                    self.assertTrue(self.names(self.read(text), "shop", PLACE), text)

    @staticmethod
    def read(text):
        """As JSON, TOML or YAML, whichever the client reads."""
        if text.startswith("{"):
            return json.loads(text)
        return tomllib.loads(text) if text.startswith("[") else yaml.safe_load(text)

    def names(self, node, name, place):
        """Whether a server of this name, and nothing else, has this place."""
        if isinstance(node, list):
            return any(self.names(entry, name, place) for entry in node)
        if not isinstance(node, dict):
            return False
        own = node.get(name) or (node if node.get("name") == name and "mcpServers" not in node else None)
        if isinstance(own, dict):
            return place in own.values() or place in own.get("args", [])
        return any(self.names(entry, name, place) for entry in node.values())

    def test_an_unknown_client_is_refused_with_those_that_are_known(self):
        done = command("client-config", "emacs")
        self.assertEqual(done.returncode, 2)
        self.assertIn("known: claude-code, claude-desktop", done.stderr)


if __name__ == "__main__":
    unittest.main()
