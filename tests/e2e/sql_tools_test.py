"""The sql backend on SQLite: three tools that read and never write, with limits that are told.

Also which database a token is bound to.
"""

import hashlib
import json
import sqlite3
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, slowness
from process_probe import peak_rss_kib

COUNTING = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n"
ENDLESS = f"{COUNTING}) SELECT count(*) FROM n"


def make_database(path, owner):
    with sqlite3.connect(path) as database:
        database.executescript(f"""
            CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT NOT NULL, wage REAL, photo BLOB, note TEXT);
            CREATE TABLE "odd ""name" (x);
            CREATE INDEX by_name ON staff (name);
            CREATE VIEW names AS SELECT name FROM staff;
            INSERT INTO staff VALUES (1, 'Ada', 10.5, x'00ff10', NULL),
                (2, 'Bob; DROP TABLE staff', 1e300, NULL, 'ü€😀'),
                (9223372036854775807, 'Zoe', -0.0, NULL, char(0) || 'nul');
            CREATE TABLE owner (name TEXT);
            INSERT INTO owner VALUES ('{owner}');
        """)
    database.close()


class SqlCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="gatehouse-sql-")
        cls.addClassCleanup(folder.cleanup)
        cls.paths = {name: Path(folder.name) / f"{name}.db" for name in ("main", "staging")}
        for name, path in cls.paths.items():
            make_database(path, name)
        databases = [{"name": name, "url": f"sqlite:{path}"} for name, path in cls.paths.items()]
        backend = {"plugin": "sql", "settings": {"databases": databases}}
        cls.server = GatehouseServer(backend=backend, limits={"call_seconds": 3 * slowness()}, started=False)
        cls.server.token_file.add(name="bound", database="staging")
        cls.server.token_file.add(name="lost", database="nowhere")
        cls.server.start()
        cls.addClassCleanup(cls.server.__exit__, None)
        cls.before = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in cls.paths.items()}

    def query(self, text, token="first"):
        answer = self.server.call("query_database", {"query": text}, token=token)
        self.assertEqual(answer.status, 200, answer)
        return answer.result()

    def fails(self, text):
        result = self.query(text)
        self.assertTrue(result.get("isError"), (text, result))
        return result["content"][0]["text"]

    def values(self, text, token="first"):
        """All values of the answer's rows, flat, whatever the shape of a row is."""
        result = self.query(text, token)
        self.assertFalse(result.get("isError"), (text, result))
        rows = result["structuredContent"]["rows"]
        return [value for row in rows for value in (row.values() if isinstance(row, dict) else row)]


class Reading(SqlCase):
    def test_sql_tools_are_listed_with_their_schemas(self):
        tools = {tool["name"]: tool for tool in self.server.rpc("tools/list").result()["tools"]}
        self.assertEqual(set(tools), {"query_database", "list_tables", "describe_table"})
        self.assertEqual(tools["query_database"]["inputSchema"]["required"], ["query"])
        self.assertEqual(tools["describe_table"]["inputSchema"]["required"], ["table"])
        for tool in tools.values():
            self.assertEqual(tool["outputSchema"]["type"], "object", tool["name"])

    def test_sql_rows_come_as_text_and_as_structure(self):
        result = self.query("SELECT id, name FROM staff ORDER BY id LIMIT 1")
        self.assertIn("Ada", result["content"][0]["text"])
        self.assertIn("Ada", json.dumps(result["structuredContent"]))
        self.assertEqual(result["content"][0]["type"], "text")

    def test_sql_values_keep_their_meaning(self):
        self.assertEqual(self.values("SELECT name, note FROM staff WHERE id = 2"),
                         ["Bob; DROP TABLE staff", "ü€😀"])
        self.assertEqual(self.values("SELECT note FROM staff WHERE id = 1"), [None])
        self.assertEqual(int(self.values("SELECT max(id) FROM staff")[0]), 9223372036854775807)
        self.assertEqual(self.values("SELECT wage FROM staff WHERE id = 1"), [10.5])
        self.query("SELECT photo, 1e999, -1e999, x'00', char(0) FROM staff")
        self.assertEqual(self.values("SELECT 1 WHERE 0"), [])

    def test_sql_structure_fits_the_declared_schema(self):
        tools = {tool["name"]: tool for tool in self.server.rpc("tools/list").result()["tools"]}
        for name, arguments in (("query_database", {"query": "SELECT * FROM staff"}), ("list_tables", {}),
                                ("describe_table", {"table": "staff"})):
            content, schema = self.server.call(
                name, arguments).result()["structuredContent"], tools[name]["outputSchema"]
            self.assertLessEqual(set(schema.get("required", [])), set(content), name)
            self.assertLessEqual(set(content), set(schema["properties"]), name)

    def test_sql_tables_are_listed_and_described(self):
        listed = json.dumps(self.server.call("list_tables").result()["structuredContent"])
        for name in ("staff", "owner", "names", 'odd \\"name'):
            self.assertIn(name, listed)
        described = json.dumps(
            self.server.call("describe_table", {"table": "staff"}).result()["structuredContent"])
        for word in ("id", "name", "wage", "photo", "INTEGER", "TEXT"):
            self.assertIn(word, described)
        self.assertFalse(self.server.call("describe_table", {"table": 'odd "name'}).result().get("isError"))

    def test_sql_describing_strangers_is_an_error_and_no_injection(self):
        for table in ("nope", "staff; DROP TABLE staff", "staff' OR '1'='1", 'x" UNION SELECT 1 --', "",
                      "staff\0x", "sqlite_master\n"):
            with self.subTest(table=table):
                self.assertTrue(self.server.call("describe_table", {"table": table}).result().get("isError"))

    def test_sql_a_token_sees_the_database_it_is_bound_to(self):
        self.assertEqual(self.values("SELECT name FROM owner"), ["main"])
        self.assertEqual(self.values("SELECT name FROM owner", self.server.token_file.tokens[1]), ["staging"])
        lost = self.server.call("query_database", {"query": "SELECT name FROM owner"},
                                token=self.server.token_file.tokens[2])
        self.assertNotIn('"main"', lost.text)
        self.assertTrue(lost.status >= 400 or lost.error_code() or lost.result().get("isError"), lost)


class Refusing(SqlCase):
    def tearDown(self):
        now = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in self.paths.items()}
        self.assertEqual(now, self.before, "a database file was changed")
        self.assertEqual(self.values("SELECT count(*) FROM staff"), [3])

    def test_sql_nothing_writes(self):
        target = self.paths["main"].parent / "new.db"
        for text in ("INSERT INTO staff (name) VALUES ('x')", "UPDATE staff SET name = 'x'",
                     "DELETE FROM staff", "DROP TABLE staff", "CREATE TABLE t (x)", "CREATE TEMP TABLE t (x)",
                     "ALTER TABLE staff ADD y", "REINDEX", "VACUUM", f"VACUUM INTO '{target}'",
                     f"ATTACH '{target}' AS other", f"ATTACH '{self.paths['staging']}' AS other",
                     "DETACH main", "PRAGMA journal_mode = WAL", "PRAGMA user_version = 7",
                     "PRAGMA writable_schema = 1", "BEGIN IMMEDIATE", "ANALYZE",
                     "REPLACE INTO staff (name) VALUES ('x')",
                     "WITH x AS (SELECT 1) INSERT INTO staff (name) SELECT 'x' FROM x",
                     "CREATE TRIGGER t AFTER INSERT ON staff BEGIN SELECT 1; END",
                     "INSERT INTO staff (name) VALUES ('x') RETURNING id",
                     "CREATE VIRTUAL TABLE v USING fts5(x)"):
            with self.subTest(text=text):
                self.fails(text)
        self.assertFalse(target.exists())

    def test_sql_files_and_extensions_stay_out_of_reach(self):
        for text in ("SELECT load_extension('x')", "SELECT readfile('/etc/passwd')",
                     "SELECT writefile('x', 'y')", "SELECT edit('x')", "SELECT fts3_tokenizer('x')",
                     "SELECT * FROM pragma_database_list"):
            with self.subTest(text=text):
                result = self.query(text)
                self.assertNotIn("root:", json.dumps(result))
                self.assertNotIn(str(self.paths["main"].parent), json.dumps(result))

    def test_sql_one_statement_at_a_time(self):
        for text in ("SELECT 1; SELECT 2", "SELECT 1; DROP TABLE staff", "SELECT 1;;DELETE FROM staff",
                     ";DELETE FROM staff"):
            with self.subTest(text=text):
                self.fails(text)
        self.assertEqual(self.values("SELECT 1;"), [1])
        self.assertEqual(self.values("SELECT 1 -- ; DROP"), [1])

    def test_sql_errors_are_told_as_results(self):
        for text in ("SELEC 1", "SELECT * FROM nope", "SELECT nope FROM staff", "", " ", "-- nothing",
                     "SELECT '", "SELECT abs(-9223372036854775808)", "(" * 5000 + "1" + ")" * 5000,
                     "SELECT 1\0; DROP TABLE staff"):
            with self.subTest(text=text[:30]):
                self.assertTrue(self.fails(text))

    def test_sql_wrong_arguments_are_told(self):
        for arguments in ({}, {"query": 1}, {"query": None}, {"query": ["SELECT 1"]}):
            answer = self.server.call("query_database", arguments)
            self.assertTrue(answer.error_code() == -32602 or answer.result().get("isError"), answer)


class Limits(SqlCase):
    def test_sql_an_endless_statement_ends_and_stops_nobody(self):
        answers = []
        began = time.monotonic()
        endless = [
            threading.Thread(
                target=lambda: answers.append(self.server.call("query_database", {"query": ENDLESS})))
            for _ in range(8)
        ]
        for caller in endless:
            caller.start()
        for _ in range(5):
            asked = time.monotonic()
            self.assertEqual(self.values("SELECT 1"), [1])
            self.assertLess(time.monotonic() - asked, 2.0 * slowness())
        for caller in endless:
            caller.join()
        self.assertLess(time.monotonic() - began, 15 * slowness())
        for answer in answers:
            self.assertTrue(answer.status == 503 or answer.error_code() or answer.result().get("isError"),
                            answer)

    def test_sql_too_many_rows_are_cut_and_told(self):
        text = f"{COUNTING} LIMIT 1000000) SELECT x FROM n"
        result = self.query(text)
        self.assertFalse(result.get("isError"), str(result)[:300])
        self.assertEqual(result["structuredContent"]["rows"], [[number] for number in range(1, 1001)])
        self.assertEqual(result["structuredContent"]["truncatedBy"], "max_rows")
        self.assertRegex(
            result["content"][0]["text"] +
            json.dumps({k: v for k, v in result["structuredContent"].items() if k != "rows"}),
            r"(?i)limit|truncat|cut|more rows")

    def test_sql_too_many_bytes_are_cut_or_refused(self):
        for text in ("SELECT hex(zeroblob(400000000))", "SELECT zeroblob(900000000)",
                     "SELECT printf('%.*c', 500000000, 'x')",
                     f"{COUNTING} LIMIT 5000) SELECT hex(zeroblob(100000)) FROM n"):
            with self.subTest(text=text[:40]):
                answer = self.server.call("query_database", {"query": text})
                self.assertEqual(answer.status, 200)
                self.assertLess(len(answer.body), 64 << 20)
        self.assertLess(peak_rss_kib(self.server.process.pid), 600 * 1024 * slowness())

    def test_sql_a_query_may_be_as_long_as_the_body(self):
        self.assertEqual(self.values("SELECT 1 --" + "x" * 900_000), [1])


if __name__ == "__main__":
    unittest.main()
