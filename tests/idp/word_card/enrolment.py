"""``/the-tu``: the card of the person who is signed in; ``/the-tu/dong``: a row, for a script."""

from __future__ import annotations

import secrets

from flask import jsonify, make_response, redirect, render_template
from werkzeug.wrappers import Response

from idp import paths
from idp.sessions.cookies import current_session
from tests.idp.word_card.step import ROWS, word
from web.current import current_installation


def show_card() -> Response:
    """The first rows of the card; who is not signed in signs in first."""
    with current_installation().database.read() as tx:
        session = current_session(tx)
    if session is None:
        return redirect(paths.SIGN_IN, 303)
    words = [word(session.person_id, row) for row in (1, 2, 3)]
    return make_response(render_template("word_card/card.html", words=words))


def ask_for_row() -> Response:
    """Which row a page of ours is to ask for; its form's token comes with the question."""
    return jsonify({"row": 1 + secrets.randbelow(ROWS)})
