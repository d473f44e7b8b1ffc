"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.component import NotWell
from directory.installation import Installation
from directory.outbound.policy import why_unreachable
from directory.settings import Settings
from idp.clients.service import list_clients


def can_be_told(installation: Installation) -> str:
    """Every application can be told of a sign-out."""
    with installation.database.read() as tx:
        registered = [each for each in list_clients(tx) if each.backchannel_logout_uri]
    told = [
        f"{each.name}: {problem}"
        for each in registered
        if (problem := _unreachable(installation.settings, each.backchannel_logout_uri))
    ]
    if told:
        raise NotWell(f"cannot be told of a sign-out: {'; '.join(told)}")
    return f"{len(registered)} may be connected to"


def _unreachable(settings: Settings, uri: str) -> str:
    if uri.startswith(f"{settings.console_url}/"):
        return ""  # ours: it is told by a way of its own
    return why_unreachable(settings, uri)
