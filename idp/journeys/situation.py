"""The situation of a flow, for the request at hand."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

from sqlalchemy import Connection

from directory.installation import Installation
from directory.projection import queries
from idp.clients.registry import find_client
from idp.devices import store as devices
from idp.devices.cookie import device_id
from idp.flows.step import Demand, Situation
from idp.flows.store import Flow, Progress
from idp.oidc.authorize import read_demand
from web.current import current_installation
from web.request import sender


def read_situation(tx: Connection, flow: Flow) -> Situation:
    """Who, to where, from where, and what is proved so far and asked for."""
    installation = current_installation()
    client = find_client(installation, tx, flow.client_id) if flow.client_id else None
    demand = cache(partial(_read_demand, installation, flow))
    nobody = Situation(None, client, demand, sender(), is_known_device=False)
    return with_progress(tx, nobody, flow.progress)


def _read_demand(installation: Installation, flow: Flow) -> Demand:
    with installation.database.read() as tx:
        return read_demand(installation, tx, flow)


def with_progress(tx: Connection, situation: Situation, progress: Progress) -> Situation:
    """The same, once more is proved."""
    if not progress.person_id:
        return replace(situation, methods=progress.amr)
    known = devices.find_counter(tx, device_id(), progress.person_id) is not None
    return replace(
        situation,
        person=queries.person(tx, progress.person_id),
        is_known_device=known,
        methods=progress.amr,
    )
