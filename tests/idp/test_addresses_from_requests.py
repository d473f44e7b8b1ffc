"""Addresses a request names and we hand on: near-valid ones, and the registered as they are."""

from __future__ import annotations

import http.client
from urllib.parse import quote, urlencode, urlsplit

import pytest
import requests

from idp.clients.service import Registered
from tests.support.oidc_installation import OidcInstallation, Province

pytestmark = pytest.mark.only_on_sqlite("addresses are judged before any store is asked")

LOOPBACK = ("http://127.0.0.1/cb", "http://[::1]/cb")
# What a listening application cannot have, and spellings that two programs read differently.
NO_PORTS = [
    "", "0", "00", "00080", "65536", "65540", "70000", "99999", "100000", "4294967377", "-1", "+80",
    "8 0", "80 ", "0x50", "1e3", "８０", "٨٠", "80:80", ":80", "80@evil.example", "@", "a", "*",
]  # fmt: skip
PORTS = ["1", "80", "1024", "8400", "49152", "59999", "60000", "64999", "65499", "65529", "65535"]


@pytest.fixture(scope="module")
def native(served: OidcInstallation, province: Province) -> Registered:
    return served.add_client(
        "Ứng dụng cài đặt",
        application_type="native",
        token_endpoint_auth_method="none",
        redirect_uris=[*LOOPBACK, "vn.gov.binhduong.app:/cb?x=[1]"],
        post_logout_redirect_uris=[*LOOPBACK],
    )


def _near(port: str) -> list[str]:
    """Spellings of both loopback addresses with this port, and the host or path next to valid."""
    return [uri.replace("/cb", f":{port}/cb") for uri in LOOPBACK]


NEAR = [uri for port in NO_PORTS for uri in _near(port)] + [
    "http://user@127.0.0.1:80/cb",
    "http://user:pw@127.0.0.1:80/cb",
    "http://@127.0.0.1/cb",
    "http://127.0.0.1:80/cb#",
    "http://127.0.0.1:80/cb?",
    "http://127.0.0.1:80//cb",
    "http://127.0.0.1:80",
    "http://127.0.0.1./cb",
    "http://[::1/cb",
    "http://::1]/cb",
    "http://[::1]x/cb",
    "http://[::ffff:127.0.0.1]:80/cb",
    "http://[::1%251]:80/cb",
    "http://[127.0.0.1]/cb",
    "http:/127.0.0.1:80/cb",
    "http:127.0.0.1/cb",
    "http://127.0.0.2:80/cb",
    "HTTP://127.0.0.1:80/cb",
    "vn.gov.binhduong.app:/cb?x=%5B1%5D",
    "vn.gov.binhduong.app://[/cb",
]


def _has_our_headers(answer: requests.Response) -> bool:
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Request-Id"]
    return True


@pytest.mark.parametrize("uri", NEAR, ids=ascii)
def test_a_near_valid_address_is_an_unregistered_one(
    served: OidcInstallation, province: Province, native: Registered, uri: str
) -> None:
    """RFC 8252 section 7.3 lets a native application choose a port, not anything with a colon."""
    entered, rejected = (len(served.events(kind)) for kind in _KINDS)
    for agent in (served.browser(), served.browser(province.an)):
        for prompt in ("none", None):
            answer = served.authorize(agent, native.client.id, redirect_uri=uri, prompt=prompt)
            assert answer.status_code == 400
            assert answer.headers["Content-Type"].startswith("text/html")
            assert "Location" not in answer.headers
            assert _has_our_headers(answer)
    assert [len(served.events(kind)) for kind in _KINDS] == [entered, rejected + 4]


_KINDS = ("application.entered", "authz.redirect_rejected")


@pytest.mark.parametrize("uri", NEAR, ids=ascii)
def test_nobody_is_sent_to_a_near_valid_address_after_signing_out(
    served: OidcInstallation, province: Province, native: Registered, uri: str
) -> None:
    redirect = LOOPBACK[0].replace("/cb", ":1234/cb")
    code = served.code(served.browser(province.an), native.client.id, redirect_uri=redirect)
    hint = served.redeem(native, code, redirect_uri=redirect).json()["id_token"]
    query = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": uri})
    answer = requests.get(f"{served.url}/logout?{query}", allow_redirects=False, timeout=10)
    assert answer.status_code < 500
    assert answer.headers.get("Location", "/").startswith("/")
    assert _has_our_headers(answer)


@pytest.mark.parametrize("port", PORTS)
def test_every_port_a_native_application_can_have_is_its_own(
    served: OidcInstallation, province: Province, native: Registered, port: str
) -> None:
    agent = served.browser(province.an)
    for uri in _near(port):
        answer = served.authorize(agent, native.client.id, redirect_uri=uri)
        assert answer.headers["Location"].startswith(f"{uri}?code=")


REGISTERED = [
    "http://127.0.0.2:9/cb?x=[1]",
    "http://127.0.0.2:9/cb?a&b=&c=%20+d",
    "http://127.0.0.2:9/c%C3%A9;v=1/(x)!$'*,".replace("*", ""),
    "http://127.0.0.2:9/a|b".replace("|", "%7C"),
]


@pytest.mark.parametrize("uri", REGISTERED)
def test_the_registered_bytes_go_out_as_they_are(
    served: OidcInstallation, province: Province, uri: str
) -> None:
    app = served.add_client("Như đã đăng ký", redirect_uris=[uri])
    separator = "&" if "?" in uri else "?"
    for parameters in ({}, {"prompt": "none login"}):
        location = _location(served, province, app.client.id, uri, parameters)
        assert location.startswith(uri + separator)


def _location(
    served: OidcInstallation, province: Province, client_id: str, uri: str, more: dict[str, str]
) -> str:
    """The Location header as the bytes on the wire: `requests` would spell it anew."""
    cookie = served.sign_in(province.an)
    query = urlencode(
        served.request_parameters(client_id, redirect_uri=uri, **more), quote_via=quote
    )
    place = urlsplit(served.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    connection.request("GET", f"/authorize?{query}", headers={"Cookie": f"dm_session={cookie}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 303
    return answer.headers["Location"]
