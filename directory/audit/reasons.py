"""The stable words that stand in events, told to people: word → (Vietnamese, English).

A word without a line here is never shown: a sentence says "another reason" in its place, and a test
that meets one fails. The texts are parts of sentences: no capital, no full stop.
"""

from __future__ import annotations

from collections.abc import Mapping

_REASONS = {
    "signed_out": ("đã đăng xuất", "signed out"),
    "too_many": (
        "quá nhiều phiên đăng nhập cùng lúc",
        "too many sessions at once",
    ),
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
    "return_unregistered": (
        "địa chỉ này không được đăng ký cho ứng dụng",
        "the address is not registered for the application",
    ),
    "return_unproven": (
        "ứng dụng không gửi kèm mã định danh hợp lệ",
        "the application sent no genuine token with it",
    ),
    "fault_of_program": ("lỗi của phần mềm", "a fault of the program"),
    "catalogue_silent": ("danh mục không trả lời", "the catalogue did not answer"),
    "store_silent": ("kho dữ liệu không trả lời", "the data store did not answer"),
    "too_busy": ("hệ thống đang quá tải", "the system was too busy"),
    "part_silent": (
        "một bộ phận của hệ thống không trả lời",
        "a part of the system did not answer",
    ),
    "accepted_deletions": ("đã xem và chấp nhận", "looked at and accepted"),
    "catalogue_whole_again": ("danh mục đã đầy đủ trở lại", "the catalogue is whole again"),
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
    # why a session ended
    "idle": ("lâu không sử dụng", "unused for too long"),
    "invalidated": ("tài khoản bị khóa hoặc thay mật khẩu", "the account or its password changed"),
    "restored": ("hệ thống được khôi phục từ bản sao lưu", "the system was restored"),
    # why a change was not written
    "change.in_progress": ("người khác đang cập nhật", "somebody else was just changing it"),
    "position.closed": (
        "vị trí việc làm đã đóng",
        "the position is closed",
    ),
    "person.username.taken": ("tên đăng nhập đã có người dùng", "the user name is taken"),
    "person.mail.taken": ("địa chỉ thư đã có người dùng", "the address is taken"),
    "person.staff_no.taken": ("mã cán bộ đã có người dùng", "the staff number is taken"),
    "agency.code.taken": ("mã cơ quan đã có cơ quan khác dùng", "the code is taken"),
    "catalogue.changed_meanwhile": (
        "dữ liệu đã được người khác thay đổi",
        "somebody else changed it meanwhile",
    ),
    "ldap.already_exists": ("bản ghi đã có", "the entry is there already"),
    "ldap.constraint": ("máy chủ LDAP không nhận giá trị này", "the LDAP server refused a value"),
    "ldap.forbidden": ("máy chủ LDAP không cho phép", "the LDAP server did not allow it"),
    "ldap.no_such_entry": ("bản ghi không còn", "the entry is gone"),
    "ldap.no_such_value": ("giá trị cũ không còn", "the old value is gone"),
    "ldap.refused": ("máy chủ LDAP từ chối", "the LDAP server refused"),
    "ldap.too_many_entries": ("có quá nhiều bản ghi", "there are too many entries"),
    "ldap.value_exists": ("giá trị đã có", "the value is there already"),
    "password.not_settled": ("không rõ kết quả", "the outcome is not known"),
    # why the catalogue was compared
    "first_load": ("lần nạp đầu tiên", "first load"),
    "cookie_dropped": ("mất dấu theo dõi", "the place of reading was lost"),
    "cookie_refused": (
        "máy chủ LDAP không nhận dấu theo dõi",
        "the LDAP server refused the place of reading",
    ),
    "slapd_restarted": ("máy chủ LDAP khởi động lại", "the LDAP server was restarted"),
    "nightly": ("hằng đêm", "nightly"),
    "on_demand": ("theo yêu cầu", "on demand"),
    "restore": ("sau khi khôi phục", "after a restore"),
    "drill": ("diễn tập khôi phục", "a drill of restoring"),
    # why an application could not be told
    "timeout": ("quá thời gian chờ", "it took too long"),
    "outbound.timeout": ("quá thời gian chờ", "it took too long"),
    "outbound.forbidden": (
        "địa chỉ không nằm trong danh sách được phép gọi ra",
        "its address is not among those that may be called",
    ),
    "outbound.unavailable": ("không kết nối được", "no connection"),
    "outbound.too_large": ("câu trả lời quá dài", "its answer was too long"),
    "outbound.bad_url": ("địa chỉ không hợp lệ", "its address is not valid"),
    # why a request for sign-in or tokens was refused (the text that is sent to the application)
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
}
WORDS: Mapping[str, tuple[str, str]] = _REASONS

# RFC 6749 sections 4.1.2.1 and 5.2, RFC 8707, OpenID Connect Core 3.1.2.6: where the text beside
# an error has no line above, the error itself is told.
ERRORS: Mapping[str, tuple[str, str]] = {
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
    "invalid_request_object": ("yêu cầu kèm theo không hợp lệ", "the request object is not valid"),
    "invalid_request_uri": ("địa chỉ yêu cầu không hợp lệ", "the request URI is not valid"),
    "invalid_scope": ("phạm vi thông tin không hợp lệ", "the scope is not valid"),
    "invalid_target": ("hệ thống đích không hợp lệ", "the resource is not valid"),
    "login_required": ("cần đăng nhập", "the person must sign in"),
    "registration_not_supported": (
        "không hỗ trợ tham số đăng ký",
        "the registration parameter is not supported",
    ),
    "request_not_supported": ("không hỗ trợ yêu cầu kèm theo", "request objects are not supported"),
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
}
