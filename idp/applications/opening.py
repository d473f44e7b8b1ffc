"""Asking that an application be opened beyond the branch of whoever looks after it, and opening it
when the province approved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.log import client_tag
from directory.authz import applications
from directory.authz.applications import Access
from directory.authz.decisions import require
from directory.authz.errors import APPLICATION_UNKNOWN
from directory.authz.objects import InPlace, OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.errors import Invalid, NotFound, Words
from directory.projection import queries
from directory.release.attributes import told_attributes
from directory.release.register import Release, list_releases
from directory.requests import service
from directory.requests.register import Request
from directory.requests.service import Asking
from idp.applications.errors import APPLICATION_OPEN_ALREADY, APPLICATION_OPEN_TO_WHOM
from idp.applications.request_kinds import OPEN_APPLICATION

_PROVINCE = InPlace("")
_TO_ALL: Mapping[str, Words] = {
    "everyone": Words("mọi người trong tỉnh", "everyone in the province"),
    "roles": Words("người có vai trò trong ứng dụng", "holders of its roles"),
}


def ask_to_open(
    tx: Connection,
    actor: Actor,
    application_id: str,
    access: Access,
    codes: Sequence[str],
    reason: str,
) -> Request:
    """Ask the province to open it: to everyone, to holders of its roles, or to the agencies with
    these codes besides those it is open to.

    Raises NotFound, Forbidden for whoever may not change it, Invalid, and as
    `directory.requests.service.ask`.
    """
    require(tx, actor, ApplicationPermission.WRITE, OfApplication(application_id))
    app = applications.find(tx, application_id)
    if app is None:
        raise NotFound(APPLICATION_UNKNOWN, value=application_id)
    agencies = _agencies(tx, codes) if access == "agencies" else []
    if access == app.access and not set(agencies) - app.opened_to:
        raise Invalid(APPLICATION_OPEN_ALREADY, field="access")
    payload = {"application_id": app.id, "access": access, "agencies": agencies}
    asking = Asking(subject=client_tag(app.id), agency_id="", reason=reason, payload=payload)
    return service.ask(tx, actor, OPEN_APPLICATION, asking)


def about(_payload: Mapping[str, Any]) -> InPlace:
    """Whoever decides keeps the applications of the whole province."""
    return _PROVINCE


def describe(tx: Connection, payloads: Sequence[Mapping[str, Any]]) -> Sequence[Words]:
    """What approving it would do."""
    ids = {payload["application_id"] for payload in payloads}
    named = {app.id: app.name for app in applications.list_these(tx, ids)}
    agencies = {agency for payload in payloads for agency in payload["agencies"]}
    places = queries.agencies_by_id(tx, sorted(agencies))
    released = list_releases(tx, ids)
    return [
        _sentence(payload, named, places, released.get(payload["application_id"]))
        for payload in payloads
    ]


def carry_out(tx: Connection, approver: Actor, asked: Request) -> None:
    """Open it, if it is there still and the approver may. What it was opened to meanwhile stays."""
    application_id, told = _opened(tx, asked)
    applications.describe(tx, approver, application_id, **told)


def foresee(tx: Connection, approver: Actor, asked: Request) -> bool:
    """Raises what `carry_out` would raise. Nothing is written; nobody further decides."""
    application_id, told = _opened(tx, asked)
    applications.require_described(tx, approver, application_id, **told)
    return False


def _opened(tx: Connection, asked: Request) -> tuple[str, Mapping[str, Any]]:
    """The application, and what the register says of it once it is opened."""
    app = applications.find(tx, asked.payload["application_id"])
    if app is None:
        raise NotFound(APPLICATION_UNKNOWN, value=asked.payload["application_id"])
    access = cast(Access, asked.payload["access"])
    known = app.agencies if app.access == "agencies" else ()
    added = [each for each in asked.payload["agencies"] if each not in known]
    agencies = (*known, *added) if access == "agencies" else ()
    return app.id, {"access": access, "agencies": agencies}


def _agencies(tx: Connection, codes: Sequence[str]) -> list[str]:
    if not codes:
        raise Invalid(APPLICATION_OPEN_TO_WHOM, field="codes", value="–")
    found = [(code, queries.agency_by_code(tx, code)) for code in dict.fromkeys(codes)]
    for code, agency in found:
        if agency is None:
            raise Invalid(APPLICATION_OPEN_TO_WHOM, field="codes", value=code)
    return [agency.id for _, agency in found if agency is not None]


def _sentence(
    payload: Mapping[str, Any],
    named: Mapping[str, str],
    places: Mapping[str, Any],
    release: Release | None,
) -> Words:
    """Beside to whom: what it will learn of them, for which whoever opens it answers."""
    name = named.get(payload["application_id"], payload["application_id"])
    names = "; ".join(places[each].name for each in payload["agencies"] if each in places)
    whom = _TO_ALL.get(payload["access"], Words(names, names))
    told = told_attributes(release.attributes if release is not None else ())
    return Words(
        f"Mở ứng dụng {name} cho {whom.vi}; ứng dụng được biết về họ: {told.vi}",
        f"Open application {name} to {whom.en}; it learns of them: {told.en}",
    )
