"""Names that must never meet: client ids, resources, and our own addresses.

All of them stand in `aud` of tokens (RFC 9068 section 2.2) and are compared with one another there:
a client called like our issuer would be taken for the audience of every token of userinfo.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from directory.errors import Conflict, Invalid
from directory.projection import queries
from directory.settings import Settings
from idp.clients.errors import (
    CLIENT_ID_IS_RESOURCE,
    CLIENT_ID_RESERVED,
    CLIENT_ID_TAKEN,
    RESOURCE_IS_CLIENT,
)
from idp.clients.tables import client, resource_server


def is_ours(settings: Settings, name: str) -> bool:
    """Whether this is one of our own addresses or lies below one, however it is spelt."""
    ours = (_plain(settings.issuer), _plain(settings.console_url))
    return _plain(name) in ours or name.lower().startswith(tuple(f"{each}/" for each in ours))


def refuse_our_names(settings: Settings, client_id: str) -> None:
    """Raise Invalid for a client id that is one of our own addresses."""
    if is_ours(settings, client_id):
        raise Invalid(CLIENT_ID_RESERVED, field="client_id", value=client_id)


def refuse_taken_names(tx: Connection, client_id: str) -> None:
    """Raise Conflict for a client id that is the resource of some client, or the id of a person or
    an agency: both stand in `sub` (RFC 9068 section 5)."""
    if queries.is_somebodys_id(tx, client_id):
        raise Conflict(CLIENT_ID_TAKEN, field="client_id", value=client_id)
    query = select(resource_server.c.uri).where(resource_server.c.uri == client_id)
    if tx.execute(query).first() is not None:
        raise Conflict(CLIENT_ID_IS_RESOURCE, field="client_id", value=client_id)


def refuse_client_name(tx: Connection, uri: str, owner_id: str) -> None:
    """Raise Conflict for a resource that is the id of another client, a removed one included."""
    query = select(client.c.client_id).where(
        client.c.client_id == uri, client.c.client_id != owner_id
    )
    if tx.execute(query).first() is not None:
        raise Conflict(RESOURCE_IS_CLIENT, field="uri", value=uri)


def _plain(name: str) -> str:
    return name.rstrip("/").lower()
