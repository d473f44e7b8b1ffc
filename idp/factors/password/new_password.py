"""The page on which somebody sets a password, in whichever journey.

What is refused is said before anything is used up for it; the password itself is set outside of any
transaction, and everything the person was signed in to ends with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory import clock
from directory.errors import Conflict, Invalid, Unavailable, Words
from directory.passwords.errors import PASSWORD_CHANGED_MEANWHILE
from directory.passwords.policy import told as told_of
from directory.people import credentials
from directory.projection import queries
from directory.projection.queries import PersonRow
from idp.factor_policy.decision import is_enforced_everywhere
from idp.flows import pages
from idp.flows.step import Passed
from idp.flows.store import Flow
from web.current import actor_here, current_installation
from web.error_pages import note, sentence
from web.i18n import gettext as _

METHODS = ("pwd",)
Errors = Sequence[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Told:
    """`lead`: what else happens with it; `other_url`, `other`: the way to keep the password there
    is. Empty for none."""

    lead: str = ""
    other_url: str = ""
    other: str = ""


def show(
    flow: Flow,
    person: PersonRow,
    step: str,
    errors: Errors = (),
    *,
    told: Told | None = None,
    status: int = 200,
) -> Response:
    """The page."""
    told = told or Told()
    pages.prepare(flow)
    page = render_template(
        "password/new.html",
        person=person,
        errors=errors,
        step=step,
        lead=told.lead,
        rules=rules_of(person),
        other_url=told.other_url,
        other=told.other,
    )
    return make_response(page, status)


def answer(
    flow: Flow,
    person: PersonRow,
    step: str,
    claim: Callable[[Connection], bool],
    not_claimed: Callable[[Flow], Response],
    *,
    told: Told | None = None,
    is_replaced: bool = False,
) -> Passed | Response:
    """Set the password that was typed twice. `claim`: called once it would be taken, in the
    transaction that begins the change; uses up what entitles to it, and says whether that counts.
    It is asked again where the catalogue did not answer the first time. `is_replaced`: another one
    than that there is."""
    typed, again = request.form.get("password", ""), request.form.get("again", "")
    if errors := faults_of(typed, again, person):
        return show(flow, person, step, errors, told=told, status=400)
    installation = current_installation()
    if is_replaced and _is_the_same(person, typed):
        said = _("That is the password you came with. Choose another one.")
        errors = [{"field": "password", "message": said}]
        return show(flow, person, step, errors, told=told, status=400)
    with installation.database.read() as tx:
        actor = actor_here(person.id, queries.home_agency_of(tx, person.id))
    try:
        credentials.set_password(
            installation,
            actor,
            person.id,
            typed,
            is_second_enforced=is_second_enforced(person),
            still=claim,
        )
    except Invalid as error:  # one of the last ones
        return show(flow, person, step, said_of(error), told=told, status=400)
    except Conflict as error:
        if error.code != PASSWORD_CHANGED_MEANWHILE.code:
            raise
        return not_claimed(flow)
    except Unavailable as error:
        note(error)
        return _show_busy(flow, error)
    # Everything of before has ended: what counts from here on begins now.
    return Passed(person.id, methods=METHODS, began_at=clock.now_ms(), renews=True)


def faults_of(typed: str, again: str, person: PersonRow) -> Errors:
    """Everything that is missing, at once."""
    if not typed:
        return [{"field": "password", "message": _("Enter a new password.")}]
    found = []
    try:
        _check(typed, person)
    except Invalid as error:
        found += said_of(error)
    if not found and typed != again:
        message = _("The two passwords are not the same. Type the second one again.")
        found.append({"field": "again", "message": message})
    return found


def said_of(error: Invalid) -> list[dict[str, str]]:
    """What is wrong with a password, at its field."""
    return [{"field": "password", "message": sentence(one)} for one in (error, *error.also)]


def _is_the_same(person: PersonRow, typed: str) -> bool:
    """Whether slapd takes it already; where it cannot be asked, setting it will say so."""
    try:
        result = credentials.check_password(current_installation(), person.id, typed)
    except Unavailable:
        return False
    return result in credentials.RIGHT


def _check(typed: str, person: PersonRow) -> None:
    installation = current_installation()
    settings = installation.settings
    with installation.database.read() as tx:
        owner = credentials.owner_of(tx, settings, person)
        policy = credentials.policy_for(tx, settings, person)
    credentials.check_password_policy(
        settings, typed, owner, policy, is_second_enforced=is_second_enforced(person)
    )


def rules_of(person: PersonRow) -> Sequence[Words]:
    """What is wanted, as the policy of the account has it."""
    installation = current_installation()
    with installation.database.read() as tx:
        policy = credentials.policy_for(tx, installation.settings, person)
    return told_of(policy, is_second_enforced=is_second_enforced(person))


def least_of(person: PersonRow) -> int:
    """How many characters their password has at least."""
    installation = current_installation()
    with installation.database.read() as tx:
        policy = credentials.policy_for(tx, installation.settings, person)
    return policy.least(is_second_enforced=is_second_enforced(person))


def is_second_enforced(person: PersonRow) -> bool:
    """Whether they cannot sign in anywhere without a second factor, from now on."""
    with current_installation().database.read() as tx:
        return is_enforced_everywhere(tx, person)


def _show_busy(flow: Flow, error: Unavailable) -> Response:
    pages.prepare(flow)
    with current_installation().database.read() as tx:
        application = pages.application_of(tx, flow)
    seconds = error.params.get("retry_after_s")
    wait_s = seconds if isinstance(seconds, int) else 5
    page = render_template(
        "password/not_set.html",
        retry_after_s=wait_s,
        retry_url=pages.page_url(flow),
        application=application,
    )
    response = make_response(page, 503)
    response.headers["Retry-After"] = str(wait_s)
    return response
