"""Events of before acts were known, as an earlier version stored them, are told in one line too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, text

from admin_ui.components import VOCABULARY
from directory.audit.acts import ActQuestion, list_acts, tell
from directory.database.engine import Database
from directory.database.migrating import configuration, upgrade
from tests.support.postgres import empty_database

pytestmark = pytest.mark.both_engines

BEFORE = "0006"


def store(tx: Connection, number: int, kind: str, **fields: object) -> None:
    row = {
        "id": f"019a0000-0000-7000-8000-{number:012x}",
        "at": 1_795_000_000_000 + number,
        "kind": kind,
        "actor": "os:root",
        "subject": "person:x",
        "agency": "",
        "request_id": f"r{number // 10}",
    }
    body = json.dumps(row | {"v": 1, "address": "", "fields": fields}).encode()
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    tx.execute(
        text(f"INSERT INTO audit_event ({names}, body) VALUES ({values}, :body)"),
        row | {"body": body},
    )


def test_what_was_recorded_before_is_folded(tmp_path: Path) -> None:
    with empty_database(tmp_path) as url:
        database = Database(url, synchronous="NORMAL")
        upgrade(database)  # a store of before is made by going back
        with database.write() as tx:
            command.downgrade(configuration(tx), BEFORE)
            store(tx, 10, "person.change.requested", intent="i1", changes={"status": "suspended"})
            store(tx, 11, "person.suspended", reason="nghỉ")
            store(tx, 12, "change.done", intent="i1", entry_csn="c", recovered=False)
            store(tx, 20, "person.change.requested", intent="i2", changes={"phone": "1"})
            store(tx, 21, "change.refused", intent="i2", reason="ldap.assertion_failed")
            store(tx, 30, "person.password.change_requested", by_self=False)
            store(tx, 31, "person.password.set", by_self=False)
            store(tx, 40, "person.change.requested", intent="i4", changes={"phone": "2"})
            store(tx, 50, "person.unlocked")
        upgrade(database)
        with database.read() as tx:
            acts = list_acts(tx, VOCABULARY, ActQuestion(), limit=50)
        told = [(act.state, tell(act, VOCABULARY, {"person:x": "Hạnh"})) for act in reversed(acts)]
        by = "Người vận hành máy chủ (root)"
        assert told == [
            ("done", f"{by} khóa Hạnh: nghỉ"),
            (
                "refused",
                f"{by} sửa Hạnh: điện thoại: 1; không ghi được: dữ liệu đã được người "
                "khác thay đổi",
            ),
            ("done", f"{by} đặt mật khẩu mới cho Hạnh"),
            ("open", f"{by} sửa Hạnh: điện thoại: 2 (chưa có kết quả)"),
            ("done", f"{by} gỡ tạm dừng đăng nhập cho Hạnh"),
        ]
        database.dispose()
