"""The projection's tables. `csn` is the entryCSN of the LDAP entry a row was made from."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, text

from directory.catalogue.facts import FACTS, Fact, StoredFact
from directory.database.engine import COPY, metadata

catalogue_agency = Table(
    "catalogue_agency",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("csn", String(64), nullable=False),
    Column("code", String(64), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("type", String(64), nullable=False),
    Column("parent_id", String(36), nullable=False, index=True),
    Column("precedence", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("search_key", Text, nullable=False),
    Column("sort_key", Text, nullable=False),
    Column("mail", Text, nullable=False),
    Column("phone", Text, nullable=False),
    info={COPY: True},
)

# Which agency or unit lies under which, itself included (depth 0).
catalogue_tree = Table(
    "catalogue_tree",
    metadata,
    Column("ancestor_id", String(36), primary_key=True),
    Column("descendant_id", String(36), primary_key=True, index=True),
    Column("depth", Integer, nullable=False),
    info={COPY: True},
)

FACTS_WITH_COLUMN = tuple(fact for fact in FACTS if fact.column)


def _column(fact: Fact, stored: StoredFact) -> Column[Any]:
    text = Text() if stored.width is None else String(stored.width)
    return Column(
        fact.name,
        Integer() if fact.kind == "number" else text,
        nullable=stored.nullable,
        index=stored.indexed or None,
    )


catalogue_person = Table(
    "catalogue_person",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("csn", String(64), nullable=False),
    *(_column(fact, fact.column) for fact in FACTS if fact.column),
    Column("family_name", Text, nullable=False),
    Column("middle_name", Text, nullable=False),
    Column("given_name", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("search_key", Text, nullable=False),
    Column("exact_key", Text, nullable=False),  # folded, but with its diacritics
    Column("sort_key", Text, nullable=False),
    # Where the only post is, when it is a main one: nearly everybody's whole story. Else empty.
    Column("sole_place_id", String(36), nullable=False),
    # Walk through everybody, and list and search the people of a few places, without a look at the
    # rows.
    Index(
        "ix_catalogue_person_sort_key", "sort_key", "id", "sole_place_id", "search_key", "exact_key"
    ),
    Index(
        "ix_catalogue_person_place", "sole_place_id", "sort_key", "id", "search_key", "exact_key"
    ),
    # Accounts that are for administering are few. (An index of the whole column says to SQLite that
    # most people have the same owner, and is not used.)
    Index(
        "ix_catalogue_person_accounts",
        "administrator_of",
        "id",
        sqlite_where=text("administrator_of IS NOT NULL"),
        postgresql_where=text("administrator_of IS NOT NULL"),
    ),
    # Those who left are few.
    Index(
        "ix_catalogue_person_left",
        "id",
        sqlite_where=text("status = 'left'"),
        postgresql_where=text("status = 'left'"),
    ),
    info={COPY: True},
)

# Every name a person may sign in with: the username, and each mail address of theirs.
catalogue_login = Table(
    "catalogue_login",
    metadata,
    Column("login", String(254), primary_key=True),
    Column("person_id", String(36), nullable=False, index=True),
    info={COPY: True},
)

catalogue_post = Table(
    "catalogue_post",
    metadata,
    Column("person_id", String(36), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("agency_id", String(36), nullable=False, index=True),
    Column("unit_id", String(36), nullable=False, index=True),
    Column("place_id", String(36), nullable=False),  # the unit, or the agency where there is none
    Column("title", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("start_on", String(10), nullable=False),
    Column("end_on", String(10), nullable=False),
    Column("basis", Text, nullable=False),
    Column("is_sole", Boolean, nullable=False),  # of somebody with a `sole_place_id`
    # Answers "who else is in these places" without a look at the rows.
    Index(
        "ix_catalogue_post_place", "place_id", "is_sole", "kind", "start_on", "end_on", "person_id"
    ),
    # Answers "is this person there"; the place last, or SQLite tries thousands one by one.
    Index("ix_catalogue_post_person", "person_id", "kind", "start_on", "end_on", "place_id"),
    Index("ix_catalogue_post_id", "id"),
    # Posts with an end are few.
    Index(
        "ix_catalogue_post_end_on_person_id",
        "end_on",
        "person_id",
        sqlite_where=text("end_on <> ''"),
        postgresql_where=text("end_on <> ''"),
    ),
    info={COPY: True},
)

# The words people are found by: `word` without diacritics, `exact` as written. Who has a word is
# answered from its index alone, together with all that is asked of them next: their other words,
# where they are, and how they are sorted.
catalogue_word = Table(
    "catalogue_word",
    metadata,
    Column("word", String(64), primary_key=True),
    Column("exact", String(64), primary_key=True),
    Column("person_id", String(36), primary_key=True, index=True),
    # So many first letters are those of an earlier word of the person too: who types no more of
    # them finds the person there, and not here a second time.
    Column("shared", Integer, nullable=False),
    Column("sole_place_id", String(36), nullable=False),
    Column("sort_key", Text, nullable=False),
    Column("search_key", Text, nullable=False),
    Column("exact_key", Text, nullable=False),
    sqlite_with_rowid=False,
    info={COPY: True},
)

# Not part of the projection's disposable copy, but stamped by it: what a rebuild must not lose.
person_state = Table(
    "person_state",
    metadata,
    Column("person_id", String(36), primary_key=True),
    # Sessions, codes and refresh tokens from before this instant (ms) are dead.
    Column("sessions_valid_after", BigInteger, nullable=False),
    # Count up whenever claims made from the person, or from the grants, may read differently.
    Column("version", Integer, nullable=False),
    Column("grant_version", Integer, nullable=False),
    # Since when they are known here, and when they signed in first; NULL: not known, not yet.
    Column("known_since", BigInteger, nullable=True),
    Column("signed_in_at", BigInteger, nullable=True),
    # When they signed in last, to the hour.
    Column("last_used_at", BigInteger, nullable=True),
)
has_never_signed_in = person_state.c.signed_in_at.is_(None)
Index(
    "ix_person_state_unused",
    person_state.c.known_since,
    sqlite_where=has_never_signed_in,
    postgresql_where=has_never_signed_in,
)
