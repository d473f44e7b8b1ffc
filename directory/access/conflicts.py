"""Who holds two roles that exclude each other, with names, as far as somebody may look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.authz.conflicts import list_conflicts
from directory.authz.grant_lists import find_seen
from directory.authz.naming import NamedGrant, name_grants, titles_of
from directory.authz.scopes import Scope
from directory.errors import Words
from directory.projection import queries

MOST_SHOWN = 200


@dataclass(frozen=True)
class HeldRole:
    """One of the two roles. `named`: the grant it is held by; None where that is not the actor's to
    know."""

    title: Words
    named: NamedGrant | None


@dataclass(frozen=True)
class NamedConflict:
    """Somebody and the two roles they hold."""

    person: str
    application: str
    roles: tuple[HeldRole, HeldRole]


@dataclass(frozen=True)
class ConflictList:
    """Some of them; `is_capped`: there are more."""

    conflicts: Sequence[NamedConflict]
    is_capped: bool


def name_conflicts(
    tx: Connection, scope: Scope, writing: Scope, application_id: str = ""
) -> ConflictList:
    """Those by a grant in `scope`; of grants elsewhere only the role is told."""
    found = list_conflicts(tx, scope, application_id, most=MOST_SHOWN + 1)
    shown = found[:MOST_SHOWN]
    ids = {each for one in shown for each in (one.grant_id, one.other_grant_id)}
    seen = find_seen(tx, scope, writing, ids)
    named = {each.grant.id: each for each in name_grants(tx, [grant for grant, _ in seen.values()])}
    people = queries.list_names(tx, {one.person_id for one in shown})
    titles = titles_of(
        tx,
        {(one.application_id, role) for one in shown for role in (one.role, one.excluded)},
    )

    def held(application: str, role: str, grant_id: str) -> HeldRole:
        return HeldRole(_title(titles, application, role), named.get(grant_id))

    return ConflictList(
        [
            NamedConflict(
                "{} ({})".format(*people[one.person_id]) if one.person_id in people else "",
                titles.get((one.application_id, one.role), ("", None))[0],
                (
                    held(one.application_id, one.role, one.grant_id),
                    held(one.application_id, one.excluded, one.other_grant_id),
                ),
            )
            for one in shown
        ],
        len(found) > MOST_SHOWN,
    )


def _title(
    titles: Mapping[tuple[str, str], tuple[str, Words]], application: str, role: str
) -> Words:
    return titles[application, role][1] if (application, role) in titles else Words(role, role)
