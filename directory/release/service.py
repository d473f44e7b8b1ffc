"""Deciding what an application learns. Less is taken away at once; more waits for a second person,
who answers for the data.

The first version comes with the registration: whoever may register an application answers for its
data too, and whatever comes later is approved by another.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from sqlalchemy import Connection, insert, update

from directory.actor import Actor, ActorKind
from directory.audit.log import client_tag, record
from directory.audit.sentences import Language
from directory.authz import applications
from directory.authz.applications import Application
from directory.authz.decisions import decide, require
from directory.authz.errors import APPLICATION_UNKNOWN
from directory.authz.objects import OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.clock import now_ms
from directory.database.advisory_lock import take_advisory_lock
from directory.errors import Conflict, Invalid, NotFound, Words
from directory.release.attributes import ATTRIBUTES
from directory.release.errors import (
    RELEASE_ASKER,
    RELEASE_ATTRIBUTE,
    RELEASE_CHANGED_SINCE,
    RELEASE_PURPOSE,
    RELEASE_SAME,
)
from directory.release.events import RELEASE_DECIDED
from directory.release.register import Grounds, Release, find_release, list_releases
from directory.release.request_kinds import RELEASE
from directory.release.tables import in_force, release
from directory.requests import service as requests
from directory.requests.register import Request
from directory.requests.service import Asking

# What bodies of the state process without consent: for their own work.
COMMON_BASIS = "Điểm c khoản 1 Điều 19 Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15"
MOST_CHARS = 500


@dataclass(frozen=True)
class Outcome:
    """What came of a change: the version that counts from now on, or the request that waits."""

    version: int | None = None
    request_id: str = ""


def proposed(names: Iterable[str]) -> Mapping[str, Grounds]:
    """These attributes for what they commonly serve."""
    _require_known(names)
    return {name: Grounds(ATTRIBUTES[name].purpose.vi, COMMON_BASIS) for name in names}


def begin(
    tx: Connection, actor: Actor, app: Application, attributes: Mapping[str, Grounds]
) -> None:
    """The first version, with the registration of the application: nothing where one counts
    already. Raises Forbidden, Invalid."""
    take_advisory_lock(tx, "release", app.id)
    if find_release(tx, app.id) is not None:
        return
    require(tx, actor, ApplicationPermission.WRITE, OfApplication(app.id))
    _put(tx, app, _checked(attributes), reason="", asked_by=actor, decided_by=actor)


def change(
    tx: Connection,
    actor: Actor,
    application_id: str,
    wanted: Mapping[str, Grounds],
    reason: str = "",
) -> Outcome:
    """Let the application learn these attributes and no others. What takes away counts at once;
    more, or for another purpose, is asked of the owner of the data.

    Raises NotFound, Forbidden for whoever may not change the application, Invalid, Conflict, and as
    `directory.requests.service.ask`.
    """
    require(tx, actor, ApplicationPermission.WRITE, OfApplication(application_id))
    app = _find(tx, application_id)
    wanted = _checked(wanted)
    found = find_release(tx, app.id)
    known = found.attributes if found is not None else {}
    if wanted == known:
        raise Conflict(RELEASE_SAME)
    if wanted.items() <= known.items():
        version = _put(tx, app, wanted, reason=reason, asked_by=actor, decided_by=actor)
        return Outcome(version=version)
    asking = Asking(
        subject=client_tag(app.id),
        agency_id=app.owner_agency_id if app.sharing == "internal" else "",
        reason=reason,
        payload={
            "application_id": app.id,
            "version": found.version if found is not None else 0,
            "attributes": {name: asdict(grounds) for name, grounds in wanted.items()},
        },
    )
    return Outcome(request_id=requests.ask(tx, actor, RELEASE, asking).id)


def end(tx: Connection, actor: Actor, app: Application, reason: str) -> None:
    """It learns nothing any more, as it is being removed; whoever may was asked."""
    take_advisory_lock(tx, "release", app.id)
    found = find_release(tx, app.id)
    if found is not None and found.attributes:
        _put(tx, app, {}, reason=reason, asked_by=actor, decided_by=actor)


def about(payload: Mapping[str, Any]) -> OfApplication:
    """Whoever decides answers for the data of the application."""
    return OfApplication(payload["application_id"])


def describe(tx: Connection, payloads: Sequence[Mapping[str, Any]]) -> Sequence[Words]:
    """What approving it would tell the application."""
    ids = {payload["application_id"] for payload in payloads}
    named = {app.id: app.name for app in applications.list_these(tx, ids)}
    in_force = list_releases(tx, ids)
    return [
        _sentence(payload, named, in_force.get(payload["application_id"])) for payload in payloads
    ]


def carry_out(tx: Connection, approver: Actor, asked: Request) -> None:
    """Let it count, if nothing else counts meanwhile and whoever asked may still ask."""
    app, asker, wanted = _asked_still(tx, asked)
    _put(
        tx,
        app,
        wanted,
        reason=asked.reason,
        asked_by=asker,
        decided_by=approver,
        follows=asked.payload["version"],
    )


def foresee(tx: Connection, _approver: Actor, asked: Request) -> bool:
    """Raises what `carry_out` would raise. Nothing is written; nobody further decides."""
    app, _, _ = _asked_still(tx, asked)
    _require_follows(find_release(tx, app.id), asked.payload["version"])
    return False


def _asked_still(
    tx: Connection, asked: Request
) -> tuple[Application, Actor, Mapping[str, Grounds]]:
    """The application, who asked and may still ask, and what it is to learn."""
    app = _find(tx, asked.payload["application_id"])
    kind, _, asker_id = asked.asked_by.partition(":")
    asker = Actor(cast(ActorKind, kind), asker_id)
    if not decide(tx, asker, ApplicationPermission.WRITE, OfApplication(app.id)).allowed:
        raise Conflict(RELEASE_ASKER)
    told = asked.payload["attributes"]
    return app, asker, _checked({name: Grounds(**grounds) for name, grounds in told.items()})


def _require_follows(found: Release | None, follows: int | None) -> int:
    """The version that counts; raises Conflict where it is not the one that this was made for."""
    before = found.version if found is not None else 0
    if follows not in (None, before):
        raise Conflict(RELEASE_CHANGED_SINCE)
    return before


def _put(
    tx: Connection,
    app: Application,
    attributes: Mapping[str, Grounds],
    *,
    reason: str,
    asked_by: Actor,
    decided_by: Actor,
    follows: int | None = None,
) -> int:
    """`follows`: the version it was made for, where it was made earlier."""
    take_advisory_lock(tx, "release", app.id)
    found = find_release(tx, app.id)
    before = _require_follows(found, follows)
    known = set(found.attributes) if found is not None else set()
    now = now_ms()
    tx.execute(
        update(release).where(release.c.application_id == app.id, in_force).values(replaced_at=now)
    )
    told = {name: asdict(grounds) for name, grounds in attributes.items()}
    tx.execute(
        insert(release).values(
            application_id=app.id,
            version=before + 1,
            attributes=json.dumps(told, ensure_ascii=False),
            reason=reason.strip() or None,
            asked_by=asked_by.tag,
            decided_by=decided_by.tag,
            decided_at=now,
        )
    )
    record(
        tx,
        RELEASE_DECIDED,
        decided_by,
        subject=client_tag(app.id),
        agency=app.owner_agency_id,
        version=before + 1,
        added=_names(set(attributes) - known),
        removed=_names(known - set(attributes)),
        reason=reason.strip(),
        asked_by=asked_by.tag,
    )
    return before + 1


def _find(tx: Connection, application_id: str) -> Application:
    app = applications.find(tx, application_id)
    if app is None:
        raise NotFound(APPLICATION_UNKNOWN, value=application_id)
    return app


def _checked(attributes: Mapping[str, Grounds]) -> Mapping[str, Grounds]:
    """In the order of `ATTRIBUTES`, without blanks at the ends."""
    _require_known(attributes)
    trimmed = {
        name: Grounds(grounds.purpose.strip(), grounds.basis.strip())
        for name, grounds in attributes.items()
    }
    for name, grounds in trimmed.items():
        if not all(0 < len(text) <= MOST_CHARS for text in (grounds.purpose, grounds.basis)):
            raise Invalid(RELEASE_PURPOSE, field="purpose", value=ATTRIBUTES[name].label)
    return {name: trimmed[name] for name in ATTRIBUTES if name in trimmed}


def _require_known(names: Iterable[str]) -> None:
    for name in names:
        if name not in ATTRIBUTES:
            raise Invalid(RELEASE_ATTRIBUTE, field="attributes", value=name)


def _names(names: set[str]) -> str:
    return ", ".join(name for name in ATTRIBUTES if name in names)


def _sentence(
    payload: Mapping[str, Any], named: Mapping[str, str], counts: Release | None
) -> Words:
    """What would be new, each with its purpose, and what would go."""
    name = named.get(payload["application_id"], payload["application_id"])
    known = counts.attributes if counts is not None else {}
    wanted = {each: Grounds(**grounds) for each, grounds in payload["attributes"].items()}
    new = [each for each in wanted if known.get(each) != wanted[each]]
    vi = f"Cho ứng dụng {name} biết thêm: {_told(new, wanted, 'vi')}"
    en = f"Let application {name} learn: {_told(new, wanted, 'en')}"
    if gone := [each for each in known if each not in wanted]:
        vi += f"; không cho biết nữa: {_told(gone, {}, 'vi')}"
        en += f"; and no longer: {_told(gone, {}, 'en')}"
    return Words(vi, en)


def _told(names: Iterable[str], grounds: Mapping[str, Grounds], language: Language) -> str:
    labels = {each: ATTRIBUTES[each].label.filled(language, {}) for each in names}
    return ", ".join(
        f"{label} ({grounds[each].purpose})" if each in grounds else label
        for each, label in labels.items()
    )
