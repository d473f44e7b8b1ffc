"""Making an installation out of an empty state folder, and completing one after an upgrade.

Two halves, since the demo province is loaded while slapd is stopped: `prepare_stores` before it
starts, `initialise` after. Both are harmless when done already. A first start that was interrupted
is begun again from nothing: the file `first-start` in the state folder says that nobody has used
what is there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable

from sqlalchemy import MetaData

from admin_ui.backup.swap import require_finished
from admin_ui.console_application import put_console_application, register_console
from admin_ui.ldap_servers import bring_up_to_date, managed_here
from admin_ui.supervisor.options import UpOptions
from directory.actor import system
from directory.audit.log import record
from directory.database.engine import Database, lift_statement_limit
from directory.database.migrating import upgrade
from directory.errors import Conflict
from directory.installation import Installation, open_installation
from directory.ldap import embedded
from directory.ldap.accounts import make_password
from directory.ldap.base_entries import PROBE, SERVICE_ACCOUNTS
from directory.people import entry_steps
from directory.projection import queries
from directory.sealed import KeyRing
from directory.settings import Settings
from idp.keys.service import ensure_keys

VERSION = "0.1.0"
Told = Callable[..., None]


def prepare_stores(settings: Settings, options: UpOptions, told: Told) -> None:
    """Keys, folders, the SQL schema and, for a new demo, the province; slapd must not run."""
    require_finished(settings)
    first_start = settings.state / "first-start"
    if first_start.exists():
        _discard(settings)
    fresh = not (settings.keys_dir / "master.key").exists()
    for folder in (settings.state, settings.secrets_dir, settings.run_dir, settings.logs_dir):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if fresh:
        first_start.touch()
        if not options.empty:
            (settings.state / "demo").touch()
    KeyRing.create(settings.keys_dir)
    if settings.embedded_ldap:
        embedded.prepare(settings)
    else:
        for name in (*SERVICE_ACCOUNTS, PROBE):
            make_password(settings.secrets_dir, name)
    house = open_installation(settings, "catalogue")
    upgrade(house.database)
    if fresh and settings.demo and settings.embedded_ldap:
        _load_demo(house, options, told)
    house.close_connections()


def _load_demo(house: Installation, options: UpOptions, told: Told) -> None:
    from admin_ui.seed.loading import load_province

    load_province(
        house,
        system("init"),
        options.people,
        lambda done, total: told("Building the demo province", done, total),
        agencies=options.agencies,
        seed=options.seed,
    )


def _discard(settings: Settings) -> None:
    """Remove an installation: one that an interrupted first start left, or a demo."""
    database = Database(settings.database_url)
    if not database.is_sqlite:
        _drop_tables(database)
    database.dispose()
    for name in ("slapd", "keys", "secrets", "applications", "demo"):
        path = settings.state / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for path in settings.state.glob("danhmuc.db*"):
        path.unlink()


def _drop_tables(database: Database) -> None:
    there = MetaData()
    with database.write() as tx:
        lift_statement_limit(tx)
        there.reflect(tx)
        there.drop_all(tx)


def initialise(settings: Settings, options: UpOptions, told: Told) -> str:
    """Signing keys, the built-in application and, in a demo, its applications, roles and accounts.

    slapd runs and `prepare_stores` was done. Gives what the first administrator must be told.
    """
    house, actor = open_installation(settings, "catalogue"), system("init")
    told("Making the signing keys")
    ensure_keys(house, actor)
    first_start = settings.state / "first-start"
    with house.database.write() as tx:
        put_console_application(tx, actor)
        if first_start.exists():
            entry_steps.mark_done(tx)
            record(tx, "installation.initialised", actor, version=VERSION, demo=settings.demo)
    register_console(house, actor)
    if settings.demo:
        from admin_ui.seed.registration import register_applications, set_passwords

        told("Registering the demo applications")
        register_applications(house, actor)
        told("Setting the passwords of the demo accounts")
        set_passwords(house, actor)
    first_start.unlink(missing_ok=True)
    house.close_connections()
    return _next_for_empty() if options.empty and not settings.demo else ""


def initialise_stopped(settings: Settings, options: UpOptions, told: Told) -> None:
    """Both halves while nothing runs: starts slapd for as long as it takes (`danhmuc init`)."""
    prepare_stores(settings, options, told)
    _initialise_beside_slapd(settings, options, told)


def _initialise_beside_slapd(settings: Settings, options: UpOptions, told: Told) -> None:
    if not settings.embedded_ldap:
        for uri in managed_here(settings):
            told("Bringing the catalogue to this version")
            bring_up_to_date(settings, uri)
        initialise(settings, options, told)
        return
    slapd = None if embedded.is_ready(settings) else embedded.start(settings)
    try:
        embedded.wait_until_ready(settings)
        initialise(settings, options, told)
    finally:
        if slapd is not None:
            embedded.stop(slapd)


def seed_stopped(settings: Settings, options: UpOptions, told: Told, *, rebuild: bool) -> None:
    """Make a demo province of `options` in a state folder that nothing runs on.

    Into a new or an empty installation, or with `rebuild` in place of a demo, of which nothing
    stays. Raises Conflict: ``seed.not_empty``, or with `rebuild` ``seed.not_a_demo``.
    """
    is_new = not (settings.keys_dir / "master.key").exists()
    if is_new or (settings.state / "first-start").exists():
        initialise_stopped(settings, options, told)
        return
    if rebuild:
        if not settings.demo:
            raise Conflict("seed.not_a_demo")
        _discard(settings)
        initialise_stopped(settings, options, told)
        return
    prepare_stores(settings, options, told)  # an upgrade may be due
    house = open_installation(settings, "catalogue")
    try:
        _require_nobody(house)
        # Nobody is in it, unless as the remains of a load that was interrupted.
        shutil.rmtree(settings.state / "slapd")
        embedded.prepare(settings)
        _load_demo(house, options, told)
    finally:
        house.close_connections()
    (settings.state / "demo").touch()
    _initialise_beside_slapd(settings, options, told)


def _require_nobody(house: Installation) -> None:
    with house.database.read() as tx:
        people = queries.count_people(tx)
        if people or queries.list_agencies(tx, limit=1):
            raise Conflict("seed.not_empty", people=people)


def _next_for_empty() -> str:
    return (
        "The catalogue is empty. Add the first agency and person:\n"
        '  ./deploy/danhmuc agency add --code STTTT --name "Sở Thông tin và Truyền thông"\n'
        "  ./deploy/danhmuc person add --username an --full-name … --agency STTTT --password-stdin"
    )
