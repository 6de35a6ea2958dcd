"""Puts faults back, one at a time, in a copy of the tree: the machine tests must find each within a minute.

Usage: machine_mutants.py [PATCH...]      default: every a*.patch beside this file
"""

import filecmp
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUT = ROOT / "build" / "mutants"
TREE = OUT / "tree"
SECONDS, STEPS = 60, 10_000_000
MACHINES = ("connection", "protocol")
ENVIRONMENT = {
    **os.environ, "CCACHE_BASEDIR": str(TREE), "CCACHE_NOHASHDIR": "1",
    "ASAN_OPTIONS": "malloc_context_size=8:quarantine_size_mb=32"
}
WORDS = r"Broken invariant: .*|ERROR: AddressSanitizer: [\w-]+|runtime error: .*"


def copy_tree():
    """Writes only what differs, so that what was compiled stays compiled."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True,
                            check=True).stdout.split("\n")
    wanted = {name for name in listed if name and (ROOT / name).is_file()}
    for path in TREE.rglob("*"):
        name = path.relative_to(TREE)
        if path.is_file() and name.parts[0] != "build" and str(name) not in wanted:
            path.unlink()
    for name in wanted:
        target = TREE / name
        if not target.exists() or not filecmp.cmp(ROOT / name, target, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)


def patched(patch, *options):
    subprocess.run(["patch", "-p1", "-s", "--no-backup-if-mismatch", *options, "-i", str(patch)], cwd=TREE, check=True)


def built():
    with open(OUT / "build.log", "w", encoding="utf-8") as log:
        words = ["cmake", "--build", str(TREE / "build/fuzz"), "--target", "machine_run"]
        return subprocess.run(words, env=ENVIRONMENT, stdout=log, stderr=log, check=False).returncode == 0


def found_by(machine):
    """How the machine told of the fault, and after how many seconds; None when it did not."""
    began = time.monotonic()
    try:
        run = subprocess.run([str(TREE / "build/fuzz/tests/machine_run"), machine, str(STEPS)], env=ENVIRONMENT,
                             capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    words = re.search(WORDS, run.stderr)
    return f"{machine} after {time.monotonic() - began:.1f} s ({words.group(0)})" if words else None


def main(patches):
    copy_tree()
    subprocess.run(["cmake", "-S", str(TREE), "--preset", "fuzz"], cwd=TREE, stdout=subprocess.DEVNULL, check=True)
    lived = 0
    for patch in patches:
        patched(patch)
        try:
            if not built():
                sys.exit(f"{patch.stem}: does not compile, see {OUT / 'build.log'}")
            found = [words for words in map(found_by, MACHINES) if words]
        finally:
            patched(patch, "-R")
        print(f"{patch.stem}: {'found by ' + '; '.join(found) if found else 'LIVES'}", flush=True)
        lived += not found
    return 1 if lived else 0


if __name__ == "__main__":
    TREE.mkdir(parents=True, exist_ok=True)
    sys.exit(main([Path(name).resolve() for name in sys.argv[1:]] or sorted(HERE.glob("a*.patch"))))
