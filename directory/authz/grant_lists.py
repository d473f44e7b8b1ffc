"""Lists of grants, as far as somebody may look: by person, role, place, position, by when they end,
and of people who moved or left."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union,
    union_all,
)

from directory.authz.grants import Grant, grant_from_row
from directory.authz.scopes import Scope, places_within
from directory.authz.standing import is_one_of, not_over
from directory.authz.tables import application, post_history, role, role_grant, settled_post
from directory.clock import today
from directory.database.counting import Count, answer, count_of
from directory.database.without_index import without_index
from directory.projection.sizes import remember, remembered
from directory.projection.tables import catalogue_person, catalogue_post, catalogue_tree

PAGE = 50
_MOST_OF_SMALL = 10_000
HolderKind = Literal["", "person", "post", "position"]


@dataclass(frozen=True)
class GrantQuestion:
    """Which standing grants; what is empty is not asked.

    `holder_id`: to exactly that person, post or position; `person_id`: to the person, their posts
    or their positions. `place_id`: in an agency or unit and all under it. `ends_within`: days from
    today. `left_behind`: to people who have left, or hold no post any more in the branch they were
    given in. `after`: the `next` of the page before; `size`: how many lines a page has.
    `people_ids`: to any of these people, their posts or positions; None: to whomever.
    """

    application_id: str = ""
    role: str = ""
    person_id: str = ""
    position_id: str = ""
    holder_kind: HolderKind = ""
    holder_id: str = ""
    place_id: str = ""
    ends_within: int | None = None
    left_behind: bool = False
    people_ids: tuple[str, ...] | None = None
    after: str = ""
    size: int = PAGE


@dataclass(frozen=True)
class Ended:
    """When a grant was taken back (ms), by whom (a tag) and why."""

    at: int
    by: str
    reason: str


def list_page(
    tx: Connection, scope: Scope, question: GrantQuestion, limit: int
) -> tuple[Sequence[Grant], str]:
    """A page, and what the next begins after: empty on the last. What has no end comes first, then
    what ends soonest."""
    found = [grant_from_row(row) for row in tx.execute(_in_order(tx, scope, question, limit + 1))]
    return _page(found, limit)


def _in_order(tx: Connection, scope: Scope, question: GrantQuestion, most: int) -> Select[Any]:
    """The first of them, in the order of the list."""
    columns = role_grant.c
    if question.left_behind and scope.everywhere:
        return _left_in_order(tx, scope, question, most)
    is_few = _are_few(tx, scope, question)
    # Very many are met in the order of the list: places are no way to them. Those that end soon are
    # found by both.
    is_by_place = is_few or question.ends_within is not None
    place = columns.agency_id if is_by_place else without_index(columns.agency_id)
    wanted = select(role_grant).where(*_conditions(tx, scope, question, is_few, place))
    # Each part goes along the index of last days: past what is over, which piles up between them.
    parts = [
        wanted.where(part).order_by(columns.end_on, columns.id).limit(most).subquery()
        for part in _terms_after(question, is_few)
    ]
    both = union_all(*(select(part) for part in parts)).subquery()
    return select(both).order_by(both.c.end_on, both.c.id).limit(most)


def _left_in_order(tx: Connection, scope: Scope, question: GrantQuestion, most: int) -> Select[Any]:
    """As `_in_order`, of those left behind wherever it is: put in order first, so that whether one
    is left, which costs most, is asked of no more than the page needs."""
    columns = role_grant.c
    others = replace(question, left_behind=False)
    way = _to_who_moved(columns, scope, _is_small(tx, scope))
    few = _conditions(tx, scope, others, True, columns.agency_id)
    term = or_(*_terms_after(question, True))
    asked = select(columns.id, columns.end_on, columns.holder_id, columns.agency_id)
    # An offset keeps both engines from asking the rest before they are in order.
    in_order = (
        asked.where(*few, *way, term).order_by(columns.end_on, columns.id).offset(0).subquery()
    )
    first = select(in_order.c.id).where(_is_left(in_order.c)).limit(most)
    return select(role_grant).where(columns.id.in_(first)).order_by(columns.end_on, columns.id)


def _page(found: Sequence[Grant], limit: int) -> tuple[Sequence[Grant], str]:
    page = found[:limit]
    return page, f"{page[-1].end}|{page[-1].id}" if len(found) > limit else ""


def list_counted(
    tx: Connection, scope: Scope, question: GrantQuestion, limit: int, most: int
) -> tuple[Sequence[Grant], str, int]:
    """As `list_page`, and how many there are in all, counted up to one more than `most`."""
    if question.left_behind or question.people_ids is not None:
        # To find them takes longer than to count them: it is done once.
        whole = _in_order(tx, scope, replace(question, after=""), most + 1).subquery()
        all_ = select(whole, func.count().over().label("total")).subquery()
        page = select(all_).order_by(all_.c.end_on, all_.c.id).limit(limit + 1)
        if question.after:
            page = page.where(tuple_(all_.c.end_on, all_.c.id) > tuple_(*_after(question)))
        rows = tx.execute(page).all()
        if rows and (rows[0].total <= most or len(rows) > limit):
            return *_page([grant_from_row(row) for row in rows], limit), rows[0].total
    found, following = list_page(tx, scope, question, limit)
    if not question.after and not following:
        return found, following, len(found)
    return found, following, count_grants(tx, scope, question, most + 1)


def _after(question: GrantQuestion) -> tuple[str, str]:
    """The last day and the id that a page begins after."""
    day, _, grant_id = question.after.partition("|")
    return day, grant_id


def _terms(
    question: GrantQuestion, is_few: bool, end: ColumnElement[str] = role_grant.c.end_on
) -> Sequence[ColumnElement[bool]]:
    """What may be the last day (`end`), in the order of the list."""
    now = today()
    if question.ends_within is None:
        either = end == "", end >= now.isoformat()
        # Few are found by what they are, and put in order then: once.
        return (or_(*either),) if is_few else either
    last = now + timedelta(days=question.ends_within)
    return (end.between(now.isoformat(), last.isoformat()),)


def _terms_after(question: GrantQuestion, is_few: bool) -> Sequence[ColumnElement[bool]]:
    """As `_terms`, behind the page before."""
    terms = _terms(question, is_few)
    day, grant_id = _after(question)
    if not grant_id:
        return terms
    columns = role_grant.c
    if day or len(terms) == 1:
        behind = tuple_(columns.end_on, columns.id) > tuple_(day, grant_id)
        return (and_(terms[-1], behind),)  # none without an end is left
    # All with an end are behind it; asked for both at once, SQLite would sort all without one.
    return and_(terms[0], columns.id > grant_id), terms[1]


def list_held(
    tx: Connection, scope: Scope, holders: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], Sequence[Grant]]:
    """What each of the holders (kind, id) has in the scope, or will, in one statement; by the last
    day."""
    columns = role_grant.c
    found: dict[tuple[str, str], list[Grant]] = {holder: [] for holder in holders}
    query = not_over(select(role_grant)).where(is_one_of(holders), *_within(scope))
    for row in tx.execute(query.order_by(columns.end_on, columns.id)) if holders else ():
        found[row.holder_kind, row.holder_id].append(grant_from_row(row))
    return found


def list_of_roles(
    tx: Connection, application_id: str, roles: Collection[str]
) -> Mapping[Grant, int]:
    """All grants of these roles of an application that hold today, or will, each with when it was
    given (ms): for roles that few hold."""
    columns = role_grant.c
    goes_on = or_(columns.end_on == "", columns.end_on >= today().isoformat())
    query = select(role_grant).where(
        columns.application_id == application_id,
        columns.role.in_(roles),
        without_index(columns.revoked_at).is_(None),
        goes_on,
    )
    return {grant_from_row(row): row.granted_at for row in tx.execute(query)}


def count_grants(tx: Connection, scope: Scope, question: GrantQuestion, most: int) -> int:
    """As `counting`, asked."""
    return answer(tx, [counting(tx, scope, question, most)])[0]


def counting(tx: Connection, scope: Scope, question: GrantQuestion, most: int) -> Count:
    """How many there are, counted up to `most`."""
    is_few = _are_few(tx, scope, question)
    conditions = _conditions(tx, scope, question, is_few, role_grant.c.agency_id)
    # Not in order: those of places are found by these.
    is_by_end = scope.everywhere or question.ends_within is not None
    end = role_grant.c.end_on if is_by_end else without_index(role_grant.c.end_on)
    conditions = (*conditions, or_(*_terms(question, is_few, end)))
    return count_of(select(role_grant.c.id).where(*conditions).limit(most))


def find_seen(
    tx: Connection, scope: Scope, writing: Scope, grant_ids: Collection[str]
) -> Mapping[str, tuple[Grant, Ended | None]]:
    """Those of the grants that are seen, by id: in the list of whoever has `scope`, or of a role
    that those who change its application (`writing`) give wherever it is. Also those that stand no
    more.

    One statement, whether they are not there or not to be seen.
    """
    query = select(role_grant).where(
        role_grant.c.id.in_(grant_ids), or_(and_(true(), *_within(scope)), _owned(writing))
    )
    found: dict[str, tuple[Grant, Ended | None]] = {}
    for row in tx.execute(query):
        ended = Ended(row.revoked_at, row.revoked_by or "", row.revoke_reason or "")
        found[row.id] = grant_from_row(row), ended if row.revoked_at else None
    return found


def _owned(writing: Scope) -> ColumnElement[bool]:
    """Of a role that the owner of its application gives, who lies in the scope."""
    places = places_within(writing)
    if writing.is_empty:
        return false()
    owner = application.c.owner_agency_id
    return exists().where(
        role.c.application_id == role_grant.c.application_id,
        role.c.name == role_grant.c.role,
        role.c.given_by == "owner",
        application.c.id == role_grant.c.application_id,
        owner != "",
        true() if places is None else owner.in_(places),
    )


def count_reached(tx: Connection, kind: str, holder_id: str) -> int:
    """How many people a holder stands for today."""
    return count_reached_by(tx, [(kind, holder_id)])


def count_reached_by(tx: Connection, holders: Collection[tuple[str, str]]) -> int:
    """As `count_reached` of all of them together, in one statement; whoever is reached by several
    counts for each."""
    people = sum(kind == "person" for kind, _ in holders)
    settled, now = settled_post.c, today().isoformat()
    counts = []
    for kind, column in (("post", settled.post_id), ("position", settled.position_id)):
        if ids := [holder_id for its, holder_id in holders if its == kind]:
            held = (
                column.in_(ids),
                settled.intent_id.is_(None),
                or_(settled.start_on == "", settled.start_on <= now),
                or_(settled.end_on == "", settled.end_on >= now),
            )
            each = select(column, settled.person_id).where(*held).distinct().subquery()
            counts.append(select(func.count()).select_from(each))
    found = tx.execute(union_all(*counts)).scalars() if counts else ()
    return people + sum(found)


def count_role_holders(tx: Connection, scope: Scope, application_id: str) -> Mapping[str, int]:
    """How many people hold each role of an application today, by a grant in the scope; roles that
    nobody holds are not there."""
    grant, settled, now = role_grant.c, settled_post.c, today().isoformat()

    def holds(dated: Any) -> ColumnElement[bool]:
        begun = or_(dated.start_on == "", dated.start_on <= now)
        return and_(begun, or_(dated.end_on == "", dated.end_on >= now))

    held = [
        grant.application_id == application_id,
        without_index(grant.revoked_at).is_(None),
        holds(grant),
        *_within(scope),
    ]

    def through(kind: str, column: ColumnElement[Any]) -> Select[Any]:
        return (
            select(grant.role, settled.person_id)
            .join(settled_post, column == grant.holder_id)
            .where(*held, _is_of(kind), settled.intent_id.is_(None), holds(settled))
        )

    own = select(grant.role, grant.holder_id.label("person_id")).where(*held, _is_of("person"))
    # Once each: whoever holds it by two grants is one person.
    among = union(
        own, through("post", settled.post_id), through("position", settled.position_id)
    ).subquery()
    query = select(among.c.role, func.count()).group_by(among.c.role)
    return {name: int(people) for name, people in tx.execute(query)}


def _is_of(kind: str) -> ColumnElement[bool]:
    """To that kind of holder; found otherwise: most grants are to people, and without statistics
    SQLite would begin with them."""
    return without_index(role_grant.c.holder_kind) == kind


def count_covered(tx: Connection, place_id: str) -> int:
    """How many people have their main post in a place or under it; as it was within the last ten
    minutes."""
    key = ("covered", place_id)
    if (known := remembered(tx, key)) is not None:
        return known
    now = today().isoformat()
    post, tree = catalogue_post.c, catalogue_tree.c
    query = (
        select(func.count())
        .select_from(catalogue_post)
        .join(catalogue_tree, tree.descendant_id == post.place_id)
        .where(
            tree.ancestor_id == place_id,
            post.kind == "main",
            or_(post.start_on == "", post.start_on <= now),
            or_(post.end_on == "", post.end_on >= now),
        )
    )
    size = int(tx.execute(query).scalar_one())
    remember(tx, key, size)
    return size


def _are_few(tx: Connection, scope: Scope, question: GrantQuestion) -> bool:
    """Whether the index of all, in the order of the list, is no way to find them: without
    statistics SQLite would take it."""
    return _is_small(tx, scope) or bool(
        question.person_id
        or question.people_ids is not None
        or question.position_id
        or question.application_id
        or (question.place_id and _is_small(tx, Scope(False, frozenset({question.place_id}))))
        or question.left_behind
        or question.holder_id
        or question.holder_kind in ("post", "position")
    )


def _is_small(tx: Connection, scope: Scope) -> bool:
    """Whether the scope has few grants, so that they are all looked at; as it was within the last
    ten minutes. What is found never follows from it."""
    if scope.everywhere:
        return False
    key = ("grants in", scope)
    if (known := remembered(tx, key)) is None:
        columns = role_grant.c
        found = select(columns.agency_id).where(*_within(scope)).limit(_MOST_OF_SMALL + 1)
        known = int(tx.execute(select(func.count()).select_from(found.subquery())).scalar_one())
        remember(tx, key, known)
    return known <= _MOST_OF_SMALL


def _conditions(
    tx: Connection,
    scope: Scope,
    question: GrantQuestion,
    is_few: bool,
    place: ColumnElement[str],
) -> Sequence[ColumnElement[bool]]:
    """`place`: where a grant holds, found by its index or not."""
    columns, is_few_here = role_grant.c, _is_small(tx, scope)
    stands = without_index(columns.revoked_at).is_(None) if is_few else columns.revoked_at.is_(None)
    wanted = [*_in_scope(scope, place), stands]
    for column, value in (
        (columns.application_id, question.application_id),
        (columns.role, question.role),
        (columns.holder_id, question.holder_id),
    ):
        if value:
            wanted.append(column == value)
    if question.holder_kind:
        is_way = question.holder_id or not (is_few_here or question.holder_kind == "person")
        its = columns.holder_kind == question.holder_kind
        wanted.append(its if is_way else _is_of(question.holder_kind))
    if question.position_id:
        wanted += [columns.holder_kind == "position", columns.holder_id == question.position_id]
    if question.person_id:
        wanted.append(_of_people([question.person_id]))
    if question.people_ids is not None:
        wanted.append(_of_people(question.people_ids))
    if question.place_id:
        tree = catalogue_tree.c
        under = select(tree.descendant_id).where(tree.ancestor_id == question.place_id)
        wanted.append(place.in_(under))
    if question.left_behind:
        wanted += _left_behind(scope, is_few_here)
    return wanted


def _within(scope: Scope) -> Sequence[ColumnElement[bool]]:
    return _in_scope(scope, role_grant.c.agency_id)


def _in_scope(scope: Scope, place: ColumnElement[str]) -> Sequence[ColumnElement[bool]]:
    places = places_within(scope)
    if places is None:
        return []
    return [false()] if scope.is_empty else [place.in_(places)]


def _of_people(people: Sequence[str]) -> ColumnElement[bool]:
    """To one of the people, their posts or positions: found by these."""
    grant, settled = role_grant.alias("its").c, settled_post.c

    def ways(kind: str, column: ColumnElement[Any]) -> Select[Any]:
        query = select(literal(kind).label("kind"), column.label("holder_id"))
        return query.where(settled.person_id.in_(people), column.is_not(None))

    # Worked out first, the kind a column: else SQLite would begin with all grants of the kind.
    through = union_all(ways("post", settled.post_id), ways("position", settled.position_id))
    way = through.cte("way").prefix_with("MATERIALIZED").c
    own = select(grant.id).where(grant.holder_kind == "person", grant.holder_id.in_(people))
    held = and_(grant.holder_kind == way.kind, grant.holder_id == way.holder_id)
    return role_grant.c.id.in_(union_all(own, select(grant.id).where(held)))


def _left_behind(scope: Scope, is_few: bool) -> Sequence[ColumnElement[bool]]:
    """To somebody who was of the branch and is no more: nobody else's grant hangs on where they
    are. Begins with the few who moved, not with all grants; in a small scope with its grants."""
    if scope.everywhere:
        return [*_to_who_moved(role_grant.c, scope, is_few), _is_left(role_grant.c)]
    given = role_grant.alias("given").c
    asked = [*_in_scope(scope, given.agency_id), *_to_who_moved(given, scope, is_few)]
    few = select(given.id, given.holder_id, given.agency_id).where(*asked).cte("few")
    # Whose it is and where is asked first; of each that is left, what costs more.
    left = few.prefix_with("MATERIALIZED")
    return [role_grant.c.id.in_(select(left.c.id).where(_is_left(left.c)))]


def _to_who_moved(grant: Any, scope: Scope, is_few: bool) -> Sequence[ColumnElement[bool]]:
    """To a person who was in the scope and is elsewhere, or has left."""
    # As the indexes of them say it: a bound value would not be known to be theirs.
    nothing: ColumnElement[str] = literal_column("''")
    post, now = catalogue_post.c, today().isoformat()
    moved: Select[Any] = select(post.person_id).where(post.end_on != nothing, post.end_on < now)
    former: Select[Any] = select(post_history.c.person_id)
    if (places := places_within(scope)) is not None:
        moved = moved.where(without_index(post.place_id).in_(places))
        former = former.where(post_history.c.agency_id.in_(places))
    kind = without_index(grant.holder_kind) if is_few else grant.holder_kind
    # Found by whose it is: else SQLite would look at all that stand.
    stands = without_index(grant.revoked_at).is_(None)
    return kind == "person", stands, grant.holder_id.in_(union(moved, _gone(), former))


def _gone() -> Select[Any]:
    """Who has left, as the index of them says it."""
    left: ColumnElement[str] = literal_column("'left'")
    return select(catalogue_person.c.id).where(catalogue_person.c.status == left)


def _is_left(grant: Any) -> ColumnElement[bool]:
    """Whether its holder was of the branch and is no more."""
    post, tree, history = catalogue_post.c, catalogue_tree.c, post_history.c
    in_branch = (
        post.person_id == grant.holder_id,
        tree.descendant_id == post.place_id,
        tree.ancestor_id == grant.agency_id,
    )
    is_here = exists().where(*in_branch, or_(post.end_on == "", post.end_on >= today().isoformat()))
    has_been_here = exists().where(
        history.person_id == grant.holder_id,
        tree.descendant_id == history.agency_id,
        tree.ancestor_id == grant.agency_id,
    )
    was_here = or_(has_been_here, exists().where(*in_branch))
    return or_(grant.holder_id.in_(_gone()), and_(~is_here, was_here))
