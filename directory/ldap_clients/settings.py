"""What is put into an application that asks the catalogue over LDAP."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from directory.ldap.accounts import ldap_uris
from directory.ldap.released import RELEASED
from directory.ldap.schema import PEOPLE
from directory.ldap_clients.register import LdapClient
from directory.settings import Settings

_LOCAL_PORT_OFFSET = 3
_NOT_TOLD = "<the password shown when it was made>"


@dataclass(frozen=True)
class LdapSettings:
    """`servers`: addresses to connect to; `login_filter`: finds whoever signs in, with ``%s`` for
    what they typed; empty where nothing is released that they could be found by. `attributes`: what
    it reads, by the name that it was released by."""

    servers: tuple[str, ...]
    bind_dn: str
    base: str
    login_filter: str
    attributes: Mapping[str, tuple[str, ...]]

    @property
    def samples(self) -> Mapping[str, str]:
        """Ready to copy, by what it is for; the password is never in them."""
        return _samples(self)


def settings_of(settings: Settings, client: LdapClient, released: Collection[str]) -> LdapSettings:
    """Those of an application that these are released to."""
    attributes = {name: each.attributes for name, each in RELEASED.items() if name in released}
    by = {"username": "(uid=%s)", "mail": "(mail=%s)"}
    terms = [by[name] for name in by if name in attributes]
    found_by = f"(|{''.join(terms)})" if len(terms) > 1 else "".join(terms)
    return LdapSettings(
        servers=_servers(settings),
        bind_dn=client.dn(settings.suffix),
        base=f"{PEOPLE},{settings.suffix}",
        login_filter=f"(&(objectClass=inetOrgPerson){found_by})" if found_by else "",
        attributes=attributes,
    )


def _servers(settings: Settings) -> tuple[str, ...]:
    """Where other programs connect: never the socket or the listener that is ours alone."""
    if settings.embedded_ldap:
        scheme = "ldaps" if settings.tls else "ldap"
        return (f"{scheme}://127.0.0.1:{settings.port + _LOCAL_PORT_OFFSET}",)
    public = [uri for uri in ldap_uris(settings) if uri not in settings.ldap_bind_uris]
    return tuple(uri for uri in public if not uri.startswith("ldapi:"))


def _samples(settings: LdapSettings) -> Mapping[str, str]:
    server = next(iter(settings.servers), "ldaps://ldap.example.vn")
    login = settings.login_filter
    read = " ".join(name for each in settings.attributes.values() for name in each) or "dmId"
    search = login.replace("%s", "an.nv") or "(objectClass=inetOrgPerson)"
    samples = {
        "ldapsearch": f"ldapsearch -x -H {server} -W \\\n  -D '{settings.bind_dn}' \\\n"
        f"  -b '{settings.base}' \\\n  '{search}' {read}"
    }
    if not login:
        return samples
    python = f"""\
from ldap3 import Connection, Server
from ldap3.utils.conv import escape_filter_chars

def may_sign_in(login, password):
    found = Connection(Server("{server}"), "{settings.bind_dn}", PASSWORD, auto_bind=True)
    found.search("{settings.base}", "{login}".replace("%s", escape_filter_chars(login)))
    if len(found.entries) != 1 or not password:  # an empty password would be an anonymous bind
        return False
    return Connection(found.server, found.entries[0].entry_dn, password).bind()"""
    apache = f"""\
AuthType Basic
AuthName "{settings.base}"
AuthBasicProvider ldap
AuthLDAPURL "{server}/{settings.base}?{_first(settings)}?one?(objectClass=inetOrgPerson)"
AuthLDAPBindDN "{settings.bind_dn}"
AuthLDAPBindPassword "{_NOT_TOLD}"
Require valid-user"""
    return {**samples, "Python": python, "Apache": apache}


def _first(settings: LdapSettings) -> str:
    return "uid" if "username" in settings.attributes else "mail"
