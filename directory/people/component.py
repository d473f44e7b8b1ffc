"""What `directory.people` declares."""

from __future__ import annotations

from directory.component import Check, Component, Job, TableRule
from directory.people.errors import ERRORS
from directory.people.events import KINDS
from directory.people.messages import MESSAGES
from directory.people.permissions import PeoplePermission
from directory.people.subjects import PERSON, POST

COMPONENT = Component(
    "directory.people",
    tables_in=("directory.people.tables",),
    tables={
        "entry_step": TableRule(
            "one row a step, always: it says that the step was made", "put back"
        ),
        "absence": TableRule("as long as the person: personal data", "put back"),
        "unused_warning": TableRule("90 days, or until the account is suspended", "put back"),
    },
    forget=(
        "directory.people.credentials:end_left_over",
        "directory.people.unused_warnings:forget_old",
    ),
    jobs=(
        Job(
            "people.accounts",
            every_s=5,
            longest_s=60,
            work="directory.people.service:follow_owners",
        ),
        Job(
            "passwords.profile",
            every_s=60,
            longest_s=60,
            work="directory.people.credentials:note_profile",
        ),
        Job("catalogue.steps", every_s=2, longest_s=60, work="directory.people.entry_steps:go_on"),
        Job(
            "unused accounts",
            every_s=600,
            longest_s=600,
            work="directory.people.unused_warnings:look_after",
        ),
    ),
    actors={
        "accounts": ("Hệ thống (tài khoản quản trị)", "The system (administration accounts)"),
        "unused": ("Hệ thống (tài khoản không sử dụng)", "The system (unused accounts)"),
        "migration": ("Hệ thống (khi nâng cấp)", "The system (while upgrading)"),
    },
    kinds=KINDS,
    errors=ERRORS,
    messages=MESSAGES,
    permissions=(PeoplePermission,),
    subjects=(PERSON, POST),
    checks=(
        Check("upgrade of entries", "directory.people.checks:entries_upgraded"),
        Check("unused accounts", "directory.people.checks:unused_accounts"),
    ),
)
