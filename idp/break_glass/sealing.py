"""Making an account for emergencies, and sealing it: on the server, with both holders there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from directory.actor import Actor, system
from directory.audit.log import person_tag, record
from directory.authz import grants
from directory.authz.decisions import require
from directory.authz.grants import Approval, Grant
from directory.authz.objects import InPlace
from directory.authz.permissions import ADMIN_APPLICATION, PROVINCE_OPERATOR
from directory.clock import DAY, HOUR
from directory.errors import AppError, Conflict, Invalid, NotFound
from directory.installation import Installation
from directory.notices import service as notices
from directory.people.credentials import clear_password
from directory.people.service import NewPerson, add_person
from directory.projection import queries
from directory.projection.apply import touch_person
from directory.projection.queries import PersonRow
from idp.break_glass import store
from idp.break_glass.errors import (
    BREAK_GLASS_HOLDERS,
    BREAK_GLASS_SEAL_NOT_WHOLE,
    BREAK_GLASS_UNKNOWN,
)
from idp.break_glass.events import BREAK_GLASS_CREATED, BREAK_GLASS_SEALED
from idp.break_glass.permissions import BreakGlassPermission
from idp.break_glass.store import Account
from idp.factors import service as factor_service
from idp.factors.held import Factor
from idp.slips import service as slips
from idp.slips import store as slip_store

SEALED_DAYS = 400
_BY_ITSELF = system("break_glass")
_PROVINCE = InPlace("")


@dataclass(frozen=True)
class Sealed:
    """A new seal. The halves of the code are told this once. `expires_at` in ms."""

    account: PersonRow
    holders: tuple[PersonRow, PersonRow]
    expires_at: int
    address: str
    halves: tuple[str, str] = field(repr=False)


@dataclass(frozen=True)
class Shown:
    """An account with who keeps its halves; None for who is not there any more. `counts_until`
    (ms): of the seal; None where no code counts."""

    account: Account
    person: PersonRow | None
    holders: tuple[PersonRow | None, PersonRow | None]
    counts_until: int | None


def create(
    installation: Installation, actor: Actor, username: str, holder_id: str, second_holder_id: str
) -> PersonRow:
    """A new account beside that of the first holder, with every power of an operator of the
    province, and no way in until it is sealed.

    Raises Forbidden, Conflict(``break_glass.holders``), and as `add_person` and `add_grant`.
    """
    with installation.database.read() as tx:
        require(tx, actor, BreakGlassPermission.SEAL, _PROVINCE)
        owner, second = (queries.person(tx, each) for each in (holder_id, second_holder_id))
        if owner is None or second is None or holder_id == second_holder_id:
            raise Invalid(BREAK_GLASS_HOLDERS, field="second_holder")
        if any(
            each.status not in slip_store.WAITING or each.administrator_of
            for each in (owner, second)
        ):
            raise Invalid(BREAK_GLASS_HOLDERS, field="second_holder")
        agency = queries.home_agency_of(tx, holder_id)
        tops = [place.id for place in queries.list_agencies(tx, parent_id="")]
    new = NewPerson(
        username=username,
        full_name=f"Tài khoản khẩn cấp {username}",
        agency_id=agency,
        title="Tài khoản khẩn cấp",
        administrator_of=holder_id,
    )
    made = add_person(installation, actor, new)
    with installation.database.write() as tx:
        # Two stand before the server; the register of privileged roles tells how it was given.
        for top in tops:
            grants.add_grant(tx, actor, _grant(made.id, top), Approval(_BY_ITSELF))
        store.add(tx, actor, made.id, second_holder_id)
        record(tx, BREAK_GLASS_CREATED, actor, **_filed(tx, made.id))
        person = queries.person(tx, made.id)
    assert person is not None  # noqa: S101 - narrows the type: it was just written
    return person


def seal(
    installation: Installation, actor: Actor, factors: Sequence[Factor], person_id: str
) -> Sealed:
    """A new code in two halves; whatever gave entry before counts no more.

    Raises Forbidden, NotFound(``break_glass.unknown``), Conflict(``slip.standing``),
    Conflict(``break_glass.seal_not_whole``) where its password was set meanwhile.
    """
    with installation.database.read() as tx:
        require(tx, actor, BreakGlassPermission.SEAL, _PROVINCE)
        if store.find(tx, person_id) is None:
            raise NotFound(BREAK_GLASS_UNKNOWN)
        slips.require_waiting(tx, person_id)
    clear_password(installation, actor, person_id, "")
    factor_service.reset(installation, actor, factors, person_id, "niêm phong")
    return installation.database.retrying(
        lambda tx: _seal_within(tx, installation, actor, person_id)
    )


def _seal_within(
    tx: Connection, installation: Installation, actor: Actor, person_id: str
) -> Sealed:
    account = store.take(tx, person_id)
    if account is None:
        raise NotFound(BREAK_GLASS_UNKNOWN)
    touch_person(tx, person_id, end_sessions=True)
    made = slips.issue_within(
        tx,
        installation,
        actor,
        person_id,
        "break_glass",
        "niêm phong",
        is_agreed=True,
        hours=SEALED_DAYS * DAY // HOUR,
    )
    if made.slip.state != "open":
        raise Conflict(BREAK_GLASS_SEAL_NOT_WHOLE)
    if account.notice_id:
        _take_down(tx, actor, account.notice_id)
    store.note_sealed(tx, actor, person_id)
    record(tx, BREAK_GLASS_SEALED, actor, **_filed(tx, person_id), until=made.slip.expires_at)
    owner = queries.person(tx, made.person.administrator_of)
    second = queries.person(tx, account.second_holder_id)
    if owner is None or second is None:
        raise Invalid(BREAK_GLASS_HOLDERS, field="second_holder")
    letters = made.code.split("-")
    half = len(letters) // 2
    return Sealed(
        made.person,
        (owner, second),
        made.slip.expires_at,
        made.url.partition("#")[0],
        ("-".join(letters[:half]), "-".join(letters[half:])),
    )


def list_shown(installation: Installation, actor: Actor) -> Sequence[Shown]:
    """All of them. Raises Forbidden."""
    with installation.database.read() as tx:
        require(tx, actor, BreakGlassPermission.READ, _PROVINCE)
        return [shown_of(tx, account) for account in store.list_all(tx)]


def shown_of(tx: Connection, account: Account) -> Shown:
    """An account with who keeps it."""
    person = queries.person(tx, account.person_id)
    owner = queries.person(tx, person.administrator_of) if person is not None else None
    found = slip_store.list_open(tx, account.person_id)
    until = next((each.expires_at for each in found if each.purpose == "break_glass"), None)
    second = queries.person(tx, account.second_holder_id)
    return Shown(account, person, (owner, second), until)


def _take_down(tx: Connection, actor: Actor, notice_id: str) -> None:
    try:
        notices.take_down(tx, actor, notice_id)
    except AppError:
        return  # somebody has taken it down


def _grant(person_id: str, place_id: str) -> Grant:
    return Grant(
        ADMIN_APPLICATION,
        PROVINCE_OPERATOR,
        "person",
        person_id,
        place_id,
        reason="Tài khoản khẩn cấp, niêm phong",
    )


def _filed(tx: Connection, person_id: str) -> dict[str, str]:
    agency = queries.home_agency_of(tx, person_id)
    return {"subject": person_tag(person_id), "agency": agency}
