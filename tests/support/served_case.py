"""A test class with one real server for all of its tests, stopped with exit code 0 at the end."""

import unittest

from gatehouse_server import GatehouseServer


class ServedCase(unittest.TestCase):
    options = {}

    @classmethod
    def setUpClass(cls):
        cls.server = GatehouseServer(**cls.options)
        cls.addClassCleanup(cls.server.__exit__, None)

    def refused(self, answer, *statuses):
        """The answer's status is one of these, and the tool did not run."""
        self.assertIn(answer.status, statuses, answer)
        self.assertNotIn(b'"result"', answer.body, answer)

    def echoed(self, answer, text):
        """The answer is the echo tool's."""
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.result()["content"][0]["text"], text)


class StartCase(unittest.TestCase):
    """Servers that a test starts by itself, and starts that must be refused."""

    def start(self, settings, env=None, **more):
        server = GatehouseServer(settings=settings, env=env or {}, **more)
        self.addCleanup(server.discard)
        return server

    def start_refused(self, words, settings=None, env=None):
        """The server does not start with these settings: exit code 3, and it says so in these words."""
        server = self.start(settings, env, started=False)
        server.write_settings()
        server.launch()
        self.assertEqual(server.process.wait(10), 3)
        server.wait_line(words)
