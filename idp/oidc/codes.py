"""Authorization codes: sealed, bound, good for 60 s and once.

Nothing is stored when a code is made: it carries what was authorized, sealed under our key and
bound to its client. What is stored is the mark of its one use.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from directory.clock import SKEW_MS, now_ms
from directory.sealed import KeyRing, Purpose, SealBroken
from idp.keys.jose import Refused, decode_base64url
from idp.lifetimes import CODE_MS
from idp.oidc.text import encode_base64url

_MAX_CHARS = 8 * 1024
CODE = Purpose("authorization-code", CODE_MS + SKEW_MS)
# Of what a code carries: one whose fields mean something else is of another version.
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Code:
    """What a person authorized. `family_id` names everything that will come of it.

    `challenge`: the S256 challenge, empty only for an exempted client. `issued_at` in ms.
    """

    family_id: str
    client_id: str
    redirect_uri: str
    challenge: str
    scope: str
    resources: list[str]
    nonce: str
    person_id: str
    sid: str
    auth_time: int
    acr: str
    amr: list[str]
    session_expires_at: int
    issued_at: int

    # What Authlib's grant asks of a code.
    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


def seal_code(keyring: KeyRing, code: Code) -> str:
    """The text handed to the browser."""
    plain = json.dumps({"version": _VERSION, **asdict(code)}, separators=(",", ":")).encode()
    return encode_base64url(keyring.seal(CODE, code.client_id, plain))


def open_code(keyring: KeyRing, client_id: str, text: str) -> Code | None:
    """The code if we made it for this client and it is not too old; its mark is not looked at."""
    if len(text) > _MAX_CHARS:
        return None
    try:
        fields = json.loads(keyring.open(CODE, client_id, decode_base64url(text)))
        if fields.pop("version", None) != _VERSION:
            return None
        code = Code(**fields)
    except (SealBroken, Refused, AttributeError, TypeError):  # the latter two: another version
        return None
    return code if -SKEW_MS <= now_ms() - code.issued_at <= CODE_MS else None
