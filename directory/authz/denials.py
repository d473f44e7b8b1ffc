"""What was not let be done, in the log."""

from __future__ import annotations

from directory.actor import Actor
from directory.audit.log import record
from directory.authz.events import AUTHZ_DENIED
from directory.authz.permissions import Permission
from directory.installation import Installation


def record_denial(
    installation: Installation, actor: Actor, action: Permission | str, about: str, reason: str
) -> None:
    """Record that `actor` was refused `action` on `about` (a tag), in a transaction of its own:
    that of what was tried is undone. `reason`: the word of the decision."""
    with installation.database.write() as tx:
        record(tx, AUTHZ_DENIED, actor, action=action, object=about, reason=reason)
