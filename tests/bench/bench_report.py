"""Collects figures and writes them as a page: the promises with their verdict, then what each part costs."""

import os
import platform
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench_servers import ROOT


@dataclass
class Promise:
    """A figure with a target. `good` is None when it could not be measured."""

    what: str
    measured: str
    target: str
    good: bool | None

    def verdict(self):
        return {True: "PASS", False: "**over**", None: "skipped"}[self.good]


@dataclass
class Report:
    """All that one run of the bench found."""

    promises: list = field(default_factory=list)
    tables: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def promise(self, what, measured, target, good):
        self.promises.append(Promise(what, measured, target, good))
        print(f"  {what}: {measured} (target {target}) {self.promises[-1].verdict()}", flush=True)

    def table(self, title, head, rows):
        self.tables.append((title, head, rows))

    def note(self, text):
        self.notes.append(text)
        print(f"  {text}", flush=True)

    def missed(self):
        return [promise for promise in self.promises if promise.good is False]


def first_line(command):
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return (done.stdout.strip().splitlines() or ["unknown"])[0]


def machine():
    cpu = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    load = os.getloadavg()[0]
    system = f"{os.cpu_count()} cores, {pages >> 30} GiB, Linux {platform.release()}"
    return f"{cpu}, {system}, load before the run {load:.2f}"


def markdown_table(head, rows):
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def page(report, headline):
    lines = ["# What Gatehouse costs", "", "Written by `make bench`; do not edit.", "", *headline, ""]
    rows = [[p.what, p.measured, p.target, p.verdict()] for p in report.promises]
    lines += ["## Promises", "", *markdown_table(["what", "measured", "target", ""], rows), ""]
    for title, head, body in report.tables:
        lines += [f"## {title}", "", *markdown_table(head, body), ""]
    if report.notes:
        lines += ["## Notes", "", *[f"- {note}" for note in report.notes], ""]
    return "\n".join(lines)


def headline(arguments, machine_line):
    version = first_line(["git", "describe", "--always", "--dirty", "--tags"])
    when = time.strftime("%Y-%m-%d", time.gmtime())
    return [
        f"- machine: {machine_line}",
        f"- version: {version}, {when}",
        f"- runs: {arguments.rounds} rounds of {arguments.seconds:g} s, servers in turn; figures are medians",
        "- server on one core, load on another, loopback; CPU: user and system time of the whole process",
    ]


def write(report, path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = page(report, lines)
    path.write_text(text)
    return text
