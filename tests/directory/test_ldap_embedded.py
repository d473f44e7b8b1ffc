"""Building, repairing and upgrading the private slapd."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from directory.errors import AppError, Conflict, Invalid, Unavailable
from directory.ldap import embedded, schema
from directory.ldap.accounts import ACCOUNTS, account_dn, open_gateway, password_file
from directory.ldap.base_entries import SERVICE_ACCOUNTS, complete_base_entries
from directory.ldap.bind import BindResult, verify_at, verify_password
from directory.ldap.embedded import prepare_slapd
from directory.ldap.gateway import Change, Gateway
from directory.ldap.migration import Wanted, applied_steps, differences, migrate
from directory.ldap.slapd import slapd_installation
from directory.ldap.sockets import ldapi_path
from directory.settings import Settings, read_settings
from tests.support.slapd import OID_ARC, SUFFIX, SlapdServer, plan_slapd, running_slapd

pytestmark = pytest.mark.without_sql

ENTRIES = [step.name for step in schema.schema_steps(OID_ARC) if not step.replaces]


@pytest.fixture
def state() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="dm-"))
    yield folder
    shutil.rmtree(folder)


def settings_for(state: Path, **more: str) -> Settings:
    return read_settings({"DANHMUC_STATE": str(state), "DANHMUC_PORT": "18400", **more})


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "slapd.log"
    }


def test_preparing_twice_changes_nothing(state: Path) -> None:
    prepare_slapd(plan_slapd(state))
    before = contents(state)
    prepare_slapd(plan_slapd(state))
    assert contents(state) == before
    with running_slapd(state) as server:
        dn = server.add_person("an.nv")
        prepare_slapd(server.slapd)
        assert server.gateway().read(dn) is not None
    with running_slapd(state) as server:
        assert server.gateway().read(dn) is not None


def test_from_settings_to_a_verified_password(state: Path) -> None:
    settings = settings_for(state)
    embedded.prepare(settings)
    embedded.prepare(settings)
    assert not embedded.is_ready(settings)
    process = embedded.start(settings)
    try:
        embedded.wait_until_ready(settings)
        for account in ACCOUNTS:
            gateway = open_gateway(settings, account)
            assert gateway.read(SUFFIX) is not None
            gateway.close()
        server = SlapdServer(embedded.private_slapd(settings), process)
        dn = server.add_person("an.nv", "mật khẩu rất dài")
        assert verify_password(settings, dn, "mật khẩu rất dài") is BindResult.ACCEPTED
        assert verify_password(settings, dn, "sai") is BindResult.REJECTED
    finally:
        assert embedded.stop(process) == 0
    assert not embedded.is_ready(settings)


def test_secrets_are_ours_alone_and_on_no_command_line(state: Path) -> None:
    settings = settings_for(state)
    embedded.prepare(settings)
    secrets = {}
    for account in SERVICE_ACCOUNTS:
        path = password_file(settings.secrets_dir, account)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        secrets[account] = path.read_text().strip()
    assert len(set(secrets.values())) == len(secrets)
    assert all(len(secret) >= 43 for secret in secrets.values())  # 256 bits
    for folder in (settings.secrets_dir, state / "slapd", state / "slapd" / "db"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    line = " ".join(embedded.command(settings, open_port=True))
    assert "ldap://127.0.0.1:18403" in line
    assert not any(secret in line for secret in secrets.values())
    for name, data in contents(state).items():
        if not name.startswith("secrets/"):
            assert not any(secret.encode() in data for secret in secrets.values()), name


@pytest.mark.parametrize("left", ["db.new", "build", "config.new"])
def test_what_a_crash_left_half_built_is_built_again(state: Path, left: str) -> None:
    half = state / "slapd" / left
    half.mkdir(parents=True)
    (half / "data.mdb").write_bytes(b"half")
    (half / "cn=config.ldif").write_text("half")
    with running_slapd(state) as server:
        assert server.gateway().read(SUFFIX) is not None


def test_a_build_that_fails_leaves_nothing_behind_and_says_why(state: Path) -> None:
    broken = replace(plan_slapd(state), oid_arc="not.an.oid")
    with pytest.raises(Invalid) as refused:
        prepare_slapd(broken)
    assert refused.value.code == "ldap.cannot_build"
    assert "olcObjectIdentifier" in str(refused.value.params["why"])
    assert not (state / "slapd" / "db").exists()
    assert list((state / "slapd").glob("*.ldif")) == [], "hashes left on disk"
    with running_slapd(state) as server:
        assert server.gateway().read(SUFFIX) is not None


def test_a_killed_slapds_state_starts_again(state: Path) -> None:
    with running_slapd(state) as server:
        dn = server.add_person("an.nv")
        server.kill()
    with running_slapd(state) as server:
        assert server.gateway().read(dn) is not None


def test_lost_passwords_are_made_anew(state: Path) -> None:
    with running_slapd(state) as server:
        dn = server.add_person("an.nv")
        old = server.password("idp")
    shutil.rmtree(state / "secrets")
    with running_slapd(state) as server:
        for account in SERVICE_ACCOUNTS:
            assert server.gateway(account).search(SUFFIX, "(objectClass=*)", ["1.1"]) is not None
        assert server.gateway().read(dn) is not None
        assert server.password("idp") != old
        stranger = Gateway([server.uri], account_dn("idp", SUFFIX), old)
        with pytest.raises(Unavailable):
            stranger.read(SUFFIX)


def test_a_new_configuration_keeps_the_catalogue(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = tuple(index for index in schema.INDEXES if not index.startswith("cn,sn"))
    monkeypatch.setattr("directory.ldap.config.INDEXES", fewer)
    with running_slapd(state) as server:
        dn = server.add_person("an.nv")
        old = server.slapd.config_dir
    monkeypatch.undo()
    with running_slapd(state) as server:
        assert server.slapd.config_dir != old
        assert not old.exists()
        found = server.gateway().search(f"ou=people,{SUFFIX}", "(cn=*Văn*)", ["1.1"])
        assert [entry.dn for entry in found] == [dn]


def test_the_configuration_is_not_changed_under_a_running_slapd(state: Path) -> None:
    with running_slapd(state) as server:
        with pytest.raises(Conflict) as refused:
            prepare_slapd(replace(server.slapd, oid_arc="1.3.6.1.4.1.99999.78"))
        assert refused.value.code == "ldap.running"
        assert server.gateway().read(SUFFIX) is not None


def test_base_entries_an_older_version_did_not_have_are_added(state: Path) -> None:
    with running_slapd(state) as server:
        dn = f"cn=phonebook,ou=services,{SUFFIX}"
        server.manager().delete(dn)
    password_file(state / "secrets", "phonebook").unlink()
    with running_slapd(state) as server:
        assert server.manager().read(dn) is not None
        assert server.gateway("phonebook").read(SUFFIX) is not None


def test_a_long_state_path_gets_its_socket_elsewhere(state: Path) -> None:
    deep = state / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True)
    with running_slapd(deep) as server:
        socket = ldapi_path(deep)
        assert len(str(socket)) < 108
        assert not socket.is_relative_to(deep)
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
        assert server.gateway().read(SUFFIX) is not None
        folder = socket.parent
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setenv("XDG_RUNTIME_DIR", str(state))
        assert ldapi_path(deep) == socket, "every process must find the same socket"
    folder.chmod(0o755)
    with pytest.raises(Invalid) as unsafe:
        prepare_slapd(plan_slapd(deep))
    assert unsafe.value.code == "ldap.unsafe_socket_folder"
    # Nor does anybody knock there: whoever made the folder would be told our passwords.
    with pytest.raises(Invalid):
        ldapi_path(deep)
    shutil.rmtree(folder)
    assert ldapi_path(deep) == socket


def test_without_slapd_we_say_so(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "candidate_roots", lambda _state: (state / "nowhere",))
    with pytest.raises(Unavailable) as missing:
        embedded.prepare(settings_for(state))
    assert missing.value.code == "ldap.no_slapd"


def test_an_unpacked_bundle_is_found_only_when_complete(state: Path) -> None:
    system = slapd_installation([Path("/")])
    assert system is not None and system.library_path is None
    root = state / "cache" / "debs"
    for part in ("usr/sbin", "usr/lib/x86_64-linux-gnu", "etc/ldap"):
        (root / part).mkdir(parents=True)
    shutil.copy(system.binary, root / "usr/sbin/slapd")
    assert slapd_installation([root]) is None
    shutil.copytree(system.module_path, root / "usr/lib/ldap", symlinks=True)
    shutil.copytree(system.schema_path, root / "etc/ldap/schema")
    bundle = slapd_installation([state / "nowhere", root])
    assert bundle is not None
    assert bundle.environment()["LD_LIBRARY_PATH"].endswith("x86_64-linux-gnu")
    slapd = replace(plan_slapd(state), installation=bundle)
    prepare_slapd(slapd)
    process = embedded.start_slapd(slapd)
    try:
        embedded.wait_for(slapd.uri, process=process)
        maps = Path(f"/proc/{process.pid}/maps").read_text()
        assert f"{root}/usr/lib/ldap/argon2" in maps
        assert "/usr/lib/ldap/" not in maps.replace(f"{root}/usr/lib/ldap/", "")
    finally:
        embedded.stop(process)


def test_slapd_dies_with_its_supervisor(state: Path) -> None:
    prepare_slapd(plan_slapd(state))
    program = (
        "import sys, pathlib\n"
        "from tests.support.slapd import plan_slapd\n"
        "from directory.ldap.embedded import start_slapd, wait_for\n"
        f"slapd = plan_slapd(pathlib.Path({str(state)!r}))\n"
        "process = start_slapd(slapd)\n"
        "wait_for(slapd.uri, process=process)\n"
        "print(process.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        supervisor.kill()
        supervisor.wait()
    for _ in range(200):
        if not Path(f"/proc/{pid}").exists() or "Z" in status_of(pid):
            return
        time.sleep(0.01)
    raise AssertionError("slapd outlived its supervisor")


def status_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


def test_an_exported_catalogue_comes_back_as_it_was(state: Path) -> None:
    copy, attributes = state / "catalogue.ldif", ["*", "entryUUID", "entryCSN"]
    with running_slapd(state) as server:
        kept = server.add_person("an.nv", "mật khẩu rất dài")
        before = server.gateway().read(kept, attributes)
        embedded.export_ldif(server.slapd, copy)  # while slapd runs
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        with pytest.raises(Conflict):
            embedded.import_ldif(server.slapd, copy)
        later = server.add_person("later")
        server.gateway().delete(kept)
    shutil.rmtree(state / "secrets")  # restored on a new machine
    embedded.import_ldif(plan_slapd(state), copy)
    with running_slapd(state) as server:
        assert server.gateway().read(kept, attributes) == before
        assert server.gateway().read(later) is None
        assert verify_at([server.uri], kept, "mật khẩu rất dài") is BindResult.ACCEPTED
        assert server.gateway("idp").read(kept) is not None


def wanted_of(slapd: embedded.PrivateSlapd) -> Wanted:
    return Wanted(SUFFIX, OID_ARC, (slapd.uri,))


def test_a_fresh_build_is_as_this_version_wants_it(slapd_server: SlapdServer) -> None:
    manager = slapd_server.manager()
    assert applied_steps(manager) == ENTRIES
    assert differences(manager, wanted_of(slapd_server.slapd)) == []
    assert migrate(manager, wanted_of(slapd_server.slapd)) == []


_OLD_CONFIG = Path(__file__).parent / "data" / "config_of_first_version.ldif"
_OLD_POLICY = {
    "pwdLockout": "TRUE",
    "pwdMaxFailure": "30",
    "pwdFailureCountInterval": "900",
    "pwdLockoutDuration": "900",
    "pwdMaxRecordedFailure": "30",
}


def built_by_the_first_version(state: Path) -> embedded.PrivateSlapd:
    """A state folder as the first version left it: its configuration, its policies."""
    slapd = plan_slapd(state)
    prepare_slapd(slapd)
    shutil.rmtree(slapd.config_dir)
    folder = slapd.home / "config-of-first-version"
    folder.mkdir()
    text = _OLD_CONFIG.read_text()
    for name, value in {
        "MODULES": slapd.installation.module_path,
        "SCHEMAS": slapd.installation.schema_path,
        "DATABASE": slapd.database_dir,
        "PID": slapd.home / "slapd.pid",
        "UID": os.getuid(),
    }.items():
        text = text.replace(f"@{name}@", str(value))
    source = slapd.home / "old.ldif"
    source.write_text(text)
    binary = str(slapd.installation.binary)
    for tool in (["-Tadd", "-n0", "-l", str(source)], ["-Tindex", "-b", SUFFIX]):
        subprocess.run(
            [binary, *tool, "-F", str(folder)], check=True, capture_output=True, timeout=60
        )
    return slapd


@contextmanager
def running_with(slapd: embedded.PrivateSlapd, config: Path) -> Iterator[SlapdServer]:
    process = subprocess.Popen(
        [str(slapd.installation.binary), "-F", str(config), "-h", slapd.uri, "-d", "0"],
        stderr=subprocess.DEVNULL,
        cwd=slapd.home,
    )
    server = SlapdServer(slapd, process)
    try:
        embedded.wait_for(slapd.uri, process=process)
        yield server
    finally:
        server.close()


def fill(server: SlapdServer) -> tuple[str, str]:
    """The first version's policies, somebody active and somebody suspended."""
    manager = server.manager()
    manager.delete(f"ou=applications,{SUFFIX}")
    for name in ("default", "decoy"):
        changes = [Change("replace", attribute, (v,)) for attribute, v in _OLD_POLICY.items()]
        manager.modify(f"cn={name},ou=policies,{SUFFIX}", changes)
    active = server.add_person(
        "dang.an", "mật khẩu rất dài", cn="Đặng Văn An", dmSearchKey="dang van an"
    )
    stopped = server.add_person("le.binh", "mật khẩu rất dài", cn="Lê Bình")
    return active, stopped


def is_of_this_version(server: SlapdServer, active: str, stopped: str) -> None:
    manager = server.manager()
    assert differences(manager, wanted_of(server.slapd)) == []
    assert manager.read(f"ou=applications,{SUFFIX}") is not None
    for name in ("default", "decoy"):
        policy = manager.read(f"cn={name},ou=policies,{SUFFIX}", ["*"])
        assert policy is not None
        assert policy.one("pwdLockout") == "FALSE"
        assert not set(_OLD_POLICY) - {"pwdLockout"} & set(policy.attributes)
    server.gateway().modify(stopped, [Change("replace", "dmStatus", ("suspended",))])
    assert verify_at([server.uri], stopped, "mật khẩu rất dài") is BindResult.ACCEPTED
    assert verify_at([server.uri], active, "mật khẩu rất dài") is BindResult.ACCEPTED
    phone_book = server.gateway("phonebook")
    found = phone_book.search(f"ou=people,{SUFFIX}", "(cn=*dang*)", ["*"], scope="one")
    assert [(entry.one("cn"), entry.all("dmSearchKey")) for entry in found] == [("Đặng Văn An", ())]


def test_a_state_folder_of_the_first_version_is_brought_to_this_one(state: Path) -> None:
    slapd = built_by_the_first_version(state)
    with running_with(slapd, slapd.home / "config-of-first-version") as server:
        people = fill(server)
        assert differences(server.manager(), wanted_of(slapd)) != []
        with pytest.raises(Conflict):
            prepare_slapd(slapd)
    with running_slapd(state) as server:
        is_of_this_version(server, *people)
    assert not (slapd.home / "config-of-first-version").exists()


def test_a_running_slapd_of_the_first_version_is_brought_to_this_one(state: Path) -> None:
    """A province's own: nothing is stopped, and what was interrupted is done at the next time."""
    slapd = built_by_the_first_version(state)
    with running_with(slapd, slapd.home / "config-of-first-version") as server:
        people = fill(server)
        manager = server.manager()
        found = differences(manager, wanted_of(slapd))
        for part in ("dmSearchKey", "index mail eq,sub", "olcLimits", "olcAccess"):
            assert part in found
        complete_base_entries(manager, SUFFIX, "tỉnh Bình Dương", slapd.secrets_dir)
        # An interruption after the index was taken away.
        database = manager.search("cn=config", f"(olcSuffix={SUFFIX})", ["olcDbIndex"], scope="sub")
        (names,) = (v for v in database[0].all("olcDbIndex") if "}cn," in v or v.startswith("cn,"))
        manager.modify(database[0].dn, [Change("delete", "olcDbIndex", (names,))])
        assert "index cn,sn,givenName,displayName,ou eq,sub" in migrate(manager, wanted_of(slapd))
        assert migrate(manager, wanted_of(slapd)) == []
        is_of_this_version(server, *people)
        server.kill()
    with running_with(slapd, slapd.home / "config-of-first-version") as server:
        is_of_this_version(server, *people)


def a_step_for(number: int, name: str, *attributes: str) -> str:
    """A step that brings an attribute and lets people have all of these."""
    return f"""
dn: cn=danhmuc-0001,cn=schema,cn=config
olcAttributeTypes: ( dmAttribute:{number} NAME '{name}'
  EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15{{64}} SINGLE-VALUE )
olcObjectClasses: ( dmClass:1 NAME 'dmPerson' SUP top AUXILIARY MUST ( dmId $ uid $ dmStatus )
  MAY ( dmIntent $ dmMiddleName $ dmSearchKey $ dmSortKey $ dmPrecedence $ dmPost $ dmAgency $
  dmUnit $ dmMailAddress $ dmMailState $ {" $ ".join(attributes)} ) )
"""


def test_a_replacement_brings_a_new_attribute_of_people(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The class of people takes it while there are people, and slapd starts with it again."""
    with running_slapd(state) as server:
        person = server.add_person("le.an", "mật khẩu rất dài", cn="Lê An")
        slapd, config = server.slapd, server.slapd.config_dir
        shutil.copytree(schema._STEPS, tmp_path / "steps")
        rank = tmp_path / "steps" / "0990_rank.ldif"
        rank.write_text(a_step_for(990, "dmRank", "dmRank"))
        monkeypatch.setattr(schema, "_STEPS", tmp_path / "steps")
        manager, wanted = server.manager(), wanted_of(server.slapd)
        assert differences(manager, wanted) == ["dmRank", "dmPerson"]
        assert migrate(manager, wanted) == ["dmRank", "dmPerson"]
        assert differences(manager, wanted) == []
        manager.modify(person, [Change("replace", "dmRank", ("chính",))])
        # A second one replaces the class once more, and the first is not missed any more.
        degree = a_step_for(991, "dmDegree", "dmRank", "dmDegree")
        rank.with_name("0991_degree.ldif").write_text(degree)
        assert migrate(manager, wanted) == ["dmDegree", "dmPerson"]
        assert differences(manager, wanted) == []
        server.kill()
    for again in (running_with(slapd, config), running_slapd(state)):  # as it was, and built anew
        with again as server:
            entry = server.manager().read(person, ["*"])
            assert entry is not None and entry.one("dmRank") == "chính"
            assert differences(server.manager(), wanted) == []


def test_what_a_province_indexes_beside_ours_stays(state: Path) -> None:
    slapd = plan_slapd(state)
    with running_slapd(state) as server:
        manager = server.manager()
        database = manager.search("cn=config", f"(olcSuffix={SUFFIX})", ["olcDbIndex"], scope="sub")
        (ours,) = (v for v in database[0].all("olcDbIndex") if "member" in v)
        changes = [
            Change("delete", "olcDbIndex", (ours,)),
            Change("add", "olcDbIndex", ("member,seeAlso eq,pres",)),
            Change("add", "olcDbIndex", ("manager eq",)),
        ]
        manager.modify(database[0].dn, changes)
        assert migrate(manager, wanted_of(slapd)) == ["index member eq"]
        (now,) = manager.search("cn=config", f"(olcSuffix={SUFFIX})", ["olcDbIndex"], scope="sub")
        present = {value.partition("}")[2] or value for value in now.all("olcDbIndex")}
        assert {"member eq", "seeAlso eq,pres", "manager eq"} <= present


def test_every_name_in_code_is_in_the_schema() -> None:
    text = schema.schema_ldif(OID_ARC)
    constants = {
        value
        for name, value in vars(schema).items()
        if name.isupper() and isinstance(value, str) and value.startswith("dm")
    }
    defined = set(re.findall(r"NAME '(\w+)'", text))
    assert len(constants) > 10
    assert constants <= defined
    assert f"olcObjectIdentifier: dmRoot {OID_ARC}\n" in text
    assert "@ARC@" not in text


def test_an_agencys_state_is_one_of_its_own(slapd_server: SlapdServer) -> None:
    gateway = slapd_server.gateway()
    dn = f"dmId=agency-state,ou=agencies,{SUFFIX}"
    values = {
        "objectClass": ["organizationalUnit", "dmOrganisation"],
        "dmId": ["agency-state"],
        "ou": ["Sở Y tế"],
        "dmKind": ["agency"],
    }
    with pytest.raises(AppError) as refused:
        gateway.add(dn, values | {"dmStatus": ["suspended"]})
    assert refused.value.code == "ldap.constraint"
    gateway.add(dn, values | {"dmStatus": ["active"], "dmCurrentCode": ["SYT"]})
    gateway.modify(dn, [Change("replace", "dmStatus", ("closed",))])
    gateway.delete(dn)
