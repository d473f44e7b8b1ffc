"""Reading the catalogue for the feed: what changed, everything, single entries."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from directory.installation import Installation
from directory.ldap.entries import Entry, Refresh
from directory.ldap.filters import escape
from sync.feed.content import ATTRIBUTES

FILTER = "(|(objectClass=dmPerson)(objectClass=dmOrganisation))"
_NOBODY = "(entryUUID=00000000-0000-0000-0000-000000000000)"
_AT_ONCE = 100


def changes_since(installation: Installation, cookie: bytes) -> Refresh:
    """What changed since `cookie`."""
    return installation.ldap.refresh(installation.settings.suffix, FILTER, ATTRIBUTES, cookie)


def cookie_of_now(installation: Installation) -> bytes:
    """The cookie of a refresh that would begin now.

    A refresh without a cookie answers with the whole catalogue in one piece. One that no entry
    matches answers with the cookie alone; the entries are then read page by page.
    """
    cookie = installation.ldap.refresh(installation.settings.suffix, _NOBODY, ["1.1"], None).cookie
    if cookie is None:
        raise AssertionError("a refresh that succeeds ends with a cookie (RFC 4533 section 3.3)")
    return cookie


def every_entry(installation: Installation, attributes: Sequence[str]) -> Iterator[list[Entry]]:
    """Every person, agency and unit, page by page."""
    return installation.ldap.pages(installation.settings.suffix, FILTER, attributes)


def entries_by_uuid(installation: Installation, uuids: Collection[str]) -> dict[str, Entry]:
    """Those of the entries that exist, by entryUUID."""
    return _matching(installation, "entryUUID", list(uuids))


def entries_by_id(installation: Installation, ids: Collection[str]) -> dict[str, Entry]:
    """Those of the people, agencies and units that exist, by dmId."""
    return _matching(installation, "dmId", list(ids))


def _matching(installation: Installation, name: str, values: list[str]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for start in range(0, len(values), _AT_ONCE):
        terms = "".join(f"({name}={escape(v)})" for v in values[start : start + _AT_ONCE])
        matching = f"(&{FILTER}(|{terms}))"
        entries = installation.ldap.search(
            installation.settings.suffix, matching, ATTRIBUTES, scope="sub"
        )
        found.update((entry.one(name), entry) for entry in entries)
    return found
