"""The stable words that stand as reasons in events, told to people.

A word without a line here is shown as it is: it is readable English.
"""

from __future__ import annotations

_REASONS = {
    "signed_out": ("đã đăng xuất", "signed out"),
    "other_person": ("người khác đăng nhập trên cùng trình duyệt", "somebody else signed in"),
    "person_not_active": ("tài khoản không còn hoạt động", "the account is not active"),
    "person_suspended": ("tài khoản đang bị khóa", "the account is suspended"),
    "person_left": ("người này đã thôi việc", "the person has left"),
    "person_pending": ("tài khoản chưa kích hoạt", "the account is not active yet"),
    "sessions_ended": ("mọi phiên trước đó bị kết thúc", "all earlier sessions were ended"),
    "wrong_password": ("sai mật khẩu", "wrong password"),
    "changed_meanwhile": (
        "tài khoản vừa được thay đổi trong lúc đăng nhập",
        "the account was changed meanwhile",
    ),
    "locked": ("đang bị tạm khóa", "locked"),
    "ldap.unavailable": ("danh mục không trả lời", "the catalogue did not answer"),
    "signin.busy": ("quá nhiều người đăng nhập cùng lúc", "too many signed in at once"),
    "fault": ("hệ thống gặp sự cố", "a fault of the system"),
    "must_change": ("phải đổi mật khẩu trước", "the password must be changed first"),
    "no_role": ("không có vai trò", "holds no role"),
    "other_agency": ("không thuộc cơ quan được vào", "not of an agency that may enter"),
    "application_disabled": ("ứng dụng đã ngừng", "the application is disabled"),
    "unknown_application": ("ứng dụng không có", "no such application"),
    "out_of_scope": ("ngoài phạm vi", "out of scope"),
    "authorization_code": ("mã ủy quyền", "authorization code"),
    "refresh_token": ("làm mới", "refresh"),
    "client_credentials": ("ứng dụng tự xác thực", "client credentials"),
    "code": ("mã ủy quyền", "authorization code"),
    "ldap.assertion_failed": (
        "dữ liệu đã được người khác thay đổi",
        "somebody else changed it meanwhile",
    ),
    "ldap.value_taken": ("giá trị đã có người dùng", "the value is taken"),
    "fault_of_program": ("lỗi của phần mềm", "a fault of the program"),
    "catalogue_silent": ("danh mục không trả lời", "the catalogue did not answer"),
    "store_silent": ("kho dữ liệu không trả lời", "the data store did not answer"),
    "too_busy": ("hệ thống đang quá tải", "the system was too busy"),
    "part_silent": (
        "một bộ phận của hệ thống không trả lời",
        "a part of the system did not answer",
    ),
    "everyone": ("mọi người", "everyone"),
    "roles": ("người có vai trò", "holders of its roles"),
    "agencies": ("người của các cơ quan được chọn", "people of chosen agencies"),
    # --- why a client was not believed (idp.oidc.client_authentication, …client_assertion) -------
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
    "not Basic": ("phần Authorization không phải Basic", "the Authorization header is not Basic"),
    "Basic does not decode": (
        "phần Authorization không đọc được",
        "the Authorization header cannot be read",
    ),
    "Basic without a colon": (
        "phần Authorization thiếu dấu hai chấm",
        "the Authorization header has no colon",
    ),
    "assertion without its type": (
        "thiếu loại của chứng thực (client_assertion_type)",
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
    "header parameter not accepted": (
        "phần đầu của chữ ký có nội dung không được chấp nhận",
        "the header of the signature says what is not accepted",
    ),
    "algorithm or kid not accepted": (
        "thuật toán hoặc số khóa không được chấp nhận",
        "algorithm or key id not accepted",
    ),
    "token of another type": ("loại chữ ký khác", "a token of another type"),
    "no such key": ("không có khóa nào như vậy", "no such key"),
    "the signature is not good": ("chữ ký không đúng", "the signature is not good"),
    "token too long": ("quá dài", "too long"),
    "not a compact JWS": ("không phải dạng JWS", "not a compact JWS"),
    "bad base64url": ("mã hóa base64url sai", "bad base64url"),
    "base64url not canonical": ("mã hóa base64url sai", "bad base64url"),
    "bad JSON": ("nội dung JSON sai", "bad JSON"),
    "not a JSON object": ("nội dung JSON sai", "bad JSON"),
    "no exp": ("không ghi thời hạn (exp)", "no time of expiry (exp)"),
    "expired": ("đã hết hạn", "expired"),
    "lives too long": ("thời hạn quá dài (exp)", "lives too long (exp)"),
    "nbf lies in the future": (
        "chưa đến lúc có hiệu lực (nbf); hãy xem đồng hồ máy chủ của ứng dụng",
        "not yet valid (nbf): see the clock of the application's server",
    ),
    "iat lies in the future": (
        "lập ở thời điểm chưa đến (iat); hãy xem đồng hồ máy chủ của ứng dụng",
        "made in the future (iat): see the clock of the application's server",
    ),
    "exp is not a whole number of seconds": ("thời hạn ghi sai (exp)", "exp is not a number"),
    "nbf is not a whole number of seconds": ("thời điểm ghi sai (nbf)", "nbf is not a number"),
    "iat is not a whole number of seconds": ("thời điểm ghi sai (iat)", "iat is not a number"),
}
REASONS_VI = {word: told[0] for word, told in _REASONS.items()}
REASONS_EN = {word: told[1] for word, told in _REASONS.items()}
