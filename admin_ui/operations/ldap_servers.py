"""The catalogue's slapd servers: bringing them to this version, and seeing whether they are.

The private slapd is brought there when it is prepared, while it is stopped. A province's own keeps
running: its manager, over the ldapi of the server itself, applies what is missing.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence

from directory.ldap import embedded
from directory.ldap.accounts import bind_uris, knows_standing, ldap_uris, read_password
from directory.ldap.base_entries import PROBE, complete_base_entries, probe_dn
from directory.ldap.bind import BindResult, verify_at
from directory.ldap.gateway import Gateway
from directory.ldap.migration import Wanted, differences, migrate
from directory.settings import Settings


def wanted(settings: Settings) -> Wanted:
    """What each server should be like."""
    listeners = settings.ldap_bind_uris or (ldap_uris(settings) if settings.embedded_ldap else ())
    return Wanted(settings.suffix, settings.oid_arc, listeners)


def bring_up_to_date(settings: Settings, uri: str) -> list[str]:
    """Apply to the running slapd at the ldapi address `uri` what this version wants and it lacks,
    as its manager. Gives what was done."""
    manager = Gateway.external(uri, timeout_s=60)
    try:
        return migrate(manager, wanted(settings)) + complete_base_entries(
            manager, settings.suffix, settings.province, settings.secrets_dir
        )
    finally:
        manager.close()


def managed_here(settings: Settings) -> Sequence[str]:
    """The configured servers whose manager this machine can be."""
    return [uri for uri in ldap_uris(settings) if uri.startswith("ldapi:")]


def look_at_rules(settings: Settings) -> tuple[bool, str]:
    """Whether schema, indexes, limits, access rules and overlays are those of this version."""
    found = []
    for uri in managed_here(settings):
        manager = Gateway.external(uri, timeout_s=10)
        try:
            found += differences(manager, wanted(settings))
        finally:
            manager.close()
    if found:
        way = "start Danh Mục anew" if settings.embedded_ldap else "run danhmuc init"
        return False, f"not as this version wants it: {', '.join(found)}; {way}"
    if not managed_here(settings):
        return True, "not looked at from here; run danhmuc init --ldapi ldapi:/// on each server"
    return True, "as this version wants them"


def look_at_standing(settings: Settings) -> tuple[bool, str]:
    """Whether somebody who may not sign in is refused where other programs bind, and told apart
    where the sign-in does: tried with an entry that is nobody's."""
    dn, password = probe_dn(settings.suffix), read_password(settings.secrets_dir, PROBE)
    for uri in _public(settings):
        if _asked(settings, uri, dn, password) is not BindResult.REJECTED:
            return False, f"people who may not sign in can bind at {uri}; run danhmuc init"
    if not knows_standing(settings):
        return True, "refused; set DANHMUC_LDAP_BIND_URI, so that people can read why"
    for uri in bind_uris(settings):
        if _asked(settings, uri, dn, password) is not BindResult.ACCEPTED:
            return False, (
                f"{uri} does not tell who may not sign in from a wrong password; run danhmuc init, "
                "and start slapd with this very address behind -h"
            )
    return True, "people who may not sign in are refused, and told why"


def _asked(settings: Settings, uri: str, dn: str, password: str) -> BindResult:
    return verify_at([uri], dn, password, ca_file=settings.ldap_ca_file)


def _public(settings: Settings) -> list[str]:
    """Where other programs bind."""
    if not settings.embedded_ldap:
        return [uri for uri in settings.ldap_uris if uri not in settings.ldap_bind_uris]
    slapd = embedded.private_slapd(settings)
    with socket.socket() as probe:
        probe.settimeout(1)
        is_open = probe.connect_ex(("127.0.0.1", slapd.port)) == 0
    return [slapd.port_uri] if is_open and not slapd.tls else []
