"""Edits and sign-ins from many sides while processes of the product are killed at random moments.

Everything random comes from one seed: which process dies when, who edits what. The journal and the
product's state outlive every process that is killed.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.deep.console_client import ConsoleBrowser
from tests.deep.sign_in_client import NotNow, SignIn, register
from tests.support.journal import Answer, Journal
from tests.support.ports import find_free_block
from tests.support.postgres import sql_store
from tests.support.product import (
    REPOSITORY,
    Account,
    start_product,
    stop_product,
)

ACCOUNTS = ("vanthu.stttt", "lanhdao.stttt", "chuyenvien.stttt")
_CLERK = "quantri.stttt"
_AGENCY = "STTTT"
_PAUSE_S = 0.2


@dataclass(frozen=True)
class Plan:
    """What a storm consists of: so many requests that were answered, and the kills among them.

    `kills`: kinds of process, each as often as it is named. `editors` edit through the services,
    as the command line does, `clerks` through the console; half of each edit people of their own,
    half meet at the same few.
    """

    seed: int
    edits: int
    sign_ins: int
    kills: Sequence[str]
    editors: int = 2
    clerks: int = 4
    browsers: int = 2
    between_kills_s: tuple[float, float] = (0.3, 2.0)
    at_most_s: float = 170.0


class Town:
    """A product that is started again, on the same state, whenever its supervisor is killed."""

    def __init__(self, folder: Path, store: Mapping[str, str]) -> None:
        self.folder = folder
        self._port, self._store = find_free_block(), store
        self._starts = 0
        self._start()

    def _start(self) -> None:
        """Until the supervisor says that everything runs: a process that dies before ends the
        start, and that is right (whoever started it is told why)."""
        self.product, self._process = start_product(self.folder, self._port, store=self._store)
        self._starts += 1
        deadline = time.monotonic() + 60
        while self.product.log.read_text().count("is ready (") < self._starts:
            assert self._process.poll() is None, self.product.log_tail()
            assert time.monotonic() < deadline, self.product.log_tail()
            time.sleep(0.05)

    def kill_all(self, *, at_once: bool = False) -> None:
        """SIGKILL to the supervisor: everything it started must die with it; then start again.

        `at_once`: to every process in one instant, as when the power goes.
        """
        for pid, command in self.product.processes().items() if at_once else ():
            if "tests.deep" not in command:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        deadline = time.monotonic() + 5
        while (left := self.product.processes()) and time.monotonic() < deadline:
            time.sleep(0.05)
        left = {pid: command for pid, command in left.items() if "tests.deep" not in command}
        assert not left, f"outlived the supervisor: {left}"
        self._start()

    def pid_of(self, service: str) -> int:
        """The process of a service, 0 when there is none at the moment."""
        try:
            marks = json.loads((self.product.state / "run" / "children.json").read_text())
        except (OSError, ValueError):
            return 0
        return next((mark["pid"] for mark in marks if mark["name"] == service), 0)

    def stop(self) -> None:
        stop_product(self.product, self._process)


@contextmanager
def town() -> Iterator[Town]:
    """A started product of its own; stopped cleanly at the end, which is a test too."""
    folder = Path(tempfile.mkdtemp(prefix="danhmuc-storm-"))
    try:
        with sql_store(migrated=False) as store:
            made = Town(folder, store)
            try:
                yield made
            except BaseException:
                print(made.product.log_tail())
                print("\n".join(made.product.processes().values()))
                raise
            finally:
                made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Editor:
    """A process that edits through the services; started anew whenever it was killed."""

    way = "services"

    def __init__(self, town: Town) -> None:
        self._town = town
        self._process: subprocess.Popen[str] | None = None
        self.faults: list[str] = []

    @property
    def pid(self) -> int:
        return self._process.pid if self._process and self._process.poll() is None else 0

    def edit(self, person: str, changes: Mapping[str, str], expected: Mapping[str, str]) -> Answer:
        order = {"person": person, "changes": changes, "expected": expected}
        try:
            process = self._ready()
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            answer: Answer = json.loads(line)["answer"] if line else "unknown"
        except (OSError, ValueError):
            return "unknown"
        return answer

    def _ready(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.deep.editor"],
                cwd=REPOSITORY,
                env=self._town.product.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert self._process.stdout is not None
            if not self._process.stdout.readline():
                raise OSError("the editor did not start")
        return self._process

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()


@dataclass
class Person:
    """Somebody who is edited; `phone` is what the last acknowledged edit said, if that is known."""

    id: str
    phone: str | None = None


@dataclass
class Report:
    """What happened: answers by kind of request, and who was killed when (s after the start)."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    kills: list[tuple[float, str]] = field(default_factory=list)
    not_now: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def answered(self, kind: str = "") -> int:
        """How many requests whose kind begins so had a clear answer."""
        counts = self.answers.items()
        return sum(n for (what, a), n in counts if what.startswith(kind) and a != "unknown")

    def done(self, kind: str) -> int:
        """How many requests whose kind begins so were acknowledged."""
        return sum(
            count
            for (what, answer), count in self.answers.items()
            if what.startswith(kind) and answer == "done"
        )


class Storm:
    """One run of a plan against a town."""

    def __init__(self, town: Town, journal: Journal, plan: Plan) -> None:
        self._town = town
        self._journal = journal
        self._plan = plan
        self._random = random.Random(plan.seed)
        self._values = itertools.count(plan.seed * 100_000)
        self._began = time.monotonic()
        self._kills_done = threading.Event()
        clerk = town.product.account(_CLERK)
        self._processes = [Editor(town) for _ in range(plan.editors)]
        clerks = [ConsoleBrowser(town.product, clerk) for _ in range(plan.clerks)]
        self._alone: list[Editor | ConsoleBrowser] = [*self._processes[::2], *clerks[::2]]
        self._crowding: list[Editor | ConsoleBrowser] = [*self._processes[1::2], *clerks[1::2]]
        self.report = Report()
        people = self._people()
        assert len(people) > 2 * len(self._alone), "the agency has too few people for this plan"
        self._crowd, self._lonely = people[:2], people[2:]
        self._application = register(town.product)
        self._accounts = [self._account(name) for name in ACCOUNTS]

    def run(self) -> Report:
        """Drive, kill, and come back when all requests are made and all kills done."""
        self._began = time.monotonic()
        drivers = [threading.Thread(target=self._drive, args=(work,)) for work in self._drivers()]
        for driver in drivers:
            driver.start()
        try:
            self._kill_by_plan()
        finally:
            self._kills_done.set()
            for driver in drivers:
                driver.join()
            for editor in (*self._alone, *self._crowding):
                editor.close()
                self.report.faults += editor.faults
        return self.report

    def _drivers(self) -> list[Callable[[], None]]:
        alone = [
            partial(self._edit_alone, self._lonely[n :: len(self._alone)], editor)
            for n, editor in enumerate(self._alone)
        ]
        crowding = [partial(self._edit_crowd, editor) for editor in self._crowding]
        signing_in = [partial(self._sign_in, n) for n in range(self._plan.browsers)]
        return [*alone, *crowding, *signing_in]

    def _drive(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            self.report.faults.append(traceback.format_exc())

    def _go_on(self, kind: str, wanted: int) -> bool:
        if time.monotonic() - self._began > self._plan.at_most_s:
            return False
        return self.report.answered(kind) < wanted or not self._kills_done.is_set()

    def _people(self) -> list[Person]:
        listed = self._town.product.danhmuc_json(
            "person", "list", "--agency", _AGENCY, "--limit", "100"
        )
        return [
            Person(row["id"], row["phone"])
            for row in listed["people"]
            if row["username"] not in (*ACCOUNTS, _CLERK)
        ]

    def _account(self, name: str) -> tuple[Account, str]:
        product = self._town.product
        return product.account(name), product.danhmuc_json("person", "show", name)["id"]

    def _edit_alone(self, people: list[Person], editor: Editor | ConsoleBrowser) -> None:
        chance = random.Random(self._plan.seed)
        while self._go_on("edit", self._plan.edits):
            person = chance.choice(people)
            value = self._phone()
            expected = {} if person.phone is None else {"phone": person.phone}
            answer = self._edit(editor, person, "phone", value, expected, alone=True)
            if answer != "refused":
                person.phone = value if answer == "done" else None

    def _edit_crowd(self, editor: Editor | ConsoleBrowser) -> None:
        chance = random.Random(self._plan.seed)
        while self._go_on("edit", self._plan.edits):
            person, what = chance.choice(self._crowd), chance.choice(("phone", "title"))
            value = self._phone() if what == "phone" else f"Chuyên viên {next(self._values)}"
            self._edit(editor, person, what, value, {}, alone=False)

    def _phone(self) -> str:
        return f"0274 {next(self._values)}"

    def _edit(
        self,
        editor: Editor | ConsoleBrowser,
        person: Person,
        what: str,
        value: str,
        expected: Mapping[str, str],
        *,
        alone: bool,
    ) -> Answer:
        number = self._journal.begin(
            "edit", person=person.id, field=what, value=value, alone=alone, way=editor.way
        )
        answer = editor.edit(person.id, {what: value}, expected)
        self._journal.end(number, answer)
        self.report.answers[f"edit by {editor.way}", answer] += 1
        if answer == "unknown":
            time.sleep(_PAUSE_S)
        return answer

    def _sign_in(self, number: int) -> None:
        account, person_id = self._accounts[number]
        while self._go_on("sign-in", self._plan.sign_ins):
            attempt = SignIn(self._application, self._journal, account, person_id)
            try:
                attempt.run()
                self.report.answers["sign-in", "done"] += 1
            except NotNow as reason:
                self.report.answers["sign-in", "unknown"] += 1
                self.report.not_now[str(reason)[:60]] += 1
                time.sleep(_PAUSE_S)
            finally:
                attempt.close()
                self.report.faults += attempt.faults

    def _kill_by_plan(self) -> None:
        """Kill while requests are being answered: at least a few between two kills, if possible."""
        kinds = list(self._plan.kills)
        self._random.shuffle(kinds)
        for kind in kinds:
            wanted, deadline = self.report.answered() + 4, time.monotonic() + 10
            while self.report.answered() < wanted and time.monotonic() < deadline:
                time.sleep(0.05)
            time.sleep(self._random.uniform(*self._plan.between_kills_s))
            self.report.kills.append((round(time.monotonic() - self._began, 1), kind))
            self._kill(kind)

    def _kill(self, kind: str) -> None:
        if kind in ("supervisor", "power"):
            self._town.kill_all(at_once=kind == "power")
            return
        deadline = time.monotonic() + 20
        while (pid := self._victim(kind)) == 0:
            assert time.monotonic() < deadline, f"there is no {kind} to kill"
            time.sleep(0.05)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def _victim(self, kind: str) -> int:
        if kind == "editor":
            return self._random.choice(self._processes).pid
        service, _, part = kind.partition(" ")
        pid = self._town.pid_of(service)
        if part != "child" or not pid:
            return pid
        found = children_of(pid)
        return self._random.choice(found) if found else 0


def children_of(pid: int) -> list[int]:
    """Living children of a process."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return sorted(found)


KINDS = (
    "slapd",
    "web",
    "web child",
    "console",
    "console child",
    "worker",
    "editor",
    "supervisor",
    "power",
)
"""Every kind of death: ``web`` is the master of its ``web child``, ``power`` takes all at once."""
