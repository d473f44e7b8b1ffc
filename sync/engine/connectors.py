"""The connectors there are: setting them up, stopping them, and how each stands."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, RowMapping, Select, delete, exists, func, select, update

from directory.actor import Actor
from directory.audit.kinds import Kind
from directory.audit.log import client_tag, person_tag, record
from directory.authz import applications
from directory.authz.decisions import require
from directory.authz.errors import APPLICATION_REMOVED
from directory.authz.objects import OfApplication
from directory.authz.removing import Dependant
from directory.authz.roles import list_roles
from directory.clock import now_ms, today
from directory.database.upsert import upsert
from directory.errors import Conflict, Invalid, NotFound, Words
from directory.installation import Installation
from directory.projection import queries
from directory.release.attributes import ATTRIBUTES
from directory.release.register import find_release
from sync.changes import readers
from sync.engine import accounts, runs
from sync.engine.definition import Definition, read_definition
from sync.engine.errors import (
    CONNECTOR_AGENCY,
    CONNECTOR_APPLICATION,
    CONNECTOR_CHANGED_MEANWHILE,
    CONNECTOR_NAME_TAKEN,
    CONNECTOR_NOT_RELEASED,
    CONNECTOR_NOT_STUCK,
    CONNECTOR_PERSON,
    CONNECTOR_REASON,
    CONNECTOR_ROLE,
    CONNECTOR_TOKEN_ANEW,
    CONNECTOR_UNKNOWN,
)
from sync.engine.events import (
    CONNECTOR_ACCOUNT_REPLAYED,
    CONNECTOR_ACCOUNT_SKIPPED,
    CONNECTOR_PAUSED,
    CONNECTOR_PUT,
    CONNECTOR_REMOVED,
    CONNECTOR_RESUMED,
    CONNECTOR_RETRIED,
)
from sync.engine.kinds import find_kinds
from sync.engine.permissions import ConnectorPermission
from sync.engine.tables import (
    TARGET_TOKEN,
    connector,
    connector_account,
    connector_finding,
    connector_refusal,
)
from sync.engine.target import Access, Target, open_target


@dataclass(frozen=True)
class Connector:
    """A connector as it is kept. Times in ms, None for not (yet)."""

    name: str
    definition: Definition
    source: str
    has_token: bool
    compared_for: str | None
    compared_up_to: str | None
    compared_at: int | None
    paused_at: int | None
    stopped_at: int | None
    losses_found: int | None
    losses_allowed: int | None
    failing_since: int | None
    failures: int | None
    retry_at: int | None
    failed_detail: str | None
    succeeded_at: int | None
    added_at: int
    reconcile_place: str | None
    reconcile_round: int | None
    reconcile_repairs: bool | None
    reconcile_accounts: int | None
    reconciled_at: int | None

    @property
    def is_held(self) -> bool:
        """Whether nothing is done for now: paused, stopped, or its target does not answer."""
        held = (self.paused_at, self.stopped_at, self.failing_since)
        return any(at is not None for at in held)

    @property
    def is_looking(self) -> bool:
        """Whether everybody is compared, or the accounts of the target are read."""
        return self.compared_up_to is not None or self.reconcile_place is not None


@dataclass(frozen=True)
class Standing:
    """How a connector stands: how many accounts are in which state."""

    connector: Connector
    in_step: int
    waiting: int
    failed: int
    quarantined: int
    conflicts: int
    skipped: int
    groups_untold: bool = False


@lru_cache(maxsize=64)
def read(source: str) -> Definition:
    """The definition of a file. Raises Invalid(``connector.definition``)."""
    return read_definition(source, find_kinds())


def put(
    installation: Installation,
    actor: Actor,
    source: str,
    token: str = "",
    *,
    replaces: bool = False,
    is_paused: bool = False,
    seen: str | None = None,
) -> Definition:
    """Set a connector up (a new one: `is_paused` until it is resumed), or with `replaces` give one
    another definition. Without `token` it keeps the one it has. `seen`: the definition that it was
    made from, of whoever would not write over another's.

    Raises Invalid, NotFound, Conflict(``connector.name_taken``, ``connector.changed_meanwhile``).
    """
    sealed = None
    if token:
        sealed = installation.keyring.seal(TARGET_TOKEN, read(source).name, token.encode())
    with installation.database.write() as tx:
        return put_within(
            tx, actor, source, sealed, replaces=replaces, is_paused=is_paused, seen=seen
        )


def put_within(
    tx: Connection,
    actor: Actor,
    source: str,
    sealed: bytes | None = None,
    *,
    replaces: bool = False,
    is_paused: bool = False,
    seen: str | None = None,
) -> Definition:
    """As `put`, as a part of what `tx` does; `sealed`: the token, for `TARGET_TOKEN` of its
    name."""
    definition = read(source)
    app = applications.find(tx, definition.application_id)
    if app is None:
        raise NotFound(CONNECTOR_APPLICATION, name=definition.application_id)
    # Both turns first: what is decided after them is read once.
    applications.require_there(tx, app.id)
    known = tx.execute(_named(definition.name).with_for_update()).first()
    _require(tx, actor, definition)
    require_usable(tx, definition)
    if known is not None and not replaces:
        raise Conflict(CONNECTOR_NAME_TAKEN, name=definition.name)
    if seen is not None and (known is None or known.definition != seen):
        raise Conflict(CONNECTOR_CHANGED_MEANWHILE)
    if known is not None:
        before = _connector(known._mapping)
        # Whoever takes a connector away from its application changes that one too.
        _require(tx, actor, before.definition)
        if sealed is None:
            require_token_kept(before, definition)
    its_log = about(tx, definition)
    values: dict[str, object] = {"definition": source}
    if sealed is not None:
        values["token_sealed"] = sealed
    if known is None:
        now = now_ms()
        paused_at = now if is_paused else None
        values |= {"name": definition.name, "added_at": now, "paused_at": paused_at}
        added = upsert(tx, connector).values(values).on_conflict_do_nothing()
        if tx.execute(added.returning(connector.c.name)).first() is None:  # at the same time
            raise Conflict(CONNECTOR_NAME_TAKEN, name=definition.name)
    else:
        # What a person's account is to be is judged anew, and so is who was given up on.
        values |= {"compared_for": None, "compared_up_to": None, "retry_at": None}
        its = connector.c.name == definition.name
        tx.execute(update(connector).where(its).values(values))
    record(
        tx,
        CONNECTOR_PUT,
        actor,
        **its_log,
        name=definition.name,
        target=definition.target.url,
        definition=hashlib.sha256(source.encode()).hexdigest(),
        token=sealed is not None,
    )
    return definition


def _require(tx: Connection, actor: Actor, definition: Definition) -> None:
    require(tx, actor, ConnectorPermission.WRITE, OfApplication(definition.application_id))


def require_token_kept(known: Connector, definition: Definition) -> None:
    """A token is shown to nobody but the host that it was entered for.

    Raises Invalid(``connector.token_anew``).
    """
    if known.has_token and _host(known.definition) != _host(definition):
        raise Invalid(CONNECTOR_TOKEN_ANEW, field="token", host=_host(definition))


def _host(definition: Definition) -> str:
    parts = urlsplit(definition.target.url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def require_usable(
    tx: Connection, definition: Definition, roles: Collection[str] | None = None
) -> None:
    """Raises NotFound for what it names and is not there, Conflict(``connector.not_released``) for
    what it would tell and may not. `roles`: those of the application, of whoever has read them."""
    if roles is None:
        roles = {role.name for role in list_roles(tx, definition.application_id)}
    _require_known(tx, definition, roles)
    require_released(tx, definition)


def _require_known(tx: Connection, definition: Definition, roles: Collection[str]) -> None:
    """An agency or a role that is not there would let nobody in, or everybody out."""
    for code in queries.list_unknown_codes(tx, definition.agencies):
        raise NotFound(CONNECTOR_AGENCY, name=code, field="agencies")
    for name in definition.roles:
        if name not in roles:
            raise NotFound(CONNECTOR_ROLE, name=name)


def require_released(tx: Connection, definition: Definition) -> None:
    """What it may not learn would silently be empty there. Raises
    Conflict(``connector.not_released``)."""
    found = find_release(tx, definition.application_id)
    known = found.attributes if found is not None else {}
    told = {name for each in definition.attributes.values() for name in each.tells}
    told |= {"roles"} if definition.roles else set()
    if missing := [name for name in ATTRIBUTES if name in told and name not in known]:
        labels = [ATTRIBUTES[name].label for name in missing]
        raise Conflict(
            CONNECTOR_NOT_RELEASED,
            application=definition.application_id,
            names=", ".join(missing),
            labels=Words(*(", ".join(each) for each in zip(*labels, strict=True))),
        )


def remove(installation: Installation, actor: Actor, name: str) -> int:
    """Forget a connector; the accounts it made stay where they are. Gives how many."""
    with installation.database.write() as tx:
        found = get_to_write(tx, actor, name)
        account = connector_account.c
        made = select(func.count()).where(account.connector == name, account.remote_id.is_not(None))
        count = tx.execute(made).scalar_one()
        runs.forget_all(tx, name)
        tx.execute(delete(connector_account).where(account.connector == name))
        for its_own in (connector_finding, connector_refusal):
            tx.execute(delete(its_own).where(its_own.c.connector == name))
        tx.execute(delete(connector).where(connector.c.name == name))
        readers.forget(tx, reader_of(name))
        its = about(tx, found.definition)
        record(tx, CONNECTOR_REMOVED, actor, **its, name=name, accounts=count)
    return count


def pause(installation: Installation, actor: Actor, name: str) -> bool:
    """Nothing is done in its application until it is resumed. False: it was paused already."""
    with installation.database.write() as tx:
        return pause_within(tx, actor, name)


def pause_within(tx: Connection, actor: Actor, name: str) -> bool:
    """As `pause`, as a part of what `tx` does."""
    found = get_to_write(tx, actor, name)
    if found.paused_at is not None:
        return False
    set_values(tx, name, paused_at=now_ms())
    runs.hold(tx, name, "paused")
    record(tx, CONNECTOR_PAUSED, actor, **about(tx, found.definition), name=name)
    return True


def resume(
    installation: Installation, actor: Actor, name: str, *, losses: int | None = None
) -> bool:
    """It goes on: also when the target did not answer of late. One that the brake stopped does so
    for as many accounts that go as `losses` says. False: nothing held it."""
    with installation.database.write() as tx:
        found = get_to_write(tx, actor, name)
        held = (found.paused_at, found.stopped_at, found.retry_at)
        if not any(at is not None for at in held):
            return False
        let_go_on(tx, actor, found, losses=losses)
    return True


def ask_run(installation: Installation, actor: Actor, name: str) -> None:
    """What is due is to be done now, by whoever comes first. Raises NotFound, Forbidden."""
    with installation.database.write() as tx:
        found = get_to_write(tx, actor, name)
        runs.begin(tx, name, "ordinary", actor)
        if found.paused_at is not None:
            runs.hold(tx, name, "paused")


def let_go_on(tx: Connection, actor: Actor, found: Connector, *, losses: int | None) -> None:
    """As `resume`, of one that is held. Raises Conflict where its application was removed."""
    app = applications.find_ever(tx, found.definition.application_id)
    if app is not None and app.removed_at is not None:
        raise Conflict(APPLICATION_REMOVED, value=app.name)
    set_values(
        tx,
        found.name,
        paused_at=None,
        stopped_at=None,
        losses_found=None,
        losses_allowed=losses,
        retry_at=None,
    )
    accounts.forget_losses(tx, found.name)
    its = about(tx, found.definition)
    record(tx, CONNECTOR_RESUMED, actor, **its, name=found.name, losses=losses or 0)


def retry(installation: Installation, actor: Actor, name: str, person_id: str | None = None) -> int:
    """Try again at once what the target refused: of one person, or of all. Gives how many."""
    with installation.database.write() as tx:
        found = get_to_write(tx, actor, name)
        account = connector_account.c
        stuck = account.state.in_(("quarantined", "conflict")) | (account.tries > 0)
        query = update(connector_account).where(account.connector == name, stuck)
        if person_id is not None:
            query = query.where(account.person_id == person_id)
        count = tx.execute(query.values(state="due", tries=0, due_at=now_ms())).rowcount
        if count:
            runs.begin(tx, name, "replay", actor)
            its = about(tx, found.definition)
            if person_id is not None:
                its["subject"] = person_tag(person_id)
            record(
                tx,
                CONNECTOR_RETRIED,
                actor,
                **its,
                connector=name,
                application=found.definition.application_id,
                accounts=count,
                one=person_id is not None,
            )
    return count


def find(tx: Connection, name: str) -> Connector | None:
    """The connector of that name."""
    row = tx.execute(_named(name)).first()
    return None if row is None else _connector(row._mapping)


def list_with_account(
    tx: Connection, person_id: str
) -> Sequence[tuple[Connector, accounts.AccountState]]:
    """The connectors that had anything to do for somebody, each with their account, by name."""
    account = connector_account.c
    query = (
        select(connector, *(column.label(f"account_{column.name}") for column in account))
        .join(connector_account, account.connector == connector.c.name)
        .where(account.person_id == person_id)
        .order_by(connector.c.name)
    )
    found = []
    for row in tx.execute(query):
        its = row._mapping
        kept = {column.name: its[column.name] for column in connector.c}
        state = {column.name: its[f"account_{column.name}"] for column in account}
        found.append((_connector(kept), accounts.state_from(state)))
    return found


def skip(installation: Installation, actor: Actor, name: str, person_id: str, reason: str) -> None:
    """Leave alone what the target does not take of one person: until it is replayed, or until
    something else is due because the person leaves or comes back.

    Raises Forbidden, NotFound, Invalid, Conflict(``connector.not_stuck``).
    """
    if not reason.strip():
        raise Invalid(CONNECTOR_REASON)
    with installation.database.write() as tx:
        found = get_to_write(tx, actor, name)
        state = next(iter(accounts.find_states(tx, name, [person_id])), None)
        if state is None:
            raise NotFound(CONNECTOR_PERSON, name=name)
        if state.state not in ("quarantined", "conflict"):
            raise Conflict(CONNECTOR_NOT_STUCK)
        told = {"failed_code": "skipped", "failed_detail": reason.strip()[:300]}
        accounts.set_state(tx, name, person_id, state="skipped", tries=0, **told)
        _record_of(tx, CONNECTOR_ACCOUNT_SKIPPED, actor, found, person_id, reason=reason.strip())


def replay(
    installation: Installation, actor: Actor, name: str, person_id: str | None = None
) -> int:
    """Send again, whole, what was quarantined or skipped; of one person also what the target took.
    Gives of how many. Raises Forbidden, NotFound."""
    with installation.database.write() as tx:
        found = get_to_write(tx, actor, name)
        columns = connector_account.c
        columns_read = (columns.person_id, columns.remote_id, columns.is_leaving)
        query = select(*columns_read).where(columns.connector == name)
        if person_id is None:
            query = query.where(columns.state.in_(("quarantined", "skipped")))
        else:
            query = query.where(columns.person_id == person_id)
        chosen = tx.execute(query).all()
        if person_id is not None and not chosen:
            raise NotFound(CONNECTOR_PERSON, name=name)
        if chosen:
            runs.begin(tx, name, "replay", actor)
        for row in chosen:
            # What an account holds is as if nobody knew it. Not of one that goes: the brake counts
            # it by that; nor of one that was perhaps made: it is looked for by what was sent.
            is_kept = row.is_leaving or row.remote_id is None
            unknown = {} if is_kept else {"held": None}
            due = {"state": "due", "tries": 0, "due_at": now_ms()}
            accounts.set_state(tx, name, row.person_id, **due, **unknown)
            _record_of(tx, CONNECTOR_ACCOUNT_REPLAYED, actor, found, row.person_id)
    return len(chosen)


def _record_of(
    tx: Connection, kind: Kind, actor: Actor, found: Connector, person_id: str, **fields: str
) -> None:
    record(
        tx,
        kind,
        actor,
        subject=person_tag(person_id),
        agency=queries.home_agency_of(tx, person_id),
        connector=found.name,
        application=found.definition.application_id,
        **fields,
    )


def get(tx: Connection, name: str) -> Connector:
    """The connector. Raises NotFound."""
    found = find(tx, name)
    if found is None:
        raise NotFound(CONNECTOR_UNKNOWN, name=name)
    return found


def list_feeding(tx: Connection, application_id: str) -> Sequence[Dependant]:
    """The connectors that keep an application in step, by name."""
    rows = tx.execute(select(connector).order_by(connector.c.name))
    found = [_connector(row._mapping) for row in rows]
    return [
        Dependant(each.name, is_stopped=each.paused_at is not None)
        for each in found
        if each.definition.application_id == application_id
    ]


def list_names(tx: Connection) -> Sequence[str]:
    """Every connector's name, in order."""
    return tx.execute(select(connector.c.name).order_by(connector.c.name)).scalars().all()


def standings(tx: Connection) -> Sequence[Standing]:
    """How each connector stands."""
    account = connector_account.c
    counts: dict[str, dict[str, int]] = {}
    each = select(account.connector, account.state, func.count())
    for name, state, count in tx.execute(each.group_by(account.connector, account.state)):
        counts.setdefault(name, {})[state] = count
    failed = select(account.connector, func.count()).where(
        account.state == "due", account.tries > 0
    )
    for name, count in tx.execute(failed.group_by(account.connector)):
        counts[name]["due"] -= count
        counts[name]["failed"] = count
    finding = connector_finding.c
    untold = (
        exists()
        .where(
            finding.connector == connector.c.name,
            finding.kind == "groups",
            finding.found_in == connector.c.reconcile_round,
        )
        .label("groups_untold")
    )
    found = []
    for row in tx.execute(select(connector, untold).order_by(connector.c.name)):
        kept = {**row._mapping}
        is_untold = bool(kept.pop("groups_untold"))
        found.append(_standing(_connector(kept), counts.get(row.name, {}), is_untold))
    return found


def _standing(found: Connector, counts: Mapping[str, int], groups_untold: bool) -> Standing:
    return Standing(
        found,
        in_step=counts.get("in_step", 0),
        waiting=counts.get("due", 0),
        failed=counts.get("failed", 0),
        quarantined=counts.get("quarantined", 0),
        conflicts=counts.get("conflict", 0),
        skipped=counts.get("skipped", 0),
        groups_untold=groups_untold,
    )


def token_of(installation: Installation, tx: Connection, name: str) -> str:
    """What it shows its target; empty when it has none."""
    query = select(connector.c.token_sealed).where(connector.c.name == name)
    sealed = tx.execute(query).scalar()
    if sealed is None:
        return ""
    return installation.keyring.open(TARGET_TOKEN, name, sealed).decode()


def open_target_of(installation: Installation, name: str) -> Target:
    """What it works with, for one turn. Raises NotFound."""
    with installation.database.read() as tx:
        its = get(tx, name).definition
        token = token_of(installation, tx, name)
    access = Access(its.target, token, tuple(its.attributes))
    return open_target(installation.settings, find_kinds()[its.target.kind], access)


def rules_of(tx: Connection, found: Connector) -> str:
    """All that decides about everybody at once, and the day: grants and posts begin and end at
    midnight."""
    app = applications.find(tx, found.definition.application_id)
    its = find_release(tx, found.definition.application_id)
    version = its.version if its is not None else 0
    rules = hashlib.sha256(f"{found.source}\n{app!r}\n{version}".encode()).hexdigest()[:40]
    return f"{today().isoformat()} {rules}"


def reader_of(name: str) -> str:
    """Under which name it reads the changes."""
    return f"connector:{name}"


def set_values(tx: Connection, name: str, **values: object) -> None:
    """Change what is kept of how it stands."""
    tx.execute(update(connector).where(connector.c.name == name).values(values))


def get_to_write(tx: Connection, actor: Actor, name: str) -> Connector:
    """The connector, which nobody else changes until `tx` ends. Raises NotFound, Forbidden."""
    row = tx.execute(_named(name).with_for_update()).first()
    if row is None:
        raise NotFound(CONNECTOR_UNKNOWN, name=name)
    found = _connector(row._mapping)
    _require(tx, actor, found.definition)
    return found


def get_to_look_ahead(tx: Connection, actor: Actor, name: str) -> Connector:
    """As `get_to_write`, of one that nothing is done to."""
    found = get(tx, name)
    _require(tx, actor, found.definition)
    return found


def _named(name: str) -> Select[Any]:
    return select(connector).where(connector.c.name == name)


def about(tx: Connection, definition: Definition) -> dict[str, str]:
    """Of what events of it are, and in whose log they stand."""
    app = applications.find_ever(tx, definition.application_id)
    owner = app.owner_agency_id if app is not None else ""
    return {"subject": about_application(definition.application_id), "agency": owner}


def about_application(application_id: str) -> str:
    """The tag of what events of its connector are about."""
    return client_tag(application_id)


def _connector(row: RowMapping | Mapping[str, Any]) -> Connector:
    kept: dict[str, Any] = {**row}
    source = str(kept.pop("definition"))
    has_token = kept.pop("token_sealed") is not None
    return Connector(
        definition=read(source),
        source=source,
        has_token=has_token,
        **kept,
    )
