"""The kinds of audit events of `directory.notices`."""

from __future__ import annotations

from collections.abc import Mapping

from directory.audit.kinds import Form, Kind, WordList
from directory.notices.terms import KINDS as NOTICE_KINDS
from directory.notices.terms import PLACES

_KINDS = WordList(
    {name: (words.vi.lower(), words.en.lower()) for name, words in NOTICE_KINDS.items()},
    other=("thông báo khác", "another kind"),
)
_PLACES = WordList(
    {name: (words.vi.lower(), words.en.lower()) for name, words in PLACES.items()},
    other=("nơi khác", "another place"),
)

_TERMS: Mapping[str, Form] = {
    "sort": _KINDS,
    "text": "text",
    "text_en": "text",
    "places": _PLACES,
    "shown_from": "instant",
    "shown_until": "instant",
    "work_from": "instant",
    "work_until": "instant",
    "version": "count",
}
_VI = (
    "“{text}” ({sort}[, diễn ra từ {work_from} đến {work_until}]), ở {places}, "
    "hiển thị từ {shown_from}[ đến {shown_until}][; tiếng Anh: “{text_en}”]"
)
_EN = (
    "“{text}” ({sort}[, from {work_from} until {work_until}]), on {places}, "
    "shown from {shown_from}[ until {shown_until}][; in English: “{text_en}”]"
)

NOTICE_PUT_UP = Kind(
    "notice.put_up",
    _TERMS,
    vi="{actor} đăng thông báo " + _VI,
    en="{actor} put up the notice " + _EN,
    groups=("system",),
)
NOTICE_CHANGED = Kind(
    "notice.changed",
    {**_TERMS, "before": "text"},
    vi="{actor} sửa thông báo[ “{before}”] thành " + _VI,
    en="{actor} changed the notice[ “{before}”] to " + _EN,
    groups=("system",),
)
NOTICE_TAKEN_DOWN = Kind(
    "notice.taken_down",
    {"text": "text", "version": "count"},
    vi="{actor} gỡ thông báo “{text}”",
    en="{actor} took down the notice “{text}”",
    groups=("system",),
)

KINDS = (NOTICE_PUT_UP, NOTICE_CHANGED, NOTICE_TAKEN_DOWN)
