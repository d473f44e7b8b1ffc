"""The address that a trial begins at: sealed, good for minutes and for one use.

Made in the console, it is bound to the session of whoever asked: in another browser it is nothing.
Made by the command line, it may be bound to a person.
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from sqlalchemy import Connection

from directory.clock import MINUTE, SKEW_MS, now_ms
from directory.database.single_use import single_use
from directory.ids import new_secret
from directory.installation import Installation
from directory.sealed import KeyRing, Purpose, SealBroken
from idp import paths
from web.urls import absolute

PARAMETER = "thu"
LINK_MS = 5 * MINUTE
# Of the request, so that its address stays below the 8 KB that servers allow a line.
MOST_BYTES = 3 * 1024
_LONGEST = 8 * 1024
_LINK = Purpose("application-trial", LINK_MS + SKEW_MS)
_SUBJECT = "trial"


@dataclass(frozen=True)
class Trial:
    """A sign-in that is to be tried.

    `parameters`: of the authorization request. `person_id`, `sid`: of who may try it, and in which
    session of the issuer; empty where anybody may who opens the address first.
    """

    id: str
    client_id: str
    parameters: Mapping[str, str]
    person_id: str
    sid: str
    made_at: int

    @property
    def expires_at(self) -> int:
        return self.made_at + LINK_MS


def new_trial(
    client_id: str, parameters: Mapping[str, str], *, person_id: str = "", sid: str = ""
) -> Trial:
    """A trial that begins within the next minutes or never."""
    return Trial(new_secret(16), client_id, parameters, person_id, sid, now_ms())


def fits(parameters: Mapping[str, str]) -> bool:
    """Whether a request is short enough to be tried."""
    return len(_json(parameters)) <= MOST_BYTES


def address_of(installation: Installation, trial: Trial) -> str:
    """Where it begins."""
    sealed = installation.keyring.seal(_LINK, _SUBJECT, _json(asdict(trial)))
    name = urlsafe_b64encode(sealed).decode()
    address = absolute(installation.settings, paths.TRY_SIGN_IN)
    return f"{address}?{urlencode({PARAMETER: name})}"


def open_address(keyring: KeyRing, name: str) -> Trial | None:
    """The trial that an address is for, while it may begin; its one use is not looked at."""
    if len(name) > _LONGEST or not name.isascii():
        return None
    try:
        fields = json.loads(keyring.open(_LINK, _SUBJECT, urlsafe_b64decode(name)))
        trial = Trial(**fields)
    except (binascii.Error, SealBroken, ValueError, TypeError):  # the last: of another version
        return None
    return trial if -SKEW_MS <= now_ms() - trial.made_at <= LINK_MS else None


def take(tx: Connection, trial: Trial) -> bool:
    """Begin it; False when somebody has."""
    return single_use(tx, "application-trial", trial.id, LINK_MS + 2 * SKEW_MS)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
