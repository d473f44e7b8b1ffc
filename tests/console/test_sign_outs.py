"""Signing people out in the console: what is said first, and what comes of it."""

from __future__ import annotations

import pytest

from tests.console.world import World, told

pytestmark = pytest.mark.only_on_sqlite("whose sessions end: tests/idp/test_forced_sign_out.py")


def test_what_it_does_is_said_first_and_then_done(world: World) -> None:
    victim, admin = world.browser("hr_officer"), world.browser("admin_a")
    person = admin.get(f"/nguoi-dung/{world.people['hr_officer']}")
    path = f"/phien?nguoi={world.people['hr_officer']}"
    assert f'href="{path}"' in person.text
    page = admin.get(path)
    assert "Phiên 1 Người dùng 1" in told(page)
    sent = {"csrf_token": world.token_of(admin), "reason": "", "seen_reason": ""}
    refused = admin.follow(admin.post(path, sent))
    assert "Hãy nhập lý do buộc đăng xuất" in told(refused)
    assert victim.get("/nguoi-dung").status_code == 200
    done = admin.follow(admin.post(path, sent | {"reason": "mất máy"}))
    assert "Đã buộc đăng xuất" in done.text and "Không ai trong số này" in told(done)
    assert victim.get("/nguoi-dung").status_code == 303
    log = told(admin.get("/nhat-ky"))
    assert "buộc kết thúc mọi phiên đăng nhập của" in log and "mất máy" in log


def test_the_page_offers_what_is_theirs_and_costs_little(world: World) -> None:
    browser = world.browser("admin_a")
    page = browser.get("/phien")
    assert "Nơi A" in page.text and "Nơi B" not in page.text and "Sổ Bí Mật" not in page.text
    world.browser("hr_officer")
    for path in ("/phien", f"/phien?noi={world.places['A']}"):
        browser.get(path)
        with world.counting() as count:
            page = browser.get(path)
        assert page.status_code == 200 and len(count.sql) <= 12, count.sql


def test_it_is_reached_from_a_place_and_from_an_application(world: World) -> None:
    admin, inspector = world.browser("admin_a"), world.browser("inspector")
    place, application = world.places["A"], world.applications["of_a"]
    pages = {
        f"/nguoi-dung?noi={place}": f"/phien?noi={place}",
        f"/ung-dung/{application}": f"/phien?ung-dung={application}",
    }
    for page, path in pages.items():
        assert f'href="{path}"' in admin.get(page).text, page
        assert '<h2 id="tac-dong">' in admin.get(path).text, "what it does is said first"
        assert path not in inspector.get(page).text, "who may not is not sent there"
    assert "/phien?noi=" not in admin.get("/nguoi-dung").text, "no place is chosen"
