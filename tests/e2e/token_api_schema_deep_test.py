"""schemathesis at the token API: every operation of its OpenAPI document, with data that fits it and data that does not. What
fits is not refused as malformed, what does not is; every answer is one that the document describes; nothing is an error of the
server's."""

import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "interop")]

import client_needs
from fetched_tools import Missing
from managed_server import ManagedServer
from needed import skip_class


# A key that was used for another request is 409, and a time that is over 422, which no schema can say.
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "422", "5xx"]
"""


class Schema(unittest.TestCase):
    EXAMPLES = 60  # of each operation, in each phase
    SECONDS = 900

    @classmethod
    def setUpClass(cls):
        try:
            cls.python, cls.site = client_needs.pythonWithPackages("schemathesis.txt", "schemathesis")
        except Missing as missing:
            skip_class(str(missing))

    def of_ids(self, document):
        """The parameters that name a token: made-up ones would be 404 and nothing else."""
        return [parameter for path in document["paths"].values() for operation in path.values()
                for parameter in operation["parameters"] if parameter["name"] == "id"]

    def test_every_operation_is_as_its_document_says(self):
        for store in ("sqlite", "file"):
            with self.subTest(store), ManagedServer({"auth": {"limits": {"failures_per_minute": 1_000_000}}}, store=store) as server:
                document = server.get("/api/v2/openapi.json").json()
                ids = [server.create(name=f"n {number}")["id"] for number in range(100)]
                for parameter in self.of_ids(document):
                    parameter["schema"] = {"type": "string", "enum": ids}
                document["servers"] = [{"url": f"http://127.0.0.1:{server.port}"}]
                listed = server.folder / "openapi.json"
                listed.write_text(json.dumps(document))
                (server.folder / "schemathesis.toml").write_text(CONFIG)
                words = [self.python, "-m", "schemathesis.cli", "run", str(listed), "--url", f"http://127.0.0.1:{server.port}",
                         "--header", f"Authorization: Bearer {server.manager}", "--max-examples", str(self.EXAMPLES), "--seed", "13",
                         "--generation-database", "none", "--no-color", "--continue-on-failure", "--phases", "examples,fuzzing"]
                done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=self.SECONDS, cwd=server.folder,
                                      env={**os.environ, "PYTHONPATH": str(self.site)})
                summary = "\n".join(done.stdout.splitlines()[-25:])
                self.assertEqual(done.returncode, 0, done.stdout[-12_000:])
                cases = sum(map(int, re.findall(r"(\d+) generated", done.stdout)))
                print(f"{store}: {cases} requests, no failure\n{summary}")
                self.assertGreater(cases, 10 * self.EXAMPLES, summary)
                self.assertEqual(server.api("GET").status, 200)


if __name__ == "__main__":
    unittest.main()
