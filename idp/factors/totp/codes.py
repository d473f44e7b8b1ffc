"""Codes: which one belongs to which step of time. The only module that speaks pyotp."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator

import pyotp

from directory import clock

STEP_S = 30
DIGITS = 6
# One step either way: typing takes time, and the clocks of telephones stand a little apart.
DRIFT = 1
_CODE = re.compile(r"[0-9]{6}")  # [0-9]: \d would take digits of every script
_NOT_TYPED = re.compile(r"[\s\u200b\u2060-]")  # applications show a code in two groups


def new_secret() -> str:
    """160 random bits (RFC 4226 section 4, R6), as authenticator applications want them."""
    return pyotp.random_base32()


def find_typed(text: str) -> str | None:
    """The six digits that were typed, however they are grouped; None for what is no code."""
    digits = _NOT_TYPED.sub("", text[:64])
    return digits if _CODE.fullmatch(digits) else None


def present_step() -> int:
    """The step of this moment."""
    return clock.now_s() // STEP_S


def matching_steps(secret: str, code: str) -> Iterator[int]:
    """The steps around now whose code this is, the present one first."""
    now, maker = present_step(), pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    for step in (now, *(now + away for away in range(-DRIFT, DRIFT + 1) if away)):
        if hmac.compare_digest(maker.generate_otp(step), code):
            yield step


def code_of(secret: str, step: int) -> str:
    """The code of one step, as the person's application shows it."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).generate_otp(step)


def address_of(secret: str, username: str, issuer: str) -> str:
    """What an authenticator application reads: ``otpauth://totp/…``."""
    maker = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S)
    return maker.provisioning_uri(name=username, issuer_name=issuer)
