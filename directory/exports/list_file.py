"""A list as a file: declared once by whoever owns the list, taken in one way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from directory.actor import Actor
from directory.errors import Words
from directory.exports.notes import Export, notes_of
from directory.exports.taking import Taking, take
from directory.installation import Installation
from directory.sheets.writing import Column, Listing, Value

_T = TypeVar("_T")
_NUMBER = Words("STT", "No.")


@dataclass(frozen=True)
class Shown(Generic[_T]):
    """A column: its heading, how many letters wide it is, and what it says of a line."""

    heading: Words
    width: int
    value: Callable[[_T], Value | Words]


@dataclass(frozen=True)
class Lines(Generic[_T]):
    """What is taken: so many lines, read while the file is written. `filter`: what the list is
    narrowed by, as people read it; `place`: the id of the place among that."""

    each: Iterable[_T]
    count: int
    filter: str = ""
    place: str = ""


@dataclass(frozen=True)
class ListFile(Generic[_T]):
    """The file of a list. `name`: its stable word in the log; `title` may name what it is of."""

    name: str
    title: Words
    columns: Sequence[Shown[_T]]

    def take(
        self,
        installation: Installation,
        actor: Actor,
        export: Export,
        lines: Lines[_T],
        *,
        told: str | None = None,
        of: str = "",
    ) -> Listing:
        """The file, noted before its first line is read. `told`: the filter as the file tells it,
        where that is not as the log does; `of`: what the title names.

        Raises as `directory.exports.taking.take`.
        """

        def said(words: Words, **params: object) -> str:
            return words.filled(export.language, params)

        def cell(value: Value | Words) -> Value:
            return said(value) if isinstance(value, Words) else value

        taking = Taking(
            self.name,
            export.form,
            export.reason,
            address=export.address,
            columns=", ".join(column.heading.vi for column in self.columns),
            filter=lines.filter,
            place=lines.place,
        )
        take(installation, actor, taking, lines.count)
        return Listing(
            title=said(self.title, name=of),
            notes=notes_of(export, lines.count, lines.filter if told is None else told),
            columns=[
                Column(said(_NUMBER), 6),
                *(Column(said(column.heading), column.width) for column in self.columns),
            ],
            rows=(
                (number, *(cell(column.value(line)) for column in self.columns))
                for number, line in enumerate(lines.each, 1)
            ),
            count=lines.count,
        )
