"""A demo application says everything that is wrong with its environment before it serves."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from relying_party.settings import ConfigurationProblems, read_settings

DEMO = Path(__file__).resolve().parents[2] / "deploy" / "demo"


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationProblems) as refused:
        read_settings(
            {
                "DEMO_ISSUER": "localhost:8400",
                "DEMO_CLIENT_ID": "x",
                "DEMO_CLIENT_SECRET_FILE": str(tmp_path / "none"),
                "DEMO_CA_FILE": str(tmp_path / "none.pem"),
                "DEMO_SESSION_NAME": "a b;c",
            }
        )
    told = " ".join(refused.value.problems)
    for name in ("ISSUER", "CLIENT_SECRET_FILE", "DATABASE", "BASE_URL", "CA_FILE", "SESSION_NAME"):
        assert f"DEMO_{name}" in told


def test_the_secret_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("very-secret\n")
    settings = read_settings(
        {
            "DEMO_ISSUER": "http://localhost:8400",
            "DEMO_CLIENT_ID": "x",
            "DEMO_CLIENT_SECRET_FILE": str(tmp_path / "secret"),
            "DEMO_DATABASE": str(tmp_path / "x.db"),
            "DEMO_BASE_URL": "http://127.0.0.2:8404/",
        }
    )
    assert settings.client_secret == "very-secret" and "very-secret" not in repr(settings)
    assert settings.redirect_uri == "http://127.0.0.2:8404/callback"
    assert settings.cookie_name == "x_session"


def test_the_demo_imports_nothing_of_the_product() -> None:
    allowed = {*sys.stdlib_module_names, "authlib", "flask", "joserfc", "requests", "werkzeug"}
    allowed |= {
        "document",
        "one_stop",
        "pythonjsonlogger",
        "relying_party",
        "scim2_models",
        "scim2_server",
    }
    files = list(DEMO.rglob("*.py"))
    assert len(files) > 15
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0 and node.module
                names = [node.module]
            assert {name.split(".")[0] for name in names} <= allowed, f"{file}: {names}"
            if names and names[0].startswith(("document", "one_stop")):
                assert file.parent.name == names[0].split(".")[0], f"{file} reaches into a sibling"
