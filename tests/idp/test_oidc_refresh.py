"""Refresh tokens: rotated for every client, a reuse ends the family, a lost answer does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from admin_ui.components import REGISTRATION
from directory.clock import DAY, HOUR, now_ms
from directory.projection.tables import person_state
from idp.clients.service import Registered, disable_client, update_client
from idp.keys.jose import read_unverified
from idp.oidc.tables import token_family
from idp.sessions.tables import sessions
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation, Province
from tests.support.sessions import end_all

pytestmark = pytest.mark.both_engines


def refresh(
    served: OidcInstallation, client: Registered, token: str, **more: str
) -> tuple[int, Any]:
    answer = served.token(client, grant_type="refresh_token", refresh_token=token, **more)
    return answer.status_code, answer.json()


def set_family(served: OidcInstallation, access_token: str, **values: int) -> None:
    family = read_unverified(access_token)[1]["family"]
    with served.installation.database.write() as tx:
        tx.execute(update(token_family).where(token_family.c.id == family).values(**values))


@pytest.fixture(scope="module")
def public(served: OidcInstallation) -> Registered:
    return served.add_client("Công khai", token_endpoint_auth_method="none")


def test_each_refresh_gives_the_next_token_and_keeps_what_was_true(
    served: OidcInstallation, province: Province
) -> None:
    tokens = served.tokens(province.client, province.an)
    first = read_unverified(tokens["id_token"])[1]
    seen = {tokens["refresh_token"]}
    for _ in range(3):
        status, tokens = refresh(served, province.client, tokens["refresh_token"])
        assert status == 200
        assert tokens["refresh_token"] not in seen
        seen.add(tokens["refresh_token"])
        claims = read_unverified(tokens["id_token"])[1]
        # OIDC Core section 12.2
        for name in ("iss", "sub", "aud", "auth_time", "sid"):
            assert claims[name] == first[name]
        assert "nonce" not in claims


def test_it_is_use_of_the_account_noted_once_a_day(
    served: OidcInstallation, province: Province
) -> None:
    token = served.tokens(province.client, province.an)["refresh_token"]
    here = person_state.c.person_id == province.an.id
    for ago, is_noted in ((23 * HOUR, False), (25 * HOUR, True), (-DAY, True)):
        before = now_ms() - ago
        with served.installation.database.write() as tx:
            tx.execute(update(person_state).where(here).values(last_used_at=before))
        token = refresh(served, province.client, token)[1]["refresh_token"]
        with served.installation.database.read() as tx:
            at = tx.execute(select(person_state.c.last_used_at).where(here)).scalar_one()
        assert (at != before and abs(now_ms() - at) < HOUR) is is_noted, ago


def test_a_confidential_client_may_ask_once_more_for_a_lost_answer(
    served: OidcInstallation, province: Province
) -> None:
    lost = served.tokens(province.client, province.an)["refresh_token"]
    _status, first = refresh(served, province.client, lost)
    status, again = refresh(served, province.client, lost)
    assert status == 200
    assert again["refresh_token"] == first["refresh_token"]  # one successor value ever exists
    assert again["access_token"] != first["access_token"]
    assert refresh(served, province.client, again["refresh_token"])[0] == 200


def test_the_grace_ends_after_ten_seconds(served: OidcInstallation, province: Province) -> None:
    tokens = served.tokens(province.client, province.an)
    _status, after = refresh(served, province.client, tokens["refresh_token"])
    set_family(served, tokens["access_token"], rotated_at=now_ms() - 10_100)
    status, answer = refresh(served, province.client, tokens["refresh_token"])
    assert (status, answer["error"]) == (400, "invalid_grant")
    assert refresh(served, province.client, after["refresh_token"])[0] == 400
    assert served.introspect(province.client, after["access_token"]) == {"active": False}


def test_an_older_token_than_the_last_ends_the_family(
    served: OidcInstallation, province: Province
) -> None:
    oldest = served.tokens(province.client, province.an)["refresh_token"]
    _s, second = refresh(served, province.client, oldest)
    _s, third = refresh(served, province.client, second["refresh_token"])
    assert refresh(served, province.client, oldest)[0] == 400
    assert refresh(served, province.client, third["refresh_token"])[0] == 400
    assert served.events("token.replayed")[0].fields["what"] == "refresh_token"


def test_a_public_client_has_no_grace(
    served: OidcInstallation, province: Province, public: Registered
) -> None:
    tokens = served.tokens(public, province.an)
    _status, after = refresh(served, public, tokens["refresh_token"])
    assert refresh(served, public, tokens["refresh_token"])[0] == 400
    assert refresh(served, public, after["refresh_token"])[0] == 400
    assert served.userinfo(after["access_token"]).status_code == 401


def test_another_client_cannot_use_a_refresh_token(
    served: OidcInstallation, province: Province, public: Registered
) -> None:
    token = served.tokens(province.client, province.an)["refresh_token"]
    assert refresh(served, public, token)[1]["error"] == "invalid_grant"
    assert refresh(served, province.client, token)[0] == 200


def test_an_altered_token_is_unknown_and_ends_nothing(
    served: OidcInstallation, province: Province
) -> None:
    token = served.tokens(province.client, province.an)["refresh_token"]
    family, generation, mac = token.split(".")
    last = "A" if mac[-1] != "A" else "E"
    wrong = [
        token[:-1],
        token + "A",
        token[:-1] + last,
        f"{family}.2.{mac}",
        f"{family}.01.{mac}",
        f"{family}.{generation}",
        f"{family}.-1.{mac}",
        f"{family}.١.{mac}",
        "x",
        "..",
        "é" * 40,
        "x" * 5000,
    ]
    for text in wrong:
        assert refresh(served, province.client, text)[1]["error"] == "invalid_grant"
    assert refresh(served, province.client, token)[0] == 200


def test_a_refresh_may_ask_for_less_and_never_for_more(
    served: OidcInstallation, province: Province
) -> None:
    tokens = served.tokens(province.client, province.an, scope="openid profile email")
    status, less = refresh(served, province.client, tokens["refresh_token"], scope="profile openid")
    assert (status, less["scope"]) == (200, "openid profile")
    status, more = refresh(served, province.client, less["refresh_token"], scope="openid roles")
    assert (status, more["error"]) == (400, "invalid_scope")
    status, same = refresh(served, province.client, less["refresh_token"])
    assert same["scope"] == "openid profile email"


def test_a_scope_taken_from_the_client_is_gone_at_the_next_refresh(
    served: OidcInstallation, province: Province
) -> None:
    app = served.add_client("Thu hẹp")
    tokens = served.tokens(app, province.an)
    update_client(
        served.installation, OPERATOR, REGISTRATION, app.client.id, {"scope": "openid profile"}
    )
    status, after = refresh(served, app, tokens["refresh_token"])
    assert (status, after["scope"]) == (200, "openid profile")


def test_signing_out_ends_refresh_unless_offline_access_was_granted(
    served: OidcInstallation, province: Province
) -> None:
    person = served.add_person("tan.ca")
    online = served.tokens(province.client, person)
    offline = served.tokens(
        province.client, person, scope="openid profile email org roles offline_access"
    )
    with served.installation.database.write() as tx:
        end_all(tx, person.id, OPERATOR, "signed_out")
    assert refresh(served, province.client, online["refresh_token"])[0] == 400
    assert served.introspect(province.client, online["access_token"]) == {"active": False}
    assert served.userinfo(online["access_token"]).status_code == 401
    assert refresh(served, province.client, offline["refresh_token"])[0] == 200


def test_refresh_lives_as_long_as_the_session_or_thirty_days(
    served: OidcInstallation, province: Province
) -> None:
    for scope, life_s in (("openid", 12 * 3600), ("openid offline_access", 30 * 86400)):
        tokens = served.tokens(province.client, province.an, scope=scope)
        shown = served.introspect(province.client, tokens["refresh_token"])
        assert abs(shown["exp"] - shown["iat"] - life_s) <= 5
        set_family(served, tokens["access_token"], expires_at=now_ms() - 1)
        assert refresh(served, province.client, tokens["refresh_token"])[0] == 400


def test_an_idle_session_ends_refresh_and_refreshing_keeps_it_awake(
    served: OidcInstallation, province: Province
) -> None:
    person = served.add_person("ngu.quen")
    tokens = served.tokens(province.client, person)
    mine = sessions.c.person_id == person.id

    def seen_ago(minutes: int) -> None:
        with served.installation.database.write() as tx:
            at = now_ms() - minutes * 60_000
            tx.execute(update(sessions).where(mine).values(last_seen_at=at))

    seen_ago(59)
    status, tokens = refresh(served, province.client, tokens["refresh_token"])
    assert status == 200
    with served.installation.database.read() as tx:
        last_seen = tx.execute(sessions.select().where(mine)).one().last_seen_at
    assert now_ms() - last_seen < 10_000
    seen_ago(61)
    assert refresh(served, province.client, tokens["refresh_token"])[0] == 400


def test_a_suspended_person_is_dead_everywhere_at_once_and_stays_so(
    served: OidcInstallation, province: Province
) -> None:
    person = served.add_person("nghi.viec")
    tokens = served.tokens(province.client, person, scope="openid profile offline_access")
    assert served.userinfo(tokens["access_token"]).status_code == 200
    served.put_person(replace(person, status="suspended"))
    assert served.userinfo(tokens["access_token"]).status_code == 401
    assert served.introspect(province.client, tokens["access_token"]) == {"active": False}
    assert served.introspect(province.client, tokens["refresh_token"]) == {"active": False}
    assert refresh(served, province.client, tokens["refresh_token"])[0] == 400
    # What was issued before does not wake up with the account.
    served.put_person(person)
    assert refresh(served, province.client, tokens["refresh_token"])[0] == 400
    assert served.tokens(province.client, person)


def test_a_new_account_with_an_old_name_inherits_nothing(
    served: OidcInstallation, province: Province
) -> None:
    old = served.add_person("trung.ten")
    tokens = served.tokens(province.client, old)
    served.put_person(replace(old, status="left", username="trung.ten.cu", mail=""))
    new = served.add_person("trung.ten")
    again = served.tokens(province.client, new)
    subjects = {read_unverified(t["id_token"])[1]["sub"] for t in (tokens, again)}
    assert subjects == {old.id, new.id}
    assert refresh(served, province.client, tokens["refresh_token"])[0] == 400


def test_a_disabled_client_can_do_nothing_with_what_it_has(
    served: OidcInstallation, province: Province
) -> None:
    app = served.add_client("Bị ngừng")
    tokens = served.tokens(app, province.an)
    disable_client(served.installation, OPERATOR, app.client.id, "kiểm thử")
    assert refresh(served, app, tokens["refresh_token"])[0] == 401
    assert served.userinfo(tokens["access_token"]).status_code == 401


def test_revoking_either_token_ends_the_family(
    served: OidcInstallation, province: Province
) -> None:
    for name in ("refresh_token", "access_token"):
        tokens = served.tokens(province.client, province.an)
        answer = served.post(
            "/revoke",
            {"token": tokens[name], "token_type_hint": "unknown_type"},
            auth=(province.client.client.id, province.client.secret),
        )
        assert answer.status_code == 200
        assert refresh(served, province.client, tokens["refresh_token"])[0] == 400
        assert served.introspect(province.client, tokens["access_token"]) == {"active": False}
        assert served.userinfo(tokens["access_token"]).status_code == 401
    assert served.events("token.revoked")[0].actor == f"client:{province.client.client.id}"


def test_nobody_revokes_what_belongs_to_another_client(
    served: OidcInstallation, province: Province, public: Registered
) -> None:
    tokens = served.tokens(province.client, province.an)
    for token in (*[tokens[n] for n in ("refresh_token", "access_token")], "nonsense"):
        answer = served.post("/revoke", {"token": token, "client_id": public.client.id})
        assert answer.status_code == 200
    assert served.introspect(province.client, tokens["access_token"])["active"] is True
    missing = served.post("/revoke", {"client_id": public.client.id})
    assert (missing.status_code, missing.json()["error"]) == (400, "invalid_request")


def test_a_client_without_the_grant_gets_no_refresh_token(
    served: OidcInstallation, province: Province
) -> None:
    app = served.add_client("Không làm mới", grant_types=["authorization_code"])
    tokens = served.tokens(app, province.an, scope="openid offline_access")
    assert "refresh_token" not in tokens
    assert "offline_access" not in tokens["scope"]
