"""The configuration of a demo application: environment variables only, checked at start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

COOKIE_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


class ConfigurationProblems(Exception):
    """Everything that is wrong with the environment, told at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """What the application knows about itself and about its OpenID provider."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    database: Path
    base_url: str
    ca_file: Path | None
    session_name: str
    scim_token: str = field(repr=False)

    @property
    def is_https(self) -> bool:
        """Whether people reach this application over TLS (decides the cookie's protection)."""
        return self.base_url.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """The session cookie; `__Host-` pins it to this very host where TLS makes that possible."""
        return f"__Host-{self.session_name}" if self.is_https else self.session_name

    @property
    def keeps_accounts(self) -> bool:
        """Whether the application keeps accounts of its own, which the catalogue keeps in step."""
        return bool(self.scim_token)

    @property
    def redirect_uri(self) -> str:
        """Where the provider returns the browser to; must be registered exactly like this."""
        return f"{self.base_url}/callback"

    @property
    def post_logout_redirect_uri(self) -> str:
        """Where the provider returns the browser to after logout; registered exactly like this."""
        return f"{self.base_url}/"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the DEMO_* variables. Raises `ConfigurationProblems` with all problems together."""
    problems: list[str] = []
    client_id = _required(environ, "DEMO_CLIENT_ID", problems)
    settings = Settings(
        issuer=_url(environ, "DEMO_ISSUER", problems),
        client_id=client_id,
        client_secret=_secret(environ, "DEMO_CLIENT_SECRET_FILE", problems),
        database=Path(_required(environ, "DEMO_DATABASE", problems)),
        base_url=_url(environ, "DEMO_BASE_URL", problems).rstrip("/"),
        ca_file=_optional_file(environ, "DEMO_CA_FILE", problems),
        session_name=environ.get("DEMO_SESSION_NAME", "").strip() or f"{client_id}_session",
        scim_token=_optional_secret(environ, "DEMO_SCIM_TOKEN_FILE", problems),
    )
    if client_id and not COOKIE_NAME.fullmatch(settings.session_name):
        problems.append("DEMO_SESSION_NAME: letters, digits, '-' and '_' only, at most 40")
    if problems:
        raise ConfigurationProblems(problems)
    return settings


def _required(environ: Mapping[str, str], name: str, problems: list[str]) -> str:
    value = environ.get(name, "").strip()
    if not value:
        problems.append(f"{name} is not set")
    return value


def _url(environ: Mapping[str, str], name: str, problems: list[str]) -> str:
    value = _required(environ, name, problems)
    parts = urlsplit(value)
    is_absolute = parts.scheme in ("http", "https") and bool(parts.netloc)
    if value and (not is_absolute or parts.query or parts.fragment):
        problems.append(f"{name} must be an http(s) URL without query: {value}")
    return value


def _secret(environ: Mapping[str, str], name: str, problems: list[str]) -> str:
    file = _required(environ, name, problems)
    if not file:
        return ""
    try:
        secret = Path(file).read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError) as error:
        problems.append(f"{name} cannot be read: {error}")
        return ""
    if not secret:
        problems.append(f"{name} is empty: {file}")
    return secret


def _optional_secret(environ: Mapping[str, str], name: str, problems: list[str]) -> str:
    return _secret(environ, name, problems) if environ.get(name, "").strip() else ""


def _optional_file(environ: Mapping[str, str], name: str, problems: list[str]) -> Path | None:
    value = environ.get(name, "").strip()
    if not value:
        return None
    if not Path(value).is_file():
        problems.append(f"{name} is not a file: {value}")
    return Path(value)
