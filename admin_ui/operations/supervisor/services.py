"""The services of one installation, as data. Adding one is adding one entry to `services_after`.

Stages: 0 slapd · 1 worker · 2 our web processes · 3 applications. Started in ascending and
stopped in descending order, so that nobody loses what it depends on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from admin_ui.operations.checkout import CHECKOUT
from admin_ui.operations.demo_applications import (
    DemoApplication,
    accounts_file,
    client_secret_file,
    demo_applications,
    scim_token_file,
)
from admin_ui.operations.options import UpOptions
from admin_ui.operations.supervisor.health import answers_200
from admin_ui.operations.supervisor.ports import Address, loopback_addresses
from admin_ui.operations.supervisor.process import Service
from directory.ldap import embedded
from directory.settings import Settings

_METRICS_OFFSETS = (6, 7, 8)  # web.metrics: sign-in, console, machine interfaces
_MAIL_OFFSET = 9
_GUNICORN = CHECKOUT / "deploy" / "gunicorn.conf.py"
_DEMO = CHECKOUT / "deploy" / "demo"
# What a demo application may see of our environment: nothing of ours.
_PLAIN_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TZ")


@dataclass(frozen=True)
class _WebProcess:
    """A web process of ours: what it is called, loads, and where it listens. `more`: options."""

    name: str
    app: str
    offset: int
    url: Callable[[Settings], str]
    more: tuple[str, ...] = ()


_WEB = (
    _WebProcess("web", "admin_ui.entries.issuer:app", 0, lambda settings: settings.issuer),
    _WebProcess(
        "console",
        "admin_ui.entries.console:app",
        1,
        lambda settings: settings.console_url,
        # Its pages are computed rather than waited for: the fewer share a CPU, the sooner one is
        # done.
        ("--threads", "4"),
    ),
    _WebProcess(
        "machine",
        "admin_ui.entries.machine:app",
        2,
        lambda settings: settings.machine_url,
        # Health alone is asked of it: one worker.
        ("--workers", "1", "--threads", "4"),
    ),
)


def addresses(settings: Settings, options: UpOptions) -> list[Address]:
    """Every address that will be listened on; checked before anything starts."""
    found = [each for web in _WEB for each in loopback_addresses(settings.port + web.offset)]
    found += [Address("127.0.0.1", settings.port + offset) for offset in _METRICS_OFFSETS]
    if options.ldap and settings.embedded_ldap:
        found.append(Address("127.0.0.1", settings.port + embedded.LDAP_PORT_OFFSET))
    if not options.empty:
        found += [Address(each.host, each.port) for each in demo_applications(settings)]
        found.append(mail_catcher_address(settings))
    return found


def slapd(settings: Settings, options: UpOptions) -> Service:
    """The private LDAP server; `embedded.prepare` has been called."""
    return Service(
        name="slapd",
        argv=tuple(embedded.command(settings, open_port=options.ldap)),
        environ=embedded.environment(settings),
        cwd=settings.state / "slapd",  # its configuration names paths from there
        is_healthy=lambda: embedded.is_ready(settings),
        stage=0,
    )


def services_after(settings: Settings, options: UpOptions) -> list[Service]:
    """What runs on top of the prepared stores."""
    services = [
        _worker(settings),
        *(_web(settings, options, web) for web in _WEB),
    ]
    if settings.demo:
        services += [
            _demo(settings, options, application) for application in demo_applications(settings)
        ]
        services.append(_mail_catcher(settings))
    return services


def _worker(settings: Settings) -> Service:
    return Service(
        name="worker",
        argv=(sys.executable, "-m", "admin_ui.cli", "worker"),
        environ=child_environ(settings),
        is_healthy=lambda: True,  # it answers nobody; that it runs is checked by the caller
        stage=1,
    )


def _web(settings: Settings, options: UpOptions, web: _WebProcess) -> Service:
    binds = loopback_addresses(settings.port + web.offset)
    return Service(
        name=web.name,
        argv=_gunicorn(settings, options, web.app, binds, *web.more),
        environ=child_environ(settings),
        is_healthy=answers_200(
            str(binds[0]), web.url(settings) + "/readyz", _ca(settings, options)
        ),
        stage=2,
    )


def _mail_catcher(settings: Settings) -> Service:
    address = mail_catcher_address(settings)
    return Service(
        name="mail",
        argv=(sys.executable, "-m", "mail_catcher", str(address.port)),
        environ=_plain_environ() | {"PYTHONPATH": str(_DEMO), "PYTHONUNBUFFERED": "1"},
        is_healthy=answers_200(str(address), f"http://{address}/"),
        stage=1,
    )


def mail_catcher_address(settings: Settings) -> Address:
    """Where the demo's mails end, and where they are read."""
    return Address("127.0.0.1", settings.port + _MAIL_OFFSET)


def _mail_variables(settings: Settings) -> dict[str, str]:
    """A demo's mails go to its catcher, unless somebody names another server."""
    if not settings.demo or settings.smtp_url:
        return {}
    return {"DANHMUC_SMTP_URL": f"smtp://{mail_catcher_address(settings)}"}


def _demo(settings: Settings, options: UpOptions, application: DemoApplication) -> Service:
    ca_file = _ca(settings, options)
    database = accounts_file(settings, application)
    database.parent.mkdir(mode=0o700, exist_ok=True)
    token = scim_token_file(settings, application.client_id)
    variables = {
        "PYTHONPATH": str(_DEMO),
        "DEMO_ISSUER": settings.issuer,
        "DEMO_CLIENT_ID": application.client_id,
        "DEMO_CLIENT_SECRET_FILE": str(client_secret_file(settings, application.client_id)),
        "DEMO_DATABASE": str(database),
        "DEMO_BASE_URL": application.url,
    }
    variables |= {"DEMO_CA_FILE": str(ca_file)} if ca_file else {}
    variables |= {"DEMO_SCIM_TOKEN_FILE": str(token)} if token.exists() else {}
    address = Address(application.host, application.port)
    one_worker = ("--workers", "1", "--chdir", str(_DEMO))
    return Service(
        name=application.name,
        argv=_gunicorn(settings, options, application.module, (address,), *one_worker),
        environ=_plain_environ() | variables,
        is_healthy=answers_200(str(address), application.url + "/healthz", ca_file),
        stage=3,
    )


def _gunicorn(
    settings: Settings,
    options: UpOptions,
    app: str,
    binds: tuple[Address, ...],
    *more: str,
) -> tuple[str, ...]:
    argv = [sys.executable, "-m", "gunicorn", "--config", str(_GUNICORN), *more]
    for bind in binds:
        argv += ["--bind", str(bind)]
    if options.tls:
        argv += ["--certfile", str(settings.tls_dir / "server.pem")]
        argv += ["--keyfile", str(settings.tls_dir / "server.key")]
    return (*argv, app)


def _ca(settings: Settings, options: UpOptions) -> Path | None:
    return settings.tls_dir / "ca.pem" if options.tls else None


def child_environ(settings: Settings) -> dict[str, str]:
    """Our environment, with what the options decided; children need not run in our folder."""
    return (
        dict(os.environ)
        | {
            "DANHMUC_STATE": str(settings.state),
            "DANHMUC_PORT": str(settings.port),
            "DANHMUC_ISSUER": settings.issuer,
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONUNBUFFERED": "1",
        }
        | _mail_variables(settings)
    )


def _plain_environ() -> dict[str, str]:
    return {name: os.environ[name] for name in _PLAIN_VARIABLES if name in os.environ}
