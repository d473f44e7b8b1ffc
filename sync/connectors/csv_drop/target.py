"""A folder as a target of the engine: the rows of a turn are one file, and a manifest beside it.

A row says what an account is to be, not what is to be done: to read a file twice does no harm. The
file counts when its manifest is there. Whoever reads it may answer with a file of results.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from directory.clock import now_ms
from directory.settings import Settings
from directory.sheets.neutral import neutralised
from sync.connectors.csv_drop.folder import Folder, opened
from sync.connectors.csv_drop.kind import CsvDetails
from sync.connectors.json_http import in_one_line
from sync.engine.target import Access, Account, Result, Results, Target

_OURS = ("id", "active", "groups")
_RESULTS = ".results.csv"
_PIECE = 1 << 16


class CsvTarget(Target):
    """Made for one turn; gathers rows, and writes them in the end."""

    def __init__(self, settings: Settings, access: Access, columns: Sequence[str]) -> None:
        self._allowed, self._path = settings.drop_folders, access.definition.url
        self._details: CsvDetails = access.definition.details
        self._columns = columns
        self._rows: dict[str, tuple[Account, bool]] = {}
        self._lock = threading.Lock()

    def test(self) -> str:
        """As `Target.test`."""
        with opened(self._path, self._allowed) as folder:
            folder.require_room()
            probe = f".{self._details.name}-test"
            folder.write(probe, ())
            folder.remove(probe)
            waiting = [name for name in folder.names() if self._is_ours(name, ".json")]
        return f"a folder, {len(waiting)} files in it"

    def create(self, account: Account) -> str:
        """As `Target.create`: the person's id is the account's name there."""
        self._put(account, is_active=True)
        return account.person_id

    def update(self, remote_id: str, held: Account | None, wanted: Account) -> None:  # noqa: ARG002
        """As `Target.update`."""
        self._put(wanted, is_active=True)

    def disable(self, remote_id: str, held: Account | None) -> None:
        """As `Target.disable`: in no group any more."""
        attributes = held.attributes if held is not None else {}
        self._put(Account(remote_id, attributes), is_active=False)

    def change_groups(self, remote_id: str, leave: Sequence[str], join: Sequence[str]) -> None:
        """As `Target.change_groups`: they stand in the account's row."""

    def finish(self, standing: Iterable[Account]) -> int:
        """As `Target.finish`."""
        at = now_ms()
        with opened(self._path, self._allowed) as folder:
            folder.require_room()
            names = folder.names()
            for name in names:  # of a turn that was killed; its rows are in this one again
                if self._is_unfinished(name, names):
                    folder.remove(name)
            while (name := self._name(at)) in names:
                at += 1
            self._write(folder, name, at, standing)
        return at

    def _write(self, folder: Folder, name: str, at: int, standing: Iterable[Account]) -> None:
        told = _Told()
        folder.write(name, told.through(self._pieces(standing)))
        is_full = self._details.is_full
        manifest = {
            "file": name,
            "kind": "full" if is_full else "changes",
            "rows": told.rows,
            "bytes": told.count,
            "sha256": told.digest.hexdigest(),
            "written_at": datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds"),
            "columns": [*self._heads()],
            "separator": self._details.separator,
            "encoding": "utf-8",
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1)
        folder.write(f"{name}.json", [text.encode()])

    def results(self) -> Sequence[Results]:
        """As `Target.results`."""
        found = []
        with opened(self._path, self._allowed) as folder:
            for name in folder.names():
                at = self._written_at(name)
                raw = folder.read(name) if at is not None else None
                rows = _read(raw) if raw is not None else None
                if at is not None and rows is None:
                    folder.rename(name, f"{name}.unreadable")
                elif at is not None and rows is not None:
                    found.append(Results(name, at, rows))
        return found

    def forget_results(self, name: str) -> None:
        """As `Target.forget_results`."""
        with opened(self._path, self._allowed) as folder:
            folder.rename(name, f"{name}.read")

    def _put(self, account: Account, *, is_active: bool) -> None:
        with self._lock:
            self._rows[account.person_id] = (account, is_active)

    def _heads(self) -> Sequence[str]:
        return ("id", "active", *self._columns, "groups")

    def _pieces(self, standing: Iterable[Account]) -> Iterator[tuple[int, bytes]]:
        """Rows and bytes, by and by."""
        text, rows = io.StringIO(newline=""), 0
        writer = csv.writer(
            text, delimiter=self._details.separator, lineterminator=self._details.line_end
        )
        text.write("\ufeff" if self._details.has_mark else "")
        writer.writerow(self._heads())
        for account, is_active in self._all(standing):
            writer.writerow([neutralised(cell) for cell in self._cells(account, is_active)])
            rows += 1
            if text.tell() > _PIECE:
                yield rows, text.getvalue().encode()
                text.seek(0)
                text.truncate()
                rows = 0
        yield rows, text.getvalue().encode()

    def _all(self, standing: Iterable[Account]) -> Iterator[tuple[Account, bool]]:
        if self._details.is_full:
            others = (each for each in standing if each.person_id not in self._rows)
            yield from ((each, True) for each in others)
        yield from self._rows.values()

    def _cells(self, account: Account, is_active: bool) -> Iterator[str]:
        yield account.person_id
        yield "1" if is_active else "0"
        for column in self._columns:
            value = account.attributes.get(column, "")
            yield value if isinstance(value, str) else str(int(value))
        yield "|".join(account.groups)

    def _name(self, at: int) -> str:
        moment = datetime.fromtimestamp(at / 1000, UTC)
        return f"{self._details.name}-{moment:%Y%m%dT%H%M%S}{at % 1000:03}Z.csv"

    def _is_ours(self, name: str, end: str) -> bool:
        form = rf"{re.escape(self._details.name)}-\d{{8}}T\d{{9}}Z\.csv{re.escape(end)}"
        return re.fullmatch(form, name) is not None

    def _is_unfinished(self, name: str, names: Sequence[str]) -> bool:
        if name.startswith(".") and name.endswith(".tmp"):
            whole = name[1:-4].removesuffix(".json")
            return self._is_ours(whole, "")
        return (
            self._is_ours(name, "") and f"{name}.json" not in names and self._is_last(name, names)
        )

    def _is_last(self, name: str, names: Sequence[str]) -> bool:
        """A reader may take manifests away before files: only the newest can be unfinished."""
        return all(other <= name for other in names if self._is_ours(other, ""))

    def _written_at(self, name: str) -> int | None:
        """Of a file of results: when the file was written that it answers to."""
        if not self._is_ours(name, _RESULTS):
            return None
        stamp = name.removesuffix(f".csv{_RESULTS}")[-19:-1]
        try:
            moment = datetime.strptime(stamp[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return None
        return int(moment.timestamp()) * 1000 + int(stamp[15:])


class _Told:
    """What goes through it: how many rows, how many bytes, and which."""

    def __init__(self) -> None:
        self.rows = self.count = 0
        self.digest = hashlib.sha256()

    def through(self, pieces: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
        for rows, piece in pieces:
            self.rows += rows
            self.count += len(piece)
            self.digest.update(piece)
            yield piece


def _read(raw: bytes) -> Sequence[Result] | None:
    """The rows of a file of results: id, result (ok, or a word of theirs), message."""
    try:
        text = raw.decode("utf-8-sig")
        separator = max((",", ";", "\t"), key=text.partition("\n")[0].count)
        lines = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        return [found for line in lines if (found := _result(line)) is not None]
    except (UnicodeDecodeError, csv.Error):
        return None


def _result(line: Mapping[str, str | None]) -> Result | None:
    person_id, result = line.get("id"), (line.get("result") or "").strip()
    if not person_id or not result:
        return None
    said = in_one_line(f"{result}: {line.get('message') or ''}")
    return Result(person_id, is_taken=result.lower() == "ok", says=said)


def open_target(settings: Settings, access: Access) -> CsvTarget:
    """A folder, for one turn."""
    return CsvTarget(settings, access, access.attributes)
