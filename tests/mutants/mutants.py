#!/usr/bin/env python3
"""Would the tests notice? Puts one small fault at a time into a copy of the tree, compiles, and runs the tests.

Usage: mutants.py [AREA | PATCH]...       default: every area
       mutants.py --list                  what was seen so far

A fault is killed when it does not pass the unit tests of its layer, or else the end-to-end tests of its area. What was seen
is kept in results.json beside this file, to be committed: a run that was ended goes on where it was, and a fault is tried
again when its patch, the code of its area or the area's unit tests have changed. Third-party data is left out, so that the
repository's own tests decide.

A patch begins with "# what: WORDS"; one that changes nothing that could be seen has a line "# equivalent: WHY" as well.
Exit code: 0 when 95 in a hundred are killed and no area has less than 90.
"""

import functools
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import mutant_tree

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
PRESET = "dev"
UNIT_SECONDS, END_TO_END_SECONDS = 180, 400

# area: unit tests, folders whose change asks for another try, end-to-end tests
AREAS = {
    "admin": (["unit_admin"], ["core/admin", "tests/unit/admin"], ["token_guide"]),
    "auth": (["unit_auth"], ["core/auth", "tests/unit/auth"], ["auth_gate", "token_reload", "one_caller"]),
    "fetch": (["unit_fetch"], ["core/fetch", "tests/unit/fetch"], ["outgoing_tls", "provider_faults"]),
    "handler": (["unit_handler", "unit_mcp"], ["core/handler", "tests/unit/handler"], ["auth_gate", "refusals_told"]),
    "http": (["unit_http", "unit_loop"], ["core/http", "core/loop", "tests/unit/http", "tests/unit/loop"],
             ["http_framing", "slow_clients", "tls_hostile", "refusals_told", "one_connection"]),
    "jose": (["unit_jose"], ["sdk/jose", "tests/unit/jose"], ["jwt_validator", "oidc_provider"]),
    "mcp": (["unit_mcp", "unit_uri"], ["core/mcp", "core/uri", "tests/unit/mcp", "tests/unit/uri"],
            ["one_caller", "sessions_isolation", "input_required", "tasks", "listening", "refusals_told"]),
    "plugin": (["unit_plugin", "unit_sdk", "unit_server"], ["core/plugin", "tests/unit/plugin", "tests/unit/sdk"],
               ["plugin_border", "hostile_plugins"]),
    "sealing": (["unit_base"], ["core/base", "tests/unit/base"], ["input_required", "paging"]),
    "sql": (["unit_sql"], ["plugins/backends/sql", "tests/unit/sql"], ["sql_tools", "sql_answers", "sql_pool", "sql_bounds"]),
    "tokens": (["unit_tokens", "unit_cli"], ["core/tokens", "core/cli", "tests/unit/tokens", "tests/unit/cli"],
               ["token_cli", "token_reload", "token_store_faults"]),
    "validators": (["unit_validators"], ["plugins/validators", "tests/unit/validators"],
                   ["jwt_validator", "api_key", "checked_plugins", "oidc_provider", "provider_profiles", "provider_faults"]),
}
WITHOUT_DATA = {
    name: value
    for name, value in mutant_tree.ENVIRONMENT.items()
    if name not in ("GATEHOUSE_CORPORA", "GATEHOUSE_VECTORS", "GATEHOUSE_SCHEMA_TESTS", "CI")
}


def words_of(patch, key):
    found = re.search(rf"(?m)^# {key}: (.*)$", patch.read_text(encoding="utf-8"))
    return found.group(1) if found else None


@functools.cache
def content_of(area):
    digest = hashlib.sha256()
    for folder in AREAS[area][1]:
        for path in sorted((mutant_tree.ROOT / folder).rglob("*")):
            if path.is_file():
                digest.update(path.read_bytes())
    return digest.digest()


def fingerprint(patch):
    """Of the patch and of all that decides about it."""
    return hashlib.sha256(patch.read_bytes() + content_of(patch.parent.name)).hexdigest()


def seen_of(results, patch):
    """The verdict, if it still holds."""
    seen = results.get(f"{patch.parent.name}/{patch.stem}", {})
    return seen.get("verdict", "not tried") if seen.get("fingerprint") == fingerprint(patch) else "not tried as it is"


def passes(command, seconds):
    environment = {**WITHOUT_DATA, "GATEHOUSE_BIN": str(mutant_tree.TREE / "build" / PRESET / "bin" / "gatehouse")}
    try:
        return subprocess.run(command, cwd=mutant_tree.TREE, env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=seconds, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def verdict(patch):
    """"killed by X", "LIVES", or why it could not be tried."""
    units, _, end_to_end = AREAS[patch.parent.name]
    with mutant_tree.Mutated(patch):
        if not mutant_tree.built(PRESET, *units):
            return "does not compile"
        for unit in units:
            if not passes([str(mutant_tree.TREE / "build" / PRESET / "tests" / unit)], UNIT_SECONDS):
                return f"killed by {unit}"
        if not mutant_tree.built(PRESET):
            return "does not compile"
        for name in end_to_end:
            if not passes_end_to_end(name):
                return f"killed by {name}_test"
    return "LIVES"


def passes_end_to_end(name):
    """A test over sockets that fails once on a busy machine proves nothing: it has to fail twice."""
    command = [sys.executable, f"tests/e2e/{name}_test.py"]
    return passes(command, END_TO_END_SECONDS) or passes(command, END_TO_END_SECONDS)


def must_pass(areas):
    """Without a fault every test passes; else each fault would count as killed."""
    for unit in sorted({unit for area in areas for unit in AREAS[area][0]}):
        if not passes([str(mutant_tree.TREE / "build" / PRESET / "tests" / unit)], UNIT_SECONDS):
            sys.exit(f"{unit} fails, or takes more than {UNIT_SECONDS} s, without any fault in it")
    for name in sorted({name for area in areas for name in AREAS[area][2]}):
        if not passes_end_to_end(name):
            sys.exit(f"{name}_test fails, or takes more than {END_TO_END_SECONDS} s, without any fault in the tree")


def chosen(words):
    patches = []
    for word in words or AREAS:
        if word in AREAS:
            patches += sorted((HERE / word).glob("*.patch"))
        else:
            patches.append(Path(word).resolve())
    return patches


def kept_results():
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def summary(results):
    """Prints the share of each area; True when enough are killed."""
    total = killed = 0
    enough = True
    for area in AREAS:
        patches = [patch for patch in chosen([area]) if not words_of(patch, "equivalent")]
        told = [seen_of(results, patch) for patch in patches]
        dead = sum(one.startswith("killed") for one in told)
        total, killed = total + len(told), killed + dead
        enough = enough and dead >= 0.9 * len(told)
        print(f"{area}: {dead} of {len(told)} killed")
        for patch, one in zip(patches, told):
            if not one.startswith("killed"):
                print(f"  {one}: {patch.stem} ({words_of(patch, 'what')})")
    print(f"all: {killed} of {total} killed")
    return enough and killed >= 0.95 * total


def main(words):
    results = kept_results()
    if unknown := [word for word in words if word not in AREAS and word != "--list" and not Path(word).is_file()]:
        asked = {"-h", "--help"} & set(unknown)
        print(__doc__ if asked else f"no area and no patch: {unknown[0]}; areas are {', '.join(AREAS)}")
        return 0 if asked else 2
    if words == ["--list"]:
        return 0 if summary(results) else 1
    mutant_tree.copy()
    mutant_tree.configure(PRESET, "-DCMAKE_CXX_FLAGS_DEBUG=-O0 -g0")
    if not mutant_tree.built(PRESET):
        sys.exit(f"the tree itself does not compile, see {mutant_tree.OUT / 'build.log'}")
    untried = [patch for patch in chosen(words)
               if not words_of(patch, "equivalent") and seen_of(results, patch) == "not tried as it is"]
    must_pass({patch.parent.name for patch in untried})
    for patch in untried:
        name = f"{patch.parent.name}/{patch.stem}"
        results[name] = {"verdict": verdict(patch), "fingerprint": fingerprint(patch)}
        RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{name}: {results[name]['verdict']}", flush=True)
    return 0 if summary(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
