"""One of the fault points, and the setting that arms them; tests/deep plays all."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from directory import faults
from directory.settings import ConfigurationProblems, read_settings
from tests.deep.fault_scenes import SCENES, play

pytestmark = pytest.mark.only_on_sqlite("all points, in tests/deep, are played on either")

ROOT = Path(__file__).resolve().parents[2]


def test_a_process_that_dies_there_loses_and_doubles_nothing(tmp_path: Path) -> None:
    play("intent.applied", tmp_path)


def test_every_point_is_in_the_code_and_in_a_scene() -> None:
    """Those of a restore, a new sealing key and a new password are played by the tests of these."""
    rooms = (ROOT / room for room in ("directory", "web", "idp", "sync", "admin_ui"))
    code = "".join(path.read_text() for room in rooms for path in room.rglob("*.py"))
    assert set(re.findall(r'faults\.reach\(\s*"([a-z._]+)"', code)) == faults.POINTS.keys()
    ours = {
        point
        for point in faults.POINTS
        if not point.startswith(("restore.", "sealing.", "password."))
    }
    assert SCENES.keys() == ours


@pytest.mark.parametrize("setting", ["intent.aplied", "intent.applied:0", "intent.applied:x", ":1"])
def test_a_point_that_is_not_there_is_refused(setting: str, tmp_path: Path) -> None:
    (tmp_path / "demo").touch()
    with pytest.raises(ConfigurationProblems, match="FAULT_POINT"):
        read_settings({"DANHMUC_STATE": str(tmp_path), "DANHMUC_FAULT_POINT": setting})


def test_nothing_may_be_told_to_die_outside_a_demo(tmp_path: Path) -> None:
    environ = {"DANHMUC_STATE": str(tmp_path), "DANHMUC_FAULT_POINT": "intent.applied"}
    with pytest.raises(ConfigurationProblems, match="demo"):
        read_settings(environ)
    (tmp_path / "demo").touch()
    assert read_settings(environ).fault_point == "intent.applied"


def test_a_process_dies_at_the_passing_that_was_named() -> None:
    code = (
        "from directory import faults\n"
        "faults.arm('intent.applied:3')\n"
        "for n in range(9):\n"
        "    faults.reach('intent.meant')\n"
        "    faults.reach('intent.applied')\n"
        "    print(n, flush=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()) == (-9, ["0", "1"])
