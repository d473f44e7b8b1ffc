"""Held against every event that a test of this process records: its words have translations."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Engine, event

from admin_ui.components import VOCABULARY
from directory.audit.kinds import WordList
from directory.audit.tables import audit_event


def hold_words_to_the_vocabulary() -> None:
    """From now on an event with a word nobody can read fails the transaction that records it."""
    event.listen(Engine, "before_execute", _look)


def _look(_connection: Any, clause: Any, many: Any, one: Any, _options: Any) -> None:
    if getattr(clause, "table", None) is not audit_event or not clause.is_insert:
        return
    for row in (*many, one):
        if "body" in row:
            _look_at(json.loads(row["body"]))


def _look_at(body: dict[str, Any]) -> None:
    kind = VOCABULARY.kinds[body["kind"]]
    for name, value in body["fields"].items():
        form = kind.fields[name]
        if not isinstance(form, WordList) or form.is_open or str(value).startswith("http_"):
            continue
        words = str(value).split(", ") if form.several else value
        for word in words if isinstance(words, list | dict) else [words]:
            assert word in ("", None) or str(word) in VOCABULARY.words_of(form), (
                f"{body['kind']}: {name} has no words for {word!r}"
            )
