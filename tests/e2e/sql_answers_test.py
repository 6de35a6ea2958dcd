"""What the sql backend answers: virtual tables, exact numbers, names as SQLite finds them, tokens without a database."""

import json
import sqlite3
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer
from identity_provider import hs256
from mcp_clients import LegacySession
from process_probe import cpu_seconds, wait_until

TABLES = """
    CREATE TABLE users (id INTEGER PRIMARY KEY, doc TEXT, twice AS (id * 2));
    INSERT INTO users (id, doc) VALUES (1, '{"a":[1,2]}'), (9223372036854775807, '{}');
    CREATE TABLE "odd ""name" (x);
    CREATE TABLE "dot.ted" (y);
    CREATE VIEW recent AS SELECT id FROM users;
    CREATE TABLE reading (r REAL);
    CREATE VIRTUAL TABLE note USING fts5(body);
    INSERT INTO note VALUES ('hello world');
    CREATE VIRTUAL TABLE place USING rtree(id, low, high);
    INSERT INTO place VALUES (7, 0, 10);
"""
ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


def fill(path):
    with sqlite3.connect(path) as database:
        database.executescript(TABLES)
        database.executemany("INSERT INTO reading VALUES (?)", [(0.1 + 0.2, ), (1234567890.1234567, ), (-1e999, )])
    database.close()


class AnswerCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="gatehouse-sql-answers-")
        cls.addClassCleanup(folder.cleanup)
        cls.path = Path(folder.name) / "secret-name.db"
        fill(cls.path)
        settings = {"databases": [{"name": "hidden-main", "url": f"sqlite:{cls.path}"}], "max_rows": 20}
        cls.server = GatehouseServer(backend={"plugin": "sql", "settings": settings}, started=False)
        cls.lost = cls.server.token_file.add(name="lost", database="no\"where")
        cls.server.start()
        cls.addClassCleanup(cls.server.__exit__, None)

    def result(self, tool, arguments, **how):
        answer = self.server.call(tool, arguments, **how)
        self.assertEqual(answer.status, 200, answer)
        return answer.result()

    def query(self, text):
        result = self.result("query_database", {"query": text})
        self.assertFalse(result.get("isError"), (text, result))
        return result["structuredContent"]

    def columns(self, table):
        result = self.result("describe_table", {"table": table})
        self.assertFalse(result.get("isError"), (table, result))
        return [row[0] for row in result["structuredContent"]["rows"]]


class Answers(AnswerCase):
    def test_D15_virtual_tables_are_read_and_described(self):
        for text, rows in (("SELECT j.value FROM users, json_each(users.doc, '$.a') j", [[1], [2]]),
                           ("SELECT highlight(note, 0, '<', '>') FROM note('world')", [["hello <world>"]]),
                           ("SELECT id FROM place WHERE low < 5", [[7]]),
                           ("SELECT count(*) > 0 FROM dbstat", [[1]])):
            for _ in range(2):
                self.assertEqual(self.query(text)["rows"], rows, text)
        self.assertEqual(self.columns("place"), ["id", "low", "high"])
        self.assertEqual(self.columns("note"), ["body"])
        self.assertIn("fullkey", self.columns("json_each"))

    def test_D15_virtual_tables_write_nothing(self):
        before = self.path.read_bytes()
        for text in ("INSERT INTO place VALUES (8, 0, 1)", "DELETE FROM place_node", "UPDATE sqlite_master SET sql = ''",
                     "INSERT INTO note(note) VALUES ('optimize')", "SELECT * FROM pragma_database_list",
                     "ATTACH ':memory:' AS place_node", "SELECT load_extension(value) FROM json_each('[\"x\"]')"):
            self.assertTrue(self.result("query_database", {"query": text}).get("isError"), text)
        self.assertEqual(self.path.read_bytes(), before)

    def test_D16_reals_keep_their_digits_and_infinities_are_told(self):
        answer = self.query("SELECT r, NULL, 9e999 FROM reading")
        self.assertEqual(answer["rows"], [[0.1 + 0.2, None, "Infinity"], [1234567890.1234567, None, "Infinity"],
                                          ["-Infinity", None, "Infinity"]])
        self.assertEqual(answer["types"], ["real", "null", "real"])

    def test_D17_large_integers_are_exact_strings_and_their_type_is_told(self):
        answer = self.query("SELECT id, twice, '7' FROM users ORDER BY id")
        self.assertEqual(answer["rows"], [[1, 2, "7"], ["9223372036854775807", 1.8446744073709552e19, "7"]])
        self.assertEqual(answer["types"], ["integer", "mixed", "text"])
        tools = {tool["name"]: tool for tool in self.server.rpc("tools/list").result()["tools"]}
        self.assertIn("2^53", tools["query_database"]["outputSchema"]["properties"]["types"]["description"])

    def test_D18_names_are_found_as_sqlite_finds_them(self):
        for name in ("users", "Users", "MAIN.USERS", '"users"', "[Users]", "`users`", 'main."users"'):
            with self.subTest(name=name):
                self.assertEqual(self.columns(name), ["id", "doc", "twice"])
        self.assertEqual(self.columns("Dot.ted"), ["y"])  # a name may have a point
        self.assertEqual(self.columns('odd "NAME'), ["x"])
        self.assertEqual(self.columns('main."odd ""name"'), ["x"])
        self.assertEqual(self.columns("Recent"), ["id"])
        self.assertIn("sql", self.columns("sqlite_schema"))
        for name in ("nope", "temp.users", "nope.users", "main.", '"users', "users\n", "us\u00c9rs"):
            with self.subTest(name=name):
                self.assertTrue(self.result("describe_table", {"table": name}).get("isError"))

    def test_D19_a_token_of_an_unknown_database_is_told_so(self):
        for tool, arguments in (("query_database", {"query": "SELECT 1"}), ("list_tables", {})):
            result = self.result(tool, arguments, token=self.lost)
            self.assertTrue(result["isError"])
            self.assertEqual(result["content"][0]["text"], 'this token is bound to the database "no"where", '
                             "which this server does not have")
            self.assertNotIn("hidden-main", json.dumps(result))
            self.assertNotIn("secret-name", json.dumps(result))

    def test_G05_a_cancelled_statement_ends(self):
        session = LegacySession(self.server)
        with self.server.wire(timeout=30) as wire:
            wire.send(self.server.call_bytes("query_database", {"query": ENDLESS}, call_id=7, headers=session.headers))
            self.assertTrue(wait_until(lambda: self.server.metric("open_clients") > 0, 5))
            session.notify("notifications/cancelled", {"requestId": 7})
            self.assertTrue(wait_until(lambda: self.server.metric("open_clients") == 0, 5))
        spent = cpu_seconds(self.server.process.pid)
        self.assertEqual(self.query("SELECT 1")["rows"], [[1]])
        self.assertLess(cpu_seconds(self.server.process.pid) - spent, 0.5)

    def test_G06_max_rows_are_counted_exactly(self):
        for there, rows, truncated in ((19, 19, False), (20, 20, False), (21, 20, True)):
            answer = self.query(f"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT {there}) "
                                "SELECT x FROM n")
            self.assertEqual((len(answer["rows"]), answer["rowCount"], answer["truncated"]), (rows, rows, truncated))
            self.assertEqual(answer.get("truncatedBy"), "max_rows" if truncated else None)


class Claims(unittest.TestCase):
    def test_D19_a_database_claim_of_another_type_is_told(self):
        with tempfile.TemporaryDirectory(prefix="gatehouse-sql-claims-") as folder:
            path = Path(folder) / "main.db"
            fill(path)
            backend = {"plugin": "sql", "settings": {"databases": [{"name": "main", "url": f"sqlite:{path}"}]}}
            secret = "a-secret-of-the-test-that-is-long-enough"
            auth = {"validator": "jwt", "validators": {"jwt": {"secret": secret, "audience": "here"}}}
            with GatehouseServer({"auth": auth}, backend=backend) as server:
                for claim, refused in ((5, "number"), (["main"], "array"), ({"a": 1}, "object"), ("main", None),
                                       (None, None)):
                    token = hs256(secret, {"sub": "ada", "aud": "here", "scope": "all", "database": claim})
                    result = server.call("query_database", {"query": "SELECT 1"}, token=token).result()
                    self.assertEqual(bool(result.get("isError")), refused is not None, result)
                    if refused:
                        self.assertEqual(result["content"][0]["text"], f'the claim "database" of this token is of type '
                                         f"{refused}; expected a string")


if __name__ == "__main__":
    unittest.main()
