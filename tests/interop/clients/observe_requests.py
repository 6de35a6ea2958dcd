"""Runs an unchanged Python program and notes every answer that `requests` gets, one JSON line each.

    observe_requests.py PROGRAM     the notes go to the file INTEROP_WIRE_LOG names
"""

import json
import os
import runpy
import sys
from urllib.parse import urlsplit

import requests

plainSend = requests.Session.send


def notingSend(session, request, **options):
    answer = plainSend(session, request, **options)
    note = {
        "method": request.method,
        "path": urlsplit(request.url).path,
        "version": request.headers.get("MCP-Protocol-Version"),
        "status": answer.status_code,
        "challenge": answer.headers.get("WWW-Authenticate"),
        "body": answer.text,
    }
    with open(os.environ["INTEROP_WIRE_LOG"], "a") as log:
        log.write(json.dumps(note) + "\n")
    return answer


requests.Session.send = notingSend
runpy.run_path(sys.argv[1], run_name="__main__")
