"""Who proves two factors where: what the one function decides, and that nobody comes past it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from secrets import token_hex

import pytest
from sqlalchemy import Table, delete, update

from admin_ui.components import COMPONENTS, REGISTRATION, REQUEST_KINDS
from admin_ui.console_application import put_console_application
from directory import clock
from directory.actor import Actor
from directory.authz import grants
from directory.authz.grant_lists import list_of_roles
from directory.authz.permissions import ADMIN_APPLICATION
from directory.authz.roles import Role
from directory.catalogue.person import Person
from directory.errors import Conflict, Forbidden, Invalid, NotFound
from directory.ids import new_id
from directory.projection import queries
from directory.projection.tables import person_state
from directory.requests import service as requests
from idp.clients.registry import registry
from idp.clients.service import add_client, update_client
from idp.devices.tables import known_device
from idp.factor_policy import rules
from idp.factor_policy.changes import Change, RuleChange, ZoneChange, after, weakens
from idp.factor_policy.decision import Requirement, judge
from idp.factor_policy.handles import FactorPolicyFor
from idp.factor_policy.rules import OUTSIDE, Policy, Rule, RuleKind, Zone
from idp.factor_policy.tables import factor_grace, factor_rule, network_zone
from idp.factors.held import factors_of
from idp.factors.passkey import service as passkeys
from idp.factors.passkey import store
from idp.keys.jose import read_unverified
from idp.oidc.tables import token_family
from idp.paths import SECURITY
from tests.idp.test_step_up import is_asked
from tests.support.browser import PASSWORD, Browser, csrf_token, next_url
from tests.support.idp_app import IdpApp
from tests.support.installation import OPERATOR
from tests.support.province import give
from tests.support.relying_party import NOWHERE, RelyingParty, authorization_request
from tests.support.second_factor import (
    code_now,
    give_code,
    give_password,
    give_totp,
    key_on,
    whole_step,
)
from web.forwarded import Sender

__all__ = ["whole_step"]

INSIDE = Zone("tsl-cd", ("10.12.0.0/16", "2001:db8:12::/48"))
POLICY = Policy(
    [
        Rule("role", "thu:truc", 7),
        Rule("network", OUTSIDE, 3),
        Rule("network", "khach", 0),
        Rule("device", "thu", 14),
    ],
    [INSIDE, Zone("khach", ("10.12.200.0/24",))],
)


def decided(client: str, address: str, *roles: str, admin: bool = False) -> Requirement:
    sender = Sender(address, is_proxy=not address)
    return judge(POLICY, is_administrator=admin, client_id=client, roles=roles, sender=sender)


@pytest.mark.without_sql
@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (decided("thu", "10.12.1.1"), Requirement((), 0, 14)),
        (decided("lich", "10.12.1.1"), Requirement()),
        (decided("", "10.12.1.1"), Requirement()),
        (decided("thu", "10.12.1.1", "truc"), Requirement(("role",), 7, 14)),
        (decided("lich", "10.12.1.1", "truc"), Requirement()),
        (decided("thu", "10.12.1.1", "xem"), Requirement((), 0, 14)),
        (decided("thu", "10.13.1.1", "truc"), Requirement(("role", "network"), 3, 14)),
        (decided("lich", "10.12.200.9"), Requirement(("network",), 0, 0)),
        (decided("lich", "2001:db8:12::1"), Requirement()),
        (decided("lich", "2001:db8:13::1"), Requirement(("network",), 3, 0)),
        # Nobody knows from where: from outside.
        (decided("lich", ""), Requirement(("network",), 3, 0)),
        # Administrators: at once, wherever they are and whatever they use.
        (decided("thu", "10.12.1.1", admin=True), Requirement(("administrator",), 0, 0)),
    ],
)
def test_the_decision(found: Requirement, expected: Requirement) -> None:
    assert found == expected


HERE = Policy(
    [
        Rule("everybody", "", 30),
        Rule("network", OUTSIDE, 0),
        Rule("network", "khach", 7),
        Rule("device", "thu", 7),
    ],
    [INSIDE, Zone("khach", ("10.12.200.0/23",))],
)


@pytest.mark.without_sql
@pytest.mark.parametrize(
    ("change", "is_weaker"),
    [
        (RuleChange("everybody", "", 31), True),
        (RuleChange("everybody", "", 29), False),
        (RuleChange("everybody", "", None), True),
        (RuleChange("role", "thu:truc", 90), False),
        (RuleChange("network", "khach", None), True),
        (RuleChange("device", "thu", 8), True),
        (RuleChange("device", "thu", 6), False),
        (RuleChange("device", "thu", None), False),
        (RuleChange("device", "lich", 1), True),
        # A network that a rule names becomes smaller, is written otherwise, becomes larger: then
        # fewer addresses are outside all of them.
        (ZoneChange("khach", ("10.12.200.0/24",)), True),
        (ZoneChange("khach", ("10.12.200.0/24", "10.12.201.0/24")), False),
        (ZoneChange("khach", ("10.12.200.0/22",)), False),
        (ZoneChange("khach", ("10.12.200.0/23", "10.13.0.0/16")), True),
        (ZoneChange("khach", ()), True),
        # One that none names: smaller, larger, new.
        (ZoneChange("tsl-cd", ("10.12.0.0/17", "2001:db8:12::/48")), False),
        (ZoneChange("tsl-cd", ("10.12.0.0/15", "2001:db8:12::/48")), True),
        (ZoneChange("tsl-cd", ("10.12.0.0/16",)), False),
        (ZoneChange("moi", ("10.12.9.0/24",)), False),
        (ZoneChange("moi", ("::/0",)), True),
    ],
)
def test_what_weakens(change: Change, is_weaker: bool) -> None:
    assert weakens(HERE, after(HERE, change)) == is_weaker


@pytest.mark.without_sql
def test_a_network_that_no_rule_names_weakens_nothing() -> None:
    free = Policy([Rule("everybody", "", 0)], [INSIDE])
    assert not weakens(free, after(free, ZoneChange("moi", ("0.0.0.0/0", "::/0"))))


@pytest.fixture
def officers(idp_app: IdpApp) -> tuple[Actor, ...]:
    """Two security officers, and the first of them with another account."""

    def officer(owner: Person) -> Actor:
        account = idp_app.person(administrator_of=owner.id, mail="")
        with idp_app.installation.database.read() as tx:
            tops = [place.id for place in queries.list_agencies(tx, parent_id="")]
        for top in tops:
            give(idp_app.installation, "security_officer", account.id, top)
        return Actor("person", account.id)

    one, two = idp_app.person(), idp_app.person()
    return officer(one), officer(two), officer(one)


@pytest.fixture
def person(idp_app: IdpApp) -> Person:
    return idp_app.person()


@pytest.fixture(scope="module", autouse=True)
def _jobs(idp_app: IdpApp) -> None:
    with idp_app.installation.database.write() as tx:
        put_console_application(tx, OPERATOR)


@pytest.fixture(autouse=True)
def _no_rules(idp_app: IdpApp) -> Iterator[None]:
    yield
    with idp_app.installation.database.write() as tx:
        for table in (factor_rule, network_zone, factor_grace):
            tx.execute(delete(table))
    look_again(idp_app)


def look_again(idp_app: IdpApp) -> None:
    """The rules are read once in some seconds."""
    for installation in (idp_app.installation, idp_app.served):
        rules.forget(installation.database)


def put(idp_app: IdpApp, kind: RuleKind, target: str = "", days: int = 0) -> None:
    FactorPolicyFor(idp_app.installation, OPERATOR).put_rule(kind, target, days)
    look_again(idp_app)


def enters(browser: Browser, idp_app: IdpApp) -> str:
    """What stands between the session that is there and the application."""
    return is_asked(browser, idp_app.documents)


def test_who_has_none_sets_one_up_where_a_rule_says_so(idp_app: IdpApp, person: Person) -> None:
    put(idp_app, "everybody")
    browser = idp_app.browser()
    page = give_password(browser, person, **authorization_request(idp_app.documents))
    secret = key_on(page)
    assert "Để sau" not in page.text and not browser.cookie
    data = {"csrf_token": csrf_token(page), "buoc": "totp_enrolment", "name": "Máy"}
    assert not browser.post(page.url, data | {"de_sau": "1", "code": ""}).is_redirect
    done = browser.post(page.url, data | {"code": code_now(secret)})
    done = browser.follow(done, idp_app.documents.redirect_uri)
    assert next_url(done).startswith(idp_app.documents.redirect_uri)


def test_there_is_time_to_set_one_up_and_it_ends(idp_app: IdpApp, person: Person) -> None:
    put(idp_app, "everybody", days=3)
    browser = idp_app.browser()
    page = give_password(browser, person, **authorization_request(idp_app.documents))
    assert "Từ " in page.text and "Để sau" in page.text
    data = {"csrf_token": csrf_token(page), "buoc": "totp_reminder", "de_sau": "1"}
    done = browser.follow(browser.post(page.url, data), idp_app.documents.redirect_uri)
    assert next_url(done).startswith(idp_app.documents.redirect_uri)
    assert enters(browser, idp_app) == ""
    assert read_unverified(idp_app.documents.tokens(browser, person)["id_token"])[1]["acr"] == "1"
    with idp_app.installation.database.write() as tx:
        long_ago = clock.now_ms() - 3 * clock.DAY
        tx.execute(update(factor_grace).values(begun_at=long_ago))
    # The session of one factor that is there does not go on, and a new one does not begin.
    assert enters(browser, idp_app) == "password"
    late = give_password(idp_app.browser(), person)
    assert key_on(late) and "Để sau" not in late.text
    asked = authorization_request(idp_app.documents, prompt="none")
    assert "error=login_required" in next_url(browser.get("/authorize", **asked))


def test_a_role_counts_in_its_application(idp_app: IdpApp, person: Person) -> None:
    app = idp_app.documents
    with idp_app.installation.database.write() as tx:
        grants.put_role(tx, OPERATOR, Role(app.client_id, "mat", "Xem hồ sơ mật", "Secret"))
    put(idp_app, "role", f"{app.client_id}:mat")
    browser = idp_app.browser()
    browser.sign_in(person)
    assert enters(browser, idp_app) == ""
    give(idp_app.installation, "mat", person.id, idp_app.agency.id, application_id=app.client_id)
    assert enters(browser, idp_app) == "password"


def test_whoever_administers_always_proves_two(idp_app: IdpApp, person: Person) -> None:
    """In every application, and whatever a device has seen."""
    put(idp_app, "device", idp_app.documents.client_id, 14)
    browser = idp_app.browser()
    browser.sign_in(person)
    assert enters(browser, idp_app) == ""
    give(idp_app.installation, "help_desk", person.id, idp_app.agency.id)
    assert enters(browser, idp_app) == "password"
    assert 'name="code"' in give_password(idp_app.browser(), person).text, "at home as well"


@pytest.mark.both_engines
def test_a_known_device_spares_it_for_so_many_days(idp_app: IdpApp, person: Person) -> None:
    secret = give_totp(idp_app.installation, person.id)
    app = idp_app.documents
    put(idp_app, "everybody")
    put(idp_app, "device", app.client_id, 2)
    browser = idp_app.browser()
    page = give_password(browser, person, **authorization_request(app))
    browser.follow(give_code(browser, page, code_now(secret)), app.redirect_uri)

    def sign_in_anew(**asked: str) -> str:
        browser.http.cookies.set("dm_session", "", domain="localhost.local", path="/")
        page = browser.open("/authorize", **authorization_request(app, **asked))
        page = browser.answer(page, person.username, PASSWORD)
        page = browser.follow(page, app.redirect_uri)
        return "" if next_url(page).startswith(app.redirect_uri) else page.text

    assert sign_in_anew() == ""
    claims = read_unverified(app.tokens(browser, person)["id_token"])[1]
    assert (claims["acr"], claims["amr"]) == ("1", ["pwd"])
    assert 'name="code"' in sign_in_anew(acr_values="2")
    with idp_app.installation.database.write() as tx:
        mine = known_device.c.person_id == person.id
        long_ago = clock.now_ms() - 2 * clock.DAY
        tx.execute(update(known_device).where(mine).values(second_factor_at=long_ago))
    assert 'name="code"' in sign_in_anew()
    with idp_app.installation.database.write() as tx:
        ahead = clock.now_ms() + clock.DAY
        tx.execute(update(known_device).where(mine).values(second_factor_at=ahead))
    assert 'name="code"' in sign_in_anew(), "from a clock that stood ahead"
    # A browser that has never proved two is spared nothing.
    other = give_password(idp_app.browser(), person, **authorization_request(app))
    assert 'name="code"' in other.text


def test_what_a_device_spares_one_application_is_nothing_to_another(
    idp_app: IdpApp, person: Person
) -> None:
    secret = give_totp(idp_app.installation, person.id)
    put(idp_app, "everybody", days=30)
    put(idp_app, "device", idp_app.documents.client_id, 2)
    browser = idp_app.browser()
    page = give_password(browser, person)
    browser.follow(give_code(browser, page, code_now(secret)))
    browser.http.cookies.set("dm_session", "", domain="localhost.local", path="/")
    page = browser.open("/authorize", **authorization_request(idp_app.documents))
    browser.follow(browser.answer(page, person.username, PASSWORD), "http")
    assert enters(browser, idp_app) == ""
    assert is_asked(browser, idp_app.calendar) == "password"


def moved(idp_app: IdpApp, table: Table, **values: int) -> None:
    with idp_app.installation.database.write() as tx:
        tx.execute(update(table).values(**values))
    look_again(idp_app)


def began(idp_app: IdpApp, at: int) -> None:
    """As if everything had been authorized then, by people who were there already."""
    moved(idp_app, person_state, sessions_valid_after=0)
    moved(idp_app, token_family, created_at=at)


@dataclass
class Renewed:
    """An application that holds a refresh token, and what becomes of it."""

    app: RelyingParty
    token: str

    def is_refused(self) -> bool:
        answer = self.app.refresh(self.token).json()
        if "error" in answer:
            assert answer["error"] == "invalid_grant", answer
            assert answer["error_description"] == "The person must prove two factors."
            return True
        self.token = answer["refresh_token"]
        return False


def renewing(idp_app: IdpApp, person: Person, scope: str = "openid") -> Renewed:
    app = idp_app.documents
    tokens = app.tokens(idp_app.browser(), person, scope=scope)
    return Renewed(app, tokens["refresh_token"])


@pytest.mark.both_engines
def test_a_rule_that_begins_later_ends_what_is_renewed_with_one_factor(
    idp_app: IdpApp, person: Person
) -> None:
    """A refusal uses nothing up: the application goes on where the rule goes."""
    renewed = renewing(idp_app, person)
    offline = renewing(idp_app, person, "openid offline_access")
    assert not renewed.is_refused()
    put(idp_app, "everybody")
    assert renewed.is_refused() and offline.is_refused()
    FactorPolicyFor(idp_app.installation, OPERATOR).remove_rule("everybody", "")
    look_again(idp_app)
    assert not renewed.is_refused() and not offline.is_refused()
    # From where somebody is, a server that renews says nothing.
    put(idp_app, "network", OUTSIDE)
    assert not renewed.is_refused()


def test_time_given_counts_when_tokens_are_renewed(idp_app: IdpApp, person: Person) -> None:
    told, untold = renewing(idp_app, person), renewing(idp_app, idp_app.person())
    put(idp_app, "everybody", days=3)
    assert not told.is_refused() and not untold.is_refused()
    # Whoever was not told has the days from the rule on, or from the authorization.
    moved(idp_app, factor_rule, changed_at=clock.now_ms() - 3 * clock.DAY)
    assert not untold.is_refused()
    began(idp_app, clock.now_ms() - 3 * clock.DAY)
    assert untold.is_refused()
    give_password(idp_app.browser(), person)  # the page that tells
    assert not told.is_refused()
    moved(idp_app, factor_grace, begun_at=clock.now_ms() - 3 * clock.DAY)
    assert told.is_refused()
    moved(idp_app, factor_grace, begun_at=clock.now_ms())
    assert not told.is_refused()
    # Who has set one up proves it, whatever time there is.
    give_totp(idp_app.installation, person.id)
    assert told.is_refused()


def test_what_is_renewed_follows_roles(idp_app: IdpApp, person: Person) -> None:
    app = idp_app.documents
    renewed = renewing(idp_app, person)
    with idp_app.installation.database.write() as tx:
        grants.put_role(tx, OPERATOR, Role(app.client_id, "mat", "Xem hồ sơ mật", "Secret"))
    put(idp_app, "role", f"{app.client_id}:mat")
    assert not renewed.is_refused()
    give(idp_app.installation, "mat", person.id, idp_app.agency.id, application_id=app.client_id)
    assert renewed.is_refused()
    other = idp_app.person()
    renewed = renewing(idp_app, other)
    assert not renewed.is_refused()
    give(idp_app.installation, "help_desk", other.id, idp_app.agency.id)
    assert renewed.is_refused(), "whoever administers"


def test_two_factors_are_renewed_and_a_device_spares_for_its_days(
    idp_app: IdpApp, person: Person
) -> None:
    app = idp_app.documents
    before = renewing(idp_app, person)
    secret = give_totp(idp_app.installation, person.id)
    put(idp_app, "everybody")
    put(idp_app, "device", app.client_id, 2)
    moved(idp_app, factor_rule, changed_at=clock.now_ms())
    browser = idp_app.browser()
    page = give_password(browser, person, **authorization_request(app))
    browser.follow(give_code(browser, page, code_now(secret)), app.redirect_uri)
    sure = Renewed(app, app.tokens(browser, person)["refresh_token"])
    assert not sure.is_refused()
    # On the same device later, with the password alone.
    browser.http.cookies.set("dm_session", "", domain="localhost.local", path="/")
    tokens = app.tokens(browser, person)
    assert read_unverified(tokens["id_token"])[1]["acr"] == "1"
    spared = Renewed(app, tokens["refresh_token"])
    assert not spared.is_refused()
    assert before.is_refused(), "no device spared what there was before the rule"
    moved(idp_app, factor_rule, changed_at=clock.now_ms() - 4 * clock.DAY)
    began(idp_app, clock.now_ms() - 2 * clock.DAY)
    assert spared.is_refused() and not sure.is_refused()


def test_what_an_application_registers_later_counts_for_what_it_renews(
    idp_app: IdpApp, person: Person
) -> None:
    app = RelyingParty(
        idp_app.url,
        "sau-nay-hai",
        name="Sau này cần hai",
        redirect_uri=f"{NOWHERE}/sau-nay-hai/callback",
    )
    add_client(idp_app.installation, OPERATOR, REGISTRATION, app.metadata())
    renewed = Renewed(app, app.tokens(idp_app.browser(), person)["refresh_token"])
    assert not renewed.is_refused()
    update_client(
        idp_app.installation,
        OPERATOR,
        REGISTRATION,
        app.client_id,
        {"default_acr_values": ["2"]},
    )
    registry(idp_app.served).forget(app.client_id)  # which is remembered for some seconds
    assert renewed.is_refused()


@pytest.mark.parametrize(
    ("kind", "target", "days", "code"),
    [
        ("everybody", "", 91, "factor_rule.days"),
        ("everybody", "", -1, "factor_rule.days"),
        ("device", "docs", 15, "factor_rule.days"),
        ("device", "docs", 0, "factor_rule.days"),
        ("device", ADMIN_APPLICATION, 3, "factor_rule.own_application"),
        ("device", "khong-co", 3, "factor_rule.application"),
        ("role", f"{ADMIN_APPLICATION}:auditor", 3, "factor_rule.own_application"),
        ("role", "docs:khong-co", 3, "factor_rule.role"),
        ("network", "khong-co", 3, "factor_rule.network"),
    ],
)
def test_rules_that_cannot_be(
    idp_app: IdpApp, kind: RuleKind, target: str, days: int, code: str
) -> None:
    target = target.replace("docs", idp_app.documents.client_id)
    with pytest.raises(Invalid) as refused:
        put(idp_app, kind, target, days)
    assert refused.value.code == code


def test_networks(idp_app: IdpApp, person: Person) -> None:
    policy = FactorPolicyFor(idp_app.installation, OPERATOR)
    for name, networks in (("x", ["10.0.0.0/8"]), ("outside", ["10.0.0.0/8"]), ("nha", ["nha"])):
        with pytest.raises(Invalid):
            policy.put_zone(name, networks)
    assert policy.put_zone("nha", ["10.12.0.0/16", " 10.12.0.1/16 "]).changed
    assert not policy.put_zone("nha", ["10.12.0.0/16"]).changed
    policy.put_rule("network", "nha", 0)
    with pytest.raises(Conflict):
        policy.remove_zone("nha")
    policy.remove_rule("network", "nha")
    with pytest.raises(NotFound):
        policy.remove_rule("network", "nha")
    policy.remove_zone("nha")
    assert [e.kind for e in idp_app.events("network_zone.")] == [
        "network_zone.removed",
        "network_zone.set",
    ]


def test_whoever_gives_roles_does_not_set_them(idp_app: IdpApp, person: Person) -> None:
    give(idp_app.installation, "agency_admin", person.id, idp_app.agency.id)
    policy = FactorPolicyFor(idp_app.installation, Actor("person", person.id))
    for act in (policy.show, policy.choices, lambda: policy.put_rule("everybody", "", 0)):
        with pytest.raises(Forbidden):
            act()


def decide(idp_app: IdpApp, actor: Actor, request_id: str) -> None:
    with idp_app.installation.database.write() as tx:
        requests.approve(tx, actor, REQUEST_KINDS, request_id)


def ruled(idp_app: IdpApp) -> dict[str, int]:
    with idp_app.installation.database.read() as tx:
        found = rules.read_policy(tx).rules
    return {rules.rule_ref(rule.kind, rule.target): rule.days for rule in found}


def test_what_weakens_waits_for_a_second_officer(
    idp_app: IdpApp, officers: tuple[Actor, ...]
) -> None:
    one, two, same_as_one = officers
    policy = FactorPolicyFor(idp_app.installation, one)
    assert policy.put_rule("everybody", "", 3).changed, "what strengthens counts at once"
    with pytest.raises(Invalid, match="reason"):
        policy.remove_rule("everybody", "")
    asked = policy.remove_rule("everybody", "", "hết đợt thử")
    longer = policy.put_rule("everybody", "", 30, "nhiều người mới")
    assert not asked.changed and ruled(idp_app) == {"everybody": 3}
    for who in (one, same_as_one):
        with pytest.raises(Forbidden) as refused:
            decide(idp_app, who, asked.request_id)
        assert refused.value.code == "request.own"
    decide(idp_app, two, longer.request_id)
    assert ruled(idp_app) == {"everybody": 30}
    (event,) = idp_app.events("factor_rule.set")[:1]
    assert (event.actor, event.fields["asked_by"]) == (two.tag, one.tag)
    assert not event.fields["alone"]
    with pytest.raises(Conflict) as changed:
        decide(idp_app, two, asked.request_id)
    assert changed.value.code == "factor_policy.changed_since"
    # Operators of the province may ask as well; it is the officers who answer for it.
    operator = idp_app.person(administrator_of=idp_app.person().id, mail="")
    give(idp_app.installation, "province_operator", operator.id, idp_app.agency.id)
    asked = policy.remove_rule("everybody", "", "hết đợt thử")
    with pytest.raises(Forbidden):
        decide(idp_app, Actor("person", operator.id), asked.request_id)


def test_where_there_is_one_officer_the_command_line_weakens_and_tells(idp_app: IdpApp) -> None:
    account = idp_app.person(administrator_of=idp_app.person().id, mail="")
    with idp_app.installation.database.write() as tx:
        for each in list_of_roles(tx, ADMIN_APPLICATION, ["security_officer"]):
            grants.revoke_grant(tx, OPERATOR, each.id, "kiểm thử")
    give(idp_app.installation, "security_officer", account.id, idp_app.agency.id)
    put(idp_app, "everybody")
    with pytest.raises(Conflict) as alone:
        FactorPolicyFor(idp_app.installation, Actor("person", account.id)).remove_rule(
            "everybody", "", "một mình"
        )
    assert alone.value.code == "factor_policy.no_second"
    assert FactorPolicyFor(idp_app.installation, OPERATOR).remove_rule("everybody", "").changed
    assert idp_app.events("factor_rule.removed")[0].fields["alone"]


@pytest.mark.both_engines
def test_two_who_set_it_at_once_leave_one_rule(idp_app: IdpApp) -> None:
    def one(days: int) -> object:
        return FactorPolicyFor(idp_app.installation, OPERATOR).put_rule("everybody", "", days)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(6)))
    with idp_app.installation.database.read() as tx:
        assert len(rules.read_policy(tx).rules) == 1


def test_the_last_one_stays_where_it_is_wanted(idp_app: IdpApp, person: Person) -> None:
    secret = give_totp(idp_app.installation, person.id)
    browser = idp_app.browser()
    page = give_password(browser, person)
    browser.follow(give_code(browser, page, code_now(secret)))
    (path,) = re.findall(
        r'href="(/bao-mat/ung-dung-xac-thuc/[^"]+/xoa)"', browser.get(SECURITY).text
    )
    assert browser.get(path).status_code == 200
    put(idp_app, "everybody", days=30)
    refused = browser.get(path)
    assert refused.status_code == 409 and "yếu tố thứ hai duy nhất" in refused.text
    token = {"csrf_token": csrf_token(browser.get(SECURITY))}
    assert browser.post(path, token).status_code == 409
    give_totp(idp_app.installation, person.id, "Máy thứ hai")
    assert browser.post(path, token).status_code == 303


def test_an_operator_takes_one_passkey_away(idp_app: IdpApp, person: Person) -> None:
    factors, installation = factors_of(COMPONENTS), idp_app.installation

    def add(name: str) -> str:
        with installation.database.write() as tx:
            return store.add(
                tx,
                person.id,
                name,
                credential_id=token_hex(16),
                public_key=b"key",
                sign_count=0,
                transports=(),
            ).id

    first, second = add("Máy bàn"), add("Điện thoại")
    put(idp_app, "everybody")
    for unknown in (new_id(), "Máy khác"):
        with pytest.raises(NotFound):
            passkeys.remove(installation, OPERATOR, factors, person.id, unknown)
    assert passkeys.remove(installation, OPERATOR, factors, person.id, "Máy bàn").id == first
    with pytest.raises(Conflict) as refused:
        passkeys.remove(installation, OPERATOR, factors, person.id, second)
    assert refused.value.code == "factor.last"
    (event,) = idp_app.events("passkey.removed", subject=f"person:{person.id}")
    assert event.fields["name"] == "Máy bàn" and event.actor == OPERATOR.tag
    with pytest.raises(Forbidden):
        plain = Actor("person", idp_app.person().id)
        passkeys.remove(installation, plain, factors, person.id, second)
