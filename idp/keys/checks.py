"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.component import NotWell
from directory.installation import Installation
from idp.keys.service import list_keys


def has_keys(installation: Installation) -> str:
    """A current one for each algorithm."""
    with installation.database.read() as tx:
        current = [key for key in list_keys(tx) if key.status == "current"]
    if len(current) < 2:
        raise NotWell("a signing key is missing; run danhmuc init")
    return ", ".join(f"{key.alg} {key.kid[:8]}" for key in current)
