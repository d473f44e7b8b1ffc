"""Certificates of other people, and the authorities that count: what administrators do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cryptography import x509
from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.log import person_tag, record
from directory.authz.decisions import require
from directory.authz.objects import InPlace, OfPerson
from directory.catalogue.errors import PERSON_UNKNOWN
from directory.errors import Conflict, Invalid, NotFound, Words
from directory.installation import Installation
from directory.outbound import policy
from directory.projection import queries
from directory.projection.apply import touch_person
from idp.factors.certificate import authorities, faults, revocation, store, verifying
from idp.factors.certificate.authorities import Authority
from idp.factors.certificate.errors import (
    AUTHORITY_CHAIN,
    AUTHORITY_KNOWN,
    AUTHORITY_LIST_ADDRESS,
    AUTHORITY_NEEDED,
    AUTHORITY_NO_LIST,
    AUTHORITY_POLICY,
    AUTHORITY_UNFIT,
    AUTHORITY_UNKNOWN,
    AUTHORITY_WEAK,
    CERTIFICATE_REASON,
    CERTIFICATE_REFUSED,
    CERTIFICATE_TAKEN,
    CERTIFICATE_TOO_MANY,
    CERTIFICATE_UNKNOWN,
    CERTIFICATE_UNREADABLE,
)
from idp.factors.certificate.events import (
    AUTHORITY_ADDED,
    AUTHORITY_LIST_TAKEN,
    AUTHORITY_REMOVED,
    CERTIFICATE_BOUND,
    CERTIFICATE_HANDED_BACK,
    CERTIFICATE_REMOVED,
)
from idp.factors.certificate.permissions import CertificatePermission
from idp.factors.certificate.reading import LONGEST, facts_of, find_in_file
from idp.factors.certificate.store import Bound
from idp.factors.held import Factor, remove_stand_ins, require_another
from idp.factors.messages import CERTIFICATE, FACTOR_ADDED, FACTOR_REMOVED, tell
from idp.factors.permissions import FactorPermission

__all__ = ["LONGEST"]

_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]{0,18})){2,30}")
_URL = re.compile(r"https?://[!-~]{4,500}")
_LONGEST_REASON = 300


def bind(
    installation: Installation, actor: Actor, person_id: str, content: bytes, reason: str
) -> Bound:
    """Bind the certificate of a file to a person: for whoever stands at the counter with the
    device. `reason`: how it was made sure whose it is; nobody is found by the name in it.

    Raises NotFound, Invalid(``certificate.unreadable``, ``certificate.refused``,
    ``certificate.reason``), Conflict(``certificate.taken``, ``certificate.too_many``).
    """
    why = reason.strip()[:_LONGEST_REASON]
    with installation.database.write() as tx:
        require(tx, actor, CertificatePermission.BIND, OfPerson(person_id))
        if queries.person(tx, person_id) is None:
            raise NotFound(PERSON_UNKNOWN)
        made = find_in_file(content)
        if made is None:
            raise Invalid(CERTIFICATE_UNREADABLE)
        if not why:
            raise Invalid(CERTIFICATE_REASON, field="reason")
        verdict = verifying.judge(tx, made)
        if verdict.fault:
            raise Invalid(CERTIFICATE_REFUSED, fault=Words(*faults.FAULTS[verdict.fault]))
        require_room(tx, person_id)
        by = actor.id if actor.kind == "person" else ""
        bound = store.add(tx, person_id, facts_of(made), verdict.authority_id, by)
        if bound is None:
            raise Conflict(CERTIFICATE_TAKEN)
        record(
            tx,
            CERTIFICATE_BOUND,
            actor,
            subject=person_tag(person_id),
            agency=queries.home_agency_of(tx, person_id),
            certificate=bound.id,
            name=bound.subject,
            issuer=bound.issuer,
            serial=bound.serial,
            reason=why,
        )
        tell(tx, installation, FACTOR_ADDED, person_id, CERTIFICATE, bound.subject)
    return bound


def remove(
    installation: Installation,
    actor: Actor,
    factors: Sequence[Factor],
    person_id: str,
    certificate: str,
    reason: str = "",
) -> Bound:
    """Take one certificate (by id, or by the serial number that no other of theirs has) away, and
    end the person's sessions: whoever has the device may have one.

    Raises NotFound(``certificate.unknown``), Conflict(``factor.last``).
    """
    wanted = certificate.replace(":", "").lower()
    with installation.database.write() as tx:
        require(tx, actor, FactorPermission.RESET, OfPerson(person_id))
        if queries.person(tx, person_id) is None:
            raise NotFound(PERSON_UNKNOWN)
        found = [each for each in store.list_of(tx, person_id) if wanted in (each.id, each.serial)]
        if len(found) != 1:
            raise NotFound(CERTIFICATE_UNKNOWN, value=certificate)
        require_another(tx, factors, person_id)
        store.remove(tx, person_id, found[0].id)
        remove_stand_ins(tx, factors, person_id)
        touch_person(tx, person_id, end_sessions=True)
        record(
            tx,
            CERTIFICATE_REMOVED,
            actor,
            subject=person_tag(person_id),
            agency=queries.home_agency_of(tx, person_id),
            certificate=found[0].id,
            name=found[0].subject,
            serial=found[0].serial,
            reason=reason.strip()[:_LONGEST_REASON],
        )
        tell(tx, installation, FACTOR_REMOVED, person_id, CERTIFICATE, found[0].subject)
    return found[0]


def take_back(installation: Installation, actor: Actor, certificate_id: str) -> Bound:
    """The device of somebody who left is handed back; nothing is kept of it but what the log says.
    Raises NotFound(``certificate.unknown``)."""
    with installation.database.write() as tx:
        found = store.find_ended(tx, certificate_id)
        if found is None:
            raise NotFound(CERTIFICATE_UNKNOWN)
        require(tx, actor, CertificatePermission.BIND, OfPerson(found.person_id))
        store.remove(tx, found.person_id, found.id)
        record(
            tx,
            CERTIFICATE_HANDED_BACK,
            actor,
            subject=person_tag(found.person_id),
            agency=queries.home_agency_of(tx, found.person_id),
            certificate=found.id,
            name=found.subject,
            serial=found.serial,
        )
    return found


def require_room(tx: Connection, person_id: str) -> None:
    """That the person may have one more. Raises Conflict(``certificate.too_many``)."""
    if store.is_full(tx, person_id):
        raise Conflict(CERTIFICATE_TOO_MANY, most=store.MOST)


def list_authorities(installation: Installation) -> list[Authority]:
    """All that are trusted."""
    with installation.database.read() as tx:
        return authorities.list_all(tx)


def trust(
    installation: Installation,
    actor: Actor,
    content: bytes,
    *,
    policies: Sequence[str] = (),
    crl_url: str = "",
    without_crl: str = "",
) -> Authority:
    """Add an authority: a root, or one that an authority which is here has issued. The operators
    vouch that its keys lie in devices, or name the `policies` of those that do.

    Raises Invalid and Conflict (``authority.…``).
    """
    made = find_in_file(content)
    if made is None:
        raise Invalid(CERTIFICATE_UNREADABLE)
    if bool(crl_url) == bool(without_crl.strip()):
        raise Invalid(AUTHORITY_NO_LIST)
    if crl_url and not _URL.fullmatch(crl_url):
        raise Invalid(AUTHORITY_NO_LIST)
    if crl_url and (problem := policy.why_unreachable(installation.settings, crl_url)):
        raise Invalid(AUTHORITY_LIST_ADDRESS, problem=problem)
    if wrong := [each for each in policies if not _OID.fullmatch(each)]:
        raise Invalid(AUTHORITY_POLICY, value=wrong[0])
    with installation.database.write() as tx:
        require(tx, actor, CertificatePermission.TRUST, InPlace(""))
        _require_fit(tx, made)
        added = authorities.add(
            tx,
            made,
            policies=policies,
            crl_url=crl_url,
            without_crl=without_crl.strip()[:_LONGEST_REASON],
        )
        record(
            tx,
            AUTHORITY_ADDED,
            actor,
            name=added.subject,
            fingerprint=added.id,
            crl_url=added.crl_url,
            without_crl=added.without_crl,
        )
    return added


def distrust(installation: Installation, actor: Actor, authority: str) -> Authority:
    """Remove an authority, by its fingerprint or the beginning of it. What it has issued opens
    nothing from now on and stays bound. Raises NotFound, Conflict."""
    with installation.database.write() as tx:
        require(tx, actor, CertificatePermission.TRUST, InPlace(""))
        found = _authority(tx, authority)
        others = [each for each in authorities.list_all(tx) if each.id != found.id]
        if any(authorities.has_issued(found, each.certificate) for each in others):
            raise Conflict(AUTHORITY_NEEDED, value=found.subject)
        authorities.remove(tx, found.id)
        record(tx, AUTHORITY_REMOVED, actor, name=found.subject, fingerprint=found.id)
    return found


def load_list(
    installation: Installation, actor: Actor, authority: str, content: bytes
) -> tuple[Authority, int]:
    """Take a revocation list from a file; gives how many serials are new. Raises NotFound, and
    Invalid as `revocation.read`."""
    with installation.database.write() as tx:
        require(tx, actor, CertificatePermission.TRUST, InPlace(""))
        found = _authority(tx, authority)
    return found, take_list(installation, actor, found, content)


def take_list(
    installation: Installation, actor: Actor, authority: Authority, content: bytes
) -> int:
    """The list counts from now on. Raises Invalid as `revocation.read`."""
    taken = revocation.read(authority, content)
    added = revocation.keep(installation.database, authority, taken)
    if taken.this_update != authority.crl_this_update:
        with installation.database.write() as tx:
            record(
                tx,
                AUTHORITY_LIST_TAKEN,
                actor,
                name=authority.subject,
                count=len(taken.serials),
                added=added,
                until=taken.next_update,
            )
    return added


def _authority(tx: Connection, authority: str) -> Authority:
    found = authorities.find(tx, authority)
    if found is None:
        raise NotFound(AUTHORITY_UNKNOWN, value=authority)
    return found


def _require_fit(tx: Connection, made: x509.Certificate) -> None:
    known = authorities.list_all(tx)
    if any(each.certificate == made for each in known):
        raise Conflict(AUTHORITY_KNOWN)
    if not verifying.may_issue(made):
        raise Invalid(AUTHORITY_UNFIT)
    if not verifying.is_strong(made):
        raise Invalid(AUTHORITY_WEAK)
    if not verifying.is_authority_valid(made, known):
        raise Invalid(AUTHORITY_CHAIN)
