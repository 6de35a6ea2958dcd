"""`gatehouse token scan` over 1 GiB: it finds every token of ours with its line, also across the pieces it reads in, and nothing
else; in memory that does not grow with the file."""

import base64
import random
import re
import resource
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import executable
from managed_server import ManagedServer

MIB = 1 << 20
FILES, FILE_MIB = 4, 256
MOST_KIB = 120 << 10
LETTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Scan(unittest.TestCase):
    def test_a_gibibyte_has_what_was_put_there_and_nothing_else(self):
        dice = random.Random(3)
        with ManagedServer(store="sqlite") as server:
            checked = [server.create(name=f"n {number}") for number in range(20)]
            plain = re.search(r"^Token: (\S+)$", server.run("-add-token", "-token-note", "p", "-token-expiry", "30d").stdout, re.M).group(1)
            listed = {one["name"]: one["id"] for one in server.api("GET", "/api/v2/tokens?limit=100").json()["data"]}
            ours = [(one["token"], one["id"]) for one in checked] + [(plain, listed["p"])]
            folder = server.folder / "tree"
            folder.mkdir()
            wanted = set()
            for number in range(FILES):
                wanted |= self.write(folder / f"file {number}", dice, ours)
            began = time.monotonic()
            done = subprocess.run([executable(), "token", "scan", str(folder), "--config", str(server.settings_path)],
                                  capture_output=True, text=True, check=False)
            seconds = time.monotonic() - began
        found = [re.fullmatch(r"(.*):(\d+): (\S+) active", line) for line in done.stdout.splitlines()]
        self.assertNotIn(None, found, done.stdout[-2000:])
        self.assertEqual(len(found), len(wanted))
        self.assertEqual({(one.group(1), int(one.group(2)), one.group(3)) for one in found}, wanted)
        self.assertEqual(done.returncode, 1)
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print(f"{FILES * FILE_MIB} MiB in {seconds:.1f} s, {len(wanted)} tokens found, none missed, 0 false; at most {most >> 10} MiB held")
        self.assertLess(most, MOST_KIB)

    def write(self, path, dice, ours):
        """Random base64, near misses and tokens of ours at known lines; some lie across a multiple of 1 MiB."""
        wanted, line, at = set(), 1, 0
        block = b"\n".join(base64.b64encode(dice.randbytes(57)) for _ in range(MIB // 78))
        with open(path, "wb") as out:
            for piece in range(FILE_MIB):
                text, one = ours[dice.randrange(len(ours))]
                near = bytearray(text.encode())
                near[10] = LETTERS[(LETTERS.find(near[10]) + 1) % len(LETTERS)]
                start = (piece + 1) * MIB - at - dice.randrange(0, 60)  # of the token in this piece
                filler = (block * 2)[:start - len(near) - 2]
                made = filler + b"\n" + bytes(near) + b"\n"
                line += made.count(b"\n")
                out.write(made + text.encode() + b"\n")
                wanted.add((str(path), line, one))
                line += 1
                at += len(made) + len(text) + 1
        return wanted


if __name__ == "__main__":
    unittest.main()
