"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.audit.reading import list_events
from directory.clock import DAY, now_ms
from directory.component import NotWell
from directory.installation import Installation
from idp.throttle.events import PROXY_UNDECLARED
from web.forwarded import is_within


def proxies_are_declared(installation: Installation) -> str:
    """Those that forwarded requests within a day."""
    trusted = installation.settings.trusted_proxies
    with installation.database.read() as tx:
        told = list_events(tx, kind=PROXY_UNDECLARED.name, limit=50)
    peers = {
        str(event.fields["peer"])
        for event in told
        if event.at > now_ms() - DAY and not is_within(str(event.fields["peer"]), trusted)
    }
    if peers:
        raise NotWell(
            f"requests were forwarded by {', '.join(sorted(peers))} within a day: if that is your "
            "proxy, name it in DANHMUC_TRUSTED_PROXIES; if not, let only proxies reach the "
            "sign-in port"
        )
    return ", ".join(trusted) or "none declared, none seen"
