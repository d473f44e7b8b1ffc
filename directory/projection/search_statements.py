"""The statements of a search: each is built once for a form of question and then found again.

Building one takes longer than running it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from directory.projection.queries import PERSON_COLUMNS
from directory.projection.tables import catalogue_person, catalogue_word

_FORMS = 512


@dataclass(frozen=True, eq=False)
class Among:
    """Conditions that say who may be found, built once; what they bind comes with the question.

    `lives_in`: on the place of somebody with one post alone (`sole_place_id`); the places are
    worked out first. `lives_under`: the same, each place looked up when it is met. `others`: the
    ids of everybody else who may be found; `is_other`: the same as a condition on somebody's id.
    """

    lives_in: Callable[[ColumnElement[str]], ColumnElement[bool]]
    lives_under: Callable[[ColumnElement[str]], ColumnElement[bool]]
    others: Select[Any]
    is_other: Callable[[ColumnElement[str]], ColumnElement[bool]]


@dataclass(frozen=True)
class Form:
    """The form of a question: all that its statements are built from. `marked`: for each word,
    whether its diacritics count."""

    among: Among | None
    marked: tuple[bool, ...]


_limit, _offset, _most = (bindparam(name, type_=Integer) for name in ("limit", "offset", "most"))


@lru_cache(_FORMS)
def size_of_people(among: Among | None) -> Select[Any]:
    """How many there are to choose from, ``most`` at most."""
    if among is None:
        ids: Select[Any] | CompoundSelect[Any] = select(catalogue_person.c.id)
    else:
        person = catalogue_person.c
        alone = select(person.id).where(among.lives_in(person.sole_place_id))
        ids = union_all(alone, among.others.distinct())
    return _count(ids.limit(_most))


@lru_cache(_FORMS)
def sizes_of_words(form: Form, numbers: tuple[int, ...]) -> Select[Any]:
    """How many rows each word of these numbers has, ``most`` at most."""
    columns = catalogue_word.c
    found = [select(columns.person_id).where(_is_word(columns, form, n)) for n in numbers]
    return select(*(_count(one.limit(_most)).scalar_subquery() for one in found))


@lru_cache(_FORMS)
def everyone_of(form: Form) -> Select[Any]:
    """A page of the people to choose from, who are few: only their keys are sorted."""
    hits = _matching(form, -1).subquery()
    page = select(hits.c.id, hits.c.sort_key).order_by(hits.c.sort_key, hits.c.id)
    return _with_columns(page.limit(_limit).offset(_offset), ("sort_key", "id"))


@lru_cache(_FORMS)
def ids_in_order(form: Form) -> Select[Any]:
    """The ids of everybody who matches, in the order of names."""
    if form.among is None:
        person = catalogue_person.c
        query = select(person.id).where(*_has_words(person, form, without=-1))
        return query.order_by(person.sort_key, person.id)
    hits = _matching(form, -1).subquery()
    return select(hits.c.id).order_by(hits.c.sort_key, hits.c.id)


@lru_cache(_FORMS)
def ranking(form: Form, first: int) -> Select[Any]:
    """A page of those who match, ``most`` at most; before each how many they are."""
    hits = _matching(form, first).limit(_most).subquery()
    page = (
        select(hits, func.count().over().label("total"))
        .order_by(hits.c.as_typed.desc(), hits.c.sort_key, hits.c.id)
        .limit(_limit)
        .offset(_offset)
    )
    return _with_columns(page, ("as_typed", "sort_key", "id"), "total")


@lru_cache(_FORMS)
def size_of_hits(form: Form, first: int) -> Select[Any]:
    """How many match, ``most`` at most."""
    return _count(_matching(form, first).limit(_most))


@lru_cache(_FORMS)
def walk(form: Form) -> Select[Any]:
    """A page of very many: walk everyone in order, the page is full soon."""
    person = catalogue_person.c
    query = select(*PERSON_COLUMNS).where(*_has_words(person, form, without=-1))
    if form.among is not None:
        alone = form.among.lives_under(person.sole_place_id)
        query = query.where(_alone_or_other(form.among, alone, person.sole_place_id, person.id))
    return query.order_by(person.sort_key, person.id).limit(_limit).offset(_offset)


def _count(found: Select[Any] | CompoundSelect[Any]) -> Select[Any]:
    return select(func.count()).select_from(found.subquery())


def _with_columns(page: Select[Any], order: Sequence[str], *more: str) -> Select[Any]:
    """The people of a page of keys, in the order of the page."""
    keys = page.subquery()
    in_order = [keys.c[n].desc() if n == "as_typed" else keys.c[n] for n in order]
    query = select(*(keys.c[name] for name in more), *PERSON_COLUMNS)
    return query.join(keys, keys.c.id == catalogue_person.c.id).order_by(*in_order)


def _matching(form: Form, first: int) -> Select[Any] | CompoundSelect[Any]:
    """The keys of those who have all words: begin at one, and ask the rest of each."""
    if first >= 0:
        word = catalogue_word.c
        query = _keys(form, word, word.person_id).where(
            _is_word(word, form, first), *_has_words(word, form, without=first)
        )
        if form.among is not None:
            alone = form.among.lives_under(word.sole_place_id)
            is_among = _alone_or_other(form.among, alone, word.sole_place_id, word.person_id)
            query = query.where(is_among)
        return query.distinct() if form.marked[first] else query
    if form.among is None:
        raise ValueError("there is nothing to begin with")
    person = catalogue_person.c
    query = _keys(form, person, person.id).where(*_has_words(person, form, without=-1))
    return union_all(
        query.where(form.among.lives_in(person.sole_place_id)),
        query.where(person.id.in_(form.among.others)),
    )


def _keys(form: Form, columns: Any, person_id: ColumnElement[str]) -> Select[Any]:
    keys = select(person_id.label("id"), columns.sort_key)
    if not form.marked:
        return keys
    as_typed = columns.exact_key.like(_text("typed"), escape="/")
    return keys.add_columns(as_typed.label("as_typed"))


def _alone_or_other(
    among: Among,
    alone: ColumnElement[bool],
    sole_place_id: ColumnElement[str],
    person_id: ColumnElement[str],
) -> ColumnElement[bool]:
    return or_(alone, and_(sole_place_id == literal_column("''"), among.is_other(person_id)))


def _is_word(columns: Any, form: Form, number: int) -> ColumnElement[bool]:
    """A condition on `catalogue_word`: begins like the typed word. Without diacritics it holds for
    one word of a person."""
    begin, end = _text(f"word{number}"), _text(f"word{number}_end")
    found = and_(columns.word >= begin, columns.word < end)
    if not form.marked[number]:
        return and_(found, columns.shared < bindparam(f"letters{number}", type_=Integer))
    begin, end = _text(f"exact{number}"), _text(f"exact{number}_end")
    return and_(found, columns.exact >= begin, columns.exact < end)


def _has_words(columns: Any, form: Form, *, without: int) -> list[ColumnElement[bool]]:
    """Conditions on a person's keys: they have each typed word but one."""
    conditions = []
    for number, is_marked in enumerate(form.marked):
        if number == without:
            continue
        conditions.append(columns.search_key.like(_text(f"begins{number}"), escape="/"))
        if is_marked:
            spelled = _text(f"spelled{number}")
            conditions.append(columns.exact_key.like(spelled, escape="/"))
    return conditions


def _text(name: str) -> BindParameter[str]:
    return bindparam(name, type_=String)
