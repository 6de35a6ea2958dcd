"""`gatehouse plugin check`: validators that are right pass, and each that is wrong in one way is named with its fault."""

import re
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))

from gatehouse_server import command, sanitized, slowness, test_plugin

ISSUED = 'issuer: "${kit.issuer}", audience: "${kit.audience}"'
CLIENT = "client_id: kit, client_secret: kit-secret"
RIGHT = {  # what -> plugin, check.yaml
    "a shared secret": ("jwt", f'algorithms: [HS256]\nsettings: {{secret: "${{kit.secret}}", {ISSUED}}}'),
    "keys of a URL": ("jwt", f'algorithms: [RS256, ES256]\nsettings: {{jwks_url: "${{kit.jwks}}", {ISSUED}}}'),
    "keys of a file": ("jwt", f'algorithms: [EdDSA, ES384]\nsettings: {{jwks_file: "${{kit.jwks_file}}", '
                              f'algorithms: [EdDSA, ES384], {ISSUED}}}'),
    "a PEM file, and any issuer": ("jwt", 'algorithms: [ES256]\nwithout: [issuer]\n'
                                          'settings: {public_key_file: "${kit.public_key_file}", audience: "${kit.audience}"}'),
    "a PEM in the settings": ("jwt", f'algorithms: [PS512]\nsettings: {{public_key: "${{kit.public_key}}", algorithms: [PS512], {ISSUED}}}'),
    "discovery": ("oidc", 'algorithms: [RS256, PS256, ES256, EdDSA]\nsettings: {issuer: "${kit.issuer}", '
                          'algorithms: [RS256, PS256, ES256, EdDSA], cool_down_seconds: 1}'),
    "introspection": ("introspection", f'tokens: opaque\nsettings: {{endpoint: "${{kit.introspection}}", {CLIENT}}}'),
    "token exchange": ("token_exchange", 'settings: {validator: oidc, token_endpoint: "${kit.token_endpoint}", '
                                         f'audience: backend, {CLIENT}}}\n'
                                         'validators: {oidc: {issuer: "${kit.issuer}", cool_down_seconds: 1}}'),
    "one key": ("api_key", 'tokens: key\nsettings: {key: "${kit.secret}"}'),
    "the token store": ("static_file", "tokens: stored"),
    "tokens of one's own": ("api_key", "tokens: listed\ngood: [0123456789abcdef0123456789abcdef]\n"
                                       "bad: [0123456789abcdef0123456789abcdeF, '0123']\n"
                                       "settings: {key: 0123456789abcdef0123456789abcdef}"),
}
WRONG = {  # way -> where its fault is, and what is said of it
    "no_expiry": ("time", "a token without exp is accepted"),
    "no_audience": ("audience", "a token for another audience is accepted"),
    "takes_none": ("algorithm", r"an unsigned token \(alg none\) is accepted"),
    "algorithm_mix": ("algorithm", r"a token whose secret is the public key \(algorithm confusion\) is accepted"),
    "embedded_key": ("header", r"a token that brings its own key \(jwk\) is accepted"),
    # A kid that nobody has published cannot be judged for a while, so the checks of tokens show it as well.
    "accepts_when_down": (None, "a token is accepted before any key of the provider was seen"),
    "refuses_when_down": ("provider", "a good token is refused, while its provider"),
    "leaks": ("leaks", "each call with the same good token leaves memory behind"),
    "races": ("concurrency", "a token gets the identity of another while others are judged"),
    "blocks": ("inline", "it waits on the event loop"),
    "lasts_too_long": ("caching", "the identity of an accepted token lasts longer than the token"),
    "tells": ("secrecy", "a token is written to the log"),
    "one_identity": ("identity", "two subjects have one isolation key"),
    "slow_reading": (None, "takes more than 100 ms of work"),
    "crashes": (None, r"it crashed \(Aborted\) at .*NUL"),
}


def check(plugin, settings):
    if sanitized():  # the sanitizer's allocator does not say what it has given out
        named = "without: [issuer]\n"
        settings = settings.replace(named, "without: [leaks, issuer]\n") if named in settings else "without: [leaks]\n" + settings
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "check.yaml"
        file.write_text(settings, encoding="utf-8")
        return command("plugin", "check", plugin, "--settings", file, timeout=240 * slowness())


def faults(done):
    return re.findall(r"^FAULT (\w+): (.*)$", done.stdout, re.M)


class PluginCheck(unittest.TestCase):
    def wrong(self, way):
        settings = 'issuer: "${kit.issuer}", jwks: "${kit.jwks}", public_key: "${kit.public_key}"'
        return check(test_plugin("wrong_validator"), f"algorithms: [RS256]\nsettings: {{way: {way}, {settings}}}")

    def test_our_own_validators_pass(self):
        for what, (plugin, settings) in RIGHT.items():
            with self.subTest(what):
                done = check(plugin, settings)
                self.assertEqual((done.returncode, faults(done)), (0, []), done.stdout + done.stderr)
                self.assertRegex(done.stdout, r"passed: \d+ tokens, 0 faults")

    def test_a_token_of_ones_own_that_is_judged_wrongly_is_named_by_number(self):
        done = check("api_key", "tokens: listed\ngood: [0123456789abcdef0123456789abcdef, other]\n"
                                "settings: {key: 0123456789abcdef0123456789abcdef}")
        self.assertEqual(done.returncode, 1)
        self.assertIn(("listed", "good token 2 is refused"), faults(done))
        self.assertNotIn("0123456789abcdef", done.stdout + done.stderr)

    def test_the_sample_passes_when_it_is_not_made_wrong(self):
        done = self.wrong("not_at_all")
        self.assertEqual((done.returncode, faults(done)), (0, []), done.stdout + done.stderr)
        tokens = int(re.search(r"passed: (\d+) tokens", done.stdout)[1])
        self.assertGreater(tokens, 400)
        self.assertRegex(done.stdout, r"caching +for each token: asking the validator costs [\d.]+ us")

    def test_each_wrong_one_is_named_with_its_fault(self):
        for way, (where, words) in WRONG.items():
            with self.subTest(way):
                if way == "leaks" and sanitized():
                    self.skipTest("the sanitizer's allocator does not say what it has given out")
                done = self.wrong(way)
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                found = faults(done)
                self.assertEqual({name for name, _ in found}, {where} if where else {name for name, _ in found}, done.stdout)
                self.assertTrue(any(re.search(words, said) for _, said in found), found)

    def test_who_refuses_everything_does_not_pass_because_good_tokens_were_left_out(self):
        refuses = f'algorithms: [HS256]\nclasses: [signature]\nsettings: {{secret: "{"another-secret-" * 3}", {ISSUED}}}\npatience_seconds: 1'
        done = check("jwt", refuses)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn(("good", True), [(name, "a right token is refused" in said) for name, said in faults(done)])
        takes = f'algorithms: [HS256]\nclasses: [signature]\nsettings: {{secret: "${{kit.secret}}", {ISSUED}}}'
        done = check("jwt", takes)
        self.assertEqual((done.returncode, faults(done)), (0, []), done.stdout + done.stderr)

    def test_it_says_how_data_races_are_found(self):
        done = check("api_key", 'tokens: key\nsettings: {key: "${kit.secret}"}')
        self.assertIn("LD_PRELOAD=$(gcc -print-file-name=libtsan.so) gatehouse plugin check", done.stdout)

    def test_settings_that_cannot_be_meant_are_said_and_nothing_is_checked(self):
        for settings, words in (("tokens: cookies", r"tokens: expected jwt, opaque, key, stored or listed, got \"cookies\""),
                                ("classes: [nonsense]", r"classes: expected some of good signature .*, got \"nonsense\""),
                                ("algorithms: [none]", r"algorithms: expected .*, got \"none\""),
                                ('settings: {issuer: "${kit.nothing}"}', r"\$\{kit\.nothing\}: the kit has no such value"),
                                ("settings: {nonsense: 1}", "nonsense"),
                                ("settings: [", r"check.yaml:\d:")):
            with self.subTest(settings):
                done = check("jwt", settings)
                self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
                self.assertRegex(done.stderr, words)
                self.assertNotIn("passed", done.stdout)

    def test_without_a_settings_file_it_says_what_it_is(self):
        done = command("plugin", "check", "jwt", "--settings", "/nowhere/check.yaml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nowhere/check.yaml cannot be read", done.stderr)


if __name__ == "__main__":
    unittest.main()
