"""What the person at the terminal is told once everything runs."""

from __future__ import annotations

import json
from pathlib import Path

from admin_ui.operations.demo_applications import demo_applications
from admin_ui.operations.first_steps import command_prefix
from admin_ui.operations.options import UpOptions
from admin_ui.operations.supervisor.services import mail_catcher_address
from directory.ldap import embedded
from directory.settings import Settings

# Of the demo accounts.
_ADMINISTRATOR = "quantri.stttt"
_OPERATORS = ("quantri.stttt.qt", "cntt.stttt.qt")


def write_summary(settings: Settings, options: UpOptions, hints: str, seconds: float) -> str:
    """Addresses, accounts and next steps; `hints` for an empty catalogue."""
    lines = [f"Danh Mục is ready ({seconds:.1f} s).", "", *_addresses(settings, options), ""]
    accounts = _accounts(settings.secrets_dir / "demo-accounts.json") if settings.demo else []
    if accounts:
        lines += ["Accounts (user name, password, who):", *accounts, ""]
    if hints:
        lines += [hints, ""]
    return "\n".join([*lines, *_next_steps(settings, options)])


def _addresses(settings: Settings, options: UpOptions) -> list[str]:
    rows = [
        ("Sign-in", settings.issuer + "/"),
        ("Console / Quản trị", settings.console_url + "/"),
    ]
    if settings.demo:
        rows += [(each.title, each.url + "/") for each in demo_applications(settings)]
        rows.append(("Hộp thư mẫu (mail)", f"http://{mail_catcher_address(settings)}/"))
    if options.ldap and settings.embedded_ldap:
        rows.append(("LDAP", f"{embedded.private_slapd(settings).port_uri}/{settings.suffix}"))
    if options.tls:
        rows.append(("Certificate authority", str(settings.tls_dir / "ca.pem")))
    width = max(len(title) for title, _ in rows)
    return [f"  {title:<{width}}  {where}" for title, where in rows]


def _accounts(path: Path) -> list[str]:
    try:
        accounts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    rows = [(each["username"], each["password"], _who(each)) for each in accounts]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)] if rows else [0, 0]
    return [f"  {user:<{widths[0]}}  {word:<{widths[1]}}  {who}" for user, word, who in rows]


def _who(account: dict[str, str]) -> str:
    return ", ".join(filter(None, (account.get("full_name", ""), account.get("note", ""))))


def _next_steps(settings: Settings, options: UpOptions) -> list[str]:
    prefix = command_prefix(settings)
    steps = []
    if settings.demo:
        document, one_stop = demo_applications(settings)
        steps.append(f"open {document.url}/ and log in, then {one_stop.url}/: no second password")
        steps.append(f"open {settings.console_url}/ as {_ADMINISTRATOR} and look after its people")
        steps.append(
            f"{prefix}./deploy/danhmuc mfa code {_ADMINISTRATOR}   shows the code it wants"
        )
        steps.append(
            f"as {_OPERATORS[0]} give hotro.stttt.qt a privileged role; {_OPERATORS[1]} approves it"
        )
    steps.append(f"{prefix}./deploy/danhmuc audit tail   tells what happened")
    if options.tls:
        steps.append("the browser trusts these pages once it trusts the certificate authority")
    logs = f"Logs are in {settings.logs_dir}. Ctrl-C stops everything; the data stay."
    return ["Next:", *(f"  - {step}" for step in steps), "", logs]
