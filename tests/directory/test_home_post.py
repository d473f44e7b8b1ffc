"""Whose person somebody is: one rule, in Python and in SQL alike, and asked for by its name."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import Connection

from directory import clock
from directory.authz.scopes import Scope, holds_person
from directory.catalogue.agency import Agency
from directory.catalogue.person import Person, Post, PostKind, acting_post, home_agency, home_post
from directory.database.engine import Database, metadata
from directory.projection.bulk import fill_agencies, fill_people
from directory.projection.queries import home_agency_of
from directory.text import split_name
from tests.support.installation import short_folder
from tests.support.postgres import empty_database

pytestmark = pytest.mark.both_engines

DAY = "2026-11-26"
_TOP = Path(__file__).resolve().parents[2]


def _post(
    agency: str, kind: PostKind = "main", start: str = "", end: str = "", *, id: str = ""
) -> Post:
    return Post(id or f"{agency}-{kind}", agency, "", "Chuyên viên", kind, start, end)


@pytest.mark.parametrize(
    ("posts", "home"),
    [
        ((), ""),
        ((_post("a"),), "a"),
        ((_post("a", "concurrent"),), ""),
        ((_post("a", "seconded"), _post("b")), "b"),
        # ended yesterday, the next from today
        ((_post("old", end="2026-11-25"), _post("new", start="2026-11-26")), "new"),
        # the last day counts whole
        ((_post("old", end="2026-11-26"), _post("new", start="2026-11-27")), "old"),
        # between two
        ((_post("old", end="2026-11-20"), _post("new", start="2026-12-01")), "old"),
        # not begun yet
        ((_post("late", start="2027-02-01"), _post("soon", start="2026-12-01")), "soon"),
        # all over: the one that ended last, not the one that began last
        (
            (
                _post("x", start="2020-01-01", end="2026-11-01"),
                _post("y", start="2021-01-01", end="2025-01-01"),
            ),
            "x",
        ),
        # two at once, written by hand: the later appointment
        ((_post("first", start="2020-01-01"), _post("second", start="2024-01-01")), "second"),
        # over, and still a second post elsewhere: whoever's they were last
        ((_post("a", end="2026-11-25"), _post("b", "concurrent")), "a"),
    ],
)
def test_whose_person_somebody_is(posts: tuple[Post, ...], home: str) -> None:
    for order in (posts, posts[::-1]):
        person = Person("p", "", "", "An", username="u", full_name="An", posts=order)
        assert home_agency(person, DAY) == home


def test_the_day_decides() -> None:
    posts = (_post("old", end="2026-11-25"), _post("new", start="2026-11-28"))
    person = Person("p", "", "", "An", username="u", full_name="An", posts=posts)
    days = [f"2026-11-{day}" for day in range(24, 30)]
    assert [home_agency(person, day) for day in days] == ["old"] * 4 + ["new"] * 2


def test_people_act_at_home_and_elsewhere_only_when_they_hold_nothing_there() -> None:
    main, second = _post("a"), _post("b", "concurrent", start="2020-01-01")
    assert acting_post((second, main), DAY) == main
    ended = _post("a", end="2026-11-25")
    assert acting_post((ended, second), DAY) == second
    assert acting_post((ended,), DAY) is None


_PLACES = ("a", "b", "c")


def _drawn(rng: random.Random, number: int, today: date) -> Person:
    days = [""] + [str(today + timedelta(days=n)) for n in (-400, -2, -1, 0, 1, 30)]
    posts = tuple(
        Post(
            f"{number}-{each}",
            rng.choice(_PLACES),
            "",
            "Chuyên viên",
            rng.choice(("main", "main", "main", "concurrent", "seconded")),
            rng.choice(days),
            rng.choice(days),
        )
        for each in range(rng.choice((0, 1, 2, 3, 4)))
    )
    return Person(
        f"p{number:03}",
        *split_name("Lê An"),
        username=f"u{number:03}",
        full_name="Lê An",
        posts=posts,
    )


@pytest.fixture(scope="module")
def people() -> list[Person]:
    rng, today = random.Random(11), clock.today()
    return [_drawn(rng, number, today) for number in range(400)]


@pytest.fixture(scope="module")
def tx(people: list[Person]) -> Iterator[Connection]:
    agencies = [(Agency(id=place, code=place, name=place), "1") for place in _PLACES]
    with short_folder() as folder, empty_database(folder) as url:
        database = Database(url, synchronous="OFF")
        with database.write() as writing:
            metadata.create_all(writing)
            fill_agencies(writing, agencies)
            fill_people(writing, [(person, "1") for person in people])
        with database.read() as reading:
            yield reading
        database.dispose()


def test_sql_says_the_same(tx: Connection, people: list[Person]) -> None:
    today = clock.today().isoformat()
    for person in people:
        home = home_agency(person, today)
        held = {post.agency_id for post in person.posts if post.is_current(today)}
        assert home_agency_of(tx, person.id) == home
        for place in _PLACES:
            scope = Scope(False, frozenset({place}))
            changes = holds_person(tx, scope, person.id, writing=True)
            sees = holds_person(tx, scope, person.id, writing=False)
            assert changes == (place == home), (place, person.posts)
            assert sees == (place in held | {home}), (place, person.posts)


def test_home_is_never_two_places(people: list[Person]) -> None:
    today = clock.today().isoformat()
    for person, order in product(people, (1, -1)):
        assert home_post(person.posts[::order], today) == home_post(person.posts, today)


# --- Nobody spells the rule again by index --------------------------------------------------------


def _is_posts(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in ("posts", "main_posts", "held_posts")


def _spelt_by_index(source: str) -> list[int]:
    """Lines where somebody takes a post by its place in the list."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.expr):
            continue
        by_index = isinstance(node, ast.Subscript) and _is_posts(node.value)
        called = node.func if isinstance(node, ast.Call) else None
        first = node.args[0] if isinstance(node, ast.Call) and node.args else None
        by_iterator = (
            isinstance(called, ast.Name)
            and called.id in ("iter", "next")
            and isinstance(first, ast.expr)
            and _is_posts(first)
        )
        if by_index or by_iterator:
            found.append(node.lineno)
    return found


_IN_A_PAGE = re.compile(
    r"posts(\s*\||\[\d|\.0)(?![^}%]*map)[^}%]*(first|last|\[\d|\.0)|posts\[-?\d"
)


def test_no_rule_is_spelt_by_index() -> None:
    """`posts[0]` is the oldest main post, whether held, ended or to come: never what is meant."""
    wrong = []
    for room in ("directory", "web", "idp", "sync", "admin_ui"):
        for path in sorted((_TOP / room).rglob("*.py")):
            wrong += [f"{path}:{line}" for line in _spelt_by_index(path.read_text())]
        for page in sorted((_TOP / room).rglob("*.html")):
            lines = enumerate(page.read_text().splitlines(), start=1)
            wrong += [f"{page}:{number}" for number, line in lines if _IN_A_PAGE.search(line)]
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    [
        "agency = person.posts[0].agency_id",
        "agency = posts[-1].agency_id if posts else ''",
        "post = next(iter(row.posts), None)",
    ],
)
def test_the_rule_finds_it(source: str) -> None:
    assert _spelt_by_index(source) == [1]
    assert _IN_A_PAGE.search('{% set acting = shown.posts | selectattr("is_current") | first %}')
