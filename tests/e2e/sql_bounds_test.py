"""What one SQL statement may take: time, memory, disk. Whatever function it is in, it can be ended within a second.

Each statement of ENDLESS would run for hours; each of GREEDY would take gigabytes.
"""

import json
import os
import random
import sqlite3
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer, sanitized, slowness
from mcp_clients import LegacySession
from process_probe import cpu_seconds, forget_peak, peak_rss_kib, rss_kib, wait_until

NUMBERS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
MANY = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 10000000)"
LONG = "hex(zeroblob(150000))"  # 300,000 zeros


def for_ever(expression):
    """The expression of x for x = 1, 2, 3, ..."""
    return f"{NUMBERS} SELECT count({expression}) FROM n"


ENDLESS = {
    "instr": for_ever(f"instr({LONG}, substr({LONG}, 1, 150000) || x)"),
    "like": for_ever(f"{LONG} LIKE '%' || substr({LONG}, 1, 20000) || x"),
    "glob": for_ever(f"{LONG} GLOB '*' || replace(hex(zeroblob(2000)), '0', '[0-8]') || x"),
    "replace": for_ever(f"replace({LONG}, substr({LONG}, 1, 150000) || x, '')"),
    "hex": for_ever(f"hex({LONG} || x)"),
    "group_concat": for_ever("(SELECT group_concat(t || x) FROM word)"),
    "trim": for_ever("trim(hex(zeroblob(20000)), replace(hex(zeroblob(10000)), '0', 'é') || x || '0')"),
    "json_patch": "WITH RECURSIVE m(y) AS (SELECT 1 UNION ALL SELECT y + 1 FROM m LIMIT 4000), n(x) AS (SELECT 1 UNION "
                  "ALL SELECT x + 1 FROM n), j AS MATERIALIZED (SELECT json_group_object(y, 1) a, "
                  "json_group_object(y + 4000, 1) b FROM m) SELECT sum(length(json_patch(a, b)) + x) FROM n CROSS JOIN j",
    "recursive": f"{NUMBERS} SELECT count(*) FROM n",
    "cross_join": "SELECT count(*) FROM word a, word b, word c, word d, word e",
    "order_by": f"{MANY} SELECT x FROM n ORDER BY -x",
    "zeroblob": f"{NUMBERS} SELECT sum(length({' || '.join(['zeroblob(10000)'] * 16)} || x)) FROM n",
}
ONE_STEP = {
    "instr": "SELECT instr(zeroblob(16000000), CAST(zeroblob(8000000) || x'01' AS BLOB))",
    "instr_text": f"SELECT instr({LONG}, substr({LONG}, 1, 150000) || '1')",
    "like": f"SELECT {LONG} LIKE '%' || substr({LONG}, 1, 40000) || '1'",
    "like_holes": f"SELECT {LONG} LIKE '%' || replace(hex(zeroblob(10000)), '0', '0_') || '1'",
    "glob": f"SELECT {LONG} GLOB '*' || replace(hex(zeroblob(4000)), '0', '[0-8]') || '1'",
    "trim": "SELECT trim(hex(zeroblob(30000)), replace(hex(zeroblob(30000)), '0', 'é') || '0')",
    "no_loop": "SELECT " + " + ".join(f"({LONG} LIKE '%' || substr({LONG}, 1, 5000) || '{i}')"
                                      for i in range(150)),
    "json_patch": "WITH RECURSIVE m(y) AS (SELECT 1 UNION ALL SELECT y + 1 FROM m LIMIT 14000) SELECT length("
                  "json_patch(json_group_object(y, 1), json_group_object(y + 20000, 1))) FROM m",
    "views": "WITH v0 AS (SELECT 1)" + "".join(f", v{i + 1} AS (SELECT 1 FROM v{i} a, v{i} b)"
                                               for i in range(30)) + " SELECT * FROM v30",
}
GREEDY = {
    "zeroblob_columns": "SELECT " + ", ".join(["zeroblob(16000000)"] * 16),
    "zeroblob_rows": f"{NUMBERS} SELECT {', '.join(['zeroblob(60000)'] * 16)} FROM n",
    "hex": "SELECT hex(zeroblob(8000000))",
    "order_by": f"{MANY} SELECT x FROM n ORDER BY -x",
    "distinct": f"{MANY} SELECT DISTINCT x || 'x' FROM n",
    "group_by": f"{MANY} SELECT x % 9999991, count(*) FROM n GROUP BY 1",
    "group_concat": f"{MANY} SELECT group_concat(hex(zeroblob(1000))) FROM n",
    "json_array": f"{MANY} SELECT json_group_array(hex(zeroblob(1000))) FROM n",
    "many_rows": f"{NUMBERS} SELECT x FROM n",
    "long_rows": f"{NUMBERS} SELECT hex(randomblob(1000)) FROM n",
    "escapes": f"{NUMBERS} SELECT char(1, 2, 3, 4, 5, 6, 7, 8, 34, 92, 34, 92) FROM n",
    "nulls": f"{NUMBERS} SELECT NULL, NULL, NULL, NULL, '' FROM n",
    "sorted_rows": MANY.replace("10000000", "1000") + " SELECT hex(randomblob(500)) FROM n ORDER BY 1",
    "names": "SELECT " + ", ".join(f"'{'n' * 3000}{i}'" for i in range(100)),
}


class BoundsCase(unittest.TestCase):
    settings = {}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="gatehouse-sql-bounds-")
        cls.addClassCleanup(folder.cleanup)
        cls.database = Path(folder.name) / "main.db"
        cls.scratch = Path(folder.name) / "scratch"
        cls.scratch.mkdir()
        with sqlite3.connect(cls.database) as database:
            cls.fill(database)
        database.close()

    @classmethod
    def fill(cls, database):
        database.execute("CREATE TABLE word (t)")
        database.executemany("INSERT INTO word VALUES (?)", ((str(i) * 10, ) for i in range(1000)))

    @classmethod
    def serve(cls, **settings):
        """A server that lives as long as the class; its temporary files would go to cls.scratch."""
        databases = [{"name": "main", "url": f"sqlite:{cls.database}"}]
        backend = {"plugin": "sql", "settings": {"databases": databases, **settings}}
        places = {"TMPDIR": str(cls.scratch), "SQLITE_TMPDIR": str(cls.scratch)}
        server = GatehouseServer(backend=backend, limits={"call_seconds": 60}, env=places).__enter__()
        cls.addClassCleanup(server.__exit__, None)
        for _ in range(20):
            server.call("query_database", {"query": "SELECT * FROM word ORDER BY t DESC LIMIT 10"})
        return server

    @staticmethod
    def query(server, text, **how):
        with server.wire(timeout=60) as wire:
            answer = server.call("query_database", {"query": text}, wire=wire, **how)
        assert answer.status == 200, answer
        return answer.result()

    def assert_idle(self, server, name):
        """No call is open, and the processor has nothing to do."""
        self.assertTrue(wait_until(lambda: server.metric("open_clients") == 0, 1.0 * slowness()), name)
        before = cpu_seconds(server.process.pid)
        time.sleep(0.3)
        self.assertLess(cpu_seconds(server.process.pid) - before, 0.1, name)


class Time(BoundsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hurried = cls.serve(statement_seconds=1)
        cls.patient = cls.serve(statement_seconds=600)

    def test_C_sql_ends_at_its_limit(self):
        for name, text in {**ENDLESS, **{f"one step: {key}": text for key, text in ONE_STEP.items()}}.items():
            with self.subTest(name=name):
                began = time.monotonic()
                self.query(self.hurried, text)
                self.assertLess(time.monotonic() - began, 2.0 * slowness())
        self.assert_idle(self.hurried, "after all")

    def test_C_sql_says_that_time_is_over(self):
        result = self.query(self.hurried, ENDLESS["recursive"])
        self.assertTrue(result["isError"])
        self.assertIn("1000 ms", result["content"][0]["text"])

    def runs(self, start):
        """Each statement, once it has begun on the patient server; one that has ended by itself is passed over."""
        for name, text in ENDLESS.items():
            with self.subTest(name=name):
                stop = start(text)
                if wait_until(lambda: self.patient.metric("open_clients") > 0, 0.5):
                    time.sleep(0.2)
                stop()
                self.assert_idle(self.patient, name)

    def sent(self, token, headers=None):
        def start(text, wires=[]):
            wires.append(self.patient.wire(timeout=30))
            wires[-1].send(self.patient.call_bytes("query_database", {"query": text}, call_id=7, token=token,
                                                   headers=headers))
            self.addCleanup(wires[-1].close)
            return wires[-1]
        return start

    def test_C_sql_ends_when_cancelled(self):
        session = LegacySession(self.patient)
        start = self.sent("first", session.headers)

        def begin(text):
            start(text)
            return lambda: session.notify("notifications/cancelled", {"requestId": 7})

        self.runs(begin)

    def test_C_sql_ends_when_its_client_is_gone(self):
        self.runs(lambda text: self.sent("first")(text).close)

    def test_C_sql_ends_when_its_token_is_removed(self):
        def begin(text):
            token = self.patient.token_file.add()
            self.assertTrue(wait_until(lambda: self.patient.rpc("ping", token=token).status == 200, 5))
            self.sent(token)(text)
            return lambda: self.patient.token_file.remove(token)

        self.runs(begin)

    def test_C_sql_two_long_ones_hold_no_worker_for_long(self):
        wires = [self.sent("first")(ENDLESS["like"]) for _ in range(8)]
        time.sleep(0.3)
        began = time.monotonic()
        self.assertEqual(self.query(self.patient, "SELECT 1")["structuredContent"]["rows"], [[1]])
        self.assertLess(time.monotonic() - began, 3.0 * slowness())
        for wire in wires:
            wire.close()
        self.assertTrue(wait_until(lambda: self.patient.metric("open_clients") == 0, 2.0 * slowness()))

    def test_C_sql_a_locked_database_is_waited_for_and_no_longer(self):
        with sqlite3.connect(self.database, isolation_level=None) as writer:
            writer.execute("BEGIN EXCLUSIVE")
            began = time.monotonic()
            self.assertTrue(self.query(self.hurried, "SELECT * FROM word")["isError"])
            self.assertLess(time.monotonic() - began, 2.0 * slowness() + 1)
            wire = self.sent("first")("SELECT * FROM word")
            wait_until(lambda: self.patient.metric("open_clients") > 0, 1)
            wire.close()
            self.assert_idle(self.patient, "locked")
            writer.execute("ROLLBACK")
        writer.close()


@unittest.skipIf(sanitized(), "a sanitizer has a memory of its own")
class Memory(BoundsCase):
    def growth(self, server, text):
        """By how many bytes the process grew at most during the call."""
        pid = server.process.pid
        before = rss_kib(pid)
        forget_peak(pid)
        self.query(server, text)
        return (peak_rss_kib(pid) - before) * 1024

    def grows_little(self, max_bytes):
        server = self.serve(max_bytes=max_bytes, max_rows=1_000_000, statement_seconds=1)
        for name, text in {**GREEDY, **ONE_STEP}.items():
            with self.subTest(name=name):
                self.assertLessEqual(self.growth(server, text) / max_bytes, 4.0)
        server.assert_serves()

    def test_C_sql_memory_is_four_times_the_default_at_most(self):
        self.grows_little(1 << 20)

    def test_C_sql_memory_is_four_times_a_larger_answer_at_most(self):
        self.grows_little(8 << 20)

    def test_C_sql_says_that_memory_is_over(self):
        server = self.serve()
        self.assertIn("memory", self.query(server, GREEDY["order_by"])["content"][0]["text"])
        self.assertEqual(self.query(server, "SELECT count(*) FROM word")["structuredContent"]["rows"], [[1000]])

    def test_C_sql_long_rows_are_cut_inside_the_row(self):
        result = self.query(self.serve(max_bytes=4096), "SELECT 'short', zeroblob(100000)")
        self.assertEqual(result["structuredContent"]["rows"], [])
        self.assertEqual(result["structuredContent"]["truncatedBy"], "max_bytes")


class Disk(BoundsCase):
    def test_C_sql_no_temporary_file_is_written(self):
        server = self.serve(max_bytes=8 << 20, statement_seconds=5)
        pid, seen, done = server.process.pid, set(), threading.Event()

        def watch():
            while not done.wait(0.01):
                for number in os.listdir(f"/proc/{pid}/fd"):
                    try:
                        seen.add(os.readlink(f"/proc/{pid}/fd/{number}"))
                    except OSError:
                        pass

        watcher = threading.Thread(target=watch)
        watcher.start()
        before = self.written(pid)
        for name in ("order_by", "distinct", "group_by"):
            self.query(server, GREEDY[name])
        done.set()
        watcher.join()
        self.assertLess(self.written(pid) - before, 64 << 10)  # the audit's lines
        self.assertEqual(list(self.scratch.iterdir()), [])
        self.assertEqual([path for path in seen if "etilqs" in path or path.startswith("/var/tmp")], [])

    @staticmethod
    def written(pid):
        """Bytes that the process gave to files and sockets; the answers are small here."""
        with open(f"/proc/{pid}/io", encoding="ascii") as source:
            return next(int(line.split()[1]) for line in source if line.startswith("write_bytes:"))


class Agreement(BoundsCase):
    """The functions that replace SQLite's own say what those say."""
    CALLS = ("instr(a, b)", "replace(a, b, c)", "trim(a, b)", "ltrim(a, b)", "rtrim(a, b)", "trim(a)", "ltrim(a)",
             "rtrim(a)", "a LIKE b", "a NOT LIKE b", "a GLOB b", "like(b, a, '!')", "like(b, a, '%')",
             "like(b, a, '_')")

    @classmethod
    def fill(cls, database):
        chance = random.Random(7)
        pieces = ["", "a", "A", "b", "ab", "%", "_", "*", "?", "[", "]", "^", "-", "!", "é", "É", "€", "😀", " ", "  ",
                  "[a-c]", "[^b]", "[]x]", "%a", "a%", "!%", "\n", "x", "1"]
        bytes_ = [b"", b"a", b"b", b"\x80", b"\xc3", b"\xa9", b"\xff", b"\xe2\x82", b"%", b"_", b"\xc3\xa9", b" "]

        def value():
            kind = chance.random()
            if kind < 0.05:
                return None
            if kind < 0.12:
                return chance.choice([0, 1, -12, 121212, 1.5, 1e300])
            if kind < 0.25:
                return b"".join(chance.choice(bytes_) for _ in range(chance.randrange(6)))
            return "".join(chance.choice(pieces) for _ in range(chance.randrange(7)))

        database.execute("CREATE TABLE sample (n INTEGER PRIMARY KEY, a, b, c)")
        database.executemany("INSERT INTO sample (a, b, c) VALUES (?, ?, ?)",
                             ([value() for _ in range(3)] for _ in range(900)))
        database.executemany("INSERT INTO sample (a, b, c) SELECT CAST(? AS TEXT), CAST(? AS TEXT), ?",
                             ([b"".join(chance.choice(bytes_) for _ in range(chance.randrange(7)))
                               for _ in range(3)] for _ in range(300)))

    def both(self, expression):
        text = f"SELECT n, typeof({expression}), hex({expression}) FROM sample ORDER BY n"
        rows = self.query(self.server, text)["structuredContent"]["rows"]
        with sqlite3.connect(self.database) as database:
            wanted = [list(row) for row in database.execute(text)]
        database.close()
        return rows, wanted

    def test_C_sql_bounded_functions_agree_with_the_plain_ones(self):
        type(self).server = self.serve(max_rows=10_000)
        for expression in self.CALLS:
            with self.subTest(expression=expression):
                got, wanted = self.both(expression)
                self.assertEqual(len(got), 1200)
                self.assertEqual([row for row in zip(got, wanted) if row[0] != row[1]][:3], [])

    def test_C_sql_json_patch_agrees_with_the_plain_one(self):
        type(self).server = self.serve(max_rows=10_000)
        cases = ['{"a":1,"b":{"c":2}}', '{"b":{"c":null,"d":[1,2.50]}}', '{"a":null}', "[1]", "3", "{}", '{"é":"\\u00e9"}']
        for one in cases:
            for other in cases:
                text = f"SELECT json_patch('{one}', '{other}'), json_array(json_patch('{one}', '{other}'))"
                got = self.query(self.server, text)["structuredContent"]["rows"]
                self.assertEqual(got, [list(row) for row in sqlite3.connect(":memory:").execute(text)])
        for text in ("json_patch(NULL, '{}')", "json_patch('{}', NULL)"):
            self.assertEqual(self.query(self.server, f"SELECT {text}")["structuredContent"]["rows"], [[None]])
        self.assertIn("malformed", json.dumps(self.query(self.server, "SELECT json_patch('{', '{}')")))

    def test_C_sql_a_wrong_escape_is_told(self):
        type(self).server = self.serve()
        for escape in ("''", "'ab'"):
            self.assertIn("single character", json.dumps(self.query(self.server, f"SELECT 'a' LIKE 'a' ESCAPE {escape}")))


if __name__ == "__main__":
    unittest.main()
