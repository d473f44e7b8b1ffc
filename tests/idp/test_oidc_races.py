"""Many at once: one code, one refresh token, one winner.

Two applications with caches of their own stand for two processes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from sqlalchemy import text

from admin_ui.components import COMPONENTS
from directory.database.engine import metadata
from directory.database.single_use import single_use
from idp.app import create_app
from tests.support.installation import open_without_catalogue, serving
from tests.support.oidc_installation import (
    OidcInstallation,
    Province,
    found_province,
    served_installation,
)
from tests.support.ports import free_port
from tests.support.relying_party import REDIRECT, VERIFIER, as_client

pytestmark = pytest.mark.both_engines


@pytest.fixture(scope="module")
def arena(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[OidcInstallation, Province, list[str]]]:
    """An installation served twice over one store."""
    with (
        served_installation(tmp_path_factory.mktemp("race") / "state") as served,
        _served_again(served) as second,
    ):
        yield served, found_province(served), [served.url, second]


@contextmanager
def _served_again(served: OidcInstallation) -> Iterator[str]:
    settings = served.installation.settings
    store = {"DANHMUC_DATABASE_URL": settings.database_url}
    installation = open_without_catalogue(settings.state, settings.port, store, new=False)
    port = free_port()
    with serving(create_app(installation, COMPONENTS), port):
        yield f"http://localhost:{port}"
    installation.database.dispose()


def all_at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Run `act` in `count` threads that start together."""
    barrier = threading.Barrier(count)

    def wait_and_act(number: int) -> Any:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_act, range(count)))


def post(urls: list[str], number: int, path: str, host: str, **form: Any) -> requests.Response:
    # The second server stands behind the same issuer, as a second worker does.
    headers = {"Host": host.removeprefix("http://")}
    return requests.post(urls[number % len(urls)] + path, headers=headers, timeout=60, **form)


def test_the_primitive_has_one_winner_of_fifty(
    arena: tuple[OidcInstallation, Province, list[str]],
) -> None:
    served, _province, _urls = arena

    def use(_number: int) -> bool:
        with served.installation.database.write() as tx:
            return single_use(tx, "race", "the one", 60_000)

    assert sorted(all_at_once(50, use)) == [False] * 49 + [True]


def test_a_mark_of_another_kind_is_another_mark(
    arena: tuple[OidcInstallation, Province, list[str]],
) -> None:
    served, _province, _urls = arena
    with served.installation.database.write() as tx:
        assert single_use(tx, "kind-a", "same", 60_000)
        assert single_use(tx, "kind-b", "same", 60_000)
        assert not single_use(tx, "kind-a", "same", 60_000)


def test_one_code_redeemed_fifty_times_at_once_has_one_winner_who_loses_all(
    arena: tuple[OidcInstallation, Province, list[str]],
) -> None:
    served, province, urls = arena
    code = served.code(served.browser(province.an), province.client.client.id)
    form = as_client(
        province.client,
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        },
    )
    answers = all_at_once(50, lambda n: post(urls, n, "/token", served.url, **form))
    winners = [a for a in answers if a.status_code == 200]
    losers = [a.json()["error"] for a in answers if a.status_code != 200]
    assert len(winners) == 1
    assert losers == ["invalid_grant"] * 49
    for name in ("access_token", "refresh_token"):
        shown = served.introspect(province.client, winners[0].json()[name])
        assert shown == {"active": False}


def test_one_refresh_token_of_a_public_client_used_twenty_times_at_once_ends_the_family(
    arena: tuple[OidcInstallation, Province, list[str]],
) -> None:
    served, province, urls = arena
    public = served.add_client("Công khai", token_endpoint_auth_method="none")
    token = served.tokens(public, province.an)["refresh_token"]
    form = as_client(public, {"grant_type": "refresh_token", "refresh_token": token})
    answers = all_at_once(20, lambda n: post(urls, n, "/token", served.url, **form))
    won = [a.json() for a in answers if a.status_code == 200]
    assert len(won) == 1
    assert served.userinfo(won[0]["access_token"]).status_code == 401


def test_a_confidential_client_that_repeats_itself_gets_one_successor(
    arena: tuple[OidcInstallation, Province, list[str]],
) -> None:
    served, province, urls = arena
    token = served.tokens(province.client, province.an)["refresh_token"]
    form = as_client(province.client, {"grant_type": "refresh_token", "refresh_token": token})
    answers = all_at_once(20, lambda n: post(urls, n, "/token", served.url, **form))
    assert [a.status_code for a in answers] == [200] * 20
    successors = {a.json()["refresh_token"] for a in answers}
    assert len(successors) == 1
    assert served.introspect(province.client, successors.pop())["active"] is True


def test_after_revoke_has_answered_nothing_of_the_family_lives(
    arena: tuple[OidcInstallation, Province, list[str]],
) -> None:
    served, province, urls = arena
    for _ in range(15):
        token = served.tokens(province.client, province.an)["refresh_token"]
        refresh = as_client(
            province.client, {"grant_type": "refresh_token", "refresh_token": token}
        )
        revoke = as_client(province.client, {"token": token})

        def act(number: int, refresh: Any = refresh, revoke: Any = revoke) -> requests.Response:
            path, form = ("/revoke", revoke) if number == 0 else ("/token", refresh)
            return post(urls, number, path, served.url, **form)

        answers = all_at_once(4, act)
        assert answers[0].status_code == 200
        for answer in answers[1:]:
            if answer.status_code == 200:
                shown = served.introspect(province.client, answer.json()["access_token"])
                assert shown == {"active": False}


def test_the_store_holds_no_token_and_no_secret(
    arena: tuple[OidcInstallation, Province, list[str]],
) -> None:
    served, province, _urls = arena
    tokens = served.tokens(province.client, province.an)
    code = served.code(served.browser(province.an), province.client.client.id)
    secrets = {*tokens.values(), code, province.client.secret}
    with served.installation.database.read() as tx:
        for table in metadata.sorted_tables:
            rows = tx.execute(text(f'SELECT * FROM "{table.name}"')).all()
            stored = "\n".join(str(value) for row in rows for value in row)
            for secret in secrets:
                if isinstance(secret, str) and len(secret) > 20 and " " not in secret:
                    assert secret not in stored, table.name
