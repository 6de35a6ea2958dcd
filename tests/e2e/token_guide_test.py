"""The token API as the token guide describes it, over sockets: its calls, rotation, limits, usage.

What stands behind it is tested in tests/unit/admin; here it is asked as users ask it, with the server's own /mcp beside it.
"""

import concurrent.futures
import datetime
import json
import signal
import sqlite3
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import slowness
from managed_server import TOKENS, ManagedServer
from process_probe import eventually, wait_until


def time_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Case(unittest.TestCase):
    store = "sqlite"
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.server = ManagedServer(cls.settings, store=cls.store)
        cls.addClassCleanup(cls.server.discard)

    def status(self, *words, **more):
        return self.server.api(*words, **more).status

    def turns(self, text, status, within=0.1):
        """The token is answered so within that time."""
        return wait_until(lambda: self.server.used(text) == status, within * 10 * slowness())


class Calls(Case):
    """Section 1: create, list, get, delete, patch, rotate, validate, usage."""

    def test_1_a_token_is_made_as_the_guide_shows(self):
        wish = {"name": "MCP Client Token", "scopes": ["execute:mcp", "read:tasks"], "expires_in_days": 30, "rate_limit": 1000}
        made = self.server.api("POST", f"{TOKENS}/", wish)
        self.assertEqual(made.status, 201)
        token = made.json()
        self.assertEqual((token["name"], token["scopes"], token["rate_limit"]), (wish["name"], wish["scopes"], 1000))
        life = time_of(token["expires_at"]) - time_of(token["created_at"])
        self.assertEqual(life, datetime.timedelta(days=30))
        self.assertEqual((token["usage_count"], token["last_used_at"], token["is_active"]), (0, None, True))
        self.assertEqual(self.server.used(token["token"]), 200)

    def test_1a_what_is_wrong_is_named_and_nothing_is_stored(self):
        before = self.server.api("GET").json()["total"]
        wrong = {"name": ["", "x" * 300, 5, None], "scopes": [[], ["none:such"], "read:tasks", [5]],
                 "expires_in_days": [0, 366, -1, 1.5, "30"], "rate_limit": [0, -1, "x"]}
        for member, values in wrong.items():
            for value in values:
                with self.subTest(member=member, value=value):
                    answer = self.server.api("POST", body={"name": "n", member: value})
                    self.assertIn(answer.status, (400, 422))
                    self.assertIn(member, answer.json()["detail"])
        self.assertEqual(self.status("POST", body={}), 400)
        for days in (1, 365):
            self.server.create(expires_in_days=days)
        self.assertEqual(self.server.api("GET").json()["total"], before + 2)

    def test_1b_admin_rights_are_granted_by_nobody(self):
        for scope in ("mcp:admin", "*", "tokens:manage"):
            answer = self.server.api("POST", body={"name": "n", "scopes": [scope]})
            self.assertEqual(answer.status, 403)
            self.assertIn("cannot be granted through the UI", answer.json()["detail"])

    def test_1c_a_name_is_enough_for_the_least(self):
        token = self.server.create()
        self.assertEqual(token["rate_limit"], 1000)
        self.assertTrue(all(scope.startswith("read:") for scope in token["scopes"]))
        self.assertEqual(time_of(token["expires_at"]) - time_of(token["created_at"]), datetime.timedelta(days=30))

    def test_2_a_list_is_paged_and_shows_no_text(self):
        texts = [self.server.create(name=f"listed {i}")["token"] for i in range(3)]
        whole = self.server.api("GET", f"{TOKENS}/")
        self.assertEqual(whole.status, 200)
        self.assertFalse(any(text in whole.text for text in texts))
        page = self.server.api("GET", f"{TOKENS}?skip=1&limit=2").json()
        self.assertEqual((len(page["data"]), page["total"]), (2, whole.json()["total"]))
        self.assertEqual(page["data"][0]["id"], whole.json()["data"][1]["id"])
        for limit in ("0", "-1", "x", "1000000"):
            self.assertLess(self.status("GET", f"{TOKENS}?limit={limit}"), 500)
        self.assertEqual(self.status("GET", f"{TOKENS}?more=1"), 400)

    def test_3_one_is_shown_as_in_the_list(self):
        token = self.server.create(name="shown")
        shown = self.server.api("GET", token["id"]).json()
        self.assertNotIn("token", shown)
        listed = next(one for one in self.server.api("GET", f"{TOKENS}?q=shown").json()["data"])
        self.assertEqual(shown, listed)

    def test_4_a_removed_token_is_dead_at_once_on_kept_connections_streams_and_calls(self):
        token = self.server.create()
        with self.server.wire() as kept:
            self.assertEqual(self.server.call("test_simple_text", token=token["token"], wire=kept).status, 200)
            running = self.server.wire().send(self.server.call_bytes("test_slow", {"milliseconds": 50_000}, token=token["token"]))
            self.assertTrue(wait_until(lambda: self.server.metric("open_clients") == 1, 5 * slowness()))
            removed = self.server.api("DELETE", token["id"])
            self.assertIn(removed.status, (200, 204))
            self.assertEqual(self.server.call("test_simple_text", token=token["token"], wire=kept).status, 401)
            self.assertTrue(wait_until(lambda: self.server.metric("open_clients") == 0, 2 * slowness()), "its call runs on")
            running.close()
        self.assertEqual(self.status("DELETE", token["id"]), 404)
        self.assertFalse(self.server.api("GET", token["id"]).json()["is_active"])

    def test_5_fewer_scopes_hold_at_the_next_call(self):
        settings = {"auth": {"policy": {"rules": [{"tools": ["test_simple_text"], "scopes": ["write:tasks"]}]}}}
        with ManagedServer(settings, store=self.store) as server:
            token = server.create(scopes=["write:tasks", "read:agents"])
            self.assertEqual(server.used(token["token"]), 200)
            self.assertEqual(server.api("PATCH", token["id"], {"scopes": ["read:agents"]}).status, 200)
            self.assertTrue(wait_until(lambda: server.used(token["token"]) == 403, slowness()))
            self.assertEqual(server.api("PATCH", token["id"], {"scopes": ["write:tasks"]}).status, 403)
            for member in ("id", "created_at", "usage_count", "token", "more"):
                self.assertEqual(server.api("PATCH", token["id"], {member: "x"}).status, 400)

    def test_7_validation_needs_no_other_credential_and_is_no_use(self):
        token = self.server.create(name="asks about itself")
        answer = self.server.api("POST", "validate", who=token["token"])
        self.assertEqual(answer.status, 200)
        said = answer.json()
        self.assertEqual((said["valid"], said["id"], said["scopes"]), (True, token["id"], token["scopes"]))
        self.assertEqual(self.server.api("GET", token["id"]).json()["usage_count"], 0)
        forged = token["token"][:-1] + ("0" if token["token"][-1] != "0" else "1")
        self.server.api("DELETE", token["id"])
        answers = {self.server.api("POST", "validate", who=text).text for text in (forged, token["token"], "nobody's", "x" * 44)}
        self.assertEqual(len(answers), 1, "failures look alike")
        refused = self.server.api("POST", "validate", who=forged)
        self.assertEqual(refused.status, 401)
        self.assertIn("Bearer", refused.header("www-authenticate"))
        self.assertIn(self.status("POST", f"{TOKENS}/validate?token={token['token']}", who=None), (400, 401))

    def test_general_who_may_and_how_errors_look(self):
        plain = self.server.create()["token"]
        for method, path in (("GET", ""), ("POST", ""), ("GET", "x"), ("DELETE", "x"), ("PATCH", "x"), ("POST", "x/rotate")):
            none = self.server.api(method, path, who=None)
            self.assertEqual(none.status, 401)
            self.assertIn("Bearer", none.header("www-authenticate"))
            self.assertEqual(self.status(method, path, who="nobody"), 401)
            self.assertEqual(self.status(method, path, who=plain), 403)
        self.assertEqual(self.server.used(self.server.manager), 401, "a manager is nobody at /mcp")
        for answer, status in ((self.server.api("GET", "token-0"), 404), (self.server.api("POST", body=b"{"), 400),
                               (self.server.api("PUT"), 405), (self.server.api("POST", body=b"name=n", headers={"Content-Type": "text/plain"}), 415)):
            self.assertEqual(answer.status, status)
            self.assertIn("problem+json", answer.header("content-type"))
            self.assertTrue({"status", "title", "detail"} <= answer.json().keys())
        self.assertIn("POST", self.server.api("PUT").header("allow"))

    def test_general_each_sees_only_their_own(self):
        alice, bob = (self.server.add(f"{name}'s manager", "--manage", "--owner", name) for name in ("alice", "bob"))
        self.assertTrue(wait_until(lambda: self.status("GET", who=bob) == 200, slowness()))
        hers = self.server.create(who=alice)
        self.assertEqual([one["id"] for one in self.server.api("GET", who=alice).json()["data"]], [hers["id"]])
        for method, path in (("GET", ""), ("DELETE", ""), ("PATCH", ""), ("POST", "/rotate"), ("GET", "/usage")):
            body = {} if method == "PATCH" else None
            self.assertEqual(self.status(method, f"{hers['id']}{path}", body, who=bob), 404)

    def test_many_at_once(self):
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            made = list(pool.map(lambda i: self.server.create(name=f"at once {i}"), range(20)))
        self.assertEqual(len({one["id"] for one in made}), 20)
        self.assertEqual(len({one["token"] for one in made}), 20)
        self.assertEqual(self.server.api("GET", f"{TOKENS}?q=at once&limit=50".replace(" ", "+")).json()["total"], 20)
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            removed = list(pool.map(lambda _: self.status("DELETE", made[0]["id"]), range(50)))
        self.assertEqual(removed.count(204), 1, removed)

    def test_no_answer_log_or_store_has_a_text(self):
        token = self.server.create(name="secret")
        self.server.used(token["token"])
        fresh = self.server.api("POST", f"{token['id']}/rotate").json()["token"]
        self.server.used(token["token"])
        stored = b"".join(path.read_bytes() for path in self.server.folder.rglob("*") if path.is_file())
        for text in (token["token"], fresh):
            self.assertNotIn(text.encode(), stored)
            self.assertNotIn(text, "\n".join(self.server.log_lines()))


class FileCalls(Calls):
    """The same by a YAML file."""
    store = "file"


class Rotation(Case):
    """Section 3."""

    def test_the_old_text_dies_at_once_the_new_one_works(self):
        token = self.server.create()
        fresh = self.server.api("POST", f"{token['id']}/rotate")
        self.assertEqual(fresh.status, 201)
        self.assertEqual((fresh.json()["id"], fresh.json()["generation"]), (token["id"], 2))
        self.assertEqual(self.server.used(fresh.json()["token"]), 200)
        self.assertTrue(self.turns(token["token"], 401))

    def test_with_an_overlap_both_work_and_then_the_old_ends(self):
        token = self.server.create()
        fresh = self.server.api("POST", f"{token['id']}/rotate", {"overlap": "2s"}).json()
        self.assertEqual([self.server.used(text) for text in (token["token"], fresh["token"])], [200, 200])
        self.assertEqual(self.status("POST", f"{token['id']}/rotate"), 409)
        stream = self.server.wire().send(self.server.call_bytes("test_slow", {"milliseconds": 50_000}, token=token["token"]))
        self.assertTrue(wait_until(lambda: self.server.used(token["token"]) == 401, 6 * slowness()))
        self.assertTrue(wait_until(lambda: self.server.metric("open_clients") == 0, 2 * slowness()), "a call of the old text runs on")
        stream.close()
        self.assertEqual(self.server.used(fresh["token"]), 200)
        uses = {one["generation"]: one["calls"] for one in self.server.api("GET", f"{token['id']}/generations").json()["data"]}
        self.assertGreaterEqual(uses[1], 1)
        self.assertGreaterEqual(uses[2], 1)

    def under_way(self, token, milliseconds):
        """A connection on which a call of that token runs."""
        wire = self.server.wire()
        self.addCleanup(wire.close)
        wire.send(self.server.call_bytes("test_slow", {"milliseconds": milliseconds}, token=token["token"]))
        self.assertTrue(wait_until(lambda: self.server.metric("open_clients") == 1, 5 * slowness()))
        return wire

    def test_a_call_under_way_goes_on_over_a_rotation_with_an_overlap(self):
        token = self.server.create()
        wire = self.under_way(token, 1000)
        self.server.api("POST", f"{token['id']}/rotate", {"overlap": "60s"})
        self.assertEqual(wire.reply().status, 200)

    def test_a_call_under_way_ends_at_a_rotation_without_one_and_when_its_token_may_less(self):
        for path, method, body in (("/rotate", "POST", {}), ("", "PATCH", {"tools": {"allow": ["x"], "deny": []}})):
            token = self.server.create()
            wire = self.under_way(token, 50_000)
            self.assertIn(self.server.api(method, f"{token['id']}{path}", body).status, (200, 201))
            self.assertEqual(wire.reply().status, 401)
            eventually(lambda: self.server.metric("open_clients") == 0, 5 * slowness())

    def test_what_is_gone_is_not_rotated(self):
        token = self.server.create()
        self.server.api("DELETE", token["id"])
        self.assertEqual(self.status("POST", f"{token['id']}/rotate"), 409)
        self.assertEqual(self.status("POST", "token-0/rotate"), 404)
        self.assertEqual(self.status("POST", f"{self.server.create()['id']}/rotate", who=self.server.create()["token"]), 403)

    def test_on_the_host_beside_the_server(self):
        token = self.server.create()
        done = self.server.run("token", "rotate", token["id"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Store this token securely", done.stdout)
        self.assertTrue(self.turns(token["token"], 401))
        self.server.wait_line(r"\[AUTH\] Reloaded", 5 * slowness())
        self.assertEqual(self.server.run("token", "rotate", "token-0").returncode, 1)

    def test_two_at_once_leave_one_that_works(self):
        token = self.server.create()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: self.server.api("POST", f"{token['id']}/rotate"), range(2)))
        texts = [answer.json()["token"] for answer in answers if answer.status == 201]
        self.assertEqual([self.server.used(text) for text in texts].count(200), 1)


class Limits(Case):
    """Section 4."""

    def test_the_call_beyond_the_limit_waits_and_reaches_no_backend(self):
        token, other = self.server.create(rate_limit=5), self.server.create()
        self.assertEqual([self.server.used(token["token"]) for _ in range(5)], [200] * 5)
        refused = self.server.call("test_simple_text", token=token["token"])
        self.assertEqual(refused.status, 429)
        self.assertTrue(1 <= int(refused.header("retry-after")) <= 3600)
        self.assertIn("q=5", refused.header("ratelimit-policy"))
        self.assertIn("r=0", refused.header("ratelimit"))
        self.assertEqual(self.server.used(other["token"]), 200)
        self.assertEqual(self.server.rpc("ping", token=token["token"]).status, 200)
        self.assertEqual(self.status("POST", "validate", who=token["token"]), 200)
        self.server.api("PATCH", token["id"], {"rate_limit": 6})
        self.assertTrue(self.turns(token["token"], 200))
        self.assertTrue(wait_until(lambda: token["id"].encode() in self.server.audit_bytes(), 5 * slowness()))
        self.assertNotIn(token["token"].encode(), self.server.audit_bytes())

    def test_every_answer_tells_what_is_left_and_when_the_token_ends(self):
        soon, later = self.server.create(rate_limit=5, expires_in_days=2), self.server.create(expires_in_days=30)
        for left in (4, 3):
            answer = self.server.call("test_simple_text", token=soon["token"])
            self.assertEqual((answer.status, answer.header("ratelimit").split(";")[1]), (200, f"r={left}"))
        self.assertEqual(answer.header("gatehouse-token-expires"), soon["expires_at"])
        self.assertLessEqual(int(answer.header("ratelimit").split("t=")[1]), 3600)
        answer = self.server.call("test_simple_text", token=later["token"])
        self.assertIsNone(answer.header("gatehouse-token-expires"))

    def test_older_headers_where_they_are_asked_for(self):
        settings = {"auth": {"limits": {"legacy_headers": True}}}
        with ManagedServer(store=self.store, settings=settings) as server:
            token = server.create(rate_limit=5)
            answer = server.call("test_simple_text", token=token["token"])
            self.assertEqual((answer.header("x-ratelimit-limit"), answer.header("x-ratelimit-remaining")), ("5", "4"))
            self.assertGreater(int(answer.header("x-ratelimit-reset")), 1_700_000_000)

    def refusals(self, token):
        return {(row["reason"], row["tool"]): row for row in self.server.api("GET", f"{token['id']}/usage").json()["refusals"]}

    def test_the_owner_sees_why_a_token_was_refused_also_when_it_is_gone(self):
        token = self.server.create(tools={"allow": ["other_*"], "deny": []})
        self.assertEqual(self.server.used(token["token"]), 403)
        self.assertTrue(wait_until(lambda: ("tool_not_allowed", "test_simple_text") in self.refusals(token), 5))
        self.assertEqual(self.server.api("DELETE", token["id"]).status, 204)
        self.assertTrue(self.turns(token["token"], 401))
        self.assertTrue(wait_until(lambda: ("revoked", "") in self.refusals(token), 5))
        self.assertIn("revoked", self.refusals(token)[("revoked", "")]["remedy"])
        self.assertEqual(self.server.used("gth_" + "x" * 40), 401)
        self.assertNotIn(token["token"], json.dumps(list(self.refusals(token).values())))

    def test_of_twenty_at_once_five_pass(self):
        token = self.server.create(rate_limit=5)
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: self.server.used(token["token"]), range(20)))
        self.assertEqual((answers.count(200), answers.count(429)), (5, 15))

    def test_a_restart_does_not_begin_the_hour_anew(self):
        with ManagedServer(store=self.store) as server:
            token, brief = server.create(rate_limit=5), server.create(rate_limit=100)
            child = server.api("POST", f"{brief['id']}/derive", {"name": "agent", "max_calls": 3}).json()
            self.assertEqual([server.used(token["token"]) for _ in range(5)], [200] * 5)
            self.assertEqual([server.used(child["token"]) for _ in range(2)], [200] * 2)
            server.stop()
            server.start()
            self.assertEqual(server.used(token["token"]), 429)
            self.assertEqual([server.used(child["token"]) for _ in range(3)], [200, 403, 403], "a child makes so many calls in all")

    def test_networks_and_tools(self):
        here = self.server.create(networks={"allow": ["127.0.0.0/8"]}, tools={"deny": ["test_error_handling"]})
        away = self.server.create(networks={"allow": ["10.0.0.0/8"]})
        self.assertEqual(self.server.used(here["token"]), 200)
        self.assertEqual(self.server.used(here["token"], "test_error_handling"), 403)
        listed = self.server.rpc("tools/list", token=here["token"]).result()["tools"]
        self.assertNotIn("test_error_handling", [tool["name"] for tool in listed])
        self.assertEqual(self.server.used(away["token"]), 401)


class Usage(Case):
    """Section 5."""

    def test_sums_agree_and_last_use_is_true(self):
        token = self.server.create(tools={"deny": ["test_image_content"]})
        for tool, times in (("test_simple_text", 3), ("test_error_handling", 2), ("test_image_content", 1)):
            for _ in range(times):
                self.server.used(token["token"], tool)
        used = self.server.api("GET", f"{token['id']}/usage").json()
        self.assertEqual(used["usage_count"], 6)
        for rows in ("days", "tools"):
            total = [sum(one[kind] for one in used[rows]) for kind in ("ok", "error", "refused")]
            self.assertEqual(total, [3, 2, 1])
        self.assertLess(abs(time.time() - time_of(used["last_used_at"]).timestamp()), 5)
        self.assertEqual(self.server.api("GET", token["id"]).json()["usage_count"], 6)

    def written(self, server, one):
        with sqlite3.connect(f"file:{server.store_path}.usage?mode=ro", uri=True) as database:
            return database.execute("SELECT sum(ok + error + refused) FROM days WHERE token=?", (one,)).fetchone()[0]

    def test_a_clean_stop_loses_nothing_a_crash_at_most_a_second(self):
        for sign, least in ((signal.SIGTERM, 50), (signal.SIGKILL, 50)):
            with self.subTest(sign=sign), ManagedServer(store=self.store) as server:
                token = server.create()
                for _ in range(50):
                    server.used(token["token"])
                if sign == signal.SIGKILL: # what was counted a flush ago is there
                    eventually(lambda: Path(f"{server.store_path}.usage").exists() and self.written(server, token["id"]) == 50, 5 * slowness())
                server.process.send_signal(sign)
                server.wait_exit()
                server.start()
                self.assertGreaterEqual(server.api("GET", f"{token['id']}/usage").json()["usage_count"], least)

    def test_what_was_acknowledged_is_there_after_a_crash(self):
        with ManagedServer(store=self.store) as server:
            kept, removed, rotated = (server.create(name=name) for name in ("kept", "removed", "rotated"))
            server.api("DELETE", removed["id"])
            fresh = server.api("POST", f"{rotated['id']}/rotate").json()["token"]
            server.process.kill()
            server.wait_exit()
            server.start()
            texts = (kept["token"], removed["token"], rotated["token"], fresh)
            self.assertEqual([server.used(text) for text in texts], [200, 401, 401, 200])


class FileUsage(Usage):
    """The same by a YAML file."""
    store = "file"


if __name__ == "__main__":
    unittest.main()
