"""How sure we are who it is: `amr` (RFC 8176) and the `acr` that follows from it."""

from __future__ import annotations

from idp.levels import ONE_FACTOR, TWO_FACTORS

# The registered words of RFC 8176 section 2, so that no factor has to be added here. A message to a
# telephone (sms, tel) and what is guessed of the surroundings (geo, rba) prove too little.
_FACTORS = (
    {"pwd", "pin", "kba"},
    {"otp", "hwk", "swk", "pop", "sc"},
    {"face", "fpt", "iris", "retina", "vbm"},
)
_SEVERAL_AT_ONCE = "mfa"


def acr_of(amr: tuple[str, ...]) -> str:
    """The level that the methods used reach."""
    kinds = [kind for kind in _FACTORS if kind.intersection(amr)]
    return TWO_FACTORS if len(kinds) > 1 or _SEVERAL_AT_ONCE in amr else ONE_FACTOR
