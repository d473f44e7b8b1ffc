"""Errors that people may see.

A component declares its errors (`ErrorCode`: a stable code, and what is said of it in both
languages) in its `errors.py`, and raises one as ``NotFound(PERSON_UNKNOWN)``. Each surface takes
the sentence from the error it caught: pages in `web.error_pages`, the command line in
`admin_ui.operations.sentences`. Scripts, logs and events see the code alone. `detail` is for the
log alone. An exception of any other class is a bug: a page shows its request id and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Words(NamedTuple):
    """The same in both languages; ``{name}`` stands for a param of the error, which may be `Words`
    too."""

    vi: str
    en: str

    def filled(self, language: str, params: Mapping[str, object]) -> str:
        """In Vietnamese (``vi``) or English, with `params`; ``…`` for one that is not there."""
        told = {
            name: value.filled(language, {}) if isinstance(value, Words) else value
            for name, value in params.items()
        }
        return (self.vi if language == "vi" else self.en).format_map(_Given(told))


class _Given(dict[str, object]):
    """What an error tells of itself; what it does not tell is left out rather than failed on."""

    def __missing__(self, _name: str) -> str:
        return "…"


@dataclass(frozen=True)
class Sentence:
    """`said` is what happened, `advice` what the person can do about it; `title` heads the page
    where the title of the HTTP status would say less."""

    said: Words
    advice: Words | None = None
    title: Words | None = None


@dataclass(frozen=True, eq=False)
class ErrorCode:
    """One error, as its component declares it.

    `said`, `advice`, `title`: for people, as in `Sentence`. `operators`: what the command line says
    instead. An error that only operators meet has nothing but that; should a page meet it after
    all, it says the sentence of its HTTP status.
    `in_log`: for a code that stands in events as their reason, a part of a sentence.
    `by_reason`: what pages say instead where the param `reason` is one of these.
    """

    code: str
    said: Words | None = None
    advice: Words | None = None
    title: Words | None = None
    operators: Words | None = None
    in_log: Words | None = None
    by_reason: Mapping[str, Sentence] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.said or self.operators):
            raise ValueError(f"{self.code}: nothing is said")

    def sentence(self, params: Mapping[str, object]) -> Sentence | None:
        """For people; None where there is only what operators are told."""
        if own := self.by_reason.get(str(params.get("reason", ""))):
            return own
        return Sentence(self.said, self.advice, self.title) if self.said else None

    def told_to_operators(self, language: str, params: Mapping[str, object]) -> str:
        """What the command line says."""
        words = (self.operators,) if self.operators else (self.said, self.advice)
        return " ".join(each.filled(language, params) for each in words if each)


def in_log(errors: Iterable[ErrorCode]) -> dict[str, Words]:
    """How the log tells those of `errors` that stand in events as a reason."""
    return {error.code: error.in_log for error in errors if error.in_log}


class AppError(Exception):
    """A refusal or failure that was foreseen; `code` is stable, e.g. ``person.username.taken``."""

    def __init__(self, declared: ErrorCode, *, detail: str = "", **params: object) -> None:
        super().__init__(f"{declared.code} {params}" if params else declared.code)
        self.declared = declared
        self.code = declared.code
        self.params: Mapping[str, object] = params
        self.detail = detail


class Invalid(AppError):
    """Input that cannot be accepted. `field` (in params) names the input at fault.

    `also`: what else is wrong with the same input, so that people are told everything at once.
    """

    also: Sequence[Invalid] = ()


def refuse(faults: Sequence[Invalid]) -> None:
    """Raise the first of `faults`, which carries the others; nothing when there are none."""
    if faults:
        first = faults[0]
        first.also = tuple(faults[1:])
        raise first


class NotFound(AppError):
    """There is no such thing, or the actor may not know that there is: both answer the same."""


class Forbidden(AppError):
    """The actor is known and may not do this."""


class Conflict(AppError):
    """Someone or something was first: a value is taken, or the object changed meanwhile."""


class TooMany(AppError):
    """Too many tries. `retry_after_s` (in params) says when to come back."""


class Unavailable(AppError):
    """A store or service we depend on does not answer; `retry_after_s` says when to try again."""
