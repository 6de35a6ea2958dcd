"""What every client must meet, with every kind of token.

  right                       the client gets what it asked for
  removed while serving       good before, 401 after `gatehouse token remove`; also on an open connection
  wrong, expired at the start 401
  expires while serving       200 at the start, 401 once its time has come
  TLS                         the same over https; a client that was not told of the authority refuses to talk
Every 401 carries `WWW-Authenticate: Bearer ... error="invalid_token"`.
"""

import re
import time

from gate_lab import Failed, GateLab


def runAll(kind):
    for scheme in kind.schemes:
        with GateLab(scheme) as lab:
            try:
                runLab(kind, lab)
            except Failed as failed:
                story = f"over {scheme}: {failed}\n  the server said:\n{lab.logTail()}"
                raise Failed(lab.hideTokens(story)) from None


def runLab(kind, lab):
    lab.waitForLine(r"^Removed 1 expired token\(s\)")
    checkStillGood(lab)
    ways = kind.ways(lab.scheme)
    for way in ways:
        expectRight(way, lab, lab.right, "right token")
    if lab.scheme == "https":
        checkUntrusted(ways[0], lab)
    strict = [way for way in ways if way.refusals]
    checkRemoved(strict, lab)
    for way in strict:
        expectRefused(way, way.start(lab, lab.wrong).finish(), "wrong token")
        expectRefused(way, way.start(lab, lab.expired).finish(), "token that expired before the start")
    checkExpired(strict, lab)
    expectRight(ways[0], lab, lab.right, "right token after all others")


def checkStillGood(lab):
    status, challenge = lab.probe(lab.expiring)
    if status != 200 and time.time() < lab.expiresAt.timestamp():
        raise Failed(f"a token that has not expired yet got {status} ({challenge})")


def checkUntrusted(way, lab):
    outcome = way.start(lab, lab.right, trusted=False).finish()
    if outcome.code == 0 or outcome.wire:
        raise Failed(f"without the authority's certificate the client should have refused\n{outcome}")
    report(way, "unknown authority: the client refuses")


def checkRemoved(ways, lab):
    if not ways:
        return
    for way in ways:
        expectRight(way, lab, lab.removable, "token that will be removed")
    held = []
    try:
        for way in (way for way in ways if way.canHold):
            held.append((way, way.start(lab, lab.removable, hold=True)))
            held[-1][1].waitForOutput('"holding"')
        lab.remove(lab.removable)
        for way, program in held:
            expectRefused(way, program.release(), "removed token, open connection")
    finally:
        for _, program in held:
            program.stop()
    for way in ways:
        expectRefused(way, way.start(lab, lab.removable).finish(), "removed token")


def checkExpired(ways, lab):
    if ways:
        lab.waitUntilExpired()
    for way in ways:
        expectRefused(way, way.start(lab, lab.expiring).finish(), "token that expired while serving")


def expectRight(way, lab, token, what):
    outcome = way.start(lab, token).finish()
    if outcome.code != 0:
        raise Failed(f"{way}: {what}: the client failed\n{outcome}")
    if bad := [note for note in outcome.wire if note["status"] >= 400]:
        raise Failed(f"{way}: {what}: the client met {[note['status'] for note in bad]}\n{outcome}")
    try:
        way.checkRight(outcome)
    except Failed as failed:
        raise Failed(f"{way}: {what}: {failed}") from None
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Failed(f"{way}: {what}: the answer has another shape: {error!r}\n{outcome}") from error
    report(way, f"{what}: accepted")


def expectRefused(way, outcome, what):
    posts = outcome.posts()
    if not posts or any(note["status"] != 401 for note in posts):
        statuses = [note["status"] for note in posts]
        raise Failed(f"{way}: {what}: wanted 401, the client met {statuses}\n{outcome}")
    for note in posts:
        if not re.match(r'Bearer .*error="invalid_token"', note["challenge"] or ""):
            raise Failed(f"{way}: {what}: the challenge of the 401 is {note['challenge']!r}\n{outcome}")
    try:
        way.checkRefused(outcome)
    except Failed as failed:
        raise Failed(f"{way}: {what}: {failed}") from None
    report(way, f"{what}: 401 with a challenge")


def report(way, what):
    print(f"  ok: {way}: {what}")
