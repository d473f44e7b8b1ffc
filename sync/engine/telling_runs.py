"""The end of a run in the log: what it did, as numbers.

A connector's first run makes thousands of accounts, and the log bears one event of each. They are
folded under their run, and its end tells them once for all and once in each agency, whose
administrators see no more. What is done as people change in the catalogue stays a line each.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection

from directory.actor import system
from directory.audit.log import agency_tag, client_tag, record
from directory.audit.reading import Event, each_under
from directory.authz import applications
from sync.engine.events import CONNECTOR_ACCOUNT, CONNECTOR_RUN_ENDED, CONNECTOR_RUN_IN_AGENCY

_SYNC = system("connectors")


def tell_end(tx: Connection, *, connector: str, run: str, began_at: int) -> None:
    """Count what is folded under the run, and record it; nothing where nothing is."""
    application, all_counts, by_agency = "", Counter[str](), dict[str, Counter[str]]()
    for event in each_under(tx, run):
        word, application = _word(event), event.fields["application"]
        all_counts[word] += 1
        by_agency.setdefault(event.agency, Counter())[word] += 1
    if not all_counts:
        return
    told: dict[str, Any] = {"connector": connector, "run": run, "began": began_at}
    app = applications.find(tx, application)
    for agency, counts in sorted(by_agency.items()):
        if agency:
            where = {"subject": agency_tag(agency), "agency": agency}
            its: dict[str, Any] = {"application": application, "accounts": dict(counts)}
            record(tx, CONNECTOR_RUN_IN_AGENCY, _SYNC, **where, **told, **its)
    # Last, so that the log, newest first, tells it before its parts.
    record(
        tx,
        CONNECTOR_RUN_ENDED,
        _SYNC,
        subject=client_tag(application),
        agency=app.owner_agency_id if app is not None else "",
        **told,
        accounts=dict(all_counts),
    )


def _word(event: Event) -> str:
    if event.kind != CONNECTOR_ACCOUNT.name:
        return "failed"
    return "updated" if event.fields["act"] == "linked" else str(event.fields["act"])
