"""Why a certificate does not count, in words for the log."""

from __future__ import annotations

from collections.abc import Mapping

from directory.audit.kinds import Pair

NONE, UNREADABLE = "certificate_none", "certificate_unreadable"
UNKNOWN_AUTHORITY = "certificate_authority_unknown"
EXPIRED, NOT_YET = "certificate_expired", "certificate_not_yet"
PURPOSE, WEAK, CHAIN = "certificate_purpose", "certificate_weak", "certificate_chain"
REVOKED, NO_LIST = "certificate_revoked", "certificate_no_list"
PROXY = "certificate_proxy"
UNBOUND, OTHERS, LATE = "certificate_unbound", "certificate_others", "certificate_late"

FAULTS: Mapping[str, Pair] = {
    NONE: ("trình duyệt không gửi chứng thư", "the browser sent none"),
    UNREADABLE: ("không đọc được", "it cannot be read"),
    UNKNOWN_AUTHORITY: (
        "cơ quan chứng thực không nằm trong danh sách tin cậy",
        "its authority is not trusted",
    ),
    EXPIRED: ("đã hết hạn", "it has expired"),
    NOT_YET: ("chưa có hiệu lực", "it is not valid yet"),
    PURPOSE: ("không dùng để đăng nhập", "it is not for signing in"),
    WEAK: ("khóa hoặc chữ ký quá yếu", "its key or signature is too weak"),
    CHAIN: ("chuỗi chứng thực không hợp lệ", "its chain of authorities is not valid"),
    REVOKED: ("đã bị thu hồi", "it is revoked"),
    NO_LIST: (
        "chưa có danh sách thu hồi còn hiệu lực",
        "there is no current list of revoked certificates",
    ),
    PROXY: ("máy chủ proxy không nhận", "the proxy did not take it"),
    UNBOUND: ("chưa gắn với tài khoản nào", "it is bound to no account"),
    OTHERS: ("thuộc về người khác", "it is somebody else's"),
    LATE: ("thao tác quá lâu hoặc gửi hai lần", "it was too late, or sent twice"),
}
