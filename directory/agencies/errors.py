"""What an agency or unit cannot be."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

AGENCY_NO_PARENT = ErrorCode(
    "agency.no_parent",
    Words(
        "Cơ quan cấp trên không tồn tại. Hãy thêm cơ quan đó trước.",
        "The agency above it does not exist. Add that one first.",
    ),
)
AGENCY_NAME = ErrorCode(
    "agency.name",
    Words(
        "Tên phải có từ 1 đến 250 ký tự.",
        "The name must have 1 to 250 characters.",
    ),
)
AGENCY_CODE = ErrorCode(
    "agency.code",
    Words(
        "Mã phải có từ 1 đến 35 ký tự, không có dấu cách và các dấu / \\ | , ; @.",
        "The code must have 1 to 35 characters without blanks or / \\ | , ; @.",
    ),
)
AGENCY_TOO_LONG = ErrorCode(
    "agency.too_long",
    Words(
        "Trường {field} dài quá {longest} ký tự.",
        "The {field} has more than {longest} characters.",
    ),
)
AGENCY_PRECEDENCE = ErrorCode(
    "agency.precedence",
    Words(
        "Thứ tự phải là số từ 0 đến 99999.",
        "The precedence must be a number from 0 to 99999.",
    ),
)
AGENCY_UNIT_WITHOUT_PARENT = ErrorCode(
    "agency.unit_without_parent",
    Words(
        "Một đơn vị phải có cơ quan hoặc đơn vị cấp trên.",
        "A unit needs the agency or unit it is part of.",
    ),
    operators=Words(
        "Một đơn vị cần --parent: cơ quan hoặc đơn vị cấp trên của nó.",
        "A unit needs --parent: the agency or unit it is part of.",
    ),
)
AGENCY_CIRCLE = ErrorCode(
    "agency.circle",
    Words(
        "Một cơ quan không thể trực thuộc chính mình.",
        "An agency cannot lie under itself.",
    ),
)

ERRORS = (
    AGENCY_NO_PARENT,
    AGENCY_NAME,
    AGENCY_CODE,
    AGENCY_TOO_LONG,
    AGENCY_PRECEDENCE,
    AGENCY_UNIT_WITHOUT_PARENT,
    AGENCY_CIRCLE,
)
