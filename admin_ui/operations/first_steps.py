"""The first agency, the first administrator, and how somebody at a terminal comes there.

What is printed can be pasted as it stands: it carries the state folder and the port.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.engine import make_url

from admin_ui.operations.checkout import CHECKOUT
from admin_ui.operations.initialise import Told, initialise_stopped
from admin_ui.operations.options import UpOptions
from directory.actor import Actor, system
from directory.agencies.service import add_agency
from directory.authz import grants
from directory.authz.permissions import ADMIN_APPLICATION
from directory.catalogue.agency import Agency
from directory.clock import local
from directory.component import Component
from directory.ids import new_id
from directory.installation import Installation, open_installation
from directory.ldap import embedded
from directory.people import credentials
from directory.people.service import NewPerson, add_person
from directory.projection import queries
from directory.settings import Settings, read_settings
from directory.state_folder import SETUP
from idp.slips import service as slips
from idp.slips.service import Issued

_OPERATOR_ROLE = "province_operator"  # on a top of the tree it holds in the whole province
_LONGEST_NAME = 60
# Of whom an empty installation begins with; everything but the code can be changed.
_FIRST_CODE, _FIRST_LOGIN, _FIRST_NAME = "VANHANH", "quantri", "Quản trị viên đầu tiên"
REASON = "Quản trị viên đầu tiên"


@dataclass(frozen=True)
class FirstSteps:
    """The first agency and its administrator, as somebody answered. `password`: of the
    administration account; empty: a slip is given instead, with which it is set."""

    agency_code: str
    agency_name: str
    username: str
    full_name: str
    password: str = ""


def begin_setup(state: Path) -> None:
    """From here on the folder is meant for real people: no start makes a demo of it."""
    (state / SETUP).touch()


def set_up(
    settings: Settings, components: Sequence[Component], actor: Actor, steps: FirstSteps, told: Told
) -> Issued | None:
    """Initialise an empty installation that nothing runs on, and put these into it; gives the slip
    of the first administrator.

    `begin_setup` comes first. However this ends early, the next setup begins again from nothing.
    """
    initialise_stopped(settings, components, UpOptions(empty=True, setting_up=True), told)
    slapd = embedded.start(settings) if settings.embedded_ldap else None
    try:
        if slapd is not None:
            embedded.wait_until_ready(settings)
        installation = open_installation(settings, "catalogue")
        issued = _take(installation, actor, steps)
        installation.close_connections()
    finally:
        if slapd is not None:
            embedded.stop(slapd)
    (settings.state / SETUP).unlink()
    return issued


def _take(installation: Installation, actor: Actor, steps: FirstSteps) -> Issued | None:
    agency = add_agency(
        installation, actor, Agency(id=new_id(), name=steps.agency_name, code=steps.agency_code)
    )
    person = NewPerson(username=steps.username, full_name=steps.full_name, agency_id=agency.id)
    owner = add_person(installation, actor, person)
    account = add_person(
        installation,
        actor,
        replace(person, username=account_of(steps.username), administrator_of=owner.id),
    )
    if steps.password:
        credentials.set_password(installation, actor, account.id, steps.password)
    with installation.database.write() as tx:
        grants.add_grant(
            tx,
            actor,
            grants.Grant(
                application_id=ADMIN_APPLICATION,
                role=_OPERATOR_ROLE,
                holder_kind="person",
                holder_id=account.id,
                agency_id=agency.id,
                reason=REASON,
            ),
        )
    if steps.password:
        return None
    return slips.issue(installation, actor, account.id, "activate", REASON)


def begin_with_slip(settings: Settings) -> str:
    """The first agency and administrator of an empty catalogue, named by what the settings say, and
    what to print: the slip, this once, and the next steps."""
    steps = FirstSteps(_FIRST_CODE, settings.operator_name, _FIRST_LOGIN, _FIRST_NAME)
    installation = open_installation(settings, "catalogue")
    issued = _take(installation, system("init"), steps)
    installation.close_connections()
    assert issued is not None  # noqa: S101 - narrows the type: no password was given
    run = command_prefix(settings) + "./deploy/danhmuc"
    account = account_of(steps.username)
    return "\n".join(
        [
            f"This is an installation of {settings.province}, {settings.suffix}. For another",
            "province stop it and begin with danhmuc setup and another DANHMUC_STATE.",
            f"Its first agency is {steps.agency_name} ({steps.agency_code}), and {account} its "
            "administrator.",
            *told_of_slip(issued),
            "Another one, and the next agency, person and application:",
            f"  {run} slip issue {account}",
            f'  {run} agency add --code STTTT --name "Sở Thông tin và Truyền thông" '
            f"--parent {steps.agency_code}",
            f'  {run} person add --username nguyenvanan --full-name "Nguyễn Văn An" --agency STTTT',
            f'  {run} client add --name "Lịch công tác" '
            "--redirect-uri https://lich.example.gov.vn/callback",
        ]
    )


def told_of_slip(issued: Issued) -> Sequence[str]:
    """Lines for whoever is at the terminal, and nobody after them."""
    return (
        f"Activation slip of {issued.person.username}, shown this once:",
        "",
        f"  {issued.code}",
        f"  {issued.url}",
        "",
        f"Good once, until {local(issued.slip.expires_at)}.",
    )


def account_of(username: str) -> str:
    """What the administration account of somebody is called first (qt: quản trị)."""
    return f"{username[:_LONGEST_NAME]}.qt"


def hints_for_empty(settings: Settings) -> str:
    """From an empty installation to an agency, an administrator and an application of one's own."""
    run = command_prefix(settings) + "./deploy/danhmuc"
    return "\n".join(
        [
            f"This is an installation of {settings.province}, {settings.suffix}. For another",
            "province stop it and begin with danhmuc setup and another DANHMUC_STATE.",
            "The catalogue is empty. The first agency, administrator and application (change names",
            "and addresses; the slip is for a first password):",
            f'  {run} agency add --code STTTT --name "Sở Thông tin và Truyền thông"',
            f'  {run} person add --username quantri --full-name "Quản Trị Viên" --agency STTTT',
            f'  {run} person add --username quantri.qt --full-name "Quản Trị Viên" --agency STTTT '
            "--administrator-of quantri",
            f"  {run} slip issue quantri.qt",
            f"  {run} grant add --person quantri.qt --role {ADMIN_APPLICATION}:{_OPERATOR_ROLE} "
            f'--agency STTTT --reason "{REASON}"',
            f'  {run} client add --name "Lịch công tác" '
            "--redirect-uri https://lich.example.gov.vn/callback",
        ]
    )


def command_prefix(settings: Settings) -> str:
    """What must stand before a command in the checkout for it to mean this installation: whatever
    the state folder does not remember by itself."""
    by_itself = read_settings({"DANHMUC_STATE": str(settings.state)})
    words = {}
    if settings.state != CHECKOUT / "var":
        words["STATE"] = str(settings.state)
    if settings.port != by_itself.port:
        words["PORT"] = str(settings.port)
    if settings.ldap_uris != by_itself.ldap_uris:
        words["LDAP_URI"] = " ".join(settings.ldap_uris)
    if settings.ldap_ca_file != by_itself.ldap_ca_file:
        words["LDAP_CA_FILE"] = str(settings.ldap_ca_file)
    if settings.database_url != by_itself.database_url:
        url = make_url(settings.database_url)
        words["DATABASE_URL"] = url.render_as_string(hide_password=True)
    return "".join(f"DANHMUC_{name}={shlex.quote(value)} " for name, value in words.items())


def is_nobody_here(settings: Settings) -> bool:
    """Whether the catalogue waits for its first person."""
    installation = open_installation(settings, "catalogue")
    with installation.database.read() as tx:
        people = queries.count_people(tx)
    installation.close_connections()
    return not people
