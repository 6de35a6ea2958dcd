"""F29: a thousand half-open TLS handshakes and server names of junk. What else may come on a TLS port: tls_serving_test."""

import socket
import ssl
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness
from http_wire import Wire, call_body
from private_ca import PrivateCa
from process_probe import descriptors, rss_kib, threads, wait_until
from slow_crowd import SlowCrowd

CROWD = 1000
HEAD_SECONDS = 3
NAME = "a-name-of-the-client.example"
BODY = call_body("echo", {"text": "over TLS"})


def client_hello():
    """The first bytes of a client that asks for NAME."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    sent = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=NAME)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return sent.read()


class TlsHostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="gatehouse-tls-")
        cls.addClassCleanup(folder.cleanup)
        cls.ca = PrivateCa(folder.name)
        cls.hello = client_hello()

    def serve(self, **limits):
        tls = {"enabled": True, "cert_file": str(self.ca.cert), "key_file": str(self.ca.key)}
        server = GatehouseServer({"http": {"tls": tls}}, limits={"head_seconds": HEAD_SECONDS, "idle_seconds": 60, **limits})
        self.addCleanup(server.discard)
        return server

    def wire(self, server):
        return server.wire(context=self.ca.client(), timeout=20)

    def called(self, server, wire):
        answer = wire.request("POST", "/mcp", server.fields(), BODY)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.result()["content"][0]["text"], "over TLS")

    def crowded(self, server, first):
        """The crowd is closed in time; meanwhile who is connected is served, and afterwards so is everybody."""
        pid = server.process.pid
        with self.wire(server) as kept:
            self.called(server, kept)
            before = descriptors(pid), threads(pid), rss_kib(pid)
            with SlowCrowd(server, CROWD, first) as crowd:
                for _ in range(20):
                    self.called(server, kept)
                self.assertTrue(crowd.all_closed_within(HEAD_SECONDS + 5 * slowness()), f"{len(crowd.open)} still open")
                self.assertEqual(len(crowd.lived), CROWD)
            self.assertTrue(wait_until(lambda: descriptors(pid) <= before[0], 5))
            self.assertLessEqual(threads(pid), before[1] + 1)
            self.assertLess(rss_kib(pid) - before[2], 128 * 1024 * slowness())
            self.called(server, kept)
        with self.wire(server) as fresh:
            self.called(server, fresh)
        self.assertLess(server.stop(), 5 * slowness())
        return crowd

    def test_C_silent_handshakes_shut_nobody_out(self):
        server = self.serve(handshakes=64, handshakes_per_address=64, handshake_seconds=60)
        with SlowCrowd(server, 200, b""):
            for _ in range(5):
                with self.wire(server) as fresh:
                    self.called(server, fresh)

    def test_C_silent_handshakes_end_after_three_seconds(self):
        server = self.serve(handshake_seconds=3, head_seconds=60)
        with SlowCrowd(server, 20, b"") as crowd:
            self.assertTrue(crowd.all_closed_within(3 + 3 * slowness()))

    def test_B7_only_ciphers_with_forward_secrecy_and_aead_are_spoken(self):
        server = self.serve()
        for ciphers, spoken in (("ECDHE+AESGCM", True), ("ECDHE+CHACHA20", True), ("AES256-GCM-SHA384", False),
                                ("ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA384", False), ("AESCCM8", False),
                                ("ARIA", False), ("CAMELLIA", False)):
            context = self.ca.client()
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            try:
                context.set_ciphers(ciphers + ":@SECLEVEL=0")
            except ssl.SSLError:
                continue  # not even known here
            with self.subTest(ciphers):
                try:
                    with server.wire(context=context, timeout=20) as wire:
                        self.called(server, wire)
                        self.assertTrue(spoken)
                except (ssl.SSLError, ConnectionError):
                    self.assertFalse(spoken)

    def test_B7_a_key_that_others_can_read_is_refused(self):
        loose = Path(self.ca.key).with_name("loose.pem")
        loose.write_bytes(Path(self.ca.key).read_bytes())
        loose.chmod(0o644)
        server = GatehouseServer({"http": {"tls": {"enabled": True, "cert_file": str(self.ca.cert), "key_file": str(loose)}}},
                                 started=False)
        self.addCleanup(server.discard)
        server.write_settings()
        server.launch()
        self.assertEqual(server.wait_exit(), 3)
        server.wait_line(r"http.tls.key_file: .*can be read by every user")

    def test_F29_a_thousand_handshakes_that_stop_after_the_hello(self):
        crowd = self.crowded(self.serve(handshakes=CROWD, handshakes_per_address=CROWD, handshake_seconds=HEAD_SECONDS), self.hello)
        answered = [answer for answer in crowd.answers if answer[:1] == b"\x16"]
        self.assertEqual(len(answered), CROWD)  # each got a hello, and never said more

    def test_F29_a_thousand_handshakes_that_stop_within_the_hello(self):
        crowd = self.crowded(self.serve(handshakes=CROWD, handshakes_per_address=CROWD, handshake_seconds=HEAD_SECONDS), self.hello[:60])
        self.assertGreater(min(crowd.lived), HEAD_SECONDS / 2)

    def test_F29_more_handshakes_than_are_made_at_once_are_closed_right_away(self):
        crowd = self.crowded(self.serve(handshakes=100, handshakes_per_address=100), self.hello[:60])
        at_once = sum(1 for seconds in crowd.lived if seconds < HEAD_SECONDS / 2)
        self.assertGreaterEqual(at_once, CROWD - 100)
        self.assertLessEqual(at_once, CROWD)

    def test_F29_server_names_of_junk_end_in_time_and_nobody_else_notices(self):
        server = self.serve()
        size, plain = len(NAME), NAME.encode()
        self.assertIn(plain, self.hello)
        names = (b"\0" * size, b"\xff" * size, b"." * size, b" " * size, b"*" * size, b"a\0" + b"b" * (size - 2),
                 b"127.0.0.1".ljust(size, b"0"), b"../../../../etc/passwd".ljust(size, b"/"), b"%s%n".ljust(size, b"%"),
                 b"\r\nHost: evil".ljust(size, b"\n"))
        hellos = [self.hello.replace(plain, name) for name in names] + self.hellos_with_wrong_lengths()
        with self.wire(server) as kept:
            crowd = [Wire(server.host, server.port) for _ in hellos]
            for wire, hello in zip(crowd, hellos):
                self.addCleanup(wire.close)
                wire.send_what_it_takes(hello)
                self.called(server, kept)
            for number, wire in enumerate(crowd):
                with self.subTest(number=number):
                    self.assertIsNotNone(wire.closed_within(HEAD_SECONDS + 2 * slowness()))
            self.called(server, kept)
        with self.wire(server) as fresh:
            self.called(server, fresh)
        self.assertFalse([line for line in server.log_lines() if "evil" in line or "passwd" in line])

    def hellos_with_wrong_lengths(self):
        """The lengths in front of the name (of the extension, the list and the name) say what is not so; so does its type."""
        at = self.hello.index(NAME.encode())
        out = []
        for back, wrong in ((2, b"\0\0"), (2, b"\xff\xff"), (5, b"\0\0"), (5, b"\xff\xff"), (7, b"\0\0"), (7, b"\xff\xff"),
                            (3, b"\x07")):
            out.append(self.hello[:at - back] + wrong + self.hello[at - back + len(wrong):])
        return out

    def test_F29_who_hangs_up_in_the_middle_leaves_nothing(self):
        server = self.serve()
        with self.wire(server) as kept:
            self.called(server, kept)
            before = descriptors(server.process.pid)
            for cut in range(1, len(self.hello), max(1, len(self.hello) // 200)):
                with socket.create_connection((server.host, server.port)) as peer:
                    peer.sendall(self.hello[:cut])
            self.assertTrue(wait_until(lambda: descriptors(server.process.pid) <= before, 5))
            self.called(server, kept)


if __name__ == "__main__":
    unittest.main()
