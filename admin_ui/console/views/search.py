"""``/tim``: people, agencies, applications, roles and events by whatever one has of them."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from admin_ui.console.finding import MOST_OF_A_KIND, Hits
from admin_ui.console.screen import Screen
from admin_ui.console.views.applications import path_of
from admin_ui.console.views.events import LIST_PATH as EVENTS_PATH
from admin_ui.console.views.events import as_code
from admin_ui.console.views.people import LIST_PATH as PEOPLE_PATH
from admin_ui.console.views.roles import path_of_role
from admin_ui.console.visitor import finder_here
from directory.people.permissions import PeoplePermission
from directory.text import clean, fold
from web.forms import trimmed

search = Blueprint("search", __name__)

PATH = "/tim"
SCREEN = Screen(search, {"find": PeoplePermission.READ})
_LONGEST = 100


@search.get(PATH)
def find() -> Response:
    """What fits the text; what it names exactly is opened at once."""
    text = trimmed(_LONGEST)(clean(request.args.get("tim", "")))
    hits = finder_here().find(text, as_code(text)) if text else Hits()
    exact = _exact_url(hits, text)
    if exact:
        return redirect(exact, 303)
    return make_response(
        render_template(
            "console/search.html",
            text=text,
            hits=hits,
            most=MOST_OF_A_KIND,
            person_url=lambda person: f"{PEOPLE_PATH}/{quote(person.id)}",
            place_url=_place_url,
            path_of=path_of,
            path_of_role=path_of_role,
            people_url=f"{PEOPLE_PATH}?{urlencode({'tim': text})}",
            events_url=_events_url(text) if hits.has_acts else "",
        )
    )


def _exact_url(hits: Hits, text: str) -> str:
    """Where the only thing is that the text names in full; empty where there is none, or several:
    somebody else may be called so."""
    key = text.casefold()
    urls = [
        f"{PEOPLE_PATH}/{quote(person.id)}"
        for person in hits.people
        if key in (person.id, person.username.casefold(), (person.mail or "").casefold())
    ]
    urls += [
        _place_url(place.id) for place in hits.agencies if key in (place.id, place.code.casefold())
    ]
    urls += [
        path_of(app.id) for app in hits.applications if text == app.id or _is_name(app.name, text)
    ]
    urls += [path_of_role(role) for role, _ in hits.roles if _is_name(role.title_vi, text)]
    urls += [_events_url(text)] if hits.has_acts else []
    return urls[0] if len(urls) == 1 else ""


def _is_name(name: str, text: str) -> bool:
    return fold(name) == fold(text)


def _place_url(place_id: str) -> str:
    return f"{PEOPLE_PATH}?{urlencode({'noi': place_id})}"


def _events_url(text: str) -> str:
    return f"{EVENTS_PATH}?{urlencode({'ma': as_code(text)})}"
