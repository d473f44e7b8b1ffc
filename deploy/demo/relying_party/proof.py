"""What binds somebody wants them surely and lately there (RFC 9470): asked for where it is needed.

Whoever has proved too little, or too long ago, is sent to the provider with `acr_values` and
`max_age`; an interface is answered 401 with both. What comes back is looked at again: asking is no
proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from relying_party.clock import now
from relying_party.errors import NotProvedEnough
from relying_party.member import Member, require_member

INTERFACE = "/api/"
# What the sign-in's address says to ask for it.
ASKED = "xac-thuc-lai"
_ASKING: dict[str, Any] = {ASKED: "1"}


@dataclass(frozen=True)
class Proof:
    """The level (`acr`) a sign-in must have reached, and how old it may be; of no level: any."""

    acr: str
    max_age_s: int = 0

    def is_given_by(self, member: Member) -> bool:
        """Whether this sign-in is enough now."""
        if not self.acr:
            return True
        return member.acr == self.acr and now() - member.auth_time <= self.max_age_s

    def as_parameters(self) -> dict[str, str]:
        """What the provider is asked for."""
        return {"acr_values": self.acr, "max_age": str(self.max_age_s)} if self.acr else {}


# Two factors, in the last five minutes.
BINDING = Proof("2", 300)
NOTHING_MORE = Proof("")


def require_proof() -> None:
    """Raises `NotSignedIn`, and `NotProvedEnough` where the sign-in does not do for what binds."""
    if not BINDING.is_given_by(require_member()):
        raise NotProvedEnough


def ask_to_prove(_error: NotProvedEnough) -> ResponseReturnValue:
    """The challenge: RFC 9470 section 3 to an interface, the sign-in to a person."""
    if not request.path.startswith(INTERFACE):
        return redirect(url_for("sign_in.start", ve=request.path, **_ASKING), code=303)
    answer = jsonify(
        error="insufficient_user_authentication",
        error_description="Two factors in the last five minutes are wanted.",
        acr_values=BINDING.acr,
        max_age=BINDING.max_age_s,
    )
    challenge = (
        'Bearer error="insufficient_user_authentication",'
        ' error_description="Two factors in the last five minutes are wanted.",'
        f' acr_values="{BINDING.acr}", max_age="{BINDING.max_age_s}"'
    )
    return answer, 401, {"WWW-Authenticate": challenge}
