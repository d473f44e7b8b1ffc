"""The audit log as a file: its columns, and its acts read a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from directory.actor import Actor
from directory.audit.acts import Act, ActQuestion, State, events_of, list_acts, tell
from directory.audit.kinds import Vocabulary
from directory.audit.names import names_for
from directory.audit.sentences import Language
from directory.authz.scopes import Scope, places_within
from directory.clock import local
from directory.errors import Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.sheets.writing import Listing

MOST_TAKEN = 100_000  # lines; a longer stretch of the log is taken in several
_AT_ONCE = 200
_TITLE = Words("Nhật ký", "Audit log")
_RESULTS: Mapping[State, Words] = {
    "done": Words("Xong", "Done"),
    "refused": Words("Bị từ chối", "Refused"),
    "open": Words("Chưa có kết quả", "No outcome yet"),
}


@dataclass(frozen=True)
class ScopedQuestion:
    """What is taken, in which places, and how many lines it has."""

    question: ActQuestion
    scope: Scope
    count: int


@dataclass(frozen=True)
class _Line:
    act: Act
    told: str


_FILE = ListFile[_Line](
    "audit_log",
    _TITLE,
    (
        Shown(Words("Thời điểm", "Time"), 20, lambda one: local(one.act.first.at)),
        Shown(Words("Sự việc", "What happened"), 100, lambda one: one.told),
        Shown(Words("Kết quả", "Result"), 16, lambda one: _RESULTS[one.act.state]),
    ),
)


def acts_taken_away(
    installation: Installation,
    actor: Actor,
    vocabulary: Vocabulary,
    asked: ScopedQuestion,
    filter_told: str,
    export: Export,
) -> Listing:
    """The file of these acts, newest first, noted. Raises as `directory.exports.taking.take`."""
    each = _read(installation, vocabulary, asked, export.language)
    return _FILE.take(installation, actor, export, Lines(each, asked.count, filter_told))


def _read(
    installation: Installation, vocabulary: Vocabulary, asked: ScopedQuestion, language: Language
) -> Iterator[_Line]:
    question, left, agencies = asked.question, asked.count, places_within(asked.scope)
    while left > 0:
        limit = min(_AT_ONCE, left)
        with installation.database.read() as tx:
            acts = list_acts(tx, vocabulary, question, limit=limit, agencies=agencies)
            names = names_for(tx, vocabulary, events_of(acts), language)
        if not acts:
            return
        for act in acts:
            yield _Line(act, tell(act, vocabulary, names, language))
        left -= len(acts)
        question = replace(question, before=acts[-1].first.id)
