"""What a file says of itself above its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from directory.audit.sentences import Language
from directory.clock import local, now_ms
from directory.errors import Words
from directory.sheets.writing import Format
from directory.text import clean

_AGENCY = Words("Cơ quan, đơn vị: {names}", "Agencies: {names}")
_TAKEN = Words(
    "Người xuất: {person}, lúc {time}. Số dòng: {count}.",
    "Taken by {person} on {time}. Lines: {count}.",
)
_FILTER = Words("Bộ lọc: {filter}", "Filter: {filter}")
_REASON = Words("Lý do: {reason}", "Reason: {reason}")
_PROVINCE = Words("toàn tỉnh", "the whole province")


@dataclass(frozen=True)
class TakenBy:
    """Who takes a list: as people name them, and for which agencies they work (none: all)."""

    person: str
    agencies: Sequence[str]


@dataclass(frozen=True)
class Export:
    """How somebody takes a list: the kind of file, why, who they are, in which language. `address`:
    the list with its filter, as the console knows it."""

    form: Format
    reason: str
    by: TakenBy
    language: Language
    address: str = ""


def notes_of(export: Export, count: int, filter_told: str) -> tuple[str, ...]:
    """The lines between title and table."""

    def said(words: Words, **params: object) -> str:
        return words.filled(export.language, params)

    by, reason = export.by, clean(export.reason)
    lines = [
        said(_AGENCY, names=", ".join(by.agencies) or said(_PROVINCE)),
        said(_TAKEN, person=by.person, time=local(now_ms())[:-3], count=count),
    ]
    if filter_told:
        lines.append(said(_FILTER, filter=filter_told))
    if reason:
        lines.append(said(_REASON, reason=reason))
    return tuple(lines)
