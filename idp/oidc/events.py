"""The kinds of audit events of `idp.oidc`."""

from __future__ import annotations

from directory.audit.kinds import Kind

CLIENT_AUTH_FAILED = Kind(
    "client.auth_failed",
    {"method": "auth_method", "reason": "credential"},
    vi=(
        "[subject?{subject}][subject!Một ứng dụng không rõ] không xác thực được"
        "[ từ {address}][: {reason}]"
    ),
    en=(
        "[subject?{subject}][subject!An unknown application] failed to authenticate"
        "[ from {address}][: {reason}]"
    ),
    is_refusal=True,
    counted=("lần ứng dụng xác thực sai", "failed authentications of applications"),
)

AUTHZ_REDIRECT_REJECTED = Kind(
    "authz.redirect_rejected",
    {"reason": "refusal"},
    vi="Từ chối một yêu cầu đăng nhập[ vào {subject}][ từ {address}][: {reason}]",
    en="A sign-in request[ for {subject}][ from {address}] was rejected[: {reason}]",
    is_refusal=True,
    counted=("yêu cầu đăng nhập bị từ chối", "rejected sign-in requests"),
)

AUTHZ_REQUEST_REFUSED = Kind(
    "authz.request_refused",
    {"error": "refusal", "reason": "refusal"},
    vi="Không nhận yêu cầu đăng nhập[ của {subject}]: {reason}",
    en="A sign-in request[ of {subject}] was not accepted: {reason}",
    is_refusal=True,
    counted=("yêu cầu đăng nhập không được nhận", "sign-in requests not accepted"),
)

APPLICATION_ENTERED = Kind(
    "application.entered",
    {"session": "technical", "scope": "technical"},
    vi="{actor} vào ứng dụng {subject}",
    en="{actor} entered {subject}",
    counted=("lần vào ứng dụng", "entries into applications"),
)

APPLICATION_REFUSED = Kind(
    "application.refused",
    {"session": "technical", "reason": "word"},
    vi="{actor} không được vào {subject}[: {reason}]",
    en="{actor} was not let into {subject}[: {reason}]",
    is_refusal=True,
    counted=("lần không được vào ứng dụng", "refused entries into applications"),
)

TOKEN_GRANTED = Kind(
    "token.granted",
    {"grant_type": "grant_type", "family": "technical", "token": "technical", "scope": "technical"},
    vi="{actor} nhận mã truy cập cho {subject}[ ({grant_type})]",
    en="{actor} got a token for {subject}[ ({grant_type})]",
    counted=("lần cấp mã truy cập", "tokens granted"),
)

TOKEN_REFUSED = Kind(
    "token.refused",
    {"grant_type": "grant_type", "error": "refusal", "reason": "refusal"},
    vi="{actor} không được cấp mã truy cập[ ({grant_type})]: {reason}",
    en="{actor} was refused a token[ ({grant_type})]: {reason}",
    is_refusal=True,
    counted=("lần không được cấp mã truy cập", "refused tokens"),
)

TOKEN_REPLAYED = Kind(
    "token.replayed",
    {"what": "token_kind", "family": "technical"},
    vi="{actor} đưa ra một {what} đã dùng: thu hồi mọi mã truy cập liên quan của {subject}",
    en="{actor} presented a used {what}: all tokens of {subject} made from it are revoked",
    is_refusal=True,
    counted=("lần dùng lại mã đã dùng", "uses of used tokens"),
)

TOKEN_REVOKED = Kind(
    "token.revoked",
    {"family": "technical"},
    vi="{actor} thu hồi mã truy cập của {subject}",
    en="{actor} revoked the tokens of {subject}",
)

KINDS = (
    CLIENT_AUTH_FAILED,
    AUTHZ_REDIRECT_REJECTED,
    AUTHZ_REQUEST_REFUSED,
    APPLICATION_ENTERED,
    APPLICATION_REFUSED,
    TOKEN_GRANTED,
    TOKEN_REFUSED,
    TOKEN_REPLAYED,
    TOKEN_REVOKED,
)
