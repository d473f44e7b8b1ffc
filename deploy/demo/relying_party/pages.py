"""What every page of a demo application has: headers, the form token, error pages, filters."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import (
    Flask,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from relying_party.clock import format_day, format_moment
from relying_party.errors import (
    AccountDisabled,
    FormForged,
    MissingRole,
    NoAccount,
    NotProvedEnough,
    NotSignedIn,
    Outdated,
    ProviderUnreachable,
    SignInRefused,
)
from relying_party.guard import note, support_code
from relying_party.member import Member, current_member, require_member
from relying_party.proof import ask_to_prove
from relying_party.settings import Settings
from relying_party.sign_in import local_path

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
STYLE_SHEET = Path(__file__).parent / "static" / "style.css"

# status -> (title, sentence)
HTTP_FAULTS = {
    404: ("Không tìm thấy trang", "Địa chỉ này không có, hoặc dữ liệu không còn."),
    405: ("Không thực hiện được", "Trang này không nhận thao tác đó."),
    413: ("Dữ liệu quá lớn", "Hãy rút ngắn nội dung rồi gửi lại."),
    414: ("Địa chỉ quá dài", "Hãy bắt đầu lại từ trang đầu."),
    421: ("Sai địa chỉ", "Ứng dụng không hoạt động tại địa chỉ vừa mở. Hãy bắt đầu từ trang đầu."),
    431: (
        "Dữ liệu quá lớn",
        "Trình duyệt gửi kèm quá nhiều cookie, thường là của các trang khác. Anh/Chị xóa cookie của"
        " địa chỉ này hoặc mở cửa sổ ẩn danh rồi thử lại.",
    ),
    500: ("Có lỗi trong ứng dụng", "Lỗi đã được ghi lại. Hãy thử lại sau."),
}
OTHER_FAULT = ("Yêu cầu không hợp lệ", "Hãy quay lại trang trước và thử lại.")


@dataclass(frozen=True)
class Product:
    """How the application presents itself; `role_names` maps its roles to Vietnamese."""

    name: str
    theme: str
    purpose: str
    role_names: Mapping[str, str]
    menu: tuple[tuple[str, str, str], ...] = ()  # (endpoint, label, role it needs or "")


def set_up_pages(app: Flask, settings: Settings, product: Product) -> None:
    """Install headers, the form token, template names and error pages."""
    always = security_headers(settings)
    version = hashlib.sha256(STYLE_SHEET.read_bytes()).hexdigest()[:12]

    @app.before_request
    def check_form_token() -> None:
        if request.method in SAFE_METHODS or request.blueprint == "backchannel":
            return
        require_member()
        if not secrets.compare_digest(
            request.form.get("form_token", "").encode(), session["form_token"].encode()
        ):
            raise FormForged

    @app.after_request
    def add_headers(response: Response) -> Response:
        referrer = response.headers.get("Referrer-Policy", always["Referrer-Policy"])
        response.headers.update(always | {"Referrer-Policy": referrer})
        if request.endpoint == "relying_party.static" and response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=86400"
        return response

    @app.context_processor
    def provide_names() -> dict[str, Any]:
        member = current_member()
        return {
            "product": product,
            "member": member,
            "menu": _menu_of(product, member),
            "keeps_accounts": settings.keeps_accounts,
            "form_token": session.get("form_token", ""),
            "style_version": version,
            "support_code": support_code,
            "home_url": f"{settings.base_url}/",
        }

    app.add_template_filter(format_day, "day")
    app.add_template_filter(format_moment, "moment")
    app.add_template_filter(lambda role: product.role_names.get(role, role), "role_name")
    _set_up_error_pages(app)


def _menu_of(product: Product, member: Member | None) -> list[tuple[str, str]]:
    if member is None:
        return []
    return [
        (endpoint, label)
        for endpoint, label, role in product.menu
        if not role or member.agencies_with(role)
    ]


def security_headers(settings: Settings) -> dict[str, str]:
    """The headers of every answer, error pages included."""
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    if settings.is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _set_up_error_pages(app: Flask) -> None:
    app.register_error_handler(NotSignedIn, _ask_to_sign_in)
    app.register_error_handler(NotProvedEnough, ask_to_prove)
    app.register_error_handler(MissingRole, _say_which_role)
    app.register_error_handler(NoAccount, _say_no_account)
    app.register_error_handler(AccountDisabled, _say_disabled)
    app.register_error_handler(FormForged, _say_form_expired)
    app.register_error_handler(Outdated, _say_outdated)
    app.register_error_handler(ProviderUnreachable, _say_unreachable)
    app.register_error_handler(SignInRefused, _say_refused)
    app.register_error_handler(HTTPException, _say_http_fault)
    app.register_error_handler(Exception, _say_internal_fault)


def _ask_to_sign_in(_error: NotSignedIn) -> ResponseReturnValue:
    path = local_path(request.path) if request.method == "GET" else "/"
    return redirect(url_for("sign_in.home", ve=path), code=303)


def _say_which_role(error: MissingRole) -> ResponseReturnValue:
    page = render_template("relying_party/missing_role.html", missing=error)
    return page, 403


def _say_no_account(_error: NoAccount) -> ResponseReturnValue:
    return render_template("relying_party/no_account.html", is_disabled=False), 403


def _say_disabled(_error: AccountDisabled) -> ResponseReturnValue:
    return render_template("relying_party/no_account.html", is_disabled=True), 403


def _say_form_expired(_error: FormForged) -> ResponseReturnValue:
    return _fault_page(
        400, "Biểu mẫu đã hết hiệu lực", "Chưa có gì được lưu. Hãy mở lại trang và gửi lại."
    )


def _say_outdated(_error: Outdated) -> ResponseReturnValue:
    return _fault_page(
        409,
        "Dữ liệu đã được người khác cập nhật",
        "Chưa có gì được lưu. Hãy tải lại trang để xem trạng thái mới.",
    )


def _say_unreachable(error: ProviderUnreachable) -> ResponseReturnValue:
    note(error.__cause__ or error)
    page = render_template("relying_party/unreachable.html")
    return page, 503, {"Retry-After": "30"}


def _say_refused(error: SignInRefused) -> ResponseReturnValue:
    note(error)
    page = render_template("relying_party/refused.html", code=error.code)
    return page, 403 if error.code == "access_denied" else 400


def _say_http_fault(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    return fault_page(error.code)


def _say_internal_fault(error: Exception) -> ResponseReturnValue:
    note(error)
    return fault_page(500)


def fault_page(status: int) -> Response:
    """The page of an HTTP status."""
    return make_response(_fault_page(status, *HTTP_FAULTS.get(status, OTHER_FAULT)))


def _fault_page(status: int, title: str, sentence: str) -> ResponseReturnValue:
    return render_template("relying_party/fault.html", title=title, sentence=sentence), status
