"""Lists whose pages have numbers (``?trang=2``), each as `numbered` shows it; and the way back to a
list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode, urlsplit

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from admin_ui.console import page_sizes
from admin_ui.console.page_sizes import SizeLink
from admin_ui.console.pages import page_number

_ALL: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Paging:
    """Which lines of how many are shown, the addresses of the pages beside (empty for none), and
    how many lines a page may have."""

    first: int
    last: int
    total: int
    previous_url: str
    next_url: str
    sizes: Sequence[SizeLink]


def address(path: str, asked: Mapping[str, str] = _ALL, page: int = 1) -> str:
    """The address of a page of a list that is narrowed so."""
    told = {name: value for name, value in asked.items() if value}
    if page > 1:
        told["trang"] = str(page)
    return f"{path}?{urlencode(told)}" if told else path


def as_left(path: str) -> str:
    """The list at `path` as the visitor left it a moment ago, narrowed and on its page; whole for
    whoever comes from elsewhere."""
    came = urlsplit(request.referrer or "")
    is_it = came.netloc == request.host and came.path == path
    return f"{path}?{came.query}" if is_it and came.query else path


def numbered(
    template: str,
    path: str,
    *,
    lines: int,
    total: int,
    asked: Mapping[str, str] = _ALL,
    **more: object,
) -> Response:
    """The page of the list at `path` that the address asks for, with so many `lines` of `total`;
    its first page instead of one behind the last. `asked`: what the list is narrowed by. The
    template gets `paging` and `more`."""
    number, size = page_number(), page_sizes.asked(path)
    if number > 1 and not lines:
        return redirect(address(path, asked), 303)
    first = (number - 1) * size + 1
    last = first + lines - 1
    paging = Paging(
        first,
        last,
        total,
        address(path, asked, number - 1) if number > 1 else "",
        address(path, asked, number + 1) if last < total else "",
        # From the first page on: another size has other pages.
        page_sizes.links(size, lambda each: address(path, {**asked, page_sizes.NAME: str(each)})),
    )
    response = make_response(render_template(template, paging=paging, **more))
    page_sizes.remember(response, path, size)
    return response
