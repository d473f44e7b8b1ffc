"""The one place that builds absolute URLs and judges where a browser may be sent next."""

from __future__ import annotations

import re

from directory.settings import Settings

# One help page for all applications, at the issuer.
HELP_PATH = "/tro-giup"
_MAX_LENGTH = 2000
_PRINTABLE = re.compile(r"/[!-~]*")
_HIDDEN_IN_PATH = re.compile(r"%(0|1|7f|2f|5c|2e)", re.IGNORECASE)


def absolute(settings: Settings, path: str) -> str:
    """The full URL of a local path at the issuer: from configuration, never from Host."""
    return join_url(settings.issuer, path)


def join_url(origin: str, path: str) -> str:
    """`origin` + `path`. Raises ValueError when `path` could lead to another host."""
    if not path or safe_next(path, default="") != path:
        raise ValueError(f"not a local path: {path!r}")
    return origin.rstrip("/") + path


def safe_next(path: str | None, default: str = "/") -> str:
    """`path` when it is certainly a page of ours, else `default`.

    A local path begins with exactly one slash followed by neither slash, backslash nor dot
    (``//evil``, ``/\\evil``, ``/.evil`` lead elsewhere in one browser or another), is printable
    ASCII and hides no control character, slash or dot behind percent signs.
    """
    if not path or len(path) > _MAX_LENGTH or not _PRINTABLE.fullmatch(path):
        return default
    if "\\" in path or "#" in path:
        return default
    local = path.partition("?")[0]
    if "//" in local or "/." in local or _HIDDEN_IN_PATH.search(local):
        return default
    return path
