"""Errors that people may see.

`code` is a stable string; the sentence a person reads is made from `code` and `params` at the edge
(web: `web.errors`, command line: `admin_ui.cli`). `detail` is for the log alone.
An exception of any other class is a bug: the edge shows a request id and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class AppError(Exception):
    """A refusal or failure with a stable code, e.g. ``person.username_taken``."""

    def __init__(self, code: str, *, detail: str = "", **params: object) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code = code
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


class Unreadable(Conflict):
    """An entry of the catalogue holds no record: somebody wrote to it past the services. The feed
    tells what is wrong with it, as ``catalogue.unreadable``."""

    def __init__(self, detail: str) -> None:
        super().__init__("catalogue.unreadable", detail=detail)


class TooMany(AppError):
    """Too many tries. `retry_after_s` (in params) says when to come back."""


class Unavailable(AppError):
    """A store or service we depend on does not answer; `retry_after_s` says when to try again."""
