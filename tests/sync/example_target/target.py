"""The table as a target of the engine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from directory.settings import Settings
from sync.engine.target import Access, Account, AccountPage, Found, Gone, Taken, Target, Unreachable

_ALL = "SELECT id, login, person_id, active, name FROM accounts"
_AT_ONCE = 100


class TableTarget(Target):
    """Made for one turn and called from several threads: each call opens the file for itself."""

    def __init__(self, file: str) -> None:
        self._file = file

    def test(self) -> str:
        """As `Target.test`."""
        with self._open() as store:
            (count,) = store.execute("SELECT count(*) FROM accounts").fetchone()
        return f"a table of {count} accounts"

    def find(self, account: Account) -> Sequence[Found]:
        """As `Target.find`."""
        names = (account.attributes["login"], account.person_id)
        with self._open() as store:
            rows = store.execute(f"{_ALL} WHERE login = ? OR person_id = ?", names)
            return [_found(row) for row in rows]

    def create(self, account: Account) -> str:
        """As `Target.create`."""
        with self._open() as store:
            try:
                done = store.execute(
                    "INSERT INTO accounts (login, name, person_id, active) VALUES (?, ?, ?, 1)",
                    (*_values(account), account.person_id),
                )
            except sqlite3.IntegrityError as error:
                raise Taken(str(error)) from error
        return str(done.lastrowid)

    def update(self, remote_id: str, held: Account | None, wanted: Account) -> None:
        """As `Target.update`: whatever it held, all of it is written."""
        change = "login = ?, name = ?, person_id = ?, active = 1"
        self._change(change, remote_id, *_values(wanted), wanted.person_id)

    def disable(self, remote_id: str, held: Account | None) -> None:
        """As `Target.disable`."""
        self._change("active = 0", remote_id)

    def list_accounts(self, place: str) -> AccountPage:
        """As `Target.list_accounts`: the place is the last id that was read."""
        with self._open() as store:
            rows = store.execute(f"{_ALL} WHERE id > ? ORDER BY id LIMIT ?", (place or 0, _AT_ONCE))
            found = [_found(row) for row in rows]
        return AccountPage(found, found[-1].remote_id if len(found) == _AT_ONCE else None)

    def _change(self, change: str, remote_id: str, *values: object) -> None:
        with self._open() as store:
            done = store.execute(f"UPDATE accounts SET {change} WHERE id = ?", (*values, remote_id))
            if not done.rowcount:
                raise Gone(remote_id)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            store = sqlite3.connect(f"file:{self._file}?mode=rw", uri=True)
            with store:  # commits, or takes back
                yield store
            store.close()
        except sqlite3.OperationalError as error:
            raise Unreachable(f"{self._file}: {error}") from error


def open_target(_settings: Settings, access: Access) -> TableTarget:
    """The table, for one turn."""
    return TableTarget(access.definition.url)


def _values(account: Account) -> tuple[object, object]:
    return account.attributes["login"], account.attributes.get("name", "")


def _found(row: tuple[int, str, str, int, str]) -> Found:
    remote_id, login, person_id, active, name = row
    return Found(str(remote_id), login, person_id, bool(active), {"login": login, "name": name})
