"""What a server says of itself (RFC 7643 section 5, RFC 9865 section 4), and what that leaves of
the profile: it is asked for nothing that it says it has not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sync.connectors.scim.profiles import Profile

_OPTIONAL = ("patch", "filter", "etag", "bulk", "sort")


def names_of(config: Mapping[str, Any]) -> str:
    """The optional parts that it has, for people."""
    able = [name for name in _OPTIONAL if _says(config, name) is True]
    if _says(config, "pagination", "cursor") is True:
        able.append("cursor")
    return ", ".join(able) or "no optional parts"


def obeyed(profile: Profile, config: Mapping[str, Any]) -> Profile:
    """The profile, less what the server says that it has not."""
    if _says(config, "patch") is False:
        profile = replace(profile, updates="put", group_updates="put")
    if _says(config, "filter") is False:
        profile = replace(profile, filters=False)
    if _says(config, "etag") is False:
        profile = replace(profile, sends_etag=False)
    if _says(config, "pagination", "cursor") is True and (
        _says(config, "pagination", "index") is False
        or _says(config, "pagination", "defaultPaginationMethod") == "cursor"
    ):
        profile = replace(profile, begins_with_cursor=True)
    most = [
        size
        for size in (
            _says(config, "filter", "maxResults"),
            _says(config, "pagination", "maxPageSize"),
        )
        if isinstance(size, int) and not isinstance(size, bool) and size > 0
    ]
    return replace(profile, page_size=min(profile.page_size, *most))


def _says(config: Mapping[str, Any], part: str, name: str = "supported") -> object:
    found = config.get(part)
    return found.get(name) if isinstance(found, Mapping) else None
