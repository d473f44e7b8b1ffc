"""Applications: what may be entered, and by whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select, update

from directory.actor import Actor
from directory.audit.log import client_tag, record
from directory.authz.decisions import decide, require
from directory.authz.errors import (
    APPLICATION_AGENCIES,
    APPLICATION_ID,
    APPLICATION_NAME,
    APPLICATION_NOT_YOURS,
    APPLICATION_OPENS_BEYOND,
    APPLICATION_OWNER,
    APPLICATION_REMOVED,
    APPLICATION_UNKNOWN,
)
from directory.authz.events import (
    APPLICATION_CHANGED,
    APPLICATION_CLOSED,
    APPLICATION_OPENED,
    APPLICATION_PUT,
)
from directory.authz.objects import InPlace, Object, OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.authz.roles import Role, find_role_where
from directory.authz.scopes import Scope, applications_near, bound_by, lies_under, within
from directory.authz.tables import application, application_agency
from directory.clock import now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.database.engine import ask_once, recall, remember
from directory.errors import Conflict, ErrorCode, Forbidden, Invalid, NotFound
from directory.text import fold

# So that the tag of its client, which names it in the audit log, has no more than 128 characters.
ID_CHARS = 120

Access = Literal["everyone", "agencies", "roles"]
Sharing = Literal["internal", "shared"]


@dataclass(frozen=True)
class Application:
    """An application of the province. `id` is its OAuth client_id.

    `access`: open to everyone in the catalogue, to people of `agencies` (and all under them), or to
    holders of any of its roles. `sharing`: internal to the agency that owns it, whose
    administrators keep it, or shared, which the province keeps. `contact`: who looks after it;
    `start_url`: what its tile opens. `removed_at` (ms): when it was removed for good.
    """

    id: str
    name: str
    description: str = ""
    access: Access = "everyone"
    owner_agency_id: str = ""
    agencies: tuple[str, ...] = ()
    disabled_at: int | None = None
    built_in: bool = False
    sharing: Sharing = "shared"
    contact: str | None = None
    start_url: str | None = None
    removed_at: int | None = None

    @property
    def opened_to(self) -> frozenset[str]:
        """The agencies it is open to; one without an id: the whole province."""
        return frozenset(self.agencies) if self.access == "agencies" else frozenset({""})


def put(tx: Connection, actor: Actor, app: Application) -> str:
    """Register an application or change what is registered. Gives the id of the event that tells
    it; none when nothing changed. Raises Invalid, Forbidden, Conflict for one that was removed."""
    take_advisory_lock(tx, "application", app.id)
    before = _require_put(tx, actor, app)
    values = {
        "name": app.name,
        "description": app.description,
        "access": app.access,
        "owner_agency_id": app.owner_agency_id,
        "disabled_at": app.disabled_at,
        "built_in": app.built_in,
        "sharing": app.sharing,
        "contact": app.contact,
        "start_url": app.start_url,
    }
    if before is None:
        tx.execute(insert(application).values(id=app.id, **values))
    else:
        tx.execute(update(application).where(application.c.id == app.id).values(**values))
        tx.execute(delete(application_agency).where(application_agency.c.application_id == app.id))
    if app.agencies:
        rows = [{"application_id": app.id, "agency_id": agency} for agency in app.agencies]
        tx.execute(insert(application_agency), rows)
    return _record(tx, actor, before, app)


def _require_put(tx: Connection, actor: Actor, app: Application) -> Application | None:
    """Everything that `put` looks at before it writes; gives what is registered."""
    before = find_ever(tx, app.id)
    _require_theirs(tx, actor, before, app)
    if before is not None and before.removed_at is not None:
        raise Conflict(APPLICATION_REMOVED, value=app.id)
    _require_opened_by(tx, actor, before, app)
    _check(app)
    return before


def _require_theirs(
    tx: Connection, actor: Actor, before: Application | None, app: Application
) -> None:
    """What it is, and what it becomes, must both be the actor's to keep."""
    places: list[Object] = [InPlace(app.owner_agency_id if app.sharing == "internal" else "")]
    if before is not None:
        places.insert(0, OfApplication(app.id))
    for about in places:
        _require(tx, actor, about, APPLICATION_NOT_YOURS)


def _require_opened_by(
    tx: Connection, actor: Actor, before: Application | None, app: Application
) -> None:
    """Whom it is opened to must lie where the actor keeps applications; whoever it was opened to
    before, by somebody who might, stays."""
    is_same_way = before is not None and before.access == app.access
    known = before.opened_to if before is not None and is_same_way else frozenset()
    for place in sorted(app.opened_to - known):
        _require(tx, actor, InPlace(place), APPLICATION_OPENS_BEYOND)


def _require(tx: Connection, actor: Actor, about: Object, refusal: ErrorCode) -> None:
    action = ApplicationPermission.WRITE
    decision = decide(tx, actor, action, about)
    if not decision.allowed:
        raise Forbidden(refusal, action=action, object=str(about), reason=decision.reason)


def _check(app: Application) -> None:
    if not 0 < len(app.id) <= ID_CHARS:
        raise Invalid(APPLICATION_ID, field="id")
    if not app.name.strip():
        raise Invalid(APPLICATION_NAME, field="name")
    if app.access == "agencies" and not app.agencies:
        raise Invalid(APPLICATION_AGENCIES, field="agencies")
    if app.sharing == "internal" and not app.owner_agency_id:
        raise Invalid(APPLICATION_OWNER, field="owner")


def _record(tx: Connection, actor: Actor, before: Application | None, app: Application) -> str:
    tag, owner, act = client_tag(app.id), app.owner_agency_id, ""
    if before is None:
        told = {"name": app.name, "access": app.access, "sharing": app.sharing}
        act = record(tx, APPLICATION_PUT, actor, subject=tag, agency=owner, **told)
    elif changed := _changes(before, app):
        fields: dict[str, Any] = {**dict.fromkeys(APPLICATION_CHANGED.fields), **changed}
        act = record(tx, APPLICATION_CHANGED, actor, subject=tag, agency=owner, **fields)
    if app.access != "agencies":
        return act
    was = before.opened_to if before is not None else frozenset()
    for kind, places in (
        (APPLICATION_OPENED, app.opened_to - was),
        (APPLICATION_CLOSED, was - app.opened_to - {""}),
    ):
        for place in sorted(places):
            told_by = record(tx, kind, actor, subject=tag, agency=owner, part_of=act, place=place)
            act = act or told_by
    return act


def _changes(before: Application, app: Application) -> dict[str, str]:
    """What is told of a change: the new values, and the old ones of what people go by."""
    pairs = {
        "name": (before.name, app.name),
        "description": (before.description, app.description),
        "contact": (before.contact, app.contact),
        "start_url": (before.start_url, app.start_url),
        "owner": (before.owner_agency_id, app.owner_agency_id),
        "sharing": (before.sharing, app.sharing),
        "access": (before.access, app.access),
    }
    told: dict[str, str] = {}
    for name, (old, new) in pairs.items():
        if (old or "") != (new or ""):
            nothing = "" if APPLICATION_CHANGED.fields[name] == "place" else "–"
            told[name] = new or nothing
            if f"former_{name}" in APPLICATION_CHANGED.fields:
                told[f"former_{name}"] = old or nothing
    return told


def disable(tx: Connection, actor: Actor, application_id: str) -> None:
    """Nobody may enter it any more. Raises NotFound."""
    require(tx, actor, ApplicationPermission.WRITE, OfApplication(application_id))
    result = tx.execute(
        update(application)
        .where(application.c.id == application_id, application.c.removed_at.is_(None))
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
        .where(application.c.id == application_id, application.c.removed_at.is_(None))
        .values(disabled_at=None)
        .returning(application.c.id)
    )
    if result.first() is None:
        raise NotFound(APPLICATION_UNKNOWN, value=application_id)


def describe(tx: Connection, actor: Actor, application_id: str, **told: Any) -> str:
    """Change what the register says of an application: fields of `Application`. Gives what `put`
    gives."""
    changed = _described(tx, application_id, told)
    return put(tx, actor, changed) if changed is not None else ""


def require_described(tx: Connection, actor: Actor, application_id: str, **told: Any) -> None:
    """Raises what `describe` would raise. Nothing is written."""
    changed = _described(tx, application_id, told)
    if changed is not None:
        _require_put(tx, actor, changed)


def _described(tx: Connection, application_id: str, told: Mapping[str, Any]) -> Application | None:
    """The application as it would be; None for no other than it is."""
    found = find(tx, application_id)
    if found is None:
        raise NotFound(APPLICATION_UNKNOWN, value=application_id)
    changed = replace(found, **told)
    return changed if changed != found else None


def find(tx: Connection, application_id: str) -> Application | None:
    """The application, or None, also for one that was removed."""
    found = find_ever(tx, application_id)
    return found if found is not None and found.removed_at is None else None


def require_there(tx: Connection, *ids: str) -> None:
    """Raise NotFound for one that was removed, or is just being: whoever hangs something on it
    waits for that."""
    unknown = [each for each in ids if recall(tx, ("there", each)) is None]
    for each in sorted({*unknown} - take_there(tx, unknown)):
        raise NotFound(APPLICATION_UNKNOWN, value=each)


def take_there(tx: Connection, ids: Collection[str]) -> frozenset[str]:
    """Those of the applications that were not removed, and are not until the transaction ends."""
    columns = application.c
    query = select(columns.id).where(columns.id.in_(ids), columns.removed_at.is_(None))
    query = query.order_by(columns.id).with_for_update(read=True)
    there = frozenset(tx.execute(query).scalars()) if ids else frozenset[str]()
    for each in there:
        remember(tx, ("there", each), True)
    return there


def find_ever(tx: Connection, application_id: str) -> Application | None:
    """The application, also one that was removed, or None."""
    rows = ask_once(
        tx,
        ("application", application_id),
        lambda: tx.execute(_with_agencies, {"id": application_id}).all(),
    )
    return _of_rows(rows)


def _of_rows(rows: Sequence[Row[Any]]) -> Application | None:
    if not rows:
        return None
    is_narrowed = rows[0].access == "agencies"
    opened = (row.opened_to for row in rows if is_narrowed and row.opened_to is not None)
    return _application(rows[0], tuple(opened))


# A row for each agency it is open to, or one.
_all_with_agencies = (
    select(application, application_agency.c.agency_id.label("opened_to"))
    .outerjoin(application_agency, application_agency.c.application_id == application.c.id)
    .order_by(application_agency.c.agency_id)
)
_with_agencies = _all_with_agencies.where(application.c.id == bindparam("id"))
_these_with_agencies = _all_with_agencies.where(
    application.c.id.in_(bindparam("ids", expanding=True))
)


def list_applications(tx: Connection) -> Sequence[Application]:
    """All applications that are not disabled, by name as people look for it."""
    enabled = select(application).where(application.c.disabled_at.is_(None))
    return ask_once(
        tx, "applications enabled", lambda: _applications(tx, tx.execute(enabled).all())
    )


def list_these(tx: Connection, ids: Collection[str]) -> Sequence[Application]:
    """Those of `ids`, disabled and removed ones too; by name as people look for it."""
    known = {each: recall(tx, ("application", each)) for each in ids}
    read: dict[str, list[Row[Any]]] = {each: [] for each, rows in known.items() if rows is None}
    for row in tx.execute(_these_with_agencies, {"ids": [*read]}) if read else ():
        read[row.id].append(row)
    for each, rows in read.items():
        remember(tx, ("application", each), rows)
    all_rows = {**known, **read}.values()
    found = [app for rows in all_rows if (app := _of_rows(rows)) is not None]
    return sorted(found, key=lambda app: (fold(app.name), app.name, app.id))


def list_seen(
    tx: Connection, scope: Scope, owner_id: str = "", *, removed: bool = False
) -> Sequence[Application]:
    """All that are seen in the scope (as `directory.authz.decisions` decides it one by one),
    disabled ones too, or those that were `removed`; with `owner_id` those of that agency and of
    all under it."""
    is_seen, bound = applications_near(scope)
    gone = application.c.removed_at
    query = select(application).where(is_seen, gone.is_not(None) if removed else gone.is_(None))
    if owner_id:
        query = query.where(application.c.owner_agency_id.in_(within({owner_id})))
    return _applications(tx, tx.execute(query, bound).all())


def names_seen(tx: Connection, scope: Scope) -> Mapping[str, str]:
    """The names, by id, of those that are seen in the scope, in the order people look for them."""
    is_seen, bound = applications_near(scope)
    there = application.c.removed_at.is_(None)
    query = select(application.c.id, application.c.name).where(is_seen, there)
    rows = tx.execute(query, bound).all()
    return {row.id: row.name for row in sorted(rows, key=lambda row: (fold(row.name), row.id))}


@dataclass(frozen=True)
class Kept:
    """An application of those that somebody keeps."""

    id: str
    name: str
    owner_agency_id: str


def list_kept(tx: Connection, scope: Scope, ids: Collection[str]) -> Sequence[Kept]:
    """Those of `ids` that are enabled, not our own, and changed in the scope (as
    `directory.authz.decisions` decides it one by one): internal ones of its places, and shared ones
    in the whole province; by name as people look for it."""
    columns = application.c
    query = select(columns.id, columns.name, columns.owner_agency_id)
    query = query.where(
        columns.id.in_(ids), columns.disabled_at.is_(None), columns.built_in.is_(False)
    )
    if not scope.everywhere:
        query = query.where(columns.sharing == "internal", lies_under(columns.owner_agency_id))
    rows = tx.execute(query, {} if scope.everywhere else bound_by(scope)).all()
    return sorted((Kept(*row) for row in rows), key=lambda each: (fold(each.name), each.id))


def _applications(tx: Connection, rows: Sequence[Row[Any]]) -> list[Application]:
    """Two statements however many; by name as people look for it."""
    narrowed = [row.id for row in rows if row.access == "agencies"]
    agencies: dict[str, list[str]] = {}
    if narrowed:
        columns = application_agency.c
        query = select(application_agency).where(columns.application_id.in_(narrowed))
        for application_id, agency_id in tx.execute(query.order_by(columns.agency_id)):
            agencies.setdefault(application_id, []).append(agency_id)
    by_name = sorted(rows, key=lambda row: (fold(row.name), row.name, row.id))
    return [_application(row, tuple(agencies.get(row.id, ()))) for row in by_name]


def _application(row: Row[Any], agencies: tuple[str, ...]) -> Application:
    return Application(
        id=row.id,
        name=row.name,
        description=row.description,
        access=cast(Access, row.access),
        owner_agency_id=row.owner_agency_id,
        agencies=agencies,
        disabled_at=row.disabled_at,
        built_in=row.built_in,
        sharing=cast(Sharing, row.sharing),
        contact=row.contact,
        start_url=row.start_url,
        removed_at=row.removed_at,
    )


def list_names_near(tx: Connection, scope: Scope, application_id: str = "") -> dict[str, str]:
    """The names of the enabled applications that are where the scope is, by id; or of one."""
    if scope.is_empty:
        return {}
    is_near, bound = applications_near(scope)
    columns = application.c
    query = select(columns.id, columns.name).where(columns.disabled_at.is_(None), is_near)
    if application_id:
        query = query.where(columns.id == application_id)
    return {row.id: row.name for row in tx.execute(query, bound)}


def find_role_near(
    tx: Connection, scope: Scope, application_id: str, name: str
) -> tuple[Role, str] | None:
    """A role of one of these applications, and the application's name."""
    if scope.is_empty:
        return None
    is_near, bound = applications_near(scope)
    wanted = and_(application.c.disabled_at.is_(None), is_near)
    return find_role_where(tx, application_id, name, wanted, bound)
