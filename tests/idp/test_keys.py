"""Signing keys: made once, published before they sign, believed until the last token has died."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from directory.clock import now_ms
from directory.errors import Conflict, NotFound
from directory.sealed import KeyRing, SealBroken
from idp.keys import service
from idp.keys.jose import Refused, read_unverified, sign
from idp.keys.store import KeyStore, key_set, signer, verify_own
from idp.keys.tables import SIGNING_KEY, signing_key
from idp.lifetimes import RETIRED_KEY_MS
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation, Province
from tests.support.waiting import wait_until

pytestmark = pytest.mark.both_engines


def statuses(served: OidcInstallation, alg: str = "ES256") -> dict[str, str]:
    with served.installation.database.read() as tx:
        return {key.kid: key.status for key in service.list_keys(tx) if key.alg == alg}


def published(served: OidcInstallation) -> set[str]:
    keys = requests.get(f"{served.url}/jwks", timeout=10).json()["keys"]
    return {key["kid"] for key in keys}


def header_of(token: str) -> dict[str, Any]:
    return read_unverified(token)[0]


def test_a_first_start_makes_a_current_and_a_next_key_of_each_kind_once(
    served: OidcInstallation,
) -> None:
    for alg in ("ES256", "RS256"):
        assert sorted(statuses(served, alg).values()) == ["current", "next"]
    with ThreadPoolExecutor(4) as pool:  # several processes starting at once
        list(pool.map(lambda _n: service.ensure_keys(served.installation, OPERATOR), range(4)))
    assert sorted(statuses(served).values()) == ["current", "next"]
    assert len(published(served)) == 4


def test_private_keys_are_sealed_and_bound_to_their_row(served: OidcInstallation) -> None:
    with served.installation.database.read() as tx:
        rows = tx.execute(select(signing_key)).all()
    keyring = served.installation.keyring
    for row in rows:
        assert b'"d"' not in row.private_sealed
        assert '"d"' not in row.public_jwk
        assert json.loads(keyring.open(SIGNING_KEY, row.kid, row.private_sealed))["d"]
    with pytest.raises(SealBroken):
        keyring.open(SIGNING_KEY, rows[0].kid, rows[1].private_sealed)
    with pytest.raises(SealBroken):
        KeyRing(b"\1" * 32).open(SIGNING_KEY, rows[0].kid, rows[0].private_sealed)


def test_rotation_keeps_old_tokens_good_and_publishes_before_signing(
    served: OidcInstallation, province: Province
) -> None:
    before = served.tokens(province.client, province.an)
    old = header_of(before["access_token"])["kid"]
    waiting = next(kid for kid, status in statuses(served).items() if status == "next")
    assert waiting in published(served)
    assert service.rotate(served.installation, OPERATOR, "ES256", force=True) == waiting
    after = served.tokens(province.client, province.an)
    assert header_of(after["access_token"])["kid"] == waiting
    assert header_of(after["id_token"])["kid"] == waiting
    assert old in published(served)
    assert served.userinfo(before["access_token"]).status_code == 200
    assert sorted(statuses(served).values()) == ["current", "next", "retired"]
    assert served.events("key.rotated")[0].fields["kid"] == waiting


def test_a_retired_key_leaves_the_set_when_nothing_it_signed_can_live_but_vouches_for_hints(
    served: OidcInstallation, province: Province
) -> None:
    tokens = served.tokens(province.client, province.an)
    kid = header_of(tokens["id_token"])["kid"]
    service.rotate(served.installation, OPERATOR, "ES256", force=True)
    with served.installation.database.write() as tx:
        long_ago = now_ms() - RETIRED_KEY_MS - 1000
        mine = signing_key.c.kid == kid
        tx.execute(update(signing_key).where(mine).values(retired_at=long_ago))
    fresh = KeyStore().keys(served.installation)
    assert kid not in fresh.published
    assert kid not in fresh.jwks.decode()
    assert kid in fresh.remembered


def test_a_revoked_key_is_believed_no_more(served: OidcInstallation, province: Province) -> None:
    tokens = served.tokens(province.client, province.an)
    kid = header_of(tokens["access_token"])["kid"]
    assert served.userinfo(tokens["access_token"]).status_code == 200  # and is cached
    service.revoke(served.installation, OPERATOR, kid, "nghi lộ khóa")
    assert served.userinfo(tokens["access_token"]).status_code == 401
    assert served.introspect(province.client, tokens["access_token"]) == {"active": False}
    assert kid not in published(served)
    with pytest.raises(Refused):
        verify_own(served.installation, tokens["id_token"], "JWT", hint=True)
    # Another signs already; the refresh token, which no key signed, still works.
    again = served.token(
        province.client, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    )
    assert again.status_code == 200
    assert header_of(again.json()["access_token"])["kid"] != kid
    with pytest.raises(Conflict):
        service.revoke(served.installation, OPERATOR, kid, "lần hai")
    with pytest.raises(NotFound):
        service.revoke(served.installation, OPERATOR, "nothing", "không có")
    assert served.events("key.revoked")[0].fields["reason"] == "nghi lộ khóa"


def test_revoking_the_waiting_key_makes_another_wait(served: OidcInstallation) -> None:
    waiting = next(kid for kid, status in statuses(served).items() if status == "next")
    service.revoke(served.installation, OPERATOR, waiting, "kiểm thử")
    left = statuses(served)
    assert left[waiting] == "revoked"
    assert sorted(s for s in left.values() if s in ("current", "next")) == ["current", "next"]


def test_another_process_learns_of_a_revocation_within_five_seconds(
    served: OidcInstallation,
) -> None:
    other = KeyStore()  # as another process holds it
    kid = other.keys(served.installation).signers["RS256"].kid
    service.revoke(served.installation, OPERATOR, kid, "kiểm thử")
    wait_until(lambda: kid not in other.keys(served.installation).published, every_s=0.2)


def test_a_key_set_is_read_once_in_a_while_and_not_per_request(served: OidcInstallation) -> None:
    assert key_set(served.installation) is key_set(served.installation)
    token = sign(signer(served.installation, "RS256"), {"exp": 1}, "JWT")
    assert verify_own(served.installation, token, "JWT").claims == {"exp": 1}
