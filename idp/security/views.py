"""``/bao-mat``."""

from __future__ import annotations

from flask import make_response, redirect, render_template
from werkzeug.wrappers import Response

from idp import paths
from idp.factors.proof import current_factors, find_notices, has_any
from idp.flows import own_pages
from idp.sessions.cookies import current_session
from idp.sessions.person import read_signed_in
from web.current import current_installation


def show() -> Response:
    """What the person who is signed in has beside their password, a part a factor."""
    with current_installation().database.write() as tx:
        session = current_session(tx)
        if session is None:
            return redirect(own_pages.begin_fresh(tx, paths.SECURITY), 303)
        person = read_signed_in(tx, session)
        parts = [
            {"template": factor.section, "held": factor.held_by(tx, session.person_id)}
            for factor in current_factors()
        ]
        notices = find_notices(tx, session.person_id)
        has_one = has_any(tx, session.person_id)
    page = render_template(
        "security.html",
        person=person,
        parts=parts,
        notices=notices,
        has_any=has_one,
        sign_out_url=paths.SIGN_OUT,
        home_url=paths.HOME,
        password_url=paths.CHANGE_PASSWORD,
    )
    return make_response(page)
