"""Certificates: what counts, binding them, and signing in with one alone and after the password."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from directory.actor import Actor
from directory.catalogue.person import Person
from directory.clock import HOUR, MINUTE
from directory.component import NotWell
from directory.errors import AppError, Conflict, Forbidden, Invalid
from directory.people import service as people
from idp.factors.certificate import authorities, checks, fetching, service, shown, store
from idp.keys.jose import read_unverified
from tests.idp.test_every_page_is_reached import all_templates, watching
from tests.support.browser import PASSWORD, Browser, csrf_token
from tests.support.idp_app import IdpApp, at_time, running_idp
from tests.support.installation import OPERATOR
from tests.support.pki import DAY, SERVER, Authority, Issued
from tests.support.relying_party import authorization_request
from tests.support.second_factor import code_now, give_code, give_password, give_totp, whole_step

SECURITY, BIND, ASK = "/bao-mat", "/bao-mat/chung-thu", "/chung-thu"
HEADER = "Client-Cert"
CRITICAL = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
ACTOR_WITHOUT_ROLE = Actor("person", "khong-co-vai-tro")

pytestmark = pytest.mark.both_engines

__all__ = ["whole_step"]


@dataclass
class Place:
    """The sign-in application with certificates on, and the authorities that it trusts."""

    idp: IdpApp
    root: Authority
    state: Authority


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with running_idp(
        DANHMUC_CERTIFICATE_URL="https://localhost:8443", DANHMUC_CERTIFICATE_HEADER=HEADER
    ) as idp:
        root = Authority.root()
        state = root.authority()
        for each in (root, state):
            added = service.trust(
                idp.installation, OPERATOR, each.issued.pem, without_crl="chưa có danh sách"
            )
            assert added.without_crl
        yield Place(idp, root, state)


@pytest.fixture
def idp_app(place: Place) -> IdpApp:
    return place.idp


@pytest.fixture
def person(idp_app: IdpApp) -> Person:
    return idp_app.person()


def give(place: Place, person: Person, **kind: object) -> Issued:
    """A certificate that is bound to the person."""
    made = place.state.issue(**kind)  # type: ignore[arg-type]
    service.bind(place.idp.installation, OPERATOR, person.id, made.pem, "đã xem thẻ")
    return made


def ask_address(page: requests.Response) -> str:
    """Where a page sends the browser to show a certificate, without the host."""
    found = re.search(r'href="https://localhost:8443(/chung-thu[^"]+)"', page.text)
    assert found, page.text
    return html.unescape(found[1])


def show(browser: Browser, page: requests.Response, value: str, **more: str) -> requests.Response:
    """As the proxy hands on what the browser showed; the page that comes of it."""
    headers = {HEADER: value} if value else {}
    address = urljoin(browser.site, ask_address(page))
    answer = browser.http.get(address, headers=headers | more, allow_redirects=False, timeout=20)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["Location"])


def confirm(browser: Browser, page: requests.Response, **more: str) -> requests.Response:
    sealed = re.search(r'name="chung-thu" value="([^"]+)"', page.text)
    assert sealed, page.text
    data = {"csrf_token": csrf_token(page), "buoc": "certificate", "chung-thu": sealed[1]}
    return browser.post(page.url, data | more)


def sign_in(browser: Browser, made: Issued) -> requests.Response:
    return confirm(browser, show(browser, browser.open_sign_in(), made.header))


def refusals(idp_app: IdpApp, person: Person) -> list[object]:
    told = idp_app.events("signin.refused", subject=f"person:{person.id}")
    return [event.fields["reason"] for event in told]


# --- signing in ----------------------------------------------------------------------------------


def test_it_is_bound_and_signs_in_alone_at_level_two(place: Place, person: Person) -> None:
    idp_app, browser = place.idp, place.idp.browser()
    totp = give_totp(idp_app.installation, person.id)
    made = place.state.issue()
    give_code(browser, give_password(browser, person), code_now(totp))
    assert f'href="{BIND}"' in browser.get(SECURITY).text
    page = show(browser, browser.get(BIND), made.header)
    assert "Nguyễn Thị Thuỳ Dung" in page.text and "001234567890" not in page.text
    assert confirm(browser, page).headers["Location"] == SECURITY
    (event,) = idp_app.events("certificate.bound", subject=f"person:{person.id}")
    assert (event.fields["serial"], event.actor) == (made.serial, f"person:{person.id}")
    other = idp_app.browser()
    page = other.open_sign_in(**authorization_request(idp_app.documents))
    answer = confirm(other, show(other, page, made.header))
    other.follow(answer, idp_app.documents.redirect_uri)
    claims = read_unverified(idp_app.documents.tokens(other, person)["id_token"])[1]
    assert (claims["acr"], claims["amr"]) == ("2", ["hwk", "pin", "mfa"])


def test_after_the_password_it_is_the_second_factor(place: Place, person: Person) -> None:
    idp_app, made = place.idp, give(place, person)
    others = give(place, idp_app.person())
    browser = idp_app.browser()
    page = browser.follow(
        browser.answer(
            browser.open_sign_in(**authorization_request(idp_app.documents)),
            person.username,
            PASSWORD,
        )
    )
    assert "Bây giờ hãy dùng chứng thư số" in page.text
    assert (
        "đã gắn với một tài khoản khác" in confirm(browser, show(browser, page, others.header)).text
    )
    page = show(browser, page, made.header)
    browser.follow(confirm(browser, page), idp_app.documents.redirect_uri)
    claims = read_unverified(idp_app.documents.tokens(browser, person)["id_token"])[1]
    assert (claims["acr"], claims["amr"]) == ("2", ["pwd", "hwk"])
    assert refusals(idp_app, person) == [] and "certificate_others" in str(
        [event.fields for event in idp_app.events("signin.refused")]
    )


def test_that_it_ends_is_said_on_the_way_in(place: Place, person: Person) -> None:
    idp_app = place.idp
    give_totp(idp_app.installation, person.id)
    assert "hết hạn" not in give_password(idp_app.browser(), person).text
    made = give(place, person, ends=20 * DAY)
    page = give_password(idp_app.browser(), person)
    assert "hết hạn lúc" in page.text and f'href="{BIND}"' in page.text
    assert "hết hạn" not in idp_app.browser().open_sign_in().text
    browser = idp_app.browser()
    page = show(browser, browser.open_sign_in(), made.header)
    assert "Chứng thư này sắp hết hạn" in page.text
    confirm(browser, page)
    assert "hết hạn lúc" in browser.get("/").text
    give(place, person, ends=400 * DAY)  # the one that follows it
    assert "hết hạn" not in give_password(idp_app.browser(), person).text


def test_what_does_not_count_is_told_why(place: Place) -> None:
    idp_app, state = place.idp, place.state
    foreign, hours = Authority.root("Cơ quan khác"), timedelta(hours=1)
    itself = Authority.root("Nguyễn Văn Giả").issued
    cases = {
        "certificate_expired": ([state.issue(ends=-hours, begins=-3 * DAY).header], "đã hết hạn"),
        "certificate_not_yet": ([state.issue(begins=hours).header], "chưa có hiệu lực"),
        "certificate_purpose": (
            [
                state.issue(purposes=[SERVER]).header,
                state.issue(signs=False).header,
                state.issued.header,
            ],
            "không dùng để đăng nhập",
        ),
        "certificate_weak": ([state.issue(curve=ec.SECP256K1()).header], "quá yếu"),
        "certificate_authority_unknown": (
            [foreign.issue().header, itself.header, place.state.authority().issue().header],
            "không được chấp nhận ở đây",
        ),
        "certificate_chain": (
            [state.issue(more=[(CRITICAL, True)]).header],
            "hiện không hợp lệ",
        ),
        "certificate_unreadable": (
            ["x", ":AAAA:", f"{state.issue().header},{state.issue().header}", "%00" * 500],
            "Không đọc được",
        ),
        "certificate_none": ([""], "chưa gửi chứng thư nào"),
    }
    browser = idp_app.browser()
    page = browser.open_sign_in()
    for fault, (values, sentence) in cases.items():
        for value in values:
            shown_page = show(browser, page, value)
            assert sentence in shown_page.text, (fault, value[:60])
            assert 'name="chung-thu"' not in shown_page.text, fault
    told = {str(event.fields["fault"]) for event in idp_app.events("certificate.refused")}
    assert told >= cases.keys() - {"certificate_none"}


def test_a_certificate_of_nobody_opens_nothing(place: Place) -> None:
    browser = place.idp.browser()
    answer = sign_in(browser, place.state.issue())
    assert answer.status_code == 403 and "chưa gắn với tài khoản nào" in answer.text
    assert not browser.is_signed_in()


def test_what_was_shown_is_good_once_here_and_for_five_minutes(
    place: Place, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, browser = give(place, person), place.idp.browser()
    page = show(browser, browser.open_sign_in(), made.header)
    # In another flow of the same browser, and in another browser.
    sealed = parse_qs(urlsplit(page.url).query)["chung-thu"][0]
    for other in (browser, place.idp.browser()):
        elsewhere = other.open_sign_in()
        flow = parse_qs(urlsplit(elsewhere.url).query)["flow"][0]
        seen = other.get("/dang-nhap", **{"flow": flow, "buoc": "certificate", "chung-thu": sealed})
        assert made.serial not in seen.text
        data = {"csrf_token": csrf_token(elsewhere), "buoc": "certificate", "chung-thu": sealed}
        assert other.post(elsewhere.url, data).status_code == 403
    with at_time(monkeypatch, shown.LASTS_MS + MINUTE):
        assert "lâu" in confirm(browser, page).text
    assert confirm(browser, page).status_code == 303 and browser.is_signed_in()
    again = place.idp.browser()
    again.http.cookies = browser.http.cookies.copy()
    assert confirm(again, page).status_code in (303, 409, 410)
    assert len(place.idp.events("signin.succeeded", subject=f"person:{person.id}")) == 1


def test_a_header_from_elsewhere_is_ignored_and_told(place: Place, person: Person) -> None:
    made, browser = give(place, person), place.idp.browser()
    address = ask_address(browser.open_sign_in())
    answer = place.idp.app.test_client().get(
        address,
        headers={HEADER: made.header, "Host": urlsplit(place.idp.url).netloc},
        environ_base={"REMOTE_ADDR": "10.1.2.3"},
    )
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"])
    assert "chưa gửi chứng thư nào" in page.text and 'name="chung-thu"' not in page.text
    (event,) = place.idp.events("certificate.header_ignored")
    assert event.fields["peer"] == "10.1.2.3"
    # What the proxy did not take is only explained.
    refused = address.replace("/chung-thu?", "/chung-thu/tu-choi?")
    explained = browser.http.get(
        urljoin(browser.site, refused), headers={HEADER: made.header}, allow_redirects=False
    )
    page = browser.get(explained.headers["Location"])
    assert "phía trước không nhận" in page.text and 'name="chung-thu"' not in page.text


def test_the_address_that_asks_leads_to_pages_of_ours_alone(place: Place) -> None:
    browser = place.idp.browser()
    for wrong in ("", "https://evil.example/", "x.//evil", "f." + "a" * 65, "s.ă"):
        assert browser.get(ASK, trang=wrong).headers["Location"] == f"{place.idp.url}/dang-nhap"
    there = browser.get(ASK, trang="f.//evil.example?x=").headers["Location"]
    assert there.startswith(f"{place.idp.url}/dang-nhap?flow=%2F%2Fevil.example")


@pytest.mark.parametrize("standing", ["suspended", "left"])
def test_whoever_may_not_come_in_is_told_so(place: Place, person: Person, standing: str) -> None:
    made, end = give(place, person), {"suspended": people.suspend, "left": people.retire}[standing]
    end(place.idp.installation, OPERATOR, person.id, "thử")
    browser = place.idp.browser()
    answer = sign_in(browser, made)
    assert answer.status_code == 403 and not browser.is_signed_in()
    assert refusals(place.idp, person)[0] == f"person_{standing}"


def test_a_person_who_is_paused_gets_in_by_certificate(place: Place, person: Person) -> None:
    made, browser = give(place, person), place.idp.browser()
    for _ in range(11):
        browser.answer(browser.open_sign_in(), person.username, "sai hoàn toàn")
    assert sign_in(place.idp.browser(), made).status_code == 303


# --- binding -------------------------------------------------------------------------------------


def test_binding_wants_two_factors(place: Place, person: Person) -> None:
    browser, made = place.idp.browser(), place.state.issue()
    browser.sign_in(person)
    page = browser.get(BIND)
    assert "mới đăng nhập chỉ bằng mật khẩu" in page.text
    place_of = re.search(r"trang=(s[^\"]+)", page.text)
    assert place_of is None
    with place.idp.installation.database.read() as tx:
        assert not store.is_enrolled(tx, person.id)
    assert (
        browser.post(
            BIND, {"csrf_token": csrf_token(browser.get("/bao-mat/ung-dung-xac-thuc"))}
        ).status_code
        == 403
    )
    assert made.serial


def test_one_certificate_and_one_key_have_one_person(place: Place, person: Person) -> None:
    installation, other = place.idp.installation, place.idp.person()
    made = give(place, person)
    renewed = place.state.issue(key=made.key)
    for again in (made, renewed):
        with pytest.raises(Conflict, match="taken"):
            service.bind(installation, OPERATOR, other.id, again.pem, "đã xem thẻ")
    service.bind(installation, OPERATOR, person.id, renewed.pem, "gia hạn")
    for _ in range(store.MOST - 2):
        give(place, person)
    with pytest.raises(Conflict, match="too_many"):
        give(place, person)


def test_of_two_who_bind_the_same_at_once_one_has_it(place: Place) -> None:
    made, both = place.state.issue(), (place.idp.person(), place.idp.person())

    def bind(person: Person) -> str:
        try:
            service.bind(place.idp.installation, OPERATOR, person.id, made.pem, "đã xem thẻ")
        except AppError as error:
            return error.code
        return ""

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(bind, both)) == ["", "certificate.taken"]


def test_what_an_administrator_binds_is_looked_at_as_well(place: Place, person: Person) -> None:
    installation = place.idp.installation

    def refused(content: bytes, reason: str = "đã xem thẻ") -> str:
        with pytest.raises(Invalid) as caught:
            service.bind(installation, OPERATOR, person.id, content, reason)
        return caught.value.code

    assert refused(b"hello") == "certificate.unreadable"
    good = place.state.issue()
    assert refused(good.pem + place.state.issued.pem) == "certificate.unreadable"
    assert refused(good.pem, " ") == "certificate.reason"
    assert refused(place.state.issue(purposes=[SERVER]).pem) == "certificate.refused"
    with pytest.raises(Forbidden):
        service.bind(installation, ACTOR_WITHOUT_ROLE, person.id, good.pem, "tự làm")


def test_it_is_taken_away(place: Place, person: Person) -> None:
    made, browser = give(place, person), place.idp.browser()
    assert sign_in(browser, made).status_code == 303
    removal = re.search(rf'href="({BIND}/[^"]+/xoa)"', browser.get(SECURITY).text)
    assert removal
    page = browser.get(removal[1])
    assert "chỉ cần mật khẩu" in page.text
    assert browser.get(f"{BIND}/khong-co/xoa").status_code == 404
    assert browser.post(removal[1], {"csrf_token": csrf_token(page)}).status_code == 303
    (event,) = place.idp.events("certificate.removed", subject=f"person:{person.id}")
    assert event.fields["serial"] == made.serial
    assert sign_in(place.idp.browser(), made).status_code == 403


def test_every_page_of_it_is_reached(place: Place, person: Person) -> None:
    browser, made = place.idp.browser(), give(place, person)
    with watching(place.idp) as seen:
        page = browser.open_sign_in()
        show(browser, page, "")
        assert confirm(browser, show(browser, page, made.header)).status_code == 303
        removal = re.search(rf'href="({BIND}/[^"]+/xoa)"', browser.get(SECURITY).text)
        assert removal and browser.get(removal[1]).status_code == 200
        assert browser.get(BIND).status_code == 200
    own = {name for name in all_templates() if name.startswith("certificate/")}
    assert own and not own - seen


# --- authorities ---------------------------------------------------------------------------------


def test_an_authority_is_looked_at_before_it_is_trusted(place: Place) -> None:
    installation = place.idp.installation

    def refused(content: bytes, **more: object) -> str:
        how = {"without_crl": "thử"} | more
        with pytest.raises(AppError) as caught:
            service.trust(installation, OPERATOR, content, **how)  # type: ignore[arg-type]
        return caught.value.code

    below = Authority.root("Gốc lạ").authority()
    assert refused(b"x") == "certificate.unreadable"
    assert refused(place.root.issued.pem) == "authority.known"
    assert refused(place.state.issue().pem) == "authority.unfit"
    assert refused(below.issued.pem) == "authority.chain"
    assert refused(place.state.authority().issued.pem, without_crl="") == ("authority.no_list")
    outside = {"without_crl": "", "crl_url": "http://127.0.0.1:9/ca.crl"}
    assert refused(place.state.authority().issued.pem, **outside) == ("authority.list_address")
    found = service.list_authorities(installation)
    with pytest.raises(Conflict, match="needed"):
        service.distrust(installation, OPERATOR, found[0].id)


def test_what_it_issues_counts_under_its_policies_and_while_it_is_trusted(
    place: Place, person: Person
) -> None:
    installation, policy = place.idp.installation, x509.ObjectIdentifier("1.2.704.1.1.1")
    tokens = place.root.authority("Chỉ thiết bị (mẫu)")
    added = service.trust(
        installation, OPERATOR, tokens.issued.pem, policies=["1.2.704.1.1.1"], without_crl="thử"
    )
    named = x509.CertificatePolicies([x509.PolicyInformation(policy, None)])
    good = tokens.issue(more=[(named, False)])
    with pytest.raises(Invalid, match="refused"):
        service.bind(installation, OPERATOR, person.id, tokens.issue().pem, "đã xem thẻ")
    service.bind(installation, OPERATOR, person.id, good.pem, "đã xem thẻ")
    browser = place.idp.browser()
    page = show(browser, browser.open_sign_in(), good.header)
    service.distrust(installation, OPERATOR, added.id[:12])
    assert "không được chấp nhận ở đây" in confirm(browser, page).text
    told = {kind.fields["name"] for kind in place.idp.events("authority.removed")}
    assert "Chỉ thiết bị (mẫu)" in told


# --- lists of revoked certificates ---------------------------------------------------------------


class _Published(BaseHTTPRequestHandler):
    """Where an authority publishes its list."""

    content: bytes | None = None

    def do_GET(self) -> None:
        self.send_response(200 if self.content else 503)
        self.end_headers()
        self.wfile.write(self.content or b"")

    def log_message(self, *_: object) -> None:
        pass


def test_a_list_is_fetched_and_counts_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        HTTPServer(("127.0.0.1", 0), _Published) as server,
        running_idp(
            DANHMUC_CERTIFICATE_URL="https://localhost:8443",
            DANHMUC_CERTIFICATE_HEADER=HEADER,
            DANHMUC_OUTBOUND_ALLOW=f"127.0.0.1/32:{server.server_port}",
        ) as idp,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        installation, root = idp.installation, Authority.root()
        place = Place(idp, root, root.authority())
        url = f"http://127.0.0.1:{server.server_port}/ca.crl"
        service.trust(installation, OPERATOR, root.issued.pem, without_crl="thử")
        service.trust(installation, OPERATOR, place.state.issued.pem, crl_url=url)
        person, good, gone = idp.person(), place.state.issue(), place.state.issue()

        def said(made: Issued) -> str:
            browser = idp.browser()
            return show(browser, browser.open_sign_in(), made.header).text

        def state() -> authorities.Authority:
            return service.list_authorities(installation)[1]

        # None yet: nobody gets in, and it is said where operators look.
        fetching.fetch(installation)
        assert (state().crl_problem, state().has_current_list) == ("crl.answer", False)
        assert "chưa nhận chứng thư nào" in said(good)
        with pytest.raises(NotWell, match=r"crl\.answer"):
            checks.lists_are_current(installation)
        assert [each for each in checks.expiries(installation) if "chưa nhận" in each.what.vi]
        # Fetched again after five minutes.
        place.state.revoked = [gone.made.serial_number]
        _Published.content = place.state.revocation_list()
        with at_time(monkeypatch, 6 * MINUTE):
            fetching.fetch(installation)
        assert state().crl_problem == "" and "1 mới" not in said(good)
        assert 'name="chung-thu"' in said(good) and "đã bị thu hồi" in said(gone)
        assert "2 authorities" in checks.lists_are_current(installation)
        service.bind(installation, OPERATOR, person.id, good.pem, "đã xem thẻ")
        # What it says of a certificate counts at once, also for one that was shown before.
        browser = idp.browser()
        page = show(browser, browser.open_sign_in(), good.header)
        place.state.revoked.append(good.made.serial_number)
        later = place.state.revocation_list()
        assert service.take_list(installation, OPERATOR, state(), later) == 1
        assert "đã bị thu hồi" in confirm(browser, page).text
        assert refusals(idp, person) == ["certificate_revoked"]
        # What an authority takes back is back; a list that ended is none.
        place.state.revoked.pop()
        service.take_list(installation, OPERATOR, state(), place.state.revocation_list())
        assert 'name="chung-thu"' in said(good)
        with at_time(monkeypatch, 24 * HOUR + MINUTE):
            assert "chưa nhận chứng thư nào" in said(good)
        wrong = {
            "crl.foreign": place.root.revocation_list(),
            "crl.over": place.state.revocation_list(begins=-3 * DAY, ends=-DAY),
            "crl.not_yet": place.state.revocation_list(begins=DAY, ends=2 * DAY),
            "crl.older": place.state.revocation_list(begins=-DAY),
            "crl.kind": place.state.revocation_list(more=[(x509.DeltaCRLIndicator(1), True)]),
            "crl.unreadable": b"hello",
        }
        for code, content in wrong.items():
            with pytest.raises(Invalid) as caught:
                service.take_list(installation, OPERATOR, state(), content)
            assert caught.value.code == code
        forged = place.state.revocation_list(key=place.root.issued.key)
        with pytest.raises(Invalid, match="foreign"):
            service.take_list(installation, OPERATOR, state(), forged)
        server.shutdown()
