"""One real installation for the tests of the directory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from directory.installation import Installation
from tests.support.installation import RunningInstallation, running_installation

__all__ = ["installation", "running"]


@pytest.fixture(scope="module")
def running() -> Iterator[RunningInstallation]:
    with running_installation() as found:
        yield found


@pytest.fixture
def installation(running: RunningInstallation) -> Installation:
    return running.installation
