"""danhmuc setup."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import click

from admin_ui.cli.answers import JsonCommand, answer, operator, progress
from admin_ui.components import COMPONENTS
from admin_ui.operations.errors import (
    INPUT_FILE,
    SEED_STATE_IN_USE,
    SETUP_INITIALISED,
    SETUP_NOBODY_HERE,
)
from admin_ui.operations.first_steps import (
    FirstSteps,
    account_of,
    begin_setup,
    command_prefix,
    set_up,
    told_of_slip,
)
from admin_ui.operations.held_state import hold_state
from admin_ui.operations.options import CannotStart
from directory.clock import iso
from directory.errors import Conflict, Invalid
from directory.outside_text import read_text
from directory.passwords.made_of import Owner
from directory.people.credentials import check_password_policy
from directory.settings import ConfigurationProblems, Settings, read_settings
from directory.settings_file import write_settings_file
from directory.state_folder import is_initialised
from idp.slips.service import Issued


@dataclass(frozen=True)
class Question:
    """One answer that is asked for. `variable`: the setting it becomes, if it is one."""

    name: str
    asks: str
    variable: str = ""
    default: Callable[[Mapping[str, str]], str] | None = None


QUESTIONS = (
    Question("province", "Name of the province, as in headers (tỉnh Bình Dương)", "PROVINCE"),
    Question("mail_domain", "Domain of its e-mail addresses (binhduong.gov.vn)", "MAIL_DOMAIN"),
    Question(
        "suffix",
        "Suffix of the LDAP catalogue; it can never change",
        "LDAP_SUFFIX",
        lambda said: ",".join(f"dc={label}" for label in said["mail_domain"].split(".")),
    ),
    Question("operator_name", "Who runs the system, as in footers", "OPERATOR_NAME"),
    Question("operator_phone", "Whom people call: a telephone number", "OPERATOR_PHONE"),
    Question(
        "issuer",
        "Address of the sign-in (https://…; this machine only while you try it)",
        "ISSUER",
        lambda _said: _local(os.environ.get("DANHMUC_PORT") or 8400),
    ),
    Question("agency_code", "First agency: short code (UBND)"),
    Question("agency_name", "First agency: name"),
    Question("username", "First administrator: sign-in name for daily work"),
    Question("full_name", "First administrator: full name"),
)
_PASSWORD = "password"  # noqa: S105 - the name of an answer


@click.command(cls=JsonCommand)
@click.option(
    "--answers",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Lines “name = value” instead of questions; see docs/howto/first-steps.md.",
)
def setup(file: Path | None) -> None:
    """Ask what province this is, and make its empty installation with a first administrator.

    Writes settings.env into the state folder, which every start reads; the environment overrides
    it.
    """
    asked = read_settings(os.environ)
    state = asked.state
    if is_initialised(state):
        raise Conflict(SETUP_INITIALISED, state=str(state))
    said = _ask() if file is None else _read(file)
    values = {f"DANHMUC_{q.variable}": said[q.name] for q in QUESTIONS if q.variable}
    steps = FirstSteps(**{each.name: said.get(each.name, "") for each in fields(FirstSteps)})
    try:
        with hold_state(asked):
            begin_setup(state)
            settings = _settings_with(values)
            if steps.password:
                owner = Owner(steps.username, (steps.full_name, steps.agency_name))
                check_password_policy(settings, steps.password, owner)
            written = write_settings_file(state, _to_keep(settings, values))
            issued = set_up(settings, COMPONENTS, operator(), steps, progress)
    except CannotStart as problem:
        raise Conflict(SEED_STATE_IN_USE, why=str(problem)) from problem
    _tell(settings, steps, written, issued)


def _settings_with(values: Mapping[str, str]) -> Settings:
    """The settings as the next start will have them. Raises `ConfigurationProblems`."""
    other = [
        f"{name}={os.environ[name]!r} is set in the environment too, and would override {value!r}: "
        "unset it, or answer the same"
        for name, value in values.items()
        if (os.environ.get(name) or value) != value
    ]
    if other:
        raise ConfigurationProblems(other)
    return read_settings({**values, **os.environ})


def _to_keep(settings: Settings, values: Mapping[str, str]) -> dict[str, str]:
    """What goes into the file: an address of this machine only follows the port, and need not."""
    kept = {name: value for name, value in values.items() if value != _local(settings.port)}
    by_itself = read_settings({"DANHMUC_STATE": str(settings.state)})
    if settings.port != by_itself.port:
        kept["DANHMUC_PORT"] = str(settings.port)
    return kept


def _local(port: int | str) -> str:
    return f"http://localhost:{port}"


def _ask() -> dict[str, str]:
    if not sys.stdin.isatty():
        raise Invalid(SETUP_NOBODY_HERE)
    said: dict[str, str] = {}
    for question in QUESTIONS:
        said[question.name] = _ask_until_right(question, said)
    return said


def _ask_until_right(question: Question, said: Mapping[str, str]) -> str:
    default = question.default(said) if question.default else None
    while True:
        given: str = click.prompt(question.asks, default=default).strip()
        problem = _problem(question, given)
        if not problem:
            return given
        click.echo(problem, err=True)


def _problem(question: Question, given: str) -> str:
    if not question.variable:
        return ""
    try:
        _settings_with({f"DANHMUC_{question.variable}": given})
    except ConfigurationProblems as problems:
        return "\n".join(problems.problems)
    return ""


def _read(path: Path) -> dict[str, str]:
    """The answers of a file, all that is wrong with them told together."""
    try:
        lines = read_text(path).split("\n")
    except OSError as error:
        raise Invalid(INPUT_FILE, path=str(path), why=error.strerror) from error
    said: dict[str, str] = {}
    problems: list[str] = []
    known = [*(question.name for question in QUESTIONS), _PASSWORD]
    for number, line in enumerate(lines, start=1):
        name, equals, value = (part.strip() for part in line.partition("="))
        if not name or name.startswith("#"):
            continue
        if not equals or name not in known:
            wanted = ", ".join(known)
            problems.append(f"{path}, line {number}: {name!r} is no answer; they are {wanted}")
        elif name in said:
            problems.append(f"{path}, line {number}: {name} is answered twice")
        said[name] = value
    for question in QUESTIONS:
        if not said.get(question.name) and question.default and said.get("mail_domain"):
            said[question.name] = question.default(said)
    needed = (question.name for question in QUESTIONS)
    problems += [f"{path}: {name} is missing" for name in needed if not said.get(name)]
    if problems:
        raise ConfigurationProblems(problems)
    return said


def _tell(settings: Settings, steps: FirstSteps, written: Path, issued: Issued | None) -> None:
    prefix, account = command_prefix(settings), account_of(steps.username)
    slip = issued and {
        "url": issued.url,
        "code": issued.code,
        "expires_at": iso(issued.slip.expires_at),
    }
    done = (
        f"{settings.province} is set up in {settings.state}; its settings are in {written}.",
        "Next:",
        f"  {prefix}./deploy/run",
    )
    signing_in = f"then sign in at {settings.console_url}/ as {account}."
    then = (
        ("then open the address of the slip, or type its code there.", "", *told_of_slip(issued))
        if issued
        else (
            f"{signing_in} The password was typed here: give the person another one with",
            f"  {prefix}./deploy/danhmuc slip issue {account}",
        )
    )
    answer(
        {
            "state": str(settings.state),
            "settings": str(written),
            "administrator": account,
            "slip": slip,
        },
        "\n".join((*done, *then)),
    )
