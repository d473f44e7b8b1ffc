"""Checks over everything that is declared, which the components themselves do not see."""

from __future__ import annotations

from admin_ui.components import COMPONENTS
from admin_ui.operations.sealing.rotation import look_at_sealing
from directory.clock import local
from directory.component import Expiry, NotWell, expiries_of, jobs_of
from directory.expiries.due import is_due, list_expiries
from directory.health.checks import jobs_go_on
from directory.installation import Installation


def sealing_keys(installation: Installation) -> str:
    """None is missing, and everything is sealed with the newest."""
    is_well, says = look_at_sealing(installation, COMPONENTS)
    if not is_well:
        raise NotWell(says)
    return says


def keys_and_certificates(installation: Installation) -> str:
    """None ends within a month."""
    found = list_expiries(installation, expiries_of(COMPONENTS))
    if due := [each for each in found if is_due(each)]:
        raise NotWell("; ".join(f"{_ending(each)}. {_plain(each.renew.en)}" for each in due))
    return "; ".join(map(_ending, found))


def _plain(sentence: str) -> str:
    """Without the marks of commands."""
    return sentence.replace("`", "")


def _ending(expiry: Expiry) -> str:
    if expiry.ends_at is None:
        return f"{expiry.what.en} cannot be read"
    return f"{expiry.what.en} until {local(expiry.ends_at)}"


def jobs(installation: Installation) -> str:
    """They go on."""
    return jobs_go_on(installation, jobs_of(COMPONENTS))
