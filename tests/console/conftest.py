"""One console for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console.world import World, console_over
from tests.support.installation import running_installation, short_folder


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with (
        short_folder() as folder,
        running_installation(folder) as running,
        console_over(running.house) as found,
    ):
        yield found
