"""The grants that stand, as decisions about some of them ask.

One act may give and take back many. Each of them is decided as things are after those before it,
before any of it is written: what was decided is kept here, beside what the store says. What the
store says is read when it is asked for, or for all at once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, or_, select

from directory.authz.errors import GRANT_EXCLUDED
from directory.authz.exclusions import Held, Holder, Reached, read_held, read_reached
from directory.authz.grant import Grant, grant_from_row, is_during
from directory.authz.roles import Role
from directory.authz.tables import role_grant
from directory.clock import today
from directory.database.advisory_lock import take_advisory_lock
from directory.database.engine import is_reading
from directory.database.without_index import without_index
from directory.errors import Conflict

_MOST_NAMED = 5


@dataclass
class Standing:
    """What stands, with what was decided since by whoever asks: `begin` and `end`."""

    _tx: Connection
    _taken: dict[str, Grant | None] = field(default_factory=dict)
    _of_holder: dict[Holder, Sequence[Grant]] = field(default_factory=dict)
    _of_role: dict[tuple[str, str], Sequence[Grant]] = field(default_factory=dict)
    _held: Mapping[Holder, Sequence[Held]] | None = None
    _reached: Mapping[Holder, Reached] = field(default_factory=dict)
    _begun_of_holder: dict[Holder, list[Grant]] = field(default_factory=dict)
    _begun_of_role: dict[tuple[str, str], list[Grant]] = field(default_factory=dict)
    _ended: set[str] = field(default_factory=set)

    def begin(self, grant: Grant) -> None:
        """From now on it stands, if it is not over; it has its id."""
        if grant.goes_on(today().isoformat()):
            self._begun_of_holder.setdefault(grant.holder, []).append(grant)
            its = (grant.application_id, grant.role)
            self._begun_of_role.setdefault(its, []).append(grant)

    def end(self, grant: Grant) -> None:
        """From now on it stands no more."""
        self._ended.add(grant.id)

    def take(self, grant_id: str) -> Grant | None:
        """A grant that was not revoked, which nobody else ends until the transaction does."""
        if grant_id not in self._taken:
            self.take_all([grant_id])
        return None if grant_id in self._ended else self._taken[grant_id]

    def take_all(self, ids: Collection[str]) -> None:
        """As `take` of each, in one order for whoever takes several."""
        columns = role_grant.c
        query = select(role_grant).where(columns.id.in_(ids), columns.revoked_at.is_(None))
        query = query.order_by(columns.id)
        if not is_reading(self._tx):
            query = query.with_for_update()
        self._taken |= dict.fromkeys(ids)
        for row in self._tx.execute(query) if ids else ():
            self._taken[row.id] = grant_from_row(row)

    def find_same(self, grant: Grant) -> Grant | None:
        """The one of the same role to the same holder for the same place, that holds or will."""
        there = self._of(grant.holder)
        return next((each for each in there if each.terms == grant.terms), None)

    def count_other_holders(self, grant: Grant) -> int:
        """How many others than its holder have the role, or will. Of a role that few have."""
        its = (grant.application_id, grant.role)
        if its not in self._of_role:
            columns = role_grant.c
            query = not_over(select(role_grant))
            query = query.where(columns.application_id == its[0], columns.role == its[1])
            self._of_role[its] = [grant_from_row(row) for row in self._tx.execute(query)]
        there = self._now(self._of_role[its], self._begun_of_role.get(its, ()))
        return len({each.holder_id for each in there} - {grant.holder_id})

    def require_compatible(self, declared: Role, grant: Grant, instead_of: str = "") -> None:
        """Raise Conflict(``grant.excluded``) when by the grant somebody would come to hold two
        roles that exclude each other. `instead_of`: the id of a grant that ends with it.

        Two such grants at once take turns: each would find only what was there before both.
        """
        if not declared.excludes:
            return
        take_advisory_lock(self._tx, "exclusions", declared.application_id)
        found = self._find_excluded(declared, grant, {instead_of, *self._ended})[:_MOST_NAMED]
        if found:
            people = ", ".join(sorted({name for name, _, _ in found if name})) or "–"
            raise Conflict(GRANT_EXCLUDED, role=grant.role, other=found[0][2], people=people)

    def _find_excluded(
        self, declared: Role, grant: Grant, without: Collection[str]
    ) -> Sequence[tuple[str, str, str]]:
        """(name, id, role) of whom the holder stands for and who hold an excluded role; of nobody
        where the same post or position has it and nobody is there."""
        period = (grant.start or today().isoformat(), grant.end)

        def counts(each: Grant | Held) -> bool:
            return each.id not in without and is_during((each.start, each.end), period)

        excluded = [(declared.application_id, other) for other in declared.excludes]
        found = {
            (each.name, each.person_id, each.role)
            for each in self._held_by(grant.holder, declared)
            if (each.application_id, each.role) in excluded and counts(each)
        }
        for its in excluded:
            for each in filter(counts, self._begun_of_role.get(its, ())):
                found |= {(*who, each.role) for who in self._meet(grant.holder, each.holder)}
        if not found and grant.holder_kind != "person":
            there = filter(counts, self._of(grant.holder))
            its_own = {(each.application_id, each.role) for each in there}
            found = {("", "", role) for application_id, role in its_own & {*excluded}}
        return sorted(found)

    def _held_by(self, holder: Holder, declared: Role) -> Sequence[Held]:
        if self._held is not None:
            return self._held.get(holder, ())
        wanted = {declared.application_id: declared.excludes}
        return read_held(self._tx, [holder], wanted).get(holder, ())

    def _meet(self, holder: Holder, other: Holder) -> set[tuple[str, str]]:
        """(name, id) of the people whom the one stands for and who hold what was given to the
        other."""
        one, two = self._reached.get(holder), self._reached.get(other)
        if one is None or two is None:
            return set()
        return {(name, each) for each, name in one.people.items() if each in two.holders}

    def _of(self, holder: Holder) -> Sequence[Grant]:
        """What the holder has, or will."""
        if holder not in self._of_holder:
            self._read_holders([holder])
        return self._now(self._of_holder[holder], self._begun_of_holder.get(holder, ()))

    def _now(self, read: Sequence[Grant], begun: Sequence[Grant]) -> Sequence[Grant]:
        """What was read of the store, as it is after what was decided since."""
        return [each for each in (*read, *begun) if each.id not in self._ended]

    def read_ahead(self, grants: Sequence[Grant], roles: Sequence[Role]) -> None:
        """What giving or renewing all of these will ask, in few statements for all. `roles`: those
        that are given."""
        self._read_holders({grant.holder for grant in grants})
        excluding = {(role.application_id, role.name) for role in roles if role.excludes}
        holders = {g.holder for g in grants if (g.application_id, g.role) in excluding}
        excluded: dict[str, set[str]] = {}
        for role in roles:
            if role.excludes:
                excluded.setdefault(role.application_id, set()).update(role.excludes)
        self._held = read_held(self._tx, holders, excluded) if holders else {}
        self._reached = read_reached(self._tx, holders) if holders else {}

    def _read_holders(self, holders: Collection[Holder]) -> None:
        found: dict[Holder, list[Grant]] = {holder: [] for holder in holders}
        query = not_over(select(role_grant)).where(is_one_of(holders))
        for row in self._tx.execute(query) if holders else ():
            grant = grant_from_row(row)
            found[grant.holder].append(grant)
        self._of_holder |= found


def is_one_of(holders: Collection[Holder]) -> ColumnElement[bool]:
    """A condition on grants: to one of these."""
    columns = role_grant.c
    ids: dict[str, list[str]] = {}
    for kind, holder_id in sorted(holders):
        ids.setdefault(kind, []).append(holder_id)
    of_kind = (and_(columns.holder_kind == k, columns.holder_id.in_(its)) for k, its in ids.items())
    return or_(false(), *of_kind)


def not_over(query: Select[Any]) -> Select[Any]:
    """Those of a holder, or of a role: else SQLite would look at all that stand."""
    columns = role_grant.c
    goes_on = or_(columns.end_on == "", columns.end_on >= today().isoformat())
    return query.where(without_index(columns.revoked_at).is_(None), goes_on)
