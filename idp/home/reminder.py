"""The line that says once a day, where people come to after they signed in, that roles of theirs
end soon. It stops nobody; the list stands on the same page on every day."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, request

from directory.access.reminding import EndingRole
from directory.clock import today, written
from directory.ids import digest
from idp.factors.held import Notice
from web.i18n import gettext, ngettext
from web.state import current_kit

NEAR_DAYS = 7
_COOKIE = "reminded"
_DAY_S = 24 * 3600


def is_due(person_id: str) -> bool:
    """Whether this browser has not told this person today."""
    return request.cookies.get(current_kit().cookie_name(_COOKIE), "") != _mark(person_id)


def line(ending: Sequence[EndingRole]) -> Notice:
    """The line, with the way to the list."""
    first, number = ending[0], len(ending)
    day = written(first.end)
    said = ngettext(
        "%(num)s role of yours ends within 30 days, on %(day)s.",
        "%(num)s roles of yours end within 30 days, the first on %(day)s.",
        number,
        day=day,
    )
    kind = "warning" if first.days_left <= NEAR_DAYS else "information"
    return Notice(kind, said, "#sap-het-han", gettext("See which"))


def remember(response: Response, person_id: str) -> None:
    """It was told today."""
    response.set_cookie(
        current_kit().cookie_name(_COOKIE),
        _mark(person_id),
        max_age=_DAY_S,
        path="/",
        secure=current_kit().https,
        httponly=True,
        samesite="Lax",
    )


def _mark(person_id: str) -> str:
    """Says nothing to whoever reads the cookie but that somebody was told."""
    return digest(f"{person_id} {today().isoformat()}")[:16]
