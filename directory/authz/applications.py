"""Applications: what may be entered, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from sqlalchemy import Connection, Row, delete, insert, select, update

from directory.actor import Actor
from directory.audit.log import client_tag, record
from directory.authz.decisions import require
from directory.authz.errors import (
    APPLICATION_AGENCIES,
    APPLICATION_ID,
    APPLICATION_NAME,
    APPLICATION_UNKNOWN,
)
from directory.authz.events import APPLICATION_PUT
from directory.authz.objects import OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.authz.tables import application, application_agency
from directory.clock import now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Invalid, NotFound
from directory.text import fold

# So that the tag of its client, which names it in the audit log, has no more than 128 characters.
ID_CHARS = 120

Access = Literal["everyone", "agencies", "roles"]


@dataclass(frozen=True)
class Application:
    """An application of the province. `id` is its OAuth client_id.

    `access`: open to everyone in the catalogue, to people of `agencies` (and all under them), or to
    holders of any of its roles.
    """

    id: str
    name: str
    description: str = ""
    access: Access = "everyone"
    owner_agency_id: str = ""
    agencies: tuple[str, ...] = ()
    disabled_at: int = 0
    built_in: bool = False


def put(tx: Connection, actor: Actor, app: Application) -> None:
    """Register an application or change what is registered. Raises Invalid, Forbidden."""
    take_advisory_lock(tx, "application", app.id)
    require(tx, actor, ApplicationPermission.WRITE, OfApplication(app.id))
    if not 0 < len(app.id) <= ID_CHARS:
        raise Invalid(APPLICATION_ID, field="id")
    if not app.name.strip():
        raise Invalid(APPLICATION_NAME, field="name")
    if app.access == "agencies" and not app.agencies:
        raise Invalid(APPLICATION_AGENCIES, field="agencies")
    values = {
        "name": app.name,
        "description": app.description,
        "access": app.access,
        "owner_agency_id": app.owner_agency_id,
        "disabled_at": app.disabled_at,
        "built_in": app.built_in,
    }
    if find(tx, app.id) is None:
        tx.execute(insert(application).values(id=app.id, **values))
    else:
        tx.execute(update(application).where(application.c.id == app.id).values(**values))
        tx.execute(delete(application_agency).where(application_agency.c.application_id == app.id))
    if app.agencies:
        rows = [{"application_id": app.id, "agency_id": agency} for agency in app.agencies]
        tx.execute(insert(application_agency), rows)
    record(
        tx,
        APPLICATION_PUT,
        actor,
        subject=client_tag(app.id),
        agency=app.owner_agency_id,
        name=app.name,
        access=app.access,
    )


def disable(tx: Connection, actor: Actor, application_id: str) -> None:
    """Nobody may enter it any more. Raises NotFound."""
    require(tx, actor, ApplicationPermission.WRITE, OfApplication(application_id))
    result = tx.execute(
        update(application)
        .where(application.c.id == application_id)
        .values(disabled_at=now_ms())
        .returning(application.c.id)
    )
    if result.first() is None:
        raise NotFound(APPLICATION_UNKNOWN, value=application_id)


def enable(tx: Connection, actor: Actor, application_id: str) -> None:
    """A disabled application may be entered again. Raises NotFound."""
    require(tx, actor, ApplicationPermission.WRITE, OfApplication(application_id))
    result = tx.execute(
        update(application)
        .where(application.c.id == application_id)
        .values(disabled_at=0)
        .returning(application.c.id)
    )
    if result.first() is None:
        raise NotFound(APPLICATION_UNKNOWN, value=application_id)


def describe(tx: Connection, actor: Actor, application_id: str, **told: str) -> None:
    """Change what the register says of an application: `name`, `description`, `owner_agency_id`."""
    found = find(tx, application_id)
    if found is None:
        raise NotFound(APPLICATION_UNKNOWN, value=application_id)
    changed = replace(found, **told)  # type: ignore[arg-type]
    if changed != found:
        put(tx, actor, changed)


def find(tx: Connection, application_id: str) -> Application | None:
    """The application, or None."""
    row = tx.execute(select(application).where(application.c.id == application_id)).first()
    return None if row is None else _application(tx, row)


def list_applications(tx: Connection) -> Sequence[Application]:
    """All applications that are not disabled, by name as people look for it."""
    rows = tx.execute(select(application).where(application.c.disabled_at == 0)).all()
    by_name = sorted(rows, key=lambda row: (fold(row.name), row.name, row.id))
    return [_application(tx, row) for row in by_name]


def _application(tx: Connection, row: Row[tuple[object, ...]]) -> Application:
    agencies: Sequence[str] = ()
    if row.access == "agencies":
        columns = application_agency.c
        query = select(columns.agency_id).where(columns.application_id == row.id)
        agencies = tx.execute(query.order_by(columns.agency_id)).scalars().all()
    return Application(
        id=row.id,
        name=row.name,
        description=row.description,
        access=cast(Access, row.access),
        owner_agency_id=row.owner_agency_id,
        agencies=tuple(agencies),
        disabled_at=row.disabled_at,
        built_in=row.built_in,
    )
