"""Which URIs a client may register: what a browser or we will ever be sent to.

The registered text is later compared byte for byte, so only one plain spelling is accepted.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from directory.errors import ErrorCode, Invalid
from idp.clients.errors import (
    CLIENT_URI_CHARACTERS,
    CLIENT_URI_DOT,
    CLIENT_URI_FRAGMENT,
    CLIENT_URI_HOST,
    CLIENT_URI_HTTP,
    CLIENT_URI_LENGTH,
    CLIENT_URI_NATIVE_ONLY,
    CLIENT_URI_PATH,
    CLIENT_URI_PORT,
    CLIENT_URI_SCHEME,
    CLIENT_URI_TEXT,
    CLIENT_URI_USERINFO,
    CLIENT_URI_WILDCARD,
)

MAX_LENGTH = 2000
_PLAIN = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()+,;=%-]+")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
# 1 to 65535 in the one spelling; an empty, a zero or a larger one is no port (RFC 6335 section 6).
_PORT_NUMBER = (
    r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
)
_PORT = re.compile(_PORT_NUMBER)
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")  # RFC 8252 section 7.1
# What a browser runs or reads itself: never an application.
_OF_BROWSERS = frozenset({"javascript", "data", "vbscript", "file", "blob", "about", "ftp", "ws"})
# Dot segments and their disguises: a prefix rule of the application may be walked out of. A slash
# in one segment (%2F) is data of the application's (RFC 3986 section 2.2) and walks nowhere.
_WALKING = re.compile(r"/\.{1,2}(;|/|\?|$)|;/|%(2e|5c|00|0a|0d|09)", re.IGNORECASE)


def check_redirect_uri(field: str, uri: object, *, native: bool, loopback: bool) -> str:
    """`uri` if a browser may be sent there with an answer of ours. Raises `Invalid` naming `field`.

    `native`: an installed application, which may use a private scheme or its own loopback port
    (RFC 8252). `loopback`: plain http on loopback is accepted, as in a demo.
    """
    text, parts = _split(field, uri)
    if parts.scheme == "https":
        return _with_host(field, text, parts)
    if parts.scheme == "http":
        if _is_loopback(parts) and (loopback or (native and parts.hostname != "localhost")):
            return _with_host(field, text, parts)
        raise _invalid(field, text, CLIENT_URI_HTTP)
    if native and _PRIVATE_SCHEME.fullmatch(parts.scheme):
        return text
    raise _invalid(field, text, _fault_of_scheme(parts.scheme, native=native))


def _fault_of_scheme(scheme: str, *, native: bool) -> ErrorCode:
    """What is missing, for an address of a scheme that is the application's own."""
    if scheme in _OF_BROWSERS:
        return CLIENT_URI_SCHEME
    if _PRIVATE_SCHEME.fullmatch(scheme):
        return CLIENT_URI_NATIVE_ONLY
    return CLIENT_URI_DOT if native else CLIENT_URI_SCHEME


def check_web_uri(field: str, uri: object, *, loopback: bool) -> str:
    """`uri` if it is an https address (or http on loopback where `loopback`). Raises `Invalid`."""
    return check_redirect_uri(field, uri, native=False, loopback=loopback)


def _split(field: str, uri: object) -> tuple[str, SplitResult]:
    if not isinstance(uri, str) or not uri:
        raise _invalid(field, "", CLIENT_URI_TEXT)
    if len(uri) > MAX_LENGTH:
        raise _invalid(field, uri[:80], CLIENT_URI_LENGTH)
    if "#" in uri:
        raise _invalid(field, uri, CLIENT_URI_FRAGMENT)  # RFC 6749 section 3.1.2
    if "*" in uri:
        raise _invalid(field, uri, CLIENT_URI_WILDCARD)
    if not _PLAIN.fullmatch(uri):
        raise _invalid(field, uri, CLIENT_URI_CHARACTERS)
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise _invalid(field, uri, CLIENT_URI_HOST) from None
    if not uri.startswith(parts.scheme + ":") or not parts.scheme:
        raise _invalid(field, uri, CLIENT_URI_SCHEME)  # HTTPS: and the like: one spelling only
    _check_authority(field, uri, parts.netloc)
    if _WALKING.search(parts.path):
        raise _invalid(field, uri, CLIENT_URI_PATH)
    return uri, parts


def _check_authority(field: str, uri: str, authority: str) -> None:
    if "@" in authority:
        raise _invalid(field, uri, CLIENT_URI_USERINFO)
    _host, colon, port = authority.rpartition(":")
    if colon and not port.endswith("]") and not _PORT.fullmatch(port):
        raise _invalid(field, uri, CLIENT_URI_PORT)


def _with_host(field: str, text: str, parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not text.startswith(f"{parts.scheme}://") or "//" in parts.path:
        raise _invalid(field, text, CLIENT_URI_PATH)
    if "[" in parts.netloc:
        if not _is_ip(host):
            raise _invalid(field, text, CLIENT_URI_HOST)
    elif not _HOST.fullmatch(host) or ".." in host or host not in parts.netloc:
        raise _invalid(field, text, CLIENT_URI_HOST)
    return text


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _invalid(field: str, uri: str, problem: ErrorCode) -> Invalid:
    return Invalid(problem, field=field, value=uri)


def matches(registered: str, presented: str, *, native: bool) -> bool:
    """Whether a presented redirect URI is the registered one: the same bytes.

    One exception, RFC 8252 section 7.3: a native application listens on whatever loopback port is
    free, so for its 127.0.0.1 and [::1] URIs the port does not count.
    """
    if registered == presented:
        return True
    if not native or not registered.startswith(("http://127.0.0.1", "http://[::1]")):
        return False
    return _without_port(registered) == _without_port(presented)


_LOOPBACK_ORIGIN = re.compile(rf"(http://(?:127\.0\.0\.1|\[::1\]))(?::{_PORT_NUMBER})?(/[^#]*|)")


def _without_port(uri: str) -> str | None:
    parts = _LOOPBACK_ORIGIN.fullmatch(uri)
    # Unlike anything else, so that two non-matches never match each other.
    return parts[1] + parts[2] if parts else f"\0{uri}"
