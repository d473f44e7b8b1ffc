"""danhmuc catalogue reconcile and rebuild, as an operator calls them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import update

from directory.audit.reading import list_events
from directory.projection.tables import catalogue_person
from tests.support.command_line import run_here
from tests.sync.outsider import Fed

pytestmark = pytest.mark.only_on_sqlite(
    "rebuild and reconcile are tried on either beneath the command"
)


def danhmuc(fed: Fed, *words: str) -> str:
    done = run_here(["catalogue", *words], fed.running.environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def as_json(fed: Fed, *words: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(danhmuc(fed, *words, "--json"))
    return document


def test_differences_are_shown_then_repaired(fed: Fed) -> None:
    person = fed.someone_known(phone="0274 1")
    with fed.installation.database.write() as tx:
        is_them = catalogue_person.c.id == person.id
        tx.execute(update(catalogue_person).where(is_them).values(phone="wrong"))
    shown = as_json(fed, "reconcile", "--dry-run")
    assert shown["repaired"] is False
    assert [(d["trouble"], d["entry_id"], d["fields"]) for d in shown["differences"]] == [
        ("stale", person.id, {"phone": {"sql": "wrong", "ldap": "0274 1"}})
    ]
    text = danhmuc(fed, "reconcile")
    assert "phone: wrong → 0274 1" in text
    assert "1 differ" in text
    assert fed.row(person.id).phone == "0274 1"
    assert as_json(fed, "reconcile", "--dry-run")["differences"] == []


def test_a_rebuild_is_counted_and_recorded(fed: Fed) -> None:
    person = fed.someone_known()
    with fed.installation.database.write() as tx:
        tx.execute(update(catalogue_person).values(phone="wrong"))
    counted = as_json(fed, "rebuild")
    assert counted["people"] >= 1
    assert counted["agencies"] == 1
    assert fed.row(person.id).phone == ""
    with fed.installation.database.read() as tx:
        (event,) = list_events(tx, kind="projection.rebuilt")
    assert event.actor.startswith("os:")
    assert event.fields == counted
