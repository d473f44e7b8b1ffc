"""Dealing tests out to processes: what shares a preparation stays together, the longest first.

``--dist loadgroup`` would be the means, but xdist 3.8 does not find the groups with pytest 9.2
(pytest-xdist issue 1386).
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

REPOSITORY = Path(__file__).resolve().parents[2]
PRODUCTS = "started products"
# They wait for real processes or a browser for more than half a minute: begun last, they would be
# waited for alone.
_LONG = (
    "tests/deploy/test_run.py",
    "tests/sync/test_job_leases.py",
    "tests/web/test_browser.py",
    "tests/faults/test_kill_short.py",
    "tests/idp/test_focus_browser.py",
    "tests/admin_ui/test_first_steps.py",
)
_USES_A_PRODUCT = re.compile(r"\b(http_product|tls_product|product: Product)\b")


@lru_cache(maxsize=1024)
def group_of(file: str) -> str:
    """Which tests the ones of `file` (relative to the checkout) must stay with.

    One process runs all that look at a started product, because starting it takes longest.
    """
    return PRODUCTS if _USES_A_PRODUCT.search((REPOSITORY / file).read_text()) else file


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def turn_of(nodeid: str) -> int:
    """0 for what must begin first."""
    file = file_of(nodeid)
    if group_of(file) == PRODUCTS:
        return 0
    return 1 + _LONG.index(file) if file in _LONG else 1 + len(_LONG)


class ByPreparation(LoadScopeScheduling):
    """A file at a time, and everything with a started product at once."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(file_of(nodeid))
