"""Three foreign targets follow a mass change of a few hundred people while the worker and slapd are
killed a hundred times, and the targets are killed, frozen and cut off beside it.

A minute after the last death every account is as LDAP and the grants say: none lost, none twice,
nobody active who left. tests/sync/test_killed.py has a few deaths.
"""

from __future__ import annotations

import pytest

from tests.deep.connector_storm import Plan, storm

pytestmark = [pytest.mark.deep, pytest.mark.both_engines]


@pytest.mark.parametrize("seed", [1])
def test_a_mass_change_while_everything_is_killed(seed: int) -> None:
    plan = Plan(
        seed,
        people=300,
        worker_kills=65,
        slapd_kills=35,
        troubles=80,
        between_kills_s=(0.1, 3.0),
        between_troubles_s=(0.5, 4.0),
    )
    with storm(plan, ("django-scim2", "scim2-server", "scimmy")) as running:
        report = running.run()
    print(report)
    assert report.faults == [], report
    assert report.deaths["worker"] + report.deaths["slapd"] == 100, report
    assert sum(report.deaths.values()) >= 130, report
    assert report.deaths["worker, idle"] <= 20, f"it was killed while it did nothing: {report}"
    assert sum(n for (_, answer), n in report.acts.items() if answer == "done") >= 600, report
