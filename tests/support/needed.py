"""What a test needs of the machine. Where it is not there the test is skipped; with CI=true it fails, because a test that
nobody runs guards nothing. Third-party data is another matter: corpus_reader.needs_corpora."""

import functools
import os


def give_up(test, why):
    """Ends the test that is running."""
    if os.environ.get("CI") == "true":
        test.fail(f"with CI=true nothing may be skipped: {why}")
    test.skipTest(why)


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
