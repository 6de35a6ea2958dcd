"""F29: TLS 1.2 and later; half-open, foreign and broken handshakes are closed in time and hurt nobody."""

import os
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness
from http_wire import ConnectionEnded, Wire, call_body
from private_ca import PrivateCa
from process_probe import descriptors, wait_until
from slow_crowd import SlowCrowd

BODY = call_body("echo", {"text": "over TLS"})
# The start of a ClientHello record that promises 512 bytes and sends none of them.
HALF_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="gatehouse-tls-")
        cls.addClassCleanup(folder.cleanup)
        cls.ca = PrivateCa(folder.name)
        tls = {"enabled": True, "cert_file": str(cls.ca.cert), "key_file": str(cls.ca.key)}
        cls.server = GatehouseServer({"http": {"tls": tls}}, limits={"head_seconds": 1.5, "idle_seconds": 5},
                                     started=False)
        cls.server.start()
        cls.addClassCleanup(cls.server.__exit__, None)

    def wire(self, context=None, **options):
        return self.server.wire(context=context or self.ca.client(), **options)

    def call(self, context=None, host=None):
        with self.wire(context) as wire:
            answer = wire.request("POST", "/mcp", self.server.fields(headers={"Host": host}), BODY)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.result()["content"][0]["text"], "over TLS")

    def test_F29_calls_over_tls_1_2_and_1_3(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version=version.name):
                self.call(self.ca.client(version, version))
        self.assertEqual(self.server.scheme, "https")

    def test_F29_kept_connections_and_large_bodies_over_tls(self):
        with self.wire(timeout=20) as wire:
            for size in (10, 100_000, 3_000_000, 10):
                body = BODY.replace(b"over TLS", b"x" * size)
                answer = wire.request("POST", "/mcp", self.server.fields(), body)
                self.assertEqual(len(answer.result()["content"][0]["text"]), size)

    def test_F29_pipelined_calls_over_tls(self):
        with self.wire(timeout=20) as wire:
            wire.send(self.server.call_bytes("echo", {"text": "over TLS"}) * 200)
            for _ in range(200):
                self.assertEqual(wire.reply().status, 200)

    def test_F29_old_versions_are_refused(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
                with self.subTest(version=version.name), self.assertRaises((ssl.SSLError, ConnectionError)):
                    self.wire(self.ca.old_client(version)).close()
        self.call()

    def test_F29_an_unknown_ca_is_the_clients_refusal(self):
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.wire(ssl.create_default_context()).close()
        self.call()

    def test_F29_half_open_handshakes_are_closed_by_the_head_deadline(self):
        with SlowCrowd(self.server, 100, HALF_HELLO) as half, SlowCrowd(self.server, 100) as silent:
            for _ in range(5):
                self.call()
            self.assertTrue(half.all_closed_within(1.5 + 2 * slowness()), f"{len(half.open)} still open")
            self.assertTrue(silent.all_closed_within(1.5 + 2 * slowness()), f"{len(silent.open)} still open")
        self.call()

    def test_F29_dripping_handshakes_are_closed_by_the_head_deadline(self):
        with SlowCrowd(self.server, 20, HALF_HELLO, b"\0", every=0.1) as crowd:
            self.assertTrue(crowd.all_closed_within(1.5 + 2 * slowness()), f"{len(crowd.open)} still open")

    def test_F29_plain_http_on_the_tls_port_is_closed(self):
        plain = self.server.call_bytes("echo", {"text": "over TLS"})
        answer = self.server.raw(plain)
        self.assertNotIn(b"over TLS", answer)
        self.assertNotIn(b" 200 ", answer)
        self.call()

    def test_F29_garbage_on_the_tls_port_is_closed(self):
        for junk in (b"\0" * 100, os.urandom(500), b"\x16\x03\x01\xff\xff" + b"\xff" * 500,
                     b"\x80\x2e\x01\x00\x02", b"\x15\x03\x01\x00\x02\x02\x28"):
            with self.subTest(junk=junk[:8]), Wire(self.server.host, self.server.port) as wire:
                wire.send_what_it_takes(junk)
                self.assertIsNotNone(wire.closed_within(1.5 + 2 * slowness()))
        self.call()

    def test_F29_any_server_name_is_served_but_not_any_host(self):
        context = self.ca.client()
        context.check_hostname = False
        for name in ("localhost", "evil.example", "x" * 63 + ".example", "xn--nxasmq6b"):
            with self.subTest(name=name), self.wire(context, server_name=name) as wire:
                self.assertEqual(
                    wire.request("POST", "/mcp", self.server.fields(headers={"Host": name}), BODY).status,
                    200 if name == "localhost" else 403)

    def test_F29_renegotiation_is_refused(self):
        # Python cannot ask for one; openssl s_client does on a line with an R.
        run = subprocess.run([
            "openssl", "s_client", "-connect", f"{self.server.host}:{self.server.port}", "-tls1_2", "-CAfile",
            str(self.ca.ca)
        ], input=b"R\n", capture_output=True, timeout=20, check=False)
        self.assertIn(b"RENEGOTIATING", run.stderr)
        self.assertIn(b"no renegotiation", run.stderr)
        self.call()

    def test_F29_peers_that_vanish_leave_nothing(self):
        self.call()
        before = descriptors(self.server.process.pid)
        for turn in range(100):
            if turn % 2:
                wire = Wire(self.server.host, self.server.port)
                wire.send(HALF_HELLO)
            else:
                wire = self.wire()
                wire.send(self.server.call_bytes("echo", {"text": "over TLS"})[:-10])
            wire.reset()
        self.assertTrue(wait_until(lambda: abs(descriptors(self.server.process.pid) - before) <= 2, 5))
        self.call()

    def test_F29_event_streams_run_over_tls(self):
        fields = "".join(
            f"{name}: {value}\r\n"
            for name, value in self.server.fields(headers={"Accept": "text/event-stream"}).items())
        with self.wire() as wire:
            wire.send(f"GET /mcp/sse HTTP/1.1\r\nHost: {self.server.authority}\r\n{fields}\r\n".encode())
            head = wire.head()
            self.assertEqual((head.status, head.header("content-type").split(";")[0]),
                             (200, "text/event-stream"))
            with self.assertRaises((socket.timeout, TimeoutError)):
                wire.rest(0.3)


class TlsOnThePlainPort(unittest.TestCase):
    def test_F29_a_tls_hello_on_the_plain_port_is_refused(self):
        with GatehouseServer(limits={"head_seconds": 1.5}) as server:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with self.assertRaises((ssl.SSLError, ConnectionError, ConnectionEnded)):
                server.wire(context=context, timeout=5).close()
            server.assert_serves()


class TlsSettings(unittest.TestCase):
    def test_F29_a_missing_or_foreign_key_refuses_the_start(self):
        with tempfile.TemporaryDirectory(prefix="gatehouse-tls-") as first, tempfile.TemporaryDirectory(
                prefix="gatehouse-tls-") as second:
            one, two = PrivateCa(first), PrivateCa(second)
            for cert, key in ((one.cert, two.key), (one.cert, "nowhere.pem"), ("nowhere.pem", one.key),
                              (one.key, one.key)):
                server = GatehouseServer(
                    {"http": {"tls": {"enabled": True, "cert_file": str(cert), "key_file": str(key)}}},
                    started=False)
                server.write_settings()
                server.launch()
                with self.subTest(cert=str(cert)[-8:], key=str(key)[-8:]):
                    self.assertEqual(server.wait_exit(20), 3, server.log_tail())
                server.discard()


if __name__ == "__main__":
    unittest.main()
