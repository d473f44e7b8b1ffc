"""Creating, loading and finishing flows."""

from __future__ import annotations

import base64
import binascii
import itertools
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, or_, select, update

from directory import clock
from directory.database.upsert import upsert
from directory.errors import Invalid
from directory.ids import digest, new_secret
from directory.sealed import KeyRing, Purpose, SealBroken
from idp.flows.errors import FLOW_TOO_LARGE
from idp.flows.tables import flows
from idp.lifetimes import FLOW_MS, KEPT_AFTER_EXPIRY_MS

MAX_REQUEST_BYTES = 16 * 1024
# Anyone may start a flow without signing in, so their number is bounded: the oldest go.
# Whose is gone loses nothing: the form carries a sealed copy (`restore`), from whichever network
# the flood comes. Once somebody gave a right answer in a flow, it stays.
MAX_FLOWS = 10_000
TRIM_EVERY = 50

IDENTIFY = "identify"
AUTHENTICATED = "authenticated"
FINISHED = "finished"

_COPY = Purpose("sign-in-flow", FLOW_MS)
_creations = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Progress:
    """What was answered so far: by whom (empty: nobody yet) and with which methods (RFC 8176).

    `proven_since` (ms): when the first answer came in, before it was checked; 0 before that.
    """

    person_id: str = ""
    amr: tuple[str, ...] = ()
    shared_computer: bool = False
    proven_since: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """One request on its way.

    `request`: the validated parameters of the authorization request; empty for a plain sign-in,
    whose `client_id` is empty too. `session_sid` is set once a person has answered every step
    within this flow, or has chosen to go on with the session that was there; `authenticated_at`
    (ms) by the former only.
    """

    id: str
    client_id: str
    request: dict[str, str]
    created_at: int
    stage: str
    authenticated_at: int | None
    session_sid: str | None
    progress: Progress = Progress()


def create(tx: Connection, request: dict[str, str], client_id: str, browser: str) -> str:
    """Start a flow for the browser with this id and return the flow's id (256 bits).

    Raises `Invalid` (``flow.too_large``) for more than 16 KB of parameters.
    """
    stored = json.dumps(request, ensure_ascii=False, separators=(",", ":"))
    if len(stored.encode()) > MAX_REQUEST_BYTES:
        raise Invalid(FLOW_TOO_LARGE)
    if next(_creations) % TRIM_EVERY == 0:
        trim(tx)
    flow_id = new_secret()
    row = _new_row(flow_id, browser, client_id, stored, clock.now_ms())
    tx.execute(flows.insert().values(row))
    return flow_id


def seal(keyring: KeyRing, flow: Flow, browser: str) -> str:
    """The flow as the browser may keep it in its form, for `restore`."""
    body = json.dumps([flow.client_id, flow.request, flow.created_at], ensure_ascii=False)
    sealed = keyring.seal(_COPY, f"{browser}|{flow.id}", body.encode())
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def restore(tx: Connection, keyring: KeyRing, flow_id: str, browser: str, sealed: str) -> None:
    """Put a flow back that others pushed out of the store while the person was typing.

    Nothing happens to a flow that is still known, whatever its state, nor for a copy that is too
    old or was made for another browser.
    """
    try:
        body = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        client_id, asked, created_at = json.loads(keyring.open(_COPY, f"{browser}|{flow_id}", body))
    except (binascii.Error, ValueError, SealBroken):
        return
    if -clock.SKEW_MS <= clock.now_ms() - created_at < FLOW_MS:
        stored = json.dumps(asked, ensure_ascii=False, separators=(",", ":"))
        row = _new_row(flow_id, browser, client_id, stored, created_at)
        tx.execute(upsert(tx, flows).values(row).on_conflict_do_nothing())


def load(tx: Connection, flow_id: str, browser: str, *, to_finish: bool = False) -> Flow | None:
    """The flow, if it has not expired or finished and this browser started it.

    `to_finish`: whoever else wants to finish it waits until `tx` ends, and then has none.
    """
    query = select(flows).where(
        flows.c.id_hash == digest(flow_id),
        flows.c.browser_hash == digest(browser),
        _is_in_time(),
        flows.c.stage != FINISHED,
    )
    row = tx.execute(query.with_for_update() if to_finish else query).first()
    return _flow(flow_id, row) if row else None


def exists(tx: Connection, flow_id: str) -> bool:
    """Whether a flow of this id is alive, whichever browser started it."""
    query = select(flows.c.id_hash).where(
        flows.c.id_hash == digest(flow_id),
        _is_in_time(),
        flows.c.stage != FINISHED,
    )
    return tx.execute(query).first() is not None


def find_past(tx: Connection, flow_id: str, browser: str) -> Flow | None:
    """The flow of this browser, though it be expired or finished."""
    query = select(flows).where(
        flows.c.id_hash == digest(flow_id), flows.c.browser_hash == digest(browser)
    )
    row = tx.execute(query).first()
    return _flow(flow_id, row) if row else None


def record_progress(tx: Connection, flow_id: str, progress: Progress) -> None:
    """One step was answered, more remain."""
    tx.execute(
        update(flows)
        .where(flows.c.id_hash == digest(flow_id))
        .values(
            person_id=progress.person_id,
            amr=" ".join(progress.amr),
            shared_computer=progress.shared_computer,
            proven_since=progress.proven_since,
        )
    )


def mark_authenticated(tx: Connection, flow_id: str, sid: str) -> None:
    """Every step is answered: the flow may continue with session `sid`."""
    tx.execute(
        update(flows)
        .where(flows.c.id_hash == digest(flow_id))
        .values(
            stage=AUTHENTICATED,
            authenticated_at=clock.now_ms(),
            session_sid=sid,
            # Should the flow need another sign-in, it begins with the first step.
            person_id="",
            amr="",
            proven_since=0,
        )
    )


def choose_session(tx: Connection, flow_id: str, sid: str) -> None:
    """The person goes on with the session `sid`, which was there before this flow."""
    tx.execute(update(flows).where(flows.c.id_hash == digest(flow_id)).values(session_sid=sid))


def finish(tx: Connection, flow_id: str) -> None:
    """The answer is on its way: the flow can never be loaded again."""
    tx.execute(update(flows).where(flows.c.id_hash == digest(flow_id)).values(stage=FINISHED))


def drop_all(tx: Connection) -> None:
    """Forget every flow: who was on the way begins again."""
    tx.execute(delete(flows))


def trim(tx: Connection) -> None:
    """Drop flows that expired half a day ago, then beyond `MAX_FLOWS` the oldest in which nobody
    has given a right answer."""
    now = clock.now_ms()
    is_ahead = flows.c.expires_at > now + FLOW_MS + clock.SKEW_MS
    is_old = flows.c.expires_at <= now - KEPT_AFTER_EXPIRY_MS
    # Those that a clock ahead of ours made would be the newest, and all others go before them.
    tx.execute(delete(flows).where(or_(is_old, is_ahead, flows.c.created_at > now + clock.SKEW_MS)))
    newest_to_drop = tx.execute(
        select(flows.c.created_at)
        .order_by(flows.c.created_at.desc())
        .offset(MAX_FLOWS - TRIM_EVERY)
        .limit(1)
    ).scalar()
    if newest_to_drop is not None:
        is_proven = and_(
            flows.c.stage != FINISHED,
            or_(flows.c.stage == AUTHENTICATED, flows.c.person_id != ""),
            _is_in_time(),
        )
        tx.execute(delete(flows).where(flows.c.created_at <= newest_to_drop, ~is_proven))


def _new_row(
    flow_id: str, browser: str, client_id: str, stored: str, created_at: int
) -> dict[str, Any]:
    return {
        "id_hash": digest(flow_id),
        "browser_hash": digest(browser),
        "client_id": client_id,
        "request": stored,
        "created_at": created_at,
        "expires_at": created_at + FLOW_MS,
        "stage": IDENTIFY,
        "person_id": "",
        "amr": "",
        "shared_computer": False,
        "proven_since": 0,
    }


def _is_in_time() -> ColumnElement[bool]:
    """Not over; nor does it last longer because a clock stood ahead when it was begun."""
    now = clock.now_ms()
    return flows.c.expires_at.between(now + 1, now + FLOW_MS + clock.SKEW_MS)


def _flow(flow_id: str, row: Row[Any]) -> Flow:
    return Flow(
        id=flow_id,
        client_id=row.client_id,
        request=json.loads(row.request),
        created_at=row.created_at,
        stage=row.stage,
        authenticated_at=row.authenticated_at,
        session_sid=row.session_sid,
        progress=Progress(
            row.person_id, tuple(row.amr.split()), row.shared_computer, row.proven_since
        ),
    )
