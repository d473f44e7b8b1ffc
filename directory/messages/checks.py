"""The checks of this package; what they give and raise says `directory.component.Check`."""

from __future__ import annotations

from directory.component import NotWell
from directory.installation import Installation
from directory.messages import caps, queue, smtp
from directory.messages import gateway as gateways
from directory.outbound import policy


def mail_server(installation: Installation) -> str:
    """It can be reached, and takes our name and password."""
    settings = installation.settings
    if not settings.smtp_url:
        return "none (DANHMUC_SMTP_URL): nobody is told anything by e-mail"
    with smtp.connected(settings) as server:
        server.check()
    return f"{smtp.told_of(settings)} answers"


def gateway(installation: Installation) -> str:
    """Its file and secrets can be read, and it may be connected to. Nothing is sent."""
    settings = installation.settings
    if settings.sms_file is None:
        return "none (DANHMUC_SMS_FILE): nobody is told anything by SMS"
    found = gateways.read(settings)
    found.read_secrets()
    if why := policy.why_unreachable(settings, found.origin):
        raise NotWell(f"{found.server} cannot be asked: {why}")
    return f"{found.server} may be asked; whether it takes a text, only a text shows"


def all_sent(installation: Installation) -> str:
    """None could not be sent."""
    with installation.database.read() as tx:
        failed, waiting = queue.count_failed(tx), queue.count_waiting(tx)
        held = queue.count_held(tx, caps.REASONS)
    if failed:
        raise NotWell(f"{failed} could not be sent, {waiting} wait; see `danhmuc message list`")
    if held:
        raise NotWell(
            f"{held} texts wait: more than DANHMUC_SMS_PER_PERSON_HOUR or DANHMUC_SMS_PER_DAY"
        )
    return f"{waiting} wait"
