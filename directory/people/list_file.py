"""The list of people as a file: its columns, and its rows read a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from directory.actor import Actor
from directory.audit.vocabulary import STATUSES
from directory.authz.scopes import Scope
from directory.catalogue.facts import FACTS
from directory.errors import Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.people.listing import ListedPerson, PeopleQuestion, list_with_posts
from directory.projection import queries
from directory.projection.queries import AgencyRow, PersonRow
from directory.sheets.writing import Listing

_AT_ONCE = 500  # read of the store
_TITLE = Words("Danh sách người dùng", "People")
_SEARCHED = Words("“{text}”", "“{text}”")
_PLACE = Words("nơi công tác {name}", "place {name}")
_AWAITS = Words("Chờ bố trí", "Waiting for a post")
_FACT_WIDTHS = {"mail": 30, "phone": 16}
_FACT_WIDTH = 14


_Line = tuple[PersonRow, ListedPerson]


def _fact(name: str) -> Callable[[_Line], str]:
    return lambda line: str(getattr(line[0], name))


def _title(line: _Line) -> str | Words:
    return _AWAITS if line[1].awaits_post else line[1].title


def _standing(line: _Line) -> Words:
    return Words(*(word.capitalize() for word in STATUSES.pair(line[0].status)))


_FILE = ListFile[_Line](
    "people",
    _TITLE,
    (
        Shown(Words("Họ và tên", "Full name"), 28, _fact("full_name")),
        Shown(Words("Tên đăng nhập", "User name"), 22, _fact("username")),
        Shown(Words("Chức vụ", "Title"), 22, _title),
        Shown(Words("Đơn vị", "Unit"), 28, lambda line: line[1].unit),
        Shown(Words("Cơ quan", "Agency"), 34, lambda line: line[1].agency),
        Shown(Words("Mã cơ quan", "Agency code"), 14, lambda line: line[1].agency_code),
        *(
            Shown(fact.heading, _FACT_WIDTHS.get(fact.name, _FACT_WIDTH), _fact(fact.name))
            for fact in FACTS
            if fact.listed and fact.kind != "person"  # an id, which nobody reads
        ),
        Shown(Words("Trạng thái", "Standing"), 16, _standing),
    ),
)


def taken_away(
    installation: Installation,
    actor: Actor,
    question: PeopleQuestion,
    export: Export,
    place: AgencyRow | None,
    ids: Sequence[str],
    scope: Scope,
) -> Listing:
    """The file of these people, noted. Raises as `directory.exports.taking.take`."""

    def said(words: Words, **params: object) -> str:
        return words.filled(export.language, params)

    searched = said(_SEARCHED, text=question.text) if question.text else ""
    told = [searched, said(_PLACE, name=place.name) if place else ""]
    lines = Lines(_read(installation, ids, scope), len(ids), searched, place.id if place else "")
    return _FILE.take(installation, actor, export, lines, told="; ".join(filter(None, told)))


def _read(installation: Installation, ids: Sequence[str], scope: Scope) -> Iterator[_Line]:
    for begin in range(0, len(ids), _AT_ONCE):
        with installation.database.read() as tx:
            people = queries.list_people_with(tx, ids[begin : begin + _AT_ONCE])
            listed = list_with_posts(tx, people, scope)
        yield from zip(people, listed, strict=True)
