"""What `sync.feed` declares."""

from __future__ import annotations

from directory.component import Check, Component, Job, TableRule
from sync.feed.errors import ERRORS
from sync.feed.events import KINDS

COMPONENT = Component(
    "sync.feed",
    tables_in=("sync.feed.tables",),
    tables={
        "feed_state": TableRule("one row", "the cookie is dropped: everything is compared"),
        "feed_entry": TableRule(
            "as long as the entry; of the gone only that they are gone", "put back and compared"
        ),
        "feed_deferred": TableRule("until its intent is settled", "put back"),
        "feed_loss": TableRule("minutes: what the brake counts", "put back"),
        "feed_brake": TableRule("one row while the brake is on", "put back"),
        "catalogue_event": TableRule(
            "90 days: a reader that was away longer compares everything", "put back"
        ),
    },
    jobs=(
        Job("sync.feed", every_s=1, longest_s=7200, work="sync.feed.polling:poll"),
        Job(
            "sync.reconcile",
            every_s=600,
            longest_s=3600,
            work="sync.feed.nightly:reconcile_nightly",
        ),
        Job("sync.retention", every_s=600, longest_s=300, work="sync.retention:forget_old"),
    ),
    actors={"feed": ("Hệ thống (theo dõi danh mục)", "The system (watching the catalogue)")},
    kinds=KINDS,
    errors=ERRORS,
    checks=(
        Check("feed", "sync.feed.checks:follows", ready="feed"),
        Check("feed brake", "sync.feed.checks:brake_is_off"),
    ),
)
