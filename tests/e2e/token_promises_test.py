"""What the token guide promises beside its calls one by one: a token's whole life, streams and sessions at its end,
headers of every answer, and what a refused call leaves alone."""

import datetime
import json
import re
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import slowness
from managed_server import TOKENS, ManagedServer
from process_probe import wait_until

AT_ONCE = 0.1  # seconds


def time_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def seconds_to(text):
    return (time_of(text) - datetime.datetime.now(datetime.timezone.utc)).total_seconds()


class Case(unittest.TestCase):
    store = "sqlite"
    settings = {"http": {"legacy_sse": True}, "log": {"level": "debug"}}

    @classmethod
    def setUpClass(cls):
        cls.server = ManagedServer(cls.settings, store=cls.store)
        cls.addClassCleanup(cls.server.discard)

    def api(self, *words, **more):
        return self.server.api(*words, **more)

    def eventually(self, happened, within=5):
        self.assertTrue(wait_until(happened, within * slowness()))


class WholeLife(Case):
    def test_from_its_making_to_its_end(self):
        before = self.api("GET").json()["total"]
        token = self.server.create(name="begins")
        self.assertEqual(self.api("GET").json()["total"], before + 1)
        self.assertEqual(self.server.call("test_simple_text", token=token["token"], path="/mcp/").status, 200)
        used = self.api("GET", token["id"]).json()
        self.assertEqual(used["usage_count"], 1)
        self.assertLess(abs(seconds_to(used["last_used_at"])), 5)
        self.assertEqual(self.api("PATCH", token["id"], {"name": "goes on"}).json()["name"], "goes on")
        fresh = self.api("POST", f"{token['id']}/rotate", {"overlap": "1s"}).json()
        self.assertEqual(self.server.used(token["token"]), 200)
        self.eventually(lambda: self.server.used(token["token"]) == 401)
        self.assertEqual(self.server.used(fresh["token"]), 200)
        self.assertEqual(self.api("DELETE", token["id"]).status, 204)
        self.assertEqual(self.server.used(fresh["token"]), 401)
        self.assertFalse(self.api("GET", token["id"]).json()["is_active"])
        self.assertEqual(self.api("GET").json()["total"], before)

    def test_its_streams_end_when_it_is_removed(self):
        token = self.server.create()
        stream = self.server.event_stream(token["token"])
        self.assertEqual(self.api("DELETE", token["id"]).status, 204)
        self.assertTrue(stream.ended_within(AT_ONCE * slowness()), "the stream outlived its token")
        self.server.used(token["token"])
        self.server.wait_line(rf"refused 401 revoked.*{token['id']} was removed at .*token not found in database", 5 * slowness())

    def test_a_refused_call_is_its_last_use_as_well(self):
        held = self.server.create(name="held")
        self.assertEqual(self.api("POST", f"{held['id']}/suspend").status, 200)
        elsewhere = self.server.create(name="elsewhere", networks={"deny": ["127.0.0.0/8", "::1/128"]})
        for token in (held, elsewhere):
            with self.subTest(token["name"]):
                self.assertIn(self.server.used(token["token"]), (401, 403))
                self.eventually(lambda token=token: self.api("GET", token["id"]).json()["usage_count"] == 1)
                self.assertLess(abs(seconds_to(self.api("GET", token["id"]).json()["last_used_at"])), 5)

    def test_a_longer_life_holds_from_the_answer_on(self):
        token = self.server.create()
        changed = self.api("PATCH", token["id"], {"expires_in_days": 1}).json()
        self.assertAlmostEqual(seconds_to(changed["expires_at"]), 86400, delta=5)
        self.assertEqual(self.api("GET", token["id"]).json()["expires_at"], changed["expires_at"])

    def test_no_answer_but_the_first_has_the_text(self):
        token = self.server.create(name="asked about")
        rotated = self.api("POST", f"{token['id']}/rotate", {"overlap": "60s"}).json()
        texts = [token["token"], rotated["token"]]
        asked = [self.api("GET", token["id"]), self.api("PATCH", token["id"], {"description": "x"}),
                 self.api("GET", f"{token['id']}/usage"), self.api("GET", f"{token['id']}/generations"),
                 self.api("GET", "self", who=rotated["token"]), self.api("POST", "validate", who=rotated["token"]),
                 self.api("POST", f"{token['id']}/suspend"), self.api("POST", f"{token['id']}/resume"),
                 self.api("POST", f"{token['id']}/rotate"), self.api("GET", "refusals"), self.api("GET"),
                 self.api("DELETE", token["id"])]
        self.assertEqual([answer.status for answer in asked], [200] * 8 + [409, 200, 200, 204])
        for answer in asked:
            self.assertFalse(any(text in answer.text for text in texts), answer)


class FileWholeLife(WholeLife):
    store = "file"


class Answers(Case):
    def test_each_is_json_and_kept_by_nobody(self):
        token = self.server.create()
        one = token["id"]
        rotated = self.api("POST", f"{one}/rotate")
        asked = [self.api("POST", body={"name": "n"}), self.api("GET"), self.api("GET", f"{TOKENS}/"), self.api("GET", one),
                 self.api("PATCH", one, {"name": "m"}), rotated, self.api("GET", f"{one}/usage"), self.api("GET", "scopes"),
                 self.api("POST", "validate", who=rotated.json()["token"]),
                 self.api("POST", f"{TOKENS}/validate/", who=rotated.json()["token"])]
        for answer in asked:
            self.assertIn(answer.status, (200, 201))
            self.assertRegex(answer.header("content-type"), "^application/json")
        refused = [self.api("GET", who=None), self.api("GET", who="nobody"), self.api("GET", "token-0"), self.api("PUT"),
                   self.api("POST", body=b"{"), self.api("POST", body=b"x", headers={"Content-Type": "text/plain"}),
                   self.api("GET", who=rotated.json()["token"])]
        self.assertEqual([answer.status for answer in refused], [401, 401, 404, 405, 400, 415, 403])
        for answer in [*asked, *refused, self.api("DELETE", one)]:
            self.assertEqual(answer.header("cache-control"), "no-store", answer)
            self.assertEqual(answer.header("x-content-type-options"), "nosniff", answer)

    def test_a_credential_in_the_url_or_the_body_is_none(self):
        token = self.server.create()
        self.assertEqual(self.api("GET", f"{TOKENS}?token={self.server.manager}", who=None).status, 401)
        self.assertEqual(self.api("POST", "validate", {"token": token["token"]}, who=None).status, 401)

    def test_failures_of_a_token_look_alike(self):
        gone = self.server.create()
        self.api("DELETE", gone["id"])
        forged = gone["token"][:-1] + ("0" if gone["token"][-1] != "0" else "1")
        told = {(answer.status, answer.text, answer.header("www-authenticate"))
                for answer in (self.api("POST", "validate", who=text) for text in (gone["token"], forged, "x" * 44, "y"))}
        self.assertEqual(len(told), 1, told)

    def test_a_valid_one_is_told_whose_it_is_and_until_when(self):
        token = self.server.create(owner="alice")
        said = self.api("POST", "validate", who=token["token"]).json()
        self.assertEqual((said["subject"], said["expires_at"]), ("alice", token["expires_at"]))

    def test_what_is_missing_is_named(self):
        self.assertIn("name", self.api("POST", body={}).json()["detail"])

    def test_a_reason_is_a_short_line_or_refused(self):
        token = self.server.create()
        for reason in ("a%0Ab", "%00", "%C3", "x" * 201):
            self.assertEqual(self.api("DELETE", f"{token['id']}?reason={reason}").status, 400, reason)
        self.assertEqual(self.api("POST", "bulk-revoke", {"ids": [token["id"]], "reason": "a\nb"}).status, 400)
        self.assertEqual(self.api("DELETE", f"{token['id']}?reason={'%C3%A9' * 200}").status, 204)
        self.assertEqual(self.api("GET", token["id"]).json()["revoked_because"], "é" * 200)

    def test_a_name_has_up_to_200_characters_of_any_kind(self):
        for name, status in (("x" * 200, 201), ("é" * 200, 201), ("\U0001F511" * 200, 201), ("é" * 201, 400)):
            answer = self.api("POST", body={"name": name})
            self.assertEqual(answer.status, status)
            if status == 201:
                self.assertEqual(self.api("GET", answer.json()["id"]).json()["name"], name)


class Derived(Case):
    """A child is never wider than its parent."""

    def derive(self, parent, wish):
        return self.api("POST", f"{parent}/derive", {"name": "child", **wish})

    def test_no_rights_come_from_a_parent_that_has_none(self):
        self.server.add("plain")
        parent = self.api("GET", f"{TOKENS}?q=plain").json()["data"][0]["id"]
        before = self.api("GET").json()["total"]
        self.assertEqual(self.derive(parent, {"scopes": ["mcp:admin"]}).json()["code"], "scope_not_grantable")
        self.assertEqual(self.derive(parent, {"scopes": ["read:tasks"]}).json()["code"], "wider")
        self.assertEqual(self.api("GET").json()["total"], before)
        self.assertEqual(self.derive(parent, {}).status, 201)

    def test_admin_rights_are_not_handed_on(self):
        self.server.add("admin", "--scopes", "mcp:admin,read:tasks")
        parent = self.api("GET", f"{TOKENS}?q=admin").json()["data"][0]["id"]
        self.assertEqual(self.derive(parent, {}).status, 403)
        self.assertEqual(self.derive(parent, {"scopes": ["read:tasks"]}).json()["scopes"], ["read:tasks"])


class Rotated(Case):
    def test_it_keeps_all_that_it_was(self):
        kept = ("scopes", "rate_limit", "networks", "tools", "databases", "name", "owner", "labels", "max_idle_days", "burst")
        token = self.server.create(scopes=["read:tasks"], rate_limit=7, burst=3, expires_in_days=10, databases=["one"], owner="alice",
                                   labels={"team": "x"}, max_idle_days=9, networks={"allow": ["127.0.0.0/8"]}, tools={"deny": ["x*"]})
        fresh = self.api("POST", f"{token['id']}/rotate").json()
        self.assertEqual({name: fresh[name] for name in kept}, {name: token[name] for name in kept})
        self.assertAlmostEqual(seconds_to(fresh["expires_at"]), 10 * 86400, delta=5)
        self.assertEqual(self.server.used(token["token"]), 401, "at once")

    def test_both_texts_are_one_row_and_its_calls_since_are_counted(self):
        token = self.server.create(name="one row")
        for _ in range(3):
            self.server.used(token["token"])
        self.api("POST", f"{token['id']}/rotate", {"overlap": "60s"})
        rows = self.api("GET", f"{TOKENS}?q=one+row").json()["data"]
        self.assertEqual(len(rows), 1)
        previous = rows[0]["previous"]
        self.assertEqual((rows[0]["generation"], previous["generation"], previous["calls_since"]), (2, 1, 0))
        self.assertAlmostEqual(seconds_to(previous["valid_until"]), 60, delta=5)
        self.server.used(token["token"])
        self.eventually(lambda: self.api("GET", token["id"]).json()["previous"]["calls_since"] == 1)
        used = self.api("GET", f"{token['id']}/usage").json()
        self.assertEqual(sum(row["calls"] for row in used["generations"]), used["usage_count"])

    def test_streams_of_the_old_text_end_with_it(self):
        token = self.server.create()
        stream = self.server.event_stream(token["token"])
        self.api("POST", f"{token['id']}/rotate", {"overlap": "2s"})
        self.assertFalse(stream.ended_within(0.5), "it ended before its time")
        self.assertTrue(stream.ended_within(4 * slowness()), "it outlived its text")
        token = self.server.create()
        stream = self.server.event_stream(token["token"])
        self.api("POST", f"{token['id']}/rotate")
        self.assertTrue(stream.ended_within(AT_ONCE * slowness()), "it outlived its text")

    def test_a_session_goes_on_with_the_new_text(self):
        token = self.server.create()
        asked = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
        session = {"Mcp-Session-Id": self.server.rpc("initialize", asked, token=token["token"]).header("mcp-session-id")}
        fresh = self.api("POST", f"{token['id']}/rotate", {"overlap": "1s"}).json()
        ping = lambda text: self.server.rpc("ping", token=text, headers=session).status
        self.assertEqual([ping(token["token"]), ping(fresh["token"])], [200, 200], "the two share sessions")
        self.eventually(lambda: ping(token["token"]) == 401)
        self.assertEqual(ping(fresh["token"]), 200)

    def test_none_rotates_itself(self):
        token = self.server.create()
        self.assertEqual(self.api("POST", f"{token['id']}/rotate", who=token["token"]).status, 403)
        self.assertEqual(self.server.used(token["token"]), 200)


class Limited(Case):
    settings = {"log": {"level": "debug"}, "auth": {"policy": {"rules": [{"tools": ["test_image_content"], "scopes": ["write:tasks"]}]}}}

    def test_a_refused_call_does_not_count(self):
        token = self.server.create(rate_limit=2, scopes=["read:tasks"], tools={"deny": ["test_error_handling"]})
        for tool in ("test_error_handling", "test_image_content"):
            self.assertEqual([self.server.used(token["token"], tool) for _ in range(5)], [403] * 5)
        self.assertEqual([self.server.used(token["token"]) for _ in range(3)], [200, 200, 429])

    def test_a_refused_call_is_none_of_those_a_child_may_make(self):
        parent = self.server.create(scopes=["read:tasks"])
        child = self.api("POST", f"{parent['id']}/derive", {"name": "c", "max_calls": 1}).json()
        self.assertEqual([self.server.used(child["token"], "test_image_content") for _ in range(3)], [403] * 3)
        self.assertEqual([self.server.used(child["token"]) for _ in range(2)], [200, 403])

    def test_what_is_no_call_does_not_count(self):
        token = self.server.create(rate_limit=2)
        for _ in range(3):
            note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
            self.assertEqual(self.server.post(note, token=token["token"]).status, 202)
            self.assertEqual(self.api("POST", "validate", who=token["token"]).status, 200)
            self.assertEqual(self.api("GET", "self", who=token["token"]).json()["remaining"], 2)
        answer = self.server.call("test_simple_text", token=token["token"])
        self.assertIn("r=1", answer.header("ratelimit"))

    def test_another_address_has_the_same_limit(self):
        token = self.server.create(rate_limit=5)
        self.assertEqual([self.server.used(token["token"]) for _ in range(5)], [200] * 5)
        with self.server.wire(source="127.0.0.2") as elsewhere:
            self.assertEqual(self.server.call("test_simple_text", token=token["token"], wire=elsewhere).status, 429)

    def test_beyond_the_limit_no_backend_is_reached_and_each_refusal_is_in_the_audit(self):
        token = self.server.create(rate_limit=1)
        self.assertEqual(self.api("GET", token["id"]).json()["rate_limit"], 1)
        self.server.used(token["token"])
        made = self.server.metrics()["gatehouse_clients_created_total"]
        self.assertEqual([self.server.used(token["token"]) for _ in range(3)], [429] * 3)
        self.assertEqual(self.server.metrics()["gatehouse_clients_created_total"], made)
        def refused():
            lines = [json.loads(line) for line in self.server.audit_bytes().decode().splitlines()]
            return [line for line in lines if line.get("token_id") == token["id"] and line["status"] == 429]
        self.eventually(lambda: len(refused()) == 3)
        self.assertEqual({line["reason"] for line in refused()}, {"rate_limit"})
        self.server.wait_line(rf"refused 429 rate_limit.*{token['id']}", 5 * slowness())
        self.assertNotIn(token["token"], "\n".join(self.server.log_lines()))


class Used(Case):
    def test_last_use_is_true_within_a_second_for_every_outcome(self):
        token = self.server.create(rate_limit=4, tools={"deny": ["test_image_content"]})
        for tool, status in (("test_simple_text", 200), ("test_error_handling", 200), ("test_image_content", 403),
                             ("test_simple_text", 200), ("test_simple_text", 200), ("test_simple_text", 429)):
            time.sleep(1.01) # another second
            sent = time.time()
            self.assertEqual(self.server.used(token["token"], tool), status)
            last = time_of(self.api("GET", token["id"]).json()["last_used_at"]).timestamp()
            self.assertTrue(int(sent) <= last <= time.time(), (tool, status, last - sent))

    def test_each_tool_has_its_row(self):
        token = self.server.create(tools={"deny": ["test_image_content"]})
        for tool, times in (("test_simple_text", 3), ("test_error_handling", 2), ("test_image_content", 1)):
            for _ in range(times):
                self.server.used(token["token"], tool)
        rows = {row["tool"]: row for row in self.api("GET", f"{token['id']}/usage").json()["tools"]}
        self.assertEqual((rows["test_simple_text"]["ok"], rows["test_error_handling"]["error"]), (3, 2))
        self.assertEqual(sum(row["refused"] for row in rows.values()), 1)

    def test_refusals_of_all_own_tokens_are_in_one_place(self):
        alice = self.server.add("alice's manager", "--manage", "--owner", "alice")
        self.eventually(lambda: self.api("GET", who=alice).status == 200)
        hers = self.server.create(who=alice, name="hers", tools={"deny": ["test_simple_text"]})
        other = self.server.create(name="another's", tools={"deny": ["test_simple_text"]})
        for token in (hers, other):
            self.assertEqual(self.server.used(token["token"]), 403)
        self.api("DELETE", hers["id"], who=alice)
        self.server.used(hers["token"])
        rows = lambda who="manager": self.api("GET", "refusals", who=who).json()["data"]
        self.eventually(lambda: {row["reason"] for row in rows(alice)} == {"tool_not_allowed", "revoked"})
        self.assertEqual({(row["id"], row["name"]) for row in rows(alice)}, {(hers["id"], "hers")})
        self.assertTrue(all(row["remedy"] for row in rows(alice)))
        self.assertTrue({hers["id"], other["id"]} <= {row["id"] for row in rows()})


class Crashed(unittest.TestCase):
    def test_T25_a_crash_writes_no_core_and_the_operator_may_say_otherwise(self):
        for settings, limit in (({}, "0"), ({"secrets": {"core_dumps": True}}, None)):
            with ManagedServer(settings, store="file") as server:
                limits = Path(f"/proc/{server.process.pid}/limits").read_text()
                soft, hard = re.search(r"^Max core file size\s+(\S+)\s+(\S+)", limits, re.M).groups()
                self.assertEqual(soft, limit or soft)
                if limit is None:
                    self.assertEqual(soft, re.search(r"^Max core file size\s+(\S+)", Path("/proc/self/limits").read_text(), re.M).group(1))


if __name__ == "__main__":
    unittest.main()
