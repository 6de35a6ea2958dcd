"""Lists page by page, in both eras. T09: a cursor belongs to its caller and its list."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import GatehouseServer
from mcp_clients import LegacySession, ModernClient
from served_case import ServedCase

LISTS = {
    "tools/list": "tools", "prompts/list": "prompts", "resources/list": "resources",
    "resources/templates/list": "resourceTemplates"
}


class Pages(ServedCase):
    options = {"backend": "everything", "tokens": 2, "limits": {"page_items": 2}}

    def setUp(self):
        self.clients = (LegacySession(self.server), ModernClient(self.server))

    def page(self, client, method, cursor=None):
        return client.rpc(method, {} if cursor is None else {"cursor": cursor})

    def names(self, client, method):
        """All entries of a list, page by page, and the cursors on the way."""
        names, cursors = [], [None]
        while cursors[-1] is not None or not names:
            result = self.page(client, method, cursors[-1]).result()
            entries = result[LISTS[method]]
            self.assertLessEqual(len(entries), 2)
            names += [entry["name"] for entry in entries]
            cursors.append(result.get("nextCursor"))
            self.assertEqual("nextCursor" in result, cursors[-1] is not None)
        return names, cursors[1:-1]

    def test_the_pages_hold_everything_once_and_in_order(self):
        with GatehouseServer(backend="everything") as whole:
            for method, member in LISTS.items():
                wanted = [entry["name"] for entry in LegacySession(whole).rpc(method).result()[member]]
                for client in self.clients:
                    with self.subTest(method=method, client=type(client).__name__):
                        names, cursors = self.names(client, method)
                        self.assertEqual(names, wanted)
                        self.assertEqual(len(cursors), (len(wanted) - 1) // 2)
                        self.assertEqual(self.names(client, method)[0], wanted)

    def test_a_cursor_works_more_than_once_and_in_either_era(self):
        cursor = self.page(self.clients[0], "tools/list").result()["nextCursor"]
        pages = [self.page(client, "tools/list", cursor).result()["tools"] for client in self.clients * 2]
        self.assertEqual(pages, pages[:1] * 4)

    def test_T09_a_cursor_of_another_user_is_unknown(self):
        other = self.server.token_file.tokens[1]
        for client in (LegacySession, ModernClient):
            cursor = self.page(client(self.server), "tools/list").result()["nextCursor"]
            refused = self.page(client(self.server, other), "tools/list", cursor)
            self.assertEqual(refused.error_code(), -32602, refused)
            self.assertEqual(refused.body, self.page(client(self.server, other), "tools/list", "nope").body)

    def test_T09_a_cursor_of_another_list_or_with_a_changed_bit_is_unknown(self):
        for client in self.clients:
            cursor = self.page(client, "tools/list").result()["nextCursor"]
            for method in ("prompts/list", "resources/list", "resources/templates/list"):
                self.assertEqual(self.page(client, method, cursor).error_code(), -32602)
            for place in range(0, len(cursor), 5):
                changed = cursor[:place] + chr(ord(cursor[place]) ^ 1) + cursor[place + 1:]
                self.assertEqual(self.page(client, "tools/list", changed).error_code(), -32602, changed)
            self.assertEqual(self.page(client, "tools/list", "").error_code(), -32602)

    def test_a_cursor_outlives_a_change_that_left_its_list_as_it_was(self):
        client = self.clients[1]
        first = self.page(client, "tools/list").result()
        stream = client.listen(toolsListChanged=True)
        self.addCleanup(stream.close)
        self.server.call("test_trigger_tool_change")
        stream.message()
        second = self.page(client, "tools/list", first["nextCursor"]).result()["tools"]
        self.assertNotEqual(second, first["tools"])


if __name__ == "__main__":
    unittest.main()
