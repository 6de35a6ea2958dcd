"""Plugins that break the border, one way each: refused at the start or survived, with a line that names plugin and function.

Only abort() and a fault in the plugin's own code end the server, and those with the line as well.
"""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from gatehouse_server import GatehouseServer, sanitized, test_plugin  # noqa: E402
from http_wire import ConnectionEnded  # noqa: E402

NAMED = r"\[hostile\] {} gave .*, against gatehouse/abi.h \(logged once\)"
THREW = r"hostile_plugin.so: {} threw, against gatehouse/abi.h: thrown through the border"

# Way of a validator or backend -> what the start is refused with.
REFUSED_VALIDATORS = {
    "interface:nothing": "offers gatehouse.token_validator/1 gatehouse.backend/1, expected gatehouse.token_validator/1",
    "interface:throws": "hostile_plugin.so: interface threw",
    "table:size_0": "has size 0, expected at least 64",
    "table:size_less": "has size 56, expected at least 64",
    "table:create": "has no function create;",
    "table:destroy": "has no function destroy;",
    "table:traits": "has no function traits;",
    "table:validate": "has no function validate;",
    "create:nothing": "create gave no cause",
    "create:refuses_twice": "the first cause",
    "create:latin1": r"hostile_plugin.so: caf",
    "create:throws": THREW.format("create"),
    "create:throws_int": "hostile_plugin.so: create threw, against gatehouse/abi.h",
    "traits:nothing": "traits: gave nothing",
    "traits:null": "traits: traits gave null",
    "traits:small": "traits: traits gave null, or a size that is too small",
    "traits:refuses": "traits: not today",
    "traits:both": "traits: not today",
    "traits:throws": THREW.format("traits"),
    "traits:throws_int": "hostile_plugin.so: traits threw, against gatehouse/abi.h",
    "traits:exchanges": "traits: says EXCHANGES, but exchange is null",
    "traits:header_with_line": "traits: header .* is not a header name",
    "traits:header_with_space": 'traits: header "X Key" is not a header name',
    "traits:scheme_with_space": 'traits: scheme "My Scheme" is not a token',
}
REFUSED_BACKENDS = {
    "table:size_0": "has size 0, expected at least 80",
    "table:size_less": "has size 72, expected at least 80",
    "table:describe": "has no function describe;",
    "table:create_client": "has no function create_client;",
    "table:client_call": "has no function client_call;",
    "table:client_close": "has no function client_close;",
    "create:throws": THREW.format("create"),
    "describe:refuses": "describe: not today",
    "describe:null": "describe: a feature that is null, or too small",
    "describe:small": "describe: a feature that is null, or too small",
    "describe:throws": THREW.format("describe"),
    "describe:throws_int": "hostile_plugin.so: describe threw, against gatehouse/abi.h",
    "describe:no_json": "try: its definition is no JSON object",
    "describe:array": "try: its definition is no JSON object",
    "describe:latin1_name": r'the backend cannot be served: tool "caf.*": expected a name',
    "describe:twice": "the backend cannot be served: tool try is a duplicate",
    "describe:bad_schema": "the backend cannot be served: tool try: its inputSchema must have",
}
# Way -> the status of a call, and the line (None: no line).
JUDGED = {
    "table:size_more": (200, None),
    "table:optional": (200, None),
    "traits:twice": (200, None),
    "validate:nothing": (503, NAMED.format("validate")),
    "validate:null": (503, NAMED.format("validate")),
    "validate:small": (503, NAMED.format("validate")),
    "validate:kind_0": (503, NAMED.format("validate")),
    "validate:kind_99": (503, NAMED.format("validate")),
    "validate:null_identity": (503, NAMED.format("validate")),
    "validate:small_identity": (503, NAMED.format("validate")),
    "validate:null_scopes": (503, NAMED.format("validate")),
    "validate:null_needed": (503, NAMED.format("validate")),
    "validate:latin1_scope": (503, NAMED.format("validate")),
    "validate:latin1_subject": (503, NAMED.format("validate")),
    "validate:latin1_key": (503, NAMED.format("validate")),
    "validate:no_key": (503, NAMED.format("validate")),
    "validate:claims_text": (503, NAMED.format("validate")),
    "validate:claims_open": (503, NAMED.format("validate")),
    "validate:claims_array": (503, NAMED.format("validate")),
    "validate:throws": (503, NAMED.format("validate")),
    "validate:throws_int": (503, NAMED.format("validate")),
    "validate:reject_accept": (401, NAMED.format("validate")),
    "validate:accept_reject": (200, NAMED.format("validate")),
    "validate:reason_99": (401, None),
    "validate:latin1_detail": (401, None),
    "validate:expired": (401, None),
    "validate:negative_time": (200, None),
    "exchange:nothing": (503, NAMED.format("exchange")),
    "exchange:null": (503, NAMED.format("exchange")),
    "exchange:small": (503, NAMED.format("exchange")),
    "exchange:kind_99": (503, NAMED.format("exchange")),
    "exchange:throws": (503, NAMED.format("exchange")),
    "exchange:throws_int": (503, NAMED.format("exchange")),
    "exchange:twice": (200, NAMED.format("exchange")),
    "exchange:latin1": (200, None),  # a credential may be any bytes
}
# Way -> what the answer of a call holds, and the line.
CALLED = {
    "table:size_more": ("fine", None),
    "table:optional": ("fine", None),
    "describe:unknown_kind": ("Unknown tool", None),
    "create_client:nothing": ("Internal error", "create_client gave no cause"),
    "create_client:internal": ("Internal error", "the secret cause"),
    "create_client:busy": ('"code":-32050,"message":"come back later","data":{"seconds":5}', None),
    "create_client:busy_twice": ('"code":-32050,"message":"come back later"', None),
    "create_client:bad_data": ('"code":-32050,"message":"come back later"}', None),
    "create_client:throws": ("Internal error", NAMED.format("create_client")),
    "client_call:nothing": ("Internal error", NAMED.format("client_call")),
    "client_call:throws": ("Internal error", NAMED.format("client_call")),
    "client_call:throws_int": ("Internal error", NAMED.format("client_call")),
    "client_call:data_open": ('"code":-32050,"message":"no"}', NAMED.format("client_call")),
    "client_call:data_escapes": ('"code":-32050,"message":"no"}', NAMED.format("client_call")),
    "client_call:data_latin1": ('"code":-32050,"message":"caf\ufffd"}', NAMED.format("client_call")),
    "client_call:result_text": ("Internal error", "tools/call try: the result is not a JSON object"),
    "client_call:result_array": ("Internal error", "tools/call try: the result is not a JSON object"),
    "client_call:result_latin1": ("Internal error", "tools/call try: the result is not a JSON object"),
    "client_call:asks_text": ("Internal error", None),
    "client_call:asks_odd": ("Internal error", None),
    "client_call:odd_progress": ("fine", None),
    "client_call:odd_message": ("fine", None),
    "client_call:error_then_result": ('"code":-32050', NAMED.format("client_call")),
    "client_call:result_then_error": ("fine", NAMED.format("client_call")),
    "client_call:task_after": ("fine", None),
    "client_close:throws": ("fine", NAMED.format("client_close")),
}
# Way -> the function that the last line names.
ENDS = {
    "validate:crashes": "validate",
    "validate:aborts": "validate",
    "client_call:crashes": "client_call",
    "client_call:aborts": "client_call",
    "client_close:crashes": "client_close",
    "create_client:aborts": "create_client",
}


def hostile(way, kind, **options):
    library = test_plugin("hostile_plugin")
    settings = {"auth": {"validator": library}} if kind == "validator" else {}
    backend = library if kind == "backend" else "echo"
    return GatehouseServer(settings, backend=backend, env={"HOSTILE": way}, **options)


def call(server, kind):
    """The answer of a call that meets the plugin."""
    if kind == "validator":
        return server.call("echo", {"text": "x"}, token=None, headers={"Authorization": "Bearer some-token"})
    return server.call("try")


class AtTheStart(unittest.TestCase):
    def assert_refused(self, way, kind, words):
        server = hostile(way, kind, started=False)
        self.addCleanup(server.discard)
        server.write_settings()
        server.launch()
        self.assertEqual(server.wait_exit(10), 3, server.log_tail())
        server.wait_line(words, 2)

    def test_validators_are_refused(self):
        for way, words in REFUSED_VALIDATORS.items():
            with self.subTest(way):
                self.assert_refused(way, "validator", words)

    def test_backends_are_refused(self):
        for way, words in REFUSED_BACKENDS.items():
            with self.subTest(way):
                self.assert_refused(way, "backend", words)

    def test_a_library_whose_interface_is_null_is_refused(self):
        server = GatehouseServer({"auth": {"validator": test_plugin("null_interface")}}, started=False)
        self.addCleanup(server.discard)
        server.write_settings()
        server.launch()
        self.assertEqual(server.wait_exit(10), 3)
        server.wait_line("null_interface.so: its function interface is null", 2)

    def test_exit_while_the_server_starts_is_a_failure_with_a_line(self):
        for way in ("interface:exits", "create:exits", "traits:exits"):
            with self.subTest(way):
                server = hostile(way, "validator", started=False)
                self.addCleanup(server.discard)
                server.write_settings()
                server.launch()
                self.assertEqual(server.wait_exit(10), 1, server.log_tail())
                server.wait_line(rf"exit\(\) was called in plugin hostile, function {way.split(':')[0]}", 2)


class WhileServing(unittest.TestCase):
    def assert_survived(self, way, kind, check, line):
        with hostile(way, kind) as server:
            check(call(server, kind))
            check(call(server, kind))
            if line:
                server.wait_line(line)
            self.assertEqual(server.get("/health").status, 200)
            self.assertFalse([one for one in server.log_lines() if one.startswith("ERROR forged")])
            server.stop()

    def test_validators(self):
        for way, (status, line) in JUDGED.items():
            with self.subTest(way):
                self.assert_survived(way, "validator", lambda answer, status=status: self.assertEqual(answer.status, status, answer), line)

    def test_backends(self):
        for way, (words, line) in CALLED.items():
            with self.subTest(way):
                self.assert_survived(way, "backend", lambda answer, words=words: self.assertIn(words, answer.body.decode()), line)

    def test_what_throws_when_it_need_not_answer_is_logged(self):
        for way in ("not_ready:throws", "not_ready:throws_int"):
            with self.subTest(way), hostile(way, "validator") as server:
                self.assertEqual(server.get("/ready").status, 200)
                server.wait_line(NAMED.format("not_ready"))

    def test_what_throws_when_an_identity_has_gone_is_logged(self):
        for way in ("identity_gone:throws", "identity_gone:throws_int"):
            with self.subTest(way), hostile(way, "backend") as server:
                self.assertIn("fine", call(server, "backend").body.decode())
                server.token_file.remove(server.token_file.tokens[0])
                server.wait_line(NAMED.format("identity_gone"))
                self.assertEqual(server.get("/health").status, 200)

    def test_what_throws_when_a_call_is_interrupted_is_logged(self):
        for way in ("client_interrupt:throws", "client_interrupt:throws_int"):
            with self.subTest(way), hostile(way, "backend", limits={"call_seconds": 1}) as server:
                self.assertIn("error", call(server, "backend").body.decode())
                server.wait_line(NAMED.format("client_interrupt"))
                self.assertEqual(server.get("/health").status, 200)

    def test_the_first_cause_of_not_ready_counts(self):
        for way, words in {"not_ready:twice": "not now", "not_ready:latin1": "caf"}.items():
            with self.subTest(way), hostile(way, "backend") as server:
                self.assertEqual(server.get("/ready").status, 503)
                server.wait_line(f"/ready: backend: {words}")

    def test_exit_is_a_failure_with_a_line(self):
        for way, kind in {"validate:exits": "validator", "client_call:exits": "backend", "client_close:exits": "backend"}.items():
            with self.subTest(way):
                self.assert_ended(way, kind, rf"exit\(\) was called in plugin hostile, function {way.split(':')[0]}", 1)

    @unittest.skipIf(sanitized(), "the sanitizer takes these signals")
    def test_a_crash_ends_the_server_with_a_line(self):
        for way, function in ENDS.items():
            with self.subTest(way):
                kind = "validator" if function == "validate" else "backend"
                number = 11 if way.endswith("crashes") else 6
                self.assert_ended(way, kind, f"died by signal {number} in plugin hostile, function {function}", -number)

    def assert_ended(self, way, kind, line, code):
        server = hostile(way, kind)
        self.addCleanup(server.discard)
        try:
            call(server, kind)
        except (ConnectionEnded, OSError):
            pass
        self.assertEqual(server.wait_exit(10), code, server.log_tail())
        server.wait_line(line, 2)


class AtTheStop(unittest.TestCase):
    def test_a_destroy_that_throws_is_logged_and_the_stop_goes_on(self):
        with hostile("destroy:throws", "validator") as server:
            server.stop()
            server.wait_line(NAMED.format("destroy"))

    def assert_stopped(self, way, code, line):
        server = hostile(way, "validator")
        self.addCleanup(server.discard)
        server.process.terminate()
        self.assertEqual(server.wait_exit(20), code, server.log_tail())
        server.wait_line(line, 2)

    def test_a_thread_may_log_while_its_plugin_is_destroyed(self):
        self.assert_stopped("destroy:logs_from_a_thread", 0, r"\[hostile\] the last line")

    def test_a_destroy_that_hangs_is_named(self):
        self.assert_stopped("destroy:hangs", 0, "stopped at once: plugin hostile does not return from destroy")

    def test_exit_in_destroy_is_a_failure_with_a_line(self):
        self.assert_stopped("destroy:exits", 1, r"exit\(\) was called in plugin hostile, function destroy")


if __name__ == "__main__":
    unittest.main()
