"""The list of people as a file: its columns, and its rows read a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from directory.actor import Actor
from directory.audit.sentences import Language
from directory.audit.vocabulary import STATUSES
from directory.authz.scopes import Scope
from directory.catalogue.facts import FACTS
from directory.errors import Words
from directory.exports.notes import Export, notes_of
from directory.exports.taking import Taking, take
from directory.installation import Installation
from directory.people.listing import ListedPerson, PeopleQuestion, list_with_posts
from directory.projection import queries
from directory.projection.queries import AgencyRow, PersonRow
from directory.sheets.writing import Column, Listing, Value

_AT_ONCE = 500  # read of the store
_TITLE = Words("Danh sách người dùng", "People")
_NUMBER = Words("STT", "No.")
_SEARCHED = Words("“{text}”", "“{text}”")
_PLACE = Words("nơi công tác {name}", "place {name}")
_AWAITS = Words("Chờ bố trí", "Waiting for a post")
_FACT_WIDTHS = {"mail": 30, "phone": 16}
_FACT_WIDTH = 14


@dataclass(frozen=True)
class _Shown:
    heading: Words
    width: int
    value: Callable[[PersonRow, ListedPerson, Language], str]


def _fact(name: str) -> Callable[[PersonRow, ListedPerson, Language], str]:
    return lambda person, _listed, _language: str(getattr(person, name))


def _title(_person: PersonRow, listed: ListedPerson, language: Language) -> str:
    return _AWAITS.filled(language, {}) if listed.awaits_post else listed.title


def _standing(person: PersonRow, _listed: ListedPerson, language: Language) -> str:
    vi, en = STATUSES.pair(person.status)
    return (vi if language == "vi" else en).capitalize()


_COLUMNS = (
    _Shown(Words("Họ và tên", "Full name"), 28, _fact("full_name")),
    _Shown(Words("Tên đăng nhập", "User name"), 22, _fact("username")),
    _Shown(Words("Chức vụ", "Title"), 22, _title),
    _Shown(Words("Đơn vị", "Unit"), 28, lambda _person, listed, _language: listed.unit),
    _Shown(Words("Cơ quan", "Agency"), 34, lambda _person, listed, _language: listed.agency),
    _Shown(
        Words("Mã cơ quan", "Agency code"), 14, lambda _p, listed, _language: listed.agency_code
    ),
    *(
        _Shown(fact.heading, _FACT_WIDTHS.get(fact.name, _FACT_WIDTH), _fact(fact.name))
        for fact in FACTS
        if fact.listed and fact.kind != "person"  # an id, which nobody reads
    ),
    _Shown(Words("Trạng thái", "Standing"), 16, _standing),
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
    take(
        installation,
        actor,
        Taking(
            "people",
            export.form,
            export.reason,
            address=export.address,
            columns=", ".join(shown.heading.vi for shown in _COLUMNS),
            filter=searched,
            place=place.id if place else "",
        ),
        len(ids),
    )
    told = [searched, said(_PLACE, name=place.name) if place else ""]
    return Listing(
        title=said(_TITLE),
        notes=notes_of(export, len(ids), "; ".join(filter(None, told))),
        columns=[
            Column(said(_NUMBER), 6),
            *(Column(said(shown.heading), shown.width) for shown in _COLUMNS),
        ],
        rows=_rows(installation, ids, scope, export.language),
        count=len(ids),
    )


def _rows(
    installation: Installation, ids: Sequence[str], scope: Scope, language: Language
) -> Iterator[Sequence[Value]]:
    number = 0
    for begin in range(0, len(ids), _AT_ONCE):
        with installation.database.read() as tx:
            people = queries.list_people_with(tx, ids[begin : begin + _AT_ONCE])
            listed = list_with_posts(tx, people, scope)
        for person, shown in zip(people, listed, strict=True):
            number += 1
            yield (number, *(column.value(person, shown, language) for column in _COLUMNS))
