"""What the users of a bridge read: a program that speaks stdio to its user's application and HTTP to the server.

    bridge_user.py URL CASES BRIDGE      CASES: JSON [{"name", "token" or null, "tool", "arguments"}]
                                         BRIDGE: JSON {"command": [...], "header": [...]}

{url} in the command is the server's; the part "{header}" stands for the bridge's flags of the header, with {token} in
them, and for nothing without a token. Prints one JSON line a case: "tools" and "text" (of the call's result) as far as
it came, "error" (the JSON-RPC error that the application shows) and "logged" (the bridge's standard error, which
applications keep in the server's log).
"""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

START_SECONDS, ANSWER_SECONDS = 60, 10
AT_ONCE = 3
HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "interop", "version": "1"}}


class Refused(Exception):
    pass


class Bridge:
    """The bridge as a process; ended once it owes an answer for too long."""

    def __init__(self, command):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        self.logged = []
        self.listener = threading.Thread(target=lambda: self.logged.extend(self.process.stderr), daemon=True)
        self.listener.start()
        self.asked = 0
        self.silent = False

    def send(self, method, params, **more):
        message = {"jsonrpc": "2.0", "method": method, "params": params, **more}
        try:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
        except OSError:
            raise Refused("the bridge has ended") from None

    def ask(self, method, params, seconds=ANSWER_SECONDS):
        self.asked += 1
        limit = threading.Timer(seconds, self.giveUp)
        limit.start()
        try:
            self.send(method, params, id=self.asked)
            return self.resultOf(self.answer())
        finally:
            limit.cancel()

    def giveUp(self):
        self.silent = True
        self.process.kill()

    def answer(self):
        for line in self.process.stdout:
            answer = json.loads(line)
            if "method" not in answer and answer.get("id") in (self.asked, None):
                return answer
        raise Refused("the bridge gave no answer" if self.silent else "the bridge has ended")

    def resultOf(self, answer):
        if "error" in answer:
            raise Refused(answer["error"]["message"])
        return answer["result"]

    def end(self):
        self.process.kill()
        self.process.wait()
        self.listener.join()
        return "".join(self.logged)


def use(bridge, case, report):
    bridge.ask("initialize", HELLO, START_SECONDS)
    bridge.send("notifications/initialized", {})
    report["tools"] = [tool["name"] for tool in bridge.ask("tools/list", {})["tools"]]
    result = bridge.ask("tools/call", {"name": case["tool"], "arguments": case["arguments"]})
    text = "".join(block["text"] for block in result["content"])
    report["error" if result.get("isError") else "text"] = text


def runCase(command, case):
    report = {"name": case["name"]}
    bridge = Bridge(command)
    try:
        use(bridge, case, report)
    except Refused as refused:
        report["error"] = str(refused)
    finally:
        logged = bridge.end()
    print(json.dumps(report | {"logged": logged}), flush=True)


def commandFor(case, url, bridge):
    header = [flag.replace("{token}", case["token"]) for flag in bridge["header"]] if case["token"] else []
    words = [word.replace("{url}", url) for word in bridge["command"]]
    at = words.index("{header}")
    return words[:at] + header + words[at + 1:]


def main():
    url, cases, bridge = sys.argv[1], *map(json.loads, sys.argv[2:])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda case: runCase(commandFor(case, url, bridge), case), cases))


main()
