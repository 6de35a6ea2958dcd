"""Finds or installs what the clients need: node with the npm packages, a Python with the pip packages, go, cargo.

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
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CLIENTS = HERE / "clients"
BUILD = pathlib.Path(os.environ.get("GATEHOUSE_BUILD_DIR") or "build")
STORE = (BUILD if BUILD.is_absolute() else ROOT / BUILD) / "interop"
INSTALL_SECONDS = 600
NODE_AT_LEAST = (22, 19)  # the Inspector's own minimum; an older node of the system is passed over

PYTHON_AT_LEAST = (3, 11)


class Missing(Exception):
    """A tool is not on this machine and could not be fetched: the test cannot run."""


def tool(name, hint):
    found = shutil.which(name)
    if not found:
        raise Missing(f"{name} is not installed ({hint})")
    return found


def npmPackages():
    """The node_modules folder with exactly what package-lock.json names."""
    sources = [CLIENTS / "package.json", CLIENTS / "package-lock.json"]

    def install(folder):
        npm = tool("npm", "Debian package npm")
        for source in sources:
            shutil.copy(source, folder)
        runInstaller([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder)

    return installedOnce("npm", sources, install) / "node_modules"


def node(packages):
    """The system's node if it is new enough, else the one that came with the packages."""
    system = shutil.which("node")
    if system and nodeVersion(system) >= NODE_AT_LEAST:
        return system
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    packaged = packages / f"node-linux-{machine}" / "bin" / "node"
    if packaged.exists():
        return str(packaged)
    raise Missing(f"node {NODE_AT_LEAST[0]}.{NODE_AT_LEAST[1]} or newer is not installed")


def nodeVersion(path):
    said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0, 0)


def pythonWithPackages(requirements="requirements.txt", name="pip"):
    """A Python interpreter and the folder in which it sees exactly the packages of clients/REQUIREMENTS."""
    sources = [CLIENTS / requirements]
    if sys.version_info < PYTHON_AT_LEAST:
        raise Missing("the Python clients need Python 3.11 or newer")

    def install(folder):
        pip = [sys.executable, "-m", "pip"]
        if subprocess.run([*pip, "--version"], capture_output=True).returncode != 0:
            raise Missing("pip is not installed (Debian package python3-pip)")
        flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--target", str(folder / "site")]
        runInstaller([*pip, "install", *flags, "-r", str(sources[0])], folder)

    return sys.executable, installedOnce(name, sources, install) / "site"


def goTool():
    found = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    return found or tool("go", "Debian package golang-go")


def goProgram(name):
    """The program that the Go module clients/NAME builds, with exactly what its go.sum names."""
    source = CLIENTS / name

    def install(folder):
        environment = os.environ | {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
        runInstaller([goTool(), "build", "-mod=readonly", "-o", str(folder / name), "."], source, environment)

    return installedOnce(name, [*source.glob("*.go"), source / "go.mod", source / "go.sum"], install) / name


def cargoProgram(name):
    """The program of the Rust crate clients/NAME, with exactly what its Cargo.lock names."""
    source = CLIENTS / name

    def install(folder):
        built = STORE / "cargo"  # stays when the program changes: the crates it uses take minutes
        runInstaller([cargoTool(), "build", "--release", "--locked", "--quiet", "--target-dir", str(built)], source)
        shutil.copy(built / "release" / name, folder)

    sources = [*source.glob("src/*.rs"), source / "Cargo.toml", source / "Cargo.lock"]
    return installedOnce(name, sources, install) / name


def cargoTool():
    rustup = pathlib.Path.home() / ".cargo" / "bin"
    return shutil.which("cargo") or shutil.which("cargo", path=str(rustup)) or tool("cargo", "Rust 1.88 or newer")


def runInstaller(command, folder, environment=None):
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True,
                              timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise Missing(f"could not be installed within {INSTALL_SECONDS} s: {' '.join(command)}") from None
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()[-2000:]
        raise Missing(f"could not be installed: {' '.join(command)}\n{said}")


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
