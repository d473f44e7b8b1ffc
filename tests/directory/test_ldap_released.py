"""What the account of an application sees: what is released to it, of whoever may enter it, asked
with OpenLDAP's own client."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from directory.ids import new_id
from directory.ldap.base_entries import service_policy_dn
from directory.ldap.entries import Change
from directory.ldap.ldif import read_records
from directory.ldap.passwords import hash_password
from directory.ldap.released import EVERYBODY, READERS_CLASS, RELEASED, readers_dn
from directory.release.attributes import ATTRIBUTES
from tests.support.slapd import SUFFIX, SlapdServer

pytestmark = pytest.mark.without_sql

PEOPLE = f"ou=people,{SUFFIX}"
ALWAYS = {"objectClass", "dmId"}
FACTS = {
    "displayName": "Nguyễn Văn An",
    "dmMiddleName": "Văn",
    "dmSearchKey": "nguyen van an",
    "mail": "an.nv@binhduong.gov.vn",
    "telephoneNumber": "0274 382 2825",
    "employeeType": "CIVIL_SERVANT",
    "o": "Sở Nội vụ",
    "ou": "Văn phòng",
    "title": "Văn thư",
    "departmentNumber": "SNV",
    "dmAcademicTitle": "ThS",
    "preferredLanguage": "vi",
}


Found = tuple[int, Sequence[tuple[str, dict[str, list[str]]]]]


@dataclass(frozen=True)
class Application:
    """An account under ``ou=applications`` of a running slapd."""

    server: SlapdServer
    dn: str
    password: str
    folder: Path

    def search(
        self, *arguments: str, base: str = PEOPLE
    ) -> tuple[int, Sequence[tuple[str, dict[str, list[str]]]]]:
        """Exit status and entries."""
        secret = self.folder / "secret"
        secret.write_text(self.password)
        command = ["ldapsearch", "-LLL", "-x", "-o", "ldif-wrap=no", "-H", self.server.uri]
        command += ["-D", self.dn, "-y", str(secret), "-b", base, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, read_records(done.stdout)

    def found(self, filter_: str) -> bool:
        return self.search(filter_, "1.1")[1] != []

    def seen(self, filter_: str = "(objectClass=inetOrgPerson)") -> set[str]:
        """The attributes of the one entry that it finds."""
        ((_, attributes),) = self.search(filter_, "*", "+")[1]
        return set(attributes)

    def put(self, **attributes: Sequence[str]) -> None:
        changes = [Change("replace", name, tuple(values)) for name, values in attributes.items()]
        self.server.gateway().modify(self.dn, changes)

    def release(self, *names: str) -> None:
        """Release these and nothing else to it."""
        self._list(
            {RELEASED[name].readers for name in names}, {r.readers for r in RELEASED.values()}
        )

    def see_everybody(self) -> None:
        self._list({EVERYBODY}, {EVERYBODY})

    def _list(self, wanted: set[str], among: set[str]) -> None:
        """It stands among the readers in the `wanted` attributes, of those `among`."""
        gateway, dn = self.server.gateway(), readers_dn(SUFFIX)
        found = gateway.read(dn)
        if found is None:
            kept = {"objectClass": ["organizationalRole", READERS_CLASS], "cn": ["releases"]}
            gateway.add(dn, {**kept, "dmId": [new_id()]})
        for name in among:
            others = tuple(each for each in (found.all(name) if found else ()) if each != self.dn)
            readers = (*others, self.dn) if name in wanted else others
            gateway.modify(dn, [Change("replace", name, readers)])


def add_application(
    server: SlapdServer, folder: Path, *, releases: Sequence[str], open_to: Sequence[str]
) -> Application:
    name, password = new_id(), "mot mat khau cua ung dung"
    dn = f"cn={name},ou=applications,{SUFFIX}"
    server.gateway().add(
        dn,
        {
            "objectClass": ["organizationalRole", "simpleSecurityObject", "dmApplication"],
            "cn": [name],
            "dmId": [name],
            "dmStatus": ["active"],
            "dmOpenTo": list(open_to),
            "userPassword": [hash_password(password)],
            "pwdPolicySubentry": [service_policy_dn(SUFFIX)],
        },
    )
    made = Application(server, dn, password, folder)
    made.release(*releases)
    return made


@pytest.fixture
def person(slapd_server: SlapdServer) -> str:
    """Somebody of an agency of their own, whom no other test of this slapd is open to."""
    own = {"dmAgency": new_id(), "employeeNumber": new_id()}
    return slapd_server.add_person(f"an.{new_id()[:8]}", **FACTS, **own)


def agency_of(server: SlapdServer, dn: str) -> str:
    entry = server.gateway().read(dn)
    assert entry is not None
    return entry.one("dmAgency")


def test_each_attribute_is_read_and_found_by_where_it_is_released_and_nowhere_else(
    slapd_server: SlapdServer, person: str, tmp_path: Path
) -> None:
    theirs = slapd_server.gateway().read(person)
    assert theirs is not None
    agency = theirs.one("dmAgency")
    app = add_application(slapd_server, tmp_path, releases=(), open_to=[agency])
    assert app.seen() == ALWAYS
    questions = {
        name: f"({readable.attributes[0]}={theirs.one(readable.attributes[0])})"
        for name, readable in RELEASED.items()
    }
    questions |= {"hidden": "(dmStatus=active)", "key": "(cn=*nguyen van an*)"}
    for name, readable in RELEASED.items():
        app.release(name)
        assert app.seen() == {*ALWAYS, *readable.attributes}, name
        found = {each for each, question in questions.items() if app.found(question)}
        assert found - {"key"} == {name}
        assert ("key" in found) == (name == "full_name")
    app.release(*RELEASED)
    assert app.seen() == {*ALWAYS, *(a for every in RELEASED.values() for a in every.attributes)}
    other = add_application(slapd_server, tmp_path, releases=("mail",), open_to=[agency])
    assert other.seen() == {*ALWAYS, "mail"}
    app.release()
    assert (app.seen(), other.seen()) == (ALWAYS, {*ALWAYS, "mail"})


def test_what_may_be_released_has_its_attributes(slapd_server: SlapdServer) -> None:
    assert set(RELEASED) == set(ATTRIBUTES) - {"roles"}


def test_only_people_who_may_enter_are_there(slapd_server: SlapdServer, tmp_path: Path) -> None:
    here, there = new_id(), new_id()
    one, two = (slapd_server.add_person(f"a.{new_id()[:8]}", dmAgency=a) for a in (here, there))
    both = slapd_server.add_person(f"b.{new_id()[:8]}", dmAgency=here)
    slapd_server.gateway().modify(both, [Change("replace", "dmAgency", (here, there))])
    none = slapd_server.add_person(f"c.{new_id()[:8]}")
    app = add_application(slapd_server, tmp_path, releases=["username"], open_to=[here])

    def shown() -> set[str]:
        found = {dn for dn, _ in app.search("(uid=*)", "1.1")[1]}
        return found & {one, two, both, none}

    assert shown() == {one, both}
    assert app.search(base=two)[1] == []
    app.put(dmOpenTo=[here, there])
    assert shown() == {one, two, both}
    app.put(dmOpenTo=[none.partition(",")[0].removeprefix("dmId=")])
    assert shown() == {none}
    app.put(dmOpenTo=())
    assert shown() == set()
    app.see_everybody()
    assert shown() == {one, two, both, none}


@pytest.mark.parametrize("status", ["pending", "suspended", "left"])
def test_who_is_not_active_is_not_there(
    slapd_server: SlapdServer, person: str, tmp_path: Path, status: str
) -> None:
    agency = agency_of(slapd_server, person)
    app = add_application(slapd_server, tmp_path, releases=["username"], open_to=[agency])
    assert app.found("(uid=an.*)")
    slapd_server.gateway().modify(person, [Change("replace", "dmStatus", (status,))])
    assert not app.found("(uid=an.*)")


def test_it_asks_about_nobody_it_does_not_see_and_reads_nothing_else(
    slapd_server: SlapdServer, person: str, tmp_path: Path
) -> None:
    agency = agency_of(slapd_server, person)
    app = add_application(slapd_server, tmp_path, releases=list(RELEASED), open_to=[agency])
    bound = ["-x", "-H", slapd_server.uri, "-D", app.dn, "-w", app.password]
    for dn in (person, slapd_server.add_person(f"d.{new_id()[:8]}")):
        done = subprocess.run(
            ["ldapcompare", *bound, dn, "cn:Nguyễn Văn An"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "TRUE" not in done.stdout + done.stderr
        assert "FALSE" not in done.stdout + done.stderr
    for tree in ("services", "applications", "policies", "devices", "agencies", "groups"):
        assert app.search(base=f"ou={tree},{SUFFIX}")[1] == [], tree
    assert app.search(base="cn=config")[1] == []
    wanted = f"dn: {app.dn}\nchangetype: modify\nreplace: dmOpenTo\ndmOpenTo: {new_id()}\n"
    done = subprocess.run(
        ["ldapmodify", *bound], input=wanted, text=True, capture_output=True, check=False
    )
    assert done.returncode == 50  # insufficientAccessRights
    done = subprocess.run(
        ["ldappasswd", *bound, "-s", "x"], text=True, capture_output=True, check=False
    )
    assert done.returncode != 0
    assert app.search(base=readers_dn(SUFFIX))[1] == []


def test_a_disabled_one_proves_itself_no_more(
    slapd_server: SlapdServer, person: str, tmp_path: Path
) -> None:
    agency = agency_of(slapd_server, person)
    app = add_application(slapd_server, tmp_path, releases=["mail"], open_to=[agency])
    assert app.search()[0] == 0
    app.put(dmStatus=["disabled"])
    assert app.search()[0] == 49
    app.put(dmStatus=["active"])
    assert app.search()[0] == 0


def test_a_new_password_takes_the_place_of_the_old_one(
    slapd_server: SlapdServer, tmp_path: Path
) -> None:
    app = add_application(slapd_server, tmp_path, releases=[], open_to=[])
    new = Application(slapd_server, app.dn, "mot mat khau moi", tmp_path)
    app.put(userPassword=[hash_password(new.password)])
    assert (app.search()[0], new.search()[0]) == (49, 0)
