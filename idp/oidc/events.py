"""The kinds of audit events of `idp.oidc`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList
from directory.authz.events import NOT_ENTERED
from idp.clients.events import AUTH_METHODS
from idp.keys.events import TOKEN_PROBLEMS

# RFC 6749 sections 4.1.2.1 and 5.2, RFC 8707, OpenID Connect Core 3.1.2.6.
ERRORS_OF_OAUTH = WordList(
    {
        "access_denied": ("không được phép", "access was denied"),
        "account_selection_required": ("cần chọn tài khoản", "an account must be chosen"),
        "consent_required": ("cần có sự đồng ý", "consent is required"),
        "interaction_required": ("cần thao tác của người dùng", "the person must do something"),
        "invalid_client": ("ứng dụng không xác thực được", "the client could not be authenticated"),
        "invalid_grant": (
            "mã ủy quyền hoặc mã làm mới không còn dùng được",
            "the code or refresh token is not valid",
        ),
        "invalid_request": ("yêu cầu không đúng dạng", "the request has not the right form"),
        "invalid_request_object": (
            "yêu cầu kèm theo không hợp lệ",
            "the request object is not valid",
        ),
        "invalid_request_uri": ("địa chỉ yêu cầu không hợp lệ", "the request URI is not valid"),
        "invalid_scope": ("phạm vi thông tin không hợp lệ", "the scope is not valid"),
        "invalid_target": ("hệ thống đích không hợp lệ", "the resource is not valid"),
        "login_required": ("cần đăng nhập", "the person must sign in"),
        "registration_not_supported": (
            "không hỗ trợ tham số đăng ký",
            "the registration parameter is not supported",
        ),
        "request_not_supported": (
            "không hỗ trợ yêu cầu kèm theo",
            "request objects are not supported",
        ),
        "request_uri_not_supported": (
            "không hỗ trợ địa chỉ yêu cầu",
            "request URIs are not supported",
        ),
        "server_error": ("hệ thống gặp sự cố", "a fault of the system"),
        "temporarily_unavailable": ("hệ thống tạm thời bận", "the system was busy"),
        "unauthorized_client": (
            "ứng dụng không được đăng ký cho việc này",
            "the client is not registered for this",
        ),
        "unmet_authentication_requirements": (
            "mức xác thực chưa đủ",
            "the level of authentication is not reached",
        ),
        "unsupported_grant_type": ("loại yêu cầu không được hỗ trợ", "the grant is not supported"),
        "unsupported_response_type": (
            "kiểu trả lời không được hỗ trợ",
            "the response type is not supported",
        ),
        "unsupported_token_type": ("loại mã không được hỗ trợ", "the token type is not supported"),
    },
    other=("yêu cầu không hợp lệ", "the request is not valid"),
    is_open=True,
)

# Why a client was not believed (`idp.oidc.client_authentication`, `idp.oidc.client_assertion`).
CREDENTIALS = WordList(
    {
        "wrong secret": ("sai khóa bí mật", "wrong secret"),
        "unknown or disabled client": (
            "ứng dụng không có hoặc đã ngừng",
            "unknown or disabled application",
        ),
        "not the registered method": (
            "không phải cách xác thực đã đăng ký",
            "not the registered method",
        ),
        "not a method of this endpoint": (
            "cách xác thực không dùng được ở địa chỉ này",
            "not a method of this endpoint",
        ),
        "more than one method": ("dùng nhiều cách xác thực cùng lúc", "more than one method"),
        "two client ids": ("hai mã ứng dụng khác nhau", "two different client ids"),
        "not Basic": (
            "phần Authorization không phải Basic",
            "the Authorization header is not Basic",
        ),
        "Basic does not decode": (
            "phần Authorization không đọc được",
            "the Authorization header cannot be read",
        ),
        "Basic without a colon": (
            "phần Authorization thiếu dấu hai chấm",
            "the Authorization header has no colon",
        ),
        "assertion without its type": (
            "thiếu loại của chứng thực",
            "the assertion came without its type",
        ),
        "assertion without sub": (
            "chứng thực không nêu ứng dụng (sub)",
            "the assertion names no client (sub)",
        ),
        "assertion used before": ("chứng thực đã được dùng", "the assertion was used before"),
        "iss and sub must be the client_id": (
            "chứng thực nêu ứng dụng khác (iss, sub)",
            "the assertion names another client (iss, sub)",
        ),
        "aud must be the issuer, as one string": (
            "chứng thực gửi cho nơi khác (aud)",
            "the assertion is for somebody else (aud)",
        ),
        "aud must be the issuer or the token endpoint, and nothing else": (
            "chứng thực gửi cho nơi khác (aud)",
            "the assertion is for somebody else (aud)",
        ),
        "jti must be a text of 1 to 256 characters": (
            "chứng thực thiếu số riêng (jti)",
            "the assertion has no proper number (jti)",
        ),
        **TOKEN_PROBLEMS,
    },
    other=("thông tin xác thực không hợp lệ", "its credentials are not valid"),
    is_open=True,
)

# Why a request for sign-in or tokens was refused: the text that is sent to the application.
REFUSALS = WordList(
    {
        "The client_id is missing.": ("thiếu mã ứng dụng", "the client is not named"),
        "The client is not registered.": ("ứng dụng chưa đăng ký", "the client is not registered"),
        "The client is disabled.": ("ứng dụng đã ngừng", "the client is disabled"),
        "The client is not registered, or it is disabled.": (
            "ứng dụng chưa đăng ký hoặc đã ngừng",
            "the client is not registered, or it is disabled",
        ),
        "The redirect_uri is missing.": ("thiếu địa chỉ trả về", "the return address is missing"),
        "The redirect_uri is not registered for this client.": (
            "địa chỉ trả về chưa đăng ký cho ứng dụng này",
            "the return address is not registered for this client",
        ),
        "A parameter is included more than once.": (
            "một tham số được gửi nhiều lần",
            "a parameter came more than once",
        ),
        "A parameter is repeated.": (
            "một tham số được gửi nhiều lần",
            "a parameter came more than once",
        ),
        "The grant_type is missing.": ("thiếu loại yêu cầu", "the kind of request is missing"),
        "Missing 'code' in request.": ("thiếu mã ủy quyền", "the code is missing"),
        "Invalid 'code' in request.": (
            "mã ủy quyền không đúng, đã hết hạn hoặc của ứng dụng khác",
            "the code is wrong, too old, or of another application",
        ),
        "Invalid 'redirect_uri' in request.": (
            "địa chỉ trả về khác với địa chỉ lúc đăng nhập",
            "the return address is not that of the sign-in",
        ),
        "No scope is left that this client may have.": (
            "không còn phạm vi nào ứng dụng được cấp",
            "no scope is left that the application may have",
        ),
        "The code has been used before.": (
            "mã ủy quyền đã được dùng",
            "the code has been used before",
        ),
        "The refresh token has been used before.": (
            "mã làm mới đã được dùng",
            "the refresh token has been used before",
        ),
        "The sign-in behind this code is no longer valid.": (
            "phiên đăng nhập không còn hiệu lực",
            "the sign-in is no longer valid",
        ),
        "The sign-in behind this token is no longer valid.": (
            "phiên đăng nhập không còn hiệu lực",
            "the sign-in is no longer valid",
        ),
        "The person may not enter this application.": (
            "người này không được vào ứng dụng",
            "the person may not enter this application",
        ),
        "The person must prove two factors.": (
            "cần xác thực hai lớp",
            "the person must prove two factors",
        ),
        "The person must sign in.": ("cần đăng nhập", "the person must sign in"),
        "Another person signed in.": ("người khác đã đăng nhập", "another person signed in"),
        "A resource was not authorized.": (
            "hệ thống đích chưa được phép",
            "a resource was not authorized",
        ),
        "This client may not ask for tokens for that resource.": (
            "ứng dụng không được xin mã truy cập cho hệ thống đích này",
            "the client may not ask for tokens for that resource",
        ),
        "The code_challenge is missing: PKCE with S256 is required.": (
            "thiếu mã kiểm tra PKCE",
            "PKCE is missing",
        ),
        "The code_challenge_method must be S256.": (
            "mã kiểm tra PKCE không đúng loại",
            "PKCE is not of the kind S256",
        ),
        "The code_challenge is not a base64url SHA-256.": (
            "mã kiểm tra PKCE không đúng dạng",
            "PKCE has not the right form",
        ),
        "The code_verifier is missing or malformed.": (
            "thiếu mã đối chiếu PKCE hoặc mã không đúng dạng",
            "the PKCE verifier is missing or malformed",
        ),
        "The code_verifier does not fit the code_challenge.": (
            "mã đối chiếu PKCE không khớp",
            "the PKCE verifier does not fit",
        ),
        "This response_mode is not supported.": (
            "cách nhận trả lời không được hỗ trợ",
            "the way of answering is not supported",
        ),
        "form_post needs an http or https redirect_uri.": (
            "trả lời bằng biểu mẫu cần địa chỉ trả về http hoặc https",
            "an answer by form needs an http or https address",
        ),
        "The response_type is missing.": ("thiếu kiểu trả lời", "the response type is missing"),
        "This client is not registered for authorization_code.": (
            "ứng dụng không đăng ký để người dùng đăng nhập",
            "the application is not registered for people to sign in",
        ),
        "The scope must contain openid.": ("scope thiếu openid", "the scope lacks openid"),
        "This client is not registered for the scope openid.": (
            "ứng dụng chưa đăng ký scope openid",
            "the application is not registered for the scope openid",
        ),
        "max_age must be a number of seconds.": (
            "tuổi của lần đăng nhập không phải số giây",
            "the age of the sign-in is no number of seconds",
        ),
        "The id_token_hint is not an ID token of this client.": (
            "ID token gửi kèm không phải của ứng dụng này",
            "the ID token sent with it is not of this application",
        ),
        "This prompt is not supported.": (
            "giá trị prompt không được hỗ trợ",
            "the prompt is not supported",
        ),
        "prompt=none cannot be combined with another prompt.": (
            "prompt none không đi cùng giá trị khác",
            "the prompt none stands alone",
        ),
        "The person cannot sign in at the level asked for.": (
            "người này không đạt được mức xác thực ứng dụng đòi hỏi",
            "the person cannot sign in at the level asked for",
        ),
        **{
            f"The parameter {name} is too long.": (
                f"tham số {name} quá dài",
                f"the parameter {name} is too long",
            )
            for name in ("state", "nonce", "prompt", "resource", "scope")
        },
        **CREDENTIALS.told,
        **ERRORS_OF_OAUTH.told,
    },
    other=("yêu cầu không hợp lệ", "the request is not valid"),
    is_open=True,
    instead="error",
)

# What a token was asked for with.
GRANT_TYPES = WordList(
    {
        "authorization_code": ("sau khi đăng nhập", "after a sign-in"),
        "refresh_token": ("làm mới", "refreshed"),
        "client_credentials": ("cho chính ứng dụng", "for itself"),
    },
    other=("loại khác", "of another kind"),
    is_open=True,
)

# What was used a second time.
_TOKENS = WordList(
    {
        "code": ("mã ủy quyền", "authorization code"),
        "refresh_token": ("mã làm mới", "refresh token"),
    },
    other=("mã", "token"),
)


CLIENT_AUTH_FAILED = Kind(
    "client.auth_failed",
    {"method": AUTH_METHODS, "reason": CREDENTIALS},
    vi=(
        "[subject?{subject}][subject!Một ứng dụng không rõ] không xác thực được"
        "[ từ {address}][: {reason}]"
    ),
    en=(
        "[subject?{subject}][subject!An unknown application] failed to authenticate"
        "[ from {address}][: {reason}]"
    ),
    groups=("applications",),
    is_refusal=True,
    counted=("lần ứng dụng xác thực sai", "failed authentications of applications"),
)

AUTHZ_REDIRECT_REJECTED = Kind(
    "authz.redirect_rejected",
    # `received`: what may be told of the value of `parameter` (`idp.oidc.diagnosis`).
    {"reason": REFUSALS, "parameter": "technical", "received": "technical"},
    vi="Từ chối một yêu cầu đăng nhập[ vào {subject}][ từ {address}][: {reason}]",
    en="A sign-in request[ for {subject}][ from {address}] was rejected[: {reason}]",
    groups=("refused",),
    is_refusal=True,
    counted=("yêu cầu đăng nhập bị từ chối", "rejected sign-in requests"),
)

AUTHZ_REQUEST_REFUSED = Kind(
    "authz.request_refused",
    {
        "error": ERRORS_OF_OAUTH,
        "reason": REFUSALS,
        "parameter": "technical",
        "received": "technical",
    },
    vi="Không nhận yêu cầu đăng nhập[ của {subject}]: {reason}",
    en="A sign-in request[ of {subject}] was not accepted: {reason}",
    groups=("refused",),
    is_refusal=True,
    counted=("yêu cầu đăng nhập không được nhận", "sign-in requests not accepted"),
)

APPLICATION_ENTERED = Kind(
    "application.entered",
    {"session": "technical", "scope": "technical"},
    vi="{actor} vào ứng dụng {subject}",
    en="{actor} entered {subject}",
    groups=("sign-in", "applications"),
    counted=("lần vào ứng dụng", "entries into applications"),
)

APPLICATION_REFUSED = Kind(
    "application.refused",
    {"session": "technical", "reason": NOT_ENTERED},
    vi="{actor} không được vào {subject}[: {reason}]",
    en="{actor} was not let into {subject}[: {reason}]",
    groups=("sign-in", "applications"),
    is_refusal=True,
    counted=("lần không được vào ứng dụng", "refused entries into applications"),
)

TOKEN_GRANTED = Kind(
    "token.granted",
    {"grant_type": GRANT_TYPES, "family": "technical", "token": "technical", "scope": "technical"},
    vi="{actor} nhận mã truy cập cho {subject}[ ({grant_type})]",
    en="{actor} got a token for {subject}[ ({grant_type})]",
    groups=("applications",),
    counted=("lần cấp mã truy cập", "tokens granted"),
)

TOKEN_REFUSED = Kind(
    "token.refused",
    {
        "grant_type": GRANT_TYPES,
        "error": ERRORS_OF_OAUTH,
        "reason": REFUSALS,
        "parameter": "technical",
        "received": "technical",
    },
    vi="{actor} không được cấp mã truy cập[ ({grant_type})]: {reason}",
    en="{actor} was refused a token[ ({grant_type})]: {reason}",
    groups=("applications",),
    is_refusal=True,
    counted=("lần không được cấp mã truy cập", "refused tokens"),
)

TOKEN_REPLAYED = Kind(
    "token.replayed",
    {"what": _TOKENS, "family": "technical"},
    vi="{actor} đưa ra một {what} đã dùng: thu hồi mọi mã truy cập liên quan của {subject}",
    en="{actor} presented a used {what}: all tokens of {subject} made from it are revoked",
    groups=("applications",),
    is_refusal=True,
    counted=("lần dùng lại mã đã dùng", "uses of used tokens"),
)

TOKEN_REVOKED = Kind(
    "token.revoked",
    {"family": "technical"},
    vi="{actor} thu hồi mã truy cập của {subject}",
    en="{actor} revoked the tokens of {subject}",
    groups=("applications",),
)

TRIAL_RESULTS = WordList(
    {
        "entered": ("vào được", "it would have let them in"),
        "refused": ("người này không được vào", "they may not enter"),
        "faulty": ("yêu cầu của ứng dụng có lỗi", "the application's request is faulty"),
        "other_person": ("người khác đã đăng nhập", "another person signed in"),
    },
)

APPLICATION_TRIAL_BEGUN = Kind(
    "application.trial_begun",
    {"person": "technical"},
    vi="{actor} lập địa chỉ thử đăng nhập vào {subject}",
    en="{actor} made an address for trying the sign-in to {subject}",
    groups=("applications",),
    counted=("lần lập địa chỉ thử đăng nhập", "addresses for trying a sign-in"),
)

APPLICATION_TRIED = Kind(
    "application.tried",
    {"result": TRIAL_RESULTS},
    vi="{actor} thử đăng nhập vào {subject}[: {result}]",
    en="{actor} tried the sign-in to {subject}[: {result}]",
    groups=("applications",),
    counted=("lần thử đăng nhập", "trials of sign-ins"),
)

KINDS = (
    CLIENT_AUTH_FAILED,
    AUTHZ_REDIRECT_REJECTED,
    AUTHZ_REQUEST_REFUSED,
    APPLICATION_ENTERED,
    APPLICATION_REFUSED,
    TOKEN_GRANTED,
    TOKEN_REFUSED,
    TOKEN_REPLAYED,
    TOKEN_REVOKED,
    APPLICATION_TRIAL_BEGUN,
    APPLICATION_TRIED,
)
