"""Fills in the http11probe templates whose values its own code computes.

Some templates were cut where the source joins strings (control characters), or hold only the smuggled
part of a request; those are written out here by id. Templates that need a conversation of several
steps are left out: http_framing_test has such conversations of its own.
"""

POST = "POST / HTTP/1.1\r\nHost: {host}\r\n"
POST_1_0 = "POST / HTTP/1.0\r\nHost: {host}\r\n"
CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n"
SMUGGLED = "GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"


def _smuggling(*fields, method_line="POST / HTTP/1.1", inner=SMUGGLED):
    """An outer request with both framings around a smuggled one; {all} is the length of the whole body."""
    return f"{method_line}\r\nHost: {{host}}\r\n" + "".join(f"{field}\r\n" for field in fields) \
        + "\r\n0\r\n\r\n" + inner


WRITTEN_OUT = {
    "RFC9112-2.3-INVALID-VERSION": "GET / HTTP/9.9\r\nHost: {host}\r\n\r\n",
    "RFC9112-2.3-HTTP09-REQUEST": "GET /\r\n\r\n",
    "COMP-VERSION-MISSING-MINOR": "GET / HTTP/1\r\nHost: {host}\r\n\r\n",
    "COMP-VERSION-LEADING-ZEROS": "GET / HTTP/01.01\r\nHost: {host}\r\n\r\n",
    "COMP-VERSION-WHITESPACE": "GET / HTTP/ 1.1\r\nHost: {host}\r\n\r\n",
    "COMP-VERSION-CASE": "GET / http/1.1\r\nHost: {host}\r\n\r\n",
    "COMP-HTTP10-DEFAULT-CLOSE": "GET / HTTP/1.0\r\nHost: {host}\r\n\r\n",
    "COMP-HTTP10-NO-HOST": "GET / HTTP/1.0\r\n\r\n",
    "COMP-HTTP12-VERSION": "GET / HTTP/1.2\r\nHost: {host}\r\n\r\n",
    "COMP-UPGRADE-HTTP10": "GET / HTTP/1.0\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
    "COMP-NO-1XX-HTTP10": POST_1_0 + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
    "COMP-LONG-URL-OK": "GET /" + "a" * 7000 + " HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "MAL-BINARY-GARBAGE": "\x00\x01\x02\xff\xfe\xfd\r\n\r\n",
    "MAL-LONG-URL": "GET /" + "a" * 70000 + " HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "MAL-LONG-HEADER-VALUE": "GET / HTTP/1.1\r\nHost: {host}\r\nX-Big: " + "b" * 70000 + "\r\n\r\n",
    "MAL-LONG-HEADER-NAME": "GET / HTTP/1.1\r\nHost: {host}\r\n" + "n" * 70000 + ": val\r\n\r\n",
    "MAL-LONG-METHOD": "M" * 70000 + " / HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "MAL-MANY-HEADERS": "GET / HTTP/1.1\r\nHost: {host}\r\n" + "".join(f"X-H-{n}: v\r\n"
                                                                       for n in range(10000)) + "\r\n",
    "MAL-NON-ASCII-HEADER-NAME": "GET / HTTP/1.1\r\nHost: {host}\r\nX-T\xebst: value\r\n\r\n",
    "MAL-NON-ASCII-URL": "GET /caf\xc3\xa9 HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "MAL-URL-OVERLONG-UTF8": "GET /\xc0\xaf HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "MAL-WHITESPACE-ONLY-LINE": "   \r\n\r\n",
    "MAL-H2-PREFACE": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "MAL-CHUNK-EXT-64K": CHUNKED + "5;ext=" + "e" * 65536 + "\r\nhello\r\n0\r\n\r\n",
    "MAL-RANGE-OVERLAPPING": "GET / HTTP/1.1\r\nHost: {host}\r\nRange: bytes=" + "0-1," * 900 + "0-1\r\n\r\n",
    "SMUG-CL-TE-BOTH": POST + "Content-Length: 15\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5\r\nhello\r\n0\r\n\r\n",
    "SMUG-TE-HTTP10": POST_1_0 + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "SMUG-CHUNK-EXT-CTRL": CHUNKED + "5;\x01ext=1\r\nhello\r\n0\r\n\r\n",
    "SMUG-CHUNK-EXT-CR": CHUNKED + "5;a\rb=1\r\nhello\r\n0\r\n\r\n",
    "SMUG-TE-VTAB": POST + "Transfer-Encoding: \x0bchunked\r\nContent-Length: 5\r\n\r\nhello",
    "SMUG-TE-FORMFEED": POST + "Transfer-Encoding: \x0cchunked\r\nContent-Length: 5\r\n\r\nhello",
    "SMUG-TE-NULL": POST + "Transfer-Encoding: chunked\x00\r\nContent-Length: 5\r\n\r\nhello",
    "SMUG-CHUNK-BARE-CR-TERM": CHUNKED + "5\rhello\r\n0\r\n\r\n",
    "SMUG-CL-LEADING-ZEROS-OCTAL": POST + "Content-Length: 0200\r\n\r\n" + "b" * 200,
    "SMUG-CLTE-SMUGGLED-GET": _smuggling("Content-Length: {all}", "Transfer-Encoding: chunked"),
    "SMUG-CLTE-SMUGGLED-GET-CL-PLUS": _smuggling("Content-Length: +{all}", "Transfer-Encoding: chunked"),
    "SMUG-CLTE-SMUGGLED-GET-CL-NON-NUMERIC": _smuggling("Content-Length: N{all}",
                                                        "Transfer-Encoding: chunked"),
    "SMUG-CLTE-SMUGGLED-GET-TE-OBS-FOLD": _smuggling("Content-Length: {all}",
                                                     "Transfer-Encoding:\r\n chunked"),
    "SMUG-CLTE-SMUGGLED-HEAD": _smuggling("Content-Length: {all}", "Transfer-Encoding: chunked",
                                          inner="HEAD / HTTP/1.1\r\nHost: {host}\r\n\r\n"),
    "SMUG-CLTE-SMUGGLED-GET-TE-TRAILING-SPACE": _smuggling("Content-Length: {all}",
                                                           "Transfer-Encoding: chunked "),
    "SMUG-CLTE-SMUGGLED-GET-TE-LEADING-COMMA": _smuggling("Content-Length: {all}",
                                                          "Transfer-Encoding: , chunked"),
    "SMUG-CLTE-SMUGGLED-GET-TE-CASE-MISMATCH": _smuggling("Content-Length: {all}",
                                                          "Transfer-Encoding: Chunked"),
    "SMUG-TE-DUPLICATE-HEADERS-SMUGGLED-GET": _smuggling("Content-Length: {all}",
                                                         "Transfer-Encoding: chunked",
                                                         "Transfer-Encoding: identity"),
    "SMUG-TECL-SMUGGLED-GET": _smuggling("Transfer-Encoding: chunked", "Content-Length: 5"),
    "SMUG-DUPLICATE-CL-SMUGGLED-GET": _smuggling("Content-Length: {all}", "Content-Length: 5"),
}
# What is left of these templates is one step of a conversation.
LEFT_OUT = {"SMUG-GET-CL-PREFIX-DESYNC", "MAL-EMPTY-REQUEST", "COMP-VERSION-MISSING-MINOR-STEP"}


def payload(case_id, template, host):
    """The bytes of a case, or None when it cannot be sent as one piece."""
    if case_id in LEFT_OUT:
        return None
    text = WRITTEN_OUT.get(case_id)
    if text is None:
        if template is None or "HTTP" not in template or "\\r\\n" not in template:
            return None
        text = _unescape(template)
    text = text.replace("{ctx.HostHeader}", host).replace("{host}", host)
    if "{all}" in text:
        body = text.split("\r\n\r\n", 1)[1]
        text = text.replace("{all}", str(len(body)))
    return None if "{" in text else text.encode("latin-1")


def _unescape(template):
    text = template.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0")
    for code in (0x07, 0x08, 0x0b, 0x0c):
        text = text.replace(f"\\x{code:02x}", chr(code)).replace(f"\\x{code:02X}", chr(code))
    return text.replace("\\\\", "\\")
