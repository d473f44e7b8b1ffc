"""Asking slapd whether a password is right: by bind, on connections that do nothing else.

A connection that was bound as a person must never run one of our searches, and nobody ever reads
a hash. What is refused here without asking (no password, NUL, not text) never reaches slapd: an
empty password there is an anonymous bind, and that succeeds (RFC 4513 section 5.1.2).
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from enum import Enum
from pathlib import Path
from typing import Any

from directory.ldap import controls
from directory.ldap.accounts import account_dn, bind_uris
from directory.ldap.base_entries import DECOY
from directory.ldap.connections import BROKEN, Link, breaker, open_link, reachable, unavailable
from directory.ldap.hash_slots import HashSlots
from directory.ldap.passwords import hash_password, matches, password_bytes
from directory.settings import Settings

_IDLE_LINKS = 16
# slapd refuses in about 1 ms when it compares no hash (no such entry, no password, locked); one
# comparison takes more than 15 ms on any machine.
_NO_HASH_S = 0.008

_SUCCESS, _NO_SUCH_ENTRY, _INVALID_DN, _NO_PASSWORD, _INVALID = 0, 32, 34, 48, 49


class BindResult(Enum):
    """What slapd says to a password. Only ACCEPTED lets anyone in.

    LOCKED: right or wrong is not known. EXPIRED, MUST_CHANGE: the password was right.
    None of this may be shown to someone who is not signed in.
    """

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    LOCKED = "locked"
    EXPIRED = "expired"
    MUST_CHANGE = "must_change"


def verify_password(settings: Settings, dn: str, password: object) -> BindResult:
    """Whether `password` is that of the entry `dn`, a person's or a device's.

    Of a person who may not sign in, too, where a listener of the provider is known: ACCEPTED says
    nothing of their standing.

    Takes a hash slot, and takes as long for an entry that does not exist as for a wrong password.
    Raises Unavailable(``ldap.unavailable`` or ``signin.busy``).
    """
    return verify_at(
        bind_uris(settings),
        dn,
        password,
        ca_file=settings.ldap_ca_file,
        slots=HashSlots(settings.run_dir),
        decoy_dn=account_dn(DECOY, settings.suffix),
    )


def verify_if_idle(settings: Settings, dn: str, password: object) -> BindResult | None:
    """As `verify_password`, for work that can wait; None: people are signing in at this moment."""
    with HashSlots(settings.run_dir).spare() as is_idle:
        if not is_idle:
            return None
        return verify_at(bind_uris(settings), dn, password, ca_file=settings.ldap_ca_file)


def verify_at(
    uris: Sequence[str],
    dn: str,
    password: object,
    *,
    ca_file: Path | None = None,
    timeout_s: float = 3.0,
    slots: HashSlots | None = None,
    decoy_dn: str = "",
) -> BindResult:
    """As `verify_password`, at given servers.

    Without a decoy the hash that slapd had no reason to compute is computed here: the same work,
    though not quite the same time.
    """
    usable = password_bytes(password)
    if usable is None or not dn:
        return BindResult.REJECTED
    with slots.slot() if slots else nullcontext():
        began = time.monotonic()
        result = _meaning(_ask(tuple(uris), dn, usable, ca_file, timeout_s))
        # A locked entry is refused before its hash is looked at, however long that took.
        is_quick = time.monotonic() - began < _NO_HASH_S
        if result is BindResult.LOCKED or (result is not BindResult.ACCEPTED and is_quick):
            if decoy_dn:
                _ask(tuple(uris), decoy_dn, usable, ca_file, timeout_s)
            else:
                _spend_a_hash(usable)
    return result


def _meaning(result: Mapping[str, Any]) -> BindResult:
    policy = controls.password_policy_error(result)
    code = int(result["result"])
    if code == _SUCCESS:
        return _SUCCESSES.get(policy, BindResult.ACCEPTED)
    if code == _INVALID:
        return _REFUSALS.get(policy, BindResult.REJECTED)
    if code in (_NO_SUCH_ENTRY, _INVALID_DN, _NO_PASSWORD):
        return BindResult.REJECTED
    raise unavailable(f"bind answered {result['description']}: {result['message']}")


_SUCCESSES: Mapping[int | None, BindResult] = {
    controls.PolicyError.PASSWORD_EXPIRED: BindResult.EXPIRED,  # a grace login
    controls.PolicyError.CHANGE_AFTER_RESET: BindResult.MUST_CHANGE,
}
_REFUSALS: Mapping[int | None, BindResult] = {
    controls.PolicyError.PASSWORD_EXPIRED: BindResult.EXPIRED,
    controls.PolicyError.ACCOUNT_LOCKED: BindResult.LOCKED,
}


def _ask(
    uris: tuple[str, ...], dn: str, password: bytes, ca_file: Path | None, timeout_s: float
) -> Mapping[str, Any]:
    """The bind's result. A bind changes nothing but failure counts, so it may be sent again."""
    failures: list[str] = []
    for uri in reachable(uris):
        key = (uri, ca_file, timeout_s)
        for link in (_idle.take(key), None):
            try:
                fresh = link or open_link(uri, ca_file, timeout_s)
            except BROKEN as error:
                breaker.trip(uri)
                failures.append(f"{uri}: {error}")
                break
            began = time.monotonic()
            try:
                result = _bind_once(fresh, dn, password)
            except BROKEN as error:
                failures.append(f"{uri}: {error}")
                if time.monotonic() - began < 0.9 * timeout_s:
                    continue  # the connection had ended: once more on a fresh one
                breaker.trip(uri)
                break
            breaker.reset(uri)
            _idle.give_back(key, fresh)
            return result
    raise unavailable("; ".join(failures) or "no server answered a moment ago")


def _bind_once(link: Link, dn: str, password: bytes) -> Mapping[str, Any]:
    try:
        _, result, _, _ = link.connection.rebind(
            dn, password, read_server_info=False, controls=[controls.password_policy_request()]
        )
    except BaseException:
        link.close()
        raise
    finally:
        link.connection.password = None
    answer: Mapping[str, Any] = result
    return answer


_Key = tuple[str, Path | None, float]


class _IdleLinks:
    """Bind-only connections nobody uses at the moment. They are given to `_bind_once` alone."""

    def __init__(self) -> None:
        self._links: dict[_Key, list[Link]] = {}
        self._lock = threading.Lock()

    def take(self, key: _Key) -> Link | None:
        while True:
            with self._lock:
                stack = self._links.get(key)
                link = stack.pop() if stack else None
            if link is None or link.is_usable():
                return link
            link.close()

    def give_back(self, key: _Key, link: Link) -> None:
        with self._lock:
            stack = self._links.setdefault(key, [])
            if len(stack) < _IDLE_LINKS:
                stack.append(link)
                return
        link.close()


_idle = _IdleLinks()
_decoy: list[str] = []


def _spend_a_hash(password: bytes) -> None:
    if not _decoy:
        _decoy.append(hash_password(secrets.token_urlsafe()))
    matches(password.decode(), _decoy[0])
