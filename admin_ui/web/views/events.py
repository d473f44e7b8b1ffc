"""``/nhat-ky``: what happened in one's branch, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from admin_ui.web.views.telling import told_events
from admin_ui.web.visitor import events_here
from directory.authz.handles import EventQuestion
from directory.text import clean
from idp.kit.i18n import N_

events = Blueprint("events", __name__)

LIST_PATH = "/nhat-ky"
_LONGEST_LOGIN = 254
_LONGEST_ID = 36

# What one may look for: name in the address → title and beginnings of kinds.
SUBJECTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "nguoi-dung": (N_("People and their data"), ("person.", "change.")),
    "dang-nhap": (N_("Sign-in and sessions"), ("signin.", "session.", "logout.")),
    "vai-tro": (N_("Roles"), ("grant.", "role.")),
    "tu-choi": (N_("Refused actions"), ("authz.",)),
}


@events.get(LIST_PATH)
def list_events() -> Response:
    """A page of the log, newest first."""
    subject = request.args.get("loai", "")
    username = clean(request.args.get("nguoi", ""))[:_LONGEST_LOGIN]
    before = request.args.get("truoc", "")[:_LONGEST_ID]
    kinds = SUBJECTS[subject][1] if subject in SUBJECTS else ()
    page = events_here().page(EventQuestion(kinds, username, before))
    kept = {"loai": subject if kinds else "", "nguoi": username}
    return make_response(
        render_template(
            "console/events.html",
            told=told_events(page.events, page.names),
            page=page,
            subjects=[(name, title) for name, (title, _) in SUBJECTS.items()],
            subject=subject,
            username=username,
            is_filtered=bool(kinds or username),
            all_url=LIST_PATH,
            newest_url=_url(kept) if before else "",
            older_url=_url(kept | {"truoc": page.older}) if page.older else "",
        )
    )


def _url(parameters: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{LIST_PATH}?{query}" if query else LIST_PATH
