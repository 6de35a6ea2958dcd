#!/usr/bin/env python3
"""Runs the official MCP conformance suite against a server with the `everything` backend.

    run.py open     without authentication
    run.py bearer   through the gate, with a bearer token

Every scenario must pass, without a warning: both scored sets, the pending ones, the extensions and the
2025-06-18 wire. Exit code 0 passed, 1 failed, 77 skipped (Node.js could not be fetched); with CI=true a
skip counts as a failure. The suite is pinned in conformance-pin/ and kept in ~/.cache/mcp-conformance; its results are in
build/conformance.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(HERE.parent / "support"))

import fetched_tools
from gatehouse_server import GatehouseServer
from needed import skip_code

# Scenarios that must have been there: a suite that runs fewer is not the one that was pinned.
LEAST = {("required", "2025-11-25"): 30, ("required", "2026-07-28"): 37, ("extension", "2026-07-28"): 10,
         ("pending", "2025-11-25"): 2, ("pending", "2026-07-28"): 3, ("older-wire", "2025-06-18"): 27}


def suite(server, results, token):
    words = ["bash", HERE / "run-conformance.sh", "--warnings", "--out", results]
    words += ["--bearer", token] if token else []
    return subprocess.run([*map(str, words), f"http://127.0.0.1:{server.port}/mcp"], check=False).returncode


def newest_summary(results):
    summaries = sorted(results.glob("*/summary.json"), key=lambda path: path.stat().st_mtime)
    return json.loads(summaries[-1].read_text(encoding="utf-8")) if summaries else {"rows": []}


def complaints(rows):
    """What is missing from a full score."""
    for row in rows:
        if row["failed"] or row["warnings"]:
            yield f"{row['scenario']} ({row['set']}): {row['failedChecks']} {row['warnings']}"
    for (group, version), least in LEAST.items():
        ran = sum(row["group"] == group and row["set"] == version for row in rows)
        if ran < least:
            yield f"{group} {version}: {ran} scenarios ran, wanted {least}"


def main(kind):
    try:
        fetched_tools.need(fetched_tools.NODE)
    except fetched_tools.Missing as missing:
        return skip_code("conformance." + kind, str(missing))
    build = Path(os.environ.get("GATEHOUSE_BUILD_DIR", HERE.parents[1] / "build"))
    results = build / "conformance" / kind
    shutil.rmtree(results, ignore_errors=True)
    settings = {"auth": {"enabled": kind == "bearer"}}
    with GatehouseServer(settings=settings, backend="everything") as server:
        code = suite(server, results, server.token.text if kind == "bearer" else None)
    wrong = list(complaints(newest_summary(results)["rows"]))
    print("\n".join(wrong))
    return 1 if code or wrong else 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["open"], ["bearer"]):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
