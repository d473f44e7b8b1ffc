"""The kinds of audit events of `web`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList

# Which part did not serve.
_REASONS = WordList(
    {
        "fault_of_program": ("lỗi của phần mềm", "a fault of the program"),
        "catalogue_silent": ("danh mục không trả lời", "the catalogue did not answer"),
        "store_silent": ("kho dữ liệu không trả lời", "the data store did not answer"),
        "too_busy": ("hệ thống đang quá tải", "the system was too busy"),
        "part_silent": (
            "một bộ phận của hệ thống không trả lời",
            "a part of the system did not answer",
        ),
    },
)


FAULT_SHOWN = Kind(
    "fault.shown",
    {"support_code": "text", "status": "technical", "code": "text", "reason": _REASONS},
    vi="Một yêu cầu từ {address} không được phục vụ: {reason} (mã hỗ trợ {support_code})",
    en="A request from {address} could not be served: {reason} (support code {support_code})",
    groups=("system",),
    counted=("lần gặp sự cố", "faults"),
)

KINDS = (FAULT_SHOWN,)
