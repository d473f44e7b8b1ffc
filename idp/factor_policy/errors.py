"""Why a rule or a network is not taken."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

FACTOR_RULE_DAYS = ErrorCode(
    "factor_rule.days",
    Words(
        "Hãy nhập số ngày từ {least} đến {most}.",
        "Enter a number of days from {least} to {most}.",
    ),
)
FACTOR_RULE_MINUTES = ErrorCode(
    "factor_rule.minutes",
    Words(
        "Hãy nhập số phút từ {least} đến {most}.",
        "Enter a number of minutes from {least} to {most}.",
    ),
)
FACTOR_RULE_OWN_LIMITS = ErrorCode(
    "factor_rule.own_limits",
    Words(
        "Phiên của người quản trị đã có giới hạn riêng, ngắn hơn.",
        "Sessions of administrators have limits of their own, which are shorter.",
    ),
)
FACTOR_RULE_ROLE = ErrorCode(
    "factor_rule.role",
    Words("Hãy chọn một vai trò của ứng dụng.", "Choose a role of an application."),
    operators=Words(
        "Không có vai trò {value}. Viết ỨNG-DỤNG:VAI-TRÒ; `danhmuc role list` liệt kê.",
        "There is no role {value}. Write APPLICATION:ROLE; `danhmuc role list` shows them.",
    ),
)
FACTOR_RULE_APPLICATION = ErrorCode(
    "factor_rule.application",
    Words("Hãy chọn một ứng dụng.", "Choose an application."),
    operators=Words(
        "Không có ứng dụng {value}. `danhmuc client list` liệt kê.",
        "There is no application {value}. `danhmuc client list` shows them.",
    ),
)
FACTOR_RULE_OWN_APPLICATION = ErrorCode(
    "factor_rule.own_application",
    Words(
        "Trang quản trị luôn cần hai yếu tố, không có ngoại lệ.",
        "The administration always wants two factors, with no exception.",
    ),
)
FACTOR_RULE_NETWORK = ErrorCode(
    "factor_rule.network",
    Words("Hãy chọn một vùng mạng.", "Choose a network."),
    operators=Words(
        "Không có vùng mạng {value}. `danhmuc mfa policy show` liệt kê; `outside` là bên ngoài.",
        "There is no network {value}. `danhmuc mfa policy show` lists them; `outside` is all else.",
    ),
)
FACTOR_RULE_UNKNOWN = ErrorCode(
    "factor_rule.unknown", Words("Không có quy định này.", "There is no such rule.")
)
NETWORK_ZONE_NAME = ErrorCode(
    "network_zone.name",
    Words(
        "Tên gồm 2 đến 40 chữ thường không dấu, chữ số và dấu gạch ngang; không phải “outside”.",
        "The name has 2 to 40 lower-case letters without marks, digits and hyphens,"
        " and is not “outside”.",
    ),
)
NETWORK_ZONE_NETWORKS = ErrorCode(
    "network_zone.networks",
    Words(
        "Hãy nhập từ 1 đến {most} dải địa chỉ, mỗi dòng một dải, ví dụ 10.12.0.0/16.",
        "Enter 1 to {most} address ranges, one a line, for example 10.12.0.0/16.",
    ),
)
NETWORK_ZONE_USED = ErrorCode(
    "network_zone.used",
    Words(
        "Vùng mạng này còn trong một quy định. Hãy bỏ quy định đó trước.",
        "A rule names this network. Remove that rule first.",
    ),
)
NETWORK_ZONE_UNKNOWN = ErrorCode(
    "network_zone.unknown", Words("Không có vùng mạng này.", "There is no such network.")
)
FACTOR_POLICY_NO_SECOND = ErrorCode(
    "factor_policy.no_second",
    Words(
        "Thay đổi này nới lỏng xác thực hai lớp nên cần một cán bộ an toàn thông tin thứ hai phê "
        "duyệt, nhưng không có người nào khác.",
        "This weakens the rules for two factors, so a second security officer has to approve it; "
        "there is nobody else.",
    ),
    advice=Words(
        "Hãy cử thêm một người giữ vai trò An toàn thông tin, hoặc nhờ người quản trị máy chủ thực "
        "hiện: nhật ký ghi lại việc đó.",
        "Give one more person the role of security officer, or have whoever keeps the server do "
        "it: the log tells that.",
    ),
)
FACTOR_POLICY_CHANGED_SINCE = ErrorCode(
    "factor_policy.changed_since",
    Words(
        "Quy định đã được thay đổi sau khi có đề nghị này. Hãy từ chối và đề nghị lại.",
        "The rules were changed after this was asked. Refuse it, and ask again.",
    ),
)
FACTOR_POLICY_ASKER = ErrorCode(
    "factor_policy.asker",
    Words(
        "Người đề nghị không còn được đặt quy định này.",
        "Whoever asked may not set these rules any more.",
    ),
)

ERRORS = (
    FACTOR_RULE_DAYS,
    FACTOR_RULE_MINUTES,
    FACTOR_RULE_OWN_LIMITS,
    FACTOR_RULE_ROLE,
    FACTOR_RULE_APPLICATION,
    FACTOR_RULE_OWN_APPLICATION,
    FACTOR_RULE_NETWORK,
    FACTOR_RULE_UNKNOWN,
    NETWORK_ZONE_NAME,
    NETWORK_ZONE_NETWORKS,
    NETWORK_ZONE_USED,
    NETWORK_ZONE_UNKNOWN,
    FACTOR_POLICY_NO_SECOND,
    FACTOR_POLICY_CHANGED_SINCE,
    FACTOR_POLICY_ASKER,
)
