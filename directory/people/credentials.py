"""Passwords: set by our service alone, verified by slapd alone, never read by anyone."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.log import person_tag, record
from directory.authz.decisions import require
from directory.authz.objects import OfPerson
from directory.authz.scopes import admin_roles_of
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.catalogue.person import Status, person_dn, standing_of
from directory.clock import now_ms
from directory.errors import Invalid, NotFound, refuse
from directory.installation import Installation
from directory.ldap.bind import BindResult, verify_password
from directory.ldap.entries import Change
from directory.ldap.passwords import LONGEST_PASSWORD, hash_password, normal_form
from directory.messages.sending import send
from directory.passwords.checking import faults_of
from directory.passwords.made_of import Owner
from directory.passwords.policy import PasswordPolicy, policy_of
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
)
from directory.people.messages import PASSWORD_CHANGED, PASSWORD_RESET
from directory.people.permissions import PeoplePermission
from directory.projection import queries
from directory.projection.apply import touch_person
from directory.projection.queries import PersonRow
from directory.settings import Settings

_FEWEST_DIFFERENT = 5  # characters
# Neither seen nor typed: controls, halves of characters, what is private or not assigned (whose
# normal form a later Unicode may change), line separators, invisible marks.
_UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Cf"})
_JOINERS = "\u200c\u200d"  # keyboards type them: between letters, and inside one picture


def set_password(
    installation: Installation,
    actor: Actor,
    person_id: str,
    password: str,
    *,
    is_temporary: bool = False,
    is_second_enforced: bool = False,
) -> None:
    """Set a person's password; everything they were signed in to ends, and whoever is pending is
    active. Whoever is suspended stays so, and is active once resumed. `is_temporary`: it is good
    for setting another one, and opens nothing. `is_second_enforced`: they cannot sign in without a
    second factor.

    Raises Invalid(``password.*``) when the policy refuses it, NotFound.
    """
    with installation.database.read() as tx:
        person = queries.person(tx, person_id)
        if person is None:
            raise NotFound(PERSON_UNKNOWN)
        if not (actor.kind == "person" and actor.id == person_id):
            require(tx, actor, PeoplePermission.SET_PASSWORD, OfPerson(person_id))
        owner = owner_of(tx, installation.settings, person)
        policy = policy_for(tx, installation.settings, person)
    check_password_policy(
        installation.settings, password, owner, policy, is_second_enforced=is_second_enforced
    )
    by_self = actor.kind == "person" and actor.id == person_id
    with installation.database.write() as tx:
        act = _announce(tx, actor, person_id)
    changed = (hash_password(password),)
    with _replaced(installation, person_id, changed, is_temporary=is_temporary) as tx:
        where = _filed(tx, person_id)
        record(tx, PERSON_PASSWORD_SET, actor, **where, part_of=act, by_self=by_self)
        kind = PASSWORD_CHANGED if by_self else PASSWORD_RESET
        send(tx, installation, kind, person_id, at=now_ms())
    service.activate(installation, actor, person_id, act)


def clear_password(installation: Installation, actor: Actor, person_id: str, reason: str) -> None:
    """Take a person's password away: they cannot sign in until one is set again."""
    with installation.database.write() as tx:
        require(tx, actor, PeoplePermission.SET_PASSWORD, OfPerson(person_id))
        act = _announce(tx, actor, person_id)
    with _replaced(installation, person_id, ()) as tx:
        where = _filed(tx, person_id)
        record(tx, PERSON_PASSWORD_CLEARED, actor, **where, part_of=act, reason=reason)


def _announce(tx: Connection, actor: Actor, person_id: str) -> str:
    """Written before LDAP is asked: where no outcome follows, it is not known. Gives its event.

    Sessions end before the new password works: a crash in between costs a sign-in.
    """
    touch_person(tx, person_id, end_sessions=True)
    by_self = actor.kind == "person" and actor.id == person_id
    where = _filed(tx, person_id)
    return record(tx, PERSON_PASSWORD_CHANGE_REQUESTED, actor, **where, by_self=by_self)


def _filed(tx: Connection, person_id: str) -> dict[str, str]:
    agency = queries.home_agency_of(tx, person_id)
    return {"subject": person_tag(person_id), "agency": agency}


@contextmanager
def _replaced(
    installation: Installation,
    person_id: str,
    values: tuple[str, ...],
    *,
    is_temporary: bool = False,
) -> Iterator[Connection]:
    """Replace the password; the block tells of it in the transaction that ends the sessions once
    more: the old password worked until now."""
    dn = person_dn(person_id, installation.settings.suffix)
    try:
        changes = [Change("replace", "userPassword", values)]
        if is_temporary:
            # slapd says so at each bind, whoever asks, until another password is set.
            changes.append(Change("replace", "pwdReset", ("TRUE",)))
        installation.credentials.modify(dn, changes)
    except BaseException:
        with installation.database.write() as tx:
            touch_person(tx, person_id, end_sessions=True)
        raise
    with installation.database.write() as tx:
        touch_person(tx, person_id, end_sessions=True)
        yield tx


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
