"""A line has time, level, process and request; nothing that somebody typed; and an end."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from directory import disk, log_lines

pytestmark = pytest.mark.without_sql
SECRET = "mat-khau-cua-ai-do"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    log_lines.configure("issuer", "INFO", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in log_lines._OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail(text: str) -> None:
    try:
        int(text)
    except ValueError as error:
        raise RuntimeError(f"cannot do {text}") from error


def test_a_line_says_when_who_and_which_request(written: io.StringIO) -> None:
    log_lines.request_id.set("r-1")
    logging.getLogger("idp.x").warning("said %s", "so", extra={"code": "a.b", "status": 503})
    log_lines.request_id.set("")
    logging.getLogger("idp.x").info("of no request")
    first, second = lines(written)
    assert str(first["time"]).endswith("Z") and first["level"] == "WARNING"
    assert (first["process"], first["logger"], first["message"]) == ("issuer", "idp.x", "said so")
    assert (first["request_id"], first["code"], first["status"]) == ("r-1", "a.b", 503)
    assert "request_id" not in second


def test_an_exception_is_its_class_and_place_never_its_text(written: io.StringIO) -> None:
    try:
        fail(SECRET)
    except RuntimeError:
        logging.getLogger("idp.x").exception("failed")
    (line,) = lines(written)
    fault = line["fault"]
    assert isinstance(fault, dict)
    assert fault["class"] == "RuntimeError" and fault["caused_by"] == ["ValueError"]
    assert "test_log_lines.py" in fault["at"][-1] and fault["at"][-1].endswith("fail")
    assert SECRET not in written.getvalue() and written.getvalue().count("\n") == 1


@pytest.mark.parametrize("text", ["a\nb\r\n{}", "\u2028\x00\x1b[31m", "surrogate", "x" * 100_000])
def test_whatever_is_said_is_one_bounded_line(written: io.StringIO, text: str) -> None:
    if text == "surrogate":
        text = "\ud800"  # not as a parameter: pytest itself could not write it down
    record = logging.makeLogRecord({"msg": text, "name": "idp.x", "levelno": 20, "detail": text})
    logging.getLogger().handlers[0].handle(record)
    assert len(lines(written)) == 1
    assert len(written.getvalue()) < 8 * log_lines.LONGEST_VALUE


def test_libraries_are_not_heard_at_debug(written: io.StringIO) -> None:
    log_lines.configure("issuer", "DEBUG", written)
    logging.getLogger("idp.x").debug("ours")
    logging.getLogger("urllib3.connectionpool").debug("GET /token?code=%s", SECRET)
    assert [line["message"] for line in lines(written)] == ["ours"]


def test_only_grave_lines_when_asked_for_those(written: io.StringIO) -> None:
    log_lines.configure("issuer", "ERROR", written)
    logging.getLogger("idp.x").warning("no")
    logging.getLogger("gunicorn.error").info("no")
    logging.getLogger("idp.x").error("yes")
    assert [line["message"] for line in lines(written)] == ["yes"]


def test_lines_stop_before_the_disk_is_full_and_are_counted(
    written: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = log_lines.dropped()
    with (tmp_path / "x.log").open("a") as stream:
        log_lines.configure("issuer", "INFO", stream)
        monkeypatch.setattr(disk, "free_bytes", lambda _place: disk.RESERVE_BYTES - 1)
        logging.getLogger("idp.x").error("one")
        monkeypatch.setattr(disk, "free_bytes", lambda _place: disk.RESERVE_BYTES)
        logging.getLogger("idp.x").error("two")
        monkeypatch.setattr(disk, "free_bytes", lambda _place: None)  # a terminal
        logging.getLogger("idp.x").error("three")
    text = (tmp_path / "x.log").read_text()
    assert [json.loads(line)["message"] for line in text.splitlines()] == ["two", "three"]
    assert log_lines.dropped() == before + 1


def test_a_stream_that_takes_nothing_costs_nobody_anything(written: io.StringIO) -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    before = log_lines.dropped()
    log_lines.configure("issuer", "INFO", Full())
    logging.getLogger("idp.x").error("into the void")
    assert log_lines.dropped() == before + 1
