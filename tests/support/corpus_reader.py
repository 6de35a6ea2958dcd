"""Reads the third-party request collections into cases a test can send.

The data is not part of the project: GATEHOUSE_CORPORA names the folder that holds llhttp/, gunicorn/,
http-desync-guardian/, http11probe/, smuggler/, JSONTestSuite/ and blns/. Without it these tests skip.

A Case says what to send and whether the collection itself calls it invalid; what must come back is
decided by the test, together with strict_http.
"""

import json
import os
import re
import unittest
from collections import namedtuple
from pathlib import Path

import probe_payloads

# must_refuse: 4xx (or 501, 505) and closed. silence_ok: closing without an answer will do as well.
Case = namedtuple("Case", "name payload must_refuse silence_ok")

# Refused by gunicorn for a limit, a setting or an end of data of its own, not for what the bytes say (a
# method may begin with a hyphen, two media types frame nothing); and trailers that may also be ignored.
GUNICORN_OWN = {
    "001", "003c", "041", "006", "007", "008", "009", "010", "011", "012", "013", "017", "019",
    "limit_header_default_01", "rfc9110_trailer_forbidden_cl_01", "rfc9110_trailer_forbidden_host_01",
    "rfc9110_trailer_forbidden_te_01"
}
# llhttp error codes that are no framing errors: closed connection, unknown method, CONNECT and upgrade.
LLHTTP_NOT_FRAMING = {5, 6, 22, 23}


def folder():
    return os.environ.get("GATEHOUSE_CORPORA")


needs_corpora = unittest.skipUnless(folder(), "GATEHOUSE_CORPORA is not set")


def _path(*parts):
    return Path(folder()).joinpath(*parts)


def llhttp_cases():
    rows = json.loads(_path("llhttp", "request_cases.json").read_text(encoding="utf-8"))
    for number, row in enumerate(rows):
        if "```" in row["http"]:
            continue  # the extraction ran over the end of the example
        code = int(re.search(r"code=(\d+)", row["error"]).group(1)) if row["error"] else None
        strict = row["meta"]["type"] == "request"
        refuse = strict and code is not None and code not in LLHTTP_NOT_FRAMING
        yield Case(f"{number} {row['file']}: {row['title']}", _llhttp_bytes(row["http"]), refuse, False)


def _llhttp_bytes(text):
    """Real line ends are CRLF, a line end after a backslash is none, the rest is escapes."""
    text = re.sub(r"\\\n", "", text.removesuffix("\n")).replace("\n", "\r\n")
    text = text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\f", "\f")
    text = re.sub(r"\\x([0-9a-fA-F]{2})", lambda found: chr(int(found.group(1), 16)), text)
    return _octets(text)


def gunicorn_cases():
    for kind in ("invalid", "valid"):
        for path in sorted(_path("gunicorn", kind).glob("*.http")):
            refuse = kind == "invalid" and path.stem not in GUNICORN_OWN
            yield Case(f"{kind}/{path.stem}", _gunicorn_bytes(path.read_bytes()), refuse, False)


def _gunicorn_bytes(data):
    """Real line ends are cosmetic, the wire's own are escapes."""
    data = data.replace(b"\n", b"").replace(b"\\r", b"\r").replace(b"\\n", b"\n").replace(b"\\0", b"\0")
    return re.sub(rb"\\x([0-9a-fA-F]{2})", lambda found: bytes([int(found.group(1), 16)]), data)


def guardian_cases():
    for path in sorted(_path("http-desync-guardian").glob("*.yaml")):
        for row in _guardian_rows(path.read_text(encoding="utf-8")):
            tier = row["tier"]
            yield Case(f"{path.stem}: {row['name']} [{tier}]", _guardian_bytes(row), tier
                       in ("Severe", "Ambiguous"), False)


def _guardian_rows(text):
    """The subset of YAML these files are written in: two levels of lists, scalars on their own line."""
    rows = []
    for line in text.split("\n"):
        found = re.fullmatch(r"( *(?:- )?)(\w+):(?: +(.*))?", line)
        if not found:
            continue
        indent, key, value = len(found.group(1)), found.group(2), _scalar(found.group(3) or "")
        if indent == 2 and found.group(1) == "- ":
            rows.append({"name": value, "headers": [], "tier": ""})
        elif indent == 2 and key != "headers":
            rows[-1][key] = value
        elif indent == 6 and found.group(1).endswith("- "):
            rows[-1]["headers"].append([value, ""])
        elif indent == 6 and key == "value":
            rows[-1]["headers"][-1][1] = value
        elif indent == 4 and key == "tier":
            rows[-1]["tier"] = value
    return rows


ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "\\": "\\", '"': '"', "/": "/"}


def _scalar(text):
    if text.startswith('"'):
        inside = text[1:text.rindex('"')]
        return re.sub(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", _escape, inside)
    if text.startswith("'"):
        return text[1:text.rindex("'")].replace("''", "'")
    return text.split(" #")[0].strip()


def _escape(found):
    word = found.group(1)
    return chr(int(word[1:], 16)) if word[0] in "xu" and len(word) > 1 else ESCAPES[word]


def _guardian_bytes(row):
    lines = [
        f"{row['method']} {row['uri']} {row['version']}".rstrip()
        if not row["version"] else f"{row['method']} {row['uri']} {row['version']}"
    ]
    lines += [f"{name}: {value}" for name, value in row["headers"]]
    return _octets("\r\n".join(lines) + "\r\n\r\n")


def _octets(text):
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8")


def probe_cases(host):
    rows = json.loads(_path("http11probe", "cases.json").read_text(encoding="utf-8"))
    for row in rows:
        payload = probe_payloads.payload(row["id"], row["payload_template"], host)
        if payload is not None:
            refuse = any("400" in status
                         for status in row["expected_status"]) or _refusal_wanted(row["expected_text"])
            yield Case(row["id"], payload, refuse, row["allow_close"]
                       or "close" in (row["expected_text"] or ""))


def _refusal_wanted(text):
    return bool(text) and text.startswith("400") and "2xx" not in text and "timeout" not in text \
        and "preferred" not in text and "200" not in text and "pass-through" not in text


def smuggler_cases(host):
    """Every Transfer-Encoding gadget beside a Content-Length: refused, or framed by the length alone."""
    configs = json.loads(_path("smuggler", "te_mutations.json").read_text(encoding="utf-8"))["configs"]
    seen = set()
    for config, gadgets in configs.items():
        for name, gadget in gadgets.items():
            if gadget in seen:
                continue
            seen.add(gadget)
            body = b"0\r\n\r\n"
            head = f"POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n".encode()
            yield Case(f"{config}/{name}", head + gadget.encode("latin-1") + b"\r\n\r\n" + body, False, True)


def json_documents(kind):
    """(name, bytes) of JSONTestSuite: kind is y, n or i; t for the transform files."""
    where = _path("JSONTestSuite", "test_transform" if kind == "t" else "test_parsing")
    pattern = "*.json" if kind == "t" else f"{kind}_*.json"
    return [(path.stem, path.read_bytes()) for path in sorted(where.glob(pattern))]


def naughty_strings():
    return json.loads(_path("blns", "blns.json").read_text(encoding="utf-8"))


def dressed(payload, host, token):
    """The same request as an attacker with a good token would send it to our own paths, or None.

    Many collected requests carry no Host or a foreign one and would be refused for that alone. Host,
    token and media type are put before their own fields, and a plain path becomes one of ours.
    """
    first, mark, rest = payload.partition(b"\r\n")
    if not mark or b"\n" in first or b"\r" in first:
        return None
    head = rest.split(b"\r\n\r\n")[0]
    ours = [b"Authorization: Bearer " + token.encode()]
    if not re.search(rb"(?im)^host", head):
        ours.insert(0, b"Host: " + host.encode())
    else:
        rest = re.sub(rb"(?im)^(host: *)(?:example\.com|localhost|www\.example\.com|x|a)\r\n",
                      rb"\g<1>" + host.encode() + b"\r\n", rest)
    if not re.search(rb"(?im)^content-type", head):
        ours.append(b"Content-Type: application/json")
    return _our_path(first) + b"\r\n" + b"\r\n".join(ours) + b"\r\n" + rest


def _our_path(first):
    words = first.split(b" ")
    if len(words) == 3 and re.fullmatch(rb"/[^\\#\x00-\x20\x7f-\xff]{0,1000}", words[1]):
        words[1] = b"/health" if words[0] in (b"GET", b"HEAD") else b"/mcp"
    return b" ".join(words)
