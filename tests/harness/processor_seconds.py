"""A plugin for pytest that tells what each test costs: ``pytest -p processor_seconds …``.

It prints the processor seconds of each file and of the costliest tests, and beside them the seconds on the clock: where
these are many more, a test waits. ``PROCESSOR_SECONDS=FILE`` also writes a line of JSON for each test. A busy machine
stretches the time on the clock, and hardly that of the processor.

Counted are this process, what it started and what these started: forks of the warm process, judges, the browser. What
runs on after a test counts with the next one; the few processes that nobody waited for are missing.
"""

import json
import os
import time
from collections import Counter
from pathlib import Path

import pytest

TICKS = os.sysconf("SC_CLK_TCK")
MOST_SHOWN = 40
_costs: dict[str, tuple[float, float]] = {}


def measure() -> float:
    """Return the processor seconds of this process and its descendants, also of those that ended."""
    spent: dict[int, int] = {}
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # After the command's name, which may hold anything: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
            fields = path.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        number = int(path.parent.name)
        children.setdefault(int(fields[1]), []).append(number)
        spent[number] = sum(map(int, fields[11:15]))  # its own and those of children that it waited for
    total, left = 0, [os.getpid()]
    while left:
        number = left.pop()
        total += spent.get(number, 0)
        left += children.get(number, [])
    return total / TICKS


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    before, started = measure(), time.monotonic()
    try:
        return (yield)
    finally:
        spent, clock = max(0.0, measure() - before), time.monotonic() - started
        _costs[item.nodeid] = spent, clock
        if place := os.environ.get("PROCESSOR_SECONDS"):
            line = {"test": item.nodeid, "seconds": round(spent, 2), "clock": round(clock, 2)}
            with open(place, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def pytest_terminal_summary(terminalreporter):
    files: Counter[str] = Counter()
    clocks: Counter[str] = Counter()
    for name, (spent, clock) in _costs.items():
        files[name.partition("::")[0]] += spent
        clocks[name.partition("::")[0]] += clock
    terminalreporter.section(f"processor seconds: {sum(files.values()):.1f}; on the clock: {sum(clocks.values()):.1f}")
    shown = [(spent, clocks[name], name) for name, spent in files.most_common(MOST_SHOWN)]
    costliest = sorted(_costs.items(), key=lambda item: item[1], reverse=True)[:MOST_SHOWN]
    for spent, clock, name in shown + [(spent, clock, name) for name, (spent, clock) in costliest]:
        terminalreporter.write_line(f"{spent:8.2f} {clock:8.2f} {name}")
