"""Who takes part: an application, people who can sign in, administrators of agencies."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import func, select

from admin_ui.components import REGISTRATION
from admin_ui.operations.first_steps import account_of
from directory.actor import Actor, system
from directory.authz import grants
from directory.authz.grants import Approval, Grant
from directory.authz.permissions import ADMIN_APPLICATION, ADMIN_ROLES
from directory.installation import Installation
from directory.people import credentials
from directory.people.service import NewPerson, add_person
from directory.projection.tables import catalogue_agency, catalogue_person, catalogue_post
from idp.clients import service as clients

CALLBACK = "http://127.0.0.9:9/callback"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SCOPE = "openid profile email org roles offline_access"
PASSWORD = "ba-con-ngua-trang-qua-song-7"


@dataclass(frozen=True)
class Application:
    """A confidential client with every grant that is measured."""

    client_id: str
    secret: str

    def authorization(self, **more: str) -> dict[str, str]:
        return {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": SCOPE,
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | more


@dataclass(frozen=True)
class Account:
    """Somebody with a password. `agency_id`: where an administrator administers, else empty."""

    id: str
    username: str
    agency_id: str = ""


@dataclass(frozen=True)
class Cast:
    application: Application
    people: Sequence[Account]
    departments: Sequence[Account]  # administrators of a department
    districts: Sequence[Account]  # of a district with its communes
    province: Sequence[Account]  # of the whole province


def assemble(installation: Installation, clients_at_once: int) -> Cast:
    """Register and equip everybody, through the services that everybody uses."""
    actor = system("bench")
    found = _active_people(installation, 4 * clients_at_once)
    groups = [found[at::4] for at in range(4)]
    departments = _busiest_agencies(installation, "department", clients_at_once)
    districts = _busiest_agencies(installation, "peoples_committee", clients_at_once)
    province = [_root(installation)] * clients_at_once
    people = groups.pop()
    admins = [
        [
            _admin(installation, actor, each, place, role)
            for each, place in zip(group, places, strict=True)
        ]
        for group, places, role in zip(
            groups,
            (departments, districts, province),
            ("agency_admin", "agency_admin", "province_operator"),
            strict=True,
        )
    ]
    for account in (*found, *admins[-1]):
        credentials.set_password(installation, actor, account.id, PASSWORD)
    return Cast(_register(installation, actor), people, *admins)


def _register(installation: Installation, actor: Actor) -> Application:
    secret = secrets.token_urlsafe(32)
    registered = clients.add_client(
        installation,
        actor,
        REGISTRATION,
        {
            "client_id": f"bench-{secrets.token_hex(4)}",
            "client_secret": secret,
            "client_name": "Measured application",
            "redirect_uris": [CALLBACK],
            "scope": SCOPE,
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        },
    )
    return Application(registered.client.id, secret)


def _active_people(installation: Installation, count: int) -> list[Account]:
    columns = catalogue_person.c
    query = (
        select(columns.id, columns.username)
        .where(columns.status == "active", columns.mail != "")
        .order_by(columns.sort_key)
        .limit(count)
    )
    with installation.database.read() as tx:
        return [Account(row.id, row.username) for row in tx.execute(query)]


def _busiest_agencies(installation: Installation, kind: str, count: int) -> list[str]:
    """The agencies of a type with the most people of their own."""
    query = (
        select(catalogue_post.c.agency_id)
        .join(catalogue_agency, catalogue_agency.c.id == catalogue_post.c.agency_id)
        .where(catalogue_agency.c.type == kind)
        .group_by(catalogue_post.c.agency_id)
        .order_by(func.count().desc())
        .limit(count)
    )
    with installation.database.read() as tx:
        return list(tx.execute(query).scalars())


def _root(installation: Installation) -> str:
    columns = catalogue_agency.c
    query = select(columns.id).where(columns.parent_id == "").order_by(columns.precedence)
    with installation.database.read() as tx:
        return str(tx.execute(query.limit(1)).scalar_one())


def _administration_account(
    installation: Installation, actor: Actor, of: Account, place: str
) -> Account:
    new = NewPerson(
        username=account_of(of.username),
        full_name=of.username,
        agency_id=place,
        administrator_of=of.id,
    )
    return Account(add_person(installation, actor, new).id, new.username)


def _admin(
    installation: Installation, actor: Actor, account: Account, place: str, role: str
) -> Account:
    if ADMIN_ROLES[role].privileged:
        account = _administration_account(installation, actor, account, place)
    given = Grant(
        application_id=ADMIN_APPLICATION,
        role=role,
        holder_kind="person",
        holder_id=account.id,
        agency_id=place,
        reason="Measurement",
    )
    with installation.database.write() as tx:
        grants.add_grant(tx, actor, given, Approval(system("bench-approver")))
    return Account(account.id, account.username, place)
