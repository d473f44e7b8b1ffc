"""Looking at every part of an installation: what is wrong, and what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_network

from admin_ui.operations.backup.swap import require_finished
from admin_ui.operations.errors import INSTALLATION_NOT_INITIALISED
from admin_ui.operations.sentences import sentence_of
from directory.component import Component, NotWell, checks_of
from directory.errors import AppError, Unavailable
from directory.installation import open_installation
from directory.loading import load
from directory.sealed import KeyRing, SealBroken, key_files
from directory.settings import Settings, read_settings
from directory.state_folder import is_initialised

_MANY = 256  # more proxies than a province has
_LOW_DISK = 500 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """One part looked at; `says` is a sentence, with what to do when not `ok`."""

    part: str
    ok: bool
    says: str
    warns: bool = False


def examine(settings: Settings, components: Sequence[Component]) -> list[Finding]:
    """Look at every part; never raises for something that is merely broken."""
    folder = _guarded("state folder", lambda: _folder(settings))
    if not folder.ok:
        return [folder]
    advice = [Finding("settings", True, said, warns=True) for said in warnings_of(settings)]
    findings = [*advice, _disk(settings), _guarded("keys", lambda: _keys(settings))]
    try:
        installation = open_installation(settings, "catalogue")
    except Exception as error:  # a key or a password is missing: nothing more can be asked
        opened = _guarded("installation", partial(_raise, error))
        return findings if not findings[-1].ok else [*findings, opened]
    for check in checks_of(components):
        look = partial(load(check.asks), installation)
        findings.append(_guarded(check.part, look))
    installation.close_connections()
    return findings


# A state folder remembers from its first start on what it was built for.
_BUILT_IN = "run danhmuc setup, with another DANHMUC_STATE if this one was started already"


def warnings_of(settings: Settings) -> list[str]:
    """What is allowed and hardly meant."""
    said = []
    if not settings.demo:
        plain = read_settings({"DANHMUC_STATE": "/nonexistent"})
        said = [
            f"DANHMUC_{name} is the demo's, {value!r}: {advice}"
            for name, value, default, advice in (
                ("PROVINCE", settings.province, plain.province, _BUILT_IN),
                ("MAIL_DOMAIN", settings.mail_domain, plain.mail_domain, _BUILT_IN),
                ("OPERATOR_PHONE", settings.operator_phone, plain.operator_phone, "set it"),
            )
            if value == default
        ]
    said += [
        f"DANHMUC_TRUSTED_PROXIES: everybody in {proxy} may claim any address; name the proxies"
        for proxy in settings.trusted_proxies
        if ip_network(proxy).num_addresses > _MANY
    ]
    said += [
        f"DANHMUC_OUTBOUND_ALLOW: {entry} is everywhere; name the province's networks"
        for entry in settings.outbound_allow
        if entry.rpartition(":")[0].endswith("/0")
    ]
    return said


def _raise(error: Exception) -> str:
    raise error


def _guarded(part: str, look: Callable[[], str]) -> Finding:
    """Whatever a look meets is a finding: who asks the doctor has something broken."""
    try:
        return Finding(part, True, look())
    except (NotWell, SealBroken) as error:
        return Finding(part, False, str(error))
    except AppError as error:
        detail = f" ({error.detail})" if isinstance(error, Unavailable) and error.detail else ""
        return Finding(part, False, f"{sentence_of(error)}{detail}")
    except Exception as error:  # see above
        return Finding(part, False, f"cannot be looked at: {type(error).__name__}: {error}")


def _folder(settings: Settings) -> str:
    require_finished(settings)
    if not is_initialised(settings.state):
        raise AppError(INSTALLATION_NOT_INITIALISED, state=str(settings.state))
    return str(settings.state)


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.state).free
    says = f"{free // (1024 * 1024):,} MiB free at {settings.state}"
    return Finding("disk", free > _LOW_DISK, says)


def _keys(settings: Settings) -> str:
    KeyRing.load(settings.keys_dir)
    return ", ".join(path.name for path in key_files(settings.keys_dir))
