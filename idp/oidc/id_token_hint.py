"""An ID token of ours that somebody brings back, at `/authorize` or when signing out."""

from __future__ import annotations

from dataclasses import dataclass

from directory.clock import now_s
from directory.installation import Installation
from idp.keys import jose
from idp.keys.jose import Refused
from idp.keys.store import verify_own
from idp.oidc.tokens import ID_TYP


@dataclass(frozen=True, slots=True)
class Hint:
    """Whom the token was about, for which client, in which session."""

    person_id: str
    client_id: str
    sid: str


def read_hint(installation: Installation, text: str) -> Hint | None:
    """The hint if we signed it, however long ago; None for anything else."""
    try:
        claims = verify_own(installation, text, ID_TYP, hint=True).claims
        # An expired ID token is fine (RP-Initiated Logout section 2): it is a hint, not a proof.
        jose.check_times(claims, now_s(), expired_is_fine=True)
    except Refused:
        return None
    if claims.get("iss") != installation.settings.issuer:
        return None
    values = [claims.get(name, "") for name in ("sub", "aud", "sid")]
    if not all(isinstance(value, str) for value in values):
        return None
    return Hint(*values)
