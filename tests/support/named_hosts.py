"""Hosts under their real names, without the internet: a CONNECT proxy that leads each name to a port of this machine.

Whoever is told of the proxy by HTTPS_PROXY opens https://login.example/ and gets what the test serves under that name,
with a certificate of the test's private CA.
"""

import select
import socket
import socketserver
import threading

from scripted_provider import ScriptedProvider


class ConnectProxy:
    """Answers CONNECT only. `routes` says which host leads to which port; `asked` is every "host:port" there was."""

    def __init__(self, routes=None, refusal=b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"):
        self.routes, self.refusal, self.asked = dict(routes or {}), refusal, []
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                words = self.rfile.readline(4096).split()
                while self.rfile.readline(4096) not in (b"\r\n", b""):
                    pass
                outer.serve(self.connection, words)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = allow_reuse_address = True

            def handle_error(self, *unused):
                pass  # a side went away

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def serve(self, client, words):
        place = words[1].decode("latin-1") if len(words) == 3 and words[0] == b"CONNECT" else ""
        self.asked.append(place or b" ".join(words).decode("latin-1"))
        port = self.routes.get(place.rpartition(":")[0])
        if port is None:
            client.sendall(self.refusal)
            return
        with socket.create_connection(("127.0.0.1", port)) as behind:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self.carry(client, behind)

    @staticmethod
    def carry(client, behind):
        other = {client: behind, behind: client}
        while True:
            for ready in select.select(list(other), [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                other[ready].sendall(data)


class NamedHosts:
    """One TLS server for all of the hosts, and the proxy that leads to it."""

    def __init__(self, ca, *hosts, context=None):
        self.pages = ScriptedProvider(context or ca.server(*hosts))
        self.proxy = ConnectProxy({host: self.pages.port for host in hosts})
        self.environment = {"HTTPS_PROXY": self.proxy.url, "https_proxy": "", "NO_PROXY": "", "no_proxy": ""}

    def close(self):
        self.proxy.close()
        self.pages.close()
