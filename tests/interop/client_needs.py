"""Finds or installs what the clients need: the npm packages, a Python with the pip packages, go, cargo. Where the system
lacks Node.js or Go, they are fetched (support/fetched_tools.py); a Rust toolchain is not.

Everything installed lands in <build folder>/interop and is used again by later runs until the lock file
or the requirements change. Scripts of npm packages are never run. A lock on a file makes several runs at
once wait for one installation.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import platform
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import fetched_tools
from fetched_tools import Missing, run_installer

ROOT = HERE.parent.parent
CLIENTS = HERE / "clients"
BUILD = pathlib.Path(os.environ.get("GATEHOUSE_BUILD_DIR") or "build")
STORE = (BUILD if BUILD.is_absolute() else ROOT / BUILD) / "interop"
PYTHON_AT_LEAST = (3, 11)
RUST_AT_LEAST = (1, 88)
RUST_WAY = "install rustup (https://rustup.rs) and run `rustup toolchain install stable`"


class NoRust(Missing):
    """The one tool that may be missing: no package registry has it."""


def tool(name, hint):
    found = shutil.which(name)
    if not found:
        raise Missing(f"{name} is not installed ({hint})")
    return found


def npmPackages(where=CLIENTS, name="npm"):
    """The node_modules folder with exactly what the package-lock.json there names."""
    sources = [where / "package.json", where / "package-lock.json"]

    def install(folder):
        fetched_tools.need(fetched_tools.NODE)
        for source in sources:
            shutil.copy(source, folder)
        run_installer(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder)

    return installedOnce(name, sources, install) / "node_modules"


def node():
    return os.path.join(fetched_tools.need(fetched_tools.NODE), "node")


def pythonWithPackages(requirements="requirements.txt", name="pip"):
    """A Python interpreter and the folder in which it sees exactly the packages of clients/REQUIREMENTS."""
    sources = [CLIENTS / requirements]
    if sys.version_info < PYTHON_AT_LEAST:
        raise Missing("the Python clients need Python 3.11 or newer")

    def install(folder):
        pip = [str(fetched_tools.venv_python()), "-m", "pip"]
        flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--target", str(folder / "site")]
        run_installer([*pip, "install", *flags, "-r", str(sources[0])], folder)

    return sys.executable, installedOnce(name, sources, install) / "site"


def goTool():
    return os.path.join(fetched_tools.need(fetched_tools.GO), "go")


def goProgram(name):
    """The program that the Go module clients/NAME builds, with exactly what its go.sum names."""
    source = CLIENTS / name

    def install(folder):
        environment = os.environ | {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
        run_installer([goTool(), "build", "-mod=readonly", "-o", str(folder / name), "."], source, environment)

    return installedOnce(name, [*source.glob("*.go"), source / "go.mod", source / "go.sum"], install) / name


def cargoProgram(name):
    """The program of the Rust crate clients/NAME, with exactly what its Cargo.lock names."""
    source = CLIENTS / name

    def install(folder):
        built = STORE / "cargo"  # stays when the program changes: the crates it uses take minutes
        run_installer([cargoTool(), "build", "--release", "--locked", "--quiet", "--target-dir", str(built)], source)
        shutil.copy(built / "release" / name, folder)

    sources = [*source.glob("src/*.rs"), source / "Cargo.toml", source / "Cargo.lock"]
    return installedOnce(name, sources, install) / name


def cargoTool():
    """A cargo that is new enough; where rustup put it too."""
    search = os.pathsep.join([os.environ["PATH"], str(pathlib.Path.home() / ".cargo" / "bin")])
    found = shutil.which("cargo", path=search)
    if not found or fetched_tools.version_of([found, "--version"]) < RUST_AT_LEAST:
        raise NoRust(f"needs a Rust toolchain, {'.'.join(map(str, RUST_AT_LEAST))} or newer: {RUST_WAY}")
    return found


def installedOnce(name, sources, install):
    """Calls install(folder) unless the folder already holds the result for these very sources."""
    folder = STORE / name
    wanted = digestOf(sources)
    with lockedStore(name):
        stamp = folder / "complete"
        if not (stamp.exists() and stamp.read_text() == wanted):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            install(folder)
            stamp.write_text(wanted)
    return folder


def digestOf(sources):
    everything = b"".join(source.read_bytes() for source in sources)
    return hashlib.sha256(everything + sys.version.encode() + platform.machine().encode()).hexdigest()


@contextlib.contextmanager
def lockedStore(name):
    STORE.mkdir(parents=True, exist_ok=True)
    with open(STORE / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
