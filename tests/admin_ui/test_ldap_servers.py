"""A province's own slapd: brought to this version while it runs, and looked at by doctor."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest

from admin_ui.operations.ldap_servers import (
    bring_up_to_date,
    look_at_rules,
    look_at_standing,
    managed_here,
)
from directory.ldap.accounts import make_password
from directory.ldap.base_entries import PROBE, SERVICE_ACCOUNTS, probe_dn
from directory.ldap.bind import BindResult, verify_at
from directory.ldap.embedded import wait_for
from directory.ldap.entries import Change
from directory.settings import Settings, read_settings
from tests.directory.test_ldap_embedded import built_by_the_first_version
from tests.support.command_line import CommandLine
from tests.support.installation import short_folder
from tests.support.ports import free_port
from tests.support.slapd import SUFFIX, SlapdServer

pytestmark = pytest.mark.without_sql


@pytest.fixture
def province() -> Iterator[tuple[SlapdServer, Settings]]:
    """A slapd of the first version that the province runs, with a port for programs, one for the
    provider, and the settings of ours."""
    with short_folder() as folder:
        theirs = folder / "slapd-of-the-province"
        theirs.mkdir()
        slapd = built_by_the_first_version(theirs)
        public, ours = (f"ldap://127.0.0.1:{free_port()}" for _ in range(2))
        config = slapd.home / "config-of-first-version"
        command = [str(slapd.installation.binary), "-F", str(config), "-d", "0"]
        command += ["-h", f"{slapd.uri} {public} {ours}"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        server = SlapdServer(slapd, process)
        try:
            wait_for(slapd.uri, process=process)
            for lacking in (probe_dn(SUFFIX), f"ou=applications,{SUFFIX}"):
                server.manager().delete(lacking)
            settings = read_settings(
                {
                    "DANHMUC_STATE": str(folder / "state"),
                    "DANHMUC_LDAP_URI": public,
                    "DANHMUC_LDAP_BIND_URI": ours,
                }
            )
            shutil.copytree(slapd.secrets_dir, settings.secrets_dir)
            yield server, settings
        finally:
            server.close()


def test_it_is_brought_to_this_version_and_looked_at(
    province: tuple[SlapdServer, Settings],
) -> None:
    server, settings = province
    assert not look_at_rules(replace(settings, ldap_uris=(server.uri,)))[0]
    assert not look_at_standing(settings)[0]
    done = bring_up_to_date(settings, server.uri)
    assert {"dmSearchKey", "olcAccess", probe_dn(SUFFIX)} <= set(done)
    assert {"danhmuc-0006", f"ou=applications,{SUFFIX}"} <= set(done)
    assert bring_up_to_date(settings, server.uri) == []
    assert look_at_rules(replace(settings, ldap_uris=(server.uri,)))[0]
    assert look_at_standing(settings) == (
        True,
        "people who may not sign in are refused, and told why",
    )


def test_the_command_brings_it_to_this_version_and_begins_nothing_else(
    province: tuple[SlapdServer, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, settings = province
    monkeypatch.setenv("DANHMUC_LDAP_URI", settings.ldap_uris[0])
    monkeypatch.setenv("DANHMUC_LDAP_BIND_URI", settings.ldap_bind_uris[0])
    line, before = CommandLine(settings.state), sorted(settings.state.rglob("*"))
    done = line.json("init", "--ldapi", server.uri)["changed"]
    assert {"dmSearchKey", "olcAccess", probe_dn(SUFFIX)} <= set(done)
    assert look_at_rules(replace(settings, ldap_uris=(server.uri,)))[0]
    assert line.run("init", "--ldapi", server.uri).stdout == "Nothing to do.\n"
    assert sorted(settings.state.rglob("*")) == before


def test_without_a_listener_of_our_own_it_says_what_to_set(
    province: tuple[SlapdServer, Settings],
) -> None:
    server, settings = province
    settings = replace(settings, ldap_bind_uris=())
    bring_up_to_date(settings, server.uri)
    ok, says = look_at_standing(settings)
    assert ok
    assert "DANHMUC_LDAP_BIND_URI" in says
    person = server.add_person("an", "mật khẩu rất dài", dmStatus="suspended")
    for uri in (*settings.ldap_uris, server.uri):
        assert verify_at([uri], person, "mật khẩu rất dài") is BindResult.REJECTED


def test_a_rule_somebody_opened_is_found(province: tuple[SlapdServer, Settings]) -> None:
    server, settings = province
    bring_up_to_date(settings, server.uri)
    manager = server.manager()
    (database,) = manager.search("cn=config", f"(olcSuffix={SUFFIX})", ["olcAccess"], scope="sub")
    opened = "{0}to attrs=userPassword by anonymous auth by * none"
    manager.modify(database.dn, [Change("add", "olcAccess", (opened,))])
    ok, says = look_at_standing(settings)
    assert not ok
    assert settings.ldap_uris[0] in says
    assert not look_at_rules(replace(settings, ldap_uris=(server.uri,)))[0]


def test_the_probe_is_nobody_to_whoever_looks_for_people(
    province: tuple[SlapdServer, Settings],
) -> None:
    server, settings = province
    bring_up_to_date(settings, server.uri)
    for account in SERVICE_ACCOUNTS:
        found = server.gateway(account).search(
            f"ou=people,{SUFFIX}",
            "(|(objectClass=dmPerson)(objectClass=inetOrgPerson)(dmStatus=*))",
            ["cn"],
            scope="one",
        )
        assert found == []
    seen = server.gateway("phonebook").search(f"ou=people,{SUFFIX}", "(cn=*)", ["*"], scope="one")
    assert seen == []


def test_where_we_are_no_manager_it_says_so(province: tuple[SlapdServer, Settings]) -> None:
    _, settings = province
    assert managed_here(settings) == []
    assert "danhmuc init --ldapi" in look_at_rules(settings)[1]
    assert make_password(settings.secrets_dir, PROBE) is False
