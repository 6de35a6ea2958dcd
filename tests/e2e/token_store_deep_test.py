"""F08, F11, F12, F21 at full size: a thousand kills, five hundred writers, a minute of reloads under load."""

import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import managed_store_faults_test as managed
import sqlite_store_faults_test as sqlite
import token_store_faults_test as quick
from gatehouse_server import GatehouseServer
from patient_wire import PatientWire


class ThousandKills(quick.Killed):
    ROUNDS = 1000


class FiveHundredWriters(quick.Competing):
    WRITERS = 16
    EACH = 32


class ThousandKillsOfSqlite(sqlite.Killed):
    ROUNDS = 1000


class FiveHundredWritersOfSqlite(sqlite.Competing):
    WRITERS = 500
    EACH = 1


class ThousandKillsOfAManagedFile(managed.FileKilled):
    ROUNDS = 1000


class FiveHundredWritersOfAManagedFile(managed.FileCompeting):
    WRITERS = 500
    EACH = 1


class ThousandKillsOfPostgres(managed.PostgresKilled):
    ROUNDS = 1000


class FiveHundredWritersOfPostgres(managed.PostgresCompeting):
    WRITERS = 500
    EACH = 1


class ManyFailingCalls(quick.FailingCalls):
    ROUNDS = 400


class MinuteOfReloads(unittest.TestCase):
    SECONDS = 60

    def test_F21_a_minute_of_reloads_under_load_decides_nothing_wrong(self):
        with GatehouseServer() as server:
            wrong, asked, ending = [], [0], threading.Event()
            stranger = server.token_file.mint()

            def ask(token, allowed):
                with PatientWire(server) as wire:
                    while not ending.is_set():
                        status = server.rpc("ping", token=token, wire=wire).status
                        asked[0] += 1
                        if status != allowed:
                            wrong.append((token.id, status))

            askers = [
                threading.Thread(target=ask, args=row)
                for row in ((server.token, 200), (server.token, 200), (stranger, 401))
            ]
            for asker in askers:
                asker.start()
            until = time.monotonic() + self.SECONDS
            while time.monotonic() < until:
                token = server.token_file.add()
                time.sleep(0.1)  # the pace of the reloads is what is tested
                server.token_file.remove(token)
                time.sleep(0.1)
            ending.set()
            for asker in askers:
                asker.join()
            self.assertEqual(wrong, [])
            self.assertGreater(asked[0], 1000 * self.SECONDS / 60)


if __name__ == "__main__":
    unittest.main()
