"""Lists of connectors as files: what the pages show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol

from directory.actor import Actor
from directory.clock import local
from directory.errors import Words
from directory.exports.list_file import Lines, ListFile, Shown
from directory.exports.notes import Export
from directory.installation import Installation
from directory.sheets.writing import Listing
from sync.engine.account_listing import (
    AccountList,
    AccountQuestion,
    ListedAccount,
    Standing,
)
from sync.engine.expressions import Value
from sync.engine.following import Planned
from sync.engine.listing import (
    Asked,
    ConnectorQuestion,
    KeptApplication,
    ListedConnector,
    State,
)
from sync.engine.reconciling import Finding, FindingKind


class Opened(Protocol):
    """Of a connector: what its files are called, and where the log tells that they were taken."""

    @property
    def application(self) -> KeptApplication: ...


class Found(Protocol):
    """What a reading found, and names by the ids of people."""

    @property
    def findings(self) -> Sequence[Finding]: ...

    @property
    def names(self) -> Mapping[str, tuple[str, str]]: ...


_PROVINCE = Words("Tỉnh", "The province")
STATES: Mapping[State, Words] = {
    "stopped": Words("Tự dừng, chờ quyết định", "Stopped, waits for a decision"),
    "paused": Words("Tạm dừng", "Paused"),
    "away": Words("Ứng dụng không trả lời", "No answer"),
    "beginning": Words("Đang so sánh lần đầu", "First comparison"),
    "running": Words("Đang chạy", "Running"),
}
ASKED: Mapping[Asked, Words] = {
    "stuck": Words("Cần xử lý", "Needs attention"),
    "stopped": STATES["stopped"],
    "away": STATES["away"],
    "paused": STATES["paused"],
    "running": STATES["running"],
}


def since(listed: ListedConnector) -> int | None:
    """Since when (ms) it stands so, where it does not run."""
    found = listed.standing.connector
    times = {
        "stopped": found.stopped_at,
        "paused": found.paused_at,
        "away": found.failing_since,
    }
    return times.get(listed.state)


def _instant(at: int | None) -> str:
    return local(at) if at is not None else ""


_CONNECTORS = ListFile[ListedConnector](
    "connectors",
    Words("Danh sách kết nối", "Connectors"),
    (
        Shown(Words("Ứng dụng", "Application"), 30, lambda each: each.application.name),
        Shown(Words("Kết nối", "Connector"), 20, lambda each: each.standing.connector.name),
        Shown(
            Words("Đơn vị chủ quản", "Owner"),
            34,
            lambda each: each.application.owner or _PROVINCE,
        ),
        Shown(Words("Tình trạng", "State"), 24, lambda each: STATES[each.state]),
        Shown(Words("Từ", "Since"), 18, lambda each: _instant(since(each))),
        Shown(
            Words("Ứng dụng trả lời lần cuối", "Last answer"),
            22,
            lambda each: _instant(each.standing.connector.succeeded_at),
        ),
        Shown(Words("Khớp", "In step"), 10, lambda each: each.standing.in_step),
        Shown(
            Words("Chờ", "Waiting"), 10, lambda each: each.standing.waiting + each.standing.failed
        ),
        Shown(
            Words("Cần xử lý", "Needs attention"),
            12,
            lambda each: each.standing.quarantined + each.standing.conflicts,
        ),
    ),
)
STANDINGS: Mapping[Standing, Words] = {
    "working": Words("Đã khớp", "In step"),
    "disabled": Words("Đã khóa ở đó", "Disabled there"),
    "create": Words("Chờ tạo", "To be made"),
    "update": Words("Chờ cập nhật", "To be changed"),
    "leaving": Words("Chờ khóa", "To be disabled"),
    "refused": Words("Bị từ chối", "Refused"),
    "conflict": Words("Trùng tên", "Name is taken"),
    "skipped": Words("Bỏ qua", "Left alone"),
}
FAILED = Words("Thử chưa được", "Tried in vain")
FINDINGS: Mapping[FindingKind, Words] = {
    "differs": Words("Khác dữ liệu", "Differs"),
    "kept": Words("Ứng dụng giữ khác", "Kept otherwise"),
    "again": Words("Nhóm lại khác", "Groups differ again"),
    "groups": Words("Nhóm chưa so được", "Groups not compared"),
    "disabled": Words("Bị khóa ở đó", "Disabled there"),
    "revived": Words("Được mở lại ở đó", "Enabled there again"),
    "missing": Words("Không còn ở đó", "Missing"),
    "unlinked": Words("Của ta nhưng chưa biết", "Ours, and not known"),
    "anothers": Words("Mang mã của người khác", "Bears another’s id"),
    "twice": Words("Tài khoản thứ hai", "A second account"),
    "unknown": Words("Chưa biết của ai", "Nobody’s"),
}
_STEPS: Mapping[str, Words] = {
    "create": Words("Tạo", "Create"),
    "update": Words("Cập nhật", "Change"),
    "disable": Words("Khóa", "Disable"),
    "conflict": Words("Trùng tên", "Name is taken"),
}
_ACCOUNTS = ListFile[ListedAccount](
    "connector_accounts",
    Words("Tài khoản trong {name}", "Accounts in {name}"),
    (
        Shown(Words("Họ và tên", "Name"), 28, lambda each: each.full_name),
        Shown(Words("Tên đăng nhập", "User name"), 20, lambda each: each.username),
        Shown(Words("Tình trạng", "State"), 18, lambda each: STANDINGS[each.standing]),
        Shown(
            Words("Thực hiện lần cuối", "Last done"),
            18,
            lambda each: _instant(each.account.changed_at),
        ),
        Shown(Words("Số lần thử", "Tries"), 10, lambda each: each.account.tries),
        Shown(
            Words("Ứng dụng trả lời", "The application said"),
            60,
            lambda each: each.account.failed_detail or "",
        ),
    ),
)
_PLAN = ListFile[tuple[ListedAccount, Planned]](
    "connector_plan",
    Words("Việc chờ làm trong {name}", "What is to be done in {name}"),
    (
        Shown(Words("Họ và tên", "Name"), 28, lambda line: line[0].full_name),
        Shown(Words("Tên đăng nhập", "User name"), 20, lambda line: line[0].username),
        Shown(Words("Việc", "Step"), 12, lambda line: _STEPS[line[1].step]),
        Shown(Words("Trước", "Before"), 60, lambda line: _flat(line[1].before)),
        Shown(Words("Sau", "After"), 60, lambda line: _flat(line[1].after)),
    ),
)
_FINDINGS = ListFile[tuple[Finding, str]](
    "connector_findings",
    Words("Kết quả đối chiếu với {name}", "What {name} really holds"),
    (
        Shown(Words("Tài khoản", "Account"), 28, lambda line: line[0].login or line[0].remote_id),
        Shown(Words("Của", "Whose"), 28, lambda line: line[1]),
        Shown(Words("Phát hiện", "Found"), 24, lambda line: FINDINGS[line[0].kind]),
        Shown(Words("Chi tiết", "Detail"), 60, lambda line: line[0].detail),
        Shown(Words("Đã cho sửa", "To be mended"), 18, lambda line: _instant(line[0].repaired_at)),
    ),
)
MOST_TAKEN = 100_000


def _flat(values: Mapping[str, Value]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in values.items())


_FILTERED: Mapping[str, Words] = {
    "text": Words("“{value}”", "“{value}”"),
    "state": Words("tình trạng {value}", "state {value}"),
    "owner": Words("đơn vị chủ quản {value}", "owner {value}"),
}


def connectors_taken_away(
    installation: Installation,
    actor: Actor,
    asked: ConnectorQuestion,
    export: Export,
    listed: Sequence[ListedConnector],
) -> Listing:
    """The file of these connectors, noted. Raises as `directory.exports.taking.take`."""
    owner = next((each.application.owner for each in listed if asked.owner_id), "")
    values = {
        "text": asked.text,
        "state": ASKED[asked.state].filled(export.language, {}) if asked.state else "",
        "owner": owner,
    }
    told = "; ".join(
        words.filled(export.language, {"value": values[name]})
        for name, words in _FILTERED.items()
        if values[name]
    )
    place = asked.owner_id if owner else ""
    lines = Lines(listed, len(listed), told, place)
    return _CONNECTORS.take(installation, actor, export, lines)


def accounts_taken_away(
    installation: Installation,
    actor: Actor,
    opened: Opened,
    asked: AccountQuestion,
    export: Export,
    found: AccountList,
) -> Listing:
    """The file of these accounts, noted. Raises as `directory.exports.taking.take`."""
    standing = asked.standing
    words = FAILED if standing == "failed" else STANDINGS[standing] if standing else None
    named = words.filled(export.language, {}) if words else ""
    told = "; ".join(filter(None, (asked.text and f"“{asked.text}”", named)))
    lines = Lines(found.accounts, len(found.accounts), told, opened.application.owner_id)
    name = opened.application.name
    return _ACCOUNTS.take(installation, actor, export, lines, of=name)


def plan_taken_away(
    installation: Installation,
    actor: Actor,
    opened: Opened,
    export: Export,
    each: Iterable[tuple[ListedAccount, Planned]],
    count: int,
) -> Listing:
    """The file of what is to be done, noted. Raises as `directory.exports.taking.take`."""
    lines = Lines(each, count, place=opened.application.owner_id)
    return _PLAN.take(installation, actor, export, lines, of=opened.application.name)


def findings_taken_away(
    installation: Installation,
    actor: Actor,
    opened: Opened,
    kind: FindingKind | Literal[""],
    export: Export,
    found: Found,
) -> Listing:
    """The file of what was found, noted. Raises as `directory.exports.taking.take`."""
    told = FINDINGS[kind].filled(export.language, {}) if kind else ""
    each = [(one, found.names.get(one.person_id or "", ("", ""))[0]) for one in found.findings]
    lines = Lines(each, len(each), told, opened.application.owner_id)
    return _FINDINGS.take(installation, actor, export, lines, of=opened.application.name)
