"""A connection that is made anew when the server closed the last one, as after a refusal.

Takes the place of a Wire in GatehouseServer.post and its relatives. A request is repeated once, and only
when the connection ended before a byte of its answer.
"""

from http_wire import ConnectionEnded


class PatientWire:
    def __init__(self, server, **options):
        self.server, self.options = server, options
        self.wire = None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        if self.wire is not None:
            self.wire.close()
        self.wire = None

    def request(self, method, path, fields=(), body=b""):
        kept = self.wire is not None
        self.wire = self.wire or self.server.wire(**self.options)
        try:
            answer = self.wire.request(method, path, fields, body)
        except (ConnectionEnded, BrokenPipeError, ConnectionResetError):
            unanswered = not self.wire.buffer
            self.close()
            if not (kept and unanswered):
                raise
            return self.request(method, path, fields, body)
        if (answer.header("connection") or "").lower() == "close":
            self.close()
        return answer
