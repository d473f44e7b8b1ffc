"""Authorization requests that came by POST, kept for a minute until the browser comes back by GET.

OIDC Core section 3.1.2.1 asks for both methods. A POST from another site arrives without our
`SameSite=Lax` session cookie, so a person who is signed in would look signed out; the GET that
follows a 303 brings the cookie.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from sqlalchemy import Connection, delete, insert, or_, select

from directory.clock import SKEW_MS, now_ms
from directory.ids import digest, new_secret
from idp import paths
from idp.lifetimes import POSTED_REQUEST_MS
from idp.oidc.parameters import Parameters
from idp.oidc.tables import posted_request

PARAMETER = "posted"
# Anyone may post one without signing in, so their number is bounded: the oldest go.
MAX_KEPT = 5_000


def keep(tx: Connection, parameters: Mapping[str, str]) -> str:
    """Store checked parameters; gives the local address that continues with them."""
    now = now_ms()
    _trim(tx, now)
    reference = new_secret()
    tx.execute(
        insert(posted_request).values(
            reference_hash=digest(reference),
            parameters=json.dumps(dict(parameters), ensure_ascii=False),
            expires_at=now + POSTED_REQUEST_MS,
        )
    )
    return f"{paths.AUTHORIZE}?" + urlencode({PARAMETER: reference})


def _trim(tx: Connection, now: int) -> None:
    columns = posted_request.c
    # What is further ahead was written by a clock that was wrong.
    is_ahead = columns.expires_at > now + POSTED_REQUEST_MS + SKEW_MS
    tx.execute(delete(posted_request).where(or_(columns.expires_at < now, is_ahead)))
    newest_first = select(columns.expires_at).order_by(columns.expires_at.desc())
    too_old = tx.execute(newest_first.offset(MAX_KEPT - 1).limit(1)).scalar()
    if too_old is not None:
        tx.execute(delete(posted_request).where(columns.expires_at <= too_old))


def fetch(tx: Connection, reference: str) -> Parameters | None:
    """The parameters kept under `reference`, for a minute; a reload may fetch them again."""
    now = now_ms()
    row = tx.execute(
        select(posted_request.c.parameters).where(
            posted_request.c.reference_hash == digest(reference),
            posted_request.c.expires_at.between(now, now + POSTED_REQUEST_MS + SKEW_MS),
        )
    ).first()
    return None if row is None else Parameters(json.loads(row.parameters), frozenset())


def drop_all(tx: Connection) -> None:
    """Forget every request kept."""
    tx.execute(delete(posted_request))
