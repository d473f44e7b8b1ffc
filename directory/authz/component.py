"""What `directory.authz` declares."""

from __future__ import annotations

from directory.authz.errors import ERRORS
from directory.authz.events import KINDS
from directory.authz.permissions import PERMISSIONS
from directory.authz.subjects import APPLICATION, POSITION, ROLE
from directory.component import Component, Job, TableRule

COMPONENT = Component(
    "directory.authz",
    tables_in=("directory.authz.tables",),
    tables={
        "application": TableRule(
            "always; a removed one says when", "narrower rules of the replaced store stay"
        ),
        "application_agency": TableRule(
            "until changed", "narrower rules of the replaced store stay"
        ),
        "position": TableRule("always; a closed one says when", "put back"),
        "role": TableRule(
            "always; a revoked grant says when", "revocations of the replaced store are made again"
        ),
        "role_grant": TableRule(
            "always; a revoked grant says when", "revocations of the replaced store are made again"
        ),
        "role_exclusion": TableRule("until changed", "put back"),
        "role_conflict": TableRule("until nobody holds both any more, minutes", "put back"),
        "code_list": TableRule("always", "put back"),
        "code_value": TableRule("always; a closed one says when", "put back"),
        "rights_change": TableRule("until taken up, seconds", "put back"),
        "settled_post": TableRule(
            "always: who held what, when and on which basis",
            "put back; posts ended since are ended again",
        ),
        "post_history": TableRule(
            "always: who held what, when and on which basis",
            "put back; posts ended since are ended again",
        ),
    },
    jobs=(
        Job(
            "role_conflicts",
            every_s=60,
            longest_s=120,
            work="directory.authz.conflicts:look_again",
        ),
        Job(
            "removed_applications",
            every_s=60,
            longest_s=120,
            work="directory.authz.removing:end_left_over",
        ),
    ),
    actors={
        "removed_applications": (
            "Hệ thống (ứng dụng đã xóa)",
            "The system (removed applications)",
        )
    },
    kinds=KINDS,
    errors=ERRORS,
    permissions=PERMISSIONS,
    subjects=(APPLICATION, ROLE, POSITION),
)
