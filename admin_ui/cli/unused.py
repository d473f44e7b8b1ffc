"""danhmuc unused …"""

from __future__ import annotations

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.terminal import one_line
from directory.clock import iso, local
from directory.people import unused_warnings
from directory.people.unused_warnings import UnusedLine

_MOST_SHOWN = 1000


@click.group(cls=JsonGroup)
def unused() -> None:
    """Accounts that nobody signs in to (DANHMUC_UNUSED_DAYS): who is warned, who is suspended."""


@unused.command("list")
def list_() -> None:
    """List who was not here for long enough to be warned, with who is spared, and whose turn it
    is."""
    installation = open_own_installation()
    days = installation.settings.unused_days
    with installation.database.read() as tx:
        lines, most = unused_warnings.list_lines(tx, days), unused_warnings.most_at_once(tx)
    due = sum(line.is_due for line in lines)
    document = {
        "days": days,
        "due": due,
        "most_at_once": most,
        "total": len(lines),
        "accounts": [_document(line) for line in lines[:_MOST_SHOWN]],
    }

    def text() -> str:
        if not days:
            return "DANHMUC_UNUSED_DAYS is 0: nobody is warned or suspended."
        heads = ("WHO", "LAST HERE", "WARNINGS", "NOW")
        rows = [
            (
                f"{one_line(line.full_name)} ({line.username})",
                local(line.since),
                line.warnings,
                _now(line),
            )
            for line in lines[:_MOST_SHOWN]
        ]
        stopped = (
            f"\n{due} at once are too many: none is suspended before `danhmuc unused confirm`."
        )
        shown = table(rows, heads) if rows else "Nobody has been away for so long."
        return shown + (stopped if due > most else "")

    answer(document, text)


@unused.command()
@click.option(
    "--most", type=click.IntRange(1), required=True, help="As many as the list shows due."
)
def confirm(most: int) -> None:
    """Suspend now whoever was warned twice, however many, up to the number that you looked at."""
    done = unused_warnings.suspend_confirmed(open_own_installation(), operator(), most)
    said = "1 account was suspended." if done == 1 else f"{done} accounts were suspended."
    answer({"suspended": done}, said if done else "Nobody is due; nothing was changed.")


def _now(line: UnusedLine) -> str:
    if line.is_spared:
        return "spared: administers"
    if line.is_unreached:
        return "not warned: no mail, no telephone"
    return "is due" if line.is_due else ""


def _document(line: UnusedLine) -> dict[str, object]:
    return {
        "person_id": line.person_id,
        "username": line.username,
        "person": line.full_name,
        "last_here_at": iso(line.since),
        "warnings": line.warnings,
        "due": line.is_due,
        "spared": line.is_spared,
        "unreached": line.is_unreached,
    }
