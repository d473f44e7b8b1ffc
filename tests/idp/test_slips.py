"""Slips: made, recognised by their code alone, good once, while their person may get in."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from directory.actor import Actor
from directory.catalogue.person import Person
from directory.clock import HOUR
from directory.errors import Conflict, Forbidden
from directory.people import credentials
from directory.people import service as people
from idp import printed_codes
from idp.slips import service, store
from idp.slips.store import Purpose, Slip
from idp.slips.tables import slip
from tests.support.idp_app import IdpApp, at_time

pytestmark = pytest.mark.both_engines

OPERATOR = Actor("os", "root")


@pytest.fixture
def person(idp_app: IdpApp) -> Person:
    return idp_app.person()


def issue(idp_app: IdpApp, person: Person, purpose: Purpose = "activate") -> service.Issued:
    return service.issue(idp_app.installation, OPERATOR, person.id, purpose)


def found(idp_app: IdpApp, code: str) -> Slip | None:
    typed = printed_codes.find_typed(code)
    assert typed is not None
    with idp_app.installation.database.read() as tx:
        return store.find_by_code(tx, idp_app.installation.keyring, typed)


def state(idp_app: IdpApp, code: str) -> str:
    known = found(idp_app, code)
    return known.state if known else "unknown"


def use(idp_app: IdpApp, made: service.Issued, flow_id: str) -> bool:
    with idp_app.installation.database.write() as tx:
        return store.use(tx, made.slip, flow_id)


def test_nothing_in_the_store_or_the_log_is_the_code(idp_app: IdpApp, person: Person) -> None:
    made = issue(idp_app, person)
    assert made.url == f"{idp_app.installation.settings.issuer}/kich-hoat#{made.code}"
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}", made.code)
    plain = made.code.replace("-", "")
    with idp_app.installation.database.read() as tx:
        row = tx.execute(select(slip).where(slip.c.id == made.slip.id)).one()
    assert row.number == plain[:4] and plain[4:] not in str(row)
    told = str(idp_app.events("slip.issued", subject=f"person:{person.id}"))
    assert plain[4:] not in told and made.code[5:] not in told and row.code_mac not in told
    assert made.code not in repr(made)
    assert found(idp_app, made.code.lower().replace("-", " ").replace("0", "o")) == made.slip


def test_another_slip_replaces_it_and_it_can_be_taken_back(idp_app: IdpApp, person: Person) -> None:
    first, second = issue(idp_app, person), issue(idp_app, person, "help")
    assert (state(idp_app, first.code), state(idp_app, second.code)) == ("revoked", "open")
    assert service.revoke(idp_app.installation, OPERATOR, person.id) == 1
    assert service.revoke(idp_app.installation, OPERATOR, person.id) == 0
    assert state(idp_app, second.code) == "revoked"
    why = [e.fields["why"] for e in idp_app.events("slip.revoked", f"person:{person.id}")]
    assert sorted(map(str, why)) == ["by_hand", "replaced"]


def test_it_ends_with_its_time_and_with_the_standing_of_its_person(
    idp_app: IdpApp, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = issue(idp_app, person)
    with at_time(monkeypatch, 72 * HOUR + 1000):
        assert state(idp_app, made.code) == "expired"
    assert state(idp_app, made.code) == "open"
    people.suspend(idp_app.installation, OPERATOR, person.id, "thử")
    assert state(idp_app, made.code) == "revoked"
    with pytest.raises(Conflict, match=r"slip\.standing"):
        issue(idp_app, person)
    people.resume(idp_app.installation, OPERATOR, person.id, "thử")
    assert state(idp_app, made.code) == "revoked", "it is alive again"
    again = issue(idp_app, person)
    credentials.set_password(idp_app.installation, OPERATOR, person.id, "mật khẩu mới hoàn toàn")
    assert state(idp_app, again.code) == "revoked", "another way in was given meanwhile"


def test_who_waits_for_a_first_password_and_is_suspended_loses_it_too(idp_app: IdpApp) -> None:
    """Nothing they were signed in to ends, which would end the slip."""
    waiting = idp_app.person(password="")
    made = issue(idp_app, waiting)
    people.suspend(idp_app.installation, OPERATOR, waiting.id, "thử")
    with idp_app.installation.database.write() as tx:
        service.revoke_of_those_gone(tx)
    people.resume(idp_app.installation, OPERATOR, waiting.id, "thử")
    assert state(idp_app, made.code) == "revoked"
    (told,) = idp_app.events("slip.revoked", f"person:{waiting.id}")
    assert (told.actor, told.fields["why"]) == ("system:slips", "not_active")


def test_of_fifty_who_use_it_at_once_one_does(idp_app: IdpApp, person: Person) -> None:
    made = issue(idp_app, person)
    with ThreadPoolExecutor(50) as pool:
        won = list(pool.map(lambda n: use(idp_app, made, f"flow {n}"), range(50)))
    assert sum(won) == 1
    assert use(idp_app, made, f"flow {won.index(True)}"), "its own flow cannot go on"
    assert not use(idp_app, made, "another") and state(idp_app, made.code) == "used"


def test_of_those_issued_at_once_one_counts(idp_app: IdpApp, person: Person) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: issue(idp_app, person), range(8)))
    assert [state(idp_app, each.code) for each in made].count("open") == 1


def test_who_has_no_power_over_somebody_gives_them_none(idp_app: IdpApp, person: Person) -> None:
    nobody = Actor("person", idp_app.person().id)
    with pytest.raises(Forbidden):
        service.issue(idp_app.installation, nobody, person.id, "activate", "đã xem thẻ")
    with pytest.raises(Forbidden):
        service.revoke(idp_app.installation, nobody, person.id)
    with pytest.raises(Forbidden):
        service.list_slips(idp_app.installation, nobody)
    issue(idp_app, person)
    listed = service.list_slips(idp_app.installation, OPERATOR)
    assert [whose.id for _, whose in listed].count(person.id) == 1


def test_how_long_it_counts_is_a_setting(idp_app: IdpApp, person: Person) -> None:
    installation = idp_app.installation
    shorter = replace(installation, settings=replace(installation.settings, slip_hours=2))
    made = service.issue(shorter, OPERATOR, person.id, "activate")
    assert made.slip.expires_at - made.slip.issued_at == 2 * HOUR
