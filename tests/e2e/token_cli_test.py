"""The token commands and every single-dash form and output of the document they come from."""

import base64
import datetime
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import command, executable
from minted_tokens import TokenFile
from process_probe import wait_until

DAY = datetime.timedelta(days=1)


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc)


class TokenCli(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="gatehouse-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.file = TokenFile(self.folder / "tokens.yaml")

    def run_ok(self, *words, stdin=""):
        done = command(*words, "--token-file", self.file.path, stdin=stdin)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def run_refused(self, *words, stdin="", codes=(1, 2, 3)):
        before = Path(self.file.path).read_bytes() if os.path.exists(self.file.path) else None
        done = command(*words, "--token-file", self.file.path, stdin=stdin)
        self.assertIn(done.returncode, codes, done)
        self.assertEqual(
            Path(self.file.path).read_bytes() if os.path.exists(self.file.path) else None, before,
            "the file was changed")
        self.assertTrue((done.stderr + done.stdout).strip(), "nothing was said")
        return done.stderr + done.stdout

    def add(self, note="Test", expiry="30d"):
        return self.run_ok("token", "add", "--token-note", note, "--token-expiry", expiry)

    def field(self, name, text):
        found = re.search(rf"^\s*{re.escape(name)}:\s*(.*?)\s*$", text, re.M)
        self.assertIsNotNone(found, f"no {name} in {text!r}")
        return found.group(1)

    def settings(self, *databases):
        path = self.folder / "settings.yaml"
        rows = [{"name": name, "url": f"sqlite:{self.folder}/{name}.db"} for name in databases]
        path.write_text(json.dumps({"backend": {"plugin": "sql", "settings": {"databases": rows}}}),
                        encoding="utf-8")
        return str(path)


class Adding(TokenCli):
    def test_token_add_prints_what_the_document_promises(self):
        text = self.add("Production API", "365d")
        token = self.field("Token", text)
        self.assertRegex(token, r"^gth_[A-Za-z0-9]{40}$")
        digest = hashlib.sha256(token.encode()).hexdigest()
        self.assertEqual(self.file.hashes_on_disk(), [digest])
        self.assertRegex(self.field("ID", text), r"^token-\S+$")
        self.assertEqual(self.field("Note", text), "Production API")
        self.assertEqual(self.field("Expiry", text),
                         f"{(utc_now() + 365 * DAY):%Y-%m-%d} (365 days from now)")
        self.assertEqual(self.field("Hash (first 12 chars)", text), digest[:9] + "...")
        self.assertIn("Token created successfully", text)
        self.assertIn("Store this token securely. It cannot be retrieved later.", text)
        self.assertNotIn("Database", text)
        self.assertNotIn(token, Path(self.file.path).read_text(encoding="utf-8"))
        self.assertEqual(os.stat(self.file.path).st_mode & 0o777, 0o600)

    def test_token_add_reads_every_expiry_form(self):
        for text, days in (("30d", 30), ("1y", 365), ("2w", 14), ("90d", 90), ("1d", 1)):
            with self.subTest(text=text):
                told = self.field("Expiry", self.add("x", text))
                dates = {
                    f"{utc_now() + days * DAY:%Y-%m-%d} ({days} day{'s' if days > 1 else ''} from now)",
                    f"{utc_now() + (days + 1) * DAY:%Y-%m-%d} ({days + 1} days from now)"
                }
                self.assertIn(told, dates)
        self.assertRegex(self.field("Expiry", self.add("x", "12h")),
                         rf"^({utc_now():%Y-%m-%d}|{utc_now() + DAY:%Y-%m-%d}) ")
        self.assertRegex(self.field("Expiry", self.add("x", "never")), r"(?i)^never")

    def test_token_add_refuses_other_expiry_forms(self):
        for text in ("6m", "0d", "-1d", "d", "30", "30x", "1.5d", "30d d", "99999999999999999999d",
                     "10000000y", " ", "30D0"):
            with self.subTest(text=text):
                said = self.run_refused("token", "add", "--token-note", "x", f"--token-expiry={text}",
                                        codes=(1, 2))
                if text == "6m":
                    self.assertIn("180d", said)

    def test_token_add_keeps_any_note_as_data(self):
        notes = ("", "a: b", "- x", '"quoted"', "#", "{x: y}", "ü€😀", "'", "*alias", "\\n", "x" * 200)
        for note in notes:
            self.add(note)
        listed = self.run_ok("token", "list")
        for note in notes:
            self.assertIn(f"Note: {note}".rstrip(), listed)
        self.assertEqual(len(self.file.hashes_on_disk()), len(notes))
        self.assertIn(f"Total tokens: {len(notes)}", listed)

    def test_token_add_refuses_control_characters_in_a_note(self):
        for note in ("line\nhash: " + "a" * 64, "\x1b[31mred", "tab\tbed", "\x7f"):
            self.run_refused("token", "add", "--token-expiry", "1d", f"--token-note={note}", codes=(1, 2))

    def test_token_add_makes_ids_that_do_not_repeat(self):
        ids = {self.field("ID", self.add()) for _ in range(5)}
        self.assertEqual(len(ids), 5)

    def test_token_add_keeps_the_form_it_finds(self):
        for form in ("list", "map"):
            self.file = TokenFile(self.folder / f"{form}.yaml", form)
            known = self.file.add(note="known")
            self.add("new")
            text = Path(self.file.path).read_text(encoding="utf-8")
            self.assertEqual(bool(re.search(r"^\s*- ", text, re.M)), form == "list", text)
            self.assertIn(known.digest, self.file.hashes_on_disk())
            self.assertEqual(len(self.file.hashes_on_disk()), 2)

    def test_token_add_follows_a_link_and_keeps_it(self):
        real = self.folder / "real.yaml"
        real.write_text("tokens: []\n", encoding="utf-8")
        real.chmod(0o600)
        Path(self.file.path).symlink_to("real.yaml")
        self.add()
        self.assertTrue(Path(self.file.path).is_symlink())
        self.assertIn("hash", real.read_text(encoding="utf-8"))

    def test_token_commands_refuse_a_broken_file(self):
        Path(self.file.path).write_bytes(b"tokens:\n- id: [a\n")
        os.chmod(self.file.path, 0o600)
        for words in (("token", "add", "--token-note", "x", "--token-expiry", "1d"), ("token", "list"),
                      ("token", "remove", "token-1")):
            self.assertRegex(self.run_refused(*words), r"(?i)line \d|:\d")


class Prompting(TokenCli):
    def test_token_add_asks_for_what_is_not_given(self):
        text = self.run_ok("token", "add", stdin="Asked note\n30d\n")
        self.assertEqual(self.field("Note", text.split("Token created")[1]), "Asked note")
        self.assertIn("(30 days from now)", text)
        self.assertNotRegex(text, r"(?i)database")

    def test_token_add_does_not_ask_for_what_is_given(self):
        text = self.run_ok("token", "add", "--token-note", "Given", stdin="never\n")
        self.assertEqual(self.field("Note", text.split("Token created")[1]), "Given")
        self.assertRegex(text, r"(?i)Expiry: *never")
        text = self.run_ok("token", "add", "--token-expiry", "1d", stdin="Asked\n")
        self.assertEqual(self.field("Note", text.split("Token created")[1]), "Asked")

    def test_token_add_asks_for_the_database_among_several(self):
        several = self.settings("main", "staging")
        for answer, chosen in (("2", "staging"), ("staging", "staging"), ("1", "main")):
            text = self.run_ok("token", "add", "--config", several, stdin=f"n\n{answer}\n1d\n")
            self.assertIn("staging", text.split("Token created")[0])
            self.assertEqual(self.field("Database", text.split("Token created")[1]), chosen)
        blank = self.run_ok("token", "add", "--config", several, stdin="n\n\n1d\n").split("Token created")[1]
        self.assertRegex(self.field("Database", blank), "main|default|first")
        self.run_refused("token", "add", "--config", several, stdin="n\n3\n1d\n")
        self.run_refused("token", "add", "--config", several, stdin="n\nnope\n1d\n")

    def test_token_add_does_not_ask_for_the_only_database(self):
        text = self.run_ok("token", "add", "--config", self.settings("main"), stdin="n\n1d\n")
        self.assertIn("(1 days from now)", text.replace("1 day ", "1 days "))

    def test_token_add_checks_the_named_database(self):
        several = self.settings("main", "staging")
        words = [
            "token", "add", "--config", several, "--token-note", "n", "--token-expiry", "1d",
            "--token-database"
        ]
        self.assertEqual(self.field("Database", self.run_ok(*words, "staging")), "staging")
        self.run_refused(*words, "nope")

    def test_token_add_ends_when_nobody_answers(self):
        self.run_refused("token", "add", stdin="")


class ListingAndRemoving(TokenCli):
    def test_token_list_shows_the_block_of_the_document(self):
        for note, lives in (("Production API", 30 * 86400), ("Development", None), ("Old", -3600)):
            self.file.add(note=note, lives=lives)
        text = self.run_ok("token", "list")
        self.assertIn("API Tokens:\n===========", text)
        blocks = re.split(r"(?m)^(?=ID:)", text)[1:]
        self.assertEqual(len(blocks), 3, text)
        for token, block, status in zip(self.file.tokens, blocks, ("Valid", "Valid", "Expired")):
            self.assertEqual(self.field("ID", block), token.id)
            self.assertEqual(self.field("Note", block), token.fields["note"])
            self.assertEqual(self.field("Hash (first 12 chars)", block), token.digest[:9] + "...")
            self.assertEqual(self.field("Created", block),
                             token.fields["created_at"].replace("T", " ").rstrip("Z"))
            shown = token.fields.get("expires_at", "Never").replace("T", " ").rstrip("Z")
            self.assertEqual(self.field("Expires", block), shown)
            self.assertRegex(self.field("Status", block), f"(?i)^{status}$")
            self.assertNotIn(token.digest[:13], text)
        self.assertIn("Total tokens: 3", text)

    def test_token_list_of_nothing(self):
        self.file.save()
        self.assertRegex(self.run_ok("token", "list"), r"No tokens found|Total tokens: 0")

    def test_token_remove_by_id_and_by_hash_prefix(self):
        tokens = [self.file.add() for _ in range(4)]
        for token, word in zip(tokens,
                               (tokens[0].id, tokens[1].digest[:8], tokens[2].digest[:10], tokens[3].digest)):
            self.assertIn("removed", self.run_ok("token", "remove", word).lower())
            self.assertNotIn(token.digest, self.file.hashes_on_disk())
        self.assertEqual(self.file.hashes_on_disk(), [])

    def test_token_remove_refuses_what_is_short_unknown_or_ambiguous(self):
        twins = [self.file.add() for _ in range(2)]
        twins[1].digest = twins[0].digest[:12] + twins[1].digest[12:]
        self.file.save()
        for word in (twins[0].digest[:7], "deadbeef" * 2, "token-", twins[0].id[:-1], "", "*",
                     twins[0].digest[:8], twins[0].digest[:12], twins[0].digest[:8].upper() + "zz"):
            with self.subTest(word=word):
                self.run_refused("token", "remove", word)
        self.run_ok("token", "remove", twins[0].digest[:20])
        self.assertEqual(self.file.hashes_on_disk(), [twins[1].digest])

    def test_token_commands_keep_strangers_in_the_file(self):
        self.file.form = "map"
        kept = self.file.add(note="kept", database="staging")
        self.add("new")
        text = Path(self.file.path).read_text(encoding="utf-8")
        self.assertIn("staging", text)
        self.assertIn(kept.id, text)


class DocumentForms(TokenCli):
    def test_single_dash_forms_do_the_same(self):
        for dash in ("-", "--"):
            text = self.run_ok(f"{dash}add-token", f"{dash}token-note", "Old form", f"{dash}token-expiry",
                               "30d")
            token = self.field("Token", text)
            self.assertIn("Old form", self.run_ok(f"{dash}list-tokens"))
            self.assertIn("Total tokens: 1", self.run_ok(f"{dash}list-tokens"))
            prefix = hashlib.sha256(token.encode()).hexdigest()[:8]
            self.run_ok(f"{dash}remove-token", prefix)
            self.assertEqual(self.file.hashes_on_disk(), [])

    def test_single_dash_token_file_and_equals_signs(self):
        done = command("-add-token", "-token-note=Equal", "-token-expiry=1d", f"-token-file={self.file.path}")
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(len(self.file.hashes_on_disk()), 1)

    def test_single_dash_prompts(self):
        text = self.run_ok("-add-token", stdin="Prompted\n1w\n")
        self.assertIn("(7 days from now)", text)

    def test_wrong_use_ends_with_two(self):
        for words in (("token", "frobnicate"), ("token", "add", "--no-such-flag"), ("frobnicate", ),
                      ("token", "remove")):
            with self.subTest(words=words):
                self.assertEqual(command(*words).returncode, 2)


class Told(TokenCli):
    """What a newcomer does, and what goes wrong on the way."""
    def test_E06h_output_that_is_lost_is_a_failure_and_the_token_is_taken_back(self):
        kept = self.file.add()
        with open("/dev/full", "w", encoding="utf-8") as full:
            words = [executable(), "token", "add", "--token-note=x", "--token-expiry=1d", "--token-file", self.file.path]
            added = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(added.returncode, 1, added)
            self.assertIn("was taken back: there is no new token", added.stderr)
            self.assertEqual(self.file.hashes_on_disk(), [kept.digest])
            for command_words in (("token", "list", "--token-file", self.file.path), ("generate-key", ), ("version", )):
                done = subprocess.run([executable(), *command_words], stdout=full, stderr=subprocess.PIPE, text=True,
                                      check=False)
                self.assertEqual(done.returncode, 1, command_words)
                self.assertIn("standard output cannot be written", done.stderr)

    def test_E06h_a_reader_that_has_gone_is_a_failure_too(self):
        read, write = os.pipe()
        os.close(read)
        words = [executable(), "token", "add", "--token-note=x", "--token-expiry=1d", "--token-file", self.file.path]
        added = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
        os.close(write)
        self.assertEqual(added.returncode, 1, added)
        self.assertEqual(self.file.hashes_on_disk(), [])

    def test_E06i_a_relative_token_file_of_the_settings_is_beside_them_for_every_command(self):
        place, elsewhere = self.folder / "etc", self.folder / "elsewhere"
        place.mkdir()
        elsewhere.mkdir()
        (place / "g.yaml").write_text("auth: {token_file: t.yaml}\n", encoding="utf-8")
        done = command("token", "add", "--config", place / "g.yaml", "--token-note=x", "--token-expiry=1d", cwd=elsewhere)
        self.assertEqual(done.returncode, 0, done)
        self.assertTrue((place / "t.yaml").exists())
        token = self.field("Token", done.stdout)
        for words, stdin in ((("token", "list", "--config", "../etc/g.yaml"), ""),
                             (("explain", "--config", "../etc/g.yaml"), token)):
            done = command(*words, stdin=stdin, cwd=elsewhere)
            self.assertEqual(done.returncode, 0, done)
        done = command("token", "add", "--token-file", "t.yaml", "--token-note=x", "--token-expiry=1d", cwd=elsewhere)
        self.assertTrue((elsewhere / "t.yaml").exists(), done)

    def test_E06j_the_commands_of_the_readme_work_as_they_stand(self):
        tour = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
        tour = tour.split("## A tour in 60 seconds")[1].split("## Pick a validator")[0]
        blocks = ["\n".join(line[4:] for line in block.splitlines())
                  for block in re.findall(r"(?m)(?:^    .*\n)+", tour)]
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        begin = blocks[0].replace("gatehouse serve", f"exec gatehouse serve --addr 127.0.0.1:{port}")
        removal = re.search(r"`(gatehouse token remove ID[^`]*)`", tour).group(1)
        told = open(self.folder / "told", "w+", encoding="utf-8")
        self.addCleanup(told.close)
        path = f"{Path(executable()).parent}:{os.environ['PATH']}"
        where = {"cwd": self.folder, "env": {**os.environ, "PATH": path}, "text": True}
        server = subprocess.Popen(["bash", "-ec", begin], stdout=told, stderr=subprocess.STDOUT, **where)
        self.addCleanup(lambda: (server.kill(), server.wait()))

        def said():
            return (self.folder / "told").read_text(encoding="utf-8")

        self.assertTrue(wait_until(lambda: "Listening on" in said(), 30), said())
        where["env"]["TOKEN"] = self.field("Token", said())
        call = blocks[1].replace(":8080", f":{port}").replace("curl ", "curl -s -w '%{http_code}' ", 1)

        def answer():
            return subprocess.run(["bash", "-ec", call], capture_output=True, check=True, **where).stdout

        self.assertRegex(answer(), r'"tools":\[.*200$')
        removal = removal.replace("ID", self.field("ID", said()))
        subprocess.run(["bash", "-ec", removal], check=True, capture_output=True, **where)
        self.assertTrue(wait_until(lambda: answer().endswith("401"), 10))
        self.assertTrue(wait_until(lambda: re.search(r"refused 401 revoked", said()), 10), said())


if __name__ == "__main__":
    unittest.main()
