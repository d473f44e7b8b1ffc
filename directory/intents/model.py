"""What an intent says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from directory.authz.settling import PostChange
from directory.ldap.entries import Change

State = Literal["requested", "done", "refused", "conflict"]

VALUE_CHARS = 254  # of a value that an intent reserves: as long as an address may be


@dataclass(frozen=True)
class EntryChange:
    """One change of one entry, complete enough to be made again after a crash; holds no secret but
    the hash of one that was drawn, of an application's account, which leads nobody to it.

    `attributes`: for an add, everything but the intent mark; for a modify, what to replace (an
    empty tuple removes the attribute).
    `expected`: the values the actor saw of what they edit; a modify is refused when the entry
    says otherwise.
    `reserve`: (namespace, value) pairs that must belong to this entry alone.
    `arrival`: an agency, and the event that tells whoever gets the person (name of the kind, and
    fields; `directory.audit.log.foresee`).
    `posts`: what follows in SQL, settled together with it.
    `outcome`: the event recorded when the change is done, beside ``change.done``.
    """

    operation: Literal["add", "modify"]
    entry_id: str
    dn: str
    subject: str
    attributes: Mapping[str, tuple[str, ...]]
    expected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reserve: tuple[tuple[str, str], ...] = ()
    agency: str = ""
    posts: PostChange | None = None
    arrival: tuple[str, str, Mapping[str, object]] | None = None
    outcome: tuple[str, Mapping[str, object]] | None = None
    # The mark found on the entry when the change was meant: fences out a change that was paused
    # while later ones went through.
    previous_intent: str = ""
    # The event that began the act this change belongs to; empty: it is an act of its own.
    act: str = ""
    # One of many changes that are told together: done, it is no event of its own.
    quiet: bool = False

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @staticmethod
    def from_json(text: str) -> EntryChange:
        data: dict[str, Any] = json.loads(text)
        for key in ("attributes", "expected"):
            data[key] = {name: tuple(values) for name, values in data[key].items()}
        data["reserve"] = tuple((namespace, value) for namespace, value in data["reserve"])
        if data["outcome"] is not None:
            data["outcome"] = tuple(data["outcome"])
        if data.get("arrival") is not None:
            data["arrival"] = tuple(data["arrival"])
        if data.get("posts") is not None:
            data["posts"] = PostChange.from_plain(data["posts"])
        return EntryChange(**data)

    def ldap_changes(self, intent_id: str) -> list[Change]:
        """The modify's changes, the intent's mark among them."""
        replaced = [Change("replace", name, values) for name, values in self.attributes.items()]
        return [*replaced, Change("replace", "dmIntent", (intent_id,))]
