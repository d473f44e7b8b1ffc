"""Writing the projection: one LDAP entry in, its rows up to date."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    SelectBase,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import DataError, IntegrityError

from directory.catalogue.agency import agency_from_entry, agency_standing_of
from directory.catalogue.errors import Unreadable
from directory.catalogue.person import Person, person_from_entry, standing_of
from directory.clock import DAY, HOUR, SKEW_MS, now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.database.upsert import upsert
from directory.ldap.entries import Entry
from directory.projection.bulk import insert_all
from directory.projection.rows import agency_row, login_rows, person_row, post_rows, word_rows
from directory.projection.tables import (
    catalogue_agency,
    catalogue_login,
    catalogue_person,
    catalogue_post,
    catalogue_tree,
    catalogue_word,
    person_state,
)

_AT_ONCE = 500  # rows of one statement


def is_person(entry: Entry) -> bool:
    """Whether the entry is a person's; else it is an agency's or a unit's."""
    return "dmperson" in {value.lower() for value in entry.all("objectClass")}


def is_projected(entry: Entry) -> bool:
    """Whether the projection has rows of entries of its kind: not of what applications read."""
    kinds = {value.lower() for value in entry.all("objectClass")}
    return kinds.isdisjoint({"dmapplication", "dmreleases"})


def apply_entry(tx: Connection, entry: Entry, *, force: bool = False) -> None:
    """Bring the rows of a person's or an agency's entry up to date with it.

    `entry` holds all user attributes and ``entryCSN``. An entry older than the row changes nothing,
    unless `force` says that the catalogue itself went back (a restore) or the rows are wrong.
    """
    if is_person(entry):
        apply_person(tx, entry, force=force)
    else:
        apply_agency(tx, entry, force=force)


def try_to_apply(tx: Connection, entry: Entry, *, force: bool = False) -> str:
    """As `apply_entry`. Of an entry no rows can be made of only the standing is followed, for that
    is readable alone and decides about access: the reason is given."""
    try:
        with tx.begin_nested():
            apply_entry(tx, entry, force=force)
    except Unreadable as error:
        reason = error.detail
    except (IntegrityError, DataError) as error:
        reason = f"{type(error).__name__}: {error}"[:300]
    else:
        return ""
    apply_standing(tx, entry, force=force)
    return reason


def apply_standing(tx: Connection, entry: Entry, *, force: bool = False) -> None:
    """As `apply_entry`, for the standing alone; the other rows stay as they were."""
    table, status = _standing(entry)
    entry_id, csn = entry.one("dmId"), entry.one("entryCSN")
    # These columns alone: a rebuild is told of standings while others are missing.
    query = select(table.c.status, table.c.csn).where(table.c.id == entry_id)
    old = tx.execute(query.with_for_update()).first()
    if old is None or old.status == status or (old.csn >= csn and not force):
        return
    tx.execute(update(table).where(table.c.id == entry_id).values(status=status, csn=csn))
    _tell_of_standing(tx, table, entry_id, ends=old.status == "active")


def withdraw(tx: Connection, entry: Entry) -> None:
    """Take note that an entry is not active, and of nothing else: while a change of it is under
    way, whose outcome is told later, a right must not be kept meanwhile."""
    table, status = _standing(entry)
    if status == "active":
        return
    entry_id = entry.one("dmId")
    is_earlier = and_(table.c.status == "active", table.c.csn < entry.one("entryCSN"))
    changed = (
        update(table)
        .where(table.c.id == entry_id, is_earlier)
        .values(status=status)
        .returning(table.c.id)
    )
    if tx.execute(changed).first() is not None:
        _tell_of_standing(tx, table, entry_id, ends=True)


def _standing(entry: Entry) -> tuple[Table, str]:
    if is_person(entry):
        return catalogue_person, standing_of(entry)
    return catalogue_agency, agency_standing_of(entry)


def _tell_of_standing(tx: Connection, table: Table, entry_id: str, *, ends: bool) -> None:
    if table is catalogue_person:
        touch_person(tx, entry_id, end_sessions=ends)
    else:
        _touch_people_of(tx, entry_id)


def apply_person(tx: Connection, entry: Entry, *, force: bool = False) -> None:
    """As `apply_entry`, for a person; ends their sessions when they stop being active."""
    person, csn = person_from_entry(entry), entry.one("entryCSN")
    row = person_row(person, csn)
    old = _locked_or_inserted(tx, catalogue_person, row)
    if old is not None:
        if old.csn >= csn and not force:
            return
        table = catalogue_person
        tx.execute(update(table).where(table.c.id == person.id).values(row))
    _replace_logins(tx, person)
    _replace_words(tx, person)
    _replace_posts(tx, person)
    stopped = old is not None and old.status == "active" and person.status != "active"
    touch_person(tx, person.id, end_sessions=stopped)


def _locked_or_inserted(tx: Connection, table: Table, row: dict[str, Any]) -> Row[Any] | None:
    """The row of this id as it was, locked until `tx` ends; None: there was none, `row` is now.

    The request that made a change and the feed that saw it come with the same entry at once.
    """
    query = select(table).where(table.c.id == row["id"]).with_for_update()
    old = tx.execute(query).first()
    if old is not None:
        return old
    added = upsert(tx, table).values(row).on_conflict_do_nothing().returning(table.c.id)
    if tx.execute(added).first() is not None:
        return None
    return tx.execute(query).one()


def _replace_logins(tx: Connection, person: Person) -> None:
    """A name stays with whoever has it: an entry edited outside of the system must not take the
    name somebody else signs in with."""
    table = catalogue_login
    tx.execute(delete(table).where(table.c.person_id == person.id))
    insert_all(tx, table, login_rows(person))


def _replace_words(tx: Connection, person: Person) -> None:
    tx.execute(delete(catalogue_word).where(catalogue_word.c.person_id == person.id))
    insert_all(tx, catalogue_word, word_rows(person))


def _replace_posts(tx: Connection, person: Person) -> None:
    tx.execute(delete(catalogue_post).where(catalogue_post.c.person_id == person.id))
    rows = post_rows(person)
    if rows:
        tx.execute(insert(catalogue_post), rows)


def touch_person(tx: Connection, person_id: str, *, end_sessions: bool) -> None:
    """Count the person's version up; with `end_sessions` what was signed in before is dead."""
    table = person_state
    stamp: dict[str, int] = {"sessions_valid_after": now_ms()} if end_sessions else {}
    first = {"sessions_valid_after": 0, "version": 1, "grant_version": 1, "known_since": now_ms()}
    tx.execute(
        upsert(tx, table)
        .values(person_id=person_id, **(first | stamp))
        .on_conflict_do_update(
            index_elements=["person_id"], set_={"version": table.c.version + 1, **stamp}
        )
    )


def end_sessions_of(tx: Connection, people: Collection[str]) -> None:
    """As `touch_person` with `end_sessions`, of many in few statements."""
    now, table = now_ms(), person_state
    row = {"sessions_valid_after": now, "version": 1, "grant_version": 1, "known_since": now}
    told = sorted(people)
    for first in range(0, len(told), _AT_ONCE):
        rows = [{"person_id": each, **row} for each in told[first : first + _AT_ONCE]]
        tx.execute(
            upsert(tx, table)
            .values(rows)
            .on_conflict_do_update(
                index_elements=["person_id"],
                set_={"version": table.c.version + 1, "sessions_valid_after": now},
            )
        )


def note_signed_in(tx: Connection, person_id: str) -> None:
    """The account is used: when first, and when last, to the hour; by a session that goes on, to
    the day (`is_use_news`)."""
    state, now = person_state.c, now_ms()
    is_news = or_(
        state.signed_in_at.is_(None),
        state.last_used_at.is_(None),
        state.last_used_at <= now - HOUR,
        state.last_used_at > now + SKEW_MS,
    )
    used = {"signed_in_at": func.coalesce(state.signed_in_at, now), "last_used_at": now}
    tx.execute(update(person_state).where(state.person_id == person_id, is_news).values(used))


def is_use_news(last_used_at: int | None) -> bool:
    """Whether use of a session is worth a row, by what was read of the person anyway: one a day."""
    now = now_ms()
    return last_used_at is None or not now - DAY < last_used_at <= now + SKEW_MS


def bound_validity(tx: Connection, person_id: str, now: int) -> None:
    """Undo that a clock which stood ahead shut a person out until its own time comes: what they
    were signed in to is dead all the same, what they sign in to from `now` (ms) on is not."""
    table = person_state
    is_ahead = table.c.sessions_valid_after > now + SKEW_MS
    tx.execute(
        update(table)
        .where(table.c.person_id == person_id, is_ahead)
        .values(sessions_valid_after=now, version=table.c.version + 1)
    )


def mark_gone(tx: Connection, entry_id: str, *, person: bool) -> None:
    """The entry of a person, or else of an agency, is no longer in the catalogue.

    The row stays, as ``left`` or ``closed``: grants and the audit log go on naming it. Sessions
    end.
    """
    if person:
        table, status = catalogue_person, "left"
    else:
        table, status = catalogue_agency, "closed"
    found = tx.execute(
        update(table)
        .where(table.c.id == entry_id, table.c.status != status)
        .values(status=status)
        .returning(table.c.id)
    ).first()
    if found is None:
        return
    if person:
        touch_person(tx, entry_id, end_sessions=True)
    else:
        _touch_people_of(tx, entry_id)


def end_all_sessions(tx: Connection) -> None:
    """What anybody was signed in to before this instant is dead."""
    table = person_state
    tx.execute(update(table).values(sessions_valid_after=now_ms(), version=table.c.version + 1))


def apply_agency(tx: Connection, entry: Entry, *, force: bool = False) -> None:
    """As `apply_entry`, for an agency or unit."""
    agency, csn = agency_from_entry(entry), entry.one("entryCSN")
    row = agency_row(agency, csn)
    old = _locked_or_inserted(tx, catalogue_agency, row)
    if old is not None:
        if old.csn >= csn and not force:
            return
        table = catalogue_agency
        tx.execute(update(table).where(table.c.id == agency.id).values(row))
    if old is None or old.parent_id != agency.parent_id:
        place_in_tree(tx, agency.id, agency.parent_id)
    if old is None:
        _adopt_early_children(tx, agency.id)
    # Claims carry the agency's code and name.
    _touch_people_of(tx, agency.id)


def place_in_tree(tx: Connection, agency_id: str, parent_id: str) -> None:
    """Hang `agency_id` and all that lies under it below `parent_id`."""
    take_advisory_lock(tx, "catalogue", "tree")
    tree = catalogue_tree
    below = dict(
        tx.execute(
            select(tree.c.descendant_id, tree.c.depth).where(tree.c.ancestor_id == agency_id)
        ).all()
    ) or {agency_id: 0}
    above = dict(
        tx.execute(
            select(tree.c.ancestor_id, tree.c.depth).where(tree.c.descendant_id == parent_id)
        ).all()
    )
    inner = set(below)
    tx.execute(
        delete(tree).where(tree.c.descendant_id.in_(inner), tree.c.ancestor_id.not_in(inner))
    )
    rows = [
        {"ancestor_id": ancestor, "descendant_id": descendant, "depth": up + 1 + down}
        for ancestor, up in above.items()
        for descendant, down in below.items()
    ]
    if agency_id not in above and not _is_placed(tx, agency_id):
        rows.append({"ancestor_id": agency_id, "descendant_id": agency_id, "depth": 0})
    if rows:
        tx.execute(insert(tree), rows)


def _adopt_early_children(tx: Connection, agency_id: str) -> None:
    """The feed gives entries in order of change, not of the tree: children may have come first."""
    table = catalogue_agency
    for child in (
        tx.execute(select(table.c.id).where(table.c.parent_id == agency_id)).scalars().all()
    ):
        place_in_tree(tx, child, agency_id)


def _is_placed(tx: Connection, agency_id: str) -> bool:
    tree = catalogue_tree
    query = select(tree.c.depth).where(
        tree.c.ancestor_id == agency_id, tree.c.descendant_id == agency_id
    )
    return tx.execute(query).first() is not None


def _touch_people_of(tx: Connection, place_id: str) -> None:
    posts = catalogue_post
    holders = select(posts.c.person_id).where(
        (posts.c.agency_id == place_id) | (posts.c.unit_id == place_id)
    )
    tx.execute(
        update(person_state)
        .where(person_state.c.person_id.in_(states_to_change(holders)))
        .values(version=person_state.c.version + 1)
    )


def count_grants_up(tx: Connection, people: SelectBase) -> None:
    """Cached claims of `people` are old: what they were given is another."""
    tx.execute(
        update(person_state)
        .where(person_state.c.person_id.in_(states_to_change(people)))
        .values(grant_version=person_state.c.grant_version + 1)
    )


def states_to_change(people: SelectBase) -> Select[tuple[str]]:
    """The ids of those of `people` who have a row in `person_state`, locked in one order.

    Two that change the rows of many people must not wait for each other in a circle.
    """
    columns = person_state.c
    found = select(columns.person_id).where(columns.person_id.in_(people))
    return found.order_by(columns.person_id).with_for_update()
