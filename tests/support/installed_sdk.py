"""The SDK as a package: installed into a folder, and plugins that are built against it outside of the tree."""

import subprocess
from pathlib import Path

from gatehouse_server import executable


def run(*words, folder=None):
    """What the program said. Fails with all of it when its exit code is not 0."""
    done = subprocess.run([str(word) for word in words], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


def install(folder):
    run("cmake", "--install", Path(executable()).parents[1], "--prefix", folder)
    return folder


def build(source, build_folder, installed, *options):
    run("cmake", "-S", source, "-B", build_folder, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={installed}", *options)
    run("cmake", "--build", build_folder)
