"""Connections that the sql backend keeps between calls: how many, for how long, and that they end with their identity."""

import os
import sqlite3
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness
from process_probe import wait_until

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n, t"


def make(path, value):
    with sqlite3.connect(path) as database:
        database.executescript(f"CREATE TABLE t (x); INSERT INTO t VALUES ('{value}')")
    database.close()


class PoolCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="gatehouse-sql-pool-")
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name).resolve() / "main.db"
        make(self.path, "first")

    def serve(self, tokens=1, **settings):
        backend = {"plugin": "sql", "settings": {"databases": [{"name": "main", "url": f"sqlite:{self.path}"}], **settings}}
        server = GatehouseServer(backend=backend, tokens=tokens).__enter__()
        self.addCleanup(server.__exit__, None)
        return server

    def value(self, server, token="first", text="SELECT x FROM t"):
        result = server.call("query_database", {"query": text}, token=token).result()
        self.assertFalse(result.get("isError"), result)
        return result["structuredContent"]["rows"][0][0]

    def held(self, server, path=None):
        """How often the server has the file open."""
        folder, found = f"/proc/{server.process.pid}/fd", 0
        for number in os.listdir(folder):
            try:
                found += os.readlink(f"{folder}/{number}").removesuffix(" (deleted)") == str(path or self.path)
            except OSError:
                pass
        return found

    def until_held(self, server, count):
        self.assertTrue(wait_until(lambda: self.held(server) == count, 5 * slowness()), self.held(server))


class Pool(PoolCase):
    def test_sql_pool_calls_one_after_the_other_share_a_connection(self):
        server = self.serve()
        for _ in range(10):
            self.assertEqual(self.value(server), "first")
        self.until_held(server, 1)

    def test_sql_pool_is_bounded_for_all(self):
        server = self.serve(tokens=6, kept_connections=3)
        for token in server.token_file.tokens * 2:
            self.assertEqual(self.value(server, token), "first")
        self.until_held(server, 3)

    def test_sql_pool_none_is_kept_where_none_may_be(self):
        server = self.serve(kept_connections=0)
        self.assertEqual(self.value(server), "first")
        self.until_held(server, 0)

    def test_sql_pool_closes_what_is_idle(self):
        server = self.serve(kept_seconds=1)
        self.assertEqual(self.value(server), "first")
        self.until_held(server, 0)
        self.assertEqual(self.value(server), "first")

    def test_sql_pool_connections_end_with_their_token(self):
        server = self.serve(tokens=2)
        gone, other = server.token_file.tokens
        self.assertEqual(self.value(server, gone), "first")
        self.assertEqual(self.value(server, other), "first")
        self.until_held(server, 2)
        with server.wire(timeout=30) as wire:
            wire.send(server.call_bytes("query_database", {"query": ENDLESS}, token=gone))
            self.assertTrue(wait_until(lambda: server.metric("open_clients") == 1, 5))
            server.token_file.remove(gone)
            self.until_held(server, 1)
        self.assertEqual(self.value(server, other), "first")

    def test_sql_pool_connections_at_rest_end_with_their_token(self):
        server = self.serve(tokens=2)
        gone, other = server.token_file.tokens
        for token in (gone, other):
            self.assertEqual(self.value(server, token), "first")
        self.until_held(server, 2)
        server.token_file.remove(gone)
        self.until_held(server, 1)

    def test_sql_pool_reads_a_file_that_replaced_the_other(self):
        server = self.serve()
        for value in ("second", "third"):
            self.assertEqual(self.value(server), "first" if value == "second" else "second")
            fresh = self.path.with_suffix(".new")
            make(fresh, value)
            os.replace(fresh, self.path)
            self.assertEqual(self.value(server), value)
        self.until_held(server, 1)

    def test_sql_pool_sees_what_others_commit(self):
        for mode in ("DELETE", "WAL"):
            server = self.serve()
            with sqlite3.connect(self.path, isolation_level=None) as writer:
                writer.execute(f"PRAGMA journal_mode = {mode}")
                for number in range(5):
                    writer.execute("UPDATE t SET x = ?", (number, ))
                    self.assertEqual(self.value(server), number)
                writer.execute(f"ALTER TABLE t ADD COLUMN in_{mode}")
                self.assertEqual(self.value(server, text=f"SELECT count(in_{mode}) FROM t"), 0)
            writer.close()
            server.stop()


if __name__ == "__main__":
    unittest.main()
