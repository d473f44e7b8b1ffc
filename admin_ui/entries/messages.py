"""Messages of every kind that is declared: sending them, and those about requests."""

from __future__ import annotations

from admin_ui.components import COMPONENTS, VOCABULARY
from directory.component import messages_of, requests_of
from directory.installation import Installation
from directory.messages import delivery, digests
from directory.requests import telling

_KINDS = messages_of(COMPONENTS)
_REQUESTS = requests_of(COMPONENTS)


def deliver(installation: Installation) -> None:
    """The worker's job."""
    delivery.deliver(installation, _KINDS)


def tell_of_requests(installation: Installation) -> None:
    """The worker's job."""
    telling.tell_decided(installation, _REQUESTS, VOCABULARY)
    if digests.is_time():
        telling.tell_waiting(installation, _REQUESTS, VOCABULARY)
