"""A server with a token store, the token API and the page; its managers are made on the host, as people do."""

import json
import re

from gatehouse_server import GatehouseServer, command

TOKENS = "/api/v2/tokens"


class ManagedServer(GatehouseServer):
    """`store`: sqlite, file, or a URL; `place`: the folder that holds it, when it is not the server's own.

    `manager`: the text of a credential that another server on the same store made.
    """

    def __init__(self, settings=None, store="sqlite", place=None, manager=None, **more):
        more.setdefault("backend", "everything")
        super().__init__(settings, started=False, tokens=0, **more)
        self.store_path = (place or self.folder) / ("tokens.db" if store == "sqlite" else "tokens.yaml")
        url = store if "://" in store else f"{store}:{self.store_path}"
        self.settings["auth"] = {
            **self.settings["auth"], "tokens": {**self.settings["auth"].get("tokens", {}), "store": url}
        }
        self.settings["admin"] = {"enabled": True, **self.settings.get("admin", {})}
        del self.settings["auth"]["token_file"]
        self.write_settings()
        self.manager = manager or self.add("Manager", "--manage")
        self.start()

    def run(self, *words, stdin=None):
        """A command of `gatehouse` on this server's settings."""
        return command(*words, "--config", self.settings_path, stdin=stdin)

    def add(self, note, *flags, life="30d"):
        """The text of a token that was made on the host."""
        done = self.run("token", "add", "--token-note", note, "--token-expiry", life, *flags)
        assert done.returncode == 0, done.stderr
        return re.search(r"^Token: (\S+)$", done.stdout, re.M).group(1)

    def api(self, method, path="", body=None, who="manager", headers=None, timeout=10.0):
        """A request of the token API; `who` is a credential's text, or None."""
        text = self.manager if who == "manager" else who
        fields = {"Authorization": f"Bearer {text}"} if text else {}
        data = b""
        if body is not None:
            fields["Content-Type"] = "application/json"
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        with self.wire(timeout=timeout) as wire:
            return wire.request(method, path if path.startswith("/") else f"{TOKENS}{path and '/' + path}",
                                {**fields, **(headers or {})}, data)

    def create(self, who="manager", **wish):
        """A new token as the API shows it, its text included."""
        answer = self.api("POST", body={"name": "a token", **wish}, who=who)
        assert answer.status == 201, answer
        return answer.json()

    def used(self, text, tool="test_simple_text"):
        """The status of a tool call with that token."""
        return self.call(tool, token=text).status
