"""The demo's applications, roles, grants and accounts, made through the services everybody uses."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection

from admin_ui.operations.demo_applications import client_secret_file
from admin_ui.operations.demo_applications import demo_applications as addresses
from admin_ui.operations.seed.demo import (
    JOB_ACCOUNTS,
    demo_accounts,
    demo_applications,
    demo_grants,
)
from admin_ui.operations.seed.records import ApplicationSeed, DemoAccount, GrantSeed, JobAccount
from admin_ui.operations.seed.structure import province_structure
from directory.actor import Actor
from directory.authz import grants
from directory.authz.grants import Grant
from directory.authz.permissions import ADMIN_APPLICATION, most_days_of
from directory.authz.positions import add_position, find_named
from directory.authz.roles import Role
from directory.clock import today
from directory.errors import Invalid, NotFound
from directory.installation import Installation
from directory.people import credentials
from directory.people.service import NewPerson, add_person
from directory.projection import queries
from idp.clients import service as clients
from idp.clients.metadata import Registration
from idp.factors.totp import service as totp

_WORDS = (
    *("sen", "lua", "bien", "nui", "song", "mua", "nang", "gio", "trang", "sao", "cau", "dua"),
    *("tre", "mai", "dao", "cam", "chanh", "xoai", "vai", "nhan", "buoi", "nho", "mit", "man"),
)
_TRIES = 20
# What depends on port and scheme, and so may differ at the next start.
_ADDRESSES = (
    "client_uri",
    "redirect_uris",
    "post_logout_redirect_uris",
    "backchannel_logout_uri",
)


def register_applications(
    installation: Installation, actor: Actor, registration: Registration
) -> None:
    """The demo applications with their roles and grants; harmless when done already."""
    ids = {seed.key: seed.id for seed in province_structure()}
    urls = {each.client_id: each.url for each in addresses(installation.settings)}
    for app in demo_applications():
        metadata = _metadata(app, urls[app.client_id])
        if _is_registered(installation, app.client_id):
            _follow_addresses(installation, actor, registration, app.client_id, metadata)
            continue
        entry = clients.Entry(
            access=app.access, description=app.description_vi, owner_agency_id=ids[app.owner_key]
        )
        registered = clients.add_client(installation, actor, registration, metadata, entry=entry)
        _put_roles(installation, actor, app, ids)
        write_secret(
            client_secret_file(installation.settings, app.client_id), registered.secret or ""
        )


def _metadata(app: ApplicationSeed, url: str) -> dict[str, object]:
    return {
        "client_id": app.client_id,
        "client_name": app.name,
        "client_uri": f"{url}/",
        "redirect_uris": [f"{url}/callback"],
        "post_logout_redirect_uris": [f"{url}/"],
        "backchannel_logout_uri": f"{url}/backchannel-logout",
        "scope": "openid profile email org roles",
    }


def _put_roles(
    installation: Installation, actor: Actor, app: ApplicationSeed, ids: Mapping[str, str]
) -> None:
    with installation.database.write() as tx:
        for role in app.roles:
            named = Role(app.client_id, role.role, role.title_vi, role.title_en)
            grants.put_role(tx, actor, named)
        for grant in demo_grants():
            if grant.application != app.client_id:
                continue
            given = Grant(
                application_id=app.client_id,
                role=grant.role,
                holder_kind="position",
                holder_id=_position(tx, actor, grant, ids),
                agency_id=ids[grant.agency_key],
                reason=grant.reason,
            )
            grants.add_grant(tx, actor, given)


def _position(tx: Connection, actor: Actor, grant: GrantSeed, ids: Mapping[str, str]) -> str:
    """The position the role goes with: loaded with the province, or added where nobody holds it."""
    agency_id, unit_id = ids[grant.agency_key], ids[grant.place_key]
    unit_id = "" if unit_id == agency_id else unit_id
    found = find_named(tx, agency_id, unit_id, grant.title)
    if found is None:
        found = add_position(tx, actor, agency_id, grant.title, unit_id=unit_id)
    return found.id


def _is_registered(installation: Installation, client_id: str) -> bool:
    with installation.database.read() as tx:
        try:
            clients.show_client(tx, client_id)
        except NotFound:
            return False
    return True


def _follow_addresses(
    installation: Installation,
    actor: Actor,
    registration: Registration,
    client_id: str,
    metadata: Mapping[str, object],
) -> None:
    with installation.database.read() as tx:
        before = clients.show_client(tx, client_id).metadata
    changes = {name: metadata[name] for name in _ADDRESSES if before[name] != metadata[name]}
    if changes:
        clients.update_client(installation, actor, registration, client_id, changes)


def set_passwords(installation: Installation, actor: Actor) -> None:
    """Give the demo accounts their roles and a password each, kept in the state folder."""
    file = installation.settings.secrets_dir / "demo-accounts.json"
    if file.exists():
        return
    told = [
        _open_account(installation, actor, account)
        for account in demo_accounts(mail_domain=installation.settings.mail_domain)
    ]
    told += [_open_job(installation, actor, job) for job in JOB_ACCOUNTS]
    write_secret(file, json.dumps(told, ensure_ascii=False, indent=1))


def _open_account(installation: Installation, actor: Actor, account: DemoAccount) -> dict[str, str]:
    person = account.person
    password = set_passphrase(installation, actor, person.id)
    with installation.database.write() as tx:
        agency = queries.home_agency_of(tx, person.id)
        _give(tx, actor, person.id, account.roles, [agency])
    told = {
        "username": person.username,
        "password": password,
        "full_name": person.full_name,
        "note": account.note_vi,
    }
    is_administrator = any(application == ADMIN_APPLICATION for application, _ in account.roles)
    return told | (_second_factor(installation, actor, person.id) if is_administrator else {})


def _open_job(installation: Installation, actor: Actor, job: JobAccount) -> dict[str, str]:
    ids = {seed.key: seed.id for seed in province_structure()}
    with installation.database.read() as tx:
        found = queries.find_person_by_login(tx, job.username)
        owner = queries.find_person_by_login(tx, job.owner) if job.owner else None
        tops = [top.id for top in queries.list_agencies(tx, parent_id="")]
    home = job.unit_key.partition(".")[0]
    person_id = (
        found.id
        if found
        else add_person(
            installation,
            actor,
            NewPerson(
                username=job.username,
                full_name=job.full_name,
                agency_id=ids[home],
                unit_id=ids[job.unit_key],
                title=job.title,
                administrator_of=owner.id if owner else "",
            ),
        ).id
    )
    password = set_passphrase(installation, actor, person_id)
    with installation.database.write() as tx:
        places = [ids[job.agency_key]] if job.agency_key else tops
        _give(tx, actor, person_id, [(ADMIN_APPLICATION, job.role)], places)
    return {
        "username": job.username,
        "password": password,
        "full_name": job.full_name,
        "note": job.note_vi,
    } | _second_factor(installation, actor, person_id)


def _second_factor(installation: Installation, actor: Actor, person_id: str) -> dict[str, str]:
    """What the console wants of administrators; `danhmuc mfa code` shows the codes."""
    given = totp.give(installation, actor, person_id, "Hệ thống trình diễn")
    return {"otpauth": given.address}


def _give(
    tx: Connection,
    actor: Actor,
    person_id: str,
    roles: Sequence[tuple[str, str]],
    places: Sequence[str],
) -> None:
    """The roles in each of the places, as far as they are not given already."""
    held = {
        (each.application_id, each.role, each.agency_id)
        for each in grants.list_grants(tx, holder_id=person_id)
    }
    for application, role in roles:
        for place in places:
            if (application, role, place) not in held:
                given = Grant(
                    application_id=application,
                    role=role,
                    holder_kind="person",
                    holder_id=person_id,
                    agency_id=place,
                    reason="Tài khoản trình diễn",
                    end=_last_day(application, role),
                )
                grants.add_grant(tx, actor, given)


def _last_day(application_id: str, role: str) -> str:
    """Only what is given for a while ends."""
    days = most_days_of(application_id, role)
    return (today() + timedelta(days=days)).isoformat() if days else ""


def set_passphrase(installation: Installation, actor: Actor, person_id: str) -> str:
    """A password of their own. One in some hundreds has too little beside a name: another then."""
    for _ in range(_TRIES):
        password = _passphrase()
        with suppress(Invalid):
            credentials.set_password(installation, actor, person_id, password)
            return password
    raise AssertionError("no password of a demo is taken")


def _passphrase() -> str:
    """Four words and a number: over 15 characters, typed without a Vietnamese keyboard."""
    words = secrets.SystemRandom().sample(_WORDS, 4)  # none twice: too few letters are refused
    return "-".join([*words[:-1], words[-1].title(), str(secrets.randbelow(9000) + 1000)])


def write_secret(path: Path, content: str) -> None:
    """Leave a secret where our own user alone reads it, whole or not at all."""
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(content, encoding="utf-8")
    draft.rename(path)
