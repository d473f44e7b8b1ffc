"""The kinds of audit events of `idp.factors.certificate`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from idp.factors.certificate.faults import FAULTS

_FAULTS = WordList(FAULTS)

CERTIFICATE_BOUND = Kind(
    "certificate.bound",
    {"certificate": "technical", "name": "text", "issuer": "text", "serial": "text",
     "reason": "text"},
    vi="{actor} gắn chứng thư số “{name}” ({issuer} cấp, số {serial}) cho {subject}[: {reason}]",
    en="{actor} bound the certificate “{name}” (of {issuer}, number {serial}) to {subject}"
    "[: {reason}]",
    groups=("sign-in", "people"),
)  # fmt: skip

CERTIFICATE_REMOVED = Kind(
    "certificate.removed",
    {"certificate": "technical", "name": "text", "serial": "text", "reason": "text"},
    vi="{actor} gỡ chứng thư số “{name}” (số {serial}) của {subject}[: {reason}]",
    en="{actor} took the certificate “{name}” (number {serial}) of {subject} away[: {reason}]",
    groups=("sign-in", "people"),
)

CERTIFICATE_ENDED = Kind(
    "certificate.ended",
    {"certificate": "technical", "name": "text", "serial": "text"},
    vi="Chứng thư số “{name}” (số {serial}) hết gắn với {subject} vì người này đã nghỉ; chờ thu "
    "hồi thiết bị lưu khóa",
    en="The certificate “{name}” (number {serial}) is no longer bound to {subject}, who left; the "
    "key device is to be handed back",
    groups=("sign-in", "people"),
)

CERTIFICATE_HANDED_BACK = Kind(
    "certificate.handed_back",
    {"certificate": "technical", "name": "text", "serial": "text"},
    vi="{actor} đã nhận lại thiết bị lưu khóa của {subject} (chứng thư “{name}”, số {serial})",
    en="{actor} has got the key device of {subject} back (certificate “{name}”, number {serial})",
    groups=("people",),
)

CERTIFICATE_REFUSED = Kind(
    "certificate.refused",
    {"fault": _FAULTS, "name": "text", "issuer": "text", "serial": "text"},
    vi="Từ chối một chứng thư số[ mang tên “{name}”][ do {issuer} cấp][, số {serial}]"
    "[ từ {address}][: {fault}]",
    en="A certificate[ called “{name}”][ of {issuer}][, number {serial}][ from {address}] was "
    "refused[: {fault}]",
    groups=("sign-in",),
    is_refusal=True,
    counted=("chứng thư số bị từ chối", "refused certificates"),
)

CERTIFICATE_HEADER_IGNORED = Kind(
    "certificate.header_ignored",
    {"peer": "text"},
    vi="Bỏ qua chứng thư số trong yêu cầu từ {peer}: đó không phải proxy đã khai báo",
    en="A certificate in the header of a request from {peer} was ignored: that is no declared "
    "proxy",
    groups=("system", "sign-in"),
    is_refusal=True,
    counted=("chứng thư số từ nơi không khai báo", "certificates from undeclared proxies"),
)

AUTHORITY_ADDED = Kind(
    "authority.added",
    {"name": "text", "fingerprint": "text", "crl_url": "text", "without_crl": "text"},
    vi="{actor} thêm cơ quan chứng thực tin cậy “{name}” (SHA-256 {fingerprint})[, danh sách thu "
    "hồi ở {crl_url}][, không xem danh sách thu hồi: {without_crl}]",
    en="{actor} added the trusted certificate authority “{name}” (SHA-256 {fingerprint})[, its "
    "revocation list is at {crl_url}][, without a revocation list: {without_crl}]",
    groups=("system",),
)

AUTHORITY_REMOVED = Kind(
    "authority.removed",
    {"name": "text", "fingerprint": "text"},
    vi="{actor} gỡ cơ quan chứng thực tin cậy “{name}” (SHA-256 {fingerprint})",
    en="{actor} removed the trusted certificate authority “{name}” (SHA-256 {fingerprint})",
    groups=("system",),
)

AUTHORITY_LIST_TAKEN = Kind(
    "authority.list_taken",
    {"name": "text", "count": "count", "added": "count", "until": "instant"},
    vi="{actor} nạp danh sách thu hồi của “{name}”: {count} chứng thư, {added} mới, có hiệu lực "
    "đến {until}",
    en="{actor} took the revocation list of “{name}”: {count} certificates, {added} of them new, "
    "good until {until}",
    groups=("system",),
)

KINDS = (
    CERTIFICATE_BOUND,
    CERTIFICATE_REMOVED,
    CERTIFICATE_ENDED,
    CERTIFICATE_HANDED_BACK,
    CERTIFICATE_REFUSED,
    CERTIFICATE_HEADER_IGNORED,
    AUTHORITY_ADDED,
    AUTHORITY_REMOVED,
    AUTHORITY_LIST_TAKEN,
)
