"""Errors become pages with a safe sentence, and never more than that."""

from __future__ import annotations

import logging
import re

import pytest

from admin_ui.components import COMPONENTS
from directory.errors import Conflict, Invalid, TooMany
from directory.ids import support_code
from directory.ldap.errors import LDAP_VALUE_TAKEN
from tests.web.application import FAILURES, PAGES, REFUSED, application
from web import error_pages
from web.sentences import OF_STATUS, TITLES

pytestmark = pytest.mark.without_sql


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/fail/invalid", 400, "không hợp lệ"),
        ("/fail/missing", 404, "không tồn tại"),
        ("/fail/forbidden", 403, "không có quyền"),
        ("/fail/conflict", 409, "vừa được người khác cập nhật"),
        ("/fail/too-many", 429, "quá nhiều yêu cầu"),
        ("/fail/unavailable", 503, "hiện chưa trả lời"),
        ("/fail/crash", 500, "đã được ghi nhận"),
        ("/nowhere", 404, "không tồn tại"),
    ],
)
def test_a_failure_says_what_happened_in_vietnamese(path: str, status: int, words: str) -> None:
    response = application().test_client().get(path)
    page = response.get_data(as_text=True)
    assert response.status_code == status
    assert words in page
    assert support_code(response.headers["X-Request-Id"]) in page
    assert "secret" not in page
    assert "test." not in page


def test_a_failure_speaks_english_when_asked() -> None:
    page = application().test_client().get("/fail/crash?lang=en").get_data(as_text=True)
    assert "A fault on our side stopped the request" in page
    assert "secret" not in page


def test_an_unknown_exception_is_one_log_entry_with_the_request_id(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        response = application().test_client().get("/fail/crash?password=hunter2")
    (entry,) = caplog.records
    assert entry.levelno == logging.ERROR
    assert vars(entry)["event"] == "request.failed"
    assert vars(entry)["request_id"] == response.headers["X-Request-Id"]
    assert entry.exc_info
    assert "hunter2" not in caplog.text


def test_the_detail_of_an_error_goes_to_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        page = application().test_client().get("/fail/invalid").get_data(as_text=True)
    (entry,) = caplog.records
    assert vars(entry)["detail"] == "secret detail"
    assert "secret detail" not in page


@pytest.mark.parametrize(
    ("path", "seconds"), [("/fail/too-many", "90"), ("/fail/unavailable", "5")]
)
def test_retry_after_says_when_to_come_back(path: str, seconds: str) -> None:
    response = application().test_client().get(path)
    assert response.headers["Retry-After"] == seconds
    assert f'href="{path}"' in response.get_data(as_text=True)


def test_a_wrong_method_says_which_are_right() -> None:
    response = application().test_client().delete("/fail/invalid")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("application/json, text/html;q=0.5", "application/json"),
        ("text/html", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html; charset=utf-8",
        ),
        ("garbage;;;q=x", "text/html; charset=utf-8"),
    ],
)
def test_a_machine_that_asks_for_json_gets_json(accept: str, kind: str) -> None:
    response = application().test_client().get("/fail/missing", headers={"Accept": accept})
    assert response.headers["Content-Type"] == kind


def test_a_machine_endpoint_always_answers_json_without_a_word_of_the_exception() -> None:
    response = application().test_client().post("/token", data={"crash": "1"})
    assert response.status_code == 500
    assert response.json == {
        "error": "server_error",
        "error_description": "A fault on our side stopped the request; it has been recorded.",
        "request_id": response.headers["X-Request-Id"],
    }


def test_a_broken_error_page_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> str:
        raise RuntimeError("the template is broken")

    monkeypatch.setattr(error_pages, "render_template", fail)
    response = application().test_client().get("/fail/crash")
    page = response.get_data(as_text=True)
    assert response.status_code == 500
    assert support_code(response.headers["X-Request-Id"]) in page
    assert "template" not in page
    assert response.headers["Content-Security-Policy"]


def test_a_form_can_show_the_sentence_of_an_error_beside_its_field() -> None:
    with application().test_request_context("/?lang=en"):
        taken = Conflict(LDAP_VALUE_TAKEN, field="mail")
        assert error_pages.sentence(taken) == "This value is already used by another entry."
        assert error_pages.advice(taken) == ""
        assert error_pages.status_of(taken) == 409
        assert error_pages.sentence(Invalid(REFUSED)).startswith("The address or the data")
        assert error_pages.advice(TooMany(REFUSED)) == "Please wait a moment and try again."


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def pages_of_errors() -> list[str]:
    """What can be read at each address that fails, in both languages."""
    client = application().test_client()
    paths = [f"/fail/{name}" for name in FAILURES] + ["/nowhere", "/fail/invalid?" + "x" * 9_000]
    answers = [client.get(path, query_string=None) for path in paths]
    answers += [client.post("/fail/invalid"), client.delete("/echo"), client.post("/echo")]
    return [answer.get_data(as_text=True) for answer in answers if answer.status_code >= 400]


@pytest.mark.parametrize("language", [0, 1])
def test_the_sentence_of_a_page_says_more_than_its_title(language: int) -> None:
    pairs = [(TITLES[status], each.said) for status, each in OF_STATUS.items()]
    for error in (error for component in COMPONENTS for error in component.errors):
        titles = [error.title] if error.title else list(TITLES.values())
        pairs += [(title, error.said) for title in titles if error.said]
    for title, said in pairs:
        head, sentence = words(title[language]), words(said[language])
        assert head - sentence, f"{title!r} says nothing that {said!r} does not"
        assert len(sentence - head) >= 3, f"{said!r} adds nothing to {title!r}"


def test_every_error_page_has_one_clear_way_on() -> None:
    pages = pages_of_errors()
    assert len(pages) >= 10
    for page in pages:
        (heading,) = re.findall(r"<h1>(.+?)</h1>", page)
        assert f"<title>{heading} – " in page
        (primary,) = re.findall(r'<a class="button button--primary[^"]*" href="([^"]+)"', page)
        advice = page.partition("<h1>")[2].partition("</main>")[0]
        says_again = re.search(r"tải lại trang|thử lại\.|Mở lại trang|mở lại trang", advice)
        if says_again and "nhập" not in advice:
            assert primary != "/", f"told to open the page again, led to the front page: {heading}"


def test_every_message_page_has_one_primary_way_on() -> None:
    client = application().test_client()
    for name in PAGES:
        page = client.get(f"/pages/{name}").get_data(as_text=True)
        main = page.partition("<main")[2].partition("</main>")[0]
        if "body--message" in page or "body--card" in page:
            assert main.count("button--primary") == 1, name
