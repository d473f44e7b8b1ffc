"""Proxies nobody declared: told in the log, where `danhmuc doctor` finds them."""

from __future__ import annotations

from sqlalchemy import Connection

from directory.audit.log import record
from idp.throttle.events import PROXY_UNDECLARED
from web.current import actor_here
from web.request import sender

# Anybody who reaches us can claim to forward: each process tells of so many, each once.
_MOST_TOLD = 20
_told: set[str] = set()


def record_undeclared(tx: Connection) -> None:
    """Take note of the proxy this request came through, if it is not configured as one."""
    peer = sender().undeclared_proxy
    if not peer or peer in _told or len(_told) >= _MOST_TOLD:
        return
    _told.add(peer)
    record(tx, PROXY_UNDECLARED, actor_here(), peer=peer)
