"""A new key for what is stored sealed: whatever is killed, and whatever runs, loses nothing."""

from __future__ import annotations

import ast
import errno
import importlib
import json
import multiprocessing
import os
import pkgutil
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, insert, select, update

from admin_ui.components import COMPONENTS
from admin_ui.operations.sealing.columns import lasting_columns
from admin_ui.operations.sealing.rotation import (
    Rotated,
    go_on,
    look_at_sealing,
    make_openable,
    rotate_sealing,
)
from directory import faults
from directory.audit.reading import list_events
from directory.clock import DAY, now_ms
from directory.database.engine import metadata
from directory.database.migrating import upgrade
from directory.errors import Conflict, Unavailable
from directory.installation import Installation
from directory.sealed import (
    LONGEST_LIFE_MS,
    KeyMissing,
    KeyRing,
    Purpose,
    keys_held,
    make_sealing_key,
    sealing_keys,
)
from directory.sealed_columns import sealed_columns
from idp.keys.tables import SIGNING_KEY, signing_key
from tests.directory.test_sealed import sealed_by_the_first_version
from tests.support.installation import OPERATOR, open_without_catalogue
from tests.support.postgres import sql_store

ROOT = Path(__file__).parents[2]
ROOMS = ("directory", "web", "idp", "sync", "admin_ui")


@dataclass
class Store:
    """An installation that several processes may open."""

    state: Path
    given: dict[str, str]
    installation: Installation

    def open(self) -> Installation:
        return open_without_catalogue(self.state, 8400, self.given, new=False)

    def put(self, name: str, sealed: bytes) -> None:
        row = {
            "kid": name,
            "alg": "ES256",
            "status": "retired",
            "public_jwk": "{}",
            "private_sealed": sealed,
            "created_at": now_ms(),
        }
        with self.installation.database.write() as tx:
            tx.execute(insert(signing_key).values(row))

    def add(self, name: str, *, by: Installation | None = None) -> None:
        ring = (by or self.installation).keyring
        self.put(name, ring.seal(SIGNING_KEY, name, f"of {name}".encode()))

    def add_of_the_first_version(self, name: str) -> None:
        plain, master = f"of {name}".encode(), self.installation.keyring.master
        self.put(name, sealed_by_the_first_version(master, "signing-key", name, plain))

    def values(self) -> dict[str, bytes]:
        with self.installation.database.read() as tx:
            return {
                row.kid: bytes(row.private_sealed) for row in tx.execute(select(signing_key)).all()
            }

    def require_all_open(self, ring: KeyRing | None = None) -> None:
        ring = ring or KeyRing.load(self.installation.settings.keys_dir)
        for name, sealed in self.values().items():
            assert ring.open(SIGNING_KEY, name, sealed) == f"of {name}".encode()

    def prefixes(self) -> set[bytes]:
        return {value[:9] for value in self.values().values()}

    def age(self, ms: int = DAY + 3_600_000) -> None:
        """As if the newest key had been made so long ago."""
        at = (now_ms() - ms) / 1000
        os.utime(sealing_keys(self.installation.settings.keys_dir)[0].path, (at, at))

    def events(self, kind: str) -> list[dict[str, Any]]:
        with self.installation.database.read() as tx:
            return [dict(event.fields) for event in list_events(tx, kind=kind)]

    def rotate(self) -> Rotated:
        return rotate_sealing(self.open(), COMPONENTS, OPERATOR)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with sql_store() as given:
        state = tmp_path / "state"
        installation = open_without_catalogue(state, 8400, given, new=False)
        upgrade(installation.database)
        yield Store(state, dict(given), installation)
        installation.close_connections()


@pytest.mark.both_engines
def test_a_rotation_from_beginning_to_end(store: Store) -> None:
    store.add_of_the_first_version("first")
    store.add("second")
    told: list[tuple[str, int, int]] = []
    done = rotate_sealing(
        store.installation, COMPONENTS, OPERATOR, told=lambda *each: told.append(each)
    )
    assert (done.made, done.sealed_again, done.sealing.values, done.sealing.left) == (True, 2, 2, 0)
    assert told[0] == ("Sealing again", 0, 2) and told[-1] == ("Sealing again", 2, 2)
    newest = done.sealing.newest
    assert store.prefixes() == {b"\x02" + bytes.fromhex(newest.id)}
    store.require_all_open()
    assert store.events("key.sealing_rotated") == [{"key": newest.id, "values": 2}]

    again = store.rotate()
    assert (again.made, again.sealed_again) == (False, 0)
    assert len(sealing_keys(newest.path.parent)) == 2
    assert len(store.events("key.sealing_rotated")) == 1


def test_the_old_key_opens_until_nothing_short_lived_needs_it(store: Store) -> None:
    carried = Purpose("code", DAY)
    old = store.installation.keyring.seal(carried, "a", b"x")
    oldest = sealed_by_the_first_version(store.installation.keyring.master, "code", "a", b"x")
    store.add("one")
    store.rotate()
    for age in (0, DAY - 60_000):
        store.age(age)
        go_on(store.installation, COMPONENTS)
        assert KeyRing.load(store.state / "keys").open(carried, "a", old) == b"x"
        assert KeyRing.load(store.state / "keys").open(carried, "a", oldest) == b"x"
    store.age()
    go_on(store.installation, COMPONENTS)
    for value in (old, oldest):
        with pytest.raises(KeyMissing):
            store.installation.keyring.open(carried, "a", value)
    master = sealing_keys(store.state / "keys")[-1]
    assert store.events("key.sealing_retired") == [{"key": master.id}]
    store.require_all_open()
    # Its bytes are there: a backup of before needs them.
    assert master.is_retired and master.path.exists()
    assert store.rotate().made
    store.require_all_open()


def test_a_key_of_the_future_retires_nothing(store: Store) -> None:
    store.rotate()
    store.age(-400 * DAY)
    go_on(store.installation, COMPONENTS)
    assert not any(key.is_retired for key in sealing_keys(store.state / "keys"))


def test_what_a_slow_process_still_seals_with_the_old_key_is_sealed_again(store: Store) -> None:
    slow = store.open()
    sealed = slow.keyring.seal(SIGNING_KEY, "late", b"of late")
    done = store.rotate()
    store.put("late", sealed)
    store.age()
    go_on(store.installation, COMPONENTS)
    assert store.prefixes() == {b"\x02" + bytes.fromhex(done.sealing.newest.id)}
    store.require_all_open()


@pytest.mark.both_engines
def test_many_values_and_what_others_write_meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The value of somebody else is never replaced by the one that was read before it."""
    for number in range(250):
        store.add_of_the_first_version(f"k{number:03}")
    seal = KeyRing.seal
    theirs = store.open().keyring.seal(SIGNING_KEY, "k150", b"of k150")

    def seal_late(ring: KeyRing, purpose: Purpose, subject: str, plaintext: bytes) -> bytes:
        if subject == "k150":
            with store.open().database.write() as tx:
                row = update(signing_key).where(signing_key.c.kid == "k150")
                tx.execute(row.values(private_sealed=theirs))
        return seal(ring, purpose, subject, plaintext)

    monkeypatch.setattr(KeyRing, "seal", seal_late)
    done = rotate_sealing(store.installation, COMPONENTS, OPERATOR)
    monkeypatch.undo()
    assert (done.sealed_again, done.sealing.left) == (249, 1)
    assert store.values()["k150"] == theirs
    assert not store.events("key.sealing_rotated")
    assert store.rotate().sealed_again == 1
    assert store.events("key.sealing_rotated")[0]["values"] == 250
    store.require_all_open()


@pytest.mark.both_engines
def test_two_installations_seal_and_open_while_keys_change(store: Store) -> None:
    carried, wrong, done = Purpose("code", DAY), [], threading.Event()
    opened = [store.open(), store.open()]

    def work(number: int) -> None:
        mine, theirs = opened[number], opened[1 - number]
        for turn in range(10_000):
            if done.is_set():
                return
            try:
                sealed = mine.keyring.seal(carried, "a", b"x")
                assert theirs.keyring.open(carried, "a", sealed) == b"x"
                store.add(f"{number}-{turn}", by=mine)
                store.require_all_open(theirs.keyring)
            except Exception as error:
                wrong.append(error)
                return

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        assert store.rotate().made
        store.age()
        # So long after it every process has looked: what it does in a day is done here at once.
        for each in opened:
            each.keyring.look_again()
        go_on(store.installation, COMPONENTS)
    done.set()
    for thread in threads:
        thread.join()
    go_on(store.installation, COMPONENTS)
    assert not wrong
    assert len(store.values()) > 2
    store.require_all_open()


def ends_by_kill(work: Callable[[], object]) -> bool:
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode
    return process.exitcode != 0


POINTS = [
    *(point for point in faults.POINTS if point.startswith("sealing.") and "retiring" not in point),
    "sealing.batch:2",
]


@pytest.mark.parametrize("by_worker", [False, True], ids=["command", "worker"])
@pytest.mark.parametrize("point", POINTS)
def test_a_rotation_killed_anywhere_is_gone_on_with(
    store: Store, point: str, by_worker: bool
) -> None:
    for number in range(150):
        store.add_of_the_first_version(f"k{number:03}")
    store.installation.close_connections()

    def rotate() -> None:
        faults.arm(point)
        store.rotate()

    assert ends_by_kill(rotate)
    store.require_all_open()
    store.add("after")  # whoever runs goes on, with whichever key
    if by_worker:
        go_on(store.open(), COMPONENTS)
    else:
        assert not store.rotate().made
    assert len(sealing_keys(store.state / "keys")) == 2
    newest = sealing_keys(store.state / "keys")[0]
    assert store.prefixes() == {b"\x02" + bytes.fromhex(newest.id)}
    assert [told["key"] for told in store.events("key.sealing_rotated")] == [newest.id]
    store.require_all_open()


def test_killed_while_retiring(store: Store) -> None:
    store.add("one")
    store.rotate()
    store.age()
    store.installation.close_connections()

    def retire() -> None:
        faults.arm("sealing.retiring")
        go_on(store.open(), COMPONENTS)

    assert ends_by_kill(retire)
    assert not any(key.is_retired for key in sealing_keys(store.state / "keys"))
    go_on(store.open(), COMPONENTS)
    assert sealing_keys(store.state / "keys")[-1].is_retired
    assert len(store.events("key.sealing_retired")) == 1


def test_a_full_disk_makes_no_key(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add("one")

    def refuse(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("directory.sealed.os.fsync", refuse)
        with pytest.raises(Unavailable, match=r"backup\.disk"):
            store.rotate()
    assert len(sealing_keys(store.state / "keys")) == 1
    assert store.rotate().made
    assert not list((store.state / "keys").glob("*.new"))
    store.require_all_open()


@pytest.mark.both_engines
def test_one_at_a_time(store: Store) -> None:
    with keys_held(store.state / "keys") as alone:
        assert alone
        with pytest.raises(Conflict, match="sealing_under_way"):
            store.rotate()
        go_on(store.open(), COMPONENTS)
    assert store.rotate().made


def sealing_of_doctor(store: Store) -> str:
    ok, says = look_at_sealing(store.installation, COMPONENTS)
    return f"{'ok' if ok else 'BAD'} {says}"


def test_what_does_not_open_keeps_the_old_key_and_the_doctor_says_so(store: Store) -> None:
    store.add("one")
    said = sealing_of_doctor(store)
    assert said.startswith(f"ok {sealing_keys(store.state / 'keys')[0].id} seals since")
    broken = store.installation.keyring.seal(SIGNING_KEY, "another", b"x")
    store.put("broken", broken)
    done = store.rotate()
    assert (done.sealed_again, done.sealing.left) == (1, 1)
    assert "BAD 1 of 2 values" in sealing_of_doctor(store)
    store.age()
    go_on(store.installation, COMPONENTS)
    assert not any(key.is_retired for key in sealing_keys(store.state / "keys"))
    with store.installation.database.write() as tx:
        tx.execute(signing_key.delete().where(signing_key.c.kid == "broken"))
    store.age(0)
    go_on(store.installation, COMPONENTS)
    assert "this opens too: " in sealing_of_doctor(store)
    store.age()
    go_on(store.installation, COMPONENTS)
    assert "this opens too" not in sealing_of_doctor(store)


def test_a_store_of_before_the_rotation_is_opened_and_sealed_again(store: Store) -> None:
    store.add_of_the_first_version("first")
    store.add("second")
    before = store.values()
    done = store.rotate()
    store.age()
    go_on(store.installation, COMPONENTS)
    with store.installation.database.write() as tx:
        for name, value in before.items():  # the copy of an operator's own tools
            row = update(signing_key).where(signing_key.c.kid == name)
            tx.execute(row.values(private_sealed=value))
    with pytest.raises(KeyMissing):
        store.require_all_open()
    assert "BAD what is stored needs the key" in sealing_of_doctor(store)
    make_openable(store.open(), COMPONENTS)
    store.require_all_open()
    assert store.prefixes() == {b"\x02" + bytes.fromhex(done.sealing.newest.id)}


def test_a_store_whose_key_is_gone_is_refused_with_its_name(store: Store) -> None:
    store.add("one")
    newest = store.rotate().sealing.newest
    newest.path.unlink()
    with pytest.raises(Conflict) as refused:
        make_openable(store.open(), COMPONENTS)
    assert refused.value.code == "installation.sealing_key_missing"
    assert refused.value.params["keys"] == newest.id
    assert newest.id in sealing_of_doctor(store)


# --- what is sealed is declared ------------------------------------------------------------------


# What opens an installation when it is imported.
SERVED = (".__main__", ".entries.console", ".entries.issuer", ".entries.machine")


def modules() -> Iterator[Any]:
    for room in ROOMS:
        package = importlib.import_module(room)
        for found in pkgutil.walk_packages(package.__path__, f"{room}."):
            if not found.name.endswith(SERVED):
                yield importlib.import_module(found.name)


def purposes() -> dict[str, Purpose]:
    return {
        value.name: value
        for module in modules()
        for value in vars(module).values()
        if isinstance(value, Purpose)
    }


@pytest.mark.without_sql
def test_every_lasting_purpose_has_one_column_that_is_sealed_again() -> None:
    lasting = sorted(name for name, each in purposes().items() if each.life_ms is None)
    assert lasting
    assert sorted(each.purpose.name for each in lasting_columns(COMPONENTS)) == lasting
    for each in lasting_columns(COMPONENTS):
        assert isinstance(each.column.type, LargeBinary), each.column
        assert each.subject in each.table.columns


@pytest.mark.without_sql
def test_purposes_are_made_where_the_test_above_finds_them() -> None:
    """At the top of a module, one name each; and nothing else seals."""
    names = []
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        top = {id(node.value) for node in tree.body if isinstance(node, ast.Assign)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Purpose"):
                assert id(node) in top, f"{path}:{node.lineno}"
                names.append(ast.literal_eval(node.args[0]))
            if isinstance(node, ast.Name | ast.Attribute) and path.name != "sealed.py":
                # Of archives and their chunks: a key and a format of their own.
                is_cipher = ast.unparse(node).endswith("AESGCM")
                assert not is_cipher or path.match("backup/stream.py"), f"{path}:{node.lineno}"
    assert sorted(names) == sorted(set(names)) == sorted(purposes())


@pytest.mark.without_sql
def test_whoever_hands_all_components_over_seals_every_column_again() -> None:
    """In a process of its own: here every module is loaded."""
    list(modules())
    wanted = sorted(str(each.column) for each in lasting_columns(()))
    code = (
        "import json\n"
        "from admin_ui.components import COMPONENTS\n"
        "from admin_ui.operations.sealing.columns import lasting_columns\n"
        "print(json.dumps(sorted(str(each.column) for each in lasting_columns(COMPONENTS))))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    assert json.loads(ran.stdout) == wanted


def test_a_column_that_lasts_must_say_what_it_is_bound_to() -> None:
    from directory.sealed_columns import sealed_for

    with pytest.raises(ValueError, match="bound"):
        sealed_for(Purpose("x", None))
    assert sealed_for(Purpose("x", 1))
    assert len(sealed_columns(metadata.tables.values())) > len(lasting_columns(COMPONENTS))


def test_the_id_of_a_key_is_not_part_of_it(tmp_path: Path) -> None:
    KeyRing.create(tmp_path)
    make_sealing_key(tmp_path)
    ids = [key.id for key in sealing_keys(tmp_path)]
    assert len(set(ids)) == 2 and all(len(each) == 16 for each in ids)
    assert KeyRing(secrets.token_bytes(32)).current_prefix() != b"\x02" + bytes.fromhex(ids[0])
    assert LONGEST_LIFE_MS == DAY
