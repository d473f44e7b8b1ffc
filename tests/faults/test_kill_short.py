"""A few processes killed under a small load; deep/test_storm.py kills all kinds, for long."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deep.judging import assert_kept, await_settled, settings_of
from tests.deep.storm import Plan, Storm, town
from tests.support.journal import Journal

pytestmark = pytest.mark.only_on_sqlite("the long storm, in tests/deep, runs on either")


def test_kills_under_load_lose_and_double_nothing(tmp_path: Path) -> None:
    plan = Plan(
        7,
        edits=12,
        sign_ins=4,
        kills=("slapd", "web child", "worker"),
        editors=2,
        clerks=2,
        browsers=1,
        between_kills_s=(0.1, 0.6),
        at_most_s=120.0,
    )
    journal = Journal(tmp_path / "journal")
    with town() as place:
        report = Storm(place, journal, plan).run()
        took = await_settled(settings_of(place.product))
        told = f"{report} settled after {took:.1f} s"
        print(told)
        told += f"\n{place.product.log_tail(25)}"
        assert_kept(settings_of(place.product), journal.path, tmp_path, told)
    assert report.faults == [], told
    assert len(report.kills) == len(plan.kills), told
    assert report.answered("edit") >= plan.edits, told
    assert report.answered("sign-in") >= plan.sign_ins, told
    assert report.done("edit by console") >= 1, told
