"""The restore drill: a province comes back whole, somebody signs in, the minutes are written."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from admin_ui.cli.main import main
from admin_ui.components import COMPONENTS, VOCABULARY
from admin_ui.operations.backup import generations
from admin_ui.operations.backup.create import create_backup
from admin_ui.operations.backup.drill import drill_restore
from directory.audit.reading import list_events, sentence
from directory.clock import today
from directory.installation import Installation
from directory.people import service
from directory.projection import queries
from directory.settings import Settings, read_settings
from tests.support.installation import OPERATOR, prepare, short_folder, started

pytestmark = pytest.mark.only_on_sqlite("PostgreSQL is backed up by its own tools: ours refuses")

STEPS = 14


@dataclass
class Province:
    """A running demo province."""

    settings: Settings
    installation: Installation


@contextmanager
def demo_province(people: int) -> Iterator[Province]:
    with short_folder() as folder:
        settings = read_settings(
            {
                "DANHMUC_STATE": str(folder / "state"),
                "DANHMUC_SQLITE_SYNCHRONOUS": "NORMAL",
            }
        )
        prepare(settings, people=people)
        with started(settings) as installation:
            yield Province(settings, installation)


@pytest.fixture(scope="module")
def province() -> Iterator[Province]:
    with demo_province(300) as found:
        yield found


def files_of(state: Path) -> set[Path]:
    places = ("slapd/db", "keys", "secrets", "backups", "run")
    return {path for place in places for path in (state / place).rglob("*")}


def test_a_drill_restores_signs_in_and_writes_the_minutes(
    province: Province, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, installation = province.settings, province.installation
    create_backup(installation, OPERATOR)
    with installation.database.read() as tx:
        _total, found = queries.list_people(tx, query="", place_id="", limit=1)
    service.suspend(installation, OPERATOR, found[0].id, "kiểm tra")
    before = files_of(settings.state)

    monkeypatch.setenv("DANHMUC_STATE", str(settings.state))
    monkeypatch.setattr(sys, "argv", ["danhmuc", "backup", "drill", "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == 0, printed.err
    document = json.loads(printed.out)
    assert document["ok"] is True
    assert document["failed"] is None
    assert len(document["steps"]) == STEPS
    assert all(step["problem"] is None for step in document["steps"])
    assert sum(step["duration_s"] for step in document["steps"]) <= document["duration_s"] + 0.1

    text = Path(document["minutes"]).read_text(encoding="utf-8")
    assert text in printed.err
    day = today()
    assert re.search(rf"ngày 0?{day.day} tháng 0?{day.month} năm {day.year}", text)
    assert "BIÊN BẢN DIỄN TẬP KHÔI PHỤC HỆ THỐNG" in text
    assert "Kết luận: ĐẠT" in text
    assert "300 người" in text
    assert "giữ nguyên 1 việc thu hồi" in " ".join(text.split())
    assert text.count("   đạt") == STEPS
    assert max(len(line) for line in text.splitlines()) <= 100

    lock = settings.run_dir / "drill"
    new = files_of(settings.state) - before
    assert new - {lock, lock / ".lock"} == {Path(document["minutes"])}
    assert list(lock.iterdir()) == [lock / ".lock"]
    with installation.database.read() as tx:
        (event,) = [e for e in list_events(tx, kind="backup.drill") if e.fields["ok"]]
        assert sentence(event, VOCABULARY, {})
        # The real installation was not touched: nobody was signed out, no event of a restore.
        assert list_events(tx, kind="installation.restored") == []


def test_a_drill_that_fails_says_so_and_leaves_nothing(province: Province, tmp_path: Path) -> None:
    made = create_backup(province.installation, OPERATOR)
    broken = tmp_path / made.path.name
    data = bytearray(made.path.read_bytes())
    data[len(data) // 2] ^= 1
    broken.write_bytes(data)
    done = drill_restore(province.installation, COMPONENTS, OPERATOR, broken)
    assert not done.drill.ok
    assert done.drill.failed == "Opening the archive"
    assert "KHÔNG ĐẠT" in done.text
    assert "Kết luận: KHÔNG ĐẠT" in done.text
    with generations.locked(province.settings.run_dir / "drill"):
        second = drill_restore(province.installation, COMPONENTS, OPERATOR, broken)
    assert "backup.under_way" in second.drill.steps[0].problem
    left = [path.name for path in (province.settings.run_dir / "drill").iterdir()]
    assert left == [".lock"]
    with province.installation.database.read() as tx:
        failed = [e for e in list_events(tx, kind="backup.drill") if not e.fields["ok"]]
    assert failed[-1].fields["failed"] == "Opening the archive"  # the first of the two


@pytest.mark.deep
def test_ten_thousand_people_are_drilled_in_three_minutes() -> None:
    with demo_province(10_000) as province:
        began = time.monotonic()
        made = create_backup(province.installation, OPERATOR)
        created_s = time.monotonic() - began
        done = drill_restore(province.installation, COMPONENTS, OPERATOR)
        print(done.text)
        print(f"backup created in {created_s:.1f} s, {made.size:,} bytes")
        assert done.drill.ok, done.text
        assert made.manifest.people == 10_000
        assert done.drill.duration_s <= 180
        assert created_s <= 60
