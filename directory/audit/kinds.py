"""Every kind of audit event: its exact fields and the sentence that tells it.

Sentences may use the declared fields and `{actor}`, `{subject}`, `{agency}`, `{address}`, which the
reader fills with names. A part in brackets is left out when something in it is missing, empty or
zero: `[ từ {address}]`; `[name?…]` stands only where that field is true or present, `[name!…]` only
where it is not. What a field holds, and how it is told, says `directory.audit.vocabulary`.

A kind is never renamed and a field never removed once released; a kind may gain a field, which
events of before do not have: it reads as "–", or leaves its part in brackets out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from directory.audit.vocabulary import Form


@dataclass(frozen=True)
class Kind:
    """Declaration of one event kind.

    `forms`: of those fields that hold something else here than `directory.audit.vocabulary.FORMS`
    says."""

    fields: tuple[str, ...]
    vi: str
    en: str
    forms: Mapping[str, Form] = field(default_factory=dict)
    # Parts of an act whose subjects its line names: a word for templates → kind of the parts.
    parts: Mapping[str, str] = field(default_factory=dict)
    # It tells what was asked for: `change.done` or another outcome follows, or `change.refused`.
    awaits_outcome: bool = False
    # It tells that somebody or something was refused.
    is_refusal: bool = False
    # Somebody could cause it without end: it counts against the budget of its actor or network
    # (`directory.audit.budgets`). What many of them are called, after their number.
    counted: tuple[str, str] | None = None


KINDS: dict[str, Kind] = {
    # --- catalogue -------------------------------------------------------------------------------
    "person.add.requested": Kind(
        ("intent", "username", "full_name"),
        "{actor} thêm {full_name} ({username})",
        "{actor} added {full_name} ({username})",
        awaits_outcome=True,
    ),
    "person.change.requested": Kind(
        ("intent", "changes", "before"),
        "{actor} sửa {subject}: {changes}",
        "{actor} changed {subject}: {changes}",
        awaits_outcome=True,
    ),
    "catalogue.upgraded": Kind(
        ("step", "entries", "refused"),
        "{actor} đưa {entries} hồ sơ của danh mục sang phiên bản mới[; {refused} hồ sơ chưa đổi "
        "được]",
        "{actor} brought {entries} records of the catalogue to the new version[; {refused} could "
        "not be changed]",
        {"step": "technical", "refused": "count"},
    ),
    "agency.add.requested": Kind(
        ("intent", "code", "name"),
        "{actor} thêm {name}[ ({code})]",
        "{actor} added {name}[ ({code})]",
        awaits_outcome=True,
    ),
    "agency.change.requested": Kind(
        ("intent", "changes", "before"),
        "{actor} sửa {subject}: {changes}",
        "{actor} changed {subject}: {changes}",
        awaits_outcome=True,
    ),
    "change.done": Kind(
        ("intent", "entry_csn", "recovered"),
        "Thay đổi đối với {subject} đã được ghi vào danh mục",
        "The change of {subject} was written to the catalogue",
    ),
    "change.refused": Kind(
        ("intent", "reason"),
        "Thay đổi đối với {subject} không được ghi: {reason}",
        "The change of {subject} was not written: {reason}",
        is_refusal=True,
    ),
    "person.password.change_requested": Kind(
        ("by_self",),
        "[by_self?{actor} đổi mật khẩu của mình][by_self!{actor} đặt mật khẩu mới cho {subject}]",
        "[by_self?{actor} changed their password]"
        "[by_self!{actor} set a new password for {subject}]",
        awaits_outcome=True,
    ),
    "person.password.set": Kind(
        ("by_self",),
        "[by_self?{actor} đổi mật khẩu của mình][by_self!{actor} đặt mật khẩu mới cho {subject}]",
        "[by_self?{actor} changed their password]"
        "[by_self!{actor} set a new password for {subject}]",
    ),
    "person.activated": Kind(
        (),
        "{actor} đặt mật khẩu cho {subject}; tài khoản đã được kích hoạt",
        "{actor} set a password for {subject}, whose account is active now",
    ),
    "person.suspended": Kind(
        ("reason",),
        "{actor} khóa {subject}[: {reason}]",
        "{actor} suspended {subject}[: {reason}]",
        {"reason": "text"},
    ),
    "person.resumed": Kind(
        ("reason",),
        "{actor} mở khóa {subject}[: {reason}]",
        "{actor} resumed {subject}[: {reason}]",
        {"reason": "text"},
    ),
    "person.retired": Kind(
        ("reason",),
        "{actor} cho {subject} thôi sử dụng[: {reason}]",
        "{actor} retired {subject}[: {reason}]",
        {"reason": "text"},
    ),
    "person.moved": Kind(
        ("title_before", "place_before", "title", "place", "basis"),
        "{actor} điều động {subject}[ từ {title_before} ({place_before})] sang {title} ({place})"
        "[, căn cứ {basis}]",
        "{actor} moved {subject}[ from {title_before} ({place_before})] to {title} ({place})"
        "[ by {basis}]",
    ),
    "person.arrived": Kind(
        ("title_before", "place_before", "title", "place", "basis"),
        "{subject} được điều động đến {place}, giữ chức vụ {title}"
        "[, từ {title_before} ({place_before})][, căn cứ {basis}]",
        "{subject} was moved to {place} as {title}[, from {title_before} ({place_before})]"
        "[, by {basis}]",
    ),
    "person.post_added": Kind(
        ("title", "place", "basis"),
        "{actor} giao thêm cho {subject} chức vụ {title} ({place})[, căn cứ {basis}]",
        "{actor} gave {subject} a second post, {title} ({place})[ by {basis}]",
    ),
    "person.posts_ended": Kind(
        ("titles", "until"),
        "{actor} cho {subject} thôi giữ chức vụ {titles}, {until}",
        "{actor} ended posts of {subject}: {titles}, {until}",
        {"until": "last_day"},
    ),
    "person.unlocked": Kind(
        (), "{actor} gỡ tạm dừng đăng nhập cho {subject}", "{actor} unlocked sign-in of {subject}"
    ),
    # --- authorisation ---------------------------------------------------------------------------
    "application.put": Kind(
        ("name", "access"),
        "{actor} khai báo ứng dụng {name} (ai được vào: {access})",
        "{actor} declared application {name} (open to: {access})",
    ),
    "role.put": Kind(
        ("application", "role", "title", "given_by"),
        "{actor} khai báo vai trò {title} của {application}",
        "{actor} declared role {title} of {application}",
    ),
    "grant.added": Kind(
        ("grant", "application", "role", "holder", "scope", "until", "reason"),
        "{actor} giao vai trò {role} của {application} cho {subject} tại {scope}, {until}"
        "[: {reason}]",
        "{actor} granted role {role} of {application} to {subject} in {scope}, {until}[: {reason}]",
        {"reason": "text", "scope": "place", "until": "last_day"},
    ),
    "grant.revoked": Kind(
        ("grant", "application", "role", "reason"),
        "{actor} thu hồi vai trò {role} của {application} đã giao cho {subject}[: {reason}]",
        "{actor} took role {role} of {application} from {subject}[: {reason}]",
        {"reason": "text"},
    ),
    "grant.ends": Kind(
        ("grant", "application", "role", "until", "reason"),
        "{actor} giới hạn vai trò {role} của {application} đã giao cho {subject} {until}"
        "[: {reason}]",
        "{actor} limited role {role} of {application} given to {subject} {until}[: {reason}]",
        {"reason": "text", "until": "last_day"},
    ),
    "position.added": Kind(
        ("name",),
        "{actor} thêm vị trí việc làm {name} vào {agency}",
        "{actor} added the position {name} to {agency}",
    ),
    "position.renamed": Kind(
        ("before", "name"),
        "{actor} đổi tên vị trí việc làm {before} thành {name}",
        "{actor} renamed the position {before} to {name}",
        {"before": "text"},
    ),
    "position.closed": Kind(
        ("name", "reason"),
        "{actor} đóng vị trí việc làm {name}[: {reason}]",
        "{actor} closed the position {name}[: {reason}]",
        {"reason": "text"},
    ),
    "positions.migrated": Kind(
        ("count", "positions"),
        "Khi nâng cấp, {count} vị trí việc làm được lập từ các chức danh đã có vai trò; không ai "
        "được thêm hay mất vai trò",
        "While upgrading, {count} positions were made of the titles that roles hung on; nobody "
        "gained or lost a role",
    ),
    "authz.denied": Kind(
        ("action", "object", "reason"),
        "{actor} bị từ chối {action} {object}{reason}",
        "{actor} was refused to {action} {object}{reason}",
        {"reason": "denial"},
        is_refusal=True,
        counted=("lần bị từ chối", "refused actions"),
    ),
    # --- installation ----------------------------------------------------------------------------
    "installation.initialised": Kind(
        ("version", "demo"),
        "{actor} khởi tạo hệ thống (phiên bản {version})",
        "{actor} initialised the installation (version {version})",
    ),
    "seed.loaded": Kind(
        ("people", "agencies", "seed"),
        "{actor} nạp dữ liệu mẫu: {people} người, {agencies} cơ quan",
        "{actor} loaded demo data: {people} people, {agencies} agencies",
    ),
    "fault.shown": Kind(
        ("support_code", "status", "code", "reason"),
        "Một yêu cầu từ {address} không được phục vụ: {reason} (mã hỗ trợ {support_code})",
        "A request from {address} could not be served: {reason} (support code {support_code})",
        {"status": "technical"},
        counted=("lần gặp sự cố", "faults"),
    ),
    # --- clients and keys (idp.clients, idp.keys) ------------------------------------------------
    "client.added": Kind(
        ("name", "auth_method", "pkce_exempt"),
        "{actor} đăng ký kết nối cho {name} (xác thực: {auth_method})"
        "[, không bắt buộc PKCE: {pkce_exempt}]",
        "{actor} registered a connection for {name} (authentication: {auth_method})"
        "[, PKCE not required: {pkce_exempt}]",
    ),
    "client.changed": Kind(
        ("fields_changed", "pkce_exempt"),
        "{actor} sửa kết nối của {subject}[: {fields_changed}]"
        "[; không bắt buộc PKCE: {pkce_exempt}]",
        "{actor} changed the connection of {subject}[: {fields_changed}]"
        "[; PKCE not required: {pkce_exempt}]",
    ),
    "client.secret_rotated": Kind(
        ("previous_until",),
        "{actor} đổi khóa bí mật của {subject}[, khóa cũ còn dùng được đến {previous_until}]",
        "{actor} rotated the secret of {subject}[, the old one works until {previous_until}]",
    ),
    "client.disabled": Kind(
        ("reason",),
        "{actor} ngừng kết nối của {subject}[: {reason}]",
        "{actor} disabled the connection of {subject}[: {reason}]",
        {"reason": "text"},
    ),
    "client.enabled": Kind(
        ("reason",),
        "{actor} mở lại kết nối của {subject}[: {reason}]",
        "{actor} enabled the connection of {subject} again[: {reason}]",
        {"reason": "text"},
    ),
    "client.removed": Kind(
        ("reason",),
        "{actor} gỡ hẳn kết nối của {subject}[: {reason}]",
        "{actor} removed the connection of {subject} for good[: {reason}]",
        {"reason": "text"},
    ),
    "client.logo_changed": Kind(
        (),
        "{actor} đổi biểu tượng của {subject}",
        "{actor} changed the logo of {subject}",
    ),
    "resource.added": Kind(
        ("uri",),
        "{actor} đăng ký giao diện lập trình {uri} của {subject}",
        "{actor} registered the API {uri} of {subject}",
    ),
    "resource.removed": Kind(
        ("uri",),
        "{actor} gỡ giao diện lập trình {uri} của {subject}",
        "{actor} removed the API {uri} of {subject}",
    ),
    "client.auth_failed": Kind(
        ("method", "reason"),
        "[subject?{subject}][subject!Một ứng dụng không rõ] không xác thực được"
        "[ từ {address}][: {reason}]",
        "[subject?{subject}][subject!An unknown application] failed to authenticate"
        "[ from {address}][: {reason}]",
        {"reason": "credential"},
        is_refusal=True,
        counted=("lần ứng dụng xác thực sai", "failed authentications of applications"),
    ),
    "key.created": Kind(
        ("kid", "alg", "status"),
        "{actor} tạo khóa ký {alg}[ ({status})]",
        "{actor} made a signing key {alg}[ ({status})]",
        {"status": "key_status"},
    ),
    "key.rotated": Kind(
        ("kid", "alg"),
        "{actor} chuyển sang khóa ký {alg} mới",
        "{actor} went over to a new signing key {alg}",
    ),
    "key.revoked": Kind(
        ("kid", "alg", "reason"),
        "{actor} thu hồi một khóa ký {alg}[: {reason}]",
        "{actor} revoked a signing key {alg}[: {reason}]",
        {"reason": "text"},
    ),
    "key.sealing_rotated": Kind(
        ("key", "values"),
        "{actor} đổi khóa niêm phong dữ liệu và niêm phong lại {values} giá trị bằng khóa mới",
        "{actor} changed the key that seals data and sealed {values} values again with the new one",
        {"key": "technical", "values": "count"},
    ),
    "key.sealing_retired": Kind(
        ("key",),
        "{actor} ngừng dùng một khóa niêm phong cũ",
        "{actor} retired an old key that sealed data",
        {"key": "technical"},
    ),
    # --- tokens (idp.oidc) -----------------------------------------------------------------------
    "authz.redirect_rejected": Kind(
        ("reason",),
        "Từ chối một yêu cầu đăng nhập[ vào {subject}][ từ {address}][: {reason}]",
        "A sign-in request[ for {subject}][ from {address}] was rejected[: {reason}]",
        {"reason": "refusal"},
        is_refusal=True,
        counted=("yêu cầu đăng nhập bị từ chối", "rejected sign-in requests"),
    ),
    "authz.request_refused": Kind(
        ("error", "reason"),
        "Không nhận yêu cầu đăng nhập[ của {subject}]: {reason}",
        "A sign-in request[ of {subject}] was not accepted: {reason}",
        {"reason": "refusal"},
        is_refusal=True,
        counted=("yêu cầu đăng nhập không được nhận", "sign-in requests not accepted"),
    ),
    "application.entered": Kind(
        ("session", "scope"),
        "{actor} vào ứng dụng {subject}",
        "{actor} entered {subject}",
        counted=("lần vào ứng dụng", "entries into applications"),
    ),
    "application.refused": Kind(
        ("session", "reason"),
        "{actor} không được vào {subject}[: {reason}]",
        "{actor} was not let into {subject}[: {reason}]",
        is_refusal=True,
        counted=("lần không được vào ứng dụng", "refused entries into applications"),
    ),
    "token.granted": Kind(
        ("grant_type", "family", "token", "scope"),
        "{actor} nhận mã truy cập cho {subject}[ ({grant_type})]",
        "{actor} got a token for {subject}[ ({grant_type})]",
        counted=("lần cấp mã truy cập", "tokens granted"),
    ),
    "token.refused": Kind(
        ("grant_type", "error", "reason"),
        "{actor} không được cấp mã truy cập[ ({grant_type})]: {reason}",
        "{actor} was refused a token[ ({grant_type})]: {reason}",
        {"reason": "refusal"},
        is_refusal=True,
        counted=("lần không được cấp mã truy cập", "refused tokens"),
    ),
    "token.replayed": Kind(
        ("what", "family"),
        "{actor} đưa ra một {what} đã dùng: thu hồi mọi mã truy cập liên quan của {subject}",
        "{actor} presented a used {what}: all tokens of {subject} made from it are revoked",
        {"what": "token_kind"},
        is_refusal=True,
        counted=("lần dùng lại mã đã dùng", "uses of used tokens"),
    ),
    "token.revoked": Kind(
        ("family",),
        "{actor} thu hồi mã truy cập của {subject}",
        "{actor} revoked the tokens of {subject}",
    ),
    "strangers.unrecorded": Kind(
        ("network", "count"),
        "{count} yêu cầu bị từ chối từ {network} không được ghi từng lần vì quá nhiều",
        "{count} refused requests from {network} were not recorded one by one: too many",
        is_refusal=True,
    ),
    "events.unrecorded": Kind(
        ("network", "count", "of_kinds", "since", "until"),
        "{count} việc[ của {subject}][ từ {network}] không được ghi từng lần vì quá nhiều"
        "[: {of_kinds}][ (từ {since} đến {until})]",
        "{count} events[ of {subject}][ from {network}] were not recorded one by one: too many"
        "[: {of_kinds}][ (from {since} to {until})]",
        {"of_kinds": "kinds", "network": "network"},
        is_refusal=True,
    ),
    # --- sign-in, sessions, sign-out (idp.journeys, idp.sessions, idp.logout) --------------------
    "signin.succeeded": Kind(
        ("session", "methods", "shared_computer", "renewed", "new_device", "application"),
        "{actor} đăng nhập[renewed? lại][ từ {address}][shared_computer? trên máy dùng chung]"
        "[ và vào {entered}][entered! để vào {application}]",
        "{actor} signed in[renewed? again][ from {address}][shared_computer? on a shared "
        "computer][ and entered {entered}][entered! to enter {application}]",
        parts={"entered": "application.entered"},
        counted=("lần đăng nhập", "sign-ins"),
    ),
    "signin.refused": Kind(
        ("reason", "login_hash", "application"),
        "Từ chối một lần đăng nhập vào tài khoản của {subject}[ từ {address}][: {reason}]",
        "A sign-in to the account of {subject}[ from {address}] was refused[: {reason}]",
        is_refusal=True,
        counted=("lần đăng nhập bị từ chối", "refused sign-ins"),
    ),
    "signin.paused": Kind(
        ("login_hash", "until"),
        "Tạm dừng đăng nhập vào tài khoản của {subject} bằng trình duyệt lạ[ đến {until}] sau "
        "nhiều lần sai[ từ {address}]",
        "Sign-in to the account of {subject} in new browsers was paused[ until {until}] after many "
        "wrong attempts[ from {address}]",
        is_refusal=True,
    ),
    "signin.unknown_login": Kind(
        ("login_hash", "application"),
        "Từ chối một lần đăng nhập[ từ {address}] bằng tên không có trong danh mục",
        "A sign-in[ from {address}] with a name that is not in the catalogue was refused",
        is_refusal=True,
        counted=("lần đăng nhập bằng tên không có", "sign-ins with unknown names"),
    ),
    "signin.unknown_paused": Kind(
        ("login_hash", "until"),
        "Tạm dừng đăng nhập bằng một tên không có trong danh mục[ đến {until}] sau nhiều lần sai"
        "[ từ {address}]",
        "Sign-in with a name not in the catalogue was paused[ until {until}] after many tries"
        "[ from {address}]",
        is_refusal=True,
        counted=("lần tạm dừng đăng nhập", "pauses"),
    ),
    "signin.unchecked": Kind(
        ("reason", "login_hash", "application"),
        "Không kiểm tra được mật khẩu của một lần đăng nhập từ {address}: {reason}. Lần này không "
        "tính là sai",
        "The password of a sign-in from {address} could not be checked: {reason}. It does not "
        "count as wrong",
        counted=("lần đăng nhập không kiểm tra được", "sign-ins that could not be checked"),
    ),
    "signin.device_paused": Kind(
        ("login_hash", "until"),
        "Tạm dừng đăng nhập vào tài khoản của {subject} trên các trình duyệt quen sau nhiều lần "
        "sai[ từ {address}]",
        "Sign-in to the account of {subject} was paused in browsers it knows after many wrong "
        "attempts[ from {address}]",
        is_refusal=True,
    ),
    "signin.turned_away": Kind(
        ("count",),
        "{count} lần đăng nhập vào tài khoản của {subject} bị từ chối trong lúc tạm dừng",
        "{count} sign-ins to the account of {subject} were turned away during a pause",
        is_refusal=True,
    ),
    "signin.unknown_turned_away": Kind(
        ("count",),
        "{count} lần đăng nhập bằng một tên không có trong danh mục bị từ chối trong lúc tạm dừng",
        "{count} sign-ins with a name not in the catalogue were turned away during a pause",
        is_refusal=True,
    ),
    "signin.address_paused": Kind(
        ("network", "until"),
        "Tạm dừng đăng nhập từ địa chỉ {network} sau nhiều lần sai với nhiều tên đăng nhập",
        "Sign-in from the address {network} was paused after many wrong attempts",
        is_refusal=True,
    ),
    "signin.address_turned_away": Kind(
        ("network", "count"),
        "{count} lần đăng nhập từ địa chỉ {network} bị từ chối trong lúc tạm dừng",
        "{count} sign-ins from the address {network} were turned away during a pause",
        is_refusal=True,
    ),
    "signin.address_unpaused": Kind(
        ("network",),
        "{actor} gỡ tạm dừng đăng nhập từ địa chỉ {network}",
        "{actor} lifted the pause of sign-in from the address {network}",
    ),
    "signin.unknown_unpaused": Kind(
        ("count",),
        "{actor} gỡ tạm dừng đăng nhập cho {count} tên không có trong danh mục",
        "{actor} lifted the pause of {count} names that are not in the catalogue",
    ),
    "signin.spray": Kind(
        ("count",),
        "Có dấu hiệu dò mật khẩu: {count} tên đăng nhập khác nhau bị thử sai[ từ {address}] trong "
        "15 phút",
        "Password guessing is suspected: {count} different names were tried[ from {address}] "
        "within 15 minutes",
        is_refusal=True,
    ),
    "proxy.undeclared": Kind(
        ("peer",),
        "Yêu cầu đi qua máy chủ trung gian {peer} chưa được khai báo, nên nhật ký không có địa "
        "chỉ thật của người dùng",
        "Requests come through the proxy {peer}, which is not declared, so the log lacks people's "
        "own addresses",
    ),
    "session.ended": Kind(
        ("session", "reason"),
        "Phiên đăng nhập của {subject} kết thúc[: {reason}][ (đã báo cho {told})]",
        "The session of {subject} ended[: {reason}][ (told: {told})]",
        parts={"told": "logout.notified"},
        counted=("phiên kết thúc", "sessions ended"),
    ),
    "sessions.ended": Kind(
        ("sessions", "count", "reason"),
        "{count} phiên đăng nhập của {subject} kết thúc[: {reason}][ (đã báo cho {told})]",
        "{count} sessions of {subject} ended[: {reason}][ (told: {told})]",
        {"sessions": "technical"},
        parts={"told": "logout.notified"},
    ),
    "logout.notified": Kind(
        ("session",),
        "Đã báo đăng xuất cho {subject}",
        "{subject} was told of a sign-out",
        counted=("lần báo đăng xuất", "sign-out notices"),
    ),
    "logout.not_notified": Kind(
        ("session", "reason", "tries"),
        "Không báo được đăng xuất cho {subject}: {reason}[ (đã thử {tries} lần)]",
        "{subject} could not be told of a sign-out: {reason}[ ({tries} tries)]",
        is_refusal=True,
        counted=("lần không báo được đăng xuất", "failed sign-out notices"),
    ),
    "logout.return_refused": Kind(
        ("received", "reason"),
        "Không chuyển về {received} sau khi đăng xuất[ khỏi {subject}]: {reason}",
        "After a sign-out[ from {subject}] nobody was sent back to {received}: {reason}",
    ),
    # --- backup (admin_ui.operations.backup) ------------------------------------------------------
    "backup.created": Kind(
        ("file", "size", "sha256", "people", "audit_events"),
        "{actor} sao lưu hệ thống vào {file} ({people} người, {audit_events} sự kiện)",
        "{actor} backed up the system to {file} ({people} people, {audit_events} events)",
    ),
    "backup.overdue": Kind(
        ("last", "days"),
        "Chưa có bản sao lưu mới trong {days} ngày[ (bản tốt gần nhất: {last})]",
        "No good backup for {days} days[ (the last one: {last})]",
    ),
    "backup.keys_copied": Kind(
        ("folder",),
        "{actor} chép các khóa của bản sao lưu ra {folder}",
        "{actor} copied the keys of the backups to {folder}",
    ),
    "backup.drill": Kind(
        ("file", "ok", "duration_s", "failed"),
        "{actor} diễn tập khôi phục từ {file}: {ok} sau {duration_s} giây[, hỏng ở bước {failed}]",
        "{actor} drilled a restore from {file}: {ok} after {duration_s} s[, at the step {failed}]",
    ),
    "installation.restored": Kind(
        (
            "file",
            "backup_at",
            "backup_head",
            "replaced_head",
            "replaced_store",
            "sessions_ended",
            "tokens_revoked",
            "changes_replayed",
            "withdrawals",
            "passwords_cleared",
            "differences",
        ),
        "{actor} khôi phục hệ thống từ bản sao lưu {file}[ (lúc {backup_at})]; kho dữ liệu bị "
        "thay: {replaced_store}[; kết thúc {sessions_ended} phiên]"
        "[; thu hồi {tokens_revoked} mã truy cập]"
        "[; ghi lại {changes_replayed} thay đổi][; giữ các việc thu hồi: {withdrawals}]"
        "[; xóa {passwords_cleared} mật khẩu cũ][; sửa {differences} chỗ lệch]",
        "{actor} restored the system from {file}[ (of {backup_at})]; the store it replaced: "
        "{replaced_store}[; {sessions_ended} sessions ended][; {tokens_revoked} tokens revoked]"
        "[; {changes_replayed} changes made again][; withdrawals kept: {withdrawals}]"
        "[; {passwords_cleared} old passwords cleared][; {differences} differences repaired]",
    ),
    "person.password.cleared": Kind(
        ("reason",),
        "{actor} xóa mật khẩu của {subject}[: {reason}]",
        "{actor} cleared the password of {subject}[: {reason}]",
        {"reason": "text"},
    ),
    # --- feed (sync.feed, directory.projection) --------------------------------------------------
    "catalogue.out_of_band": Kind(
        ("entry_csn", "mark", "modifier", "before", "after"),
        "[subject?{subject}][subject!Một bản ghi] bị sửa ngoài hệ thống[ bởi {modifier}]"
        "[: {after}]",
        "[subject?{subject}][subject!An entry] was changed outside the system[ by {modifier}]"
        "[: {after}]",
    ),
    "catalogue.vanished": Kind(
        ("status", "snapshot"),
        "[subject?{subject}][subject!Một bản ghi] bị xóa khỏi danh mục ngoài hệ thống"
        "[ (trạng thái lúc đó: {status})]",
        "[subject?{subject}][subject!An entry] was deleted from the catalogue outside the system"
        "[ (status then: {status})]",
    ),
    "catalogue.unreadable": Kind(
        ("entry_csn", "reason"),
        "Bản ghi[ của {subject}] trong LDAP không đọc được",
        "The LDAP entry[ of {subject}] cannot be read",
        {"reason": "technical"},
    ),
    "feed.braked": Kind(
        ("lost", "accounts"),
        "Việc theo dõi danh mục đã dừng: {lost} trong {accounts} tài khoản đang hoạt động biến mất "
        "hoặc bị khóa cùng lúc ngoài hệ thống",
        "The feed of the catalogue stopped: {lost} of {accounts} active accounts were gone or "
        "suspended at once, past the system",
    ),
    "feed.released": Kind(
        ("reason",),
        "{actor} cho việc theo dõi danh mục chạy tiếp: {reason}",
        "{actor} let the feed of the catalogue go on: {reason}",
    ),
    "installation.renamed": Kind(
        ("province", "mail_domain", "issuer"),
        "{actor} đổi tên hệ thống: {province}, miền thư {mail_domain}, địa chỉ đăng nhập {issuer}",
        "{actor} renamed the installation: {province}, mail domain {mail_domain}, "
        "sign-in at {issuer}",
    ),
    "feed.swept": Kind(
        ("reason", "entries", "outside", "missing", "stale", "extra", "unreadable"),
        "{actor} đối chiếu danh mục[ ({reason})]: {entries} bản ghi[, {outside} bị sửa ngoài "
        "hệ thống][, {missing} thiếu][, {stale} cũ][, {extra} thừa][, {unreadable} không đọc được]",
        "{actor} compared the catalogue[ ({reason})]: {entries} entries[, {outside} changed "
        "outside the system][, {missing} missing][, {stale} stale][, {extra} extra]"
        "[, {unreadable} unreadable]",
    ),
    "projection.rebuilt": Kind(
        ("people", "agencies", "kept"),
        "{actor} dựng lại bản sao danh mục: {people} người, {agencies} cơ quan và đơn vị"
        "[, giữ lại {kept} bản ghi không còn trong LDAP]",
        "{actor} rebuilt the copy of the catalogue: {people} people, {agencies} agencies and "
        "units[, {kept} rows kept whose entries are gone]",
    ),
}
