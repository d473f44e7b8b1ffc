"""How sure we are who it is: `amr` (RFC 8176) and the `acr` that follows from it.

`acr` is the level of authentication in the counting of Vietnamese rules: "1" one factor (mức 1),
"2" two independent factors (mức 2).
"""

from __future__ import annotations

ONE_FACTOR = "1"
TWO_FACTORS = "2"

_KNOWLEDGE = {"pwd", "pin"}
_POSSESSION = {"otp", "hwk", "swk", "pop"}


def acr_of(amr: tuple[str, ...]) -> str:
    """The level that the methods used reach."""
    kinds = [any(method in kind for method in amr) for kind in (_KNOWLEDGE, _POSSESSION)]
    return TWO_FACTORS if all(kinds) else ONE_FACTOR
