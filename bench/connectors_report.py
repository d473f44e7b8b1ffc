"""What connectors measured, as a table; and its place in the reference."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass

from bench.console_report import put_between
from bench.report import table
from directory.clock import today

_BEGIN, _END = "<!-- bench/run connectors -->", "<!-- end connectors -->"
_HEADS = ("what", "goal", "measured", "")


@dataclass(frozen=True)
class Figure:
    """One thing that was measured."""

    name: str
    goal: str
    measured: str
    remark: str


def report(figures: Sequence[Figure], options: argparse.Namespace) -> str:
    """A line for each."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    told = f"{today().isoformat()}, {options.engine}, {os.cpu_count()} CPUs, load average {load}."
    rows = [[each.name, each.goal, each.measured, each.remark] for each in figures]
    return f"{told}\n\n{table(rows, _HEADS)}"


def write_page(told: str) -> None:
    """Put it between the marks of the page."""
    put_between(_BEGIN, _END, told)
