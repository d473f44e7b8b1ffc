"""What is forgotten, and that nothing needed goes: lineage, recovery, what came back."""

from __future__ import annotations

from itertools import pairwise

import pytest
from sqlalchemy import func, select, update

from admin_ui.components import COMPONENTS
from directory.authz.applications import Application
from directory.clock import DAY, now_ms
from directory.component import load_tables
from directory.ids import new_id
from directory.intents.recovery import recover_open_intents
from directory.intents.tables import intent
from directory.ldap_clients.entries import READERS_ID
from directory.ldap_clients.register import find_ldap_client
from directory.ldap_clients.service import register
from directory.people import service
from directory.people.service import change_person
from directory.release.service import proposed
from sync import retention
from sync.feed.polling import poll
from sync.feed.tables import catalogue_event, feed_entry
from sync.retention import forget_old
from tests.support.installation import OPERATOR
from tests.sync.outsider import Fed

pytestmark = pytest.mark.both_engines

load_tables(COMPONENTS)
AGE_MS = retention.KEPT_MS + DAY


def age(fed: Fed) -> None:
    """Everything that is there is old."""
    with fed.installation.database.write() as tx:
        tx.execute(update(intent).values(created_at=intent.c.created_at - AGE_MS))
        tx.execute(update(catalogue_event).values(at=catalogue_event.c.at - AGE_MS))


def intents_of(fed: Fed, entry_id: str) -> list[str]:
    with fed.installation.database.read() as tx:
        query = select(intent.c.state).where(intent.c.entry_id == entry_id)
        return list(tx.execute(query.order_by(intent.c.created_at)).scalars())


def test_what_the_feed_has_judged_goes_and_what_it_has_not_stays(fed: Fed) -> None:
    person = fed.someone_known()
    change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 000 001"})
    poll(fed.installation)
    young = fed.someone()
    change_person(fed.installation, OPERATOR, young.id, {"phone": "0274 000 002"})
    age(fed)
    forget_old(fed.installation)
    assert intents_of(fed, person.id) == []
    assert intents_of(fed, young.id) == ["done", "done"], "the feed needs them"
    poll(fed.installation)
    assert fed.reports(young.id) == [] == fed.reports(person.id)
    forget_old(fed.installation)
    assert intents_of(fed, young.id) == []


def test_what_was_written_of_an_application_goes_though_the_feed_looks_at_none(fed: Fed) -> None:
    app = Application(new_id(), "Máy in")
    register(fed.installation, OPERATOR, app, proposed(["username"]))
    with fed.installation.database.read() as tx:
        client = find_ldap_client(tx, app.id)
    assert client is not None
    assert intents_of(fed, client.entry_id) == ["done"] == intents_of(fed, READERS_ID)
    forget_old(fed.installation)
    assert intents_of(fed, client.entry_id) == ["done"]
    age(fed)
    forget_old(fed.installation)
    assert intents_of(fed, client.entry_id) == [] == intents_of(fed, READERS_ID)


def test_after_forgetting_ours_and_theirs_are_still_told_apart(fed: Fed) -> None:
    person = fed.someone_known()
    age(fed)
    forget_old(fed.installation)
    change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 000 003"})
    poll(fed.installation)
    assert fed.reports(person.id) == []
    fed.replace(person.id, "telephoneNumber", "0274 000 004")
    poll(fed.installation)
    ((before, after),) = fed.reports(person.id)
    assert (before, after) == (
        {"telephoneNumber": ["0274 000 003"]},
        {"telephoneNumber": ["0274 000 004"]},
    )


def test_an_open_intent_is_never_forgotten(fed: Fed, monkeypatch: pytest.MonkeyPatch) -> None:
    person = fed.someone_known()

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("directory.intents.carrying.apply_to_ldap", killed)
        with pytest.raises(KeyboardInterrupt):
            change_person(fed.installation, OPERATOR, person.id, {"phone": "0274 000 005"})
    age(fed)
    forget_old(fed.installation)
    assert "requested" in intents_of(fed, person.id)
    recover_open_intents(fed.installation, leave_alone_ms=-1)
    assert fed.row(person.id).phone == "0274 000 005"


def test_young_ones_stay_and_the_others_go_in_portions(
    fed: Fed, monkeypatch: pytest.MonkeyPatch
) -> None:
    fed.someone_known()
    age(fed)
    young = fed.someone_known()
    with fed.installation.database.read() as tx:
        old = tx.execute(
            select(func.count())
            .select_from(catalogue_event)
            .where(catalogue_event.c.at < now_ms() - retention.KEPT_MS)
        ).scalar_one()
    assert old >= 1
    monkeypatch.setattr(retention, "MOST_A_RUN", 1)
    left = [count_events(fed)]
    for _ in range(old + 2):
        forget_old(fed.installation)
        left.append(count_events(fed))
    assert left[0] - left[-1] == old
    assert all(before - after <= 1 for before, after in pairwise(left))
    assert intents_of(fed, young.id) == ["done"]
    assert fed.changes(young.id) == ["changed"]


def count_events(fed: Fed) -> int:
    with fed.installation.database.read() as tx:
        return tx.execute(select(func.count()).select_from(catalogue_event)).scalar_one()


def test_of_the_gone_only_that_they_are_gone_is_kept(fed: Fed) -> None:
    person = fed.someone_known(phone="0274 999 888")
    entry = fed.entry(person.id)
    fed.delete(person.id)
    poll(fed.installation)
    forget_old(fed.installation)
    with fed.installation.database.read() as tx:
        query = select(feed_entry).where(feed_entry.c.entry_id == person.id)
        row = tx.execute(query).one()
    assert row.gone and retention._EMPTY.stored == row.content
    kept = {
        name: values
        for name, values in entry.attributes.items()
        if name not in ("entryCSN", "userPassword", "dmIntent")
    }
    fed.installation.ldap.add(fed.dn(person.id), kept)
    poll(fed.installation)
    ((before, after),) = fed.reports(person.id)
    assert before.get("telephoneNumber") == [] and after["telephoneNumber"] == ["0274 999 888"]
    assert service.read_person(fed.installation, person.id).phone == "0274 999 888"
