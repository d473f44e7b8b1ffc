"""What each account sees, asked with OpenLDAP's own client: attribute by attribute."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from directory.errors import Forbidden, Unavailable
from directory.ids import new_id
from directory.ldap.accounts import ACCOUNTS, account_dn
from directory.ldap.gateway import Change, Gateway
from directory.ldap.ldif import read_records
from directory.ldap.passwords import hash_password
from tests.support.slapd import SUFFIX, SlapdServer

pytestmark = pytest.mark.without_sql

PASSWORD = "một mật khẩu dài của An"
PHONE_BOOK = {
    "objectClass",
    "cn",
    "displayName",
    "sn",
    "givenName",
    "mail",
    "telephoneNumber",
    "title",
    "o",
    "ou",
    "departmentNumber",
    "uid",
}
HIDDEN_FROM_APPLICATIONS = {
    "dmId",
    "dmStatus",
    "dmPost",
    "dmAgency",
    "dmUnit",
    "dmIntent",
    "dmMailAddress",
    "dmMailState",
    "dmSearchKey",
    "dmSortKey",
    "dmPrecedence",
    "dmMiddleName",
    "employeeNumber",
    "employeeType",
    "preferredLanguage",
}
OPERATIONAL = {
    "structuralObjectClass",
    "entryUUID",
    "entryCSN",
    "entryDN",
    "creatorsName",
    "createTimestamp",
    "modifiersName",
    "modifyTimestamp",
    "subschemaSubentry",
    "hasSubordinates",
}


@pytest.fixture(scope="module")
def person(slapd_server: SlapdServer) -> str:
    """A person with a value in every attribute the catalogue writes."""
    person_id = new_id()
    dn = f"dmId={person_id},ou=people,{SUFFIX}"
    post = {"id": "1", "agency_id": "a", "unit_id": "u", "title": "Văn thư", "kind": "main"}
    slapd_server.gateway().add(
        dn,
        {
            "objectClass": ["inetOrgPerson", "dmPerson"],
            "dmId": [person_id],
            "uid": ["an.nv"],
            "cn": ["Nguyễn Văn An"],
            "displayName": ["Nguyễn Văn An"],
            "sn": ["Nguyễn"],
            "givenName": ["An"],
            "dmMiddleName": ["Văn"],
            "mail": ["an.nv@binhduong.gov.vn"],
            "dmMailAddress": ["an.nv@binhduong.gov.vn", "an@binhduong.gov.vn"],
            "telephoneNumber": ["0274 382 2825"],
            "employeeNumber": ["CB-0001"],
            "employeeType": ["công chức"],
            "dmStatus": ["active"],
            "dmPost": [json.dumps(post, ensure_ascii=False)],
            "o": ["Sở Thông tin và Truyền thông"],
            "ou": ["Văn phòng"],
            "title": ["Văn thư"],
            "departmentNumber": ["STTTT"],
            "dmAgency": ["a"],
            "dmUnit": ["u"],
            "dmMailState": ["active"],
            "dmSearchKey": ["nguyen van an"],
            "dmSortKey": ["an\x01nguyen"],
            "dmPrecedence": ["500"],
            "dmIntent": ["0"],
            "preferredLanguage": ["vi"],
            "userPassword": [hash_password(PASSWORD)],
        },
    )
    return dn


def ldapsearch(
    server: SlapdServer, tmp_path: Path, account: str, *arguments: str, base: str = SUFFIX
) -> tuple[int, list[tuple[str, dict[str, list[str]]]]]:
    """Exit status and entries. `account`: empty (anonymous), a DN, or a service account's name."""
    command = ["ldapsearch", "-LLL", "-x", "-o", "ldif-wrap=no", "-H", server.uri, "-b", base]
    if account:
        dn = account if "=" in account else account_dn(account, SUFFIX)
        secret = tmp_path / "password"
        secret.write_text(PASSWORD if "=" in account else server.password(account))
        command += ["-D", dn, "-y", str(secret)]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    # A base64 value ("name:: dmFsdWU=") reads as one that begins with a colon: enough to see it.
    return done.returncode, read_records(done.stdout)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_our_accounts_read_all_but_the_hash(
    slapd_server: SlapdServer, person: str, tmp_path: Path, account: str
) -> None:
    _, ((_, seen),) = ldapsearch(
        slapd_server, tmp_path, account, "(uid=an.nv)", "*", "+", base=person
    )
    assert set(seen) == PHONE_BOOK | HIDDEN_FROM_APPLICATIONS | OPERATIONAL


def test_an_ldap_application_sees_the_phone_book_and_nothing_more(
    slapd_server: SlapdServer, person: str, tmp_path: Path
) -> None:
    _, ((dn, seen),) = ldapsearch(slapd_server, tmp_path, "phonebook", "(uid=an.nv)", "*", "+")
    assert dn == person
    assert set(seen) == PHONE_BOOK
    assert seen["telephoneNumber"] == ["0274 382 2825"]


def test_an_ldap_application_cannot_ask_about_what_it_cannot_see(
    slapd_server: SlapdServer, person: str, tmp_path: Path
) -> None:
    questions = ("(employeeNumber=CB-0001)", "(dmStatus=active)", "(dmPost=*)", "(dmId=*)")
    for question in questions:
        assert ldapsearch(slapd_server, tmp_path, "phonebook", question)[1] == [], question
        assert ldapsearch(slapd_server, tmp_path, "catalogue", question)[1] != [], question


@pytest.mark.parametrize("status", ["suspended", "left"])
def test_who_may_not_sign_in_leaves_the_phone_book(
    slapd_server: SlapdServer, tmp_path: Path, status: str
) -> None:
    name = f"gone.{new_id()[:8]}"
    dn = slapd_server.add_person(name)
    assert ldapsearch(slapd_server, tmp_path, "phonebook", f"(uid={name})")[1] != []
    slapd_server.gateway().modify(dn, [Change("replace", "dmStatus", (status,))])
    assert ldapsearch(slapd_server, tmp_path, "phonebook", f"(uid={name})")[1] == []


def test_nobody_sees_accounts_policies_or_devices_but_us(
    slapd_server: SlapdServer, tmp_path: Path
) -> None:
    for tree in ("services", "policies", "devices"):
        base = f"ou={tree},{SUFFIX}"
        assert ldapsearch(slapd_server, tmp_path, "phonebook", base=base)[1] == []
        assert ldapsearch(slapd_server, tmp_path, "operator", base=base)[1] != []


def test_anonymous_sees_nothing(slapd_server: SlapdServer, person: str, tmp_path: Path) -> None:
    for base in (SUFFIX, person, f"ou=people,{SUFFIX}", "cn=config", "cn=Subschema"):
        assert ldapsearch(slapd_server, tmp_path, "", "*", "+", base=base)[1] == []


def test_a_person_sees_nothing_not_even_themselves(
    slapd_server: SlapdServer, person: str, tmp_path: Path
) -> None:
    status, seen = ldapsearch(slapd_server, tmp_path, person, base=person)
    assert (status, seen) == (32, [])  # noSuchObject: bound, and shown nothing
    assert ldapsearch(slapd_server, tmp_path, person)[1] == []


def test_a_person_cannot_change_their_password_past_our_policy(
    slapd_server: SlapdServer, person: str, tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text(PASSWORD)
    done = subprocess.run(
        [
            "ldappasswd",
            "-x",
            "-H",
            slapd_server.uri,
            "-D",
            person,
            "-y",
            str(secret),
            "-s",
            "12345",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    said = (done.stdout + done.stderr).lower()
    assert "insufficient access" in said or "not permitted" in said
    assert ldapsearch(slapd_server, tmp_path, person, base=person)[0] == 32, "old one still works"


def test_nobody_reads_or_compares_or_finds_a_hash(
    slapd_server: SlapdServer, person: str, tmp_path: Path
) -> None:
    for account in (*ACCOUNTS, "phonebook", person, ""):
        for attributes in (("userPassword", "pwdHistory"), ("*", "+")):
            _, seen = ldapsearch(slapd_server, tmp_path, account, "(objectClass=*)", *attributes)
            names = {name.lower() for _, entry in seen for name in entry}
            assert not names & {"userpassword", "pwdhistory"}, account
        for filter_ in ("(userPassword=*)", "(userPassword={ARGON2}*)", "(pwdHistory=*)"):
            assert ldapsearch(slapd_server, tmp_path, account, filter_)[1] == [], account


def test_the_sign_in_account_writes_nothing(slapd_server: SlapdServer, person: str) -> None:
    for account in ("idp", "operator", "phonebook"):
        gateway = slapd_server.gateway(account)
        for attribute in ("telephoneNumber", "userPassword", "dmStatus", "title"):
            with pytest.raises(Forbidden) as refused:
                gateway.modify(person, [Change("replace", attribute, ("active",))])
            assert refused.value.code == "ldap.forbidden"


def test_the_credentials_account_writes_only_its_few_attributes(
    slapd_server: SlapdServer, person: str
) -> None:
    gateway = slapd_server.gateway("idp-cred")
    for attribute, value in (
        ("telephoneNumber", "0274 1"),
        ("preferredLanguage", "en"),
        ("dmIntent", "7"),
        ("userPassword", hash_password(PASSWORD)),
    ):
        assert gateway.modify(person, [Change("replace", attribute, (value,))])
    for attribute, value in (
        ("dmStatus", "left"),
        ("uid", "other"),
        ("mail", "x@binhduong.gov.vn"),
        ("dmMailAddress", "x@binhduong.gov.vn"),
        ("title", "Giám đốc"),
        ("pwdEndTime", "20991231000000Z"),
    ):
        with pytest.raises(Forbidden):
            gateway.modify(person, [Change("replace", attribute, (value,))])
    slapd_server.gateway().modify(
        person, [Change("replace", "telephoneNumber", ("0274 382 2825",))]
    )


def test_who_waits_for_a_password_is_made_active_and_nothing_else(
    slapd_server: SlapdServer, person: str
) -> None:
    gateway, catalogue = slapd_server.gateway("idp-cred"), slapd_server.gateway()
    catalogue.modify(person, [Change("replace", "dmStatus", ("pending",))])
    with pytest.raises(Forbidden):
        gateway.modify(person, [Change("replace", "title", ("Giám đốc",))])
    active = [Change("replace", "dmStatus", ("active",))]
    assert gateway.modify(person, [*active, Change("replace", "dmMailState", ("active",))])
    catalogue.modify(person, [Change("replace", "dmStatus", ("suspended",))])
    with pytest.raises(Forbidden):
        gateway.modify(person, active)
    catalogue.modify(person, active)


def test_the_credentials_account_takes_over_no_application(slapd_server: SlapdServer) -> None:
    """Whoever gets into the sign-in process must not become an LDAP application, or make one."""
    gateway, password = slapd_server.gateway("idp-cred"), hash_password(PASSWORD)
    for account in ("phonebook", "decoy", *ACCOUNTS):
        for operation in ("add", "replace"):
            with pytest.raises(Forbidden):
                gateway.modify(
                    account_dn(account, SUFFIX), [Change(operation, "userPassword", (password,))]
                )
    for tree in ("services", "people", "policies", "groups", "agencies"):
        with pytest.raises(Forbidden):
            gateway.add(
                f"cn=evil,ou={tree},{SUFFIX}",
                {
                    "objectClass": ["organizationalRole", "simpleSecurityObject"],
                    "cn": ["evil"],
                    "userPassword": [password],
                },
            )
    # The administrators of the catalogue still give applications their passwords.
    dn = account_dn("so-dien-thoai", SUFFIX)
    slapd_server.gateway().add(
        dn,
        {
            "objectClass": ["organizationalRole", "simpleSecurityObject"],
            "cn": ["so-dien-thoai"],
            "userPassword": [password],
        },
    )
    assert Gateway([slapd_server.uri], dn, PASSWORD).read(f"ou=people,{SUFFIX}", ["ou"])
    slapd_server.gateway().delete(dn)


def test_the_credentials_account_keeps_app_passwords(slapd_server: SlapdServer) -> None:
    gateway, device = slapd_server.gateway("idp-cred"), new_id()
    dn = f"dmId={device},ou=devices,{SUFFIX}"
    gateway.add(
        dn,
        {
            "objectClass": ["device", "dmDevice"],
            "dmId": [device],
            "cn": ["điện thoại"],
            "dmOwner": ["p"],
            "userPassword": [hash_password("abcd-efgh")],
        },
    )
    found = gateway.read(dn)
    assert found is not None and found.one("cn") == "điện thoại"
    assert not found.all("userPassword")
    gateway.delete(dn)
    assert gateway.read(dn) is None


def test_the_catalogue_cannot_touch_our_own_accounts_or_policies(
    slapd_server: SlapdServer,
) -> None:
    gateway = slapd_server.gateway()
    for dn, change in (
        (account_dn("idp", SUFFIX), Change("replace", "userPassword", (hash_password("x"),))),
        (account_dn("operator", SUFFIX), Change("replace", "description", ("x",))),
        (f"cn=default,ou=policies,{SUFFIX}", Change("replace", "pwdMaxFailure", ("0",))),
    ):
        with pytest.raises(Forbidden):
            gateway.modify(dn, [change])
    with pytest.raises(Forbidden):
        gateway.delete(account_dn("idp", SUFFIX))


def test_wrong_passwords_do_not_lock_a_service_account(slapd_server: SlapdServer) -> None:
    dn = account_dn("idp", SUFFIX)
    for _ in range(32):
        stranger = Gateway([slapd_server.uri], dn, "wrong")
        with pytest.raises(Unavailable):
            stranger.read(SUFFIX)
    assert slapd_server.gateway("idp").read(SUFFIX) is not None
