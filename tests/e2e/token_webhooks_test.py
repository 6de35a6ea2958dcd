"""Webhooks: what happens to tokens is told to others, signed, once, and never into a network that was not meant."""

import hashlib
import hmac
import json
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import slowness
from managed_server import ManagedServer
from process_probe import eventually
from scripted_provider import ScriptedProvider

SECRET = "a secret of sixteen bytes or more"


class Webhooks(unittest.TestCase):
    def setUp(self):
        self.receiver = ScriptedProvider()
        self.addCleanup(self.receiver.close)
        self.receiver.answers["/hook"] = (204, {}, b"")

    def serve(self, store="sqlite", like=None, **hook):
        settings = {"admin": {"webhooks": [{"url": self.receiver.url + "/hook", "secret": SECRET, "allow_private": True, **hook}]}}
        server = ManagedServer(settings, store=store, place=like.folder if like else None, manager=like.manager if like else None)
        self.addCleanup(server.discard)
        server.wait_line("Listening")
        time.sleep(1.5)  # the first look has noticed what there is
        return server

    def told(self):
        return [json.loads(body)["type"] for _, _, _, body in self.receiver.asked]

    def wait_told(self, *events):
        eventually(lambda: sorted(self.told()) == sorted(events), 6 * slowness())

    def test_each_event_is_told_once_though_two_servers_share_the_store(self):
        server = self.serve()
        self.serve(like=server)
        made = server.create(name="watched")
        self.wait_told("token.created")
        rotated = server.api("POST", f"{made['id']}/rotate", {}).json()
        self.wait_told("token.created", "token.rotated")
        server.api("POST", f"{made['id']}/suspend", {})
        self.wait_told("token.created", "token.rotated", "token.suspended")
        server.api("DELETE", f"{made['id']}?reason=left")
        self.wait_told("token.created", "token.rotated", "token.suspended", "token.revoked")
        time.sleep(2)
        self.assertEqual(len(self.told()), 4)
        sent = b"".join(body for _, _, _, body in self.receiver.asked)
        for text in (made["token"], rotated["token"]):
            self.assertNotIn(text.encode(), sent)

    def test_what_the_command_line_does_is_told_also_when_no_server_runs(self):
        for store in ("sqlite", "file"):
            with self.subTest(store):
                self.receiver.asked.clear()
                server = self.serve(store)
                server.stop()
                text = server.add("leaked somewhere", life="90d")
                found = server.folder / "notes.txt"
                found.write_text(f"key = {text}\n")
                server.start()
                self.wait_told("token.created")
                self.assertEqual(server.run("token", "scan", "--revoke", found).returncode, 1)
                self.wait_told("token.created", "token.leaked")
                server.stop()

    def test_the_signature_is_over_time_and_body(self):
        server = self.serve()
        server.create()
        self.wait_told("token.created")
        _, _, headers, body = self.receiver.asked[0]
        stamp, signature = (part.split("=", 1)[1] for part in headers["Gatehouse-Signature"].split(","))
        wanted = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        self.assertEqual(signature, wanted)
        self.assertLess(abs(time.time() - int(stamp)), 60)

    def test_only_what_was_asked_for_is_told(self):
        server = self.serve(events=["revoked"])
        made = server.create()
        server.api("DELETE", made["id"])
        self.wait_told("token.revoked")

    def test_one_that_fails_is_told_again(self):
        answers = iter([(500, {}, b""), (302, {"Location": self.receiver.url + "/elsewhere"}, b"")])
        self.receiver.answers["/hook"] = lambda _: next(answers, (200, {}, b""))
        server = self.serve()
        server.create()
        eventually(lambda: len(self.receiver.asked) == 3, 20 * slowness())
        self.assertEqual({path for _, path, _, _ in self.receiver.asked}, {"/hook"})
        self.assertEqual(len({body for _, _, _, body in self.receiver.asked}), 1)
        eventually(lambda: server.metrics().get('gatehouse_webhook_deliveries_total{event="token.created",outcome="delivered"}') == 1,
                   5 * slowness())

    def test_T21_an_address_of_our_own_network_is_not_asked_unless_that_is_allowed(self):
        server = self.serve(allow_private=False)
        server.create()
        server.wait_line("webhook .* did not take token.created", 6 * slowness())
        self.assertEqual(self.receiver.asked, [])
        self.assertNotIn(SECRET, "\n".join(server.log_lines()))

    def test_the_end_of_a_token_is_told_before_it_comes(self):
        server = self.serve(events=["expiring"])
        server.create(name="soon", expires_in_days=5)
        server.create(name="late", expires_in_days=90)
        server.stop()
        server.start()  # reminders are looked for at a start, and each minute
        self.wait_told("token.expiring")
        body = json.loads(self.receiver.asked[0][3])
        self.assertEqual((body["token"]["name"], body["token"]["days_left"]), ("soon", 5))
        eventually(lambda: server.metrics().get('gatehouse_tokens_expiring{within="7d"}') == 1, 5 * slowness())


if __name__ == "__main__":
    unittest.main()
