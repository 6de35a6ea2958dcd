"""F22-F27, F37, F43-F45: signals, lost peers, failing tools, blocked logs, restarts and odd surroundings."""

import os
import pwd
import signal
import socket
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, command, slowness, test_plugin
from http_wire import ConnectionEnded
from needed import needs
from patient_wire import PatientWire
from process_probe import wait_until
from served_case import StartCase
from shared_copy import run_from_shared_copy


def witness(**options):
    return GatehouseServer(backend=test_plugin("witness"), **options)


def counts(server):
    return server.call("counts").result()["structuredContent"]


class Calls:
    """Calls running in threads of their own, with what came of each."""
    def __init__(self, server, number, tool, arguments, **how):
        self.answers = []
        self.threads = [
            threading.Thread(target=self._call, args=(server, tool, arguments, how)) for _ in range(number)
        ]
        for thread in self.threads:
            thread.start()

    def _call(self, server, tool, arguments, how):
        try:
            with server.wire(timeout=30) as wire:
                self.answers.append(server.call(tool, arguments, wire=wire, **how))
        except (ConnectionEnded, OSError) as lost:
            self.answers.append(lost)

    def join(self):
        for thread in self.threads:
            thread.join()
        return self.answers

    def statuses(self):
        return [getattr(answer, "status", repr(answer)) for answer in self.join()]


class Stopping(unittest.TestCase):
    def test_F23_calls_in_flight_finish_and_streams_end(self):
        with witness() as server:
            streams = [server.event_stream() for _ in range(10)]
            calls = Calls(server, 100, "slow", {"ms": 1500})
            self.assertTrue(wait_until(lambda: server.metric("open_clients") >= 10, 5))
            time.sleep(0.3)  # the rest of the hundred may still be on its way
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            self.assertTrue(wait_until(lambda: self.refuses(server), 1.0 * slowness()), "still accepting")
            self.assertEqual(server.wait_exit(35), 0)
            self.assertLess(time.monotonic() - began, 30)
            statuses = calls.statuses()
            self.assertLessEqual(set(statuses), {200, 503}, statuses)
            self.assertGreaterEqual(statuses.count(200), 10)
            for stream in streams:
                self.assertEqual(stream.next()["event"], "endpoint")
                self.assertIsNone(stream.next(), "the stream did not end cleanly")

    @staticmethod
    def refuses(server):
        try:
            with server.wire(timeout=1) as wire:
                wire.request("GET", "/health")
            return False
        except (OSError, ConnectionEnded):
            return True

    def test_F23_an_idle_server_stops_at_once(self):
        with witness() as server, server.wire() as kept:
            self.assertEqual(kept.request("GET", "/health").status, 200)
            self.assertLess(server.stop(), 1.0 * slowness())
            self.assertIsNotNone(kept.closed_within(1))

    def test_F23_a_second_signal_ends_at_once(self):
        with witness() as server:
            Calls(server, 3, "stubborn", {"ms": 8000})
            self.assertTrue(wait_until(lambda: server.metric("open_clients") >= 3, 5))
            server.process.send_signal(signal.SIGTERM)
            self.assertTrue(wait_until(lambda: self.refuses(server), 2))
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            server.wait_exit(5)
            self.assertLess(time.monotonic() - began, 2.0 * slowness())

    def test_F23_the_drain_ends_by_its_deadline(self):
        with witness(limits={"drain_seconds": 1.0}) as server:
            calls = Calls(server, 2, "slow", {"ms": 20_000})
            self.assertTrue(wait_until(lambda: server.metric("open_clients") >= 2, 5))
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.wait_exit(10), 0)
            self.assertLess(time.monotonic() - began, 3.0 * slowness())
            calls.join()

    def test_F23_sigint_ends_cleanly_as_well(self):
        with witness() as server:
            server.process.send_signal(signal.SIGINT)
            self.assertEqual(server.wait_exit(10), 0)

    def test_F43_a_hundred_restarts_bind_the_same_port(self):
        with GatehouseServer() as server:
            server.settings["http"]["address"] = f"127.0.0.1:{server.port}"
            for turn in range(int(os.environ.get("GATEHOUSE_RESTARTS", "100"))):
                kept = server.wire()
                server.call("echo", {"text": "before"}, wire=kept)
                server.stop()
                began = time.monotonic()
                server.start()
                self.assertLess(time.monotonic() - began, 1.0 * slowness(), f"start {turn}")
                kept.close()


class Signals(unittest.TestCase):
    def test_F25_a_storm_of_signals_is_survived(self):
        with GatehouseServer() as server, server.wire() as wire:
            for turn in range(1000):
                for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD, signal.SIGWINCH,
                               signal.SIGPIPE):
                    server.process.send_signal(number)
                if turn % 50 == 0:
                    self.assertEqual(server.call("echo", {"text": "calm"}, wire=wire).status, 200)
            server.assert_serves()

    def test_F22_invalid_new_settings_are_told_and_the_old_kept(self):
        with GatehouseServer() as server:
            at = server.line_count()
            server.settings_path.write_text("http: {address: [\n", encoding="utf-8")
            checked = command("config", "check", "--config", server.settings_path)
            self.assertEqual(checked.returncode, 3, checked)
            self.assertIn(str(server.settings_path), checked.stdout + checked.stderr)
            server.process.send_signal(signal.SIGHUP)
            server.wait_line(str(server.settings_path), 3, after=at)
            server.assert_serves()

    def test_F22_good_settings_pass_the_check(self):
        with GatehouseServer() as server:
            checked = command("config", "check", "--config", server.settings_path)
            self.assertEqual(checked.returncode, 0, checked)


class LostPeers(unittest.TestCase):
    def slow_call(self, server, modern=False, headers=None):
        """A call of ten seconds on its way; its connection, on which nobody reads."""
        wire = server.wire().send(server.call_bytes("slow", {"ms": 10_000}, headers=headers, modern=modern))
        self.assertTrue(wait_until(lambda: counts(server)["open"] >= 2, 5), counts(server))
        return wire

    def test_F26_a_lost_client_interrupts_its_call(self):
        for modern in (False, True):
            for leave in ("close", "reset"):
                with self.subTest(modern=modern, leave=leave), witness() as server:
                    wire = self.slow_call(server, modern)
                    getattr(wire, leave)()
                    self.assertTrue(wait_until(lambda: counts(server)["interrupted"] == 1, 1.0 * slowness()),
                                    counts(server))
                    self.assertTrue(wait_until(lambda: counts(server)["open"] == 1, 1.0 * slowness()),
                                    counts(server))
                    self.assertEqual(counts(server)["doubleClosed"], 0)

    def test_F26_a_legacy_session_keeps_its_call(self):
        with witness() as server:
            started = server.rpc("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}})
            wire = self.slow_call(server, headers={"Mcp-Session-Id": started.header("mcp-session-id")})
            wire.close()
            self.assertFalse(wait_until(lambda: counts(server)["interrupted"] > 0, 1.5))

    def test_F24_resets_while_writing_end_nothing(self):
        with GatehouseServer() as server:
            data = server.call_bytes("echo", {"text": "x" * 500_000})
            for _ in range(50):
                wire = server.wire(rcvbuf=1024)
                wire.send(data)
                wire.exactly(100)
                wire.reset()
                server.event_stream().wire.reset()
            server.assert_serves()
            self.assertTrue(wait_until(lambda: server.metric("open_clients") == 0, 5))

    def test_F24_half_closed_clients_still_get_their_answer(self):
        with GatehouseServer() as server, server.wire(timeout=5) as wire:
            wire.send(server.call_bytes("echo", {"text": "half"}, headers={"Connection": "close"}))
            wire.socket.shutdown(socket.SHUT_WR)
            self.assertIn(b"half", wire.rest(5))


class FailingTools(unittest.TestCase):
    def test_F27_a_throwing_tool_is_an_error_and_nothing_more(self):
        with witness() as server:
            for kind in ("std", "int", "alloc"):
                for modern in (False, True):
                    with self.subTest(kind=kind, modern=modern):
                        params = {"name": "throw", "arguments": {"kind": kind}}
                        answer = server.modern("tools/call", params) if modern else server.call(
                            "throw", {"kind": kind})
                        failed = answer.error_code() == -32603 or answer.json().get("result",
                                                                                    {}).get("isError") is True
                        self.assertTrue(failed, answer)
                        self.assertNotRegex(answer.text,
                                            r"bad_alloc|std::|\.cpp|0x[0-9a-f]{6}|/[a-z]+/[a-z]+/")
            now = counts(server)
            self.assertEqual((now["created"] - now["closed"], now["doubleClosed"]), (1, 0), now)

    def test_F27_a_tool_without_end_meets_the_deadline(self):
        with witness(limits={"call_seconds": 0.5}) as server:
            for tool in ("slow", "stubborn"):
                with self.subTest(tool=tool):
                    began = time.monotonic()
                    answer = server.call(tool, {"ms": 4000})
                    self.assertLess(time.monotonic() - began, 2.0 * slowness())
                    self.assertGreater(time.monotonic() - began, 0.4)
                    self.assertTrue(answer.error_code() is not None or answer.result().get("isError"), answer)
            self.assertTrue(wait_until(lambda: counts(server)["open"] == 1, 8))
            self.assertGreaterEqual(counts(server)["interrupted"], 1)

    def test_F27_stubborn_tools_stop_nobody_else(self):
        with witness() as server:
            calls = Calls(server, 100, "stubborn", {"ms": 3000})
            self.assertTrue(wait_until(lambda: server.metric("open_clients") >= 10, 5))
            began = time.monotonic()
            self.assertEqual(server.get("/health").status, 200)
            self.assertEqual(server.rpc("tools/list").status, 200)
            self.assertEqual(server.rpc("ping", token="wrong").status, 401)
            self.assertLess(time.monotonic() - began, 1.0 * slowness())
            answers = calls.join()
            for answer in answers:
                self.assertIn(answer.status, (200, 503), answer)
                if answer.status == 503:
                    self.assertTrue(answer.header("retry-after"), answer)
            self.assertTrue(wait_until(lambda: counts(server)["open"] == 1, 5))


class BlockedLogs(unittest.TestCase):
    def burst(self, server, number=2000):
        """The longest of many calls, good and refused, on one connection."""
        worst = 0.0
        with PatientWire(server) as wire:
            for turn in range(number):
                began = time.monotonic()
                token = "first" if turn % 2 else "wrong"
                answer = server.call("echo", {"text": "x" * 100}, token=token, wire=wire)
                self.assertEqual(answer.status, 200 if turn % 2 else 401)
                worst = max(worst, time.monotonic() - began)
        return worst

    def dropped(self, server):
        return server.metric("audit", "drop")

    def test_F37_a_full_disk_under_the_audit_file_is_counted(self):
        with GatehouseServer({"audit": {"file": "/dev/full"}}) as server:
            self.assertLess(self.burst(server), 1.0 * slowness())
            self.assertTrue(wait_until(lambda: self.dropped(server) > 0, 5), "nothing was counted as dropped")

    def test_F37_an_audit_pipe_nobody_reads_is_counted(self):
        with tempfile.TemporaryDirectory() as folder:
            pipe = str(Path(folder) / "audit.pipe")
            os.mkfifo(pipe)
            reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            try:
                with GatehouseServer({"audit": {"file": pipe}}) as server:
                    self.assertLess(self.burst(server, 30_000), 1.0 * slowness())
                    self.assertTrue(wait_until(lambda: self.dropped(server) > 0, 5),
                                    "nothing was counted as dropped")
            finally:
                os.close(reader)

    def test_F37_a_log_pipe_nobody_reads_blocks_nobody(self):
        with GatehouseServer({"log": {"level": "debug"}}) as server:
            server.unread.set()
            self.assertLess(self.burst(server, 4000), 1.0 * slowness())
            server.unread.clear()
            server.assert_serves()

    def test_F37_every_decision_is_one_audit_line(self):
        with GatehouseServer() as server:
            for token in ("first", None, "wrong"):
                server.call("echo", {"text": "x"}, token=token)
            self.assertTrue(wait_until(lambda: server.audit_bytes().count(b"\n") >= 3, 3),
                            server.audit_bytes())
            for line in server.audit_bytes().decode().splitlines():
                self.assertTrue(line.startswith("{") and line.endswith("}"), line)
                self.assertNotIn(server.token.text[:12], line)


def as_nobody():
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


class Misspelt(StartCase):
    def test_B4_tls_files_without_tls_are_refused(self):
        self.start_refused(r"http.tls.cert_file: is set .*but TLS is off", {"http": {"tls": {"cert_file": "/c", "key_file": "/k"}}})

    def test_B4_what_is_misspelt_is_told(self):
        server = self.start({}, {"GATEHOUSE_HTTP_ADRESS": "127.0.0.1:1"})
        server.wait_line(r"GATEHOUSE_HTTP_ADRESS: no such setting.*did you mean GATEHOUSE_HTTP_ADDRESS")
        self.start_refused(r'APP_DEBUG: expected true or false, got "maybe"', env={"APP_DEBUG": "maybe"})
        self.start_refused(r"auth.validators.oidk", {"auth": {"validators": {"oidk": {}}}})
        self.start_refused(r"plugins.pins.no_such.so: ", {"plugins": {"pins": {"no_such.so": "0" * 64}}})
        unused = {"plugins": {"pins": {"gatehouse_backend_sql.so": "0" * 64}}}
        self.start(unused).wait_line(r"gatehouse_backend_sql.so: not in use, so its pin protects nothing")

    def test_flags_are_stronger_than_a_broken_variable(self):
        server = self.start({}, {"MCP_AUTH_TYPE": "nonsense"}, words=["--no-auth"])
        self.assertEqual(server.rpc("tools/list", token=None).status, 200)


class Surroundings(unittest.TestCase):
    @needs(os.geteuid() == 0, "needs root to become nobody")
    def test_F44_nobody_without_home_on_a_read_only_folder_starts(self):
        run_from_shared_copy(self)
        server = GatehouseServer({"audit": {"file": "-"}}, started=False, preexec_fn=as_nobody, cwd="/",
                                 env={"HOME": "", "LC_ALL": "C", "LANG": "", "TMPDIR": "/nonexistent"})
        with server:
            server.token_file.add(lives=-60)  # cannot be removed from a file that cannot be written
            os.chown(server.token_file.path, pwd.getpwnam("nobody").pw_uid, -1)
            server.write_settings()
            os.chmod(server.settings_path, 0o644)
            os.chmod(server.folder, 0o555)
            server.start()
            server.assert_serves("ü€")
            self.assertEqual(server.rpc("ping", token=server.token_file.tokens[1]).status, 401)

    def test_F45_ipv6_loopback_is_served(self):
        with GatehouseServer({"http": {"address": "[::1]:0"}}) as server:
            server.assert_serves()
            self.assertEqual(server.rpc("ping", headers={"Host": "evil.example"}).status, 403)

    def test_F45_a_mapped_peer_has_one_canonical_address(self):
        with GatehouseServer({"http": {"address": "[::]:0"}}) as server:
            server.host = "127.0.0.1"
            server.assert_serves()
            self.assertTrue(wait_until(lambda: b"\n" in server.audit_bytes(), 3))
            self.assertNotIn(b"::ffff:", server.audit_bytes().lower())
            self.assertRegex(server.audit_bytes(), rb'"127\.0\.0\.1')


if __name__ == "__main__":
    unittest.main()
