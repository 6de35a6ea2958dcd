#!/usr/bin/env python3
"""Runs one real MCP client, or one example of the pgEdge document, against a real gatehouse server.

    run.py --list             the names
    run.py typescript-client  one of them; exit code 0 passed, 1 failed, 77 skipped (a tool is missing)

Right tokens bring rows; wrong, expired and removed ones bring 401 with a challenge (see token_cases.py). The
*-features use every feature once, in both eras, over HTTP and over stdio (see feature_cases.py). The *-refusals
show what a client's user reads where the server refuses (see refusal_cases.py).
The server is GATEHOUSE_BIN, else build/release/bin/gatehouse. What the clients need is kept in
build/interop (GATEHOUSE_BUILD_DIR names another build folder). With CI=true a skip counts as a failure, but for want of Rust.
"""

import argparse
import sys
import traceback

sys.dont_write_bytecode = True  # the source tree stays clean

import client_needs
import feature_cases
import refusal_cases
import token_cases
from client_kinds import TOKEN_KINDS
from feature_kinds import FEATURE_KINDS
from gate_lab import Failed
from needed import skip_code
from refusal_kinds import REFUSAL_KINDS

CASES_OF = [(TOKEN_KINDS, token_cases), (FEATURE_KINDS, feature_cases), (REFUSAL_KINDS, refusal_cases)]
ALL_KINDS = [kind for kinds, _ in CASES_OF for kind in kinds]


def parseArguments():
    asWritten = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=asWritten)
    parser.add_argument("name", nargs="?", choices=[kind.name for kind in ALL_KINDS], metavar="NAME")
    parser.add_argument("--list", action="store_true", help="print the names and leave")
    parser.add_argument("--prepare", action="store_true", help="only install what the clients need")
    arguments = parser.parse_args()
    if not (arguments.list or arguments.prepare or arguments.name):
        parser.error("give a NAME, or --list")
    return arguments


def runKind(kind, prepareOnly):
    try:
        kind.prepare()
        if not prepareOnly:
            next(cases for kinds, cases in CASES_OF if kind in kinds).runAll(kind)
    except client_needs.Missing as missing:
        return skip_code("interop." + kind.name, str(missing), may_be_missing=isinstance(missing, client_needs.NoRust))
    except Failed as failed:
        print(f"FAILED: {kind.name}: {failed}")
        return 1
    except Exception:
        traceback.print_exc()
        print(f"FAILED: {kind.name}: the test itself broke, see above")
        return 1
    print(f"{'prepared' if prepareOnly else 'passed'}: {kind.name}")
    return 0


def main():
    sys.stdout.reconfigure(line_buffering=True)
    arguments = parseArguments()
    if arguments.list:
        print("\n".join(kind.name for kind in ALL_KINDS))
        return 0
    chosen = [kind for kind in ALL_KINDS if arguments.name in (None, kind.name)]
    return max(runKind(kind, arguments.prepare) for kind in chosen)


if __name__ == "__main__":
    sys.exit(main())
