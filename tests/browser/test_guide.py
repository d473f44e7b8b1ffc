"""The guide for administrators of an agency is walked as it is written.

Each of its ten things is done in a browser by the words a person reads. What the guide prints in
bold must have been on one of the pages that came, and every picture it shows is one of this walk:
``PICTURES=1`` takes them anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from directory.clock import today
from tests.browser.onlooker import Onlooker
from tests.browser.people import ENTER, sign_in_with_both
from tests.browser.test_console import OFFICER, console_url
from tests.browser.test_one_login import ADMINISTRATOR, new_person
from tests.support.product import REPOSITORY, Product

GUIDE = REPOSITORY / "docs" / "vi" / "quan-tri-don-vi.md"
PICTURES = REPOSITORY / "docs" / "images" / "quan-tri-don-vi"
POSITION, ROLE = "Thường trực một cửa", "Tiếp nhận hồ sơ"
# What they get here harms no other test: the product is everybody's.
HOLDER, ASKS = "daumoi.stttt", "tochuc.stttt"
_SHEET = (
    ("Tên đăng nhập", "Ứng dụng", "Vai trò", "Mã cơ quan", "Lý do"),
    (HOLDER, "Quản lý văn bản (mẫu)", "Chuyên viên", "STTTT", "Phân công lại"),
    (ASKS, "Quản lý văn bản (mẫu)", "Chuyên viên", "STTTT", "Phân công lại"),
)
ON_SCREEN = """
() => [
  document.body.textContent,
  ...[...document.querySelectorAll('[aria-label], [placeholder], [title]')].flatMap(
    (node) => [node.ariaLabel, node.placeholder, node.title]),
].join(' ').replace(/\\s+/g, ' ')
"""


@dataclass
class Walk:
    """An administrator at the console, and all that was to be read on the way."""

    onlooker: Onlooker
    product: Product
    read: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        return self.onlooker.page

    def look(self, name: str = "") -> None:
        """Read the page; with a name, it is one of the pictures of the guide."""
        self.read.append(self.page.evaluate(ON_SCREEN))
        if not name:
            return
        self.onlooker.look(f"guide-{name}")
        if os.environ.get("PICTURES"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            self.page.evaluate("window.scrollTo(0, 0); document.activeElement.blur()")
            self.page.screenshot(path=PICTURES / f"{name}.png")

    def open(self, link: str, look: str = "") -> None:
        self.click(self.page.get_by_role("link", name=link, exact=True).first, look)

    def press(self, button: str, look: str = "") -> None:
        self.click(self.page.get_by_role("button", name=button, exact=True).first, look)

    def click(self, what: Locator, look: str = "") -> None:
        with self.page.expect_navigation():
            what.click()
        self.look(look)

    def says(self, sentence: str) -> None:
        expect(self.page.locator("main")).to_contain_text(sentence)


@pytest.fixture
def walk(chromium: Browser, http_product: Product) -> Iterator[Walk]:
    with new_person(chromium, http_product) as onlooker:
        yield Walk(onlooker, http_product)


def test_the_ten_things_an_administrator_does(walk: Walk, chromium: Browser) -> None:
    position = _something_to_look_after(walk.product, chromium)
    _sign_in_and_see_today(walk)
    _find_a_person(walk)
    _give_a_role(walk)
    _give_to_a_position(walk, position)
    _renew_and_withdraw(walk)
    _give_to_many(walk)
    _decide_a_request(walk)
    _say_why(walk)
    _register_an_application(walk)
    _find_who_did_what(walk)
    _note_an_absence(walk)
    _keep_a_list(walk)
    assert {word for word in bold_words(GUIDE) if word not in " ".join(walk.read)} == set()
    assert pictures_of(GUIDE, PICTURES) == {path.name for path in PICTURES.iterdir()}


def bold_words(guide: Path) -> set[str]:
    """What a guide says is to be read on the screen."""
    found = re.findall(r"\*\*(.+?)\*\*", guide.read_text(encoding="utf-8"), re.DOTALL)
    return {re.sub(r"\s+", " ", word) for word in found}


def pictures_of(guide: Path, folder: Path) -> set[str]:
    """The pictures of that folder that a guide shows."""
    address = re.escape(f"../images/{folder.name}/")
    return set(re.findall(rf"[(\"]{address}([^)\"]+)[)\"]", guide.read_text(encoding="utf-8")))


def _something_to_look_after(product: Product, chromium: Browser) -> str:
    """A position somebody holds, and a colleague who asks to be let in."""
    made = product.danhmuc_json("position", "add", "--agency", "STTTT", "--name", POSITION)
    product.danhmuc("person", "post", "add", HOLDER, "--agency", "STTTT", "--position", made["id"])
    with new_person(chromium, product) as other:
        other.page.goto(product.one_stop_url)
        other.page.get_by_role("link", name=ENTER).click()
        sign_in_with_both(other.page, product, ASKS)
        other.page.locator("main a[href*='/xin-vao']").click()
        other.page.locator("main form input[name='reason'], main form textarea").fill(
            "Theo dõi hồ sơ trễ hạn của Sở"
        )
        other.page.locator("main form button[type='submit']").click()
        expect(other.page.locator("main")).to_contain_text("Một cửa điện tử")
    return POSITION


def _sign_in_and_see_today(walk: Walk) -> None:
    walk.page.goto(f"{console_url(walk.product)}/")
    sign_in_with_both(walk.page, walk.product, ADMINISTRATOR)
    walk.page.wait_for_url(f"{console_url(walk.product)}/hom-nay")
    walk.look("hom-nay")


def _find_a_person(walk: Walk) -> None:
    walk.open("Người dùng")
    walk.page.get_by_label("Họ tên, chức vụ").fill("khoa le")
    walk.press("Tìm kiếm")
    walk.open(walk.product.account(OFFICER).full_name, "mot-nguoi")


def _give_a_role(walk: Walk) -> None:
    walk.open("Cấp vai trò")
    walk.page.get_by_label("Ứng dụng và vai trò").select_option(label="Văn thư")
    walk.press("Tiếp tục", "cap-vai-tro")
    walk.page.get_by_label("Lý do").fill("Thay văn thư nghỉ thai sản")
    walk.press("Tiếp tục")
    walk.press("Cấp vai trò này")
    walk.says("Đã cấp")


def _give_to_a_position(walk: Walk, position: str) -> None:
    walk.open("Người dùng")
    walk.open("Vị trí việc làm")
    walk.open(position, "vi-tri")
    walk.open("Cấp vai trò")
    walk.page.get_by_label("Ứng dụng và vai trò").select_option(label=ROLE)
    walk.press("Tiếp tục")
    walk.page.get_by_label("Lý do").fill("Phân công trực bộ phận một cửa")
    walk.press("Tiếp tục")
    walk.press("Cấp vai trò này")


def _renew_and_withdraw(walk: Walk) -> None:
    walk.open("Quyền", "quyen")
    row = walk.page.get_by_role("row").filter(has_text=OFFICER).filter(has_text="Văn thư")
    walk.click(row.get_by_role("link"))
    walk.open("Gia hạn")
    walk.page.get_by_label("Lý do").fill("Tiếp tục phụ trách")
    walk.press("Gia hạn")
    walk.open("Thu hồi…")
    walk.page.get_by_label("Lý do").fill("Thôi phụ trách")
    walk.press("Thu hồi quyền")


def _give_to_many(walk: Walk) -> None:
    walk.open("Quyền")
    walk.open("Theo bảng Excel")
    walk.page.get_by_label("Hoặc dán các dòng").fill("\n".join(["\t".join(row) for row in _SHEET]))
    walk.press("Xem trước", "hang-loat")


def _decide_a_request(walk: Walk) -> None:
    walk.open("Yêu cầu")
    walk.click(walk.page.locator("main table a").first)
    walk.page.get_by_label("Vai trò sẽ cấp").select_option(label="Thụ lý hồ sơ")
    walk.look("yeu-cau")
    walk.press("Phê duyệt")


def _say_why(walk: Walk) -> None:
    walk.open("Người dùng")
    walk.page.get_by_label("Họ tên, chức vụ").fill("khoa le")
    walk.press("Tìm kiếm")
    walk.open(walk.product.account(OFFICER).full_name)
    walk.open("Vì sao vào được, còn thiếu gì")
    walk.page.get_by_label("Ứng dụng", exact=True).select_option(label="Một cửa điện tử (mẫu)")
    walk.press("Tra cứu", "vi-sao")


def _register_an_application(walk: Walk) -> None:
    walk.open("Ứng dụng")
    walk.open("Đăng ký ứng dụng", "dang-ky-ung-dung")
    walk.open("Ứng dụng web có máy chủ")
    walk.page.get_by_label("Tên ứng dụng").fill("Lịch công tác của Sở")
    walk.press("Tiếp tục")
    walk.page.locator("#redirect_uris").fill("http://127.0.0.2:9/lich")
    walk.press("Đăng ký")
    walk.open("Xong, về trang ứng dụng")


def _find_who_did_what(walk: Walk) -> None:
    walk.open("Nhật ký", "nhat-ky")


def _note_an_absence(walk: Walk) -> None:
    walk.open("Người dùng")
    walk.page.get_by_label("Họ tên, chức vụ").fill("khoa le")
    walk.press("Tìm kiếm")
    walk.open(walk.product.account(OFFICER).full_name)
    walk.open("Vắng mặt…")
    walk.page.get_by_label("Lý do").select_option(label="Đi học")
    walk.page.get_by_label("Đến hết ngày").fill(f"{today() + timedelta(days=90):%d/%m/%Y}")
    walk.press("Lưu")
    walk.open("Vắng mặt…")
    walk.press("Đã trở lại")


def _keep_a_list(walk: Walk) -> None:
    walk.product.danhmuc("code", "assign", "rank", "--agency", "STTTT")
    walk.open("Danh mục dùng chung")
    walk.open("Ngạch, chức danh nghề nghiệp", "danh-muc")
    walk.open("Văn thư viên chính")
