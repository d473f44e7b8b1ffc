"""Who sent a request, when proxies stand between: reading X-Forwarded-For as proxies write it.

Only X-Forwarded-For is read. A proxy that writes it passes a `Forwarded` header (RFC 7239) of the
browser's own invention through untouched, so believing both would be believing the browser. The
forms of RFC 7239 section 6 are understood inside X-Forwarded-For, where some vendors put them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# "10.9.8.7:51234" (IIS ARR, Azure), "[2001:db8::7]:443", "[2001:db8::7]"; a port may be obfuscated.
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::[\w.-]*)?|(?P<v4>[0-9.]+):[\w.-]*")
_LONGEST_ELEMENT = 128
_MOST_HOPS = 50


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a request comes from.

    `address`: of the browser or client, as far as it is known; empty when it is not.
    `is_proxy`: the address is one that many people share (a proxy, declared or evident, or none at
    all): nothing may be counted against it as if it were one person's.
    `undeclared_proxy`: a peer that forwards for others and is not configured as a proxy, or empty.
    """

    address: str
    is_proxy: bool
    undeclared_proxy: str = ""


def find_sender(peer: str, forwarded: str, trusted: tuple[str, ...], *, forwards: bool) -> Sender:
    """Walk from the right: the first address that is not one of the `trusted` networks.

    `peer`: the other end of the connection; empty for a unix socket, which only a proxy of this
    machine can reach. `forwarded`: the value of X-Forwarded-For. `forwards`: whether the request
    came with any header a proxy writes. An element that is no address ends the walk.
    """
    address = as_address(peer)
    if address and not is_within(address, trusted):
        return Sender(address, is_proxy=forwards, undeclared_proxy=address if forwards else "")
    for element in _from_the_right(forwarded):
        claimed = as_address(element)
        if not claimed:
            break
        address = claimed
        if not is_within(claimed, trusted):
            break
    return Sender(address, is_proxy=not address or is_within(address, trusted))


def as_address(text: str) -> str:
    """The IP address in an element of X-Forwarded-For, in its usual spelling; empty for none.

    Without port, quotes, brackets, and without the zone of a link-local address, which is a name
    of our own network card.
    """
    text = text.strip(' \t"')
    if len(text) > _LONGEST_ELEMENT:
        return ""
    if found := _WITH_PORT.fullmatch(text):
        text = found["v6"] if found["v6"] is not None else found["v4"]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    # A socket for both families shows an IPv4 peer as ::ffff:10.1.2.3: that is no IPv6 network.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def is_within(address: str, networks: tuple[str, ...]) -> bool:
    """Whether an address lies in one of the networks."""
    ip = ipaddress.ip_address(address)
    return any(ip in network for network in _parsed(networks))


@lru_cache(maxsize=16)
def _parsed(
    networks: tuple[str, ...],
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(network, strict=False) for network in networks)


def _from_the_right(forwarded: str) -> Iterator[str]:
    # Empty elements are skipped (RFC 9110 section 5.6.1.2): a proxy may append to an empty header.
    elements = (part.strip() for part in reversed(forwarded.rsplit(",", _MOST_HOPS)))
    return (element for element in elements if element)
