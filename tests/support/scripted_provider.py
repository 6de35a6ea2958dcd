"""An HTTP endpoint that misbehaves as told, for what no real provider does on demand."""

import http.server
import threading
import time


class ScriptedProvider:
    """Answers each path by the function that the test puts there: (status, headers, body), or it takes the socket itself.

    An answer may also be put at host and path, as in "idp.example/jwks". With a context it speaks TLS; its connections live
    for one request, or with `keeps_connections` for many.
    """

    def __init__(self, context=None, keeps_connections=False):
        self.answers = {}
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1" if keeps_connections else "HTTP/1.0"

            def do_GET(self):
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                path = self.path.split("?")[0]
                outer.asked.append((self.command, path, dict(self.headers), body))
                host = self.headers.get("Host", "").partition(":")[0]
                answer = outer.answers.get(host + path, outer.answers.get(path, (404, {}, b"")))
                result = answer(self) if callable(answer) else answer
                if result is None:
                    return
                status, headers, content = result
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET

            def log_message(self, *unused):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *unused):
                pass  # the other side went away: some tests want just that

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}"
        if context:  # each handshake is made on its connection's own thread
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def count(self, path):
        return sum(1 for _, asked, _, _ in self.asked if asked == path)


def drip(handler, text=b"{", times=200, pause=0.1):
    """Sends a byte now and then, and never comes to an end."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(times):
        handler.wfile.write(text)
        handler.wfile.flush()
        time.sleep(pause)


def hang(_handler, seconds=20):
    time.sleep(seconds)


def reset(handler):
    """Half an answer, then the connection is cut."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
    handler.wfile.flush()
    handler.connection.close()
