"""What a component says of each kind of event it records: its exact fields, what they hold, and
the sentence that tells it.

Sentences may use the declared fields and `{actor}`, `{subject}`, `{agency}`, `{address}`, which the
reader fills with names. A part in brackets is left out when something in it is missing, empty or
zero: `[ từ {address}]`; `[name?…]` stands only where that field is true or present, `[name!…]` only
where it is not.

A kind is never renamed and a field never removed once released; a kind may gain a field, which
events of before do not have: it reads as "–", or leaves its part in brackets out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Pair = tuple[str, str]
"""Vietnamese, English; a `directory.errors.Words` is one."""


@dataclass(frozen=True, eq=False)
class WordList:
    """A field that holds stable words, and how each is told: parts of sentences, with no capital
    and no full stop. A word without a line here is never shown; `other` stands in its place.

    The field may hold a list of words, too, or word → how many.
    """

    told: Mapping[str, Pair]
    other: Pair = ("lý do khác", "another reason")
    # Nobody can list them all: libraries make them, or strangers send them.
    is_open: bool = False
    # The field that is told in place of a word without a line.
    instead: str = ""
    # The words stand in one text, with commas between them.
    several: bool = False

    def pair(self, word: str) -> Pair:
        """How a word is told."""
        return self.told.get(word, self.other)


Form = (
    Literal[
        # told as it is, on one line: what people typed, names, files, algorithms
        "text",
        # for programs, or told by another field: never in a sentence by itself
        "technical",
        "count",
        "flag",
        "seconds",
        "instant",  # ms since the epoch, or RFC 3339
        "day",
        "last_day",  # the last day of something; none has no end
        "place",  # id of an agency or unit; none is the whole province
        "application",
        "role",  # of the application in the field `application`
        "permission",  # what somebody was not let do
        "object",  # what a decision was about
        "request",  # what was asked for: the name of its kind
        "changes",  # fact → new value; the old ones are in the field `before`, if there is one
        "difference",  # LDAP attributes after; before: the field `before`
        "kinds",  # kind of event → how many
        "network",
        "names",  # tags of whom the parts of an act were about
        "ldap_account",  # a DN
    ]
    | WordList
)
"""What a field holds, and so how it is told."""


Group = Literal["people", "sign-in", "roles", "refused", "applications", "system"]
"""What people look for together."""


@dataclass(frozen=True, eq=False)
class Kind:
    """Declaration of one event kind. `fields`: each with what it holds; `groups`: where people find
    it."""

    name: str
    fields: Mapping[str, Form]
    vi: str
    en: str
    groups: tuple[Group, ...]
    # Parts of an act whose subjects its line names: a word for templates → kind of the parts.
    parts: Mapping[str, str] = field(default_factory=dict)
    # It tells what was asked for: `change.done` or another outcome follows, or `change.refused`.
    awaits_outcome: bool = False
    # It tells that somebody or something was refused.
    is_refusal: bool = False
    # Somebody could cause it without end: it counts against the budget of its actor or network
    # (`directory.audit.budgets`). What many of them are called, after their number.
    counted: Pair | None = None
    # Very many of them belong to one run of a machine: those that name it (`part_of`) are folded
    # under it, and a list that asks for nothing near to them leaves them out.
    is_folded: bool = False
    # It tells such a run as numbers: its field with the id of the run.
    folds: str = ""
    # One of such a run in each place, for whoever sees some places alone; another tells all of it.
    told_in_total: bool = False


@dataclass(frozen=True)
class SubjectKind:
    """What events are about, or who did something: the part of a tag before its colon.

    `nameless`: what one is called that has no name, or no longer. `names`: called with the words of
    events that may be ids of such, and the language; gives statements of an id, its name, and what
    tells it from another of that name, or ''. All that are asked are one statement.
    `named`: called with a transaction, a text, and how many at most; gives the ids of those with
    the text in their names. Both as ``package.module:name``; empty: they have no names.
    `in_fields`: fields of events hold such ids too, not tags alone. `refused`: what one is called
    that somebody was refused, who was not to learn its name; as `nameless` where that says it too.
    """

    kind: str
    nameless: Pair
    names: str = ""
    named: str = ""
    in_fields: bool = True
    refused: Pair | None = None


@dataclass(frozen=True)
class Vocabulary:
    """What all components declare for whoever reads the log. Who writes needs the kind alone.

    `kinds`: by name; `actors`: what our machinery is called (``system:<actor>``); `permissions`:
    how each is told; `subjects`: by kind; `words`: what components add to word lists of others;
    `requests`: what can be asked for, by its kind's name.
    """

    kinds: Mapping[str, Kind]
    actors: Mapping[str, Pair]
    permissions: Mapping[str, Pair]
    subjects: Mapping[str, SubjectKind]
    words: Mapping[WordList, Mapping[str, Pair]]
    requests: Mapping[str, Pair]

    def words_of(self, known: WordList) -> Mapping[str, Pair]:
        """Every word of a list, and how each is told."""
        return {**known.told, **self.words.get(known, {})}
