"""The notices of the operators, above what a page is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Flask

from directory.errors import Unavailable
from directory.notices.showing import list_remembered, list_shown
from directory.notices.terms import KINDS, PLACES, Place, Terms
from web.current import current_installation
from web.i18n import current_locale, said

_LOOKS = {"maintenance": "warning", "read_only": "warning"}


@dataclass(frozen=True)
class NoticeBox:
    """A notice as a page shows it. `look`: of the box; `span`: the time it is about, in a sentence;
    `lang`: the language of the text, where it is another than the page's; `kind`, `places`: what
    it is and where it stands, in words."""

    look: str
    span: str
    text: str
    lang: str
    kind: str
    places: str


def install(app: Flask, place_of: Callable[[], Place]) -> None:
    """Give the shell of every page the notices for where the page belongs."""
    app.jinja_env.globals["notice_boxes"] = partial(_boxes, place_of)


def _boxes(place_of: Callable[[], Place], *, is_asked: bool = True) -> Sequence[NoticeBox]:
    """`is_asked`: the store may be asked, should nothing be remembered that is recent."""
    database, place = current_installation().database, place_of()
    try:
        listed = list_shown(database, place) if is_asked else list_remembered(database, place)
    except Unavailable:
        # A page that needs no store is worth more than what would stand above it.
        listed = list_remembered(database, place)
    return [box_of(each.terms) for each in listed]


def box_of(terms: Terms) -> NoticeBox:
    """A notice in the language of this request."""
    language = current_locale()
    return NoticeBox(
        look=_LOOKS.get(terms.kind, terms.kind),
        span=terms.span.filled(language, {}) if terms.span else "",
        text=terms.text_en if language == "en" and terms.text_en else terms.text_vi,
        lang="vi" if language == "en" and not terms.text_en else "",
        kind=said(KINDS[terms.kind]),
        places=", ".join(said(PLACES[name]) for name in terms.places),
    )
