"""A thousand edits and sign-ins at once, while every process of the product is killed at random.

Seeds are fixed so that a failure can be run again; the moments are as random as the machine.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deep.judging import assert_kept, await_settled, settings_of
from tests.deep.storm import KINDS, Plan, Storm, town
from tests.support.journal import Journal

pytestmark = pytest.mark.deep


@pytest.mark.parametrize("seed", [1])
def test_a_thousand_requests_while_everything_is_killed(seed: int, tmp_path: Path) -> None:
    plan = Plan(seed, edits=800, sign_ins=200, kills=KINDS * 2 + KINDS[:7], at_most_s=300.0)
    journal = Journal(tmp_path / "journal")
    with town() as place:
        report = Storm(place, journal, plan).run()
        took = await_settled(settings_of(place.product))
        told = f"{report} settled after {took:.1f} s"
        print(told)
        told += f"\n{place.product.log_tail(25)}"
        assert_kept(settings_of(place.product), journal.path, tmp_path, told)
    assert report.faults == [], told
    assert report.answered("edit") >= plan.edits, told
    assert report.answered("sign-in") >= plan.sign_ins, told
    assert report.done("edit by console") >= 100, told
    assert report.done("edit by services") >= 100, told
