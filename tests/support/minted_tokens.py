"""API tokens and the token file as an operator's tools write it.

A token is 32 random bytes in base64url with padding (44 characters); the file keeps its SHA-256 in
hex. TokenFile writes the list form or the map form, always by a new file renamed over the old one.
"""

import base64
import datetime
import hashlib
import json
import os
import re
import secrets


def stamp(seconds_from_now):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds_from_now)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class MintedToken:
    """One token: its text (only ever here) and what the file holds about it."""
    def __init__(self, name, note=None, lives=365 * 86400, database=None, text=None):
        self.text = text or base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        self.id = name
        self.digest = hashlib.sha256(self.text.encode()).hexdigest()
        self.fields = {"note": f"note of {name}" if note is None else note, "created_at": stamp(-3600)}
        if lives is not None:
            self.fields["expires_at"] = stamp(lives)
        if database:
            self.fields["database"] = database

    @property
    def bearer(self):
        return {"Authorization": f"Bearer {self.text}"}

    def as_list_item(self):
        rows = {"id": self.id, "hash": self.digest, **self.fields}
        text = "\n  ".join(f"{key}: {json.dumps(value)}" for key, value in rows.items())
        return f"- {text}\n"

    def as_map_entry(self):
        rows = {"hash": self.digest, **self.fields}
        text = "".join(f"    {key}: {json.dumps(value)}\n" for key, value in rows.items())
        return f"  {json.dumps(self.id)}:\n{text}"


class TokenFile:
    """The token file of a test: the tokens it holds and the ways it can be changed under a server."""
    def __init__(self, path, form="list"):
        self.path = str(path)
        self.form = form
        self.tokens = []

    def mint(self, **details):
        """A new token that is not in the file yet."""
        details.setdefault("name", f"token-{len(self.tokens) + 1}-{secrets.token_hex(3)}")
        return MintedToken(**details)

    def add(self, token=None, **details):
        """Puts a token (a fresh one by default) into the file and returns it."""
        token = token or self.mint(**details)
        self.tokens.append(token)
        self.save()
        return token

    def remove(self, token):
        self.tokens.remove(token)
        self.save()

    def text(self):
        if not self.tokens:
            return "tokens: []\n" if self.form == "list" else "tokens: {}\n"
        if self.form == "list":
            return "tokens:\n" + "".join(token.as_list_item() for token in self.tokens)
        return "tokens:\n" + "".join(token.as_map_entry() for token in self.tokens)

    def save(self):
        self.replace(self.text().encode())

    def replace(self, content, mode=0o600):
        """The new content under the old name, in one step that no reader can see half of."""
        beside = f"{self.path}.new"
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:
            out.write(content)
        os.chmod(beside, mode)
        os.rename(beside, self.path)

    def hashes_on_disk(self):
        """The hashes a reader finds in the file, in order."""
        with open(self.path, encoding="utf-8") as source:
            return re.findall(r"hash['\"]?\s*:\s*['\"]?([0-9a-f]{64})\b", source.read())
