"""What every page of the console can use without being given it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import flask
from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from admin_ui.console.permissions import ConsolePermission
from admin_ui.console.screen import MenuEntry, Screen
from admin_ui.console.visitor import Visitor
from directory.clock import iso, now_ms, written
from web.i18n import N_, current_locale, gettext
from web.state import current_kit
from web.urls import absolute

_NOTICE = "notice"
_NOTICES: Mapping[str, str] = {
    "saved": N_("Saved. The change counts at once."),
    "saved_title": N_("Saved. The change counts at once; applications see it at the next sign-in."),
    "asked": N_("Sent. The administrators of the province decide."),
    "release_asked": N_("Sent. Until a second person approves it, nothing changes."),
    "weaker_asked": N_(
        "Sent. It weakens the rules, so nothing changes until a second security officer approves."
    ),
    "signed_out": N_("Signed out. Applications are told within seconds."),
    "registered": N_("Registered."),
    "enabled": N_("Enabled. People can sign in to the application again."),
    "removed": N_("Removed for good. Its name and its history are kept."),
    "disabled": N_("Disabled. Nobody can enter the application any more."),
    "role_given": N_("Given. The application sees the role at the next sign-in."),
    "role_asked": N_("Sent. Whoever may give the role decides; nothing has changed yet."),
    "given_already": N_("It was given or asked for already; nothing was done twice."),
    "position_added": N_("Added. Roles can be given to the position now."),
    "position_closed": N_("Closed. What was given to the position is taken back."),
    "code_put": N_("Put on the list. It can be chosen at once."),
    "codes_put": N_("Put on the list. What is new can be chosen at once."),
    "role_retired": N_("Retired. Nobody is given the role any more."),
    "role_restored": N_("The role can be given again."),
    "renewed": N_("Renewed. The new term counts at once."),
    "renewal_asked": N_(
        "Sent for approval. Until a second person agrees, the term stays as it is."
    ),
    "suspended": N_("Suspended. Nobody signs in by the account any more."),
    "resumed": N_("Resumed. They can sign in again."),
    "withdrawn": N_("Taken back. It takes effect within 5 seconds."),
    "nothing_ticked": N_("Nothing was done, because no line was ticked."),
    "bulk_over": N_("Nothing more was done: these lines were done before, or waited too long."),
    "ended_before": N_("Nothing was changed: this role had been taken back or renewed before."),
    "approved": N_("Approved."),
    "refused": N_("Refused. Whoever asked can read your reason."),
    "taken_back": N_("Withdrawn."),
    "slip_asked": N_(
        "Sent. Once a second person agrees, the slip is printed on the person’s page."
    ),
    "slip_shown": N_("A slip is shown once. Whoever lost it is given another one."),
    "certificate_bound": N_("Bound. The person can sign in with it from now on."),
    "certificate_removed": N_("Taken away. It signs in no more, and the person is signed out."),
    "device_handed_back": N_("Noted: the key device is handed back."),
    "slip_revoked": N_("Taken back. The slip counts no more."),
    "slip_over": N_("Nothing was changed: there was no slip that counts."),
    "decided_before": N_("Nothing was changed: the request had been decided before."),
    "notice_put_up": N_("Put up. Pages show it within 5 seconds."),
    "notice_taken_down": N_("Taken down. Pages show it no longer within 5 seconds."),
    "notice_over": N_("Nothing was changed: the notice had ended or was taken down before."),
    "connector_paused": N_("Paused. Nothing is done in the application until it goes on."),
    "connector_resumed": N_("It goes on. What is waiting is done within a few seconds."),
    "connector_set_up": N_(
        "Set up, and paused: test the connection, look at the dry run, then go on."
    ),
    "definition_saved": N_("Saved. Everybody is compared anew, and what differs is done."),
    "second_asked": N_("Sent. Until a second person approves it, nothing is disabled."),
    "matched": N_("Confirmed. From now on it is kept in step."),
    "pair_refused": N_("Noted. It is not proposed again until that is taken back."),
    "pair_back": N_("Taken back. It may be proposed again."),
    "left_alone": N_("Left alone. It can be sent again at any time."),
    "tried_again": N_("Tried again at once; look at the page again in a moment."),
    "reading": N_("The accounts of the application are read; the figures grow while that goes on."),
    "network_used": N_("Nothing was removed: a rule names this network. Remove that rule first."),
    "typed_gone": N_(
        "Nothing was done: what had been entered waited for too long and is no longer kept."
    ),
    "same": N_("Nothing was changed, because nothing was different."),
}
_LAST_PAGE = 100_000
# As they call themselves.
STACK_NAMES: Mapping[str, str] = {
    "python": "Python",
    "node": "Node.js",
    "java": "Java (Spring)",
    "dotnet": ".NET",
    "php": "PHP",
    "nginx": "nginx",
    "apache": "Apache",
    "dovecot": "Dovecot",
}
STATUSES: Mapping[str, str] = {
    "active": N_("Active"),
    "pending": N_("Not activated"),
    "suspended": N_("Suspended"),
    "left": N_("Has left"),
}
POST_KINDS: Mapping[str, str] = {
    "main": N_("Main post"),
    "concurrent": N_("Second post"),
    "seconded": N_("Secondment"),
}


# Of the extensions of the application.
_MENU = "console_menu"
TILES = "console_tiles"
_UNDER = "console_screens_under"


def install(app: Flask, screens: Sequence[Screen]) -> None:
    """Give templates the visitor, the menu in the order of `screens`, the words for states."""
    app.extensions[_UNDER] = {s.blueprint.name: s.under for s in screens if s.under}
    app.extensions[_MENU] = {s.blueprint.name: s.menu for s in screens if s.menu is not None}
    app.extensions[TILES] = tuple(tile for screen in screens for tile in screen.tiles)
    app.context_processor(_context)
    app.jinja_env.filters["status_name"] = lambda status: gettext(STATUSES[status])
    app.jinja_env.filters["post_kind_name"] = lambda kind: gettext(POST_KINDS[kind])
    app.jinja_env.filters["stack_name"] = STACK_NAMES.__getitem__
    app.jinja_env.filters["local_day"] = written
    app.jinja_env.filters["iso_time"] = iso
    app.jinja_env.filters["grouped"] = grouped
    app.after_request(_forget_notice)


def menu_of(visitor: Visitor) -> Mapping[str, MenuEntry]:
    """The entries for what they may do somewhere, by the name of the screen."""
    menu: Mapping[str, MenuEntry] = current_app.extensions[_MENU]
    return {name: entry for name, entry in menu.items() if visitor.may(entry.permission)}


def grouped(number: int) -> str:
    """A count as people read it: ``1.234`` in Vietnamese, ``1,234`` in English."""
    return f"{number:,}".replace(",", "." if current_locale() == "vi" else ",")


def page_number() -> int:
    """Which page of a list the address asks for."""
    page = request.args.get("trang", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    return min(max(number, 1), _LAST_PAGE)


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
        return {"visitor": None, "navigation": {}, "notice": ""}
    return {
        "visitor": visitor,
        "navigation": menu_of(visitor),
        "screen": current_app.extensions[_UNDER].get(request.blueprint, request.blueprint or ""),
        "notice": _notice(),
        "may_view_as": visitor.may(ConsolePermission.VIEW_AS),
        "printed_at": now_ms(),
        "issuer": current_kit().settings.issuer,
        "applications_url": absolute(current_kit().settings, "/"),
    }


def _notice() -> str:
    left = request.cookies.get(current_kit().cookie_name(_NOTICE), "")
    if left not in _NOTICES:
        return ""
    g.notice_was_shown = True
    return gettext(_NOTICES[left])


def _forget_notice(response: flask.Response) -> flask.Response:
    if g.get("notice_was_shown"):
        name = current_kit().cookie_name(_NOTICE)
        response.delete_cookie(
            name, path="/", secure=current_kit().https, httponly=True, samesite="Lax"
        )
    return response
