"""The kinds of audit events of `directory.exports`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList

LISTS = WordList(
    {
        "people": ("danh sách người dùng", "the list of people"),
        "applications": ("danh sách ứng dụng", "the list of applications"),
        "releases": (
            "sổ thông tin cung cấp cho ứng dụng",
            "the register of what applications learn",
        ),
        "requests": ("sổ yêu cầu phê duyệt", "the register of requests"),
        "audit_log": ("nhật ký", "the audit log"),
        "grants": ("danh sách quyền", "the list of roles given"),
        "privileged": ("danh sách vai trò đặc quyền", "the list of privileged roles"),
        "codes": ("danh mục dùng chung", "a shared list"),
        "positions": ("danh mục vị trí việc làm", "the list of positions"),
        "unused_accounts": (
            "danh sách tài khoản chưa sử dụng lần nào",
            "the list of accounts that were never used",
        ),
        "short_agencies": (
            "danh sách đơn vị thiếu người quản trị",
            "the list of agencies without enough administrators",
        ),
        "roles": ("danh sách vai trò của ứng dụng", "the roles of an application"),
        "connectors": ("danh sách kết nối", "the list of connectors"),
        "connector_accounts": ("danh sách tài khoản của kết nối", "the accounts of a connector"),
        "connector_plan": ("việc chờ làm của kết nối", "what a connector is to do"),
        "connector_findings": ("kết quả đối chiếu của kết nối", "what a connector found"),
    },
    other=("một danh sách", "a list"),
)
_FORMS = WordList({"xlsx": ("Excel", "Excel"), "csv": ("CSV", "CSV")}, other=("khác", "another"))

LIST_EXPORTED = Kind(
    "list.exported",
    {
        "list": LISTS,
        "form": _FORMS,
        "count": "count",
        "columns": "text",
        "filter": "text",
        "place": "place",
        "reason": "text",
        "approved": "flag",  # by a second person, beyond the quota
        "request": "technical",
    },
    vi=(
        "{actor} xuất {list} ra tệp {form}: {count} dòng[ của {place}][, lọc theo {filter}]"
        "[approved?, được phê duyệt vượt hạn mức][, lý do: {reason}][; các cột: {columns}]"
    ),
    en=(
        "{actor} took {list} away as a file ({form}): {count} lines[ of {place}]"
        "[, filtered by {filter}][approved?, approved beyond the quota][, because: {reason}]"
        "[; columns: {columns}]"
    ),
    groups=("people",),
)

LIST_EXPORT_REFUSED = Kind(
    "list.export_refused",
    {"list": LISTS, "count": "count", "quota": "count", "filter": "text", "place": "place"},
    vi=(
        "{actor} không được xuất {list}: {count} dòng[ của {place}][, lọc theo {filter}] vượt hạn "
        "mức {quota} dòng mỗi ngày"
    ),
    en=(
        "{actor} was not let take {list} away: {count} lines[ of {place}][, filtered by {filter}] "
        "are more than the {quota} of a day"
    ),
    groups=("refused", "people"),
    is_refusal=True,
    counted=("lần xuất danh sách bị từ chối", "refused exports"),
)

KINDS = (LIST_EXPORTED, LIST_EXPORT_REFUSED)
