"""Resource servers: the APIs that access tokens may be asked for (RFC 8707), each registered by the
client that stands for it and may introspect its tokens (RFC 7662)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import Connection, delete, insert, select

from directory.actor import Actor
from directory.audit import log as audit
from directory.authz.decisions import require
from directory.authz.objects import OfApplication
from directory.clock import now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Conflict, Invalid, NotFound
from directory.installation import Installation
from directory.settings import Settings
from idp.clients.errors import (
    CLIENT_RESOURCE_UNKNOWN,
    CLIENT_UNKNOWN,
    RESOURCE_EXISTS,
    RESOURCE_IS_OURS,
    RESOURCE_UNKNOWN,
    RESOURCE_URI,
)
from idp.clients.events import RESOURCE_ADDED, RESOURCE_REMOVED
from idp.clients.names import is_ours, refuse_client_name
from idp.clients.permissions import ClientPermission
from idp.clients.tables import client, resource_server

# An absolute URI without a fragment (RFC 8707 section 2), short enough for its column.
_URI = re.compile(r"[a-z][a-z0-9+.-]*:[!$-;=?-~]{1,200}")


@dataclass(frozen=True, slots=True)
class ResourceServer:
    """One API. `client_id` may introspect the tokens that are made for `uri`."""

    uri: str
    client_id: str
    created_at: int


def add_resource(
    installation: Installation, actor: Actor, uri: str, client_id: str
) -> ResourceServer:
    """Register an API of a client. Raises Invalid for what is no absolute URI, NotFound, Forbidden,
    and Conflict when the URI is registered already, or is another client's id or one of our own
    addresses."""
    _check(installation.settings, uri)
    with installation.database.write() as tx:
        take_advisory_lock(tx, "client", uri)
        require(tx, actor, ClientPermission.TRUST, OfApplication(client_id))
        owner = tx.execute(
            select(client.c.client_id).where(
                client.c.client_id == client_id, client.c.removed_at.is_(None)
            )
        ).first()
        if owner is None:
            raise NotFound(CLIENT_UNKNOWN, client_id=client_id)
        if server := find_resource(tx, uri):
            raise Conflict(RESOURCE_EXISTS, uri=uri, client_id=server.client_id)
        refuse_client_name(tx, uri, client_id)
        made = ResourceServer(uri, client_id, now_ms())
        tx.execute(
            insert(resource_server).values(uri=uri, client_id=client_id, created_at=made.created_at)
        )
        audit.record(tx, RESOURCE_ADDED, actor, subject=audit.client_tag(client_id), uri=uri)
    return made


def remove_resource(installation: Installation, actor: Actor, uri: str) -> None:
    """Nobody may ask for tokens for it any more. Raises NotFound, Forbidden."""
    with installation.database.write() as tx:
        found = find_resource(tx, uri)
        if found is None:
            raise NotFound(RESOURCE_UNKNOWN, uri=uri)
        require(tx, actor, ClientPermission.TRUST, OfApplication(found.client_id))
        tx.execute(delete(resource_server).where(resource_server.c.uri == uri))
        audit.record(
            tx, RESOURCE_REMOVED, actor, subject=audit.client_tag(found.client_id), uri=uri
        )


def find_resource(tx: Connection, uri: str) -> ResourceServer | None:
    """The resource server with this URI, or None."""
    row = tx.execute(select(resource_server).where(resource_server.c.uri == uri)).first()
    return None if row is None else ResourceServer(*row)


def list_resources(tx: Connection) -> Sequence[ResourceServer]:
    """All of them, by URI."""
    rows = tx.execute(select(resource_server).order_by(resource_server.c.uri))
    return [ResourceServer(*row) for row in rows]


def resources_of(tx: Connection, client_id: str) -> Sequence[str]:
    """The URIs of the APIs that a client stands for."""
    query = select(resource_server.c.uri).where(resource_server.c.client_id == client_id)
    return tx.execute(query.order_by(resource_server.c.uri)).scalars().all()


def stands_for_one(tx: Connection, client_id: str, audience: Collection[str]) -> bool:
    """Whether the client is a resource server of one of the URIs in `audience`."""
    query = select(resource_server.c.uri).where(
        resource_server.c.client_id == client_id, resource_server.c.uri.in_(list(audience))
    )
    return tx.execute(query.limit(1)).first() is not None


def unknown_resources(tx: Connection, uris: Collection[str]) -> list[str]:
    """Those of `uris` that no client stands for."""
    if not uris:
        return []
    query = select(resource_server.c.uri).where(resource_server.c.uri.in_(list(uris)))
    return sorted(set(uris) - set(tx.execute(query).scalars()))


def require_resources(tx: Connection, uris: Collection[str]) -> None:
    """Raise Invalid for a resource that no client stands for."""
    if unknown := unknown_resources(tx, uris):
        raise Invalid(CLIENT_RESOURCE_UNKNOWN, field="resources", value=unknown[0])


def _check(settings: Settings, uri: str) -> None:
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise Invalid(RESOURCE_URI, field="uri", value=uri[:80]) from None
    # An application's own scheme (api://…), a URN; never an address that carries a password, or one
    # that a browser would run.
    is_complete = bool(parts.netloc) or parts.scheme not in ("http", "https")
    is_harmless = "@" not in parts.netloc and parts.scheme not in ("javascript", "data", "blob")
    if not _URI.fullmatch(uri) or not is_complete or not is_harmless:
        raise Invalid(RESOURCE_URI, field="uri", value=uri[:80])
    if is_ours(settings, uri):
        raise Conflict(RESOURCE_IS_OURS, field="uri", value=uri)
