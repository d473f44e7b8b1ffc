"""Vouchers: whose, until when, and that we made them."""

from __future__ import annotations

import hmac

from sqlalchemy import Connection

from directory.clock import SECOND, now_s
from directory.database.single_use import single_use
from directory.ids import new_secret
from directory.sealed import KeyRing
from idp.clients.model import Client

GRANT_TYPE = "urn:example:grant-type:voucher"
LIFETIME = "voucher_lifetime"
_DEFAULT_LIFE_S = 600


def life_s(client: Client) -> int:
    """As registered; a client of before the feature has no such member."""
    registered = client.metadata.get(LIFETIME)
    return _DEFAULT_LIFE_S if registered is None else int(registered)


def make(keyring: KeyRing, client: Client) -> str:
    """A new voucher of the client."""
    text = f"{new_secret(8)}.{now_s() + life_s(client)}"
    return f"{text}.{_mac(keyring, client, text)}"


def redeem(tx: Connection, keyring: KeyRing, client: Client, voucher: str) -> bool:
    """Whether it is one of the client's, and this is the first time."""
    text, _, mac = voucher.rpartition(".")
    if not hmac.compare_digest(mac.encode(), _mac(keyring, client, text).encode()):
        return False
    left_s = int(text.rpartition(".")[2]) - now_s()
    return left_s > 0 and single_use(tx, "voucher", voucher, left_s * SECOND)


def _mac(keyring: KeyRing, client: Client, text: str) -> str:
    return keyring.mac("voucher", f"{client.id}|{text}".encode()).hex()
