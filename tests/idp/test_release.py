"""What was approved for an application is all that leaves to it, whatever its scopes ask for."""

from __future__ import annotations

import pytest

from directory.release import service
from directory.release.attributes import ATTRIBUTES
from directory.release.register import find_release
from directory.release.service import proposed
from idp.clients.service import Entry, Registered
from idp.keys.jose import read_unverified
from idp.oidc.claims import CLAIMS_OF_SCOPE
from tests.support.installation import OPERATOR
from tests.support.oidc_installation import OidcInstallation, Province

pytestmark = pytest.mark.both_engines

SCOPE = "openid profile email org roles"
OF_PEOPLE = {claim for claims in CLAIMS_OF_SCOPE.values() for claim in claims}


def learned(claims: dict[str, object]) -> set[str]:
    return OF_PEOPLE & set(claims)


def narrow(served: OidcInstallation, app: Registered, *names: str) -> None:
    with served.installation.database.write() as tx:
        found = find_release(tx, app.client.id)
        assert found is not None
        kept = {name: found.attributes[name] for name in names}
        service.change(tx, OPERATOR, app.client.id, kept)


def test_every_claim_of_a_person_is_told_by_an_attribute_of_its_scope() -> None:
    for scope, claims in CLAIMS_OF_SCOPE.items():
        named = {c for each in ATTRIBUTES.values() if scope in each.scopes for c in each.claims}
        assert named == set(claims), scope


def test_an_application_learns_what_its_scopes_ask_for_unless_something_else_is_chosen(
    served: OidcInstallation, province: Province
) -> None:
    by_scope = served.add_client(scope="openid email")
    chosen = served.add_client(access=Entry(attributes=proposed(["full_name"])))
    assert learned(
        served.userinfo(
            served.tokens(by_scope, province.an, scope="openid email")["access_token"]
        ).json()
    ) == {"email", "email_verified"}
    tokens = served.tokens(chosen, province.an, scope=SCOPE)
    names = {"name", "given_name", "family_name"}
    assert learned(served.userinfo(tokens["access_token"]).json()) == names
    assert learned(read_unverified(tokens["id_token"])[1]) == names


def test_what_is_taken_away_is_gone_at_once_everywhere(
    served: OidcInstallation, province: Province
) -> None:
    app = served.add_client("Thu hẹp")
    agent = served.browser(province.an)
    tokens = served.tokens(app, agent, scope=SCOPE)
    code = served.code(agent, app.client.id, scope=SCOPE)
    assert learned(served.userinfo(tokens["access_token"]).json()) == OF_PEOPLE
    narrow(served, app, "mail", "unit")
    left = {"email", "email_verified", "unit"}
    assert learned(served.userinfo(tokens["access_token"]).json()) == left
    asked = served.introspect(app, tokens["access_token"])
    assert learned(asked) == left
    assert "username" not in asked
    exchanged = served.redeem(app, code).json()
    refreshed = served.token(
        app, grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    ).json()
    for answer in (exchanged, refreshed):
        assert learned(read_unverified(answer["id_token"])[1]) == left
        assert not learned(read_unverified(answer["access_token"])[1])
    # A scope narrows what may leave, and opens nothing.
    shown = served.userinfo(served.tokens(app, agent, scope="openid email")["access_token"])
    assert learned(shown.json()) == {"email", "email_verified"}


def test_the_log_still_files_tokens_under_the_agency(
    served: OidcInstallation, province: Province
) -> None:
    app = served.add_client("Không biết gì", access=Entry(attributes={}))
    tokens = served.tokens(app, province.an, scope=SCOPE)
    assert not learned(read_unverified(tokens["id_token"])[1])
    assert served.events("token.granted")[-1].agency == province.agency.id


def test_it_costs_no_statement_while_nothing_changes(
    served: OidcInstallation, province: Province
) -> None:
    app = served.add_client("Ngân sách")
    agent = served.browser(province.an)
    code = served.code(agent, app.client.id, scope=SCOPE)
    narrow(served, app, "mail")
    with served.statements() as changed:
        assert served.redeem(app, code).status_code == 200
    tokens = served.tokens(app, agent, scope=SCOPE)
    with served.statements() as looks:
        served.userinfo(tokens["access_token"])
    assert len(looks.texts) == 1, looks.texts
    assert any("release" in text for text in changed.texts)
