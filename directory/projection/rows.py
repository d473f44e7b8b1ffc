"""A person or agency as rows of the projection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import String, Table

from directory.catalogue.agency import Agency
from directory.catalogue.facts import FACTS
from directory.catalogue.person import Person
from directory.projection.tables import (
    FACTS_WITH_COLUMN,
    catalogue_agency,
    catalogue_login,
    catalogue_person,
    catalogue_post,
)
from directory.text import (
    clean,
    collation_key,
    fold,
    fold_keeping_marks,
    phone_key,
    sort_key_of_parts,
)

Row = dict[str, object]

WORD_CHARS = 64  # as wide as the column; longer words are found by their beginning
# So that the keys of one person fit an index entry of PostgreSQL (2,700 bytes) in any script.
_SEARCH_CHARS, _EXACT_CHARS, _SORT_CHARS = 300, 200, 256
# What somebody or something is told apart by: the beginning of it would be another's.
_TELLING_APART = frozenset(
    {"code", *(fact.name for fact in FACTS if fact.unique or fact.kind == "person")}
)
_MOST = 2**31 - 1  # of an INTEGER column


def _widths_of(table: Table) -> Mapping[str, int]:
    columns = [column for column in table.columns if isinstance(column.type, String)]
    return {column.name: column.type.length for column in columns if column.type.length}  # type: ignore[attr-defined]


_OF_PERSON, _OF_AGENCY = _widths_of(catalogue_person), _widths_of(catalogue_agency)
_OF_POST = _widths_of(catalogue_post)
# What a row can say of a person, and of an agency. Another version makes rows of other columns,
# which are as new as their entries and yet do not say all of them.
COLUMNS = "; ".join(
    " ".join(column.name for column in table.columns)
    for table in (catalogue_person, catalogue_agency)
)
_LOGIN_CHARS = _widths_of(catalogue_login)["login"]


def person_row(person: Person, csn: str) -> Row:
    """The row of `catalogue_person`."""
    row = {
        "id": person.id,
        "csn": csn,
        **{fact.name: fact.to_row(getattr(person, fact.name)) for fact in FACTS_WITH_COLUMN},
        "family_name": person.family_name,
        "middle_name": person.middle_name,
        "given_name": person.given_name,
        "status": person.status,
        **_keys(person),
    }
    return _fitted(row, _OF_PERSON)


def _fitted(row: Row, widths: Mapping[str, int]) -> Row:
    """`row` as both engines can hold it.

    Our services accept nothing wider than its column; whoever writes to LDAP past them may, and
    must not keep the rest of the entry from being followed. Texts are cut; what somebody is told
    apart by is left out instead. Ids are never too wide here: such an entry holds no record.
    """
    return {name: _fitted_value(name, value, widths) for name, value in row.items()}


def fitted_fact(name: str, value: object) -> object:
    """What the row of `catalogue_person` says where LDAP says `value` of a fact."""
    return _fitted_value(name, value, _OF_PERSON)


def _fitted_value(name: str, value: object, widths: Mapping[str, int]) -> object:
    if isinstance(value, str):
        return _fitted_text(name, value, widths)
    return max(-_MOST, min(value, _MOST)) if type(value) is int else value


def _fitted_text(name: str, text: str, widths: Mapping[str, int]) -> str:
    if "\0" in text:
        text = text.replace("\0", "")  # PostgreSQL has no place for it
    width = widths.get(name)
    if width is None or len(text) <= width:
        return text
    return "" if name in _TELLING_APART else text[:width]


def _keys(person: Person) -> Row:
    """What people are found, narrowed and sorted by."""
    parts = (person.family_name, person.middle_name, person.given_name)
    spelled = words_key(fold_keeping_marks(person.full_name))
    return {
        "search_key": search_key(person.full_name, *_known_by(person), *_titles(person))[
            :_SEARCH_CHARS
        ],
        "exact_key": spelled[:_EXACT_CHARS],
        "sort_key": sort_key_of_parts(*parts)[:_SORT_CHARS],
        "sole_place_id": sole_place(person),
    }


def sole_place(person: Person) -> str:
    """The unit or agency of somebody whose only post is a main one; empty for all others."""
    if len(person.posts) != 1:
        return ""
    (sole,) = person.posts
    return (sole.unit_id or sole.agency_id) if sole.kind == "main" else ""


def _known_by(person: Person) -> tuple[str, ...]:
    """What colleagues know a person by beside the name."""
    known = ((fact.kind, str(getattr(person, fact.name))) for fact in FACTS if fact.searched)
    return tuple(phone_key(value) if kind == "phone" else value for kind, value in known)


def _titles(person: Person) -> list[str]:
    """The titles a person is found by: those of posts without an end, so that a key does not turn
    old with the calendar."""
    return [post.title for post in person.posts if not post.end]


def word_rows(person: Person) -> list[Row]:
    """The rows of `catalogue_word`: the words of the name and the titles, and each of `_known_by`
    as one word."""
    # No further than the search key goes: by hand somebody can be given a name of a megabyte.
    texts = (person.full_name, *_titles(person))
    parts = [part for text in texts for part in clean(text[:_SEARCH_CHARS]).split(" ")]
    words = {(word, fold_keeping_marks(part)) for part in parts for word in fold(part).split()}
    others = set(map(fold, _known_by(person))) - {""}
    # The address usually begins with the username: one of them finds both.
    longest = {o for o in others if not any(p != o and p.startswith(o) for p in others)}
    words |= {(other, other) for other in longest}
    cut = {(word[:WORD_CHARS], exact[:WORD_CHARS]) for word, exact in words}
    keys, ordered = {"person_id": person.id, **_keys(person)}, sorted(cut)
    return [
        {"word": word, "exact": exact, "shared": _shared(ordered, number), **keys}
        for number, (word, exact) in enumerate(ordered)
    ]


def _shared(ordered: Sequence[tuple[str, str]], number: int) -> int:
    """How many first letters of a word one of those before it has too."""
    word = ordered[number][0]
    # In alphabetical order the one right before shares the most.
    before = ordered[number - 1][0] if number else ""
    return next(
        (at for at, (one, other) in enumerate(zip(word, before, strict=False)) if one != other),
        min(len(word), len(before)),
    )


def login_rows(person: Person) -> list[Row]:
    """The rows of `catalogue_login`: every name the person may sign in with."""
    addresses = {login_key(value) for value in (person.mail, *person.aliases)}
    # A username has no @ and an address has one, so that neither can ever be taken for the other.
    logins = {login for login in addresses if "@" in login} | {login_key(person.username)} - {""}
    return [
        {"login": login, "person_id": person.id}
        for login in sorted(logins)
        if len(login) <= _LOGIN_CHARS  # cut it would be another's
    ]


def login_key(typed: str) -> str:
    """How a typed login is compared: in normal form, letter case and outer blanks do not matter."""
    return clean(typed).lower()


def post_rows(person: Person) -> list[Row]:
    """The rows of `catalogue_post`."""
    rows: list[Row] = [
        {
            "person_id": person.id,
            "id": post.id,
            "agency_id": post.agency_id,
            "unit_id": post.unit_id,
            "place_id": post.unit_id or post.agency_id,
            "title": post.title,
            "kind": post.kind,
            "start_on": post.start,
            "end_on": post.end,
            "basis": post.basis,
            "is_sole": bool(sole_place(person)),
        }
        for post in person.posts
    ]
    return [_fitted(row, _OF_POST) for row in rows]


def agency_row(agency: Agency, csn: str) -> Row:
    """The row of `catalogue_agency`."""
    row: Row = {
        "id": agency.id,
        "csn": csn,
        "code": agency.code,
        "name": agency.name,
        "short_name": agency.short_name,
        "kind": agency.kind,
        "type": agency.type,
        "parent_id": agency.parent_id,
        "precedence": agency.precedence,
        "status": agency.status,
        "search_key": search_key(agency.name, agency.short_name, agency.code),
        "sort_key": collation_key(agency.name),
        "mail": agency.mail,
        "phone": agency.phone,
    }
    return _fitted(row, _OF_AGENCY)


def search_key(*texts: str) -> str:
    """What is searched: the folded texts, one after the other, a blank before each word."""
    return words_key(" ".join(fold(text) for text in texts if text))


def typed_words(text: str) -> list[str]:
    """The folded words somebody typed to find people by; a telephone number is one word, however it
    is spaced."""
    number = phone_key(text)
    return [number] if number else fold(text).split()


def words_key(folded: str) -> str:
    """So that " word" finds beginnings of words only: "an" finds Lê Anh, not Trần."""
    return f" {folded}"
