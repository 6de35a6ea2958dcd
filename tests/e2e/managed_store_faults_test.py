"""F07, F08, F11: the stores beside SQLite under a server, with killed and competing writers: a YAML file, and PostgreSQL.

The cases are those of sqlite_store_faults_test.py; the long runs are in token_store_deep_test.py.
"""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import postgres
import sqlite_store_faults_test as sqlite
from needed import skip_class


class OfFile:
    store = "file"

    def digests(self, server):
        """Of the entries below tokens:, not of those that are gone."""
        text = Path(server.store_path).read_text(encoding="utf-8")
        tokens = re.search(r"^tokens:.*?(?=^[a-z_]+:|\Z)", text, re.M | re.S).group(0)
        return {bytes.fromhex(one) for one in re.findall(r"^[ -]+hash: \"?([0-9a-f]{64})\b", tokens, re.M)}

    def held(self, server):
        return len(self.digests(server))

    def assert_sound(self, server):
        self.assertEqual(server.run("token", "list").returncode, 0)


class OfPostgres:
    @classmethod
    def setUpClass(cls):
        if not postgres.programs():
            skip_class("PostgreSQL is not installed (Debian package postgresql)")
        cls.database = postgres.Postgres()
        cls.addClassCleanup(cls.database.close)
        cls.store = cls.database.url

    def serve(self, **more):
        self.database.empty()
        return super().serve(**more)

    def digests(self, server):
        return {bytes.fromhex(row) for row in self.database.ask("SELECT encode(sha256, 'hex') FROM tokens").split()}

    def assert_sound(self, server):
        self.assertEqual(server.run("token", "list").returncode, 0)


class FileKilled(OfFile, sqlite.Killed):
    pass


class FileCompeting(OfFile, sqlite.Competing):
    pass


class FileFullDisk(OfFile, sqlite.FullDisk):
    pass


class PostgresKilled(OfPostgres, sqlite.Killed):
    ROUNDS = 30


class PostgresCompeting(OfPostgres, sqlite.Competing):
    pass


if __name__ == "__main__":
    unittest.main()
