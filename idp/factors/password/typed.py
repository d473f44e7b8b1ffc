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

from directory.sealed import Purpose, SealBroken
from idp.flows.store import Flow
from idp.lifetimes import FLOW_MS, KEPT_AFTER_EXPIRY_MS
from web.csrf import browser_id
from web.current import current_installation
from web.pages import HELP_PATH

PARAMETER = "da-nhap"
# In the address of the form that somebody asked for who is not the person signed in here.
OTHER_ACCOUNT = "khac"
LANGUAGE = "lang"
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


def form_url(flow: Flow, **changed: str) -> str:
    """The form of this sign-in again, with what was typed, in the same language and for the same
    account."""
    return "/dang-nhap?" + urlencode(_arguments(flow) | changed)


def help_url(flow: Flow) -> str:
    """Help, from where the form is led back to as it was."""
    return f"{HELP_PATH}?" + urlencode(_arguments(flow))


def _arguments(flow: Flow) -> dict[str, str]:
    typed, asked = find_typed(flow), request.args
    kept = {PARAMETER: _sealed(flow, typed)} if typed and typed != Typed("", False) else {}
    same = {name: asked[name] for name in (OTHER_ACCOUNT, LANGUAGE) if name in asked}
    return {"flow": flow.id} | kept | same


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
