"""``/nguoi-dung``: finding people, looking at one, changing their phone number and title."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from admin_ui.web.forms import read_fields
from admin_ui.web.pages import leave_notice
from admin_ui.web.views.telling import told_events
from admin_ui.web.visitor import current_visitor, people_here
from directory.errors import AppError, Conflict, Invalid, Unavailable
from directory.people.handles import ShownPerson
from directory.people.listing import PAGE, PeopleQuestion
from directory.text import clean
from idp.kit.errors import advice, retry_headers, sentence

people = Blueprint("people", __name__)

LIST_PATH = "/nguoi-dung"
_LONGEST_SEARCH = 100
_LAST_PAGE = 100_000
_EDITED = ("phone", "title")
_SEEN = tuple(f"seen_{name}" for name in _EDITED)


@people.get(LIST_PATH)
def list_people() -> Response:
    """The people of one's branch; the address holds all of the question."""
    asked = _question()
    page = people_here().page(asked)
    if asked.page > 1 and not page.people:
        return redirect(_list_url(asked, page=1), 303)
    first = (asked.page - 1) * PAGE + 1
    last = first + len(page.people) - 1
    return make_response(
        render_template(
            "console/people_list.html",
            asked=asked,
            page=page,
            first=first,
            last=last,
            previous_url=_list_url(asked, page=asked.page - 1) if asked.page > 1 else "",
            next_url=_list_url(asked, page=asked.page + 1) if last < page.total else "",
            all_url=LIST_PATH,
            place_url=lambda place_id: _list_url(asked, place_id=place_id, page=1),
            wider_url=_list_url(asked, place_id="", page=1),
        )
    )


@people.get(f"{LIST_PATH}/<person_id>")
def show(person_id: str) -> Response:
    """One person: who, where, how to reach them, what happened."""
    shown = people_here().show(person_id)
    return make_response(
        render_template(
            "console/person.html",
            shown=shown,
            person=shown.person,
            told=told_events(shown.events or (), shown.names),
            list_url=LIST_PATH,
            edit_url=_edit_path(shown) if _may_edit(shown) else "",
            events_url=_events_url(shown),
        )
    )


@people.get(f"{LIST_PATH}/<person_id>/sua")
def edit(person_id: str) -> Response:
    """The form, filled with what is there."""
    shown = people_here().show_for_change(person_id)
    return _form(shown, typed=_values(shown), seen=_values(shown))


@people.post(f"{LIST_PATH}/<person_id>/sua")
def save(person_id: str) -> Response:
    """Change what was changed in the form; what is typed is never lost."""
    handle = people_here()
    shown = handle.show_for_change(person_id)
    sent = read_fields((*_EDITED, *_SEEN))
    typed = {name: sent[name] for name in _EDITED}
    seen = {name: sent[f"seen_{name}"] for name in _EDITED}
    changes = {name: typed[name] for name in _EDITED if typed[name] != seen[name]}
    try:
        if changes:
            handle.change(shown.person.id, changes, {name: seen[name] for name in changes})
    except Invalid as error:
        field = str(error.params.get("field", ""))
        return _form(shown, typed, seen, status=422, errors=[_error(error, field)])
    except Conflict as error:
        return _on_conflict(shown, typed, seen, error)
    except Unavailable as error:
        if error.code == "change.pending":
            raise  # it is noted: who saved again would ask for it twice
        page = _form(shown, typed, seen, status=503, errors=[_error(error, "")])
        page.headers.update(retry_headers(error))
        return page
    response = redirect(f"{LIST_PATH}/{shown.person.id}", 303)
    leave_notice(response, "saved" if changes else "same")
    return response


def _on_conflict(
    shown: ShownPerson, typed: Mapping[str, str], seen: Mapping[str, str], error: Conflict
) -> Response:
    """Somebody else was first: show what they made of it, keep what was typed, ask once more."""
    if error.code != "catalogue.changed_meanwhile":
        field = str(error.params.get("field", ""))
        return _form(shown, typed, seen, status=409, errors=[_error(error, field)])
    current = error.params.get("current")
    now = {name: str(value) for name, value in dict(current or {}).items()}  # type: ignore[call-overload]
    changed = [
        {"field": name, "seen": seen[name], "now": now[name], "typed": typed[name]}
        for name in _EDITED
        if name in now and now[name] != seen[name]
    ]
    fresh = people_here().show_for_change(shown.person.id)
    return _form(fresh, typed, {**seen, **now}, status=409, changed=changed)


def _form(
    shown: ShownPerson,
    typed: Mapping[str, str],
    seen: Mapping[str, str],
    *,
    status: int = 200,
    errors: list[dict[str, str]] | None = None,
    changed: list[dict[str, str]] | None = None,
) -> Response:
    page = render_template(
        "console/person_edit.html",
        shown=shown,
        person=shown.person,
        typed=typed,
        seen=seen,
        errors=errors or [],
        changed=changed or [],
        changed_at=shown.changed_at,
        has_main_post=bool(shown.title),
        list_url=LIST_PATH,
        person_url=f"{LIST_PATH}/{shown.person.id}",
        edit_url=_edit_path(shown),
    )
    return make_response(page, status)


def _error(error: AppError, field: str) -> dict[str, str]:
    message = " ".join(filter(None, (sentence(error), advice(error))))
    return {"field": field if field in _EDITED else "", "message": message}


def _values(shown: ShownPerson) -> dict[str, str]:
    return {"phone": shown.person.phone, "title": shown.title}


def _may_edit(shown: ShownPerson) -> bool:
    return shown.change.allowed and "people:write" in current_visitor().actions


def _edit_path(shown: ShownPerson) -> str:
    return f"{LIST_PATH}/{shown.person.id}/sua"


def _events_url(shown: ShownPerson) -> str:
    if shown.events is None:
        return ""
    return "/nhat-ky?" + urlencode({"nguoi": shown.person.username})


def _question() -> PeopleQuestion:
    arguments = request.args
    page = arguments.get("trang", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1
    return PeopleQuestion(
        text=clean(arguments.get("tim", ""))[:_LONGEST_SEARCH],
        place_id=clean(arguments.get("noi", "")),
        page=min(max(number, 1), _LAST_PAGE),
    )


def _list_url(asked: PeopleQuestion, *, place_id: str | None = None, page: int) -> str:
    place = asked.place_id if place_id is None else place_id
    parameters = {"tim": asked.text, "noi": place, "trang": str(page) if page > 1 else ""}
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{LIST_PATH}?{query}" if query else LIST_PATH
