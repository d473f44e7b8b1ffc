"""More people than any limit of the server: the first load is whole, silent and a baseline."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Table, func, select

from admin_ui.operations.seed.loading import load_province
from directory.audit.reading import list_events
from directory.audit.tables import audit_event
from directory.ldap import embedded
from directory.people.service import change_person
from directory.projection.tables import catalogue_agency, catalogue_person, person_state
from sync.feed.full_scan import reconcile
from sync.feed.judging import Known
from sync.feed.polling import poll
from sync.feed.state import save_state
from sync.feed.tables import catalogue_event, feed_entry
from tests.support.installation import (
    OPERATOR,
    RunningInstallation,
    running_installation,
)
from tests.sync.outsider import Fed

PEOPLE = 900


@pytest.fixture(scope="module")
def loaded() -> Iterator[RunningInstallation]:
    with running_installation() as found:
        embedded.stop(found.slapd)
        load_province(found.installation, OPERATOR, PEOPLE, lambda *_: None)
        found.start_slapd()
        poll(found.installation)
        yield found


@pytest.fixture
def fed(loaded: RunningInstallation) -> Fed:
    return Fed(loaded, None)  # type: ignore[arg-type]


def counted(fed: Fed, *tables: Table) -> list[int]:
    with fed.installation.database.read() as tx:
        return [
            tx.execute(select(func.count()).select_from(table)).scalar_one() for table in tables
        ]


def out_of_band(fed: Fed) -> int:
    with fed.installation.database.read() as tx:
        query = select(func.count()).where(audit_event.c.kind == "catalogue.out_of_band")
        return tx.execute(query).scalar_one()


@pytest.mark.both_engines
def test_the_first_load_is_whole_and_silent(fed: Fed) -> None:
    people, agencies, remembered, events = counted(
        fed, catalogue_person, catalogue_agency, feed_entry, catalogue_event
    )
    assert people == PEOPLE
    assert remembered == people + agencies
    assert events == out_of_band(fed) == 0
    with fed.installation.database.read() as tx:
        assert list_events(tx, kind="feed.swept")[0].fields["entries"] == remembered
        versions = tx.execute(select(func.max(person_state.c.version))).scalar_one()
    assert versions == 1  # nobody's claims were touched


def test_reading_everything_in_one_refresh_is_allowed_too(fed: Fed) -> None:
    """Our account has no size limit: an old cookie brings all of them at once."""
    with fed.installation.database.write() as tx:
        save_state(tx, cookie=b"rid=000,csn=20101122094507.506239Z#000000#000#000000")
    poll(fed.installation)
    assert out_of_band(fed) == 0
    with fed.installation.database.read() as tx:
        assert tx.execute(select(feed_entry).where(feed_entry.c.gone)).first() is None


def test_the_baseline_knows_what_was_before(fed: Fed) -> None:
    with fed.installation.database.read() as tx:
        query = select(feed_entry).where(feed_entry.c.kind == "person").limit(1)
        known = Known(*tx.execute(query).one())
    change_person(fed.installation, OPERATOR, known.entry_id, {"phone": "0274 1"})
    fed.replace(known.entry_id, "title", "Giam doc")
    poll(fed.installation)
    before = list(known.content["title"])
    assert fed.reports(known.entry_id) == [({"title": before}, {"title": ["Giam doc"]})]


def test_load_and_catalogue_agree(fed: Fed) -> None:
    assert reconcile(fed.installation, OPERATOR, dry_run=True).counts == {}
