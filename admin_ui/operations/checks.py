"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

import re

from sqlalchemy import Connection, func, select

from admin_ui.operations.ldap_servers import look_at_rules, look_at_standing
from directory.audit.reading import find_newest_at
from directory.clock import MINUTE, local, now_ms
from directory.component import NotWell
from directory.database.migrating import require_current, require_same
from directory.identity import find_identity
from directory.installation import Installation
from directory.ldap.schema import schema_steps
from directory.ownership import require_own_store
from directory.projection import queries

_CLOCK_APART_MS = 5 * MINUTE
_NAMED = re.compile(r"NAME '([^']+)'")


def store_answers(installation: Installation) -> str:
    """With the schema of this version."""
    database = installation.database
    require_current(database)
    require_same(database)
    with database.read() as tx:
        people = queries.count_people(tx)
    return f"answers; {people:,} people in the projection"


def identity_is_own(installation: Installation) -> str:
    """Folder, store and key belong together."""
    known = find_identity(installation.settings.state)
    if known is None:
        raise NotWell("the state folder does not say what it is for; the next start writes it down")
    require_own_store(installation.database, known, installation.keyring)
    return f"{known.province}, {known.suffix}"


def clock_is_right(installation: Installation) -> str:
    """A clock that goes wrong ends sessions, delays people and makes tokens of tomorrow."""
    database, now = installation.database, now_ms()
    with database.read() as tx:
        newest = find_newest_at(tx) or 0
        server = now if database.is_sqlite else _instant_of(tx)
    if newest > now + _CLOCK_APART_MS:
        raise NotWell(f"events are of the future, up to {local(newest)}: this clock is behind")
    if abs(server - now) > _CLOCK_APART_MS:
        raise NotWell(
            f"the SQL server's clock says {local(server)}, this one {local(now)}: use NTP"
        )
    return local(now)


def _instant_of(tx: Connection) -> int:
    return int(
        tx.execute(select(func.date_part("epoch", func.clock_timestamp()))).scalar_one() * 1000
    )


def ldap_rules(installation: Installation) -> str:
    """As this version wants them."""
    return _as_found(look_at_rules(installation.settings))


def ldap_standing(installation: Installation) -> str:
    """Who may not sign in is refused."""
    return _as_found(look_at_standing(installation.settings))


def _as_found(found: tuple[bool, str]) -> str:
    if not found[0]:
        raise NotWell(found[1])
    return found[1]


def ldap_schema(installation: Installation) -> str:
    """Has every name of ours."""
    entry = installation.ldap.read("cn=Subschema", ["attributeTypes", "objectClasses"])
    if entry is None:
        raise NotWell("LDAP does not show its schema to our account")
    there = " ".join((*entry.all("attributeTypes"), *entry.all("objectClasses")))
    wanted = {
        name
        for step in schema_steps(installation.settings.oid_arc)
        for kind in ("olcAttributeTypes", "olcObjectClasses")
        for value in step.attributes.get(kind, [])
        for name in _NAMED.findall(value)
    }
    if missing := sorted(name for name in wanted if f"'{name}'" not in there):
        raise NotWell(f"LDAP lacks {', '.join(missing)}; run danhmuc init on its server")
    return f"has all {len(wanted)} names of ours"
