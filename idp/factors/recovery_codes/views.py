"""``/bao-mat/ma-khoi-phuc``: people make themselves recovery codes, which are shown once."""

from __future__ import annotations

from flask import g, make_response, redirect, render_template
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.audit.log import person_tag, record
from directory.errors import Conflict
from directory.messages.sending import send
from directory.projection import queries
from idp import paths
from idp import printed_codes as codes
from idp.factors.held import Notice
from idp.factors.messages import RECOVERY_CODES_NEW
from idp.factors.proof import find_proved, has_any
from idp.factors.recovery_codes import store
from idp.factors.recovery_codes.errors import RECOVERY_CODES_ALONE
from idp.factors.recovery_codes.events import RECOVERY_CODES_MADE
from idp.flows import own_pages
from idp.sessions.person import read_signed_in
from web.current import actor_here, current_installation
from web.i18n import gettext as _
from web.i18n import ngettext
from web.pages import local_time

PATH = f"{paths.SECURITY}/ma-khoi-phuc"
FEW = 3
_TOLD_FOR_MS = 7 * clock.DAY


def ask() -> Response:
    """What they are, and what becomes of those there are."""
    with current_installation().database.write() as tx:
        session = find_proved(tx)
        if session is None:
            return redirect(own_pages.begin_fresh(tx, PATH), 303)
        _require_another(tx, session.person_id)
        person = read_signed_in(tx, session)
        left = store.count_left(tx, session.person_id)
    page = render_template("recovery_codes/ask.html", person=person, left=left, **_FRAME)
    return make_response(page)


def make() -> Response:
    """New codes: this page is all that ever shows them."""
    with current_installation().database.write() as tx:
        session = find_proved(tx)
        if session is None:
            return redirect(own_pages.begin_fresh(tx, PATH), 303)
        _require_another(tx, session.person_id)
        person = read_signed_in(tx, session)
        made = store.make(tx, session.person_id)
        record_made(tx, session.person_id, len(made))
    g.kept_url = paths.SECURITY  # loaded again, it makes no others
    page = render_template(
        "recovery_codes/made.html",
        person=person,
        codes=[codes.shown(code) for code in made],
        made_at=clock.now_ms(),
        **_FRAME,
    )
    return make_response(page)


def notices(tx: Connection, person_id: str) -> list[Notice]:
    """That one was used, that few are left, that there are none though they would be needed."""
    if not has_any(tx, person_id):
        return []
    held = next(iter(store.held_by(tx, person_id)), None)
    left = held.left or 0 if held else 0
    found = []
    if held and held.last_used_at and held.last_used_at > clock.now_ms() - _TOLD_FOR_MS:
        sentence = _(
            "A recovery code was used at %(time)s. If it was not you, change your password and "
            "tell the administrator of your agency.",
            time=local_time(held.last_used_at),
        )
        found.append(Notice("warning", sentence, paths.SECURITY))
    if left == 0:
        sentence = _("You have no recovery codes. Without them a lost telephone shuts you out.")
        found.append(Notice("warning", sentence, PATH, _("Make recovery codes")))
    elif left <= FEW:
        sentence = ngettext(
            "Only %(num)s recovery code is left.", "Only %(num)s recovery codes are left.", left
        )
        found.append(Notice("information", sentence, PATH, _("Make recovery codes")))
    return found


def _require_another(tx: Connection, person_id: str) -> None:
    """They stand in for another second factor, and are none by themselves."""
    if not has_any(tx, person_id):
        raise Conflict(RECOVERY_CODES_ALONE)


def record_made(tx: Connection, person_id: str, count: int) -> None:
    """The person has so many new ones."""
    agency = queries.home_agency_of(tx, person_id)
    record(
        tx,
        RECOVERY_CODES_MADE,
        actor_here(person_id, agency),
        subject=person_tag(person_id),
        agency=agency,
        count=count,
    )
    send(tx, current_installation(), RECOVERY_CODES_NEW, person_id, at=clock.now_ms())


_FRAME = {"sign_out_url": paths.SIGN_OUT, "back_url": paths.SECURITY}
