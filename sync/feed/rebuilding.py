"""Making the projection anew, and saying so in the audit log."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection

from directory.actor import Actor
from directory.audit.log import record
from directory.installation import Installation
from directory.projection import rebuild as shadow
from directory.projection.rebuild import Rebuilt
from sync.feed.events import PROJECTION_REBUILT


def rebuild(installation: Installation, actor: Actor) -> Rebuilt:
    """As `directory.projection.rebuild.rebuild`, on behalf of `actor`."""

    def tell(tx: Connection, done: Rebuilt) -> None:
        record(tx, PROJECTION_REBUILT, actor, **asdict(done))

    return shadow.rebuild(installation, tell)
