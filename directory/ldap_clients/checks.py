"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.component import NotWell
from directory.installation import Installation
from directory.ldap_clients.keeping import list_differing
from directory.ldap_clients.register import list_ldap_clients


def as_sql_says(installation: Installation) -> str:
    """Whether the entries say what is released and to whom the applications are open."""
    with installation.database.read() as tx:
        count = len(list_ldap_clients(tx))
    if not count:
        return "none"
    if found := list_differing(installation):
        raise NotWell(
            f"not as the register says: {', '.join(found)}; the worker writes them within seconds, "
            "unless slapd refuses: danhmuc init brings schema and access rules"
        )
    return f"{count}, as the register says"
