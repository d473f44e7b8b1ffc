"""What the console cost, as a table; and its place in the reference."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.product import CHECKOUT
from bench.report import table
from directory.clock import today

PAGE = CHECKOUT / "docs" / "reference" / "performance.md"
BEGIN, END = "<!-- bench/run console -->", "<!-- end -->"
_GOAL_MS = 150
_HEADS = ("asked for", "times", "p50", "p95", "max", "CPU p50", "CPU p95", "read", "written")


@dataclass(frozen=True)
class Answered:
    """One answer as the server measured it; `read`, `written`: SQL statements, the most."""

    called: str
    endpoint: str
    status: int
    ms: float
    cpu_ms: float
    read: int
    written: int


def report(answers: Mapping[str, Sequence[Answered]], pause_s: float) -> str:
    """A table for each engine. `pause_s`: how long each looked at a page."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    parts = [
        f"{today().isoformat()}, {os.cpu_count()} CPUs, {pause_s:g} s a page, after every page was "
        f"seen once, load average at the end {load}."
    ]
    for engine, found in answers.items():
        parts.append(f"**{engine}**, {_verdict(found)}\n\n{_table(found)}")
    return "\n\n".join(parts)


def write_page(text: str) -> None:
    """Put it between the marks of the page."""
    put_between(BEGIN, END, text)


def put_between(begin: str, end: str, text: str) -> None:
    """Into the page of the reference, in the place of what is there between two marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(begin)
    after = rest.partition(end)[2]
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


def _verdict(found: Sequence[Answered]) -> str:
    pages = {name: each for name, each in _by_name(found).items() if not name.startswith("POST")}
    over = [name for name, each in pages.items() if _share([a.ms for a in each], 0.95) > _GOAL_MS]
    told = ", ".join(f"`{name}`" for name in over) or "none"
    return f"pages whose p95 is over {_GOAL_MS} ms: {told}"


def _table(found: Sequence[Answered]) -> str:
    rows = []
    for name, each in _by_name(found).items():
        times, cpu = [a.ms for a in each], [a.cpu_ms for a in each]
        figures = [_share(times, 0.5), _share(times, 0.95), max(times)]
        figures += [_share(cpu, 0.5), _share(cpu, 0.95)]
        statements = [max(a.read for a in each), max(a.written for a in each)]
        rows.append(
            [f"`{name}`", str(len(each)), *(f"{f:.0f}" for f in figures), *map(str, statements)]
        )
    return table(rows, _HEADS)


def _by_name(found: Sequence[Answered]) -> Mapping[str, Sequence[Answered]]:
    named: dict[str, list[Answered]] = {}
    for answer in found:
        named.setdefault(answer.called, []).append(answer)
    return dict(sorted(named.items(), key=lambda item: (item[0].startswith("POST"), item[0])))


def _share(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
