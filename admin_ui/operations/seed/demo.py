"""What the demo shows beside people: accounts to sign in with, two applications, roles, grants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from admin_ui.operations.seed.establishment import OFFICER, RECORDS_CLERK
from admin_ui.operations.seed.named import DEMO_PEOPLE
from admin_ui.operations.seed.people import MAIL_DOMAIN, SEED, people
from admin_ui.operations.seed.records import (
    AgencySeed,
    ApplicationSeed,
    DemoAccount,
    GrantSeed,
    JobAccount,
    RoleSeed,
)
from admin_ui.operations.seed.structure import Body, province_bodies

DOCUMENTS = "quan-ly-van-ban"
ONE_STOP = "mot-cua-dien-tu"
CONSOLE = "danh-muc"  # the catalogue's own roles

_HOME = "STTTT"
_REASON = "Dữ liệu mẫu: vai trò theo vị trí việc làm"

# username: roles, why the account is there (vi, en)
_ACCOUNTS = {
    "vanthu.stttt": (
        ((DOCUMENTS, "van_thu"), (ONE_STOP, "tiep_nhan")),
        "Văn thư: vào sổ văn bản đến, tiếp nhận hồ sơ một cửa",
        "Records clerk: registers incoming documents, receives one-stop files",
    ),
    "lanhdao.stttt": (
        ((DOCUMENTS, "lanh_dao"),),
        "Lãnh đạo: giao xử lý văn bản; không được vào Một cửa điện tử",
        "Leader: assigns documents; may not enter the one-stop application",
    ),
    "chuyenvien.stttt": (
        ((DOCUMENTS, "chuyen_vien"), (ONE_STOP, "thu_ly")),
        "Chuyên viên: xử lý văn bản được giao, thụ lý hồ sơ một cửa",
        "Officer: handles assigned documents, settles one-stop files",
    ),
    "quantri.stttt": (
        ((CONSOLE, "agency_admin"),),
        "Quản trị đơn vị: quản lý người dùng và vai trò của Sở",
        "Agency administrator: manages the users and roles of the department",
    ),
}


# One of each job of administration beside `quantri.stttt`, two of the privileged ones: the second
# approves what the first asks for.
_OFFICER, _DEPUTY = "Chuyên viên", "Phó Giám đốc"
JOB_ACCOUNTS = (
    JobAccount(
        "daumoi.stttt",
        "Võ Thị Kim Ngân",
        "STTTT.BCVT",
        _OFFICER,
        "unit_coordinator",
        "STTTT",
        "Đầu mối đơn vị: xem người dùng của Sở",
    ),
    JobAccount(
        "hotro.stttt",
        "Đỗ Hữu Phước",
        "STTTT.CNTT",
        _OFFICER,
        "help_desk",
        "STTTT",
        "Hỗ trợ người dùng: đặt lại mật khẩu, gỡ tạm dừng",
    ),
    JobAccount(
        "tochuc.stttt",
        "Bùi Thị Lan Phương",
        "STTTT.VP",
        _OFFICER,
        "hr_officer",
        "STTTT",
        "Cán bộ tổ chức: hồ sơ người dùng của Sở",
    ),
    JobAccount(
        "cntt.stttt",
        "Huỳnh Quang Vinh",
        "STTTT.BGD",
        _DEPUTY,
        "it_executive",
        "STTTT",
        "Lãnh đạo phụ trách CNTT: xem người dùng, vai trò và nhật ký của Sở",
    ),
    JobAccount(
        "thanhtra.stttt",
        "Ngô Đức Thọ",
        "STTTT.VP",
        _OFFICER,
        "inspector",
        "STTTT",
        "Thanh tra, kiểm tra: chỉ xem, trong thời hạn",
    ),
    JobAccount(
        "giamsat.stttt",
        "Dương Thị Mỹ Linh",
        "STTTT.VP",
        _OFFICER,
        "auditor",
        "",
        "Giám sát nhật ký toàn tỉnh: chỉ xem",
    ),
    JobAccount(
        "hotro.stttt.qt",
        "Đỗ Hữu Phước",
        "STTTT.CNTT",
        _OFFICER,
        "security_officer",
        "",
        "An toàn thông tin toàn tỉnh: tài khoản quản trị",
        owner="hotro.stttt",
    ),
    JobAccount(
        "quantri.stttt.qt",
        "Phạm Thanh Tâm",
        "STTTT.CNTT",
        "Chuyên viên chính",
        "province_operator",
        "",
        "Vận hành cấp tỉnh: tài khoản quản trị",
        owner="quantri.stttt",
    ),
    JobAccount(
        "cntt.stttt.qt",
        "Huỳnh Quang Vinh",
        "STTTT.BGD",
        _DEPUTY,
        "province_operator",
        "",
        "Vận hành cấp tỉnh: tài khoản quản trị, người thứ hai phê duyệt",
        owner="cntt.stttt",
    ),
    JobAccount(
        "daumoi.stttt.qt",
        "Võ Thị Kim Ngân",
        "STTTT.BCVT",
        _OFFICER,
        "security_officer",
        "",
        "An toàn thông tin toàn tỉnh: tài khoản quản trị, người thứ hai",
        owner="daumoi.stttt",
    ),
)


def demo_accounts(*, seed: int = SEED, mail_domain: str = MAIL_DOMAIN) -> list[DemoAccount]:
    """The accounts one may sign in with. The same people are the first of `people`."""
    first = islice(people(len(DEMO_PEOPLE), seed=seed, mail_domain=mail_domain), len(DEMO_PEOPLE))
    accounts = []
    for person in first:
        roles, note_vi, note_en = _ACCOUNTS[person.username]
        accounts.append(DemoAccount(person, roles, note_vi, note_en))
    return accounts


def demo_applications() -> list[ApplicationSeed]:
    """The two demo applications: one open to everyone, one to holders of its roles only."""
    return [
        ApplicationSeed(
            client_id=DOCUMENTS,
            name="Quản lý văn bản (mẫu)",
            name_en="Document management (sample)",
            description_vi="Vào sổ văn bản đến và giao xử lý",
            description_en="Registers incoming documents and assigns them",
            access="everyone",
            owner_key=_HOME,
            roles=(
                RoleSeed("van_thu", "Văn thư", "Records clerk"),
                RoleSeed("lanh_dao", "Lãnh đạo", "Leader"),
                RoleSeed("chuyen_vien", "Chuyên viên", "Officer"),
            ),
        ),
        ApplicationSeed(
            client_id=ONE_STOP,
            name="Một cửa điện tử (mẫu)",
            name_en="One-stop desk (sample)",
            description_vi="Tiếp nhận và giải quyết hồ sơ một cửa",
            description_en="Receives and settles one-stop files",
            access="roles",
            owner_key=_HOME,
            roles=(
                RoleSeed("tiep_nhan", "Tiếp nhận hồ sơ", "Reception clerk"),
                RoleSeed("thu_ly", "Thụ lý hồ sơ", "Case handler"),
                RoleSeed("giam_sat", "Giám sát", "Supervisor"),
            ),
        ),
    ]


def demo_grants(structure: Sequence[AgencySeed] | None = None) -> list[GrantSeed]:
    """Roles that go with positions, in the agencies where the demo concentrates its people.

    Not in STTTT: there the demo accounts hold theirs by name, so that revoking one shows at once.
    """
    chosen = None if structure is None else {record.key for record in structure}
    return [
        grant
        for body in province_bodies()
        if body.concentrated and body.agency.key != _HOME
        if chosen is None or body.agency.key in chosen
        for grant in _grants_in(body)
    ]


def _grants_in(body: Body) -> Iterator[GrantSeed]:
    def grant(application: str, role: str, place_key: str, title: str) -> GrantSeed:
        return GrantSeed(application, role, place_key, title, body.agency.key, _REASON)

    yield grant(DOCUMENTS, "van_thu", body.office, RECORDS_CLERK)
    yield grant(DOCUMENTS, "lanh_dao", body.leaders, body.head)
    yield grant(DOCUMENTS, "lanh_dao", body.leaders, body.deputy)
    commune = body.agency.level == "commune"
    if body.one_stop:
        clerk = "Công chức tiếp nhận và trả kết quả" if commune else OFFICER
        yield grant(ONE_STOP, "tiep_nhan", body.one_stop, clerk)
        yield grant(ONE_STOP, "giam_sat", body.leaders, body.head)
    if commune:
        return
    for unit in body.units:
        if unit.type == "division":
            yield grant(DOCUMENTS, "chuyen_vien", unit.key, OFFICER)
            if body.one_stop:
                yield grant(ONE_STOP, "thu_ly", unit.key, OFFICER)
