"""``/nguoi-dung``: finding people, looking at one, changing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import SelectField

from admin_ui.console import page_sizes
from admin_ui.console.connector_words import Failure, told_of_account
from admin_ui.console.exporting import (
    LONG_LIST,
    export_asked_for,
    format_of_address,
    reason_page,
    refused,
    send,
)
from admin_ui.console.kept_forms import (
    KeptForm,
    find_kept,
    made_meanwhile,
    show_changed_meanwhile,
    show_refused,
)
from admin_ui.console.numbered_lists import address, as_left, numbered
from admin_ui.console.pages import grouped, leave_notice, page_number
from admin_ui.console.person_form import TOLD_TO_APPLICATIONS, PersonForm, values_of
from admin_ui.console.screen import MenuEntry, Screen
from admin_ui.console.views.giving import PATH as GIVE_PATH
from admin_ui.console.views.sign_outs import sign_out_url
from admin_ui.console.views.telling import told_acts
from admin_ui.console.visitor import (
    absences_here,
    certificates_here,
    code_lists_here,
    connectors_here,
    current_visitor,
    grants_here,
    people_here,
    reading_together,
)
from directory.access.listing import HOLDER_KINDS
from directory.authz.permissions import GrantPermission
from directory.errors import Conflict, Forbidden, Invalid, TooMany, Unavailable, Words
from directory.intents.errors import CHANGE_PENDING
from directory.people.errors import PERSON_READ_ONLY
from directory.people.handles import ShownPerson
from directory.people.listing import MOST_ID_CHARS, PeoplePage, PeopleQuestion
from directory.people.permissions import PeoplePermission
from directory.text import as_seen
from idp.factors.certificate.permissions import CertificatePermission
from idp.factors.permissions import FactorPermission
from idp.slips.permissions import SlipPermission
from sync.engine.account_listing import PersonAccount
from sync.engine.permissions import ConnectorPermission
from web.current import current_installation
from web.error_pages import sentence
from web.forms import Form, one_of, search_field, trimmed
from web.i18n import N_, gettext

people = Blueprint("people", __name__)

LIST_PATH = "/nguoi-dung"
GRANTS_PATH = "/quyen"
EXPORT_PATH = f"{LIST_PATH}/xuat"
SCREEN = Screen(
    people,
    {
        "list_people": PeoplePermission.READ,
        "take_away": PeoplePermission.READ,
        "ask_why": PeoplePermission.READ,
        "show": PeoplePermission.READ,
        "edit": PeoplePermission.WRITE,
        "save": PeoplePermission.WRITE,
    },
    step_up={"take_away": LONG_LIST},
    menu=MenuEntry(N_("People"), LIST_PATH, "person", PeoplePermission.READ),
)


class PeopleFilter(Form):
    """Who is looked for, as the address says it."""

    tim = search_field(
        N_("Name, title, user name, e-mail, staff or phone number"),
        N_("Name, title, user name, phone…"),
    )
    noi = SelectField(N_("Agency or unit"), filters=[trimmed(MOST_ID_CHARS)], choices=[])


@people.get(LIST_PATH)
def list_people() -> Response:
    """The people of one's branch; the address holds all of the question."""
    form = PeopleFilter(request.args)
    asked = _question()
    page = people_here().page(asked)
    form.noi.choices = one_of(N_("Whole branch"), _choices(page))
    narrowed = _narrowed(asked)
    return numbered(
        "console/people_list.html",
        LIST_PATH,
        lines=len(page.people),
        total=page.total,
        asked=narrowed,
        form=form,
        page=page,
        all_url=LIST_PATH,
        export_url=address(EXPORT_PATH, narrowed),
        place_url=lambda place_id: address(LIST_PATH, {**narrowed, "noi": place_id}),
        wider_url=address(LIST_PATH, {**narrowed, "noi": ""}),
        sign_out_url=sign_out_url("agency", page.place.id) if page.place else "",
    )


@people.post(EXPORT_PATH)
def take_away() -> Response:
    """The whole list of the address as a file."""
    export = export_asked_for()
    try:
        listing = people_here().take_away(_question(), export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, "nguoi-dung")


@people.get(EXPORT_PATH)
def ask_why() -> Response:
    """The page that asks for the reason of a long list."""
    form, asked = format_of_address(), _question()
    page = people_here().page(asked)
    return reason_page(
        form,
        title=gettext("Export the list of people"),
        list_name=gettext("People"),
        list_url=address(LIST_PATH, _narrowed(asked)),
        export_url=address(EXPORT_PATH, _narrowed(asked)),
        count=grouped(page.total) + ("+" if page.is_capped else ""),
    )


@people.get(f"{LIST_PATH}/<person_id>")
def show(person_id: str) -> Response:
    """One person: who, where, how to reach them, what happened."""
    may_see_grants = current_visitor().may(GrantPermission.READ)
    with reading_together():
        shown = people_here().show(person_id)
        held = grants_here().of_person(shown.person.id) if may_see_grants else None
        may_suspend = people_here().may_suspend(shown.person.id)
        may_note = absences_here().may_note(shown.person)
        accounts = _accounts_of(shown)
        may_reset = current_visitor().may(FactorPermission.RESET)
        bound = certificates_here().of_person(shown.person.id) if may_reset else ()
    return make_response(
        render_template(
            "console/person.html",
            shown=shown,
            person=shown.person,
            told=told_acts(shown.acts or (), shown.names),
            held=held,
            holder_kinds=HOLDER_KINDS,
            suspend_url=_standing_url(shown, may_suspend),
            absences_url=f"{LIST_PATH}/{shown.person.id}/vang-mat" if may_note else "",
            accounts=accounts,
            certificates=bound,
            grants_url=GRANTS_PATH,
            list_url=as_left(LIST_PATH),
            edit_url=_edit_path(shown) if _may_edit(shown) else "",
            give_url=_give_url(shown),
            slip_url=_slip_url(shown),
            certificate_url=_certificate_url(shown),
            sign_out_url=_sign_out_url(shown),
            why_not=sentence(Forbidden(PERSON_READ_ONLY, reason=shown.change.reason)),
            events_url=_events_url(shown),
        )
    )


@people.get(f"{LIST_PATH}/<person_id>/sua")
def edit(person_id: str) -> Response:
    """The form, filled with what is there, or with what could not be saved a moment ago."""
    shown = people_here().show_for_change(person_id)
    now = values_of(shown)
    kept = find_kept() or KeptForm(now, now)
    # One that an earlier version kept has not every field.
    form = PersonForm({**now, **kept.typed}, {**now, **kept.seen})
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/person_edit.html",
            shown=shown,
            person=shown.person,
            form=form,
            changed=kept.changed,
            author=people_here().last_author(shown.person) if kept.changed else ("", ""),
            titles=code_lists_here().titles(),
            has_main_post=any(each.is_current and each.post.kind == "main" for each in shown.posts),
            list_url=LIST_PATH,
            person_url=f"{LIST_PATH}/{shown.person.id}",
            edit_url=_edit_path(shown),
        )
    )


@people.post(f"{LIST_PATH}/<person_id>/sua")
def save(person_id: str) -> Response:
    """Change what was changed in the form; what is typed is never lost."""
    handle = people_here()
    handle.require_change(person_id)
    form, path = PersonForm.sent(), f"{LIST_PATH}/{person_id}/sua"
    changes, is_accepted = form.changes, form.accepts_changes()
    if not changes or not is_accepted:
        shown = handle.show_for_change(person_id)
        if not changes and (meanwhile := made_meanwhile(form, values_of(shown))):
            return show_changed_meanwhile(path, form, meanwhile)
        if not is_accepted:
            return show_refused(path, form)
    try:
        if changes:
            handle.change(person_id, changes, {name: form.seen[name] for name in changes})
    except Conflict as error:
        if meanwhile := made_meanwhile(form, _current_of(error)):
            return show_changed_meanwhile(path, form, meanwhile)
        return show_refused(path, form, error)
    except Invalid as error:
        return show_refused(path, form, error, *error.also)
    except Unavailable as error:
        if error.declared is CHANGE_PENDING:
            raise  # it is noted: who saved again would ask for it twice
        return show_refused(path, form, error)
    response = redirect(f"{LIST_PATH}/{person_id}", 303)
    leave_notice(response, _notice_of(changes))
    return response


def _standing_url(shown: ShownPerson, may_suspend: bool) -> str:
    word = {"active": "khoa", "pending": "khoa", "suspended": "mo-khoa"}.get(shown.person.status)
    return f"{LIST_PATH}/{shown.person.id}/{word}" if word and may_suspend else ""


def _accounts_of(shown: ShownPerson) -> Sequence[tuple[PersonAccount, Failure | None]]:
    """Their accounts in applications, each with what went wrong. What the application itself said
    is for those who look after its connector."""
    if not current_visitor().may(ConnectorPermission.READ):
        return ()
    return [
        (
            each,
            told_of_account(
                each.account.failed_code, each.account.failed_detail if each.is_open else ""
            ),
        )
        for each in connectors_here().of_person(shown.person.id)
    ]


def _notice_of(changes: Mapping[str, str]) -> str:
    if not changes:
        return "same"
    return "saved_title" if TOLD_TO_APPLICATIONS & changes.keys() else "saved"


def _current_of(conflict: Conflict) -> dict[str, str]:
    """What the fields say now, where somebody else was first."""
    current = conflict.params.get("current")
    return (
        {name: as_seen(value) for name, value in current.items()}
        if isinstance(current, Mapping)
        else {}
    )


def _may_edit(shown: ShownPerson) -> bool:
    return shown.change.allowed and current_visitor().may(PeoplePermission.WRITE)


def _give_url(shown: ShownPerson) -> str:
    """Nobody gives a role to themselves, nor to somebody who has left."""
    visitor, person = current_visitor(), shown.person
    is_other = person.id != visitor.actor.id and person.status != "left"
    if not is_other or not visitor.may(GrantPermission.ASK):
        return ""
    return f"{GIVE_PATH}?{urlencode({'nguoi': person.id})}"


def _slip_url(shown: ShownPerson) -> str:
    """Whoever waits for a first password, or has lost their ways in, gets a slip from another."""
    visitor, person = current_visitor(), shown.person
    may = visitor.may(SlipPermission.ISSUE) and person.id != visitor.actor.id
    return (
        f"{LIST_PATH}/{person.id}/phieu" if may and person.status in ("pending", "active") else ""
    )


def _certificate_url(shown: ShownPerson) -> str:
    """Where a certificate is bound to somebody else, if any can be used."""
    visitor, person = current_visitor(), shown.person
    is_on = bool(current_installation().settings.certificate_url)
    may = is_on and visitor.may(CertificatePermission.BIND) and person.id != visitor.actor.id
    return f"{LIST_PATH}/{person.id}/chung-thu" if may and person.status != "left" else ""


def _sign_out_url(shown: ShownPerson) -> str:
    """Where all sessions of theirs are ended; one's own end where one signs out."""
    is_own = shown.person.id == current_visitor().actor.id
    return "" if is_own else sign_out_url("person", shown.person.id)


def _edit_path(shown: ShownPerson) -> str:
    return f"{LIST_PATH}/{shown.person.id}/sua"


def _events_url(shown: ShownPerson) -> str:
    if shown.acts is None:
        return ""
    return "/nhat-ky?" + urlencode({"nguoi": shown.person.username})


def _question() -> PeopleQuestion:
    """What the address asks for."""
    form = PeopleFilter(request.args)
    size = page_sizes.asked(LIST_PATH)
    return PeopleQuestion(form.tim.data, form.noi.data, page_number(), size)


def _choices(page: PeoplePage) -> Mapping[str, Words]:
    """The places to choose from, the chosen one among them. A name is said as it is."""
    places = [*page.choices]
    if page.place and page.place.id not in {place.id for place in places}:
        places.insert(0, page.place)
    return {place.id: Words(place.name, place.name) for place in places}


def _narrowed(asked: PeopleQuestion) -> Mapping[str, str]:
    return {"tim": asked.text, "noi": asked.place_id}
