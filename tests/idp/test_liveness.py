"""A session that is dead is dead everywhere: pages, codes, refresh, userinfo, introspection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import update

from directory.clock import DAY, HOUR, MINUTE, now_ms
from idp.keys.jose import read_unverified
from idp.sessions.tables import sessions
from tests.support.browser import Browser
from tests.support.oidc_installation import OidcInstallation, Province

pytestmark = pytest.mark.both_engines

YEAR = 365 * DAY
# What a session's row says → whether it lives.
CASES: tuple[tuple[str, bool, Mapping[str, int], bool], ...] = (
    ("fresh", False, {}, True),
    ("fresh, shared", True, {}, True),
    ("unused for 59 minutes", False, {"last_seen_at": -59 * MINUTE}, True),
    ("unused for an hour", False, {"last_seen_at": -HOUR}, False),
    ("shared, unused for 14 minutes", True, {"last_seen_at": -14 * MINUTE}, True),
    ("shared, unused for a quarter of an hour", True, {"last_seen_at": -15 * MINUTE}, False),
    ("twelve hours old", False, {"expires_at": 0}, False),
    ("ended", False, {"ended_at": 0}, False),
    ("used in a year by a wrong clock", False, {"last_seen_at": YEAR}, False),
    ("ending in a year by a wrong clock", False, {"expires_at": YEAR}, False),
    ("begun in a year by a wrong clock", False, {"created_at": YEAR}, False),
)


@dataclass
class Scene:
    """Somebody in an application, with tokens, and a code that is not redeemed yet."""

    served: OidcInstallation
    province: Province
    agent: Browser
    tokens: dict[str, Any]
    code: str

    def lives_at(self) -> dict[str, bool]:
        """Whether each place takes the session for alive; what changes nothing comes first."""
        client, access = self.province.client, self.tokens["access_token"]
        refresh = self.tokens["refresh_token"]
        home = self.agent.get(f"{self.served.url}/")
        return {
            "userinfo": self.served.userinfo(access).status_code == 200,
            "introspection": self.served.introspect(client, access)["active"],
            "introspection of a refresh token": self.served.introspect(client, refresh)["active"],
            "home": home.status_code == 200,
            "authorize": self._is_answered_with_a_code(),
            "code": self.served.redeem(client, self.code).status_code == 200,
            "refresh": self._is_refreshed(refresh),
        }

    def _is_answered_with_a_code(self) -> bool:
        answer = self.served.authorize(self.agent, self.province.client.client.id)
        return "code=" in answer.headers["Location"]

    def _is_refreshed(self, token: str) -> bool:
        given = {"grant_type": "refresh_token", "refresh_token": token}
        return self.served.token(self.province.client, **given).status_code == 200


def begin(served: OidcInstallation, province: Province, *, shared: bool) -> Scene:
    agent = served.browser(province.an, shared_computer=shared)
    tokens = served.tokens(province.client, agent)
    code = served.code(agent, province.client.client.id)
    return Scene(served, province, agent, tokens, code)


@pytest.mark.parametrize(("name", "shared", "moved", "lives"), CASES, ids=lambda v: str(v)[:40])
def test_every_place_says_the_same(
    served: OidcInstallation,
    province: Province,
    name: str,
    shared: bool,
    moved: Mapping[str, int],
    lives: bool,
) -> None:
    scene = begin(served, province, shared=shared)
    sid = read_unverified(scene.tokens["id_token"])[1]["sid"]
    if moved:
        values = {column: now_ms() + by_ms for column, by_ms in moved.items()}
        with served.installation.database.write() as tx:
            tx.execute(update(sessions).where(sessions.c.sid == sid).values(values))
    said = scene.lives_at()
    assert said == dict.fromkeys(said, lives), name
