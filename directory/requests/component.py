"""What `directory.requests` declares."""

from __future__ import annotations

from directory.audit.kinds import SubjectKind
from directory.component import Component, TableRule
from directory.requests.errors import ERRORS
from directory.requests.events import KINDS
from directory.requests.messages import MESSAGES
from directory.requests.permissions import RequestPermission

COMPONENT = Component(
    "directory.requests",
    tables_in=("directory.requests.tables",),
    tables={
        "request": TableRule(
            "always: who asked and who approved what; an open one lapses on its day",
            "put back; what the replaced store had decided or withdrawn since stays so",
        ),
    },
    forget=("directory.requests.service:lapse_overdue",),
    kinds=KINDS,
    errors=ERRORS,
    actors={"requests": ("Sổ yêu cầu phê duyệt", "The register of requests")},
    messages=MESSAGES,
    permissions=(RequestPermission,),
    subjects=(SubjectKind("request", ("một yêu cầu", "a request"), in_fields=False),),
)
