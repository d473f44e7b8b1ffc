"""What was refused to an application is told to whoever runs it: received beside registered, in
sentences, within bounds and without secrets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from directory.actor import Actor
from directory.audit.anonymous import record_anonymous
from directory.audit.log import client_tag
from directory.clock import DAY, now_ms
from idp.applications import recent_errors
from idp.applications.recent_errors import RecentError, list_recent_errors
from idp.clients.service import Registered
from idp.oidc.events import AUTHZ_REDIRECT_REJECTED, CLIENT_AUTH_FAILED
from tests.support.oidc_installation import OidcInstallation, Province
from tests.support.relying_party import REDIRECT

pytestmark = pytest.mark.both_engines

Wrong = Callable[[OidcInstallation, Province, Registered], object]


def errors_of(served: OidcInstallation, client: Registered) -> list[RecentError]:
    with served.installation.database.read() as tx:
        return list(list_recent_errors(tx, client.client))


def code_of(served: OidcInstallation, province: Province, client: Registered) -> str:
    return served.code(served.browser(province.an), client.client.id)


def twice(served: OidcInstallation, province: Province, client: Registered) -> None:
    code = code_of(served, province, client)
    served.redeem(client, code)
    served.redeem(client, code)


def wrong_secret(served: OidcInstallation, _province: Province, client: Registered) -> None:
    data = {"grant_type": "authorization_code", "code": "bimat"}
    served.post("/token", data, auth=(client.client.id, "bimat"))


def other_method(served: OidcInstallation, _province: Province, client: Registered) -> None:
    data = {"client_id": client.client.id, "client_secret": client.secret or ""}
    served.post("/token", {"grant_type": "authorization_code", **data})


# What was done wrong, the parameter, what was received, part of the sentence and of the advice.
WRONG: dict[str, tuple[Wrong, str, str, str, str]] = {
    "redirect_uri": (
        lambda s, p, c: s.authorize(s.browser(), c.client.id, redirect_uri="https://a.vn/?t=bimat"),
        "redirect_uri",
        "https://a.vn/?t=…",
        "Địa chỉ trả về chưa đăng ký",
        "giống từng ký tự",
    ),
    "scope": (
        lambda s, p, c: s.authorize(s.browser(), c.client.id, scope="hoso"),
        "scope",
        "hoso",
        "Scope thiếu openid",
        "openid",
    ),
    "no PKCE": (
        lambda s, p, c: s.authorize(
            s.browser(), c.client.id, code_challenge=None, code_challenge_method=None
        ),
        "code_challenge",
        "",
        "Thiếu mã kiểm tra PKCE",
        "S256",
    ),
    "another verifier": (
        lambda s, p, c: s.redeem(c, code_of(s, p, c), code_verifier="x" * 43),
        "code_verifier",
        "",
        "PKCE không khớp",
        "code_verifier",
    ),
    "another redirect_uri": (
        lambda s, p, c: s.redeem(c, code_of(s, p, c), redirect_uri="https://b.vn/cb?code=bimat"),
        "redirect_uri",
        "https://b.vn/cb?code=…",
        "khác với địa chỉ lúc đăng nhập",
        "giống từng ký tự",
    ),
    "no such code": (
        lambda s, p, c: s.redeem(c, "bimat"),
        "code",
        "",
        "Mã ủy quyền không đúng",
        "một lần",
    ),
    "used twice": (twice, "code", "", "Mã ủy quyền đã được dùng", "một lần"),
    "wrong secret": (wrong_secret, "", "", "Sai khóa bí mật", "tạo khóa mới"),
    "another method": (
        other_method,
        "",
        "client_secret_post",
        "Không phải cách xác thực đã đăng ký",
        "cách đã đăng ký",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_was_refused_is_told_with_what_to_do(
    served: OidcInstallation, province: Province, wrong: str
) -> None:
    do, parameter, received, problem, advice = WRONG[wrong]
    client = served.add_client("Hay lỗi", token_endpoint_auth_method="client_secret_basic")
    do(served, province, client)
    found = errors_of(served, client)
    assert len(found) == 1, found
    fault = found[0].fault
    assert (fault.parameter, fault.received) == (parameter, received)
    assert problem in fault.problem.vi and advice in fault.advice.vi
    assert "bimat" not in repr(fault) and (client.secret or "?") not in repr(fault)
    if parameter == "redirect_uri":
        assert fault.registered == (REDIRECT,)
    if wrong == "another method":
        assert fault.registered == ("client_secret_basic",)
    assert found[0].address == "127.0.0.1" and found[0].request_id


def test_a_wrong_clock_is_told_as_one(served: OidcInstallation) -> None:
    client = served.add_client("Sai giờ")
    with served.installation.database.write() as tx:
        record_anonymous(
            tx,
            CLIENT_AUTH_FAILED,
            Actor("anonymous", address="10.1.2.3"),
            subject=client_tag(client.client.id),
            method="private_key_jwt",
            reason="iat lies in the future",
        )
    assert "NTP" in errors_of(served, client)[0].fault.advice.en


def test_the_same_is_one_line_and_one_network_does_not_fill_the_list(
    served: OidcInstallation,
) -> None:
    client = served.add_client("Bị phá")
    senders = ("203.0.113.9", *(f"198.51.{n}.7" for n in range(40)))

    def send(address: str, received: str) -> None:
        with served.installation.database.write() as tx:
            record_anonymous(
                tx,
                AUTHZ_REDIRECT_REJECTED,
                Actor("anonymous", address=address),
                subject=client_tag(client.client.id),
                reason="The redirect_uri is not registered for this client.",
                parameter="redirect_uri",
                received=received,
            )

    for _ in range(3):
        send(senders[1], "https://mine.vn/")
    for n in range(30):
        send(senders[0], f"https://{n}.example/")
    found = errors_of(served, client)
    assert [each.address for each in found].count(senders[0]) == recent_errors.MOST_OF_A_NETWORK
    mine = [each for each in found if each.fault.received == "https://mine.vn/"]
    assert [each.count for each in mine] == [3]
    for address in senders[2:]:
        send(address, "https://x.vn/")
    assert len(errors_of(served, client)) == recent_errors.MOST_SHOWN


def test_what_is_old_of_others_or_in_the_course_of_things_is_left_out(
    served: OidcInstallation, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, other = served.add_client("Một"), served.add_client("Hai")
    served.authorize(served.browser(), client.client.id, scope="x")
    assert errors_of(served, other) == []
    served.tokens(client, province.an)
    assert len(errors_of(served, client)) == 1, "what went well is no error"
    later = now_ms() + 8 * DAY
    monkeypatch.setattr(recent_errors, "now_ms", lambda: later)
    assert errors_of(served, client) == []
