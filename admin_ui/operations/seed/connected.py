"""The connectors of the demo applications: people who may enter them have accounts there."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence

from admin_ui.operations.demo_applications import (
    DemoApplication,
    accounts_file,
    demo_applications,
    scim_token_file,
)
from admin_ui.operations.seed import demo
from admin_ui.operations.seed.registration import write_secret
from directory.actor import Actor
from directory.errors import AppError, NotFound
from directory.installation import Installation
from sync.engine import accounts, connectors
from sync.engine.connectors import Connector

log = logging.getLogger("danhmuc.init")

_DEFINITION = """\
# {title}: who may enter it has an account there; its roles are groups.
connector: {client_id}
application: {client_id}
target:
  kind: scim
  url: {url}
accounts:
  userName: username
  displayName: full_name
  name.familyName: family_name
  name.givenName: given_name
  emails: mail
  title: post.title
  enterprise.organization: agency.code
  enterprise.department: unit.name ?? agency.name
roles:
{roles}
limits:
  at_once: 4
  per_second: 200
"""


def connect_applications(installation: Installation, actor: Actor) -> None:
    """A connector for each, once; harmless when done already.

    One that somebody removed stays away, and there is none where the application of an older demo
    may not learn what an account needs: it goes on without accounts of its own.
    """
    roles = {
        each.client_id: [role.role for role in each.roles] for each in demo.demo_applications()
    }
    for application in demo_applications(installation.settings):
        try:
            _connect(installation, actor, application, roles[application.client_id])
        except AppError as error:
            told = {"application": application.client_id, "code": error.code}
            log.warning("the application keeps no accounts of its own", extra=told)


def _connect(
    installation: Installation, actor: Actor, application: DemoApplication, roles: Sequence[str]
) -> None:
    settings, name = installation.settings, application.client_id
    token_file, url = scim_token_file(settings, name), f"{application.url}/scim/v2"
    found = _find(installation, name)
    if not token_file.exists():
        token, source = secrets.token_urlsafe(32), _definition(application, url, roles)
        connectors.put(installation, actor, source, token, replaces=found is not None)
        _begin_with_the_demo_accounts(installation, name)
        write_secret(token_file, token)  # last: without it, this is done again
        return
    if found is None:
        return
    source = found.source.replace(found.definition.target.url, url)
    if not accounts_file(settings, application).exists():
        # Of another one, or of a backup: whatever was made there is not here.
        connectors.remove(installation, actor, name)
        connectors.put(installation, actor, source, token_file.read_text(encoding="utf-8"))
    elif source != found.source:
        connectors.put(installation, actor, source, replaces=True)


def _begin_with_the_demo_accounts(installation: Installation, name: str) -> None:
    """Whoever looks at the demo signs in with these; hundreds of others come after."""
    people = [each.person.id for each in demo.demo_accounts()]
    with installation.database.write() as tx:
        accounts.look_at(tx, connectors.get(tx, name).definition, people)


def _definition(application: DemoApplication, url: str, roles: Sequence[str]) -> str:
    lines = "\n".join(f"  {role}: {role}" for role in roles)
    return _DEFINITION.format(
        title=application.title, client_id=application.client_id, url=url, roles=lines
    )


def _find(installation: Installation, name: str) -> Connector | None:
    with installation.database.read() as tx:
        try:
            return connectors.get(tx, name)
        except NotFound:
            return None
