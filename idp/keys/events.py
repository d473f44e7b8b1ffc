"""The kinds of audit events of `idp.keys`."""

from __future__ import annotations

from collections.abc import Mapping

from directory.audit.kinds import Kind, Pair, WordList

# Why a signed token was not believed (`idp.keys.jose`).
TOKEN_PROBLEMS: Mapping[str, Pair] = {
    "header parameter not accepted": (
        "phần đầu của chữ ký có nội dung không được chấp nhận",
        "the header of the signature says what is not accepted",
    ),
    "algorithm or kid not accepted": (
        "thuật toán hoặc số khóa không được chấp nhận",
        "algorithm or key id not accepted",
    ),
    "token of another type": ("loại chữ ký khác", "a token of another type"),
    "no such key": ("không có khóa nào như vậy", "no such key"),
    "the signature is not good": ("chữ ký không đúng", "the signature is not good"),
    "token too long": ("quá dài", "too long"),
    "not a compact JWS": ("không phải dạng JWS", "not a compact JWS"),
    "bad base64url": ("mã hóa base64url sai", "bad base64url"),
    "base64url not canonical": ("mã hóa base64url sai", "bad base64url"),
    "bad JSON": ("nội dung JSON sai", "bad JSON"),
    "not a JSON object": ("nội dung JSON sai", "bad JSON"),
    "no exp": ("không ghi thời hạn (exp)", "no time of expiry (exp)"),
    "expired": ("đã hết hạn", "expired"),
    "lives too long": ("thời hạn quá dài (exp)", "lives too long (exp)"),
    "nbf lies in the future": (
        "chưa đến lúc có hiệu lực (nbf); hãy xem đồng hồ máy chủ của ứng dụng",
        "not yet valid (nbf): see the clock of the application's server",
    ),
    "iat lies in the future": (
        "lập ở thời điểm chưa đến (iat); hãy xem đồng hồ máy chủ của ứng dụng",
        "made in the future (iat): see the clock of the application's server",
    ),
    "exp is not a whole number of seconds": ("thời hạn ghi sai (exp)", "exp is not a number"),
    "nbf is not a whole number of seconds": ("thời điểm ghi sai (nbf)", "nbf is not a number"),
    "iat is not a whole number of seconds": ("thời điểm ghi sai (iat)", "iat is not a number"),
}

_STATUSES = WordList(
    {
        "next": ("chờ dùng", "to be used next"),
        "current": ("đang dùng", "in use"),
        "retired": ("đã thôi dùng", "retired"),
        "revoked": ("đã thu hồi", "revoked"),
    },
)


KEY_CREATED = Kind(
    "key.created",
    {"kid": "technical", "alg": "text", "status": _STATUSES},
    vi="{actor} tạo khóa ký {alg}[ ({status})]",
    en="{actor} made a signing key {alg}[ ({status})]",
    groups=("system",),
)

KEY_ROTATED = Kind(
    "key.rotated",
    {"kid": "technical", "alg": "text"},
    vi="{actor} chuyển sang khóa ký {alg} mới",
    en="{actor} went over to a new signing key {alg}",
    groups=("system",),
)

KEY_REVOKED = Kind(
    "key.revoked",
    {"kid": "technical", "alg": "text", "reason": "text"},
    vi="{actor} thu hồi một khóa ký {alg}[: {reason}]",
    en="{actor} revoked a signing key {alg}[: {reason}]",
    groups=("system",),
)

KINDS = (
    KEY_CREATED,
    KEY_ROTATED,
    KEY_REVOKED,
)
