"""A few deaths of the worker, slapd and targets in a small mass change; many, and more targets, in
tests/deep/test_connectors_killed.py."""

from __future__ import annotations

import pytest

from tests.deep.connector_storm import Plan, storm

pytestmark = pytest.mark.only_on_sqlite("the long storm, in tests/deep, runs on either")


def test_a_small_mass_change_while_a_few_are_killed() -> None:
    plan = Plan(
        3,
        people=24,
        worker_kills=3,
        slapd_kills=1,
        troubles=2,
        between_troubles_s=(0.2, 1.0),
        troubled_s=(0.2, 1.5),
        between_acts_s=0.1,
        at_most_s=90.0,
    )
    with storm(plan, ("django-scim2",)) as running:
        report = running.run()
    assert report.faults == [], report
    assert (report.deaths["worker"], report.deaths["slapd"]) == (3, 1), report
