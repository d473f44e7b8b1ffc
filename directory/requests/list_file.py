"""The register of requests as a file: its columns, and its lines read a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from directory.actor import Actor
from directory.clock import local
from directory.errors import Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.requests.register import State
from directory.requests.showing import ShownRequest
from directory.sheets.writing import Listing

MOST_TAKEN = 100_000  # lines
_AT_ONCE = 200
_TITLE = Words("Sổ yêu cầu phê duyệt", "Register of requests")
_PROVINCE = Words("Tỉnh", "The province")
STATES: Mapping[State, Words] = {
    "open": Words("Chờ phê duyệt", "Waiting"),
    "approved": Words("Đã phê duyệt", "Approved"),
    "refused": Words("Đã từ chối", "Refused"),
    "withdrawn": Words("Đã rút", "Withdrawn"),
    "lapsed": Words("Hết hạn", "Lapsed"),
}


def _when(at: int) -> str:
    return local(at) if at else ""


_FILE = ListFile[ShownRequest](
    "requests",
    _TITLE,
    (
        Shown(Words("Nội dung", "What is asked"), 70, lambda one: one.sentence),
        Shown(Words("Người đề nghị", "Asked by"), 30, lambda one: one.asked_by),
        Shown(Words("Đề nghị lúc", "Asked at"), 20, lambda one: _when(one.request.asked_at)),
        Shown(Words("Lý do", "Reason"), 40, lambda one: one.request.reason),
        Shown(Words("Căn cứ", "Legal basis"), 30, lambda one: one.request.basis),
        Shown(Words("Nơi quyết định", "Decided in"), 30, lambda one: one.place or _PROVINCE),
        Shown(Words("Trạng thái", "State"), 16, lambda one: STATES[one.request.state]),
        Shown(Words("Người quyết định", "Decided by"), 30, lambda one: one.decided_by),
        Shown(Words("Quyết định lúc", "Decided at"), 20, lambda one: _when(one.request.decided_at)),
        Shown(Words("Ý kiến", "Remark"), 40, lambda one: one.request.decision_reason),
    ),
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
    return _FILE.take(installation, actor, export, Lines(_read(read, count), count, filter_told))


def _read(read: Read, count: int) -> Iterator[ShownRequest]:
    left, before = count, ""
    while left > 0 and (found := read(before, min(_AT_ONCE, left))):
        yield from found
        left -= len(found)
        before = found[-1].request.id
