"""U07: why a token expired or was removed is known to the operator after a restart, and to nobody else."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import ROOT, GatehouseServer, command
from process_probe import wait_until


class Gone(unittest.TestCase):
    def test_U07_why_a_token_has_gone_stays_known_after_a_restart_and_clients_read_the_same(self):
        with GatehouseServer(started=False, tokens=2) as server:
            late, removed = server.token_file.add(lives=-60), server.token_file.tokens[1]
            server.start()
            done = command("token", "remove", removed.id, "--token-file", server.token_file.path)
            self.assertEqual(done.returncode, 0, done)
            self.assertTrue(wait_until(lambda: server.rpc("ping", token=removed).status == 401, 5))
            for starts in ("the first", "the second"):
                with self.subTest(starts=starts):
                    self.reasons_are_told(server, late, removed)
                server.stop()
                server.start()

    def reasons_are_told(self, server, late, removed):
        unknown = server.rpc("ping", token=server.token_file.mint())
        answers = [server.rpc("ping", token=token) for token in (late, removed)]
        self.assertEqual([answer.status for answer in answers], [401, 401])
        self.assertEqual({answer.body for answer in answers}, {unknown.body})
        self.assertTrue(wait_until(lambda: "was removed at" in "\n".join(server.log_lines()), 5))
        told = "\n".join(server.log_lines())
        self.assertRegex(told, f"refused 401 expired.*{late.id} expired at ")
        self.assertRegex(told, f"refused 401 revoked.*{removed.id} was removed at ")
        for token in (late, removed):
            self.assertNotIn(token.text, told)
        self.assertEqual(server.rpc("ping").status, 200)

    def test_U07_explain_says_so_and_writes_nothing(self):
        with GatehouseServer(started=False) as server:
            late = server.token_file.add(lives=-60)
            server.write_settings()
            before = Path(server.token_file.path).read_bytes()
            for _ in range(2):
                done = command("explain", "--config", server.settings_path, stdin=late.text + "\n")
                self.assertEqual(done.returncode, 1, done)
                self.assertRegex(done.stdout, rf"rejected \(expired\): {late.id} expired at ")
            self.assertEqual(Path(server.token_file.path).read_bytes(), before)
            self.assertFalse(Path(server.token_file.path + ".lock").exists())


class Runbook(unittest.TestCase):
    def test_every_reason_of_a_refusal_stands_on_the_page_with_its_remedy(self):
        page = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
        named = re.findall(r'case Rejected::Reason::\w+: return "(\w+)";', (ROOT / "core/auth/authentication.cpp").read_text())
        for source in sorted((ROOT / "core").rglob("*.cpp")):
            named += re.findall(r'\.reason = "(\w+)"', source.read_text(encoding="utf-8"))
        self.assertGreater(len(set(named)), 12)
        for reason in sorted(set(named)):
            self.assertIn(f"`{reason}`", page)


if __name__ == "__main__":
    unittest.main()
