"""Configuration: environment variables `DANHMUC_*`, read once, all problems reported together.

An unknown `DANHMUC_*` variable refuses to start: a misspelt setting must never be silently ignored.
`docs/reference/settings.md` lists them; a test keeps it complete.
"""

from __future__ import annotations

import codecs
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from directory import faults

_PREFIX = "DANHMUC_"
_MARKS = (codecs.BOM_UTF8[:2], codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class ConfigurationProblems(Exception):
    """Every problem found in the configuration, one sentence each, in `problems`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """What an installation is told from outside. Paths are absolute."""

    state: Path
    port: int
    issuer: str
    console_origin: str
    database_url: str = field(repr=False)  # may hold a password
    sqlite_synchronous: str
    ldap_uris: tuple[str, ...]
    ldap_bind_uris: tuple[str, ...]
    ldap_ca_file: Path | None
    suffix: str
    province: str
    mail_domain: str
    operator_name: str
    operator_phone: str
    oid_arc: str
    outbound_allow: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    log_level: str
    fault_point: str = ""

    @property
    def tls(self) -> bool:
        """Whether people reach us over https: decides cookie names, HSTS and demo URLs."""
        return self.issuer.startswith("https://")

    @property
    def embedded_ldap(self) -> bool:
        """Whether we run our own private slapd (no DANHMUC_LDAP_URI given)."""
        return not self.ldap_uris

    @property
    def demo(self) -> bool:
        """Whether this state folder holds the demo province (relaxes client registration rules)."""
        return (self.state / "demo").exists()

    @property
    def secrets_dir(self) -> Path:
        return self.state / "secrets"

    @property
    def keys_dir(self) -> Path:
        return self.state / "keys"

    @property
    def run_dir(self) -> Path:
        return self.state / "run"

    @property
    def logs_dir(self) -> Path:
        return self.state / "logs"

    @property
    def tls_dir(self) -> Path:
        return self.state / "tls"

    def _origin(self, host: str, offset: int) -> str:
        return f"{'https' if self.tls else 'http'}://{host}:{self.port + offset}"

    @property
    def console_url(self) -> str:
        """Where administrators reach the console: as configured, else beside the issuer."""
        return self.console_origin or self._origin("localhost", 1)

    @property
    def document_url(self) -> str:
        """The demo application "Quản lý văn bản (mẫu)"."""
        return self._origin("127.0.0.2", 4)

    @property
    def one_stop_url(self) -> str:
        """The demo application "Một cửa điện tử (mẫu)"."""
        return self._origin("127.0.0.3", 5)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from the environment. Raises `ConfigurationProblems` with every problem found."""
    reader = _Reader(environ)
    state = Path(reader.text("STATE", "./var")).absolute()
    port = reader.number("PORT", 8400, 1, 65529)
    settings = Settings(
        state=state,
        port=port,
        issuer=reader.checked("ISSUER", f"http://localhost:{port}", _issuer_problem),
        console_origin=reader.checked("CONSOLE_URL", "", _origin_problem),
        database_url=reader.checked("DATABASE_URL", f"sqlite:///{state}/danhmuc.db", _db_problem),
        sqlite_synchronous=reader.choice("SQLITE_SYNCHRONOUS", "FULL", ("FULL", "NORMAL")),
        ldap_uris=tuple(reader.words("LDAP_URI", _ldap_problem)),
        ldap_bind_uris=tuple(reader.words("LDAP_BIND_URI", _ldap_problem)),
        ldap_ca_file=reader.path("LDAP_CA_FILE"),
        suffix=reader.checked("LDAP_SUFFIX", "dc=binhduong,dc=gov,dc=vn", _suffix_problem),
        province=reader.text("PROVINCE", "tỉnh Bình Dương"),
        mail_domain=reader.text("MAIL_DOMAIN", "binhduong.gov.vn"),
        operator_name=reader.text("OPERATOR_NAME", "Sở Thông tin và Truyền thông"),
        operator_phone=reader.text("OPERATOR_PHONE", "0274 000 0000"),
        oid_arc=reader.checked("OID_ARC", "1.3.6.1.4.1.99999.77", _oid_problem),
        outbound_allow=tuple(reader.words("OUTBOUND_ALLOW", _allow_problem)),
        trusted_proxies=tuple(reader.words("TRUSTED_PROXIES", _address_problem)),
        log_level=reader.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
        fault_point=reader.checked("FAULT_POINT", "", lambda value: _fault_problem(value, state)),
    )
    reader.finish()
    return settings


class _Reader:
    """Reads variables by name, remembers which are known, collects problems."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known: set[str] = set()
        self._problems: list[str] = []

    def text(self, name: str, default: str) -> str:
        self._known.add(_PREFIX + name)
        return self._environ.get(_PREFIX + name, "").strip() or default

    def checked(self, name: str, default: str, problem: Callable[[str], str]) -> str:
        value = self.text(name, default)
        if complaint := problem(value):
            self._problems.append(f"{_PREFIX}{name}={value!r}: {complaint}")
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and low <= int(value) <= high:
            return int(value)
        self._problems.append(f"{_PREFIX}{name}={value!r}: must be a number from {low} to {high}")
        return default

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default).upper()
        if value not in allowed:
            self._problems.append(f"{_PREFIX}{name}={value!r}: must be one of {', '.join(allowed)}")
        return value

    def words(self, name: str, problem: Callable[[str], str]) -> list[str]:
        words = re.split(r"[\s,]+", self.text(name, ""))
        found = [word for word in words if word]
        for word in found:
            if complaint := problem(word):
                self._problems.append(f"{_PREFIX}{name}: {word!r} {complaint}")
        return found

    def path(self, name: str) -> Path | None:
        value = self.text(name, "")
        if not value:
            return None
        if not Path(value).is_file():
            self._problems.append(f"{_PREFIX}{name}={value!r}: there is no such file")
        elif Path(value).read_bytes()[:2] in _MARKS:
            # OpenSSL does not look behind one, and would say that the file holds no certificate.
            self._problems.append(
                f"{_PREFIX}{name}={value!r}: begins with a byte order mark; save it as plain ASCII"
            )
        return Path(value).absolute()

    def finish(self) -> None:
        for name in sorted(self._environ):
            if name.startswith(_PREFIX) and name not in self._known:
                self._problems.append(f"{name} is not a setting of Danh Mục; correct or remove it")
        if self._problems:
            raise ConfigurationProblems(self._problems)


def _origin_problem(value: str) -> str:
    return _issuer_problem(value) if value else ""


def _issuer_problem(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "must be an http or https URL"
    if parts.query or parts.fragment or parts.path:
        return "must have no path, query or fragment (and no trailing slash)"
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        return "plain http is accepted on localhost only; use https"
    return ""


def _db_problem(value: str) -> str:
    if value.startswith(("sqlite:///", "postgresql+psycopg://")):
        return ""
    return "must begin with sqlite:/// or postgresql+psycopg://"


def _ldap_problem(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme == "ldapi":
        return ""
    if parts.scheme == "ldap" and parts.hostname in ("127.0.0.1", "::1", "localhost"):
        return ""
    if parts.scheme == "ldaps" and parts.hostname:
        return ""
    return "must be ldaps://host (ldap:// is accepted on loopback only)"


def _suffix_problem(value: str) -> str:
    if re.fullmatch(r"dc=[a-z0-9-]+(,dc=[a-z0-9-]+)*", value):
        return ""
    return "must look like dc=binhduong,dc=gov,dc=vn"


def _oid_problem(value: str) -> str:
    return "" if re.fullmatch(r"[0-2](\.\d+)+", value) else "must be a dotted OID"


def _allow_problem(value: str) -> str:
    network, _, port = value.rpartition(":")
    try:
        ipaddress.ip_network(network.strip("[]"))
    except ValueError:
        return "must be CIDR:port, such as 10.1.2.0/24:443"
    return "" if port.isdigit() and 0 < int(port) < 65536 else "must end in a port from 1 to 65535"


def _fault_problem(value: str, state: Path) -> str:
    if not value:
        return ""
    if not (state / "demo").exists():
        return "a process may be told to die in a demo state only"
    return faults.problem_of(value)


def _address_problem(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        return "is not an IP address or CIDR"
    return ""
