"""Which addresses we may connect to.

Registered addresses come from people outside our control, so an address is refused unless
`DANHMUC_OUTBOUND_ALLOW` lists it; some are refused even then.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from directory.settings import Settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Offsets from DANHMUC_PORT of our own sockets: sign-in, console, machine interfaces, LDAP.
_OWN_PORT_OFFSETS = range(4)
_LDAP_PORTS = {"ldap": 389, "ldaps": 636}
_POSTGRESQL_PORT = 5432
_NEVER = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # "this host": another spelling of loopback
        "169.254.0.0/16",  # link-local; 169.254.169.254 is the cloud metadata service
        "100.100.100.200/32",  # metadata service of one large cloud
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "::/128",
        "64:ff9b::/96",  # NAT64 and 6to4 carry an IPv4 address we would have to check again
        "2002::/16",
        "fe80::/10",
        "fd00:ec2::/32",  # metadata over IPv6
        "ff00::/8",
    )
)


def refusal(settings: Settings, address: Address, port: int) -> str:
    """Why this address may not be connected to; empty when it may."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in network for network in _NEVER):
        return "link-local, metadata, multicast and unspecified addresses are never allowed"
    if _is_own(settings, address, port):
        return "our own LDAP, SQL and web ports are never allowed"
    if any(address in network and port == its_port for network, its_port in _allowed(settings)):
        return ""
    return "DANHMUC_OUTBOUND_ALLOW does not list it"


def why_unreachable(settings: Settings, url: str) -> str:
    """Why nothing can be sent there, as things are now; empty when it may be."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return f"{parts.hostname} has no address ({error.strerror})"
    why = [refusal(settings, ip_address(str(each[4][0]).partition("%")[0]), port) for each in found]
    return why[0] if why and all(why) else ""


def _allowed(settings: Settings) -> list[tuple[Network, int]]:
    entries = list(settings.outbound_allow)
    if settings.demo:
        for url in (settings.document_url, settings.one_stop_url):
            parts = urlsplit(url)
            entries.append(f"{parts.hostname}/32:{parts.port}")
    return [_parse_entry(entry) for entry in entries]


def _parse_entry(entry: str) -> tuple[Network, int]:
    network, _, port = entry.rpartition(":")
    return ip_network(network.strip("[]"), strict=False), int(port)


def _is_own(settings: Settings, address: Address, port: int) -> bool:
    if address.is_loopback and port - settings.port in _OWN_PORT_OFFSETS:
        return True
    return any(
        port == its_port and (address.is_loopback or address in _addresses_of(host))
        for host, its_port in _own_stores(settings)
    )


def _own_stores(settings: Settings) -> list[tuple[str, int]]:
    stores = []
    for uri in settings.ldap_uris:
        parts = urlsplit(uri)
        if parts.hostname:
            stores.append((parts.hostname, parts.port or _LDAP_PORTS[parts.scheme]))
    database = make_url(settings.database_url)
    if database.host:
        stores.append((database.host, database.port or _POSTGRESQL_PORT))
    return stores


def _addresses_of(host: str) -> set[Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return set()
    return {ip_address(str(info[4][0]).partition("%")[0]) for info in found}
