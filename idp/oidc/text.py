"""Spellings the endpoints share."""

from __future__ import annotations

import base64

from idp.clients.model import SCOPES


def encode_base64url(raw: bytes) -> str:
    """RFC 4648 section 5, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def order_scopes(scopes: frozenset[str] | set[str]) -> str:
    """The scope string in its one order, whatever order was asked for."""
    return " ".join(scope for scope in SCOPES if scope in scopes)
