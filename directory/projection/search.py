"""Finding people among very many, in a fixed small number of statements.

Nobody reads ten thousand hits: where so many fit, the page says "more than" and asks for another
word. That bound, and indexes that answer from themselves, keep a search as quick for the whole
province as for one office.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from directory.projection import search_statements as statements
from directory.projection import sizes
from directory.projection.queries import PersonRow, people_from, people_of
from directory.projection.rows import WORD_CHARS, typed_words, words_key
from directory.projection.search_statements import Among, Form
from directory.text import fold, fold_keeping_marks

MOST_LISTED = 2500  # of those who are not searched for, nobody is counted or paged to beyond
MOST_HITS = 500  # of words that fit very many
MOST_SORTED = 10_000
FEW = 2000  # quickly looked through, before any word is counted
_MOST_WORDS = 8
_MOST_COUNTED = 100_000
_LAST = "\U0010ffff"

Parameters = Mapping[str, object]


@dataclass(frozen=True)
class Found:
    """How many match and one page of them. `total` is a lower bound when `is_capped`."""

    total: int
    is_capped: bool
    people: Sequence[PersonRow]


@dataclass(frozen=True)
class _Word:
    """A typed word; `exact` where its diacritics count."""

    folded: str
    exact: str = ""


@dataclass(frozen=True)
class _Question:
    """`among`: what is bound to say who may be found; `parameters`: and what is typed."""

    form: Form
    words: Sequence[_Word]
    among: Parameters
    parameters: Parameters


def search_people(
    tx: Connection,
    *,
    text: str = "",
    among: Among | None = None,
    parameters: Parameters | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Found:
    """People sorted by given name in Vietnamese order; hits spelled as typed come first.

    `text` is matched without diacritics: each typed word must begin a word of the name or a title,
    or the username, work address, staff number or telephone number; a number may be typed with
    blanks and dots. `among`: None for everyone; `parameters`: what it binds. Where
    each word alone fits at least `MOST_SORTED`, those spelled as typed stand for all if there are
    any, and nothing beyond `MOST_HITS` can be paged to.
    """
    words, given = _typed_words(text), dict(parameters or {})
    if not words:
        return _everyone(tx, among, given, limit, offset)
    asked = _question(words, among, text, given)
    first, fewest = _begin_with(tx, asked)
    if fewest < MOST_SORTED:
        return _ranked(tx, asked, first, limit, offset)
    found = _ranked(tx, asked, first, limit, offset, most=MOST_HITS + 1)
    if found.total <= MOST_HITS:
        return found
    return _of_very_many(tx, asked, _exact_words(text, words), text, limit, offset)


def list_everyone(
    tx: Connection, *, text: str, among: Among | None, parameters: Parameters
) -> Sequence[str]:
    """The ids of all whom `search_people` would find, however many, in the order of names."""
    words, given = _typed_words(text), dict(parameters)
    asked = _question(words, among, text, given)
    return tx.execute(statements.ids_in_order(asked.form), asked.parameters).scalars().all()


def _of_very_many(
    tx: Connection, asked: _Question, exact: list[_Word], text: str, limit: int, offset: int
) -> Found:
    """Each word fits too many to sort: those spelled as typed, or else all of them in order."""
    in_order = asked
    if exact:
        spelled = _question(exact, asked.form.among, text, asked.among)
        first, fewest = _begin_with(tx, spelled)
        if fewest < MOST_SORTED:
            found = _ranked(tx, spelled, first, limit, offset)
            if found.total:
                return found
        else:
            in_order = spelled
    limit = max(0, min(limit, MOST_HITS - offset))
    page = {**in_order.parameters, "limit": limit, "offset": offset}
    return Found(MOST_HITS, True, people_from(tx.execute(statements.walk(in_order.form), page)))


def _everyone(
    tx: Connection, among: Among | None, parameters: Parameters, limit: int, offset: int
) -> Found:
    form = Form(among, ())
    counted = tx.execute(statements.size_of_people(among), {**parameters, "most": MOST_LISTED + 1})
    total, page = counted.scalar_one(), {**parameters, "limit": limit, "offset": offset}
    if total <= MOST_LISTED and among is not None:
        return Found(total, False, people_from(tx.execute(statements.everyone_of(form), page)))
    is_capped = total > MOST_LISTED
    if is_capped:
        page["limit"] = max(0, min(limit, MOST_LISTED - offset))
    found = people_from(tx.execute(statements.walk(form), page))
    return Found(min(total, MOST_LISTED), is_capped, found)


def _typed_words(text: str) -> list[_Word]:
    folded = dict.fromkeys(word[:WORD_CHARS] for word in typed_words(text))
    return [_Word(word) for word in folded][:_MOST_WORDS]


def _exact_words(text: str, words: list[_Word]) -> list[_Word]:
    """The typed words with their spelling; none where no diacritics are typed, or where the two
    forms do not go word by word."""
    kept, folded = fold_keeping_marks(text).split(), fold(text).split()
    if kept == folded or len(kept) != len(folded) or len(set(folded)) != len(words):
        return []
    pairs = dict(zip(folded, kept, strict=True))
    spelled = [(word.folded, pairs[word.folded][:WORD_CHARS]) for word in words]
    return [_Word(word, exact if exact != word else "") for word, exact in spelled]


def _question(
    words: list[_Word],
    among: Among | None,
    text: str,
    parameters: Parameters,
) -> _Question:
    bound = dict(parameters) | {"typed": _beginning(fold_keeping_marks(text))}
    for number, word in enumerate(words):
        bound |= {
            f"word{number}": word.folded,
            f"word{number}_end": word.folded + _LAST,
            f"letters{number}": len(word.folded),
            f"exact{number}": word.exact,
            f"exact{number}_end": word.exact + _LAST,
            f"begins{number}": _beginning(word.folded),
            f"spelled{number}": _beginning(word.exact),
        }
    form = Form(among, tuple(bool(word.exact) for word in words))
    return _Question(form, words, parameters, bound)


def _beginning(folded: str) -> str:
    """A LIKE pattern for a key that has a word, or several, beginning so."""
    escaped = folded.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%{words_key(escaped)}%"


def _begin_with(tx: Connection, asked: _Question) -> tuple[int, int]:
    """The index of the rarest word, -1 for the people to choose from when they are fewer; and about
    how few."""
    people = size_of_people(tx, asked.form.among, asked.among)
    if people is not None and people <= FEW:
        return -1, people
    found = _sizes_of_words(tx, asked)
    fewest = min(found)
    if people is not None and people < fewest:
        return -1, people
    return found.index(fewest), fewest


def size_of_people(tx: Connection, among: Among | None, parameters: Parameters) -> int | None:
    """About how many there are to choose from, as it was within the last ten minutes; None for
    everybody."""
    if among is None:
        return None
    key = repr(dict(parameters))
    known = sizes.remembered(tx, key)
    if known is None:
        bound = {**parameters, "most": _MOST_COUNTED}
        known = tx.execute(statements.size_of_people(among), bound).scalar_one()
        sizes.remember(tx, key, known)
    return known


def _sizes_of_words(tx: Connection, asked: _Question) -> list[int]:
    """About how many rows each word has."""
    found = [sizes.remembered(tx, word) for word in asked.words]
    unknown = tuple(number for number, size in enumerate(found) if size is None)
    if unknown:
        query = statements.sizes_of_words(asked.form, unknown)
        counted = tx.execute(query, {**asked.parameters, "most": _MOST_COUNTED}).one()
        for number, size in zip(unknown, counted, strict=True):
            found[number] = size
            if size > FEW:  # counting fewer costs nothing
                sizes.remember(tx, asked.words[number], size)
    return [size or 0 for size in found]


def _ranked(
    tx: Connection, asked: _Question, first: int, limit: int, offset: int, most: int = _MOST_COUNTED
) -> Found:
    """All who match (or `most` of them, whichever come first), few enough to be sorted: as spelled
    first, then by name."""
    page = {**asked.parameters, "limit": limit, "offset": offset, "most": most}
    ranked = tx.execute(statements.ranking(asked.form, first), page)
    names, rows = list(ranked.keys()), ranked.all()
    if rows:
        people = people_of(names[1:], [row[1:] for row in rows])
        return Found(rows[0].total, False, people)
    if not offset:
        return Found(0, False, [])
    # A page beyond the last one does not tell how many there are.
    total = tx.execute(statements.size_of_hits(asked.form, first), page).scalar_one()
    return Found(total, False, [])
