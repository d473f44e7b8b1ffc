"""Finding people among very many, in a fixed small number of statements.

Nobody reads ten thousand hits: where so many fit, the page says "more than" and asks for another
word. That bound, and indexes that answer from themselves, keep a search as quick for the whole
province as for one office.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    literal,
    literal_column,
    select,
)

from directory.projection.queries import PERSON_COLUMNS, PersonRow
from directory.projection.rows import WORD_CHARS, words_key
from directory.projection.tables import catalogue_person, catalogue_word
from directory.text import fold, fold_keeping_marks

MOST_HITS = 1000
# Where to begin is guessed from how many have a word; beyond this many it makes no difference, and
# a scope of more (not being everyone) is no longer counted to the last person.
MOST_COUNTED = 10_000
_MOST_WORDS = 8
_LAST = "\U0010ffff"

Ids = Select[Any]  # of one column, ids of people


@dataclass(frozen=True)
class Among:
    """The people to choose from, said twice: as ids (perhaps more than once), for few, and as a
    condition on somebody's id, for many. `is_wide`: whether they are probably most of all."""

    ids: Ids
    holds: Callable[[ColumnElement[str]], ColumnElement[bool]]
    is_wide: ColumnElement[bool]


@dataclass(frozen=True)
class Found:
    """How many match and one page of them. `total` is a lower bound when `is_capped`."""

    total: int
    is_capped: bool
    people: Sequence[PersonRow]


@dataclass(frozen=True)
class _Word:
    """A typed word: what must begin with it; `exact` where its diacritics count."""

    folded: str
    exact: str = ""

    def begins(self, columns: Any) -> ColumnElement[bool]:
        found = and_(columns.word >= self.folded, columns.word < self.folded + _LAST)
        if not self.exact:
            return found
        return and_(found, columns.exact >= self.exact, columns.exact < self.exact + _LAST)

    def is_had_by(self, person_id: ColumnElement[str]) -> ColumnElement[bool]:
        had = catalogue_word.alias()
        one = select(literal(1)).where(had.c.person_id == person_id, self.begins(had.c))
        return one.correlate_except(had).exists()


def search_people(
    tx: Connection,
    *,
    text: str = "",
    among: Among | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Found:
    """People sorted by given name in Vietnamese order; hits spelled as typed come first.

    `text` is matched without diacritics: each typed word must begin a word of the name, the
    username or the work address. `among`: None for everyone. Where each word alone fits at least
    `MOST_COUNTED`, those spelled as typed stand for all if there are any, and nothing beyond
    `MOST_HITS` can be paged to.
    """
    words = _typed_words(text)
    if not words:
        return _everyone(tx, among, limit, offset)
    first, fewest = _begin_with(tx, words, among)
    matching = _having(words, among, first)
    if fewest < MOST_COUNTED:
        return _ranked(tx, matching, text, limit, offset)
    ids: list[str] = [row[0] for row in tx.execute(matching.limit(MOST_HITS + 1))]
    if len(ids) <= MOST_HITS:
        return _ranked(tx, ids, text, limit, offset)
    return _of_very_many(tx, words, among, text, limit, offset)


def _of_very_many(
    tx: Connection, words: list[_Word], among: Among | None, text: str, limit: int, offset: int
) -> Found:
    """Each word fits too many to sort: those spelled as typed, or else all of them in order."""
    in_order, exact = words, _exact_words(text, words)
    if exact:
        first, fewest = _begin_with(tx, exact, among)
        spelled = _having(exact, among, first)
        if fewest < MOST_COUNTED:
            found = _ranked(tx, spelled, text, limit, offset)
            if found.total:
                return found
        else:
            in_order = exact
    limit = max(0, min(limit, MOST_HITS - offset))
    return Found(MOST_HITS, True, _scanned(tx, in_order, among, limit, offset))


def _typed_words(text: str) -> list[_Word]:
    folded = dict.fromkeys(word[:WORD_CHARS] for word in fold(text).split())
    return [_Word(word) for word in folded][:_MOST_WORDS]


def _exact_words(text: str, words: list[_Word]) -> list[_Word]:
    """The typed words with their spelling; none where no diacritics are typed, or where the two
    forms do not go word by word."""
    kept, folded = fold_keeping_marks(text).split(), fold(text).split()
    if kept == folded or len(kept) != len(folded) or len(set(folded)) != len(words):
        return []
    pairs = dict(zip(folded, kept, strict=True))
    return [_Word(word.folded, pairs[word.folded][:WORD_CHARS]) for word in words]


def _everyone(tx: Connection, among: Among | None, limit: int, offset: int) -> Found:
    person = catalogue_person.c
    query = select(*PERSON_COLUMNS).order_by(person.sort_key, person.id)
    if among is None:
        total = tx.execute(select(func.count()).select_from(catalogue_person)).scalar_one()
        return Found(total, False, _rows(tx, query.limit(limit).offset(offset)))
    total = _count(tx, among.ids.distinct(), MOST_COUNTED)
    if total > MOST_COUNTED:
        query = query.where(among.holds(person.id))
        limit = max(0, min(limit, MOST_COUNTED - offset))
        return Found(MOST_COUNTED, True, _rows(tx, query.limit(limit).offset(offset)))
    query = query.where(person.id.in_(among.ids))
    return Found(total, False, _rows(tx, query.limit(limit).offset(offset)))


def _begin_with(tx: Connection, words: list[_Word], among: Among | None) -> tuple[int, int]:
    """The index of the rarest word, -1 for the people to choose from when they are as few; and how
    few, at most twice `MOST_COUNTED`."""
    conditions = [select(literal(1)).where(word.begins(catalogue_word.c)) for word in words]
    if among is None:
        counted = list(tx.execute(select(*map(_size, conditions))).one())
        return counted.index(min(counted)), min(counted)
    sizes = map(_size, [among.ids, *conditions])
    is_wide, people, *counted = tx.execute(select(among.is_wide, *sizes)).one()
    fewest = min(people, *counted)
    if people == fewest and not (is_wide and fewest in counted):
        return -1, fewest
    return counted.index(fewest), fewest


def _size(query: Select[Any]) -> ColumnElement[int]:
    bounded = query.limit(2 * MOST_COUNTED).subquery()
    return select(func.count()).select_from(bounded).scalar_subquery()


def _having(words: list[_Word], among: Among | None, first: int) -> Ids:
    """The ids of those who have all words: begin at one condition, ask the rest of each."""
    if first < 0 and among is not None:
        ids = among.ids.subquery().c[0]
        return select(ids).where(*(word.is_had_by(ids) for word in words)).distinct()
    columns = catalogue_word.c
    others = (word for number, word in enumerate(words) if number != first)
    query = select(columns.person_id).where(
        words[first].begins(columns), *(word.is_had_by(columns.person_id) for word in others)
    )
    if among is not None:
        query = query.where(among.holds(columns.person_id))
    return query.distinct()


def _count(tx: Connection, matching: Ids | Sequence[str], most: int) -> int:
    """How many, or one more than `most`."""
    if not isinstance(matching, Select):
        return len(matching)
    bounded = matching.limit(most + 1).subquery()
    return tx.execute(select(func.count()).select_from(bounded)).scalar_one()


def _ranked(
    tx: Connection, matching: Ids | Sequence[str], text: str, limit: int, offset: int
) -> Found:
    """All who match, few enough to be sorted: as spelled first, then by name."""
    person = catalogue_person.c
    typed = words_key(fold_keeping_marks(text))
    ranked = (
        select(
            person.id,
            person.sort_key,
            person.exact_key.contains(typed, autoescape=True).label("as_typed"),
            func.count().over().label("total"),
        )
        .where(person.id.in_(matching))
        .order_by(literal_column("as_typed").desc(), person.sort_key, person.id)
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    query = (
        select(ranked.c.total, *PERSON_COLUMNS)
        .join(ranked, ranked.c.id == person.id)
        .order_by(ranked.c.as_typed.desc(), ranked.c.sort_key, ranked.c.id)
    )
    rows = tx.execute(query).all()
    if not rows:  # a page beyond the last one does not tell how many there are
        return Found(_count(tx, matching, MOST_COUNTED) if offset else 0, False, [])
    return Found(rows[0].total, False, [PersonRow(*row[1:]) for row in rows])


def _scanned(
    tx: Connection, words: list[_Word], among: Among | None, limit: int, offset: int
) -> Sequence[PersonRow]:
    """A page of very many: walk everyone in order, the page is full soon."""
    person = catalogue_person.c
    query = (
        select(*PERSON_COLUMNS)
        .where(*(word.is_had_by(person.id) for word in words))
        .order_by(person.sort_key, person.id)
    )
    if among is not None:
        query = query.where(among.holds(person.id))
    return _rows(tx, query.limit(limit).offset(offset))


def _rows(tx: Connection, query: Select[Any]) -> Sequence[PersonRow]:
    return [PersonRow(*row) for row in tx.execute(query).all()]
