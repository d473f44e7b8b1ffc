"""How SCIM servers differ from what they say of themselves, and from the standard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

How = Literal["patch", "put"]


@dataclass(frozen=True)
class Profile:
    """`updates`, `group_updates`: changes are sent as PATCH (RFC 7644 section 3.5.2), or as PUT,
    which replaces all. `plain_values`: e-mail addresses and numbers have no type and no primary
    one. `pages`: it heeds startIndex and count; else the first answer is all there is.
    `page_size`: how many are asked for at once. `begins_with_cursor`: pages are asked for by cursor
    (RFC 9865). `filters`: lists may be asked for by a filter. `sends_etag`: an update says which
    version it was made of. `names_members`: a member is taken out of a group by a list of values,
    not by a path with a filter. `searches`: lists are asked for by a search that is sent (RFC 7644
    section 3.4.3), not by an address."""

    updates: How = "patch"
    group_updates: How = "patch"
    plain_values: bool = False
    pages: bool = True
    page_size: int = 100
    sends_etag: bool = True
    filters: bool = True
    begins_with_cursor: bool = False
    names_members: bool = False
    searches: bool = False


PROFILES: Mapping[str, Profile] = {
    "standard": Profile(),
    # Servers that have no PATCH, or a wrong one.
    "put": Profile(updates="put", group_updates="put"),
    # canaille 0.3: refuses types of e-mail addresses, fails when asked for a page, and an ETag
    # stays as it was after a change.
    "plain-values": Profile(plain_values=True, pages=False, sends_etag=False),
    # scimmy 1.3 with a plain handler: the first twenty whatever page an address asks for, and
    # If-Match is held against a hash of the body.
    "scimmy": Profile(searches=True, sends_etag=False),
    # django-scim2 0.23: PATCH of the name and the state alone, PUT of a group forgets its members,
    # and takes a member out by value alone.
    "django-scim2": Profile(updates="put", names_members=True),
}
