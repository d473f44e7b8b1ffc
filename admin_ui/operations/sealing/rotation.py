"""A new key for sealed values: everything that lasts is sealed again, the old key is retired.

Every process that seals or opens knows a new key within seconds (`directory.sealed`), so nothing
has to stop. The old key goes on opening for as long as the longest-lived value that is not sealed
again, and as long as anything needs it. Each step may be killed: the next run, or the worker, goes
on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from admin_ui.operations.disk_faults import disk_faults
from admin_ui.operations.progress import Told, unheard
from admin_ui.operations.sealing.columns import count_by_prefix, count_old, missing_keys, seal_again
from admin_ui.operations.sealing.errors import (
    INSTALLATION_SEALING_KEY_MISSING,
    KEY_SEALING_UNDER_WAY,
)
from admin_ui.operations.sealing.events import KEY_SEALING_RETIRED, KEY_SEALING_ROTATED
from directory import faults
from directory.actor import Actor, system
from directory.audit.kinds import Kind
from directory.audit.log import record
from directory.audit.reading import list_events
from directory.clock import MINUTE, SKEW_MS, local, now_ms
from directory.component import Component
from directory.errors import Conflict
from directory.installation import Installation
from directory.sealed import (
    LONGEST_LIFE_MS,
    KeyRing,
    SealingKey,
    keys_held,
    make_sealing_key,
    retire,
    sealing_keys,
)

_MOST_EVENTS = 20


@dataclass(frozen=True)
class Sealing:
    """How sealing stands. `older`: keys that still open; `ends_at`: from when on they may be
    retired (ms). `values`: what lasts in the store, `left` of it not sealed with `newest` yet."""

    newest: SealingKey
    older: Sequence[SealingKey]
    values: int
    left: int

    @property
    def ends_at(self) -> int | None:
        return self.newest.made_at + LONGEST_LIFE_MS + MINUTE if self.older else None


@dataclass(frozen=True)
class Rotated:
    """What one run did, and how sealing stands after it."""

    made: bool
    sealed_again: int
    sealing: Sealing


def read_sealing(installation: Installation, components: Sequence[Component]) -> Sealing:
    """How sealing stands. Raises `SealBroken` for a damaged key."""
    newest, *others = sealing_keys(installation.settings.keys_dir)
    installation.keyring.look_again()
    with installation.database.read() as tx:
        values = sum(count_by_prefix(tx, components).values())
        left = count_old(tx, installation.keyring, components)
    return Sealing(newest, [key for key in others if not key.is_retired], values, left)


def look_at_sealing(
    installation: Installation, components: Sequence[Component]
) -> tuple[bool, str]:
    """Whether sealing is in order, and a sentence: which keys there are, what to do."""
    with installation.database.read() as tx:
        missing = missing_keys(tx, installation.keyring, components)
    if missing:
        return False, (
            f"what is stored needs the key {', '.join(missing)}: put its file back into keys/, or, "
            "after an older store was put back, start anew or run danhmuc init"
        )
    found = read_sealing(installation, components)
    if found.left:
        return False, (
            f"{found.left:,} of {found.values:,} values are not sealed with the newest key "
            f"{found.newest.id}; danhmuc key rotate-sealing goes on, and the log names what it "
            "cannot open"
        )
    said = f"{found.newest.id} seals since {local(found.newest.made_at)}"
    if found.ends_at is None:
        return True, said
    older = ", ".join(key.id for key in found.older)
    return True, f"{said}; until {local(found.ends_at)} this opens too: {older}"


def rotate_sealing(
    installation: Installation, components: Sequence[Component], actor: Actor, told: Told = unheard
) -> Rotated:
    """Go on with a rotation that is not finished, else make a new key; seal again with it.

    Raises Conflict(``key.sealing_under_way``), Unavailable(``backup.disk``), `SealBroken`.
    """
    keys_dir = installation.settings.keys_dir
    with disk_faults(keys_dir), keys_held(keys_dir) as alone:
        if not alone:
            raise Conflict(KEY_SEALING_UNDER_WAY)
        again = _finish(installation, components, actor, told)
        made = not read_sealing(installation, components).older
        if made:
            make_sealing_key(keys_dir)
            faults.reach("sealing.key_made")
            again += _finish(installation, components, actor, told)
    return Rotated(made, again, read_sealing(installation, components))


def go_on(installation: Installation, components: Sequence[Component]) -> None:
    """What the worker does: finish what was begun, and retire what has had its time."""
    keys_dir = installation.settings.keys_dir
    if not any(not key.is_retired for key in sealing_keys(keys_dir)[1:]):
        return
    with keys_held(keys_dir) as alone:
        if alone:
            _finish(installation, components, system("worker"), unheard)


def make_openable(installation: Installation, components: Sequence[Component]) -> None:
    """Let an older store be opened, which was put in the place of ours and needs keys that are
    retired: it is sealed again. Raises Conflict(``installation.sealing_key_missing``)."""
    with installation.database.read() as tx:
        if not missing_keys(tx, installation.keyring, components):
            return
        everything = KeyRing.load(installation.settings.keys_dir, with_retired=True)
        missing = missing_keys(tx, everything, components)
    if missing:
        folder = str(installation.settings.keys_dir)
        raise Conflict(INSTALLATION_SEALING_KEY_MISSING, keys=", ".join(missing), folder=folder)
    seal_again(installation.database, everything, components, unheard)


def _finish(
    installation: Installation, components: Sequence[Component], actor: Actor, told: Told
) -> int:
    sealing = read_sealing(installation, components)
    if not sealing.older:
        return 0
    again = seal_again(installation.database, installation.keyring, components, told)
    sealing = read_sealing(installation, components)
    if sealing.left:
        return again
    faults.reach("sealing.sealed_again")
    with installation.database.write() as tx:
        told_of = {"key": sealing.newest.id, "values": sealing.values}
        _record_once(tx, actor, KEY_SEALING_ROTATED, told_of)
    faults.reach("sealing.told")
    if _is_due(sealing):
        _retire(installation, actor, sealing.older)
    return again


def _is_due(sealing: Sealing) -> bool:
    """Whether everything that was sealed with the older keys, and is not sealed again, has ended.
    Of a key of the future nobody knows how old it is: a clock was wrong, then or now."""
    return sealing.newest.made_at <= now_ms() + SKEW_MS and now_ms() >= (sealing.ends_at or 0)


def _retire(installation: Installation, actor: Actor, keys: Sequence[SealingKey]) -> None:
    with installation.database.write() as tx:
        for key in keys:
            _record_once(tx, actor, KEY_SEALING_RETIRED, {"key": key.id})
    faults.reach("sealing.retiring")
    for key in keys:
        retire(key)
    installation.keyring.look_again()


def _record_once(tx: Connection, actor: Actor, kind: Kind, fields: dict[str, Any]) -> None:
    """A run that was killed after this is not told twice."""
    if all(
        e.fields["key"] != fields["key"]
        for e in list_events(tx, kind=kind.name, limit=_MOST_EVENTS)
    ):
        record(tx, kind, actor, **fields)
