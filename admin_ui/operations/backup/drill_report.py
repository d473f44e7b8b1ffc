"""The minutes of a restore drill (biên bản diễn tập khôi phục), as they are filed and signed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from admin_ui.operations.backup.manifest import Manifest
from directory.clock import SECOND, VIETNAM, local

_WIDTH = 96
_STEPS_VI = {
    "Checking the archive": "Kiểm tra mã băm của tệp sao lưu",
    "Opening the archive": "Giải mã và kiểm tra từng phần của tệp sao lưu",
    "Building the catalogue": "Dựng lại danh mục (LDAP)",
    "Bringing the SQL store up to date": "Cập nhật cấu trúc kho SQL",
    "Starting LDAP": "Khởi động LDAP",
    "Counting": "Đối chiếu số lượng với bản kê trong tệp",
    "Ending sessions and tokens": "Kết thúc mọi phiên và mã truy cập cũ",
    "Making settled changes again": "Ghi lại các thay đổi đã xác nhận",
    "Keeping withdrawals": "Giữ nguyên các việc khóa, thu hồi sau khi sao lưu",
    "Comparing catalogue and SQL store": "Đối chiếu danh mục với kho SQL và sửa",
    "Comparing once more": "Đối chiếu lại: không còn chỗ lệch",
    "Reading the audit log": "Đọc nhật ký kiểm toán",
    "Asking LDAP for a password": "Xác thực mật khẩu với LDAP",
    "Signing a person in": "Đăng nhập trọn vẹn đến khi nhận ID token",
}


@dataclass(frozen=True)
class Step:
    """One step: `name` in English, how long it took, and what went wrong (empty: nothing)."""

    name: str
    duration_s: float
    problem: str = ""


@dataclass(frozen=True)
class Drill:
    """Everything the minutes tell. Times in ms, durations in seconds, `size` in bytes."""

    file: str
    size: int
    began_at: int
    duration_s: float
    who: str
    host: str
    place: str
    steps: Sequence[Step]
    manifest: Manifest | None
    notes: Sequence[str] = ()

    @property
    def ok(self) -> bool:
        """Whether every step went well."""
        return bool(self.steps) and not any(step.problem for step in self.steps)

    @property
    def failed(self) -> str:
        """The step that failed; empty when none did."""
        return next((step.name for step in self.steps if step.problem), "")


def write_drill_report(drill: Drill) -> str:
    """The minutes as text."""
    parts = [
        _heading(drill),
        _facts(drill),
        _steps(drill.steps),
        _notes(drill),
        _conclusion(drill),
        _signatures(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _heading(drill: Drill) -> str:
    lines = [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "───────────────",
        "",
        "BIÊN BẢN DIỄN TẬP KHÔI PHỤC HỆ THỐNG",
        f"{drill.place}, {_day(drill.began_at)}",
    ]
    return "\n".join(line.center(_WIDTH).rstrip() for line in lines)


def _facts(drill: Drill) -> str:
    rows = [
        ("Bắt đầu lúc", f"{local(drill.began_at)} (giờ Việt Nam)"),
        ("Người thực hiện", f"tài khoản hệ điều hành “{drill.who}” trên máy {drill.host}"),
        ("Tệp sao lưu", f"{drill.file} ({_size(drill.size)})"),
    ]
    if drill.manifest is not None:
        rows += _contents(drill.manifest)
    return "\n".join(f"{name + ':':<22}{value}" for name, value in rows)


def _contents(manifest: Manifest) -> list[tuple[str, str]]:
    unpacked = sum(member.size for member in manifest.members.values())
    return [
        ("Sao lưu lúc", f"{local(manifest.created_at)} (phiên bản {manifest.program})"),
        (
            "Trong tệp có",
            f"{_number(manifest.people)} người, {_number(manifest.agencies)} cơ quan và đơn vị, "
            f"{_number(manifest.audit_events)} sự kiện kiểm toán, "
            f"{_number(manifest.open_intents)} thay đổi còn dở",
        ),
        ("Dung lượng khi mở", _size(unpacked)),
    ]


def _steps(steps: Sequence[Step]) -> str:
    lines = ["Các bước:"]
    for number, step in enumerate(steps, start=1):
        result = "KHÔNG ĐẠT" if step.problem else "đạt"
        name = _STEPS_VI.get(step.name, step.name)
        lines.append(f"{number:>3}. {name:<60} {_seconds(step.duration_s):>12}   {result}")
        if step.problem:
            lines.append(f"       {step.problem}")
    return "\n".join(lines)


def _notes(drill: Drill) -> str:
    lines = [
        textwrap.fill(note, _WIDTH, initial_indent="  - ", subsequent_indent="    ")
        for note in drill.notes
    ]
    return "\n".join(["Ghi chú:", *lines]) if lines else ""


def _conclusion(drill: Drill) -> str:
    verdict = "ĐẠT" if drill.ok else "KHÔNG ĐẠT"
    text = (
        f"Kết luận: {verdict}. Thời gian khôi phục và kiểm tra: {_seconds(drill.duration_s)}. Việc "
        "diễn tập được làm trong thư mục riêng, không chạm đến hệ thống đang chạy; thư mục đó đã "
        "được xóa."
    )
    return textwrap.fill(text, _WIDTH)


def _signatures() -> str:
    names = ("Người thực hiện", "Người chứng kiến", "Thủ trưởng đơn vị vận hành")
    signed = "(ký, ghi rõ họ tên)"
    column = _WIDTH // len(names)
    rows = ("".join(text.center(column) for text in row).rstrip() for row in (names, [signed] * 3))
    return "\n".join([*rows, "", "", "", ""])


def _day(instant_ms: int) -> str:
    moment = datetime.fromtimestamp(instant_ms / SECOND, tz=UTC).astimezone(VIETNAM)
    # Decree 30/2020/NĐ-CP, annex I: days under 10 and months 1 and 2 take a leading 0.
    month = f"{moment.month:02}" if moment.month < 3 else str(moment.month)
    return f"ngày {moment.day:02} tháng {month} năm {moment.year}"


def _seconds(duration_s: float) -> str:
    return f"{duration_s:.1f}".replace(".", ",") + " giây"


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _size(size: int) -> str:
    if size < 1_000_000:
        return f"{_number(-(-size // 1000))} kB"
    return f"{size / 1_000_000:.1f}".replace(".", ",") + " MB"
