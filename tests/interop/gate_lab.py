"""One running gatehouse with its token file and its log; unless told otherwise, the sql backend on a small database.

    with GateLab("http") as lab:
        lab.url("/mcp"), lab.right, lab.wrong, lab.remove(lab.removable)

Tokens: `right` and `removable` come from `gatehouse token add`; `expired` ran out long ago, so the start
removes it; `expiring` is good at the start and runs out EXPIRING_SECONDS later; `wrong` never was one.
"""

import base64
import datetime
import hashlib
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import client_needs  # noqa: E402
from private_ca import PrivateCa  # noqa: E402

EXPIRING_SECONDS = 6
START_SECONDS = 30
STOP_SECONDS = 20
USERS = [(1, "Ada Lovelace", 1), (2, "Grace Hopper", 1), (3, "Charles Babbage", 0)]
QUERY = "SELECT id, name FROM users WHERE active = 1 ORDER BY id"
EXPECTED_NAMES = [name for _, name, active in USERS if active]
UNEXPECTED_NAME = "Charles Babbage"


class Failed(Exception):
    """The server or the client did something a user would complain about."""


def executable():
    chosen = os.environ.get("GATEHOUSE_BIN")
    path = pathlib.Path(chosen) if chosen else client_needs.STORE.parent / "release" / "bin" / "gatehouse"
    if not path.exists():
        raise Failed(f"there is no server at {path} (build it, or set GATEHOUSE_BIN)")
    return str(path.resolve())


class GateLab:
    def __init__(self, scheme, backend=None):
        self.scheme = scheme
        self.backend = backend
        self.executable = executable()
        client_needs.STORE.mkdir(parents=True, exist_ok=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lab-", dir=client_needs.STORE))
        self.home = self.folder / "home"
        self.home.mkdir()
        self.tokenFile = self.folder / "tokens.yaml"
        self.log = []
        self.logGrew = threading.Condition()
        self.process = None

    def __enter__(self):
        try:
            self._makeFiles()
            self._start()
        except BaseException:
            self._clear()
            raise
        return self

    def __exit__(self, kind, _value, _trace):
        try:
            self._stop(complain=kind is None)
        finally:
            self._clear()

    # -- what a test asks for ---------------------------------------------------------------------

    def url(self, path):
        return f"{self.scheme}://localhost:{self.port}{path}"

    def remove(self, token):
        """`gatehouse token remove` while the server runs; returns once the server has said so."""
        seen = len(self.log)
        self._command("token", "remove", digest(token)[:12], "--token-file", str(self.tokenFile))
        self.waitForLine(rf"\[AUTH\] Reloaded {re.escape(str(self.tokenFile))}", after=seen)

    def waitUntilExpired(self):
        left = self.expiresAt.timestamp() - time.time()
        time.sleep(max(0.0, left) + 0.2)

    def probe(self, token):
        """(status, challenge) of a plain `ping` with this token: what the server thinks of it now."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        request = urllib.request.Request(self.url("/mcp"), body, headers)
        authority = self.certificates and self.certificates.ca
        https = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=authority))
        handlers = [urllib.request.ProxyHandler({}), https]
        try:
            with urllib.request.build_opener(*handlers).open(request, timeout=30) as answer:
                return answer.status, None
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers.get("WWW-Authenticate")
        except OSError as error:
            raise Failed(f"the server does not answer at {self.url('/mcp')}: {error}") from None

    def waitForLine(self, pattern, after=0, seconds=START_SECONDS):
        """The match of the first log line that has the pattern, waiting for it if need be."""
        with self.logGrew:
            deadline = time.monotonic() + seconds
            while True:
                for line in self.log[after:]:
                    if found := re.search(pattern, line):
                        return found
                over = self.process.poll() is not None or time.monotonic() > deadline
                if over:
                    raise Failed(f"the server never said {pattern!r}; it said:\n{self.logTail()}")
                self.logGrew.wait(0.1)

    def logTail(self):
        return "".join(f"    {line}\n" for line in self.log[-40:]) or "    nothing\n"

    def hideTokens(self, text):
        for name in ("right", "removable", "expired", "expiring", "wrong"):
            text = text.replace(getattr(self, name, None) or "\0", f"<{name} token>")
        return text

    # -- making it --------------------------------------------------------------------------------

    def _makeFiles(self):
        makeDatabase(self.folder / "people.db")
        https = self.scheme == "https"
        self.certificates = PrivateCa(self.folder / "tls") if https else None
        self.wrong, self.expired, self.expiring = newToken(), newToken(), newToken()
        self.expiresAt = now() + datetime.timedelta(seconds=EXPIRING_SECONDS)
        self._writeTokenFile()
        self.right = self._addToken("Right")
        self.removable = self._addToken("To be removed")
        (self.folder / "gatehouse.yaml").write_text(json.dumps(self._settings(), indent=2))

    def _writeTokenFile(self):
        entries = [("token-expired", self.expired, now() - datetime.timedelta(days=30)),
                   ("token-expiring", self.expiring, self.expiresAt)]
        lines = ["tokens:"]
        for name, token, expires in entries:
            lines += [f"- id: {name}", f"  hash: {digest(token)}", f"  note: {name}",
                      '  created_at: "2024-10-30T10:15:30Z"', f'  expires_at: "{expires:%Y-%m-%dT%H:%M:%SZ}"']
        self.tokenFile.touch(0o600)
        self.tokenFile.write_text("\n".join(lines) + "\n")

    def _settings(self):
        http = {"address": "127.0.0.1:0"}
        if self.certificates:
            files = {"cert_file": str(self.certificates.cert), "key_file": str(self.certificates.key)}
            http["tls"] = {"enabled": True, **files}
        databases = [{"name": "main", "url": f"sqlite:{self.folder / 'people.db'}"}]
        return {"http": http, "auth": {"token_file": str(self.tokenFile)},
                "backend": self.backend or {"plugin": "sql", "settings": {"databases": databases}},
                "audit": {"file": str(self.folder / "audit.log")}}

    def _addToken(self, note):
        said = self._command("token", "add", "--token-file", str(self.tokenFile), "--token-note", note,
                             "--token-expiry", "1d")
        found = re.search(r"^Token: (\S{44})$", said, re.MULTILINE)
        if not found:
            raise Failed(f"`gatehouse token add` printed no `Token: <44 characters>` line:\n{said}")
        return found[1]

    def _command(self, *arguments):
        done = subprocess.run([self.executable, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            said = done.stdout + done.stderr
            raise Failed(f"`gatehouse {' '.join(arguments)}` left with {done.returncode}:\n{said}")
        return done.stdout

    # -- its life ---------------------------------------------------------------------------------

    def _start(self):
        command = [self.executable, "serve", "--config", str(self.folder / "gatehouse.yaml")]
        self.process = subprocess.Popen(command, cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._readLog, daemon=True).start()
        self.port = int(self.waitForLine(rf"Listening on {self.scheme}://127\.0\.0\.1:(\d+)/mcp")[1])

    def _readLog(self):
        for line in self.process.stdout:
            with self.logGrew:
                self.log.append(line.rstrip("\n"))
                self.logGrew.notify_all()

    def _stop(self, complain):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            code = f"nothing within {STOP_SECONDS} s"
        if complain and code != 0:
            raise Failed(f"after SIGTERM the server left with {code}, wanted 0; it said:\n{self.logTail()}")

    def _clear(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def makeDatabase(path):
    database = sqlite3.connect(path)
    with database:
        database.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, active INTEGER)")
        database.executemany("INSERT INTO users VALUES (?, ?, ?)", USERS)
    database.close()


def newToken():
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


def now():
    return datetime.datetime.now(datetime.timezone.utc)
