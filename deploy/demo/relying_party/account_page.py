"""The page on which somebody sees their account as this application keeps it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from relying_party import accounts
from relying_party.member import require_member
from relying_party.store import Store


def create_own_account(store: Store) -> Blueprint:
    """The page `/tai-khoan`."""
    blueprint = Blueprint("own_account", __name__)

    @blueprint.get("/tai-khoan")
    def show() -> ResponseReturnValue:
        account = accounts.require_account(store, require_member())
        return render_template("relying_party/own_account.html", account=account)

    return blueprint
