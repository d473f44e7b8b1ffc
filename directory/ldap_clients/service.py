"""Accounts in LDAP: made with the application, and given a new password."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert, update

from directory.actor import Actor
from directory.audit.log import client_tag, record
from directory.authz import applications
from directory.authz.applications import Application
from directory.authz.decisions import require
from directory.authz.errors import APPLICATION_UNKNOWN
from directory.authz.objects import OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.clock import now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Conflict, NotFound
from directory.ids import new_id, new_secret
from directory.installation import Installation
from directory.ldap.passwords import hash_password
from directory.ldap_clients.errors import LDAP_CLIENT_NONE, LDAP_CLIENT_THERE
from directory.ldap_clients.events import LDAP_CLIENT_MADE, LDAP_CLIENT_ROTATED
from directory.ldap_clients.keeping import keep
from directory.ldap_clients.register import LdapClient, find_ldap_client
from directory.ldap_clients.tables import ldap_client
from directory.release import service as release
from directory.release.register import Grounds


def register(
    installation: Installation, actor: Actor, app: Application, attributes: Mapping[str, Grounds]
) -> str:
    """Register an application that asks over LDAP alone, and give it an account. Its password is
    told once. Raises Invalid, Forbidden, Conflict."""
    secret = new_secret()
    secret_hash = hash_password(secret)
    with installation.database.write() as tx:
        act = applications.put(tx, actor, app)
        release.begin(tx, actor, app, attributes)
        _insert(tx, actor, app, secret_hash, part_of=act)
    keep(installation, actor, app.id, act=act, has_account=True)
    return secret


def make(installation: Installation, actor: Actor, application_id: str) -> str:
    """Give an application that is there an account. Its password is told once. Raises NotFound,
    Forbidden, Conflict where it has one."""
    secret = new_secret()
    secret_hash = hash_password(secret)
    with installation.database.write() as tx:
        app = _find_for_change(tx, actor, application_id)
        if find_ldap_client(tx, application_id) is not None:
            raise Conflict(LDAP_CLIENT_THERE)
        act = _insert(tx, actor, app, secret_hash, part_of="")
    keep(installation, actor, application_id, act=act, has_account=True)
    return secret


def rotate(installation: Installation, actor: Actor, application_id: str) -> str:
    """A new password, told once; the old one is refused as soon as the new one is written, for
    slapd keeps one alone (slapo-ppolicy). Raises NotFound, Forbidden."""
    secret = new_secret()
    secret_hash = hash_password(secret)
    with installation.database.write() as tx:
        app = _find_for_change(tx, actor, application_id)
        act = _replace_secret(tx, actor, app, secret_hash)
    keep(installation, actor, application_id, act=act, readers=False, has_account=True)
    return secret


def keep_secret(installation: Installation, actor: Actor, kept: LdapClient) -> None:
    """Make the password of `kept` the account's: a rotation that a restore must not undo. Raises as
    `rotate`."""
    with installation.database.write() as tx:
        app = _find_for_change(tx, actor, kept.application_id)
        _replace_secret(tx, actor, app, kept.secret_hash)


def close(
    tx: Connection, actor: Actor, app: Application, secret_hash: str, *, part_of: str
) -> None:
    """Make the account of an application that is being removed nobody's: its entry stays, closed,
    with a password that nobody was told (`keep` writes it). Whoever may was asked."""
    if _has_replaced(tx, app, secret_hash):
        where = {"subject": client_tag(app.id), "agency": app.owner_agency_id, "part_of": part_of}
        record(tx, LDAP_CLIENT_ROTATED, actor, **where)


def hash_of_nobodys_password() -> str:
    """What `close` puts in the place of a password."""
    return hash_password(new_secret())


def _find_for_change(tx: Connection, actor: Actor, application_id: str) -> Application:
    take_advisory_lock(tx, "application", application_id)
    require(tx, actor, ApplicationPermission.WRITE, OfApplication(application_id))
    app = applications.find(tx, application_id)
    if app is None:
        raise NotFound(APPLICATION_UNKNOWN, value=application_id)
    return app


def _insert(
    tx: Connection, actor: Actor, app: Application, secret_hash: str, *, part_of: str
) -> str:
    now = now_ms()
    tx.execute(
        insert(ldap_client).values(
            application_id=app.id,
            entry_id=new_id(),
            secret_hash=secret_hash,
            made_at=now,
            rotated_at=now,
        )
    )
    where = {"subject": client_tag(app.id), "agency": app.owner_agency_id, "part_of": part_of}
    return record(tx, LDAP_CLIENT_MADE, actor, **where)


def _replace_secret(tx: Connection, actor: Actor, app: Application, secret_hash: str) -> str:
    if not _has_replaced(tx, app, secret_hash):
        raise NotFound(LDAP_CLIENT_NONE)
    where = {"subject": client_tag(app.id), "agency": app.owner_agency_id}
    return record(tx, LDAP_CLIENT_ROTATED, actor, **where)


def _has_replaced(tx: Connection, app: Application, secret_hash: str) -> bool:
    changed = (
        update(ldap_client)
        .where(ldap_client.c.application_id == app.id)
        .values(secret_hash=secret_hash, rotated_at=now_ms())
        .returning(ldap_client.c.application_id)
    )
    return tx.execute(changed).first() is not None
