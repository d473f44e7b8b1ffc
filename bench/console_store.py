"""Rights of a large province: 300 applications, 400,000 grants, requests, and what the log says.

People and agencies come from ``danhmuc seed``; what this adds is put in by bulk, in one
transaction, the same for the same store.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

import rfc8785
from sqlalchemy import Connection, Table, func, insert, select, text

from admin_ui.components import REGISTRATION
from directory.actor import system
from directory.audit.tables import audit_event
from directory.authz import grants
from directory.authz.applications import Access, Sharing
from directory.authz.conflicts import look_again
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.roles import Role
from directory.authz.tables import position, post_history, role_grant, settled_post
from directory.clock import DAY, iso, now_ms, today
from directory.database.engine import lift_statement_limit
from directory.ids import new_event_id
from directory.installation import Installation
from directory.projection.tables import catalogue_agency, catalogue_person, catalogue_post
from directory.requests.tables import request
from idp.clients import service as clients

APPLICATIONS, GRANTS = 300, 400_000
ROLES = ("xem", "nhap", "duyet", "quan-tri", "bao-cao")
_POSITIONS, _TO_POSITIONS, _TO_POSTS = 6_000, 20_000, 20_000
_MOVED, _REQUESTS, _OPEN = 4_000, 5_000, 400
_CHUNK = 5_000
_SEED = 20260101
_ACTOR = system("bench")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Post:
    """A main post: whose, and where."""

    person_id: str
    id: str
    agency_id: str
    unit_id: str
    title: str


def fill(installation: Installation) -> None:
    """Add what is missing; a store that has it all is left as it is."""
    with installation.database.read() as tx:
        there = tx.execute(select(func.count()).select_from(role_grant)).scalar_one()
    if there < GRANTS:
        _fill(installation)
    look_again(installation)  # what the worker does within minutes


def _fill(installation: Installation) -> None:
    chance = random.Random(_SEED)
    names = _add_applications(installation, chance)
    with installation.database.write() as tx:
        lift_statement_limit(tx)
        posts = _main_posts(tx)
        positions = _add_positions(tx, posts)
        made = [*_grants(chance, names, posts, positions)]
        _insert(tx, role_grant, made)
        _insert(tx, settled_post, _settled(tx, posts, made))
        _insert(tx, post_history, _history(chance, posts, made))
        _insert(tx, request, _requests(chance, names, posts))
        _insert(tx, audit_event, _events(made))
    if not installation.database.is_sqlite:
        # What autovacuum does within minutes, and would do while it is measured: statistics, and
        # which pages an index alone answers for.
        with installation.database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM (ANALYZE)"))


def _add_applications(installation: Installation, chance: random.Random) -> Sequence[str]:
    with installation.database.read() as tx:
        columns = catalogue_agency.c
        query = select(columns.id).where(columns.kind == "agency", columns.parent_id != "")
        agencies = list(tx.execute(query.order_by(columns.precedence, columns.id)).scalars())
    names = []
    for number in range(APPLICATIONS):
        sharing: Sharing = "internal" if number % 3 else "shared"
        access: Access = "agencies" if number % 3 else ("everyone", "roles")[number % 2]
        owner = chance.choice(agencies)
        opened = tuple({owner, *chance.sample(agencies, 2)}) if access == "agencies" else ()
        entry = clients.Entry(access, opened, "", owner, sharing)
        address = f"https://ung-dung-{number}.example"
        metadata = {
            "client_name": f"Ứng dụng số {number:03d}",
            "client_uri": f"{address}/",
            "redirect_uris": [f"{address}/callback"],
        }
        added = clients.add_client(installation, _ACTOR, REGISTRATION, metadata, entry=entry)
        names.append(added.client.id)
    with installation.database.write() as tx:
        for name in names:
            for at, role in enumerate(ROLES):
                declared = Role(
                    name, role, f"Vai trò {role}", f"Role {role}", needs_approval=at == 3
                )
                grants.put_role(tx, _ACTOR, declared)
            pair = Role(name, "duyet", "Vai trò duyet", "Role duyet", excludes=("nhap",))
            grants.put_role(tx, _ACTOR, pair)
    return names


def _main_posts(tx: Connection) -> Sequence[_Post]:
    post = catalogue_post.c
    query = (
        select(post.person_id, post.id, post.agency_id, post.unit_id, post.title)
        .join(catalogue_person, catalogue_person.c.id == post.person_id)
        .where(post.kind == "main", catalogue_person.c.administrator_of.is_(None))
        .order_by(post.person_id, post.id)
    )
    return [_Post(*row) for row in tx.execute(query)]


def _add_positions(tx: Connection, posts: Sequence[_Post]) -> Mapping[tuple[str, str, str], str]:
    """Positions by agency, unit and title."""
    there = {(row.agency_id, row.unit_id, row.name): row.id for row in tx.execute(select(position))}
    found: dict[tuple[str, str, str], str] = {}
    for post in posts:
        key = (post.agency_id, post.unit_id, post.title)
        if len(found) < _POSITIONS and key not in there:
            found.setdefault(key, _id("position", *key))
    _insert(
        tx,
        position,
        (
            {"id": made, "agency_id": agency, "unit_id": unit, "name": title}
            for (agency, unit, title), made in found.items()
        ),
    )
    return {**there, **found}


def _grants(
    chance: random.Random,
    names: Sequence[str],
    posts: Sequence[_Post],
    positions: Mapping[tuple[str, str, str], str],
) -> Iterator[Row]:
    by_agency: dict[str, list[str]] = {}
    for post in posts:
        by_agency.setdefault(post.agency_id, []).append(post.id)
    agencies = sorted(by_agency)
    holders = [*positions.items()]
    moved = {post.person_id for post in chance.sample(posts, _MOVED)}
    taken: set[tuple[str, str, str, str]] = set()
    number = 0
    while number < GRANTS:
        name, role = chance.choice(names), chance.choice(ROLES)
        if number < _TO_POSITIONS:
            (agency, _, _), holder_id = chance.choice(holders)
            kind = "position"
        else:
            post = chance.choice(posts)
            is_post = number < _TO_POSITIONS + _TO_POSTS
            kind, holder_id = ("post", post.id) if is_post else ("person", post.person_id)
            agency = post.agency_id
            if kind == "person" and post.person_id in moved:
                agency = chance.choice(agencies)  # where they were before
        if (name, role, holder_id, agency) in taken:
            continue
        taken.add((name, role, holder_id, agency))
        number += 1
        end = (today() + timedelta(days=chance.randint(-60, 365))).isoformat()
        revoked = number % 20 == 0
        yield {
            "id": _id("grant", str(number)),
            "application_id": name,
            "role": role,
            "holder_kind": kind,
            "holder_id": holder_id,
            "agency_id": agency,
            "field": "",
            "procedure": "",
            "start_on": (today() - timedelta(days=chance.randint(61, 400))).isoformat(),
            "end_on": "" if number % 10 == 0 else end,
            "reason": "Đo tốc độ",
            "granted_by": f"person:{chance.choice(posts).person_id}",
            "granted_at": now_ms() - chance.randint(1, 400) * DAY,
            "revoked_at": now_ms() - DAY if revoked else 0,
            "basis": None,
            "approved_by": None,
            "revoked_by": "system:bench" if revoked else None,
            "revoke_reason": "Đo tốc độ" if revoked else None,
        }


def _settled(tx: Connection, posts: Sequence[_Post], made: Sequence[Row]) -> Iterator[Row]:
    to_posts = {row["holder_id"] for row in made if row["holder_kind"] == "post"}
    columns = position.c
    query = select(columns.id, columns.agency_id, columns.unit_id, columns.name)
    held = {(row.agency_id, row.unit_id, row.name): row.id for row in tx.execute(query)}
    there = set(tx.execute(select(settled_post.c.post_id)).scalars())
    for post in posts:
        position_id = held.get((post.agency_id, post.unit_id, post.title))
        if post.id not in there and (position_id or post.id in to_posts):
            yield {
                "person_id": post.person_id,
                "post_id": post.id,
                "position_id": position_id,
                "start_on": "",
                "end_on": "",
                "intent_id": None,
            }


def _history(chance: random.Random, posts: Sequence[_Post], made: Sequence[Row]) -> Iterator[Row]:
    """Former posts of those who hold something where they are no more."""
    at = {post.person_id: post.agency_id for post in posts}
    told: set[tuple[str, str]] = set()
    for row in made:
        holder, agency = row["holder_id"], row["agency_id"]
        if row["holder_kind"] != "person" or at[holder] == agency or (holder, agency) in told:
            continue
        told.add((holder, agency))
        yield {
            "person_id": holder,
            "post_id": _id("history", holder, agency),
            "agency_id": agency,
            "unit_id": "",
            "title": "Chuyên viên",
            "kind": "main",
            "start_on": "2015-01-01",
            "end_on": (today() - timedelta(days=chance.randint(1, 600))).isoformat(),
            "basis": "",
        }


def _requests(chance: random.Random, names: Sequence[str], posts: Sequence[_Post]) -> Iterator[Row]:
    for number in range(_REQUESTS):
        post, name = chance.choice(posts), chance.choice(names)
        is_open = number >= _REQUESTS - _OPEN
        terms = {
            "application_id": name,
            "role": "quan-tri",
            "holder_kind": "person",
            "holder_id": post.person_id,
            "agency_id": post.agency_id,
            "field": "",
            "procedure": "",
            "start": "",
            "end": (today() + timedelta(days=300)).isoformat(),
            "renews": "",
            "asker_may_give": False,
        }
        yield {
            "id": new_event_id(),
            "kind": "grant",
            "subject": f"person:{post.person_id}",
            "agency_id": post.agency_id,
            "asked_by": f"person:{chance.choice(posts).person_id}",
            "asked_for": f"person:{post.person_id}",
            "payload": json.dumps(terms, ensure_ascii=False, sort_keys=True),
            "reason": "Đo tốc độ",
            "basis": None,
            "state": "open" if is_open else ("approved", "refused")[number % 2],
            "asked_at": now_ms() - DAY,
            "expires_at": now_ms() + 3650 * DAY,
            "decided_by": None if is_open else f"person:{chance.choice(posts).person_id}",
            "decided_at": None if is_open else now_ms(),
            "decision_reason": None if is_open else "Đo tốc độ",
        }


def _events(made: Sequence[Row]) -> Iterator[Row]:
    """What the log says of every grant."""
    for row in made:
        event_id, at = new_event_id(), row["granted_at"]
        told = {
            "id": event_id,
            "at": at,
            "kind": "grant.added",
            "actor": row["granted_by"],
            "subject": f"{row['holder_kind']}:{row['holder_id']}",
            "agency": row["agency_id"],
            "request_id": event_id,
        }
        fields = {
            "grant": row["id"],
            "application": row["application_id"],
            "role": row["role"],
            "holder": row["holder_kind"],
            "scope": row["agency_id"],
            "until": row["end_on"],
            "reason": row["reason"],
            "basis": "",
            "approved_by": "",
        }
        body = rfc8785.dumps({**told, "at": iso(at), "address": "", "fields": fields, "v": 2})
        yield {**told, "part_of": None, "body": body}


def _insert(tx: Connection, table: Table, rows: Iterable[Row]) -> None:
    left = iter(rows)
    while chunk := list(islice(left, _CHUNK)):
        tx.execute(insert(table), chunk)


def _id(*words: str) -> str:
    """The same for the same words."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(words)))


@dataclass(frozen=True)
class Admin:
    """An administrator: where, and as what."""

    person_id: str
    place_id: str
    role: str


def add_admins(installation: Installation, count: int) -> Sequence[Admin]:
    """Administrators of the agencies with the most people, of different sizes, and one operator of
    the province. Straight into the store: a privileged account is no matter of speed."""
    with installation.database.write() as tx:
        post, agency = catalogue_post.c, catalogue_agency.c
        query = (
            select(agency.id)
            .join(catalogue_post, post.agency_id == agency.id)
            .where(agency.parent_id != "")
            .group_by(agency.id)
            .order_by(func.count().desc(), agency.id)
            .limit(40)
        )
        large = list(tx.execute(query).scalars())
        tops = list(tx.execute(select(agency.id).where(agency.parent_id == "")).scalars())
        places = [*large[:: max(1, len(large) // (count - 1))][: count - 1], tops[-1]]
        admins = []
        for place in places:
            role = "province_operator" if place in tops else "agency_admin"
            who = (
                select(post.person_id)
                .join(catalogue_person, catalogue_person.c.id == post.person_id)
                .where(catalogue_person.c.status == "active", post.agency_id == place)
                .where(catalogue_person.c.sole_place_id != "")
                .order_by(post.person_id)
                .limit(1)
            )
            person_id = tx.execute(who).scalar_one()
            admins.append(Admin(person_id, place, role))
            given = role_grant.c
            for where in tops if place in tops else [place]:
                made = _id("admin", person_id, where)
                if tx.execute(select(given.id).where(given.id == made)).first() is not None:
                    continue
                row = {
                    "id": made,
                    "application_id": ADMIN_APPLICATION,
                    "role": role,
                    "holder_kind": "person",
                    "holder_id": person_id,
                    "agency_id": where,
                    "field": "",
                    "procedure": "",
                    "start_on": "",
                    "end_on": "",
                    "reason": "Đo tốc độ",
                    "granted_by": "system:bench",
                    "granted_at": now_ms(),
                    "revoked_at": 0,
                }
                tx.execute(insert(role_grant).values(row))
        return admins
