"""The audit log as a file: its columns, and its acts read a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from directory.actor import Actor
from directory.audit.acts import Act, ActQuestion, State, events_of, list_acts, tell
from directory.audit.kinds import Vocabulary
from directory.audit.names import names_for
from directory.audit.sentences import Language
from directory.authz.scopes import Scope, places_within
from directory.clock import local
from directory.errors import Words
from directory.exports.notes import Export, notes_of
from directory.exports.taking import Taking, take
from directory.installation import Installation
from directory.sheets.writing import Column, Listing, Value

MOST_TAKEN = 100_000  # lines; a longer stretch of the log is taken in several
_AT_ONCE = 200
_TITLE = Words("Nhật ký", "Audit log")
_NUMBER = Words("STT", "No.")
_COLUMNS = (
    (Words("Thời điểm", "Time"), 20),
    (Words("Sự việc", "What happened"), 100),
    (Words("Kết quả", "Result"), 16),
)
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


def acts_taken_away(
    installation: Installation,
    actor: Actor,
    vocabulary: Vocabulary,
    asked: ScopedQuestion,
    filter_told: str,
    export: Export,
) -> Listing:
    """The file of these acts, newest first, noted. Raises as `directory.exports.taking.take`."""

    def said(words: Words) -> str:
        return words.filled(export.language, {})

    columns = ", ".join(heading.vi for heading, _ in _COLUMNS)
    taking = Taking(
        "audit_log",
        export.form,
        export.reason,
        address=export.address,
        columns=columns,
        filter=filter_told,
    )
    take(installation, actor, taking, asked.count)
    return Listing(
        title=said(_TITLE),
        notes=notes_of(export, asked.count, filter_told),
        columns=[
            Column(said(_NUMBER), 6),
            *(Column(said(heading), width) for heading, width in _COLUMNS),
        ],
        rows=_rows(installation, vocabulary, asked, export.language),
        count=asked.count,
    )


def _rows(
    installation: Installation, vocabulary: Vocabulary, asked: ScopedQuestion, language: Language
) -> Iterator[Sequence[Value]]:
    question, number, agencies = asked.question, 0, places_within(asked.scope)
    while number < asked.count:
        limit = min(_AT_ONCE, asked.count - number)
        with installation.database.read() as tx:
            acts = list_acts(tx, vocabulary, question, limit=limit, agencies=agencies)
            names = names_for(tx, vocabulary, events_of(acts), language)
        if not acts:
            return
        for act in acts:
            number += 1
            told = tell(act, vocabulary, names, language)
            yield number, local(act.first.at), told, _result_of(act, language)
        question = replace(question, before=acts[-1].first.id)


def _result_of(act: Act, language: Language) -> str:
    return _RESULTS[act.state].filled(language, {})
