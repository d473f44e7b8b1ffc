"""Requests of an application that were refused lately, for whoever runs it.

They are told from the audit log, which holds them within the budgets of strangers and with what
was received cut (`idp.oidc.diagnosis`); what is registered is told as it is now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from directory.actor import network_of
from directory.audit.event import Event
from directory.audit.log import client_tag
from directory.audit.reading import list_about
from directory.clock import DAY, now_ms
from directory.errors import Words
from idp.clients.model import Client
from idp.logout.events import LOGOUT_NOT_NOTIFIED, LOGOUT_RETURN_REFUSED
from idp.oidc.diagnosis import Fault, explain, received_of
from idp.oidc.events import (
    AUTHZ_REDIRECT_REJECTED,
    AUTHZ_REQUEST_REFUSED,
    CLIENT_AUTH_FAILED,
    TOKEN_REFUSED,
)

LOOKED_BACK_MS = 7 * DAY
MOST_SHOWN = 20
# Whoever sends rubbish from one network does not hide what others did wrong.
MOST_OF_A_NETWORK = 5
_MOST_READ = 1000
# The course of things: a person signed out, may no longer enter, or proves too little by now.
_EVERYDAY = frozenset(
    {
        "The sign-in behind this code is no longer valid.",
        "The sign-in behind this token is no longer valid.",
        "The person may not enter this application.",
        "The person must prove two factors.",
    }
)
_RETURN = Words(
    "Không trả người dùng về sau khi đăng xuất: địa chỉ chưa đăng ký",
    "After a sign-out nobody was sent back: the address is not registered",
)
_RETURN_UNPROVEN = Words(
    "Không trả người dùng về sau khi đăng xuất: thiếu id_token_hint hợp lệ",
    "After a sign-out nobody was sent back: no genuine id_token_hint",
)
_RETURN_ADVICE = Words(
    "Đăng ký địa chỉ sau đăng xuất giống từng ký tự, và gửi kèm id_token_hint.",
    "Register the address after sign-out, the same character by character, and send the "
    "id_token_hint with it.",
)
_UNTOLD = Words(
    "Không báo được đăng xuất cho ứng dụng", "The application could not be told of a sign-out"
)
_UNTOLD_ADVICE = Words(
    "Kiểm tra địa chỉ nhận thông báo đăng xuất (back-channel) có truy cập được từ máy chủ này "
    "và trả lời mã 200.",
    "See that the back-channel address can be reached from this server and answers 200.",
)


@dataclass(frozen=True)
class RecentError:
    """The same refusal, as often as it happened from one address. `at` (ms): the last time;
    `request_id`: of that time, for the log."""

    fault: Fault
    at: int
    count: int
    address: str
    request_id: str


def list_recent_errors(tx: Connection, client: Client) -> Sequence[RecentError]:
    """The latest of a week, the newest first; the same ones are one."""
    found: dict[object, RecentError] = {}
    lines: Counter[str] = Counter()
    since = now_ms() - LOOKED_BACK_MS
    kinds = tuple(_TOLD)
    for event in list_about(tx, kinds, client_tag(client.id), since=since, limit=_MOST_READ):
        fault = _TOLD[event.kind](client, event)
        if event.fields.get("reason") in _EVERYDAY:
            continue
        key = (event.kind, fault.parameter, fault.problem, fault.received, event.address)
        if known := found.get(key):
            found[key] = replace(known, count=known.count + 1)
        elif len(found) < MOST_SHOWN and lines[network_of(event.address)] < MOST_OF_A_NETWORK:
            lines[network_of(event.address)] += 1
            found[key] = RecentError(fault, event.at, 1, event.address, event.request_id)
    return list(found.values())


def _refused(client: Client, event: Event) -> Fault:
    """What an endpoint refused; events of earlier versions name neither parameter nor value."""
    told = {name: str(event.fields.get(name) or "") for name in _FIELDS}
    return explain(client, told["reason"], told["error"], told["parameter"], told["received"])


def _unproven(client: Client, event: Event) -> Fault:
    reason = str(event.fields.get("reason") or "")
    told = explain(client, reason, "invalid_client")
    # Where a secret was sent in another way: which.
    is_method = bool(told.registered)
    return replace(told, received=str(event.fields.get("method") or "")) if is_method else told


def _not_returned(client: Client, event: Event) -> Fault:
    is_unproven = event.fields.get("reason") == "return_unproven"
    received = received_of({"address": str(event.fields.get("received") or "")}, "address")
    return Fault(
        "post_logout_redirect_uri",
        _RETURN_UNPROVEN if is_unproven else _RETURN,
        received,
        client.post_logout_redirect_uris,
        _RETURN_ADVICE,
    )


def _not_told(client: Client, _event: Event) -> Fault:
    registered = (client.backchannel_logout_uri,) if client.backchannel_logout_uri else ()
    return Fault("backchannel_logout_uri", _UNTOLD, "", registered, _UNTOLD_ADVICE)


_FIELDS = ("reason", "error", "parameter", "received")
_TOLD: Mapping[str, Callable[[Client, Event], Fault]] = {
    AUTHZ_REDIRECT_REJECTED.name: _refused,
    AUTHZ_REQUEST_REFUSED.name: _refused,
    TOKEN_REFUSED.name: _refused,
    CLIENT_AUTH_FAILED.name: _unproven,
    LOGOUT_RETURN_REFUSED.name: _not_returned,
    LOGOUT_NOT_NOTIFIED.name: _not_told,
}
