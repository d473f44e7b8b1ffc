"""Configuration: environment variables `DANHMUC_*`, read once, all problems reported together.

An unknown `DANHMUC_*` variable refuses to start: a misspelt setting must never be silently ignored.
Names, defaults and meanings are declared in `directory.declared_settings`.
"""

from __future__ import annotations

import codecs
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from directory import faults
from directory.declared_settings import BY_NAME, PREFIX, SETTINGS
from directory.errors import Invalid
from directory.identity import VARIABLES, Identity, find_identity, identity_problems
from directory.settings_file import FILE, SettingsFileProblems, read_settings_file
from directory.state_folder import folder_problems, is_begun

_MARKS = (codecs.BOM_UTF8[:2], codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# Those that the shipped proxy configurations take out of every request.
_CERTIFICATE_HEADERS = ("Client-Cert", "X-Client-Cert", "X-SSL-Client-Cert", "SSL-Client-Cert")
# The shortest prefix of a network of proxies: the largest private network has 8 bits (RFC 1918).
_WIDEST = {4: 8, 6: 32}


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
    proxy_certificate: Path | None
    suffix: str
    province: str
    mail_domain: str
    operator_name: str
    operator_phone: str
    oid_arc: str
    outbound_allow: tuple[str, ...]
    smtp_url: str
    smtp_user: str
    smtp_password: str = field(repr=False)
    smtp_from: str
    smtp_ca_file: Path | None
    sms_file: Path | None
    sms_beside_mail: str
    sms_per_person_hour: int
    sms_per_day: int
    recovery_mail_domains: tuple[str, ...]
    drop_folders: tuple[Path, ...]
    trusted_proxies: tuple[str, ...]
    certificate_url: str
    certificate_header: str
    export_quota: int
    slip_hours: int
    unused_days: int
    password_profile: str
    password_list: Path | None
    leaked_hashes: Path | None
    log_level: str
    fault_point: str = ""

    @property
    def tls(self) -> bool:
        """Whether people reach us over https: decides cookie names, HSTS and demo URLs."""
        return self.issuer.startswith("https://")

    @property
    def tells_people(self) -> bool:
        """Whether there is a way to tell people what happens: a mail server, or a gateway."""
        return bool(self.smtp_url or self.sms_file)

    @property
    def embedded_ldap(self) -> bool:
        """Whether we run our own private slapd (no DANHMUC_LDAP_URI given)."""
        return not self.ldap_uris

    @property
    def demo(self) -> bool:
        """Whether this state folder holds the demo province (relaxes client registration rules)."""
        return _is_demo(self.state)

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
    def machine_url(self) -> str:
        """Where HR systems and applications reach the machine interfaces."""
        return self._origin("localhost", 2)

    @property
    def document_url(self) -> str:
        """The demo application "Quản lý văn bản (mẫu)"."""
        return self._origin("127.0.0.2", 4)

    @property
    def one_stop_url(self) -> str:
        """The demo application "Một cửa điện tử (mẫu)"."""
        return self._origin("127.0.0.3", 5)


def sqlite_url(path: Path) -> str:
    """The address of an SQLite store, whatever letters its path is made of."""
    return f"sqlite:///{quote(str(path))}"


def read_settings(environ: Mapping[str, str], *, renaming: bool = False) -> Settings:
    """Settings from the environment, then from `settings.env` in the state folder, then from what
    the folder was built for. Raises `ConfigurationProblems` with every problem found.

    `renaming`: those parts of its identity that may change are let through.
    """
    reader = _Reader(environ)
    state = reader.folder("STATE")
    folder = folder_problems(state)
    if not folder:
        reader.remember(state)
    # The ports up to PORT+12 are ours: PORT+9 is the highest in use, the others are for what comes.
    port = reader.number("PORT", 1, 65535 - 12)
    mail_domain = reader.known("MAIL_DOMAIN", _domain_problem)
    settings = Settings(
        state=state,
        port=port,
        issuer=reader.known("ISSUER", _issuer_problem, default=f"http://localhost:{port}"),
        console_origin=reader.checked("CONSOLE_URL", _origin_problem),
        database_url=reader.checked(
            "DATABASE_URL", _database_problem, default=sqlite_url(state / "danhmuc.db")
        ),
        sqlite_synchronous=reader.choice("SQLITE_SYNCHRONOUS", ("FULL", "NORMAL")),
        ldap_uris=tuple(reader.words("LDAP_URI", _ldap_problem)),
        ldap_bind_uris=tuple(reader.words("LDAP_BIND_URI", _ldap_problem)),
        ldap_ca_file=reader.path("LDAP_CA_FILE"),
        proxy_certificate=reader.path("PROXY_CERTIFICATE"),
        suffix=reader.known("LDAP_SUFFIX", _suffix_problem),
        province=reader.known("PROVINCE"),
        mail_domain=mail_domain,
        operator_name=reader.text("OPERATOR_NAME"),
        operator_phone=reader.text("OPERATOR_PHONE"),
        oid_arc=reader.known("OID_ARC", _oid_problem),
        outbound_allow=tuple(reader.words("OUTBOUND_ALLOW", _allow_problem)),
        smtp_url=reader.checked("SMTP_URL", _smtp_problem),
        smtp_user=reader.text("SMTP_USER"),
        smtp_password=reader.text("SMTP_PASSWORD"),
        smtp_from=reader.checked(
            "SMTP_FROM", _sender_problem, default=f"khong-tra-loi@{mail_domain}"
        ),
        smtp_ca_file=reader.path("SMTP_CA_FILE"),
        sms_file=reader.path("SMS_FILE"),
        sms_per_person_hour=reader.number("SMS_PER_PERSON_HOUR", 1, 100),
        sms_per_day=reader.number("SMS_PER_DAY", 1, 1_000_000),
        sms_beside_mail=reader.choice("SMS_BESIDE_MAIL", ("NO", "SECURITY")).lower(),
        recovery_mail_domains=tuple(reader.words("RECOVERY_MAIL_DOMAINS", _domain_problem)),
        drop_folders=tuple(reader.folders("DROP_FOLDERS")),
        trusted_proxies=tuple(reader.words("TRUSTED_PROXIES", _proxies_problem)),
        certificate_url=reader.checked("CERTIFICATE_URL", _origin_problem),
        certificate_header=reader.checked("CERTIFICATE_HEADER", _header_problem),
        export_quota=reader.number("EXPORT_QUOTA", 0, 1_000_000),
        slip_hours=reader.number("SLIP_HOURS", 1, 336),
        unused_days=reader.number("UNUSED_DAYS", 0, 3650),
        password_profile=reader.choice("PASSWORD_PROFILE", ("DEFAULT", "TCVN14423")).lower(),
        password_list=reader.path("PASSWORD_LIST"),
        leaked_hashes=reader.path("LEAKED_HASHES"),
        log_level=reader.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR")),
        fault_point=reader.checked(
            "FAULT_POINT", lambda value: _fault_problem(value, not folder and _is_demo(state))
        ),
    )
    together = smtp_problems(settings) + certificate_problems(settings)
    reader.finish(
        *folder, *together, *([] if folder else place_problems(settings)), renaming=renaming
    )
    return settings


class _Reader:
    """Reads variables by their declared name, collects problems."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._state = Path()
        self._file: Mapping[str, str] = {}
        self._identity: Identity | None = None
        self._problems: list[str] = []

    def remember(self, state: Path) -> None:
        """From here on what the state folder says counts where the environment says nothing."""
        self._state = state
        try:
            # What an interrupted first start left is begun again: it is for nothing yet.
            self._identity = None if is_begun(state) else find_identity(state)
            self._file = read_settings_file(state)
        except SettingsFileProblems as problem:
            self._problems += problem.problems
        except Invalid as problem:
            self._problems.append(
                f"{problem.params['path']} is damaged: restore it from a backup of the state folder"
            )

    def given(self, name: str) -> str:
        """What somebody set, in the environment or in the file; empty when nobody did."""
        variable = BY_NAME[name].variable
        found = self._environ.get(variable, "").strip()
        return found or self._file.get(variable, "").strip()

    def text(self, name: str, default: str = "") -> str:
        """A setting as it is; `default` where the declared one is worked out."""
        return self.given(name) or default or BY_NAME[name].default

    def known(
        self, name: str, problem: Callable[[str], str] = lambda _: "", *, default: str = ""
    ) -> str:
        """A setting that is a part of what the state folder was built for."""
        remembered = getattr(self._identity, BY_NAME[name].field, "")
        return self.checked(name, problem, default=remembered or default)

    def folder(self, name: str) -> Path:
        """The state folder. Its path goes into addresses and into other programs' configuration."""
        path = Path(self.text(name)).absolute()
        if not str(path).isprintable():
            self._problems.append(
                f"{PREFIX}{name}={str(path)!r}: the path of a state folder must be readable text, "
                "without line breaks and such; choose another folder"
            )
        return path

    def checked(self, name: str, problem: Callable[[str], str], *, default: str = "") -> str:
        value = self.text(name, default)
        if complaint := problem(value):
            shown = "" if BY_NAME[name].secret else f"={value!r}"
            self._problems.append(f"{PREFIX}{name}{shown}: {complaint}")
        return value

    def number(self, name: str, low: int, high: int) -> int:
        value = self.text(name)
        if value.isascii() and value.isdigit() and low <= int(value) <= high:
            return int(value)
        self._problems.append(f"{PREFIX}{name}={value!r}: must be a number from {low} to {high}")
        return int(BY_NAME[name].default)

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name).upper()
        if value not in allowed:
            self._problems.append(f"{PREFIX}{name}={value!r}: must be one of {', '.join(allowed)}")
        return value

    def words(self, name: str, problem: Callable[[str], str]) -> list[str]:
        words = re.split(r"[\s,]+", self.text(name))
        found = [word for word in words if word]
        for word in found:
            if complaint := problem(word):
                self._problems.append(f"{PREFIX}{name}: {word!r} {complaint}")
        return found

    def folders(self, name: str) -> list[Path]:
        """Whole paths with : between them; a blank may be part of one."""
        found = [Path(each) for each in self.text(name).split(":") if each]
        for folder in found:
            if not folder.is_absolute() or ".." in folder.parts or folder == Path("/"):
                complaint = "must be the whole path of a folder, without .."
                self._problems.append(f"{PREFIX}{name}: {str(folder)!r} {complaint}")
        return found

    def path(self, name: str) -> Path | None:
        value = self.text(name)
        if not value:
            return None
        try:
            begins = Path(value).read_bytes()[:2]
        except OSError as error:
            why = error.strerror.lower() if error.strerror else "it cannot be read"
            self._problems.append(f"{PREFIX}{name}={value!r}: {why}")
            return Path(value).absolute()
        if begins in _MARKS:
            # OpenSSL does not look behind one, and would say that the file holds no certificate.
            self._problems.append(
                f"{PREFIX}{name}={value!r}: begins with a byte order mark; save it as plain ASCII"
            )
        return Path(value).absolute()

    def finish(self, *more: str, renaming: bool) -> None:
        self._problems += more
        if self._identity is not None:
            given = {field: self.given(name) for field, name in VARIABLES.items()}
            given = {field: value for field, value in given.items() if value}
            demo = (self._state / "demo").exists()
            self._problems += identity_problems(self._identity, given, demo=demo, renaming=renaming)
        known = {setting.variable for setting in SETTINGS}
        for name in sorted(self._environ):
            if name.startswith(PREFIX) and name not in known:
                self._problems.append(f"{name} is not a setting of Danh Mục; correct or remove it")
        for name in sorted(self._file.keys() - known):
            self._problems.append(
                f"{FILE}: {name} is not a setting of Danh Mục; correct or remove it"
            )
        if self._problems:
            raise ConfigurationProblems(self._problems)


def _origin_problem(value: str) -> str:
    return _issuer_problem(value) if value else ""


def _issuer_problem(value: str) -> str:
    """Why `value` is not an origin as browsers and relying parties write it (RFC 6454 §6.1)."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "must be an http or https URL"
    if parts.scheme not in ("http", "https") or not host:
        return "must be an http or https URL"
    if "@" in parts.netloc:
        return "must not hold a user name or password"
    if parts.path or "?" in value or "#" in value:
        return "must have no path, query or fragment (and no trailing slash)"
    if port == 0 or parts.netloc.endswith(":") or port == _DEFAULT_PORTS[parts.scheme]:
        return "must have a port from 1 to 65535, or none where it is the usual one"
    if not value.isprintable() or value != value.lower():
        return "must be in small letters, as browsers send it, and hold no control characters"
    if not _is_host(host):
        return "must name a host: letters a-z, digits, dots and hyphens (other letters as xn--…)"
    if parts.scheme == "http" and host not in _LOOPBACK_NAMES:
        return "plain http is accepted on localhost only; use https"
    return ""


def _is_host(host: str) -> bool:
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            return False
        return True
    return len(host) <= 253 and all(map(_LABEL.fullmatch, host.split(".")))


def is_loopback(host: str) -> bool:
    """Whether this name or address never leaves the machine."""
    if host in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def place_problems(settings: Settings) -> list[str]:
    """What does not go together with the state folder: the demo province's passwords are printed
    at every start, so that it is for this machine only."""
    if not settings.demo:
        return []
    return [
        f"{PREFIX}{name}={url!r}: {settings.state} holds the demo province, whose passwords are "
        "shown at every start; it is served on localhost only. Use another state folder, made with "
        "--empty or by danhmuc setup"
        for name, url in (("ISSUER", settings.issuer), ("CONSOLE_URL", settings.console_url))
        if not is_loopback(urlsplit(url).hostname or "")
    ]


def _database_problem(value: str) -> str:
    """Why this is not a store we open. No complaint repeats the value: it may hold a password."""
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        return "must be sqlite:////path/to/file or postgresql+psycopg://user@host/database"
    if url.drivername == "sqlite":
        whole = bool(url.database) and str(url.database).startswith("/")
        return "" if whole else "must name a file by its whole path: sqlite:////var/lib/…"
    if url.drivername != "postgresql+psycopg":
        return "must begin with sqlite:/// or postgresql+psycopg://"
    if _is_local(url) or url.query.get("sslmode") == "verify-full":
        return ""
    return (
        "a PostgreSQL on another machine needs ?sslmode=verify-full, and sslrootcert=FILE unless "
        "its authority is the user's own: anything less can be read or answered by somebody else"
    )


def _is_local(url: URL) -> bool:
    """Whether every server it may lead to is on this machine (libpq: no host is a socket)."""
    if "service" in url.query:
        return False  # a file elsewhere says where
    named = [url.host or "", *_values(url.query.get("host")), *_values(url.query.get("hostaddr"))]
    hosts = [host for value in named for host in value.split(",") if host]
    return all(host.startswith(("/", "@")) or is_loopback(host) for host in hosts)


def _values(found: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (found,) if isinstance(found, str) else found or ()


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


def _is_demo(state: Path) -> bool:
    return (state / "demo").exists()


def _fault_problem(value: str, is_demo: bool) -> str:
    if not value:
        return ""
    if not is_demo:
        return "a process may be told to die in a demo state only"
    return faults.problem_of(value)


def _smtp_problem(value: str) -> str:
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "must be smtps://host or smtp://host"
    if parts.scheme not in ("smtp", "smtps") or not _is_host(host) or port == 0:
        return "must be smtps://host or smtp://host"
    if "@" in parts.netloc:
        return "must hold no name or password: they are settings of their own"
    return "must end with host or port" if parts.path or parts.query or parts.fragment else ""


def _sender_problem(value: str) -> str:
    local, _, domain = value.rpartition("@")
    is_plain = re.fullmatch(r"[A-Za-z0-9._+-]{1,64}", local) is not None
    return "" if is_plain and _is_host(domain) else "must be an address like khong-tra-loi@…"


def smtp_problems(settings: Settings) -> list[str]:
    """What does not go together of the mail server."""
    user, password = bool(settings.smtp_user), bool(settings.smtp_password)
    said = [
        f"{PREFIX}SMTP_{name}: must be plain ASCII without line breaks: nothing else can be sent"
        for name, value in (("USER", settings.smtp_user), ("PASSWORD", settings.smtp_password))
        if not (value.isascii() and value.isprintable())
    ]
    if (user or password) and not settings.smtp_url:
        said.append(f"{PREFIX}SMTP_USER and {PREFIX}SMTP_PASSWORD need {PREFIX}SMTP_URL")
    if user != password:
        said.append(f"{PREFIX}SMTP_USER and {PREFIX}SMTP_PASSWORD go together: set both or neither")
    return said


def certificate_problems(settings: Settings) -> list[str]:
    """What does not go together of client certificates. A header that anybody may write would make
    everybody anybody."""
    url, header = settings.certificate_url, settings.certificate_header
    said = []
    if bool(url) != bool(header):
        said.append(
            f"{PREFIX}CERTIFICATE_URL and {PREFIX}CERTIFICATE_HEADER go together: set both or "
            "neither"
        )
    if header and not settings.trusted_proxies:
        said.append(
            f"{PREFIX}CERTIFICATE_HEADER needs {PREFIX}TRUSTED_PROXIES: the header is believed on "
            "connections from declared proxies alone"
        )
    if url and url in (settings.issuer, settings.console_url):
        said.append(
            f"{PREFIX}CERTIFICATE_URL must be an address of its own: everybody who comes to one "
            "where certificates are asked for meets the browser's dialogue"
        )
    return said


def _header_problem(value: str) -> str:
    known = ", ".join(_CERTIFICATE_HEADERS)
    return "" if not value or value in _CERTIFICATE_HEADERS else f"must be one of {known}"


def _proxies_problem(value: str) -> str:
    try:
        network = ipaddress.ip_network(value)
    except ValueError:
        return "is not an IP address or CIDR"
    if network.prefixlen < _WIDEST[network.version]:
        return "covers a good part of the Internet: whoever is in it may claim any address"
    return ""


def _domain_problem(value: str) -> str:
    good = "." in value and value == value.lower() and ":" not in value and _is_host(value)
    return "" if good else "must be a domain in small letters, such as binhduong.gov.vn"
