"""The authorities whose certificates count: kept in SQL, so that all servers know the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection, RowMapping, delete, insert, select

from directory import clock
from idp.factors.certificate.reading import facts_of
from idp.factors.certificate.tables import certificate_authority, revoked_certificate

_columns = certificate_authority.c


@dataclass(frozen=True, slots=True)
class Authority:
    """One trusted authority. `id`: SHA-256 of its certificate. `policies`: the OIDs of which its
    certificates must name one, none for whatever it issues. `crl_url`: where its list of revoked
    certificates is; `without_crl`: why nobody looks at one. Times in ms, None: there is no list."""

    id: str
    subject: str
    certificate: x509.Certificate
    not_after: int
    policies: tuple[str, ...]
    crl_url: str
    without_crl: str
    added_at: int
    crl_this_update: int | None
    crl_next_update: int | None
    crl_problem: str
    crl_due_at: int

    @property
    def is_root(self) -> bool:
        """Whether it stands for itself."""
        return self.certificate.issuer == self.certificate.subject

    @property
    def has_current_list(self) -> bool:
        """Whether what is revoked is known: no list is older than it says itself."""
        ends = self.crl_next_update
        return bool(self.without_crl) or (ends is not None and clock.now_ms() < ends)


def list_all(tx: Connection) -> list[Authority]:
    """All of them, as they were added."""
    query = select(certificate_authority).order_by(_columns.added_at, _columns.id)
    return [_authority(row._mapping) for row in tx.execute(query)]


def find(tx: Connection, authority_id: str) -> Authority | None:
    """One of them, by its fingerprint or the beginning of it that no other has."""
    wanted = authority_id.replace(":", "").lower()
    found = [each for each in list_all(tx) if len(wanted) >= 8 and each.id.startswith(wanted)]
    return found[0] if len(found) == 1 else None


def add(
    tx: Connection,
    made: x509.Certificate,
    *,
    policies: Sequence[str],
    crl_url: str,
    without_crl: str,
) -> Authority:
    """It is trusted from now on."""
    facts = facts_of(made)
    tx.execute(
        insert(certificate_authority).values(
            id=facts.fingerprint,
            subject=facts.subject,
            der=made.public_bytes(Encoding.DER),
            not_after=facts.not_after,
            policies=" ".join(policies),
            crl_url=crl_url,
            without_crl=without_crl,
            added_at=clock.now_ms(),
            crl_problem="",
            crl_due_at=0,
        )
    )
    row = tx.execute(select(certificate_authority).where(_columns.id == facts.fingerprint)).one()
    return _authority(row._mapping)


def remove(tx: Connection, authority_id: str) -> None:
    """Nobody trusts it any more."""
    tx.execute(
        delete(revoked_certificate).where(revoked_certificate.c.authority_id == authority_id)
    )
    tx.execute(delete(certificate_authority).where(_columns.id == authority_id))


def issuer_among(
    certificate: x509.Certificate, authorities: Sequence[Authority]
) -> Authority | None:
    """Who of them has signed it."""
    return next((each for each in authorities if has_issued(each, certificate)), None)


def has_issued(authority: Authority, certificate: x509.Certificate) -> bool:
    """Whether this authority has signed it."""
    try:
        certificate.verify_directly_issued_by(authority.certificate)
    except Exception:  # another name, a wrong signature, a kind of signature nobody knows
        return False
    return True


def _authority(row: RowMapping) -> Authority:
    return Authority(
        row["id"],
        row["subject"],
        x509.load_der_x509_certificate(bytes(row["der"])),
        row["not_after"],
        tuple(row["policies"].split()),
        row["crl_url"],
        row["without_crl"],
        row["added_at"],
        row["crl_this_update"],
        row["crl_next_update"],
        row["crl_problem"],
        row["crl_due_at"],
    )
