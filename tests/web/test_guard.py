"""Outside Flask too: no answer without our page, our headers and one line that has its code."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response, redirect
from werkzeug.exceptions import InternalServerError
from werkzeug.test import EnvironBuilder, run_wsgi_app

from directory.ids import support_code
from tests.web.application import application, make_application
from web.guard import Fault

pytestmark = pytest.mark.without_sql
SECRET = "s3cret-text"


def _fail() -> bytes:
    raise RuntimeError(SECRET)


def _breaks_at_once() -> Iterator[bytes]:
    yield _fail()


def _breaks_later() -> Iterator[bytes]:
    yield b"begun"
    raise RuntimeError(SECRET)


FAILING: dict[str, Callable[[], Any]] = {
    # werkzeug encodes the address while the response is built, after Flask's error handling.
    "redirect-to-no-port": lambda: redirect("http://127.0.0.1:99999/cb"),
    "redirect-to-no-host": lambda: redirect(f"http://{'a' * 64}.example/"),
    "not-a-response": lambda: object(),
    "generator": lambda: Response(_breaks_at_once()),
    "body-of-numbers": lambda: Response(iter([1, 2])),  # type: ignore[arg-type]
    "lookup": lambda: dict[str, str]()["x"],
    "recursion": lambda: (_ for _ in ()).throw(RecursionError(SECRET)),
    "http-500": lambda: (_ for _ in ()).throw(InternalServerError(SECRET)),
}


def failing_application(**more: Any) -> Flask:
    app = make_application()
    for name, view in FAILING.items():
        app.add_url_rule(f"/broken/{name}", name, view, methods=["GET", "POST"])
    app.add_url_rule("/broken/later", "later", lambda: Response(_breaks_later()))
    return app


@pytest.mark.parametrize("name", FAILING)
def test_whatever_fails_in_python_is_our_page(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        response = failing_application().test_client().get(f"/broken/{name}")
    page = response.get_data(as_text=True)
    assert response.status_code == 500
    assert "đã được ghi nhận" in page and "kit.css" in page
    assert_ours(response)
    assert SECRET not in page
    code = support_code(response.headers["X-Request-Id"])
    assert page.count(code) == 1
    (line,) = [one for one in caplog.records if getattr(one, "request_id", "").endswith(code)]
    assert line.levelno == logging.ERROR and line.exc_info


def assert_ours(response: Any) -> None:
    headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Request-Id"]


def test_even_without_an_error_page_there_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    app = failing_application()

    def fail(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(app, "request_context", fail)
    response = app.test_client().get("/")
    assert response.status_code == 500
    assert_ours(response)
    assert support_code(response.headers["X-Request-Id"]) in response.get_data(as_text=True)


def test_each_page_has_a_code_of_its_own() -> None:
    client = failing_application().test_client()
    ids = {client.get("/broken/generator").headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3


def test_english_is_kept_outside_flask() -> None:
    client = failing_application().test_client()
    client.get("/?lang=en")
    assert "A fault on our side" in client.get("/broken/generator").get_data(as_text=True)


def test_an_answer_that_breaks_halfway_is_told_and_ends(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(RuntimeError):
        failing_application().test_client().get("/broken/later").get_data()
    (line,) = caplog.records
    assert line.levelno == logging.ERROR and line.exc_info


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "[", "a..b", "\xe9", "x" * 9000, "@", ""])
@pytest.mark.parametrize("path", ["/", "/healthz", "/token"])
def test_a_host_that_is_no_name_is_no_fault_of_ours(host: str, path: str) -> None:
    response = application().test_client().get(path, headers={"Host": host})
    assert response.status_code == (200 if path == "/healthz" else 421)
    assert_ours(response)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "BREW"])
@pytest.mark.parametrize("path", ["/token", "/token/"])
def test_a_machine_endpoint_speaks_json_whatever_is_wrong(method: str, path: str) -> None:
    response = application().test_client().open(path, method=method)
    if method == "OPTIONS" and response.status_code == 200:
        return
    assert response.status_code == (405 if path == "/token" else 404)
    assert response.is_json and response.get_json()["request_id"]
    assert_ours(response)


def test_a_body_that_the_server_cannot_read_is_the_senders_mistake() -> None:
    class Broken:
        def read(self, *_: object) -> bytes:
            raise ValueError("Invalid chunk size: b'zz'")

        readline = read

    for path in ("/echo", "/token"):
        sent = EnvironBuilder(path, "http://localhost:8400", method="POST").get_environ()
        sent |= {"wsgi.input": Broken(), "CONTENT_LENGTH": "5"}
        sent["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
        response = Response(*run_wsgi_app(application(), sent))
        assert response.status_code == 400, path
        assert_ours(response)


def test_what_the_parser_refuses_has_page_headers_and_a_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    guard = application().extensions["guard"]
    for status in (400, 414, 417, 431, 500):
        caplog.clear()
        with caplog.at_level(logging.INFO):
            line, headers, body = guard.refuse(status, ValueError(SECRET), address="10.0.0.1")
        assert line.startswith(f"{status} ")
        found = {name.lower(): value for name, value in headers}
        assert found["x-content-type-options"] == "nosniff"
        assert int(found["content-length"]) == len(body)
        assert support_code(found["x-request-id"]).encode() in body
        (record,) = caplog.records
        assert vars(record)["request_id"] == found["x-request-id"]
        assert SECRET not in body.decode()


@pytest.mark.parametrize("status", [421, 431])
def test_a_page_whose_style_sheet_would_be_refused_too_needs_none(status: int) -> None:
    """The same large headers, or the same wrong host, come with every request of the browser."""
    guard = application().extensions["guard"]
    _line, _headers, body = guard.refuse(status, ValueError(SECRET), address="10.0.0.1")
    assert b"/assets/" not in body
    assert b"<svg" not in body
    assert b"<h1>" in body


def test_the_faults_that_people_see_are_told_once_and_those_of_machines_are_not() -> None:
    told: list[Fault] = []
    app = failing_application()
    app.extensions["guard"]._on_fault = told.append
    client = app.test_client()
    shown = client.get("/broken/generator")
    client.get("/fail/unavailable")
    client.get("/fail/missing")
    client.post("/token", data={"crash": "1"})
    assert [(one.status, one.code) for one in told] == [(500, ""), (503, "ldap.unavailable")]
    assert told[0].request_id == shown.headers["X-Request-Id"]
    assert {one.address for one in told} == {"127.0.0.1"}
