"""Who is doing something, and from where: passed to every service that decides or records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal

TAG_CHARS = 128  # as wide as the columns that hold tags; a login of a domain may be longer

ActorKind = Literal["person", "client", "os", "system", "anonymous"]


@dataclass(frozen=True, slots=True)
class Held:
    """What a person held when their request began: the roles of our own application, each with the
    places it holds in, and the tops of the tree, which together are the province.

    For looks alone: an act reads it anew, in its transaction (`directory.authz.scopes`).

    `own`: where somebody looks as a job would see it, and `roles` are of that job, what they hold
    themselves: nothing is seen that they may not see by it, and nothing is done.
    `accounts`: the ids of all accounts of theirs; None where they were not read.
    """

    roles: Mapping[str, frozenset[str]]
    tops: frozenset[str]
    own: Mapping[str, frozenset[str]] | None = None
    accounts: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """One actor of one request.

    `id`: a person's id, a client_id, the operating-system login for ``os`` (recorded as
    ``os:<login>``), a job's name for ``system``, empty for ``anonymous``.
    `agency_id`: the agency of the acting post, where there is one.
    `held`: what was read of them already, None for whoever was not looked up.
    `address`: the peer's IP address, empty for the command line.
    """

    kind: ActorKind
    id: str = ""
    agency_id: str = ""
    address: str = ""
    request_id: str = ""
    held: Held | None = field(default=None, compare=False, repr=False)

    @property
    def is_viewing(self) -> bool:
        """Whether they look as a job would see it, and may do nothing."""
        return self.held is not None and self.held.own is not None

    def to_json(self) -> str:
        """As `actor_from_json` reads it. What was read of them is no part of it: whoever goes on
        later reads it anew."""
        names = (each.name for each in fields(self) if each.name != "held")
        return json.dumps({name: getattr(self, name) for name in names})

    @property
    def tag(self) -> str:
        """How the audit log names this actor: ``person:<id>``, ``os:root``, ``system:worker``."""
        return f"{self.kind}:{self.id}"[:TAG_CHARS] if self.id else self.kind


def actor_from_json(written: str) -> Actor:
    """The actor of `Actor.to_json`."""
    return Actor(**json.loads(written))


def system(job: str, request_id: str = "") -> Actor:
    """The actor of work nobody asked for by hand: recovery, purge, dated posts."""
    return Actor("system", job, request_id=request_id)


def network_of(address: str) -> str:
    """Whoever is behind `address`: itself, or its /64, because one subscriber has a whole one."""
    parsed = ip_address(address) if address else None
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return address
