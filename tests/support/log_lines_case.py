"""A server whose log and audit file are looked through for what others wrote into them."""

import json
import re
import unittest

from gatehouse_server import GatehouseServer
from process_probe import wait_until

FORGED = "[AUTH] Reloaded /forged"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class LogLinesCase(unittest.TestCase):
    def setUp(self):
        self.server = GatehouseServer({"log": {"level": "debug"}}, started=False)
        self.server.token_file.add(name="evil\n" + FORGED, note="note\n" + FORGED + "\x1b[31m")
        self.server.start()
        self.addCleanup(self.server.__exit__, None)

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
