"""Configuration: defaults, and every problem at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from directory.settings import ConfigurationProblems, read_settings

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
        ("DANHMUC_PORT", "65530"),
        ("DANHMUC_PORT", "٨٤٠٠"),
        ("DANHMUC_SQLITE_SYNCHRONOUS", "OFF"),
    ],
)
def test_a_bad_value_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigurationProblems, match=name):
        read_settings({name: value})


def test_variables_of_others_are_none_of_our_business() -> None:
    assert read_settings({"PATH": "/bin", "LANG": "vi_VN"}).port == 8400


def test_every_setting_is_documented() -> None:
    root = Path(__file__).parents[2]
    code = (root / "directory" / "settings.py").read_text()
    names = set(re.findall(r'reader\.\w+\(\s*"([A-Z_]+)"', code))
    documented = set(
        re.findall(
            r"^\| `DANHMUC_([A-Z_]+)`", (root / "docs/reference/settings.md").read_text(), re.M
        )
    )
    assert len(names) > 10
    assert names == documented
