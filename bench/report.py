"""What was measured, as text for people: the same tables on the screen and in results.md."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from bench.load import Measured
from bench.product import Product, Weight
from bench.where import PARTS, Shares
from directory.clock import today

USUAL_PEOPLE = 5000
_PACKAGES = ("flask", "gunicorn", "sqlalchemy", "authlib", "joserfc", "cryptography", "ldap3")


def results_file(people: int) -> Path:
    """Where the results for a province of that size are kept."""
    size = "" if people == USUAL_PEOPLE else f"-{people}"
    return Path(__file__).with_name(f"results{size}.md")


def table(rows: Sequence[Sequence[str]], heads: Sequence[str]) -> str:
    """A Markdown table with aligned columns."""
    cells = [list(heads), *map(list, rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) + " |" for r in cells
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def speed(measured: Sequence[tuple[str, Measured]]) -> str:
    """One row per operation and number of clients. A peer's rows can stand below each."""
    rows = [
        [
            name,
            "Danh Mục",
            str(m.clients),
            f"{m.per_s:,.0f}" if m.per_s >= 100 else f"{m.per_s:.1f}",
            *(f"{m.percentile_ms(share):.1f}" for share in (0.5, 0.95, 0.99)),
            f"{m.server_cpu_ms:.1f}",
            m.wrong[:80] if m.failures else "",
        ]
        for name, m in measured
    ]
    heads = (
        "operation",
        "product",
        "clients",
        "per s",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "server CPU ms",
        "failed",
    )
    return table(rows, heads)


def hash_share(measured: Sequence[tuple[str, Measured]], name: str) -> str:
    """How much of a login is the password hash, measured alone in the same run."""
    lines = []
    for clients in sorted({m.clients for _, m in measured}):
        found = {n: m for n, m in measured if m.clients == clients}
        login, alone = found.get(name), found.get("argon2id alone")
        if login is None or alone is None or not login.per_s or not alone.per_s:
            continue
        lines.append(
            f"- {clients} at once: {login.per_s:.1f} logins/s are {login.per_s / alone.per_s:.2f} "
            f"of the {alone.per_s:.1f} hashes/s that the same threads make with nothing else to "
            f"do; the median login takes {login.percentile_ms(0.5):.1f} ms, the median hash alone "
            f"{alone.percentile_ms(0.5):.1f} ms."
        )
    return "\n".join(lines)


def places(found: Sequence[Shares]) -> str:
    """Where the time goes, in per cent of each operation."""
    heads = ("operation", "ms", "CPU ms", *PARTS, "Python")
    rows = [
        [
            each.name,
            f"{each.elapsed_ms:.1f}",
            f"{each.cpu_ms:.1f}",
            *(f"{each.shares[part] * 100:.0f} %" for part in (*PARTS, "Python")),
        ]
        for each in found
    ]
    return table(rows, heads)


def memory(before: Sequence[Weight], after: Sequence[Weight]) -> str:
    """Proportional set size of each kind of process, idle and after the load."""
    idle = {weight.name: weight for weight in before}
    rows = []
    for each in after:
        was = f"{idle[each.name].pss_mib:.0f}" if each.name in idle else ""
        rows.append(
            [each.name, str(each.processes), was, f"{each.pss_mib:.0f}", f"{each.private_mib:.0f}"]
        )
    return table(rows, ("process", "number", "idle MiB", "after MiB", "of it private"))


def machine(product: Product, people: int) -> str:
    """What the figures were measured on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    slapd = subprocess.run(["slapd", "-VV"], capture_output=True, text=True, check=False).stderr
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    store = "SQLite " + sqlite3.sqlite_version
    if not product.settings.database_url.startswith("sqlite"):
        store = "PostgreSQL"
    lines = [
        f"- {today().isoformat()}, {os.cpu_count()} CPUs ({model}), load average {load}",
        f"- {people:,} people; {store}, synchronous={product.settings.sqlite_synchronous}; "
        f"gunicorn, 2 workers of 8 threads for sign-in, 2 of 4 for the console",
        f"- Python {platform.python_version()}, {versions}",
        f"- {slapd.strip().splitlines()[0].strip('@() #$') if slapd.strip() else 'slapd'}",
    ]
    if product.seed_s:
        lines.append(f"- Made the province in {product.seed_s:.1f} s")
    lines.append(f"- Start of everything until ready: {product.start_s:.1f} s")
    return "\n".join(lines)
