"""Many slow connections at once, driven by one thread and a selector.

Each connection is opened, sends its first bytes, then drips one byte now and then (or nothing). The
crowd remembers when the server closed each one and what it answered.
"""

import heapq
import selectors
import socket
import threading
import time


class SlowCrowd:
    """`count` connections to the server; `first` is sent at once, then `drip` byte by byte."""
    def __init__(self, server, count, first=b"", drip=b"", every=0.2, rcvbuf=None, reads=True):
        self.place = (server.host, server.port)
        self.first, self.drip, self.every = first, drip, every
        self.rcvbuf, self.reads = rcvbuf, reads
        self.open, self.lived, self.answers, self.due = {}, [], [], []
        self.selector = selectors.DefaultSelector()
        self.ending = threading.Event()
        for _ in range(count):
            self._join()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.ending.set()
        self.thread.join()
        for connection in list(self.open):
            connection.close()
        self.selector.close()

    def _join(self):
        connection = socket.socket()
        if self.rcvbuf:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.rcvbuf)
        connection.settimeout(10)
        connection.connect(self.place)
        connection.setblocking(False)
        self.open[connection] = {
            "since": time.monotonic(), "sent": 0, "got": b"", "rest": memoryview(self.first)
        }
        heapq.heappush(self.due, (0.0, id(connection), connection))
        if self.reads:
            self.selector.register(connection, selectors.EVENT_READ)

    def _run(self):
        while self.open and not self.ending.is_set():
            while self.due and self.due[0][0] <= time.monotonic():
                self._push(heapq.heappop(self.due)[2])
            if not self.reads:
                time.sleep(0.02)
                continue
            for key, _ in self.selector.select(0.02):
                self._pull(key.fileobj)

    def _push(self, connection):
        """Sends what is left or the next byte, and says when to come again."""
        state = self.open.get(connection)
        if state is None:
            return
        if not state["rest"] and self.drip:
            state["rest"] = memoryview(self.drip)[state["sent"] % len(self.drip):][:1]
            state["sent"] += 1
        try:
            if state["rest"]:
                state["rest"] = state["rest"][connection.send(state["rest"]):]
        except BlockingIOError:
            pass
        except OSError:
            return self._gone(connection)
        if state["rest"] or self.drip:
            later = time.monotonic() + (0.02 if state["rest"] else self.every)
            heapq.heappush(self.due, (later, id(connection), connection))

    def _pull(self, connection):
        try:
            data = connection.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.open[connection]["got"] += data
        else:
            self._gone(connection)

    def _gone(self, connection):
        state = self.open.pop(connection, None)
        if state is None:
            return
        if self.reads:
            self.selector.unregister(connection)
        connection.close()
        self.lived.append(time.monotonic() - state["since"])
        self.answers.append(state["got"])

    def all_closed_within(self, seconds):
        """True when the server closed every connection in time."""
        limit = time.monotonic() + seconds
        while self.open and time.monotonic() < limit:
            time.sleep(0.01)
        return not self.open
