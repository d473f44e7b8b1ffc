"""Who proves two factors, as the security officer sets it in the console."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests

from idp.factor_policy import rules
from idp.factor_policy.rules import Policy
from tests.console.world import World, told
from tests.support.browser import Browser

pytestmark = pytest.mark.only_on_sqlite("how rules are kept: tests/idp/test_factor_policy.py")
PATH = "/xac-thuc-hai-lop"


@pytest.fixture(scope="module", autouse=True)
def _officer(world: World) -> Iterator[None]:
    own = world.add_person("so_own", "Hồ An Toàn", world.post("A"))
    world.add_person("so", "Hồ An Toàn", world.post("A"), administrator_of=own.id)
    other = world.add_person("so2_own", "Lý Thứ Hai", world.post("A"))
    world.add_person("so2", "Lý Thứ Hai", world.post("A"), administrator_of=other.id)
    world.grant("so", "security_officer", "P")
    world.grant("so2", "security_officer", "P")
    yield


def policy(world: World) -> Policy:
    with world.installation.database.read() as tx:
        return rules.read_policy(tx)


def save(world: World, browser: Browser, path: str, **typed: str) -> requests.Response:
    typed = {"reason": "", **typed}
    seen = {f"seen_{name}": "" for name in typed}
    answer = browser.post(path, {"csrf_token": world.token_of(browser), **typed, **seen})
    return browser.follow(answer)


def approve(world: World, said: str) -> None:
    """The second officer approves the newest request."""
    second = world.browser("so2")
    (path, *_) = re.findall(r'href="(/yeu-cau/[0-9a-f-]{36})"', second.get("/yeu-cau").text)
    assert said in told(second.get(path))
    sent = {"csrf_token": world.token_of(second), "note": "", "seen_note": ""}
    done = second.post(f"{path}/phe-duyet", sent | {"choice": "", "seen_choice": ""})
    assert "Đã phê duyệt" in told(second.follow(done))


def test_rules_and_networks_are_set_changed_and_removed(world: World) -> None:
    browser = world.browser("so")
    assert "Chưa có quy định" in told(browser.get(PATH))
    page = save(
        world, browser, f"{PATH}/vung-mang", name="tsl-cd", networks="10.12.0.0/16 fd00::/8"
    )
    assert "10.12.0.0/16, fd00::/8" in told(page)
    page = save(world, browser, f"{PATH}/them/tu-vung-mang", target="outside", days="7")
    assert "Bên ngoài mọi vùng mạng có tên" in told(page) and "7 ngày" in told(page)
    save(world, browser, f"{PATH}/them/tu-vung-mang", target="tsl-cd", days="0")
    role = f"{world.applications['of_a']}:xem"
    assert "Lịch của A: Xem" in told(
        save(world, browser, f"{PATH}/them/vai-tro", target=role, days="0")
    )
    device = world.applications["shared"]
    page = save(world, browser, f"{PATH}/them/thiet-bi", target=device, days="14", reason="")
    assert "Hãy nhập lý do" in told(page) and 'value="14"' in page.text
    page = save(world, browser, f"{PATH}/them/thiet-bi", target=device, days="14", reason="ở nhà")
    assert "Đã gửi" in told(page) and "14 ngày trên" not in told(page)
    approve(world, "từ “không có” thành “miễn trong 14 ngày”")
    page = browser.get(PATH)
    assert "Thư điện tử" in told(page) and "14 ngày trên một thiết bị" in told(page)
    assert {(rule.kind, rule.target, rule.days) for rule in policy(world).rules} == {
        ("network", "outside", 7), ("network", "tsl-cd", 0), ("role", role, 0),
        ("device", device, 14),
    }  # fmt: skip
    token = {"csrf_token": world.token_of(browser)}
    used = browser.follow(browser.post(f"{PATH}/vung-mang/xoa", token | {"name": "tsl-cd"}))
    assert "Hãy bỏ quy định đó trước" in told(used)
    for path in re.findall(rf'href="({PATH}/bo[?][^"]+)"', browser.get(PATH).text):
        removal = browser.get(path)
        reason = "" if "device" in path else "hết đợt thử"
        assert ("Đề nghị bỏ quy định" in told(removal)) == bool(reason)
        save(world, browser, path, reason=reason)
    assert [rule.kind for rule in policy(world).rules] == ["network", "network", "role"]
    for _ in range(3):
        approve(world, "thành “không có”")
    browser.follow(browser.post(f"{PATH}/vung-mang/xoa", token | {"name": "tsl-cd"}))
    assert policy(world) == Policy([], [])


def test_sessions_of_a_role_are_limited(world: World) -> None:
    browser, role = world.browser("so"), f"{world.applications['of_a']}:xem"
    page = save(world, browser, f"{PATH}/them/phien-khong-dung", target=role, days="61")
    assert "từ 5 đến 60" in told(page) and 'value="61"' in page.text
    page = save(world, browser, f"{PATH}/them/phien-khong-dung", target=role, days="10")
    assert "Kết thúc sau 10 phút" in told(page) and "Lịch của A: Xem" in told(page)
    page = save(world, browser, f"{PATH}/them/phien-toi-da", target=role, days="240")
    assert "Kết thúc sau 240 phút" in told(page)
    longer = {"target": role, "days": "300", "reason": "đợt cao điểm"}
    save(world, browser, f"{PATH}/them/phien-toi-da", **longer)
    approve(world, "từ “240 phút” thành “300 phút”")
    for path in re.findall(rf'href="({PATH}/bo[?][^"]+)"', browser.get(PATH).text):
        save(world, browser, path, reason="hết đợt thử")
        approve(world, "thành “không có”")
    assert policy(world) == Policy([], [])


@pytest.mark.parametrize(
    ("path", "typed", "said"),
    [
        ("them/moi-nguoi", {"target": "", "days": "91"}, "từ 0 đến 90"),
        ("them/moi-nguoi", {"target": "", "days": "mười"}, "từ 0 đến 90"),
        ("them/thiet-bi", {"target": "", "days": "3"}, "Hãy chọn một ứng dụng"),
        ("them/vai-tro", {"target": "danh-muc:auditor", "days": "3"}, "Trang quản trị luôn cần"),
        ("vung-mang", {"name": "Nhà", "networks": "10.0.0.0/8"}, "Tên gồm"),
        ("vung-mang", {"name": "nha", "networks": "nhà"}, "dải địa chỉ"),
    ],
)
def test_what_cannot_be_is_said_and_kept(
    world: World, path: str, typed: dict[str, str], said: str
) -> None:
    page = save(world, world.browser("so"), f"{PATH}/{path}", **typed)
    assert said in told(page)
    days = typed.get("days")
    assert not days or f'value="{days}"' in page.text


def test_it_costs_few_statements(world: World) -> None:
    browser = world.browser("so")
    with world.counting() as count:
        browser.get(PATH)
    assert len(count.sql) <= 12, count.sql
