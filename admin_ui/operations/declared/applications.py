"""Applications and their connections (RFC 7591 metadata). Secrets are neither written nor read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from admin_ui.operations.declared.document import Declared, Field
from admin_ui.operations.declared.errors import (
    DECLARED_CONNECTED,
    DECLARED_LDAP,
    DECLARED_MISSING,
    DECLARED_OURS,
    DECLARED_REFUSED,
    DECLARED_UNCONNECTED,
)
from admin_ui.operations.declared.planning import (
    AGENCY,
    NOTHING_MORE,
    Doing,
    Done,
    Planning,
    Step,
    shown,
)
from directory.authz import applications as register
from directory.authz.applications import Application
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.scopes import EVERYWHERE
from directory.errors import AppError, Words
from directory.ldap_clients import service as ldap_clients
from directory.ldap_clients.keeping import keep
from directory.ldap_clients.register import LdapClient, find_ldap_client
from idp.clients import service
from idp.clients.metadata import faults_of, read_metadata
from idp.clients.model import Client

SECTION = "applications"
FIELDS = (
    Field("client_id", is_required=True),
    Field("name"),
    Field("description"),
    Field("owner"),
    Field("use", choices=("internal", "shared")),
    Field("access", choices=("everyone", "agencies", "roles")),
    Field("agencies", "texts"),
    Field("contact"),
    Field("start_url"),
    Field("connection", "plain"),
    Field("ldap", "flag"),
    Field("pkce_exempt"),
    Field("reason"),
    Field("absent", "flag"),
)
# Said of one that has no connection; of others their metadata says it.
_WITHOUT_CONNECTION = ("contact", "start_url")


@dataclass(frozen=True)
class _Known:
    """What there is: an application, perhaps with a connection, or an account in LDAP."""

    app: Application | None
    client: Client | None
    account: LdapClient | None


def plan(planning: Planning, things: Sequence[Declared]) -> list[Step]:
    """Registered, changed, or disabled where they are to be absent."""
    return [step for each in things if (step := _step(planning, each))]


def _step(planning: Planning, each: Declared) -> Step | None:
    client_id = each.text("client_id")
    known = _known(planning.tx, client_id)
    if client_id == ADMIN_APPLICATION or (known.app is not None and known.app.built_in):
        planning.fault(DECLARED_OURS, each, name=client_id)
        return None
    if each.is_absent:
        return _disabled(planning, each, known)
    if known.app is None and not each.text("name"):
        planning.fault(DECLARED_MISSING, each, name="name")
        return None
    planning.applications.add(client_id)
    told = _register(planning, each, known.app)
    if not _is_connected_rightly(planning, each, known):
        return None
    if known.app is None:
        return _new(planning, each, told)
    return _changed(planning, each, known.app, known, told)


def _known(tx: Connection, client_id: str) -> _Known:
    return _Known(
        register.find(tx, client_id),
        service.connections(tx, client_id).get(client_id),
        find_ldap_client(tx, client_id),
    )


def _is_connected_rightly(planning: Planning, each: Declared, known: _Known) -> bool:
    is_connected = known.client is not None if known.app is not None else each.says("connection")
    if each.says("connection") and not is_connected:
        planning.fault(DECLARED_UNCONNECTED, each, name=each.text("client_id"))
        return False
    for name in _WITHOUT_CONNECTION:
        if is_connected and each.says(name):
            planning.fault(DECLARED_CONNECTED, each, name=name)
            return False
    if is_connected and each.values.get("ldap"):
        planning.fault(DECLARED_CONNECTED, each, name="ldap")
        return False
    if known.account is not None and each.values.get("ldap") is False:
        planning.fault(DECLARED_LDAP, each, name=each.text("client_id"))
        return False
    if not is_connected:
        return True
    before = dict(known.client.metadata) if known.client is not None else {}
    faults = faults_of(
        {**before, **_members(each)},
        planning.registration,
        loopback=planning.installation.settings.demo,
    )
    for fault in faults:
        planning.fault(DECLARED_REFUSED, each, why=said(fault))
    return not faults


def _members(each: Declared) -> dict[str, Any]:
    connection = each.values.get("connection")
    members = dict(connection) if isinstance(connection, dict) else {}
    if each.says("name"):
        members["client_name"] = each.text("name")
    return members


def _register(planning: Planning, each: Declared, app: Application | None) -> dict[str, Any]:
    """What the register is to say, of what the file says."""
    told: dict[str, Any] = {}
    for name, ours in (("name", "name"), ("description", "description"), ("use", "sharing")):
        if each.says(name):
            told[ours] = each.text(name)
    if each.says("owner"):
        place = planning.place(each, each.text("owner"), AGENCY)
        told["owner_agency_id"] = place.id if place else ""
    if each.says("access"):
        told["access"] = each.text("access")
    if each.says("agencies"):
        found = [planning.place(each, code, AGENCY) for code in each.values["agencies"]]
        told["agencies"] = tuple(sorted({place.id for place in found if place}))
    if told.get("access", app.access if app else "everyone") != "agencies":
        told["agencies"] = ()
    for name in _WITHOUT_CONNECTION:
        if each.says(name):
            told[name] = each.text(name) or None
    return told


def _new(planning: Planning, each: Declared, told: Mapping[str, Any]) -> Step:
    client_id = each.text("client_id")

    def connect(doing: Doing) -> Done:
        registered = service.add_client(
            doing.installation,
            doing.actor,
            planning.registration,
            {**_members(each), "client_id": client_id},
            entry=service.Entry(**{k: v for k, v in told.items() if k != "name"}),
            pkce_exempt=each.text("pkce_exempt"),
        )
        return Done(secret=registered.secret or "")

    def register_it(doing: Doing) -> Done:
        app = Application(client_id, **told)
        if each.values.get("ldap"):
            return Done(secret=ldap_clients.register(doing.installation, doing.actor, app, {}))
        with doing.installation.database.write() as tx:
            register.put(tx, doing.actor, app)
        return NOTHING_MORE

    carry_out = connect if each.says("connection") else register_it
    return Step(SECTION, client_id, each.line, "create", carry_out=carry_out, is_apart=True)


def _changed(
    planning: Planning,
    each: Declared,
    app: Application,
    known: _Known,
    told: Mapping[str, Any],
) -> Step:
    client = known.client
    is_given_account = bool(each.values.get("ldap")) and known.account is None
    register_said = {
        name: (getattr(app, name), value)
        for name, value in told.items()
        if _differs(getattr(app, name), value)
    }
    members = _changed_members(planning, each, client)
    exempt = _exemption(each, client)
    is_enabled = app.disabled_at and each.values.get("absent") is False
    changes = {_FILE_NAMES.get(n, n): _told(planning, n, p) for n, p in register_said.items()}
    changes |= {name: (shown(a), shown(b)) for name, (a, b) in members.items()}
    if exempt is not None and client is not None:
        changes["pkce_exempt"] = (client.pkce_exempt, exempt)
    if is_enabled:
        changes["absent"] = ("true", "false")
    if is_given_account:
        changes["ldap"] = ("false", "true")
    if not changes:
        return Step(SECTION, app.id, each.line, "same")
    reason = planning.reason(each) if is_enabled else ""

    def change(doing: Doing) -> Done:
        said_of_it = {name: value for name, (_, value) in register_said.items()}
        if client is None:
            with doing.installation.database.write() as tx:
                register.describe(tx, doing.actor, app.id, **said_of_it)
            keep(doing.installation, doing.actor, app.id)
        elif register_said or members or exempt is not None:
            said_of_it.pop("name", None)  # its metadata says that
            service.update_client(
                doing.installation,
                doing.actor,
                planning.registration,
                app.id,
                _members(each),
                told=said_of_it,
                pkce_exempt=exempt,
            )
        if is_enabled:
            planning.register.enable(planning.register.show_for_change(app.id), reason)
        if is_given_account:
            return Done(secret=ldap_clients.make(doing.installation, doing.actor, app.id))
        return NOTHING_MORE

    return Step(SECTION, app.id, each.line, "change", changes, carry_out=change, is_apart=True)


_FILE_NAMES = {"owner_agency_id": "owner", "sharing": "use"}


def _differs(now: Any, wanted: Any) -> bool:
    if isinstance(now, tuple):
        return set(now) != set(wanted)
    return (now or "") != (wanted or "")


def _told(planning: Planning, name: str, pair: tuple[Any, Any]) -> tuple[str, str]:
    def words(value: Any) -> str:
        if name == "owner_agency_id":
            return planning.places.ref(value)
        if name == "agencies":
            return ", ".join(sorted(map(planning.places.ref, value)))
        return shown(value)

    return words(pair[0]), words(pair[1])


def _changed_members(
    planning: Planning, each: Declared, client: Client | None
) -> dict[str, tuple[Any, Any]]:
    """Of its metadata, as it would be read again: what it would say otherwise."""
    if client is None:
        return {}
    reading = read_metadata(
        {**client.metadata, **_members(each)},
        planning.registration,
        loopback=planning.installation.settings.demo,
    )
    return {
        name: (client.metadata.get(name), value)
        for name, value in reading.metadata.items()
        if value != client.metadata.get(name) and name != "client_name"
    }


def _exemption(each: Declared, client: Client | None) -> str | None:
    if client is None or not each.says("pkce_exempt"):
        return None
    wanted = each.text("pkce_exempt")
    return wanted if wanted != client.pkce_exempt else None


def _disabled(planning: Planning, each: Declared, known: _Known) -> Step:
    app, called = known.app, each.text("client_id")
    if app is None or app.disabled_at:
        return Step(SECTION, called, each.line, "same")
    reason = planning.reason(each)

    def disable(_doing: Doing) -> Done:
        planning.register.disable(planning.register.show_for_change(app.id), reason)
        return NOTHING_MORE

    return Step(SECTION, called, each.line, "remove", carry_out=disable, is_apart=True)


def said(error: AppError) -> Words:
    """An error as operators are told it, in both languages, to be part of another sentence."""
    told = error.declared.told_to_operators
    return Words(told("vi", error.params), told("en", error.params))


def export(planning: Planning, within: str) -> list[dict[str, Any]]:
    """Those that are not our own; of a place, those it owns. Disabled ones are absent."""
    places = planning.places
    told = []
    for app in register.list_seen(planning.tx, EVERYWHERE):
        if app.built_in or (within and not places.lies_under(app.owner_agency_id, within)):
            continue
        if app.disabled_at:
            told.append({"client_id": app.id, "name": app.name, "absent": True})
            continue
        client = service.connections(planning.tx, app.id).get(app.id)
        told.append(_exported(planning, app, client))
    return sorted(told, key=lambda one: str(one["client_id"]))


def _exported(planning: Planning, app: Application, client: Client | None) -> dict[str, Any]:
    places = planning.places
    row: dict[str, Any] = {
        "client_id": app.id,
        "name": app.name,
        "description": app.description,
        "owner": places.ref(app.owner_agency_id),
        "use": app.sharing,
        "access": app.access,
    }
    if app.access == "agencies":
        row["agencies"] = sorted(filter(None, map(places.ref, app.agencies)))
    if client is None:
        row |= {name: getattr(app, name) for name in _WITHOUT_CONNECTION}
        return row | ({"ldap": True} if find_ldap_client(planning.tx, app.id) else {})
    connection = {
        name: value
        for name, value in client.metadata.items()
        if name != "client_name" and value not in (None, "", [], {"keys": []})
    }
    return row | {"connection": connection, "pkce_exempt": client.pkce_exempt}
