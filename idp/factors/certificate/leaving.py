"""Who leaves, leaves their certificates: they open nothing any more, and the devices are to be
handed back."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from directory import clock
from directory.actor import system
from directory.audit.log import person_tag, record
from directory.installation import Installation
from directory.projection import queries
from directory.projection.tables import catalogue_person
from idp.factors.certificate.events import CERTIFICATE_ENDED
from idp.factors.certificate.tables import certificate

_AT_ONCE = 100

_columns = certificate.c


def end(installation: Installation) -> None:
    """Those of people who have left since, whoever wrote it and wherever."""
    while True:
        with installation.database.write() as tx:
            if not _end_some(tx):
                return


def _end_some(tx: Connection) -> bool:
    person = catalogue_person.c
    query = (
        select(_columns.id, _columns.person_id, _columns.subject, _columns.serial)
        .join(catalogue_person, person.id == _columns.person_id)
        .where(_columns.ended_at.is_(None), person.status == "left")
        .limit(_AT_ONCE)
    )
    found = tx.execute(query).all()
    for row in found:
        here = (_columns.id == row.id, _columns.ended_at.is_(None))
        ended = update(certificate).where(*here).values(ended_at=clock.now_ms())
        if tx.execute(ended.returning(_columns.id)).first() is None:
            continue
        record(
            tx,
            CERTIFICATE_ENDED,
            system("certificate_leavers"),
            subject=person_tag(row.person_id),
            agency=queries.home_agency_of(tx, row.person_id),
            certificate=row.id,
            name=row.subject,
            serial=row.serial,
        )
    return bool(found)
