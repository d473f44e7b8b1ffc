"""A mass change goes out to foreign targets while the worker, slapd and the targets themselves are
killed, frozen and cut off at random moments.

Everything random comes from one seed: who is changed how, what dies when. What there is to be in
the end is worked out here and not by the product: of LDAP as ldapsearch tells it, of the rows of
grants, and of what each target itself holds.
"""

from __future__ import annotations

import base64
import itertools
import json
import random
import sqlite3
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import text, update

from admin_ui.components import COMPONENTS
from directory.authz import applications, grants
from directory.authz.applications import Application
from directory.authz.roles import Role
from directory.catalogue.person import Post
from directory.clock import now_ms, today
from directory.component import load_tables
from directory.database.tables import lease
from directory.errors import AppError, Unavailable
from directory.ids import new_id
from directory.ldap.accounts import ldap_uris
from directory.people import service
from directory.people.service import NewPerson
from directory.release import service as release
from directory.release.attributes import ATTRIBUTES
from sync.engine import connectors
from sync.engine.running import SETTLING_MS
from tests.support.installation import (
    OPERATOR,
    RunningInstallation,
    running_installation,
    short_folder,
)
from tests.support.product import REPOSITORY
from tests.support.province import a_department, an_active_person, give
from tests.sync.foreign.processes import ForeignProcess, Way
from tests.sync.foreign.servers import django_scim2, scim2, scimmy
from tests.sync.kept_accounts import definition
from tests.sync.scim_server import TOKEN

load_tables(COMPONENTS)
_ROLES = {"van_thu": "Văn thư", "lanh_dao": "Lãnh đạo"}
_APPLICATION = "kho-ho-so"
_PAUSE_S = 0.2
_ALL = frozenset({"displayName", "name.familyName", "name.givenName", "title", "emails"})
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
_DEPARTMENT = "enterprise.department"


@dataclass(frozen=True)
class Plan:
    """`people` there are in the end; `kills`: of the worker and of slapd; `troubles`: of targets,
    beside them. `busy_s`: at most so long is waited for the worker to do something before it is
    killed. `troubled_s`: how long a target is away."""

    seed: int
    people: int
    worker_kills: int
    slapd_kills: int
    troubles: int
    editors: int = 2
    between_kills_s: tuple[float, float] = (0.1, 1.5)
    between_troubles_s: tuple[float, float] = (1.0, 8.0)
    troubled_s: tuple[float, float] = (0.3, 7.0)
    between_acts_s: float = 0.25
    busy_s: float = 10.0
    at_most_s: float = 480.0
    settled_s: float = 60.0


@dataclass(frozen=True)
class Held:
    """An account as a target has it, or is to have it: what can be compared."""

    login: str
    person_id: str
    is_active: bool
    attributes: Mapping[str, str]
    groups: tuple[str, ...]


@dataclass
class Place:
    """A foreign target. `keeps`: what it keeps of what is sent; `read`: what it holds, read past
    the product; `kinds`: what may happen to it."""

    name: str
    process: ForeignProcess
    way: Way
    path: str
    profile: str
    kinds: tuple[str, ...]
    read: Callable[[], Sequence[Held]]
    keeps: frozenset[str] = _ALL | {_DEPARTMENT}
    is_away: bool = False

    def trouble(self, kind: str) -> None:
        self.is_away = True
        if kind == "killed":
            self.process.kill()
        elif kind == "frozen":
            self.process.freeze()
        else:
            self.way.cut()

    def mend(self, kind: str) -> None:
        if kind == "killed":
            self.process.start()
        elif kind == "frozen":
            self.process.thaw()
        else:
            self.way.mend()
        self.is_away = False


@contextmanager
def places(folder: Path, names: Sequence[str]) -> Iterator[Sequence[Place]]:
    """Those of the targets, each behind a way that can be cut."""
    with ExitStack() as stack:
        found = []
        for name in names:
            process, path = stack.enter_context(_OPENS[name](folder)), _PATHS[name]
            way = Way(process.port)
            stack.callback(way.cut)
            if name == "django-scim2":
                read = partial(_read_django, folder / "django.db")
                kept = frozenset({"name.familyName", "name.givenName", "emails"})
                kinds: tuple[str, ...] = ("killed", "killed", "cut")
                found.append(Place(name, process, way, path, name, kinds, read, kept))
            else:
                read = partial(_read_listing, process.url + path, searches=name == "scimmy")
                profile = "scimmy" if name == "scimmy" else "standard"
                found.append(Place(name, process, way, path, profile, ("frozen", "cut"), read))
        yield found


_OPENS: Mapping[str, Callable[[Path], Any]] = {
    "django-scim2": django_scim2,
    "scim2-server": lambda _: scim2(),
    "scimmy": lambda _: scimmy(),
}
_PATHS = {"django-scim2": "/scim/v2", "scim2-server": "", "scimmy": "/scim"}


def _read_listing(url: str, *, searches: bool) -> Sequence[Held]:
    """What a server in memory lists, asked without us between."""

    def listed(kind: str) -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
        found: list[dict[str, Any]] = []
        while True:
            place = {"count": 100, "startIndex": len(found) + 1}
            if searches:
                asked, body = f"{url}/{kind}/.search", json.dumps({"schemas": [_SEARCH], **place})
                answer = requests.post(asked, data=body, headers=headers, timeout=30)
            else:
                answer = requests.get(f"{url}/{kind}", place, headers=headers, timeout=30)
            answer.raise_for_status()
            page = answer.json()
            found += page.get("Resources", [])
            if len(found) >= page["totalResults"] or not page.get("Resources"):
                break
        assert page["totalResults"] == len(found), "not all of it"
        return found

    groups: dict[str, list[str]] = defaultdict(list)
    for group in listed("Groups"):
        for member in group.get("members", []):
            groups[member["value"]].append(group["displayName"])
    return [_held(user, groups.get(user["id"], [])) for user in listed("Users")]


def _held(user: Mapping[str, Any], groups: Sequence[str]) -> Held:
    name = user.get("name", {})
    attributes = {
        "displayName": user.get("displayName", ""),
        "name.familyName": name.get("familyName", ""),
        "name.givenName": name.get("givenName", ""),
        "title": user.get("title", ""),
        "emails": ",".join(each["value"] for each in user.get("emails", [])),
        _DEPARTMENT: user.get(_ENTERPRISE, {}).get("department", ""),
    }
    is_active = user.get("active") is True
    return Held(user["userName"], user["externalId"], is_active, attributes, _sorted(groups))


def _read_django(file: Path) -> Sequence[Held]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)) as store:
        groups: dict[int, list[str]] = defaultdict(list)
        joined = "keeping_user_scim_groups JOIN keeping_group g ON g.id = group_id"
        for user_id, name in store.execute(f"SELECT user_id, g.scim_display_name FROM {joined}"):
            groups[user_id].append(name)
        rows = store.execute(
            "SELECT id, username, scim_external_id, is_active, last_name, first_name, email"
            " FROM keeping_user"
        ).fetchall()
    found = []
    for number, login, external, is_active, family, given, mail in rows:
        attributes = {"name.familyName": family, "name.givenName": given, "emails": mail}
        its = _sorted(groups.get(number, ()))
        found.append(Held(login, external or "", bool(is_active), attributes, its))
    return found


def _sorted(names: Collection[str]) -> tuple[str, ...]:
    """Twice in a group is once: scimmy keeps whoever joins again a second time (RFC 7644 section
    3.5.2.1 says that it should not), and forgets both when they leave."""
    return tuple(sorted(set(names)))


def read_ldap(running: RunningInstallation, branch: str) -> list[dict[str, list[str]]]:
    """Entries of a branch, as the real tool tells them."""
    base = f"ou={branch},{running.settings.suffix}"
    command = ["ldapsearch", "-Q", "-LLL", "-o", "ldif-wrap=no", "-Y", "EXTERNAL"]
    command += ["-H", ldap_uris(running.settings)[0], "-s", "one", "-b", base]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    entries = []
    for block in done.stdout.strip().split("\n\n"):
        entry: dict[str, list[str]] = defaultdict(list)
        for line in block.splitlines():
            name, _, value = line.partition(":")
            plain = base64.b64decode(value[2:]).decode() if value.startswith(":") else value[1:]
            entry[name].append(plain)
        if "dmId" in entry:
            entries.append(entry)
    return entries


def _wanted(running: RunningInstallation) -> Mapping[str, Held]:
    """Who is to have which account: of LDAP and of the rows of grants, by nothing of ours."""
    with running.installation.database.read() as tx:
        rows = tx.execute(
            text(
                "SELECT holder_id, role FROM role_grant WHERE application_id = :app AND"
                " revoked_at = 0 AND (end_on = '' OR end_on >= :day)"
            ),
            {"app": _APPLICATION, "day": today().isoformat()},
        ).all()
    roles: dict[str, set[str]] = defaultdict(set)
    for holder, role in rows:
        roles[holder].add(_ROLES[role])
    names = {each["dmId"][0]: each["ou"][0] for each in read_ldap(running, "agencies")}
    found = {}
    for entry in read_ldap(running, "people"):
        person_id = entry["dmId"][0]
        if entry["dmStatus"] != ["active"] or person_id not in roles:
            continue
        attributes = {
            "displayName": entry["displayName"][0],
            "name.familyName": entry["sn"][0],
            "name.givenName": entry["givenName"][0],
            "title": entry["title"][0],
            "emails": entry["mail"][0],
            _DEPARTMENT: names[entry["dmAgency"][0]],
        }
        groups = _sorted(roles[person_id])
        found[person_id] = Held(entry["uid"][0], person_id, True, attributes, groups)
    return found


@dataclass
class Report:
    """What happened: acts by kind and answer, deaths by kind, and what was wrong in the storm
    itself."""

    acts: Counter[tuple[str, str]] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    resumed: int = 0
    seconds: float = 0.0
    settled_s: float = 0.0
    faults: list[str] = field(default_factory=list)


@dataclass
class Someone:
    """Somebody whom one editor changes. `said`: what the product said it did, by LDAP attribute;
    None: it did not say."""

    id: str
    grants: dict[str, str | None] = field(default_factory=dict)
    said: dict[str, str | None] = field(default_factory=dict)


class Worker:
    """The product's worker as a process, started anew whenever it was killed."""

    def __init__(self, running: RunningInstallation, log: Path) -> None:
        self._running, self._log = running, log
        self.began = 0
        self._start()

    def _start(self) -> None:
        self.began = now_ms()
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "admin_ui.cli", "worker"],
                cwd=REPOSITORY,
                env=self._running.environment,
                stdout=output,
                stderr=output,
            )

    def kill(self, *, waits: bool) -> None:
        """`waits`: for the deadlines of what it held, as it is; else they are over at once."""
        assert self._process.poll() is None, f"it ended by itself: {self._process.returncode}"
        self._process.kill()
        self._process.wait()
        if not waits:
            with self._running.installation.database.write() as tx:
                tx.execute(update(lease).values(deadline=0))
        self._start()

    def has_worked(self) -> bool:
        """Whether it brought any account further since it was started."""
        with self._running.installation.database.read() as tx:
            query = text("SELECT max(changed_at) FROM connector_account")
            return (tx.execute(query).scalar() or 0) > self.began

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


class Storm:
    """One run of a plan over an installation and its targets."""

    def __init__(
        self, running: RunningInstallation, targets: Sequence[Place], plan: Plan, log: Path
    ) -> None:
        self._running, self._targets, self._plan = running, targets, plan
        self._log = log
        self._random = random.Random(plan.seed)
        self._numbers = itertools.count()
        self._slapd_lock = threading.Lock()
        self._over = threading.Event()
        self._mass_done = threading.Event()
        self._people: list[Someone] = []
        self.report = Report()

    def run(self) -> Report:
        """All of it; gives what happened. Fails when something is otherwise than it should be a
        minute after the last death."""
        self._prepare()
        began = time.monotonic()
        self._worker = Worker(self._running, self._log)
        threads = [
            threading.Thread(target=self._guarded, args=(work,))
            for work in (
                *(partial(self._edit, number) for number in range(self._plan.editors)),
                self._operate,
                self._trouble_targets,
            )
        ]
        try:
            for thread in threads:
                thread.start()
            try:
                self._kill(began)
            finally:
                self._mass_done.set()
                for thread in (*threads[: self._plan.editors], threads[-1]):
                    thread.join()
            self._worker.kill(waits=True)
            self.report.deaths["worker"] += 1
            self.report.seconds = time.monotonic() - began
            self._await_settled()
        finally:
            self._over.set()
            for thread in threads:
                thread.join()
            self._worker.end()
        return self.report

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            self.report.faults.append(traceback.format_exc())

    def _prepare(self) -> None:
        installation = self._running.installation
        root = a_department(installation, "UBND")
        self._root = root.id
        self._agencies = [a_department(installation, f"SO{n}", root.id).id for n in range(3)]
        with installation.database.write() as tx:
            app = Application(id=_APPLICATION, name="Kho hồ sơ", access="roles")
            applications.put(tx, OPERATOR, app)
            release.begin(tx, OPERATOR, app, release.proposed(ATTRIBUTES))
            for name, group in _ROLES.items():
                grants.put_role(tx, OPERATOR, Role(_APPLICATION, name, group, group))
        for place in self._targets:
            address = f"http://127.0.0.1:{place.way.port}{place.path}"
            source = definition(place.name, _APPLICATION, address)
            source = source.replace('url: "', f'profile: {place.profile}, url: "')
            source = source.replace("roles:\n", "roles:\n  lanh_dao: Lãnh đạo\n")
            connectors.put(installation, OPERATOR, source, TOKEN)

    # Who changes what

    def _edit(self, number: int) -> None:
        chance = random.Random(self._plan.seed * 100 + number)
        own: list[Someone] = []
        share = self._plan.people // self._plan.editors
        acts = (self._rename, self._mail, self._move, self._stand, self._give, self._withdraw)
        while not (self._mass_done.is_set() and len(own) >= share):
            if len(own) < share and (len(own) < 4 or chance.random() < 0.5):
                if (added := self._add(chance)) is not None:
                    own.append(added)
                    self._people.append(added)
            else:
                chance.choice(acts)(chance.choice(own), chance)
            time.sleep(self._plan.between_acts_s * chance.uniform(0.2, 1.8))

    def _ask(self, kind: str, act: Callable[[], object]) -> str:
        """Do it: "done", "refused" (for certain not done), or "unknown"."""
        try:
            act()
            answer = "done"
        except AppError as error:
            is_open = isinstance(error, Unavailable) or error.code.startswith("change.")
            answer = "unknown" if is_open else "refused"
        self.report.acts[kind, answer] += 1
        if answer == "unknown":
            time.sleep(_PAUSE_S)
        return answer

    def _change(self, someone: Someone, kind: str, act: Callable[[], object], **to: str) -> None:
        answer = self._ask(kind, act)
        for name, value in to.items():
            if answer != "refused":
                someone.said[name] = value if answer == "done" else None

    def _add(self, chance: random.Random) -> Someone | None:
        number, agency = next(self._numbers), chance.choice(self._agencies)
        person_id = new_id()
        new = NewPerson(
            id=person_id,
            username=f"nguoi{number}",
            full_name=f"Nguyễn Văn Hùng {number}",
            agency_id=agency,
            mail=f"nguoi{number}@binhduong.gov.vn",
        )
        someone = Someone(person_id)
        act = partial(an_active_person, self._running.installation, new)
        self._change(someone, "add", act, dmStatus="active", displayName=new.full_name)
        if someone.said.get("dmStatus") is None:
            return None  # whoever they are, nobody changes them again
        self._give(someone, chance)
        return someone

    def _rename(self, someone: Someone, chance: random.Random) -> None:
        name = f"{chance.choice(('Lê', 'Trần', 'Phạm'))} Thị {chance.choice(('Hoa', 'Mai'))}"
        name += f" {next(self._numbers)}"
        act = partial(
            service.change_person,
            *(self._running.installation, OPERATOR, someone.id, {"full_name": name}),
        )
        self._change(someone, "rename", act, displayName=name)

    def _mail(self, someone: Someone, _chance: random.Random) -> None:
        mail = f"thu{next(self._numbers)}@binhduong.gov.vn"
        act = partial(
            service.change_person,
            *(self._running.installation, OPERATOR, someone.id, {"mail": mail}),
        )
        self._change(someone, "mail", act, mail=mail)

    def _move(self, someone: Someone, chance: random.Random) -> None:
        agency, title = chance.choice(self._agencies), f"Chuyên viên {next(self._numbers)}"
        post = Post(new_id(), agency, "", title)
        act = partial(service.move_person, self._running.installation, OPERATOR, someone.id, post)
        self._change(someone, "move", act, title=title, dmAgency=agency)

    def _stand(self, someone: Someone, chance: random.Random) -> None:
        """Suspended people come back sooner or later."""
        is_active = someone.said.get("dmStatus") == "active"
        to, act = ("suspended", service.suspend) if is_active else ("active", service.resume)
        if is_active and chance.random() < 0.3:
            return
        done = partial(act, self._running.installation, OPERATOR, someone.id, "kiểm thử")
        self._change(someone, to, done, dmStatus=to)

    def _give(self, someone: Someone, chance: random.Random) -> None:
        role = chance.choice(list(_ROLES))
        given: list[str] = []

        def act() -> None:
            its = {"application_id": _APPLICATION}
            given.append(give(self._running.installation, role, someone.id, self._root, **its))

        answer = self._ask("give", act)
        if answer == "done":
            someone.grants[given[0]] = role
        elif answer == "unknown":
            self.report.faults.append("a grant is SQL alone: it is given or not")

    def _withdraw(self, someone: Someone, chance: random.Random) -> None:
        if not someone.grants or chance.random() < 0.4:
            return
        grant_id = chance.choice(list(someone.grants))

        def act() -> None:
            with self._running.installation.database.write() as tx:
                grants.revoke_grant(tx, OPERATOR, grant_id, "kiểm thử")

        if self._ask("withdraw", act) == "done":
            del someone.grants[grant_id]

    # What dies when

    def _kill(self, began: float) -> None:
        kinds = ["worker"] * (self._plan.worker_kills - 1) + ["slapd"] * self._plan.slapd_kills
        self._random.shuffle(kinds)
        for kind in kinds:
            assert time.monotonic() - began < self._plan.at_most_s, f"too slow: {self.report}"
            if kind == "worker":
                self._await_busy()
            time.sleep(self._random.uniform(*self._plan.between_kills_s))
            if kind == "worker":
                self._worker.kill(waits=False)
            else:
                self._running.kill_slapd()
                time.sleep(self._random.uniform(0.0, 0.5))
                self._running.start_slapd()
            self.report.deaths[kind] += 1

    def _await_busy(self) -> None:
        until = time.monotonic() + self._plan.busy_s
        while not self._worker.has_worked():
            if time.monotonic() >= until:
                self.report.deaths["worker, idle"] += 1
                return
            time.sleep(0.05)

    def _trouble_targets(self) -> None:
        chance = random.Random(self._plan.seed + 1)
        for _ in range(self._plan.troubles):
            if self._mass_done.is_set():
                return
            time.sleep(chance.uniform(*self._plan.between_troubles_s))
            place = chance.choice(self._targets)
            kind = chance.choice(place.kinds)
            place.trouble(kind)
            time.sleep(chance.uniform(*self._plan.troubled_s))
            place.mend(kind)
            self.report.deaths[f"{place.name} {kind}"] += 1

    def _operate(self) -> None:
        """Somebody looks: so many are to go, and that is right."""
        while not self._over.wait(0.5):
            with suppress(AppError):
                with self._running.installation.database.read() as tx:
                    found = [connectors.get(tx, place.name) for place in self._targets]
                for each in found:
                    if each.stopped_at is not None:
                        self.report.resumed += 1
                        its = (self._running.installation, OPERATOR, each.name)
                        connectors.resume(*its, losses=10_000)

    # What there is to be in the end

    def _await_settled(self) -> None:
        began = time.monotonic()
        while wrong := [*self.broken(), *self._soon_again()]:
            assert time.monotonic() - began < self._plan.settled_s, self._told(wrong)
            time.sleep(0.5)
        self.report.settled_s = time.monotonic() - began
        time.sleep(3 * _PAUSE_S)
        wrong = self.broken()
        assert not wrong, f"it did not stay so: {self._told(wrong)}"

    def _told(self, wrong: Sequence[str]) -> str:
        with self._running.installation.database.read() as tx:
            rows = tx.execute(text("SELECT * FROM connector_account")).all()
            bad = [
                row
                for row in rows
                if row.state != "in_step"
                or any(row.person_id in each and row.connector in each for each in wrong)
            ]
            stuck = [json.dumps(dict(row._mapping), ensure_ascii=False) for row in bad]
            query = text(
                "SELECT name, failing_since, failures, retry_at, stopped_at FROM connector"
            )
            stuck += [str(row) for row in tx.execute(query)]
        lines = [f"{len(wrong)} broken:", *wrong[:30], "not in step:", *stuck[:20], f"{now_ms()}"]
        return "\n".join([*lines, str(self.report), *self._log.read_text().splitlines()[-20:]])

    def broken(self) -> list[str]:
        """What is otherwise than it should be, a sentence each."""
        wrong = [*self._lost()]
        wanted = _wanted(self._running)
        for place in self._targets:
            wrong += [f"{place.name}: {each}" for each in _compare(place, wanted)]
        return wrong

    def _soon_again(self) -> list[str]:
        """What is done once more, as something sent before may yet be carried out: till then what
        is right need not stay so."""
        with self._running.installation.database.read() as tx:
            query = text(
                "SELECT person_id FROM connector_account WHERE state = 'due' AND due_at < :soon"
            )
            rows = tx.execute(query, {"soon": now_ms() + 2 * SETTLING_MS})
            return [f"{row.person_id} is done once more" for row in rows]

    def _lost(self) -> Iterator[str]:
        """What was said to be done and is not there."""
        entries = {each["dmId"][0]: each for each in read_ldap(self._running, "people")}
        with self._running.installation.database.read() as tx:
            query = text("SELECT id, revoked_at FROM role_grant")
            standing = {row.id for row in tx.execute(query) if not row.revoked_at}
        for someone in self._people:
            entry = entries.get(someone.id, {})
            for name, value in someone.said.items():
                if value is not None and value not in entry.get(name, []):
                    yield f"{someone.id}: {name} is {entry.get(name)}, and not {value}"
            for grant_id in someone.grants.keys() - standing:
                yield f"{someone.id}: the grant {grant_id} does not stand"


def _compare(place: Place, wanted: Mapping[str, Held]) -> Iterator[str]:
    held = place.read()
    for what in ("login", "person_id"):
        counted = Counter(getattr(each, what).casefold() for each in held)
        yield from (f"{each} has {n} accounts" for each, n in counted.items() if n > 1)
    there = {each.person_id: each for each in held}
    for person_id, account in wanted.items():
        its = there.get(person_id)
        if its is None:
            yield f"{account.login} has none"
            continue
        if (its.login, its.is_active, its.groups) != (account.login, True, account.groups):
            yield f"{its}, which is to be in {account.groups}"
        for name in place.keeps:
            if its.attributes[name] != account.attributes[name]:
                yield (
                    f"{its.login}: {name} is {its.attributes[name]!r}, not "
                    f"{account.attributes[name]!r}"
                )
    for person_id, its in there.items():
        if person_id not in wanted and (its.is_active or its.groups):
            yield f"{its.login} left, and is active or in a group: {its}"


@contextmanager
def storm(plan: Plan, names: Sequence[str]) -> Iterator[Storm]:
    """An installation, those of the targets, and a storm over them."""
    with ExitStack() as stack:
        folder = stack.enter_context(short_folder())
        targets = stack.enter_context(places(folder, names))
        allowed = " ".join(f"127.0.0.1/32:{place.way.port}" for place in targets)
        running = stack.enter_context(running_installation(DANHMUC_OUTBOUND_ALLOW=allowed))
        made = Storm(running, targets, plan, folder / "worker.log")
        yield made
