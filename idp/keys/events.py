"""The kinds of audit events of `idp.keys`."""

from __future__ import annotations

from directory.audit.kinds import Kind

KEY_CREATED = Kind(
    "key.created",
    {"kid": "technical", "alg": "text", "status": "key_status"},
    vi="{actor} tạo khóa ký {alg}[ ({status})]",
    en="{actor} made a signing key {alg}[ ({status})]",
)

KEY_ROTATED = Kind(
    "key.rotated",
    {"kid": "technical", "alg": "text"},
    vi="{actor} chuyển sang khóa ký {alg} mới",
    en="{actor} went over to a new signing key {alg}",
)

KEY_REVOKED = Kind(
    "key.revoked",
    {"kid": "technical", "alg": "text", "reason": "text"},
    vi="{actor} thu hồi một khóa ký {alg}[: {reason}]",
    en="{actor} revoked a signing key {alg}[: {reason}]",
)

KINDS = (
    KEY_CREATED,
    KEY_ROTATED,
    KEY_REVOKED,
)
