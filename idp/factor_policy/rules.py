"""The rules as they are read: all of them, from the store once in some seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from sqlalchemy import Connection, Engine, select

from directory.clock import MINUTE
from directory.database.engine import Database
from directory.errors import Words
from directory.process_cache import PerStore, ProcessCache
from idp.factor_policy.tables import factor_rule, network_zone
from idp.sessions.limits import ANYBODY

RuleKind = Literal["everybody", "role", "network", "device", "idle", "lifetime"]
"""``everybody``; who holds a ``role``, in its application; who comes from a ``network``. All three
want two factors, and give who has none so many days. ``device``: on the way to an application, a
device on which two were proved within so many days spares the second. ``idle``, ``lifetime``: the
sessions of who holds a role end unused, or in any case, after so many minutes."""
LIMIT_KINDS: tuple[RuleKind, ...] = ("idle", "lifetime")

KINDS: Mapping[RuleKind, Words] = {
    "everybody": Words("Mọi người", "Everybody"),
    "role": Words("Người giữ vai trò", "Holders of a role"),
    "network": Words("Người vào từ vùng mạng", "From a network"),
    "device": Words("Thiết bị đã biết được miễn", "A known device spares it"),
    "idle": Words(
        "Phiên không sử dụng của người giữ vai trò", "Unused sessions of holders of a role"
    ),
    "lifetime": Words(
        "Phiên của người giữ vai trò, dù đang sử dụng", "Sessions of holders of a role, even in use"
    ),
}
OUTSIDE = "outside"
"""The network of all that is in no named one."""
MOST_GRACE_DAYS = 90
MOST_SPARED_DAYS = 14
OF_ROLES: tuple[RuleKind, ...] = ("role", *LIMIT_KINDS)
"""Whose target is APPLICATION:ROLE."""
# What a rule may say at least and at most; the most is what sessions have without one.
MINUTES: Mapping[str, tuple[int, int]] = {
    "idle": (5, ANYBODY.idle_ms // MINUTE),
    "lifetime": (15, ANYBODY.absolute_ms // MINUTE),
}
REMEMBERED_S = 4.0


@dataclass(frozen=True, slots=True)
class Rule:
    """`target`: APPLICATION:ROLE, the name of a network or ``outside``, an application; empty for
    everybody. `days`: what is given to whoever has no second factor yet, or spared on a device; of
    `LIMIT_KINDS` it counts minutes. The lower, the stricter, but of a device."""

    kind: RuleKind
    target: str
    days: int
    changed_by: str = ""
    changed_at: int = 0

    @property
    def minutes(self) -> int:
        """After how many the sessions end; 0: the rule is about factors."""
        return self.days if self.kind in LIMIT_KINDS else 0


def rule_ref(kind: str, target: str) -> str:
    """How commands and files name a rule: ``everybody``, ``role:APPLICATION:ROLE`` …"""
    return f"{kind}:{target}" if target else kind


def split_rule_ref(ref: str) -> tuple[RuleKind, str] | None:
    """Kind and target of what `rule_ref` gives; None for what names no rule."""
    kind, _, target = ref.partition(":")
    if kind not in KINDS or (kind == "everybody") == bool(target):
        return None
    return cast(RuleKind, kind), target


@dataclass(frozen=True, slots=True)
class Zone:
    """A named network. `networks`: address ranges (RFC 4632, RFC 4291 section 2.3)."""

    name: str
    networks: tuple[str, ...]
    changed_by: str = ""
    changed_at: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules, and the networks they name."""

    rules: Sequence[Rule] = ()
    zones: Sequence[Zone] = ()


_ALL = "all"
_caches: PerStore[Engine, ProcessCache[str, Policy]] = PerStore(lambda: ProcessCache(1))


def read_policy(tx: Connection) -> Policy:
    """All of it, as it is in `tx`."""
    rules, zones = factor_rule.c, network_zone.c
    found = tx.execute(select(factor_rule).order_by(rules.kind, rules.target))
    named = tx.execute(select(network_zone).order_by(zones.name))
    return Policy(
        [
            Rule(row.kind, row.target, row.days, row.changed_by, row.changed_at)
            for row in found
            if row.kind in get_args(RuleKind)  # another version may run beside this one
        ],
        [
            Zone(row.name, tuple(row.networks.split()), row.changed_by, row.changed_at)
            for row in named
        ],
    )


def remembered_policy(tx: Connection) -> Policy:
    """The same, as it was some seconds ago at most."""
    cache = _caches.of(tx.engine)
    policy = cache.find(_ALL, younger_than_s=REMEMBERED_S)
    if policy is None:
        policy = read_policy(tx)
        cache.put(_ALL, policy)
    return policy


def forget(database: Database) -> None:
    """Ask the store next time: this process has just changed something."""
    _caches.of(database.engine).forget(_ALL)
