"""Why a person may enter an application or not, and where each of their roles comes from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from directory.actor import Actor
from directory.authz import applications
from directory.authz.decisions import decide
from directory.authz.grant_lists import list_former
from directory.authz.grants import Grant, HolderKind, list_standing_of
from directory.authz.naming import NamedGrant, name_all
from directory.authz.objects import OfApplication
from directory.authz.permissions import ApplicationPermission
from directory.authz.positions import positions_of
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.clock import today
from directory.errors import NotFound
from directory.projection import queries

State = Literal["holds", "begins", "ended", "withdrawn", "waits"]
_MOST_FORMER = 20


@dataclass(frozen=True)
class Source:
    """A grant that gives a role, or did. `through`: person, post or position, and its name in
    `through_name`. `state`: ``begins`` later; ``waits`` where the post it hangs on is not held
    today. `given_by`, `approved_by`: tags, with names in `Explanation.names`. `ended_at` (ms) and
    `why_ended` of one that was taken back."""

    named: NamedGrant
    through: HolderKind
    through_name: str
    state: State
    ended_at: int = 0
    why_ended: str = ""

    @property
    def grant(self) -> Grant:
        """What was given."""
        return self.named.grant


@dataclass(frozen=True)
class Explanation:
    """Whether somebody may enter, and the stable word for why; `access`: to whom the application is
    open, `agencies`: the names of those it is open to. `roles` hold today; `others` are to come, or
    are no more. `names`: of the tags in them."""

    may_enter: bool
    reason: str
    access: str
    agencies: Sequence[str]
    roles: Sequence[Source]
    others: Sequence[Source]
    names: Mapping[str, str]


def explain_access(tx: Connection, person_id: str, application_id: str) -> Explanation:
    """Why the person may enter the application or not, and hold each role. Raises NotFound."""
    person = queries.person(tx, person_id)
    if person is None:
        raise NotFound(PERSON_UNKNOWN)
    about = OfApplication(application_id)
    decision = decide(tx, Actor("person", person_id), ApplicationPermission.ENTER, about)
    positions = positions_of(tx, person_id)
    now = today().isoformat()
    current = {post.id for post in person.posts if post.is_current(now)}
    titles = {post.id: post.title for post in person.posts}
    holding = {position.id: post for post, position in positions.items() if post in current}
    named = {position.id: position.name for position in positions.values()}
    holders: dict[str, Collection[str]] = {
        "person": [person_id],
        "post": list(titles),
        "position": list(named),
    }
    standing = list_standing_of(tx, holders, application_id)
    former = list_former(tx, holders, application_id, _MOST_FORMER)
    told, givers = name_all(tx, [*standing, *(grant for grant, _, _ in former)])
    names = titles | named

    def source(one: NamedGrant, state: State, at: int = 0, why: str = "") -> Source:
        kind = one.grant.holder_kind
        return Source(one, kind, names.get(one.grant.holder_id, ""), state, at, why)

    held = [
        source(one, _state_of(one.grant, current | set(holding), now))
        for one in told[: len(standing)]
    ]
    ended = [
        source(one, "withdrawn" if at else "ended", at, why)
        for one, (_, at, why) in zip(told[len(standing) :], former, strict=True)
    ]
    app = applications.find(tx, application_id)
    agencies = queries.agencies_by_id(tx, app.agencies) if app else {}
    return Explanation(
        may_enter=decision.allowed,
        reason=decision.reason,
        access=app.access if app else "",
        agencies=sorted(place.name for place in agencies.values()),
        roles=[one for one in held if one.state == "holds"],
        others=[*(one for one in held if one.state != "holds"), *ended],
        names=givers,
    )


def _state_of(grant: Grant, held: Collection[str], now: str) -> State:
    if grant.start > now:
        return "begins"
    is_held = grant.holder_kind == "person" or grant.holder_id in held
    return "holds" if is_held else "waits"
