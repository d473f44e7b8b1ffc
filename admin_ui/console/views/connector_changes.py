"""``/ket-noi/<…>/…``: what is done to a connector, with what that does shown first."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template
from werkzeug.wrappers import Response
from wtforms import StringField

from admin_ui.console.kept_forms import KeptForm, find_kept, show_once, show_refused
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import Screen
from admin_ui.console.views.connectors import LIST_PATH, SkippingForm, path_of
from admin_ui.console.visitor import connectors_here
from directory.errors import Conflict, Invalid, NotFound, TooMany
from directory.requests.errors import REQUEST_REASON
from sync.engine.account_listing import AccountQuestion
from sync.engine.errors import CONNECTOR_NOT_STOPPED
from sync.engine.handles import OpenedConnector, SeenPerson
from sync.engine.permissions import ConnectorPermission
from web.forms import ChangeForm, read_fields
from web.i18n import N_

_SHOWN = 20
changes = Blueprint("connector_changes", __name__)
SCREEN = Screen(
    changes,
    {
        "test": ConnectorPermission.WRITE,
        "ask_pause": ConnectorPermission.WRITE,
        "pause": ConnectorPermission.WRITE,
        "ask_resume": ConnectorPermission.WRITE,
        "resume": ConnectorPermission.WRITE,
        "ask_second": ConnectorPermission.WRITE,
        "retry": ConnectorPermission.WRITE,
        "ask_reading": ConnectorPermission.WRITE,
        "read": ConnectorPermission.WRITE,
        "retry_person": ConnectorPermission.WRITE,
        "skip_person": ConnectorPermission.WRITE,
        "replay_person": ConnectorPermission.WRITE,
    },
    under="connectors",
)


class SecondForm(ChangeForm):
    """Why so many accounts are to be disabled at once."""

    reason = StringField(
        N_("Reason"),
        description=N_("Whoever decides reads it; the log keeps it."),
        render_kw={"maxlength": 500},
    )


@changes.post(f"{LIST_PATH}/<name>/thu")
def test(name: str) -> Response:
    """Ask the target whether it can be worked with; the page of the connector says what came."""
    read_fields(())
    tested = connectors_here().test(name)
    told = {"answers": "1" if tested.answers else "", "says": tested.says[:300]}
    return show_once(path_of(name), told)


@changes.get(f"{LIST_PATH}/<name>/tam-dung")
def ask_pause(name: str) -> Response:
    """What a pause does, before it is made."""
    return _page("console/connector_pause.html", connectors_here().open_to_change(name))


@changes.post(f"{LIST_PATH}/<name>/tam-dung")
def pause(name: str) -> Response:
    """Do nothing in the application until somebody resumes it."""
    read_fields(())
    changed = connectors_here().pause(name)
    return _told(path_of(name), "connector_paused" if changed else "same")


@changes.get(f"{LIST_PATH}/<name>/chay")
def ask_resume(name: str) -> Response:
    """What is done as soon as it goes on, before it does; who would go, where that is many."""
    handle = connectors_here()
    opened = handle.open_to_change(name)
    if opened.state != "stopped":
        return _page("console/connector_resume.html", opened)
    _, figures, going = handle.accounts(name, AccountQuestion("leaving", size=_SHOWN))
    kept = find_kept() or KeptForm({}, {})
    form = SecondForm(kept.typed, kept.seen)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/connector_stopped.html",
            opened=opened,
            found=opened.connector,
            figures=figures,
            going=going,
            form=form,
            list_url=LIST_PATH,
            path=path_of(name),
        )
    )


@changes.post(f"{LIST_PATH}/<name>/de-nghi")
def ask_second(name: str) -> Response:
    """Ask a second person to let all go who are to go."""
    form, path = SecondForm.sent(), path_of(name)
    try:
        asked = connectors_here().ask_for_losses(name, form.reason.data)
    except (Invalid, TooMany) as error:
        return show_refused(f"{path}/chay", form, error)
    except Conflict as error:
        if error.declared is not CONNECTOR_NOT_STOPPED:
            raise
        return _told(path, "same")
    return _told(f"/yeu-cau/{asked}", "second_asked")


@changes.post(f"{LIST_PATH}/<name>/chay")
def resume(name: str) -> Response:
    """Let it go on."""
    read_fields(())
    changed = connectors_here().resume(name)
    return _told(path_of(name), "connector_resumed" if changed else "same")


@changes.post(f"{LIST_PATH}/<name>/thu-lai")
def retry(name: str) -> Response:
    """Try again at once whatever was refused."""
    read_fields(())
    count = connectors_here().retry(name)
    return _told(path_of(name), "tried_again" if count else "same")


@changes.post(f"{LIST_PATH}/<name>/nguoi/<person_id>/thu-lai")
def retry_person(name: str, person_id: str) -> Response:
    """Try again at once what was refused of one person."""
    read_fields(())
    seen = connectors_here().open_person(name, person_id)
    count = connectors_here().retry_person(seen)
    return _told(_path_of_person(seen), "tried_again" if count else "same")


@changes.post(f"{LIST_PATH}/<name>/nguoi/<person_id>/bo-qua")
def skip_person(name: str, person_id: str) -> Response:
    """Leave alone what the application does not take of one person."""
    form = SkippingForm.sent()
    seen = connectors_here().open_person(name, person_id)
    path = _path_of_person(seen)
    if not form.reason.data:
        return show_refused(path, form, Invalid(REQUEST_REASON, field="reason"))
    try:
        connectors_here().skip(seen, form.reason.data)
    except (Conflict, NotFound):
        return _told(path, "same")
    return _told(path, "left_alone")


@changes.post(f"{LIST_PATH}/<name>/nguoi/<person_id>/gui-lai")
def replay_person(name: str, person_id: str) -> Response:
    """Send again, whole, all of one person."""
    read_fields(())
    seen = connectors_here().open_person(name, person_id)
    try:
        connectors_here().replay(seen)
    except NotFound:
        return _told(_path_of_person(seen), "same")
    return _told(_path_of_person(seen), "tried_again")


@changes.get(f"{LIST_PATH}/<name>/doc-lai")
def ask_reading(name: str) -> Response:
    """What reading all accounts of the application does, before it begins."""
    return _page("console/connector_reading.html", connectors_here().open_to_change(name))


@changes.post(f"{LIST_PATH}/<name>/doc-lai")
def read(name: str) -> Response:
    """Read all accounts of the application, and mend what differs if that is asked for."""
    sent = read_fields(("sua",))
    connectors_here().reconcile(name, repairs=sent["sua"] == "1")
    return _told(f"{path_of(name)}/doi-chieu", "reading")


def _path_of_person(seen: SeenPerson) -> str:
    return f"{path_of(seen.connector)}/nguoi/{seen.id}"


def _page(template: str, opened: OpenedConnector) -> Response:
    figures = connectors_here().figures(opened)
    return make_response(
        render_template(
            template,
            opened=opened,
            found=opened.connector,
            figures=figures,
            list_url=LIST_PATH,
            path=path_of(opened.connector.name),
        )
    )


def _told(path: str, notice: str) -> Response:
    response = redirect(path, 303)
    leave_notice(response, notice)
    return response
