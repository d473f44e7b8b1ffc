"""``/ket-noi/<…>/…``: lists of one connector: accounts, what is to be done, what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import SelectField

from admin_ui.console import page_sizes
from admin_ui.console.connector_words import FINDING_PATHS, FINDING_TOLD, find_kind, told_of_account
from admin_ui.console.exporting import (
    LONG_LIST,
    export_asked_for,
    format_of_address,
    reason_page,
    refused,
    send,
)
from admin_ui.console.numbered_lists import address, numbered
from admin_ui.console.pages import grouped, page_number
from admin_ui.console.screen import Screen
from admin_ui.console.views.connectors import LIST_PATH, may_change, path_of
from admin_ui.console.visitor import connectors_here
from directory.errors import Invalid, TooMany
from sync.engine.account_listing import AccountQuestion, Standing
from sync.engine.list_files import FAILED, FINDINGS, STANDINGS, STATES
from sync.engine.permissions import ConnectorPermission
from web.forms import Form, one_of, only, search_field
from web.i18n import N_, gettext

lists = Blueprint("connector_lists", __name__)
SCREEN = Screen(
    lists,
    {
        "list_accounts": ConnectorPermission.READ,
        "list_plan": ConnectorPermission.READ,
        "list_findings": ConnectorPermission.READ,
        "take_away": ConnectorPermission.READ,
        "ask_why": ConnectorPermission.READ,
    },
    step_up={"take_away": LONG_LIST},
    under="connectors",
)
STANDING_PATHS: Mapping[str, Standing | Literal["failed"]] = {
    "tu-choi": "refused",
    "trung-ten": "conflict",
    "chua-duoc": "failed",
    "cho-tao": "create",
    "cho-cap-nhat": "update",
    "cho-khoa": "leaving",
    "bo-qua": "skipped",
    "da-khop": "working",
    "da-khoa": "disabled",
}
STEP_PATHS: Mapping[str, Standing] = {"tao": "create", "cap-nhat": "update", "khoa": "leaving"}
_PLAN_LINES = 20
_Part = Literal["tai-khoan", "chay-thu", "doi-chieu"]
_TITLES: Mapping[str, str] = {
    "tai-khoan": N_("Export the accounts"),
    "chay-thu": N_("Export what is to be done"),
    "doi-chieu": N_("Export what was found"),
}


class AccountFilter(Form):
    """Which accounts are looked for, as the address says it."""

    tim = search_field(N_("Name or user name"), N_("Name…"))
    tinh_trang = SelectField(
        N_("State"),
        name="tinh-trang",
        filters=[only(STANDING_PATHS.__contains__)],
        choices=one_of(
            N_("All states"),
            {
                path: FAILED if its == "failed" else STANDINGS[its]
                for path, its in STANDING_PATHS.items()
            },
        ),
    )


@lists.get(f"{LIST_PATH}/<name>/tai-khoan")
def list_accounts(name: str) -> Response:
    """Whose accounts it keeps; the address holds all of the question."""
    form = AccountFilter(request.args)
    path = f"{path_of(name)}/tai-khoan"
    opened, figures, found = connectors_here().accounts(name, _accounts_asked(form, path))
    asked = _asked(form)
    return numbered(
        "console/connector_accounts.html",
        path,
        lines=len(found.accounts),
        total=found.total,
        asked=asked,
        form=form,
        found=found,
        figures=figures,
        opened=opened,
        told_of_account=told_of_account,
        is_filtered=any(asked.values()),
        may_change=may_change(opened),
        all_url=path,
        list_url=LIST_PATH,
        connector_url=path_of(name),
        export_url=address(f"{path_of(name)}/xuat-tai-khoan", asked),
    )


@lists.get(f"{LIST_PATH}/<name>/chay-thu")
def list_plan(name: str) -> Response:
    """What would be done if it went on now: a dry run, which asks and changes nothing."""
    step, page = _step(), page_number()
    question = AccountQuestion(STEP_PATHS[step], "", page, _PLAN_LINES)
    opened, figures, plan = connectors_here().plan(name, question)
    path = f"{path_of(name)}/chay-thu"
    if page > 1 and not plan.lines:
        return redirect(f"{path}?viec={step}", 303)

    def page_url(number: int) -> str:
        return address(path, {"viec": step}, number)

    last = (page - 1) * _PLAN_LINES + len(plan.lines)
    return make_response(
        render_template(
            "console/connector_plan.html",
            opened=opened,
            figures=figures,
            plan=plan,
            step=step,
            counts={"tao": figures.create, "cap-nhat": figures.update, "khoa": figures.leaving},
            first=(page - 1) * _PLAN_LINES + 1,
            last=last,
            previous_url=page_url(page - 1) if page > 1 else "",
            next_url=page_url(page + 1) if last < plan.total else "",
            states=STATES,
            may_change=may_change(opened),
            list_url=LIST_PATH,
            path=path_of(name),
            export_url=f"{path_of(name)}/xuat-chay-thu?viec={step}",
        )
    )


@lists.get(f"{LIST_PATH}/<name>/doi-chieu")
def list_findings(name: str) -> Response:
    """What the last reading of the application found otherwise than it should be."""
    path, shown = f"{path_of(name)}/doi-chieu", request.args.get("thay", "")
    kind = find_kind(shown)
    asked = {"thay": shown if kind else ""}
    handle = connectors_here()
    opened, counts, found = handle.findings(name, kind, page_number(), page_sizes.asked(path))
    paths = {its: each for each, its in FINDING_PATHS.items()}
    return numbered(
        "console/connector_findings.html",
        path,
        lines=len(found.findings),
        total=found.total,
        asked=asked,
        opened=opened,
        counts={paths[its]: (its, counts[its]) for its in FINDING_PATHS.values() if its in counts},
        found=found,
        kind=kind,
        words=FINDINGS,
        told=FINDING_TOLD,
        may_change=may_change(opened),
        all_url=path,
        list_url=LIST_PATH,
        connector_url=path_of(name),
        export_url=address(f"{path_of(name)}/xuat-doi-chieu", asked),
    )


@lists.post(f"{LIST_PATH}/<name>/xuat-<any('tai-khoan','chay-thu','doi-chieu'):part>")
def take_away(name: str, part: _Part) -> Response:
    """The whole of one of these lists as a file."""
    export, handle = export_asked_for(), connectors_here()
    try:
        if part == "tai-khoan":
            asked = _accounts_asked(AccountFilter(request.args), "")
            listing = handle.take_accounts_away(name, asked, export)
        elif part == "chay-thu":
            asked = AccountQuestion(STEP_PATHS[_step()])
            listing = handle.take_plan_away(name, asked, export)
        else:
            kind = find_kind(request.args.get("thay", ""))
            listing = handle.take_findings_away(name, kind, export)
    except (Invalid, TooMany) as error:
        return refused(error, export)
    return send(listing, export.form, f"ket-noi-{part}")


@lists.get(f"{LIST_PATH}/<name>/xuat-<any('tai-khoan','chay-thu','doi-chieu'):part>")
def ask_why(name: str, part: _Part) -> Response:
    """The page that asks for the reason of a long list."""
    form, handle = format_of_address(), connectors_here()
    if part == "tai-khoan":
        asked_form = AccountFilter(request.args)
        asked = _asked(asked_form)
        total = handle.accounts(name, _accounts_asked(asked_form, ""))[2].total
    elif part == "chay-thu":
        asked = {"viec": _step()}
        total = handle.accounts(name, AccountQuestion(STEP_PATHS[_step()], size=1))[2].total
    else:
        shown = request.args.get("thay", "")
        asked = {"thay": shown if shown in FINDING_PATHS else ""}
        total = handle.findings(name, find_kind(shown), 1, 1)[2].total
    return reason_page(
        form,
        title=gettext(_TITLES[part]),
        list_name=gettext("Connectors"),
        list_url=address(f"{path_of(name)}/{part}", asked),
        export_url=address(f"{path_of(name)}/xuat-{part}", asked),
        count=grouped(total),
    )


def _step() -> str:
    step = request.args.get("viec", "")
    return step if step in STEP_PATHS else "tao"


def _asked(form: AccountFilter) -> dict[str, str]:
    return {field.name: field.data for field in form}


def _accounts_asked(form: AccountFilter, path: str) -> AccountQuestion:
    asked = _asked(form)
    standing: Standing | Literal["", "failed"]
    standing = STANDING_PATHS.get(asked["tinh-trang"], "")
    size = page_sizes.asked(path) if path else 1
    return AccountQuestion(standing, asked["tim"], page_number(), size)
