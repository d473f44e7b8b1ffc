"""Which of the two stores is ours to save, and who saves the other.

Each is asked for itself: a PostgreSQL beside our own slapd leaves the catalogue to us.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from admin_ui.operations.backup.errors import BACKUP_NOT_ALL_OURS, BACKUP_NOTHING_OURS
from directory.errors import Conflict
from directory.settings import Settings


def is_ldap_ours(settings: Settings) -> bool:
    """Whether the catalogue lies in the state folder."""
    return settings.embedded_ldap


def is_sql_ours(settings: Settings) -> bool:
    """Whether the SQL store is a file of ours."""
    return make_url(settings.database_url).get_backend_name() == "sqlite"


def is_anything_ours(settings: Settings) -> bool:
    """Whether there is something for a backup of ours."""
    return is_ldap_ours(settings) or is_sql_ours(settings)


def of_others(settings: Settings) -> str:
    """What somebody else must back up, and with what; empty when everything is ours."""
    said = []
    if not is_ldap_ours(settings):
        hosts = " ".join(urlsplit(uri).netloc for uri in settings.ldap_uris)
        said.append(f"LDAP on {hosts} is backed up by whoever runs it (slapcat)")
    if not is_sql_ours(settings):
        url = make_url(settings.database_url)
        where = url.host or "this machine's socket"
        said.append(
            f"the SQL database {url.database} on {where} is backed up by whoever runs it (pg_dump)"
        )
    return "; ".join(said)


def require_something_ours(settings: Settings) -> None:
    """Raise Conflict(``backup.nothing_ours``)."""
    if not is_anything_ours(settings):
        raise Conflict(BACKUP_NOTHING_OURS, others=of_others(settings))


def require_all_ours(settings: Settings) -> None:
    """Raise Conflict(``backup.not_all_ours``): one store alone cannot be put back and stay true."""
    if others := of_others(settings):
        raise Conflict(BACKUP_NOT_ALL_OURS, others=others)
