"""The log: one JSON object a line, on standard error.

A line says when, how grave, which application and which request; of an exception its class and
where it was raised, never its text, which may quote what somebody typed.
"""

from __future__ import annotations

import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

LONGEST_MESSAGE = 400
MOST_PLACES = 12

request_id: ContextVar[str] = ContextVar("request_id", default="")


def configure(application: str) -> None:
    """Write every record of this process as a JSON line."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines(application))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


class Lines(JsonFormatter):
    """The form of a line."""

    def __init__(self, application: str) -> None:
        super().__init__([])  # ASCII: one line for every reader, in every locale
        self.application = application

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """What stands in a line, in the order of reading."""
        moment = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
        log_data["time"] = moment.replace("+00:00", "Z")
        log_data["level"] = record.levelname
        log_data["process"] = self.application
        log_data["logger"] = record.name
        log_data["message"] = record.getMessage()[:LONGEST_MESSAGE]
        log_data["request_id"] = request_id.get()
        message_dict.clear()  # the exception as text
        super().add_fields(log_data, record, message_dict)
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            places = traceback.extract_tb(error.__traceback__)[-MOST_PLACES:]
            log_data["fault"] = type(error).__name__
            log_data["at"] = [f"{place.filename}:{place.lineno} {place.name}" for place in places]
