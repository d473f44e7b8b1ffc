"""Keys are known before they sign: any order of events against applications that obey max-age.

An application may keep our key set for an hour and is free not to ask again for an unknown key.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Row, delete, insert, select

from directory.actor import system
from directory.clock import MINUTE, SECOND, now_ms
from directory.errors import Conflict
from directory.sealed import KeyRing, SealBroken
from idp.keys import service, store
from idp.keys.jose import load_public_jwk, read_unverified, sign, verify
from idp.keys.store import key_set, key_store, signer
from idp.keys.tables import signing_key
from idp.lifetimes import KEYS_CACHED_MS, LONGEST_TOKEN_MS
from idp.logout.backchannel import logout_token
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation, Province

MAX_AGE_MS = KEYS_CACHED_MS
STEPS = 60


@dataclass
class Application:
    """A relying party: its copy of the key set, and when it came."""

    keys: dict[str, Any] = field(default_factory=dict)
    read_at: int = 0

    def read(self, now: int, jwks: bytes) -> None:
        if now - self.read_at >= MAX_AGE_MS:
            found = (load_public_jwk(jwk) for jwk in json.loads(jwks)["keys"])
            self.keys, self.read_at = {key.kid: key for key in found}, now

    def knows(self, token: str) -> bool:
        kid = read_unverified(token)[0]["kid"]
        if kid not in self.keys:
            return False
        verify(token, lambda k, _a: self.keys.get(k), typ=frozenset({"jwt"}), algorithms=("ES256",))
        return True


@dataclass
class World:
    """Our keys, a clock of their own, and applications that read them at times of their own."""

    served: OidcInstallation
    chance: random.Random
    now: int
    applications: list[Application] = field(default_factory=lambda: [Application() for _ in "abcd"])
    tokens: list[tuple[int, str]] = field(default_factory=list)
    copies: list[list[Row[Any]]] = field(default_factory=list)
    rotations: int = 0

    def rows(self) -> list[Row[Any]]:
        with self.served.installation.database.read() as tx:
            return list(tx.execute(select(signing_key)).all())

    def wait(self) -> None:
        self.now += self.chance.choice([1, 4, 9, 31, 58, 61, 75]) * MINUTE

    def rotate(self) -> None:
        try:
            service.rotate(self.served.installation, OPERATOR, "ES256")
            self.rotations += 1
        except Conflict as refused:
            assert refused.code == "key.next_too_young"

    def restart(self) -> None:
        key_store(self.served.installation).forget()

    def revoke_waiting(self) -> None:
        self._revoke("next")

    def revoke_retired(self) -> None:
        self._revoke("retired")
        self.tokens.clear()  # what it signed is refused on purpose

    def _revoke(self, status: str) -> None:
        found = [r.kid for r in self.rows() if (r.alg, r.status) == ("ES256", status)]
        if found:
            service.revoke(self.served.installation, OPERATOR, self.chance.choice(found), "thử")

    def back_up(self) -> None:
        self.copies.append(self.rows())

    def restore(self) -> None:
        if not self.copies:
            return
        present, copy = self.rows(), self.chance.choice(self.copies)
        with self.served.installation.database.write() as tx:
            tx.execute(delete(signing_key))
            tx.execute(insert(signing_key), [dict(row._mapping) for row in copy])
        service.go_on_with(self.served.installation, system("restore"), present, "thử")

    def look(self) -> None:
        """Sign something, and let every application read what is due and check what is young."""
        installation = self.served.installation
        key_store(installation).forget()
        kinds = [row.status for row in self.rows() if row.alg == "ES256"]
        assert (kinds.count("current"), kinds.count("next")) == (1, 1)
        self.tokens.append((self.now, sign(signer(installation, "ES256"), {"sub": "an"}, "JWT")))
        self.tokens = [(at, t) for at, t in self.tokens if self.now - at <= LONGEST_TOKEN_MS]
        for application in self.applications:
            application.read(self.now, key_set(installation).jwks)
            assert all(application.knows(token) for _at, token in self.tokens)


@pytest.fixture
def world(served: OidcInstallation, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    world = World(served, random.Random(20261126), now_ms())
    for module in ("idp.keys.service", "idp.keys.store"):
        monkeypatch.setattr(f"{module}.now_ms", lambda: world.now)
    yield world


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_events_leaves_every_token_good(world: World, seed: int) -> None:
    world.chance = random.Random(seed)
    acts = [
        world.wait, world.wait, world.wait, world.rotate, world.rotate, world.restart,
        world.revoke_waiting, world.revoke_retired, world.back_up, world.restore,
    ]  # fmt: skip
    world.now += 2 * MAX_AGE_MS  # other seeds rotated before
    for application in world.applications:
        application.read(world.now, key_set(world.served.installation).jwks)
        application.read_at -= world.chance.randrange(MAX_AGE_MS)  # each asks at a time of its own
    for _ in range(STEPS):
        world.chance.choice(acts)()
        world.look()
        world.now += world.chance.randrange(2 * MINUTE)
    assert world.rotations


def test_the_key_that_takes_over_in_an_emergency_is_known_when_the_last_one_is_old(
    world: World,
) -> None:
    world.now += 2 * MAX_AGE_MS
    world.look()
    stolen = signer(world.served.installation, "ES256").kid
    service.revoke(world.served.installation, OPERATOR, stolen, "lộ khóa")
    world.tokens.clear()
    world.look()
    with pytest.raises(Conflict):  # the one after it is known to nobody yet
        service.rotate(world.served.installation, OPERATOR, "ES256")
    world.now += MAX_AGE_MS + 2 * MINUTE
    service.rotate(world.served.installation, OPERATOR, "ES256")
    world.look()


def test_no_token_outlives_the_publication_of_the_key_it_was_signed_with(
    served: OidcInstallation, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every kind of token there is; its key retires in the very second of the signature."""
    of_person = served.tokens(province.client, province.an)
    machine = served.add_client("Tự mình", grant_types=["client_credentials"], redirect_uris=[])
    of_client = served.token(machine, grant_type="client_credentials").json()
    of_end = logout_token(served.installation, province.client.client, "sid", province.an.id)
    for token in (
        of_person["access_token"],
        of_person["id_token"],
        of_client["access_token"],
        of_end,
    ):
        claims = read_unverified(token)[1]
        assert claims["exp"] - claims["iat"] <= LONGEST_TOKEN_MS // SECOND
        last_ms = claims["exp"] * SECOND
        monkeypatch.setattr("idp.keys.store.now_ms", lambda at=last_ms: at)
        assert store._is_published("retired", claims["iat"] * SECOND)
        # ... and an application that had fetched the keys just then may keep them as long.
        monkeypatch.setattr("idp.keys.store.now_ms", lambda at=last_ms: at + KEYS_CACHED_MS - 1)
        assert store._is_published("retired", claims["iat"] * SECOND)


def test_keys_of_another_master_key_are_not_gone_on_with(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = world.rows()
    monkeypatch.setattr(KeyRing, "open", _refuse)
    with pytest.raises(SealBroken):
        service.go_on_with(world.served.installation, system("restore"), before, "thử")
    assert {r.kid: r.status for r in world.rows()} == {r.kid: r.status for r in before}


def _refuse(*_args: object) -> bytes:
    raise SealBroken("another key")


def test_what_was_revoked_since_the_copy_is_told_and_stays_revoked(world: World) -> None:
    copy = world.rows()
    current = next(r.kid for r in copy if (r.alg, r.status) == ("ES256", "current"))
    service.revoke(world.served.installation, OPERATOR, current, "lộ khóa")
    present = world.rows()
    with world.served.installation.database.write() as tx:
        tx.execute(delete(signing_key))
        tx.execute(insert(signing_key), [dict(row._mapping) for row in copy])
    revoked = service.go_on_with(world.served.installation, system("restore"), present, "khôi phục")
    assert revoked == [current]
    assert {r.kid: r.status for r in world.rows()} == {r.kid: r.status for r in present}
    assert world.served.events("key.revoked")[0].fields["reason"] == "khôi phục"
