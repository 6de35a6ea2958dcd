"""What a hostile crowd does to the protocol: sessions, streams, tasks and questions, left at any moment and in any way.

Each function is one act (hostile_crowd.Act) of its own. What members learn (ids of sessions, events and tasks) is put on the
crowd's board, and others try it with tokens of their own.
"""

import json

from hostile_requests import some_message, texts_of
from http_wire import ConnectionEnded, EventStream, request_bytes

MODERN = "2026-07-28"
PREFIX = "io.modelcontextprotocol/"
WATCHED = "test://watched-resource"
VERSIONS = ["2025-11-25", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
CAPABILITIES = {"elicitation": {}, "sampling": {}, "roots": {}}
TASKS = {"extensions": {PREFIX + "tasks": {}}}
TOOLS = (("test_slow", {"milliseconds": 300}), ("test_slow", {"milliseconds": 20_000}), ("test_tool_with_progress", {}),
         ("test_tool_with_logging", {}), ("test_reconnection", {}), ("test_elicitation", {"message": "Who?"}),
         ("test_sampling", {"prompt": "Say"}), ("test_input_required_result_multi_round", {}),
         ("test_input_required_result_multiple_inputs", {}), ("test_trigger_tool_change", {}), ("test_update_resource", {}),
         ("slow_compute", {"seconds": 0.3}), ("confirm_delete", {"filename": "f"}), ("multi_input", {}),
         ("test_tool_with_task", {}), ("failing_job", {}), ("protocol_error_job", {}), ("test_multiple_content_types", {}))


def some_tool(act):
    """Any tool of the backend, with a text of the member's own when it takes one."""
    if act.server.settings["backend"]["plugin"] == "echo" or act.chance(0.4):
        return texts_of(act)
    return act.dice.choice(TOOLS)


def message_of(act, method, params=None, call=True):
    message = {"jsonrpc": "2.0", "method": method, "params": params or {}}
    if call:
        message["id"] = act.next_id()
    return message


def tool_call(act):
    name, arguments = some_tool(act)
    params = {"name": name, "arguments": arguments}
    if act.chance(0.5):
        params["_meta"] = {"progressToken": act.next_id()}
    return message_of(act, "tools/call", params)


def read_events(act, wire, most):
    """The answer's status, and up to so many of its events; they are judged and put on the board."""
    head = wire.head()
    act.crowd.count(f"status {head.status}")
    if "event-stream" not in head.header("content-type", ""):
        if head.header("content-length") is not None:
            act.judge_text(wire.exactly(int(head.header("content-length"))))
        return head, []
    act.crowd.count("streams")
    events, stream = [], EventStream(wire, head)
    try:
        while len(events) < most and (event := stream.next()) is not None:
            act.judge_text(event.get("data", "").encode())
            events.append(event)
            if event.get("id"):
                act.board.put("events", event["id"])
    except ConnectionEnded:
        pass
    return head, events


class Session:
    """A session of the handshake era, as far as it comes."""
    def __init__(self, act):
        self.act, self.version, self.id = act, act.dice.choice(VERSIONS), None
        self.wire = act.connect()
        params = {"protocolVersion": self.version, "capabilities": act.dice.choice(({}, CAPABILITIES)),
                  "clientInfo": {"name": act.mark, "version": "1"}}
        reply = self.post(message_of(act, "initialize", params))
        self.id = reply.header("mcp-session-id")
        if self.id:
            act.crowd.count("sessions")
            act.board.put("sessions", self.id)
            if act.chance(0.8):
                self.post(message_of(act, "notifications/initialized", call=False))

    def fields(self, **more):
        version = self.version if self.id else None
        return self.act.fields(0.98, Mcp_Session_Id=self.id, MCP_Protocol_Version=version, **more)

    def post(self, message, method="POST"):
        """One message on the session's connection, or on a new one when that has ended."""
        body = json.dumps(message).encode() if message is not None else b""
        try:
            reply = self.act.ask(method, "/mcp", self.fields(), body, self.wire)
        except (ConnectionEnded, BrokenPipeError, ConnectionResetError):
            self.wire = self.act.connect()
            reply = self.act.ask(method, "/mcp", self.fields(), body, self.wire)
        if (reply.header("connection") or "").lower() == "close":
            self.wire = self.act.connect()
        return reply

    def open(self, message):
        wire = self.act.connect()
        self.act.send(wire, request_bytes("POST", "/mcp", self.fields(), json.dumps(message).encode(), host=wire.host))
        return wire

    def get(self, last=None):
        wire = self.act.connect()
        fields = {**self.fields(Last_Event_ID=last), "Accept": "text/event-stream"}
        self.act.send(wire, request_bytes("GET", act_path(self.act), fields, host=wire.host))
        return wire


def act_path(act):
    return act.dice.choice(("/mcp", "/mcp", "/mcp", "/mcp/", "/mcp/sse"))


def session_life(act):
    """A session with calls, streams, lost connections, resumption, answers to questions, cancels, and an end or none."""
    session = Session(act)
    if not session.id:
        return act.leave(session.wire)
    stream = session.get() if act.chance(0.6) else None
    last = None
    for _ in range(act.dice.randrange(1, 8)):
        what = act.dice.choice(("call", "call", "open", "open", "open", "resume", "subscribe", "answer", "cancel", "nothing"))
        act.note(f"in the session: {what}")
        if what == "call":
            session.post(some_message(act))
        elif what == "open":
            last = opened(act, session) or last
        elif what == "resume" and last:
            wire = session.get(last)
            read_events(act, wire, act.dice.randrange(5))
            act.leave(wire)
        elif what == "subscribe":
            session.post(message_of(act, act.dice.choice(("resources/subscribe", "resources/unsubscribe")), {"uri": WATCHED}))
        elif what == "answer":
            session.post({"jsonrpc": "2.0", "id": act.dice.choice((1, 2, "1", act.next_id())), "result": {"action": "cancel"}})
        elif what == "cancel":
            session.post(message_of(act, "notifications/cancelled", {"requestId": act.next_id()}, call=False))
    if stream:
        if act.chance(0.5):
            read_events(act, stream, 1)
        act.leave(stream)
    if act.chance(0.5):
        session.post(None, "DELETE")
    act.leave(session.wire)


def opened(act, session):
    """A call whose answer may be a stream, left somewhere; the id of its last event."""
    message = tool_call(act)
    wire = session.open(message)
    if act.chance(0.2):
        act.leave(wire)
        return None
    _, events = read_events(act, wire, act.dice.randrange(1, 5))
    for event in events:
        asked = json.loads(event["data"]) if event.get("data") else {}
        if asked.get("method") in ("elicitation/create", "sampling/createMessage", "roots/list") and act.chance(0.6):
            result = {"action": act.dice.choice(("accept", "decline")), "content": {"name": act.mark}, "roots": [],
                      "role": "assistant", "model": "m"}
            session.post({"jsonrpc": "2.0", "id": asked["id"], "result": result})
    if act.chance(0.3):
        session.post(message_of(act, "notifications/cancelled", {"requestId": message["id"]}, call=False))
    act.leave(wire)
    return next((event["id"] for event in reversed(events) if event.get("id")), None)


def flood_of_initialize(act):
    """Sessions that nobody wants, on one connection, in one piece; their answers are mostly not read."""
    wire = act.connect()
    params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": act.mark, "version": "1"}}
    count = act.dice.randrange(2, 40)
    pieces = (json.dumps(message_of(act, "initialize", params)).encode() for _ in range(count))
    data = b"".join(request_bytes("POST", act.dice.choice(("/mcp", "/mcp/initialize")), act.fields(0.95), body,
                                  host=wire.host) for body in pieces)
    act.send(wire, data, count)
    for _ in range(act.dice.randrange(count)):
        reply = act.judge(wire.reply())
        if session := reply.header("mcp-session-id"):
            act.board.put("sessions", session)
        if (reply.header("connection") or "").lower() == "close":
            break
    act.leave(wire)


def in_others_sessions(act):
    """Ids of others, or guessed ones: deleted, read, resumed, posted to."""
    for _ in range(act.dice.randrange(1, 6)):
        session = act.board.guess(act.dice, "sessions")
        method = act.dice.choice(("DELETE", "DELETE", "GET", "POST"))
        fields = act.fields(0.95, Mcp_Session_Id=session, MCP_Protocol_Version="2025-11-25")
        body = json.dumps(act.dice.choice((some_message, tool_call))(act)).encode() if method == "POST" else b""
        if method == "GET":
            fields["Accept"] = "text/event-stream"
            if act.chance(0.7):
                fields["Last-Event-ID"] = act.board.guess(act.dice, "events")
        wire = act.connect(timeout=1.0)
        act.send(wire, request_bytes(method, "/mcp", fields, body, host=wire.host))
        read_events(act, wire, 3)
        act.leave(wire)


def old_transport(act):
    """The stream of 2024-11-05: opened, posted to by oneself and by others, left before, while and after it answers."""
    wire = act.connect()
    fields = {**act.fields(0.9), "Accept": "text/event-stream"}
    act.send(wire, request_bytes("GET", "/sse", fields, host=wire.host))
    if act.chance(0.2):
        return act.leave(wire)
    head, events = read_events(act, wire, 1)
    place = events[0].get("data") if events else None
    if not place:
        return act.leave(wire)
    act.board.put("places", place.partition("=")[2])
    for _ in range(act.dice.randrange(0, 8)):
        to = place if act.chance(0.8) else "/messages?session=" + act.board.guess(act.dice, "places")
        message = act.dice.choice((some_message, tool_call))(act)
        if act.chance(0.2):
            one = act.connect()
            act.send(one, request_bytes("POST", to, act.fields(), json.dumps(message).encode(), host=one.host))
            act.leave(one)
        else:
            act.ask("POST", to, act.fields(), json.dumps(message).encode())
    if act.chance(0.6):
        wire.timeout = 0.5
        stream = EventStream(wire, head)
        for _ in range(3):
            if (event := stream.next()) is None:
                break
            act.judge_text(event.get("data", "").encode())
    return act.leave(wire)


def batches(act):
    """Batches, as 2025-03-26 has them: of all kinds, large ones, in a session or without."""
    version = act.dice.choice(("2025-03-26", "2025-03-26", "2025-11-25", None))
    batch = [act.dice.choice((some_message, tool_call))(act) for _ in range(act.dice.choice((0, 1, 2, 5, 50, 400)))]
    if act.chance(0.2):
        batch.insert(0, act.dice.choice((7, [], {}, None)))
    wire = act.connect()
    session = act.board.guess(act.dice, "sessions") if act.chance(0.2) else None
    fields = act.fields(0.9, MCP_Protocol_Version=version, Mcp_Session_Id=session)
    act.send(wire, request_bytes("POST", "/mcp", fields, json.dumps(batch).encode(), host=wire.host))
    if act.chance(0.7):
        read_events(act, wire, act.dice.randrange(20))
    act.leave(wire)


def modern(act, method, params=None, capabilities=None, wrong=0.1, **more):
    """Fields and body of a request of 2026-07-28; now and then header and body differ."""
    params = {**(params or {}), **more, "_meta": {PREFIX + "protocolVersion": MODERN,
                                                  PREFIX + "clientCapabilities": capabilities or {},
                                                  **({"progressToken": act.next_id()} if act.chance(0.3) else {})}}
    named = next((params[key] for key in ("name", "uri", "taskId") if key in params), None)
    fields = act.fields(0.95, MCP_Protocol_Version=MODERN, Mcp_Method=method, Mcp_Name=named)
    if act.chance(wrong):
        fields[act.dice.choice(("MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"))] = act.dice.choice(("", "x", "2025-11-25"))
    return fields, json.dumps(message_of(act, method, params)).encode()


def modern_calls(act):
    """Requests of 2026-07-28, answered or left, with what is asked answered in the next request."""
    capabilities = {**act.dice.choice(({}, CAPABILITIES)), **act.dice.choice(({}, TASKS))}
    more = {}
    name, arguments = some_tool(act)
    for _ in range(act.dice.randrange(1, 5)):
        fields, body = modern(act, "tools/call", {"name": name, "arguments": arguments}, capabilities, **more)
        wire = act.connect()
        act.send(wire, request_bytes("POST", "/mcp", fields, body, host=wire.host))
        if act.chance(0.25):
            act.leave(wire)
            continue
        if act.chance(0.5):
            _, events = read_events(act, wire, 4)
            texts = [event["data"] for event in events if event.get("data")]
        else:
            reply = act.judge(wire.reply())
            texts = [reply.text] if reply.header("content-type", "").startswith("application/json") else []
        result = json.loads(texts[-1]).get("result", {}) if texts else {}
        act.leave(wire)
        if result.get("taskId"):
            act.board.put("tasks", result["taskId"])
        if result.get("resultType") == "input_required":
            answer = {"action": "accept", "content": {"name": act.mark, "color": "red", "ok": True, "confirm": True}}
            more = {"requestState": result.get("requestState"),
                    "inputResponses": {key: answer for key in result.get("inputRequests", {})}}


def listens(act):
    """subscriptions/listen: some events read or none, changes made meanwhile by the member itself, then gone."""
    wanted = {"notifications": {"toolsListChanged": True, "promptsListChanged": act.chance(0.5),
                                "resourceSubscriptions": [WATCHED] * act.dice.choice((0, 1, 3))}}
    fields, body = modern(act, "subscriptions/listen", wanted, wrong=0.03)
    wire = act.connect(rcvbuf=act.dice.choice((None, None, 1024)), timeout=1.5)
    act.send(wire, request_bytes("POST", "/mcp", fields, body, host=wire.host))
    for _ in range(act.dice.randrange(3)):
        tool = act.dice.choice(("test_trigger_tool_change", "test_trigger_prompt_change", "test_update_resource"))
        fields, body = modern(act, "tools/call", {"name": tool, "arguments": {}}, wrong=0)
        act.ask("POST", "/mcp", fields, body)
    if act.chance(0.7):
        read_events(act, wire, act.dice.randrange(1, 6))
    act.leave(wire)


def tasks(act):
    """Tasks: begun, asked about, answered, cancelled, forgotten; those of others as well."""
    able = {**CAPABILITIES, **TASKS}
    mine = []
    for _ in range(act.dice.randrange(1, 8)):
        if not mine or act.chance(0.3):
            name, arguments = act.dice.choice(TOOLS[-7:-1])
            fields, body = modern(act, "tools/call", {"name": name, "arguments": arguments}, able, wrong=0)
            reply = act.ask("POST", "/mcp", fields, body)
            if reply.status == 200 and reply.header("content-type", "").startswith("application/json"):
                mine += [task for task in [reply.json().get("result", {}).get("taskId")] if task]
            continue
        for task in mine[-1:]:
            act.board.put("tasks", task)
        task = act.dice.choice(mine) if act.chance(0.7) else act.board.guess(act.dice, "tasks")
        method = act.dice.choice(("tasks/get", "tasks/get", "tasks/update", "tasks/cancel"))
        answers = {key: {"action": "accept", "content": {"confirm": True, "name": act.mark}} for key in ("confirm", "first")}
        fields, body = modern(act, method, {"taskId": task, "inputResponses": answers}, able, wrong=0.05)
        act.ask("POST", "/mcp", fields, body)


PROTOCOL_ACTS = {session_life: 25, flood_of_initialize: 3, in_others_sessions: 8, old_transport: 12, batches: 6,
                 modern_calls: 15, listens: 8, tasks: 8}
