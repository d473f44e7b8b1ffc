"""Creating, loading and finishing flows, and what their steps keep in them."""

from __future__ import annotations

import base64
import binascii
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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

# What a step may keep between its pages.
MAX_KEPT_BYTES = 4 * 1024

# Of which journey a flow is. A sign-out has no steps, only a page that wants to know what it ended.
SIGN_IN = "sign_in"
SIGN_OUT = "sign_out"
ACTIVATE = "activate"
RECOVER = "recover"
WITH_STEPS = (SIGN_IN, ACTIVATE, RECOVER)

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
class StepState:
    """One step in a flow. `kept`: what it put there itself, for its own eyes; plain JSON."""

    is_passed: bool = False
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flow:
    """One request on its way.

    `request`: the validated parameters of the authorization request; empty for a plain sign-in,
    whose `client_id` is empty too. `session_sid` is set once a person has answered every step
    within this flow, or has chosen to go on with the session that was there; `authenticated_at`
    (ms) by the former only. `steps` by name; None when another version wrote them otherwise.
    """

    id: str
    client_id: str
    request: dict[str, str]
    created_at: int
    stage: str
    authenticated_at: int | None
    session_sid: str | None
    progress: Progress = Progress()
    journey: str = SIGN_IN
    steps: Mapping[str, StepState] | None = field(default_factory=dict)

    def kept(self, step: str) -> Mapping[str, Any]:
        """What a step has kept here; empty when nothing, or nothing that can be read."""
        return (self.steps or {}).get(step, StepState()).kept


def create(
    tx: Connection, request: dict[str, str], client_id: str, browser: str, journey: str = SIGN_IN
) -> str:
    """Start a flow for the browser with this id and return the flow's id (256 bits).

    Raises `Invalid` (``flow.too_large``) for more than 16 KB of parameters.
    """
    stored = json.dumps(request, ensure_ascii=False, separators=(",", ":"))
    if len(stored.encode()) > MAX_REQUEST_BYTES:
        raise Invalid(FLOW_TOO_LARGE)
    if next(_creations) % TRIM_EVERY == 0:
        trim(tx)
    flow_id = new_secret()
    row = _new_row(flow_id, browser, client_id, stored, clock.now_ms(), journey)
    tx.execute(flows.insert().values(row))
    return flow_id


def seal(keyring: KeyRing, flow: Flow, browser: str) -> str:
    """The flow as the browser may keep it in its form, for `restore`."""
    begun = {
        "client_id": flow.client_id,
        "request": flow.request,
        "created_at": flow.created_at,
        "journey": flow.journey,
    }
    body = json.dumps(begun, ensure_ascii=False)
    sealed = keyring.seal(_COPY, f"{browser}|{flow.id}", body.encode())
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def restore(tx: Connection, keyring: KeyRing, flow_id: str, browser: str, sealed: str) -> None:
    """Put a flow back that others pushed out of the store while the person was typing.

    Nothing happens to a flow that is still known, whatever its state, nor for a copy that is too
    old or was made for another browser.
    """
    try:
        body = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        begun = json.loads(keyring.open(_COPY, f"{browser}|{flow_id}", body))
    except (binascii.Error, ValueError, SealBroken):
        return
    if not isinstance(begun, dict):
        return  # sealed by a version that wrote it otherwise
    if -clock.SKEW_MS <= clock.now_ms() - begun["created_at"] < FLOW_MS:
        stored = json.dumps(begun["request"], ensure_ascii=False, separators=(",", ":"))
        row = _new_row(
            flow_id, browser, begun["client_id"], stored, begun["created_at"], begun["journey"]
        )
        tx.execute(upsert(tx, flows).values(row).on_conflict_do_nothing())


def load(
    tx: Connection,
    flow_id: str,
    browser: str,
    journey: str = SIGN_IN,
    *,
    to_finish: bool = False,
) -> Flow | None:
    """The flow, if it is of this journey, has not expired or finished and this browser started it.

    `to_finish`: whoever else wants to change it waits until `tx` ends.
    """
    query = select(flows).where(
        flows.c.id_hash == digest(flow_id),
        flows.c.browser_hash == digest(browser),
        flows.c.journey == journey,
        _is_in_time(),
        flows.c.stage != FINISHED,
    )
    row = tx.execute(query.with_for_update() if to_finish else query).first()
    return _flow(flow_id, row) if row else None


def load_of(tx: Connection, flow_id: str, browser: str, journeys: Sequence[str]) -> Flow | None:
    """As `load`, of whichever of these journeys it is."""
    found = (load(tx, flow_id, browser, journey) for journey in journeys)
    return next(filter(None, found), None)


def exists(tx: Connection, flow_id: str, journey: str = SIGN_IN) -> bool:
    """Whether a flow of this id and journey is alive, whichever browser started it."""
    query = select(flows.c.id_hash).where(
        flows.c.id_hash == digest(flow_id),
        flows.c.journey == journey,
        _is_in_time(),
        flows.c.stage != FINISHED,
    )
    return tx.execute(query).first() is not None


def find_past(tx: Connection, flow_id: str, browser: str, journey: str = SIGN_IN) -> Flow | None:
    """The flow of this browser and journey, though it be expired or finished."""
    query = select(flows).where(
        flows.c.id_hash == digest(flow_id),
        flows.c.browser_hash == digest(browser),
        flows.c.journey == journey,
    )
    row = tx.execute(query).first()
    return _flow(flow_id, row) if row else None


def keep(tx: Connection, flow_id: str, step: str, kept: Mapping[str, Any]) -> None:
    """What a step wants to find again at its next page, in place of what it kept before.

    Plain JSON, no more than `MAX_KEPT_BYTES`: more is a bug (ValueError, as is what JSON cannot
    say). Nothing happens to a flow that is gone.
    """
    if len(_json(kept).encode()) > MAX_KEPT_BYTES:
        raise ValueError(f"the step {step} keeps too much")
    here = flows.c.id_hash == digest(flow_id)
    row = tx.execute(select(flows.c.steps).where(here).with_for_update()).first()
    if row is None:
        return
    steps = dict(_steps(row.steps) or {})
    steps[step] = StepState(step in steps and steps[step].is_passed, kept)
    tx.execute(update(flows).where(here).values(steps=_steps_text(steps)))


def record_passed(tx: Connection, flow: Flow, step: str, progress: Progress) -> Flow:
    """The step was answered rightly. `flow`: as it was loaded `to_finish` in `tx`."""
    steps = dict(flow.steps or {})
    steps[step] = StepState(is_passed=True, kept=flow.kept(step))
    _write_progress(tx, flow.id, progress, steps)
    return replace(flow, progress=progress, steps=steps)


def start_over(tx: Connection, flow_id: str) -> None:
    """Nothing that was answered so far counts."""
    _write_progress(tx, flow_id, Progress(), {})


def _write_progress(
    tx: Connection, flow_id: str, progress: Progress, steps: Mapping[str, StepState]
) -> None:
    tx.execute(
        update(flows)
        .where(flows.c.id_hash == digest(flow_id))
        .values(
            person_id=progress.person_id,
            amr=" ".join(progress.amr),
            shared_computer=progress.shared_computer,
            proven_since=progress.proven_since,
            steps=_steps_text(steps),
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
            shared_computer=False,
            proven_since=0,
            steps=None,
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
    flow_id: str, browser: str, client_id: str, stored: str, created_at: int, journey: str
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
        "journey": journey,
        "steps": None,
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
        journey=row.journey,
        steps=_steps(row.steps),
    )


def _steps_text(steps: Mapping[str, StepState]) -> str | None:
    if not steps:
        return None
    return _json({name: {"passed": s.is_passed, "kept": s.kept} for name, s in steps.items()})


def _steps(text: str | None) -> dict[str, StepState] | None:
    """None when it is not of the form that this version writes."""
    if text is None:
        return {}
    try:
        stored = json.loads(text)
        return {name: _step(state) for name, state in stored.items()}
    except (AttributeError, ValueError, RecursionError):
        return None


def _step(stored: Any) -> StepState:
    match stored:
        case {"passed": bool(passed), "kept": dict(kept), **more} if not more:
            return StepState(passed, kept)
    raise ValueError("a step of another version")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
