"""E01: /ready says whether a call could succeed now, so that a balancer sends callers elsewhere while none could."""

import json
import sqlite3
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from process_probe import wait_until
from served_case import StartCase


class Ready(StartCase):
    def asked(self, server):
        answer = server.get("/ready")
        return answer.status, json.loads(answer.body)

    def test_E01_ready_once_everything_is_there(self):
        self.assertEqual(self.asked(self.start({})), (200, {"status": "ready"}))

    def test_E01_not_ready_while_the_validator_has_no_keys(self):
        server = self.start({"auth": {"validator": "oidc",
                                      "validators": {"oidc": {"issuer": "http://127.0.0.1:9", "audience": ["x"]}}}})
        status, told = self.asked(server)
        self.assertEqual((status, told["status"]), (503, "unready"))
        self.assertIn("validator", told)
        server.wait_line("/ready: validator: the key set is not there")

    def test_E01_not_ready_while_the_database_is_away(self):
        server = self.start({}, started=False)
        database = server.folder / "shop.db"
        sqlite3.connect(database).execute("CREATE TABLE t(x)").connection.close()
        server.settings["backend"] = {"plugin": "sql", "settings": {"databases": [{"name": "shop", "url": f"sqlite:{database}"}]}}
        server.start()
        self.assertEqual(self.asked(server)[0], 200)
        database.rename(server.folder / "away.db")
        status, told = self.asked(server)
        self.assertEqual(status, 503)
        self.assertIn("backend", told)
        server.wait_line('/ready: backend: the database "shop" cannot be read')
        (server.folder / "away.db").rename(database)
        self.assertTrue(wait_until(lambda: self.asked(server)[0] == 200, 5))


if __name__ == "__main__":
    unittest.main()
