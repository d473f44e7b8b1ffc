"""The kinds of audit events of `admin_ui.operations`."""

from __future__ import annotations

from directory.audit.kinds import Kind

INSTALLATION_INITIALISED = Kind(
    "installation.initialised",
    {"version": "text", "demo": "flag"},
    vi="{actor} khởi tạo hệ thống (phiên bản {version})",
    en="{actor} initialised the installation (version {version})",
    groups=("system",),
)

INSTALLATION_RENAMED = Kind(
    "installation.renamed",
    {"province": "text", "mail_domain": "text", "issuer": "text"},
    vi="{actor} đổi tên hệ thống: {province}, miền thư {mail_domain}, địa chỉ đăng nhập {issuer}",
    en=(
        "{actor} renamed the installation: {province}, mail domain {mail_domain}, "
        "sign-in at {issuer}"
    ),
    groups=("system",),
)

KINDS = (
    INSTALLATION_INITIALISED,
    INSTALLATION_RENAMED,
)
