"""Configuration: defaults, and every problem at once."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from directory.declared_settings import SETTINGS
from directory.settings import ConfigurationProblems, Settings, read_settings

pytestmark = pytest.mark.without_sql


def test_an_empty_environment_is_a_working_embedded_installation(tmp_path: Path) -> None:
    settings = read_settings({"DANHMUC_STATE": str(tmp_path)})
    assert settings.issuer == "http://localhost:8400"
    assert settings.database_url == f"sqlite:///{tmp_path}/danhmuc.db"
    assert settings.embedded_ldap
    assert not settings.tls
    assert settings.document_url == "http://127.0.0.2:8404"
    assert settings.one_stop_url == "http://127.0.0.3:8405"
    assert not settings.demo


def test_all_problems_are_reported_together() -> None:
    with pytest.raises(ConfigurationProblems) as caught:
        read_settings(
            {
                "DANHMUC_PORT": "eighty",
                "DANHMUC_ISSUER": "http://example.vn/",
                "DANHMUC_LDAP_URI": "ldap://ldap.example.vn",
                "DANHMUC_OUTBOUND_ALLOW": "10.0.0.0/8",
                "DANHMUC_ISUER": "https://typo.vn",
            }
        )
    told = "\n".join(caught.value.problems)
    for name in ("PORT", "ISSUER", "LDAP_URI", "OUTBOUND_ALLOW", "ISUER is not a setting"):
        assert name in told
    assert len(caught.value.problems) == 5


def test_the_highest_port_leaves_room_for_the_others(tmp_path: Path) -> None:
    settings = read_settings({"DANHMUC_STATE": str(tmp_path), "DANHMUC_PORT": "65523"})
    assert settings.port + 12 == 65535


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DANHMUC_ISSUER", "http://idp.example.vn"),
        ("DANHMUC_ISSUER", "https://idp.example.vn/path"),
        ("DANHMUC_ISSUER", "javascript:alert(1)"),
        ("DANHMUC_DATABASE_URL", "mysql://x"),
        ("DANHMUC_LDAP_SUFFIX", "binhduong"),
        ("DANHMUC_TRUSTED_PROXIES", "proxy.example.vn"),
        ("DANHMUC_OUTBOUND_ALLOW", "10.0.0.0/8:0"),
        ("DANHMUC_PORT", "65524"),
        ("DANHMUC_PORT", "٨٤٠٠"),
        ("DANHMUC_SQLITE_SYNCHRONOUS", "OFF"),
        ("DANHMUC_ISSUER", "https://user:pw@idp.example.vn"),
        ("DANHMUC_ISSUER", "https://user@idp.example.vn"),
        ("DANHMUC_ISSUER", "https://idp.example.vn:0"),
        ("DANHMUC_ISSUER", "https://idp.example.vn:65536"),
        ("DANHMUC_ISSUER", "https://idp.example.vn:"),
        ("DANHMUC_ISSUER", "https://idp.example.vn:443"),
        ("DANHMUC_ISSUER", "https://idp.example.vn:x"),
        ("DANHMUC_ISSUER", "http://localhost:80"),
        ("DANHMUC_ISSUER", "https://a b"),
        ("DANHMUC_ISSUER", "https://a\tb.vn"),
        ("DANHMUC_ISSUER", "https://IdP.example.vn"),
        ("DANHMUC_ISSUER", "HTTPS://idp.example.vn"),
        ("DANHMUC_ISSUER", "https://đăng-nhập.vn"),
        ("DANHMUC_ISSUER", "https://idp..vn"),
        ("DANHMUC_ISSUER", "https://idp_x.vn"),
        ("DANHMUC_ISSUER", "https://-idp.vn"),
        ("DANHMUC_ISSUER", "https://idp.example.vn."),
        ("DANHMUC_ISSUER", "https://[::1"),
        ("DANHMUC_ISSUER", "https://idp.example.vn?"),
        ("DANHMUC_ISSUER", "https://idp.example.vn#"),
        ("DANHMUC_ISSUER", "https://" + "a" * 64 + ".vn"),
        ("DANHMUC_CONSOLE_URL", "https://user:pw@console.example.vn"),
        ("DANHMUC_CONSOLE_URL", "https://Console.example.vn"),
        ("DANHMUC_DATABASE_URL", "postgresql+psycopg://u:geheim@10.0.0.5/db"),
        ("DANHMUC_DATABASE_URL", "postgresql+psycopg://u:geheim@db.example.vn/db?sslmode=require"),
        ("DANHMUC_DATABASE_URL", "postgresql+psycopg://u:geheim@db/db?sslmode=verify-ca"),
        ("DANHMUC_DATABASE_URL", "postgresql+psycopg://u:geheim@127.0.0.1,db/db"),
        ("DANHMUC_DATABASE_URL", "postgresql+psycopg://u:geheim@/db?host=/run&host=db"),
        ("DANHMUC_DATABASE_URL", "postgresql+psycopg://u:geheim@localhost/db?hostaddr=10.0.0.5"),
        ("DANHMUC_DATABASE_URL", "postgresql+psycopg:///db?service=province"),
        ("DANHMUC_DATABASE_URL", "postgresql+psycopg://u:geheim@h:port/db"),
        ("DANHMUC_DATABASE_URL", "postgresql://u:geheim@localhost/db"),
        ("DANHMUC_DATABASE_URL", "sqlite://"),
        ("DANHMUC_DATABASE_URL", "sqlite:///:memory:"),
        ("DANHMUC_DATABASE_URL", "sqlite:///relative.db"),
        ("DANHMUC_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("DANHMUC_TRUSTED_PROXIES", "::/0"),
        ("DANHMUC_TRUSTED_PROXIES", "10.0.0.1 0.0.0.0/1"),
        ("DANHMUC_TRUSTED_PROXIES", "2000::/3"),
        ("DANHMUC_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("DANHMUC_MAIL_DOMAIN", "@binhduong.gov.vn"),
        ("DANHMUC_MAIL_DOMAIN", "Binhduong.gov.vn"),
        ("DANHMUC_MAIL_DOMAIN", "a b.vn"),
        ("DANHMUC_STATE", "/tmp/two\nlines"),
        ("DANHMUC_anything", "x"),
    ],
)
def test_a_bad_value_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigurationProblems, match=name):
        read_settings({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DANHMUC_ISSUER", "https://dangnhap.example.gov.vn"),
        ("DANHMUC_ISSUER", "https://dangnhap.example.gov.vn:8443"),
        ("DANHMUC_ISSUER", "https://xn--ng-nhp-pta8q.vn"),
        ("DANHMUC_ISSUER", "https://10.1.2.3"),
        ("DANHMUC_ISSUER", "https://[2001:db8::1]:8443"),
        ("DANHMUC_ISSUER", "http://localhost:8400"),
        ("DANHMUC_ISSUER", "http://[::1]:8400"),
        ("DANHMUC_DATABASE_URL", "postgresql+psycopg://u@localhost/db"),
        ("DANHMUC_DATABASE_URL", "postgresql+psycopg://u:pw@127.0.0.1:5433/db"),
        ("DANHMUC_DATABASE_URL", "postgresql+psycopg:///db?host=/run/postgresql"),
        ("DANHMUC_DATABASE_URL", "postgresql+psycopg://u@db,db2/db?sslmode=verify-full"),
        ("DANHMUC_DATABASE_URL", "sqlite:////var/lib/danhmuc/x.db"),
        ("DANHMUC_TRUSTED_PROXIES", "10.0.0.0/8 127.0.0.1, ::1 2001:db8::/32"),
        ("DANHMUC_STATE", '/tmp/Danh Mục tỉnh #1 "q" 100%20?x'),
    ],
)
def test_a_good_value_is_taken(name: str, value: str) -> None:
    read_settings({name: value})


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(ConfigurationProblems) as caught:
        read_settings({"DANHMUC_DATABASE_URL": "postgresql+psycopg://u:geheim@10.0.0.5/db"})
    assert "geheim" not in str(caught.value)
    assert "sslmode=verify-full" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "refused"),
    [
        ("DANHMUC_ISSUER", "https://dangnhap.example.gov.vn", True),
        ("DANHMUC_ISSUER", "https://192.168.1.5:8443", True),
        ("DANHMUC_CONSOLE_URL", "https://quantri.example.gov.vn", True),
        ("DANHMUC_ISSUER", "https://localhost:8400", False),
        ("DANHMUC_ISSUER", "http://127.0.0.1:8400", False),
    ],
)
def test_a_demo_stays_on_this_machine(tmp_path: Path, name: str, value: str, refused: bool) -> None:
    (tmp_path / "demo").touch()
    environ = {"DANHMUC_STATE": str(tmp_path), name: value}
    if not refused:
        read_settings(environ)
        return
    with pytest.raises(ConfigurationProblems, match=f"{name}=.*demo province") as caught:
        read_settings(environ)
    assert str(tmp_path) in str(caught.value)


def test_variables_of_others_are_none_of_our_business() -> None:
    assert read_settings({"PATH": "/bin", "LANG": "vi_VN"}).port == 8400


def test_every_declared_setting_is_read_into_its_field() -> None:
    code = (Path(__file__).parents[2] / "directory" / "settings.py").read_text()
    read = re.findall(r'(\w+)=(?:tuple\()?reader\.\w+\(\s*"([A-Z_]+)"', code)
    read += re.findall(r'^    (\w+) = reader\.\w+\("([A-Z_]+)"', code, re.M)
    assert sorted(read) == sorted((setting.field, setting.name) for setting in SETTINGS)


def test_fields_stand_in_the_order_of_the_declarations_and_hide_secrets() -> None:
    assert [(each.name, not each.repr) for each in fields(Settings)] == [
        (setting.field, setting.secret) for setting in SETTINGS
    ]


def test_a_declared_default_is_what_an_empty_environment_gives(tmp_path: Path) -> None:
    """Written out, it changes nothing: the page of settings says what really counts."""
    state = {"DANHMUC_STATE": str(tmp_path)}
    written = {each.variable: each.default for each in SETTINGS if each.name != "STATE"}
    assert read_settings(state | written) == read_settings(state)
