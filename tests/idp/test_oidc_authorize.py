"""The authorization endpoint: nothing is sent to anyone before client and redirect URI are good."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import quote, urlencode, urlsplit

import pytest
import requests
from sqlalchemy import select

from directory.ids import new_id
from idp.clients.service import Entry
from idp.oidc.parameters import Parameters, cut_hints
from idp.oidc.tables import posted_request
from tests.support.browser import next_url
from tests.support.oidc_installation import OidcInstallation, Province
from tests.support.relying_party import CHALLENGE, REDIRECT, answer_fields, doubled_fields

pytestmark = pytest.mark.only_on_sqlite("which page or answer comes is no question of the store")

# What the registered URI must not be confused with.
NOT_THE_REGISTERED_URI = [
    REDIRECT + "/",
    REDIRECT.upper(),
    REDIRECT.replace("callback", "Callback"),
    REDIRECT.replace("callback", "%63allback"),
    REDIRECT.replace("callback", "x/../callback"),
    REDIRECT.replace("callback", "x/..;/callback"),
    REDIRECT.replace("callback", "./callback"),
    REDIRECT.replace("callback", "%2e%2e/callback"),
    REDIRECT + "?a=b",
    REDIRECT + "?",
    REDIRECT + "#f",
    REDIRECT + "#",
    REDIRECT + "%0a",
    REDIRECT + "\n",
    REDIRECT + "\t",
    REDIRECT + " ",
    " " + REDIRECT,
    REDIRECT + "/..",
    REDIRECT + ".evil.example",
    REDIRECT.replace(":9", ""),
    REDIRECT.replace(":9", ":10"),
    REDIRECT.replace(":9", ":09"),
    REDIRECT.replace("http://", "https://"),
    REDIRECT.replace("127.0.0.2", "127.0.0.1"),
    REDIRECT.replace("127.0.0.2", "localhost"),
    REDIRECT.replace("127.0.0.2", "127.0.0.2.evil.example"),
    REDIRECT.replace("127.0.0.2", "127.2"),
    REDIRECT.replace("127.0.0.2", "0x7f000002"),
    REDIRECT.replace("127.0.0.2", "[::1]"),
    REDIRECT.replace("127.0.0.2", "xn--127-0-0-2.example"),
    "http://evil.example@127.0.0.2:9/callback",
    "http://127.0.0.2:9@evil.example/callback",
    "http://127.0.0.2:9@evil@evil.example/callback",
    "http://evil.example/" + REDIRECT,
    "http://evil.example\\@127.0.0.2:9/callback",
    "//127.0.0.2:9/callback",
    "\\\\127.0.0.2:9\\callback",
    "JaVaScRiPt:alert(1)//" + REDIRECT,
    "data:text/html," + REDIRECT,
    "null",
    "https://evil.example/",
]


@pytest.mark.parametrize("uri", NOT_THE_REGISTERED_URI)
def test_a_redirect_uri_that_is_not_the_registered_one_gets_a_page_and_no_redirect(
    served: OidcInstallation, province: Province, uri: str
) -> None:
    answer = served.authorize(
        served.browser(province.an), province.client.client.id, redirect_uri=uri
    )
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "//evil" not in answer.text


def test_a_nul_byte_anywhere_is_refused(served: OidcInstallation, province: Province) -> None:
    answer = served.authorize(
        served.browser(), province.client.client.id, redirect_uri=REDIRECT + "\0"
    )
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_rejected_redirect_is_audited(served: OidcInstallation, province: Province) -> None:
    before = len(served.events("authz.redirect_rejected"))
    served.authorize(
        served.browser(), province.client.client.id, redirect_uri="https://evil.example/"
    )
    events = served.events("authz.redirect_rejected")
    assert len(events) == before + 1
    assert events[0].subject == f"client:{province.client.client.id}"
    assert events[0].address == "127.0.0.1"
    assert events[0].request_id


@pytest.mark.parametrize("client_id", [None, "nobody", "x" * 5000, "' OR 1=1--", "é😀"])
def test_an_unknown_client_gets_a_page_before_anyone_is_asked_to_sign_in(
    served: OidcInstallation, client_id: str | None
) -> None:
    answer = served.authorize(served.browser(), "-", client_id=client_id)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope", "code_challenge", "state"])
def test_a_repeated_parameter_gets_a_page(
    served: OidcInstallation, province: Province, name: str
) -> None:
    good = served.request_parameters(province.client.client.id)
    for second in (good[name], "https://evil.example/", ""):
        query = urlencode([*good.items(), (name, second)])
        answer = requests.get(f"{served.url}/authorize?{query}", allow_redirects=False, timeout=10)
        assert answer.status_code == 400
        assert "Location" not in answer.headers


def test_parameters_in_query_and_body_get_a_page(
    served: OidcInstallation, province: Province
) -> None:
    good = served.request_parameters(province.client.client.id)
    answer = requests.post(
        f"{served.url}/authorize?client_id=other", data=good, allow_redirects=False, timeout=10
    )
    assert answer.status_code == 400
    assert "Location" not in answer.headers


# What is refused, and with which error, once the client and its address are known.
REFUSED = [
    ({"response_type": None}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token"}, "unsupported_response_type"),
    ({"response_type": "none"}, "unsupported_response_type"),
    ({"response_mode": "fragment"}, "invalid_request"),
    ({"response_mode": "web_message"}, "invalid_request"),
    ({"response_mode": "jwt"}, "invalid_request"),
    ({"scope": None}, "invalid_scope"),
    ({"scope": "profile"}, "invalid_scope"),
    ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": "s256"}, "invalid_request"),
    ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge": CHALLENGE[:-1]}, "invalid_request"),
    ({"code_challenge": "a" * 129}, "invalid_request"),
    ({"code_challenge": CHALLENGE + "\n"}, "invalid_request"),
    ({"code_challenge": CHALLENGE[:-1] + "="}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "create"}, "invalid_request"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "1e99"}, "invalid_request"),
    ({"max_age": "abc"}, "invalid_request"),
    ({"max_age": str(2**63)}, "invalid_request"),
    ({"max_age": "٣"}, "invalid_request"),
    ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ({"request_uri": "http://169.254.169.254/"}, "request_uri_not_supported"),
    ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
    ({"request_uri": "file:///etc/passwd"}, "request_uri_not_supported"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"resource": "https://api.example/"}, "invalid_target"),
    ({"id_token_hint": "not.a.token"}, "invalid_request"),
    ({"state": "s" * 4097}, "invalid_request"),
    ({"nonce": "n" * 513}, "invalid_request"),
]


@pytest.mark.parametrize(("changes", "error"), REFUSED)
def test_a_wrong_request_is_answered_to_the_application_with_iss_and_state(
    served: OidcInstallation, province: Province, changes: dict[str, str | None], error: str
) -> None:
    answer = served.authorize(served.browser(province.an), province.client.client.id, **changes)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(REDIRECT + "?")
    fields = answer_fields(answer)
    assert fields["error"] == error
    assert fields["iss"] == served.issuer
    assert fields["state"] == changes.get("state", "trạng-thái")
    assert doubled_fields(answer) == []
    assert "code" not in fields


LONG_HINTS = {
    "acr_values": " ".join(f"urn:oasis:names:tc:SAML:2.0:ac:classes:Number{n}" for n in range(9)),
    "ui_locales": " ".join(["vi-VN", "en-GB"] * 40),
    "display": "d" * 4000,
    "login_hint": "an.nv@" + "x" * 4000,
}


@pytest.mark.parametrize("name", LONG_HINTS)
def test_a_hint_of_any_length_never_ends_a_sign_in(
    served: OidcInstallation, province: Province, name: str
) -> None:
    """OIDC Core section 3.1.2.1: these four are voluntary."""
    asked = {name: LONG_HINTS[name]}
    assert served.code(served.browser(province.an), province.client.client.id, **asked)
    page = served.authorize(served.browser(), province.client.client.id, **asked)
    assert page.headers["Location"].startswith("/dang-nhap?flow=")
    posted = served.request_parameters(province.client.client.id, **asked)
    answer = requests.post(f"{served.url}/authorize", posted, allow_redirects=False, timeout=10)
    assert answer.headers["Location"].startswith("/authorize?posted=")
    with served.installation.database.read() as tx:
        kept = tx.execute(select(posted_request.c.parameters)).scalars().all()
    assert max(map(len, kept)) < 1000  # what cannot be used is not kept


def test_a_hint_is_cut_to_whole_words_or_left_out() -> None:
    def cut(name: str, value: str) -> str | None:
        return cut_hints(Parameters({name: value, "state": "s"}, frozenset())).get(name)

    assert cut("ui_locales", "vi en") == "vi en"
    assert cut("ui_locales", "vi " * 60) == " ".join(["vi"] * 33)
    assert cut("ui_locales", "v" * 100 + " en") == "v" * 100
    assert cut("ui_locales", "v" * 101) is None
    assert cut("login_hint", "x" * 256) == "x" * 256
    assert cut("login_hint", "x" * 257) is None
    assert cut_hints(Parameters({"state": "s" * 4000}, frozenset({"a"}))).repeated == {"a"}


def test_form_post_to_a_private_scheme_is_refused(served: OidcInstallation) -> None:
    app = served.add_client(
        "Di động",
        application_type="native",
        redirect_uris=["vn.gov.binhduong.app:/cb"],
        token_endpoint_auth_method="none",
    )
    answer = served.authorize(
        served.browser(),
        app.client.id,
        redirect_uri="vn.gov.binhduong.app:/cb",
        response_mode="form_post",
    )
    assert answer.headers["Location"].startswith("vn.gov.binhduong.app:/cb?error=invalid_request")


STATES = [
    "a b+c",
    "%0d%0a",
    "\r\nSet-Cookie: a=b",
    "😀" * 1024,
    "&iss=evil&code=x",
    "é#?/",
    "s" * 4096,
]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("prompt", [None, "none login"])
def test_state_comes_back_byte_for_byte_with_code_and_with_error(
    served: OidcInstallation, province: Province, state: str, prompt: str | None
) -> None:
    answer = served.authorize(
        served.browser(province.an), province.client.client.id, state=state, prompt=prompt
    )
    assert answer.status_code == 303
    fields = answer_fields(answer)
    assert fields["state"] == state
    assert fields["iss"] == served.issuer
    assert ("code" in fields) == (prompt is None)
    assert set(answer.headers) & {"Set-Cookie2", "a"} == set()


def test_form_post_carries_the_answer_in_a_form(
    served: OidcInstallation, province: Province
) -> None:
    state = '"><script>alert(1)</script>'
    answer = served.authorize(
        served.browser(province.an),
        province.client.client.id,
        response_mode="form_post",
        state=state,
    )
    assert answer.status_code == 200
    form = _read_form(answer.text)
    assert form.action == REDIRECT
    assert form.fields["state"] == state
    assert form.fields["iss"] == served.issuer
    assert form.fields["code"]
    assert "<script>alert" not in answer.text
    assert "form-action" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("method") == "post" and "data-auto-submit" in values:
            self.action = values["action"]
        if tag == "input" and values.get("type") == "hidden":
            self.fields[values["name"]] = values["value"]


def _read_form(text: str) -> _Form:
    form = _Form()
    form.feed(text)
    return form


def test_a_post_is_stored_and_continued_by_get(
    served: OidcInstallation, province: Province
) -> None:
    good = served.request_parameters(province.client.client.id, state="từ POST")
    # A cross-site POST comes without our SameSite=Lax cookie …
    first = requests.post(f"{served.url}/authorize", data=good, allow_redirects=False, timeout=10)
    assert first.status_code == 303
    place = first.headers["Location"]
    assert place.startswith("/authorize?")
    # … the GET that follows brings it.
    second = served.browser(province.an).get(served.url + place)
    assert answer_fields(second)["state"] == "từ POST"
    assert "code" in answer_fields(second)


def test_a_wrong_post_is_answered_at_once_and_not_stored(
    served: OidcInstallation, province: Province
) -> None:
    for changes, expected in (
        ({"redirect_uri": "https://evil.example/"}, 400),
        ({"scope": "x"}, 200),
    ):
        good = served.request_parameters(province.client.client.id, **changes)
        answer = requests.post(
            f"{served.url}/authorize", data=good, allow_redirects=False, timeout=10
        )
        assert answer.status_code == expected
        # No redirect to the application either: browsers hold it against the page that posted.
        assert "Location" not in answer.headers
        assert ("error=invalid_scope" in next_url(answer)) is (expected == 200)


def test_prompt_none_without_a_session_is_login_required(
    served: OidcInstallation, province: Province
) -> None:
    answer = served.authorize(served.browser(), province.client.client.id, prompt="none")
    assert answer_fields(answer)["error"] == "login_required"


def test_prompt_none_with_a_session_gives_a_code(
    served: OidcInstallation, province: Province
) -> None:
    assert served.code(served.browser(province.an), province.client.client.id, prompt="none")


@pytest.mark.parametrize(
    "changes", [{"prompt": "login"}, {"max_age": "0"}, {"prompt": "select_account"}]
)
def test_a_session_does_not_answer_a_request_for_a_new_sign_in(
    served: OidcInstallation, province: Province, changes: dict[str, str]
) -> None:
    agent = served.browser(province.an)
    answer = served.authorize(agent, province.client.client.id, **changes)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/dang-nhap?flow=")
    # Walking past the sign-in page leads back to it.
    flow = answer.headers["Location"].partition("flow=")[2]
    skipped = agent.get(f"{served.url}/authorize/continue?flow={flow}")
    assert skipped.headers["Location"].startswith("/dang-nhap?flow=")


def test_an_old_enough_max_age_is_satisfied_by_the_session(
    served: OidcInstallation, province: Province
) -> None:
    assert served.code(served.browser(province.an), province.client.client.id, max_age="600")


def test_consent_is_accepted_without_a_page(served: OidcInstallation, province: Province) -> None:
    assert served.code(served.browser(province.an), province.client.client.id, prompt="consent")


def test_an_id_token_hint_of_somebody_else_asks_for_a_sign_in(
    served: OidcInstallation, province: Province
) -> None:
    hint = served.tokens(province.client, province.binh)["id_token"]
    agent = served.browser(province.an)
    silent = served.authorize(agent, province.client.client.id, id_token_hint=hint, prompt="none")
    assert answer_fields(silent)["error"] == "login_required"
    shown = served.authorize(agent, province.client.client.id, id_token_hint=hint)
    assert shown.headers["Location"].startswith("/dang-nhap?flow=")
    own = served.tokens(province.client, province.an)["id_token"]
    assert served.code(agent, province.client.client.id, id_token_hint=own, prompt="none")


def test_an_access_token_is_no_id_token_hint(served: OidcInstallation, province: Province) -> None:
    token = served.tokens(province.client, province.an)["access_token"]
    answer = served.authorize(
        served.browser(province.an), province.client.client.id, id_token_hint=token
    )
    assert answer_fields(answer)["error"] == "invalid_request"


def test_who_may_not_enter_reads_why_and_the_application_learns_it_silently(
    served: OidcInstallation, province: Province
) -> None:
    app = served.add_client("Chỉ người có vai trò", access=Entry(access="roles"))
    agent = served.browser(province.an)
    page = served.authorize(agent, app.client.id)
    assert page.status_code == 403
    assert "Location" not in page.headers
    assert "Chỉ người có vai trò" in page.text
    assert "error=access_denied" in page.text
    silent = served.authorize(agent, app.client.id, prompt="none")
    assert answer_fields(silent)["error"] == "access_denied"
    refused = served.events("application.refused")
    assert refused[0].actor == f"person:{province.an.id}"
    assert refused[0].fields["reason"] == "no_role"
    served.grant(app.client.id, "xem", province.an, province.agency)
    assert served.code(agent, app.client.id)


def test_a_native_application_listens_on_any_loopback_port(served: OidcInstallation) -> None:
    app = served.add_client(
        "Máy để bàn",
        application_type="native",
        redirect_uris=["http://127.0.0.1/cb"],
        token_endpoint_auth_method="none",
    )
    person = served.add_person("may.ban")
    agent = served.browser(person)
    assert served.code(agent, app.client.id, redirect_uri="http://127.0.0.1:51234/cb")
    for other in ("http://127.0.0.1:51234/x", "http://localhost:51234/cb", "http://127.0.0.1:x/cb"):
        answer = served.authorize(agent, app.client.id, redirect_uri=other)
        assert answer.status_code == 400


def test_a_registered_query_is_kept_in_the_answer(
    served: OidcInstallation, province: Province
) -> None:
    uri = "http://127.0.0.2:9/cb?a=%2Fb%20c"
    app = served.add_client("Có truy vấn", redirect_uris=[uri])
    answer = served.authorize(served.browser(province.an), app.client.id, redirect_uri=uri)
    assert answer.headers["Location"].startswith(uri + "&code=")


def test_bytes_that_are_no_utf8_get_a_page(served: OidcInstallation, province: Province) -> None:
    query = urlencode(served.request_parameters(province.client.client.id)) + "&login_hint=%ff%fe"
    answer = requests.get(f"{served.url}/authorize?{query}", allow_redirects=False, timeout=10)
    assert answer.status_code == 400


def test_pages_speak_the_language_the_application_asks_for(
    served: OidcInstallation, province: Province
) -> None:
    for locales, lang in (("en-GB vi", "en"), ("vi", "vi"), ("xx", "vi"), ("x" * 100, "vi")):
        answer = served.authorize(
            served.browser(),
            province.client.client.id,
            redirect_uri="https://evil.example/",
            ui_locales=locales,
        )
        assert f'<html lang="{lang}"' in answer.text


def test_parameters_we_do_not_know_are_not_kept(
    served: OidcInstallation, province: Province
) -> None:
    from sqlalchemy import select

    from idp.flows.tables import flows
    from idp.oidc.tables import posted_request

    good = served.request_parameters(province.client.client.id, junk="JUNK" * 500)
    requests.post(f"{served.url}/authorize", data=good, allow_redirects=False, timeout=10)
    requests.get(f"{served.url}/authorize", params=good, allow_redirects=False, timeout=10)
    with served.installation.database.read() as tx:
        kept = [
            *tx.execute(select(flows.c.request)).scalars(),
            *tx.execute(select(posted_request.c.parameters)).scalars(),
        ]
    assert len(kept) >= 2
    assert not any("JUNK" in text for text in kept)


def test_an_unknown_flow_shows_a_page(served: OidcInstallation, province: Province) -> None:
    for flow in ("", "nothing", quote("' OR 1=1--"), "x" * 3000):
        answer = requests.get(
            f"{served.url}/authorize/continue?flow={flow}", allow_redirects=False, timeout=10
        )
        assert answer.status_code == 410
        assert "Location" not in answer.headers


def test_a_flow_of_another_browser_is_not_continued(
    served: OidcInstallation, province: Province
) -> None:
    answer = served.authorize(served.browser(), province.client.client.id)
    flow = urlsplit(answer.headers["Location"]).query
    stranger = served.browser(province.an)
    taken = stranger.get(f"{served.url}/authorize/continue?{flow}")
    assert taken.status_code == 410


def test_a_disabled_client_is_refused(served: OidcInstallation, province: Province) -> None:
    from idp.clients.service import disable_client
    from tests.support.installation import OPERATOR

    app = served.add_client(f"Sắp ngừng {new_id()}")
    assert served.code(served.browser(province.an), app.client.id)
    disable_client(served.installation, OPERATOR, app.client.id, "kiểm thử")
    for browser in (served.browser(province.an), served.browser()):
        answer = served.authorize(browser, app.client.id)
        assert answer.status_code == 403
        assert "đang tạm ngừng" in answer.text
        assert app.client.name in answer.text
        assert "chưa đúng" not in answer.text  # nothing is wrong with its request
    told = [event.fields["reason"] for event in served.events("authz.redirect_rejected")]
    assert told.count("The client is disabled.") == 2
    unknown = served.authorize(served.browser(), "khong-co-ung-dung")
    assert unknown.status_code == 400
    assert "chưa đúng" in unknown.text


def test_what_another_process_has_just_disabled_says_so(
    served: OidcInstallation, province: Province
) -> None:
    """Here the client is still held as enabled; its application is asked for itself."""
    from dataclasses import replace

    from directory.database.engine import Database
    from idp.clients.service import disable_client
    from tests.support.installation import OPERATOR

    app, browser = served.add_client(f"Vừa ngừng {new_id()}"), served.browser(province.an)
    assert served.code(browser, app.client.id)
    elsewhere = Database(served.installation.settings.database_url)
    other = replace(served.installation, database=elsewhere)
    disable_client(other, OPERATOR, app.client.id, "kiểm thử")
    elsewhere.dispose()
    answer = served.authorize(browser, app.client.id)
    assert answer.status_code == 403
    assert "đang tạm ngừng" in answer.text
