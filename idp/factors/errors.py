"""Why a second factor is not removed, of whatever kind it is."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

FACTOR_LAST = ErrorCode(
    "factor.last",
    Words(
        "Đây là yếu tố thứ hai duy nhất, và tài khoản này không được đăng nhập chỉ bằng mật khẩu.",
        "This is the only second factor, and this account may not sign in with a password alone.",
    ),
    advice=Words(
        "Hãy thêm một yếu tố khác trước, rồi xóa cái này.",
        "Add another one first, then remove this one.",
    ),
    operators=Words(
        "Đây là yếu tố thứ hai duy nhất của một tài khoản phải có hai yếu tố. Nếu đã mất, hãy dùng "
        "`danhmuc mfa reset`.",
        "This is the only second factor of an account that must have two. If it is lost, use "
        "`danhmuc mfa reset`.",
    ),
)

ERRORS = (FACTOR_LAST,)
