"""The kinds of audit events of `idp.journeys`."""

from __future__ import annotations

from directory.audit.kinds import Kind

SIGNIN_SUCCEEDED = Kind(
    "signin.succeeded",
    {
        "session": "technical",
        "methods": "technical",
        "shared_computer": "flag",
        "renewed": "flag",
        "new_device": "flag",
        "application": "application",
    },
    vi=(
        "{actor} đăng nhập[renewed? lại][ từ {address}][shared_computer? trên máy dùng chung]"
        "[ và vào {entered}][entered! để vào {application}]"
    ),
    en=(
        "{actor} signed in[renewed? again][ from {address}][shared_computer? on a shared "
        "computer][ and entered {entered}][entered! to enter {application}]"
    ),
    groups=("sign-in",),
    parts={"entered": "application.entered"},
    counted=("lần đăng nhập", "sign-ins"),
)

KINDS = (SIGNIN_SUCCEEDED,)
