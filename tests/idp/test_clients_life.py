"""From registration to removal: two secrets, disabling and back, names that never meet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from admin_ui.components import REGISTRATION
from directory import clock
from directory.authz.tables import application
from directory.errors import AppError, Conflict, Invalid, NotFound
from idp.applications import removal
from idp.clients import service
from idp.clients.logo import MOST_BYTES, find_logo, set_logo
from idp.clients.model import LONGEST_OVERLAP_MS
from idp.clients.registry import registry
from idp.clients.resources import add_resource, list_resources, remove_resource
from idp.clients.service import Registered
from idp.clients.tables import client as client_table
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation, Province
from tests.support.relying_party import REDIRECT

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def machine(served: OidcInstallation, **more: Any) -> Registered:
    return served.add_client(
        "Máy", grant_types=["client_credentials"], redirect_uris=[], scope="org", **more
    )


def status_with(served: OidcInstallation, client: Registered, secret: str) -> int:
    answer = served.post(
        "/token", {"grant_type": "client_credentials"}, auth=(client.client.id, secret)
    )
    return int(answer.status_code)


def told(refused: pytest.ExceptionInfo[AppError]) -> str:
    return refused.value.declared.told_to_operators("en", refused.value.params)


def remove(served: OidcInstallation, client_id: str) -> None:
    removal.remove(served.installation, OPERATOR, client_id, "thay thế", lambda _tx, _id: ())


def shift(served: OidcInstallation, client_id: str, **columns: int) -> None:
    """Move instants of a client, as if time had passed."""
    with served.installation.database.write() as tx:
        tx.execute(
            update(client_table).where(client_table.c.client_id == client_id).values(**columns)
        )
        if "disabled_at" in columns:
            its = application.c.id == client_id
            tx.execute(update(application).where(its).values(disabled_at=columns["disabled_at"]))
    registry(served.installation).forget(client_id)


# --- secrets -------------------------------------------------------------------------------------
def test_both_secrets_work_while_an_application_changes_over(served: OidcInstallation) -> None:
    client = machine(served)
    old = str(client.secret)
    rotated = service.rotate_secret(served.installation, OPERATOR, client.client.id)
    assert status_with(served, client, old) == status_with(served, client, rotated.secret) == 200
    assert served.events("client.secret_rotated")[0].fields["previous_until"]
    third = service.rotate_secret(served.installation, OPERATOR, client.client.id)
    assert status_with(served, client, old) == 401, "two, never three"
    assert status_with(served, client, rotated.secret) == 200
    shift(served, client.client.id, previous_secret_until=clock.now_ms() - 1)
    assert status_with(served, client, rotated.secret) == 401
    assert status_with(served, client, third.secret) == 200


def test_a_secret_that_others_have_seen_is_refused_at_once(served: OidcInstallation) -> None:
    client = machine(served)
    rotated = service.rotate_secret(served.installation, OPERATOR, client.client.id, overlap_ms=0)
    assert rotated.previous_until is None
    assert status_with(served, client, str(client.secret)) == 401
    assert status_with(served, client, rotated.secret) == 200


def test_a_new_secret_is_good_in_a_process_that_holds_the_old_row(served: OidcInstallation) -> None:
    client = machine(served)
    assert status_with(served, client, str(client.secret)) == 200, "now it is held"
    held = registry(served.installation)._held.find(client.client.id)
    assert held is not None
    rotated = service.rotate_secret(served.installation, OPERATOR, client.client.id)
    # As another process has it still.
    registry(served.installation)._held.put(client.client.id, held)
    assert status_with(served, client, rotated.secret) == 200


def test_a_wrong_clock_gives_an_old_secret_no_longer_life(served: OidcInstallation) -> None:
    client = machine(served)
    service.rotate_secret(served.installation, OPERATOR, client.client.id)
    far = clock.now_ms() + LONGEST_OVERLAP_MS + clock.MINUTE
    shift(served, client.client.id, previous_secret_until=far)
    assert status_with(served, client, str(client.secret)) == 401


@pytest.mark.parametrize("overlap_ms", [-1, LONGEST_OVERLAP_MS + 1])
def test_an_overlap_has_an_end(served: OidcInstallation, overlap_ms: int) -> None:
    client = machine(served)
    with pytest.raises(Invalid) as refused:
        service.rotate_secret(
            served.installation, OPERATOR, client.client.id, overlap_ms=overlap_ms
        )
    assert "168 hours" in told(refused)


def test_a_method_without_a_secret_leaves_none_behind(served: OidcInstallation) -> None:
    client = machine(served)
    service.rotate_secret(served.installation, OPERATOR, client.client.id)
    changes = {
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code"],
        "redirect_uris": [REDIRECT],
    }
    after = service.update_client(
        served.installation, OPERATOR, REGISTRATION, client.client.id, changes
    ).client
    assert (after.secret_hash, after.previous_secret_hash) == (None, None)


# --- disable, enable, remove ---------------------------------------------------------------------
def test_a_disabled_application_comes_back_as_it_was(
    served: OidcInstallation, province: Province
) -> None:
    client = served.add_client("Tạm ngừng")
    before = served.tokens(client, province.an)
    service.disable_client(served.installation, OPERATOR, client.client.id, "bảo trì")
    assert served.userinfo(before["access_token"]).status_code == 401
    agent = served.browser(province.an)
    assert served.authorize(agent, client.client.id).status_code >= 400
    with pytest.raises(Conflict) as refused:
        service.disable_client(served.installation, OPERATOR, client.client.id, "lần nữa")
    assert "already" in told(refused)
    service.enable_client(served.installation, OPERATOR, client.client.id, "xong bảo trì")
    assert served.tokens(client, province.an)["access_token"]
    assert served.events("client.enabled")[0].fields["reason"] == "xong bảo trì"
    with pytest.raises(Conflict):
        service.enable_client(served.installation, OPERATOR, client.client.id, "lần nữa")


def test_removal_waits_thirty_days_and_the_id_is_never_given_again(
    served: OidcInstallation,
) -> None:
    client = served.add_client("Bỏ hẳn", client_id="bo-han")
    client_id = client.client.id
    with pytest.raises(Conflict) as refused:
        remove(served, client_id)
    assert "client disable" in told(refused)
    service.disable_client(served.installation, OPERATOR, client_id, "thay thế")
    with pytest.raises(Conflict) as refused:
        remove(served, client_id)
    assert "from" in told(refused)
    shift(served, client_id, disabled_at=clock.now_ms() - 30 * clock.DAY)
    remove(served, client_id)
    with served.installation.database.read() as tx:
        assert client_id not in {each.id for each in service.list_clients(tx)}
        with pytest.raises(NotFound):
            service.show_client(tx, client_id)
    assert served.authorize(served.browser(), client_id).status_code == 400
    for again in (
        lambda: served.add_client("Kẻ đến sau", client_id=client_id),
        lambda: service.import_clients(
            served.installation,
            OPERATOR,
            REGISTRATION,
            [{"client_id": client_id, "client_name": "x", "redirect_uris": [REDIRECT]}],
        ),
    ):
        with pytest.raises(Conflict) as refused:
            again()
        assert "never given again" in told(refused)
    for change in (
        lambda: service.enable_client(served.installation, OPERATOR, client_id, "x"),
        lambda: service.rotate_secret(served.installation, OPERATOR, client_id),
        lambda: service.update_client(
            served.installation, OPERATOR, REGISTRATION, client_id, {"client_name": "x"}
        ),
    ):
        with pytest.raises(NotFound):
            change()


def test_a_client_that_stands_for_an_api_is_not_removed(served: OidcInstallation) -> None:
    client = served.stand_for("https://con-dung.example/")
    service.disable_client(served.installation, OPERATOR, client.client.id, "x")
    shift(served, client.client.id, disabled_at=clock.now_ms() - 31 * clock.DAY)
    with pytest.raises(Conflict) as refused:
        remove(served, client.client.id)
    assert "resource" in told(refused)
    remove_resource(served.installation, OPERATOR, "https://con-dung.example/")
    remove(served, client.client.id)


# --- names ---------------------------------------------------------------------------------------
def test_names_of_different_kinds_never_meet(served: OidcInstallation, province: Province) -> None:
    """Client ids, resources, our own addresses: each registration against each kind."""
    api, owner = "https://rieng.example/", served.stand_for("https://rieng.example/")
    other = machine(served)
    issuer, console = served.issuer, served.installation.settings.console_url
    attempts: dict[str, Callable[[], object]] = {
        **{
            f"client named {name}": partial(served.add_client, "x", client_id=name)
            for name in (
                *(issuer, issuer + "/", issuer.upper(), console, console + "/", api),
                *(province.an.id, province.agency.id),
            )
        },
        **{
            f"import named {name}": partial(
                service.import_clients,
                served.installation,
                OPERATOR,
                REGISTRATION,
                [{"client_id": name, "client_name": "x", "redirect_uris": [REDIRECT]}],
            )
            for name in (issuer, console, api)
        },
        **{
            f"resource named {name}": partial(
                add_resource, served.installation, OPERATOR, name, other.client.id
            )
            for name in (issuer, issuer + "/", issuer + "/userinfo", console, api)
        },
    }
    for attempt, register in attempts.items():
        with pytest.raises((Invalid, Conflict)) as refused:
            register()
        assert told(refused), attempt
    uri_like = served.add_client("Tên như địa chỉ", client_id="https://ten.example/")
    with pytest.raises(Conflict):
        add_resource(served.installation, OPERATOR, "https://ten.example/", owner.client.id)
    assert add_resource(served.installation, OPERATOR, "https://ten.example/", uri_like.client.id)


@pytest.mark.parametrize(
    "uri",
    [
        *("", "kho", "/kho", "https://", "https:///x", "https://[::1", "HTTPS://A.example/"),
        *("https://a b", "https://a.example/#x", "https://a.example/é"),
        *("https://u:p@a.example/", "javascript:alert(1)", "data:text/html,x"),
        "https://a.example/" + "x" * 250,
    ],
)
def test_a_resource_is_an_absolute_uri(served: OidcInstallation, uri: str) -> None:
    client = machine(served)
    with pytest.raises(Invalid) as refused:
        add_resource(served.installation, OPERATOR, uri, client.client.id)
    assert told(refused)
    with served.installation.database.read() as tx:
        assert uri not in {each.uri for each in list_resources(tx)}


def test_a_resource_nobody_stands_for_is_refused_here_and_warned_about_at_import(
    served: OidcInstallation,
) -> None:
    with pytest.raises(Invalid) as refused:
        served.add_client("x", resources=["https://chua-co.example/"])
    assert "danhmuc resource add https://chua-co.example/" in told(refused)
    (imported,) = service.import_clients(
        served.installation,
        OPERATOR,
        REGISTRATION,
        [
            {
                "client_name": "x",
                "redirect_uris": [REDIRECT],
                "resources": ["https://chua-co.example/"],
            }
        ],
    )
    assert any("https://chua-co.example/" in warning for warning in imported.warnings)


def test_a_resource_taken_away_is_in_no_new_token(
    served: OidcInstallation, province: Province
) -> None:
    api = "https://tam-thoi.example/"
    server = served.stand_for(api)
    app = served.add_client("Gọi tạm", resources=[api])
    tokens = served.tokens(app, province.an, resource=api)
    assert served.introspect(server, tokens["access_token"])["active"]
    remove_resource(served.installation, OPERATOR, api)
    assert not served.introspect(server, tokens["access_token"])["active"]
    refused = served.token(
        app, grant_type="refresh_token", refresh_token=tokens["refresh_token"], resource=api
    )
    assert refused.json()["error"] == "invalid_target"
    answer = served.authorize(served.browser(province.an), app.client.id, resource=api)
    assert "error=invalid_target" in answer.headers["Location"]


# --- what is warned about ------------------------------------------------------------------------
WARNED: list[tuple[dict[str, Any], str]] = [
    ({"client_uri": "https://app.example/"}, "--post-logout-redirect-uri"),
    ({"post_logout_redirect_uris": ["https://app.example/"]}, "--client-uri"),
    ({"backchannel_logout_uri": "https://127.0.0.1:9/bc"}, "DANHMUC_OUTBOUND_ALLOW"),
    ({"backchannel_logout_uri": "https://khong-co.invalid/bc"}, "khong-co.invalid"),
    (
        {"scope": "openid offline_access", "grant_types": ["authorization_code"]},
        "refresh_token",
    ),
]


@pytest.mark.parametrize(("metadata", "word"), WARNED, ids=lambda value: str(value)[:40])
def test_what_cannot_work_is_said_at_every_door(
    served: OidcInstallation, metadata: dict[str, Any], word: str
) -> None:
    given = {"client_name": "x", "redirect_uris": [REDIRECT], **metadata}
    added = service.add_client(served.installation, OPERATOR, REGISTRATION, given)
    (imported,) = service.import_clients(served.installation, OPERATOR, REGISTRATION, [given])
    plain = service.add_client(
        served.installation,
        OPERATOR,
        REGISTRATION,
        {"client_name": "x", "redirect_uris": [REDIRECT]},
    )
    updated = service.update_client(
        served.installation, OPERATOR, REGISTRATION, plain.client.id, metadata
    )
    for registered in (added, imported, updated):
        assert any(word in warning for warning in registered.warnings), registered.warnings


def test_nothing_is_warned_about_that_works(served: OidcInstallation) -> None:
    given = {
        "client_name": "Đủ",
        "client_uri": "https://app.example/",
        "redirect_uris": [REDIRECT],
        "post_logout_redirect_uris": ["https://app.example/"],
    }
    assert service.add_client(served.installation, OPERATOR, REGISTRATION, given).warnings == ()
    assert machine(served).warnings == ()


# --- logos ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "body", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", PNG + b"\0" * MOST_BYTES]
)
def test_a_logo_is_a_small_picture(served: OidcInstallation, body: bytes) -> None:
    client = served.add_client("Có hình")
    with pytest.raises(Invalid) as refused:
        set_logo(served.installation, OPERATOR, client.client.id, body)
    assert "100 KB" in told(refused)


def test_a_logo_is_shown_on_the_tile_and_served_as_what_it_is(
    served: OidcInstallation, province: Province
) -> None:
    client = served.add_client("Có hình", client_uri="https://app.example/")
    set_logo(served.installation, OPERATOR, client.client.id, PNG)
    agent = served.browser(province.an)
    page = agent.open(served.url).text
    path = page.partition(f'src="/bieu-trung/{client.client.id}')[2].partition('"')[0]
    picture = agent.get(f"{served.url}/bieu-trung/{client.client.id}{path}")
    assert picture.content == PNG
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    set_logo(served.installation, OPERATOR, client.client.id, b"")
    with served.installation.database.read() as tx:
        assert find_logo(tx, client.client.id) is None
    assert agent.get(picture.url).status_code == 404


# --- the front page ------------------------------------------------------------------------------
def test_tiles_open_something_or_say_where(served: OidcInstallation, province: Province) -> None:
    served.add_client("Có địa chỉ", client_uri="https://co.example/")
    served.add_client("Không địa chỉ")
    served.add_client("Dịch vụ nền", grant_types=["client_credentials"], redirect_uris=[])
    page = served.browser(province.an).open(served.url).text
    assert '<a class="tile" href="https://co.example/">' in page
    closed = page.partition("Không địa chỉ")[2].partition("</li>")[0]
    assert "không mở từ trang này" in closed
    assert "Dịch vụ nền" not in page, "a service is nothing that people open"
