"""F31: JSONTestSuite as request bodies, whole and inside of a call's arguments. Never a 5xx or a hang."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

import corpus_reader
from gatehouse_server import GatehouseServer
from patient_wire import PatientWire

HEAD = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":'


def embedded(document):
    return HEAD + document + b"}}}"


def is_json(data):
    """Python's reading, without its own additions to JSON."""
    def refuse(word):
        raise ValueError(word)

    try:
        json.loads(data.decode("utf-8"), parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


@corpus_reader.needs_corpora
class JsonCorpora(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = GatehouseServer()
        cls.addClassCleanup(cls.server.__exit__, None)

    def outcomes(self, documents):
        """(name, status, JSON-RPC error code) of each document POSTed; a hang or a lost answer fails."""
        with PatientWire(self.server) as wire:
            for name, document in documents:
                reply = self.server.post(document, wire=wire)
                yield name, reply.status, reply.error_code()
        self.server.assert_serves()

    def assert_none(self, wrong):
        self.assertFalse(wrong, "\n".join(map(str, wrong)))

    def test_F31_valid_documents_are_never_called_broken(self):
        documents = corpus_reader.json_documents("y") + corpus_reader.json_documents("t")
        self.assertGreaterEqual(len(documents), 110)
        self.assert_none([
            row for row in self.outcomes(documents)
            if row[1] >= 500 or (row[2] == -32700 and row[0].startswith("y_")) or row[1] == 200
        ])

    def test_F31_broken_documents_are_parse_errors(self):
        documents = corpus_reader.json_documents("n")
        self.assertGreaterEqual(len(documents), 180)
        self.assert_none([row for row in self.outcomes(documents) if row[1:] != (400, -32700)])

    def test_F31_undecided_documents_are_answered(self):
        documents = corpus_reader.json_documents("i")
        self.assertGreaterEqual(len(documents), 30)
        self.assert_none([row for row in self.outcomes(documents) if row[1] >= 500 or row[1] == 200])

    def test_F31_valid_documents_as_an_argument(self):
        documents = [(name, embedded(text)) for name, text in corpus_reader.json_documents("y")]
        self.assert_none([row for row in self.outcomes(documents) if row[1] >= 500 or row[2] == -32700])

    def test_F31_broken_documents_as_an_argument(self):
        documents = [(name, embedded(text)) for name, text in corpus_reader.json_documents("n")]
        broken = [row for row in documents if not is_json(row[1])]
        self.assertGreaterEqual(len(broken), 180)
        self.assert_none([row for row in self.outcomes(broken) if row[1:] != (400, -32700)])

    def test_F31_undecided_and_transformed_documents_as_an_argument(self):
        documents = corpus_reader.json_documents("i") + corpus_reader.json_documents("t")
        self.assert_none([
            row for row in self.outcomes([(name, embedded(text)) for name, text in documents])
            if row[1] >= 500
        ])


if __name__ == "__main__":
    unittest.main()
