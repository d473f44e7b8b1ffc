"""``bench/run connectors``: how soon and how fast accounts follow the catalogue.

Real servers that we did not write (django-scim2 on SQL, scim2-server in memory), and for what they
are too slow for the least that is a SCIM server (`bench.scim_target`). What there is in a target is
read in its own store. With the usual sizes it takes less than ten minutes.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, func, insert, select, update

from bench import connectors_stage as stage
from bench.connectors_report import Figure, report, write_page
from bench.connectors_stage import TargetServer, Worker, await_that
from directory.clock import now_ms
from directory.projection.tables import catalogue_person
from sync.changes.readers import take
from sync.engine import reconciling
from sync.engine.following import follow
from sync.engine.running import run_connector
from sync.engine.tables import connector_account
from sync.feed.state import save_state
from sync.feed.stream import newest
from sync.feed.tables import catalogue_event
from tests.support import postgres
from tests.support.command_line import run_here
from tests.support.installation import OPERATOR, RunningInstallation

_JOINERS, _LEAVERS = 20, 10
_LONGEST_S = 3600.0
_PLAIN = 1000
_SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)
_JOINING = 100
_CHUNK = 5000
_NAMES = {"minimal": "the least there is, ours", "scim2": "scim2-server", "django": "django-scim2"}


@dataclass
class Bench:
    """What was measured so far."""

    options: argparse.Namespace
    figures: list[Figure]

    def tell(self, name: str, goal: str, measured: str, remark: str = "") -> None:
        self.figures.append(Figure(name, goal, measured, remark))
        print(f"{name}: {measured} ({goal}) {remark}", file=sys.stderr, flush=True)

    @contextmanager
    def place(
        self, people: int, names: Sequence[str]
    ) -> Iterator[tuple[RunningInstallation, Any, Path]]:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dm-bench-")))
            servers = stack.enter_context(stage.targets(folder, names))
            running = stack.enter_context(stage.installed(people, servers))
            yield running, servers, folder / "worker.log"


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    if options.engine == "postgresql":
        postgres.ENGINE = "postgresql"  # the stores that tests get are of this engine
    bench = Bench(options, [])
    for name, work in _MEASURES.items():
        if not options.only or name in options.only:
            work(bench)
    told = report(bench.figures, options)
    print(told)
    if options.write:
        write_page(told)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run connectors", description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--only", nargs="+", choices=tuple(_MEASURES), default=[])
    parser.add_argument("--load", type=int, default=3000, help="accounts of the first load (3000)")
    parser.add_argument(
        "--load-target", choices=("minimal", "scim2", "django"), default="minimal",
        help="the server of the first load",
    )  # fmt: skip
    parser.add_argument("--group", type=int, default=20_000, help="members of a group (20,000)")
    parser.add_argument("--at-once", type=int, default=8, help="connections (8)")
    parser.add_argument("--changes", type=int, default=30_000, help="of the stream (30,000)")
    parser.add_argument(
        "--week", type=int, default=30_000, help="changes while it is away (30,000)"
    )
    parser.add_argument("--week-people", type=int, default=3000, help="whose they are (3000)")
    parser.add_argument(
        "--write", action="store_true", help="into docs/reference/performance.md too"
    )
    return parser.parse_args(arguments)


# Joiners and leavers


def people(bench: Bench) -> None:
    """(1) and (2): by the worker, with a target of each kind, then with one of them frozen."""
    names = ("django", "scim2", "scim2-dead")
    with bench.place(300, names) as (running, servers, log):
        for server in servers.values():
            stage.connect(running, server, 4)
        with Worker(running, log):
            installation = running.installation
            await_that(
                lambda: all(
                    stage.count_states(installation, name).keys() == {"in_step"} for name in names
                ),
                300,
            )
            numbers = itertools.count()
            reached = (servers["django"], servers["scim2"])
            joined = [_join(running, reached, next(numbers)) for _ in range(_JOINERS)]
            told = _shares([seconds for _, seconds in joined])
            bench.tell("joiner usable, p50 / p95 of 20", "≤ 5 s", told, "in both targets")
            servers["scim2-dead"].process.freeze()
            try:
                _with_one_dead(bench, running, reached, [who for who, _ in joined], numbers)
            finally:
                servers["scim2-dead"].process.thaw()


def _with_one_dead(
    bench: Bench,
    running: RunningInstallation,
    reached: Sequence[TargetServer],
    leaving: Sequence[str],
    numbers: Iterator[int],
) -> None:
    took = []
    for login in leaving[:_LEAVERS]:
        done = run_here(["person", "suspend", login, "--reason", "đo"], running.environment)
        assert done.returncode == 0, done.stderr
        took.append(await_that(partial(_is_out, reached, login), 120, 0.02))
    told = _shares(took)
    bench.tell("leaver disabled while another target is dead", "≤ 10 s", told, "in both others")
    joined = [_join(running, reached, next(numbers)) for _ in range(_JOINERS)]
    told = _shares([seconds for _, seconds in joined])
    bench.tell("joiner usable while another target is dead", "≤ 5 s", told, "it delays nobody")


def _is_out(reached: Sequence[TargetServer], login: str) -> bool:
    return not any(each.has(login) for each in reached)


def _has_as_many(server: TargetServer, count: float) -> bool:
    return server.count()[0] >= count


def _join(
    running: RunningInstallation, reached: Sequence[TargetServer], number: int
) -> tuple[str, float]:
    login = f"do{number}"
    command = ["person", "add", "--username", login, "--full-name", f"Nguyễn Văn Đo {number}"]
    command += ["--agency", "STTTT", "--mail", f"{login}@binhduong.gov.vn", "--password-stdin"]
    done = run_here(command, running.environment, stdin=f"song-dao-bien-nui-{number}-44")
    assert done.returncode == 0, done.stderr
    return login, await_that(lambda: all(each.has(login) for each in reached), 120, 0.02)


def _shares(values: Sequence[float]) -> str:
    ordered = sorted(values)
    p50, p95 = (ordered[min(int(share * len(ordered)), len(ordered) - 1)] for share in (0.5, 0.95))
    return f"{p50:.1f} / {p95:.1f} s"


# The first load, and a whole reading


def load(bench: Bench) -> None:
    """(3) and (4): one target, everybody; then one account in a hundred is changed there."""
    options = bench.options
    own = _NAMES[options.load_target]
    names = [options.load_target, f"{options.load_target}-plain"]
    with bench.place(options.load, names) as (running, servers, log):
        server, plain = servers[names[0]], servers[names[1]]
        rate = stage.create_plainly(plain, min(_PLAIN, options.load), options.at_once)
        bench.tell(
            f"{min(_PLAIN, options.load):,} creates by a plain client",
            "its own limit",
            f"{rate:.0f}/s",
            f"{own}, {options.at_once} connections",
        )
        stage.connect(running, server, options.at_once)
        began, memory, cpu = time.monotonic(), [], 0.0
        with Worker(running, log) as worker:
            wanted = _count_wanted(running)
            reached_s = []
            for share in _SHARES:
                await_that(partial(_has_as_many, server, share * wanted), _LONGEST_S, 0.2)
                memory.append(worker.memory_mib)
                reached_s.append(f"{time.monotonic() - began:.0f}")
            seconds, cpu = time.monotonic() - began, worker.cpu_s
            rss, anon = (", ".join(f"{each[at]:.0f}" for each in memory) for at in (0, 1))
            bench.tell(
                f"first load of {wanted:,} accounts",
                "≥ 100/s",
                f"{wanted / seconds:.0f}/s",
                f"{own}, {options.at_once} connections, {seconds:.0f} s from the worker's start; "
                f"its CPU {cpu:.0f} s",
            )
            bench.tell(
                "memory of the worker at 10, 25, 50, 75, 100 %",
                "flat",
                f"{anon} MiB",
                f"with mapped pages of files (RSS) {rss} MiB; reached after "
                f"{', '.join(reached_s)} s",
            )
            await_that(
                lambda: stage.count_states(running.installation, server.name).keys() == {"in_step"},
                120,
            )
            logins = _logins(running, 50)
            cost = stage.look_up_plainly(server, logins)
            bench.tell("a look-up by a filter, with all of them", "—", f"{cost:.1f} ms", own)
            _drift(bench, running, server)


def _count_wanted(running: RunningInstallation) -> int:
    columns = catalogue_person.c
    with running.installation.database.read() as tx:
        query = select(func.count()).where(
            columns.status == "active", columns.administrator_of.is_(None)
        )
        return tx.execute(query).scalar_one()


def _logins(running: RunningInstallation, count: int) -> Sequence[str]:
    with running.installation.database.read() as tx:
        query = select(catalogue_person.c.username).order_by(catalogue_person.c.id).limit(count)
        return list(tx.execute(query).scalars())


def _drift(bench: Bench, running: RunningInstallation, server: TargetServer) -> None:
    """Hands in the target: of a hundred accounts one, renamed, disabled or deleted."""
    installation = running.installation
    with installation.database.read() as tx:
        columns = connector_account.c
        query = select(columns.remote_id).where(columns.held.is_not(None))
        ids = list(tx.execute(query.order_by(columns.person_id)).scalars())
    chosen = ids[:: max(len(ids) // max(len(ids) // 100, 3), 1)][: max(len(ids) // 100, 3)]
    gone = min(len(chosen) // 5, 40) or 1
    off = max(len(chosen) // 5, 1)
    for number, remote_id in enumerate(chosen):
        path = f"{server.path}/Users/{remote_id}"
        if number < gone:
            stage.ask(server.port, "DELETE", path)
            continue
        # django-scim2 takes no other change by PATCH.
        is_off = number < gone + off or server.profile == "django-scim2"
        changed = {"active": False} if is_off else {"displayName": "Ai Đó Khác"}
        operations = [{"op": "replace", "path": p, "value": v} for p, v in changed.items()]
        schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
        body = {"schemas": [schema], "Operations": operations}
        status, said = stage.ask(server.port, "PATCH", path, body)
        assert status < 300, said
    reconciling.begin(installation, OPERATOR, server.name, repairs=True)
    began = time.monotonic()

    def is_read() -> bool:
        with installation.database.read() as tx:
            return reconciling.report(tx, server.name, 0).is_over

    read_s = await_that(is_read, _LONGEST_S, 0.1)
    await_that(
        lambda: stage.count_states(installation, server.name).keys() == {"in_step"}, _LONGEST_S, 0.1
    )
    seconds = time.monotonic() - began
    with installation.database.read() as tx:
        found = reconciling.report(tx, server.name, 0)
    counts = ", ".join(f"{n} {kind}" for kind, n in sorted(found.counts.items()))
    bench.tell(
        f"whole reading of {found.accounts:,} accounts, {len(chosen)} of them changed there",
        "all mended",
        f"{seconds:.0f} s",
        f"read in {read_s:.0f} s; {counts}; {found.repaired} mended",
    )


# One group for everybody


def group(bench: Bench) -> None:
    """What it costs that one more is in a group that is large: requests, and bytes of both."""
    size, name = bench.options.group, "Mọi người"
    with (
        tempfile.TemporaryDirectory(prefix="dm-bench-") as folder,
        stage.targets(Path(folder), ("minimal",)) as servers,
    ):
        server = servers["minimal"]
        members, joining = stage.put_group(server, name, size, _JOINING)
        with stage.asked_by_us() as asked:
            groups = stage.groups_of(Path(folder), server)
            began = time.monotonic()
            for each in joining:
                groups.join(name, each)
            for each in members[:_JOINING]:
                groups.leave(name, each)
            cost = (time.monotonic() - began) * 1000 / (2 * _JOINING)
    found, *changes = [each for each in asked if "/Groups" in each.url]
    most = max(each.sent + each.read for each in changes)
    bench.tell(
        f"one more or less in a group of {size:,}",
        "not the whole group",
        f"{len(changes) / (2 * _JOINING):.0f} request, at most {most} bytes",
        f"{_NAMES[server.name]}: {cost:.1f} ms; it is found once a turn, in {found.read} bytes",
    )


# The stream


def stream(bench: Bench) -> None:
    """(5): a named reader takes what was published."""
    count = bench.options.changes
    with bench.place(300, ()) as (running, _, _log):
        database = running.installation.database
        with database.write() as tx:
            take(tx, "do-luong", 1)
            _publish(tx, _everybody(tx), count)
        taken, began = 0, time.monotonic()
        while taken < count:
            with database.write() as tx:
                taken += len(take(tx, "do-luong", 200).changes)
        seconds = time.monotonic() - began
    bench.tell(
        f"{count:,} changes through a named reader",
        "≥ 3,000/s",
        f"{count / seconds:,.0f}/s",
        "200 in a transaction",
    )


def _everybody(tx: Connection) -> Sequence[str]:
    columns = catalogue_person.c
    query = select(columns.id).where(columns.status == "active", columns.administrator_of.is_(None))
    return list(tx.execute(query.order_by(columns.id)).scalars())


def _publish(tx: Connection, people: Sequence[str], count: int) -> None:
    """As the feed does, many at once."""
    first = newest(tx) + 1
    told = {"kind": "person", "change": "changed", "csn": "", "at": now_ms()}
    for start in range(0, count, _CHUNK):
        rows = [
            {"sequence": first + n, "entry_id": people[n % len(people)], **told}
            for n in range(start, min(start + _CHUNK, count))
        ]
        tx.execute(insert(catalogue_event), rows)
    save_state(tx, last_sequence=first + count - 1)


# A week away


def week(bench: Bench) -> None:
    """(6): a target that does not answer while everybody changes many times, and some leave."""
    options = bench.options
    with bench.place(options.week_people, ("minimal",)) as (running, servers, _log):
        server, installation = servers["minimal"], running.installation
        stage.connect(running, server, options.at_once)
        _run_until(running, server, lambda: _is_settled(running, server))
        server.process.freeze()
        with installation.database.write() as tx:
            people = _everybody(tx)
            leaving = min(40, len(people) // 25)  # fewer than the brake stops at
            _change_all(tx, people[:-leaving], people[-leaving:])
            _publish(tx, people, options.week)
        with _counted(running) as statements:
            began = time.monotonic()
            lease = _lease_of(running, server)
            while follow(installation, lease, server.name):
                pass
            seconds = time.monotonic() - began
        states = stage.count_states(installation, server.name)
        bench.tell(
            f"{options.week:,} changes of {len(people):,} people while it is away",
            "one thing to do each",
            f"{states.get('due', 0):,} due",
            f"{statements[0]:,} statements, {seconds:.0f} s",
        )
        server.process.thaw()
        _drain(bench, running, server, len(people), leaving)


def _drain(
    bench: Bench, running: RunningInstallation, server: TargetServer, people: int, leaving: int
) -> None:
    installation = running.installation
    gone_s: list[float] = []
    updated: list[int] = []
    with _counted(running) as statements:
        began = time.monotonic()

        def is_over() -> bool:
            columns = connector_account.c
            if not gone_s and server.count()[1] <= people - leaving:
                gone_s.append(time.monotonic() - began)
                query = select(func.count()).where(columns.changed_at >= started)
                with installation.database.read() as tx:
                    updated.append(tx.execute(query).scalar_one())
            return _is_settled(running, server)

        started = now_ms()
        _run_until(running, server, is_over, turn_s=0.2)
        seconds = time.monotonic() - began
    bench.tell(
        "who left meanwhile is disabled",
        "first",
        f"{gone_s[0]:.1f} s",
        f"{updated[0]:,} accounts had been sent anything by then, of {people:,}",
    )
    bench.tell(
        "the queue is empty", "—", f"{seconds:.0f} s", f"{people / seconds:.0f} accounts/s, "
        f"{statements[0]:,} statements",
    )  # fmt: skip


def _change_all(tx: Connection, staying: Sequence[str], leaving: Sequence[str]) -> None:
    """What the feed would have written of the last change of each."""
    columns = catalogue_person.c
    for start in range(0, len(staying), 500):
        its = columns.id.in_(staying[start : start + 500])
        named = {"full_name": columns.full_name + " B", "given_name": columns.given_name + "B"}
        tx.execute(update(catalogue_person).where(its).values(named))
    gone = update(catalogue_person).where(columns.id.in_(leaving))
    tx.execute(gone.values(status="suspended"))


def _is_settled(running: RunningInstallation, server: TargetServer) -> bool:
    found = stage.count_states(running.installation, server.name)
    return bool(found) and found.keys() == {"in_step"}


def _lease_of(running: RunningInstallation, server: TargetServer) -> Any:
    from directory.database import lease as leases
    from directory.database.holders import process_name

    found = leases.hold(
        running.installation.database,
        f"connector.{server.name}",
        process_name(),
        600_000,
    )
    assert found is not None
    return found


def _run_until(
    running: RunningInstallation,
    server: TargetServer,
    is_over: Callable[[], bool],
    turn_s: float = 3.0,
) -> None:
    while not is_over():
        turn = run_connector(running.installation, server.name, turn_s=turn_s)
        assert not turn.is_held, "it is stopped, or its target does not answer"


@contextmanager
def _counted(running: RunningInstallation) -> Iterator[list[int]]:
    """SQL statements of this process."""
    count = [0]

    def add(*_: object) -> None:
        count[0] += 1

    engine = running.installation.database.engine
    event.listen(engine, "before_cursor_execute", add)
    try:
        yield count
    finally:
        event.remove(engine, "before_cursor_execute", add)


_MEASURES: dict[str, Callable[[Bench], None]] = {
    "people": people,
    "load": load,
    "group": group,
    "stream": stream,
    "week": week,
}
