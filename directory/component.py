"""What a component declares of itself: plain data, from which processes and tests take what they
use. `admin_ui.components` lists them all; nothing is found by scanning.

A declaration is light. What is heavy is named as ``package.module:name`` and loaded by the process
that uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from directory.audit.kinds import Kind, Pair, SubjectKind, Vocabulary, WordList
from directory.authz.permissions import Permission
from directory.errors import ErrorCode, Words
from directory.message_kinds import WHAT, MessageKind, words_of


@dataclass(frozen=True)
class TableRule:
    """`kept`: how long a row stays; `restored`: what becomes of it when a backup is restored."""

    kept: str
    restored: str


@dataclass(frozen=True)
class Job:
    """Work that a worker does again and again, `every_s` seconds after its last end, under a lease
    of its own: one process at a time.

    `work` is called with the installation. It may be killed anywhere, and goes on at its next turn.
    After `longest_s` it is reported as running too long; after twice that the worker, which cannot
    end a thread, ends itself and is started anew.
    """

    name: str
    every_s: float
    longest_s: float
    work: str

    @property
    def lease(self) -> str:
        return f"job.{self.name}"


@dataclass(frozen=True)
class Check:
    """One `part` that `danhmuc doctor` looks at.

    `asks` is called with the installation; it gives a sentence when all is well, and raises
    `NotWell` or an `AppError` when not. `ready`: its name where ``/readyz`` and the metrics ask it
    too; then it is quick, and the code of what it raises is shown there. `decisive`: without it
    nobody signs in.
    """

    part: str
    asks: str
    ready: str = ""
    decisive: bool = False


@dataclass(frozen=True)
class Route:
    """One address at which a web application answers: the `application` named, or every one.

    `name`: what metrics and the log call it. `view`: ``package.module:function``, called by Flask.
    `answers_json`: programs call it, and what goes wrong there is JSON. `is_posted_from_elsewhere`:
    others than our own pages post to it, who prove themselves otherwise than by a form's token.
    """

    name: str
    path: str
    view: str
    methods: tuple[str, ...] = ("GET",)
    application: Literal["issuer", "machine", "every"] = "issuer"
    answers_json: bool = False
    is_posted_from_elsewhere: bool = False


@dataclass(frozen=True)
class RequestKind:
    """Something that one person asks and a second decides (`directory.requests`).

    `told`: what is asked, for the log, as the object of "asks for". `permission`: what whoever
    decides must be allowed. The rest as ``package.module:name``. `about`: called with the payload;
    gives the object that the permission is decided for. `describe`: called with a transaction and
    payloads; gives a sentence for each, as things are called now. `carry_out`: called with the
    transaction of the decision, the approver and the request; does what was asked, and looks at
    everything again that was true when it was asked; gives the id of the request that a further
    person decides, if that is what came of it. `choices`: where the approver chooses what is given;
    called as `carry_out`, gives names by value, of which one stands as ``choice`` in the payload
    that is carried out. `foresee`: called as `carry_out`, with a transaction that only reads; gives
    whether a further person would decide, and raises what carrying it out would raise. `days`: how
    long it waits to be decided. `is_privileged`: called with the payload; whether what is approved
    is such that whoever approves it proves anew who they are.
    """

    name: str
    told: Pair
    permission: Permission
    about: str
    describe: str
    carry_out: str
    foresee: str
    choices: str = ""
    days: int = 30
    is_privileged: Callable[[Mapping[str, Any]], bool] = lambda _payload: True


@dataclass(frozen=True)
class Expiry:
    """Something that works for so long and is made anew before: a key, a certificate.

    `what`: what it is, with all that tells it from others. `ends_at` (ms): when it ends, or is due
    to be changed; None where it cannot be read. `renew`: what to do, in a sentence;
    commands in it stand between backquotes.
    """

    what: Words
    ends_at: int | None
    renew: Words


class Feature:
    """What a component declares to a layer above this one, in a dataclass of that layer:
    `idp.feature.OidcFeature`."""


class NotWell(Exception):
    """What a check found, as a sentence that says what to do; `code` for ``/readyz``."""

    def __init__(self, says: str, code: str = "failed") -> None:
        super().__init__(says)
        self.code = code


@dataclass(frozen=True)
class Component:
    """A package with one job.

    `tables_in`: the modules that define its tables; `tables`: the rule of each by its name.
    `forget`: functions that forget what has expired, called in a transaction of their own each
    minute. `jobs`: what else it has done in the background. `checks`: what is asked of its health.
    `expiries`: functions that give what of its own ends (`Expiry`), called with the installation.
    `errors`: the errors it raises. `kinds`: the audit events it records; `actors`: what it is
    called there where it acts by itself (`directory.actor.system`), in Vietnamese and English.
    `permissions`: the enums of what may be done to what is its own. `subjects`: the kinds of things
    of its own that events are about; `words`: what it adds to the word lists of others' events.
    `requests`: what of its own one person asks and a second decides. `messages`: what it has people
    told by e-mail. `routes`: where it answers the
    web; a screen of the console is declared beside its views (`admin_ui.console.screen`).
    `features`: what it declares to the layers above.
    """

    package: str
    tables_in: tuple[str, ...] = ()
    tables: Mapping[str, TableRule] = field(default_factory=dict)
    forget: tuple[str, ...] = ()
    jobs: tuple[Job, ...] = ()
    checks: tuple[Check, ...] = ()
    expiries: tuple[str, ...] = ()
    errors: tuple[ErrorCode, ...] = ()
    kinds: tuple[Kind, ...] = ()
    actors: Mapping[str, Pair] = field(default_factory=dict)
    permissions: tuple[type[Permission], ...] = ()
    routes: tuple[Route, ...] = ()
    features: tuple[Feature, ...] = ()
    subjects: tuple[SubjectKind, ...] = ()
    words: Mapping[WordList, Mapping[str, Pair]] = field(default_factory=dict)
    requests: tuple[RequestKind, ...] = ()
    messages: tuple[MessageKind, ...] = ()


def jobs_of(components: Iterable[Component]) -> tuple[Job, ...]:
    """Every job they declare."""
    return tuple(job for component in components for job in component.jobs)


def checks_of(components: Iterable[Component]) -> tuple[Check, ...]:
    """Every check they declare."""
    return tuple(check for component in components for check in component.checks)


def expiries_of(components: Iterable[Component]) -> tuple[str, ...]:
    """Every function that tells what ends."""
    return tuple(name for component in components for name in component.expiries)


def permissions_of(components: Iterable[Component]) -> tuple[Permission, ...]:
    """Every permission they declare."""
    return tuple(
        each for component in components for kind in component.permissions for each in kind
    )


def routes_of(components: Iterable[Component], application: str) -> tuple[Route, ...]:
    """Every route they declare for that application alone."""
    routes = (route for component in components for route in component.routes)
    return tuple(route for route in routes if route.application == application)


def folder_of(component: Component) -> Path:
    """Where its pages, words and static files lie, if it has any."""
    return Path(str(import_module(component.package).__file__)).parent


def requests_of(components: Iterable[Component]) -> Mapping[str, RequestKind]:
    """Every kind of request they declare, by its name."""
    return {kind.name: kind for component in components for kind in component.requests}


def messages_of(components: Iterable[Component]) -> Mapping[str, MessageKind]:
    """Every kind of message they declare, by its name."""
    return {kind.name: kind for component in components for kind in component.messages}


def load_tables(components: Iterable[Component]) -> None:
    """Make the metadata of the SQL store complete."""
    for component in components:
        for module in component.tables_in:
            import_module(module)


def vocabulary_of(components: Iterable[Component]) -> Vocabulary:
    """What they say of the audit log, for whoever reads it."""
    components = tuple(components)
    kinds: dict[str, Kind] = {}
    actors: dict[str, Pair] = {}
    subjects: dict[str, SubjectKind] = {}
    words: dict[WordList, dict[str, Pair]] = {}
    for component in components:
        kinds |= {kind.name: kind for kind in component.kinds}
        actors |= component.actors
        subjects |= {subject.kind: subject for subject in component.subjects}
        for known, added in component.words.items():
            words.setdefault(known, {}).update(added)
        if component.messages:
            words.setdefault(WHAT, {}).update(words_of(component.messages))
    permissions = {str(each): each.told for each in permissions_of(components)}
    requests = {name: kind.told for name, kind in requests_of(components).items()}
    return Vocabulary(kinds, actors, permissions, subjects, words, requests)
