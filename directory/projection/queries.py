"""Questions about people and agencies, answered from the projection alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, Result, Row, Select, bindparam, func, select

from directory.catalogue.facts import PersonFacts
from directory.catalogue.person import Post, acting_post, home_agency
from directory.clock import today
from directory.projection.rows import login_key, typed_words, words_key
from directory.projection.tables import (
    FACTS_WITH_COLUMN,
    catalogue_agency,
    catalogue_login,
    catalogue_person,
    catalogue_post,
    catalogue_tree,
    person_state,
)
from directory.text import fold, fold_keeping_marks


@dataclass(frozen=True)
class PersonRow(PersonFacts):
    """A person as lists and claims need them: the facts that have a column, and `posts` where the
    query says so."""

    id: str
    family_name: str
    middle_name: str
    given_name: str
    status: str
    csn: str
    posts: tuple[Post, ...] = ()

    def acting_post(self, today: str, chosen: str = "") -> Post | None:
        """The current post `chosen`, else the one a person acts in by default."""
        for post in self.posts:
            if post.id == chosen and post.is_current(today):
                return post
        return acting_post(self.posts, today)


@dataclass(frozen=True)
class AgencyRow:
    """An agency or unit as lists and claims need it."""

    id: str
    code: str
    name: str
    short_name: str
    kind: str
    type: str
    parent_id: str
    precedence: int
    status: str


@dataclass(frozen=True)
class PersonStatus:
    """The one status read of a request: is the person active, since when do sessions count, and
    which versions of person and grants may cached claims be keyed by."""

    active: bool
    sessions_valid_after: int
    version: int
    grant_version: int


_PERSON_NAMES = [each.name for each in fields(PersonRow) if each.name in catalogue_person.c]
_NULLABLE = [fact for fact in FACTS_WITH_COLUMN if catalogue_person.c[fact.name].nullable]
PERSON_COLUMNS = [catalogue_person.c[name] for name in _PERSON_NAMES]
# In the order of the fields of `AgencyRow`, which is made from rows by position.
AGENCY_COLUMNS = [
    catalogue_agency.c[name]
    for name in (
        "id",
        "code",
        "name",
        "short_name",
        "kind",
        "type",
        "parent_id",
        "precedence",
        "status",
    )
]
# Built once: building a statement takes longer than running it.
_person = select(*PERSON_COLUMNS).where(catalogue_person.c.id == bindparam("id"))
_posts_of_person = select(catalogue_post).where(catalogue_post.c.person_id == bindparam("id"))
_agencies = select(*AGENCY_COLUMNS).where(
    catalogue_agency.c.id.in_(bindparam("ids", expanding=True))
)


def person(tx: Connection, person_id: str) -> PersonRow | None:
    """A person with all their posts, or None."""
    return _with_posts(tx, people_from(tx.execute(_person, {"id": person_id})))


def home_agency_of(tx: Connection, person_id: str) -> str:
    """The id of the agency whose person this is today, under which events are filed; empty when
    there is none."""
    found = person(tx, person_id)
    return home_agency(found, today().isoformat()) if found else ""


def count_people(tx: Connection) -> int:
    """How many people the catalogue holds, whatever their standing."""
    return tx.execute(select(func.count()).select_from(catalogue_person)).scalar_one()


def find_person_by_login(tx: Connection, login: str) -> PersonRow | None:
    """The person who may sign in as `login`: a username or one of their work addresses."""
    query = (
        select(*PERSON_COLUMNS)
        .join(catalogue_login, catalogue_login.c.person_id == catalogue_person.c.id)
        .where(catalogue_login.c.login == login_key(login))
    )
    return _with_posts(tx, people_from(tx.execute(query)))


def people_from(result: Result[Any]) -> list[PersonRow]:
    """The people of a result."""
    return people_of(list(result.keys()), result.all())


def people_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[PersonRow]:
    """The people of rows whose columns have these names."""
    return [PersonRow(**_told(dict(zip(names, row, strict=True)))) for row in rows]


def _told(values: dict[str, Any]) -> dict[str, Any]:
    for fact in _NULLABLE:
        if values[fact.name] is None:
            values[fact.name] = fact.default
    return values


def _with_posts(tx: Connection, found: Sequence[PersonRow]) -> PersonRow | None:
    """The only one found, with posts."""
    if not found:
        return None
    (person,) = found
    posts = map(post_from_row, tx.execute(_posts_of_person, {"id": person.id}))
    ordered = sorted(posts, key=lambda post: (post.kind != "main", post.start, post.id))
    return replace(person, posts=tuple(ordered))


def post_from_row(row: Row[Any]) -> Post:
    """A row of `catalogue_post`."""
    return Post(
        id=row.id,
        agency_id=row.agency_id,
        unit_id=row.unit_id,
        title=row.title,
        kind=row.kind,
        start=row.start_on,
        end=row.end_on,
        basis=row.basis,
    )


def person_status(tx: Connection, person_id: str) -> PersonStatus | None:
    """The status read; None for a person the catalogue does not hold (any more)."""
    query = (
        select(
            catalogue_person.c.status,
            person_state.c.sessions_valid_after,
            person_state.c.version,
            person_state.c.grant_version,
        )
        .join(person_state, person_state.c.person_id == catalogue_person.c.id)
        .where(catalogue_person.c.id == person_id)
    )
    row = tx.execute(query).first()
    if row is None:
        return None
    return PersonStatus(
        row.status == "active", row.sessions_valid_after, row.version, row.grant_version
    )


def list_people(
    tx: Connection,
    *,
    query: str = "",
    place_id: str = "",
    limit: int = 50,
    offset: int = 0,
) -> tuple[int, Sequence[PersonRow]]:
    """(how many match, one page of them) sorted by given name in Vietnamese order.

    `query` is matched without diacritics, every word of it; hits with the diacritics as typed come
    first. `place_id`: only people with a post in that agency or unit or under it.
    """
    filtered = _people_matching(query, place_id)
    total = tx.execute(select(func.count()).select_from(filtered.subquery())).scalar_one()
    typed = words_key(fold_keeping_marks(query))
    exact = catalogue_person.c.exact_key.contains(typed, autoescape=True)
    order = [catalogue_person.c.sort_key, catalogue_person.c.id]
    page = filtered.order_by(*([exact.desc(), *order] if query.strip() else order))
    return total, people_from(tx.execute(page.limit(limit).offset(offset)))


def _people_matching(query: str, place_id: str) -> Select[Any]:
    statement = select(*PERSON_COLUMNS)
    for word in typed_words(query):
        statement = statement.where(
            catalogue_person.c.search_key.contains(words_key(word), autoescape=True)
        )
    if not place_id:
        return statement
    below = select(catalogue_tree.c.descendant_id).where(catalogue_tree.c.ancestor_id == place_id)
    post = catalogue_post.c
    holders = select(post.person_id).where(post.agency_id.in_(below) | post.unit_id.in_(below))
    return statement.where(catalogue_person.c.id.in_(holders))


def agency(tx: Connection, agency_id: str) -> AgencyRow | None:
    """An agency or unit by id, or None."""
    row = tx.execute(select(*AGENCY_COLUMNS).where(catalogue_agency.c.id == agency_id)).first()
    return None if row is None else AgencyRow(*row)


def agency_by_code(tx: Connection, code: str) -> AgencyRow | None:
    """The living agency with that code (letter case does not matter), or None."""
    columns = catalogue_agency.c
    row = tx.execute(
        select(*AGENCY_COLUMNS).where(
            func.lower(columns.code) == code.strip().lower(), columns.status == "active"
        )
    ).first()
    return None if row is None else AgencyRow(*row)


def agencies_by_id(tx: Connection, ids: Sequence[str]) -> dict[str, AgencyRow]:
    """The agencies and units among `ids` that exist, by id."""
    rows = tx.execute(_agencies, {"ids": list(set(ids))}).all()
    return {row[0]: AgencyRow(*row) for row in rows}


def list_agencies(
    tx: Connection,
    *,
    parent_id: str | None = None,
    kind: str = "",
    query: str = "",
    limit: int = 2000,
) -> Sequence[AgencyRow]:
    """Living agencies and units by precedence, then name; `parent_id` "" gives the roots."""
    columns = catalogue_agency.c
    statement = select(*AGENCY_COLUMNS).where(columns.status == "active")
    if parent_id is not None:
        statement = statement.where(columns.parent_id == parent_id)
    if kind:
        statement = statement.where(columns.kind == kind)
    for word in fold(query).split():
        statement = statement.where(columns.search_key.contains(words_key(word), autoescape=True))
    statement = statement.order_by(columns.precedence, columns.sort_key, columns.id).limit(limit)
    return [AgencyRow(*row) for row in tx.execute(statement).all()]


def is_under(tx: Connection, agency_id: str, ancestor_id: str) -> bool:
    """Whether `agency_id` is `ancestor_id` or lies anywhere under it."""
    tree = catalogue_tree.c
    query = select(tree.depth).where(
        tree.ancestor_id == ancestor_id, tree.descendant_id == agency_id
    )
    return tx.execute(query).first() is not None
