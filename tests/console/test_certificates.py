"""Certificates in the console: bound at the counter, what ends soon, devices of people who left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from directory.audit.reading import list_events
from directory.authz.scopes import Scope
from directory.people import service as people
from idp.factors.certificate import leaving, listing, service, store
from tests.console.world import World, names_in, told
from tests.support.browser import form_token
from tests.support.installation import OPERATOR
from tests.support.pki import Authority, Issued

ENDING, HAND_BACK = "/hom-nay/chung-thu-sap-het-han", "/hom-nay/thiet-bi-luu-khoa"


@pytest.fixture(scope="module")
def root(world: World) -> Iterator[Authority]:
    made = Authority.root()
    service.trust(world.installation, OPERATOR, made.issued.pem, without_crl="thử")
    yield made


def give(world: World, root: Authority, name: str, days: int) -> Issued:
    made = root.issue(ends=timedelta(days=days))
    service.bind(world.installation, OPERATOR, world.people[name], made.pem, "đã xem thẻ")
    return made


def number_of(world: World, actor: str, path: str) -> str:
    page = world.browser(actor).get("/hom-nay").text
    found = re.search(rf'href="{path}">\s*<span class="waiting__number">([^<]+)<', page)
    return found[1] if found else ""


def test_an_administrator_binds_one_from_a_file(world: World, root: Authority) -> None:
    browser, made = world.browser("admin_a"), root.issue("Trần Văn An")
    path = f"/nguoi-dung/{world.people['a1']}/chung-thu"
    token = form_token(browser.get(path), "csrf_token")

    def send(content: bytes, reason: str) -> str:
        answer = browser.http.post(
            browser.site + path,
            data={"csrf_token": token, "reason": reason},
            files={"tep": ("an.cer", content)},
            headers={"Origin": browser.site},
            allow_redirects=False,
        )
        assert answer.status_code == 303, answer.text
        return told(browser.open(answer.headers["Location"]))

    assert "không phải là một chứng thư số" in send(b"hello", "đã xem thẻ")
    assert "Ghi rõ đã kiểm tra" in send(made.pem, " ")
    assert "cơ quan chứng thực không nằm" in send(Authority.root("Lạ").issue().pem, "đã xem thẻ")
    assert "Đã gắn" in send(made.pem, "biên bản 12")
    assert made.serial in told(browser.get(path))
    assert "đã gắn với một tài khoản" in send(made.pem, "biên bản 12")
    with world.installation.database.read() as tx:
        (event,) = list_events(tx, kind="certificate.bound")
    assert (event.fields["reason"], event.actor) == (
        "biên bản 12",
        f"person:{world.people['admin_a']}",
    )


def test_what_ends_soon_and_what_leavers_hand_back(world: World, root: Authority) -> None:
    give(world, root, "a1", 20)
    give(world, root, "u1", 40)
    give(world, root, "b1", 5)
    assert number_of(world, "admin_a", ENDING) == "1"
    assert names_in(world.browser("admin_a").get(ENDING)) == ["Đặng Thị Ánh"]
    assert number_of(world, "admin_b", ENDING) == "1"
    gone = world.add_person("nghi", "Phạm Nghỉ", world.post("A"))
    give(world, root, "nghi", 400)
    people.retire(world.installation, OPERATOR, gone.id, "nghỉ hưu")
    leaving.end(world.installation)
    assert number_of(world, "admin_a", HAND_BACK) == "1"
    page = world.browser("admin_a").get(HAND_BACK)
    assert names_in(page) == ["Phạm Nghỉ"]
    taken = re.search(rf'action="({HAND_BACK}/[^"]+/da-nhan)"', page.text)
    assert taken
    other, own = world.browser("admin_b"), world.browser("admin_a")
    refused = other.post(taken[1], {"csrf_token": world.token_of(other)})
    unknown = other.post(
        f"{HAND_BACK}/{world.people['missing']}/da-nhan", {"csrf_token": world.token_of(other)}
    )
    assert refused.status_code == unknown.status_code == 404
    one, two = (re.sub(r"Mã hỗ trợ: \w+", "", told(page)) for page in (refused, unknown))
    assert one == two
    export = {"csrf_token": world.token_of(own), "dang": "csv", "ly-do": "", "xin": ""}
    assert "Phạm Nghỉ" in own.post(f"{HAND_BACK}/xuat", export).content.decode("utf-8-sig")
    assert own.post(taken[1], {"csrf_token": world.token_of(own)}).status_code == 303
    assert number_of(world, "admin_a", HAND_BACK) == ""
    with world.installation.database.read() as tx:
        (ended,) = list_events(tx, kind="certificate.ended")
        (back,) = list_events(tx, kind="certificate.handed_back")
        assert store.list_of(tx, gone.id) == []
    assert ended.actor == "system:certificate_leavers"
    assert back.actor == f"person:{world.people['admin_a']}"


def test_those_of_a_person_are_seen_and_taken_away(world: World, root: Authority) -> None:
    own, other = world.browser("admin_a"), world.browser("admin_b")
    person = f"/nguoi-dung/{world.people['a2']}"
    serial = give(world, root, "a2", 20).serial
    page = own.get(person)
    assert f"số {serial}" in told(page) and "Sắp hết hạn" in told(page)
    assert "người gắn: Đơn vị vận hành" in told(page) and "chưa dùng lần nào" in told(page)
    found = re.search(rf'href="({person}/chung-thu/[^"]+/go)"', page.text)
    assert found
    path = found[1]
    # Who may look at people only, or has power elsewhere, sees none and takes none away.
    assert f"số {serial}" not in told(world.browser("hr_officer").get(person))
    missing = path.replace(world.people["a2"], world.people["missing"])
    one, two = (re.sub(r"Mã hỗ trợ: \w+", "", told(other.get(each))) for each in (path, missing))
    assert one == two and other.get(path).status_code == 404
    for browser, where in ((other, path), (own, path.replace(world.people["a2"], "khong-co"))):
        data = {"csrf_token": world.token_of(browser), "reason": "x", "seen_reason": ""}
        assert browser.post(where, data).status_code == 404
    mixed = path.replace(world.people["a2"], world.people["a1"])
    assert own.get(mixed).status_code == 404
    data = {"csrf_token": world.token_of(own), "reason": " ", "seen_reason": ""}
    assert "Hãy nhập lý do" in told(own.open(own.post(path, data).headers["Location"]))
    answer = own.post(path, data | {"reason": "mất thiết bị"})
    assert "Đã gỡ" in told(own.open(answer.headers["Location"]))
    assert own.get(path).status_code == 404
    with world.installation.database.read() as tx:
        (event,) = list_events(tx, kind="certificate.removed")
        assert store.list_of(tx, world.people["a2"]) == []
    assert (event.fields["reason"], event.fields["serial"]) == ("mất thiết bị", serial)


@pytest.mark.only_on_sqlite("PostgreSQL chooses by the number of rows, which are few here")
def test_nobody_is_looked_at_who_has_no_certificate(world: World) -> None:
    seen: list[tuple[str, Any]] = []
    handler = lambda _c, _k, statement, bound, *_: seen.append((statement, bound))  # noqa: E731
    engine = world.installation.database.engine
    with world.installation.database.read() as tx:
        event.listen(engine, "before_cursor_execute", handler)
        listing.count(tx, Scope(False, frozenset({"x"})), "ending", 100)
        event.remove(engine, "before_cursor_execute", handler)
        statement, bound = seen[-1]
        plan = tx.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", bound).fetchall()
    told = "\n".join(str(row[-1]) for row in plan)
    assert "SCAN catalogue_person" not in told, told
