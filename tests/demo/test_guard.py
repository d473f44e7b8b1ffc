"""The demo applications: our page and our headers whatever was sent, never a 500, and one line."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from tests.demo.application_browser import DOCUMENT, Visitor

pytestmark = pytest.mark.without_sql
SECRET = "s3cret"


def send(app: Flask, path: str, method: str = "GET", **environ: Any) -> Response:
    sent = EnvironBuilder(path, DOCUMENT.base_url, method=method).get_environ()
    return Response(*run_wsgi_app(app, sent | environ))


def assert_ours(answer: Response) -> None:
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"


def posting_paths(app: Flask) -> list[str]:
    rules = app.url_map.iter_rules()
    paths = [re.sub("<.*?>", "1", r.rule) for r in rules if "POST" in (r.methods or ())]
    assert len(paths) >= 4
    return paths


def test_a_form_of_unknown_length_is_411_at_every_post_route(document_app: Flask) -> None:
    class Broken:
        def read(self, *_: object) -> bytes:
            raise ValueError("Invalid chunk size: b'zz'")

    for path in posting_paths(document_app):
        more: dict[str, Any] = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": Broken()}
        answer = send(document_app, path, "POST", **more, CONTENT_LENGTH="")
        assert answer.status_code == 411, path
        assert_ours(answer)


@pytest.mark.parametrize("host", ["a" * 64 + ".vn", "evil.example", "", "[", "127.0.0.2", "\xe9"])
@pytest.mark.parametrize("path", ["/", "/static/style.css", "/backchannel-logout", "/nowhere"])
def test_only_its_own_host_is_answered(document_app: Flask, host: str, path: str) -> None:
    answer = send(document_app, path, HTTP_HOST=host)
    assert answer.status_code == 421
    assert_ours(answer)
    assert f'href="{DOCUMENT.base_url}/"' in answer.get_data(as_text=True)
    assert send(document_app, "/healthz", HTTP_HOST=host).status_code == 200


@pytest.mark.parametrize("where", ["view", "body", "outside", "store"])
def test_whatever_fails_is_our_page_and_one_line(
    document_app: Flask,
    visitor: Visitor,
    where: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> Any:
        raise RuntimeError(SECRET)

    if where == "view":
        monkeypatch.setitem(document_app.view_functions, "sign_in.home", fail)
    if where == "outside":
        monkeypatch.setattr(document_app, "request_context", fail)
    if where == "body":
        broken = document_app.response_class(fail() for _ in range(1))
        monkeypatch.setitem(document_app.view_functions, "sign_in.home", lambda: broken)
    if where == "store":
        monkeypatch.setattr(document_app.session_interface, "save_session", fail)
    with caplog.at_level(logging.INFO):
        answer = send(document_app, "/")
    assert answer.status_code == 500
    assert_ours(answer)
    page = answer.get_data(as_text=True)
    assert SECRET not in page
    assert where in ("outside", "store") or "<h1>" in page
    (code,) = re.findall(r"Mã hỗ trợ: <code>(\w{8})</code>", page)
    lines = [json.loads(logging.getLogger().handlers[0].format(one)) for one in caplog.records]
    (line,) = [one for one in lines if one["request_id"].endswith(code)]
    assert line["level"] == "ERROR" and line["time"] and SECRET not in json.dumps(lines)


def test_what_the_server_refuses_has_the_page_too(document_app: Flask) -> None:
    guard = document_app.extensions["guard"]
    for status in (400, 414, 431):
        line, headers, body = guard.refuse(status, ValueError(SECRET), address="10.0.0.1")
        assert line.startswith(str(status)) and SECRET.encode() not in body
        assert_ours(Response(body, status, headers))
