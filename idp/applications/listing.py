"""The list of applications: one page of those that are seen in a scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from directory.authz import applications
from directory.authz.applications import Application
from directory.authz.places import list_agencies_within
from directory.authz.roles import Role, list_declared
from directory.authz.scopes import Scope
from directory.projection import queries
from directory.projection.queries import AgencyRow
from directory.text import fold
from idp.applications.kinds import Kind, kind_of
from idp.clients.logo import logo_names
from idp.clients.service import connections

PAGE = 50

State = Literal["", "enabled", "disabled", "removed"]
"""Without one: all that were not removed."""


@dataclass(frozen=True)
class ApplicationQuestion:
    """What a list is asked for. `page` counts from 1 and has `size` applications; `owner_id`: of
    that agency and all under it; empty: all that one may see."""

    text: str = ""
    owner_id: str = ""
    kind: Kind | Literal[""] = ""
    state: State = ""
    page: int = 1
    size: int = PAGE


@dataclass(frozen=True)
class ListedApplication:
    """A row of the list. `opened`: the names of the agencies it is open to."""

    app: Application
    kind: Kind
    owner: str
    opened: Sequence[str]
    logo: str


@dataclass(frozen=True)
class ApplicationPage:
    """One page of applications. `owners`: the agencies one may narrow by."""

    applications: Sequence[ListedApplication]
    total: int
    page: int
    owners: Sequence[AgencyRow]


def list_page(tx: Connection, scope: Scope, asked: ApplicationQuestion) -> ApplicationPage:
    """A page of the applications that are seen in `scope`."""
    fitting = _fitting(tx, scope, asked)
    number = max(1, asked.page)
    shown = fitting[(number - 1) * asked.size : number * asked.size]
    return ApplicationPage(
        applications=_listed(tx, shown),
        total=len(fitting),
        page=number,
        owners=list_agencies_within(tx, scope),
    )


def list_named(
    tx: Connection, scope: Scope, text: str, most: int
) -> tuple[Sequence[Application], Sequence[tuple[Role, Application]]]:
    """Applications that are seen in `scope` and fit the text, and roles of such that do."""
    seen = {app.id: app for app, _ in _fitting(tx, scope, ApplicationQuestion())}
    words = fold(text).split()
    named = [app for app in seen.values() if _fits(app, words)]
    roles = [
        (each, seen[each.application_id])
        for each in list_declared(tx)
        if each.application_id in seen and _is_called(each, words)
    ]
    return named[:most], roles[:most]


def _is_called(role: Role, words: Sequence[str]) -> bool:
    key = fold(f"{role.title_vi} {role.title_en} {role.name}")
    return role.retired_at is None and all(word in key for word in words)


def list_whole(
    tx: Connection, scope: Scope, asked: ApplicationQuestion
) -> Sequence[ListedApplication]:
    """All pages of the list as one."""
    return _listed(tx, _fitting(tx, scope, asked))


def _fitting(
    tx: Connection, scope: Scope, asked: ApplicationQuestion
) -> Sequence[tuple[Application, Kind]]:
    """A province has hundreds, so that what SQL cannot tell (kinds, folded names) is told here."""
    is_gone = asked.state == "removed"
    found = applications.list_seen(tx, scope, asked.owner_id, removed=is_gone)
    if is_gone and not scope.everywhere:
        # Those are there for whoever kept them.
        places = {place.id for place in list_agencies_within(tx, scope)}
        found = [app for app in found if app.owner_agency_id in places]
    connected = connections(tx)
    seen = [(app, kind_of(connected.get(app.id))) for app in found]
    words = fold(asked.text).split()
    return [
        (app, kind)
        for app, kind in seen
        if _fits(app, words)
        and asked.kind in ("", kind)
        and asked.state in ("", "removed", "disabled" if app.disabled_at else "enabled")
    ]


def _fits(app: Application, words: Sequence[str]) -> bool:
    key = fold(f"{app.name} {app.description} {app.contact or ''}")
    return all(word in key for word in words) or " ".join(words) == fold(app.id)


def _listed(tx: Connection, shown: Sequence[tuple[Application, Kind]]) -> list[ListedApplication]:
    ids = {place for app, _ in shown for place in (app.owner_agency_id, *app.agencies) if place}
    places = queries.agencies_by_id(tx, sorted(ids))
    logos = logo_names(tx, [app.id for app, _ in shown])
    return [
        ListedApplication(
            app=app,
            kind=kind,
            owner=_name(places, app.owner_agency_id),
            opened=[_name(places, place) for place in app.agencies],
            logo=logos.get(app.id, ""),
        )
        for app, kind in shown
    ]


def _name(places: Mapping[str, AgencyRow], place_id: str) -> str:
    return places[place_id].name if place_id in places else ""
