"""A crowd of hostile clients: many threads, each of which does one random thing after another to a server.

    crowd = HostileCrowd(server, seed, members=80)
    crowd.run(60)
    assert not crowd.violations, crowd.story()

Every decision comes from the seed, the member's number and the number of its act, so that an act can be done again alone;
what the server answers when is another matter. Every text and every id that a member sends bears its mark: an answer with
the mark of another member is a violation, as is an answer that no request can get, or something that is no HTTP.
"""

import collections
import random
import re
import threading
import time
import traceback

from http_wire import ConnectionEnded, Wire, request_bytes

MARK = re.compile(rb"crowd-(\d+)-(\d+)-|honest-(\d+)-")
STATUSES = {200, 202, 204, 400, 401, 403, 404, 405, 406, 408, 411, 413, 414, 415, 417, 421, 429, 431, 501, 503, 505}
GONE = (OSError, ConnectionEnded)  # time-outs are of the first kind


def mark_of(index):
    """Two numbers that agree: a mark in which a byte was spoilt on its way is nobody's."""
    return f"crowd-{index:03}-{index * 7919 % 1000:03}-"


def bearers(data):
    """Whose marks are in the data: numbers of members, or "honest"."""
    for first, second, honest in MARK.findall(data):
        if honest:
            yield "honest"
        elif mark_of(int(first)) == f"crowd-{first.decode()}-{second.decode()}-":
            yield int(first)


class Act:
    """One act of a member: its dice, its connections, and what it tells the crowd."""
    def __init__(self, member, number):
        self.crowd, self.member, self.number = member.crowd, member, number
        self.server, self.board, self.mark = member.crowd.server, member.crowd.board, member.mark
        self.dice = random.Random(f"{member.crowd.seed}:{member.index}:{number}")
        self.messages = 0

    def note(self, words):
        self.crowd.decisions.append((time.monotonic() - self.crowd.began, self.member.index, self.number, words))

    def chance(self, part):
        return self.dice.random() < part

    def next_id(self):
        self.messages += 1
        return f"{self.mark}{self.number}-{self.messages}"

    # --- credentials --------------------------------------------------------------------------

    def credential(self, right=0.75):
        """An Authorization value: the right token most of the time, else a wrong one, or None."""
        token = self.member.token.text
        if self.chance(right):
            return f"Bearer {token}"
        wrong = (None, "Bearer " + "A" * 43 + "=", f"Bearer {token[:-2]}", f"Basic {token}", "Bearer", f"bearer  {token}",
                 f"Bearer {self.dice.getrandbits(256):064x}", "Bearer " + "x" * 9000, f"Bearer {token}, Bearer {token}")
        return self.dice.choice(wrong)

    def fields(self, right=0.75, **more):
        """Header fields of a call; the names of `more` have _ for -."""
        fields = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if (value := self.credential(right)) is not None:
            fields["Authorization"] = value
        fields.update({name.replace("_", "-"): value for name, value in more.items() if value is not None})
        return fields

    # --- connections --------------------------------------------------------------------------

    def connect(self, rcvbuf=None, timeout=None):
        self.crowd.count("connections")
        source = f"127.0.0.{self.dice.randrange(2, 10)}"
        wire = Wire(self.server.host, self.server.port, timeout or self.crowd.patience, rcvbuf=rcvbuf, source=source)
        self.member.open.append(wire)
        return wire

    def leave(self, wire):
        """Ends a connection in one of the ways there are, or lets it stand for a while."""
        way = self.dice.choice(("close", "close", "reset", "reset", "half", "stay"))
        self.note(f"leaves by {way}")
        if way == "stay" and len(self.member.kept) < 3:
            self.member.kept.append(wire)
            return
        try:
            if way == "half":
                wire.socket.shutdown(1)
                if self.chance(0.5):
                    wire.socket.settimeout(0.3)
                    wire.socket.recv(4096)
            if way == "reset":
                self.crowd.count("resets")
                wire.reset()
        except OSError:
            pass
        wire.close()

    def send(self, wire, data, requests=1):
        """Sends all of it, or what the server takes."""
        self.crowd.count("requests", requests)
        wire.send(data)

    # --- answers ------------------------------------------------------------------------------

    def ask(self, method, path, fields, body=b"", wire=None):
        """One request and its answer, on a connection of its own unless one is given."""
        own = wire or self.connect()
        try:
            self.send(own, request_bytes(method, path, fields, body, host=own.host))
            return self.judge(own.reply(method))
        finally:
            if wire is None:
                own.close()

    def judge(self, reply):
        """The answer, once it has been looked at."""
        self.crowd.count("answers")
        self.crowd.count(f"status {reply.status}")
        if reply.status not in STATUSES:
            self.crowd.violation(self, f"nothing is answered so: {reply!r}")
        self.judge_text(reply.body)
        return reply

    def judge_text(self, data):
        """Whatever comes to a member bears its own mark, if any."""
        if foreign := set(bearers(data)) - {self.member.index}:
            self.crowd.violation(self, f"text of {foreign} came to another: {data[:2000]!r}")
        return data


class Member:
    """One thread of the crowd."""
    def __init__(self, crowd, index, token):
        self.crowd, self.index, self.token = crowd, index, token
        self.mark = mark_of(index)
        self.open, self.kept = [], []  # kept: connections that stand for a while

    def run(self):
        number = 0
        while not self.crowd.over.is_set():
            number += 1
            self.once(number)
        for wire in self.kept:
            wire.close()

    def once(self, number):
        act = Act(self, number)
        chosen = act.dice.choices(self.crowd.acts, self.crowd.weights)[0]
        act.note(chosen.__name__)
        try:
            chosen(act)
        except GONE:
            self.crowd.count("broken off")
        except Exception:  # whatever it is, the test must hear of it
            self.crowd.violation(act, traceback.format_exc())
        finally:
            for wire in self.open:
                if wire not in self.kept:
                    wire.close()
            self.open.clear()
        while self.kept and (len(self.kept) > 2 or act.chance(0.3)):
            self.kept.pop(0).close()
        self.crowd.over.wait(act.dice.random() * 0.02)


class Board:
    """What members have come to know and others may try: ids of sessions, events and tasks, places to post to."""
    def __init__(self):
        self.known = collections.defaultdict(lambda: collections.deque(maxlen=200))

    def put(self, kind, value):
        self.known[kind].append(value)

    def guess(self, dice, kind):
        """One of the known, or something like it."""
        known = list(self.known[kind])
        if known and dice.random() < 0.8:
            return dice.choice(known)
        return dice.choice(("", "0", "1-1", "A" * 32, "x" * 500, f"{dice.getrandbits(192):x}"))


class HostileCrowd:
    """All members, what they did last, and what should not have happened."""
    def __init__(self, server, seed, acts, tokens, patience=3.0):
        self.server, self.seed, self.patience = server, seed, patience
        self.acts, self.weights = list(acts), list(acts.values())
        self.board, self.over = Board(), threading.Event()
        self.decisions = collections.deque(maxlen=2000)
        self.counts, self.counting = collections.Counter(), threading.Lock()
        self.violations = []
        self.began = time.monotonic()
        self.members = [Member(self, index, token) for index, token in enumerate(tokens)]

    def count(self, what, more=1):
        with self.counting:
            self.counts[what] += more

    def violation(self, act, words):
        self.violations.append(f"member {act.member.index}, act {act.number}: {words}")
        if len(self.violations) > 20:
            self.over.set()

    def run(self, seconds, watch):
        """Everybody acts for so long, or until the server has ended; then all connections are closed. Meanwhile watch()
        is called once a second."""
        threads = [threading.Thread(target=member.run, daemon=True) for member in self.members]
        for thread in threads:
            thread.start()
        limit = time.monotonic() + seconds
        while time.monotonic() < limit and self.server.alive() and not self.over.wait(1):
            watch()
        self.over.set()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive(), f"a member did not end; {self.story()}"

    def story(self, last=80):
        """The seed, what went wrong, and the last decisions: all that is needed to do it again."""
        rows = [f"{at:8.3f} s  member {index:3} act {number:5}  {words}" for at, index, number, words in
                list(self.decisions)[-last:]]
        return "\n".join([f"GATEHOUSE_CROWD_SEED={self.seed}", *self.violations[:20], "the last decisions:", *rows])
