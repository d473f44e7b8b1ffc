"""The situation of a flow, for the request at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial

from sqlalchemy import Connection

from directory.installation import Installation
from directory.projection import queries
from directory.release.register import released
from idp.clients.registry import find_client
from idp.devices import store as devices
from idp.devices.cookie import device_id
from idp.factor_policy.enforcement import Wanted, find_wanted
from idp.flows.step import Demand, Situation, Step
from idp.flows.store import Flow
from idp.levels import ONE_FACTOR
from idp.oidc.authorize import read_demand
from web.current import current_installation
from web.request import sender


def read_situation(tx: Connection, flow: Flow, steps: Sequence[Step]) -> Situation:
    """Who, to where, from where, what is proved so far and asked for. `steps`: of the journey."""
    installation = current_installation()
    client = find_client(installation, tx, flow.client_id) if flow.client_id else None
    demand = cache(partial(_read_demand, installation, flow))
    nobody = Situation(None, client, demand, sender(), is_known_device=False)
    return after(tx, nobody, flow, steps)


def _read_demand(installation: Installation, flow: Flow) -> Demand:
    with installation.database.read() as tx:
        return read_demand(installation, tx, flow)


def after(tx: Connection, before: Situation, flow: Flow, steps: Sequence[Step]) -> Situation:
    """The same, as far as the flow is now."""
    progress, states = flow.progress, flow.steps or {}
    situation = replace(
        before,
        methods=progress.amr,
        passed=frozenset(name for name, state in states.items() if state.is_passed),
        kept={name: state.kept for name, state in states.items()},
    )
    if not progress.person_id:
        return situation
    person_id = progress.person_id
    known = devices.find_counter(tx, device_id(), person_id) is not None
    enrolled = [s for s in steps if s.is_enrolled and s.is_enrolled(tx, person_id)]
    known_person = replace(
        situation,
        person=queries.person(tx, person_id),
        is_known_device=known,
        enrolled=frozenset(s.name for s in enrolled),
        ways={s.name: s.way for s in enrolled if s.way},
    )
    if known_person.acr == ONE_FACTOR:
        known_person = replace(known_person, wanted=_find_wanted(tx, known_person, person_id))
    turned_away = not enrolled and _is_turned_away(tx, known_person)
    return replace(known_person, is_turned_away=turned_away)


def _find_wanted(tx: Connection, situation: Situation, person_id: str) -> Wanted:
    wanted = find_wanted(tx, person_id, situation.client.id if situation.client else "")
    if wanted.is_spared and situation.demand.least_acr != ONE_FACTOR:
        return replace(wanted, is_spared=False)  # the application asks for two, whatever is known
    return wanted


def _is_turned_away(tx: Connection, situation: Situation) -> bool:
    """Whoever may not enter anyway is told so, and has nothing to set up for it."""
    person, client = situation.person, situation.client
    if person is None or client is None:
        return False
    if situation.acr >= situation.demand.least_acr and not situation.wanted.is_wanted:
        return False
    return not released(tx, client.id, person.id).decision.allowed
