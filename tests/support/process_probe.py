"""What the kernel says about a running process: memory, descriptors, threads, processor time, children.

Also wait_until, the one way tests wait: for an event, with a bound, never for a fixed time.
"""

import os
import time


def wait_until(happened, within, every=0.005):
    """True as soon as happened() is; False when the time is over."""
    limit = time.monotonic() + within
    while not happened():
        if time.monotonic() > limit:
            return False
        time.sleep(every)
    return True


def eventually(happened, within, words="it did not happen in time"):
    """Fails when it has not happened within so many seconds."""
    if not wait_until(happened, within):
        raise AssertionError(words)


def _status(pid, key):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as source:
        return next(int(line.split()[1]) for line in source if line.startswith(key + ":"))


def rss_kib(pid):
    return _status(pid, "VmRSS")


def peak_rss_kib(pid):
    return _status(pid, "VmHWM")


def forget_peak(pid):
    """Sets the peak back to the present size, so that the next peak belongs to what comes now."""
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as control:
        control.write("5")


def threads(pid):
    return _status(pid, "Threads")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as source:
        fields = source.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(pid):
    """The processes whose parent is pid."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _parent(name) == pid]


def _parent(pid):
    try:
        return _status(pid, "PPid")
    except (OSError, StopIteration):
        return None
