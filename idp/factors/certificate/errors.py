"""Why a certificate is not bound, an authority not trusted, a list not taken."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

CERTIFICATE_UNKNOWN = ErrorCode(
    "certificate.unknown",
    Words("Không có chứng thư số này trong tài khoản.", "The account has no such certificate."),
)
CERTIFICATE_OFF = ErrorCode(
    "certificate.off",
    Words(
        "Hệ thống chưa bật đăng nhập bằng chứng thư số.",
        "Signing in with a certificate is not switched on here.",
    ),
)
CERTIFICATE_UNREADABLE = ErrorCode(
    "certificate.unreadable",
    Words(
        "Tệp này không phải là một chứng thư số.",
        "This file is not one certificate.",
    ),
    advice=Words(
        "Hãy chọn tệp .cer, .crt hoặc .pem chứa đúng một chứng thư (không phải .p12, .pfx).",
        "Take a .cer, .crt or .pem file with one certificate in it (not .p12 or .pfx).",
    ),
)
CERTIFICATE_REFUSED = ErrorCode(
    "certificate.refused",
    Words(
        "Chứng thư số này không được chấp nhận: {fault}.", "This certificate is refused: {fault}."
    ),
)
CERTIFICATE_TAKEN = ErrorCode(
    "certificate.taken",
    Words(
        "Chứng thư số này đã gắn với một tài khoản.",
        "This certificate is bound to an account already.",
    ),
    advice=Words(
        "Mỗi chứng thư chỉ gắn với một người. Nếu gắn nhầm, hãy gỡ ở tài khoản kia trước.",
        "A certificate has one person. If it was bound to the wrong one, take it away there first.",
    ),
)
CERTIFICATE_TOO_MANY = ErrorCode(
    "certificate.too_many",
    Words(
        "Mỗi người có tối đa {most} chứng thư số.",
        "Nobody may have more than {most} certificates.",
    ),
    advice=Words("Hãy gỡ một chứng thư đã cũ trước.", "Remove one that is over first."),
)
CERTIFICATE_REASON = ErrorCode(
    "certificate.reason",
    Words(
        "Ghi rõ đã kiểm tra người nhận và thiết bị như thế nào.",
        "Say how it was made sure whose device it is.",
    ),
)
AUTHORITY_UNKNOWN = ErrorCode(
    "authority.unknown",
    Words(
        "Không có cơ quan chứng thực {value} trong danh sách tin cậy.",
        "No certificate authority {value} is trusted here.",
    ),
)
AUTHORITY_KNOWN = ErrorCode(
    "authority.known",
    Words("Cơ quan chứng thực này đã có.", "This certificate authority is trusted already."),
)
AUTHORITY_UNFIT = ErrorCode(
    "authority.unfit",
    Words(
        "Chứng thư này không phải của một cơ quan chứng thực: thiếu basicConstraints CA hoặc "
        "keyUsage keyCertSign và cRLSign.",
        "This is no authority's certificate: basicConstraints does not say CA, or keyUsage lacks "
        "keyCertSign or cRLSign.",
    ),
)
AUTHORITY_WEAK = ErrorCode(
    "authority.weak",
    Words(
        "Khóa hoặc chữ ký của chứng thư này quá yếu (cần RSA từ 2048 bit hoặc P-256 trở lên, "
        "SHA-256 trở lên).",
        "The key or the signature is too weak (RSA of 2048 bits or P-256 and more, SHA-256 and "
        "more).",
    ),
)
AUTHORITY_CHAIN = ErrorCode(
    "authority.chain",
    Words(
        "Chứng thư này không nối được tới một cơ quan chứng thực gốc đã thêm, hoặc đã hết hạn.",
        "It does not lead to a root that was added, or is not valid now.",
    ),
    advice=Words("Hãy thêm chứng thư gốc trước.", "Add its root first."),
)
AUTHORITY_NO_LIST = ErrorCode(
    "authority.no_list",
    operators=Words(
        "Cần địa chỉ http(s) của danh sách thu hồi (--crl), hoặc lý do không xem (--without-crl).",
        "Give the http(s) address of its revocation list (--crl), or why none is looked at "
        "(--without-crl).",
    ),
)
AUTHORITY_LIST_ADDRESS = ErrorCode(
    "authority.list_address",
    operators=Words(
        "Máy chủ không được phép kết nối tới địa chỉ danh sách thu hồi này: {problem}.",
        "This server may not connect to the address of that list: {problem}.",
    ),
)
AUTHORITY_POLICY = ErrorCode(
    "authority.policy",
    Words("“{value}” không phải là một OID.", "“{value}” is no OID."),
)
AUTHORITY_NEEDED = ErrorCode(
    "authority.needed",
    Words(
        "Cơ quan chứng thực khác trong danh sách do {value} cấp: hãy gỡ chúng trước.",
        "Other authorities here were issued by {value}: remove those first.",
    ),
)
CRL_UNREADABLE = ErrorCode(
    "crl.unreadable",
    Words(
        "Không đọc được danh sách thu hồi.",
        "This is not a list of revoked certificates.",
    ),
)
CRL_FOREIGN = ErrorCode(
    "crl.foreign",
    Words(
        "Danh sách thu hồi này không do {authority} ký.",
        "This list is not signed by {authority}.",
    ),
)
CRL_KIND = ErrorCode(
    "crl.kind",
    Words(
        "Đây không phải danh sách thu hồi đầy đủ (chỉ là phần thay đổi hoặc của một số chứng thư).",
        "This is not a complete list (only what changed, or of some certificates).",
    ),
)
CRL_NOT_YET = ErrorCode(
    "crl.not_yet",
    Words(
        "Danh sách thu hồi chỉ có hiệu lực từ {begins}: hãy kiểm tra đồng hồ của máy chủ.",
        "The list counts from {begins} on: look at this server's clock.",
    ),
)
CRL_OVER = ErrorCode(
    "crl.over",
    Words(
        "Danh sách thu hồi đã hết hiệu lực ({ended}).",
        "The list is over ({ended}).",
    ),
)
CRL_OLDER = ErrorCode(
    "crl.older",
    Words(
        "Đã có danh sách thu hồi mới hơn danh sách này.",
        "There is a newer list than this one.",
    ),
)
CRL_ANSWER = ErrorCode(
    "crl.answer",
    Words(
        "Máy chủ danh sách thu hồi trả lời mã {status}.",
        "The server of the list answered {status}.",
    ),
)

ERRORS = (
    CERTIFICATE_UNKNOWN,
    CERTIFICATE_OFF,
    CERTIFICATE_UNREADABLE,
    CERTIFICATE_REFUSED,
    CERTIFICATE_TAKEN,
    CERTIFICATE_TOO_MANY,
    CERTIFICATE_REASON,
    AUTHORITY_UNKNOWN,
    AUTHORITY_KNOWN,
    AUTHORITY_UNFIT,
    AUTHORITY_WEAK,
    AUTHORITY_CHAIN,
    AUTHORITY_NO_LIST,
    AUTHORITY_LIST_ADDRESS,
    AUTHORITY_POLICY,
    AUTHORITY_NEEDED,
    CRL_UNREADABLE,
    CRL_FOREIGN,
    CRL_KIND,
    CRL_NOT_YET,
    CRL_OVER,
    CRL_OLDER,
    CRL_ANSWER,
)
