"""danhmuc client try …"""

from __future__ import annotations

from collections.abc import Sequence

import click

from admin_ui.cli.answers import JsonCommand, answer, open_own_installation, operator
from admin_ui.cli.faults import fault_document, told_fault
from admin_ui.cli.people import find_person
from admin_ui.cli.terminal import one_line
from directory.authz import applications
from directory.clock import iso, local
from directory.errors import Invalid
from directory.installation import Installation
from idp.applications.errors import APPLICATION_NOT_SIGNED_IN_TO
from idp.clients import service
from idp.clients.model import Client
from idp.oidc.diagnosis import Fault
from idp.oidc.trials.beginning import begin, is_signed_in_to
from idp.oidc.trials.examination import Examination, examine_address, examine_registered
from idp.oidc.trials.link import Trial, address_of


@click.command("try", cls=JsonCommand)
@click.argument("client_id")
@click.argument("address", default="")
@click.option("--check", is_flag=True, help="Only say what is wrong; no sign-in follows.")
@click.option("--person", default="", metavar="USER", help="Who alone may try it.")
def try_(client_id: str, address: str, check: bool, person: str) -> None:
    """Try the sign-in to an application without giving it anything.

    ADDRESS is where the application sends people (…/authorize?client_id=…); without one, the
    request is tried that it makes when it is set up as registered. Prints an address to open in a
    browser, once and within five minutes: at its end stands what the application would have
    learned. Exit code 1 when the request is faulty.
    """
    installation = open_own_installation()
    with installation.database.read() as tx:
        client = service.show_client(tx, client_id)
        if not is_signed_in_to(client):
            raise Invalid(APPLICATION_NOT_SIGNED_IN_TO, field="client_id")
        examined = (
            examine_address(installation, tx, client, address)
            if address
            else examine_registered(installation, tx, client)
        )
    trial = None
    if not check and not examined.faults:
        trial = _begun(installation, client, examined, person)
    url = address_of(installation, trial) if trial else ""
    answer(
        {
            "client_id": client.id,
            "client": client.name,
            "ok": not examined.faults,
            "faults": [fault_document(fault) for fault in examined.faults],
            "url": url,
            "expires_at": iso(trial.expires_at) if trial else None,
        },
        lambda: _told(client, examined.faults, trial, url),
    )
    if examined.faults:
        click.get_current_context().exit(1)


def _begun(installation: Installation, client: Client, examined: Examination, person: str) -> Trial:
    person_id = find_person(installation, person).id if person else ""
    with installation.database.write() as tx:
        app = applications.find(tx, client.id)
        agency_id = app.owner_agency_id if app else ""
        return begin(tx, operator(), client, examined, person_id=person_id, agency_id=agency_id)


def _told(client: Client, faults: Sequence[Fault], trial: Trial | None, url: str) -> str:
    if trial is not None:
        until = local(trial.expires_at)
        return f"Open this address in a browser, once and until {until}:\n{url}"
    if not faults:
        return f"The request of {one_line(client.name)} is right."
    return "\n\n".join(told_fault(fault) for fault in faults)
