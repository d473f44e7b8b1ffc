"""Discovery and JWKS: ready bytes, cacheable, and a list of what works and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from admin_ui.components import COMPONENTS
from idp.feature import endpoints_of
from tests.support.oidc_installation import OidcInstallation, Province
from tests.support.relying_party import answer_fields

pytestmark = pytest.mark.only_on_sqlite("which page or answer comes is no question of the store")

PATH = "/.well-known/openid-configuration"


@pytest.fixture(scope="module")
def document(served: OidcInstallation) -> dict[str, Any]:
    return dict(requests.get(served.url + PATH, timeout=10).json())


def test_it_is_this_document_byte_for_byte(served: OidcInstallation) -> None:
    """Applications keep it: a change of it is meant, and made here too."""
    wanted = (Path(__file__).parent / "discovery_document.json").read_text()
    document = json.dumps(json.loads(wanted), separators=(",", ":"))
    sent = requests.get(served.url + PATH, timeout=10)
    assert sent.text == document.replace("ISSUER", served.issuer)


def test_it_has_what_openid_connect_discovery_requires(document: dict[str, Any]) -> None:
    for name in (
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "scopes_supported",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
    ):
        assert document[name]
    assert document["request_uri_parameter_supported"] is False  # its default is true


def test_every_endpoint_it_names_exists_under_the_issuer(
    served: OidcInstallation, document: dict[str, Any]
) -> None:
    assert document["issuer"] == served.issuer
    endpoints = [v for k, v in document.items() if k.endswith(("_endpoint", "jwks_uri"))]
    assert len(endpoints) == len([each for each in endpoints_of(COMPONENTS) if each.discovery])
    for url in endpoints:
        assert url.startswith(served.issuer + "/")
        assert requests.get(url, timeout=10, allow_redirects=False).status_code not in (404, 500)


def test_every_response_mode_prompt_and_method_it_names_works(
    served: OidcInstallation, province: Province, document: dict[str, Any]
) -> None:
    agent = served.browser(province.an)
    for mode in document["response_modes_supported"]:
        answer = served.authorize(agent, province.client.client.id, response_mode=mode)
        assert answer.status_code in (200, 303)
        assert "error" not in answer.headers.get("Location", "")
    for prompt in document["prompt_values_supported"]:
        answer = served.authorize(agent, province.client.client.id, prompt=prompt)
        assert "error" not in answer.headers["Location"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["response_types_supported"] == ["code"]
    for alg in document["id_token_signing_alg_values_supported"]:
        app = served.add_client(alg, id_token_signed_response_alg=alg)
        assert served.tokens(app, province.an)["id_token"]
    granted = served.tokens(
        province.client, province.an, scope=" ".join(document["scopes_supported"])
    )
    assert granted["scope"].split() == document["scopes_supported"]


def test_iss_in_answers_is_announced_and_true(
    served: OidcInstallation, province: Province, document: dict[str, Any]
) -> None:
    assert document["authorization_response_iss_parameter_supported"] is True
    answer = served.authorize(served.browser(province.an), province.client.client.id)
    assert answer_fields(answer)["iss"] == document["issuer"]


def test_the_claims_it_names_are_those_of_the_contract(document: dict[str, Any]) -> None:
    from idp.oidc.claims import CLAIMS_OF_SCOPE

    named = set(document["claims_supported"])
    for names in CLAIMS_OF_SCOPE.values():
        assert named.issuperset(names)


def test_both_documents_are_cacheable_and_answer_304(served: OidcInstallation) -> None:
    for path in (PATH, "/jwks"):
        first = requests.get(served.url + path, timeout=10)
        assert first.headers["Content-Type"] == "application/json"
        assert first.headers["Cache-Control"] == "public, max-age=3600"
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        again = requests.get(
            served.url + path, headers={"If-None-Match": first.headers["ETag"]}, timeout=10
        )
        assert (again.status_code, again.content) == (304, b"")


def test_they_touch_no_store_while_the_keys_are_fresh(served: OidcInstallation) -> None:
    requests.get(f"{served.url}/jwks", timeout=10)
    with served.statements() as seen:
        for path in (PATH, "/jwks"):
            assert requests.get(served.url + path, timeout=10).status_code == 200
    assert seen.texts == []


def test_every_published_key_names_its_use_and_algorithm(served: OidcInstallation) -> None:
    keys = requests.get(f"{served.url}/jwks", timeout=10).json()["keys"]
    assert {(key["kty"], key["alg"]) for key in keys} == {("EC", "ES256"), ("RSA", "RS256")}
    for key in keys:
        assert key["use"] == "sig"
        assert not {"d", "p", "q", "k"} & set(key)


def test_a_foreign_host_gets_nothing(served: OidcInstallation) -> None:
    answer = requests.get(served.url + PATH, headers={"Host": "evil.example"}, timeout=10)
    assert answer.status_code == 421
    assert "evil" not in answer.text
