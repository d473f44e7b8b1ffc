"""The picture of an application: kept by us, so that showing it tells nobody who signs in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from directory.actor import Actor
from directory.authz.decisions import require
from directory.authz.objects import OfApplication
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Invalid
from directory.ids import digest
from directory.installation import Installation
from idp.clients.errors import CLIENT_LOGO
from idp.clients.events import CLIENT_LOGO_CHANGED
from idp.clients.permissions import ClientPermission
from idp.clients.service import record_of, show_client
from idp.clients.tables import client_logo

MOST_BYTES = 100 * 1024
# Pictures only, told by their first bytes: an SVG is a document that a browser may run.
_SIGNATURES: tuple[tuple[bytes, int, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"WEBP", 8, "image/webp"),
)


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture as it is served."""

    media_type: str
    body: bytes
    digest: str


def set_logo(installation: Installation, actor: Actor, client_id: str, body: bytes) -> None:
    """Give a client its picture; an empty one takes it away. Raises NotFound, Forbidden,
    Invalid."""
    media_type = _media_type(body) if body else ""
    with installation.database.write() as tx:
        take_advisory_lock(tx, "client", client_id)
        require(tx, actor, ClientPermission.WRITE, OfApplication(client_id))
        show_client(tx, client_id)
        tx.execute(delete(client_logo).where(client_logo.c.client_id == client_id))
        if body:
            tx.execute(
                insert(client_logo).values(
                    client_id=client_id, media_type=media_type, body=body, digest=_name_of(body)
                )
            )
        record_of(tx, CLIENT_LOGO_CHANGED, actor, client_id)


def find_logo(tx: Connection, client_id: str) -> Logo | None:
    """The picture of a client, or None."""
    columns = client_logo.c
    query = select(columns.media_type, columns.body, columns.digest)
    row = tx.execute(query.where(columns.client_id == client_id)).first()
    return None if row is None else Logo(*row)


def logo_names(tx: Connection, client_ids: Collection[str]) -> dict[str, str]:
    """For those that have a picture, a name that changes with it."""
    columns = client_logo.c
    query = select(columns.client_id, columns.digest)
    found = tx.execute(query.where(columns.client_id.in_(list(client_ids))))
    return {row.client_id: row.digest for row in found}


def _name_of(body: bytes) -> str:
    return digest(body.hex())[:16]


def _media_type(body: bytes) -> str:
    for signature, at, media_type in _SIGNATURES:
        if body[at:].startswith(signature) and len(body) <= MOST_BYTES:
            return media_type
    raise Invalid(CLIENT_LOGO, field="logo", most=MOST_BYTES // 1024)
