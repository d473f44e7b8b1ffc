"""The files (hồ sơ) of each agency's one-stop desk."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from relying_party.clock import now, today
from relying_party.errors import Outdated
from relying_party.member import Member
from relying_party.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS file (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    opened_on TEXT NOT NULL,
    number INTEGER NOT NULL,
    code TEXT NOT NULL UNIQUE,
    procedure TEXT NOT NULL,
    applicant TEXT NOT NULL,
    due_on TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open',
    settled_on TEXT,
    UNIQUE (agency, opened_on, number)
) STRICT;
CREATE TABLE IF NOT EXISTS file_event (
    id INTEGER PRIMARY KEY,
    file_id INTEGER NOT NULL REFERENCES file (id),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    actor_sub TEXT NOT NULL,
    action TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS file_event_file ON file_event (file_id);
"""

OPEN, GRANTED, REFUSED = "open", "granted", "refused"
STATES = {OPEN: "Đang thụ lý", GRANTED: "Đã giải quyết", REFUSED: "Đã từ chối"}
OUTCOMES = {GRANTED: "Giải quyết theo đề nghị", REFUSED: "Từ chối, có nêu lý do"}
PROCEDURES = {
    "post": "Cấp giấy phép bưu chính",
    "publish": "Cấp giấy phép xuất bản tài liệu không kinh doanh",
    "print": "Xác nhận đăng ký hoạt động cơ sở in",
    "page": "Cấp giấy phép thiết lập trang thông tin điện tử tổng hợp",
    "copy": "Cấp bản sao từ sổ gốc",
}
PAGE_SIZE = 20


@dataclass(frozen=True)
class NewFile:
    """What the desk takes down; of the applicant the name only. `due_on` is an ISO date."""

    agency: str
    procedure: str
    applicant: str
    due_on: str


@dataclass(frozen=True)
class FilePage:
    """One page of files, nearest due date first, and how many files each state has."""

    rows: list[sqlite3.Row]
    page: int
    pages: int
    counts: dict[str, int]


def open_file(store: Store, actor: Member, new_file: NewFile) -> int:
    """Open a file under the next code of the day; return its id."""
    with store.write() as connection:
        file_id = _insert(connection, new_file, today())
        _note(connection, file_id, actor, "Tiếp nhận hồ sơ", "")
    return file_id


def settle_file(store: Store, actor: Member, file_id: int, outcome: str, result: str) -> None:
    """Settle an open file as GRANTED or REFUSED. Raises `Outdated` when it is settled already."""
    with store.write() as connection:
        changed = connection.execute(
            "UPDATE file SET state = ?, settled_on = ? WHERE id = ? AND state = ?",
            (outcome, today().isoformat(), file_id, OPEN),
        )
        if changed.rowcount != 1:
            raise Outdated
        _note(connection, file_id, actor, OUTCOMES[outcome], result)


def find_file(store: Store, file_id: int) -> sqlite3.Row | None:
    """One file, or None."""
    with store.read() as connection:
        row: sqlite3.Row | None = connection.execute(
            "SELECT * FROM file WHERE id = ?", (file_id,)
        ).fetchone()
        return row


def history_of(store: Store, file_id: int) -> list[sqlite3.Row]:
    """What happened to a file, latest first."""
    with store.read() as connection:
        return connection.execute(
            "SELECT at, actor, action, note FROM file_event WHERE file_id = ? ORDER BY id DESC",
            (file_id,),
        ).fetchall()


def list_files(store: Store, agencies: Sequence[str], state: str, page: int) -> FilePage:
    """The files of these agencies in `state` (all states when empty)."""
    scope = {"agencies": json.dumps(list(agencies)), "state": state, "size": PAGE_SIZE}
    with store.read() as connection:
        counted = connection.execute(
            "SELECT state, count(*) AS n FROM file"
            " WHERE agency IN (SELECT value FROM json_each(:agencies)) GROUP BY state",
            scope,
        )
        counts = dict.fromkeys(STATES, 0) | {row["state"]: row["n"] for row in counted}
        total = counts[state] if state else sum(counts.values())
        pages = max(1, -(-total // PAGE_SIZE))
        page = min(max(1, page), pages)
        rows = connection.execute(
            "SELECT * FROM file WHERE agency IN (SELECT value FROM json_each(:agencies))"
            " AND (:state = '' OR state = :state)"
            " ORDER BY state <> 'open', due_on, id LIMIT :size OFFSET :skipped",
            {**scope, "skipped": (page - 1) * PAGE_SIZE},
        ).fetchall()
    return FilePage(rows=rows, page=page, pages=pages, counts=counts)


def report_by_procedure(store: Store, agencies: Sequence[str]) -> list[sqlite3.Row]:
    """For each agency and procedure: total, open, overdue, settled in time and settled late."""
    with store.read() as connection:
        return connection.execute(
            "SELECT agency, procedure, count(*) AS total,"
            " sum(state = 'open') AS open,"
            " sum(state = 'open' AND due_on < :today) AS overdue,"
            " sum(state <> 'open' AND settled_on <= due_on) AS in_time,"
            " sum(state <> 'open' AND settled_on > due_on) AS late"
            " FROM file WHERE agency IN (SELECT value FROM json_each(:agencies))"
            " GROUP BY agency, procedure ORDER BY agency, procedure",
            {"agencies": json.dumps(list(agencies)), "today": today().isoformat()},
        ).fetchall()


def welcome(store: Store, member: Member) -> None:
    """After a sign-in: give each agency that has no file yet its sample files."""
    with store.write() as connection:
        for agency in member.agencies_with():
            _seed(connection, agency)


def _insert(connection: sqlite3.Connection, new_file: NewFile, opened_on: date) -> int:
    number = connection.execute(
        "SELECT coalesce(max(number), 0) + 1 FROM file WHERE agency = ? AND opened_on = ?",
        (new_file.agency, opened_on.isoformat()),
    ).fetchone()[0]
    inserted = connection.execute(
        "INSERT INTO file (agency, opened_on, number, code, procedure, applicant, due_on)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            new_file.agency,
            opened_on.isoformat(),
            number,
            f"{new_file.agency}-{opened_on:%y%m%d}-{number:04d}",
            new_file.procedure,
            new_file.applicant,
            new_file.due_on,
        ),
    )
    file_id: int = inserted.fetchone()[0]
    return file_id


def _note(
    connection: sqlite3.Connection, file_id: int, actor: Member, action: str, note: str
) -> None:
    connection.execute(
        "INSERT INTO file_event (file_id, at, actor, actor_sub, action, note)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (file_id, now(), actor.name, actor.sub, action, note),
    )


# (opened days ago, procedure, applicant, due in days, outcome or OPEN, settled days ago)
SAMPLES = (
    (12, "page", "Công ty TNHH Ánh Dương", -2, GRANTED, 4),
    (8, "print", "Cơ sở in Phú Cường", -1, OPEN, 0),
    (4, "publish", "Nguyễn Thị Thùy Trang", 3, OPEN, 0),
    (2, "copy", "Lê Anh", 1, REFUSED, 1),
    (1, "post", "Công ty Chuyển phát Thuận An", 9, OPEN, 0),
)


def _seed(connection: sqlite3.Connection, agency: str) -> None:
    if connection.execute("SELECT 1 FROM file WHERE agency = ? LIMIT 1", (agency,)).fetchone():
        return
    desk = Member("", "Dữ liệu mẫu", "", agency, "", "", ())
    for days_ago, procedure, applicant, due_in, outcome, settled_ago in SAMPLES:
        due_on = (today() + timedelta(days=due_in)).isoformat()
        new_file = NewFile(agency, procedure, applicant, due_on)
        file_id = _insert(connection, new_file, today() - timedelta(days=days_ago))
        _note(connection, file_id, desk, "Tiếp nhận hồ sơ", "")
        if outcome != OPEN:
            settled_on = (today() - timedelta(days=settled_ago)).isoformat()
            connection.execute(
                "UPDATE file SET state = ?, settled_on = ? WHERE id = ?",
                (outcome, settled_on, file_id),
            )
            _note(connection, file_id, desk, OUTCOMES[outcome], "")
