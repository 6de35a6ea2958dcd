"""A second opinion on HTTP/1.x framing: how many requests do these bytes hold, read strictly?

It never guesses. Whatever two parsers could frame in two ways ends the reading as "refused": CL with TE,
lengths that are not plain digits, codings other than chunked, folded lines, bare CR or LF, white space
around names, chunk sizes that are not plain hex. A server that gives more answers than this reading
holds has split the bytes differently, and that is what request smuggling is made of.
"""

import re

TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") ([!-~\x80-\xff]+) HTTP/1\.([01])")
FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*([\t -~\x80-\xff]*)")
QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~])*"'
EXTENSION = rb"[ \t]*;[ \t]*" + TOKEN + rb"(?:[ \t]*=[ \t]*(?:" + TOKEN + rb"|" + QUOTED + rb"))?"
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:" + EXTENSION + rb")*")
HOST = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")


class Refused(Exception):
    """The bytes hold something that must not be framed."""


class Incomplete(Exception):
    """The bytes end before the request does."""


class Reading:
    """The methods of the requests found, and how the bytes end: end, closed, incomplete or refused."""
    def __init__(self):
        self.methods = []
        self.ending = "end"
        self.why = ""

    @property
    def most_answers(self):
        """A refusal and a time-out are answers, too."""
        return len(self.methods) + (self.ending in ("refused", "incomplete"))


def read_requests(data):
    """Reads the bytes of one connection from its first to its last request."""
    reading, at = Reading(), 0
    try:
        while (at := _after_empty_lines(data, at)) < len(data):
            method, at, closes = _one_request(data, at)
            reading.methods.append(method)
            if closes:
                reading.ending = "closed"
                break
    except Refused as refusal:
        reading.ending, reading.why = "refused", str(refusal)
    except Incomplete as missing:
        reading.ending, reading.why = "incomplete", str(missing)
    return reading


def _after_empty_lines(data, at):
    while data.startswith(b"\r\n", at):
        at += 2
    return at


def _one_request(data, at):
    head_end = data.find(b"\r\n\r\n", at)
    if head_end < 0:
        raise Incomplete("head")
    lines = data[at:head_end].split(b"\r\n")
    start = REQUEST_LINE.fullmatch(lines[0])
    if not start:
        raise Refused("request line")
    minor = start.group(3)
    fields = [_field(line) for line in lines[1:]]
    _check_host(fields, minor)
    at = _after_body(data, head_end + 4, fields, minor)
    return start.group(1).decode(), at, _closes(fields, minor)


def _field(line):
    found = FIELD.fullmatch(line)
    if not found:
        raise Refused(f"field line {line[:60]!r}")
    return found.group(1).lower(), found.group(2).rstrip(b" \t")


def _values(fields, name):
    return [value for key, value in fields if key == name]


def _check_host(fields, minor):
    hosts = _values(fields, b"host")
    if len(hosts) > 1 or (minor == b"1" and not hosts):
        raise Refused("Host fields")
    if hosts and not HOST.fullmatch(hosts[0]):
        raise Refused("Host value")


def _after_body(data, at, fields, minor):
    lengths, codings = _values(fields, b"content-length"), _values(fields, b"transfer-encoding")
    if codings:
        if lengths or minor == b"0" or len(codings) > 1 or codings[0].lower() != b"chunked":
            raise Refused("transfer coding")
        return _after_chunks(data, at)
    if not lengths:
        return at
    if len(lengths) > 1 or not re.fullmatch(rb"[0-9]{1,18}", lengths[0]):
        raise Refused("length")
    if at + int(lengths[0]) > len(data):
        raise Incomplete("body")
    return at + int(lengths[0])


def _after_chunks(data, at):
    while True:
        line, at = _line(data, at)
        found = CHUNK_LINE.fullmatch(line)
        if not found:
            raise Refused(f"chunk size {line[:40]!r}")
        size = int(found.group(1), 16)
        if size == 0:
            return _after_trailers(data, at)
        if at + size + 2 > len(data):
            raise Incomplete("chunk")
        if data[at + size:at + size + 2] != b"\r\n":
            raise Refused("end of chunk")
        at += size + 2


def _after_trailers(data, at):
    while True:
        line, at = _line(data, at)
        if not line:
            return at
        _field(line)


def _line(data, at):
    end = data.find(b"\r\n", at)
    if end < 0:
        raise Incomplete("line")
    return data[at:end], end + 2


def _closes(fields, minor):
    words = [word.strip().lower() for value in _values(fields, b"connection") for word in value.split(b",")]
    return b"close" in words or (minor == b"0" and b"keep-alive" not in words)
