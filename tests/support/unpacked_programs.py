"""Servers of Debian packages for a test, such as a proxy. They are unpacked, not installed: to install one would start its
service on the machine of whoever runs the tests.

What the system has is used. Otherwise the packages are fetched with apt-get, without root, into the cache of fetched_tools.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass

from fetched_tools import Missing, cache, made_once, run_installer

PATHS = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


@dataclass(frozen=True)
class Server:
    program: str
    packages: tuple  # its own and those of its libraries that not every Debian 12 has


NGINX = Server("nginx", ("nginx", "libpcre2-8-0"))
HAPROXY = Server("haproxy", ("haproxy", "libpcre2-8-0", "liblua5.3-0", "libopentracing-c-wrapper0", "libopentracing1"))


def need(server):
    """The program's path and the environment that it starts in. Raises Missing."""
    if found := shutil.which(server.program, path=PATHS):
        return found, dict(os.environ)
    root = made_once(cache() / f"unpacked-{server.program}", lambda home: unpack(server.packages, home))
    libraries = [str(folder) for folder in root.glob("usr/lib/*-linux-gnu*")] + [str(root / "usr/lib")]
    return str(root / "usr/sbin" / server.program), {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(libraries)}


def unpack(packages, home):
    if not shutil.which("apt-get"):
        raise Missing(f"{packages[0]} is not installed, and there is no apt-get to fetch it with")
    run_installer(["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=", *packages], home)
    for package in sorted(home.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, home], check=True)
        package.unlink()
