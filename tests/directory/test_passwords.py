"""What passwords are not taken: two hundred that people here would choose, and none of those that
are good."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from admin_ui.operations.seed.registration import _WORDS
from directory.errors import Invalid
from directory.passwords.checking import faults_of
from directory.passwords.lists import common
from directory.passwords.made_of import Owner, as_telex, is_personal
from directory.passwords.policy import PasswordPolicy, policy_of, told
from directory.people.credentials import check_password_policy
from directory.settings import Settings, read_settings

pytestmark = pytest.mark.without_sql

OWNER = Owner(
    "dungntt",
    (
        "Nguyễn Thị Thuỳ Dung", "Sở Thông tin và Truyền thông", "STTTT", "Phòng Bưu chính",
        "tỉnh Bình Dương", "binhduong.gov.vn",
    ),
)  # fmt: skip

BAD = """
123456 123456789 12345678 1234567890 987654321 111111111 000000000 88888888 66666666 12341234
123123123 112233445566 147258369 159753456 789456123 123qweasd 1q2w3e4r5t 1qaz2wsx3edc
q1w2e3r4t5y6 qwertyuiop qwerty123456 qwertyuiop123 asdfghjkl123 zxcvbnm123 asdasdasd qweqweqwe
abcdefghij abcdef123456 aaaaaaaaaaaa abc123abc123 a1b2c3d4e5 abcd1234 Abcd@1234 Abcd@123456
Abc@12345 Abc@123456789 Abc@2026 Abc123!@# Qwerty@123 Qwerty@123456 Qaz@123456 Aa@123456
Aa123456@ Aa12345678@ 1234@Abcd password password1 password123 Password@123 Password@2026
P@ssw0rd P@ssw0rd123 P@ssw0rd@2026 p@$$w0rd2026 passw0rd1234 Pa$$w0rd123! welcome123
Welcome@2026 Welcome@123 letmein123 iloveyou123 iloveyou@2026 ILoveYou1314 admin123456
Admin@123456 Admin@2026 administrator administrator1 adminadmin admin@admin123 root123456
user123456 test123456 Test@123456 guest12345 changeme123 default123 superman2026 monkey123456
dragon123456 football2026 princess123 sunshine2026 master123456 shadow123456 michael1990
jordan23232 liverpool2026 chelsea2026 barcelona10 ronaldo7777 messi101010 arsenal2026 matkhau123
matkhau123456 Matkhau@123 Matkhau@2026 MatKhau@123456 mậtkhẩu123 MậtKhẩu@2026 mat.khau.2026
matkhaumoi123 maatj_khaaur maatjkhaaur123 Maatjkhaaur@2026 matjkhaur2026 M4tkh4u@2026
matkhau!@#$ dangnhap123 Dangnhap@2026 ddawngnhaajp taikhoan123 quantri@2026 quantri123456
congchuc2026 Congchuc@123456 vienchuc2026 canbo@2026 vanthu@2026 vanphong@123456 uyban2026
uybannhandan123 UBND@2026 ubnd123456789 binhduong binhduong123 binhduong2026 Binhduong@2026
BinhDuong@123456 binhduong@1234 binh-duong-2026 BìnhDương@2026 bifnhduwowng tinhbinhduong2026
TỉnhBìnhDương@2026 sotttt@2026 STTTT@123456 sotttt123456789 Sothongtinvatruyenthong
SoThongTin@2026 buuchinh@2026 phongbuuchinh2026 binhduong.gov.vn binhduonggovvn2026
stttt-binhduong-2026 stttt.binhduong.gov.vn nguyenthithuydung NguyenThiThuyDung
nguyenthithuydung1990 thuydung1990 Thuydung@1990 ThuyDung@123456 dung.nguyen.1990
dungnguyen@2026 DungNguyen123 nguyễnthịthuỳdung nguyeenxthijthuyfdung thuyfdung1990 dungntt2026
dungntt@123456 Dungntt@2026 dungntt.stttt.2026 01011990dung dung15081990 15081990 19081945
02091945 30041975 20102026dung nguyen2026 nguyenvan123 tranthi123 levan123456 anhyeuem
anhyeuem123 anhyeuem2026 Anhyeuem@123 emyeuanh123 yeuem123456 yeuanhnhieu123 anhnhoem2026
anhyeeuem yeeuem1234 tinhyeu123456 conyeume123 conyeume2026 ConYeuMe@123 yeubome123456
bomeyeucon concungme2026 giadinh2026 giadinhtoi123 giadinhhanhphuc hanhphuc2026 maimaiyeuem
khongbiet123 khongbietdau quenmatkhau1 hoilamgi123 xinchao123456 camon123456 vietnam2026
Vietnam@123456 vietnamvodich VietnamVoDich2026 toiyeuvietnam123 hanoi123456 Hanoi@2026
saigon123456 danang2026 haiphong123456 hochiminh2026 bachothanyeu1 thanhcong2026 maymanphattai88
phattai6868 locphat686868 68686868 79797979 0909123456 0274123456789 0000000000000000
qwertyuiopasdfgh 123456789012345 1234567890qwertyuiop
""".split()  # noqa: SIM905

GOOD = (
    "chín con trâu trắng", "ba con ngựa trắng 7", "bốn con ngựa đen 88", "mot-mat-khau-du-dai-2013",
    "correct horse battery staple", "ghế tre cạnh giếng làng cũ", "mưa chiều trên phố nhỏ ấy",
    "xe đạp xanh của bà ngoại 52", "thuỷ tinh bay qua cổng chợ", "tám quả khế rơi xuống ao",
    "Vjz8-kQp2-9wLm-xR4t", "u8#Kd!pW0zQ^", "đom đóm mắc võng hiên nhà", "sen-lua-bien-Nui-4821",
    "Dung thích ăn bún riêu sáng thứ tư", "lịch treo tường năm ngoái rách góc",
)  # fmt: skip


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return read_settings({"DANHMUC_STATE": str(tmp_path_factory.mktemp("s"))})


def refusals(settings: Settings, password: str, policy: PasswordPolicy | None = None) -> set[str]:
    """Why it is not taken, where length is no question."""
    policy = policy or policy_of(settings, "person")
    return {each.code for each in faults_of(settings, policy, password, OWNER)}


def test_the_list_is_long() -> None:
    assert len(common(None)) > 20_000
    assert len(BAD) == len(set(BAD)) >= 200


@pytest.mark.parametrize("password", BAD)
def test_bad_ones_are_not_taken(settings: Settings, password: str) -> None:
    assert refusals(settings, password) & {"password.common", "password.personal"}


@pytest.mark.parametrize("password", GOOD)
def test_good_ones_are(settings: Settings, password: str) -> None:
    assert refusals(settings, password) == set()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("maatjkhaaur", "matkhau"), ("bifnhduwowng", "binhduong"), ("nguyeenx", "nguyen"),
     ("ddawngnhaajp", "dangnhap"), ("thuyr", "thuy"), ("tieengs", "tieng")],
)  # fmt: skip
def test_telex_is_read(typed: str, meant: str) -> None:
    assert as_telex(typed) == meant


def test_a_province_may_know_more(settings: Settings, tmp_path: Path) -> None:
    own = tmp_path / "rieng.txt"
    own.write_text("Tám quả khế rơi\nxuống ao\n", encoding="utf-8")
    more = replace(settings, password_list=own)
    assert refusals(more, "Tám quả khế rơi 2026") == {"password.common"}
    assert refusals(settings, "Tám quả khế rơi 2026") == set()


def test_what_a_demo_gives_is_taken(settings: Settings) -> None:
    for words in itertools.combinations(_WORDS, 4):
        assert not is_personal("-".join([*words, "4821"]), OWNER), words


def codes(settings: Settings, password: str, policy: PasswordPolicy, **more: bool) -> set[str]:
    try:
        check_password_policy(settings, password, OWNER, policy, **more)
    except Invalid as refused:
        return {each.code for each in (refused, *refused.also)}
    return set()


def test_how_long_it_is(settings: Settings) -> None:
    policy = policy_of(settings, "person")
    assert codes(settings, "u8#Kd!pW0zQ^xy", policy) == {"password.too_short"}
    assert codes(settings, "u8#Kd!pW0zQ^xyz", policy) == set()
    assert codes(settings, "u8#Kd!pW", policy, is_second_enforced=True) == set()
    assert codes(settings, "u8#Kd!p", policy, is_second_enforced=True) == {"password.too_short"}


def test_the_profile_of_the_standard(settings: Settings) -> None:
    held = replace(settings, password_profile="tcvn14423")
    people, administrators = (policy_of(held, kind) for kind in ("person", "administrator"))
    for without in ("ghế tre cạnh giếng làng 7!", "GHẾ TRE CẠNH GIẾNG 7!", "Ghế tre cạnh giếng!",
                    "Ghếtrecạnhgiếnglàng7"):  # fmt: skip
        assert codes(held, without, people) == {"password.classes"}, without
    assert codes(held, "Ghế tre cạnh giếng 7!", people) == set()
    assert (people.shortest, administrators.shortest) == (14, 14)
    said = [each.vi for each in told(administrators)]
    assert any("14 ký tự" in each for each in said)
    assert any("chữ hoa, chữ thường, chữ số và ký hiệu" in each for each in said)
    assert any("không hết hạn" in each.vi for each in told(people))
