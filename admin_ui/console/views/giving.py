"""``/quyen/cap``: giving a role, in at most three pages: to whom and which, where and why, and what
it would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from admin_ui.console.give_form import (
    MOST_LISTED,
    GiveForm,
    ManyCodes,
    code_of,
    first_values,
    grant_of,
    offer,
    told,
)
from admin_ui.console.kept_forms import KeptForm, find_kept, go_on, show_refused
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import Screen, StepUp
from admin_ui.console.visitor import (
    current_visitor,
    giving_here,
    grants_here,
    people_here,
    positions_here,
    reading_together,
)
from directory.access.giving import Holder, RoleToGive
from directory.authz.code_lists import CodeList
from directory.authz.codes import CodeValue
from directory.authz.errors import GRANT_EXISTS, ROLE_UNKNOWN
from directory.authz.permissions import ADMIN_APPLICATION, GrantPermission
from directory.authz.roles import title_of
from directory.errors import AppError, Conflict, Forbidden, Invalid, NotFound, TooMany
from directory.requests.errors import REQUEST_OPEN_ALREADY
from directory.text import clean
from web.error_pages import advice, sentence
from web.forms import ChangeForm
from web.i18n import N_, gettext

giving = Blueprint("giving", __name__)


def _is_of_administration() -> bool:
    is_back = "lui" in request.args
    return not is_back and GiveForm.sent().role.data.startswith(f"{ADMIN_APPLICATION}:")


SCREEN = Screen(
    giving,
    {
        "begin": GrantPermission.ASK,
        "describe": GrantPermission.ASK,
        "look": GrantPermission.ASK,
        "give": GrantPermission.ASK,
    },
    under="grants",
    step_up={"give": StepUp(N_("Give a role in the administration"), _is_of_administration)},
)
PATH = "/quyen/cap"
_LOOK = f"{PATH}/xem"
_LONGEST_SEARCH = 100
_MOST_PEOPLE = 10
_MOST_POSITIONS = 5
_LISTS: Mapping[str, CodeList] = {"field": "field", "procedure": "procedure"}


@dataclass(frozen=True)
class _Found:
    """Whom a search found; `more`: that there are others; `is_one`: that all are the same person
    in what they do."""

    holders: Sequence[Holder]
    more: bool = False
    is_one: bool = False


@giving.get(PATH)
def begin() -> Response:
    """What is not known yet: to whom and which role; and then where, until when and why."""
    kept = find_kept()
    asked = {"cho": "", "vai-tro": "", "tim": ""} if kept is None else _asked_of(kept)
    for name in asked:
        asked[name] = asked[name] or clean(request.args.get(name, ""))[: _LONGEST_SEARCH * 3]
    role = _role(asked["vai-tro"]) if asked["vai-tro"] else None
    found = _holders(asked["cho"], asked["tim"])
    if role is None or not found.holders:
        return _first_page(asked, role, found)
    return _second_page(asked, role, found, kept)


@giving.post(PATH)
def describe() -> Response:
    """On to what it would do."""
    form = GiveForm.sent()
    role = _role(form.role.data)
    values = _complete(form, role)
    if values is None:
        return show_refused(PATH, form)
    problem = grants_here().find_problem(grant_of(values))
    if isinstance(problem, Invalid):
        return show_refused(PATH, form, problem)
    return go_on(_LOOK, KeptForm(values, form.seen))


@giving.get(_LOOK)
def look() -> Response:
    """What giving it would do, before it is done."""
    kept = find_kept()
    if kept is None:
        return redirect(PATH, 303)  # what was typed is gone
    form = GiveForm(kept.typed, kept.seen)
    with reading_together():
        role = _role(form.role.data)
        holder = giving_here().open_holder(form.holder.data)
        preview = grants_here().preview(grant_of(form.typed))
    return make_response(
        render_template(
            "console/give_look.html",
            form=form,
            role=role,
            title=title_of(role.role),
            holder=holder,
            preview=preview,
            given_url=_path_of_given(preview.problem),
            path=_LOOK,
            sentence=sentence,
            advice=advice,
        )
    )


@giving.post(_LOOK)
def give() -> Response:
    """Give it, or ask for it."""
    form = GiveForm.sent()
    if "lui" in request.args:
        return go_on(PATH, KeptForm(form.typed, form.seen))
    _role(form.role.data)  # one that is not given here answers as one that is not there
    tag = form.holder.data
    try:
        given = grants_here().give(grant_of(form.typed))
    except Conflict as error:
        if error.declared in (GRANT_EXISTS, REQUEST_OPEN_ALREADY):
            # Sent twice, or somebody else was first: it is as asked for.
            if path := _path_of_given(error):
                return _led(path, "given_already")
            return _told(tag, "given_already")
        return show_refused(PATH, form, error)
    except (Invalid, Forbidden, TooMany) as error:
        return show_refused(PATH, form, error)
    if given.request_id:
        return _led(f"/yeu-cau/{given.request_id}", "role_asked")
    return _told(tag, "role_given")


def _path_of_given(problem: AppError | None) -> str:
    """Where the grant is shown that a refusal is because of; empty where it is of none, or the
    visitor reads no grants."""
    is_given = problem is not None and problem.declared is GRANT_EXISTS
    if problem is None or not is_given or not current_visitor().may(GrantPermission.READ):
        return ""
    return f"/quyen/{problem.params['grant']}"


def _told(tag: str, notice: str) -> Response:
    kind, _, holder_id = tag.partition(":")
    if kind == "post":
        holder_id = giving_here().open_holder(tag).person_id
    return _led(
        f"/vi-tri/{holder_id}" if kind == "position" else f"/nguoi-dung/{holder_id}", notice
    )


def _led(path: str, notice: str) -> Response:
    response = redirect(path, 303)
    leave_notice(response, notice)
    return response


def _asked_of(kept: KeptForm) -> dict[str, str]:
    sought = kept.typed.get("sought", "")
    return {
        # Of several found, the one chosen stays one of them.
        "cho": "" if sought else kept.typed.get("holder", ""),
        "vai-tro": kept.typed.get("role", ""),
        "tim": sought,
    }


def _role(tag: str) -> RoleToGive:
    found = giving_here().find_role(tag)
    if found is None:
        raise NotFound(ROLE_UNKNOWN, value=tag)
    return found


def _holders(tag: str, text: str) -> _Found:
    if tag:
        return _Found([giving_here().open_holder(tag)], is_one=True)
    if not text:
        return _Found([])
    found, are_more = people_here().find(text, _MOST_PEOPLE)
    people = [
        Holder(
            "person",
            each.id,
            f"{each.full_name} ({each.username})",
            ", ".join(filter(None, (each.title, each.unit, each.agency))),
            each.agency_id,
            each.unit_id,
            each.id,
        )
        for each in found
        if each.status != "left"
    ]
    listed, are_more_positions = positions_here().find(text, _MOST_POSITIONS)
    positions = [
        Holder(
            "position",
            each.position.id,
            each.position.name,
            ", ".join(filter(None, (each.unit, each.agency))),
            each.position.agency_id,
            each.position.unit_id,
        )
        for each in listed
    ]
    if len(people) == 1 and not positions:
        # What of them it may hang on.
        return _Found(giving_here().list_holders_of(people[0].id), is_one=True)
    return _Found([*people, *positions], are_more or are_more_positions)


def _first_page(asked: Mapping[str, str], role: RoleToGive | None, found: _Found) -> Response:
    person_id, application_id = (
        clean(request.args.get(name, ""))[: _LONGEST_SEARCH * 3] for name in ("nguoi", "ung-dung")
    )
    of_person = giving_here().list_holders_of(person_id) if person_id and not asked["cho"] else []
    roles = [] if role else giving_here().list_roles(application_id)
    errors = []
    if "tiep" in request.args:
        errors = _missing(asked, role, found)
    return make_response(
        render_template(
            "console/give.html",
            asked=asked,
            role=role,
            holders=found.holders,
            of_person=of_person,
            person_id=person_id,
            application_id=application_id,
            roles=roles,
            errors=errors,
            told=told,
            title_of=title_of,
            path=PATH,
        )
    )


def _missing(
    asked: Mapping[str, str], role: RoleToGive | None, found: _Found
) -> list[dict[str, str]]:
    errors = []
    if not found.holders:
        message = gettext("Enter the name of a person or of a position.")
        if asked["tim"]:
            message = gettext(
                "Nobody and no position in your branch is called “%(text)s”.", text=asked["tim"]
            )
        errors.append({"field": "tim", "message": message})
    if role is None:
        errors.append({"field": "vai-tro", "message": gettext("Choose the role.")})
    return errors


def _second_page(
    asked: Mapping[str, str], role: RoleToGive, found: _Found, kept: KeptForm | None
) -> Response:
    proposed = found.holders[0] if found.is_one or len(found.holders) == 1 else None
    places = giving_here().places_for(proposed, role.role)
    first = first_values(role, proposed, places.proposed, role.usual_end)
    if not asked["cho"]:
        first["sought"] = asked["tim"]
    form = GiveForm({**first, **(kept.typed if kept else {})}, first)
    for each in kept.errors if kept else ():
        form.refuse(each["field"], each["message"])
    offer(form, role, found.holders, places)
    return make_response(
        render_template(
            "console/give_terms.html",
            form=form,
            role=role,
            title=title_of(role.role),
            holder=found.holders[0] if len(found.holders) == 1 else None,
            found=found,
            codes={name: _codes(role, name) for name in _LISTS},
            most_listed=MOST_LISTED,
            path=PATH,
            back=f"{PATH}?{urlencode(_begun_with(role, found))}",
        )
    )


def _begun_with(role: RoleToGive, found: _Found) -> Mapping[str, str]:
    """What the first page began with, as far as it is not asked anew."""
    holder = found.holders[0]
    if not found.is_one:
        return {"vai-tro": role.tag}
    return {"nguoi": holder.person_id} if holder.person_id else {"cho": holder.tag}


def _codes(role: RoleToGive, name: str) -> Sequence[CodeValue]:
    narrowing = role.role.by_field if name == "field" else role.role.by_procedure
    return giving_here().list_codes(_LISTS[name]) if narrowing else []


def _complete(form: ChangeForm, role: RoleToGive) -> Mapping[str, str] | None:
    """What was typed, with what follows from it; None where that is not enough for a grant."""
    values = dict(form.typed)
    if not values["holder"]:
        form.refuse("holder", gettext("Choose whom the role is given to."))
        return None
    if not values["agency"]:
        holder = giving_here().open_holder(values["holder"])
        values["agency"] = giving_here().places_for(holder, role.role).proposed
    if not values["agency"]:
        form.refuse("agency", gettext("Choose where the role holds."))
        return None
    narrowing = {"field": role.role.by_field, "procedure": role.role.by_procedure}
    for name in _LISTS:
        if not narrowing[name]:
            values[name] = ""
            continue
        try:
            values[name] = code_of(_codes(role, name), values[name])
        except ManyCodes as error:
            form.refuse(name, str(error))
            return None
    return values
