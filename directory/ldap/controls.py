"""The LDAP controls we send, and what comes back with them. ldap3 knows pre- and post-read only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Literal
from uuid import UUID

from ldap3.operation import search as _search
from ldap3.protocol.rfc4527 import post_read_control
from ldap3.utils import asn1 as _asn1

from directory.ldap import ber
from directory.ldap.entries import Entry, Refresh

ASSERTION = "1.3.6.1.1.12"  # RFC 4528
POST_READ = "1.3.6.1.1.13.2"  # RFC 4527
PASSWORD_POLICY = "1.3.6.1.4.1.42.2.27.8.5.1"  # noqa: S105 - draft-behera-ldap-password-policy-10
PAGED_RESULTS = "1.2.840.113556.1.4.319"  # RFC 2696
SYNC_REQUEST = "1.3.6.1.4.1.4203.1.9.1.1"  # RFC 4533
SYNC_STATE = "1.3.6.1.4.1.4203.1.9.1.2"
SYNC_DONE = "1.3.6.1.4.1.4203.1.9.1.3"
SYNC_INFO = "1.3.6.1.4.1.4203.1.9.1.4"

Control = tuple[str, bool, bytes | None]
Answer = Mapping[str, Any]

# What ldap3 uses itself to send a filter; its stubs do not say so.
_filters: Any = _search
_encoder: Any = _asn1

_REFRESH_ONLY = 1
_PRESENT, _ADD, _MODIFY, _DELETE = range(4)
_TAG_NEW_COOKIE, _TAG_REFRESH_DELETE, _TAG_REFRESH_PRESENT, _TAG_ID_SET = 0x80, 0xA1, 0xA2, 0xA3


class PolicyError(IntEnum):
    """The error field of a password policy response."""

    PASSWORD_EXPIRED = 0
    ACCOUNT_LOCKED = 1
    CHANGE_AFTER_RESET = 2


def assertion(filter_: str) -> Control:
    """The operation happens only if its entry matches `filter_`; critical."""
    root = _filters.parse_filter(filter_, None, False, False, None, False)
    return ASSERTION, True, _encoder.encode(_filters.compile_filter(root.elements[0]))


def read_back(*attributes: str) -> Any:
    """Ask for `attributes` as they are right after the operation, in the same answer.

    Not critical: cn=config has no post-read, and must take the steps of a migration.
    """
    return post_read_control(list(attributes), criticality=False)


def read_back_value(result: Answer, attribute: str) -> str:
    """The value of `attribute` that `read_back` asked for; empty from cn=config."""
    control = (result.get("controls") or {}).get(POST_READ)
    return str(control["value"]["result"][attribute][0]) if control else ""


def next_page(result: Answer) -> bytes:
    """Where the next page begins; empty after the last one."""
    control = (result.get("controls") or {}).get(PAGED_RESULTS)
    return bytes(control["value"]["cookie"]) if control else b""


def password_policy_request() -> Control:
    """Ask why a bind was refused, or what comes with its success."""
    return PASSWORD_POLICY, False, None


def password_policy_error(result: Answer) -> int | None:
    """The error number of the password policy response, None when it carries none.

    ``SEQUENCE { warning [0] CHOICE OPTIONAL, error [1] ENUMERATED OPTIONAL }``; ldap3 hands it
    over undecoded.
    """
    control = (result.get("controls") or {}).get(PASSWORD_POLICY)
    if not control or not control["value"]:
        return None
    for tag, value in ber.elements(ber.contents(bytes(control["value"]))):
        if tag == 0x81:
            return int.from_bytes(value, "big")
    return None


def sync_request(cookie: bytes | None) -> Control:
    """Ask for what changed since `cookie`, then end (refreshOnly)."""
    parts = [ber.encode(ber.ENUMERATED, bytes([_REFRESH_ONLY]))]
    if cookie is not None:
        parts.append(ber.encode(ber.OCTETS, cookie))
    return SYNC_REQUEST, True, ber.encode(ber.SEQUENCE, *parts)


def read_refresh(
    responses: Sequence[tuple[Answer, Entry | None]], result: Answer, cookie: bytes | None
) -> Refresh:
    """Put together what a search with `sync_request(cookie)` answered.

    `responses`: every response in order, with its entry where it is one.
    """
    collector = _Collector(cookie)
    for response, entry in responses:
        if entry is not None:
            collector.take_entry(response, entry)
        elif response.get("responseName") == SYNC_INFO:
            collector.take_info(bytes(response["responseValue"]))
    done = (result.get("controls") or {}).get(SYNC_DONE)
    if done and done["value"]:
        collector.take_sequence(ber.contents(bytes(done["value"])))
    return collector.refresh(complete=cookie is None)


class _Collector:
    def __init__(self, cookie: bytes | None) -> None:
        self._entries: list[tuple[str, Entry, Literal["add", "modify"]]] = []
        self._present: set[str] = set()
        self._deleted: set[str] = set()
        self._deletes = False
        self._cookie = cookie

    def take_entry(self, response: Answer, entry: Entry) -> None:
        """``SEQUENCE { state ENUMERATED, entryUUID OCTETS, cookie OCTETS OPTIONAL }``"""
        parts = list(ber.elements(ber.contents(bytes(response["controls"][SYNC_STATE]["value"]))))
        state, uuid = parts[0][1][-1], str(UUID(bytes=parts[1][1]))
        if len(parts) > 2:
            self._cookie = parts[2][1]
        if state == _PRESENT:
            self._present.add(uuid)
        elif state == _DELETE:
            self._deleted.add(uuid)
        else:
            self._entries.append((uuid, entry, "add" if state == _ADD else "modify"))

    def take_info(self, value: bytes) -> None:
        """A SyncInfo message: a new cookie, the end of a phase, or a set of ids."""
        for tag, inner in ber.elements(value):
            if tag == _TAG_NEW_COOKIE:
                self._cookie = inner
            elif tag == _TAG_ID_SET:
                self._take_id_set(inner)
            elif tag == _TAG_REFRESH_DELETE:
                self._deletes = True
                self._take_cookie(inner)
            elif tag == _TAG_REFRESH_PRESENT:
                self._take_cookie(inner)

    def take_sequence(self, inner: bytes) -> None:
        """The done control: ``cookie OCTETS OPTIONAL, refreshDeletes BOOLEAN DEFAULT FALSE``."""
        self._take_cookie(inner)
        for tag, value in ber.elements(inner):
            if tag == ber.BOOLEAN:
                self._deletes = value != b"\0"

    def _take_cookie(self, inner: bytes) -> None:
        for tag, value in ber.elements(inner):
            if tag == ber.OCTETS:
                self._cookie = value

    def _take_id_set(self, inner: bytes) -> None:
        uuids: set[str] = set()
        deletes = False
        for tag, value in ber.elements(inner):
            if tag == ber.OCTETS:
                self._cookie = value
            elif tag == ber.BOOLEAN:
                deletes = value != b"\0"
            elif tag == ber.SET:
                uuids = {str(UUID(bytes=raw)) for _, raw in ber.elements(value)}
        (self._deleted if deletes else self._present).update(uuids)

    def refresh(self, *, complete: bool) -> Refresh:
        return Refresh(
            entries=tuple(self._entries),
            present=frozenset(self._present),
            deleted=frozenset(self._deleted),
            refresh_deletes=self._deletes,
            complete=complete,
            cookie=self._cookie,
        )
