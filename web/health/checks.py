"""What an installation can and cannot do at this moment: asked by ``/readyz`` and the metrics. The
checks are those that components declare with a name for it.

A check answers ``ok`` or the code of what is wrong. Some decide whether anybody can sign in; the
others say that a part is behind while sign-in goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from directory.component import Check, Component, NotWell, checks_of
from directory.errors import AppError
from directory.installation import Installation
from directory.loading import load

OK = "ok"
EXTENSION = "checks"

_log = logging.getLogger(__name__)


def ready_checks(components: Iterable[Component]) -> Sequence[Check]:
    """Those that are asked here."""
    return [check for check in checks_of(components) if check.ready]


def look(installation: Installation, checks: Iterable[Check]) -> Mapping[str, str]:
    """Every check by its name."""
    return {check.ready: ask(installation, check) for check in checks}


def ask(installation: Installation, check: Check) -> str:
    """One check."""
    try:
        load(check.asks)(installation)
    except (AppError, NotWell) as error:
        return error.code
    except Exception as error:
        # A read-only store, a file nobody may read: broken in a way nobody foresaw is not ready.
        _log.error("check failed", exc_info=error)
        return "failed"
    return OK


def status(checks: Iterable[Check], found: Mapping[str, str]) -> str:
    """``ok``, ``degraded`` (people sign in, something is behind) or ``unavailable``."""
    wrong = [check for check in checks if found[check.ready] != OK]
    if any(check.decisive for check in wrong):
        return "unavailable"
    return "degraded" if wrong else OK
