"""Lists on the screens of offices, on telephones, and on paper."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.onlooker import SIZES
from tests.browser.test_console import console_url, open_console, unfold_menu
from tests.browser.test_one_login import new_person
from tests.support.product import Product

# Whole rows in the first screenful, by kind of screen.
ROWS = {"wide": 14, "narrow": 3}
_VISIBLE_ROWS = """
() => [...document.querySelectorAll('table tbody tr')].filter(row => {
  const box = row.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight;
}).length
"""


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def visible_rows(page: Page) -> int:
    return int(page.evaluate(_VISIBLE_ROWS))


@pytest.mark.parametrize("size", sorted(ROWS))
def test_a_screen_shows_people_not_its_own_furniture(
    chromium: Browser, http_product: Product, size: str
) -> None:
    width, height = SIZES[size]
    with new_person(chromium, http_product) as onlooker:
        page = onlooker.page
        page.set_viewport_size({"width": width, "height": height})
        open_console(page, http_product)
        for address in ("/nguoi-dung", "/nguoi-dung?tim=n"):
            page.goto(console_url(http_product) + address)
            _fill_up(page, 30)
            assert visible_rows(page) >= ROWS[size], address
        onlooker.look(f"console-list-{size}")


@pytest.mark.parametrize("size", sorted(ROWS))
def test_the_way_to_ones_applications_is_on_every_screen(
    chromium: Browser, http_product: Product, size: str
) -> None:
    width, height = SIZES[size]
    with new_person(chromium, http_product) as onlooker:
        page = onlooker.page
        page.set_viewport_size({"width": width, "height": height})
        open_console(page, http_product)
        unfold_menu(page)
        assert page.get_by_role("link", name="Ứng dụng của tôi").is_visible()


def test_thirty_people_fit_on_two_sheets_and_are_read_without_colour(
    chromium: Browser, http_product: Product
) -> None:
    with new_person(chromium, http_product) as onlooker:
        page = onlooker.page
        open_console(page, http_product)
        _fill_up(page, 30)
        page.emulate_media(media="print")
        assert page.get_by_text(re.compile("Người in: ")).is_visible()
        assert not page.get_by_role("search").is_visible()
        # A background is not printed: what tells states apart is made of borders and words.
        filled = page.evaluate(
            "() => [...document.querySelectorAll('.status')].filter(one =>"
            " getComputedStyle(one, '::before').backgroundColor !== 'rgba(0, 0, 0, 0)').length"
        )
        assert filled == 0
        page.emulate_media(media="null")
        assert pages_of(page.pdf(prefer_css_page_size=True)) <= 2


def test_the_log_begins_on_its_first_sheet_and_a_part_of_a_list_says_so(
    chromium: Browser, http_product: Product
) -> None:
    with new_person(chromium, http_product) as onlooker:
        page = onlooker.page
        open_console(page, http_product)
        page.evaluate(
            """() => {
              const [pager, count] = [document.createElement('nav'), document.createElement('p')];
              pager.className = 'pager';
              count.className = 'pager__count';
              count.textContent = '1–50 trong 52';
              pager.append(count);
              document.querySelector('main').append(pager);
            }"""
        )
        page.emulate_media(media="print")
        assert page.get_by_text("1–50 trong 52").is_visible()
        page.emulate_media(media="null")
        page.goto(console_url(http_product) + "/nhat-ky")
        page.evaluate(
            """acts => {
              const list = document.querySelector('.timeline');
              const one = list.firstElementChild;
              list.replaceChildren(...Array.from({length: acts}, () => one.cloneNode(true)));
            }""",
            24,
        )
        assert pages_of(page.pdf(prefer_css_page_size=True)) <= 2


def _fill_up(page: Page, rows: int) -> None:
    """As many rows as an agency of that size has; the last one is suspended."""
    page.evaluate(
        """rows => {
          const body = document.querySelector('tbody');
          while (body.children.length > rows) body.lastElementChild.remove();
          while (body.children.length < rows) body.append(body.firstElementChild.cloneNode(true));
          const status = document.createElement('span');
          status.className = 'status status--suspended';
          status.textContent = 'Tạm khóa';
          body.lastElementChild.querySelector('th').append(' ', status);
        }""",
        rows,
    )
