"""Where a browser may be sent next, and how absolute addresses are made."""

from __future__ import annotations

import pytest

from tests.web.application import HTTPS, settings_for
from web.urls import absolute, join_url, safe_next

pytestmark = pytest.mark.without_sql


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/dang-nhap?flow=abc",
        "/authorize?redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=openid%20org",
        "/a/b-c_d~e/?q=%C4%90%E1%BA%B7ng",
        "/@evil",
    ],
)
def test_a_local_path_is_kept(path: str) -> None:
    assert safe_next(path) == path


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "//evil",
        "///evil",
        "/\\evil",
        "\\\\evil",
        "/%09/evil",
        "/\t/evil",
        "/%0a/evil",
        "/%5cevil",
        "/%2fevil",
        "/%2e%2e/evil",
        "https:evil",
        "https://evil",
        "HTTPS://evil",
        "javascript:alert(1)",
        "/.evil",
        "/../evil",
        "/a/../../evil",
        "/a//evil",
        "evil",
        ".evil",
        "@evil",
        " /evil",
        "/evil\n",
        "/evil\r\nSet-Cookie: a=b",
        "/e\u202evil",
        "/đường-dẫn",
        "/page#fragment",
        "/a\x00",
        "/" + "a" * 2001,
    ],
)
def test_anything_else_leads_home(path: str | None) -> None:
    assert safe_next(path) == "/"
    assert safe_next(path, default="/home") == "/home"


def test_absolute_addresses_come_from_configuration() -> None:
    assert absolute(settings_for(HTTPS), "/jwks") == "https://sso.binhduong.gov.vn/jwks"
    assert join_url("http://localhost:8401/", "/") == "http://localhost:8401/"


@pytest.mark.parametrize("path", ["", "jwks", ".evil", "@evil", "//evil", "https://evil"])
def test_a_path_that_would_change_the_host_is_a_bug(path: str) -> None:
    with pytest.raises(ValueError, match="not a local path"):
        absolute(settings_for(HTTPS), path)
