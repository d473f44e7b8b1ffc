"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.clock import local
from directory.component import NotWell
from directory.installation import Installation
from idp.spray import alarms
from idp.spray.signs import SIGNS


def none_stands(installation: Installation) -> str:
    """Whether nobody seems to guess passwords."""
    with installation.database.read() as tx:
        standing = alarms.list_standing(tx)
    if standing:
        told = "; ".join(
            f"{SIGNS[each.sign].en}{f' ({each.network})' if each.network else ''}, "
            f"{each.names} names, since {local(each.began_at)}"
            for each in standing
        )
        raise NotWell(f"passwords are being guessed: {told}. `danhmuc throttle list` shows pauses")
    return "no signs of guessing"
