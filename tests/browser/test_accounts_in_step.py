"""Joiners and leavers in the demo's applications, looked at in what those keep themselves."""

from __future__ import annotations

import secrets

from tests.support.browser import PASSWORD, Account, form_token
from tests.support.product import Product
from tests.support.waiting import wait_until

_PATIENCE_S = 60.0


def test_a_joiner_works_in_both_and_a_leaver_in_neither(http_product: Product) -> None:
    product, danhmuc = http_product, http_product.danhmuc
    joiner = Account(f"moi.{secrets.token_hex(4)}", PASSWORD, "Trần Thị Mới")
    more = ("--full-name", joiner.full_name, "--agency", "STTTT", "--title", "Chuyên viên")
    danhmuc("person", "add", "--username", joiner.username, *more)
    danhmuc("person", "set-password", joiner.username, "--password-stdin", stdin=PASSWORD)
    for role in ("quan-ly-van-ban:van_thu", "mot-cua-dien-tu:tiep_nhan"):
        give(product, joiner, role)
    await_accounts(product, joiner, document=["van_thu"], one_stop=["tiep_nhan"])
    agent = product.browser()
    inside = agent.enter(f"{product.document_url}/dang-nhap", joiner)
    assert (inside.url, inside.status_code) == (f"{product.document_url}/van-ban", 200)
    second = agent.open(f"{product.one_stop_url}/dang-nhap")
    assert (second.url, second.status_code) == (f"{product.one_stop_url}/ho-so", 200)
    form = {
        "form_token": form_token(inside, "form_token"),
        "agency": "STTTT",
        "received_on": "05/01/2026",
        "sender": "UBND huyện Dầu Tiếng",
        "summary": f"Văn bản của {joiner.username}",
        "urgency": "normal",
    }
    document = agent.post(f"{product.document_url}/van-ban/moi", form)
    assert document.status_code == 303
    path = document.headers["Location"]

    give(product, joiner, "mot-cua-dien-tu:giam_sat")
    await_accounts(product, joiner, document=["van_thu"], one_stop=["giam_sat", "tiep_nhan"])
    assert "Giám sát" in agent.open(f"{product.one_stop_url}/tai-khoan").text, "the same session"

    danhmuc("person", "suspend", joiner.username, "--reason", "nghỉ việc")
    await_accounts(product, joiner, works=False, document=[], one_stop=[])
    for url in (f"{product.document_url}/van-ban", f"{product.one_stop_url}/ho-so"):
        answer = agent.get(url)
        assert answer.status_code in (303, 403), "signed out, or told that the account is disabled"
    other = product.browser()
    other.enter(f"{product.document_url}/dang-nhap", product.account("vanthu.stttt"))
    assert f"Văn bản của {joiner.username}" in other.open(f"{product.document_url}{path}").text


def give(product: Product, holder: Account, role: str) -> None:
    where = ("--agency", "STTTT", "--reason", "phân công")
    product.danhmuc("grant", "add", "--person", holder.username, "--role", role, *where)


def await_accounts(
    product: Product, person: Account, *, works: bool = True, **groups: list[str]
) -> None:
    """What the applications keep becomes this; nothing is ever deleted."""
    wanted = {name: {"works": works, "groups": found} for name, found in groups.items()}
    wait_until(
        lambda: wanted == {name: product.account_in(name, person.username) for name in wanted},
        _PATIENCE_S,
        says=f"{wanted} is not there\n{product.log_tail(20)}",
    )
