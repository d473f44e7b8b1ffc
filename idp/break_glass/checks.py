"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.clock import DAY, local, now_ms
from directory.component import NotWell
from directory.installation import Installation
from idp.break_glass import store
from idp.break_glass.sealing import Shown, shown_of
from idp.slips.store import WAITING

TESTED_EVERY_DAYS = 180
_SEAL = "`danhmuc break-glass seal {name}`"


def are_sealed(installation: Installation) -> str:
    """Each is sealed, by a code that counts, and was tried within half a year."""
    with installation.database.read() as tx:
        found = [shown_of(tx, account) for account in store.list_all(tx)]
    problems = [problem for each in found if (problem := _problem(each))]
    if problems:
        raise NotWell("; ".join(problems))
    named = [each.person.username for each in found if each.person]
    return f"sealed: {', '.join(named)}" if named else "none (`danhmuc break-glass create`)"


def _problem(shown: Shown) -> str:
    account, person = shown.account, shown.person
    name = person.username if person else account.person_id
    again = _SEAL.format(name=name)
    if account.opened_at is not None:
        return f"{name} was opened at {local(account.opened_at)} and is not sealed again: {again}"
    if person is None or person.status not in WAITING:
        return f"{name} cannot sign in any more: make another one (`danhmuc break-glass create`)"
    if any(each is None or each.status not in WAITING for each in shown.holders):
        return f"a holder of {name} is not here any more: make another one"
    if account.sealed_at is None or shown.counts_until is None:
        return f"no code of {name} counts: {again}"
    if account.sealed_at < now_ms() - TESTED_EVERY_DAYS * DAY:
        return f"{name} was not tried for {TESTED_EVERY_DAYS} days: open it, then {again}"
    return ""
