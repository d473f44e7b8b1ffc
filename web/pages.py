"""What every template can use without being given it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, g
from jinja2 import ChoiceLoader, FileSystemLoader

from directory.clock import local
from directory.ids import support_code
from web.csrf import csrf_field
from web.i18n import LANGUAGES, current_locale, language_url
from web.state import Kit, current_kit
from web.urls import HELP_PATH, absolute

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class LanguageLink:
    """One entry of the language switch."""

    code: str
    name: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Site:
    """What the page shell says about the installation."""

    province: str
    operator_name: str
    operator_phone: str
    address: str
    locale: str
    languages: tuple[LanguageLink, ...]
    request_id: str
    help_url: str
    certificate_origin: str  # where browsers are asked for certificates, or empty


def install(app: Flask, template_dirs: Sequence[Path] = ()) -> None:
    """Put the kit's templates on the path and its names into every template."""
    own = app.create_global_jinja_loader()
    app.jinja_env.loader = ChoiceLoader([own, FileSystemLoader([*template_dirs, _TEMPLATES])])
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["csrf_field"] = csrf_field
    app.jinja_env.filters["local_time"] = local_time
    app.jinja_env.filters["initial"] = initial
    app.jinja_env.filters["support_code"] = support_code
    app.context_processor(_site)


def local_time(instant_ms: int) -> str:
    """An instant as people read it, without seconds: ``22/11/2026 15:46``."""
    return local(instant_ms)[:-3]


def initial(name: str) -> str:
    """The letter of a tile: the first of the name that is one."""
    return next((char.upper() for char in name if char.isalnum()), "•")


def _help_url(kit: Kit) -> str:
    if within := g.get("help_url"):
        return str(within)
    # One help page, at the issuer: the console links to it across origins.
    is_issuer = kit.own_url == kit.settings.issuer
    return HELP_PATH if is_issuer else absolute(kit.settings, HELP_PATH)


def _site() -> dict[str, object]:
    kit = current_kit()
    locale = current_locale()
    languages = tuple(
        LanguageLink(code, name, language_url(code), code == locale)
        for code, name in LANGUAGES.items()
    )
    site = Site(
        province=kit.settings.province,
        operator_name=kit.settings.operator_name,
        operator_phone=kit.settings.operator_phone,
        address=urlsplit(kit.own_url).netloc,
        locale=locale,
        languages=languages,
        request_id=g.get("request_id", ""),
        help_url=_help_url(kit),
        certificate_origin=kit.settings.certificate_url,
    )
    return {"site": site}
