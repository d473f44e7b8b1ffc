"""The step of whoever came with a password that is good for nothing but being replaced: a temporary
one, or one that somebody wants changed. No session before."""

from __future__ import annotations

from pathlib import Path

from flask import make_response, render_template
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from idp.factors.password import new_password
from idp.factors.password.new_password import Told
from idp.factors.typed_code import person_of
from idp.flows import pages
from idp.flows.step import Passed, Situation, Step, needs_second_factor
from idp.flows.store import Flow
from idp.sessions import store as sessions
from web.i18n import gettext as _

NAME = "replaced_password"
# What the step of the password keeps in the flow, and under which name.
FIRST, MUST_CHANGE = "password", "must_change"
# Why: it was good for once, or for so long, or stands in a list of leaked ones.
ONCE, TOO_OLD, LEAKED = "once", "too_old", "leaked"


def _applies(situation: Situation) -> bool:
    """After what else is asked for: whoever has learned the password alone replaces nothing."""
    is_asked = needs_second_factor(situation) and bool(situation.enrolled)
    wanted = bool(situation.kept.get(FIRST, {}).get(MUST_CHANGE))
    return wanted and situation.person is not None and not is_asked


def _show(flow: Flow, situation: Situation) -> Response:
    return new_password.show(flow, person_of(situation), NAME, told=_told(situation))


def _answer(flow: Flow, situation: Situation) -> Passed | Response:
    person = person_of(situation)

    def claim(tx: Connection) -> bool:
        return sessions.still_counts(tx, person.id, flow.progress.proven_since)

    return new_password.answer(
        flow, person, NAME, claim, _show_over, told=_told(situation), is_replaced=True
    )


def _show_over(flow: Flow) -> Response:
    """Everything of before has ended meanwhile: the sign-in begins again."""
    page = render_template(
        "signin/journey_over.html", is_done=False, again_url=pages.begin_again_url(flow)
    )
    return make_response(page, 410)


def _told(situation: Situation) -> Told:
    why = situation.kept.get(FIRST, {}).get(MUST_CHANGE)
    if why == LEAKED:
        return Told(
            _(
                "Your password has leaked somewhere and stands in lists that attackers try: set "
                "another one, then you go on."
            )
        )
    if why == TOO_OLD:
        return Told(_("Your password has come of age: set another one, then you go on."))
    return Told(
        _(
            "The password you came with is good for this once only: set one of your own, then you "
            "go on."
        )
    )


STEP = Step(NAME, _applies, _show, _answer, Path(__file__).parent)
