"""The rules of the house: direction of includes, unique stems, lengths, a unit test for each core file, mutants that apply."""

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MAX_FILE, MAX_FUNCTION = 400, 60
ONLY_IN = {  # header -> the folders that may include it
    r"Poco/": ["core/http", "plugins/backends"], r"boost/beast": ["core/http"], r"boost/dll": ["core/plugin"],
    r"yaml-cpp": ["core/config", "core/tokens"], r"curl/": ["core/fetch"], r"prometheus": ["core/ops"],
    r"simdjson": ["core/mcp", "core/schema", "core/uri"], r"re2/": ["core/schema"], r"nlohmann": ["sdk/include/gatehouse/json.hpp"], r"spdlog": ["core/base"],
}
SAME_STEM_ALLOWED = {"main", "settings.schema", "CMakeLists", "README", "__init__", "package", "package-lock", "run"}


GIVEN_UP = {  # name -> what the thing is called
    "Carrier": "ResponseWriter", "Outlet": "CallResponder", "Observer": "Telemetry", "Tally": "Counter",
    "HostPort": "HostDeps", "CallPort": "CallDeps", "GatePort": "AuthenticatorDeps", "ProtocolPort": "ProtocolDeps",
    "House": "Impl", "ValidatorHouse": "ValidatorRuntime", "ValidatorSet": "ValidatorRegistry",
    "Shelf": "BoundedMap", "Taken": "Accepts", "WrongUse": "UsageError", "PluginRefused": "PluginError",
    "StartRefused": "UnusableConfigError", "LockRefused": "LockError", "TokenFileError": "TokenStoreError",
    "documentForm": "compatForm", "DocumentSources": "CompatSources",
    "HttpCarrier": "ResponseWriter", "LineCarrier": "ResponseWriter", "BatchCarrier": "ResponseWriter",
    "legacyOutlet": "CallResponder", "taskOutlet": "CallResponder", "Operations": "ServerTelemetry",
    "CallDesk": "CallCollector", "Lent": "LentValidator", "Question": "PendingValidation", "bury": "deferDelete",
    "Doorbell": "Notification", "PostBox": "ManualLoop", "ServedHouse": "RunningServer", "roof": "Server::Impl",
}


# Where an exception of any kind ends, and why there: the tops of threads, and the border to code of others.
WALLS = {
    "core/cli/main.cpp": "main", "core/loop/event_loop.cpp": "a turn of the loop", "core/loop/worker_pool.cpp": "a job",
    "core/mcp/call/call_outcome.hpp": "a backend's call",
    "core/auth/authenticator.cpp": "an in-process validator", "core/base/log.cpp": "the program's own log",
    "core/ops/audit.cpp": "the program's own audit", "core/plugin/library.cpp": "a plugin", "core/plugin/plugin_handle.hpp": "a plugin",
    "core/plugin/host_services.hpp": "the C border", "core/plugin/host_services.cpp": "the C border",
    "sdk/include/gatehouse/backend_door.hpp": "the C border", "sdk/include/gatehouse/host_side.hpp": "the C border",
}


def files(*endings):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    names = listed.stdout.split("\n") if listed.returncode == 0 else [
        str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if "build" not in path.parts]
    return [Path(name) for name in names if name.endswith(endings) and (ROOT / name).is_file()]


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def includes(path):
    return re.findall(r'^#include [<"]([^">]+)[">]', text(path), re.M)


def may_see():
    """Layer of core/ -> layers that it may include besides itself: the table of core/CMakeLists.txt."""
    table = {}
    for name, words in re.findall(r"(?m)^gatehouse_layer\((\w+) ([^)]*)", text(Path("core/CMakeLists.txt"))):
        table[name] = words.partition("SEES")[2].partition("LIBRARIES")[0].split()
    return table


def reached(layer):
    """The layers of core/ whose headers are read when this one is compiled."""
    waiting, seen = [path for path in files(".cpp", ".hpp") if path.parts[:2] == ("core", layer)], set()
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            waiting += [Path("core") / include for include in includes(path) if (ROOT / "core" / include).is_file()]
    return {path.parts[1] for path in seen}


def check_includes():
    table = may_see()
    for path in files(".cpp", ".hpp"):
        parts = path.parts
        if parts[:2] == ("core", "include"):  # the face of the core: nothing but the SDK
            if any((ROOT / "core" / include).is_file() for include in includes(path)):
                yield f"{path}: a public header may not include core"
            continue
        if parts[0] == "core" and (len(parts) < 3 or parts[1] not in table):
            yield f"{path}: is in no layer of core/CMakeLists.txt"
            continue
        for include in includes(path):
            layer = include.split("/")[0]
            if parts[0] == "core" and layer in table and layer != parts[1]:
                if layer not in table[parts[1]] and path.name != "main.cpp":
                    yield f"{path}: core/{parts[1]} may not include {include}"
            if parts[0] in ("sdk", "plugins", "samples") and layer in table:
                yield f"{path}: {parts[0]} may not include core: {include}"
            for pattern, homes in ONLY_IN.items():
                if re.match(pattern, include) and parts[0] != "tests" and not str(path).startswith(tuple(homes)):
                    yield f"{path}: {include} belongs in {', '.join(homes)} only"
    for layer, granted in table.items():
        for name in sorted(set(granted) - reached(layer)):
            yield f"core/CMakeLists.txt: {layer} is granted {name}, and does not use it"


def check_stems():
    by_stem = defaultdict(set)
    for path in files(".cpp", ".hpp", ".h", ".c", ".py", ".mjs", ".sh"):
        if path.stem not in SAME_STEM_ALLOWED and "frozen" not in path.parts:
            folder = re.sub(r"^core/include/gatehouse/", "core/", str(path.parent))  # a layer's public headers
            by_stem[path.stem].add(re.sub(r"/include/gatehouse/\w+$", "", folder))  # a library's
    for stem, folders in by_stem.items():
        if len(folders) > 1:
            yield f"{stem}: the stem is in {', '.join(sorted(folders))}"


def check_lengths():
    for path in files(".cpp", ".hpp", ".h", ".c", ".py", ".mjs", ".js", ".sh"):
        lines = text(path).count("\n")
        if lines > MAX_FILE and "frozen" not in path.parts:
            yield f"{path}: {lines} lines, the most is {MAX_FILE}"
    for path in files(".cpp", ".hpp"):
        yield from long_functions(path)


def long_functions(path):
    """A function starts at a line that ends in '{' and is no namespace, type or list; it ends at its brace."""
    start = None
    for number, line in enumerate(text(path).split("\n"), 1):
        opens = re.match(r"^( *)\S.*\) ?(const ?)?(noexcept ?)?(override ?)?(->.*)?\{$", line)
        if start is None and opens and "TEST_CASE" not in line and len(opens.group(1)) <= 8:
            start = (number, opens.group(1))
        elif start and line in (start[1] + "}", start[1] + "};", start[1] + "});"):
            if number - start[0] + 1 > MAX_FUNCTION:
                yield f"{path}:{start[0]}: a function of {number - start[0] + 1} lines, the most is {MAX_FUNCTION}"
            start = None


def check_tests_mirror():
    for path in files(".cpp"):
        if path.parts[0] != "core" or path.name == "main.cpp":
            continue
        test = Path("tests/unit") / path.parts[1] / f"{path.stem}_test.cpp"
        if not (ROOT / test).exists():
            yield f"{path}: has no {test}"


def check_signposts():
    """The files that core/README.md sends its readers to are there."""
    for name in re.findall(r"`([a-z0-9_/]+\.[ch]pp)`", text(Path("core/README.md"))):
        if not (ROOT / "core" / name).is_file() and not (ROOT / "sdk/include" / name).is_file():
            yield f"core/README.md: there is no {name}"


def check_initialisers():
    """What a part is given is named: nobody counts along with more than four positions."""
    pattern = re.compile(r"\b(\w+(?:Deps|Options|Bench|Parts|Limits|Settings))(?: \w+)?\{([^{}.]*)\}")
    for path in files(".cpp", ".hpp"):
        if path.parts[0] == "core":
            for name, inside in pattern.findall(text(path)):
                if inside.count(",") > 3:
                    yield f"{path}: {name}{{...}} has more than four unnamed members"


def check_walls():
    """Only a wall catches everything."""
    for path in files(".cpp", ".hpp"):
        if path.parts[0] in ("core", "plugins", "sdk") and str(path) not in WALLS and "catch (...)" in text(path):
            yield f"{path}: catches everything, and is no wall"
    yield from (f"{wall}: is called a wall, and catches nothing" for wall in WALLS if "catch (...)" not in text(Path(wall)))


def check_returns():
    """A text is returned by its name: what append and += answer is a reference, and would be copied."""
    for path in files(".cpp", ".hpp"):
        if path.parts[0] in ("core", "plugins", "sdk"):
            for line in re.findall(r"return \w+(?:\.append\(| \+= ).*", text(path)):
                yield f"{path}: copies what it returns: {line}"


def check_words():
    """Names that were given up do not come back."""
    for path in files(".cpp", ".hpp", ".h", ".c", ".md", ".yaml"):
        for word in sorted(set(re.findall(r"\b[A-Za-z_]+\b", text(path))) & set(GIVEN_UP)):
            yield f"{path}: {word} is called {GIVEN_UP[word]} here"


def check_mutants():
    """What a mutant changes is there to be changed."""
    for path in files(".patch"):
        parts = re.split(r"(?m)^--- a/(\S+)\n\+\+\+ .*\n", text(path))
        for name, hunks in zip(parts[1::2], parts[2::2]):
            for hunk in re.split(r"(?m)^@@.*\n", hunks)[1:]:
                lines = [line for line in hunk.split("\n")[:-1] if line[:1] in (" ", "-")]
                if "\n".join(line[1:] for line in lines) not in text(Path(name)):
                    yield f"{path}: {name} has changed; make the mutant anew"


def main():
    checks = (check_includes, check_stems, check_lengths, check_tests_mirror, check_signposts, check_initialisers,
              check_walls, check_returns, check_words, check_mutants)
    broken = [fault for check in checks for fault in check()]
    for fault in broken:
        print(fault)
    print(f"{len(broken)} rules broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
