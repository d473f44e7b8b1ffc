"""Reading a list in: lines that name nobody of ours are counted and forgotten at once, the others
sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.log import record
from directory.authz.decisions import require
from directory.authz.objects import InPlace
from directory.errors import Invalid
from directory.ids import digest
from directory.installation import Installation
from directory.ldap.passwords import normal_form, password_bytes
from directory.leaked_passwords import store
from directory.leaked_passwords.errors import LEAKED_NOTHING, LEAKED_TOO_LONG
from directory.leaked_passwords.events import LEAKED_LIST_READ
from directory.leaked_passwords.permissions import LeakedPermission
from directory.leaked_passwords.store import Numbers
from directory.projection import queries
from directory.projection.rows import login_key

MOST_LINES = 5_000_000
_LONGEST_LOGIN = 254
_AT_ONCE = 200
_PROVINCE = InPlace("")


def read_in(
    installation: Installation, actor: Actor, lines: Iterable[bytes], separator: str = ":"
) -> Numbers:
    """Take a list: one login or work address, the separator and one password a line. The worker
    tries what names somebody; gives the numbers so far.

    Raises Invalid(``leaked.nothing``, ``leaked.too_long``); then nothing of it is kept.
    """
    with installation.database.write() as tx:
        require(tx, actor, LeakedPermission.IMPORT, _PROVINCE)
        list_id = store.begin(tx, str(actor))
    try:
        return _read(installation, actor, list_id, lines, separator)
    except BaseException:
        with installation.database.write() as tx:
            store.give_up(tx, list_id)
        raise


def _read(
    installation: Installation, actor: Actor, list_id: str, lines: Iterable[bytes], separator: str
) -> Numbers:
    reader = _Reader(list_id, separator)
    for some in _portions(lines):
        typed = [pair for line in some if (pair := reader.parsed(line))]
        with installation.database.read() as tx:
            found = [
                pair for login, password in typed if (pair := reader.held(tx, login, password))
            ]
        with installation.database.write() as tx:
            store.add(tx, installation.keyring, list_id, found)
    numbers = reader.numbers
    if numbers.unreadable == numbers.lines:
        raise Invalid(LEAKED_NOTHING, field="file", separator=separator)
    known = numbers.lines - numbers.unreadable - numbers.unknown - numbers.repeated
    with installation.database.write() as tx:
        store.end_reading(tx, list_id, numbers)
        record(
            tx,
            LEAKED_LIST_READ,
            actor,
            list=list_id,
            lines=numbers.lines,
            known=known,
            unreadable=numbers.unreadable,
        )
    return replace(numbers, state="matching", waiting=known)


def _portions(lines: Iterable[bytes]) -> Iterator[Sequence[bytes]]:
    rest = iter(lines)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


@dataclass
class _Reader:
    """Counts, and knows what it has seen of this list."""

    list_id: str
    separator: str
    numbers: Numbers = field(init=False)
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.numbers = Numbers(self.list_id, "reading", 0)

    def parsed(self, line: bytes) -> tuple[str, str] | None:
        """Login and password; a password may hold the separator, a login does not."""
        self._count("lines")
        if self.numbers.lines > MOST_LINES:
            raise Invalid(LEAKED_TOO_LONG, field="file", most=MOST_LINES)
        text = _decoded(line)
        login, mark, password = text.partition(self.separator)
        is_login = bool(mark) and 0 < len(login.strip()) <= _LONGEST_LOGIN
        if not is_login or password_bytes(password) is None:
            self._count("unreadable")
            return None
        return login.strip(), password

    def held(self, tx: Connection, login: str, password: str) -> tuple[str, str] | None:
        """Whose it would be; None for nobody's, or for what stood there before."""
        person = queries.find_person_by_login(tx, login_key(login))
        if person is None or person.status == "left":
            self._count("unknown")
            return None
        mark = digest(f"{person.id} {normal_form(password)}")
        if mark in self.seen:
            self._count("repeated")
            return None
        self.seen.add(mark)
        return person.id, password

    def _count(self, name: str) -> None:
        self.numbers = replace(self.numbers, **{name: getattr(self.numbers, name) + 1})


def _decoded(line: bytes) -> str:
    try:
        return line.decode().rstrip("\r\n").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return ""
