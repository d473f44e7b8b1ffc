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
from directory.catalogue.person import person_dn
from directory.errors import Invalid, NotFound
from directory.installation import Installation
from directory.ldap.bind import BindResult, verify_password
from directory.ldap.entries import Change
from directory.ldap.passwords import hash_password
from directory.projection import queries
from directory.projection.apply import touch_person

_SHORTEST, _LONGEST = 15, 256


def set_password(house: Installation, actor: Actor, person_id: str, password: str) -> None:
    """Set a person's password; everything they were signed in to ends.

    Raises Invalid(``password.*``) when the policy refuses it, NotFound.
    """
    normal = unicodedata.normalize("NFC", password)
    with house.database.read() as tx:
        person = queries.person(tx, person_id)
        if person is None:
            raise NotFound("person.unknown")
        if not (actor.kind == "person" and actor.id == person_id):
            require(tx, actor, "people:set-password", OfPerson(person_id))
    check_password_policy(normal, person.username)
    by_self = actor.kind == "person" and actor.id == person_id
    with house.database.write() as tx:
        _announce(tx, actor, person_id)
    with _replaced(house, person_id, (hash_password(normal),)) as tx:
        record(tx, "person.password.set", actor, **_filed(tx, person_id), by_self=by_self)


def clear_password(house: Installation, actor: Actor, person_id: str, reason: str) -> None:
    """Take a person's password away: they cannot sign in until one is set again."""
    with house.database.write() as tx:
        require(tx, actor, "people:set-password", OfPerson(person_id))
        _announce(tx, actor, person_id)
    with _replaced(house, person_id, ()) as tx:
        record(tx, "person.password.cleared", actor, **_filed(tx, person_id), reason=reason)


def _announce(tx: Connection, actor: Actor, person_id: str) -> None:
    """Written before LDAP is asked: where no outcome follows, it is not known.

    Sessions end before the new password works: a crash in between costs a sign-in.
    """
    touch_person(tx, person_id, end_sessions=True)
    by_self = actor.kind == "person" and actor.id == person_id
    where = _filed(tx, person_id)
    record(tx, "person.password.change_requested", actor, **where, by_self=by_self)


def _filed(tx: Connection, person_id: str) -> dict[str, str]:
    agency = queries.home_agency_of(tx, person_id)
    return {"subject": person_tag(person_id), "agency": agency}


@contextmanager
def _replaced(house: Installation, person_id: str, values: tuple[str, ...]) -> Iterator[Connection]:
    """Replace the password; the block tells of it in the transaction that ends the sessions once
    more: the old password worked until now."""
    dn = person_dn(person_id, house.settings.suffix)
    try:
        house.credentials.modify(dn, [Change("replace", "userPassword", values)])
    except BaseException:
        with house.database.write() as tx:
            touch_person(tx, person_id, end_sessions=True)
        raise
    with house.database.write() as tx:
        touch_person(tx, person_id, end_sessions=True)
        yield tx


def check_password_policy(password: str, username: str) -> None:
    """Refuse what the policy refuses: length, and the person's own name."""
    if len(password) < _SHORTEST:
        raise Invalid("password.too_short", field="password", shortest=_SHORTEST)
    if len(password) > _LONGEST:
        raise Invalid("password.too_long", field="password", longest=_LONGEST)
    if username and username in password.lower():
        raise Invalid("password.contains_username", field="password")
    if len(set(password)) < 5:
        raise Invalid("password.too_simple", field="password")
    if not _is_typable(password):
        raise Invalid("password.characters", field="password")


def _is_typable(password: str) -> bool:
    """Whether no form or bind will ever refuse it: slapd takes NUL for an end, a form a line break
    for another; half a surrogate is no text."""
    return not any(unicodedata.category(char) in ("Cc", "Cs") for char in password)


def check_password(house: Installation, person_id: str, password: str) -> BindResult:
    """What slapd says to this password. Raises Unavailable when it cannot be asked.

    An id nobody has answers as a wrong password, after the same work.
    """
    return verify_password(
        house.settings,
        person_dn(person_id, house.settings.suffix),
        unicodedata.normalize("NFC", password),
    )
