"""The page on which an authenticator application is set up, wherever that happens."""

from __future__ import annotations

from typing import Any, Protocol

from flask import make_response, render_template
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.audit.log import person_tag, record
from directory.database.advisory_lock import take_advisory_lock
from directory.projection import queries
from directory.text import clean
from idp.factors.held import Held
from idp.factors.messages import AUTHENTICATOR, FACTOR_ADDED, tell
from idp.factors.proof import has_any
from idp.factors.totp import codes, store
from idp.factors.totp.events import TOTP_ADDED
from idp.factors.totp.service import issuer_name
from idp.levels import ONE_FACTOR
from web.current import actor_here, current_installation
from web.i18n import gettext as _
from web.qr_code import picture_of


class Named(Protocol):
    """Whose application it will be."""

    @property
    def full_name(self) -> str: ...

    @property
    def username(self) -> str: ...


def read_name(text: str) -> str:
    """How the person calls it, as it was typed."""
    return clean(text[: 10 * store.LONGEST_NAME])


def finish(
    tx: Connection, place: str, person_id: str, code: str | None, name: str, *, proved: str
) -> bool:
    """What was begun in this place is the person's from now on, if all that was typed is right.

    `proved`: the level reached here. Whoever has proved the password alone adds the first second
    factor and no other: of two who begin at once, one of whom stole the password, one ends.
    """
    if code is None or not 0 < len(name) <= store.LONGEST_NAME:
        return False
    take_advisory_lock(tx, "second_factor", person_id)
    if proved == ONE_FACTOR and has_any(tx, person_id):
        return False
    made = store.confirm(tx, current_installation().keyring, place, person_id, code, name)
    if made is not None:
        _record_added(tx, person_id, made)
    return made is not None


def faults(code: str | None, name: str) -> list[dict[str, str]]:
    """What is wrong with what was typed, where `finish` refused it."""
    found = []
    if not name:
        found.append({"field": "name", "message": _("Give it a name.")})
    elif len(name) > store.LONGEST_NAME:
        sentence = _("The name may have %(most)s characters at most.", most=store.LONGEST_NAME)
        found.append({"field": "name", "message": sentence})
    if code is None:
        found.append({"field": "code", "message": _("Enter the 6 digits of the code.")})
    elif not found:
        sentence = _("That is not the code. Type the one that the application shows now.")
        found.append({"field": "code", "message": sentence})
    return found


def show(person: Named, secret: str, *, status: int = 200, **more: Any) -> Response:
    """`more`: what the template wants to know besides."""
    address = codes.address_of(secret, person.username, issuer_name(current_installation()))
    shown = {
        "person": person,
        "picture": picture_of(address),
        "address": address,
        "key": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "name": _("My telephone"),
        "errors": [],
    }
    return make_response(render_template("totp/enrol.html", **(shown | more)), status)


def _record_added(tx: Connection, person_id: str, made: Held) -> None:
    agency = queries.home_agency_of(tx, person_id)
    record(
        tx,
        TOTP_ADDED,
        actor_here(person_id, agency),
        subject=person_tag(person_id),
        agency=agency,
        authenticator=made.id,
        name=made.name,
    )
    tell(tx, current_installation(), FACTOR_ADDED, person_id, AUTHENTICATOR, made.name)
