"""Grants with names for their ids, and as a sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, tuple_

from directory.authz.grants import Grant
from directory.authz.tables import application, position, role, settled_post
from directory.errors import Words
from directory.projection import queries
from directory.projection.queries import AgencyRow


@dataclass(frozen=True)
class NamedGrant:
    """A grant and what its parts are called; empty for what is not there any more."""

    grant: Grant
    application: str
    role: Words
    holder: str
    place: str
    place_code: str


def name_grants(tx: Connection, grants: Sequence[Grant]) -> Sequence[NamedGrant]:
    """As many statements for many as for one: at most six."""
    return name_all(tx, grants)[0]


def name_all(
    tx: Connection, grants: Sequence[Grant], *, more: Sequence[str] = ()
) -> tuple[Sequence[NamedGrant], Mapping[str, str]]:
    """As `name_grants`, and by no more statements the names of who gave and approved them, and of
    `more`, by tag."""
    titles = titles_of(tx, {(grant.application_id, grant.role) for grant in grants})
    positions = _positions(tx, _holders(grants, "position"))
    posts = _posts(tx, _holders(grants, "post"))
    tags = {tag for each in grants for tag in (each.given_by, each.approved_by)}
    givers = _people_in(tags | set(more))
    people = queries.list_names(
        tx, {*_holders(grants, "person"), *(person for person, _ in posts.values()), *givers}
    )
    wanted = {grant.agency_id for grant in grants} | {place for _, place in positions.values()}
    places = queries.agencies_by_id(tx, sorted(wanted))

    def person(person_id: str) -> str:
        return "{} ({})".format(*people[person_id]) if person_id in people else ""

    def holder(grant: Grant) -> str:
        if grant.holder_kind == "person":
            return person(grant.holder_id)
        if grant.holder_kind == "position":
            name, place = positions.get(grant.holder_id, ("", ""))
            return ", ".join(filter(None, (name, _name(places, place))))
        whose, title = posts.get(grant.holder_id, ("", ""))
        return ": ".join(filter(None, (person(whose), title)))

    def named(grant: Grant) -> NamedGrant:
        key = (grant.application_id, grant.role)
        application_name, title = titles.get(key, ("", Words(grant.role, grant.role)))
        return NamedGrant(
            grant,
            application_name,
            title,
            holder(grant),
            _name(places, grant.agency_id),
            places[grant.agency_id].code if grant.agency_id in places else "",
        )

    return [named(grant) for grant in grants], {f"person:{each}": person(each) for each in givers}


def name_tags(tx: Connection, tags: Collection[str]) -> Mapping[str, str]:
    """The people among tags of actors, by tag: what tells them besides the vocabulary."""
    found = queries.list_names(tx, _people_in(tags))
    return {f"person:{each}": "{} ({})".format(*names) for each, names in found.items()}


def _people_in(tags: Collection[str]) -> set[str]:
    return {rest for kind, _, rest in (tag.partition(":") for tag in tags) if kind == "person"}


GIVE = Words("Cấp", "Give")
RENEW = Words("Gia hạn", "Renew")


def sentence_of(named: NamedGrant, act: Words = GIVE) -> Words:
    """What is given to whom, where and until when."""
    vi, en = named.role
    return Words(
        f"{act.vi} vai trò “{vi}” của {named.application} cho {named.holder} tại {named.place}"
        f"{_narrowed(named.grant, 'lĩnh vực', 'thủ tục')}, {_until(named.grant).vi}.",
        f"{act.en} the role “{en}” of {named.application} to {named.holder} in {named.place}"
        f"{_narrowed(named.grant, 'field', 'procedure')}, {_until(named.grant).en}.",
    )


def _until(grant: Grant) -> Words:
    if not grant.end:
        return Words("không thời hạn", "without end")
    day = "/".join(reversed(grant.end.split("-")))
    return Words(f"đến hết ngày {day}", f"until {day}")


def _narrowed(grant: Grant, field: str, procedure: str) -> str:
    told = ((field, grant.field), (procedure, grant.procedure))
    return "".join(f", {label} {code}" for label, code in told if code)


def _name(places: Mapping[str, AgencyRow], place_id: str) -> str:
    return places[place_id].name if place_id in places else ""


def _holders(grants: Sequence[Grant], kind: str) -> set[str]:
    return {grant.holder_id for grant in grants if grant.holder_kind == kind}


def titles_of(
    tx: Connection, wanted: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], tuple[str, Words]]:
    """The application's name and the role's titles, by application and role."""
    key = tuple_(role.c.application_id, role.c.name)
    rows = tx.execute(
        select(role, application.c.name.label("application_name"))
        .join(application, application.c.id == role.c.application_id)
        .where(key.in_(wanted))
    )
    return {
        (row.application_id, row.name): (
            row.application_name,
            Words(row.title_vi, row.title_en or row.title_vi),
        )
        for row in rows
    }


def _positions(tx: Connection, ids: set[str]) -> Mapping[str, tuple[str, str]]:
    """Name and place, by id."""
    if not ids:
        return {}
    rows = tx.execute(select(position).where(position.c.id.in_(ids)))
    return {row.id: (row.name, row.unit_id or row.agency_id) for row in rows}


def _posts(tx: Connection, ids: set[str]) -> Mapping[str, tuple[str, str]]:
    """Whose, and with what title, by id."""
    if not ids:
        return {}
    columns = settled_post.c
    query = select(columns.post_id, columns.person_id).where(columns.post_id.in_(ids))
    titles = queries.list_titles(tx, ids)
    return {row.post_id: (row.person_id, titles.get(row.post_id, "")) for row in tx.execute(query)}
