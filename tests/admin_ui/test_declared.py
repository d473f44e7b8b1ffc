"""``danhmuc apply`` and ``danhmuc export``: what a file declares is done once, and shown first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from admin_ui.components import REGISTRATION, VOCABULARY
from admin_ui.operations.declared import document
from admin_ui.operations.declared.applying import SECTIONS, apply_plan, begin, plan_file
from directory.actor import Actor
from directory.audit.reading import list_events
from directory.errors import Invalid
from directory.installation import Installation
from idp.applications.handles import ApplicationsFor
from sync.engine.connectors import list_feeding
from tests.support.command_line import CommandLine, danhmuc
from tests.support.installation import opened

__all__ = ["danhmuc"]

_ALL = """
danhmuc: 1
agencies:
# The unit comes before what it lies in, and has no code.
- {name: Văn phòng, kind: unit, parent: TNMT}
- code: TNMT
  name: Sở Tài nguyên và Môi trường
  type: department
  precedence: 70
- {code: '012', name: No, parent: TNMT, kind: unit}
applications:
- client_id: dat-dai
  name: Quản lý đất đai
  owner: TNMT
  use: internal
  access: agencies
  agencies: [TNMT]
  connection:
    redirect_uris: [https://dat.tnmt.vn/cb]
- client_id: to-ban-do
  name: Tờ bản đồ
  owner: TNMT
  contact: 0274 1
codes:
- {list: field, code: DD, name: Đất đai}
positions:
- {agency: TNMT, unit: Văn phòng, name: Văn thư}
- {agency: TNMT, name: Giám đốc}
roles:
- {role: 'dat-dai:nhap', title: Nhập liệu, excludes: [duyet], by_field: may}
- {role: 'dat-dai:duyet', title: Duyệt, title_en: Approver, days: 90}
connectors:
- connector: dat-dai
  application: dat-dai
  target: {kind: scim, url: https://dat.tnmt.vn/scim}
  scope: {agencies: [TNMT]}
  accounts: {userName: username}
policies:
- {rule: 'network:noi-bo', days: 7}
- {rule: 'role:dat-dai:duyet', days: 30}
- {rule: 'device:dat-dai', days: 7}
- {network: noi-bo, ranges: [10.12.0.0/16]}
grants:
- role: dat-dai:nhap
  position: {agency: TNMT, unit: Văn phòng, name: Văn thư}
  in: TNMT
  field: DD
  reason: QĐ 12/QĐ-TNMT
"""


@pytest.fixture
def store(danhmuc: CommandLine) -> Iterator[Installation]:
    with opened(danhmuc.settings) as installation:
        yield installation


def applied(danhmuc: CommandLine, text: str, *options: str) -> Any:
    return danhmuc.json("apply", "-", *options, stdin=text)


def actions(document: Any) -> dict[str, int]:
    return {name: document[name] for name in ("create", "change", "remove") if document[name]}


def declared(*lines: str) -> str:
    return "\n".join(("danhmuc: 1", *lines))


@pytest.fixture(scope="module")
def made(danhmuc: CommandLine) -> Any:
    """The whole file, applied once."""
    return applied(danhmuc, _ALL)


def test_a_plan_is_shown_and_does_nothing(danhmuc: CommandLine) -> None:
    plan = applied(danhmuc, _ALL.replace("TNMT", "TNKH"), "--dry-run")
    assert (plan["done"], plan["create"]) == (False, 16)
    assert {s["section"] for s in plan["steps"]} == {part.SECTION for part in SECTIONS}
    assert "TNKH" not in danhmuc.run("agency", "list").stdout


@pytest.mark.both_engines
def test_everything_a_file_names_is_made_and_a_second_run_changes_nothing(
    danhmuc: CommandLine, made: Any, store: Installation
) -> None:
    assert (made["done"], actions(made)) == (True, {"create": 16})
    (secret,) = made["secrets"]
    assert secret["client_id"] == "dat-dai" and len(secret["client_secret"]) > 30
    assert danhmuc.json("agency", "show", "012")["name"] == "No"
    roles = {role["name"]: role for role in danhmuc.json("role", "list")["roles"]}
    assert roles["nhap"]["excludes"] == ["duyet"]
    shown = danhmuc.json("client", "show", "dat-dai")
    assert (shown["owner"], shown["sharing"], shown["agencies"]) == ("TNMT", "internal", ["TNMT"])
    (position,) = [
        p for p in danhmuc.json("position", "list", "--agency", "TNMT")["positions"] if p["unit"]
    ]
    assert position["roles"] == ["dat-dai:nhap"]
    before = _count_events(store)
    again = applied(danhmuc, _ALL)
    assert actions(again) == {} and again["same"] == 16 and again["secrets"] == []
    assert _count_events(store) == before


def _count_events(store: Installation) -> int:
    with store.database.read() as tx:
        return len(list_events(tx, limit=1000))


def test_a_file_from_windows_is_read_all_the_same(danhmuc: CommandLine, made: Any) -> None:
    for raw in (
        b"\xef\xbb\xbf" + _ALL.replace("\n", "\r\n").encode(),
        _ALL.encode("utf-16"),
    ):
        again = danhmuc.json("apply", "-", stdin=raw)
        assert (actions(again), again["same"]) == ({}, made["create"])


def test_what_is_exported_is_the_same_when_it_is_applied(danhmuc: CommandLine, made: Any) -> None:
    whole = danhmuc.run("export").stdout
    plan = applied(danhmuc, whole, "--dry-run")
    assert actions(plan) == {} and plan["same"] > made["create"]
    secret = made["secrets"][0]["client_secret"]
    assert secret not in whole and "dm-" not in whole
    part = danhmuc.run("export", "--agency", "TNMT").stdout
    assert "code: '012'" in part and "SYT" not in part
    assert "dat-dai:nhap" in part and "codes:" not in part and "policies:" not in part
    assert danhmuc.json("export")["yaml"] == whole


def test_what_a_screen_changed_is_shown_and_undone(danhmuc: CommandLine, made: Any) -> None:
    text = danhmuc.run("export", "--agency", "TNMT").stdout
    danhmuc.json("role", "add", "dat-dai:duyet", "--title", "Phê duyệt", "--needs-approval")
    danhmuc.json("client", "update", "dat-dai", "--redirect-uri", "https://khac.tnmt.vn/cb")
    danhmuc.json("client", "update", "dat-dai", "--description", "Khác")
    plan = applied(danhmuc, text, "--dry-run")
    assert actions(plan) == {"change": 2}
    changes = {
        (step["name"], c["field"]): (c["before"], c["after"])
        for step in plan["steps"]
        for c in step["changes"]
    }
    assert changes == {
        ("dat-dai:duyet", "title"): ("Phê duyệt", "Duyệt"),
        ("dat-dai:duyet", "needs_approval"): ("true", "false"),
        ("dat-dai", "redirect_uris"): ("https://khac.tnmt.vn/cb", "https://dat.tnmt.vn/cb"),
    }
    # What the file does not name stays.
    applied(danhmuc, text)
    assert danhmuc.json("client", "show", "dat-dai")["description"] == "Khác"
    assert actions(applied(danhmuc, text, "--dry-run")) == {}


def test_what_is_to_be_absent_is_closed_disabled_and_taken_back(danhmuc: CommandLine) -> None:
    applied(
        danhmuc,
        declared(
            "applications:",
            "- {client_id: cu, name: Cũ, connection: {redirect_uris: [https://cu.vn/cb]}}",
            "- {client_id: cu2, name: Cũ 2}",
            "positions: [{agency: SYT, name: Tạm}]",
            "codes: [{list: field, code: CU, name: Cũ}]",
            "roles: [{role: 'cu:xem', title: Xem}]",
            "grants: [{role: 'cu:xem', person: bsmai, in: SYT, reason: thử}]",
        ),
    )
    text = declared(
        "grants: [{role: 'cu:xem', person: bsmai, in: SYT, absent: true, reason: thôi}]",
        "positions: [{agency: SYT, name: Tạm, absent: true, reason: thôi}]",
        "codes: [{list: field, code: CU, absent: true}]",
        "applications:",
        "- {client_id: cu, absent: true, reason: thôi}",
        "- {client_id: cu2, absent: true, reason: thôi}",
    )
    assert actions(applied(danhmuc, text)) == {"remove": 5}
    assert actions(applied(danhmuc, text)) == {}
    assert danhmuc.json("client", "show", "cu")["disabled_at"] is not None
    assert danhmuc.json("grant", "list", "--application", "cu")["grants"] == []
    # Disabled stays disabled, until a file says otherwise.
    named = "applications: [{client_id: cu, name: Cũ}]"
    assert actions(applied(danhmuc, declared(named))) == {}
    back = declared("applications: [{client_id: cu, absent: false, reason: dùng lại}]")
    assert actions(applied(danhmuc, back)) == {"change": 1}
    assert danhmuc.json("client", "show", "cu")["disabled_at"] is None


_CONNECTOR = """
- connector: van-ban
  application: van-ban-2
  target: {kind: scim, url: https://van-ban.vn/scim}
  accounts:
    userName: username
  limits: {per_second: 5}
"""


@pytest.fixture(scope="module")
def kept(danhmuc: CommandLine) -> None:
    """An application with a connector, both of a file."""
    app = (
        "applications:\n- {client_id: van-ban-2, name: Văn bản, owner: SYT, use: internal,"
        " connection: {redirect_uris: ['https://van-ban.vn/cb']}}"
    )
    applied(danhmuc, declared(app, "connectors:", _CONNECTOR))


@pytest.mark.both_engines
def test_a_connector_is_set_up_paused_and_without_a_token(
    danhmuc: CommandLine, kept: None, store: Installation
) -> None:
    text = declared("connectors:", _CONNECTOR.replace("van-ban\n", "van-ban-b\n"))
    (step,) = applied(danhmuc, text, "--dry-run")["steps"]
    assert step["action"] == "create" and step["note"].startswith("paused, without a token")
    (row,) = danhmuc.json("connector", "status", "van-ban")
    assert row["paused_at"] is not None
    shown = danhmuc.json("connector", "show", "van-ban")
    assert (shown["application"], shown["has_token"]) == ("van-ban-2", False)
    with store.database.read() as tx:
        (put,) = list_events(tx, kind="connector.put", subject="client:van-ban-2", limit=1)
    assert put.fields["target"] == "https://van-ban.vn/scim"


def test_a_connector_is_changed_where_a_file_says_otherwise(
    danhmuc: CommandLine, kept: None, tmp_path: Path
) -> None:
    text = danhmuc.run("export", "--agency", "SYT").stdout
    assert "connector: van-ban" in text and "connector: dat-dai" not in text
    by_hand = tmp_path / "van-ban.yaml"
    by_hand.write_text(
        "# by hand\nconnector: van-ban\napplication: van-ban-2\nleavers: delete\n"
        "target: {kind: scim, url: https://van-ban.vn/scim}\n"
        "accounts: {userName: username, displayName: full_name}\n"
    )
    danhmuc.json(
        "connector", "add", str(by_hand), "--replace", "--token-stdin", stdin="bi-mat-cua-dich"
    )
    (step,) = applied(danhmuc, text, "--dry-run")["steps"]
    assert (step["section"], step["action"]) == ("connectors", "change")
    assert {c["field"]: (c["before"], c["after"]) for c in step["changes"]} == {
        "accounts.displayName": ("full_name", None),
        "leavers": ("delete", None),
        "limits.per_second": (None, "5"),
    }
    applied(danhmuc, text)
    assert actions(applied(danhmuc, text)) == {}
    assert danhmuc.json("connector", "show", "van-ban")["has_token"]
    whole = danhmuc.run("export").stdout
    assert "bi-mat-cua-dich" not in whole and actions(applied(danhmuc, whole)) == {}
    # The token goes to no other host than it was entered for.
    elsewhere = declared("connectors:", _CONNECTOR.replace("van-ban.vn", "khac.vn"))
    refused = danhmuc.refused("apply", "-", stdin=elsewhere)
    assert "Refused in line 4" in refused and "another host" in refused


def test_a_connector_that_is_to_be_absent_is_paused(danhmuc: CommandLine, kept: None) -> None:
    def is_paused() -> bool:
        (row,) = danhmuc.json("connector", "status", "van-ban")
        return row["paused_at"] is not None

    danhmuc.json("connector", "resume", "van-ban")
    applied(danhmuc, declared("connectors:", _CONNECTOR))
    assert not is_paused()
    gone = declared("connectors: [{connector: van-ban, absent: true}]")
    assert actions(applied(danhmuc, gone)) == {"remove": 1} and is_paused()
    assert actions(applied(danhmuc, gone)) == {}
    assert actions(applied(danhmuc, gone.replace("van-ban", "khong-co"))) == {}
    text = danhmuc.run("export").stdout
    assert actions(applied(danhmuc, text)) == {}
    danhmuc.json("connector", "resume", "van-ban")
    assert actions(applied(danhmuc, text, "--dry-run")) == {"remove": 1}
    back = declared("connectors: [{connector: van-ban, absent: false}]")
    assert "danhmuc connector resume van-ban" in danhmuc.refused("apply", "-", stdin=back)


def test_no_connector_is_set_up_where_the_rest_is_refused(danhmuc: CommandLine, kept: None) -> None:
    text = declared(
        "connectors:",
        _CONNECTOR.replace("van-ban\n", "van-ban-c\n"),
        "positions: [{agency: SYT, name: Thủ kho}]",
        "roles: [{role: 'van-ban-2:xem', title: Xem}]",
        "grants:",
        "- {role: 'van-ban-2:xem', position: {agency: SYT, name: Thủ kho}, in: SYT, reason: QĐ,"
        " until: 2001-01-01}",
    )
    refused = danhmuc.refused("apply", "-", stdin=text)
    line = 1 + text[: text.index("- {role: 'van-ban-2:xem', pos")].count("\n")
    assert refused.startswith(f"Line {line}: ") and "Stopped: 0 things" in refused
    assert danhmuc.run("connector", "show", "van-ban-c").returncode == 1


def test_what_somebody_changed_since_the_plan_is_not_written_over(
    danhmuc: CommandLine, kept: None, store: Installation
) -> None:
    text = declared("connectors:", _CONNECTOR.replace("per_second: 5", "per_second: 6"))
    actor = Actor("os", "root")
    register = ApplicationsFor(store, actor, VOCABULARY, REGISTRATION, list_feeding)
    with store.database.read() as tx:
        plan = plan_file(begin(tx, store, REGISTRATION, register), text.encode())
    applied(danhmuc, declared("connectors:", _CONNECTOR.replace("per_second: 5", "per_second: 7")))
    with pytest.raises(Invalid) as stopped:
        apply_plan(store, actor, plan)
    assert "changed the definition" in str(stopped.value.params["why"])
    assert "per_second: '7'" in danhmuc.json("connector", "show", "van-ban")["definition"]
    applied(danhmuc, declared("connectors:", _CONNECTOR))


@pytest.mark.both_engines
def test_rules_of_two_factors_are_as_a_file_says(
    danhmuc: CommandLine, made: Any, store: Installation
) -> None:
    def policy() -> tuple[dict[str, int], dict[str, list[str]]]:
        shown = danhmuc.json("mfa", "policy", "show")
        rules = {f"{rule['kind']}:{rule['target']}": rule["days"] for rule in shown["rules"]}
        return rules, {zone["name"]: zone["ranges"] for zone in shown["networks"]}

    as_declared = (
        {"device:dat-dai": 7, "network:noi-bo": 7, "role:dat-dai:duyet": 30},
        {"noi-bo": ["10.12.0.0/16"]},
    )
    assert policy() == as_declared
    text = danhmuc.run("export").stdout
    danhmuc.json("mfa", "policy", "set", "network:noi-bo", "--days", "8")
    danhmuc.json("mfa", "policy", "network", "noi-bo", "10.13.0.0/16")
    danhmuc.json("mfa", "policy", "remove", "device:dat-dai")
    danhmuc.json("mfa", "policy", "set", "everybody", "--days", "9")
    plan = applied(danhmuc, text, "--dry-run")
    assert actions(plan) == {"create": 1, "change": 2}
    assert [
        (step["name"], c["field"], c["before"], c["after"])
        for step in plan["steps"]
        for c in step["changes"]
    ] == [
        ("network noi-bo", "ranges", "10.13.0.0/16", "10.12.0.0/16"),
        ("network:noi-bo", "days", "8", "7"),
    ]
    # What the file does not name stays: also the rule for everybody.
    applied(danhmuc, text)
    assert policy() == ({**as_declared[0], "everybody:None": 9}, as_declared[1])
    with store.database.read() as tx:
        told = list_events(tx, kind="factor_rule.set", limit=2)
    assert {each.fields["sort"] for each in told} == {"device", "network"}
    # A network goes with the rule that names it, in whatever order the file names them.
    gone = declared(
        "policies:",
        "- {network: noi-bo, absent: true}",
        "- {rule: 'network:noi-bo', absent: true}",
        "- {rule: everybody, absent: true}",
        "- {rule: 'network:outside', absent: true}",
    )
    assert actions(applied(danhmuc, gone)) == {"remove": 3}
    assert actions(applied(danhmuc, gone)) == {}
    assert policy() == ({"device:dat-dai": 7, "role:dat-dai:duyet": 30}, {})
    applied(danhmuc, text)
    assert policy() == as_declared


def test_a_network_stays_while_a_rule_names_it(danhmuc: CommandLine, made: Any) -> None:
    gone = declared("policies:", "- {rule: everybody}", "- {network: noi-bo, absent: true}")
    refused = danhmuc.refused("apply", "-", stdin=gone)
    assert refused.startswith("Line 4: A rule names this network")
    rules = danhmuc.json("mfa", "policy", "show")["rules"]
    assert "everybody" not in {rule["kind"] for rule in rules}


def test_an_ldap_application_is_given_an_account_once(danhmuc: CommandLine) -> None:
    one = "{client_id: may-in, name: Máy in, ldap: true, absent: false, reason: x}"
    plain = declared("applications: [{client_id: may-in, name: Máy in}]")
    applied(danhmuc, plain)
    done = applied(danhmuc, declared(f"applications: [{one}]"))
    (secret,) = done["secrets"]
    assert actions(done) == {"change": 1} and secret["client_id"] == "may-in"
    shown = danhmuc.json("client", "ldap", "show", "may-in")
    assert shown["bind_dn"].startswith("cn=may-in,ou=applications,")
    whole = danhmuc.run("export").stdout
    assert "ldap: true" in whole and secret["client_secret"] not in whole
    assert actions(applied(danhmuc, whole, "--dry-run")) == {}
    done = applied(danhmuc, declared("applications: [{client_id: m2, name: Máy 2, ldap: true}]"))
    assert actions(done) == {"create": 1} and len(done["secrets"]) == 1
    away = declared("applications: [{client_id: m2, ldap: false}]")
    assert "LDAP" in danhmuc.refused("apply", "-", "--yes", stdin=away)
    gone = declared("applications: [{client_id: m2, absent: true, reason: thôi}]")
    assert actions(applied(danhmuc, gone)) == {"remove": 1}
    assert danhmuc.json("client", "ldap", "show", "m2")["disabled"]


def test_a_retired_role_is_told_and_stays_retired(danhmuc: CommandLine) -> None:
    applied(
        danhmuc,
        declared(
            "applications: [{client_id: kho, name: Kho}]",
            "roles: [{role: 'kho:xem', title: Xem}, {role: 'kho:nhap', title: Nhập}]",
            "grants: [{role: 'kho:xem', person: bsmai, in: SYT, reason: thử}]",
        ),
    )
    danhmuc.run("role", "retire", "kho:xem", "--reason", "thôi")
    somebody = ("--username", "lvkho", "--full-name", "Lê Văn Kho", "--agency", "SYT")
    danhmuc.run("person", "add", *somebody)
    exported = danhmuc.run("export").stdout
    row = next(each for each in yaml.safe_load(exported)["roles"] if each["role"] == "kho:xem")
    assert row["absent"] is True
    assert actions(applied(danhmuc, exported)) == {}
    # Declared anew elsewhere: with whoever holds it, and nobody else.
    elsewhere = exported.replace("kho", "kho-2")
    applied(danhmuc, elsewhere)
    assert actions(applied(danhmuc, elsewhere)) == {}
    assert len(danhmuc.json("grant", "list", "--application", "kho-2")["grants"]) == 1
    more = "grants: [{role: 'kho-2:xem', person: lvkho, in: SYT, reason: thử}]"
    refused = danhmuc.run("apply", "-", stdin=declared(more))
    assert refused.returncode == 1 and "retired" in refused.stderr
    # What somebody restored since is shown, and retired again, with a reason.
    danhmuc.run("role", "restore", "kho:xem", "--reason", "dùng lại")
    named = "roles: [{role: 'kho:xem', absent: true, reason: thôi hẳn}]"
    (step,) = applied(danhmuc, declared(named), "--dry-run")["steps"]
    assert (step["action"], step["changes"]) == (
        "remove", [{"field": "absent", "before": "false", "after": "true"}]
    )  # fmt: skip
    unsaid = declared("roles: [{role: 'kho:xem', absent: true}]")
    assert danhmuc.run("apply", "-", stdin=unsaid).returncode == 1
    assert actions(applied(danhmuc, declared(named))) == {"remove": 1}
    # A file that does not say so leaves it retired; one that does restores it, and gives it.
    assert actions(applied(danhmuc, declared("roles: [{role: 'kho:xem', title: Xem}]"))) == {}
    back = declared(
        "roles: [{role: 'kho:xem', absent: false, reason: cần}]",
        "grants: [{role: 'kho:xem', person: lvkho, in: SYT, reason: thử}]",
    )
    assert actions(applied(danhmuc, back)) == {"change": 1, "create": 1}
    assert actions(applied(danhmuc, back)) == {}
    missing = declared("roles: [{role: 'kho:cu', absent: true}]")
    assert actions(applied(danhmuc, missing)) == {}


def test_a_grant_goes_on_until_another_day(danhmuc: CommandLine, made: Any) -> None:
    def text(until: str) -> str:
        return declared(
            "grants:",
            f"- {{role: 'dat-dai:duyet', position: {{agency: TNMT, name: Giám đốc}}, in: TNMT,"
            f" until: {until}, reason: QĐ 3}}",
        )

    assert actions(applied(danhmuc, text("2099-01-01"))) == {"create": 1}
    assert actions(applied(danhmuc, text("2099-01-01"))) == {}
    assert actions(applied(danhmuc, text("none"))) == {"change": 1}
    grants = danhmuc.json("grant", "list", "--role", "dat-dai:duyet")["grants"]
    assert [grant["end"] for grant in grants] == [None]


def test_what_wants_a_second_person_waits_and_is_asked_once(danhmuc: CommandLine) -> None:
    text = declared(
        "applications: [{client_id: mat, name: Mật}]",
        "roles: [{role: 'mat:doc', title: Đọc, needs_approval: true}]",
        "grants: [{role: 'mat:doc', person: bsmai, in: SYT, reason: QĐ 9}]",
    )
    first = applied(danhmuc, text)
    assert first["waiting"] == ["mat:doc, bsmai, SYT"]
    second = applied(danhmuc, text)
    assert (actions(second), second["waiting"]) == ({}, ["mat:doc, bsmai, SYT"])
    assert len(danhmuc.json("request", "list", "--state", "all")["requests"]) == 1


def test_the_file_is_told_once_in_the_log(danhmuc: CommandLine, store: Installation) -> None:
    applied(danhmuc, declared("positions: [{agency: SYT, name: Kế toán}]"))
    with store.database.read() as tx:
        (told,) = list_events(tx, kind="file.applied", limit=1)
    assert (told.fields["create"], len(told.fields["sha256"])) == (1, 64)


@pytest.mark.both_engines
def test_all_of_it_is_done_or_nothing(danhmuc: CommandLine, made: Any) -> None:
    text = declared(
        "positions: [{agency: TNMT, name: Trưởng phòng}]",
        "grants:",
        "- {role: 'dat-dai:duyet', position: {agency: TNMT, name: Trưởng phòng}, in: TNMT,"
        " reason: QĐ}",
        "- role: dat-dai:duyet",
        "  position: {agency: TNMT, unit: Văn phòng, name: Văn thư}",
        "  in: TNMT",
        "  reason: QĐ",
    )
    refused = danhmuc.refused("apply", "-", stdin=text)
    assert refused.startswith("Line 5: ") and "Stopped: 0 things" in refused
    names = [p["name"] for p in danhmuc.json("position", "list", "--agency", "TNMT")["positions"]]
    assert "Trưởng phòng" not in names


WRONG = (
    ("", "Line 1: the file must begin with “danhmuc: 1”"),
    ("[]", "Line 1: the file must begin"),
    ("danhmuc: 2", "Line 1: the file must begin"),
    ("danhmuc: 1\npeople: []", "Line 2: there is no “people” here"),
    ("danhmuc: 1\ndanhmuc: 1", "Line 2: “danhmuc” stands in line 1"),
    ("danhmuc: 1\nroles: 5", "Line 2: “roles” must be a list"),
    ("danhmuc: 1\nroles: [5]", "Line 2: “roles” must be lines of"),
    ("danhmuc: 1\nroles: [{}]", "Line 2: “role” is missing"),
    ("danhmuc: 1\nroles:\n- role: kho:x\n  days: dài", "Line 4: “days” must be a whole number"),
    ("danhmuc: 1\nroles:\n- role: a:x\n  endless: 'no'", "Line 4: “endless” must be true or false"),
    ("danhmuc: 1\nroles:\n- role: a:x\n  given_by: ai", "Line 4: “given_by” is one of: agency"),
    ("danhmuc: 1\nroles: [{role: 'khong-co:x', title: X}]", "Line 2: there is no application"),
    ("danhmuc: 1\nroles: [{role: 'danh-muc:x', title: X}]", "“danh-muc:x” is our own"),
    ("danhmuc: 1\nagencies: [{code: SYT, absent: true}]", "cannot be removed by a file"),
    ("danhmuc: 1\nagencies: [{code: Z, name: Z, parent: KHONG}]", "no agency or unit “KHONG”"),
    (
        "danhmuc: 1\nagencies: [{code: Y1, name: a, parent: Y2}, {code: Y2, name: b, parent: Y1}]",
        "Line 2: there is no agency or unit “Y2”",
    ),
    ("danhmuc: 1\npositions: [{agency: SYT, name: X}, {agency: SYT, name: X}]", "stands in line 2"),
    ("danhmuc: 1\ngrants: [{role: 'kho:xem', in: SYT, reason: x}]", "name exactly one of person"),
    (
        "danhmuc: 1\ngrants: [{role: 'kho:xem', person: ai, in: SYT, reason: x}]",
        "Line 2: there is no person “ai”",
    ),
    (
        "danhmuc: 1\ngrants: [{role: 'k:x', person: bsmai, in: SYT}]",
        "Line 2: say the reason",
    ),
    ("danhmuc: 1\napplications: [{client_id: danh-muc, name: X}]", "is our own"),
    (
        "danhmuc: 1\napplications:\n- client_id: x1\n  name: X\n  connection: {redirect_uris: [x]}",
        "Refused in line 3: ",
    ),
    (
        "danhmuc: 1\napplications:\n- {client_id: x2, name: X, contact: a, connection: {}}",
        "“contact” is said in the connection",
    ),
    ("danhmuc: 1\nconnectors:\n- connector: k1", "line 3, column 1: 'application' is missing"),
    (
        "danhmuc: 1\nconnectors:\n- connector: k1\n  application: khong-co\n"
        "  target: {kind: scim, url: 'https://x.vn'}\n  accounts: {userName: username}",
        "Line 3: there is no application “khong-co”",
    ),
    (
        "danhmuc: 1\nconnectors:\n- connector: k1\n  application: danh-muc\n"
        "  target: {kind: scim, url: 'https://x.vn'}\n  accounts:\n    userName: usrname",
        "The definition is wrong in line 7, column 15: userName: ",
    ),
    ("danhmuc: 1\nconnectors:\n- connector: k1\n  token: x", "Line 4: there is no “token” here"),
    ("danhmuc: 1\npolicies: [{days: 3}]", "Line 2: name exactly one of rule and network"),
    ("danhmuc: 1\npolicies: [{rule: ai}]", "Line 2: “ai” is no rule. Write everybody, role:"),
    ("danhmuc: 1\npolicies: [{rule: everybody, ranges: [a]}]", "there is no “ranges” here"),
    ("danhmuc: 1\npolicies:\n- {rule: everybody, days: 91}", "Refused in line 3: Enter a number"),
    ("danhmuc: 1\npolicies: [{rule: 'device:danh-muc', days: 2}]", "always wants two factors"),
    ("danhmuc: 1\npolicies: [{rule: 'role:k:x'}]", "Line 2: there is no role “k:x”"),
    ("danhmuc: 1\npolicies: [{rule: 'network:k'}]", "Line 2: there is no network “k”"),
    ("danhmuc: 1\npolicies: [{rule: 'device:k', days: 1}]", "there is no application “k”"),
    ("danhmuc: 1\npolicies: [{network: kho}]", "Line 2: “ranges” is missing"),
    ("danhmuc: 1\npolicies: [{network: kho, ranges: [10.0.0]}]", "Refused in line 2: Enter 1 to"),
    ("danhmuc: 1\na: &x [1]\nb: *x", "Line 2: anchors and aliases"),
    ("danhmuc: 1\nroles:\n\t- x", "Line 3: this is no YAML"),
    ("danhmuc: 1\nroles: " + "[" * 50 + "]" * 50, "Line 2: nested too deeply"),
    ("danhmuc: 1\nroles: [{role: !!python/object:os.system x}]", "Line 2: "),
    ("danhmuc: 1\n? [a]\n: b", "must be lines of"),
    ("danhmuc: 1\nx: \x00", "this is no YAML"),
)


@pytest.mark.parametrize(("text", "sentence"), WRONG, ids=[str(n) for n in range(len(WRONG))])
def test_what_is_wrong_is_said_with_its_line(
    danhmuc: CommandLine, text: str, sentence: str
) -> None:
    done = danhmuc.run("apply", "-", stdin=text)
    assert done.returncode == 1 and done.stdout == ""
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_everything_wrong_is_said_at_once(danhmuc: CommandLine) -> None:
    text = declared("roles:", "- {role: 'a:b', days: x}", "- {title: y}", "what: 1")
    told = danhmuc.run("apply", "-", stdin=text).stderr.splitlines()
    assert [line.partition(":")[0] for line in told] == ["Line 3", "Line 4", "Line 5"]


def test_no_more_is_read_than_is_looked_at(
    danhmuc: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document, "MOST_MB", 0)
    assert "larger than 0 MB" in danhmuc.refused("apply", "-", stdin=declared("roles: []"))


def test_bytes_that_are_no_text_are_said(danhmuc: CommandLine) -> None:
    done = danhmuc.run("apply", "-", stdin=b"danhmuc: 1\nroles: \xff\xfe\xfa")
    assert done.returncode == 1 and "this is no YAML" in done.stderr
