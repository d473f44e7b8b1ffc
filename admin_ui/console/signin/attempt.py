"""A sign-in under way. It travels in `state`, sealed and bound to the browser that began it, so
that nothing is stored for people who never come back, and several tabs can sign in at once."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict, dataclass

from directory.clock import SKEW_MS, now_ms
from directory.ids import new_secret
from directory.sealed import KeyRing, Purpose, SealBroken
from idp.lifetimes import ATTEMPT_MS

_PURPOSE = Purpose("console-sign-in", ATTEMPT_MS)


@dataclass(frozen=True, slots=True)
class Attempt:
    """`return_to`: the page of ours the person was going to."""

    nonce: str
    verifier: str
    return_to: str
    begun_at: int


def begin(return_to: str) -> Attempt:
    """A new attempt with a nonce and a PKCE verifier of its own (RFC 7636)."""
    return Attempt(new_secret(), new_secret(48), return_to, now_ms())


def seal(keyring: KeyRing, browser: str, attempt: Attempt) -> str:
    """The attempt as `state`."""
    sealed = keyring.seal(_PURPOSE, browser, json.dumps(asdict(attempt)).encode())
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def unseal(keyring: KeyRing, browser: str, state: str) -> Attempt | None:
    """The attempt this very browser began not long ago, or None."""
    try:
        sealed = base64.urlsafe_b64decode(state + "=" * (-len(state) % 4))
        attempt = Attempt(**json.loads(keyring.open(_PURPOSE, browser, sealed)))
    except (binascii.Error, ValueError, SealBroken):
        return None
    return attempt if -SKEW_MS <= now_ms() - attempt.begun_at < ATTEMPT_MS else None
