"""What of `idp.keys` ends; what it gives says `directory.component.Component.expiries`."""

from __future__ import annotations

from collections.abc import Sequence

from directory.clock import DAY
from directory.component import Expiry
from directory.errors import Words
from directory.installation import Installation
from idp.keys.service import list_keys

# NIST SP 800-57 part 1, 5.3.6: a private signature key signs for one to three years.
_SIGNS_FOR_MS = 365 * DAY


def signing_keys(installation: Installation) -> Sequence[Expiry]:
    """Those that sign: each for a year."""
    with installation.database.read() as tx:
        found = [key for key in list_keys(tx) if key.status == "current"]
    return [
        Expiry(
            Words(
                f"Khóa ký {key.alg}, mỗi khóa dùng một năm", f"Signing key {key.alg}, one a year"
            ),
            (key.activated_at or key.created_at) + _SIGNS_FOR_MS,
            Words(
                f"Chuyển sang khóa kế tiếp: `danhmuc key rotate --alg {key.alg}`. Ứng dụng tự nhận "
                "khóa mới.",
                f"Go over to the next one: `danhmuc key rotate --alg {key.alg}`. Applications find "
                "it by themselves.",
            ),
        )
        for key in found
    ]
