"""The page that says at a glance how long everything is kept."""

from __future__ import annotations

from collections.abc import Iterator

from admin_ui.components import COMPONENTS
from admin_ui.entries.worker import JOBS
from docs.generate.markdown import code, table
from sync.retention import MOST_A_RUN

_HEAD = """# What is kept, and for how long

Made from the code (`PYTHONPATH=. .venv/bin/python -m docs.generate`); a test keeps it true. Every
table has one owner, whose `component.py` declares these rules; columns are in
[tables.md](tables.md). The worker forgets in small portions ({jobs}; at most {most:,} rows of a
table a run). A restore puts the archive's tables back as they were copied, unless the last column
says otherwise.
"""


def write() -> str:
    jobs = [
        f"`{job.name}` every {job.every_s:.0f} seconds"
        for job in JOBS
        if job.name in ("forget", "sync.retention")
    ]
    head = _HEAD.format(jobs=", ".join(jobs), most=MOST_A_RUN)
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
