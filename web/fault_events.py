"""A fault that a person was shown is an event, with the support code that was on the page."""

from __future__ import annotations

from directory.actor import Actor
from directory.audit.anonymous import record_anonymous
from directory.errors import AppError
from directory.ids import support_code
from directory.installation import Installation
from web.events import FAULT_SHOWN
from web.guard import Fault

_REASONS = {
    "database": "store_silent",
    "ldap": "catalogue_silent",
    "signin": "too_busy",
}


def record_fault(installation: Installation, fault: Fault) -> None:
    """Record `fault` within the budget of its address.

    When the store itself is what does not answer there is only the line in the log.
    """
    if fault.code.startswith("database."):
        return
    actor = Actor("anonymous", address=fault.address, request_id=fault.request_id)
    try:
        with installation.database.write() as tx:
            record_anonymous(
                tx,
                FAULT_SHOWN,
                actor,
                support_code=support_code(fault.request_id),
                status=fault.status,
                code=fault.code,
                reason=_reason(fault),
            )
    except AppError:
        return


def _reason(fault: Fault) -> str:
    if fault.status == 500:
        return "fault_of_program"
    return _REASONS.get(fault.code.partition(".")[0], "part_silent")
