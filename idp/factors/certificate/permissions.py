"""Who binds certificates of other people, and who says which authorities count."""

from __future__ import annotations

from directory.authz.permissions import OPERATORS, SUPPORT, Permission


class CertificatePermission(Permission):
    BIND = (
        "certificates:bind",
        ("gắn chứng thư số cho", "bind a certificate to"),
        SUPPORT,
    )
    TRUST = (
        "certificates:trust",
        (
            "thay đổi cơ quan chứng thực tin cậy của",
            "change the trusted certificate authorities of",
        ),
        OPERATORS,
        "province",
    )
