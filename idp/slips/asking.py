"""Asking a second person to agree to a slip, and being asked for help from outside.

Who asks for help has proved nothing: the request names whom it is about, whoever decides it makes
sure in person who asks, and gives a slip or refuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from directory.actor import Actor, system
from directory.audit.log import person_tag
from directory.authz.decisions import require
from directory.authz.objects import InPlace, OfPerson
from directory.clock import now_ms
from directory.errors import AppError, Invalid, Words
from directory.ids import new_event_id
from directory.installation import Installation
from directory.projection import queries
from directory.requests import service as requests
from directory.requests.register import Request
from directory.requests.service import Asking
from directory.text import clean
from idp.slips import approvals, store
from idp.slips.errors import SLIP_REASON
from idp.slips.permissions import SlipPermission
from idp.slips.request_kinds import HELP, SLIP
from idp.slips.service import require_waiting
from idp.slips.store import Purpose
from idp.slips.tables import help_wanted

_BY_ITSELF = system("slips")
_PASSED_ON = 200  # of one turn
_PURPOSES: Mapping[str, Words] = {
    "activate": Words("phiếu kích hoạt", "an activation slip"),
    "help": Words("phiếu hỗ trợ tại quầy", "a slip for help at the counter"),
}


def ask_for_slip(
    tx: Connection, actor: Actor, person_id: str, purpose: Purpose, reason: str
) -> Request:
    """Ask a second person to agree that the actor gives a slip. Raises as
    `directory.requests.service.ask`, NotFound, Conflict(``slip.standing``)."""
    require(tx, actor, SlipPermission.AGREE, InPlace(""))
    if not clean(reason):
        raise Invalid(SLIP_REASON, field="reason")
    require_waiting(tx, person_id)
    asking = Asking(
        subject=person_tag(person_id),
        agency_id="",
        reason=clean(reason),
        payload={"person_id": person_id, "purpose": purpose},
        asked_for=person_tag(person_id),
    )
    return requests.ask(tx, actor, SLIP, asking)


def about_province(_payload: Mapping[str, Any]) -> InPlace:
    """Nobody has power over a privileged account; those of the province agree together."""
    return InPlace("")


def about_person(payload: Mapping[str, Any]) -> OfPerson:
    """Whoever may give the person a slip decides."""
    return OfPerson(payload["person_id"])


def describe_slips(tx: Connection, payloads: Sequence[Mapping[str, Any]]) -> Sequence[Words]:
    """Whose slip, and what for."""
    names = _names(tx, payloads)
    return [
        Words(
            f"Cấp {_PURPOSES[each['purpose']].vi} cho {names[each['person_id']]}",
            f"Give {names[each['person_id']]} {_PURPOSES[each['purpose']].en}",
        )
        for each in payloads
    ]


def describe_help(tx: Connection, payloads: Sequence[Mapping[str, Any]]) -> Sequence[Words]:
    """Who cannot sign in."""
    names = _names(tx, payloads)
    return [
        Words(
            f"{names[each['person_id']]} không đăng nhập được và không dùng được cách nào",
            f"{names[each['person_id']]} cannot sign in, and has no way left",
        )
        for each in payloads
    ]


def agree(tx: Connection, _approver: Actor, asked: Request) -> str:
    """Let the asker give it, once."""
    person_id, purpose = asked.payload["person_id"], asked.payload["purpose"]
    require_waiting(tx, person_id)
    approvals.approve(tx, asked.id, person_id, purpose, asked.asked_by)
    return ""


def note_helped(tx: Connection, _approver: Actor, asked: Request) -> str:
    """It was made sure who asks; the slip is given on the person's page."""
    require_waiting(tx, asked.payload["person_id"])
    return ""


def foresee(tx: Connection, _approver: Actor, asked: Request) -> bool:
    """Raises what `agree` and `note_helped` would raise. Nobody further decides."""
    require_waiting(tx, asked.payload["person_id"])
    return False


def want_help(tx: Connection, person_id: str) -> None:
    """Somebody outside says that this person cannot get in; "" for a name nobody has, which costs
    the same."""
    row = {"id": new_event_id(), "person_id": person_id, "asked_at": now_ms()}
    tx.execute(insert(help_wanted).values(row))


def pass_on(installation: Installation) -> None:
    """Put what was wanted from outside before whoever may help: one request a person."""
    with installation.database.read() as tx:
        query = select(help_wanted).order_by(help_wanted.c.id).limit(_PASSED_ON)
        wanted = tx.execute(query).all()
    for row in wanted:
        installation.database.retrying(partial(_pass_on, row.id, row.person_id))


def _pass_on(wanted_id: str, person_id: str, tx: Connection) -> None:
    taken = delete(help_wanted).where(help_wanted.c.id == wanted_id).returning(help_wanted.c.id)
    if tx.execute(taken).first() is None or not person_id:
        return
    person = queries.person(tx, person_id)
    if person is None or person.status not in store.WAITING:
        return
    asking = Asking(
        subject=person_tag(person_id),
        agency_id=queries.home_agency_of(tx, person_id),
        reason="Yêu cầu từ trang đăng nhập; chưa xác minh người gửi",
        payload={"person_id": person_id},
        asked_for=person_tag(person_id),
    )
    try:
        with tx.begin_nested():
            requests.ask(tx, _BY_ITSELF, HELP, asking)
    except AppError:
        return  # it waits already


def _names(tx: Connection, payloads: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    ids = {each["person_id"] for each in payloads}
    found = queries.list_names(tx, ids)
    return {each: f"{found[each][0]} ({found[each][1]})" if each in found else "–" for each in ids}
