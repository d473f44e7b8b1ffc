"""What our processes write about themselves: one JSON object a line, on standard error.

A line says when, how grave, which process, which request and which error. It never says what was
sent: of an exception it holds the class and the places in the code, not the text, which may be a
password somebody typed (OWASP ASVS 5.0, 16.2.5). A line is bounded, so that nobody can fill a disk
with few requests.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from types import TracebackType
from typing import IO, Any

from pythonjsonlogger.json import JsonFormatter

from directory import tally
from directory.clock import iso
from directory.disk import is_short

LONGEST_VALUE = 400
_MOST_PLACES = 12
_MOST_CAUSES = 4
# DEBUG is for our own code: libraries tell addresses, statements and bodies at that level.
_OURS = ("admin_ui", "danhmuc", "directory", "idp", "sync", "web")

request_id: ContextVar[str] = ContextVar("request_id", default="")


def configure(process: str, level: str, stream: IO[str] | None = None) -> None:
    """Write every record of this process as a JSON line; `process` names it in each."""
    handler = _CountingHandler(stream or sys.stderr)
    handler.setFormatter(_Lines(process))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    wanted = logging.getLevelNamesMapping()[level]
    root.setLevel(max(wanted, logging.INFO))
    for name in _OURS:
        logging.getLogger(name).setLevel(wanted)


def dropped() -> int:
    """How many lines this process could not write."""
    return _CountingHandler.dropped


class _CountingHandler(logging.StreamHandler[Any]):
    """Writes while there is room, counts what it does not write."""

    dropped = 0

    def __init__(self, stream: IO[str]) -> None:
        super().__init__(stream)
        try:
            self._place: int | None = stream.fileno()
        except OSError:
            self._place = None  # not a file of the system: a test's

    def emit(self, record: logging.LogRecord) -> None:
        # Sign-in needs what is left of the disk more than we do.
        if self._place is not None and is_short(self._place):
            self._drop("no_room")
            return
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002 - its signature
        # A full disk must not cost the request whose line it is.
        self._drop("not_written")

    @staticmethod
    def _drop(why: str) -> None:
        _CountingHandler.dropped += 1
        tally.count("log_lines_dropped", why)


class _Lines(JsonFormatter):
    """The form of a line."""

    def __init__(self, process: str) -> None:
        super().__init__([])  # ASCII: one line for every reader, in every locale
        self._process = process

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        message_dict.clear()  # the exception as text
        super().add_fields(log_data, record, message_dict)
        extra = {name: log_data.pop(name) for name in tuple(log_data)}
        log_data["time"] = iso(int(record.created * 1000))
        log_data["level"] = record.levelname
        log_data["process"] = self._process
        log_data["pid"] = record.process
        log_data["logger"] = record.name
        log_data["message"] = _bounded(record.getMessage())
        if known := extra.pop("request_id", "") or request_id.get():
            log_data["request_id"] = known
        log_data.update((name, _bounded(value)) for name, value in extra.items())
        if record.exc_info and record.exc_info[1] is not None:
            log_data["fault"] = describe_fault(record.exc_info[1])

    def formatException(self, ei: object) -> str:  # noqa: ARG002 - its signature
        return ""  # told by `fault`, without the exception's text


def describe_fault(error: BaseException) -> dict[str, object]:
    """The class of an exception, those of its causes, and where it was raised, innermost last."""
    causes = [_class_name(one) for one in _causes(error)]
    places = [
        f"{frame.tb_frame.f_code.co_filename.rpartition('/site-packages/')[2]}:{frame.tb_lineno}"
        f" {frame.tb_frame.f_code.co_name}"
        for frame in _frames(error.__traceback__)
    ]
    told: dict[str, object] = {"class": _class_name(error), "at": places[-_MOST_PLACES:]}
    return told | ({"caused_by": causes} if causes else {})


def _class_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    for _ in range(_MOST_CAUSES):
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is None:
            return
        yield cause
        error = cause


def _frames(place: TracebackType | None) -> Iterator[TracebackType]:
    while place is not None:
        yield place
        place = place.tb_next


def _bounded(value: object) -> object:
    if isinstance(value, int | float | dict) or value is None:
        return value
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"
