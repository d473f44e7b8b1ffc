"""Questions about people and agencies, answered from the projection alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Result,
    Row,
    Select,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
)

from directory.catalogue.facts import PersonFacts
from directory.catalogue.person import Post, acting_post, home_agency
from directory.clock import today
from directory.database.engine import ask_once, recall, remember
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
class HeldPost:
    """Whose a post is, its first and last day, and where it was asked for, the unit or agency."""

    person_id: str
    id: str
    start_on: str
    end_on: str
    place_id: str = ""


@dataclass(frozen=True)
class Contact:
    """How people reach an agency."""

    name: str
    phone: str
    mail: str


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
AGENCY_COLUMNS = [catalogue_agency.c[each.name] for each in fields(AgencyRow)]
# Built once: building a statement takes longer than running it.
_POST_COLUMNS = [each.label(f"post_{each.name}") for each in catalogue_post.c]
WHOLE_PERSON = [
    *(each.label(f"whose_{each.name}") for each in PERSON_COLUMNS),
    *(each.label(f"whose_post_{each.name}") for each in catalogue_post.c),
]
"""What a statement that joins `catalogue_person` and `catalogue_post` selects for `person_in`."""
_people_and_posts = select(*PERSON_COLUMNS, *_POST_COLUMNS).outerjoin(
    catalogue_post, catalogue_post.c.person_id == catalogue_person.c.id
)
_person = _people_and_posts.where(catalogue_person.c.id == bindparam("id"))
_placed_person = (
    _people_and_posts.add_columns(catalogue_tree.c.ancestor_id.label("above"))
    .outerjoin(catalogue_tree, catalogue_tree.c.descendant_id == catalogue_post.c.place_id)
    .where(catalogue_person.c.id == bindparam("id"))
)
_placed_people = (
    _people_and_posts.add_columns(catalogue_tree.c.ancestor_id.label("above"))
    .outerjoin(catalogue_tree, catalogue_tree.c.descendant_id == catalogue_post.c.place_id)
    .where(catalogue_person.c.id.in_(bindparam("ids", expanding=True)))
)
_next_people = (
    select(catalogue_person.c.id)
    .where(catalogue_person.c.id > bindparam("after"))
    .order_by(catalogue_person.c.id)
    .limit(bindparam("most", type_=Integer))
)
_next_people_with_posts = _people_and_posts.where(catalogue_person.c.id.in_(_next_people)).order_by(
    catalogue_person.c.id
)
_people_with_posts = _people_and_posts.where(
    catalogue_person.c.id.in_(bindparam("ids", expanding=True))
)
_person_by_login = _people_and_posts.join(
    catalogue_login, catalogue_login.c.person_id == catalogue_person.c.id
).where(catalogue_login.c.login == bindparam("login"))
_people_by_login = (
    select(catalogue_login.c.login, *PERSON_COLUMNS)
    .join(catalogue_person, catalogue_person.c.id == catalogue_login.c.person_id)
    .where(catalogue_login.c.login.in_(bindparam("logins", expanding=True)))
)
_people_with = select(*PERSON_COLUMNS).where(
    catalogue_person.c.id.in_(bindparam("ids", expanding=True))
)
_agencies = select(*AGENCY_COLUMNS).where(
    catalogue_agency.c.id.in_(bindparam("ids", expanding=True))
)
_placed = (
    select(*AGENCY_COLUMNS, catalogue_tree.c.ancestor_id)
    .outerjoin(catalogue_tree, catalogue_tree.c.descendant_id == catalogue_agency.c.id)
    .where(catalogue_agency.c.id.in_(bindparam("ids", expanding=True)))
)


def person(tx: Connection, person_id: str) -> PersonRow | None:
    """A person with all their posts, or None."""
    if (placed := recall(tx, ("placed person", person_id))) is not None:
        known: PersonRow = placed.person
        return known
    return _with_posts(tx.execute(_person, {"id": person_id}))


@dataclass(frozen=True)
class PlacedPerson:
    """A person with all their posts, and by each place of these what it lies under, itself too."""

    person: PersonRow
    above: Mapping[str, frozenset[str]]

    def is_under(self, post: Post, roots: frozenset[str]) -> bool:
        """Whether one of their posts lies under one of the places."""
        return not roots.isdisjoint(self.above.get(post.unit_id or post.agency_id, frozenset()))


def placed_person(tx: Connection, person_id: str) -> PlacedPerson | None:
    """A person with where they are, or None; read once in a transaction."""
    return ask_once(tx, ("placed person", person_id), lambda: _read_placed(tx, person_id))


def read_placed_people(tx: Connection, ids: Collection[str]) -> Mapping[str, PlacedPerson]:
    """Those of the people who exist, with where they are, by id: what `placed_person`, `person` and
    `people_with_posts` give of each from now on in this transaction, without asking again."""
    known = {each: recall(tx, ("placed person", each)) for each in {*ids}}
    if missing := [each for each, found in known.items() if found is None]:
        rows: dict[str, list[Row[Any]]] = {each: [] for each in missing}
        for row in tx.execute(_placed_people, {"ids": missing}):
            rows[row.id].append(row)
        for each, its in rows.items():
            known[each] = _placed_of(its)
            remember(tx, ("placed person", each), known[each])
    return {each: found for each, found in known.items() if found is not None}


def _read_placed(tx: Connection, person_id: str) -> PlacedPerson | None:
    return _placed_of(tx.execute(_placed_person, {"id": person_id}).all())


def _placed_of(rows: Sequence[Row[Any]]) -> PlacedPerson | None:
    if not rows:
        return None
    above: dict[str, set[str]] = {}
    of_post: dict[str | None, Row[Any]] = {}
    for row in rows:
        of_post.setdefault(row.post_id, row)
        if row.above is not None:
            above.setdefault(row.post_place_id, set()).add(row.above)
    (found,) = people_of(_PERSON_NAMES, [rows[0][: len(_PERSON_NAMES)]])
    found = replace(found, posts=_posts_in([*of_post.values()], "post_"))
    return PlacedPerson(found, {place: frozenset(its) for place, its in above.items()})


def home_agency_of(tx: Connection, person_id: str) -> str:
    """The id of the agency whose person this is today, under which events are filed; empty when
    there is none."""
    found = person(tx, person_id)
    return home_agency(found, today().isoformat()) if found else ""


def count_people(tx: Connection, after: str = "") -> int:
    """How many people the catalogue holds, whatever their standing; with ids beyond `after`."""
    query = select(func.count()).select_from(catalogue_person)
    return tx.execute(query.where(catalogue_person.c.id > after) if after else query).scalar_one()


def count_active(tx: Connection) -> int:
    """How many people may sign in as far as their standing goes."""
    query = select(func.count()).where(catalogue_person.c.status == "active")
    return tx.execute(query).scalar_one()


def next_people(tx: Connection, after: str, limit: int) -> Sequence[str]:
    """Ids of people beyond `after`, in their order: a way through all of them in pieces."""
    columns = catalogue_person.c
    query = select(columns.id).where(columns.id > after).order_by(columns.id).limit(limit)
    return tx.execute(query).scalars().all()


def list_statuses(tx: Connection) -> Mapping[str, str]:
    """The status of everybody by id."""
    rows = tx.execute(select(catalogue_person.c.id, catalogue_person.c.status))
    return {row.id: row.status for row in rows}


def list_accounts_of(tx: Connection, person_id: str) -> frozenset[str]:
    """The ids of all accounts of whoever has this one: their own and those for administering."""

    def ask() -> frozenset[str]:
        return frozenset(tx.execute(accounts_of(person_id)).scalars()) | {person_id}

    return ask_once(tx, ("accounts of", person_id), ask)


def accounts_of(person_id: str) -> Select[Any]:
    """As `list_accounts_of`, of somebody who is there, as a subquery."""
    return select(catalogue_person.c.id).where(is_account_of(person_id))


def is_account_beside(one: FromClause) -> ColumnElement[bool]:
    """As `is_account_of`, of whoever has the account of a row of them called otherwise."""
    columns = catalogue_person.c
    owner = case((one.c.administrator_of != "", one.c.administrator_of), else_=one.c.id)
    return or_(columns.id == owner, columns.administrator_of == owner)


def is_account_of(person_id: str | ColumnElement[str]) -> ColumnElement[bool]:
    """A condition on people who are there: an account of whoever has this one."""
    columns, own = catalogue_person.c, catalogue_person.alias().c
    owner = (
        select(case((own.administrator_of != "", own.administrator_of), else_=own.id))
        .where(own.id == person_id)
        .scalar_subquery()
    )
    return or_(columns.id == owner, columns.administrator_of == owner)


@dataclass(frozen=True)
class AccountRow:
    """An account and whose it is. `owner_id`, `owner` (full name and username): of an account for
    administering; empty for somebody's own."""

    id: str
    status: str
    owner_id: str
    owner: str


def accounts_with_owners(tx: Connection, ids: Collection[str]) -> Mapping[str, AccountRow]:
    """Those of the accounts that exist, by id."""
    columns, owner = catalogue_person.c, catalogue_person.alias()
    account = (columns.id, columns.status, columns.administrator_of)
    query = (
        select(*account, owner.c.full_name, owner.c.username)
        .outerjoin(owner, owner.c.id == columns.administrator_of)
        .where(columns.id.in_(ids))
    )
    return {
        row.id: AccountRow(
            row.id,
            row.status,
            row.administrator_of,
            f"{row.full_name} ({row.username})" if row.full_name else "",
        )
        for row in tx.execute(query)
    }


def list_names(tx: Connection, ids: Collection[str]) -> Mapping[str, tuple[str, str]]:
    """(full name, username) of those of the people who exist, by id."""
    known = {each: _names_known(tx, each) for each in {*ids}}
    if missing := [each for each, names in known.items() if names is None]:
        found = {row.id: row for row in tx.execute(names_of_people(missing))}
        for each in missing:
            row = found.get(each)
            known[each] = (row.full_name, row.username) if row else ()
            remember(tx, ("names", each), known[each])
    return {each: names for each, names in known.items() if names}


def _names_known(tx: Connection, person_id: str) -> Any:
    """Both names, nothing for somebody who is not there; None where nobody has asked yet."""
    placed: PlacedPerson | None = recall(tx, ("placed person", person_id))
    if placed is not None:
        return placed.person.full_name, placed.person.username
    return recall(tx, ("names", person_id))


def names_of_people(ids: Collection[str]) -> Select[Any]:
    """A statement of (id, full name, username) of those of the people who exist."""
    columns = catalogue_person.c
    return select(columns.id, columns.full_name, columns.username).where(columns.id.in_(ids))


def these_people(ids: Collection[str]) -> Select[Any]:
    """The ids of those of the people who exist, as a subquery."""
    return select(catalogue_person.c.id).where(catalogue_person.c.id.in_(ids))


def names_of_agencies(ids: Collection[str]) -> Select[Any]:
    """A statement of (id, name, '') of those of the agencies and units that exist."""
    columns = catalogue_agency.c
    return select(columns.id, columns.name, literal("")).where(columns.id.in_(ids))


def names_with_place(
    key: ColumnElement[str],
    name: ColumnElement[str],
    place_id: ColumnElement[str],
    things: FromClause,
) -> Select[Any]:
    """A statement of (key, name with that of its place, '') of things that are in places."""
    place = catalogue_agency.c
    in_place = case((place.name.is_not(None), name + " (" + place.name + ")"), else_=name)
    return select(key, in_place, literal("")).select_from(
        things.outerjoin(catalogue_agency, place.id == place_id)
    )


def list_accounts_behind(
    tx: Connection, owner_id: str = ""
) -> Sequence[tuple[str, Literal["suspended", "left"]]]:
    """Administration accounts that may still sign in while their owner may not, or that stay while
    the owner has left: (id, standing of the owner). Of one owner or of all."""
    account, owner = catalogue_person.alias("account"), catalogue_person.alias("owner")
    query = (
        select(account.c.id, owner.c.status)
        .join(owner, owner.c.id == account.c.administrator_of)
        .where(
            # Told so, SQLite finds the few accounts by their index instead of reading everybody.
            account.c.administrator_of > "",
            owner.c.status.in_(("suspended", "left")),
            account.c.status.not_in(("left", owner.c.status)),
        )
    )
    if owner_id:
        query = query.where(account.c.administrator_of == owner_id)
    return [(row.id, row.status) for row in tx.execute(query)]


def list_logins(tx: Connection, person_id: str) -> Sequence[str]:
    """Everything the person may sign in as."""
    columns = catalogue_login.c
    query = select(columns.login).where(columns.person_id == person_id)
    return tx.execute(query).scalars().all()


def lock_csn(tx: Connection, person_id: str) -> str | None:
    """The CSN of the entry that the person's rows were made of; they stay as they are until `tx`
    ends."""
    columns = catalogue_person.c
    query = select(columns.csn).where(columns.id == person_id).with_for_update()
    return tx.execute(query).scalar()


def list_posts_with_id(tx: Connection, post_id: str) -> Sequence[HeldPost]:
    """Whose post it is and when; several when somebody copied it by hand to another entry."""
    post = catalogue_post.c
    told = (post.person_id, post.id, post.start_on, post.end_on, post.place_id)
    query = select(*told).where(post.id == post_id)

    def ask() -> Sequence[HeldPost]:
        return [HeldPost(*row) for row in tx.execute(query)]

    return ask_once(tx, ("post", post_id), ask)


def read_posts(tx: Connection, ids: Collection[str]) -> Sequence[HeldPost]:
    """What `list_posts_with_id` gives of each from now on in this transaction, without asking
    again; all of them."""
    post = catalogue_post.c
    told = (post.person_id, post.id, post.start_on, post.end_on, post.place_id)
    query = select(*told).where(post.id.in_(ids))
    found = [HeldPost(*row) for row in tx.execute(query)] if ids else []
    for each in ids:
        remember(tx, ("post", each), [post for post in found if post.id == each])
    return found


def list_posts_until(tx: Connection, day: str = "") -> Sequence[HeldPost]:
    """Every post that lasts until `day` or longer; without a day simply every post."""
    post = catalogue_post.c
    query = select(post.person_id, post.id, post.start_on, post.end_on)
    if day:
        query = query.where((post.end_on == "") | (post.end_on >= day))
    return [HeldPost(*row) for row in tx.execute(query)]


def find_person_by_login(tx: Connection, login: str) -> PersonRow | None:
    """The person who may sign in as `login`: a username or one of their work addresses."""
    return _with_posts(tx.execute(_person_by_login, {"login": login_key(login)}))


def find_people_by_login(tx: Connection, logins: Collection[str]) -> Mapping[str, PersonRow]:
    """As `find_person_by_login`, of many, without posts: whoever may sign in so, by what was
    asked."""
    keys = {login: login_key(login) for login in logins if login}
    if not keys:
        return {}
    result = tx.execute(_people_by_login, {"logins": list(set(keys.values()))})
    rows = result.all()
    people = people_of(_PERSON_NAMES, [row[1:] for row in rows])
    found = {row[0]: each for row, each in zip(rows, people, strict=True)}
    return {login: found[key] for login, key in keys.items() if key in found}


def list_people_with(tx: Connection, ids: Sequence[str]) -> Sequence[PersonRow]:
    """Those of the people who exist, in the order of `ids`."""
    found = {each.id: each for each in people_from(tx.execute(_people_with, {"ids": list(ids)}))}
    return [found[person_id] for person_id in ids if person_id in found]


def people_with_posts(tx: Connection, ids: Collection[str]) -> Mapping[str, PersonRow]:
    """Those of the people who exist, with all their posts, by id."""
    known = {each: recall(tx, ("placed person", each)) for each in ids}
    missing = [each for each, placed in known.items() if placed is None]
    read = tx.execute(_people_with_posts, {"ids": missing}) if missing else ()
    return {**{id_: its.person for id_, its in known.items() if its}, **_by_id(read)}


def next_people_with_posts(tx: Connection, after: str, limit: int) -> dict[str, PersonRow]:
    """As `next_people`, with all their posts, in that order."""
    return _by_id(tx.execute(_next_people_with_posts, {"after": after, "most": limit}))


def _by_id(rows: Iterable[Row[Any]]) -> dict[str, PersonRow]:
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.id, []).append(row)
    width = len(_PERSON_NAMES)
    people = people_of(_PERSON_NAMES, [rows[0][:width] for rows in found.values()])
    return {each.id: replace(each, posts=_posts_in(found[each.id], "post_")) for each in people}


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


def _with_posts(result: Result[Any]) -> PersonRow | None:
    """The only one found, with posts: a row for each, or one without any."""
    rows = result.all()
    if not rows:
        return None
    (found,) = people_of(_PERSON_NAMES, [rows[0][: len(_PERSON_NAMES)]])
    return replace(found, posts=_posts_in(rows, "post_"))


def person_in(rows: Sequence[Row[Any]]) -> PersonRow:
    """The one person of rows that select `WHOLE_PERSON`, with posts: a row for each, or one without
    any."""
    its = rows[0]._mapping
    (person,) = people_of(_PERSON_NAMES, [[its[f"whose_{name}"] for name in _PERSON_NAMES]])
    return replace(person, posts=_posts_in(rows, "whose_post_"))


def _posts_in(rows: Sequence[Row[Any]], named: str) -> tuple[Post, ...]:
    there = [row for row in rows if row._mapping[f"{named}id"] is not None]
    posts = [post_from_row(row, named) for row in there]
    return tuple(sorted(posts, key=lambda post: (post.kind != "main", post.start, post.id)))


def post_from_row(row: Row[Any], named: str = "") -> Post:
    """A row of `catalogue_post`; `named`: what the names of its columns begin with."""
    its = row._mapping
    return Post(
        id=its[f"{named}id"],
        agency_id=its[f"{named}agency_id"],
        unit_id=its[f"{named}unit_id"],
        title=its[f"{named}title"],
        kind=its[f"{named}kind"],
        start=its[f"{named}start_on"],
        end=its[f"{named}end_on"],
        basis=its[f"{named}basis"],
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
    return agencies_by_id(tx, [agency_id]).get(agency_id)


@dataclass(frozen=True)
class PlacedAgency:
    """An agency or unit, None where there is none, and what it lies under, itself too."""

    agency: AgencyRow | None
    above: frozenset[str]


def read_places(tx: Connection, ids: Collection[str]) -> Mapping[str, PlacedAgency]:
    """Agencies and units with what they lie under, by id: those that nobody asked for yet in this
    transaction are read together."""
    found: dict[str, PlacedAgency] = {}
    missing = []
    for each in {*ids} - {""}:
        if (known := recall(tx, ("place", each))) is None:
            missing.append(each)
        else:
            found[each] = known
    if not missing:
        return found
    rows: dict[str, AgencyRow] = {}
    above: dict[str, set[str]] = {each: set() for each in missing}
    for *its, ancestor in tx.execute(_placed, {"ids": missing}):
        rows[its[0]] = AgencyRow(*its)
        above[its[0]].add(ancestor)
    for each in missing:
        found[each] = PlacedAgency(rows.get(each), frozenset(above[each] - {None}))
        remember(tx, ("place", each), found[each])
    return found


def is_somebodys_id(tx: Connection, wanted: str) -> bool:
    """Whether a person, an agency or a unit is called so."""
    person, place = catalogue_person.c.id, catalogue_agency.c.id
    query = select(exists().where(person == wanted) | exists().where(place == wanted))
    return bool(tx.execute(query).scalar())


def find_contact(tx: Connection, agency_id: str) -> Contact | None:
    """How people reach an agency."""
    columns = catalogue_agency.c
    query = select(columns.name, columns.phone, columns.mail).where(columns.id == agency_id)
    row = tx.execute(query).first()
    return None if row is None else Contact(*row)


def list_people_under(tx: Connection, place_id: str) -> Sequence[str]:
    """Ids of everybody with a post, past ones too, in that agency or unit or under it."""
    below = select(catalogue_tree.c.descendant_id).where(catalogue_tree.c.ancestor_id == place_id)
    post = catalogue_post.c
    query = select(post.person_id).where(post.agency_id.in_(below) | post.unit_id.in_(below))
    return tx.execute(query.distinct()).scalars().all()


def list_places_named(tx: Connection, key: str, limit: int) -> Sequence[str]:
    """Ids of agencies and units with the folded text `key` in their names."""
    columns = catalogue_agency.c
    fits = columns.search_key.contains(key, autoescape=True)
    return tx.execute(select(columns.id).where(fits).limit(limit)).scalars().all()


def agencies_above(tx: Connection, places: Collection[str]) -> dict[str, AgencyRow]:
    """The places and everything they lie under, by id."""
    columns, tree = catalogue_agency.c, catalogue_tree.c
    above = select(tree.ancestor_id).where(tree.descendant_id.in_(places))
    query = select(*AGENCY_COLUMNS).where(columns.id.in_(places) | columns.id.in_(above))
    found = {row[0]: AgencyRow(*row) for row in tx.execute(query)} if places else {}
    for each, row in found.items():
        remember(tx, ("agency", each), row)
    return found


def list_above(tx: Connection, places: Collection[str]) -> frozenset[str]:
    """The places and everything they lie under."""
    tree = catalogue_tree.c
    query = select(tree.ancestor_id).where(tree.descendant_id.in_(places))
    return frozenset(tx.execute(query).scalars()) | frozenset(places)


def agency_by_code(tx: Connection, code: str) -> AgencyRow | None:
    """The living agency with that code (letter case does not matter), or None."""
    columns = catalogue_agency.c
    row = tx.execute(
        select(*AGENCY_COLUMNS).where(
            func.lower(columns.code) == code.strip().lower(), columns.status == "active"
        )
    ).first()
    return None if row is None else AgencyRow(*row)


def list_unknown_codes(tx: Connection, codes: Collection[str]) -> Sequence[str]:
    """Those of the codes that are no living agency's (letter case does not matter)."""
    columns = catalogue_agency.c
    keys = {code: code.strip().lower() for code in codes}
    code = func.lower(columns.code)
    query = select(code).where(code.in_(sorted({*keys.values()})), columns.status == "active")
    known = {*tx.execute(query).scalars()} if keys else set()
    return [code for code, key in keys.items() if key not in known]


def agencies_by_id(tx: Connection, ids: Sequence[str]) -> dict[str, AgencyRow]:
    """The agencies and units among `ids` that exist, by id."""
    found = {each: row for each in {*ids} if (row := recall(tx, ("agency", each))) is not None}
    known = {each: recall(tx, ("place", each)) for each in {*ids} - {*found}}
    found |= {each: place.agency for each, place in known.items() if place and place.agency}
    if missing := [each for each, place in known.items() if place is None]:
        for row in tx.execute(_agencies, {"ids": missing}):
            found[row[0]] = AgencyRow(*row)
            remember(tx, ("agency", row[0]), found[row[0]])
    return found


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


def list_owners(tx: Connection, people: Collection[str]) -> set[str]:
    """Those of the people who have an account for administering beside their own."""
    owner = catalogue_person.c.administrator_of
    query = select(owner).where(owner != "").distinct()
    return {each for each in tx.execute(query).scalars() if each in set(people)}
