"""What `directory.notices` declares."""

from __future__ import annotations

from directory.component import Component, TableRule
from directory.notices.errors import ERRORS
from directory.notices.events import KINDS
from directory.notices.permissions import NoticePermission
from directory.notices.subjects import NOTICE

COMPONENT = Component(
    "directory.notices",
    tables_in=("directory.notices.tables",),
    tables={
        "notice": TableRule("a year after nobody sees it any more", "put back"),
    },
    forget=("directory.notices.service:forget_old",),
    kinds=KINDS,
    errors=ERRORS,
    permissions=(NoticePermission,),
    subjects=(NOTICE,),
)
