"""Registering clients and changing what is registered. Every change is decided and audited."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    insert,
    select,
    true,
    update,
)

from directory.actor import Actor
from directory.audit import log as audit
from directory.audit.kinds import Kind
from directory.authz import applications
from directory.authz.applications import Access, Application, Sharing
from directory.authz.decisions import require
from directory.authz.objects import OfApplication
from directory.clock import DAY, HOUR, now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import AppError, Conflict, Invalid, NotFound
from directory.ids import digest, new_id, new_secret
from directory.installation import Installation
from directory.release import service as release
from directory.release.attributes import ATTRIBUTES, asked_by
from directory.release.register import Grounds
from idp.clients.errors import (
    CLIENT_DISABLED_ALREADY,
    CLIENT_EXISTS,
    CLIENT_ID,
    CLIENT_ID_USED,
    CLIENT_NO_SECRET,
    CLIENT_NOT_AN_OBJECT,
    CLIENT_NOT_DISABLED,
    CLIENT_OVERLAP,
    CLIENT_PKCE_EXEMPT_PUBLIC,
    CLIENT_SECRET,
    CLIENT_SECRET_SHORT,
    CLIENT_UNKNOWN,
)
from idp.clients.events import (
    CLIENT_ADDED,
    CLIENT_CHANGED,
    CLIENT_DISABLED,
    CLIENT_ENABLED,
    CLIENT_REMOVED,
    CLIENT_SECRET_ROTATED,
)
from idp.clients.metadata import Reading, Registration, is_public, needs_secret, read_metadata
from idp.clients.model import LONGEST_OVERLAP_MS, Client, client_from_row
from idp.clients.names import refuse_our_names, refuse_taken_names
from idp.clients.permissions import ClientPermission
from idp.clients.registry import registry
from idp.clients.resources import require_resources, unknown_resources
from idp.clients.start import start_of
from idp.clients.tables import client, client_logo
from idp.clients.warnings import foresee

# 120: the tag of a client, which names it in the audit log, has a prefix and 128 characters.
_CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:/@+-]{0,119}")
_SECRET = re.compile(r"[ -~]{1,255}")  # RFC 6749 appendix A.2
# A given secret is stored as a bare SHA-256, so it must be too long to be guessed.
_SECRET_CHARS = 32
DEFAULT_OVERLAP_MS = DAY
_NO_PREVIOUS: Mapping[str, None] = {"previous_secret_hash": None, "previous_secret_until": None}
_OWN_DEFAULTS: Mapping[str, Any] = {
    "grant_types": ["authorization_code", "refresh_token"],
    "id_token_signed_response_alg": "ES256",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the register of applications says of a client beside its metadata: whose its application
    is, and who may enter (`directory.authz.applications`). `attributes`: what it learns of people
    (`directory.release`); None: what its scopes ask for."""

    access: Access = "everyone"
    agencies: tuple[str, ...] = ()
    description: str = ""
    owner_agency_id: str = ""
    sharing: Sharing = "shared"
    attributes: Mapping[str, Grounds] | None = None


@dataclass(frozen=True, slots=True)
class Rotated:
    """A new secret, told once; `previous_until` (ms): until when the one before it works too, None
    when it does not."""

    secret: str
    previous_until: int | None


@dataclass(frozen=True, slots=True)
class Registered:
    """The outcome of a registration. `secret` is told once and cannot be read again."""

    client: Client
    secret: str | None
    warnings: tuple[str, ...]


EVERYONE = Entry()
NOTHING: Mapping[str, Any] = {}


def add_client(
    installation: Installation,
    actor: Actor,
    registration: Registration,
    metadata: Mapping[str, Any],
    *,
    entry: Entry = EVERYONE,
    pkce_exempt: str = "",
    built_in: bool = False,
) -> Registered:
    """Register one application made here: our defaults (ES256, refresh tokens), our id and secret
    unless `metadata` brings a `client_id`. Raises Invalid, Conflict, Forbidden."""
    # Our own console has the address this machine gives it, and a machine of one has no https.
    loopback = installation.settings.demo or built_in
    reading = read_metadata({**_OWN_DEFAULTS, **metadata}, registration, loopback=loopback)
    draft = _draft(metadata, reading, pkce_exempt, weak_secret_is_fine=installation.settings.demo)
    draft = _with_warnings(draft, foresee(installation.settings, reading.metadata))
    refuse_our_names(installation.settings, draft.client_id)
    with installation.database.write() as tx:
        require_resources(tx, draft.reading.metadata["resources"])
        return _store(tx, actor, draft, entry, built_in=built_in)


def import_clients(
    installation: Installation,
    actor: Actor,
    registration: Registration,
    documents: Sequence[Mapping[str, Any]],
    *,
    entry: Entry = EVERYONE,
) -> list[Registered]:
    """Register a list of RFC 7591 metadata, all or none; ids and secrets are kept where given.

    Raises Invalid (`row` says which document, counted from 1), Conflict, Forbidden.
    """
    drafts = []
    for number, document in enumerate(documents, start=1):
        try:
            if not isinstance(document, Mapping):
                raise Invalid(CLIENT_NOT_AN_OBJECT, field="")
            reading = read_metadata(document, registration, loopback=installation.settings.demo)
            draft = _draft(document, reading, "", weak_secret_is_fine=installation.settings.demo)
            refuse_our_names(installation.settings, draft.client_id)
            drafts.append(_with_warnings(draft, foresee(installation.settings, reading.metadata)))
        except AppError as error:
            params: dict[str, Any] = {**error.params, "row": number}
            raise type(error)(error.declared, **params) from None
    with installation.database.write() as tx:
        return [_import(tx, actor, draft, entry) for draft in drafts]


def _import(tx: Connection, actor: Actor, draft: _Draft, entry: Entry) -> Registered:
    unknown = unknown_resources(tx, draft.reading.metadata["resources"])
    warnings = [f"resource {uri} is not registered: danhmuc resource add {uri}" for uri in unknown]
    return _store(tx, actor, _with_warnings(draft, warnings), entry, built_in=False)


@dataclass(frozen=True, slots=True)
class _Draft:
    client_id: str
    reading: Reading
    secret: str | None
    pkce_exempt: str
    warnings: tuple[str, ...]


def _draft(
    given: Mapping[str, Any], reading: Reading, pkce_exempt: str, *, weak_secret_is_fine: bool
) -> _Draft:
    client_id = given.get("client_id") or new_id()
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        raise Invalid(CLIENT_ID, field="client_id")
    secret, warnings = None, list(reading.warnings)
    if needs_secret(reading.metadata):
        secret = given.get("client_secret") or new_secret()
        warnings += _check_secret(secret, weak_secret_is_fine=weak_secret_is_fine)
    elif given.get("client_secret"):
        warnings.append("client_secret is not used by this authentication method and was dropped")
    if pkce_exempt and is_public(reading.metadata):
        raise Invalid(CLIENT_PKCE_EXEMPT_PUBLIC, field="pkce_exempt")
    return _Draft(client_id, reading, secret, pkce_exempt, tuple(warnings))


def _with_warnings(draft: _Draft, warnings: Sequence[str]) -> _Draft:
    return replace(draft, warnings=(*draft.warnings, *warnings))


def _check_secret(secret: object, *, weak_secret_is_fine: bool) -> list[str]:
    if not isinstance(secret, str) or not _SECRET.fullmatch(secret):
        raise Invalid(CLIENT_SECRET, field="client_secret")
    if len(secret) >= _SECRET_CHARS:
        return []
    if not weak_secret_is_fine:
        raise Invalid(CLIENT_SECRET_SHORT, field="client_secret", minimum=_SECRET_CHARS)
    return [f"client_secret has fewer than {_SECRET_CHARS} characters: for demos only"]


def _store(
    tx: Connection, actor: Actor, draft: _Draft, entry: Entry, *, built_in: bool
) -> Registered:
    take_advisory_lock(tx, "client", draft.client_id)
    act, owner_id = _put_application(tx, actor, draft, entry, built_in=built_in)
    _require_written(tx, actor, draft.client_id, draft.reading.metadata, None)
    _require_exempted(tx, actor, draft.client_id, draft.pkce_exempt)
    taken = tx.execute(select(client.c.removed_at).where(client.c.client_id == draft.client_id))
    if (row := taken.first()) is not None:
        error = CLIENT_EXISTS if row.removed_at is None else CLIENT_ID_USED
        raise Conflict(error, client_id=draft.client_id)
    refuse_taken_names(tx, draft.client_id)
    now = now_ms()
    tx.execute(
        insert(client).values(
            client_id=draft.client_id,
            metadata=_dump(draft.reading.metadata),
            secret_hash=digest(draft.secret) if draft.secret else None,
            pkce_exempt=draft.pkce_exempt,
            created_at=now,
            changed_at=now,
            version=1,
        )
    )
    stored = show_client(tx, draft.client_id)
    audit.record(
        tx,
        CLIENT_ADDED,
        actor,
        subject=audit.client_tag(stored.id),
        agency=owner_id,
        part_of=act,
        name=stored.name,
        auth_method=stored.auth_method,
        pkce_exempt=stored.pkce_exempt,
    )
    return Registered(stored, draft.secret, draft.warnings)


def _put_application(
    tx: Connection, actor: Actor, draft: _Draft, entry: Entry, *, built_in: bool
) -> tuple[str, str]:
    """The event that tells of it, and the agency that owns it."""
    told = _in_register(draft.reading.metadata)
    attributes = _attributes(draft.reading.metadata, entry)
    if (found := applications.find(tx, draft.client_id)) is not None:
        # Declared before its client, with its own rules of entry.
        act = applications.describe(tx, actor, draft.client_id, **told)
        release.begin(tx, actor, found, attributes)
        return act, found.owner_agency_id
    app = Application(
        id=draft.client_id,
        description=entry.description,
        access=entry.access,
        owner_agency_id=entry.owner_agency_id,
        agencies=entry.agencies,
        built_in=built_in,
        sharing=entry.sharing,
        **told,
    )
    act = applications.put(tx, actor, app)
    release.begin(tx, actor, app, attributes)
    return act, app.owner_agency_id


def _attributes(metadata: Mapping[str, Any], entry: Entry) -> Mapping[str, Grounds]:
    """What it learns of people from its registration on: what was chosen, or its scopes ask for.

    Whoever introspects reads a user name (RFC 7662 section 2.2) whatever the scope.
    """
    if entry.attributes is not None:
        return entry.attributes
    if "authorization_code" not in metadata["grant_types"]:
        return {}
    asked = {"username", *asked_by(metadata["scope"].split())}
    return release.proposed([name for name in ATTRIBUTES if name in asked])


def _in_register(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What the register says of an application as its metadata says it. Both are written together,
    here alone, so that they never disagree."""
    return {
        "name": metadata["client_name"],
        "contact": "; ".join(metadata["contacts"]) or None,
        "start_url": start_of(metadata) or None,
    }


def _require_written(
    tx: Connection,
    actor: Actor,
    client_id: str,
    metadata: Mapping[str, Any],
    before: Client | None,
) -> None:
    """Raise Forbidden unless the actor may change the connection, and reach every API that it is
    to ask tokens for from now on."""
    require(tx, actor, ClientPermission.WRITE, OfApplication(client_id))
    added = set(metadata["resources"]) - (before.resources if before else frozenset())
    if added:
        require(tx, actor, ClientPermission.TRUST, OfApplication(client_id))


def _require_exempted(tx: Connection, actor: Actor, client_id: str, reason: str) -> None:
    """Raise Forbidden for a new exemption from PKCE by somebody who may not weaken a connection."""
    if reason:
        require(tx, actor, ClientPermission.TRUST, OfApplication(client_id))


def record_of(
    tx: Connection, kind: Kind, actor: Actor, client_id: str, *, part_of: str = "", **fields: Any
) -> None:
    """Write an event about a client, filed under the agency that its application belongs to."""
    app = applications.find_ever(tx, client_id)
    agency = app.owner_agency_id if app is not None else ""
    tag = audit.client_tag(client_id)
    audit.record(tx, kind, actor, subject=tag, agency=agency, part_of=part_of, **fields)


def _dump(metadata: Mapping[str, Any]) -> str:
    return json.dumps(metadata, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _find_row(tx: Connection, client_id: str) -> Any:
    query = select(client).where(client.c.client_id == client_id, client.c.removed_at.is_(None))
    return tx.execute(query).first()


def show_client(tx: Connection, client_id: str) -> Client:
    """The client, disabled ones too. Raises NotFound."""
    row = _find_row(tx, client_id)
    if row is None:
        raise NotFound(CLIENT_UNKNOWN, client_id=client_id)
    return client_from_row(row)


def list_clients(tx: Connection) -> list[Client]:
    """Every client, oldest first."""
    living = select(client).where(client.c.removed_at.is_(None))
    rows = tx.execute(living.order_by(client.c.created_at, client.c.client_id))
    return [client_from_row(row) for row in rows]


def connections(tx: Connection, client_id: str = "") -> Mapping[str, Client | None]:
    """Every connection, or that one, by its id; None for what was removed for good."""
    return _connections(tx, client.c.client_id == client_id if client_id else true())


def connections_of(tx: Connection, ids: Collection[str]) -> Mapping[str, Client | None]:
    """As `connections`, of those that there are among `ids`."""
    return _connections(tx, client.c.client_id.in_(ids)) if ids else {}


def _connections(tx: Connection, among: ColumnElement[bool]) -> Mapping[str, Client | None]:
    query = select(client).where(among)
    return {
        row.client_id: client_from_row(row) if row.removed_at is None else None
        for row in tx.execute(query)
    }


def list_doubled_secrets(tx: Connection) -> Mapping[str, int]:
    """Until when (ms) the secret before the present one works too, by client."""
    now = now_ms()
    until = client.c.previous_secret_until
    query = select(client.c.client_id, until).where(
        # Later than that a clock that was wrong wrote it, and it does not work (`Client`).
        until > now,
        until <= now + LONGEST_OVERLAP_MS,
        client.c.removed_at.is_(None),
    )
    return {row.client_id: row.previous_secret_until for row in tx.execute(query)}


def export_clients(tx: Connection) -> Sequence[Row[Any]]:
    """Every registration as it is stored: for a restore, which compares two stores."""
    return tx.execute(select(client)).all()


def update_client(
    installation: Installation,
    actor: Actor,
    registration: Registration,
    client_id: str,
    changes: Mapping[str, Any],
    *,
    told: Mapping[str, Any] = NOTHING,
    pkce_exempt: str | None = None,
) -> Registered:
    """Change some metadata members; all of them are checked again. `told`: what the register is to
    say besides (the fields of `Entry`). `secret` is set when the new authentication method needs
    one and there was none. Raises NotFound, Invalid, Forbidden."""
    with installation.database.write() as tx:
        take_advisory_lock(tx, "client", client_id)
        take_advisory_lock(tx, "application", client_id)  # as `describe` does, which then need not
        require(tx, actor, ClientPermission.WRITE, OfApplication(client_id))
        before = show_client(tx, client_id)
        app = applications.find(tx, client_id)
        loopback = installation.settings.demo or (app is not None and app.built_in)
        reading = read_metadata({**before.metadata, **changes}, registration, loopback=loopback)
        _require_written(tx, actor, client_id, reading.metadata, before)
        require_resources(tx, set(reading.metadata["resources"]) - before.resources)
        exempt = before.pkce_exempt if pkce_exempt is None else pkce_exempt
        if exempt and is_public(reading.metadata):
            raise Invalid(CLIENT_PKCE_EXEMPT_PUBLIC, field="pkce_exempt")
        if exempt != before.pkce_exempt:
            _require_exempted(tx, actor, client_id, exempt)
        act = ""
        if app is not None:
            said = {**_in_register(reading.metadata), **told}
            act = applications.describe(tx, actor, client_id, **said)
        secret = new_secret() if needs_secret(reading.metadata) and not before.secret_hash else None
        values: dict[str, Any] = {"metadata": _dump(reading.metadata), "pkce_exempt": exempt}
        if secret is not None:
            values["secret_hash"] = digest(secret)
        elif not needs_secret(reading.metadata):
            values |= {"secret_hash": None, **_NO_PREVIOUS}
        _change(tx, client_id, values)
        after = show_client(tx, client_id)
        changed = [k for k, v in after.metadata.items() if before.metadata.get(k) != v]
        if changed or exempt != before.pkce_exempt or not told:
            record_of(
                tx,
                CLIENT_CHANGED,
                actor,
                client_id,
                part_of=act,
                fields_changed=", ".join(sorted(changed)),
                pkce_exempt=exempt,
            )
    registry(installation).forget(client_id)
    foreseen = foresee(installation.settings, after.metadata)
    return Registered(after, secret, (*reading.warnings, *foreseen))


def _change(tx: Connection, client_id: str, values: Mapping[str, Any]) -> None:
    tx.execute(
        update(client)
        .where(client.c.client_id == client_id)
        .values(version=client.c.version + 1, changed_at=now_ms(), **values)
    )


def rotate_secret(
    installation: Installation,
    actor: Actor,
    client_id: str,
    *,
    overlap_ms: int = DEFAULT_OVERLAP_MS,
) -> Rotated:
    """A new secret, good at once in every process; the old one goes on working for `overlap_ms`, so
    that the application can change over without a gap. 0: it is refused at once here and within 5 s
    elsewhere, for a secret that others have seen.

    Raises NotFound, Forbidden, and Invalid for a client without a secret or a longer overlap than
    `LONGEST_OVERLAP_MS`.
    """
    if not 0 <= overlap_ms <= LONGEST_OVERLAP_MS:
        raise Invalid(CLIENT_OVERLAP, field="overlap", most=LONGEST_OVERLAP_MS // HOUR)
    secret, until = new_secret(), now_ms() + overlap_ms if overlap_ms else None
    with installation.database.write() as tx:
        take_advisory_lock(tx, "client", client_id)
        require(tx, actor, ClientPermission.WRITE, OfApplication(client_id))
        before = show_client(tx, client_id)
        if not needs_secret(before.metadata):
            raise Invalid(CLIENT_NO_SECRET, field="client_id")
        previous: Mapping[str, object] = {
            "previous_secret_hash": before.secret_hash,
            "previous_secret_until": until,
        }
        _change(
            tx,
            client_id,
            {"secret_hash": digest(secret), **(previous if until else _NO_PREVIOUS)},
        )
        record_of(
            tx,
            CLIENT_SECRET_ROTATED,
            actor,
            client_id,
            previous_until=until,
        )
    registry(installation).forget(client_id)
    return Rotated(secret, until)


def keep_secrets(installation: Installation, actor: Actor, client_id: str, kept: Client) -> None:
    """Make the secrets of `kept` the client's: a rotation that a restore must not undo, nor cut the
    time for which the old secret goes on working.

    Raises NotFound, Forbidden.
    """
    with installation.database.write() as tx:
        require(tx, actor, ClientPermission.WRITE, OfApplication(client_id))
        show_client(tx, client_id)
        secrets = {
            "secret_hash": kept.secret_hash,
            "previous_secret_hash": kept.previous_secret_hash,
            "previous_secret_until": kept.previous_secret_until,
        }
        _change(tx, client_id, secrets)
        record_of(
            tx,
            CLIENT_SECRET_ROTATED,
            actor,
            client_id,
            previous_until=kept.previous_secret_until,
        )
    registry(installation).forget(client_id)


def disable_client(installation: Installation, actor: Actor, client_id: str, reason: str) -> None:
    """The client may do nothing any more, and nobody may enter its application.

    Its tokens are dead at our endpoints within 5 s. Raises NotFound, Forbidden, Conflict when it is
    disabled already: the day it was counts for its removal.
    """
    with installation.database.write() as tx:
        take_advisory_lock(tx, "client", client_id)
        require(tx, actor, ClientPermission.WRITE, OfApplication(client_id))
        if show_client(tx, client_id).disabled_at is not None:
            raise Conflict(CLIENT_DISABLED_ALREADY, client_id=client_id)
        _change(tx, client_id, {"disabled_at": now_ms()})
        applications.disable(tx, actor, client_id)
        record_of(tx, CLIENT_DISABLED, actor, client_id, reason=reason)
    registry(installation).forget(client_id)


def enable_client(installation: Installation, actor: Actor, client_id: str, reason: str) -> None:
    """Take a disabling back: the client works as before, with the secret it had; tokens that ended
    meanwhile stay ended. Raises NotFound, Forbidden, Conflict when it is not disabled."""
    with installation.database.write() as tx:
        take_advisory_lock(tx, "client", client_id)
        require(tx, actor, ClientPermission.WRITE, OfApplication(client_id))
        if show_client(tx, client_id).disabled_at is None:
            raise Conflict(CLIENT_NOT_DISABLED, client_id=client_id)
        _change(tx, client_id, {"disabled_at": None})
        applications.enable(tx, actor, client_id)
        record_of(tx, CLIENT_ENABLED, actor, client_id, reason=reason)
    registry(installation).forget(client_id)


def remove_connection(
    tx: Connection, actor: Actor, app: Application, reason: str, *, part_of: str
) -> None:
    """Take the connection of an application that is being removed away for good, by whoever may,
    within `part_of`: what is registered of it is forgotten, its id is nobody's ever again, and the
    log goes on naming it. Nothing where it has none. Afterwards `idp.clients.registry` is told."""
    now = now_ms()
    gone = (
        update(client)
        .where(client.c.client_id == app.id, client.c.removed_at.is_(None))
        .values(
            metadata="{}",
            secret_hash=None,
            removed_at=now,
            changed_at=now,
            version=client.c.version + 1,
            **_NO_PREVIOUS,
        )
        .returning(client.c.client_id)
    )
    if tx.execute(gone).first() is None:
        return
    tx.execute(delete(client_logo).where(client_logo.c.client_id == app.id))
    about = {"subject": audit.client_tag(app.id), "agency": app.owner_agency_id}
    audit.record(tx, CLIENT_REMOVED, actor, **about, part_of=part_of, reason=reason)
