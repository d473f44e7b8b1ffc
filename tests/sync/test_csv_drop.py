"""Accounts in step with a program that reads files: each is there whole or not at all, nothing is
written where nobody allowed it, and nothing is lost while it cannot be written."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from directory.catalogue.person import Person
from directory.errors import Invalid
from directory.people import service
from sync.engine import accounts, batches, connectors
from sync.engine.target import Unreachable
from sync.feed.polling import poll
from tests.support.installation import OPERATOR, running_installation
from tests.support.province import a_department
from tests.sync.kept_accounts import Kept, connector_for
from tests.sync.outsider import Fed


def definition(name: str, application: str, folder: object, more: str = "") -> str:
    return f"""\
connector: {name}
application: {application}
target: {{kind: csv, folder: "{folder}"{more}}}
accounts: {{TEN: username, HO_TEN: full_name}}
roles: {{van_thu: Văn thư}}
"""


@dataclass
class Dropped(Kept):
    """A connector, and the folder into which it drops."""

    folder: Path

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.csv"))

    def manifest(self, file: Path) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(file.with_name(f"{file.name}.json").read_text())
        return found

    def rows(self, file: Path) -> dict[str, tuple[str, ...]]:
        lines = csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline=""))
        heads, *rows = lines
        assert heads == ["id", "active", "TEN", "HO_TEN", "groups"]
        return {row[0]: tuple(row[1:]) for row in rows}

    def last(self) -> dict[str, tuple[str, ...]]:
        return self.rows(self.files()[-1])

    def answer(self, file: Path, *rows: tuple[str, str, str]) -> None:
        lines = "".join(f"{','.join(row)}\n" for row in (("id", "result", "message"), *rows))
        file.with_name(f"{file.name}.results.csv").write_text(lines)


def _row(person: Person, **changed: str) -> tuple[str, ...]:
    return "1", person.username, changed.get("name", person.full_name), "Văn thư"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bàn giao")


@pytest.fixture(scope="module")
def beside(root: Path) -> Iterator[Fed]:
    """An installation that may drop files below one folder."""
    with running_installation(DANHMUC_DROP_FOLDERS=str(root)) as running:
        agency = a_department(running.installation, "STTTT")
        poll(running.installation)
        yield Fed(running, agency)


@pytest.fixture
def drop(beside: Fed, root: Path, request: pytest.FixtureRequest) -> Iterator[Dropped]:
    """`request.param`: more of the target's definition."""
    folder = root / f"f{len(list(root.iterdir()))}"
    folder.mkdir()
    source = partial(definition, folder=folder, more=getattr(request, "param", ""))
    with connector_for(beside, source) as kept:
        yield Dropped(kept.fed, kept.name, kept.application, folder)


def test_what_changed_is_a_file_with_a_manifest(drop: Dropped) -> None:
    person, mover = drop.joiner(), drop.joiner()
    assert drop.run().done == 2
    (first,) = drop.files()
    assert drop.rows(first) == {each.id: _row(each) for each in (person, mover)}
    raw = first.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == 3
    told = drop.manifest(first)
    assert (told["file"], told["kind"], told["rows"]) == (first.name, "changes", 2)
    assert (told["bytes"], told["sha256"]) == (len(raw), hashlib.sha256(raw).hexdigest())
    assert first.stat().st_mode & 0o777 == 0o640
    service.change_person(drop.installation, OPERATOR, mover.id, {"full_name": "Lê Thị Mới"})
    service.suspend(drop.installation, OPERATOR, person.id, "nghỉ việc")
    drop.run()
    assert len(drop.files()) == 2
    assert drop.last() == {
        mover.id: _row(mover, name="Lê Thị Mới"),
        person.id: ("0", person.username, person.full_name, ""),
    }
    drop.run()
    assert len(drop.files()) == 2, "nothing changed"
    assert [e["act"] for e in drop.events("connector.account", person)] == ["created", "disabled"]
    assert not [each for each in drop.folder.iterdir() if each.name.startswith(".")]


@pytest.mark.parametrize("drop", [", files: full, mark: 'no', line_ends: lf"], indirect=True)
def test_a_full_file_has_everybody_and_none_is_written_of_half(
    drop: Dropped, monkeypatch: pytest.MonkeyPatch
) -> None:
    stays, leaver = drop.joiner(), drop.joiner()
    drop.run()
    service.suspend(drop.installation, OPERATOR, leaver.id, "nghỉ việc")
    added = drop.joiner()
    drop.run()
    left = ("0", leaver.username, leaver.full_name, "")
    assert drop.last() == {stays.id: _row(stays), added.id: _row(added), leaver.id: left}
    assert drop.manifest(drop.files()[-1])["kind"] == "full"
    raw = drop.files()[-1].read_bytes()
    assert (raw[:2], b"\r" in raw) == (b"id", False)
    monkeypatch.setattr(batches, "MOST_AT_ONCE", 2)
    for _ in range(3):
        drop.joiner()
    before = drop.files()
    assert drop.run().is_held
    assert drop.files() == before, "a file of a part would end all other accounts"


def test_formulas_are_text(drop: Dropped) -> None:
    person = drop.joiner()
    source = definition(drop.name, drop.application, drop.folder)
    changed = source.replace("HO_TEN: full_name", "HO_TEN: '\"=1+1|\" + full_name'")
    connectors.put(drop.installation, OPERATOR, changed, replaces=True)
    drop.run()
    assert drop.last()[person.id][2] == f"'=1+1|{person.full_name}"


def _broken(code: int) -> Callable[..., Any]:
    def fail(*_args: object, **_more: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize(
    ("call", "code", "says"),
    [
        ("fsync", errno.ENOSPC, "has no space left"),
        ("rename", errno.EDQUOT, "has no space left for us"),
        ("rename", errno.EACCES, "may not be written by us"),
        ("fsync", errno.EROFS, "can only be read"),
        ("fsync", errno.EIO, "cannot be worked with"),
    ],
)
def test_what_cannot_be_written_is_said_kept_and_written_later(
    drop: Dropped, monkeypatch: pytest.MonkeyPatch, call: str, code: int, says: str
) -> None:
    person = drop.joiner()
    with monkeypatch.context() as broken:
        broken.setattr(f"sync.connectors.csv_drop.folder.os.{call}", _broken(code))
        assert drop.run().is_held
    assert list(drop.folder.iterdir()) == []
    assert drop.state(person).state == "due"
    with drop.installation.database.read() as tx:
        assert says in str(connectors.get(tx, drop.name).failed_detail)
    drop.due_now()
    drop.run()
    assert drop.last() == {person.id: _row(person)}


def test_a_folder_that_is_missing_or_a_link_is_said_and_nothing_goes_elsewhere(
    drop: Dropped, root: Path, tmp_path: Path
) -> None:
    person = drop.joiner()

    def instead() -> None:
        drop.folder.unlink()
        drop.folder.write_text("x")

    drop.folder.rmdir()
    broken: list[tuple[Callable[[], object], str]] = [
        (lambda: None, "is not there"),
        (lambda: drop.folder.symlink_to(tmp_path), "symbolic link"),
        (instead, "is no folder"),
    ]
    for make, says in broken:
        make()
        drop.due_now()
        assert drop.run().is_held
        with drop.installation.database.read() as tx:
            assert says in str(connectors.get(tx, drop.name).failed_detail)
    assert list(tmp_path.iterdir()) == []
    drop.folder.unlink()
    drop.folder.mkdir()
    drop.due_now()
    drop.run()
    assert drop.last() == {person.id: _row(person)}
    assert root in drop.folder.parents


@pytest.mark.parametrize("folder", ["/etc", "{root}-khac", "/"])
def test_no_folder_that_nobody_allowed_is_written(drop: Dropped, root: Path, folder: str) -> None:
    source = definition(drop.name, drop.application, folder.format(root=root))
    connectors.put(drop.installation, OPERATOR, source, replaces=True)
    with pytest.raises(Unreachable, match="DANHMUC_DROP_FOLDERS"):
        connectors.open_target_of(drop.installation, drop.name).test()


@pytest.mark.without_sql
@pytest.mark.parametrize("folder", ["bàn-giao", "/srv/../etc", "/srv/a/", "/srv//a", "./a"])
def test_a_path_that_is_not_whole_is_refused(folder: str) -> None:
    with pytest.raises(Invalid, match=r"connector\.definition"):
        connectors.read(definition("cu", "app", folder))


def test_what_the_program_did_not_take_is_set_aside_and_sent_again(drop: Dropped) -> None:
    taken, refused, later = (drop.joiner() for _ in range(3))
    drop.run()
    (file,) = drop.files()
    service.change_person(drop.installation, OPERATOR, later.id, {"full_name": "Lê Văn Sau"})
    drop.run()
    drop.answer(
        file,
        (taken.id, "ok", ""),
        (refused.id, "loi", "=trùng mã"),
        (later.id, "loi", "cũ"),
        ("không-ai", "loi", "?"),
    )
    drop.run()
    assert (drop.state(taken).state, drop.state(later).state) == ("in_step", "in_step")
    state = drop.state(refused)
    assert (state.state, state.failed_detail) == ("quarantined", "loi: =trùng mã")
    assert [e["detail"] for e in drop.events("connector.account_stuck", refused)] == [
        "loi: =trùng mã"
    ]
    assert (drop.folder / f"{file.name}.results.csv.read").exists()
    connectors.retry(drop.installation, OPERATOR, drop.name, refused.id)
    drop.run()
    assert drop.last() == {refused.id: _row(refused)}


def test_results_that_are_none_harm_nobody(drop: Dropped, tmp_path: Path) -> None:
    person = drop.joiner()
    drop.run()
    (file,) = drop.files()
    results = file.with_name(f"{file.name}.results.csv")
    for raw in (b"\xff\xfe\x00", b'id,result\n"a', b"", b"x" * 6_000_000, b"id;other\n1;2\n"):
        results.write_bytes(raw)
        drop.run()
        assert not results.exists() or len(raw) > 5_000_000
        results.unlink(missing_ok=True)
    secret = tmp_path / "secret"
    secret.write_text(f"id,result,message\n{person.id},loi,x\n")
    results.symlink_to(secret)
    drop.run()
    assert drop.state(person).state == "in_step"
    assert secret.exists()


def test_what_a_killed_turn_left_is_taken_away_and_its_rows_are_written_again(
    drop: Dropped,
) -> None:
    person = drop.joiner()
    unfinished = drop.folder / "accounts-20200101T000000000Z.csv"
    for name in (unfinished.name, f".{unfinished.name}.tmp", f".{unfinished.name}.json.tmp"):
        (drop.folder / name).write_text("nửa")
    others = drop.folder / "cua-nguoi-khac.csv"
    others.write_text("của người khác")
    drop.run()
    left = {each.name for each in drop.folder.iterdir()}
    (file,) = [each for each in drop.files() if each != others]
    assert left == {file.name, f"{file.name}.json", others.name}
    assert drop.rows(file) == {person.id: _row(person)}


def test_a_leaver_whose_file_was_in_doubt_is_no_longer_active(drop: Dropped) -> None:
    person, *_others = (drop.joiner() for _ in range(4))
    drop.run()
    with drop.installation.database.write() as tx:
        accounts.set_state(tx, drop.name, person.id, remote_id=None, state="due", doubtful_since=1)
    service.suspend(drop.installation, OPERATOR, person.id, "nghỉ việc")
    drop.due_now()
    drop.run()
    assert drop.last()[person.id][0] == "0"


def test_files_come_no_sooner_than_they_were_wished(drop: Dropped) -> None:
    source = definition(drop.name, drop.application, drop.folder)
    connectors.put(
        drop.installation, OPERATOR, source + "limits: {every_minutes: 60}\n", replaces=True
    )
    drop.joiner()
    drop.run()
    later = drop.joiner()
    drop.run()
    assert len(drop.files()) == 1
    with drop.installation.database.write() as tx:
        connectors.set_values(tx, drop.name, succeeded_at=1)
    drop.run()
    assert drop.last() == {later.id: _row(later)}


def test_the_command_says_what_a_folder_can_and_cannot(drop: Dropped) -> None:
    assert connectors.open_target_of(drop.installation, drop.name).test() == (
        "a folder, 0 files in it"
    )
    for number in range(3):
        (drop.folder / f"x{number}").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sync.connectors.csv_drop.folder._MOST_FILES", 3)
        with pytest.raises(Unreachable, match="nobody takes away"):
            connectors.open_target_of(drop.installation, drop.name).test()
