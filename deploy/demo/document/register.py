"""The register of incoming documents (sổ văn bản đến) of each agency."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from relying_party.accounts import names_in_group
from relying_party.clock import now, today
from relying_party.errors import Outdated
from relying_party.member import Member
from relying_party.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
    id INTEGER PRIMARY KEY,
    agency TEXT NOT NULL,
    year INTEGER NOT NULL,
    number INTEGER NOT NULL,
    received_on TEXT NOT NULL,
    sender TEXT NOT NULL,
    reference TEXT NOT NULL,
    summary TEXT NOT NULL,
    urgency TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'registered',
    assignee TEXT NOT NULL DEFAULT '',
    deadline TEXT,
    UNIQUE (agency, year, number)
) STRICT;
CREATE TABLE IF NOT EXISTS document_event (
    id INTEGER PRIMARY KEY,
    document_id INTEGER NOT NULL REFERENCES document (id),
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    actor_sub TEXT NOT NULL,
    action TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS document_event_document ON document_event (document_id);
CREATE TABLE IF NOT EXISTS specialist (
    sub TEXT NOT NULL,
    agency TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (sub, agency)
) STRICT;
"""

REGISTERED, ASSIGNED, DONE, APPROVED = "registered", "assigned", "done", "approved"
STATES = {
    REGISTERED: "Chờ phân công",
    ASSIGNED: "Đang xử lý",
    DONE: "Hoàn thành",
    APPROVED: "Đã phê duyệt",
}
URGENCIES = {
    "normal": "Thường",
    "urgent": "Khẩn",
    "very_urgent": "Thượng khẩn",
    "immediate": "Hỏa tốc",
}
PAGE_SIZE = 20


@dataclass(frozen=True)
class IncomingDocument:
    """What the văn thư writes into the register; the number is given by the register."""

    agency: str
    received_on: str
    sender: str
    reference: str
    summary: str
    urgency: str


@dataclass(frozen=True)
class Assignment:
    """The bút phê of the lãnh đạo: who works on it, until when (ISO date), and how."""

    assignee: str
    deadline: str
    instruction: str


@dataclass(frozen=True)
class DocumentPage:
    """One page of the register, newest first, and how many documents each state has."""

    rows: list[sqlite3.Row]
    page: int
    pages: int
    counts: dict[str, int]


def register_document(store: Store, actor: Member, document: IncomingDocument) -> int:
    """Enter a document under the next number of its agency and year; return its id."""
    with store.write() as connection:
        document_id = _insert(connection, document)
        _note(connection, document_id, actor, "Đăng ký văn bản đến", "")
    return document_id


def assign_document(store: Store, actor: Member, document_id: int, assignment: Assignment) -> None:
    """Assign a registered document. Raises `Outdated` when it is not waiting any more."""
    with store.write() as connection:
        changed = connection.execute(
            "UPDATE document SET state = ?, assignee = ?, deadline = ? WHERE id = ? AND state = ?",
            (ASSIGNED, assignment.assignee, assignment.deadline, document_id, REGISTERED),
        )
        _require_change(changed)
        action = f"Phân công cho {assignment.assignee}"
        _note(connection, document_id, actor, action, assignment.instruction)


def complete_document(store: Store, actor: Member, document_id: int, result: str) -> None:
    """Mark an assigned document as done. Raises `Outdated` when it is not being worked on."""
    with store.write() as connection:
        changed = connection.execute(
            "UPDATE document SET state = ? WHERE id = ? AND state = ?",
            (DONE, document_id, ASSIGNED),
        )
        _require_change(changed)
        _note(connection, document_id, actor, "Hoàn thành xử lý", result)


def approve_document(store: Store, actor: Member, document_id: int) -> None:
    """Approve the result of a document that is done. Raises `Outdated` when there is none (yet)."""
    with store.write() as connection:
        changed = connection.execute(
            "UPDATE document SET state = ? WHERE id = ? AND state = ?",
            (APPROVED, document_id, DONE),
        )
        _require_change(changed)
        _note(connection, document_id, actor, "Phê duyệt kết quả", "")


def find_document(store: Store, document_id: int) -> sqlite3.Row | None:
    """One document, or None."""
    with store.read() as connection:
        row: sqlite3.Row | None = connection.execute(
            "SELECT * FROM document WHERE id = ?", (document_id,)
        ).fetchone()
        return row


def history_of(store: Store, document_id: int) -> list[sqlite3.Row]:
    """What happened to a document, latest first."""
    with store.read() as connection:
        return connection.execute(
            "SELECT at, actor, action, note FROM document_event"
            " WHERE document_id = ? ORDER BY id DESC",
            (document_id,),
        ).fetchall()


def list_documents(store: Store, agencies: Sequence[str], state: str, page: int) -> DocumentPage:
    """The documents of these agencies in `state` (all states when empty)."""
    scope = {"agencies": json.dumps(list(agencies)), "state": state, "size": PAGE_SIZE}
    with store.read() as connection:
        counted = connection.execute(
            "SELECT state, count(*) AS n FROM document"
            " WHERE agency IN (SELECT value FROM json_each(:agencies)) GROUP BY state",
            scope,
        )
        counts = dict.fromkeys(STATES, 0) | {row["state"]: row["n"] for row in counted}
        total = counts[state] if state else sum(counts.values())
        pages = max(1, -(-total // PAGE_SIZE))
        page = min(max(1, page), pages)
        rows = connection.execute(
            "SELECT * FROM document WHERE agency IN (SELECT value FROM json_each(:agencies))"
            " AND (:state = '' OR state = :state)"
            " ORDER BY received_on DESC, number DESC LIMIT :size OFFSET :skipped",
            {**scope, "skipped": (page - 1) * PAGE_SIZE},
        ).fetchall()
    return DocumentPage(rows=rows, page=page, pages=pages, counts=counts)


def list_specialists(store: Store, agency: str) -> list[str]:
    """Names of the chuyên viên of an agency, to suggest to the lãnh đạo: those who have an account
    with that role, and those who have signed in here; not whose account was disabled."""
    with store.read() as connection:
        rows = connection.execute(
            "SELECT name FROM specialist WHERE agency = ? AND sub NOT IN"
            " (SELECT sub FROM account WHERE sub IS NOT NULL AND NOT is_active)",
            (agency,),
        )
        names = {row["name"] for row in rows}
        return sorted(names.union(names_in_group(connection, "chuyen_vien", agency)))


def welcome(store: Store, member: Member) -> None:
    """After a sign-in: remember a chuyên viên by name; give a new agency its sample documents."""
    with store.write() as connection:
        connection.execute("DELETE FROM specialist WHERE sub = ?", (member.sub,))
        for agency in member.agencies_with("chuyen_vien"):
            connection.execute(
                "INSERT INTO specialist (sub, agency, name) VALUES (?, ?, ?)",
                (member.sub, agency, member.name),
            )
        for agency in member.agencies_with():
            _seed(connection, agency)


def _insert(connection: sqlite3.Connection, document: IncomingDocument) -> int:
    year = int(document.received_on[:4])
    number = connection.execute(
        "SELECT coalesce(max(number), 0) + 1 FROM document WHERE agency = ? AND year = ?",
        (document.agency, year),
    ).fetchone()[0]
    inserted = connection.execute(
        "INSERT INTO document (agency, year, number, received_on, sender, reference, summary,"
        " urgency) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            document.agency,
            year,
            number,
            document.received_on,
            document.sender,
            document.reference,
            document.summary,
            document.urgency,
        ),
    )
    document_id: int = inserted.fetchone()[0]
    return document_id


def _require_change(cursor: sqlite3.Cursor) -> None:
    if cursor.rowcount != 1:
        raise Outdated


def _note(
    connection: sqlite3.Connection, document_id: int, actor: Member, action: str, note: str
) -> None:
    connection.execute(
        "INSERT INTO document_event (document_id, at, actor, actor_sub, action, note)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (document_id, now(), actor.name, actor.sub, action, note),
    )


# (days ago, sender, reference, summary, urgency, assignee or "", days until the deadline, done)
SAMPLES = (
    (9, "Văn phòng UBND tỉnh", "112/VPUBND-VX", "Chuẩn bị nội dung họp giao ban cải cách hành"
     " chính quý I", "normal", "Phòng Công nghệ thông tin", 5, True),
    (6, "Sở Nội vụ", "85/SNV-CCHC", "Báo cáo kết quả giải quyết thủ tục hành chính của cơ quan",
     "urgent", "Văn phòng", 2, False),
    (3, "UBND thành phố Thủ Dầu Một", "41/UBND-VX", "Đề nghị hỗ trợ kết nối hệ thống một cửa"
     " điện tử", "normal", "", 0, False),
    (1, "Sở Tài chính", "203/STC-HCSN", "Góp ý dự thảo dự toán kinh phí ứng dụng công nghệ thông"
     " tin", "very_urgent", "", 0, False),
)  # fmt: skip


def _seed(connection: sqlite3.Connection, agency: str) -> None:
    known = connection.execute("SELECT 1 FROM document WHERE agency = ? LIMIT 1", (agency,))
    if known.fetchone():
        return
    clerk = Member("", "Dữ liệu mẫu", "", agency, "", "", ())
    for days_ago, sender, reference, summary, urgency, assignee, days_left, is_done in SAMPLES:
        received_on = _days_from_today(-days_ago)
        document = IncomingDocument(agency, received_on, sender, reference, summary, urgency)
        document_id = _insert(connection, document)
        _note(connection, document_id, clerk, "Đăng ký văn bản đến", "")
        if assignee:
            connection.execute(
                "UPDATE document SET state = ?, assignee = ?, deadline = ? WHERE id = ?",
                (DONE if is_done else ASSIGNED, assignee, _days_from_today(days_left), document_id),
            )
            _note(connection, document_id, clerk, f"Phân công cho {assignee}", "")
        if is_done:
            _note(connection, document_id, clerk, "Hoàn thành xử lý", "Đã gửi báo cáo.")


def _days_from_today(days: int) -> str:
    day: date = today() + timedelta(days=days)
    return day.isoformat()
