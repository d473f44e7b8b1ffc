"""A device says who signs in: may they come in?

Before this nobody has typed a name: what a wrong password would count against does not exist, and
whoever may not come in is told so, as the device has proved that it is them.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.audit.anonymous import record_anonymous
from directory.audit.log import person_tag
from directory.people.credentials import present_standing
from directory.projection import queries
from idp.flows import pages
from idp.flows.events import SIGNIN_REFUSED
from idp.flows.store import Flow
from web.current import actor_here, current_installation


def turned_away(flow: Flow, person_id: str, unknown: Callable[[], Response]) -> Response | None:
    """The page for somebody who may not come in, or what `unknown` gives for nobody we know; None
    for whoever may. Raises Unavailable."""
    installation = current_installation()
    standing = present_standing(installation, person_id)
    with installation.database.write() as tx:
        person = queries.person(tx, person_id)
        if person is not None:
            status = standing if person.status == "active" else person.status
            if status == "active":
                return None
            record_refused(tx, flow, person_id, f"person_{status}")
    return unknown() if person is None else pages.show_status(flow, person, f"person_{status}")


def record_refused(tx: Connection, flow: Flow, person_id: str, reason: str) -> None:
    """Note that a device did not let in, and whose it is; empty for nobody's."""
    record_anonymous(
        tx,
        SIGNIN_REFUSED,
        actor_here(),
        subject=person_tag(person_id) if person_id else "",
        agency=queries.home_agency_of(tx, person_id) if person_id else "",
        reason=reason,
        login_hash="",
        application=flow.client_id,
    )
