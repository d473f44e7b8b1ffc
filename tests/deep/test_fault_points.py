"""Every named fault point once; tests/faults/test_fault_points_short.py plays three of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deep.fault_scenes import SCENES, play

pytestmark = pytest.mark.deep


@pytest.mark.parametrize("point", SCENES)
def test_a_process_that_dies_there_loses_and_doubles_nothing(point: str, tmp_path: Path) -> None:
    play(point, tmp_path)
