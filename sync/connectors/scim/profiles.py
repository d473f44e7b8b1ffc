"""How SCIM servers differ from what they say of themselves, and from the standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Profile:
    """`updates`: changes are sent as PATCH (RFC 7644 section 3.5.2), or as PUT, which replaces all.
    `plain_values`: e-mail addresses and numbers have no type and no primary one. `pages`: it heeds
    startIndex and count; else the first answer is all there is. `page_size`: how many are asked
    for at once. `sends_etag`: an update says which version it was made of."""

    updates: Literal["patch", "put"] = "patch"
    plain_values: bool = False
    pages: bool = True
    page_size: int = 100
    sends_etag: bool = True


PROFILES: Mapping[str, Profile] = {
    "standard": Profile(),
    # Servers that have no PATCH, or a wrong one.
    "put": Profile(updates="put"),
    # canaille 0.3: refuses types of e-mail addresses, fails when asked for a page, and an ETag
    # stays as it was after a change.
    "plain-values": Profile(plain_values=True, pages=False, sends_etag=False),
    # scimmy 1.3 with a plain handler: the whole list whatever page is asked for.
    "scimmy": Profile(pages=False, sends_etag=False),
}
