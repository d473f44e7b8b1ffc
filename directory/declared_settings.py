"""Every setting, once: its variable, its field in `directory.settings.Settings`, its default and
what it means.

The reader of settings, the identity of a state folder, `danhmuc check-config` and
`docs/reference/settings.md` take them from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

PREFIX = "DANHMUC_"


@dataclass(frozen=True)
class Setting:
    """`name`: its variable, behind `DANHMUC_`. `default`: as it would be written in the variable.
    `default_told`: the default in words, where it is worked out or an empty one means something.

    `identity`: what a state folder remembers it was built for; "renameable" may really change
    (a merger, another address), "for ever" stands in what is stored. `secret`: never repeated.
    """

    name: str
    field: str
    default: str
    meaning: str
    default_told: str = ""
    identity: Literal["", "for ever", "renameable"] = ""
    secret: bool = False

    @property
    def variable(self) -> str:
        return PREFIX + self.name


SETTINGS = (
    Setting("STATE", "state", "./var", "state folder: data, keys, secrets, logs"),
    Setting(
        "PORT",
        "port",
        "8400",
        "sign-in; console +1, machine interfaces +2, LDAP +3, demo applications +4, +5, metrics of "
        "sign-in +6, console +7 and machine interfaces +8, mails of a demo +9",
    ),
    Setting(
        "ISSUER",
        "issuer",
        "",
        "the issuer; https but for localhost, no path, no trailing slash",
        default_told="`http://localhost:PORT`",
        identity="renameable",
    ),
    Setting(
        "CONSOLE_URL",
        "console_origin",
        "",
        "where administrators reach the console",
        default_told="beside the issuer, PORT+1",
    ),
    Setting(
        "DATABASE_URL",
        "database_url",
        "",
        "`sqlite:///…` or `postgresql+psycopg://…`",
        default_told="SQLite in the state folder",
        secret=True,
    ),
    Setting(
        "SQLITE_SYNCHRONOUS",
        "sqlite_synchronous",
        "FULL",
        "`NORMAL` may lose the last commits at power loss, never corrupts",
    ),
    Setting(
        "LDAP_URI",
        "ldap_uris",
        "",
        "`ldaps://a ldaps://b`, in order of preference",
        default_told="a private slapd",
    ),
    Setting(
        "LDAP_BIND_URI",
        "ldap_bind_uris",
        "",
        "for each of those servers the listener that the provider alone reaches: there the "
        "passwords of suspended people are compared too, so that they read why they may not sign "
        "in. Empty: they read the general sentence. The private slapd has one already",
    ),
    Setting(
        "LDAP_CA_FILE",
        "ldap_ca_file",
        "",
        "certificate authority of those servers",
        default_told="the system's",
    ),
    Setting(
        "PROXY_CERTIFICATE",
        "proxy_certificate",
        "",
        "PEM file of the HTTPS certificate that the proxy in front shows: read only to tell the "
        "administrators before it ends",
    ),
    Setting(
        "LDAP_SUFFIX",
        "suffix",
        "dc=binhduong,dc=gov,dc=vn",
        "the suffix of the catalogue",
        identity="for ever",
    ),
    Setting("PROVINCE", "province", "tỉnh Bình Dương", "name in headers", identity="renameable"),
    Setting(
        "MAIL_DOMAIN",
        "mail_domain",
        "binhduong.gov.vn",
        "domain of work addresses",
        identity="renameable",
    ),
    Setting(
        "OPERATOR_NAME", "operator_name", "Sở Thông tin và Truyền thông", "who runs it, in footers"
    ),
    Setting("OPERATOR_PHONE", "operator_phone", "0274 000 0000", "whom to call"),
    Setting(
        "OID_ARC",
        "oid_arc",
        "1.3.6.1.4.1.99999.77",
        "arc of the LDAP schema, until one is registered",
        identity="for ever",
    ),
    Setting(
        "OUTBOUND_ALLOW",
        "outbound_allow",
        "",
        "`CIDR:port …` our servers may connect to; a demo adds its own applications",
    ),
    Setting(
        "SMTP_URL",
        "smtp_url",
        "",
        "the mail server that takes what people are told: `smtps://host` (TLS, 465) or "
        "`smtp://host` (STARTTLS, 587), `:port` where it is another; in the clear on loopback only",
        default_told="none: nobody is told anything by e-mail",
    ),
    Setting("SMTP_USER", "smtp_user", "", "name at that server", default_told="no sign-in there"),
    Setting("SMTP_PASSWORD", "smtp_password", "", "its password", secret=True),
    Setting(
        "SMTP_FROM",
        "smtp_from",
        "",
        "the address messages come from",
        default_told="`khong-tra-loi@` the domain of work addresses",
    ),
    Setting(
        "SMTP_CA_FILE",
        "smtp_ca_file",
        "",
        "certificate authority of that server",
        default_told="the system's",
    ),
    Setting(
        "SMS_FILE",
        "sms_file",
        "",
        "a YAML file that says how an SMS or Zalo gateway is asked to send a text",
        default_told="none: nobody is told anything by SMS",
    ),
    Setting(
        "SMS_BESIDE_MAIL",
        "sms_beside_mail",
        "NO",
        "whether warnings go to the telephone of those too who have a work address: `NO`, "
        "`SECURITY`",
    ),
    Setting(
        "SMS_PER_PERSON_HOUR",
        "sms_per_person_hour",
        "5",
        "how many texts go to one person in an hour; more wait",
    ),
    Setting(
        "SMS_PER_DAY",
        "sms_per_day",
        "2000",
        "how many texts go out in 24 hours, to all; more wait, and a tile of Today says so",
    ),
    Setting(
        "RECOVERY_MAIL_DOMAINS",
        "recovery_mail_domains",
        "",
        "domains of work addresses whose mailboxes people open without signing in here: whoever "
        "has forgotten the password may have a link sent there, but for administrators",
        default_told="none: no links are sent",
    ),
    Setting(
        "DROP_FOLDERS",
        "drop_folders",
        "",
        "folders, with `:` between them, in which (and below which) connectors may drop files",
        default_told="none",
    ),
    Setting(
        "TRUSTED_PROXIES",
        "trusted_proxies",
        "",
        "addresses of our own proxies: their `X-Forwarded-For` counts, and nothing is counted "
        "against them",
    ),
    Setting(
        "CERTIFICATE_URL",
        "certificate_url",
        "",
        "where the proxy asks browsers for a client certificate: an https address of its own, as "
        "`https://dangnhap.example.gov.vn:8443` (see docs/howto/sign-in-with-certificates.md)",
        default_told="none: nobody signs in with a certificate",
    ),
    Setting(
        "CERTIFICATE_HEADER",
        "certificate_header",
        "",
        "the header in which the proxy hands the certificate on: `Client-Cert`, `X-Client-Cert`, "
        "`X-SSL-Client-Cert` or `SSL-Client-Cert`, which the shipped proxy configurations take out "
        "of whatever a browser sends; read on connections from `DANHMUC_TRUSTED_PROXIES` alone",
        default_told="none is read",
    ),
    Setting(
        "EXPORT_QUOTA",
        "export_quota",
        "2000",
        "lines of lists that one person may take away as files in a day; the command line has no "
        "such bound",
    ),
    Setting(
        "SLIP_HOURS",
        "slip_hours",
        "72",
        "for how many hours a slip counts with which somebody sets their first password, or gets "
        "back in",
    ),
    Setting(
        "UNUSED_DAYS",
        "unused_days",
        "45",
        "after how many days without a sign-in an account is suspended, with two warnings "
        "before; 0: never",
    ),
    Setting(
        "PASSWORD_PROFILE",
        "password_profile",
        "DEFAULT",
        "what passwords must be: `DEFAULT` (15 characters, 8 where a second factor is enforced) or "
        "`TCVN14423` (14 characters of four kinds; see docs/reference/passwords.md)",
    ),
    Setting(
        "PASSWORD_LIST",
        "password_list",
        "",
        "a file of further passwords that are not taken, one a line, beside our 30,000",
        default_told="none",
    ),
    Setting(
        "LEAKED_HASHES",
        "leaked_hashes",
        "",
        "a file of leaked passwords as SHA-1, `HASH:COUNT` lines in the order of the hashes "
        "(docs/howto/leaked-passwords.md): not taken, and replaced at the next sign-in",
        default_told="none",
    ),
    Setting(
        "LOG_LEVEL",
        "log_level",
        "INFO",
        "`DEBUG`, `INFO`, `WARNING`, `ERROR`, in web processes and worker; from `WARNING` on, the "
        "support codes of refused requests (4xx) are not written, those of our own faults are",
    ),
    Setting(
        "FAULT_POINT",
        "fault_point",
        "",
        "for tests, refused outside a demo state: `NAME[:NTH]`, where a process kills itself; "
        "names in `directory/faults.py`",
    ),
)
BY_NAME: Mapping[str, Setting] = {setting.name: setting for setting in SETTINGS}
