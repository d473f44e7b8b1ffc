"""What looks like guessing, and what like the beginning of a working day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from directory.errors import Words
from idp.throttle.misses import Misses
from idp.throttle.store import SPRAYED_NAMES

Sign = Literal["password", "network", "province"]
SIGNS: Mapping[Sign, Words] = {
    "password": Words(
        "cùng một mật khẩu sai cho nhiều tài khoản", "one wrong password for many accounts"
    ),
    "network": Words(
        "nhiều tài khoản từ một địa chỉ mạng", "many accounts from one network address"
    ),
    "province": Words(
        "số tài khoản bị thử sai tăng vọt trên toàn tỉnh",
        "a rise of wrong tries over the whole province",
    ),
}
# People do not type the same wrong password by chance; an agency that was given one by letter may.
SAME_PASSWORD = 10
# So many names over the whole province, and more of them than come in.
RISE = 100


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One sign that is there now. `network`: whose; `names`: how many were tried."""

    sign: Sign
    network: str
    names: int


def judge(misses: Misses, arrivals_from: Mapping[str, int], arrivals: int) -> tuple[Suspicion, ...]:
    """What is suspected. `arrivals`: how many sessions were opened in the same window, in all and
    from each network.

    Where people come to work behind one address, a few of a hundred type wrong and the others are
    in; whoever guesses is seldom in.
    """
    found = []
    if misses.with_one_password >= SAME_PASSWORD:
        found.append(Suspicion("password", "", misses.with_one_password))
    for network, names in sorted(misses.from_network.items()):
        if names >= SPRAYED_NAMES and 2 * names > arrivals_from.get(network, 0):
            found.append(Suspicion("network", network, names))
    if misses.names >= RISE and misses.names > arrivals:
        found.append(Suspicion("province", "", misses.names))
    return tuple(found)
