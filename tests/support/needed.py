"""What a test needs of the machine. Where it is not there the test is skipped; with CI=true it fails, because a test that
nobody runs guards nothing. Two things may be missing even then: third-party data (needs_data.sh) and a Rust toolchain.

What was skipped is noted in the file that GATEHOUSE_SKIPPED names, so that run-tests.sh can name it at its end."""

import functools
import os
import sys
import unittest
from pathlib import Path

SKIP_CODE = 77  # what CMake's SKIP_RETURN_CODE waits for


def note_skip(what, why):
    if path := os.environ.get("GATEHOUSE_SKIPPED"):
        with open(path, "a", encoding="utf-8") as notes:
            notes.write(f"{what}: {' '.join(why.split())}\n")


def skip_code(what, why, may_be_missing=False):
    """The exit code of a program that cannot test: says why it does not."""
    print(f"skipped: {what}: {why}")
    if os.environ.get("CI") == "true" and not may_be_missing:
        print("FAILED: with CI=true nothing may be skipped")
        return 1
    note_skip(what, why)
    return SKIP_CODE


def give_up(test, why):
    """Ends the test that is running."""
    if os.environ.get("CI") == "true":
        test.fail(f"with CI=true nothing may be skipped: {why}")
    note_skip(test.id().removeprefix("__main__."), why)
    test.skipTest(why)


def skip_class(why):
    """Ends the set-up of a class or a module of tests: with CI=true as a failure."""
    if os.environ.get("CI") == "true":
        raise RuntimeError(f"with CI=true nothing may be skipped: {why}")
    note_skip(Path(sys.argv[0]).stem, why)
    raise unittest.SkipTest(why)


def needs(condition, why):
    """Decorates a test method that needs this condition."""

    def decorate(method):
        @functools.wraps(method)
        def run(test):
            if not condition:
                give_up(test, why)
            method(test)

        return run

    return decorate
