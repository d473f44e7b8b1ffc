"""The kinds of audit events of `web`."""

from __future__ import annotations

from directory.audit.kinds import Kind

FAULT_SHOWN = Kind(
    "fault.shown",
    {"support_code": "text", "status": "technical", "code": "text", "reason": "word"},
    vi="Một yêu cầu từ {address} không được phục vụ: {reason} (mã hỗ trợ {support_code})",
    en="A request from {address} could not be served: {reason} (support code {support_code})",
    counted=("lần gặp sự cố", "faults"),
)

KINDS = (FAULT_SHOWN,)
