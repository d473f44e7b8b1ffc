"""The kinds of audit events of `idp.throttle`."""

from __future__ import annotations

from directory.audit.kinds import Kind

PERSON_UNLOCKED = Kind(
    "person.unlocked",
    {},
    vi="{actor} gỡ tạm dừng đăng nhập cho {subject}",
    en="{actor} unlocked sign-in of {subject}",
    groups=("people",),
)

SIGNIN_PAUSED = Kind(
    "signin.paused",
    {"login_hash": "technical", "until": "instant"},
    vi=(
        "Tạm dừng đăng nhập vào tài khoản của {subject} bằng trình duyệt lạ[ đến {until}] sau "
        "nhiều lần sai[ từ {address}]"
    ),
    en=(
        "Sign-in to the account of {subject} in new browsers was paused[ until {until}] after many "
        "wrong attempts[ from {address}]"
    ),
    groups=("sign-in",),
    is_refusal=True,
)

SIGNIN_UNKNOWN_PAUSED = Kind(
    "signin.unknown_paused",
    {"login_hash": "technical", "until": "instant"},
    vi=(
        "Tạm dừng đăng nhập bằng một tên không có trong danh mục[ đến {until}] sau nhiều lần sai"
        "[ từ {address}]"
    ),
    en=(
        "Sign-in with a name not in the catalogue was paused[ until {until}] after many tries"
        "[ from {address}]"
    ),
    groups=("sign-in",),
    is_refusal=True,
    counted=("lần tạm dừng đăng nhập", "pauses"),
)

SIGNIN_DEVICE_PAUSED = Kind(
    "signin.device_paused",
    {"login_hash": "technical", "until": "instant"},
    vi=(
        "Tạm dừng đăng nhập vào tài khoản của {subject} trên các trình duyệt quen sau nhiều lần "
        "sai[ từ {address}]"
    ),
    en=(
        "Sign-in to the account of {subject} was paused in browsers it knows after many wrong "
        "attempts[ from {address}]"
    ),
    groups=("sign-in",),
    is_refusal=True,
)

SIGNIN_TURNED_AWAY = Kind(
    "signin.turned_away",
    {"count": "count"},
    vi="{count} lần đăng nhập vào tài khoản của {subject} bị từ chối trong lúc tạm dừng",
    en="{count} sign-ins to the account of {subject} were turned away during a pause",
    groups=("sign-in",),
    is_refusal=True,
)

SIGNIN_UNKNOWN_TURNED_AWAY = Kind(
    "signin.unknown_turned_away",
    {"count": "count"},
    vi="{count} lần đăng nhập bằng một tên không có trong danh mục bị từ chối trong lúc tạm dừng",
    en="{count} sign-ins with a name not in the catalogue were turned away during a pause",
    groups=("sign-in",),
    is_refusal=True,
)

SIGNIN_ADDRESS_PAUSED = Kind(
    "signin.address_paused",
    {"network": "network", "until": "instant"},
    vi="Tạm dừng đăng nhập từ địa chỉ {network} sau nhiều lần sai với nhiều tên đăng nhập",
    en="Sign-in from the address {network} was paused after many wrong attempts",
    groups=("sign-in",),
    is_refusal=True,
)

SIGNIN_ADDRESS_TURNED_AWAY = Kind(
    "signin.address_turned_away",
    {"network": "network", "count": "count"},
    vi="{count} lần đăng nhập từ địa chỉ {network} bị từ chối trong lúc tạm dừng",
    en="{count} sign-ins from the address {network} were turned away during a pause",
    groups=("sign-in",),
    is_refusal=True,
)

SIGNIN_ADDRESS_UNPAUSED = Kind(
    "signin.address_unpaused",
    {"network": "network"},
    vi="{actor} gỡ tạm dừng đăng nhập từ địa chỉ {network}",
    en="{actor} lifted the pause of sign-in from the address {network}",
    groups=("sign-in",),
)

SIGNIN_UNKNOWN_UNPAUSED = Kind(
    "signin.unknown_unpaused",
    {"count": "count"},
    vi="{actor} gỡ tạm dừng đăng nhập cho {count} tên không có trong danh mục",
    en="{actor} lifted the pause of {count} names that are not in the catalogue",
    groups=("sign-in",),
)

SIGNIN_SPRAY = Kind(
    "signin.spray",
    {"count": "count"},
    vi=(
        "Có dấu hiệu dò mật khẩu: {count} tên đăng nhập khác nhau bị thử sai[ từ {address}] trong "
        "15 phút"
    ),
    en=(
        "Password guessing is suspected: {count} different names were tried[ from {address}] "
        "within 15 minutes"
    ),
    groups=("sign-in",),
    is_refusal=True,
)

PROXY_UNDECLARED = Kind(
    "proxy.undeclared",
    {"peer": "text"},
    vi=(
        "Yêu cầu đi qua máy chủ trung gian {peer} chưa được khai báo, nên nhật ký không có địa "
        "chỉ thật của người dùng"
    ),
    en=(
        "Requests come through the proxy {peer}, which is not declared, so the log lacks people's "
        "own addresses"
    ),
    groups=("system",),
)

KINDS = (
    PERSON_UNLOCKED,
    SIGNIN_PAUSED,
    SIGNIN_UNKNOWN_PAUSED,
    SIGNIN_DEVICE_PAUSED,
    SIGNIN_TURNED_AWAY,
    SIGNIN_UNKNOWN_TURNED_AWAY,
    SIGNIN_ADDRESS_PAUSED,
    SIGNIN_ADDRESS_TURNED_AWAY,
    SIGNIN_ADDRESS_UNPAUSED,
    SIGNIN_UNKNOWN_UNPAUSED,
    SIGNIN_SPRAY,
    PROXY_UNDECLARED,
)
