"""``/xac-thuc-hai-lop``: who proves two factors where, and the networks that the rules name."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField

from admin_ui.console.kept_forms import KeptForm, find_kept, show_refused
from admin_ui.console.pages import leave_notice
from admin_ui.console.screen import MenuEntry, Screen, StepUp
from admin_ui.console.visitor import factor_policy_here
from directory.errors import Conflict, Invalid, NotFound, TooMany, Words
from idp.factor_policy.handles import (
    KINDS,
    LIMIT_KINDS,
    MINUTES,
    MOST_GRACE_DAYS,
    MOST_NETWORKS,
    MOST_SPARED_DAYS,
    OF_ROLES,
    OUTSIDE,
    OUTSIDE_WORDS,
    Outcome,
    Policy,
    Rule,
    RuleKind,
    find_rule,
    rule_ref,
    split_rule_ref,
)
from idp.factor_policy.permissions import FactorPolicyPermission
from web.forms import ChangeForm, LinesField, one_of, read_fields
from web.i18n import N_

factor_policy = Blueprint("factor_policy", __name__)

PATH = "/xac-thuc-hai-lop"
_NETWORK = f"{PATH}/vung-mang"
_REMOVAL = f"{PATH}/bo"
_KIND_PATHS: Mapping[str, RuleKind] = {
    "moi-nguoi": "everybody",
    "vai-tro": "role",
    "tu-vung-mang": "network",
    "thiet-bi": "device",
    "phien-khong-dung": "idle",
    "phien-toi-da": "lifetime",
}
_KIND_PATH = f"<any({','.join(map(repr, _KIND_PATHS))}):kind_path>"
_CHANGE = StepUp(N_("Change who proves two factors"))
SCREEN = Screen(
    factor_policy,
    {
        "show": FactorPolicyPermission.WRITE,
        "describe": FactorPolicyPermission.WRITE,
        "put": FactorPolicyPermission.WRITE,
        "describe_removal": FactorPolicyPermission.WRITE,
        "remove": FactorPolicyPermission.WRITE,
        "describe_network": FactorPolicyPermission.WRITE,
        "put_network": FactorPolicyPermission.WRITE,
        "remove_network": FactorPolicyPermission.WRITE,
    },
    menu=MenuEntry(N_("Two factors"), PATH, "key", FactorPolicyPermission.WRITE),
    step_up=dict.fromkeys(("put", "remove", "put_network", "remove_network"), _CHANGE),
)
_TARGETS: Mapping[RuleKind, str] = {
    "everybody": "",
    "role": N_("Role"),
    "network": N_("Network"),
    "device": N_("Application"),
    "idle": N_("Role"),
    "lifetime": N_("Role"),
}


# Where what is refused is typed, if not in the target.
_FIELDS = {"days": "days", "minutes": "days", "reason": "reason"}
_WHY = N_("Only where the change weakens the rules: a second security officer reads it.")
_REASON = {"maxlength": 500}


class RuleForm(ChangeForm):
    """Whom a rule is for, and its days."""

    target = SelectField(N_("For"), choices=[], validate_choice=False)
    days = StringField(N_("Days"), render_kw={"inputmode": "numeric", "maxlength": 3})
    reason = StringField(N_("Reason"), description=_WHY, render_kw=_REASON)


class RemovalForm(ChangeForm):
    """Why a rule is to hold no longer."""

    reason = StringField(
        N_("Reason"), description=N_("The second person and the log read it."), render_kw=_REASON
    )


class NetworkForm(ChangeForm):
    """A named network."""

    name = StringField(
        N_("Name"),
        description=N_("Small letters without marks, digits and hyphens, as tsl-cd."),
        render_kw={"maxlength": 40, "autocapitalize": "none", "spellcheck": "false"},
    )
    networks = LinesField(
        N_("Address ranges"), description=N_("One a line, for example 10.12.0.0/16.")
    )
    reason = RuleForm.reason


@factor_policy.get(PATH)
def show() -> Response:
    """All rules, and the networks."""
    handle = factor_policy_here()
    policy, choices = handle.show(), handle.choices()
    return make_response(
        render_template(
            "console/factor_policy.html",
            policy=policy,
            kinds=KINDS,
            told={**choices.roles, **choices.applications, OUTSIDE: OUTSIDE_WORDS},
            kind_paths={kind: f"{PATH}/them/{path}" for path, kind in _KIND_PATHS.items()},
            removal_url_of=_removal_url,
            network_url=_NETWORK,
            remove_network_url=f"{_NETWORK}/xoa",
        )
    )


@factor_policy.get(f"{PATH}/them/{_KIND_PATH}")
def describe(kind_path: str) -> Response:
    """The form of a rule of one kind; one there is gets other days by it."""
    kind = _KIND_PATHS[kind_path]
    kept = find_kept() or KeptForm({}, {})
    first = {"target": "", "days": "", "reason": ""}
    form = RuleForm({**first, **kept.typed}, first)
    form.target.label.text = _TARGETS[kind] or form.target.label.text
    if kind in LIMIT_KINDS:
        form.days.label.text = N_("Minutes")
    form.target.choices = one_of(N_("Choose"), _targets(kind))
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/factor_rule.html",
            form=form,
            kind=kind,
            kinds=KINDS,
            least=_bounds(kind)[0],
            most=_bounds(kind)[1],
            path=f"{PATH}/them/{kind_path}",
            list_url=PATH,
        )
    )


@factor_policy.post(f"{PATH}/them/{_KIND_PATH}")
def put(kind_path: str) -> Response:
    """Set the rule, or ask for it where it weakens them."""
    form, kind = RuleForm.sent(), _KIND_PATHS[kind_path]
    days, target = form.typed["days"], form.typed["target"]
    number = int(days) if days.isascii() and days.isdigit() else -1
    about = "" if kind == "everybody" else target
    try:
        outcome = factor_policy_here().put_rule(kind, about, number, form.typed["reason"])
    except (Invalid, Conflict, TooMany) as error:
        if isinstance(error, Invalid):
            named = str(error.params.get("field", ""))
            error.params = {**error.params, "field": _FIELDS.get(named, "target")}
        return show_refused(f"{PATH}/them/{kind_path}", form, error)
    return _told(_notice_of(outcome))


@factor_policy.get(_REMOVAL)
def describe_removal() -> Response:
    """What removing a rule means, and the form that asks for it."""
    rule = _rule_of_address()
    if rule is None:
        return _told("same")
    choices, kept = factor_policy_here().choices(), find_kept() or KeptForm({}, {})
    form = RemovalForm({"reason": "", **kept.typed}, {"reason": ""})
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/factor_rule_removal.html",
            form=form,
            rule=rule,
            kinds=KINDS,
            told={**choices.roles, **choices.applications, OUTSIDE: OUTSIDE_WORDS},
            path=_removal_url(rule.kind, rule.target),
            list_url=PATH,
        )
    )


@factor_policy.post(_REMOVAL)
def remove() -> Response:
    """Ask that the rule hold no longer; one that spares a second factor is removed at once."""
    form, rule = RemovalForm.sent(), _rule_of_address()
    if rule is None:
        return _told("same")
    try:
        outcome = factor_policy_here().remove_rule(rule.kind, rule.target, form.typed["reason"])
    except NotFound:
        return _told("same")
    except (Invalid, Conflict, TooMany) as error:
        return show_refused(_removal_url(rule.kind, rule.target), form, error)
    return _told(_notice_of(outcome))


def _rule_of_address() -> Rule | None:
    ref = split_rule_ref(request.args.get("quy-dinh", ""))
    return find_rule(factor_policy_here().show(), *ref) if ref else None


def _removal_url(kind: str, target: str) -> str:
    return f"{_REMOVAL}?{urlencode({'quy-dinh': rule_ref(kind, target)})}"


def _notice_of(outcome: Outcome) -> str:
    if outcome.request_id:
        return "weaker_asked"
    return "saved" if outcome.changed else "same"


@factor_policy.get(_NETWORK)
def describe_network() -> Response:
    """The form of a network, of one there is where the address names it."""
    policy, asked = factor_policy_here().show(), request.args.get("ten", "")
    known = next((zone for zone in policy.zones if zone.name == asked), None)
    first = {
        "name": known.name if known else "",
        "networks": " ".join(known.networks) if known else "",
        "reason": "",
    }
    kept = find_kept() or KeptForm(first, first)
    form = NetworkForm({**first, **kept.typed}, first)
    for each in kept.errors:
        form.refuse(each["field"], each["message"])
    return make_response(
        render_template(
            "console/network_zone.html", form=form, path=_NETWORK, list_url=PATH, most=MOST_NETWORKS
        )
    )


@factor_policy.post(_NETWORK)
def put_network() -> Response:
    """Name it, or change what it is."""
    form = NetworkForm.sent()
    name, networks, reason = (form.typed[each] for each in ("name", "networks", "reason"))
    try:
        outcome = factor_policy_here().put_zone(name, networks.split(), reason)
    except (Invalid, Conflict, TooMany) as error:
        return show_refused(_NETWORK, form, error)
    return _told(_notice_of(outcome))


@factor_policy.post(f"{_NETWORK}/xoa")
def remove_network() -> Response:
    """Forget a network that no rule names."""
    sent = read_fields(("name",))
    try:
        factor_policy_here().remove_zone(sent["name"])
    except NotFound:
        return _told("same")
    except Conflict:
        return _told("network_used")
    return _told("saved")


def _bounds(kind: RuleKind) -> tuple[int, int]:
    if kind in LIMIT_KINDS:
        return MINUTES[kind]
    return (1, MOST_SPARED_DAYS) if kind == "device" else (0, MOST_GRACE_DAYS)


def _targets(kind: RuleKind) -> Mapping[str, Words]:
    handle = factor_policy_here()
    if kind in OF_ROLES:
        return handle.choices().roles
    if kind == "device":
        return handle.choices().applications
    return _networks(handle.show()) if kind == "network" else {}


def _networks(policy: Policy) -> Mapping[str, Words]:
    named = {zone.name: Words(zone.name, zone.name) for zone in policy.zones}
    return {OUTSIDE: OUTSIDE_WORDS, **named}


def _told(notice: str) -> Response:
    response = redirect(PATH, 303)
    leave_notice(response, notice)
    return response
