"""What SQL alone knows of people, grants, comes into the same stream as what LDAP says of them.

Whoever gives or takes back a role tells whom it reaches in that transaction
(`directory.authz.reached`). Here they get their place in the stream: taking it up and publishing
are one transaction, so each is published once however often this is killed.
"""

from __future__ import annotations

from directory.authz import reached
from directory.installation import Installation
from sync.feed.state import lock_state
from sync.feed.stream import publish

_AT_ONCE = 50
_MOST_TURNS = 200


def publish_rights(installation: Installation) -> None:
    """Publish what waits."""
    for _ in range(_MOST_TURNS):
        with installation.database.read() as tx:
            if not reached.is_any(tx):
                return
        with installation.database.write() as tx:
            lock_state(tx)
            for person_id in reached.take_up(tx, _AT_ONCE):
                publish(tx, person_id, "person", "rights")
