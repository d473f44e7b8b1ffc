"""How long the sessions of whoever holds a role last: the strictest of what their roles want.

A session is made with what is wanted then. What is wanted later holds for it too: an application
that is entered or renews tokens asks at once, and a job writes it down for all open sessions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection

from directory import clock
from directory.authz.roles import roles_of_each
from directory.clock import MINUTE, SECOND
from directory.installation import Installation
from idp.factor_policy.decision import split_role
from idp.factor_policy.rules import LIMIT_KINDS, Rule, read_policy, remembered_policy
from idp.sessions import store as sessions
from idp.sessions.limits import ANYBODY, Limits, strictest
from idp.sessions.store import Session

_PEOPLE_AT_ONCE = 500


def find_limits(tx: Connection, person_id: str) -> Limits | None:
    """What the roles of the person want; None where no rule is about them."""
    return _wanted_of(tx, [person_id], _of_sessions(remembered_policy(tx).rules)).get(person_id)


def is_past(session: Session, limits: Limits) -> bool:
    """Whether the session is older, or longer unused, than it may be."""
    now = clock.now_ms()
    is_old = session.auth_time * SECOND + limits.absolute_ms <= now
    return is_old or session.last_seen_at + limits.idle_ms <= now


def hold_sessions(installation: Installation) -> None:
    """Make what is wanted count for all sessions that are open."""
    with installation.database.read() as tx:
        rules = _of_sessions(read_policy(tx).rules)
        people = sorted({person for _, person in sessions.list_open(tx)}) if rules else []
    for first in range(0, len(people), _PEOPLE_AT_ONCE):
        some = people[first : first + _PEOPLE_AT_ONCE]
        with installation.database.write() as tx:
            for person_id, limits in _wanted_of(tx, some, rules).items():
                sessions.hold_to(tx, person_id, limits)


def _of_sessions(rules: Sequence[Rule]) -> Sequence[Rule]:
    return [rule for rule in rules if rule.kind in LIMIT_KINDS]


def _wanted_of(
    tx: Connection, people: Collection[str], rules: Sequence[Rule]
) -> Mapping[str, Limits]:
    """By person; of whom no rule is about is not in it."""
    wanted: dict[str, Limits] = {}
    day = clock.today().isoformat()
    for application in sorted({split_role(rule)[0] for rule in rules}):
        its = [rule for rule in rules if split_role(rule)[0] == application]
        for person_id, held in roles_of_each(tx, people, application, day).items():
            names = {each.role for each in held}
            for rule in (rule for rule in its if split_role(rule)[1] in names):
                before = wanted.get(person_id, ANYBODY)
                wanted[person_id] = strictest(before, _limits_of(rule))
    return wanted


def _limits_of(rule: Rule) -> Limits:
    told = rule.minutes * MINUTE
    if rule.kind == "idle":
        return Limits(told, ANYBODY.absolute_ms)
    return Limits(ANYBODY.idle_ms, told)
