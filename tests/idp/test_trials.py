"""Trying a sign-in: everything is checked, everything is shown, and nothing is handed out."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import urlencode

import pytest
import requests
from sqlalchemy import func, inspect, select

from directory.audit.reading import list_events
from directory.authz import grants
from directory.authz.roles import Role
from directory.catalogue.person import Person
from directory.clock import now_ms
from directory.database.engine import metadata
from directory.errors import Invalid
from idp.clients.model import Client
from idp.clients.service import Entry, disable_client
from idp.flows import store
from idp.flows.tables import flows
from idp.keys.jose import read_unverified
from idp.oidc.diagnosis import received_of
from idp.oidc.parameters import Parameters
from idp.oidc.request_under_check import ANYBODY, AuthorizationRequest
from idp.oidc.responses import hand_over
from idp.oidc.trials import link
from idp.oidc.trials.beginning import begin
from idp.oidc.trials.examination import Examination, examine_address, examine_registered
from idp.sessions.store import clients_of, find
from tests.support.browser import Browser, next_url
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation, Province
from tests.support.relying_party import REDIRECT

pytestmark = pytest.mark.only_on_sqlite("which page comes is no question of the store")


def registered_request(served: OidcInstallation, client: Client) -> Examination:
    with served.installation.database.read() as tx:
        return examine_registered(served.installation, tx, client)


def pasted(served: OidcInstallation, client: Client, **changes: str | None) -> Examination:
    query = urlencode(served.request_parameters(client.id, **changes))
    return examined(served, client, f"{served.issuer}/authorize?{query}")


def examined(served: OidcInstallation, client: Client, address: str) -> Examination:
    with served.installation.database.read() as tx:
        return examine_address(served.installation, tx, client, address)


def address(
    served: OidcInstallation,
    client: Client,
    request: Examination | None = None,
    *,
    person: Person | None = None,
    sid: str = "",
) -> str:
    request = request or registered_request(served, client)
    with served.installation.database.write() as tx:
        person_id = person.id if person else ""
        trial = begin(tx, OPERATOR, client, request, person_id=person_id, sid=sid)
    url = link.address_of(served.installation, trial)
    return url.removeprefix(served.issuer)


def follow(browser: Browser, path: str) -> requests.Response:
    """Where the address leads in the end, by GETs of our own alone."""
    page = browser.get(path)
    while page.status_code == 303:
        where = next_url(page)
        assert where.startswith(page.url.partition("/thu-dang-nhap")[0].partition("/authorize")[0])
        page = browser.get(where)
    return page


def text_of(page: requests.Response) -> str:
    return unescape(re.sub(r"\s+", " ", page.text))


def told(page: requests.Response) -> list[dict[str, object]]:
    """The ID token and the answer of userinfo that the page shows."""
    return [
        json.loads(unescape(t))
        for t in re.findall(r"<pre[^>]*><code>(.*?)</code>", page.text, re.S)
    ]


def counts(served: OidcInstallation) -> dict[str, int]:
    """How many rows every table has."""
    with served.installation.database.read() as tx:
        here = set(inspect(tx).get_table_names())
        return {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name in here
        }


def sid_of(served: OidcInstallation, browser: Browser) -> str:
    with served.installation.database.read() as tx:
        session = find(tx, browser.http.cookies["dm_session"])
    assert session is not None
    return session.sid


def tried(served: OidcInstallation) -> list[str]:
    return [event.fields["result"] for event in served.events("application.tried")]


def test_it_shows_exactly_what_the_application_gets(
    served: OidcInstallation, province: Province
) -> None:
    client, browser = province.client.client, served.browser(province.an)
    page = follow(browser, address(served, client, pasted(served, client, nonce="n-1")))
    assert page.status_code == 200 and "Đăng nhập được" in page.text
    shown, userinfo = told(page)
    tokens = served.tokens(province.client, browser, nonce="n-1")
    _, got = read_unverified(tokens["id_token"])
    moments = ("iat", "exp", "at_hash")
    assert {k: v for k, v in shown.items() if k not in moments} == {
        k: v for k, v in got.items() if k not in moments
    }
    assert userinfo == served.userinfo(tokens["access_token"]).json()
    assert "van_thu@STTTT" in text_of(page)


def test_nothing_is_issued_and_nothing_stays(served: OidcInstallation, province: Province) -> None:
    client, browser = province.client.client, served.browser(province.an)
    path, before = address(served, client), counts(served)
    page = follow(browser, path)
    assert tried(served)[0] == "entered"
    grown = {name for name, count in counts(served).items() if count != before[name]}
    assert grown == {"flows", "single_use", "audit_event"}
    with served.installation.database.read() as tx:
        assert clients_of(tx, sid_of(served, browser)) == []
    with served.installation.database.read() as tx:
        since = [e.kind for e in list_events(tx, limit=before["audit_event"])]
    assert since[0] == "application.tried" and len(set(since[:1])) == 1
    assert counts(served)["audit_event"] == before["audit_event"] + 1
    # Neither a code nor a token, in the page or on the way to it.
    assert not re.search(r"eyJ[\w-]+\.[\w-]+\.", page.text)
    for each in (*page.history, page):
        assert "code=" not in each.headers.get("Location", "") + each.text
    assert f'href="{REDIRECT}' not in page.text and REDIRECT not in page.headers.values()


def test_what_leads_to_an_application_refuses_a_trial(
    served: OidcInstallation, province: Province
) -> None:
    with served.installation.database.read() as tx:
        asked = AuthorizationRequest(
            served.installation, tx, Parameters({}, frozenset()), tried_by=ANYBODY
        )
        with pytest.raises(AssertionError, match="never leads"):
            hand_over(served.installation, asked, {"code": "x"})
    assert province.client


def test_a_browser_cannot_ask_for_a_trial_or_out_of_one(
    served: OidcInstallation, province: Province
) -> None:
    client, browser = province.client.client, served.browser(province.an)
    answer = served.authorize(browser, client.id, tried_by=province.an.id)
    assert "code=" in answer.headers["Location"], "an ordinary sign-in"
    page = browser.get(address(served, client, pasted(served, client, prompt="login")))
    onward = browser.get(next_url(page))
    assert "/dang-nhap?flow=" in next_url(onward)
    with served.installation.database.read() as tx:
        requests_of_flows = [
            json.loads(each) for each in tx.execute(select(flows.c.request)).scalars()
        ]
    begun = [each for each in requests_of_flows if each.get("prompt") == "login"]
    assert begun and all(each["tried_by"] == ANYBODY for each in begun), "marked to its end"


def test_a_trial_that_begins_anew_stays_one(served: OidcInstallation, province: Province) -> None:
    """The session that was signed in to is gone by the time the browser comes back."""
    client, browser = province.client.client, served.browser(province.an)
    request = pasted(served, client, max_age="0")
    asked = next_url(browser.get(address(served, client, request, person=province.an)))
    flow_id = asked.partition("flow=")[2]
    with served.installation.database.write() as tx:
        store.mark_authenticated(tx, flow_id, "da-mat")
    del browser.http.cookies["dm_session"]
    onward = next_url(browser.get(asked))
    assert "/dang-nhap?flow=" in onward and flow_id not in onward
    with served.installation.database.read() as tx:
        kept = [json.loads(each) for each in tx.execute(select(flows.c.request)).scalars()]
    begun = [each for each in kept if each.get("max_age") == "0"]
    assert [each.get("tried_by") for each in begun] == [province.an.id] * 2


def test_an_address_works_once(served: OidcInstallation, province: Province) -> None:
    path = address(served, province.client.client)
    first, second = served.browser(province.an), served.browser(province.an)
    assert follow(first, path).status_code == 200
    for browser in (first, second):
        page = follow(browser, path)
        assert page.status_code == 410 and "Không bắt đầu được" in page.text


def test_an_address_of_the_console_works_in_its_own_session_alone(
    served: OidcInstallation, province: Province
) -> None:
    mine, other = served.browser(province.an), served.browser(province.binh)
    same_person, nobody = served.browser(province.an), served.browser()
    client = province.client.client
    path = address(served, client, person=province.an, sid=sid_of(served, mine))
    for browser in (other, same_person, nobody):
        page = follow(browser, path)
        assert page.status_code == 410 and "đã yêu cầu thử" in page.text
    assert follow(mine, path).status_code == 200, "others have not used it up"


def test_somebody_else_who_signs_in_is_shown_nothing(
    served: OidcInstallation, province: Province
) -> None:
    path = address(served, province.client.client, person=province.an)
    page = follow(served.browser(province.binh), path)
    assert "không phải là người vừa đăng nhập" in page.text
    assert province.binh.username not in page.text.partition("<main")[2]
    assert tried(served)[0] == "other_person"


def test_an_old_forged_or_foreign_address_is_nothing(
    served: OidcInstallation, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, path = served.browser(province.an), address(served, province.client.client)
    for bad in (path[:-6] + "AAAA==", path + "x" * 9000, "/thu-dang-nhap", "/thu-dang-nhap?thu=é"):
        assert browser.get(bad).status_code == 410
    later = now_ms() + link.LINK_MS + 1
    monkeypatch.setattr("idp.oidc.trials.link.now_ms", lambda: later)
    assert browser.get(path).status_code == 410


def test_who_may_not_enter_is_told_so_and_the_application_nothing(
    served: OidcInstallation, province: Province
) -> None:
    shut = served.add_client("Kín", access=Entry(access="roles"))
    with served.installation.database.write() as tx:
        grants.put_role(tx, OPERATOR, Role(shut.client.id, "doc", "Người đọc", "Reader"))
    page = follow(served.browser(province.an), address(served, shut.client))
    assert "không được vào ứng dụng này" in page.text and told(page) == []
    assert served.events("application.refused") == []
    assert tried(served)[0] == "refused"


@pytest.mark.parametrize(
    ("changes", "parameter", "received"),
    [
        ({"redirect_uri": "https://evil.example/cb?token=bimat"}, "redirect_uri", "token=…"),
        ({"response_type": "token"}, "response_type", "token"),
        ({"scope": "profile"}, "scope", "profile"),
        ({"code_challenge": None, "code_challenge_method": None}, "code_challenge", ""),
        ({"code_challenge_method": "plain"}, "code_challenge", "plain"),
        ({"prompt": "none login"}, "prompt", "none login"),
        ({"max_age": "mot"}, "max_age", "mot"),
        ({"resource": "https://api.example/"}, "resource", "https://api.example/"),
        ({"response_mode": "fragment"}, "response_mode", "fragment"),
        ({"id_token_hint": "eyJ.bi.mat"}, "id_token_hint", ""),
        ({"client_id": "khac"}, "client_id", "khac"),
    ],
)
def test_a_pasted_address_is_compared_with_what_is_registered(
    served: OidcInstallation,
    province: Province,
    changes: dict[str, str | None],
    parameter: str,
    received: str,
) -> None:
    found = pasted(served, province.client.client, **changes)
    assert [fault.parameter for fault in found.faults] == [parameter]
    fault = found.faults[0]
    assert received in fault.received and "bimat" not in fault.received
    assert fault.received or not received
    assert fault.problem.vi != "Yêu cầu không hợp lệ" and fault.advice.en
    if parameter == "redirect_uri":
        assert fault.registered == (REDIRECT,)


def test_all_faults_are_told_at_once(served: OidcInstallation, province: Province) -> None:
    wrong = {"redirect_uri": "https://a.example/", "scope": "x", "max_age": "-1", "prompt": "no"}
    found = pasted(served, province.client.client, **wrong)
    assert [f.parameter for f in found.faults] == ["redirect_uri", "scope", "prompt", "max_age"]


@pytest.mark.parametrize(
    "bad", ["", "x", "http://[", "https://evil.example/authorize?scope=openid", "?a=%FF", "é" * 9]
)
def test_any_text_may_be_pasted(served: OidcInstallation, province: Province, bad: str) -> None:
    assert examined(served, province.client.client, bad).faults


def test_what_is_right_at_the_beginning_may_be_wrong_at_the_end(
    served: OidcInstallation, province: Province
) -> None:
    made = served.add_client("Sắp ngừng")
    path = address(served, made.client)
    disable_client(served.installation, OPERATOR, made.client.id, "kiểm tra")
    page = follow(served.browser(province.an), path)
    assert "Không có gì được gửi đến ứng dụng" in page.text and told(page) == []
    assert tried(served)[0] == "faulty"


def test_what_would_be_answered_without_a_page_is_a_page(
    served: OidcInstallation, province: Province
) -> None:
    client = province.client.client
    page = follow(served.browser(), address(served, client, pasted(served, client, prompt="none")))
    assert page.status_code == 200 and "Cần đăng nhập" in page.text


def test_a_request_too_long_to_carry_is_refused(
    served: OidcInstallation, province: Province
) -> None:
    client = province.client.client
    request = pasted(served, client, login_hint="a" * 200)
    long = Examination({**request.parameters, "id_token_hint": "x" * 4000}, [])
    with pytest.raises(Invalid, match=r"trial\.too_long"):
        address(served, client, long)
    longest = Examination({**request.parameters, "id_token_hint": "x" * 2200}, [])
    assert len(address(served, client, longest)) < 8000


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("client_secret", "bimat", ""),
        ("code", "bimat", ""),
        ("state", "bimat", ""),
        ("redirect_uri", "https://u:bimat@a.example/b?c=bimat&d#e", "https://a.example/b?c=…&…#…"),
        ("redirect_uri", "https://a.example/b ", "https://a.example/b%20"),
        ("redirect_uri", "http://[bad?x=bimat", "http://[bad"),
        ("scope", "a\x00b\u202ec\n", "a�b�c�"),
        ("scope", "<script>" + "x" * 500, "<script>" + "x" * 191 + "…"),
    ],
)
def test_of_what_was_received_nothing_secret_or_long_is_kept(
    name: str, value: str, kept: str
) -> None:
    assert received_of({name: value}, name) == kept


def test_a_refused_request_is_recorded_with_what_was_received(
    served: OidcInstallation, province: Province
) -> None:
    client_id = province.client.client.id
    served.authorize(served.browser(), client_id, redirect_uri="https://evil.example/?a=bimat")
    event = served.events("authz.redirect_rejected")[0]
    assert event.fields["parameter"] == "redirect_uri"
    assert event.fields["received"] == "https://evil.example/?a=…"
    served.authorize(served.browser(), client_id, scope="profile")
    event = served.events("authz.request_refused")[0]
    assert (event.fields["parameter"], event.fields["received"]) == ("scope", "profile")


def test_names_and_values_of_others_are_text(served: OidcInstallation, province: Province) -> None:
    made = served.add_client("<b>Ứng dụng</b>")
    path = address(served, made.client)
    page = follow(served.browser(province.an), path)
    assert "<b>Ứng" not in page.text and "&lt;b&gt;Ứng dụng" in page.text
