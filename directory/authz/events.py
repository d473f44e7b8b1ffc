"""The kinds of audit events of `directory.authz`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList

# Why somebody may not enter an application.
NOT_ENTERED = WordList(
    {
        "no_role": ("không có vai trò", "holds no role"),
        "other_agency": ("không thuộc cơ quan được vào", "not of an agency that may enter"),
        "application_disabled": ("ứng dụng đã ngừng", "the application is disabled"),
        "application_removed": ("ứng dụng đã bị xóa hẳn", "the application was removed for good"),
        "unknown_application": ("ứng dụng không có", "no such application"),
        "person_not_active": ("tài khoản không còn hoạt động", "the account is not active"),
        "out_of_scope": ("ngoài phạm vi", "out of scope"),
    },
)

# Who may enter an application.
_ACCESS = WordList(
    {
        "everyone": ("mọi người", "everyone"),
        "roles": ("người có vai trò trong ứng dụng", "holders of its roles"),
        "agencies": ("người của các cơ quan được chọn", "people of chosen agencies"),
    },
)

_SHARING = WordList(
    {
        "internal": ("nội bộ", "internal"),
        "shared": ("dùng chung", "shared"),
    },
)

# Why: follows the object.
_DENIALS = WordList(
    {
        "out_of_scope": (" ngoài phạm vi", " out of scope"),
        "holder_out_of_scope": (
            " cho người ngoài phạm vi",
            " for somebody out of scope",
        ),
        "own_record": (
            ": hồ sơ của chính mình do người quản trị khác sửa",
            ": one's own record is changed by another administrator",
        ),
        "needs_approval": (": cần người thứ hai phê duyệt", ": a second person must approve it"),
        "own_request": (
            ": không tự phê duyệt yêu cầu của mình",
            ": nobody decides a request of their own",
        ),
        "person_not_active": (": tài khoản không còn hoạt động", ": the account is not active"),
        "own_grant": (": không tự cấp cho mình", ": nobody gives it to themselves"),
        "upward": (": vượt quyền được cấp", ": it is beyond what they may hand on"),
        "more_power": (
            ": người này giữ vai trò quản trị mà họ không được quyền cấp",
            ": this person holds an administrative role that they may not give",
        ),
        "no_role": (": không có vai trò phù hợp", ": they hold no role for it"),
        "province_only": (
            ": việc này thuộc quyền cấp tỉnh",
            ": it is for administrators of the whole province",
        ),
        "removed": (
            ": ứng dụng đã bị xóa hẳn",
            ": the application was removed for good",
        ),
        "built_in": (
            ": ứng dụng của chính hệ thống",
            ": the application belongs to the system itself",
        ),
        "not_a_person": (": chỉ người dùng được làm", ": only people may"),
        "no_rule": (": không có quy định cho phép", ": no rule allows it"),
    },
    other=(": không được phép", ": it is not allowed"),
)


APPLICATION_PUT = Kind(
    "application.put",
    {"name": "text", "access": _ACCESS, "sharing": _SHARING},
    vi="{actor} khai báo ứng dụng {name} ([{sharing}; ]ai được vào: {access})",
    en="{actor} declared application {name} ([{sharing}; ]open to: {access})",
    groups=("applications",),
)

APPLICATION_REMOVED = Kind(
    "application.removed",
    {"name": "text", "grants": "count", "requests": "count", "reason": "text"},
    vi=(
        "{actor} xóa hẳn ứng dụng {name}[; kết thúc {grants} lượt cấp vai trò]"
        "[; đóng {requests} đề nghị][: {reason}]"
    ),
    en=(
        "{actor} removed application {name} for good[; grants that ended: {grants}]"
        "[; requests that were closed: {requests}][: {reason}]"
    ),
    groups=("applications",),
)

APPLICATION_CHANGED = Kind(
    "application.changed",
    {
        "name": "text",
        "former_name": "text",
        "description": "text",
        "contact": "text",
        "start_url": "text",
        "owner": "place",
        "former_owner": "place",
        "sharing": _SHARING,
        "access": _ACCESS,
        "former_access": _ACCESS,
    },
    vi=(
        "{actor} sửa ứng dụng {subject}[; tên: {former_name} → {name}][; mô tả: {description}]"
        "[; liên hệ: {contact}][; địa chỉ mở: {start_url}]"
        "[; cơ quan chủ quản: {former_owner} → {owner}][; phạm vi dùng: {sharing}]"
        "[; ai được vào: {former_access} → {access}]"
    ),
    en=(
        "{actor} changed application {subject}[; name: {former_name} → {name}]"
        "[; description: {description}][; contact: {contact}][; opens: {start_url}]"
        "[; owner: {former_owner} → {owner}][; use: {sharing}]"
        "[; open to: {former_access} → {access}]"
    ),
    groups=("applications",),
)

APPLICATION_OPENED = Kind(
    "application.opened",
    {"place": "place"},
    vi="{actor} mở ứng dụng {subject} cho {place}",
    en="{actor} opened application {subject} to {place}",
    groups=("applications",),
)

APPLICATION_CLOSED = Kind(
    "application.closed",
    {"place": "place"},
    vi="{actor} thôi mở ứng dụng {subject} cho {place}",
    en="{actor} no longer has application {subject} open to {place}",
    groups=("applications",),
)

ROLE_PUT = Kind(
    "role.put",
    {
        "application": "application",
        "role": "role",
        "title": "text",
        "given_by": "technical",
        "terms": "technical",
        "needs_approval": "flag",
    },
    vi=(
        "{actor} khai báo vai trò {title} của {application}"
        "[needs_approval?, cấp phải được người thứ hai phê duyệt]"
    ),
    en=(
        "{actor} declared role {title} of {application}"
        "[needs_approval?, given only with a second person's approval]"
    ),
    groups=("roles",),
)

ROLE_RETIRED = Kind(
    "role.retired",
    {"application": "application", "role": "role", "title": "text", "reason": "text"},
    vi="{actor} ngừng cấp vai trò {title} của {application}[, lý do: {reason}]",
    en="{actor} retired role {title} of {application}[, reason: {reason}]",
    groups=("roles",),
)

ROLE_RESTORED = Kind(
    "role.restored",
    {"application": "application", "role": "role", "title": "text", "reason": "text"},
    vi="{actor} cho cấp lại vai trò {title} của {application}[, lý do: {reason}]",
    en="{actor} had role {title} of {application} given again[, reason: {reason}]",
    groups=("roles",),
)

GRANT_ADDED = Kind(
    "grant.added",
    {
        "grant": "technical",
        "application": "application",
        "role": "role",
        "holder": "technical",
        "scope": "place",
        "until": "last_day",
        "reason": "text",
        "basis": "text",
        "approved_by": "technical",
    },
    vi=(
        "{actor} cấp vai trò {role} của {application} cho {subject} tại {scope}, {until}"
        "[: {reason}][ (căn cứ: {basis})]"
    ),
    en=(
        "{actor} granted role {role} of {application} to {subject} in {scope}, {until}"
        "[: {reason}][ (basis: {basis})]"
    ),
    groups=("roles",),
)

GRANT_REVOKED = Kind(
    "grant.revoked",
    {"grant": "technical", "application": "application", "role": "role", "reason": "text"},
    vi="{actor} thu hồi vai trò {role} của {application} đã cấp cho {subject}[: {reason}]",
    en="{actor} took role {role} of {application} from {subject}[: {reason}]",
    groups=("roles",),
)

GRANT_ENDS = Kind(
    "grant.ends",
    {
        "grant": "technical",
        "application": "application",
        "role": "role",
        "until": "last_day",
        "reason": "text",
    },
    vi=(
        "{actor} giới hạn vai trò {role} của {application} đã cấp cho {subject} {until}[: {reason}]"
    ),
    en="{actor} limited role {role} of {application} given to {subject} {until}[: {reason}]",
    groups=("roles",),
)

# Acts over many, beside the event of each grant: whoever reads the log of another place finds there
# what was given in it.
GRANTS_GIVEN = Kind(
    "grants.given",
    {"count": "count", "reason": "text"},
    vi="{actor} cấp {count} vai trò theo danh sách[: {reason}]",
    en="{actor} gave {count} roles from a list[: {reason}]",
    groups=("roles",),
)

GRANTS_RENEWED = Kind(
    "grants.renewed",
    {"count": "count", "reason": "text"},
    vi="{actor} gia hạn {count} vai trò theo danh sách[: {reason}]",
    en="{actor} renewed {count} roles from a list[: {reason}]",
    groups=("roles",),
)

GRANTS_WITHDRAWN = Kind(
    "grants.withdrawn",
    {"count": "count", "reason": "text"},
    vi="{actor} thu hồi {count} vai trò theo danh sách[: {reason}]",
    en="{actor} took {count} roles back from a list[: {reason}]",
    groups=("roles",),
)

_LISTS = WordList(
    {
        "title": ("chức vụ, chức danh", "titles"),
        "rank": ("ngạch, chức danh nghề nghiệp", "ranks"),
        "admin-unit": ("đơn vị hành chính", "administrative units"),
        "field": ("lĩnh vực", "fields"),
        "procedure": ("thủ tục", "procedures"),
    },
    other=("danh mục khác", "another list"),
)

CODE_PUT = Kind(
    "code.put",
    {
        "list": _LISTS,
        "code": "text",
        "name": "text",
        "name_en": "text",
        "valid_from": "day",
        "until": "last_day",
        "parent": "text",
        "precedence": "count",
        "basis": "text",
    },
    vi="{actor} ghi mã {code} ({name}) vào danh mục {list}[, thuộc mã {parent}]"
    "[, có hiệu lực từ ngày {valid_from}][ (căn cứ: {basis})]",
    en="{actor} put code {code} ({name}) on the list of {list}[, below {parent}]"
    "[, valid from {valid_from}][ (basis: {basis})]",
    groups=("roles",),
)

CODE_CHANGED = Kind(
    "code.changed",
    {
        "list": _LISTS,
        "code": "text",
        "name": "text",
        "basis": "text",
        "changes": "changes",
        "before": "technical",
    },
    vi="{actor} sửa mã {code} ({name}) của danh mục {list}: {changes}",
    en="{actor} changed code {code} ({name}) of the list of {list}: {changes}",
    groups=("roles",),
)

CODE_CLOSED = Kind(
    "code.closed",
    {"list": _LISTS, "code": "text", "name": "text", "basis": "text", "until": "last_day"},
    vi="{actor} cho mã {code} ({name}) của danh mục {list} dùng {until}[ (căn cứ: {basis})]",
    en="{actor} let code {code} ({name}) of the list of {list} be used {until}[ (basis: {basis})]",
    groups=("roles",),
)

CODES_PUT = Kind(
    "codes.put",
    {"list": _LISTS, "added": "count", "changed": "count"},
    vi="{actor} ghi nhiều mã vào danh mục {list}[: {added} mã mới][; {changed} mã thay đổi]",
    en="{actor} put many codes on the list of {list}[: {added} new][; {changed} changed]",
    groups=("roles",),
    parts={"codes": "code.put", "others": "code.changed"},
)

CODE_LIST_SET = Kind(
    "code.list_set",
    {"list": _LISTS, "owner": "place", "closed": "flag"},
    vi="{actor} giao danh mục {list} cho {owner}[closed?; chỉ được chọn giá trị trong danh mục]",
    en="{actor} gave the list of {list} to {owner}[closed?; nothing else may be chosen]",
    groups=("roles",),
)

POSITION_ADDED = Kind(
    "position.added",
    {"name": "text"},
    vi="{actor} thêm vị trí việc làm {name} vào {agency}",
    en="{actor} added the position {name} to {agency}",
    groups=("roles",),
)

POSITION_RENAMED = Kind(
    "position.renamed",
    {"before": "text", "name": "text"},
    vi="{actor} đổi tên vị trí việc làm {before} thành {name}",
    en="{actor} renamed the position {before} to {name}",
    groups=("roles",),
)

POSITION_CLOSED = Kind(
    "position.closed",
    {"name": "text", "reason": "text"},
    vi="{actor} đóng vị trí việc làm {name}[: {reason}]",
    en="{actor} closed the position {name}[: {reason}]",
    groups=("roles",),
)

POSITIONS_MIGRATED = Kind(
    "positions.migrated",
    {"count": "count", "positions": "technical"},
    vi=(
        "Khi nâng cấp, {count} vị trí việc làm được lập từ các chức danh đã có vai trò; không ai "
        "được thêm hay mất vai trò"
    ),
    en=(
        "While upgrading, {count} positions were made of the titles that roles hung on; nobody "
        "gained or lost a role"
    ),
    groups=("roles",),
)

AUTHZ_DENIED = Kind(
    "authz.denied",
    {"action": "permission", "object": "object", "reason": _DENIALS},
    vi="{actor} bị từ chối {action} {object}{reason}",
    en="{actor} was refused to {action} {object}{reason}",
    groups=("refused",),
    is_refusal=True,
    counted=("lần bị từ chối", "refused actions"),
)

KINDS = (
    APPLICATION_PUT,
    APPLICATION_REMOVED,
    APPLICATION_CHANGED,
    APPLICATION_OPENED,
    APPLICATION_CLOSED,
    ROLE_PUT,
    ROLE_RETIRED,
    ROLE_RESTORED,
    GRANT_ADDED,
    GRANT_REVOKED,
    GRANT_ENDS,
    GRANTS_GIVEN,
    GRANTS_RENEWED,
    GRANTS_WITHDRAWN,
    CODE_PUT,
    CODE_CHANGED,
    CODES_PUT,
    CODE_CLOSED,
    CODE_LIST_SET,
    POSITION_ADDED,
    POSITION_RENAMED,
    POSITION_CLOSED,
    POSITIONS_MIGRATED,
    AUTHZ_DENIED,
)
