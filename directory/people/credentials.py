"""Passwords: set by our service alone, verified by slapd alone, never read by anyone."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from directory import faults
from directory.actor import Actor
from directory.audit.log import person_tag, record
from directory.authz.decisions import require
from directory.authz.objects import OfPerson
from directory.authz.scopes import admin_roles_of
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.catalogue.person import Status, person_dn, standing_of
from directory.clock import now_ms
from directory.errors import Conflict, Invalid, NotFound, refuse
from directory.installation import Installation
from directory.ldap.bind import BindResult, verify_password
from directory.ldap.entries import Change
from directory.ldap.hash_slots import HashSlots
from directory.ldap.passwords import LONGEST_PASSWORD, hash_password, matches, normal_form
from directory.messages.sending import send
from directory.passwords import ageing, changing, history
from directory.passwords.checking import faults_of
from directory.passwords.errors import PASSWORD_CHANGED_MEANWHILE, PASSWORD_FORMER
from directory.passwords.made_of import Owner
from directory.passwords.policy import PasswordPolicy, may_end, policy_of
from directory.people import service
from directory.people.errors import (
    PASSWORD_CHARACTERS,
    PASSWORD_CONTAINS_USERNAME,
    PASSWORD_TOO_LONG,
    PASSWORD_TOO_SHORT,
    PASSWORD_TOO_SIMPLE,
)
from directory.people.events import (
    PERSON_PASSWORD_CHANGE_REQUESTED,
    PERSON_PASSWORD_CLEARED,
    PERSON_PASSWORD_SET,
    PERSON_PASSWORD_TO_CHANGE,
)
from directory.people.messages import PASSWORD_CHANGED, PASSWORD_RESET
from directory.people.permissions import PeoplePermission
from directory.projection import queries
from directory.projection.apply import touch_person
from directory.projection.queries import PersonRow
from directory.settings import Settings

RIGHT = frozenset({BindResult.ACCEPTED, BindResult.EXPIRED, BindResult.MUST_CHANGE})
"""What slapd says to the password there is, whatever it opens."""
# slapd says so at each bind, whoever asks, until another password is set.
_MUST_CHANGE = Change("replace", "pwdReset", ("TRUE",))
_FEWEST_DIFFERENT = 5  # characters
# Neither seen nor typed: controls, halves of characters, what is private or not assigned (whose
# normal form a later Unicode may change), line separators, invisible marks.
_UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Cf"})
_JOINERS = "\u200c\u200d"  # keyboards type them: between letters, and inside one picture


def _always(_tx: Connection) -> bool:
    return True


def _nothing(_tx: Connection) -> None:
    return


def set_password(
    installation: Installation,
    actor: Actor,
    person_id: str,
    password: str,
    *,
    is_temporary: bool = False,
    is_second_enforced: bool = False,
    still: Callable[[Connection], bool] = _always,
    spare: Callable[[Connection], None] = _nothing,
) -> None:
    """Set a person's password; everything they were signed in to ends, and whoever is pending is
    active. Whoever is suspended stays so, and is active once resumed. `is_temporary`: it is good
    for setting another one, and opens nothing. `is_second_enforced`: they cannot sign in without a
    second factor. `still`: asked in the transaction that begins the change, whether what entitles
    to it counts, and uses it up; of two at once one finds that it does not. `spare`: called in each
    transaction that ends what they were signed in to, for what of it is to go on.

    Raises Invalid(``password.*``) when the policy refuses it, NotFound,
    Conflict(``password.changed_meanwhile``), Unavailable (``password.changing`` too).
    """
    settings = installation.settings
    by_self = actor.kind == "person" and actor.id == person_id
    with installation.database.read() as tx:
        person = queries.person(tx, person_id)
        if person is None:
            raise NotFound(PERSON_UNKNOWN)
        if not by_self:
            require(tx, actor, PeoplePermission.SET_PASSWORD, OfPerson(person_id))
        owner = owner_of(tx, settings, person)
        policy = policy_for(tx, settings, person)
    check_password_policy(settings, password, owner, policy, is_second_enforced=is_second_enforced)
    _refuse_former(installation, person_id, policy, password)
    hashed = hash_password(password)

    def begin(tx: Connection) -> _Change:
        return _begin(installation, tx, actor, person_id, policy, hashed, still, spare)

    change = installation.database.retrying(begin)
    with _replaced(installation, change, (hashed,), is_temporary=is_temporary) as tx:
        if change.former:
            history.confirm(tx, person_id, change.former, policy.remembered)
        else:
            history.forget(tx, person_id)
        where = _filed(tx, person_id)
        record(tx, PERSON_PASSWORD_SET, actor, **where, part_of=change.act, by_self=by_self)
        kind = PASSWORD_CHANGED if by_self else PASSWORD_RESET
        send(tx, installation, kind, person_id, at=now_ms())
    service.activate(installation, actor, person_id, change.act)


def clear_password(installation: Installation, actor: Actor, person_id: str, reason: str) -> None:
    """Take a person's password away: they cannot sign in until one is set again."""

    def begin(tx: Connection) -> _Change:
        changing.take_turn(tx, person_id)
        require(tx, actor, PeoplePermission.SET_PASSWORD, OfPerson(person_id))
        return _announced(tx, actor, person_id, "", _nothing)

    change = installation.database.retrying(begin)
    with _replaced(installation, change, ()) as tx:
        where = _filed(tx, person_id)
        record(tx, PERSON_PASSWORD_CLEARED, actor, **where, part_of=change.act, reason=reason)


def require_change(
    installation: Installation,
    actor: Actor,
    person_id: str,
    reason: str,
    *,
    still: Callable[[Connection], bool] = _always,
    told: Callable[[Connection], None] = _nothing,
) -> None:
    """The password there is opens nothing more but the page that sets another one; everything the
    person is signed in to ends. `reason`: a word of `CHANGE_REASONS`. `still`: as in
    `set_password`. `told`: called in the transaction in which it is so.

    Raises NotFound, Conflict(``password.changed_meanwhile``), Unavailable.
    """

    def begin(tx: Connection) -> str:
        changing.take_turn(tx, person_id)
        require(tx, actor, PeoplePermission.SET_PASSWORD, OfPerson(person_id))
        if queries.person(tx, person_id) is None:
            raise NotFound(PERSON_UNKNOWN)
        if not still(tx):
            raise Conflict(PASSWORD_CHANGED_MEANWHILE)
        return changing.begin(tx, person_id)

    change = _Change(person_id, installation.database.retrying(begin), "", "", _nothing)
    dn = person_dn(person_id, installation.settings.suffix)
    with _written(installation, change, dn, [_MUST_CHANGE]) as tx:
        record(tx, PERSON_PASSWORD_TO_CHANGE, actor, **_filed(tx, person_id), reason=reason)
        told(tx)


@dataclass(frozen=True, slots=True)
class _Change:
    """One that was announced. `id`: of its turn; `act`: the event; `former`: the id of the hash
    that is kept of the new password, empty where none is."""

    person_id: str
    id: str
    act: str
    former: str
    spare: Callable[[Connection], None]


def _begin(
    installation: Installation,
    tx: Connection,
    actor: Actor,
    person_id: str,
    policy: PasswordPolicy,
    hashed: str,
    still: Callable[[Connection], bool],
    spare: Callable[[Connection], None],
) -> _Change:
    changing.take_turn(tx, person_id)
    if not still(tx):
        raise Conflict(PASSWORD_CHANGED_MEANWHILE)
    former = history.note(tx, installation.keyring, person_id, hashed) if policy.remembered else ""
    return _announced(tx, actor, person_id, former, spare)


def _announced(
    tx: Connection, actor: Actor, person_id: str, former: str, spare: Callable[[Connection], None]
) -> _Change:
    """Written before LDAP is asked: where no outcome follows, it is not known.

    Sessions end before the new password works: a crash in between costs a sign-in.
    """
    turn = changing.begin(tx, person_id)
    touch_person(tx, person_id, end_sessions=True)
    spare(tx)
    by_self = actor.kind == "person" and actor.id == person_id
    where = _filed(tx, person_id)
    act = record(tx, PERSON_PASSWORD_CHANGE_REQUESTED, actor, **where, by_self=by_self)
    return _Change(person_id, turn, act, former, spare)


def _filed(tx: Connection, person_id: str) -> dict[str, str]:
    agency = queries.home_agency_of(tx, person_id)
    return {"subject": person_tag(person_id), "agency": agency}


@contextmanager
def _replaced(
    installation: Installation,
    change: _Change,
    values: tuple[str, ...],
    *,
    is_temporary: bool = False,
) -> Iterator[Connection]:
    """Replace the password; the block tells of it in the transaction that ends the sessions once
    more: the old password worked until now."""
    dn = person_dn(change.person_id, installation.settings.suffix)
    changes = [Change("replace", "userPassword", values)]
    if is_temporary:
        changes.append(_MUST_CHANGE)
    with _written(installation, change, dn, changes) as tx:
        yield tx


@contextmanager
def _written(
    installation: Installation, change: _Change, dn: str, changes: Sequence[Change]
) -> Iterator[Connection]:
    try:
        faults.reach("password.announced")
        installation.credentials.modify(dn, changes)
        faults.reach("password.written")
    except BaseException:
        with installation.database.write() as tx:
            _end(tx, change)
        raise
    with installation.database.write() as tx:
        _end(tx, change)
        yield tx


def _end(tx: Connection, change: _Change) -> None:
    changing.take_turn(tx, change.person_id)
    changing.end(tx, change.person_id, change.id)
    touch_person(tx, change.person_id, end_sessions=True)
    change.spare(tx)


def end_left_over(tx: Connection) -> None:
    """Whoever died while changing a password may have written it: what was opened with the old one
    until then ends as well."""
    for person_id in changing.take_left_over(tx):
        touch_person(tx, person_id, end_sessions=True)


def note_profile(installation: Installation) -> None:
    """The worker's job: since when the installation has the profile it has."""
    ageing.note_profile(installation.database, installation.settings)


def password_ends_at(tx: Connection, settings: Settings, person: PersonRow) -> int | None:
    """Until when (ms) the person's password is good; None: it does not end."""
    if not may_end(settings):
        return None
    return ageing.ends_at(tx, settings, policy_for(tx, settings, person), person.id)


def _refuse_former(
    installation: Installation, person_id: str, policy: PasswordPolicy, password: str
) -> None:
    """Raise Invalid(``password.former``) where the policy remembers this one."""
    if not policy.remembered:
        return
    with installation.database.read() as tx:
        kept = history.list_former(tx, installation.keyring, person_id, policy.remembered)
    with HashSlots(installation.settings.run_dir).slot():
        matching = [former for former in kept if matches(password, former.hash)]
    is_present = check_password(installation, person_id, password) in RIGHT
    # What a crash left unmarked and slapd takes now is being set again; nothing else is lost by it.
    is_unfinished = bool(matching) and not any(former.is_certain for former in matching)
    if any(former.is_certain for former in matching) or (is_present and not is_unfinished):
        raise Invalid(PASSWORD_FORMER, field="password", count=policy.remembered)


def check_password_policy(
    settings: Settings,
    password: str,
    owner: Owner,
    policy: PasswordPolicy | None = None,
    *,
    is_second_enforced: bool = False,
) -> None:
    """Refuse what the policy refuses; all that is wrong is told at once (`Invalid.also`).

    All is judged in the form that is kept and compared. Without `policy`: that of people.
    """
    policy = policy or policy_of(settings, "person")
    normal, shortest = normal_form(password), policy.least(is_second_enforced=is_second_enforced)
    if len(normal) > LONGEST_PASSWORD:
        raise Invalid(PASSWORD_TOO_LONG, field="password", longest=LONGEST_PASSWORD)
    found = []
    if len(normal) < shortest:
        found.append(Invalid(PASSWORD_TOO_SHORT, field="password", shortest=shortest))
    if owner.username and owner.username in normal.lower():
        found.append(Invalid(PASSWORD_CONTAINS_USERNAME, field="password"))
    elif len(set(normal)) < _FEWEST_DIFFERENT:
        found.append(Invalid(PASSWORD_TOO_SIMPLE, field="password"))
    if not all(map(_can_be_typed, normal)):
        found.append(Invalid(PASSWORD_CHARACTERS, field="password"))
    refuse(found or list(faults_of(settings, policy, normal, owner)))


def owner_of(tx: Connection, settings: Settings, person: PersonRow) -> Owner:
    """What others know of whose password it is to be."""
    places = {place for post in person.posts for place in (post.agency_id, post.unit_id) if place}
    named = queries.agencies_by_id(tx, list(places)).values()
    of_places = [text for place in named for text in (place.name, place.code, place.short_name)]
    of_province = (settings.province, settings.operator_name, settings.mail_domain)
    return Owner(person.username, (person.full_name, *of_places, *of_province))


def policy_for(tx: Connection, settings: Settings, person: PersonRow) -> PasswordPolicy:
    """That of their kind of account."""
    is_administrator = person.administrator_of or admin_roles_of(tx, person.id)
    return policy_of(settings, "administrator" if is_administrator else "person")


def _can_be_typed(char: str) -> bool:
    """Whether who sees a character can type it again. slapd would compare all but NUL; yet what
    nobody sees is never meant, and missing at the next keyboard."""
    return char in _JOINERS or unicodedata.category(char) not in _UNSEEN


def present_standing(installation: Installation, person_id: str) -> Status:
    """What the catalogue itself says at this moment, whatever the projection does.

    It lags a little behind changes made past the services, and stands still while the feed's brake
    is on; a withdrawal counts at a sign-in none the less. Raises Unavailable.
    """
    entry = installation.ldap.read(person_dn(person_id, installation.settings.suffix), ["dmStatus"])
    return "left" if entry is None else standing_of(entry)


def check_password(installation: Installation, person_id: str, password: str) -> BindResult:
    """What slapd says to this password. Raises Unavailable when it cannot be asked.

    An id nobody has answers as a wrong password, after the same work.
    """
    dn = person_dn(person_id, installation.settings.suffix)
    return verify_password(installation.settings, dn, password)
