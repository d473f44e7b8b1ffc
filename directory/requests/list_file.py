"""The register of requests as a file: its columns, and its lines read a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from directory.actor import Actor
from directory.audit.sentences import Language
from directory.clock import local
from directory.errors import Words
from directory.exports.notes import Export, notes_of
from directory.exports.taking import Taking, take
from directory.installation import Installation
from directory.requests.register import State
from directory.requests.showing import ShownRequest
from directory.sheets.writing import Column, Listing, Value

MOST_TAKEN = 100_000  # lines
_AT_ONCE = 200
_TITLE = Words("Sổ yêu cầu phê duyệt", "Register of requests")
_NUMBER = Words("STT", "No.")
_PROVINCE = Words("Tỉnh", "The province")
STATES: Mapping[State, Words] = {
    "open": Words("Chờ phê duyệt", "Waiting"),
    "approved": Words("Đã phê duyệt", "Approved"),
    "refused": Words("Đã từ chối", "Refused"),
    "withdrawn": Words("Đã rút", "Withdrawn"),
    "lapsed": Words("Hết hạn", "Lapsed"),
}


@dataclass(frozen=True)
class _Shown:
    heading: Words
    width: int
    value: Callable[[ShownRequest, Language], str]


def _when(at: int) -> str:
    return local(at) if at else ""


_COLUMNS = (
    _Shown(Words("Nội dung", "What is asked"), 70, lambda one, lang: one.sentence.filled(lang, {})),
    _Shown(Words("Người đề nghị", "Asked by"), 30, lambda one, lang: one.asked_by.filled(lang, {})),
    _Shown(Words("Đề nghị lúc", "Asked at"), 20, lambda one, _: _when(one.request.asked_at)),
    _Shown(Words("Lý do", "Reason"), 40, lambda one, _: one.request.reason),
    _Shown(Words("Căn cứ", "Legal basis"), 30, lambda one, _: one.request.basis),
    _Shown(
        Words("Nơi quyết định", "Decided in"),
        30,
        lambda one, lang: one.place or _PROVINCE.filled(lang, {}),
    ),
    _Shown(
        Words("Trạng thái", "State"),
        16,
        lambda one, lang: STATES[one.request.state].filled(lang, {}),
    ),
    _Shown(
        Words("Người quyết định", "Decided by"),
        30,
        lambda one, lang: one.decided_by.filled(lang, {}),
    ),
    _Shown(Words("Quyết định lúc", "Decided at"), 20, lambda one, _: _when(one.request.decided_at)),
    _Shown(Words("Ý kiến", "Remark"), 40, lambda one, _: one.request.decision_reason),
)
Read = Callable[[str, int], Sequence[ShownRequest]]
"""Called with the id of the last one and how many: the next of them."""


def taken_away(
    installation: Installation,
    actor: Actor,
    read: Read,
    count: int,
    filter_told: str,
    export: Export,
) -> Listing:
    """The file of `count` requests, newest first, noted. Raises as
    `directory.exports.taking.take`."""
    columns = ", ".join(shown.heading.vi for shown in _COLUMNS)
    taking = Taking(
        "requests",
        export.form,
        export.reason,
        address=export.address,
        columns=columns,
        filter=filter_told,
    )
    take(installation, actor, taking, count)
    return Listing(
        title=_TITLE.filled(export.language, {}),
        notes=notes_of(export, count, filter_told),
        columns=[
            Column(_NUMBER.filled(export.language, {}), 6),
            *(Column(shown.heading.filled(export.language, {}), shown.width) for shown in _COLUMNS),
        ],
        rows=_rows(read, count, export.language),
        count=count,
    )


def _rows(read: Read, count: int, language: Language) -> Iterator[Sequence[Value]]:
    number, before = 0, ""
    while number < count and (found := read(before, min(_AT_ONCE, count - number))):
        for one in found:
            number += 1
            yield (number, *(shown.value(one, language) for shown in _COLUMNS))
        before = found[-1].request.id
