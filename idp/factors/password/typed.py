"""What was typed into the sign-in form, carried in the address of its page: never the password.

Sealed, because people type passwords into the box for the name; bound to browser and flow.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from flask import request

from directory.sealed import Purpose, SealBroken
from idp.flows.store import Flow
from idp.lifetimes import FLOW_MS, KEPT_AFTER_EXPIRY_MS
from web.csrf import browser_id
from web.current import current_installation

PARAMETER = "da-nhap"
_PURPOSE = Purpose("sign-in-typed", FLOW_MS + KEPT_AFTER_EXPIRY_MS)
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Typed:
    """The name, and whether the computer is shared."""

    login: str
    shared: bool


def find_typed(flow: Flow) -> Typed | None:
    """What this request sends with the form, else what its address carries for this flow."""
    if request.method == "POST":
        return Typed(request.form.get("login", ""), bool(request.form.get("shared")))
    return _unsealed(flow, request.args.get(PARAMETER, ""))


def in_address(flow: Flow) -> dict[str, str]:
    """What was typed, as the address of the form's page carries it."""
    typed = find_typed(flow)
    return {PARAMETER: _sealed(flow, typed)} if typed and typed != Typed("", False) else {}


def _sealed(flow: Flow, typed: Typed) -> str:
    plain = json.dumps([typed.login[:_LONGEST], typed.shared]).encode()
    sealed = current_installation().keyring.seal(_PURPOSE, f"{browser_id()}|{flow.id}", plain)
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _unsealed(flow: Flow, kept: str) -> Typed | None:
    if not kept:
        return None
    try:
        sealed = base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4))
        plain = current_installation().keyring.open(_PURPOSE, f"{browser_id()}|{flow.id}", sealed)
    except (binascii.Error, ValueError, SealBroken):
        return None
    login, shared = json.loads(plain)
    return Typed(str(login), bool(shared))
