"""Every page the console declares, on a wide screen and a narrow one: hard to read for nobody
(axe), and none scrolls sideways."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from flask import Flask
from playwright.sync_api import Browser

from admin_ui.console.app import SCREENS
from tests.browser.test_console import OFFICER, console_url, open_console
from tests.browser.test_one_login import new_person
from tests.support.product import Product
from tests.support.relying_party import RelyingParty

OPERATOR = "quantri.stttt.qt"
_CONNECTOR = "quan-ly-van-ban"  # the demo's own
_DOCUMENTS = "quan-ly-van-ban"
# No pages: what leads elsewhere, pictures and files.
_OTHERS = {
    "home.show",
    "signin.start",
    "signin.finish",
    "applications.show_logo",
    "grant_bulk.take_template",
    # Of an account that nobody matched: tests/console/test_connectors.py.
    "connector_matching.ask_refusal",
    "slips.show_printed",  # once, where one was printed: tests/console/test_slips.py
    "static",
}
_SOME = (
    "/hom-nay/don-vi-thieu-nguoi",
    "/hom-nay/khoa-va-chung-thu",
    "/hom-nay/sap-khoa",
    "/hom-nay/tin-nhan",
    "/dac-quyen",
    "/quyen/xung-dot",
    "/thong-bao/them",
    "/ung-dung/thong-tin-cung-cap",
    "/yeu-cau/so",
    "/xem-nhu",
)
_ASKED = {
    "export": {"dang": "csv"},
    "search.find": {"tim": "lich"},
    "giving.begin": {"tiep": "1", "tim": OFFICER},
    "factor_policy.describe_removal": {"quy-dinh": f"device:{_DOCUMENTS}"},
}


def _things(product: Product) -> dict[str, str]:
    """One of each that an address may name."""
    application = product.danhmuc_json(
        *("client", "add", "--name", "Sổ lịch", "--owner", "STTTT", "--internal"),
        *("--agency", "STTTT", "--redirect-uri", RelyingParty("", "").redirect_uri),
    )["client_id"]
    product.danhmuc("role", "add", f"{application}:xem", "--title", "Xem")
    product.danhmuc("role", "add", f"{application}:duyet", "--title", "Duyệt", "--needs-approval")
    over_ldap = product.danhmuc_json(
        *("client", "ldap", "add", "--name", "Máy in tầng 2", "--owner", "STTTT"),
        *("--agency", "STTTT", "--release", "username", "--purpose", "Nhận diện người in"),
    )
    given = ("--person", OFFICER, "--agency", "STTTT", "--reason", "Trực")
    grant = product.danhmuc_json("grant", "add", "--role", f"{application}:xem", *given)["id"]
    asked = product.danhmuc_json("grant", "add", "--role", f"{application}:duyet", *given)
    position = product.danhmuc_json("position", "add", "--agency", "STTTT", "--name", "Trực")["id"]
    product.danhmuc("mfa", "policy", "set", f"device:{_DOCUMENTS}", "--days", "3")
    notice = product.danhmuc_json("notice", "set", "--text", "Thử", "--at", "account")["id"]
    return {
        "application_id": application,
        "grant_id": grant,
        "kind_path": "web",
        "ldap_application": over_ldap["client_id"],
        "name": "xem",
        "notice_id": notice,
        "person_id": product.danhmuc_json("person", "show", "vanthu.stttt")["id"],
        "position_id": position,
        "request_id": asked["request"],
        "run_id": product.danhmuc_json("connector", "runs", _CONNECTOR)["runs"][0]["id"],
    }


def _addresses(things: dict[str, str]) -> list[str]:
    app = Flask("addresses")
    for screen in SCREENS:
        app.register_blueprint(screen.blueprint)
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in _OTHERS:
            continue
        asked = _ASKED["export"] if rule.endpoint.endswith(".ask_why") else {}
        asked |= _ASKED.get(rule.endpoint, {})
        query = f"?{urlencode(asked)}" if asked else ""
        choices = re.search(r"<any\(([^)]*)\):\w+>", rule.rule)
        parts = re.findall(r"[\w-]+", choices[1]) if choices else [""]
        for part in parts:
            path = re.sub(r"<any\([^)]*\):\w+>", part, rule.rule)
            named = things | ({"name": _CONNECTOR} if path.startswith("/ket-noi/") else {})
            if "/ldap" in path:
                named |= {"application_id": things["ldap_application"]}
            found.append(re.sub(r"<(\w+)>", r"{\1}", path).format_map(named) + query)
    return sorted(found)


def _look_at(chromium: Browser, product: Product, addresses: list[str]) -> None:
    with new_person(chromium, product) as onlooker:
        open_console(onlooker.page, product, OPERATOR)
        for language in ("vi", "en"):
            onlooker.page.goto(f"{console_url(product)}/hom-nay?lang={language}")
            absent = []
            for address in addresses:
                answer = onlooker.page.goto(console_url(product) + address)
                assert answer is not None
                if answer.status == 200:
                    onlooker.look_once(address, language)
                else:
                    absent.append(address)
            assert not absent, "an address of none: see `_things`, `_ASKED` and `_OTHERS`"


@pytest.mark.deep
def test_pages_that_no_walk_comes_to(chromium: Browser, http_product: Product) -> None:
    _look_at(chromium, http_product, list(_SOME))


@pytest.mark.deep
def test_every_page_of_the_console(chromium: Browser, http_product: Product) -> None:
    addresses = _addresses(_things(http_product))
    assert len(addresses) > 60
    asked_for = ("/phieu", "/xac-thuc", "/tin-nhan", "/lan-chay")
    assert all(any(part in each for each in addresses) for part in asked_for), addresses
    _look_at(chromium, http_product, addresses)
