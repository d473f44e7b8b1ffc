"""Authenticator applications that somebody else sets up for a person."""

from __future__ import annotations

from dataclasses import dataclass

from directory.actor import Actor
from directory.audit.log import person_tag, record
from directory.authz.decisions import require
from directory.authz.objects import OfPerson
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.errors import Conflict, Invalid, NotFound
from directory.installation import Installation
from directory.projection import queries
from directory.text import clean
from idp.factors.messages import AUTHENTICATOR, FACTOR_ADDED, tell
from idp.factors.permissions import FactorPermission
from idp.factors.totp import codes, store
from idp.factors.totp.errors import TOTP_DEMO_ONLY, TOTP_NAME, TOTP_NONE, TOTP_TOO_MANY
from idp.factors.totp.events import TOTP_ADDED


@dataclass(frozen=True, slots=True)
class Given:
    """A new application: what it is to be told, which nobody is shown again."""

    id: str
    name: str
    secret: str
    address: str


def give(installation: Installation, actor: Actor, person_id: str, name: str) -> Given:
    """A new application for a person, whose secret is handed over by other means.

    Raises NotFound, Invalid(``totp.name``), Conflict(``totp.too_many``).
    """
    name = clean(name)
    if not 0 < len(name) <= store.LONGEST_NAME:
        raise Invalid(TOTP_NAME, field="name", most=store.LONGEST_NAME)
    with installation.database.write() as tx:
        require(tx, actor, FactorPermission.GIVE, OfPerson(person_id))
        person = queries.person(tx, person_id)
        if person is None:
            raise NotFound(PERSON_UNKNOWN)
        if store.is_full(tx, person_id):
            raise Conflict(TOTP_TOO_MANY, most=store.MOST)
        made, secret = store.add(tx, installation.keyring, person_id, name)
        record(
            tx,
            TOTP_ADDED,
            actor,
            subject=person_tag(person_id),
            agency=queries.home_agency_of(tx, person_id),
            authenticator=made.id,
            name=made.name,
        )
        tell(tx, installation, FACTOR_ADDED, person_id, AUTHENTICATOR, made.name)
    issuer = issuer_name(installation)
    return Given(made.id, made.name, secret, codes.address_of(secret, person.username, issuer))


def issuer_name(installation: Installation) -> str:
    """What authenticator applications call us."""
    return f"Danh Mục {installation.settings.province}"


def next_code(installation: Installation, person_id: str) -> tuple[str, int]:
    """In a demo: the next code of a person that counts, and from when on (ms).

    Raises Conflict(``totp.demo_only``) elsewhere, NotFound(``totp.none``).
    """
    if not installation.settings.demo:
        raise Conflict(TOTP_DEMO_ONLY)
    with installation.database.read() as tx:
        found = store.next_code(tx, installation.keyring, person_id)
    if found is None:
        raise NotFound(TOTP_NONE)
    return found
