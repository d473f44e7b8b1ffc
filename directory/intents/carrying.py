"""Carrying one change through: mean it in SQL, make it in LDAP, settle it in SQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from directory import clock, faults
from directory.actor import Actor
from directory.audit.kinds import Kind
from directory.audit.log import record, record_foreseen
from directory.authz import settling
from directory.catalogue.errors import CATALOGUE_CHANGED_MEANWHILE, CATALOGUE_NO_SUCH_ENTRY, TAKEN
from directory.database.upsert import upsert
from directory.errors import AppError, Conflict, NotFound, Unavailable
from directory.ids import new_event_id
from directory.installation import Installation
from directory.intents.errors import CHANGE_IN_PROGRESS, CHANGE_PENDING, CHANGE_SETTLED_OTHERWISE
from directory.intents.events import CHANGE_DONE, CHANGE_REFUSED
from directory.intents.model import EntryChange, State
from directory.intents.tables import intent, reserved_value
from directory.ldap.entries import Entry
from directory.ldap.errors import LDAP_ASSERTION_FAILED
from directory.ldap.filters import escape
from directory.projection.apply import is_projected, try_to_apply

_TURN_WAIT_S = 4.0
_TURN_POLL_S = 0.05
# What recovery usually needs: until it is sure that nobody works on the intent, and its next turn.
RECOVERED_WITHIN_S = 15
# The values are not what the actor saw, or nothing of what they meant can be done to them now.
_OVERTAKEN = (LDAP_ASSERTION_FAILED, CATALOGUE_CHANGED_MEANWHILE)

# What to write, as it follows from the entry as it is now.
Derive = Callable[[Entry], Mapping[str, tuple[str, ...]]]
# How the log tells what was asked for: kind and fields.
Requested = tuple[Kind, Mapping[str, object]]


def carry_out(
    installation: Installation,
    actor: Actor,
    change: EntryChange,
    requested: Requested | None,
    *,
    derive: Derive | None = None,
    seen: Entry | None = None,
) -> Entry:
    """Make `change`; returns the entry as it is afterwards. Only then may anyone be told "done".

    `requested` is the audit kind and fields of the request (the field ``intent`` is added); None
    for a change that is told together with others.
    `derive`: for a modify that also writes what follows from attributes it does not edit; asked
    anew for the entry as it is when our turn has come, else it would undo an earlier change.
    `seen`: the entry, for a modify that was worked out from it, and from what was read after it:
    it is not read again unless another change had its turn since.
    Raises Conflict when a value is taken or the entry changed meanwhile (`current` in params holds
    what it says now), Unavailable when a store does not answer: nothing happened, unless its code
    is ``change.pending``, when recovery will make the change or refuse it.
    """
    try:
        if change.operation == "modify":
            change = _fit(change, seen) if seen else _fitted(installation, change, derive)
        intent_id = _mean(installation, actor, change, requested)
    except Conflict as conflict:
        if requested is not None:
            subject, agency = change.subject, change.agency
            record_refused(installation, actor, subject, agency, requested, conflict.code)
        raise
    faults.reach("intent.meant")
    try:
        return _make(installation, actor, intent_id, change, derive)
    except Unavailable as fault:
        # The outcome is unknown: the intent stays open for recovery.
        raise Unavailable(
            CHANGE_PENDING, detail=fault.detail, retry_after_s=RECOVERED_WITHIN_S
        ) from fault


def record_refused(
    installation: Installation,
    actor: Actor,
    subject: str,
    agency: str,
    requested: Requested,
    reason: str,
) -> None:
    """Tell of a change that was refused before it was meant: nothing was asked of LDAP."""
    kind, fields = requested
    intent_id = new_event_id()

    def write_down(tx: Connection) -> None:
        record(
            tx,
            kind,
            actor,
            subject=subject,
            agency=agency,
            part_of="",
            event_id=intent_id,
            intent=intent_id,
            **fields,
        )
        record(
            tx,
            CHANGE_REFUSED,
            actor,
            subject=subject,
            agency=agency,
            part_of=intent_id,
            intent=intent_id,
            reason=reason,
        )

    installation.database.retrying(write_down)


def _make(
    installation: Installation,
    actor: Actor,
    intent_id: str,
    change: EntryChange,
    derive: Derive | None,
) -> Entry:
    """Steps 2 and 3."""
    try:
        change, csn = _apply_in_turn(installation, intent_id, change, derive)
    except Unavailable:
        raise
    except AppError as refusal:
        state: State = "conflict" if refusal.declared in _OVERTAKEN else "refused"
        settle(installation, actor, intent_id, change, state, reason=refusal.code)
        raise _for_people(installation, change, refusal) from refusal
    faults.reach("intent.applied")
    entry = settle(installation, actor, intent_id, change, "done", csn=csn)
    faults.reach("intent.settled")
    return entry


def _fitted(installation: Installation, change: EntryChange, derive: Derive | None) -> EntryChange:
    """The change as it must be for the entry as it is now, whose mark it will assert."""
    entry = installation.ldap.read(change.dn, ["*"])
    if entry is None:
        raise NotFound(CATALOGUE_NO_SUCH_ENTRY)
    attributes = derive(entry) if derive else change.attributes
    return _fit(replace(change, attributes=attributes), entry)


def _fit(change: EntryChange, entry: Entry) -> EntryChange:
    """The change for the entry, whose mark it will assert. Raises Conflict where the entry is not
    as the actor saw it."""
    # The assertion finds values that are missing; one too many it cannot find, nor tell a name from
    # a search key (SUP cn).
    if any(set(entry.all(name)) != set(values) for name, values in change.expected.items()):
        raise _changed_meanwhile(change, entry)
    return replace(change, previous_intent=entry.one("dmIntent"))


def _apply_in_turn(
    installation: Installation, intent_id: str, change: EntryChange, derive: Derive | None
) -> tuple[EntryChange, str]:
    """The operation; once more when another change had its turn between our reading and our
    turn and left alone what our actor saw. Gives the change as made, and the entryCSN."""
    try:
        return change, apply_to_ldap(installation, intent_id, change)
    except Conflict as refusal:
        if refusal.declared is not LDAP_ASSERTION_FAILED:
            raise
        fitted = _fitted(installation, change, derive)
        if fitted.previous_intent == change.previous_intent:
            raise  # not the mark: the values are others
        _mean_instead(installation, intent_id, fitted, refusal)
        return fitted, apply_to_ldap(installation, intent_id, fitted)


def _mean_instead(
    installation: Installation, intent_id: str, change: EntryChange, refusal: Conflict
) -> None:
    """Recovery and the feed must know what we are about to write."""
    with installation.database.write() as tx:
        still_open = tx.execute(
            update(intent)
            .where(intent.c.id == intent_id, intent.c.state == "requested")
            .values(change=change.to_json())
            .returning(intent.c.id)
        ).first()
    if still_open is None:
        raise refusal


def _mean(
    installation: Installation,
    actor: Actor,
    change: EntryChange,
    requested: Requested | None,
) -> str:
    """Step 1: the intent, its reservations and the audit event, or nothing at all."""
    intent_id = new_event_id()
    deadline = time.monotonic() + _TURN_WAIT_S

    def write_down(tx: Connection) -> None:
        if change.posts is not None:
            settling.prepare(tx, actor, intent_id, change.posts)
        _insert_intent(tx, intent_id, actor, change)
        _reserve(tx, intent_id, change)
        if requested is None:
            return
        kind, fields = requested
        record(
            tx,
            kind,
            actor,
            subject=change.subject,
            agency=change.agency,
            part_of=change.act,
            event_id=intent_id,
            intent=intent_id,
            **fields,
        )

    while True:
        try:
            installation.database.retrying(write_down)
            return intent_id
        except IntegrityError as error:
            # Another change of this entry is under way: wait for our turn.
            if time.monotonic() > deadline:
                raise Conflict(CHANGE_IN_PROGRESS, retry_after_s=5) from error
            time.sleep(_TURN_POLL_S)


def _insert_intent(tx: Connection, intent_id: str, actor: Actor, change: EntryChange) -> None:
    tx.execute(
        insert(intent).values(
            id=intent_id,
            entry_id=change.entry_id,
            open_entry=change.entry_id,
            state="requested",
            change=change.to_json(),
            actor=actor.to_json(),
            entry_csn="",
            created_at=clock.now_ms(),
            settled_at=None,
        )
    )


def _reserve(tx: Connection, intent_id: str, change: EntryChange) -> None:
    for namespace, value in sorted(change.reserve):
        row = {"namespace": namespace, "value": value}
        owner = tx.execute(
            upsert(tx, reserved_value)
            .values(**row, entry_id=change.entry_id, intent_id=intent_id)
            # A row that is there stays as it is, and cannot be taken away before we commit.
            .on_conflict_do_update(index_elements=["namespace", "value"], set_=row)
            .returning(reserved_value.c.entry_id)
        ).scalar_one()
        if owner != change.entry_id:
            raise Conflict(TAKEN[namespace], value=value)


def apply_to_ldap(installation: Installation, intent_id: str, change: EntryChange) -> str:
    """Step 2: the one LDAP operation. Gives the entryCSN. Making it twice changes nothing more."""
    if change.operation == "add":
        marked = {**change.attributes, "dmIntent": (intent_id,)}
        try:
            return installation.ldap.add(change.dn, {k: v for k, v in marked.items() if v})
        except Conflict as refusal:
            return _csn_if_ours(installation, intent_id, change, refusal)
    try:
        return installation.ldap.modify(
            change.dn, change.ldap_changes(intent_id), assertion=_assertion(change)
        )
    except Conflict as refusal:
        return _csn_if_ours(installation, intent_id, change, refusal)


def _csn_if_ours(
    installation: Installation, intent_id: str, change: EntryChange, refusal: Conflict
) -> str:
    """The entryCSN when the operation had in fact been made already; else the refusal stands."""
    entry = installation.ldap.read(change.dn, ["dmIntent", "entryCSN"])
    if entry is not None and entry.one("dmIntent") == intent_id:
        return entry.one("entryCSN")
    raise refusal


def _assertion(change: EntryChange) -> str:
    """RFC 4528: the entry must bear the mark we saw and the values the actor saw."""
    terms = [_equals("dmIntent", (change.previous_intent,) if change.previous_intent else ())]
    terms += [_equals(name, values) for name, values in change.expected.items()]
    return f"(&{''.join(terms)})"


def _equals(name: str, values: tuple[str, ...]) -> str:
    if not values:
        return f"(!({name}=*))"
    return "".join(f"({name}={escape(value)})" for value in values)


def settle(
    installation: Installation,
    actor: Actor,
    intent_id: str,
    change: EntryChange,
    state: State,
    *,
    csn: str = "",
    reason: str = "",
    recovered: bool = False,
) -> Entry:
    """Step 3: close the intent once, with its audit outcome and the projection.

    `csn`: the entryCSN LDAP answered with, when it is known. Whoever comes second (the request or
    recovery) changes nothing; Conflict(``change.settled_otherwise``) when they found another
    outcome. Gives the entry as it now is.
    """
    entry = installation.ldap.read(change.dn, ["*", "entryCSN"])
    csn = csn or (entry.one("entryCSN") if entry is not None else "")

    def close(tx: Connection) -> None:
        closed = tx.execute(
            update(intent)
            .where(intent.c.id == intent_id, intent.c.state == "requested")
            .values(state=state, entry_csn=csn, open_entry=None, settled_at=clock.now_ms())
            .returning(intent.c.id)
        ).first()
        if closed is None:
            _require_same(tx, intent_id, state)
        else:
            _record_outcome(tx, actor, intent_id, change, state, csn, reason, recovered)
            if state == "done" and entry is not None and is_projected(entry):
                # What somebody wrote past us meanwhile must not keep the change from being
                # settled; the feed tells when no rows can be made of the entry.
                try_to_apply(tx, entry)
            if state == "done" and change.posts is not None:
                settling.settle(tx, actor, intent_id, change.posts)
            if state != "done":
                settling.abandon(tx, intent_id)
                tx.execute(delete(reserved_value).where(reserved_value.c.intent_id == intent_id))
        faults.reach("intent.before_settled")

    installation.database.retrying(close)
    return entry or Entry(change.dn, {})


def _require_same(tx: Connection, intent_id: str, state: State) -> None:
    found = tx.execute(select(intent.c.state).where(intent.c.id == intent_id)).scalar_one()
    if found != state:
        raise Conflict(CHANGE_SETTLED_OTHERWISE, detail=f"{intent_id} is {found}, not {state}")


def _record_outcome(
    tx: Connection,
    actor: Actor,
    intent_id: str,
    change: EntryChange,
    state: State,
    csn: str,
    reason: str,
    recovered: bool,
) -> None:
    act = change.act or intent_id
    where = {"subject": change.subject, "agency": change.agency, "part_of": act}
    if state != "done":
        record(tx, CHANGE_REFUSED, actor, **where, intent=intent_id, reason=reason)
        return
    if change.quiet:
        return
    record(tx, CHANGE_DONE, actor, **where, intent=intent_id, entry_csn=csn, recovered=recovered)
    if change.outcome is not None:
        record_foreseen(tx, change.outcome, actor, **where)
    if change.arrival is not None:
        agency, kind, fields = change.arrival
        record_foreseen(tx, (kind, fields), actor, subject=change.subject, agency=agency)


def _for_people(installation: Installation, change: EntryChange, refusal: AppError) -> AppError:
    if refusal.declared is not LDAP_ASSERTION_FAILED:
        return refusal
    return _changed_meanwhile(change, installation.ldap.read(change.dn, list(change.expected)))


def _changed_meanwhile(change: EntryChange, entry: Entry | None) -> Conflict:
    current = {name: list(entry.all(name)) for name in change.expected} if entry else {}
    return Conflict(CATALOGUE_CHANGED_MEANWHILE, current=current)
