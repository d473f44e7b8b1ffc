"""Running connectors: each in a thread of its own, under a lease of its own, so that one whose
target is slow, broken or paused delays no other.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from directory.actor import system
from directory.audit.kinds import Kind
from directory.audit.log import person_tag, record
from directory.clock import HOUR, MINUTE, SECOND, now_ms
from directory.database import lease as leases
from directory.database.holders import process_name
from directory.database.lease import Lease, LeaseLost
from directory.errors import AppError
from directory.installation import Installation
from directory.projection.queries import home_agency_of
from sync.engine import accounts, batches, brake, connectors, runs
from sync.engine.accounts import MOST_TRIES, AccountState
from sync.engine.connectors import Connector
from sync.engine.events import CONNECTOR_ACCOUNT, CONNECTOR_ACCOUNT_STUCK
from sync.engine.following import follow
from sync.engine.reconciling import read_some
from sync.engine.steps import Outcome, Task, carry_out
from sync.engine.target import Account, Capability, Refused, Target, Unreachable
from sync.engine.wanted import find_wanted_of, from_json, to_json

log = logging.getLogger("danhmuc.connectors")

LEASE_MS = 20 * SECOND
_RENEWED_EVERY_S = 4.0
_TURN_S = 3.0  # what changed meanwhile is looked at in between
_FOLLOWING_S = 2.0
_RECONCILING_S = 2.0
_LONGEST_RETRY_AFTER = HOUR
# A target that was away: whoever left meanwhile works in it until it is asked again.
_LONGEST_AWAY = 30 * SECOND
_MOST_IN_A_ROW = 20
_WRITTEN_TOGETHER, _WRITTEN_EVERY_S = 16, 0.2
# What was sent and not answered is carried out within this time after the target answers again, or
# never: longer than we wait for an answer, as it may wait in the target as well.
SETTLING_MS = 10 * SECOND
_SYNC = system("connectors")
_threads: dict[tuple[str, str], threading.Thread] = {}
_threads_lock = threading.Lock()


def run_all(installation: Installation) -> None:
    """Have every connector run that does not run in this process; waits for none of them."""
    with installation.database.read() as tx:
        names = connectors.list_names(tx)
    for name in names:
        key = (str(installation.settings.state), name)
        with _threads_lock:
            running = _threads.get(key)
            if running is not None and running.is_alive():
                continue
            thread = threading.Thread(
                target=_run, args=(installation, name), name=f"connector.{name}", daemon=True
            )
            _threads[key] = thread
        thread.start()


def _run(installation: Installation, name: str) -> None:
    try:
        run_connector(installation, name)
    except LeaseLost:
        log.info("connector taken over", extra={"connector": name})
    except AppError as error:
        told = {"connector": name, "code": error.code, "detail": error.detail}
        log.warning("connector failed", extra=told)
    except Exception:
        log.exception("connector failed", extra={"connector": name})


@dataclass(frozen=True)
class Turn:
    """What came of a turn. `is_held`: paused, stopped, or its target does not answer.
    `is_elsewhere`: another process does it."""

    done: int = 0
    failed: int = 0
    is_held: bool = False
    has_more: bool = False
    is_elsewhere: bool = False


def run_connector(
    installation: Installation, name: str, *, target: Target | None = None, turn_s: float = _TURN_S
) -> Turn:
    """One turn: note what is due, do some of it. Nothing while another process does."""
    holder = process_name()
    lease = leases.hold(installation.database, f"connector.{name}", holder, LEASE_MS)
    if lease is None:
        return Turn(is_elsewhere=True)
    until = time.monotonic() + _FOLLOWING_S
    has_more = follow(installation, lease, name)
    while has_more and time.monotonic() < until:
        has_more = follow(installation, lease, name)
    with installation.database.read() as tx:
        found = connectors.get(tx, name)
    if not _may_go_on(found):
        return Turn(is_held=True, has_more=has_more)
    if brake.pull_if_needed(installation, lease, found):
        return Turn(is_held=not has_more, has_more=has_more)
    if _is_resting(found):
        _end_run_if_over(installation, lease, name)
        return Turn()
    if Capability.FULL in found.definition.target.can and found.compared_up_to is not None:
        return Turn(has_more=True)  # half of everybody is not everybody
    target = target or connectors.open_target_of(installation, name)
    applying = _Applying(installation, lease, found, target)
    turn = applying.run(time.monotonic() + turn_s)
    has_more = has_more or turn.has_more
    if not turn.is_held and not has_more:
        has_more = applying.reconcile(time.monotonic() + _RECONCILING_S)
    if not has_more and not applying.is_away:
        _end_run_if_over(installation, lease, name)
    return replace(turn, has_more=has_more, is_held=applying.is_away)


def _end_run_if_over(installation: Installation, lease: Lease, name: str) -> None:
    with installation.database.read() as tx:
        if runs.find_open(tx, name) is None or not _is_over(tx, name):
            return
    with installation.database.write() as tx:
        leases.assert_held(tx, lease)
        if _is_over(tx, name):
            runs.end(tx, name)


def _is_over(tx: Connection, name: str) -> bool:
    """Nothing is to be done, now or later, and nobody and nothing is looked at."""
    return not connectors.get(tx, name).is_looking and not accounts.has_due(tx, name)


def _may_go_on(found: Connector) -> bool:
    now = now_ms()
    # Put off for longer than ever: a clock that was wrong wrote it.
    waits = found.retry_at is not None and now < found.retry_at <= now + 2 * _LONGEST_RETRY_AFTER
    return found.paused_at is None and found.stopped_at is None and not waits


def _is_resting(found: Connector) -> bool:
    pause = found.definition.limits.every_minutes * MINUTE
    return found.succeeded_at is not None and 0 <= now_ms() - found.succeeded_at < pause


@dataclass(frozen=True)
class _Told:
    """What the log is to say of somebody's account."""

    kind: Kind
    person_id: str
    fields: Mapping[str, str]


class _Applying:
    """Doing what is due, several at once; the outcome of each is written as it comes."""

    def __init__(
        self, installation: Installation, lease: Lease, found: Connector, target: Target
    ) -> None:
        self._installation, self._lease = installation, lease
        self._found, self._definition = found, found.definition
        self._target = target
        self._pace = _Pace(self._definition.limits.per_second)
        self._renewed = self._written = time.monotonic()
        self._ended: list[Outcome] = []
        self._away: Unreachable | None = None
        self._uncounted: set[str] = set()
        self._failures, self._failing_since = found.failures or 0, found.failing_since
        self._is_batch = Capability.BATCH in self._definition.target.can
        self._gathered: dict[str, Outcome] = {}
        self._run_id: str | None = None
        self._events: list[_Told] = []
        self._done = self._failed = self._failed_in_a_row = self._waiting = 0

    def run(self, until: float) -> Turn:
        at_once = self._definition.limits.at_once
        is_full = Capability.FULL in self._definition.target.can
        self._read_results()
        waiting: list[Task] = []
        running: dict[Future[Outcome], Task] = {}
        with ThreadPoolExecutor(at_once, thread_name_prefix=self._lease.name) as pool:
            while True:
                is_late = time.monotonic() >= until and not is_full
                is_over = self._away is not None or is_late or self._has_gathered_enough()
                if not waiting and not is_over:
                    under_way = {task.person_id for task in running.values()}
                    under_way |= {each.task.person_id for each in self._ended}
                    but = under_way | self._uncounted | self._gathered.keys()
                    waiting = self._prepare(at_once * 8, but)
                while waiting and len(running) < at_once and not is_over and self._is_free():
                    task = waiting.pop(0)
                    running[pool.submit(carry_out, self._target, task)] = task
                if not running and (is_over or not waiting):
                    break
                pause = self._pace.pause_s() if waiting and len(running) < at_once else 1.0
                ended, _ = wait(running, timeout=pause, return_when=FIRST_COMPLETED)
                if not running:
                    time.sleep(pause)
                self._ended += [future.result() for future in ended]
                for future in ended:
                    del running[future]
                if not waiting or self._is_to_be_written():
                    self._write_ended()
                self._keep()
            self._write_ended()
            self._give_back(waiting)
            self._finish()
            self._settle_target()
        has_more = bool(waiting or self._uncounted)
        return Turn(self._done, self._failed, self._away is not None, has_more)

    def _prepare(self, limit: int, but: set[str]) -> list[Task]:
        """What is due, as the catalogue is now. It is noted first that it may have been carried
        out: a create whose answer is lost is looked for before it is made again, and any other
        change may be carried out after what is sent next."""
        tasks = []
        with self._installation.database.write() as tx:
            leases.assert_held(tx, self._lease)
            due = accounts.list_due(tx, self._found.name, limit, but)
            if due:
                self._run_id = runs.ensure(tx, self._found.name).id
            wanted = find_wanted_of(tx, self._definition, [each.person_id for each in due])
            for state in due:
                task = self._task(state, wanted[state.person_id])
                if task.wanted is None and not state.is_leaving:
                    # It became one that goes after the brake counted those: not in this turn.
                    accounts.set_state(tx, self._found.name, task.person_id, is_leaving=True)
                    self._uncounted.add(task.person_id)
                    continue
                self._doubt(tx, task, state)
                tasks.append(task)
        return tasks

    def _doubt(self, tx: Connection, task: Task, state: AccountState) -> None:
        if task.remote_id is not None:
            values: dict[str, object] = {} if self._is_batch else {"doubtful_since": now_ms()}
        elif task.wanted is not None:
            held = state.held if task.is_doubtful else to_json(task.wanted)
            values = {"doubtful_since": now_ms(), "held": held}
        else:
            return
        if values:
            accounts.set_state(tx, self._found.name, task.person_id, **values)

    @property
    def is_away(self) -> bool:
        """Whether the target does not answer."""
        return self._away is not None

    def reconcile(self, until: float) -> bool:
        """Read some of what the target holds, if that is due. True: something was read."""
        try:
            return read_some(self._installation, self._lease, self._found.name, self._target, until)
        except Unreachable as error:
            self._away = error
        except Refused as error:
            self._away = Unreachable(f"its list of accounts: {error.why}")
        self._settle_target()
        return False

    def _give_back(self, waiting: list[Task]) -> None:
        """What was not sent after all is not in doubt."""
        unsent = [each for each in waiting if not each.is_unsettled]
        if not unsent:
            return
        with self._installation.database.write() as tx:
            leases.assert_held(tx, self._lease)
            for task in unsent:
                values: dict[str, object] = {"doubtful_since": None}
                if task.remote_id is None:
                    values["held"] = None
                accounts.set_state(tx, self._found.name, task.person_id, **values)

    def _task(self, state: AccountState, wanted: Account | None) -> Task:
        since = state.doubtful_since
        # One that was away until now has its whole queue before it.
        is_back = self._found.failing_since is not None
        return Task(
            person_id=state.person_id,
            wanted=wanted,
            held=from_json(state.person_id, state.held),
            remote_id=state.remote_id,
            is_doubtful=since is not None and state.remote_id is None,
            tries=state.tries,
            deletes=self._definition.leavers == "delete",
            is_unsettled=since is not None and not self._is_batch,
            is_fresh=since is not None and (is_back or 0 <= now_ms() - since < SETTLING_MS),
            groups=tuple(sorted(set(self._definition.roles.values()))),
        )

    def _is_to_be_written(self) -> bool:
        """Some together, as each writing costs; what failed at once, as it may be all that does."""
        is_late = time.monotonic() - self._written > _WRITTEN_EVERY_S
        return is_late or len(self._ended) >= _WRITTEN_TOGETHER or any(o.why for o in self._ended)

    def _write_ended(self) -> None:
        ended, self._ended = self._ended, []
        self._written = time.monotonic()
        self._write(ended)

    def _write(self, outcomes: list[Outcome]) -> None:
        if not outcomes:
            return
        if self._away is None:
            self._away = self._find_away(outcomes)
        if self._is_batch:
            self._gathered |= {each.task.person_id: each for each in outcomes if not each.why}
            outcomes = [each for each in outcomes if each.why]
        self._commit(outcomes, now_ms())

    def _commit(self, outcomes: Sequence[Outcome], at: int) -> None:
        self._events = []
        with self._installation.database.write() as tx:
            leases.assert_held(tx, self._lease)
            if any(outcome.why for outcome in outcomes):
                # Somebody may have begun another meanwhile.
                self._run_id = runs.ensure(tx, self._found.name).id
            for outcome in outcomes:
                if outcome.waits:
                    self._waiting += 1
                    due = {"due_at": now_ms() + SETTLING_MS}
                    accounts.set_state(tx, self._found.name, outcome.task.person_id, **due)
                elif outcome.why:
                    self._failed += 1
                    self._write_failure(tx, outcome)
                else:
                    self._done += 1
                    self._write_success(tx, outcome, at)
            if any(not each.why for each in outcomes):
                self._note_answer(tx)
            self._record(tx)

    def _is_free(self) -> bool:
        """Nothing is sent while a batch is gathered."""
        return self._is_batch or self._pace.is_free()

    def _has_gathered_enough(self) -> bool:
        return len(self._gathered) >= batches.MOST_AT_ONCE

    def _read_results(self) -> None:
        """What a target says later of what it took, if it is one that does."""
        if not self._is_batch:
            return
        try:
            batches.read_results(self._installation, self._lease, self._found, self._target)
        except Unreachable as error:
            self._away = error

    def _finish(self) -> None:
        """Hand over what was gathered: it counts as done then, and not before."""
        if not self._gathered:
            return
        gathered, at = list(self._gathered.values()), now_ms()
        try:
            if self._has_gathered_enough() and Capability.FULL in self._definition.target.can:
                raise Unreachable(
                    f"more than {batches.MOST_AT_ONCE} changes in a file of everybody"
                )
            at = self._target.finish(batches.standing(self._installation, self._found.name))
        except Unreachable as error:
            self._away = error
            gathered = [
                Outcome(each.task, why="silent", detail=error.why, failed=error)
                for each in gathered
            ]
        for start in range(0, len(gathered), batches.AT_ONCE):
            self._commit(gathered[start : start + batches.AT_ONCE], at)
            self._keep()

    def _find_away(self, outcomes: list[Outcome]) -> Unreachable | None:
        """Whether the target is away, and not only silent about one account, or refuses it."""
        silent = [each.failed for each in outcomes if isinstance(each.failed, Unreachable)]
        for failed in silent:
            if failed.retry_after_ms is not None:
                return failed
        for outcome in outcomes:
            is_bad = outcome.why in ("refused", "silent", "fault")
            self._failed_in_a_row = self._failed_in_a_row + 1 if is_bad else 0
            if self._failed_in_a_row >= _MOST_IN_A_ROW:
                # Its store may be away, or the definition wrong: not everybody is given up on.
                return Unreachable(f"{_MOST_IN_A_ROW} accounts in a row: {outcome.detail}")
        if not silent:
            return None
        try:
            self._target.test()
        except Unreachable as error:
            return error
        return None

    def _write_success(self, tx: Connection, outcome: Outcome, at: int) -> None:
        task, wanted = outcome.task, outcome.task.wanted
        name, remote_id = self._found.name, outcome.remote_id
        if remote_id is not None and accounts.is_anothers(tx, name, task.person_id, remote_id):
            self._write_failure(tx, replace(outcome, remote_id=None, act="", why="taken"))
            return
        values: dict[str, object] = {
            "state": "in_step",
            "is_leaving": False,
            "held": None if wanted is None else to_json(wanted),
            "changed_at": at,
            "seen_in": self._found.reconcile_round,
        }
        if wanted is None and outcome.act in ("disabled", "deleted"):
            values["left_at"] = now_ms()
        is_settled = not task.is_unsettled or outcome.act not in ("created", "updated", "disabled")
        if not is_settled:
            # What was sent before may be carried out after this: it is done once more, whole.
            again = {"state": "due", "due_at": now_ms() + SETTLING_MS}
            values = again if wanted is None else {**values, **again}
            values["held"] = None
        done = {"tries": 0, "doubtful_since": None, "failed_code": None, "failed_detail": None}
        values |= {"remote_id": remote_id, "failed_in": None, **done}
        accounts.set_state(tx, name, task.person_id, **values)
        if outcome.act and (is_settled or wanted is not None):
            self._events.append(_Told(CONNECTOR_ACCOUNT, task.person_id, {"act": outcome.act}))

    def _write_failure(self, tx: Connection, outcome: Outcome) -> None:
        task, name = outcome.task, self._found.name
        told = {"failed_code": outcome.why, "failed_detail": outcome.detail[:300]}
        if isinstance(outcome.failed, Unreachable) and self._away is not None:
            accounts.set_state(tx, name, task.person_id, **told)
            self._write_half(tx, outcome)
            return
        tries = task.tries + 1
        # A name that is taken waits for somebody, as does what the target has no way to do.
        is_stuck = outcome.why in ("taken", "cannot") or tries >= MOST_TRIES
        state = "conflict" if outcome.why == "taken" else "quarantined" if is_stuck else "due"
        kept: dict[str, object] = {}
        if outcome.was_refused and task.remote_id is None:
            kept = {"doubtful_since": None, "held": None}
        elif outcome.was_refused and not self._is_batch:
            # Perhaps the half of it was done.
            kept = {"held": None} if task.is_unsettled else {"doubtful_since": None, "held": None}
        accounts.set_state(
            tx,
            name,
            task.person_id,
            state=state,
            tries=tries,
            due_at=now_ms() + accounts.wait_ms(tries),
            failed_in=self._run_id,
            **kept,
            **told,
        )
        self._write_half(tx, outcome)
        if is_stuck:
            why = {"why": outcome.why, "detail": outcome.detail[:300]}
            self._events.append(_Told(CONNECTOR_ACCOUNT_STUCK, task.person_id, why))

    def _write_half(self, tx: Connection, outcome: Outcome) -> None:
        """If it failed after the account was made: that is known, and that it is in no group."""
        task, name, remote_id = outcome.task, self._found.name, outcome.remote_id
        if remote_id is None or task.wanted is None:
            return
        if accounts.is_anothers(tx, name, task.person_id, remote_id):
            return
        half = to_json(replace(task.wanted, groups=()))
        known: dict[str, object] = {"remote_id": remote_id, "held": half}
        if outcome.why != "silent":
            known["doubtful_since"] = None
        accounts.set_state(tx, name, task.person_id, **known)
        self._events.append(_Told(CONNECTOR_ACCOUNT, task.person_id, {"act": "created"}))

    def _record(self, tx: Connection) -> None:
        """What was done, in the log and in the figures of its run: after all else, for the run is
        held from here on."""
        if not self._events:
            return
        run = runs.hold_open(tx, self._found.name)
        for told in self._events:
            about = self._about(tx, told.person_id)
            record(tx, told.kind, _SYNC, **about, part_of=run.folds, **told.fields)
        acts = [told.fields["act"] for told in self._events if told.kind is CONNECTOR_ACCOUNT]
        runs.count(tx, run, acts)

    def _about(self, tx: Connection, person_id: str) -> dict[str, str]:
        return {
            "subject": person_tag(person_id),
            "agency": home_agency_of(tx, person_id),
            "connector": self._found.name,
            "application": self._definition.application_id,
        }

    def _settle_target(self) -> None:
        """Note whether the target answers, and when it is asked again if not."""
        if self._away is None and not (self._done or self._waiting):
            return
        with self._installation.database.write() as tx:
            leases.assert_held(tx, self._lease)
            name, now = self._found.name, now_ms()
            if self._away is None:
                self._note_answer(tx)
                connectors.set_values(tx, name, succeeded_at=now)
                return
            runs.hold(tx, name, "away", self._away.why)
            failures = self._failures + 1
            asked = self._away.retry_after_ms
            pause = accounts.wait_ms(failures, _LONGEST_AWAY)
            if asked is not None:
                pause = max(min(asked, _LONGEST_RETRY_AFTER), SECOND)
            connectors.set_values(
                tx,
                name,
                failing_since=self._failing_since or now,
                failures=failures,
                retry_at=now + pause,
                failed_detail=self._away.why[:300],
            )

    def _note_answer(self, tx: Connection) -> None:
        """It answers: known with the first answer, whatever becomes of this turn."""
        if self._failing_since is not None:
            gone = {"failing_since": None, "failures": None, "failed_detail": None}
            connectors.set_values(tx, self._found.name, retry_at=None, **gone)
            self._failures, self._failing_since = 0, None

    def _keep(self) -> None:
        if time.monotonic() - self._renewed > _RENEWED_EVERY_S:
            leases.renew(self._installation.database, self._lease, LEASE_MS)
            self._renewed = time.monotonic()


class _Pace:
    """At most so many a second, evenly."""

    def __init__(self, per_second: int) -> None:
        self._gap = 1 / per_second
        self._next = time.monotonic()

    def is_free(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = max(self._next + self._gap, now)
        return True

    def pause_s(self) -> float:
        return max(self._next - time.monotonic(), 0.001)
