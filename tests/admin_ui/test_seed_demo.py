"""Accounts, applications and grants of the demo fit each other and the people."""

from admin_ui.operations.seed.demo import (
    JOB_ACCOUNTS,
    demo_accounts,
    demo_applications,
    demo_grants,
)
from admin_ui.operations.seed.people import people
from admin_ui.operations.seed.structure import province_structure
from directory.authz.permissions import ADMIN_ROLES


def test_the_four_accounts_are_the_first_people() -> None:
    accounts = demo_accounts()
    assert [account.person.username for account in accounts] == [
        "vanthu.stttt",
        "lanhdao.stttt",
        "chuyenvien.stttt",
        "quantri.stttt",
    ]
    assert [account.person for account in accounts] == list(people(500))[:4]
    for account in accounts:
        assert account.person.posts[0].agency_key == "STTTT"
        assert account.person.status == "active"
        assert account.note_vi and account.note_en


def test_accounts_show_both_being_let_in_and_being_refused() -> None:
    roles = {a.person.username: set(a.roles) for a in demo_accounts()}
    assert roles["vanthu.stttt"] == {
        ("quan-ly-van-ban", "van_thu"),
        ("mot-cua-dien-tu", "tiep_nhan"),
    }
    assert roles["lanhdao.stttt"] == {("quan-ly-van-ban", "lanh_dao")}
    assert roles["chuyenvien.stttt"] == {
        ("quan-ly-van-ban", "chuyen_vien"),
        ("mot-cua-dien-tu", "thu_ly"),
    }
    assert not any(app == "mot-cua-dien-tu" for app, _ in roles["quantri.stttt"])


def test_applications_and_their_roles() -> None:
    documents, one_stop = demo_applications()
    assert (documents.client_id, documents.name) == ("quan-ly-van-ban", "Quản lý văn bản (mẫu)")
    assert (one_stop.client_id, one_stop.name) == ("mot-cua-dien-tu", "Một cửa điện tử (mẫu)")
    assert (documents.access, one_stop.access) == ("everyone", "roles")
    assert [role.role for role in documents.roles] == ["van_thu", "lanh_dao", "chuyen_vien"]
    assert [role.role for role in one_stop.roles] == ["tiep_nhan", "thu_ly", "giam_sat"]


def test_everything_granted_is_declared() -> None:
    declared = {(app.client_id, role.role) for app in demo_applications() for role in app.roles}
    by_name = {role for account in demo_accounts() for role in account.roles}
    by_position = {(grant.application, grant.role) for grant in demo_grants()}
    assert by_name - declared == {("danh-muc", "agency_admin")}
    assert by_position == declared


def test_positions_granted_exist_and_every_role_has_holders_in_other_agencies() -> None:
    units = {record.key: record for record in province_structure()}
    held = {(post.unit_key, post.title) for p in people(500) for post in p.posts}
    grants = demo_grants()
    assert len(set(grants)) == len(grants)
    holders: dict[str, set[str]] = {}
    for grant in grants:
        assert units[grant.place_key].agency_key == grant.agency_key != "STTTT"
        if (grant.place_key, grant.title) in held:
            holders.setdefault(grant.role, set()).add(grant.agency_key)
    assert all(len(agencies) >= 8 for agencies in holders.values()), holders
    assert len(holders) == 6


def test_clerks_and_leaders_of_the_twelve_agencies_really_hold_their_roles() -> None:
    held = {(post.unit_key, post.title) for p in people(500) for post in p.posts}
    for grant in demo_grants():
        if grant.role in ("van_thu", "lanh_dao", "tiep_nhan", "giam_sat"):
            assert (grant.place_key, grant.title) in held, grant


def test_grants_follow_a_smaller_province() -> None:
    part = province_structure(5)
    keys = {record.key for record in part}
    grants = demo_grants(part)
    assert grants and {grant.place_key for grant in grants} <= keys


def test_there_is_one_account_of_each_job_and_two_of_the_privileged_ones() -> None:
    """And the names of jobs are those that grants were made with."""
    jobs = [each.role for each in JOB_ACCOUNTS]
    jobs += [name for each in demo_accounts() for app, name in each.roles if app == "danh-muc"]
    assert sorted(jobs) == [
        "agency_admin",
        "auditor",
        "help_desk",
        "hr_officer",
        "inspector",
        "it_executive",
        "province_operator",
        "province_operator",
        "security_officer",
        "security_officer",
        "unit_coordinator",
    ]
    assert set(jobs) == set(ADMIN_ROLES)
