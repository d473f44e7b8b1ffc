"""Whose pause is not ended."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

THROTTLE_ADDRESS = ErrorCode(
    "throttle.address",
    Words(
        "“{value}” không phải là địa chỉ IP hoặc mạng, ví dụ 10.1.2.3.",
        "“{value}” is not an IP address or network, such as 10.1.2.3.",
    ),
)

ERRORS = (THROTTLE_ADDRESS,)
