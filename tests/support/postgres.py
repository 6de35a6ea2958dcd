#!/usr/bin/env python3
"""A PostgreSQL server of its own, in a folder of its own, for as long as it is needed.

Usage: postgres.py COMMAND...      runs it with GATEHOUSE_TEST_POSTGRES, the URL of a database that it may do anything to

Exit code: the command's; 77 where PostgreSQL is not installed.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

USER, PASSWORD = "gatehouse", "no-secret-of-a-test"


def programs():
    """The folder of the newest version; None where there is none."""
    return max(Path("/usr/lib/postgresql").glob("*/bin/postgres"), default=None, key=lambda path: int(path.parts[4]))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Postgres:
    """Not the user root: that one it refuses to run as."""

    def __init__(self):
        self.bin = programs().parent
        self.folder = Path(tempfile.mkdtemp(prefix="gatehouse-postgres-"))
        self.port = free_port()
        self.as_user = []
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
            self.as_user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"]
        password = self.folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        self._run("initdb", "-D", self.folder / "data", "-U", USER, "--pwfile", password, "--auth=scram-sha-256",
                  "--encoding=UTF8", "--locale=C", "--no-sync")
        self.start()
        self._psql("postgres", "CREATE DATABASE gatehouse")

    @property
    def url(self):
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/gatehouse"

    def _run(self, program, *arguments):
        subprocess.run([*self.as_user, str(self.bin / program), *map(str, arguments)], check=True, cwd=self.folder,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def _psql(self, database, statement):
        out = subprocess.run(
            [str(self.bin / "psql"), "-qtAX", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER,
             "-d", database, "-c", statement],
            check=True, capture_output=True, text=True, env={**os.environ, "PGPASSWORD": PASSWORD})
        return out.stdout.strip()

    def ask(self, statement):
        return self._psql("gatehouse", statement)

    def empty(self):
        """Everything in the database is gone; whoever uses it is cut off."""
        self._psql("postgres", "DROP DATABASE gatehouse WITH (FORCE)")
        self._psql("postgres", "CREATE DATABASE gatehouse")

    def start(self):
        options = (f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off -c shared_buffers=32MB "
                   "-c max_connections=60")
        self._run("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "data" / "server.log", "-w", "-t", "60", "-s",
                  "-o", options, "start")

    def pid(self):
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def stop(self):
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "-s", "stop")

    def freeze(self):
        """As a server that answers nothing any more, and all that it serves."""
        self._signal(signal.SIGSTOP)

    def thaw(self):
        self._signal(signal.SIGCONT)

    def _signal(self, number):
        children = Path(f"/proc/{self.pid()}/task/{self.pid()}/children").read_text().split()
        for pid in [self.pid(), *map(int, children)]:
            os.kill(pid, number)

    def close(self):
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


if __name__ == "__main__":
    if not programs():
        print("skipped: PostgreSQL is not installed (apt-get install postgresql)")
        sys.exit(77)
    with Postgres() as server:
        done = subprocess.run(sys.argv[1:], check=False, env={**os.environ, "GATEHOUSE_TEST_POSTGRES": server.url})
    sys.exit(done.returncode)
