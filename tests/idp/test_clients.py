"""Registering clients: what is refused, what is kept, what is told."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from joserfc.jwk import ECKey

from admin_ui.components import REGISTRATION
from directory.actor import Actor
from directory.authz import applications
from directory.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from directory.ids import digest
from idp.clients import service
from idp.clients.metadata import read_metadata
from idp.clients.start import start_url
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation
from tests.support.relying_party import REDIRECT

pytestmark = pytest.mark.both_engines


def told_whole(error: AppError) -> str:
    """What an operator reads; KeyError for a placeholder that the error does not fill."""
    words = error.declared.operators or error.declared.said
    assert words is not None
    words.vi.format(**error.params)
    return words.en.format(**error.params)


HTTPS = "https://app.binhduong.gov.vn/cb"

# For every member that holds an address.
BAD_URIS = [
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    " javascript:alert(1)",
    "vbscript:x",
    "file:///etc/passwd",
    "https://*.example/cb",
    "https://app.example/*",
    "https://user:pw@app.example/cb",
    "https://@app.example/cb",
    "http://app.example/cb",
    "http://10.0.0.1/cb",
    "https://app.example/cb#x",
    "https://app.example/cb#",
    "https://app.example/a/../cb",
    "https://app.example/a/..;/cb",
    "https://app.example/%2e%2e/cb",
    "https://app.example//cb",
    "https://app.example\\@evil.example/cb",
    "https://app.example/c b",
    "https://app.example/cb\n",
    "https://app.example/cb\0",
    "https://app.example/é",
    "https:///cb",
    "https://",
    "https:app.example",
    "//app.example/cb",
    "HTTPS://app.example/cb",
    "https://APP.example/cb",
    "https://app..example/cb",
    "https://app.example:x/cb",
    "https://app.example:99999/cb",
    "https://app.example:65536/cb",
    "https://app.example:0/cb",
    "https://app.example:0443/cb",
    "https://app.example:/cb",
    "https://[2001:db8::1]:/cb",
    "https://[::1/cb",
    "app:/cb",
    "vn.gov.app:/cb",
    "ftp://app.example/",
    "https://app.example/" + "x" * 2000,
    "",
    None,
    5,
    ["https://app.example/cb"],
]
FIELDS = [
    "redirect_uris",
    "post_logout_redirect_uris",
    "backchannel_logout_uri",
    "logo_uri",
    "policy_uri",
    "tos_uri",
    "client_uri",
    "initiate_login_uri",
]


def metadata(**changes: Any) -> dict[str, Any]:
    return {"client_name": "Thử", "redirect_uris": [HTTPS]} | changes


@pytest.mark.parametrize("uri", BAD_URIS, ids=lambda u: repr(u)[:40])
def test_a_bad_uri_is_refused_in_every_field_by_name(uri: Any) -> None:
    for field in FIELDS:
        is_list = field.endswith("uris")
        if uri in ("", None) and not is_list:
            continue  # absent
        with pytest.raises(Invalid) as refused:
            read_metadata(
                metadata(**{field: [uri] if is_list else uri}), REGISTRATION, loopback=True
            )
        assert refused.value.params["field"] == field
        assert told_whole(refused.value)


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.2:8404/cb", "http://localhost/cb", "http://[::1]:9/cb"]
)
def test_http_on_loopback_is_for_demos_and_native_applications(uri: str) -> None:
    assert read_metadata(metadata(redirect_uris=[uri]), REGISTRATION, loopback=True)
    with pytest.raises(Invalid):
        read_metadata(metadata(redirect_uris=[uri]), REGISTRATION, loopback=False)
    native = metadata(redirect_uris=[uri], application_type="native")
    if "localhost" in uri:
        with pytest.raises(Invalid):
            read_metadata(native, REGISTRATION, loopback=False)  # RFC 8252 section 8.3
    else:
        assert read_metadata(native, REGISTRATION, loopback=False)


def test_a_native_application_may_use_a_private_scheme_with_a_dot() -> None:
    native = metadata(redirect_uris=["vn.gov.binhduong.app:/cb"], application_type="native")
    assert read_metadata(native, REGISTRATION, loopback=False)
    for uri in ("app:/cb", "javascript:x", "vn..app:/cb"):
        with pytest.raises(Invalid):
            read_metadata(native | {"redirect_uris": [uri]}, REGISTRATION, loopback=False)


KEY = ECKey.generate_key("P-256").as_dict(private=False)
REFUSED: list[Any] = [
    ({"client_name": ""}, "client_name"),
    ({"client_name": "x" * 201}, "client_name"),
    ({"redirect_uris": []}, "redirect_uris"),
    ({"redirect_uris": HTTPS}, "redirect_uris"),
    ({"redirect_uris": [HTTPS] * 51}, "redirect_uris"),
    ({"grant_types": ["implicit"]}, "grant_types"),
    ({"grant_types": ["password"]}, "grant_types"),
    ({"response_types": ["token"]}, "response_types"),
    ({"token_endpoint_auth_method": "client_secret_jwt"}, "token_endpoint_auth_method"),
    ({"token_endpoint_auth_method": "private_key_jwt"}, "jwks"),
    ({"token_endpoint_auth_method": "none", "grant_types": ["client_credentials"]}, "grant_types"),
    ({"id_token_signed_response_alg": "none"}, "id_token_signed_response_alg"),
    ({"id_token_signed_response_alg": "HS256"}, "id_token_signed_response_alg"),
    ({"jwks_uri": "https://app.example/jwks"}, "jwks_uri"),
    ({"jwks_uri": "http://169.254.169.254/"}, "jwks_uri"),
    ({"subject_type": "pairwise"}, "subject_type"),
    ({"require_pushed_authorization_requests": True}, "require_pushed_authorization_requests"),
    ({"dpop_bound_access_tokens": True}, "dpop_bound_access_tokens"),
    ({"userinfo_signed_response_alg": "ES256"}, "userinfo_signed_response_alg"),
    ({"jwks": {"keys": [{"kty": "oct", "k": "AA"}]}}, "jwks"),
    ({"jwks": {"keys": "x"}}, "jwks"),
    ({"jwks": "x"}, "jwks"),
    pytest.param({"jwks": {"keys": [KEY] * 11}}, "jwks", id="eleven keys"),
    ({"backchannel_logout_session_required": "yes"}, "backchannel_logout_session_required"),
    ({"default_max_age": -1}, "default_max_age"),
    ({"default_max_age": "60"}, "default_max_age"),
    ({"contacts": [5]}, "contacts"),
    ({"resources": ["a b"]}, "resources"),
    ({"application_type": "service"}, "application_type"),
]


@pytest.mark.parametrize(("changes", "field"), REFUSED, ids=lambda c: str(c)[:50])
def test_metadata_we_cannot_honour_is_refused_by_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_metadata(metadata(**changes), REGISTRATION, loopback=True)
    assert refused.value.params["field"] == field
    assert told_whole(refused.value)


def test_rfc_7591_defaults_and_ours(served: OidcInstallation) -> None:
    plain = read_metadata(metadata(), REGISTRATION, loopback=True).metadata
    assert plain["token_endpoint_auth_method"] == "client_secret_basic"
    assert plain["grant_types"] == ["authorization_code"]
    assert plain["id_token_signed_response_alg"] == "RS256"
    own = service.add_client(served.installation, OPERATOR, REGISTRATION, metadata()).client
    assert own.id_token_alg == "ES256"
    assert "refresh_token" in own.grant_types
    (imported,) = service.import_clients(served.installation, OPERATOR, REGISTRATION, [metadata()])
    assert imported.client.id_token_alg == "RS256"


def test_unknown_scopes_and_members_are_dropped_with_a_warning() -> None:
    reading = read_metadata(
        metadata(scope="openid groups profile openid", software_id="x", is_admin=True),
        REGISTRATION,
        loopback=True,
    )
    assert reading.metadata["scope"] == "openid profile"
    assert "is_admin" not in reading.metadata
    assert [w.split()[0] for w in reading.warnings] == ["scope", "is_admin", "software_id"]


def test_an_import_keeps_ids_and_secrets_and_is_all_or_nothing(served: OidcInstallation) -> None:
    secret = "s" * 40
    documents = [
        metadata(client_id="bench-1", client_secret=secret, redirect_uris=[REDIRECT]),
        metadata(client_id="bench-2", token_endpoint_auth_method="none"),
    ]
    first, second = service.import_clients(served.installation, OPERATOR, REGISTRATION, documents)
    assert (first.client.id, first.secret) == ("bench-1", secret)
    assert first.client.secret_hash == digest(secret)
    assert (second.client.id, second.secret) == ("bench-2", None)
    bad = [metadata(client_id="bench-3"), metadata(redirect_uris=["javascript:x"])]
    with pytest.raises(Invalid) as refused:
        service.import_clients(served.installation, OPERATOR, REGISTRATION, bad)
    assert refused.value.params["row"] == 2
    with pytest.raises(Conflict):
        service.import_clients(
            served.installation,
            OPERATOR,
            REGISTRATION,
            [metadata(client_id="bench-3"), metadata(client_id="bench-1")],
        )
    with served.installation.database.read() as tx, pytest.raises(NotFound):
        service.show_client(tx, "bench-3")


@pytest.mark.parametrize("client_id", ["a b", "<b>", "-x", "x" * 129, "é", 5, "a\n"])
def test_an_odd_client_id_is_refused(served: OidcInstallation, client_id: Any) -> None:
    with pytest.raises(Invalid) as refused:
        service.import_clients(
            served.installation, OPERATOR, REGISTRATION, [metadata(client_id=client_id)]
        )
    assert refused.value.params["field"] == "client_id"


def test_the_longest_client_id_has_room_everywhere(served: OidcInstallation) -> None:
    registered = served.add_client("Dài", client_id="c" * 120)
    service.disable_client(served.installation, OPERATOR, registered.client.id, "thử")
    assert served.events("client.disabled")[0].subject == f"client:{'c' * 120}"


def test_a_short_secret_is_for_demos(served: OidcInstallation) -> None:
    (demo,) = service.import_clients(
        served.installation,
        OPERATOR,
        REGISTRATION,
        [metadata(client_id="short", client_secret="short")],
    )
    assert "for demos only" in demo.warnings[0]
    flag = served.installation.settings.state / "demo"
    flag.unlink()
    try:
        with pytest.raises(Invalid) as refused:
            service.import_clients(
                served.installation,
                OPERATOR,
                REGISTRATION,
                [metadata(client_id="short-2", client_secret="short")],
            )
        assert refused.value.params["field"] == "client_secret"
    finally:
        flag.touch()


def test_a_client_is_an_application_open_to_everyone_unless_narrowed(
    served: OidcInstallation,
) -> None:
    open_to_all = served.add_client("Mở").client.id
    narrow = served.add_client("Hẹp", access=service.Entry(access="roles")).client.id
    with served.installation.database.read() as tx:
        found = [applications.find(tx, client_id) for client_id in (open_to_all, narrow)]
    assert [app.access for app in found if app] == ["everyone", "roles"]


def test_an_update_checks_everything_again_and_tells_what_changed(served: OidcInstallation) -> None:
    app = served.add_client("Sẽ đổi")
    with pytest.raises(Invalid):
        service.update_client(
            served.installation,
            OPERATOR,
            REGISTRATION,
            app.client.id,
            {"redirect_uris": ["javascript:x"]},
        )
    same = service.update_client(served.installation, OPERATOR, REGISTRATION, app.client.id, {})
    assert same.client.metadata == app.client.metadata
    assert same.secret is None
    assert served.events("client.changed")[0].fields["fields_changed"] == ""
    changed = service.update_client(
        served.installation, OPERATOR, REGISTRATION, app.client.id, {"client_name": "Đã đổi"}
    )
    assert changed.client.name == "Đã đổi"
    assert served.events("client.changed")[0].fields["fields_changed"] == "client_name"
    public = service.update_client(
        served.installation,
        OPERATOR,
        REGISTRATION,
        app.client.id,
        {"token_endpoint_auth_method": "none"},
    )
    assert public.client.secret_hash is None
    back = service.update_client(
        served.installation,
        OPERATOR,
        REGISTRATION,
        app.client.id,
        {"token_endpoint_auth_method": "client_secret_post"},
    )
    assert back.secret
    assert back.client.secret_hash == digest(back.secret)


def _registers(served: OidcInstallation, client_id: str) -> tuple[Any, Any]:
    """What the register says of an application, and what its connection says of the same."""
    with served.installation.database.read() as tx:
        app = applications.find(tx, client_id)
        found = service.show_client(tx, client_id)
    assert app is not None
    contact = "; ".join(found.metadata["contacts"]) or None
    return (
        (app.name, app.contact, app.start_url, app.disabled_at is not None),
        (found.name, contact, start_url(found) or None, found.disabled_at is not None),
    )


def test_the_register_and_the_connection_never_disagree(served: OidcInstallation) -> None:
    """Two rows of one id, written together whatever is changed."""
    app = served.add_client(
        "Lịch", contacts=["a@b.vn", "0274 1"], client_uri="https://lich.binhduong.gov.vn/"
    ).client.id
    change = partial(service.update_client, served.installation, OPERATOR, REGISTRATION, app)
    steps: list[Any] = [
        lambda: None,
        lambda: change({"client_name": "Lịch công tác"}),
        lambda: change({"contacts": []}, told={"description": "Lịch của cơ quan"}),
        lambda: change({"initiate_login_uri": "https://lich.binhduong.gov.vn/login"}),
        lambda: change({"client_uri": "", "initiate_login_uri": ""}),
        lambda: service.disable_client(served.installation, OPERATOR, app, "thử"),
        lambda: service.enable_client(served.installation, OPERATOR, app, "thử"),
    ]
    for step in steps:
        step()
        register, connection = _registers(served, app)
        assert register == connection
    with served.installation.database.read() as tx:
        found = applications.find(tx, app)
    assert found is not None and found.description == "Lịch của cơ quan"
    told = [event.fields["name"] for event in served.events("application.changed")]
    assert "Lịch công tác" in told


def test_an_exemption_from_pkce_needs_a_confidential_client_and_is_audited(
    served: OidcInstallation,
) -> None:
    served.add_client("Roundcube", pkce_exempt="Roundcube không gửi PKCE")
    assert served.events("client.added")[0].fields["pkce_exempt"] == "Roundcube không gửi PKCE"
    with pytest.raises(Invalid):
        served.add_client("Công khai", token_endpoint_auth_method="none", pkce_exempt="vì sao")


@pytest.mark.parametrize(
    "actor", [Actor("person", "someone"), Actor("client", "x"), Actor("anonymous")]
)
def test_who_keeps_no_applications_registers_and_changes_none(
    served: OidcInstallation, actor: Actor
) -> None:
    app = served.add_client("Của người khác").client.id
    attempts: list[Any] = [
        lambda: service.add_client(served.installation, actor, REGISTRATION, metadata()),
        lambda: service.import_clients(served.installation, actor, REGISTRATION, [metadata()]),
        lambda: service.update_client(served.installation, actor, REGISTRATION, app, {}),
        lambda: service.rotate_secret(served.installation, actor, app),
        lambda: service.disable_client(served.installation, actor, app, "x"),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden):
            attempt()


def test_unknown_clients_and_missing_secrets_are_told(served: OidcInstallation) -> None:
    public = served.add_client("Công khai", token_endpoint_auth_method="none").client.id
    attempts: list[Any] = [
        lambda: service.rotate_secret(served.installation, OPERATOR, public),
        lambda: service.rotate_secret(served.installation, OPERATOR, "nobody"),
        lambda: service.disable_client(served.installation, OPERATOR, "nobody", "x"),
    ]
    for attempt in attempts:
        with pytest.raises(AppError) as refused:
            attempt()
        assert told_whole(refused.value)
