"""The page that says at a glance how long everything is kept."""

from __future__ import annotations

from collections.abc import Iterator

from admin_ui.components import COMPONENTS
from admin_ui.entries import worker
from docs.generate.markdown import code, table
from sync.retention import MOST_A_RUN

_HEAD = """# What is kept, and for how long

Made from the code (`PYTHONPATH=. .venv/bin/python -m docs.generate`); a test keeps it true. Every
table has one owner, whose `component.py` declares these rules; columns are in
[tables.md](tables.md). The worker forgets what has expired every {forget:.0f} seconds
(`{module}:forget_expired`), and what is old every {old:.0f} seconds, at most {most:,} rows of a
table at a time (`sync/retention.py`). A restore puts the archive's tables back as they were copied,
unless the last column says otherwise.
"""


def write() -> str:
    every = {job.name: job.every_s for job in worker.JOBS}
    head = _HEAD.format(
        forget=every["forget"],
        module=worker.__name__,
        old=every["sync.retention"],
        most=MOST_A_RUN,
    )
    rows = table(("table", "owner", "kept", "at a restore"), _rows())
    return "\n".join([head, *rows])


def _rows() -> Iterator[tuple[str, ...]]:
    """Tables of one rule together."""
    for component in COMPONENTS:
        rules: dict[tuple[str, str], list[str]] = {}
        for name, rule in component.tables.items():
            rules.setdefault((rule.kept, rule.restored), []).append(name)
        for (kept, restored), names in rules.items():
            yield ", ".join(map(code, names)), code(component.package), kept, restored
