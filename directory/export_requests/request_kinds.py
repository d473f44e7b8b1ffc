"""What can be asked for here."""

from __future__ import annotations

from directory.component import RequestKind
from directory.export_requests.permissions import ExportPermission

EXPORT = RequestKind(
    "export",
    told=("xuất danh sách vượt hạn mức", "a list beyond the quota"),
    permission=ExportPermission.APPROVE,
    about="directory.export_requests.asking:about",
    describe="directory.export_requests.asking:describe",
    carry_out="directory.export_requests.asking:carry_out",
    foresee="directory.export_requests.asking:foresee",
    days=7,
)
