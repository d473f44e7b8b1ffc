"""A further feature of OpenID Connect is a folder and one line of the tuple (`tests/idp/voucher`):
its grant, its endpoint, what discovery says of it and what is registered of clients are there with
it, and without it are not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests

from admin_ui.components import COMPONENTS, REGISTRATION, VOCABULARY
from directory.audit.sentences import sentence
from directory.component import Component, vocabulary_of
from directory.errors import Invalid
from idp.clients.errors import CLIENT_PUBLIC_WITHOUT_PERSON, CLIENT_UNSUPPORTED
from idp.clients.metadata import read_flag, read_metadata
from idp.clients.service import Registered, update_client
from idp.feature import OidcFeature, endpoints_of, features_of, registration_of
from idp.oidc import cors
from idp.oidc.discovery import describe
from tests.idp.voucher.component import COMPONENT as VOUCHER
from tests.idp.voucher.vouchers import GRANT_TYPE, LIFETIME
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation, served_installation

# The one line: what a provider with the further feature is.
WITH_VOUCHERS = (*COMPONENTS, VOUCHER)
DISCOVERY = "/.well-known/openid-configuration"
PAGE = "https://phieu.binhduong.gov.vn"


@pytest.fixture(scope="module")
def vouchers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcInstallation]:
    with served_installation(tmp_path_factory.mktemp("vouchers"), WITH_VOUCHERS) as found:
        yield found


@pytest.fixture(scope="module")
def app(vouchers: OidcInstallation) -> Registered:
    return vouchers.add_client("Phát phiếu", grant_types=[GRANT_TYPE], voucher_lifetime=120)


def get_voucher(served: OidcInstallation, client: Registered) -> dict[str, Any]:
    auth = (client.client.id, client.secret or "")
    answer = served.post("/voucher", {"x": "y"}, auth=auth)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return dict(answer.json())


def test_its_endpoint_answers_and_its_grant_gives_a_token_once(
    vouchers: OidcInstallation, app: Registered
) -> None:
    voucher = get_voucher(vouchers, app)["voucher"]
    first, second = [vouchers.token(app, grant_type=GRANT_TYPE, voucher=voucher) for _ in range(2)]
    assert first.status_code == 200, first.text
    assert vouchers.introspect(app, first.json()["access_token"])["active"]
    assert (second.status_code, second.json()["error"]) == (400, "invalid_grant")
    stolen = vouchers.add_client("Kẻ khác", grant_types=[GRANT_TYPE])
    voucher = get_voucher(vouchers, app)["voucher"]
    assert vouchers.token(stolen, grant_type=GRANT_TYPE, voucher=voucher).status_code == 400


def test_discovery_names_it(vouchers: OidcInstallation, served: OidcInstallation) -> None:
    before = requests.get(served.url + DISCOVERY, timeout=10).json()
    after = requests.get(vouchers.url + DISCOVERY, timeout=10).json()
    assert set(after) - set(before) == {"voucher_endpoint", "voucher_formats_supported"}
    assert after["voucher_endpoint"] == f"{vouchers.issuer}/voucher"
    assert after["grant_types_supported"] == [*before["grant_types_supported"], GRANT_TYPE]


def test_what_it_declares_of_clients_can_be_registered_and_counts(
    vouchers: OidcInstallation, app: Registered
) -> None:
    assert app.client.metadata[LIFETIME] == 120
    assert get_voucher(vouchers, app)["expires_in"] == 120
    registration = registration_of(WITH_VOUCHERS)
    changes = {"client_name": "Phát phiếu 2"}
    changed = update_client(vouchers.installation, OPERATOR, registration, app.client.id, changes)
    assert changed.client.metadata[LIFETIME] == 120
    with pytest.raises(Invalid, match=LIFETIME):
        vouchers.add_client("Sai", voucher_lifetime="mai")
    with pytest.raises(Invalid, match=CLIENT_PUBLIC_WITHOUT_PERSON.code):
        vouchers.add_client("x", grant_types=[GRANT_TYPE], token_endpoint_auth_method="none")


def test_pages_may_read_its_answers_and_nobody_may_ask_without_end(
    vouchers: OidcInstallation,
) -> None:
    public = vouchers.add_client(
        "Trang", redirect_uris=[f"{PAGE}/cb"], token_endpoint_auth_method="none"
    )
    cors._held.clear()
    asked = {"client_id": public.client.id}
    answers = [vouchers.post("/voucher", asked, headers={"Origin": PAGE}) for _ in range(40)]
    assert answers[0].status_code == 200
    assert {answer.headers["Access-Control-Allow-Origin"] for answer in answers} == {PAGE}
    assert (answers[-1].status_code, "Retry-After" in answers[-1].headers) == (429, True)
    elsewhere = vouchers.post("/voucher", asked, headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in elsewhere.headers


def test_it_has_a_page_in_words_of_its_own_folder(vouchers: OidcInstallation) -> None:
    page = vouchers.browser().get("/phieu")
    assert page.status_code == 200 and "<h1>Phiếu dùng để làm gì</h1>" in page.text


def test_what_goes_wrong_there_is_json(vouchers: OidcInstallation) -> None:
    browser = {"Accept": "text/html,*/*"}
    for method, path, status in (("PUT", "/voucher", 405), ("GET", "/voucher/", 404)):
        answer = requests.request(method, vouchers.url + path, headers=browser, timeout=10)
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/json"


def test_the_log_has_its_words(vouchers: OidcInstallation, app: Registered) -> None:
    vouchers.token(app, grant_type=GRANT_TYPE, voucher="x.1.y")
    (event,) = vouchers.events("token.refused")[:1]
    assert "(bằng phiếu)" in sentence(event, vocabulary_of(WITH_VOUCHERS), {})
    assert "(loại khác)" in sentence(event, VOCABULARY, {})


def test_without_it_there_is_none_of_it(served: OidcInstallation) -> None:
    app = served.add_client("Không có phiếu", grant_types=["client_credentials"])
    assert served.post("/voucher", {}).status_code == 404
    assert served.browser().get("/phieu").status_code == 404
    refused = served.token(app, grant_type=GRANT_TYPE, voucher="x.1.y")
    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_grant_type")
    dropped = served.add_client("Thừa", voucher_lifetime=120)
    assert LIFETIME in dropped.warnings[0] and LIFETIME not in dropped.client.metadata
    with pytest.raises(Invalid, match=GRANT_TYPE):
        served.add_client("Xin phiếu", grant_types=[GRANT_TYPE])


def test_what_nobody_honours_is_refused_until_a_component_declares_it() -> None:
    name = "require_pushed_authorization_requests"
    given = {"client_name": "x", "redirect_uris": ["https://a.vn/cb"], name: True}
    with pytest.raises(Invalid) as refused:
        read_metadata(given, REGISTRATION, loopback=False)
    assert refused.value.declared is CLIENT_UNSUPPORTED
    declared = replace(REGISTRATION, fields={name: read_flag})
    assert read_metadata(given, declared, loopback=False).metadata[name] is True


def test_two_features_do_not_say_different_things_in_discovery() -> None:
    other = Component("x", features=(OidcFeature(discovery={"voucher_formats_supported": "all"}),))
    components = (*WITH_VOUCHERS, other)
    with pytest.raises(ValueError, match="voucher_formats_supported"):
        describe("https://x.vn", endpoints_of(components), features_of(components))
