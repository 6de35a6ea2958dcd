"""Calls at a steady rate over connections that are kept, and what each got and how long it took.

    with SteadyTraffic(server, lambda: token) as traffic:
        quiet = traffic.during(3)

A call's time counts from when it is sent. Threads: one for each connection; a sample is added by its own thread.
"""

import sys
import threading
import time
from collections import namedtuple

Sample = namedtuple("Sample", "began seconds status")


class SteadyTraffic:
    def __init__(self, server, next_token, connections=8, rate=300, tool="echo"):
        self.server, self.next_token, self.tool, self.pause = server, next_token, tool, connections / rate
        self.samples, self.failures, self.over = [], [], threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(n * self.pause / connections,)) for n in range(connections)]

    def __enter__(self):
        self.switch = sys.getswitchinterval()
        sys.setswitchinterval(0.0005)  # what is measured is the server, not threads that wait for each other
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *unused):
        self.over.set()
        for thread in self.threads:
            thread.join()
        sys.setswitchinterval(self.switch)

    def _run(self, first):
        due = time.monotonic() + first
        try:
            with self.server.wire(timeout=30) as wire:
                while not self.over.wait(max(0, due - time.monotonic())):
                    self._call(wire)
                    due = max(due + self.pause, time.monotonic())
        except Exception as failure:  # whoever looks at the samples must hear of it
            self.failures.append(failure)

    def _call(self, wire):
        request = self.server.call_bytes(self.tool, {"text": "hi"}, token=self.next_token())
        began = time.monotonic()
        wire.send(request)
        status = wire.reply().status
        self.samples.append(Sample(began, time.monotonic() - began, status))

    def since(self, began):
        """The samples of calls that began since then; fails when a connection broke."""
        assert not self.failures, self.failures
        return [sample for sample in list(self.samples) if sample.began >= began]

    def during(self, seconds):
        """The samples of calls that begin within the next seconds."""
        began = time.monotonic()
        self.over.wait(seconds)
        return self.since(began)


def p99(samples):
    return sorted(sample.seconds for sample in samples)[len(samples) * 99 // 100]


def statuses(samples):
    """How often each status came."""
    return {status: sum(1 for sample in samples if sample.status == status) for status in {one.status for one in samples}}
