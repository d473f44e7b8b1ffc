"""From nothing to everything running, and back: what `danhmuc up` does."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy.exc import OperationalError

from admin_ui.operations.backup.swap import finish_interrupted
from admin_ui.operations.first_steps import begin_with_slip, hints_for_empty, is_nobody_here
from admin_ui.operations.held_state import hold_state, remember_issuer, require_space
from admin_ui.operations.initialise import initialise, prepare_stores
from admin_ui.operations.options import CannotStart, UpOptions
from admin_ui.operations.supervisor.group import SUPERVISOR_LOG, Group
from admin_ui.operations.supervisor.ports import require_free
from admin_ui.operations.supervisor.progress import Progress
from admin_ui.operations.supervisor.services import addresses, child_environ, services_after, slapd
from admin_ui.operations.supervisor.stopping import Stopped, StopWish
from admin_ui.operations.supervisor.summary import write_summary
from admin_ui.operations.supervisor.tls import ensure_certificates
from directory import log_lines
from directory.component import Component
from directory.settings import Settings
from directory.state_folder import is_initialised

_log = logging.getLogger("danhmuc.supervisor")


def run_all(settings: Settings, components: Sequence[Component], options: UpOptions) -> int:
    """Run everything until SIGINT or SIGTERM. Exit code: 0 stopped as asked, 1 cannot run (the
    sentence is on stderr). Must be called from the main thread of a process of its own.
    An `AppError` of the preparation goes to the caller, once everything is stopped."""
    wish = StopWish()
    os.umask(0o077)
    try:
        settings = settle(settings, options)
        with hold_state(settings), _logging(settings):
            finish_interrupted(settings)
            _run(settings, components, options, wish)
    except Stopped:
        _tell("Stopped.")
        return 0
    except CannotStart as problem:
        print(f"danhmuc: {problem}", file=sys.stderr, flush=True)
        return 1
    return 0


@contextlib.contextmanager
def _logging(settings: Settings) -> Iterator[None]:
    """Our own lines in the log folder, beside the sentences that people read at the terminal."""
    with (settings.logs_dir / SUPERVISOR_LOG).open("a", encoding="utf-8") as stream:
        log_lines.configure("supervisor", settings.log_level, stream)
        yield


def settle(settings: Settings, options: UpOptions) -> Settings:
    """Settings as the options make them. Raises `CannotStart` for what does not go together."""
    if options.with_mail:
        raise CannotStart("--with-mail is not part of this version; leave it out")
    if options.ldap and not settings.embedded_ldap:
        raise CannotStart("--ldap opens our own slapd, but DANHMUC_LDAP_URI names another server")
    if not options.tls:
        return settings
    plain, secure = (f"{scheme}://localhost:{settings.port}" for scheme in ("http", "https"))
    if settings.issuer not in (plain, secure):
        raise CannotStart(
            f"--tls makes a certificate for {secure} only, but DANHMUC_ISSUER is {settings.issuer}"
        )
    return replace(settings, issuer=secure)


def _run(
    settings: Settings, components: Sequence[Component], options: UpOptions, wish: StopWish
) -> None:
    began = time.monotonic()
    require_space(settings.state)
    require_free(addresses(settings, options))
    if options.tls:
        ensure_certificates(settings.tls_dir)
    # Code that runs in this process reads the same settings as the children.
    os.environ.update(child_environ(settings))
    group = Group(settings, wish.is_asked, _tell)
    try:
        hints = _prepare(settings, components, options, wish, group)
        group.start(services_after(settings, options))
        remember_issuer(settings)
        if not wish.is_asked():
            print(write_summary(settings, options, hints, time.monotonic() - began), flush=True)
        group.keep_running()
        _tell("Stopping ...")
    except OSError as problem:
        raise CannotStart(_explain(problem, settings)) from problem
    finally:
        group.stop()
    _tell("Stopped.")


def _prepare(
    settings: Settings,
    components: Sequence[Component],
    options: UpOptions,
    wish: StopWish,
    group: Group,
) -> str:
    """slapd up, stores initialised; answers what to do where nobody is in the catalogue yet."""
    if is_initialised(settings.state):
        _tell_unheeded(settings, options)
    try:
        with wish.interrupting(), Progress() as progress:
            to_read = prepare_stores(settings, components, options, progress)
        for sentence in to_read:
            _tell(sentence)
        if settings.embedded_ldap:
            group.start([slapd(settings, options)])
        with wish.interrupting(), Progress() as progress:
            initialise(settings, components, progress)
        if not is_nobody_here(settings):
            return ""
        return begin_with_slip(settings) if options.empty else hints_for_empty(settings)
    except OperationalError as problem:  # a full disk, a database that is not there
        raise CannotStart(f"the database cannot be used: {problem.orig}") from problem


def _tell_unheeded(settings: Settings, options: UpOptions) -> None:
    """Options that count at a first start only, given at another."""
    if options.people_given and settings.demo:
        _tell(
            f"--people {options.people} is for a first start; this demo keeps its people. "
            "`danhmuc seed --people N` adds some, `danhmuc seed --people N --rebuild` begins anew."
        )
    elif options.people_given:
        _tell(f"--people {options.people} is for a demo; {settings.state} holds real people.")
    if options.empty and settings.demo:
        _tell(
            f"--empty is for a first start; {settings.state} holds the demo province and keeps it. "
            "Set DANHMUC_STATE to another folder for an installation of your own."
        )


def _explain(problem: OSError, settings: Settings) -> str:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: {problem.filename or settings.state} cannot be written"
    return f"{problem.strerror}: {problem.filename or settings.state}"


def _tell(sentence: str) -> None:
    _log.info(sentence)
    print(sentence, flush=True)
