"""The way to the catalogue: read, search, add, modify, delete, refresh.

Reads are tried once more on a broken connection and fail over to the next server. Writes are never
sent twice: when the answer is lost, ``ldap.unavailable`` is raised and the caller's intent finds
out by reading the entry.
"""

from __future__ import annotations

import math
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

from ldap3 import (
    BASE,
    DEREF_NEVER,
    LEVEL,
    MODIFY_ADD,
    MODIFY_DELETE,
    MODIFY_REPLACE,
    SUBTREE,
)

from directory.errors import AppError
from directory.ldap import controls
from directory.ldap.connections import BROKEN, Link, Login, breaker, open_bound, unavailable
from directory.ldap.entries import Change, Entry, Refresh
from directory.ldap.filters import escape
from directory.ldap.results import (
    NO_SUCH_OBJECT,
    REFRESH_REQUIRED,
    SIZE_LIMIT_EXCEEDED,
    UNWILLING_TO_PERFORM,
    check,
)

__all__ = ["ALL", "Change", "Entry", "Gateway", "Refresh", "escape"]

ALL: tuple[str, ...] = ("*",)
"""All user attributes; name operational ones (``entryCSN``, ``entryUUID``) beside it."""

_ANY = "(objectClass=*)"
_SCOPES = {"base": BASE, "one": LEVEL, "sub": SUBTREE}
_OPERATIONS = {"add": MODIFY_ADD, "replace": MODIFY_REPLACE, "delete": MODIFY_DELETE}
_RETURN_TO_FIRST_S = 30.0
_REFRESH_TIMEOUT_S = 120.0  # a first load of 200,000 entries, a present phase after a restart

_T = TypeVar("_T")


class Gateway:
    """Thread-safe access as one account: a connection per thread, opened when first needed.

    `uris` are tried in order; a thread that had to use a later one goes back to the first after
    30 s. `timeout_s` bounds connecting and each wait for an answer. Every method raises
    Unavailable(``ldap.unavailable``) when no server answers; the other errors are those of
    `directory.ldap.results`.
    """

    def __init__(
        self,
        uris: Sequence[str],
        bind_dn: str,
        password: str,
        *,
        ca_file: Path | None = None,
        timeout_s: float = 3.0,
        external: bool = False,
    ) -> None:
        self._uris = tuple(uris)
        self._login = Login(bind_dn, password, external)
        self._ca_file = ca_file
        self._timeout_s = timeout_s
        self._local = threading.local()
        self._links: weakref.WeakSet[_Held] = weakref.WeakSet()
        self._lock = threading.Lock()

    @classmethod
    def external(cls, uri: str, *, timeout_s: float = 3.0) -> Gateway:
        """As the operating-system user over ``ldapi://`` (SASL EXTERNAL): the directory's manager.

        For building, migration and backup only; the services bind as their own accounts.
        """
        return cls((uri,), "", "", timeout_s=timeout_s, external=True)

    def read(self, dn: str, attributes: Sequence[str] = ALL) -> Entry | None:
        """The entry `dn`, None when there is none (or this account may not see it)."""

        def ask(link: Link) -> list[Entry]:
            result, responses = self._search(link, dn, _ANY, "base", attributes)
            if result["result"] == NO_SUCH_OBJECT:
                return []
            check(result)
            return _entries(responses)

        found = self._reading(ask)
        return found[0] if found else None

    def search(
        self,
        base: str,
        filter_: str,
        attributes: Sequence[str],
        *,
        scope: Literal["one", "sub", "base"] = "one",
        size_limit: int = 0,
    ) -> list[Entry]:
        """The entries at `base` that match `filter_` (build it with `escape`).

        `size_limit`: at most so many, silently; 0 is no limit of ours, and going over the
        server's raises ``ldap.too_many_entries``, so a short answer is never taken for a whole one.
        """

        def ask(link: Link) -> list[Entry]:
            result, responses = self._search(link, base, filter_, scope, attributes, size_limit)
            if not (size_limit and result["result"] == SIZE_LIMIT_EXCEEDED):
                check(result)
            return _entries(responses)

        return self._reading(ask)

    def pages(
        self, base: str, filter_: str, attributes: Sequence[str], *, page_size: int = 500
    ) -> Iterator[list[Entry]]:
        """Every entry under `base` that matches, a page at a time (RFC 2696).

        Memory stays bounded whatever the number. The server keeps the place with this thread's
        connection: when it breaks, Unavailable is raised, and the caller begins again.
        """
        place: bytes | None = None
        link: Link | None = None
        while place != b"":
            held = self._held()
            if link is not None and held.link is not link:
                raise unavailable("the connection was lost between two pages")
            try:
                with held.used() as link:
                    _, result, responses, _ = link.connection.search(
                        base,
                        filter_,
                        SUBTREE,
                        dereference_aliases=DEREF_NEVER,
                        attributes=list(attributes),
                        paged_size=page_size,
                        paged_cookie=place,
                    )
            except BROKEN as error:
                raise unavailable(str(error)) from error
            check(result)
            place = controls.next_page(result)
            yield _entries(responses or ())

    def add(self, dn: str, attributes: Mapping[str, Sequence[str]]) -> str:
        """Add an entry, ``objectClass`` among its attributes. Returns its entryCSN."""
        values = {name: list(given) for name, given in attributes.items() if given}
        with self._writing() as link:
            _, result, _, _ = link.connection.add(
                dn, attributes=values, controls=[controls.read_back("entryCSN")]
            )
        check(result)
        return controls.read_back_value(result, "entryCSN")

    def modify(self, dn: str, changes: Sequence[Change], *, assertion: str | None = None) -> str:
        """Change one entry, all of `changes` or none. Returns its new entryCSN.

        `assertion`: a filter the entry must match at that moment (RFC 4528), else
        Conflict(``ldap.assertion_failed``).
        """
        wanted: dict[str, list[tuple[str, list[str]]]] = {}
        for change in changes:
            step = (_OPERATIONS[change.operation], list(change.values))
            wanted.setdefault(change.attribute, []).append(step)
        asked = [controls.read_back("entryCSN"), *_asserting(assertion)]
        with self._writing() as link:
            _, result, _, _ = link.connection.modify(dn, wanted, controls=asked)
        check(result)
        return controls.read_back_value(result, "entryCSN")

    def delete(self, dn: str, *, assertion: str | None = None) -> None:
        """Delete one entry; `assertion` as in `modify`."""
        with self._writing() as link:
            _, result, _, _ = link.connection.delete(dn, controls=_asserting(assertion) or None)
        check(result)

    def refresh(
        self, base: str, filter_: str, attributes: Sequence[str], cookie: bytes | None
    ) -> Refresh:
        """What changed under `base` since `cookie` (RFC 4533 refreshOnly); None asks for all.

        When the server cannot go on from `cookie`, `reload_required` is set: it has forgotten
        (e-syncRefreshRequired), or it is behind the cookie after a crash or a restore
        ("consumer state is newer than provider"). Only a load without a cookie is true then.
        """

        def ask(link: Link) -> Refresh:
            link.connection.socket.settimeout(_REFRESH_TIMEOUT_S)
            try:
                _, result, responses, _ = link.connection.search(
                    base,
                    filter_,
                    SUBTREE,
                    dereference_aliases=DEREF_NEVER,  # ldap3's default is a protocolError here
                    attributes=list(attributes),
                    controls=[controls.sync_request(cookie)],
                )
            finally:
                if link.connection.socket:
                    link.connection.socket.settimeout(self._timeout_s)
            if cookie is not None and result["result"] in (REFRESH_REQUIRED, UNWILLING_TO_PERFORM):
                return Refresh(reload_required=True)
            check(result)
            paired = [(response, _entry_or_none(response)) for response in responses or ()]
            return controls.read_refresh(paired, result, cookie)

        return self._reading(ask)

    def close(self) -> None:
        """Hang up in every thread (before serving in a forked process, at the end)."""
        with self._lock:
            held = list(self._links)
        for one in held:
            one.drop()

    def _search(
        self,
        link: Link,
        base: str,
        filter_: str,
        scope: str,
        attributes: Sequence[str],
        size_limit: int = 0,
    ) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]:
        _, result, responses, _ = link.connection.search(
            base,
            filter_,
            _SCOPES[scope],
            dereference_aliases=DEREF_NEVER,
            attributes=list(attributes),
            size_limit=size_limit,
            time_limit=math.ceil(self._timeout_s),
        )
        return result, responses or ()

    def _reading(self, ask: Callable[[Link], _T]) -> _T:
        for _ in range(1 + max(2, len(self._uris))):
            held = self._held()
            try:
                with held.used() as link:
                    return ask(link)
            except BROKEN as error:
                failure = str(error)
        raise unavailable(failure)

    @contextmanager
    def _writing(self) -> Iterator[Link]:
        try:
            with self._held().used() as link:
                yield link
        except BROKEN as error:
            raise unavailable(f"the answer to a write was lost: {error}") from error

    def _held(self) -> _Held:
        held: _Held | None = getattr(self._local, "held", None)
        if held is None:
            held = self._local.held = _Held()
            with self._lock:
                self._links.add(held)
        if not held.is_good(self._uris[0]):
            held.drop()
            held.link = open_bound(self._uris, self._login, self._ca_file, self._timeout_s)
        return held


class _Held:
    """A thread's connection."""

    def __init__(self) -> None:
        self.link: Link | None = None

    def is_good(self, first_uri: str) -> bool:
        if self.link is None or not self.link.is_usable():
            return False
        strayed = self.link.uri != first_uri and not breaker.is_open(first_uri)
        return not (strayed and time.monotonic() - self.link.opened_at > _RETURN_TO_FIRST_S)

    def drop(self) -> None:
        link, self.link = self.link, None
        if link is not None:
            link.close()

    @contextmanager
    def used(self) -> Iterator[Link]:
        """The connection for one request. Whatever interrupts the request ends the connection:
        a late answer must never be taken for the answer to the next question."""
        link = self.link
        if link is None:
            raise OSError("closed by another thread")
        began = time.monotonic()
        try:
            yield link
        except AppError:
            raise
        except BaseException as error:
            if isinstance(error, BROKEN) and time.monotonic() - began >= 0.9 * link.timeout_s:
                breaker.trip(link.uri)  # it hangs: the next try must go elsewhere
            self.drop()
            raise


def _asserting(assertion: str | None) -> list[controls.Control]:
    if not assertion:
        return []
    # slapo-unique passes our controls on to the search it makes itself, and there the assertion is
    # held against the search base (2.5.13: "assertionFailed: unique_search failed"). The base, a
    # container, has no dmId; every entry we assert anything about has one.
    return [controls.assertion(f"(|(!(dmId=*)){assertion})")]


def _entries(responses: Sequence[Mapping[str, Any]]) -> list[Entry]:
    found = (_entry_or_none(response) for response in responses)
    return [entry for entry in found if entry is not None]


def _entry_or_none(response: Mapping[str, Any]) -> Entry | None:
    if response["type"] != "searchResEntry":
        return None
    return Entry(
        dn=str(response["dn"]),
        attributes={
            name: tuple(bytes(value).decode("utf-8", "surrogateescape") for value in values or ())
            for name, values in response["raw_attributes"].items()
        },
    )
