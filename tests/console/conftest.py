"""One console for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console.world import World, console_over
from tests.support.installation import RunningInstallation, running_installation


@pytest.fixture(scope="module")
def running() -> Iterator[RunningInstallation]:
    with running_installation() as found:
        yield found


@pytest.fixture(scope="module")
def world(running: RunningInstallation) -> Iterator[World]:
    with console_over(running.installation) as found:
        yield found
