"""Grants with names for their ids, and as a sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, case, literal, select, tuple_, union_all

from directory.authz.grants import Grant
from directory.authz.tables import application, position, role, settled_post
from directory.clock import written
from directory.errors import Words
from directory.projection import queries
from directory.projection.tables import catalogue_agency, catalogue_person, catalogue_post


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
    """One statement, however many."""
    return name_all(tx, grants)[0]


def name_all(
    tx: Connection, grants: Sequence[Grant], *, more: Sequence[str] = ()
) -> tuple[Sequence[NamedGrant], Mapping[str, str]]:
    """As `name_grants`, and by the same statement the names of who gave and approved them, and of
    `more`, by tag."""
    tags = {tag for each in grants for tag in (each.given_by, each.approved_by)}
    givers = people_in(tags | set(more))
    found = _find_names(
        tx,
        roles={(grant.application_id, grant.role) for grant in grants},
        positions=_holders(grants, "position"),
        posts=_holders(grants, "post"),
        people=_holders(grants, "person") | givers,
        places={grant.agency_id for grant in grants},
    )

    def person(person_id: str) -> str:
        full_name, username, _ = found.get(("person", person_id, ""), _NOTHING)
        return f"{full_name} ({username})" if full_name else ""

    def holder(grant: Grant) -> str:
        if grant.holder_kind == "person":
            return person(grant.holder_id)
        one, two, title = found.get((grant.holder_kind, grant.holder_id, ""), _NOTHING)
        if grant.holder_kind == "position":
            return ", ".join(filter(None, (one, two)))
        return ": ".join(filter(None, (f"{one} ({two})" if one else "", title)))

    def named(grant: Grant) -> NamedGrant:
        key = ("role", grant.application_id, grant.role)
        application_name, title_vi, title_en = found.get(key, ("", grant.role, grant.role))
        place, code, _ = found.get(("place", grant.agency_id, ""), _NOTHING)
        title = Words(title_vi, title_en or title_vi)
        return NamedGrant(grant, application_name, title, holder(grant), place, code)

    return [named(grant) for grant in grants], {f"person:{each}": person(each) for each in givers}


def name_tags(tx: Connection, tags: Collection[str]) -> Mapping[str, str]:
    """The people among tags of actors, by tag: what tells them besides the vocabulary."""
    found = queries.list_names(tx, people_in(tags))
    return {f"person:{each}": "{} ({})".format(*names) for each, names in found.items()}


def people_in(tags: Collection[str]) -> set[str]:
    """The ids of the people among tags of actors."""
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
    day = written(grant.end)
    return Words(f"đến hết ngày {day}", f"until {day}")


def _narrowed(grant: Grant, field: str, procedure: str) -> str:
    told = ((field, grant.field), (procedure, grant.procedure))
    return "".join(f", {label} {code}" for label, code in told if code)


def _holders(grants: Sequence[Grant], kind: str) -> set[str]:
    return {grant.holder_id for grant in grants if grant.holder_kind == kind}


def titles_of(
    tx: Connection, wanted: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], tuple[str, Words]]:
    """The application's name and the role's titles, by application and role."""
    return {
        (application_id, name): (application_name, Words(vi, en or vi))
        for (_, application_id, name), (application_name, vi, en) in _find_names(
            tx, roles=wanted
        ).items()
    }


_Key = tuple[str, str, str]
_NOTHING = ("", "", "")


def _find_names(
    tx: Connection,
    *,
    roles: Collection[tuple[str, str]] = (),
    positions: Collection[str] = (),
    posts: Collection[str] = (),
    people: Collection[str] = (),
    places: Collection[str] = (),
) -> Mapping[_Key, tuple[str, str, str]]:
    """What all of these are called, by kind and id (of a role: application and name): of a role its
    application and both titles, of a position its name and place, of a post its holder's two names
    and its title, of a person both names, of a place name and code."""
    asking = [
        query
        for query, asked in (
            (_roles_among(roles), roles),
            (_positions_among(positions), positions),
            (_posts_among(posts), posts),
            (_people_among(people), people),
            (_places_among(places), places),
        )
        if asked
    ]
    if not asking:
        return {}
    rows = tx.execute(union_all(*asking))
    return {(kind, one, also): (a or "", b or "", c or "") for kind, one, also, a, b, c in rows}


def _roles_among(wanted: Collection[tuple[str, str]]) -> Select[Any]:
    its = role.c
    return (
        select(
            literal("role"),
            its.application_id,
            its.name,
            application.c.name.label("application_name"),
            its.title_vi,
            its.title_en,
        )
        .join(application, application.c.id == its.application_id)
        .where(tuple_(its.application_id, its.name).in_(sorted(wanted)))
    )


def _positions_among(ids: Collection[str]) -> Select[Any]:
    its, place = position.c, catalogue_agency.c
    where = case((its.unit_id != "", its.unit_id), else_=its.agency_id)
    return (
        select(literal("position"), its.id, _EMPTY, its.name, place.name.label("place"), _EMPTY)
        .outerjoin(catalogue_agency, place.id == where)
        .where(its.id.in_(sorted(ids)))
    )


def _posts_among(ids: Collection[str]) -> Select[Any]:
    its, post, person = settled_post.c, catalogue_post.c, catalogue_person.c
    return (
        select(literal("post"), its.post_id, _EMPTY, person.full_name, person.username, post.title)
        .outerjoin(catalogue_post, (post.person_id == its.person_id) & (post.id == its.post_id))
        .outerjoin(catalogue_person, person.id == its.person_id)
        .where(its.post_id.in_(sorted(ids)))
    )


def _people_among(ids: Collection[str]) -> Select[Any]:
    its = catalogue_person.c
    kind = literal("person")
    names = select(kind, its.id, _EMPTY, its.full_name, its.username, _EMPTY)
    return names.where(its.id.in_(sorted(ids)))


def _places_among(ids: Collection[str]) -> Select[Any]:
    its = catalogue_agency.c
    names = select(literal("place"), its.id, _EMPTY, its.name, its.code, _EMPTY)
    return names.where(its.id.in_(sorted(ids)))


_EMPTY = literal("")
