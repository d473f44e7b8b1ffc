"""A further factor is a folder and one line of the journey (`tests/idp/word_card`), and nothing is
given before every step is passed, whatever a browser sends and whatever stands in the store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import requests
from sqlalchemy import insert, select, update
from werkzeug.wrappers import Response

from admin_ui.components import COMPONENTS
from directory import clock
from directory.catalogue.person import Person
from directory.ids import digest
from idp.app import create_app
from idp.flows import store as flows
from idp.flows.step import Passed, Situation, Step
from idp.flows.store import Flow
from idp.flows.tables import flows as table
from idp.journeys.sign_in import SIGN_IN, STEPS
from idp.keys.jose import read_unverified
from idp.sessions import store as sessions
from tests.idp.word_card import step as word_card
from tests.idp.word_card.component import COMPONENT as WORD_CARD
from tests.support.browser import PASSWORD, Browser, csrf_token, next_url
from tests.support.idp_app import IdpApp, running_idp
from tests.support.relying_party import authorization_request

SEEN: list[Situation] = []


def look(situation: Situation) -> bool:
    SEEN.append(situation)
    return False


def never(_flow: Flow, _situation: Situation) -> Response:
    raise AssertionError("a step that does not apply is never shown")


WATCHING = Step("watching", look, never, never, word_card.STEP.folder)
# The one line: what a journey with the further factor is. What it answers beside it, its component
# says.
WITH_CARD = replace(SIGN_IN, steps=(*STEPS, word_card.STEP, WATCHING))


@pytest.fixture(scope="module")
def idp() -> Iterator[IdpApp]:
    with running_idp(journeys=(WITH_CARD,), components=(*COMPONENTS, WORD_CARD)) as running:
        yield running


class Visit:
    """Somebody between their password and the word of their card."""

    def __init__(self, idp: IdpApp, *, application: bool = True) -> None:
        self.idp, self.browser, self.person = idp, idp.browser(), idp.person()
        asked = authorization_request(idp.documents) if application else {}
        self.first = self.browser.open_sign_in(**asked)
        self.page = self.browser.follow(self.give_password())
        self.flow = self.first.url.split("flow=")[1]

    def give_password(self) -> requests.Response:
        return self.browser.answer(self.first, self.person.username, PASSWORD, buoc="password")

    def give(self, word: str, browser: Browser | None = None, **more: str) -> requests.Response:
        data = {"csrf_token": csrf_token(self.page), "buoc": word_card.NAME, "word": word} | more
        return (browser or self.browser).post(self.first.url, data)

    def right_word(self, page: requests.Response | None = None) -> str:
        return the_word(page or self.page, self.person)

    def row(self) -> Any:
        with self.idp.installation.database.read() as tx:
            return tx.execute(select(table).where(table.c.id_hash == digest(self.flow))).one()

    def set_row(self, **values: Any) -> None:
        with self.idp.installation.database.write() as tx:
            tx.execute(update(table).where(table.c.id_hash == digest(self.flow)).values(**values))

    def is_let_in(self) -> bool:
        return bool(self.browser.cookie) or bool(
            self.idp.events("signin.succeeded", subject=f"person:{self.person.id}")
        )


def the_word(page: requests.Response, person: Person) -> str:
    found = re.search(r"dòng (\d+)", page.text)
    assert found, page.text
    return word_card.word(person.id, int(found[1]))


def test_the_right_word_gives_a_session_that_says_what_was_proved(idp: IdpApp) -> None:
    visit = Visit(idp)
    assert not visit.browser.cookie
    assert "Một từ trên thẻ" in visit.page.text
    answer = visit.give(visit.right_word())
    assert answer.headers["Location"].startswith("/authorize/continue?")
    assert next_url(visit.browser.follow(answer)).startswith(idp.documents.redirect_uri)
    tokens = idp.one_stop.tokens(visit.browser, visit.person)
    claims = read_unverified(tokens["id_token"])[1]
    assert (claims["amr"], claims["acr"]) == (["pwd", "otp"], "2")
    (event,) = idp.events("signin.succeeded", subject=f"person:{visit.person.id}")
    assert event.fields["methods"] == "pwd otp"


def test_the_page_speaks_both_languages_in_words_of_its_own_folder(idp: IdpApp) -> None:
    visit = Visit(idp)
    english = visit.browser.get(visit.first.url + "&lang=en")
    assert "A word of your card" in english.text


def test_its_folder_declares_where_it_enrols(idp: IdpApp) -> None:
    visit = Visit(idp)
    assert visit.browser.get("/the-tu").headers["Location"] == "/dang-nhap"
    visit.browser.follow(visit.give(visit.right_word()))
    card = visit.browser.get("/the-tu")
    assert "Thẻ từ của Anh/Chị" in card.text
    assert word_card.word(visit.person.id, 3) in card.text


def test_its_folder_declares_where_a_script_asks(idp: IdpApp) -> None:
    visit = Visit(idp)
    asked = visit.browser.post("/the-tu/dong", {"csrf_token": csrf_token(visit.page)})
    assert asked.status_code == 200 and 1 <= asked.json()["row"] <= word_card.ROWS
    refused = visit.browser.post("/the-tu/dong", {})
    assert (refused.status_code, refused.headers["Content-Type"]) == (403, "application/json")
    wrong = visit.browser.get("/the-tu/dong")
    assert (wrong.status_code, wrong.headers["Content-Type"]) == (405, "application/json")


def test_nobody_answers_there_without_it(idp: IdpApp) -> None:
    product = create_app(idp.served, COMPONENTS).test_client()
    for path in ("/the-tu", "/the-tu/dong"):
        assert product.get(path, base_url=idp.url).status_code == 404


def test_a_wrong_word_gives_nothing_and_asks_for_another(idp: IdpApp) -> None:
    visit = Visit(idp)
    refused = visit.give("sai rồi")
    assert refused.status_code == 403 and "không phải là từ" in refused.text
    assert not visit.is_let_in()
    assert [e.kind for e in idp.events("signin.refused", f"person:{visit.person.id}")]
    visit.page = refused
    assert visit.give(visit.right_word()).status_code == 303
    assert visit.is_let_in()


@pytest.mark.parametrize("step", ["password", "watching", "khong-co", "", "word_card"])
def test_no_address_skips_it(idp: IdpApp, step: str) -> None:
    """Whatever is asked for, the open step comes."""
    visit = Visit(idp)
    page = visit.browser.get(visit.first.url + f"&buoc={step}")
    assert 'name="word"' in page.text and 'name="password"' not in page.text
    onward = visit.browser.get("/authorize/continue", flow=visit.flow)
    assert onward.headers["Location"].startswith("/dang-nhap?")
    assert visit.browser.get("/").headers["Location"] == "/dang-nhap"
    token = csrf_token(visit.page)
    for body in ({"login": visit.person.username, "password": PASSWORD}, {"word": ""}, {}):
        answer = visit.browser.post(visit.first.url, {"csrf_token": token, "buoc": step} | body)
        assert answer.status_code in (303, 403)
        assert not next_url(answer) or "dang-nhap" in next_url(answer)
    assert not visit.is_let_in()


def test_what_is_passed_is_not_asked_again_and_counts_as_no_wrong_answer(idp: IdpApp) -> None:
    """The form of the password sent twice, or gone back to."""
    visit = Visit(idp)
    row = visit.row().steps
    again = visit.give_password()
    assert again.status_code == 303
    assert 'name="word"' in visit.browser.follow(again).text
    assert visit.row().steps == row
    assert not idp.events("signin.refused", f"person:{visit.person.id}")


def test_answered_twice_and_back_afterwards(idp: IdpApp) -> None:
    visit = Visit(idp)
    word = visit.right_word()
    done = visit.give(word)
    before = visit.browser.cookie
    twice = visit.give(word)
    assert twice.headers["Location"] == done.headers["Location"]
    assert visit.browser.cookie == before
    assert visit.browser.get(visit.first.url).headers["Location"] == done.headers["Location"]
    assert next_url(visit.browser.follow(done)).startswith(idp.documents.redirect_uri)
    # Back once more: the flow is finished.
    assert "Bước này đã hoàn thành" in visit.browser.get(visit.first.url).text
    assert len(idp.events("signin.succeeded", subject=f"person:{visit.person.id}")) == 1


def test_another_browser_gets_nowhere_with_it(idp: IdpApp) -> None:
    visit, thief = Visit(idp), idp.browser()
    assert thief.get(visit.first.url).status_code == 403
    data = {"csrf_token": csrf_token(thief.open_sign_in()), "word": visit.right_word()}
    assert thief.post(visit.first.url, data).status_code == 403
    assert not thief.cookie and not visit.is_let_in()


def test_a_step_of_one_flow_counts_for_no_other(idp: IdpApp) -> None:
    visit = Visit(idp)
    other = visit.browser.open_sign_in()
    data = {"csrf_token": csrf_token(other), "word": visit.right_word(), "buoc": "word_card"}
    answer = visit.browser.follow(visit.browser.post(other.url, data))
    assert 'name="password"' in answer.text
    assert not visit.is_let_in()


def test_two_tabs_of_one_sign_in_both_lead_on(idp: IdpApp) -> None:
    visit = Visit(idp)
    word = visit.right_word()
    assert visit.give(word).status_code == 303
    slower = visit.give(word)
    assert next_url(visit.browser.follow(slower)).startswith(idp.documents.redirect_uri)


def test_of_ten_right_answers_at_once_one_counts(idp: IdpApp) -> None:
    visit = Visit(idp)
    word = visit.right_word()
    cookies = [idp.browser() for _ in range(10)]
    for browser in cookies:
        browser.http.cookies.update(visit.browser.http.cookies)
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda browser: visit.give(word, browser), cookies))
    assert sum(bool(browser.cookie) for browser in cookies) == 1
    assert len(idp.events("signin.succeeded", subject=f"person:{visit.person.id}")) == 1


def test_a_settling_that_fails_leaves_the_step_open(
    idp: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a kill between the answer and its commit: nothing is half done."""
    visit = Visit(idp)
    before = visit.row()
    with monkeypatch.context() as patch:
        patch.setattr(flows, "mark_authenticated", lambda *_: 1 / 0)
        assert visit.give(visit.right_word()).status_code == 500
    assert visit.row() == before and not visit.is_let_in()
    page = visit.give("")
    visit.page = page
    assert visit.give(visit.right_word()).status_code == 303


ODD = (
    "",
    "null",
    "[]",
    "7",
    '"password"',
    "{",
    '{"password": true}',
    '{"password": {"passed": 1, "kept": {}}}',
    '{"password": {"passed": true}}',
    '{"password": {"passed": true, "kept": []}}',
    '{"password": {"passed": true, "kept": {}, "newer": 1}}',
    '{"word_card": {"passed": true, "kept": {}}, "newer": {"passed": true, "kept": {}}}',
    "[" * 100_000,
)


@pytest.mark.parametrize("stored", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("method", ["get", "post"])
def test_steps_of_another_version_mean_to_begin_again(
    idp: IdpApp, stored: str, method: str
) -> None:
    visit = Visit(idp)
    visit.set_row(steps=stored)
    word = visit.right_word()
    answer = visit.give(word) if method == "post" else visit.browser.get(visit.first.url)
    assert answer.status_code == 303
    assert 'name="password"' in visit.browser.follow(answer).text
    assert not visit.is_let_in()


@pytest.mark.parametrize("kept", [{"row": "x"}, {"row": None}, {"wrong": []}, {}])
def test_what_the_step_itself_cannot_read_is_asked_anew(idp: IdpApp, kept: dict[str, Any]) -> None:
    visit = Visit(idp)
    with idp.installation.database.write() as tx:
        flows.keep(tx, visit.flow, word_card.NAME, kept)
    visit.page = visit.browser.get(visit.first.url)
    assert visit.give(visit.right_word()).status_code == 303


def test_a_flow_of_another_journey_is_none_of_the_sign_in(idp: IdpApp) -> None:
    for journey in ("of_a_newer_version", flows.SIGN_OUT):
        visit = Visit(idp)
        visit.set_row(journey=journey)
        for answer in (
            visit.browser.get(visit.first.url),
            visit.give(visit.right_word()),
            visit.browser.get("/authorize/continue", flow=visit.flow),
        ):
            assert answer.status_code == 410
        assert (
            visit.browser.get("/dang-nhap/lai", flow=visit.flow).headers["Location"] == "/dang-nhap"
        )
        assert not visit.is_let_in()


def test_a_flow_that_the_previous_version_wrote_goes_on(idp: IdpApp) -> None:
    visit = Visit(idp)
    old = dict(visit.row()._mapping)
    del old["journey"], old["steps"]
    old |= {"id_hash": digest("old"), "person_id": "", "amr": "", "proven_since": 0}
    with idp.installation.database.write() as tx:
        tx.execute(insert(table).values(old))
    url = visit.first.url.replace(visit.flow, "old")
    page = visit.browser.get(url)
    assert 'name="password"' in page.text
    second = visit.browser.follow(visit.browser.answer(page, visit.person.username, PASSWORD))
    data = {"csrf_token": csrf_token(second), "word": the_word(second, visit.person)}
    assert visit.browser.post(url, data).headers["Location"].startswith("/authorize/continue")


@pytest.mark.parametrize(
    "kept",
    [{"a": "x" * flows.MAX_KEPT_BYTES}, {"a": "ễ" * 2000}, {"a": {1, 2}}, {"a": float("nan")}],
    ids=["long", "long in bytes", "no JSON", "no number"],
)
def test_a_step_keeps_little_and_only_what_json_can_say(idp: IdpApp, kept: dict[str, Any]) -> None:
    visit = Visit(idp)
    before = visit.row()
    with (
        pytest.raises((ValueError, TypeError)),
        idp.installation.database.write() as tx,
    ):
        flows.keep(tx, visit.flow, word_card.NAME, kept)
    assert visit.row() == before


def test_after_the_sign_in_nothing_of_its_steps_is_left(idp: IdpApp) -> None:
    visit = Visit(idp)
    visit.give(visit.right_word())
    assert (visit.row().steps, visit.row().person_id) == (None, "")


def test_a_later_step_cannot_make_it_somebody_else(
    idp: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = idp.person()  # before the sign-in began: nothing of theirs has changed since
    visit = Visit(idp)

    def answer(_flow: Flow, _situation: Situation) -> Passed:
        return Passed(other.id, methods=("otp",))

    steps = (*STEPS, replace(word_card.STEP, answer=answer))
    put_in(idp, monkeypatch, steps)
    visit.give("")
    assert not visit.is_let_in()
    assert not idp.events("signin.succeeded", subject=f"person:{other.id}")


def test_what_was_undone_during_the_answer_counts_no_more(
    idp: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another tab began again while this one's word was looked at: the password is gone."""
    visit = Visit(idp)

    def answer(flow: Flow, situation: Situation) -> Passed:
        with idp.installation.database.write() as tx:
            flows.start_over(tx, flow.id)
        assert situation.person is not None
        return Passed(situation.person.id, methods=("otp",))

    put_in(idp, monkeypatch, (*STEPS, replace(word_card.STEP, answer=answer)))
    assert 'name="password"' in visit.browser.follow(visit.give("")).text
    assert not visit.is_let_in()


@pytest.mark.parametrize("steps", [(), (WATCHING,)], ids=["none", "none that applies"])
def test_a_journey_without_steps_lets_nobody_in(
    idp: IdpApp, monkeypatch: pytest.MonkeyPatch, steps: tuple[Step, ...]
) -> None:
    visit = Visit(idp)
    put_in(idp, monkeypatch, steps)
    visit.browser.follow(visit.browser.get(visit.first.url))
    visit.give(visit.right_word())
    assert not visit.is_let_in()


def test_a_step_that_proves_nothing_gives_no_session(
    idp: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = Visit(idp)
    visit.set_row(steps=None, person_id="", amr="")
    asking = Step(
        "password",
        lambda _situation: True,
        never,
        lambda _flow, _situation: Passed(),
        word_card.STEP.folder,
    )
    put_in(idp, monkeypatch, (asking,))
    assert visit.give_password().status_code == 500
    assert not visit.is_let_in()


def put_in(idp: IdpApp, monkeypatch: pytest.MonkeyPatch, steps: tuple[Step, ...]) -> None:
    journeys = {SIGN_IN.name: replace(SIGN_IN, steps=steps)}
    monkeypatch.setitem(idp.app.extensions, "danhmuc.journeys", journeys)


def test_a_step_sees_the_situation(idp: IdpApp) -> None:
    """Person, application, level demanded, network, device, and what was proved."""
    visit = Visit(idp)
    visit.give(visit.right_word())
    visit.browser.http.cookies.pop("dm_session")
    SEEN.clear()
    asked = authorization_request(
        idp.documents, acr_values="2 1", max_age="300", prompt="login", scope="openid"
    )
    page = visit.browser.open_sign_in(**asked)
    stranger = SEEN[-1]
    visit.browser.follow(visit.browser.answer(page, visit.person.username, PASSWORD))
    known = SEEN[-1]
    assert (stranger.person, stranger.is_known_device, stranger.methods, stranger.acr) == (
        None,
        False,
        (),
        "",
    )
    assert known.person is not None and known.person.id == visit.person.id
    assert (known.is_known_device, known.methods, known.acr) == (True, ("pwd",), "1")
    for situation in (stranger, known):
        assert situation.client is not None and situation.client.id == idp.documents.client_id
        assert situation.demand.acr_values == ("2", "1")
        assert (situation.demand.max_age, situation.demand.prompts) == (300, frozenset({"login"}))
        assert situation.sender.address == visit.browser.http.headers["X-Forwarded-For"]


def test_of_several_open_steps_the_browser_may_choose(
    idp: IdpApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is shown; another open one by its name in the address or the form."""
    always = replace(word_card.STEP, applies=lambda situation: situation.person is None)
    put_in(idp, monkeypatch, (*STEPS, always))
    browser = idp.browser()
    page = browser.open_sign_in()
    assert 'name="password"' in page.text
    other = browser.get(page.url + "&buoc=word_card")
    assert 'name="word"' in other.text
    data = {"csrf_token": csrf_token(other), "word": "sai", "buoc": "word_card"}
    assert 'name="word"' in browser.post(page.url, data).text
    assert 'name="password"' in browser.get(page.url).text


def test_both_steps_on_a_shared_computer(idp: IdpApp) -> None:
    browser, person = idp.browser(), idp.person()
    page = browser.open_sign_in()
    second = browser.follow(browser.answer(page, person.username, PASSWORD, shared="1"))
    data = {"csrf_token": csrf_token(second), "word": the_word(second, person)}
    done = browser.post(page.url, data)
    assert "Max-Age" not in done.headers["Set-Cookie"]
    with idp.installation.database.read() as tx:
        session = sessions.find(tx, browser.cookie)
    assert session is not None and session.shared_computer
    assert session.auth_time <= clock.now_s()
