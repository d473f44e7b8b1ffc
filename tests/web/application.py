"""A small web application, and sample data for every page of the sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, render_template, request

from directory.catalogue.errors import CATALOGUE_CHANGED_MEANWHILE
from directory.errors import (
    AppError,
    Conflict,
    ErrorCode,
    Forbidden,
    Invalid,
    NotFound,
    TooMany,
    Unavailable,
    Words,
)
from directory.ldap.errors import LDAP_UNAVAILABLE
from directory.sealed import KeyRing
from directory.settings import Settings, read_settings
from web.assembly import setup
from web.headers import let_forms_go_anywhere, no_referrer
from web.leaving import leave_to
from web.request import client_address

WEB = Path(__file__).resolve().parents[2] / "web"
IDP = WEB.parent / "idp"
# Packages with pages and words of their own.
FACTORS = sorted(path.parent for path in IDP.rglob("locale") if path.parent != IDP)
FOLDERS = [IDP / "templates", *(factor / "templates" for factor in FACTORS)]
HTTP = "http://localhost:8400"
HTTPS = "https://sso.binhduong.gov.vn"

_APPLICATION = {"name": "Quản lý văn bản (mẫu)", "start_url": "http://127.0.0.2:8404/"}
_PERSON = {
    "full_name": "Nguyễn Thị Thùy Hương",
    "username": "vanthu.stttt",
    "title": "Văn thư",
    "unit": "Văn phòng Sở",
    "agency": "Sở Thông tin và Truyền thông",
}
_CONTACT = {
    "name": "Lê Văn Đạt",
    "phone": "0274 382 0000",
    "mail": "quantri.stttt@binhduong.gov.vn",
}
_TILES = [
    {
        "name": "Quản lý văn bản (mẫu)",
        "description": "Văn bản đến, văn bản đi, giao việc và theo dõi hạn xử lý.",
        "owner": "Sở Thông tin và Truyền thông",
        "url": "http://127.0.0.2:8404/",
    },
    {"name": "Thư điện tử công vụ", "description": "", "owner": "", "url": ""},
]
_STATUS = {"application": _APPLICATION, "contact": _CONTACT}
_FORM = {
    "application": _APPLICATION,
    "login": "",
    "shared": False,
    "errors": [],
    "flow_copy": "c",
    "flow_id": "f",
}

_PAUSED = _STATUS | {
    "address": "10.1.2.3",
    "was_looked_at": False,
    "paused_until": 1790000000000,
    "retry_url": "/",
}

# Page name → template and variables: the templates' own comments say what each one takes.
_REFUSED = {
    "received": "http://127.0.0.2:8404",
    "registered": ["http://127.0.0.2:8404/"],
    "is_proven": True,
}
PAGES: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "sign-in": ("password/form.html", _FORM),
    "sign-in-wrong": (
        "password/form.html",
        _FORM | {"login": "vanthu.stttt", "errors": [{"field": "", "message": "Chưa đúng."}]},
    ),
    "sign-in-empty": (
        "password/form.html",
        _FORM
        | {
            "application": None,
            "errors": [
                {"field": "login", "message": "Nhập tên đăng nhập."},
                {"field": "password", "message": "Nhập mật khẩu."},
            ],
        },
    ),
    "sign-in-again": (
        "password/form.html",
        _FORM | {"login": "vanthu.stttt", "reauth": _PERSON},
    ),
    "paused": ("password/paused.html", _PAUSED | {"what": "name"}),
    "paused-here": ("password/paused.html", _PAUSED | {"what": "device", "was_looked_at": True}),
    "paused-address": ("password/paused.html", _PAUSED | {"what": "address"}),
    "sign-in-wait": (
        "password/form.html",
        _FORM | {"login": "vanthu.stttt", "notice": "Vui lòng thử lại sau 16 giây."},
    ),
    "expired": (
        "signin/session_expired.html",
        {"is_known": True, "application": _APPLICATION, "again_url": "/"},
    ),
    "unknown": (
        "signin/session_expired.html",
        {"is_known": False, "application": None, "again_url": "/"},
    ),
    "reused": ("signin/link_reused.html", {"application": _APPLICATION, "signed_in": True}),
    "suspended": ("signin/suspended.html", _STATUS),
    "not-active": ("signin/not_active.html", _STATUS | {"contact": None}),
    "left": ("signin/left.html", _STATUS),
    "refused": (
        "signin/app_refused.html",
        _STATUS
        | {
            "person": _PERSON,
            "reason": "roles",
            "request_url": "/xin-vao",
            "return_url": "",
            "sign_out_url": "/echo",
        },
    ),
    "busy": (
        "password/busy.html",
        {"application": _APPLICATION, "retry_after_s": 5, "retry_url": "/pages/sign-in"},
    ),
    "choose": (
        "signin/already_signed_in.html",
        {"application": _APPLICATION, "person": _PERSON, "other_url": "/?khac=1"},
    ),
    "client-error": (
        "oidc/client_error.html",
        {
            "application": None,
            "error": "invalid_request",
            "parameter": "redirect_uri",
            "problem": "redirect_uri is not one of the registered addresses of this client.",
        },
    ),
    "client-disabled": (
        "oidc/client_disabled.html",
        {
            "application": _APPLICATION,
            "contact": {"name": "Phòng CNTT", "phone": "0274 1", "mail": ""},
            "retry_url": "/",
        },
    ),
    "form-post": (
        "oidc/form_post.html",
        {
            "application": _APPLICATION,
            "action": "http://127.0.0.2:8404/callback",
            "fields": {"code": "c", "state": '"><script>'},
        },
    ),
    "sign-out": (
        "oidc/logout_confirm.html",
        {
            "application": _APPLICATION,
            "person": _PERSON,
            "applications": ["A", "B"],
            "fields": {},
            "refused": _REFUSED,
        },
    ),
    "signed-out": (
        "signed_out.html",
        {
            "is_known": True,
            "outcome": {
                "told": ["Quản lý văn bản (mẫu)"],
                "waiting": ["Một cửa điện tử (mẫu)"],
                "silent": ["Lịch họp"],
            },
            "refused": _REFUSED,
            "return_url": "http://127.0.0.2:8404/",
            "return_name": "Quản lý văn bản (mẫu)",
            "shared": True,
        },
    ),
    "home": ("home.html", {"person": _PERSON, "applications": _TILES, "sign_out_url": "/echo"}),
    "home-empty": ("home.html", {"person": _PERSON, "applications": [], "sign_out_url": "/echo"}),
    "help": ("help.html", {"back_url": "/"}),
}

# Of which people are told nothing but their status.
REFUSED = ErrorCode("test.refused", operators=Words("Không được.", "Refused."))
FAILURES: Mapping[str, AppError | Exception] = {
    "invalid": Invalid(REFUSED, detail="secret detail"),
    "missing": NotFound(REFUSED),
    "forbidden": Forbidden(REFUSED),
    "conflict": Conflict(CATALOGUE_CHANGED_MEANWHILE),
    "too-many": TooMany(REFUSED, retry_after_s=90),
    "unavailable": Unavailable(LDAP_UNAVAILABLE),
    "crash": RuntimeError("secret text"),
}


def make_application(issuer: str = HTTP, **environ: str) -> Flask:
    """An application with one page per template, one per failure, and endpoints of each sort."""
    app = Flask("idp", root_path=str(IDP), static_folder=None)
    # Where Flask's test client sends its requests.
    app.config["SERVER_NAME"] = urlsplit(issuer).netloc
    setup(
        app,
        settings_for(issuer, **environ),
        keyring=KeyRing(b"k" * 32),
        template_dirs=FOLDERS[1:],
        static_dirs=[found for factor in FACTORS if (found := factor / "static").is_dir()],
        locale_dirs=[IDP / "locale", *(factor / "locale" for factor in FACTORS)],
        csrf_exempt={"token", "leave"},
        json_endpoints={"token"},
    )
    app.add_url_rule("/", "home", lambda: _show("home"))
    app.add_url_rule("/pages/<name>", "page", _show, methods=["GET", "POST"])
    app.add_url_rule("/fail/<name>", "fail", _fail)
    app.add_url_rule("/echo", "echo", _echo, methods=["GET", "POST", "PUT", "DELETE", "TRACE"])
    app.add_url_rule("/token", "token", _token, methods=["POST"])
    app.add_url_rule("/actor", "actor", lambda: {"address": client_address()})
    app.add_url_rule("/healthz", "health", lambda: "ok")
    app.add_url_rule("/secret-in-url", "secret", _secret)
    app.add_url_rule("/leave", "leave", _leave, methods=["GET", "POST"])
    return app


@lru_cache
def application(issuer: str = HTTP) -> Flask:
    """The same, made once for all tests that change nothing of it."""
    return make_application(issuer)


def settings_for(issuer: str = HTTP, **environ: str) -> Settings:
    """Settings of an installation that is reached at `issuer`."""
    return read_settings({"DANHMUC_ISSUER": issuer, "DANHMUC_STATE": "/nonexistent", **environ})


def _show(name: str) -> str:
    if name not in PAGES:
        abort(404)
    template, variables = PAGES[name]
    if name == "form-post":
        let_forms_go_anywhere()
    return render_template(template, **variables)


def _fail(name: str) -> str:
    raise FAILURES[name]


def _echo() -> str:
    return f"{request.method} {request.form.get('word', '')}"


def _leave() -> Response:
    return leave_to(request.values["to"], "Quản lý văn bản")


def _token() -> dict[str, str]:
    if request.form.get("crash"):
        raise RuntimeError("secret text")
    return {"token_type": "Bearer"}


def _secret() -> str:
    no_referrer()
    return "secret"
