"""What a notice says, to whom, and from when until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from directory.clock import local, now_ms
from directory.errors import Invalid, Words
from directory.notices import errors
from directory.text import clean

NoticeKind = Literal["information", "warning", "maintenance", "read_only"]
Place = Literal["sign_in", "account", "console"]

KINDS: Mapping[str, Words] = {
    "information": Words("Thông tin", "Information"),
    "warning": Words("Cảnh báo", "Warning"),
    "maintenance": Words("Bảo trì", "Maintenance"),
    "read_only": Words("Chỉ tra cứu", "Reading only"),
}
PLACES: Mapping[str, Words] = {
    "sign_in": Words("Trang đăng nhập", "Sign-in page"),
    "account": Words("Trang Ứng dụng của tôi", "My applications"),
    "console": Words("Trang quản trị", "Administration"),
}
# Those that are about a time, which their sentence tells.
TIMED = frozenset({"maintenance", "read_only"})
MOST_CHARS = 500

_SAME_DAY = Words(
    "từ {from_time} đến {until_time} ngày {day}", "{day}, {from_time} to {until_time}"
)
_DAYS = Words(
    "từ {from_time} ngày {day} đến {until_time} ngày {until_day}",
    "{day} {from_time} to {until_day} {until_time}",
)
_TOLD: Mapping[str, Words] = {
    "maintenance": Words("Bảo trì hệ thống {span}.", "Maintenance: {span}."),
    "read_only": Words(
        "Hệ thống chỉ phục vụ tra cứu, tạm dừng mọi thay đổi {span}.",
        "Reading only, changes are paused: {span}.",
    ),
}


@dataclass(frozen=True)
class Terms:
    """`text_en`: empty, where the Vietnamese text stands for it. `shown_until`: None, until it is
    taken down. `work_from`, `work_until`: the time that it is about, of kinds that are `TIMED`."""

    kind: NoticeKind
    text_vi: str
    text_en: str
    places: tuple[str, ...]
    shown_from: int
    shown_until: int | None = None
    work_from: int | None = None
    work_until: int | None = None

    @property
    def span(self) -> Words | None:
        """What it is about in time, as a sentence of its own."""
        if self.work_from is None or self.work_until is None:
            return None
        (day, begins), (until_day, ends) = _moment(self.work_from), _moment(self.work_until)
        span = _SAME_DAY if day == until_day else _DAYS
        params = {"from_time": begins, "until_time": ends, "day": day, "until_day": until_day}
        told = _TOLD[self.kind]
        return Words(
            told.filled("vi", {"span": span.filled("vi", params)}),
            told.filled("en", {"span": span.filled("en", params)}),
        )

    @property
    def text(self) -> Words:
        """What was typed, in both languages."""
        return Words(self.text_vi, self.text_en or self.text_vi)

    def ends_before(self, instant: int) -> bool:
        """Whether nobody sees it then any more."""
        return self.shown_until is not None and self.shown_until <= instant


def checked(terms: Terms) -> Terms:
    """The terms in normal form. Raises Invalid."""
    terms = replace(
        terms,
        text_vi=clean(terms.text_vi),
        text_en=clean(terms.text_en),
        places=tuple(name for name in PLACES if name in terms.places),
    )
    if terms.kind not in get_args(NoticeKind):
        raise Invalid(errors.NOTICE_KIND, field="kind")
    if not 0 < len(terms.text_vi) <= MOST_CHARS:
        raise Invalid(errors.NOTICE_TEXT, field="text_vi", most=MOST_CHARS)
    if len(terms.text_en) > MOST_CHARS:
        raise Invalid(errors.NOTICE_TEXT_EN, field="text_en", most=MOST_CHARS)
    if not terms.places:
        raise Invalid(errors.NOTICE_PLACES, field="places")
    return _timed(terms)


def _timed(terms: Terms) -> Terms:
    if terms.kind not in TIMED:
        terms = replace(terms, work_from=None, work_until=None)
    elif terms.work_from is None or terms.work_until is None:
        missing = "work_from" if terms.work_from is None else "work_until"
        raise Invalid(errors.NOTICE_WORK, field=missing)
    elif terms.work_until <= terms.work_from:
        raise Invalid(errors.NOTICE_ORDER, field="work_until")
    if terms.shown_until is None:
        terms = replace(terms, shown_until=terms.work_until)
    if terms.shown_until is not None and terms.shown_until <= terms.shown_from:
        raise Invalid(errors.NOTICE_ORDER, field="shown_until")
    if terms.ends_before(now_ms()):
        field = "shown_until" if terms.shown_until != terms.work_until else "work_until"
        raise Invalid(errors.NOTICE_OVER, field=field)
    return terms


def _moment(instant: int) -> tuple[str, str]:
    day, _, time = local(instant).partition(" ")
    return day, time[:-3]
