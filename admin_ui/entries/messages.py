"""Sending messages of every kind that is declared."""

from __future__ import annotations

from admin_ui.components import COMPONENTS
from directory.component import messages_of
from directory.installation import Installation
from directory.messages import delivery

_KINDS = messages_of(COMPONENTS)


def deliver(installation: Installation) -> None:
    """The worker's job."""
    delivery.deliver(installation, _KINDS)
