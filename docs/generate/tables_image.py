"""The picture of the tables: grouped by owner, with columns, keys and foreign keys."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column

from docs.generate import svg
from docs.generate.store import Stored, by_owner

_COLUMNS = 4
_MARGIN, _GAP = 20, 14
_WIDE = (svg.WIDTH - 2 * _MARGIN - (_COLUMNS - 1) * _GAP) / _COLUMNS
_TOP = 104
_ROW, _CARD_HEAD, _GROUP_HEAD = 16, 24, 30
_PAD = 12  # from the edge of a group to its cards; lines of foreign keys run in it


@dataclass(frozen=True)
class _Group:
    owner: str
    tables: list[Stored]

    @property
    def height(self) -> float:
        return _GROUP_HEAD + sum(_card_height(stored) + 10 for stored in self.tables) + 2


def draw() -> str:
    groups = [_Group(owner, tables) for owner, tables in by_owner().items()]
    parts = _legend()
    columns = _spread(groups)
    for number, column in enumerate(columns):
        y: float = _TOP
        for group in column:
            parts += _group(group, _MARGIN + number * (_WIDE + _GAP), y)
            y += group.height + _GAP
    height = _TOP + max(_height(column) for column in columns) + _MARGIN - _GAP
    total = sum(len(group.tables) for group in groups)
    told = "; ".join(f"{g.owner}: {', '.join(t.name for t in g.tables)}" for g in groups)
    return svg.document(height, f"The {total} tables of Danh Mục by owner", told, parts)


def _height(column: list[_Group]) -> float:
    return sum(group.height + _GAP for group in column)


def _spread(groups: list[_Group]) -> list[list[_Group]]:
    """Groups in their order over the columns, so that the longest column is as short as it can be.

    Reading goes down a column, then to the next, as in a newspaper.
    """
    tallest = max(group.height for group in groups) + _GAP
    while True:
        columns: list[list[_Group]] = [[]]
        for group in groups:
            if columns[-1] and _height(columns[-1]) + group.height + _GAP > tallest:
                columns.append([])
            columns[-1].append(group)
        if len(columns) <= _COLUMNS:
            return columns
        tallest += _ROW


def _legend() -> list[str]:
    marks = (("P", "primary key"), ("F", "foreign key"), ("U", "unique"), ("I", "begins an index"))
    parts = [
        svg.text(_MARGIN, 38, "The tables, by the package that owns them", size=22, weight=600),
        svg.text(
            _MARGIN,
            60,
            "Only its owner writes a table. People, agencies and posts live in LDAP: what points "
            "to them is their id, not a foreign key.",
            colour=svg.MUTED,
        ),
    ]
    x: float = _MARGIN
    for mark, meaning in marks:
        parts += [_mark(x + 8, 83, mark), svg.text(x + 22, 87, meaning, size=12)]
        x += 40 + 6.6 * len(meaning)
    parts.append(svg.text(x, 87, "grey: may be NULL", size=12, colour=svg.MUTED))
    return parts


def _mark(x: float, y: float, mark: str) -> str:
    return svg.box(x - 8, y - 7, 15, 13, fill="#e4e9ef", stroke="none", radius=3) + svg.text(
        x - 0.5, y + 3.5, mark, size=10, weight=700, anchor="middle"
    )


def _group(group: _Group, x: float, y: float) -> list[str]:
    edge, ground = svg.COLOURS[group.owner.partition(".")[0]]
    parts = [
        svg.box(x, y, _WIDE, group.height, fill=ground, stroke=edge),
        svg.text(x + _PAD, y + 20, group.owner, size=14, weight=700, colour=edge),
    ]
    places: dict[str, float] = {}
    top = y + _GROUP_HEAD
    for stored in group.tables:
        places[stored.name] = top
        parts += _card(stored, x + _PAD, top, edge)
        top += _card_height(stored) + 10
    return parts + _references(group, x, places, edge)


def _card_height(stored: Stored) -> float:
    return _CARD_HEAD + _ROW * len(stored.table.columns) + 6


def _card(stored: Stored, x: float, y: float, edge: str) -> list[str]:
    wide = _WIDE - 2 * _PAD
    parts = [
        svg.box(x, y, wide, _card_height(stored), fill=svg.PAPER, stroke=svg.RULE, radius=4),
        svg.text(x + 10, y + 17, stored.name, size=13, weight=700, colour=svg.INK),
        svg.line(f"M{x:g} {y + _CARD_HEAD:g}h{wide:g}", colour=edge, thickness=1, arrow=False),
    ]
    for number, column in enumerate(stored.table.columns, start=1):
        parts += _row(column, x, y + _CARD_HEAD + _ROW * number - 2, wide)
    return parts


def _row(column: Column[object], x: float, y: float, wide: float) -> list[str]:
    marks = _marks(column)
    parts = [_mark(x + 17 + 17 * place, y - 4, mark) for place, mark in enumerate(marks)]
    colour = svg.MUTED if column.nullable else svg.INK
    parts.append(
        svg.text(
            x + 46,
            y,
            column.name,
            size=11.5,
            mono=True,
            colour=colour,
            weight=600 if column.primary_key else 400,
        )
    )
    kind = str(column.type).lower()
    parts.append(
        svg.text(x + wide - 8, y, kind, size=10, mono=True, colour=svg.MUTED, anchor="end")
    )
    return parts


def _marks(column: Column[object]) -> list[str]:
    """At most two: what a key is counts more than that an index begins with it."""
    marks = ["P"] if column.primary_key else []
    marks += ["F"] if column.foreign_keys else []
    for index in sorted(column.table.indexes, key=lambda index: str(index.name)):
        if next(iter(index.columns)).name == column.name:
            marks.append("U" if index.unique and len(index.columns) == 1 else "I")
    return list(dict.fromkeys(marks))[:2]


def _references(group: _Group, x: float, places: dict[str, float], edge: str) -> list[str]:
    """Foreign keys as lines in the margin of the group, from the column to the table it names."""
    lines: list[str] = []
    for stored in group.tables:
        for number, column in enumerate(stored.table.columns, start=1):
            for key in column.foreign_keys:
                here = places[stored.name] + _CARD_HEAD + _ROW * number - 6
                there = places[key.column.table.name] + 12
                lane = x + _PAD - 4 - 3 * (len(lines) % 2)
                path = f"M{x + _PAD:g} {here:g}H{lane:g}V{there:g}H{x + _PAD:g}"
                lines.append(svg.line(path, colour=edge))
    return lines
