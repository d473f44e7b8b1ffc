"""Checks over everything that is declared, which the components themselves do not see."""

from __future__ import annotations

from admin_ui.components import COMPONENTS
from admin_ui.operations.sealing.rotation import look_at_sealing
from directory.component import NotWell, jobs_of
from directory.health.checks import jobs_go_on
from directory.installation import Installation


def sealing_keys(installation: Installation) -> str:
    """None is missing, and everything is sealed with the newest."""
    is_well, says = look_at_sealing(installation, COMPONENTS)
    if not is_well:
        raise NotWell(says)
    return says


def jobs(installation: Installation) -> str:
    """They go on."""
    return jobs_go_on(installation, jobs_of(COMPONENTS))
