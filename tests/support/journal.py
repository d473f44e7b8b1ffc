"""What a driver asked of the product and was told, written down outside the product.

A line is on disk before the request is sent and another after its answer, so that a promise the
product made cannot be forgotten by anybody. A request without a second line has an unknown outcome.
"""

from __future__ import annotations

import itertools
import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Answer = Literal["done", "refused", "unknown"]
"""``done``: the product said so. ``refused``: it said that nothing happened. ``unknown``: it said
neither (no answer, 5xx)."""


@dataclass(frozen=True)
class Attempt:
    """One request: what was asked (`facts`), and what was answered (`answer`, `told`).

    `began`, `ended`: places in the order of the journal's lines; an attempt without an answer
    ends after all others.
    """

    number: int
    kind: str
    facts: Mapping[str, Any]
    began: int
    ended: int
    answer: Answer = "unknown"
    told: Mapping[str, Any] = field(default_factory=dict)


class Journal:
    """Appends to a file; safe for threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def begin(self, kind: str, **facts: Any) -> int:
        """Before the request is sent. Gives the attempt's number."""
        with self._lock:
            number = next(self._numbers)
        self._write({"number": number, "kind": kind, "facts": facts})
        return number

    def end(self, number: int, answer: Answer, **told: Any) -> None:
        """After the answer came."""
        self._write({"number": number, "answer": answer, "told": told})

    def _write(self, line: Mapping[str, Any]) -> None:
        os.write(self._file, json.dumps(line, ensure_ascii=False).encode() + b"\n")
        os.fdatasync(self._file)

    def close(self) -> None:
        os.close(self._file)


def read_journal(path: Path) -> list[Attempt]:
    """Every attempt, in the order they began."""
    begun: dict[int, tuple[int, dict[str, Any]]] = {}
    found: dict[int, Attempt] = {}
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for place, line in enumerate(lines):
        if "kind" in line:
            begun[line["number"]] = (place, line)
            continue
        began, first = begun[line["number"]]
        found[line["number"]] = Attempt(
            first["number"],
            first["kind"],
            first["facts"],
            began,
            place,
            line["answer"],
            line["told"],
        )
    for number, (began, first) in begun.items():
        if number not in found:
            found[number] = Attempt(number, first["kind"], first["facts"], began, len(lines))
    return sorted(found.values(), key=lambda attempt: attempt.began)
