"""Lists and searches show exactly the people single decisions let see, whatever their posts are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from directory import clock
from directory.authz.scopes import Scope, holds_person, people_to_list
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, Post, PostKind
from directory.database.engine import Database, metadata
from directory.projection import search
from directory.projection.bulk import fill_agencies, fill_people
from directory.text import fold, sort_key_of_parts, split_name
from tests.support.installation import short_folder
from tests.support.postgres import empty_database

pytestmark = pytest.mark.both_engines

# A tree three deep, with a second top beside it.
_PARENTS = {"top": "", "a": "top", "a1": "a", "a2": "a", "b": "top", "b1": "b", "other": ""}
_NAMES = (
    "Trần Văn An",
    "Trần Thị Ánh",
    "Lê Minh Hòa",
    "Lê Văn Hoà",
    "Nguyễn Thị Hoa",
    "Hoàng Hoa",  # two words that begin alike
    "Y Blơk Niê",
)
_SCOPES = (("top",), ("a",), ("a1",), ("b1",), ("a", "a1"), ("a1", "b"), ("other", "b1"), ("gone",))
_TYPED = ("", "tran", "Trần", "hòa", "le minh", "u", "u1", "zz", "%", "_", "/ %", "u_1", "n" * 300)


@pytest.fixture(scope="module")
def people() -> list[Person]:
    rng = random.Random(7)
    return [_person(rng, number) for number in range(240)]


@pytest.fixture(scope="module")
def tx(people: list[Person]) -> Iterator[Connection]:
    agencies = [
        (Agency(id=place, code=place, name=place, parent_id=parent), "1")
        for place, parent in _PARENTS.items()
    ]
    with short_folder() as folder, empty_database(folder) as url:
        database = Database(url, synchronous="OFF")
        with database.write() as writing:
            metadata.create_all(writing)
            fill_agencies(writing, agencies)
            fill_people(writing, [(person, "1") for person in people])
        with database.read() as reading:
            yield reading
        database.dispose()


def _person(rng: random.Random, number: int) -> Person:
    name = rng.choice(_NAMES)
    posts = tuple(_post(rng, f"{number}-{each}") for each in range(rng.choice((0, 1, 1, 1, 2, 3))))
    return Person(
        f"p{number:03}", *split_name(name), username=f"u{number:03}", full_name=name, posts=posts
    )


def _post(rng: random.Random, post_id: str) -> Post:
    today = clock.today()
    past, future = str(today - timedelta(days=1)), str(today + timedelta(days=1))
    start, end = rng.choice(
        (("", ""), ("", ""), ("", past), ("", str(today)), (future, ""), (str(today), ""))
    )
    agency = rng.choice(("a", "b", "other"))
    unit = rng.choice(("", "a1", "a2")) if agency == "a" else ""
    unit = rng.choice(("", "b1")) if agency == "b" else unit
    kinds: tuple[PostKind, ...] = ("main", "main", "concurrent", "seconded")
    return Post(post_id, agency, unit, "Chuyên viên", rng.choice(kinds), start, end)


@pytest.mark.parametrize("begin", ["with a word", "with people", "as it is best"])
@pytest.mark.parametrize("most", [10_000, 50])
@pytest.mark.parametrize("roots", _SCOPES, ids="+".join)
def test_the_list_is_what_decisions_allow(
    tx: Connection,
    people: list[Person],
    monkeypatch: pytest.MonkeyPatch,
    roots: tuple[str, ...],
    most: int,
    begin: str,
) -> None:
    if begin != "as it is best":
        people_seem = 10**6 if begin == "with a word" else 1
        monkeypatch.setattr(search, "size_of_people", lambda *_: people_seem)
    monkeypatch.setattr(search, "MOST_SORTED", most)
    scope = Scope(False, frozenset(roots))
    seen = [p for p in people if holds_person(tx, scope, p.id, writing=False)]
    assert bool(seen) == (roots != ("gone",))
    among, bound = people_to_list(scope)
    for typed in _TYPED:
        wanted = {p.id for p in seen if _has(p, typed)}
        found = search.search_people(tx, text=typed, among=among, parameters=bound, limit=500)
        ids = [person.id for person in found.people]
        assert sorted(ids) == sorted(wanted), typed
        assert found.total == len(wanted), typed
        beyond = search.search_people(tx, text=typed, among=among, parameters=bound, offset=500)
        assert (beyond.total, list(beyond.people)) == (len(wanted), []), typed


def test_a_long_list_is_walked_in_order(
    tx: Connection, people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_LISTED", 20)
    scope = Scope(False, frozenset({"top"}))
    seen = [p for p in people if holds_person(tx, scope, p.id, writing=False)]
    in_order = sorted(seen, key=lambda p: (_sort_key(p), p.id))
    among, bound = people_to_list(scope)
    found = search.search_people(tx, among=among, parameters=bound, limit=500)
    assert [p.id for p in found.people] == [p.id for p in in_order[:20]]
    assert (found.total, found.is_capped) == (20, True)


def _has(person: Person, typed: str) -> bool:
    words = fold(f"{person.full_name} {person.username}").split()
    return all(any(word.startswith(part) for word in words) for part in fold(typed).split())


def _sort_key(person: Person) -> str:
    return sort_key_of_parts(person.family_name, person.middle_name, person.given_name)
