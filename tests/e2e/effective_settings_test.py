"""`gatehouse config print`: what is in force and from where; and conf/gatehouse.yaml holds every key with its default."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from gatehouse_server import ROOT, executable  # noqa: E402

CONF = ROOT / "conf" / "gatehouse.yaml"


def printed(*words, **environment):
    """key -> (value, place)"""
    done = subprocess.run([executable(), "config", "print", *words], capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", **environment}, timeout=20)
    assert done.returncode == 0, done.stderr
    lines = [re.fullmatch(r"(\S+): (.*)  # (.*)", line) for line in done.stdout.splitlines()]
    return {line.group(1): (line.group(2), line.group(3)) for line in lines}


class Print(unittest.TestCase):
    def test_the_settings_file_of_the_distribution_has_every_key_with_its_default(self):
        defaults, documented = printed(), printed("--config", CONF)
        self.assertGreater(len(defaults), 60)
        text = CONF.read_text(encoding="utf-8")
        for key, (value, _) in defaults.items():
            with self.subTest(key):
                self.assertEqual(documented[key][0], value)
                name = key.rsplit(".", 1)[-1]
                if documented[key][1] == "default":
                    self.assertRegex(text, rf"(?m)^ +# {name}: ")
                else:
                    self.assertRegex(documented[key][1], rf"^{re.escape(str(CONF))}:\d+$")
        self.assertEqual(set(documented), set(defaults))

    def test_the_settings_file_of_the_distribution_has_every_key_that_its_plugins_declare(self):
        sections = dict(re.findall(r"(?ms)^  #   (\w+):(.*?)(?=^  #   \w+:|^  policy:)", CONF.read_text(encoding="utf-8")))
        sections["sql"] = CONF.read_text(encoding="utf-8").split("# settings:                 # of sql:")[1].split("secrets:")[0]
        self.assertGreaterEqual(set(sections), {"jwt", "oidc", "introspection", "token_exchange", "api_key"})
        libraries = sorted((Path(executable()).parents[1] / "lib" / "gatehouse").glob("gatehouse_*_*.so"))
        checked = 0
        for library in libraries:
            name = re.fullmatch(r"gatehouse_(?:validator|backend)_(\w+)\.so", library.name).group(1)
            told = subprocess.run([executable(), "plugin", "inspect", library], capture_output=True, text=True, check=True,
                                  timeout=20).stdout
            self.assertNotIn("not declared", told, library)
            for key, wanted in re.findall(r"(?m)^  (\w+): (.*)$", told):
                with self.subTest(plugin=name, key=key):
                    own = sections[name]
                    text = own if re.search(rf"\b{key}\b", own) or "as above" not in own else sections["jwt"] + own
                    self.assertRegex(text, rf"\b{key}\b")
                    default = re.search(r"; default ([\w.]+)", wanted)
                    shown = re.search(rf"(?m)^  # +{key}: ([\w.]+)", own)
                    if default and shown:
                        self.assertEqual(shown.group(1), default.group(1))
                        checked += 1
        self.assertGreater(checked, 15)

    def test_each_value_names_its_source(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "mine.yaml"
            file.write_text("http:\n  limits:\n    connections: 5\n  address: \":1\"\nlog: {level: warning}\n", encoding="utf-8")
            got = printed("--config", file, "--addr", "127.0.0.1:9", "--debug", GATEHOUSE_AUTH_VALIDATOR="jwt",
                          GATEHOUSE_SECRETS_KEYS="0123456789abcdef0123456789abcdef")
        self.assertEqual(got["http.limits.connections"], ("5", f"{file}:3"))
        self.assertEqual(got["http.address"], ('"127.0.0.1:9"', "--addr"))
        self.assertEqual(got["log.level"], ('"debug"', "--debug"))
        self.assertEqual(got["auth.validator"], ('"jwt"', "GATEHOUSE_AUTH_VALIDATOR"))
        self.assertEqual(got["secrets.keys"], ("(hidden)", "GATEHOUSE_SECRETS_KEYS"))
        self.assertEqual(got["http.limits.streams"], ("20000", "default"))

    def test_settings_that_are_wrong_are_refused_as_serve_refuses_them(self):
        done = subprocess.run([executable(), "config", "print", "--addr", "x", "--config", "/nowhere.yaml"],
                              capture_output=True, text=True, check=False, timeout=20)
        self.assertEqual(done.returncode, 3)
        self.assertIn("/nowhere.yaml: cannot be read", done.stderr)


if __name__ == "__main__":
    unittest.main()
