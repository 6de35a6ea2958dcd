"""A copy of the tree in build/mutants in which one small fault at a time is put in, compiled and taken out again."""

import filecmp
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OUT = ROOT / "build" / "mutants"
TREE = OUT / "tree"
ENVIRONMENT = {**os.environ, "CCACHE_BASEDIR": str(TREE), "CCACHE_NOHASHDIR": "1"}


def copy():
    """Writes only what differs, so that what was compiled stays compiled. What is written is new, whatever its age there: an
    object that was made of an older text must not pass for one of this."""
    TREE.mkdir(parents=True, exist_ok=True)
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
            shutil.copy(ROOT / name, target)


class Mutated:
    """The tree with one patch in it, for the length of a `with` block."""
    def __init__(self, patch):
        self.patch = patch

    def __enter__(self):
        self._patch()

    def __exit__(self, *unused):
        self._patch("-R")

    def _patch(self, *options):
        subprocess.run(["patch", "-p1", "-s", "--no-backup-if-mismatch", *options, "-i", str(self.patch)], cwd=TREE,
                       check=True)


def configure(preset, *options):
    subprocess.run(["cmake", "-S", str(TREE), "--preset", preset, *options], cwd=TREE, stdout=subprocess.DEVNULL,
                   check=True)


def built(preset, *targets):
    """True when the targets compile; what the compiler says is in build/mutants/build.log."""
    with open(OUT / "build.log", "w", encoding="utf-8") as log:
        words = ["cmake", "--build", str(TREE / "build" / preset), *(["--target", *targets] if targets else [])]
        return subprocess.run(words, env=ENVIRONMENT, stdout=log, stderr=log, check=False).returncode == 0
