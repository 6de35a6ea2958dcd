"""Puts faults back, one at a time, in a copy of the tree: the machine tests must find each within a minute.

Usage: machine_mutants.py [PATCH...]      default: every a*.patch beside this file
"""

import re
import subprocess
import sys
import time
from pathlib import Path

import mutant_tree

HERE = Path(__file__).resolve().parent
SECONDS, STEPS = 60, 10_000_000
MACHINES = ("connection", "protocol")
ENVIRONMENT = {**mutant_tree.ENVIRONMENT, "ASAN_OPTIONS": "malloc_context_size=8:quarantine_size_mb=32"}
WORDS = r"Broken invariant: .*|ERROR: AddressSanitizer: [\w-]+|runtime error: .*"


def found_by(machine):
    """How the machine told of the fault, and after how many seconds; None when it did not."""
    began = time.monotonic()
    try:
        run = subprocess.run([str(mutant_tree.TREE / "build/fuzz/tests/machine_run"), machine, str(STEPS)], env=ENVIRONMENT,
                             capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    words = re.search(WORDS, run.stderr)
    return f"{machine} after {time.monotonic() - began:.1f} s ({words.group(0)})" if words else None


def main(patches):
    mutant_tree.copy()
    mutant_tree.configure("fuzz")
    lived = 0
    for patch in patches:
        with mutant_tree.Mutated(patch):
            if not mutant_tree.built("fuzz", "machine_run"):
                sys.exit(f"{patch.stem}: does not compile, see {mutant_tree.OUT / 'build.log'}")
            found = [words for words in map(found_by, MACHINES) if words]
        print(f"{patch.stem}: {'found by ' + '; '.join(found) if found else 'LIVES'}", flush=True)
        lived += not found
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main([Path(name).resolve() for name in sys.argv[1:]] or sorted(HERE.glob("a*.patch"))))
