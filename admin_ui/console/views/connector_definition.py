"""``/ket-noi/<…>/dinh-nghia``, ``/ket-noi/dang-ky``: what an application is sent, tried on a real
person before it counts."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from admin_ui.console.connector_forms import (
    ATTRIBUTE,
    ATTRIBUTE_NAMES,
    ROLE,
    NewForm,
    draft_of,
    form_of,
    offer,
    values_of,
)
from admin_ui.console.kept_forms import (
    KeptForm,
    find_kept,
    go_on,
    made_meanwhile,
    show_again,
    show_changed_meanwhile,
    show_refused,
)
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import Screen
from admin_ui.console.views.applications import path_of as application_path
from admin_ui.console.views.connectors import LIST_PATH, may_change, path_of
from admin_ui.console.visitor import definitions_here, people_here
from directory.errors import AppError, Conflict, Forbidden, Invalid, NotFound, Words
from directory.people.listing import ListedPerson, PeopleQuestion
from sync.engine.definition_handles import (
    FUNCTION_NAMES,
    VALUE_NAMES,
    Editable,
    Previewed,
    Whom,
    plain_kinds,
)
from sync.engine.errors import CONNECTOR_CHANGED_MEANWHILE
from sync.engine.permissions import ConnectorPermission
from web.error_pages import advice, sentence
from web.forms import ChangeForm, choices_of, read_fields
from web.i18n import N_, gettext

definition = Blueprint("connector_definition", __name__)
SCREEN = Screen(
    definition,
    {
        "show": ConnectorPermission.READ,
        "edit": ConnectorPermission.WRITE,
        "save": ConnectorPermission.WRITE,
        "look": ConnectorPermission.WRITE,
        "put": ConnectorPermission.WRITE,
        "choose": ConnectorPermission.WRITE,
        "chosen": ConnectorPermission.WRITE,
        "describe": ConnectorPermission.WRITE,
        "set_up": ConnectorPermission.WRITE,
    },
    under="connectors",
)
NEW_PATH = f"{LIST_PATH}/dang-ky"
_NEW_DATA = f"{NEW_PATH}/du-lieu"
_STEPS = (N_("Application"), N_("Data"), N_("Dry run"))
_HITS = 8
_NOT_OF_IT = ("whom", "person", "token")


@definition.get(f"{LIST_PATH}/<name>/dinh-nghia")
def show(name: str) -> Response:
    """The definition, for people and as the file that it is."""
    editable = definitions_here().open(name)
    return make_response(
        render_template(
            "console/connector_definition.html",
            editable=editable,
            draft=editable.draft,
            attribute_names=ATTRIBUTE_NAMES,
            role_names={role.name: Words(role.title_vi, role.title_en) for role in editable.roles},
            may_change=editable.opened is not None and may_change(editable.opened),
            list_url=LIST_PATH,
            path=path_of(editable.name),
        )
    )


@definition.get(f"{LIST_PATH}/<name>/dinh-nghia/sua")
def edit(name: str) -> Response:
    """The form, filled with what is there, or with what was tried a moment ago."""
    editable = definitions_here().open_to_change(name)
    return _page(editable, f"{path_of(name)}/dinh-nghia/sua")


@definition.post(f"{LIST_PATH}/<name>/dinh-nghia/sua")
def save(name: str) -> Response:
    """Try it on somebody, or go on to what it would do for all."""
    editable = definitions_here().open_to_change(name)
    path = f"{path_of(name)}/dinh-nghia/sua"
    form = form_of(editable, request.form).sent()
    if "xem" in request.args:
        return _try_on(path, form)
    now = values_of(editable, form.typed)
    made = {n: v for n, v in made_meanwhile(form, now).items() if n not in _NOT_OF_IT}
    if made:
        return show_changed_meanwhile(path, form, made)
    if faults := definitions_here().faults_of(editable, draft_of(form.typed)):
        return _refused(path, form, faults)
    return go_on(f"{path_of(name)}/dinh-nghia/xac-nhan", KeptForm(form.typed, form.seen))


@definition.get(f"{LIST_PATH}/<name>/dinh-nghia/xac-nhan")
def look(name: str) -> Response:
    """What the changed definition would do, before it counts."""
    editable, kept = definitions_here().open_to_change(name), find_kept()
    if kept is None:
        return redirect(f"{path_of(name)}/dinh-nghia/sua", 303)
    try:
        trial = definitions_here().attempt(editable, draft_of(kept.typed))
    except (Invalid, NotFound, Conflict) as error:
        return _back(editable, kept, error)
    return make_response(
        render_template(
            "console/connector_trial.html",
            editable=editable,
            trial=trial,
            is_token_new=bool(kept.typed.get("token")),
            back_url=f"{path_of(name)}/dinh-nghia/sua",
            action=request.full_path,
            list_url=LIST_PATH,
            path=path_of(name),
        )
    )


@definition.post(f"{LIST_PATH}/<name>/dinh-nghia/xac-nhan")
def put(name: str) -> Response:
    """Put the changed definition in the place of the one that it was made from."""
    read_fields(())
    editable, kept = definitions_here().open_to_change(name), find_kept()
    if kept is None:
        return redirect(f"{path_of(name)}/dinh-nghia/sua", 303)
    now = values_of(editable, kept.typed)
    seen = {n: v for n, v in kept.seen.items() if n not in _NOT_OF_IT}
    try:
        if any(now[n] != v for n, v in seen.items()):
            raise Conflict(CONNECTOR_CHANGED_MEANWHILE)
        definitions_here().put(editable, draft_of(kept.typed), kept.typed.get("token", ""))
    except (Invalid, NotFound, Conflict) as error:
        return _back(editable, kept, error)
    response = redirect(path_of(name), 303)
    leave_notice(response, "definition_saved")
    return response


@definition.get(NEW_PATH)
def choose() -> Response:
    """Which application, and where: the first page of setting a connector up."""
    first = {"application": request.args.get("ung-dung", ""), "kind": "", "url": "", "profile": ""}
    kept = find_kept() or KeptForm(first, first)
    form = NewForm({**first, **kept.typed}, {**first, **kept.seen})
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    applications = definitions_here().applications()
    named = {each.id: Words(each.name, each.name) for each in applications}
    plain = plain_kinds()
    form.application.choices = choices_of({"": N_("Choose an application"), **named})
    form.kind.choices = choices_of({name: name.upper() for name in plain})
    profiles = dict.fromkeys(each for kind in plain.values() for each in kind.profiles)
    form.profile.choices = choices_of({each: each for each in profiles})
    return make_response(
        render_template(
            "console/connector_new.html",
            form=form,
            asked=["application", *(["kind"] if len(plain) > 1 else []), "url", "profile"],
            only_kind=next(iter(plain)) if len(plain) == 1 else "",
            has_applications=bool(applications),
            path=NEW_PATH,
            list_url=LIST_PATH,
            steps=[gettext(step) for step in _STEPS],
        )
    )


@definition.post(NEW_PATH)
def chosen() -> Response:
    """On to what it is sent."""
    form = NewForm.sent()
    typed = form.typed
    try:
        editable = definitions_here().begin(
            typed["application"], typed["kind"], typed["url"].rstrip("/"), typed["profile"]
        )
    except Invalid as error:
        return show_refused(NEW_PATH, form, error)
    values = values_of(editable, [field.name for field in form_of(editable)({}, {})])
    return go_on(_NEW_DATA, KeptForm(values, values))


@definition.get(_NEW_DATA)
def describe() -> Response:
    """What it is sent: the second page."""
    kept = find_kept()
    if kept is None:
        return redirect(NEW_PATH, 303)  # what was chosen before is gone
    return _page(_begun(kept.typed), _NEW_DATA)


@definition.post(_NEW_DATA)
def set_up() -> Response:
    """Try it on somebody, or set it up; it is paused, and its page leads to the dry run."""
    values = {n: request.form.get(n, "") for n in ("application", "kind", "url", "profile")}
    try:
        editable = _begun(values)
    except Invalid:
        return redirect(NEW_PATH, 303)
    form = form_of(editable, request.form).sent()
    if "xem" in request.args:
        return _try_on(_NEW_DATA, form)
    try:
        name = definitions_here().put(editable, draft_of(form.typed), form.typed["token"])
    except Invalid as error:
        return _refused(_NEW_DATA, form, [error, *error.also])
    except (NotFound, Conflict, Forbidden) as error:
        return _refused(_NEW_DATA, form, [error])
    response = redirect(path_of(name), 303)
    leave_notice(response, "connector_set_up")
    return response


def _begun(values: Mapping[str, str]) -> Editable:
    url = values["url"].rstrip("/")
    return definitions_here().begin(values["application"], values["kind"], url, values["profile"])


def _try_on(path: str, form: ChangeForm) -> Response:
    """Show the page once more with what would be sent. A token is typed anew: it is on no page."""
    typed = {**form.typed, "token": ""}
    if typed["whom"] != form.seen["whom"]:
        typed["person"] = ""
    seen = {**form.seen, "whom": typed["whom"]}
    return go_on(path, KeptForm(typed, seen))


def _refused(path: str, form: ChangeForm, faults: Sequence[AppError]) -> Response:
    errors = [_told(each, form.typed) for each in faults]
    return show_again(path, KeptForm({**form.typed, "token": ""}, form.seen, errors))


def _back(editable: Editable, kept: KeptForm, error: AppError) -> Response:
    path = f"{path_of(editable.name)}/dinh-nghia/sua"
    errors = [_told(error, kept.typed)]
    is_stale = error.declared is CONNECTOR_CHANGED_MEANWHILE
    seen = values_of(editable, kept.typed) if is_stale else kept.seen
    return show_again(path, KeptForm({**kept.typed, "token": ""}, seen, errors))


def _told(error: AppError, fields: Container[str]) -> dict[str, str]:
    """What is wrong, at the field that has it."""
    field = str(error.params.get("field", ""))
    named = ATTRIBUTE + field
    its = named if named in fields else field
    return {"field": its, "message": " ".join(filter(None, (sentence(error), advice(error))))}


def _page(editable: Editable, path: str) -> Response:
    names = [field.name for field in form_of(editable)({}, {})]
    now = values_of(editable, names)
    kept = find_kept() or KeptForm(now, now)
    made = form_of(editable, [*names, *kept.typed])
    form = made({**now, **kept.typed}, {**now, **kept.seen})
    offer(form, editable)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    attributes = [name for name in form.typed if name.startswith(ATTRIBUTE)]
    person, hits = _person(form)
    previews: Mapping[str, Previewed] = {}
    faults: Mapping[str, str] = {}
    if person is not None:
        draft = draft_of({**form.typed})
        previews = definitions_here().preview(editable, draft, person)
        faults = {
            str(each.params.get("field")): sentence(each)
            for each in definitions_here().faults_of(editable, draft)
        }
    return make_response(
        render_template(
            "console/connector_edit.html",
            editable=editable,
            form=form,
            attributes=[name for name in attributes if form[name].data or form[name].errors],
            more_attributes=[
                name for name in attributes if not (form[name].data or form[name].errors)
            ],
            roles=[name for name in form.typed if name.startswith(ROLE)],
            attribute_names=ATTRIBUTE_NAMES,
            role_names={role.name: Words(role.title_vi, role.title_en) for role in editable.roles},
            person=person,
            hits=hits,
            previews=previews,
            faults=faults,
            changed=kept.changed,
            names=VALUE_NAMES,
            functions=FUNCTION_NAMES,
            steps=[gettext(step) for step in _STEPS],
            application_url=application_path(editable.application.id),
            action=path,
            list_url=LIST_PATH,
            path=path_of(editable.name) if editable.opened else "",
        )
    )


def _person(form: ChangeForm) -> tuple[Whom | None, Sequence[ListedPerson]]:
    """On whom it is tried, or those among whom to choose."""
    person = definitions_here().find_person(form.typed["person"])
    if person is not None or not form.typed["whom"]:
        return person, ()
    hits = people_here().page(PeopleQuestion(form.typed["whom"], size=_HITS)).people
    if len(hits) == 1:
        return definitions_here().find_person(hits[0].id), ()
    return None, hits
