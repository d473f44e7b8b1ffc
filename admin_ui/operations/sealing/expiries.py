"""What of `admin_ui.operations.sealing` ends; what it gives says
`directory.component.Component.expiries`."""

from __future__ import annotations

from collections.abc import Sequence

from directory.clock import DAY
from directory.component import Expiry
from directory.errors import Words
from directory.installation import Installation
from directory.sealed import sealing_keys

# NIST SP 800-57 part 1, 5.3.6: a symmetric key encrypts data for at most two years.
_SEALS_FOR_MS = 730 * DAY


def newest_key(installation: Installation) -> Sequence[Expiry]:
    """The key that seals, for two years."""
    newest = sealing_keys(installation.settings.keys_dir)[0]
    return [
        Expiry(
            Words(
                "Khóa mã hóa dữ liệu lưu trữ, mỗi khóa dùng hai năm",
                "Key that seals stored values, one in two years",
            ),
            newest.made_at + _SEALS_FOR_MS,
            Words(
                "Tạo khóa mới: `danhmuc key rotate-sealing`, rồi sao lưu khóa: `danhmuc backup "
                "keys`.",
                "Make a new one: `danhmuc key rotate-sealing`, and copy it apart: `danhmuc backup "
                "keys`.",
            ),
        )
    ]
