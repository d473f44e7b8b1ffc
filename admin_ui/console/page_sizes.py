"""How many lines a page of a list has: chosen once, kept by the browser for that list.

A cookie and no row: it is a habit of somebody at one screen, and nothing is lost with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from web.state import current_kit

SIZES = (50, 100, 200)
NAME = "so-dong"  # in the address
_KEPT_S = 365 * 24 * 3600


@dataclass(frozen=True)
class SizeLink:
    """One of the sizes."""

    size: int
    url: str
    is_current: bool


def asked(list_path: str) -> int:
    """The size that the address asks for, else the one chosen before, else the first."""
    for told in (request.args.get(NAME, ""), request.cookies.get(_cookie(list_path), "")):
        if told in map(str, SIZES):
            return int(told)
    return SIZES[0]


def remember(response: Response, list_path: str, size: int) -> None:
    """Keep the size where the address asks for it."""
    if request.args.get(NAME, "") != str(size):
        return
    response.set_cookie(
        _cookie(list_path),
        str(size),
        max_age=_KEPT_S,
        path="/",
        secure=current_kit().https,
        httponly=True,
        samesite="Lax",
    )


def links(now: int, url_of: Callable[[int], str]) -> Sequence[SizeLink]:
    """The sizes to choose from; `url_of` gives the list with another."""
    return [SizeLink(size, url_of(size), size == now) for size in SIZES]


def _cookie(list_path: str) -> str:
    return current_kit().cookie_name(f"rows-{list_path.strip('/')}")
