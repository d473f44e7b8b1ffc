"""What an application cannot be registered with, and what cannot be done with it now."""

from __future__ import annotations

from directory.errors import ErrorCode, Words

CLIENT_URI_TEXT = ErrorCode(
    "client.uri.text",
    operators=Words(
        "{field}: URI phải là văn bản",
        "{field}: a URI must be given as text",
    ),
)
CLIENT_URI_LENGTH = ErrorCode(
    "client.uri.length",
    said=Words(
        "{value}… dài quá 2000 ký tự.",
        "{value}… has more than 2000 characters.",
    ),
    operators=Words(
        "{field}: {value}… dài quá 2000 ký tự",
        "{field}: {value}… is longer than 2000 characters",
    ),
)
CLIENT_URI_FRAGMENT = ErrorCode(
    "client.uri.fragment",
    said=Words(
        "{value}: địa chỉ không được có phần sau dấu #.",
        "{value}: the address must not have a part after #.",
    ),
    operators=Words(
        "{field}: {value} không được có phần sau dấu # (fragment)",
        "{field}: {value} must not contain a fragment (#…)",
    ),
)
CLIENT_URI_WILDCARD = ErrorCode(
    "client.uri.wildcard",
    said=Words(
        "{value}: không dùng được dấu *. Hãy ghi đầy đủ từng địa chỉ.",
        "{value}: * cannot be used. Write every address in full.",
    ),
    operators=Words(
        "{field}: {value} không được có dấu *: hãy đăng ký đầy đủ từng URI",
        "{field}: {value} must not contain *: register every URI in full",
    ),
)
CLIENT_URI_CHARACTERS = ErrorCode(
    "client.uri.characters",
    said=Words(
        "“{value}” có ký tự không được dùng trong địa chỉ.",
        "“{value}” has characters that an address must not have.",
    ),
    operators=Words(
        "{field}: “{value}” có ký tự không được dùng trong URI",
        "{field}: “{value}” contains characters a URI must not contain",
    ),
)
CLIENT_URI_HOST = ErrorCode(
    "client.uri.host",
    said=Words(
        "{value}: tên máy chủ chưa hợp lệ.",
        "{value}: the host name is not valid.",
    ),
    operators=Words(
        "{field}: {value} không có tên máy chủ hợp lệ",
        "{field}: {value} has no plain host name",
    ),
)
CLIENT_URI_SCHEME = ErrorCode(
    "client.uri.scheme",
    said=Words(
        "{value}: địa chỉ phải bắt đầu bằng https://.",
        "{value}: the address must begin with https://.",
    ),
    operators=Words(
        "{field}: {value} phải bắt đầu bằng https:// (chữ thường)",
        "{field}: {value} must begin with https:// (lower case)",
    ),
)
CLIENT_URI_NATIVE_ONLY = ErrorCode(
    "client.uri.native_only",
    said=Words(
        "{value}: địa chỉ có giao thức riêng chỉ dùng cho ứng dụng cài trên máy, điện thoại.",
        "{value}: an address with a scheme of its own is for installed applications.",
    ),
    operators=Words(
        "{field}: {value}: địa chỉ có giao thức riêng chỉ dành cho ứng dụng cài đặt trên máy; hãy "
        "đăng ký với --native (application_type native)",
        "{field}: {value}: an address of one's own scheme belongs to an installed application; "
        "register it with --native (application_type native)",
    ),
)
CLIENT_URI_DOT = ErrorCode(
    "client.uri.dot",
    said=Words(
        "{value}: giao thức riêng phải là tên miền viết ngược của đơn vị, ví dụ "
        "vn.gov.example.app:/callback.",
        "{value}: a scheme of one’s own is a domain of yours backwards, such as "
        "vn.gov.example.app:/callback.",
    ),
    operators=Words(
        "{field}: {value}: giao thức của ứng dụng cài đặt trên máy phải có dấu chấm: một tên miền "
        "của đơn vị viết ngược, ví dụ vn.gov.example.app:/callback (RFC 8252 mục 7.1)",
        "{field}: {value}: the scheme of a native application needs a dot: a domain of yours "
        "backwards, such as vn.gov.example.app:/callback (RFC 8252 section 7.1)",
    ),
)
CLIENT_URI_HTTP = ErrorCode(
    "client.uri.http",
    said=Words(
        "{value}: địa chỉ phải bắt đầu bằng https:// để thông tin đăng nhập không bị đọc "
        "trên đường truyền.",
        "{value}: the address must begin with https://, so that nobody reads the sign-in on "
        "its way.",
    ),
    operators=Words(
        "{field}: {value}: http không mã hóa chỉ được nhận trên chính máy đó (loopback), khi chạy "
        "thử hoặc cho ứng dụng cài đặt trên máy",
        "{field}: {value}: plain http is accepted on loopback only, in a demo or for a native "
        "application",
    ),
)
CLIENT_URI_USERINFO = ErrorCode(
    "client.uri.userinfo",
    said=Words(
        "{value}: địa chỉ không được có tên người dùng hoặc dấu @ trước tên máy chủ.",
        "{value}: the address must not have a user name or @ before the host.",
    ),
    operators=Words(
        "{field}: {value} không được có tên người dùng hoặc dấu @ trong phần máy chủ",
        "{field}: {value} must not contain a user name or @ in the host",
    ),
)
CLIENT_URI_PORT = ErrorCode(
    "client.uri.port",
    said=Words(
        "{value}: cổng là số từ 1 đến 65535; không có cổng thì bỏ dấu hai chấm.",
        "{value}: a port is a number from 1 to 65535; leave the colon out where there is none.",
    ),
    operators=Words(
        "{field}: {value}: cổng là số từ 1 đến 65535; nếu không có cổng thì bỏ dấu hai chấm",
        "{field}: {value}: a port is a number from 1 to 65535; leave the colon out where there is "
        "none",
    ),
)
CLIENT_URI_PATH = ErrorCode(
    "client.uri.path",
    said=Words(
        "{value}: đường dẫn không được có // hoặc /../.",
        "{value}: the path must not have // or /../.",
    ),
    operators=Words(
        "{field}: {value}: đường dẫn không được có //, /../ hoặc dạng che giấu của chúng",
        "{field}: {value}: the path must not contain //, /../ or disguises of them",
    ),
)
CLIENT_UNSUPPORTED = ErrorCode(
    "client.unsupported",
    operators=Words(
        "{field} yêu cầu điều mà máy chủ này không làm; hãy bỏ đi (khóa được đưa trực tiếp trong "
        "jwks, không qua jwks_uri)",
        "{field} asks for something this server does not do; remove it (keys are given by value in "
        "jwks, not by jwks_uri)",
    ),
)
CLIENT_REDIRECT_URI_MISSING = ErrorCode(
    "client.redirect_uri_missing",
    said=Words(
        "Nhập ít nhất một địa chỉ trả về.",
        "Enter at least one redirect address.",
    ),
    operators=Words(
        "{field}: cần ít nhất một địa chỉ trả về",
        "{field}: at least one redirect URI is needed",
    ),
)
CLIENT_PUBLIC_WITHOUT_PERSON = ErrorCode(
    "client.public_without_person",
    operators=Words(
        "{field}: ứng dụng công khai không được dùng {grant_type}",
        "{field}: a public client cannot use {grant_type}",
    ),
)
CLIENT_JWKS_MISSING = ErrorCode(
    "client.jwks_missing",
    operators=Words(
        "{field}: private_key_jwt cần khóa công khai của ứng dụng",
        "{field}: private_key_jwt needs the public keys of the client",
    ),
)
CLIENT_JWKS = ErrorCode(
    "client.jwks",
    operators=Words("{field} không dùng được: {reason}", "{field} cannot be used: {reason}"),
)
CLIENT_NAME = ErrorCode(
    "client.name",
    said=Words(
        "Nhập tên ứng dụng, tối đa 200 ký tự.",
        "Enter the name of the application, at most 200 characters.",
    ),
    operators=Words(
        "{field}: cần tên hiển thị được, từ 1 đến 200 ký tự",
        "{field}: a printable name of 1 to 200 characters is needed",
    ),
)
CLIENT_NOT_A_LIST = ErrorCode(
    "client.not_a_list",
    operators=Words("{field}: cần danh sách văn bản", "{field}: a list of texts is needed"),
)
CLIENT_NOT_A_FLAG = ErrorCode(
    "client.not_a_flag",
    operators=Words("{field}: cần true hoặc false", "{field}: true or false is needed"),
)
CLIENT_NOT_A_NUMBER = ErrorCode(
    "client.not_a_number",
    operators=Words(
        "{field}: cần số giây là số nguyên",
        "{field}: a whole number of seconds is needed",
    ),
)
CLIENT_NOT_OFFERED = ErrorCode(
    "client.not_offered",
    operators=Words(
        "{field}: máy chủ này không cung cấp {value}",
        "{field}: {value} is not offered by this server",
    ),
)
CLIENT_NOT_AN_OBJECT = ErrorCode(
    "client.not_an_object",
    operators=Words(
        "mỗi mục phải là một đối tượng JSON mô tả ứng dụng",
        "each entry must be a JSON object of client metadata",
    ),
)
CLIENT_RESOURCE = ErrorCode(
    "client.resource",
    operators=Words(
        "{field}: mã hệ thống đích là chuỗi ASCII ngắn, không có dấu cách hoặc dấu #",
        "{field}: a resource is a short ASCII identifier without blanks or #",
    ),
)
CLIENT_ID = ErrorCode(
    "client.id",
    operators=Words(
        "{field}: chỉ gồm chữ cái không dấu, chữ số và các dấu ._~:/@+-, tối đa 120 ký tự",
        "{field}: letters, digits and ._~:/@+- only, at most 120 characters",
    ),
)
CLIENT_SECRET = ErrorCode(
    "client.secret",
    operators=Words(
        "{field}: chỉ gồm ký tự ASCII in được, tối đa 255 ký tự (RFC 6749 phụ lục A.2)",
        "{field}: printable ASCII, at most 255 characters (RFC 6749 appendix A.2)",
    ),
)
CLIENT_SECRET_SHORT = ErrorCode(
    "client.secret_short",
    operators=Words(
        "{field}: cần ít nhất {minimum} ký tự; nếu để trống, máy chủ sẽ tạo khóa bí mật",
        "{field}: at least {minimum} characters are needed; leave it out and the server makes one",
    ),
)
CLIENT_EXISTS = ErrorCode(
    "client.exists",
    operators=Words("đã có ứng dụng {client_id}", "there is already a client {client_id}"),
)
CLIENT_UNKNOWN = ErrorCode(
    "client.unknown",
    operators=Words("không có ứng dụng {client_id}", "there is no client {client_id}"),
)
CLIENT_NO_SECRET = ErrorCode(
    "client.no_secret",
    operators=Words(
        "ứng dụng này không có khóa bí mật: nó xác thực bằng cách khác",
        "this client has no secret: it authenticates another way",
    ),
)
CLIENT_PKCE_EXEMPT_PUBLIC = ErrorCode(
    "client.pkce_exempt_public",
    operators=Words(
        "{field}: chỉ ứng dụng giữ được bí mật mới được miễn PKCE",
        "{field}: only a confidential client may go without PKCE",
    ),
)
CLIENT_ID_RESERVED = ErrorCode(
    "client.id_reserved",
    operators=Words(
        "{field}: {value} là địa chỉ của máy chủ này; hãy chọn mã khác",
        "{field}: {value} is an address of this server; choose another id",
    ),
)
CLIENT_ID_IS_RESOURCE = ErrorCode(
    "client.id_is_resource",
    operators=Words(
        "{field}: {value} là hệ thống đích của một ứng dụng; hãy chọn mã khác",
        "{field}: {value} is a resource of some client; choose another id",
    ),
)
CLIENT_ID_TAKEN = ErrorCode(
    "client.id_taken",
    operators=Words(
        "{field}: {value} là mã của một người hoặc một cơ quan; hãy chọn mã khác",
        "{field}: {value} is the id of a person or an agency; choose another id",
    ),
)
CLIENT_ID_USED = ErrorCode(
    "client.id_used",
    operators=Words(
        "ứng dụng {client_id} đã bị gỡ và mã của nó không được cấp lại; bỏ --client-id để nhận mã "
        "mới",
        "the client {client_id} was removed, and its id is never given again; leave --client-id "
        "out for a new one",
    ),
)
CLIENT_RESOURCE_UNKNOWN = ErrorCode(
    "client.resource_unknown",
    operators=Words(
        "{field}: chưa có ứng dụng nào đại diện cho {value}; hãy đăng ký trước: "
        "danhmuc resource add {value} --client CLIENT_ID",
        "{field}: no client stands for {value}; register it first: "
        "danhmuc resource add {value} --client CLIENT_ID",
    ),
)
CLIENT_OVERLAP = ErrorCode(
    "client.overlap",
    operators=Words(
        "{field}: hai khóa bí mật chỉ được cùng hiệu lực tối đa {most} giờ",
        "{field}: two secrets may live side by side for at most {most} hours",
    ),
)
CLIENT_DISABLED_ALREADY = ErrorCode(
    "client.disabled_already",
    operators=Words(
        "ứng dụng {client_id} đã ngừng từ trước",
        "the client {client_id} is disabled already",
    ),
)
CLIENT_NOT_DISABLED = ErrorCode(
    "client.not_disabled",
    operators=Words(
        "ứng dụng {client_id} không bị ngừng; chưa có gì được thay đổi",
        "the client {client_id} is not disabled; nothing was changed",
    ),
)
CLIENT_LOGO = ErrorCode(
    "client.logo",
    said=Words(
        "Chọn hình PNG, JPEG hoặc WebP, tối đa {most} KB.",
        "Choose a PNG, JPEG or WebP picture of at most {most} KB.",
    ),
    operators=Words(
        "{field}: cần hình PNG, JPEG hoặc WebP, tối đa {most} KB",
        "{field}: a PNG, JPEG or WebP picture of at most {most} KB is needed",
    ),
)
RESOURCE_URI = ErrorCode(
    "resource.uri",
    operators=Words(
        "{field}: cần URI đầy đủ, không có dấu cách và phần sau dấu #, ví dụ "
        "https://api.example.gov.vn/",
        "{field}: an absolute URI without blanks and #… is needed, such as "
        "https://api.example.gov.vn/",
    ),
)
RESOURCE_EXISTS = ErrorCode(
    "resource.exists",
    operators=Words(
        "{uri} đã là hệ thống đích của {client_id}",
        "{uri} is a resource of {client_id} already",
    ),
)
RESOURCE_UNKNOWN = ErrorCode(
    "resource.unknown",
    operators=Words(
        "không có hệ thống đích {uri}; danhmuc resource list liệt kê các hệ thống",
        "there is no resource {uri}; danhmuc resource list shows them",
    ),
)
RESOURCE_IS_CLIENT = ErrorCode(
    "resource.is_client",
    operators=Words(
        "{field}: {value} là mã của ứng dụng khác",
        "{field}: {value} is the id of another client",
    ),
)
RESOURCE_IS_OURS = ErrorCode(
    "resource.is_ours",
    operators=Words(
        "{field}: {value} là địa chỉ của chính máy chủ này",
        "{field}: {value} is an address of this server itself",
    ),
)

ERRORS = (
    CLIENT_URI_TEXT,
    CLIENT_URI_LENGTH,
    CLIENT_URI_FRAGMENT,
    CLIENT_URI_WILDCARD,
    CLIENT_URI_CHARACTERS,
    CLIENT_URI_HOST,
    CLIENT_URI_SCHEME,
    CLIENT_URI_NATIVE_ONLY,
    CLIENT_URI_DOT,
    CLIENT_URI_HTTP,
    CLIENT_URI_USERINFO,
    CLIENT_URI_PORT,
    CLIENT_URI_PATH,
    CLIENT_UNSUPPORTED,
    CLIENT_REDIRECT_URI_MISSING,
    CLIENT_PUBLIC_WITHOUT_PERSON,
    CLIENT_JWKS_MISSING,
    CLIENT_JWKS,
    CLIENT_NAME,
    CLIENT_NOT_A_LIST,
    CLIENT_NOT_A_FLAG,
    CLIENT_NOT_A_NUMBER,
    CLIENT_NOT_OFFERED,
    CLIENT_NOT_AN_OBJECT,
    CLIENT_RESOURCE,
    CLIENT_ID,
    CLIENT_SECRET,
    CLIENT_SECRET_SHORT,
    CLIENT_EXISTS,
    CLIENT_UNKNOWN,
    CLIENT_NO_SECRET,
    CLIENT_PKCE_EXEMPT_PUBLIC,
    CLIENT_ID_RESERVED,
    CLIENT_ID_IS_RESOURCE,
    CLIENT_ID_TAKEN,
    CLIENT_ID_USED,
    CLIENT_RESOURCE_UNKNOWN,
    CLIENT_OVERLAP,
    CLIENT_DISABLED_ALREADY,
    CLIENT_NOT_DISABLED,
    CLIENT_LOGO,
    RESOURCE_URI,
    RESOURCE_EXISTS,
    RESOURCE_UNKNOWN,
    RESOURCE_IS_CLIENT,
    RESOURCE_IS_OURS,
)
