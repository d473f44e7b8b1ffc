"""``/quyen``: who holds which role where and until when, and one of these grants in full."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response
from wtforms import SelectField

from admin_ui.console import page_sizes
from admin_ui.console.exporting import (
    LONG_LIST,
    export_asked_for,
    format_of_address,
    reason_page,
    refused,
    send,
)
from admin_ui.console.numbered_lists import as_left
from admin_ui.console.pages import grouped
from admin_ui.console.screen import MenuEntry, Screen
from admin_ui.console.tiles import Tile
from admin_ui.console.views.giving import PATH as GIVE_PATH
from admin_ui.console.views.telling import told_acts
from admin_ui.console.visitor import current_visitor, grants_here, vocabulary_here
from directory.access.handles import OpenedGrant
from directory.access.listing import HOLDER_KINDS, MOST_COUNTED, GrantList
from directory.authz.errors import GRANT_READ_ONLY
from directory.authz.grant_lists import GrantQuestion, HolderKind
from directory.authz.permissions import GrantPermission
from directory.authz.roles import Role
from directory.clock import today
from directory.errors import Forbidden, Invalid, TooMany, Words
from directory.ids import can_be_id
from directory.people.permissions import PeoplePermission
from directory.text import clean
from web.error_pages import sentence
from web.forms import Form, one_of, only, search_field, trimmed
from web.i18n import N_, gettext, said

grants = Blueprint("grants", __name__)

LIST_PATH = "/quyen"
EXPORT_PATH = f"{LIST_PATH}/xuat"
CONFLICTS_PATH = f"{LIST_PATH}/xung-dot"
BULK_PATH = f"{LIST_PATH}/hang-loat"
SCREEN = Screen(
    grants,
    {
        "list_grants": GrantPermission.READ,
        "take_away": GrantPermission.READ,
        "ask_why": GrantPermission.READ,
        "list_conflicts": GrantPermission.READ,
        "show": GrantPermission.READ,
    },
    step_up={"take_away": LONG_LIST},
    menu=MenuEntry(N_("Roles given"), LIST_PATH, "key", GrantPermission.READ),
    tiles=(
        Tile(
            N_("Roles that end within 30 days"),
            N_("Renew them in time, or let them end."),
            f"{LIST_PATH}?tinh-trang=sap-het-han",
            GrantPermission.READ,
            lambda: grants_here().counting(GrantQuestion(ends_within=SOON_DAYS)),
            most=MOST_COUNTED,
        ),
        Tile(
            N_("Roles of people who moved or left"),
            N_("Look whether they are still needed; take back what is not."),
            f"{LIST_PATH}?tinh-trang=nguoi-da-chuyen",
            GrantPermission.READ,
            lambda: grants_here().counting(GrantQuestion(left_behind=True)),
            most=MOST_COUNTED,
        ),
    ),
)
SOON_DAYS = 30
_LONGEST_ID = 128
_ROLE = re.compile(r"[a-z0-9._-]{1,64}")
_LOGIN = re.compile(r"\(([^()]+)\)$")  # how a person is named here ends with it
_AFTER = re.compile(r"(\d{4}-\d\d-\d\d)?\|[0-9a-f-]{36}")
_SOON, _LEFT = "sap-het-han", "nguoi-da-chuyen"
_STATES: Mapping[str, str] = {
    _SOON: N_("End within 30 days"),
    _LEFT: N_("Holder has moved or left"),
}
_HOLDERS: Mapping[str, tuple[str, HolderKind]] = {
    "nguoi": (N_("To people"), "person"),
    "vi-tri": (N_("To positions"), "position"),
    "bo-tri": (N_("To posts"), "post"),
}


class GrantFilter(Form):
    """Which grants are looked for, as the address says it."""

    tim = search_field(N_("Name, user name or e-mail of the holder"), N_("Name of the holder…"))
    ung_dung = SelectField(
        N_("Application"),
        name="ung-dung",
        filters=[trimmed(_LONGEST_ID)],
        choices=[],
        validate_choice=False,
    )
    vai_tro = SelectField(
        N_("Role"),
        name="vai-tro",
        filters=[only(_ROLE.fullmatch)],
        choices=[],
        validate_choice=False,
    )
    noi = SelectField(N_("Place"), filters=[only(can_be_id)], choices=[], validate_choice=False)
    tinh_trang = SelectField(
        N_("State"),
        name="tinh-trang",
        filters=[only(_STATES.__contains__)],
        choices=one_of(N_("All that stand"), _STATES),
    )
    giao_cho = SelectField(
        N_("Given to"),
        name="giao-cho",
        filters=[only(_HOLDERS.__contains__)],
        choices=one_of(
            N_("People, positions, posts"), {name: title for name, (title, _) in _HOLDERS.items()}
        ),
    )


@grants.get(LIST_PATH)
def list_grants() -> Response:
    """The grants of one's places; the address holds all of the question."""
    asked, size = _asked(), page_sizes.asked(LIST_PATH)
    after = request.args.get("sau", "")
    question = _question(asked, after=after if _AFTER.fullmatch(after) else "", size=size)
    page = grants_here().list(question, asked["tim"])
    form = _form(page)
    response = make_response(
        render_template(
            "console/grants.html",
            form=form,
            page=page,
            asked=asked,
            is_filtered=any(asked.values()),
            holder_kinds=HOLDER_KINDS,
            may_change=current_visitor().may(GrantPermission.WRITE),
            give_url=GIVE_PATH if current_visitor().may(GrantPermission.ASK) else "",
            all_url=LIST_PATH,
            bulk_url=BULK_PATH,
            conflicts_url=CONFLICTS_PATH,
            privileged_url="/dac-quyen" if _may_list_privileged() else "",
            without_url=lambda name: _url({**asked, name: ""}),
            first_url=_url(asked) if question.after else "",
            next_url=_url({**asked, "sau": page.next}) if page.next else "",
            export_url=_url(asked, EXPORT_PATH),
            size_links=page_sizes.links(
                size, lambda chosen: _url({**asked, page_sizes.NAME: str(chosen)})
            ),
        )
    )
    page_sizes.remember(response, LIST_PATH, size)
    return response


@grants.post(EXPORT_PATH)
def take_away() -> Response:
    """The whole list of the address as a file."""
    export, asked = export_asked_for(), _asked()
    try:
        question = _question(asked)
        told = _filter_told(asked)
        listing = grants_here().take_away(question, asked["tim"], told, export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, "quyen")


@grants.get(EXPORT_PATH)
def ask_why() -> Response:
    """The page that asks for the reason of a long list."""
    form, asked = format_of_address(), _asked()
    page = grants_here().list(_question(asked), asked["tim"])
    return reason_page(
        form,
        title=gettext("Export the list of roles given"),
        list_name=gettext("Roles given"),
        list_url=_url(asked),
        export_url=_url(asked, EXPORT_PATH),
        count=grouped(page.total) + ("+" if page.is_capped else ""),
    )


@grants.get(CONFLICTS_PATH)
def list_conflicts() -> Response:
    """Who holds two roles that exclude each other, and how to mend it."""
    return make_response(
        render_template(
            "console/grant_conflicts.html",
            page=grants_here().named_conflicts(),
            list_url=LIST_PATH,
            path_of=path_of,
        )
    )


@grants.get(f"{LIST_PATH}/<grant_id>")
def show(grant_id: str) -> Response:
    """One grant: who holds what, where, until when and why; what happened to it."""
    opened = grants_here().open(grant_id, vocabulary_here())
    grant, acts = opened.named.grant, opened.acts
    visitor = current_visitor()
    return make_response(
        render_template(
            "console/grant.html",
            opened=opened,
            named=opened.named,
            grant=grant,
            holder_kinds=HOLDER_KINDS,
            told=told_acts(acts.acts, acts.names) if acts else None,
            events_url=_events_url(opened) if acts else "",
            list_url=as_left(LIST_PATH),
            path=path_of(grant.id),
            may_change=may_change(opened),
            may_renew=may_renew(opened),
            why_not=sentence(Forbidden(GRANT_READ_ONLY, reason=opened.change.reason)),
            holder_url=f"/nguoi-dung/{grant.holder_id}"
            if opened.sees_holder and visitor.may(PeoplePermission.READ)
            else "",
            today_is=today().isoformat(),
            soon_is=(today() + timedelta(days=SOON_DAYS)).isoformat(),
            same_holder_url=_same_holder_url(opened),
            same_role_url=_url({"ung-dung": grant.application_id, "vai-tro": grant.role}),
            follower_url=path_of(opened.follower) if opened.follower else "",
        )
    )


def _may_list_privileged() -> bool:
    visitor = current_visitor()
    return visitor.is_everywhere and visitor.may(GrantPermission.READ_PRIVILEGED)


def path_of(grant_id: str) -> str:
    """Where a grant is shown."""
    return f"{LIST_PATH}/{grant_id}"


def may_change(opened: OpenedGrant) -> bool:
    """Whether the visitor may take it back."""
    stands = opened.ended is None
    return stands and opened.change.allowed and current_visitor().may(GrantPermission.WRITE)


def may_renew(opened: OpenedGrant) -> bool:
    """Whether the visitor may renew it, or ask that it be."""
    return opened.renewal != "refused" and current_visitor().may(GrantPermission.WRITE)


def _same_holder_url(opened: OpenedGrant) -> str:
    grant = opened.named.grant
    if opened.sees_holder:
        return _url({"nguoi": grant.holder_id})
    return _url({"vi-tri": grant.holder_id}) if grant.holder_kind == "position" else ""


def _events_url(opened: OpenedGrant) -> str:
    """The log of roles, of the person where the grant is to one: who gave what to them when."""
    named = opened.named
    login = _LOGIN.search(named.holder) if named.grant.holder_kind == "person" else None
    return "/nhat-ky?" + urlencode({"loai": "vai-tro", **({"ten": login[1]} if login else {})})


def _asked() -> dict[str, str]:
    """What the address asks for; what cannot be meant is not asked."""
    form = GrantFilter(request.args)
    asked = {field.name: field.data for field in form}
    if not asked["ung-dung"]:
        asked["vai-tro"] = ""
    for name in ("nguoi", "vi-tri"):
        given = clean(request.args.get(name, ""))
        asked[name] = given if can_be_id(given) else ""
    return asked


def _question(asked: Mapping[str, str], *, after: str = "", size: int = 50) -> GrantQuestion:
    state = asked["tinh-trang"]
    return GrantQuestion(
        application_id=asked["ung-dung"],
        role=asked["vai-tro"],
        person_id=asked["nguoi"],
        position_id=asked["vi-tri"],
        holder_kind=_HOLDERS[asked["giao-cho"]][1] if asked["giao-cho"] else "",
        place_id=asked["noi"],
        ends_within=SOON_DAYS if state == _SOON else None,
        left_behind=state == _LEFT,
        after=after,
        size=size,
    )


def _form(page: GrantList) -> GrantFilter:
    form, among = GrantFilter(request.args), page.filter
    applications = {each: Words(name, name) for each, name in among.applications.items()}
    form.ung_dung.choices = one_of(N_("All applications"), applications)
    form.vai_tro.choices = one_of(
        N_("All roles"), {each.name: _title(each) for each in among.roles}
    )
    places = {place.id: Words(place.name, place.name) for place in among.agencies}
    if among.place is not None:
        places.setdefault(among.place.id, Words(among.place.name, among.place.name))
    form.noi.choices = one_of(N_("All places"), places)
    return form


def _title(role: Role) -> Words:
    return Words(role.title_vi, role.title_en or role.title_vi)


def _filter_told(asked: Mapping[str, str]) -> str:
    """What the list is filtered by, as its form says it."""
    page = grants_here().list(_question(asked, size=1), "")
    among, told = page.filter, []
    if asked["tim"]:
        told.append(f"“{asked['tim']}”")
    told += filter(None, (among.person, among.position))
    if asked["ung-dung"]:
        told.append(among.applications[asked["ung-dung"]])
    told += [said(_title(role)) for role in among.roles if role.name == asked["vai-tro"]]
    if among.place is not None:
        told.append(among.place.name)
    if asked["tinh-trang"]:
        told.append(said(_STATES[asked["tinh-trang"]]))
    if asked["giao-cho"]:
        told.append(said(_HOLDERS[asked["giao-cho"]][0]))
    return "; ".join(told)


def _url(parameters: Mapping[str, str], path: str = LIST_PATH) -> str:
    query = urlencode({name: value for name, value in parameters.items() if value})
    return f"{path}?{query}" if query else path
