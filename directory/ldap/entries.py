"""What goes in and out of the gateway: entries, changes, refreshes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Operation = Literal["add", "replace", "delete"]


@dataclass(frozen=True)
class Change:
    """One change of one attribute. ``replace`` or ``delete`` with no values removes it whole."""

    operation: Operation
    attribute: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One entry as read. Attribute names compare without case, as LDAP does.

    Values that are not UTF-8 carry their bytes as surrogate escapes.
    """

    dn: str
    attributes: Mapping[str, tuple[str, ...]]
    _folded: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        folded = {name.lower(): values for name, values in self.attributes.items()}
        object.__setattr__(self, "_folded", folded)

    def one(self, name: str, default: str = "") -> str:
        """The first value of `name`, `default` when there is none."""
        values = self._folded.get(name.lower(), ())
        return values[0] if values else default

    def all(self, name: str) -> tuple[str, ...]:
        """All values of `name`, in the server's order, which means nothing."""
        return self._folded.get(name.lower(), ())

    def with_values(self, attributes: Mapping[str, tuple[str, ...]]) -> Entry:
        """The entry as it would be with `attributes` in place of its own of those names."""
        replaced = {name.lower(): values for name, values in attributes.items()}
        return Entry(self.dn, {**self._folded, **replaced})


@dataclass(frozen=True)
class Refresh:
    """What changed since a cookie (RFC 4533 refreshOnly). Keys are entryUUIDs as text.

    `entries`: (uuid, entry, ``add`` or ``modify``). `present`: named as unchanged.
    `deleted`: named as gone. `refresh_deletes`: the server named every deletion, so what it did
    not mention is unchanged. `complete`: asked without a cookie, so what it did not mention is
    gone. `reload_required`: the cookie is of no use; everything else is empty, ask again without
    one. `cookie` must be stored in the same transaction as what was made of the rest.
    """

    entries: tuple[tuple[str, Entry, Literal["add", "modify"]], ...] = ()
    present: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()
    refresh_deletes: bool = False
    complete: bool = False
    cookie: bytes | None = None
    reload_required: bool = False

    def departed(self, known: Iterable[str]) -> frozenset[str]:
        """Those of the `known` uuids whose entries are gone (RFC 4533 section 3.3).

        With no cookie slapd claims ``refreshDeletes`` and names no deletion: the set sent is the
        whole truth then.
        """
        known = frozenset(known)
        if self.reload_required:
            return frozenset()
        if self.refresh_deletes and not self.complete:
            return known & self.deleted
        mentioned = self.present | {uuid for uuid, _, _ in self.entries}
        return known - mentioned
