"""What was typed into the sign-in form, carried in the address of its page: never the password.

Sealed, because people type passwords into the box for the name; bound to browser and flow.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from directory.sealed import SealBroken
from idp.flows.store import Flow
from idp.kit.csrf import browser_id
from idp.request import current_house

PARAMETER = "da-nhap"
_PURPOSE = "sign-in-typed"
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Typed:
    """The name, and whether the computer is shared."""

    login: str
    shared: bool


def url_with(flow: Flow, typed: Typed) -> str:
    """The address of the form with this in it."""
    plain = json.dumps([typed.login[:_LONGEST], typed.shared]).encode()
    sealed = current_house().keyring.seal(_PURPOSE, f"{browser_id()}|{flow.id}", plain)
    kept = base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
    return "/dang-nhap?" + urlencode({"flow": flow.id, PARAMETER: kept})


def find_typed(flow: Flow) -> Typed | None:
    """What the address of this request carries for this flow."""
    kept = request.args.get(PARAMETER, "")
    if not kept:
        return None
    try:
        sealed = base64.urlsafe_b64decode(kept + "=" * (-len(kept) % 4))
        plain = current_house().keyring.open(_PURPOSE, f"{browser_id()}|{flow.id}", sealed)
    except (binascii.Error, ValueError, SealBroken):
        return None
    login, shared = json.loads(plain)
    return Typed(str(login), bool(shared))
