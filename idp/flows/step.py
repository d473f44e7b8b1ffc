"""What a step of a journey is: what it sees, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from werkzeug.wrappers import Response

from directory.projection.queries import PersonRow
from idp.clients.model import Client
from idp.factor_policy.enforcement import NOTHING, Wanted
from idp.flows.store import Flow
from idp.levels import ONE_FACTOR
from idp.sessions.assurance import acr_of
from web.forwarded import Sender


@dataclass(frozen=True, slots=True)
class Demand:
    """What the application asks of the sign-in (OIDC Core section 3.1.2.1), as it was validated.

    `acr_values`: levels, the most wanted first; `least_acr`: the least that will do. `max_age` in
    seconds, None when it may be of any age.
    """

    acr_values: tuple[str, ...] = ()
    max_age: int | None = None
    prompts: frozenset[str] = frozenset()
    least_acr: str = ONE_FACTOR


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides whether a step applies. Read anew for each request, never from the browser.

    `person`: who has proved so far who they are; None as long as nobody has. `client`: the
    application they are on the way to, None for our own pages. `is_known_device`: the person has
    signed in on this browser before. `methods`: what was proved in this flow (RFC 8176).
    `read_demand`: looks at the whole request again, so only for who asks. `enrolled`: the steps of
    the journey, by name, for which this person has set something up; `ways`: what links to
    those of them say that can be asked for. `is_turned_away`: the application will not let them in,
    whatever they prove; looked at where they would have to set something up for it. `passed`: the
    steps of this flow that were answered; `kept`: what steps keep in it, by their names. `wanted`:
    what the province's rules want of whoever has proved one factor.
    """

    person: PersonRow | None
    client: Client | None
    read_demand: Callable[[], Demand]
    sender: Sender
    is_known_device: bool
    methods: tuple[str, ...] = ()
    enrolled: frozenset[str] = frozenset()
    ways: Mapping[str, str] = field(default_factory=dict)
    is_turned_away: bool = False
    passed: frozenset[str] = frozenset()
    kept: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    wanted: Wanted = NOTHING

    @property
    def demand(self) -> Demand:
        """What the application asks of the sign-in."""
        return self.read_demand()

    @property
    def acr(self) -> str:
        """The level reached so far; "" while nothing is proved."""
        return acr_of(self.methods) if self.methods else ""


@dataclass(frozen=True, slots=True)
class Passed:
    """A step was answered rightly.

    `person_id`: who it is; "" for a step that does not say. A later step cannot make it another
    person. `methods`: what is proved by it (RFC 8176), nothing for a step that only asks.
    `began_at` (ms): when the check began; with `renews` what was proved before counts from then on
    as well, since the step itself has ended all that the person was signed in to. `settle` is
    called in the transaction that takes note.
    """

    person_id: str = ""
    methods: tuple[str, ...] = ()
    began_at: int = 0
    shared_computer: bool | None = None
    renews: bool = False
    settle: Callable[[Connection], None] = field(default=lambda _tx: None)


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a journey, by functions of its package.

    `applies`: whether it is to be asked in this situation; what was passed is not asked again.
    `show` is its page; `answer` takes what was posted to it and gives a page when it was not right.
    Between its pages it keeps data in the flow (`idp.flows.store.keep`, `Flow.kept`).
    `in_address`: what of a half-filled form travels in the address of its page (for the switch of
    languages, and for Back).
    `folder`: where its `templates`, and its `locale` and `static` if it has any, lie.
    `is_enrolled`: whether a person (by id) has set up what the step asks for; for those that not
    everybody has (`Situation.enrolled`). `way`: what a link to it says on the pages of others that
    could be answered instead (a msgid); "" where there is none.
    """

    name: str
    applies: Callable[[Situation], bool]
    show: Callable[[Flow, Situation], Response]
    answer: Callable[[Flow, Situation], Passed | Response]
    folder: Path
    in_address: Callable[[Flow], Mapping[str, str]] = field(default=lambda _flow: {})
    is_enrolled: Callable[[Connection, str], bool] | None = None
    way: str = ""


def needs_second_factor(situation: Situation) -> bool:
    """Whether somebody has proved who they are, and with one factor alone, where no device of
    theirs stands in for the other."""
    is_known = situation.person is not None and situation.acr == ONE_FACTOR
    return is_known and not situation.wanted.is_spared
