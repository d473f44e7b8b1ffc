"""Notices as far as an actor may keep them: all of them, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.kinds import Vocabulary
from directory.audit.sentences import actor_name
from directory.authz.decisions import require
from directory.authz.denials import record_denial
from directory.authz.naming import name_tags
from directory.authz.objects import InPlace
from directory.errors import Forbidden, NotFound, Words
from directory.installation import Installation
from directory.notices import service, showing
from directory.notices.errors import NOTICE_UNKNOWN
from directory.notices.permissions import NoticePermission
from directory.notices.service import Notice
from directory.notices.terms import Terms

_T = TypeVar("_T")
_PROVINCE = InPlace("")


@dataclass(frozen=True)
class ShownNotice:
    """A notice with names for whoever put it up, changed it and took it down."""

    notice: Notice
    put_up_by: Words
    changed_by: Words
    taken_down_by: Words


@dataclass(frozen=True)
class EndedNotices:
    """A page of what nobody sees any more, and how many there are in all."""

    notices: Sequence[ShownNotice]
    total: int


@dataclass(frozen=True)
class NoticesFor:
    """Notices as far as `actor` may keep them. All of it raises Forbidden for whoever may not."""

    _installation: Installation
    _actor: Actor
    _vocabulary: Vocabulary

    def standing(self) -> Sequence[ShownNotice]:
        """What is shown, or will be; the newest first."""
        return self._read(lambda tx: self._named(tx, service.list_standing(tx)))

    def ended(self, number: int, size: int) -> EndedNotices:
        """A page of what nobody sees any more; the newest first."""

        def read(tx: Connection) -> EndedNotices:
            found = service.list_ended(tx, size, (number - 1) * size)
            return EndedNotices(self._named(tx, found), service.count_ended(tx))

        return self._read(read)

    def show(self, notice_id: str) -> ShownNotice:
        """One of them. Raises NotFound."""

        def read(tx: Connection) -> ShownNotice | None:
            found = service.find(tx, notice_id[:64])
            return self._named(tx, [found])[0] if found else None

        shown = self._read(read)
        if shown is None:
            raise NotFound(NOTICE_UNKNOWN, value=notice_id)
        return shown

    def put_up(self, terms: Terms) -> tuple[Notice, bool]:
        """As `directory.notices.service.put_up`."""
        return self._write(lambda tx: service.put_up(tx, self._actor, terms))

    def change(self, notice_id: str, terms: Terms, seen: int) -> Notice:
        """As `directory.notices.service.change`."""
        return self._write(lambda tx: service.change(tx, self._actor, notice_id[:64], terms, seen))

    def take_down(self, notice_id: str) -> Notice:
        """As `directory.notices.service.take_down`."""
        return self._write(lambda tx: service.take_down(tx, self._actor, notice_id[:64]))

    def _named(self, tx: Connection, notices: Sequence[Notice]) -> Sequence[ShownNotice]:
        tags = {tag for n in notices for tag in (n.put_up_by, n.changed_by, n.taken_down_by)}
        names = name_tags(tx, tags)

        def named(tag: str) -> Words:
            vi, en = (actor_name(tag, self._vocabulary, names, each) for each in ("vi", "en"))
            return Words(vi, en) if tag else Words("", "")

        return [
            ShownNotice(n, named(n.put_up_by), named(n.changed_by), named(n.taken_down_by))
            for n in notices
        ]

    def _read(self, work: Callable[[Connection], _T]) -> _T:
        try:
            with self._installation.database.read() as tx:
                require(tx, self._actor, NoticePermission.WRITE, _PROVINCE)
                return work(tx)
        except Forbidden as refused:
            self._note(refused)
            raise

    def _write(self, work: Callable[[Connection], _T]) -> _T:
        try:
            done = self._installation.database.retrying(work)
        except Forbidden as refused:
            self._note(refused)
            raise
        showing.forget(self._installation.database)
        return done

    def _note(self, refused: Forbidden) -> None:
        reason = str(refused.params.get("reason", ""))
        action, tag = NoticePermission.WRITE, _PROVINCE.tag
        record_denial(self._installation, self._actor, action, tag, reason)
