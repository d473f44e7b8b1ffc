"""What every page of the console can use without being given it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, Response, g, request

from admin_ui.web.visitor import Visitor
from idp.kit.headers import allow_form_action
from idp.kit.i18n import N_, gettext
from idp.kit.state import current_kit
from idp.request import current_house

_NOTICE = "notice"
_NOTICES: Mapping[str, str] = {
    "saved": N_("Saved. The change counts at once; applications see it at the next sign-in."),
    "same": N_("Nothing was changed, because nothing was different."),
}
STATUSES: Mapping[str, tuple[str, str]] = {
    "active": (N_("Active"), "success"),
    "pending": (N_("Not activated"), "information"),
    "suspended": (N_("Suspended"), "warning"),
    "left": (N_("Has left"), "neutral"),
}
POST_KINDS: Mapping[str, str] = {
    "main": N_("Main post"),
    "concurrent": N_("Second post"),
    "seconded": N_("Secondment"),
}


@dataclass(frozen=True)
class NavigationItem:
    """One entry of the menu."""

    name: str
    url: str
    icon: str
    permission: str
    room: str


NAVIGATION = (
    NavigationItem(N_("People"), "/nguoi-dung", "person", "people:read", "people"),
    NavigationItem(N_("Audit log"), "/nhat-ky", "clock", "audit:read", "events"),
)


def install(app: Flask) -> None:
    """Give templates the visitor, the menu and the words for states."""
    app.context_processor(_context)
    app.jinja_env.filters["status_name"] = lambda status: gettext(STATUSES[status][0])
    app.jinja_env.filters["status_kind"] = lambda status: STATUSES[status][1]
    app.jinja_env.filters["post_kind_name"] = lambda kind: gettext(POST_KINDS[kind])
    app.after_request(_forget_notice)


def leave_notice(response: Response, notice: str) -> None:
    """Tell the browser's next page what happened."""
    response.set_cookie(
        current_kit().cookie_name(_NOTICE),
        notice,
        path="/",
        secure=current_kit().https,
        httponly=True,
        samesite="Lax",
    )


def _context() -> dict[str, object]:
    visitor = g.get("visitor")
    if not isinstance(visitor, Visitor):
        return {"visitor": None, "navigation": (), "notice": ""}
    # The sign-out form ends at the issuer, and form-action counts for redirects as well.
    allow_form_action(current_house().settings.issuer)
    return {
        "visitor": visitor,
        "navigation": [item for item in NAVIGATION if item.permission in visitor.actions],
        "room": request.blueprint or "",
        "notice": _notice(),
    }


def _notice() -> str:
    left = request.cookies.get(current_kit().cookie_name(_NOTICE), "")
    if left not in _NOTICES:
        return ""
    g.notice_was_shown = True
    return gettext(_NOTICES[left])


def _forget_notice(response: Response) -> Response:
    if g.get("notice_was_shown"):
        name = current_kit().cookie_name(_NOTICE)
        response.delete_cookie(
            name, path="/", secure=current_kit().https, httponly=True, samesite="Lax"
        )
    return response
