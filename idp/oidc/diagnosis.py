"""What was wrong with a request of an application, for whoever runs it: what was received, what is
registered, and what to do.

What was received comes from strangers. It is kept and shown cut, on one line, and of no parameter
that may hold a secret, a code, or something of a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

from authlib.oauth2 import OAuth2Error

from directory.errors import Words
from idp.clients.model import Client
from idp.oidc.checks.prompt import PROMPTS
from idp.oidc.checks.response_mode import RESPONSE_MODES
from idp.oidc.events import ERRORS_OF_OAUTH, REFUSALS

LONGEST_RECEIVED = 200
_ADDRESSES = frozenset({"redirect_uri", "address"})
# Parameters whose value may be told; of the others only that they were there.
_TOLD = _ADDRESSES | {
    "client_id",
    "response_type",
    "response_mode",
    "scope",
    "resource",
    "code_challenge_method",
    "prompt",
    "max_age",
    "grant_type",
}
_NOTHING: Sequence[str] = ()
_REGISTERED: Mapping[str, Callable[[Client], Sequence[str]]] = {
    "client_id": lambda client: (client.id,),
    "redirect_uri": lambda client: client.redirect_uris,
    "response_type": lambda _client: ("code",),
    "response_mode": lambda _client: RESPONSE_MODES,
    "scope": lambda client: tuple(client.metadata["scope"].split()),
    "resource": lambda client: tuple(sorted(client.resources)),
    "code_challenge": lambda _client: ("S256",),
    "code_challenge_method": lambda _client: ("S256",),
    "prompt": lambda _client: PROMPTS,
    "grant_type": lambda client: tuple(sorted(client.grant_types)),
    "auth_method": lambda client: (client.auth_method,),
}
_CHECK_CONFIGURATION = Words(
    "Xem lại cấu hình đăng nhập của ứng dụng theo mẫu ở trang “Cách kết nối”.",
    "Compare the application's settings with the sample under “How to connect it”.",
)
_ADVICE: Mapping[str, Words] = {
    "client_id": Words(
        "Ghi lại client_id trong cấu hình của ứng dụng cho đúng.",
        "Correct the client_id in the application's settings.",
    ),
    "redirect_uri": Words(
        "Sửa trong ứng dụng cho giống từng ký tự một địa chỉ đã đăng ký, hoặc đăng ký thêm địa "
        "chỉ này.",
        "Make it the same as a registered address, character by character, or register this one.",
    ),
    "response_type": Words(
        "Chọn luồng mã ủy quyền (authorization code) trong ứng dụng.",
        "Choose the authorization code flow in the application.",
    ),
    "scope": Words(
        "Bảo đảm scope có openid và chỉ gồm những phạm vi đã đăng ký.",
        "Let the scope contain openid, and only scopes that are registered.",
    ),
    "code_challenge": Words(
        "Bật PKCE với phương thức S256 trong thư viện đăng nhập của ứng dụng.",
        "Switch PKCE with the method S256 on in the application's library.",
    ),
    "code_verifier": Words(
        "Ứng dụng phải gửi lại đúng code_verifier đã tạo ra code_challenge của lần đăng nhập đó; "
        "nếu ứng dụng chạy trên nhiều máy chủ, các máy phải dùng chung phiên.",
        "The application must send the very code_verifier that its code_challenge was made of; "
        "where it runs on several servers, they must share their sessions.",
    ),
    "code": Words(
        "Mỗi mã chỉ đổi được một lần, trong một phút. Kiểm tra ứng dụng có gửi lại yêu cầu, hoặc "
        "người dùng có tải lại trang trả về hay không.",
        "A code can be redeemed once, within a minute. See whether the application repeats the "
        "request, or people reload the page they come back to.",
    ),
    "client_secret": Words(
        "Ghi lại khóa bí mật trong cấu hình của ứng dụng; nếu đã mất khóa, hãy tạo khóa mới.",
        "Correct the secret in the application's settings; where it is lost, make a new one.",
    ),
    "auth_method": Words(
        "Đặt cách gửi khóa bí mật của thư viện theo cách đã đăng ký, và chỉ dùng một cách.",
        "Let the library send the secret by the registered method, and by no other.",
    ),
    "grant_type": Words(
        "Ứng dụng chỉ được dùng các loại yêu cầu đã đăng ký.",
        "The application may use the kinds of request it is registered for.",
    ),
    "resource": Words(
        "Đăng ký hệ thống đích này cho ứng dụng, hoặc bỏ tham số resource.",
        "Register this resource for the application, or leave the parameter out.",
    ),
    "clock": Words(
        "Đồng hồ máy chủ của ứng dụng chạy sai: hãy đồng bộ thời gian (NTP).",
        "The clock of the application's server is wrong: synchronise it (NTP).",
    ),
    "entry": Words(
        "Người này chưa được vào ứng dụng: xem phần “Ai được vào” hoặc cấp vai trò cho họ.",
        "The person may not enter: see “Who may enter”, or give them a role.",
    ),
}
# What a reason is about where no parameter was recorded with it.
_ABOUT: Mapping[str, str] = {
    "wrong secret": "client_secret",
    "not the registered method": "auth_method",
    "more than one method": "auth_method",
    "expired": "clock",
    "nbf lies in the future": "clock",
    "iat lies in the future": "clock",
    "The code has been used before.": "code",
    "The refresh token has been used before.": "code",
    "The code_verifier is missing or malformed.": "code_verifier",
    "The code_verifier does not fit the code_challenge.": "code_verifier",
    "Missing 'code' in request.": "code",
    "Invalid 'code' in request.": "code",
    "Invalid 'redirect_uri' in request.": "redirect_uri",
    "No scope is left that this client may have.": "scope",
    "The person may not enter this application.": "entry",
    "A resource was not authorized.": "resource",
    "The grant_type is missing.": "grant_type",
    "unsupported_grant_type": "grant_type",
    "unauthorized_client": "grant_type",
    "invalid_scope": "scope",
    "invalid_target": "resource",
}
# What we call a matter that is no parameter.
_NO_PARAMETERS = frozenset({"clock", "entry", "auth_method"})


@dataclass(frozen=True)
class Fault:
    """What was wrong. `parameter` may be empty; `received`: what may be told of its value;
    `registered`: what would have been right."""

    parameter: str
    problem: Words
    received: str
    registered: Sequence[str]
    advice: Words


def explain(
    client: Client | None, reason: str, error: str, parameter: str = "", received: str = ""
) -> Fault:
    """A refusal in words. `reason`: the sentence the application got; `error`: its OAuth error."""
    about = parameter or _about(reason, error)
    registered = _REGISTERED[about](client) if client and about in _REGISTERED else _NOTHING
    told = REFUSALS.told.get(reason) or ERRORS_OF_OAUTH.told.get(error) or REFUSALS.other
    return Fault(
        parameter,
        Words(*(text[:1].upper() + text[1:] for text in told)),
        received,
        registered,
        _ADVICE.get(about, _CHECK_CONFIGURATION),
    )


def parameter_of(reason: str, error: str) -> str:
    """The parameter that a refusal was about; empty where it was about none."""
    about = _about(reason, error)
    return "" if about in _NO_PARAMETERS else about


def _about(reason: str, error: str) -> str:
    return _ABOUT.get(reason) or _ABOUT.get(error, "")


def reason_of(error: OAuth2Error) -> str:
    """What an application was told, which names the refusal."""
    return str(error.get_error_description() or error.error)


def received_of(parameters: Mapping[str, str], parameter: str) -> str:
    """What may be told of a value: cut, on one line; empty where nothing may."""
    name = "code_challenge_method" if parameter == "code_challenge" else parameter
    value = parameters.get(name, "")
    if name not in _TOLD or not value:
        return ""
    text = _address(value) if name in _ADDRESSES else value
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return text if len(text) <= LONGEST_RECEIVED else text[: LONGEST_RECEIVED - 1] + "…"


def _address(text: str) -> str:
    """An address without what may be secret in it: who, and the values of its query."""
    try:
        parts = urlsplit(text)
        given = parse_qsl(parts.query, keep_blank_values=True)
        query = "&".join(f"{name}=…" if value else "…" for name, value in given)
    except ValueError:
        return text.partition("?")[0].partition("#")[0]
    host = parts.netloc.rpartition("@")[2]
    bare = SplitResult(parts.scheme, host, parts.path, query, "…" if parts.fragment else "")
    return bare.geturl().replace(" ", "%20")
