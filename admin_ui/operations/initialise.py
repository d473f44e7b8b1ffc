"""Making an installation out of an empty state folder, and completing one after an upgrade.

Two halves, since the demo province is loaded while slapd is stopped: `prepare_stores` before it
starts, `initialise` after. Both are harmless when done already. A first start that was interrupted
is begun again from nothing: the file `first-start` in the state folder says that nobody has used
what is there.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy import Connection, MetaData

from admin_ui.console_application import put_console_application, register_console
from admin_ui.operations.backup.before_upgrade import back_up_before, record_backup
from admin_ui.operations.backup.swap import require_finished
from admin_ui.operations.errors import (
    INSTALLATION_DEMO_ELSEWHERE,
    INSTALLATION_NO_CATALOGUE,
    INSTALLATION_OTHER_CATALOGUE,
    SEED_NOT_A_DEMO,
    SEED_NOT_EMPTY,
    SETUP_UNFINISHED,
)
from admin_ui.operations.events import INSTALLATION_INITIALISED, INSTALLATION_RENAMED
from admin_ui.operations.ldap_servers import bring_up_to_date, managed_here
from admin_ui.operations.options import UpOptions
from admin_ui.operations.sealing.rotation import make_openable
from directory.actor import Actor, system
from directory.audit.log import record
from directory.authz.positions import tell_of_positions
from directory.component import Component
from directory.database.engine import Database, lift_statement_limit
from directory.database.errors import DATABASE_NO_SCHEMA
from directory.database.migrating import current_revision, require_same, upgrade
from directory.errors import Conflict
from directory.errors.installation import INSTALLATION_STORE_TAKEN
from directory.identity import (
    RENAMEABLE,
    VARIABLES,
    Identity,
    find_identity,
    forget_identity,
    write_identity,
)
from directory.ids import new_id
from directory.installation import Installation, open_installation
from directory.ldap import embedded
from directory.ldap.accounts import make_password
from directory.ldap.base_entries import PROBE, SERVICE_ACCOUNTS
from directory.ownership import (
    claim_store,
    find_owner,
    require_empty_store,
    require_own_store,
    shown_store,
)
from directory.people import entry_steps
from directory.projection import queries
from directory.sealed import KeyRing
from directory.settings import Settings, is_loopback
from directory.state_folder import FIRST_START, SETUP, is_begun, is_initialised
from directory.version import VERSION
from idp.feature import registration_of
from idp.keys.service import ensure_keys

Told = Callable[..., None]
_INIT = system("init")


def prepare_stores(
    settings: Settings,
    components: Sequence[Component],
    options: UpOptions,
    told: Told,
    *,
    actor: Actor = _INIT,
) -> list[str]:
    """Keys, folders, the SQL schema and, for a new demo, the province; slapd must not run.

    Nothing is touched that belongs to another installation than this state folder's, and before
    anything is brought up to date it is backed up. Gives sentences that somebody should read.
    `actor`: who says that the province is called otherwise now. Raises Conflict:
    ``installation.*``, ``database.*``, ``setup.unfinished``.
    """
    require_finished(settings)
    if (settings.state / SETUP).exists() and not options.setting_up:
        raise Conflict(SETUP_UNFINISHED, state=str(settings.state))
    if is_begun(settings.state):
        _discard(settings)
    fresh = not is_initialised(settings.state)
    identity = _begin(settings, options) if fresh else _own_identity(settings)
    _make_folders(settings)
    KeyRing.create(settings.keys_dir)
    saved = None if fresh else back_up_before(settings, told)
    if settings.embedded_ldap:
        embedded.prepare(settings)
    else:
        for name in (*SERVICE_ACCOUNTS, PROBE):
            make_password(settings.secrets_dir, name)
    installation = open_installation(settings, "catalogue")
    claim = partial(claim_store, identity=identity, keyring=installation.keyring)
    upgrade(installation.database, claim)
    require_same(installation.database)
    make_openable(installation, components)
    with installation.database.write() as tx:
        claim(tx)
        if saved is not None:
            record_backup(tx, _INIT, saved)
        _tell_renaming(tx, actor, settings, identity)
    write_identity(settings.state, identity)
    to_read = [f"Backed up before the upgrade: {saved.path}"] if saved else []
    to_read += _made_of_titles(installation)
    if fresh and settings.demo and settings.embedded_ldap:
        _load_demo(installation, options, told)
    installation.close_connections()
    return to_read


def _begin(settings: Settings, options: UpOptions) -> Identity:
    """A first start: from here on what lies in the folder is nobody's until it is done."""
    if not options.empty and not all(map(is_loopback, _hosts(settings))):
        raise Conflict(INSTALLATION_DEMO_ELSEWHERE, issuer=settings.issuer)
    database = Database(settings.database_url)
    require_empty_store(database)
    database.dispose()
    _make_folders(settings)
    (settings.state / FIRST_START).touch()
    identity = _identity(settings, new_id(), demo=not options.empty)
    write_identity(settings.state, identity)
    if identity.demo:
        (settings.state / "demo").touch()
    return identity


def _own_identity(settings: Settings) -> Identity:
    """What this folder was built for, once its catalogue and its store turn out to be its own."""
    known = find_identity(settings.state)
    if known is None:
        _require_same_catalogue(settings)
    if settings.embedded_ldap and not (settings.state / "slapd" / "db").exists():
        raise Conflict(INSTALLATION_NO_CATALOGUE, path=str(settings.state / "slapd" / "db"))
    database = Database(settings.database_url)
    try:
        if not current_revision(database):
            raise Conflict(DATABASE_NO_SCHEMA, store=shown_store(database))
        with database.read() as tx:
            owner = known.id if known else find_owner(tx) or new_id()
        identity = _identity(settings, owner, demo=settings.demo)
        require_own_store(database, identity, KeyRing.load(settings.keys_dir))
    finally:
        database.dispose()
    return identity


def _require_same_catalogue(settings: Settings) -> None:
    """A state folder of an older version says what it is for in slapd's configuration only."""
    for field, theirs in embedded.built_for(settings.state).items():
        ours = getattr(settings, field)
        if theirs != ours:
            variable = f"DANHMUC_{VARIABLES[field]}"
            raise Conflict(
                INSTALLATION_OTHER_CATALOGUE, theirs=theirs, ours=ours, variable=variable
            )


def _identity(settings: Settings, owner: str, *, demo: bool) -> Identity:
    served_others = not is_loopback(urlsplit(settings.issuer).hostname or "")
    return Identity(
        id=owner,
        suffix=settings.suffix,
        oid_arc=settings.oid_arc,
        mail_domain=settings.mail_domain,
        province=settings.province,
        demo=demo,
        issuer=settings.issuer if served_others else "",
    )


def _hosts(settings: Settings) -> list[str]:
    return [urlsplit(url).hostname or "" for url in (settings.issuer, settings.console_url)]


def _tell_renaming(tx: Connection, actor: Actor, settings: Settings, identity: Identity) -> None:
    known = find_identity(settings.state)
    if known is None or all(
        getattr(known, field) in ("", getattr(identity, field)) for field in RENAMEABLE
    ):
        return
    names = {field: getattr(identity, field) for field in RENAMEABLE}
    record(tx, INSTALLATION_RENAMED, actor, **names)


def _make_folders(settings: Settings) -> None:
    for folder in (settings.state, settings.secrets_dir, settings.run_dir, settings.logs_dir):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _made_of_titles(installation: Installation) -> list[str]:
    """Which positions an upgrade made of titles; only once."""
    with installation.database.write() as tx:
        made = tell_of_positions(tx, _INIT)
        ids = [place for m in made for place in (m.position.place_id, m.position.agency_id)]
        places = queries.agencies_by_id(tx, ids)
    if not made:
        return []
    lines = [f"{len(made)} positions were made of titles; nobody gained or lost a role"]
    for each in made:
        place, agency = (places.get(i) for i in (each.position.place_id, each.position.agency_id))
        where = f"{place.name if place else '?'} ({agency.code if agency else '?'})"
        counted = f"{each.holders} people, {each.grants} grants"
        lines.append(f"  {each.position.name}, {where}: {counted}")
    return lines


def _load_demo(installation: Installation, options: UpOptions, told: Told) -> None:
    # Imported here, as below: a demo's alone, and slow to load.
    from admin_ui.operations.seed.demo import JOB_ACCOUNTS
    from admin_ui.operations.seed.loading import load_province
    from admin_ui.operations.seed.named import DEMO_PEOPLE

    load_province(
        installation,
        _INIT,
        # Those who do the jobs of administration come last, through the service.
        max(options.people - len(JOB_ACCOUNTS), len(DEMO_PEOPLE)),
        lambda done, total: told("Building the demo province", done, total),
        agencies=options.agencies,
        seed=options.seed,
    )


def _discard(settings: Settings) -> None:
    """Remove an installation: one that an interrupted first start left, or a demo."""
    _empty_store(settings)
    for name in ("slapd", "keys", "secrets", "applications", "demo"):
        path = settings.state / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for path in settings.state.glob("danhmuc.db*"):
        path.unlink()
    forget_identity(settings.state)


def _empty_store(settings: Settings) -> None:
    """Drop the tables of a store that lies elsewhere, if it is this installation's.

    Raises Conflict(``installation.store_taken``): what is there belongs to somebody else.
    """
    database = Database(settings.database_url)
    inside = database.file is not None and database.file.is_relative_to(settings.state)
    if inside or (database.file is not None and not database.file.exists()):
        return
    known, there = find_identity(settings.state), MetaData()
    with database.write() as tx:
        lift_statement_limit(tx)
        there.reflect(tx)
        if there.tables and find_owner(tx) != (known.id if known else ""):
            raise Conflict(INSTALLATION_STORE_TAKEN, store=shown_store(database))
        there.drop_all(tx)
    database.dispose()


def initialise(settings: Settings, components: Sequence[Component], told: Told) -> None:
    """Signing keys, the built-in application and, in a demo, its applications, roles and accounts.

    slapd runs and `prepare_stores` was done.
    """
    installation, actor = open_installation(settings, "catalogue"), _INIT
    told("Making the signing keys")
    ensure_keys(installation, actor)
    first_start = settings.state / FIRST_START
    with installation.database.write() as tx:
        put_console_application(tx, actor)
        if first_start.exists():
            entry_steps.mark_done(tx)
            record(tx, INSTALLATION_INITIALISED, actor, version=VERSION, demo=settings.demo)
    registration = registration_of(components)
    register_console(installation, actor, registration)
    if settings.demo:
        from admin_ui.operations.seed.connected import connect_applications
        from admin_ui.operations.seed.registration import register_applications, set_passwords

        told("Registering the demo applications")
        register_applications(installation, actor, registration)
        told("Setting the passwords of the demo accounts")
        set_passwords(installation, actor)
        connect_applications(installation, actor)
    first_start.unlink(missing_ok=True)
    installation.close_connections()


def initialise_stopped(
    settings: Settings,
    components: Sequence[Component],
    options: UpOptions,
    told: Told,
    *,
    actor: Actor = _INIT,
) -> None:
    """Both halves while nothing runs: starts slapd for as long as it takes (`danhmuc init`)."""
    for sentence in prepare_stores(settings, components, options, told, actor=actor):
        told(sentence)
    _initialise_beside_slapd(settings, components, told)


def _initialise_beside_slapd(
    settings: Settings, components: Sequence[Component], told: Told
) -> None:
    if not settings.embedded_ldap:
        for uri in managed_here(settings):
            told("Bringing the catalogue to this version")
            bring_up_to_date(settings, uri)
        initialise(settings, components, told)
        return
    with embedded.running(settings):
        initialise(settings, components, told)


def seed_stopped(
    settings: Settings,
    components: Sequence[Component],
    options: UpOptions,
    told: Told,
    *,
    rebuild: bool,
) -> None:
    """Make a demo province of `options` in a state folder that nothing runs on.

    Into a new or an empty installation, or with `rebuild` in place of a demo, of which nothing
    stays. Raises Conflict: ``seed.not_empty``, or with `rebuild` ``seed.not_a_demo``.
    """
    if not is_initialised(settings.state):
        initialise_stopped(settings, components, options, told)
        return
    if rebuild:
        if not settings.demo:
            raise Conflict(SEED_NOT_A_DEMO)
        _discard(settings)
        initialise_stopped(settings, components, options, told)
        return
    for sentence in prepare_stores(settings, components, options, told):  # an upgrade may be due
        told(sentence)
    installation = open_installation(settings, "catalogue")
    try:
        _require_nobody(installation)
        # Nobody is in it, unless as the remains of a load that was interrupted.
        shutil.rmtree(settings.state / "slapd")
        embedded.prepare(settings)
        _load_demo(installation, options, told)
    finally:
        installation.close_connections()
    known = find_identity(settings.state)
    if known is not None:
        write_identity(settings.state, replace(known, demo=True))
    (settings.state / "demo").touch()
    _initialise_beside_slapd(settings, components, told)


def _require_nobody(installation: Installation) -> None:
    with installation.database.read() as tx:
        people = queries.count_people(tx)
        if people or queries.list_agencies(tx, limit=1):
            raise Conflict(SEED_NOT_EMPTY, people=people)
