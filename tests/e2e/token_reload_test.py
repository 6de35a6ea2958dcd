"""F09, F10, F21: the token file under a running server, and at its start.

A change takes effect within 100 ms; a broken file keeps the last good set and says why.
"""

import os
import statistics
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness, test_plugin
from http_wire import ConnectionEnded
from patient_wire import PatientWire
from process_probe import rss_kib, wait_until
from served_case import ServedCase


class Changes(unittest.TestCase):
    def setUp(self):
        self.server = GatehouseServer(tokens=2)
        self.addCleanup(self.server.__exit__, None)

    def status(self, token, wire=None):
        return self.server.rpc("ping", token=token, wire=wire).status

    def seconds_until(self, token, wanted):
        with PatientWire(self.server) as wire:
            began = time.monotonic()
            self.assertTrue(wait_until(lambda: self.status(token, wire) == wanted, 5, 0.002),
                            f"never {wanted}")
            return time.monotonic() - began

    def test_F10_added_and_removed_tokens_take_effect_within_100_ms(self):
        added, removed = [], []
        for _ in range(7):
            token = self.server.token_file.add()
            added.append(self.seconds_until(token, 200))
            self.server.token_file.remove(token)
            removed.append(self.seconds_until(token, 401))
        self.assertLess(statistics.median(added), 0.1 * slowness(), added)
        self.assertLess(statistics.median(removed), 0.1 * slowness(), removed)

    def test_F10_every_reload_is_told_with_its_path(self):
        at = self.server.line_count()
        self.server.token_file.add()
        line = self.server.wait_line(r"Reloaded", after=at)
        self.assertEqual(line, f"[AUTH] Reloaded {self.server.token_file.path}")

    def test_F10_writing_in_place_works_like_renaming(self):
        token = self.server.token_file.mint()
        text = self.server.token_file.text() + token.as_list_item()
        with open(self.server.token_file.path, "w", encoding="utf-8") as out:
            out.write(text[:40])
            out.flush()
            out.write(text[40:])
        self.assertLess(self.seconds_until(token, 200), 1.0)

    def test_F10_a_removed_file_keeps_the_last_set_and_lets_nobody_else_in(self):
        stranger = self.server.token_file.mint()
        os.unlink(self.server.token_file.path)
        limit = time.monotonic() + 1.0
        while time.monotonic() < limit:
            self.assertEqual(self.status(stranger), 401)
            self.assertEqual(self.server.rpc("ping", token=None).status, 401)
        self.assertEqual(self.status(self.server.token), 200)
        fresh = self.server.token_file.add()
        self.assertLess(self.seconds_until(fresh, 200), 1.0 * slowness())
        self.assertEqual(self.status(self.server.token), 200)

    def test_F10_an_empty_set_lets_nobody_in(self):
        token = self.server.token
        self.server.token_file.replace(b"tokens: []\n")
        self.seconds_until(token, 401)
        self.server.token_file.save()
        self.seconds_until(token, 200)

    def test_F10_a_link_is_followed_as_mounts_swap_it(self):
        path = Path(self.server.token_file.path)
        sets = {}
        for name in ("first", "second"):
            folder = path.parent / name
            folder.mkdir()
            token = self.server.token_file.mint()
            (folder / "tokens.yaml").write_text("tokens:\n" + token.as_list_item(), encoding="utf-8")
            (folder / "tokens.yaml").chmod(0o600)
            sets[name] = token
        (path.parent / "..data").symlink_to("first")
        path.unlink()
        path.symlink_to("..data/tokens.yaml")
        self.seconds_until(sets["first"], 200)
        (path.parent / "..data_new").symlink_to("second")
        os.rename(path.parent / "..data_new", path.parent / "..data")
        self.assertLess(self.seconds_until(sets["second"], 200), 1.0 * slowness())
        self.assertEqual(self.status(sets["first"]), 401)

    def test_F10_the_map_form_is_read_as_well(self):
        self.server.token_file.form = "map"
        token = self.server.token_file.add()
        self.seconds_until(token, 200)
        self.assertEqual(self.status(self.server.token), 200)

    def test_T25_a_stream_ends_with_its_token(self):
        token = self.server.token_file.tokens[1]
        streams = [self.server.event_stream(token) for _ in range(3)]
        other = self.server.event_stream()
        self.server.token_file.remove(token)
        for stream in streams:
            self.assertTrue(stream.ended_within(2.0 * slowness()), "the stream outlived its token")
        self.assertFalse(other.ended_within(0.3))
        other.wire.close()

    def test_T25_a_session_ends_with_its_token(self):
        token = self.server.token_file.tokens[1]
        session = self.server.rpc("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}},
                                  token=token).header("mcp-session-id")
        self.server.token_file.remove(token)
        self.seconds_until(token, 401)
        self.server.token_file.add(token)
        self.seconds_until(token, 200)
        self.assertEqual(
            self.server.rpc("ping", token=token, headers={"Mcp-Session-Id": session}).status, 404)

    def test_T25_a_token_that_goes_while_its_request_comes_is_not_served(self):
        token = self.server.token_file.tokens[1]
        request = self.server.call_bytes("echo", {"text": "hello"}, token=token)
        with self.server.wire() as slow, self.server.wire() as whole:
            for wire in (slow, whole):
                wire.send(request[:-5])
            whole.send(request[-5:])
            self.assertEqual(whole.reply().status, 200)
            self.server.token_file.remove(token)
            self.seconds_until(token, 401)
            slow.send(request[-5:])
            answer = slow.reply()
        self.assertEqual(answer.status, 401)
        self.assertNotIn("hello", answer.text)

    def test_T25_a_token_ends_when_its_time_is_over(self):
        token = self.server.token_file.add(lives=3)
        self.seconds_until(token, 200)
        stream = self.server.event_stream(token)
        self.assertTrue(stream.ended_within(5.0), "the stream outlived its token")
        self.assertEqual(self.status(token), 401)
        self.assertEqual(self.status(self.server.token), 200)

    def test_F21_reloading_every_100_ms_decides_nothing_wrong(self):
        wrong, ending = [], threading.Event()
        stranger, steady = self.server.token_file.mint(), self.server.token

        def ask(token, allowed):
            with PatientWire(self.server) as wire:
                while not ending.is_set():
                    status = self.status(token, wire)
                    if status not in allowed:
                        wrong.append((token.id, status))

        coming = self.server.token_file.mint()
        askers = [
            threading.Thread(target=ask, args=row)
            for row in ((steady, {200}), (steady, {200}), (stranger, {401}), (coming, {200, 401}))
        ]
        for asker in askers:
            asker.start()
        for turn in range(40):
            (self.server.token_file.add if turn % 2 == 0 else self.server.token_file.remove)(coming)
            time.sleep(0.1)  # the pace of the reloads is what is tested
        ending.set()
        for asker in askers:
            asker.join()
        self.assertEqual(wrong, [])


class BrokenFiles(ServedCase):
    """Each of these replaces a good file; the good set stays in force and the log says why."""
    def setUp(self):
        self.restore()

    def restore(self):
        """Puts a good file back and waits until it is in force."""
        at = self.server.line_count()
        self.good = self.server.token_file.text().encode() + f"# good again {at}\n".encode()
        self.server.token_file.replace(self.good)
        self.server.wait_line("Reloaded", after=at)

    def kept(self, content, *, line_number=True):
        """The content comes in place of a good file: the reason is told and the good set stays."""
        self.restore()
        self.told(content, line_number)

    def told(self, content, line_number=True):
        at = self.server.line_count()
        self.server.token_file.replace(content)
        line = self.server.wait_line(f"^(?!\\[AUTH\\] Reloaded).*{self.server.token_file.path}",
                                     3 * slowness(), after=at)
        if line_number:
            self.assertRegex(line, r"(?i)line \d+|:\d+")
        self.assertEqual(self.server.rpc("ping").status, 200)
        self.assertEqual(self.server.rpc("ping", token=self.server.token_file.mint()).status, 401)
        self.assertEqual(self.server.get("/health").status, 200)

    def test_F09_truncated(self):
        self.kept(self.good[:len(self.good) - 60].rstrip() + b'\n  note: "unfinished')

    def test_F09_empty(self):
        self.kept(b"", line_number=False)

    def test_F09_white_space_and_comments_only(self):
        self.kept(b"# nothing\n\n", line_number=False)

    def test_F09_no_tokens_member(self):
        self.kept(b"token:\n- {id: a}\n", line_number=False)

    def test_F09_not_yaml(self):
        self.kept(b"tokens:\n- id: [a\n  hash: }\n")

    def test_F09_wrong_hashes(self):
        for digest in ("", "abc", "g" * 64, "a" * 63, "a" * 65, "$2b$12$abc"):
            with self.subTest(digest=digest[:8]):
                self.kept(f"tokens:\n- id: a\n  hash: \"{digest}\"\n  note: x\n".encode())

    def test_F09_no_hash_and_no_id(self):
        self.kept(b"tokens:\n- id: a\n  note: x\n")
        self.kept(b"tokens:\n- hash: " + b"a" * 64 + b"\n  note: x\n")

    def test_F09_duplicate_ids(self):
        self.kept(b"tokens:\n- {id: a, hash: " + b"a" * 64 + b"}\n- {id: a, hash: " + b"b" * 64 + b"}\n")

    def test_F09_wrong_dates(self):
        for date in ("soon", "2025-13-01T00:00:00Z", "2025-01-01", "-1", "[]"):
            with self.subTest(date=date):
                self.kept(f"tokens:\n- {{id: a, hash: {'a' * 64}, expires_at: \"{date}\"}}\n".encode())

    def test_F09_nul_bytes(self):
        self.kept(b"tokens:\n\0- id: a\n", line_number=False)

    def test_F09_scalar_and_nested_lists(self):
        self.kept(b"tokens: yes\n")
        self.kept(b"- tokens\n", line_number=False)
        self.kept(b"[" * 200_000, line_number=False)

    def test_F09_endless_aliases(self):
        rows = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"
                ] + [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
        self.kept(("\n".join(rows) + "\ntokens: *a11\n").encode(), line_number=False)

    def test_F09_a_gibibyte_of_nothing(self):
        before, at = rss_kib(self.server.process.pid), self.server.line_count()
        huge = self.server.token_file.path + ".huge"
        with open(huge, "wb") as out:
            out.truncate(1 << 30)
        os.chmod(huge, 0o600)
        os.rename(huge, self.server.token_file.path)
        self.server.wait_line(self.server.token_file.path, 5, after=at)
        self.assertEqual(self.server.rpc("ping").status, 200)
        self.assertLess(rss_kib(self.server.process.pid) - before, 128 * 1024)

    def test_F09_too_many_tokens(self):
        rows = "".join(f"- {{id: t{n}, hash: {n:064x}}}\n" for n in range(10_001))
        self.kept(f"tokens:\n{rows}".encode(), line_number=False)

    def test_F09_another_problem_is_told_as_well(self):
        self.told(b"tokens:\n- id: [a\n  hash: }\n")
        self.told(b"tokens:\n- id: a\n  hash: short\n")

    def in_its_place(self, make):
        """Puts something that is no file under the name; the server neither hangs nor forgets."""
        os.unlink(self.server.token_file.path)
        make(self.server.token_file.path)
        try:
            limit = time.monotonic() + 0.7
            while time.monotonic() < limit:
                self.assertEqual(self.server.rpc("ping").status, 200)
            self.assertEqual(self.server.rpc("ping", token=self.server.token_file.mint()).status, 401)
        finally:
            (os.rmdir if os.path.isdir(self.server.token_file.path) else os.unlink)(
                self.server.token_file.path)

    def test_F09_a_folder_in_its_place(self):
        self.in_its_place(os.mkdir)

    def test_F09_a_fifo_in_its_place(self):
        self.in_its_place(os.mkfifo)

    def test_F09_a_link_to_nowhere_in_its_place(self):
        self.in_its_place(lambda path: os.symlink("nowhere", path))

    def test_F09_an_endless_device_in_its_place(self):
        self.in_its_place(lambda path: os.symlink("/dev/zero", path))

    def test_F09_a_file_open_to_others_is_told(self):
        at = self.server.line_count()
        self.server.token_file.replace(self.good, mode=0o644)
        line = self.server.wait_line(
            rf"{self.server.token_file.path}.*(0?644|0?600|readable|permission|mode)"
            rf"|(0?644|0?600|readable|permission|mode).*{self.server.token_file.path}", 3, after=at)
        self.assertTrue(line)

    def test_F09_byte_order_mark_crlf_and_unknown_members_do_no_harm(self):
        for content in (b"\xef\xbb\xbf" + self.good, self.good.replace(b"\n", b"\r\n"),
                        self.good.replace(b"  note:", b"  colour: red\n  note:")):
            self.server.token_file.replace(content)
            limit = time.monotonic() + 0.4
            while time.monotonic() < limit:
                self.assertEqual(self.server.rpc("ping").status, 200)


class AtStart(unittest.TestCase):
    def failing(self, server, *patterns):
        """The server must end with exit code 3, saying all of this."""
        try:
            server.write_settings()
            server.launch()
            self.assertEqual(server.wait_exit(20), 3, server.log_tail())
            wait_until(lambda: None in server.lines, 5)
            for pattern in patterns:
                self.assertRegex(server.log_tail(), pattern)
        finally:
            server.discard()

    def test_F09_a_missing_file_names_the_two_ways_out(self):
        server = GatehouseServer(tokens=0, started=False)
        self.failing(server, server.token_file.path, r"token add|-add-token", r"-no-auth")

    def test_F09_a_broken_file_refuses_the_start_with_its_line(self):
        for content, line in ((b"tokens:\n- id: [a\n", r"(?i)line [23]|:[23]"),
                              (b"tokens:\n- id: a\n  hash: zz\n",
                               r"(?i)line [23]|:[23]"), (b"", "(?i)empty|tokens"), (b"a: 1\n", "tokens")):
            with self.subTest(content=content):
                server = GatehouseServer(tokens=0, started=False)
                server.token_file.replace(content)
                self.failing(server, server.token_file.path, line)

    def test_F09_expired_tokens_are_removed_and_counted(self):
        with GatehouseServer(started=False) as server:
            kept = server.token
            server.token_file.add(lives=-60)
            server.token_file.add(lives=None)
            server.start()
            path = server.token_file.path
            told = [line for line in server.log_lines() if "token(s)" in line or "Watching" in line]
            self.assertRegex(told[0],
                             f"^Loaded [23] API token\\(s\\) from {path}$")  # with or without the expired one
            self.assertEqual(told[1:], ["Removed 1 expired token(s)", f"Watching {path} for changes"])
            self.assertEqual(server.token_file.hashes_on_disk(),
                             [kept.digest, server.token_file.tokens[2].digest])
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            self.assertEqual([server.rpc("ping", token=token).status for token in server.token_file.tokens],
                             [200, 401, 200])

    def test_F09_nothing_is_said_of_expired_tokens_where_none_are(self):
        with GatehouseServer() as server:
            self.assertFalse([line for line in server.log_lines() if "Removed" in line])
            self.assertTrue([
                line for line in server.log_lines()
                if line == f"Loaded 1 API token(s) from {server.token_file.path}"
            ])

    def test_F09_no_auth_is_for_loopback_only(self):
        with GatehouseServer(words=["--no-auth"]) as server:
            self.assertEqual(server.rpc("ping", token=None).status, 200)
        server = GatehouseServer({"http": {"address": "0.0.0.0:0"}}, started=False, words=["--no-auth"])
        self.failing(server, r"(?i)auth")


class Interruption(unittest.TestCase):
    def test_T25_calls_of_a_removed_token_are_interrupted(self):
        with GatehouseServer(backend=test_plugin("witness"), tokens=2) as server:
            token = server.token_file.tokens[1]
            with server.wire(timeout=20) as wire:
                thread = threading.Thread(target=lambda: self.quietly(server, token, wire))
                began = time.monotonic()
                thread.start()
                self.assertTrue(wait_until(lambda: self.counts(server)["open"] >= 2, 5))
                server.token_file.remove(token)
                self.assertTrue(wait_until(lambda: self.counts(server)["interrupted"] >= 1, 3 * slowness()),
                                self.counts(server))
                thread.join()
                self.assertLess(time.monotonic() - began, 8)

    @staticmethod
    def quietly(server, token, wire):
        try:
            server.call("slow", {"ms": 10_000}, token=token, wire=wire)
        except (ConnectionEnded, OSError):
            pass

    @staticmethod
    def counts(server):
        return server.call("counts").result()["structuredContent"]


if __name__ == "__main__":
    unittest.main()
