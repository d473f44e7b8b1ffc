"""How long sessions last by role: as soon as somebody holds it, and what tokens make of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, update

from directory import clock
from directory.authz import grants
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.roles import Role
from directory.catalogue.person import Person
from directory.clock import HOUR, MINUTE, SECOND
from directory.errors import Invalid
from idp.factor_policy import rules
from idp.factor_policy.changes import RuleChange, after, weakens
from idp.factor_policy.handles import FactorPolicyFor
from idp.factor_policy.limits import hold_sessions
from idp.factor_policy.rules import Policy, Rule, RuleKind
from idp.factor_policy.tables import factor_rule
from idp.keys.jose import read_unverified
from idp.sessions import store
from idp.sessions.limits import Limits, strictest
from idp.sessions.store import Session
from idp.sessions.tables import sessions
from tests.idp.test_step_up import is_asked
from tests.support.browser import Browser
from tests.support.idp_app import IdpApp, at_time
from tests.support.installation import OPERATOR
from tests.support.province import give
from tests.support.second_factor import whole_step

__all__ = ["whole_step"]
pytestmark = pytest.mark.both_engines


@pytest.fixture(autouse=True)
def _no_rules(idp_app: IdpApp) -> Iterator[None]:
    with idp_app.installation.database.write() as tx:
        for name in ("mat", "ky"):
            grants.put_role(tx, OPERATOR, Role(idp_app.documents.client_id, name, "Mật", "Secret"))
    yield
    with idp_app.installation.database.write() as tx:
        tx.execute(delete(factor_rule))
    look_again(idp_app)


def look_again(idp_app: IdpApp) -> None:
    for installation in (idp_app.installation, idp_app.served):
        rules.forget(installation.database)


def put(idp_app: IdpApp, kind: RuleKind, minutes: int, role: str = "mat") -> None:
    target = f"{idp_app.documents.client_id}:{role}"
    FactorPolicyFor(idp_app.installation, OPERATOR).put_rule(kind, target, minutes)
    look_again(idp_app)


def give_role(idp_app: IdpApp, person: Person, role: str = "mat") -> None:
    app = idp_app.documents.client_id
    give(idp_app.installation, role, person.id, idp_app.agency.id, application_id=app)


def session_of(idp_app: IdpApp, browser: Browser) -> Session | None:
    with idp_app.installation.database.read() as tx:
        return store.find(tx, browser.cookie)


def held_to(idp_app: IdpApp, person: Person) -> Limits:
    """What the newest session of the person is held to."""
    columns = sessions.c
    with idp_app.installation.database.read() as tx:
        row = tx.execute(sessions.select().where(columns.person_id == person.id)).one()
    return Limits(row.idle_ms, row.expires_at - row.auth_time * SECOND)


def test_the_strictest_holds_when_somebody_signs_in(idp_app: IdpApp) -> None:
    put(idp_app, "idle", 20)
    put(idp_app, "idle", 10, "ky")
    put(idp_app, "lifetime", 240)
    person, other = idp_app.person(), idp_app.person()
    give_role(idp_app, person)
    give_role(idp_app, person, "ky")
    for each in (person, other):
        idp_app.browser().sign_in(each)
    found = held_to(idp_app, person)
    assert found.idle_ms == 10 * MINUTE and found.absolute_ms // MINUTE == 240
    assert held_to(idp_app, other).idle_ms == HOUR, "a role they do not hold is nothing to them"


def test_open_sessions_are_held_to_it_once_the_role_is_held(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, other, browser = idp_app.person(), idp_app.person(), idp_app.browser()
    browser.sign_in(person)
    idp_app.browser().sign_in(other)
    put(idp_app, "idle", 10)
    put(idp_app, "lifetime", 120)
    hold_sessions(idp_app.installation)
    assert held_to(idp_app, person).idle_ms == HOUR
    give_role(idp_app, person)
    hold_sessions(idp_app.installation)
    found = held_to(idp_app, person)
    assert found.idle_ms == 10 * MINUTE and found.absolute_ms == 120 * MINUTE
    assert held_to(idp_app, other).idle_ms == HOUR
    with at_time(monkeypatch, 10 * MINUTE - 2 * SECOND):
        assert session_of(idp_app, browser) is not None
    with at_time(monkeypatch, 10 * MINUTE + SECOND):
        assert session_of(idp_app, browser) is None
    put(idp_app, "idle", 40)
    hold_sessions(idp_app.installation)
    assert held_to(idp_app, person).idle_ms == 10 * MINUTE, "what was short stays so"


def test_an_application_asks_at_once(idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any job has looked at the session."""
    person, browser, app = idp_app.person(), idp_app.browser(), idp_app.documents
    browser.sign_in(person)
    with idp_app.installation.database.write() as tx:
        past = clock.now_ms() - 30 * MINUTE
        mine = update(sessions).where(sessions.c.person_id == person.id)
        tx.execute(mine.values(last_seen_at=past))
    assert is_asked(browser, app) == ""
    with idp_app.installation.database.write() as tx:
        tx.execute(mine.values(last_seen_at=past))
    put(idp_app, "idle", 20)
    assert is_asked(browser, app) == ""
    with idp_app.installation.database.write() as tx:
        tx.execute(mine.values(last_seen_at=past))
    give_role(idp_app, person)
    assert is_asked(browser, app) == "password"


@pytest.mark.parametrize("scope", ["openid", "openid offline_access"])
def test_tokens_live_no_longer(
    idp_app: IdpApp, monkeypatch: pytest.MonkeyPatch, scope: str
) -> None:
    person, app = idp_app.person(), idp_app.documents
    give_role(idp_app, person)
    put(idp_app, "idle", 5)
    put(idp_app, "lifetime", 15)
    given = app.tokens(idp_app.browser(), person, scope=scope)
    for name in ("access_token", "id_token"):
        claims = read_unverified(given[name])[1]
        assert claims["exp"] - claims["iat"] == 5 * 60, name
    assert given["expires_in"] == 5 * 60
    with at_time(monkeypatch, 5 * MINUTE - 2 * SECOND):
        later = app.refresh(given["refresh_token"]).json()
    with at_time(monkeypatch, 13 * MINUTE):
        last = app.refresh(later["refresh_token"]).json()
    if "offline" not in scope:
        assert last["error"] == "invalid_grant", "unused for too long"
        return
    assert 0 < last["expires_in"] <= 2 * 60
    with at_time(monkeypatch, 15 * MINUTE + SECOND):
        refused = app.refresh(last["refresh_token"]).json()
    assert refused["error_description"] == "The person must sign in again."


@pytest.mark.parametrize(
    ("kind", "target", "minutes", "code"),
    [
        ("idle", "docs:mat", 4, "factor_rule.minutes"),
        ("idle", "docs:mat", 61, "factor_rule.minutes"),
        ("lifetime", "docs:mat", 14, "factor_rule.minutes"),
        ("lifetime", "docs:mat", 721, "factor_rule.minutes"),
        ("idle", f"{ADMIN_APPLICATION}:auditor", 5, "factor_rule.own_limits"),
        ("idle", "docs:khong-co", 5, "factor_rule.role"),
    ],
)
def test_limits_that_cannot_be(
    idp_app: IdpApp, kind: RuleKind, target: str, minutes: int, code: str
) -> None:
    target = target.replace("docs", idp_app.documents.client_id)
    with pytest.raises(Invalid) as refused:
        FactorPolicyFor(idp_app.installation, OPERATOR).put_rule(kind, target, minutes)
    assert refused.value.code == code


def test_what_weakens_and_what_is_stricter() -> None:
    there = Policy([Rule("idle", "docs:mat", 10)])
    for minutes, is_weaker in ((9, False), (11, True), (None, True)):
        assert weakens(there, after(there, RuleChange("idle", "docs:mat", minutes))) == is_weaker
    assert strictest(Limits(1, 9), Limits(2, 8)) == Limits(1, 8)
