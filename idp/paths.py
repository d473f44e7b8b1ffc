"""Where the issuer answers, for whoever declares, checks or leads somebody to an address of it.

What nobody else leads to stands in the row of its `Route` alone. `web.urls` makes URLs of these.
"""

from __future__ import annotations

AUTHORIZE = "/authorize"
CONTINUE = "/authorize/continue"
TOKEN = "/token"  # noqa: S105 - no password
USERINFO = "/userinfo"
END_SESSION = "/logout"

HOME = "/"
SIGN_IN = "/dang-nhap"
SIGN_IN_AGAIN = "/dang-nhap/lai"
SIGN_OUT = "/dang-xuat"

SECURITY = "/bao-mat"
CHANGE_PASSWORD = "/bao-mat/mat-khau"  # noqa: S105 - no password
CERTIFICATE = "/bao-mat/chung-thu"
ASK_CERTIFICATE = "/chung-thu"
WHO_LEARNS_WHAT = "/thong-tin-cung-cap"
ASK_TO_ENTER = "/xin-vao"
TRY_SIGN_IN = "/thu-dang-nhap"

# Typed from paper, so short.
ACTIVATE = "/kich-hoat"
RECOVER = "/quen-mat-khau"
