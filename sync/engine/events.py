"""The kinds of audit events of `sync.engine`."""

from __future__ import annotations

from directory.audit.kinds import Kind, WordList

# What was done to an account in the application.
ACTS = WordList(
    {
        "created": ("tạo", "made"),
        "updated": ("cập nhật", "changed"),
        "disabled": ("khóa", "disabled"),
        "deleted": ("xóa", "deleted"),
        "linked": ("nhận lại", "taken up"),
    },
)
_WHY = WordList(
    {
        "refused": ("ứng dụng từ chối nhiều lần", "the application refused it again and again"),
        "silent": (
            "ứng dụng không trả lời riêng cho tài khoản này",
            "the application does not answer for this account",
        ),
        "taken": (
            "ứng dụng đã có tài khoản cùng tên",
            "the application has an account of that name",
        ),
        "cannot": (
            "ứng dụng không nhận được việc này, phải làm tay ở đó",
            "the application has no way to do that; it must be done there by hand",
        ),
        "fault": ("lỗi của hệ thống", "a fault of the system"),
    },
)
# What a run did, in the order in which it is told.
RUN_COUNTS = WordList(
    {
        "created": ("tài khoản được tạo", "accounts made"),
        "updated": ("tài khoản được cập nhật", "accounts changed"),
        "disabled": ("tài khoản bị khóa", "accounts disabled"),
        "deleted": ("tài khoản bị xóa", "accounts deleted"),
        "failed": ("tài khoản lỗi", "accounts failed"),
    },
)

CONNECTOR_PUT = Kind(
    "connector.put",
    {"name": "text", "target": "text", "definition": "technical", "token": "flag"},
    vi=(
        "{actor} đặt kết nối đồng bộ {name} cho {subject}, tới {target}"
        "[token?, kèm mã truy cập mới]"
    ),
    en=("{actor} set up the connector {name} of {subject}, to {target}[token?, with a new token]"),
    groups=("applications",),
)
CONNECTOR_REMOVED = Kind(
    "connector.removed",
    {"name": "text", "accounts": "count"},
    vi=(
        "{actor} bỏ kết nối đồng bộ {name} của {subject}[; {accounts} tài khoản ở lại trong ứng "
        "dụng]"
    ),
    en=(
        "{actor} removed the connector {name} of {subject}[; {accounts} accounts stay in the "
        "application]"
    ),
    groups=("applications",),
)
CONNECTOR_PAUSED = Kind(
    "connector.paused",
    {"name": "text"},
    vi="{actor} tạm dừng kết nối đồng bộ {name} của {subject}",
    en="{actor} paused the connector {name} of {subject}",
    groups=("applications",),
)
CONNECTOR_RESUMED = Kind(
    "connector.resumed",
    {"name": "text", "losses": "count"},
    vi=(
        "{actor} cho kết nối đồng bộ {name} của {subject} chạy tiếp[, chấp nhận khóa {losses} tài "
        "khoản]"
    ),
    en=(
        "{actor} let the connector {name} of {subject} go on[, with {losses} accounts to be "
        "disabled]"
    ),
    groups=("applications",),
)
CONNECTOR_STOPPED = Kind(
    "connector.stopped",
    {"name": "text", "losses": "count", "accounts": "count"},
    vi=(
        "Kết nối đồng bộ {name} của {subject} tự dừng: {losses} trong {accounts} tài khoản sẽ bị "
        "khóa cùng lúc"
    ),
    en=(
        "The connector {name} of {subject} stopped: {losses} of {accounts} accounts would have "
        "been disabled at once"
    ),
    groups=("applications", "system"),
)
CONNECTOR_TESTED = Kind(
    "connector.tested",
    {"name": "text", "answers": "flag"},
    vi=(
        "{actor} thử kết nối {name} của {subject}[answers?: ứng dụng trả lời]"
        "[answers!: ứng dụng không trả lời]"
    ),
    en=(
        "{actor} tested the connector {name} of {subject}[answers?: it answers]"
        "[answers!: no answer]"
    ),
    groups=("applications",),
)
CONNECTOR_RETRIED = Kind(
    "connector.retried",
    {"connector": "text", "application": "application", "accounts": "count", "one": "flag"},
    vi=(
        "{actor} cho thử lại ngay {accounts} tài khoản trong {application}[one? của {subject}] "
        "(kết nối {connector})"
    ),
    en=(
        "{actor} had {accounts} accounts in {application}[one? of {subject}] tried again "
        "(connector {connector})"
    ),
    groups=("applications",),
)
CONNECTOR_READING = Kind(
    "connector.reading",
    {"name": "text", "repairs": "flag"},
    vi="{actor} cho đối chiếu kết nối {name} với {subject}[repairs?, sửa chỗ khác]",
    en="{actor} had the connector {name} compared with {subject}[repairs?, and differences mended]",
    groups=("applications",),
)
CONNECTOR_RECONCILED = Kind(
    "connector.reconciled",
    {"name": "text", "accounts": "count", "findings": "count", "repaired": "count"},
    vi=(
        "Đối chiếu kết nối {name} với {subject}: {accounts} tài khoản[, {findings} chỗ khác với "
        "danh mục][, {repaired} chỗ được sửa]"
    ),
    en=(
        "The connector {name} was compared with {subject}: {accounts} accounts[, {findings} "
        "otherwise than they should be][, {repaired} to be mended]"
    ),
    groups=("applications",),
)
CONNECTOR_MATCHED = Kind(
    "connector.matched",
    {"connector": "text", "application": "application", "account": "text"},
    vi=(
        "{actor} xác nhận tài khoản {account} trong {application} là của {subject} (kết nối "
        "{connector})"
    ),
    en=(
        "{actor} confirmed that the account {account} in {application} is that of {subject} "
        "(connector {connector})"
    ),
    groups=("applications",),
)
CONNECTOR_MATCH_REFUSED = Kind(
    "connector.match_refused",
    {"connector": "text", "application": "application", "account": "text", "reason": "text"},
    vi=(
        "{actor} xác nhận tài khoản {account} trong {application} không phải của {subject}: "
        "{reason} (kết nối {connector})"
    ),
    en=(
        "{actor} said that the account {account} in {application} is not that of {subject}: "
        "{reason} (connector {connector})"
    ),
    groups=("applications",),
)
CONNECTOR_MATCH_REFUSAL_BACK = Kind(
    "connector.match_refusal_back",
    {"connector": "text", "application": "application", "account": "text"},
    vi=(
        "{actor} rút lại xác nhận rằng tài khoản {account} trong {application} không phải của "
        "{subject} (kết nối {connector})"
    ),
    en=(
        "{actor} took back that the account {account} in {application} is not that of {subject} "
        "(connector {connector})"
    ),
    groups=("applications",),
)
CONNECTOR_ACCOUNT = Kind(
    "connector.account",
    {"connector": "text", "application": "application", "act": ACTS},
    vi="Tài khoản của {subject} trong {application} được {act} (kết nối {connector})",
    en="The account of {subject} in {application} was {act} (connector {connector})",
    groups=("applications",),
    is_folded=True,
)
CONNECTOR_ACCOUNT_STUCK = Kind(
    "connector.account_stuck",
    {"connector": "text", "application": "application", "why": _WHY, "detail": "technical"},
    vi="Tài khoản của {subject} trong {application} chưa đồng bộ được: {why} (kết nối {connector})",
    en="The account of {subject} in {application} cannot be kept in step: {why} ({connector})",
    groups=("applications",),
    is_folded=True,
)
CONNECTOR_RUN_ENDED = Kind(
    "connector.run_ended",
    {"connector": "text", "run": "technical", "began": "instant", "accounts": RUN_COUNTS},
    vi="Bộ kết nối {connector} của {subject}: {accounts} (đợt {began})",
    en="The connector {connector} of {subject}: {accounts} (run of {began})",
    groups=("applications",),
    folds="run",
)
CONNECTOR_RUN_IN_AGENCY = Kind(
    "connector.run_in_agency",
    {
        "connector": "text",
        "application": "application",
        "run": "technical",
        "began": "instant",
        "accounts": RUN_COUNTS,
    },
    vi="Bộ kết nối {connector} của {application}: {accounts} tại {subject} (đợt {began})",
    en="The connector {connector} of {application}: {accounts} at {subject} (run of {began})",
    groups=("applications",),
    folds="run",
    told_in_total=True,
)

CONNECTOR_ACCOUNT_SKIPPED = Kind(
    "connector.account_skipped",
    {"connector": "text", "application": "application", "reason": "text"},
    vi=(
        "{actor} bỏ qua tài khoản của {subject} trong {application}, không gửi nữa: {reason} (kết "
        "nối {connector})"
    ),
    en=(
        "{actor} skipped the account of {subject} in {application}, so that nothing is sent: "
        "{reason} (connector {connector})"
    ),
    groups=("applications",),
)
CONNECTOR_ACCOUNT_REPLAYED = Kind(
    "connector.account_replayed",
    {"connector": "text", "application": "application"},
    vi="{actor} cho gửi lại tài khoản của {subject} sang {application} (kết nối {connector})",
    en="{actor} had the account of {subject} sent to {application} again (connector {connector})",
    groups=("applications",),
)

KINDS = (
    CONNECTOR_PUT,
    CONNECTOR_REMOVED,
    CONNECTOR_PAUSED,
    CONNECTOR_RESUMED,
    CONNECTOR_STOPPED,
    CONNECTOR_TESTED,
    CONNECTOR_RETRIED,
    CONNECTOR_READING,
    CONNECTOR_RECONCILED,
    CONNECTOR_MATCHED,
    CONNECTOR_MATCH_REFUSED,
    CONNECTOR_MATCH_REFUSAL_BACK,
    CONNECTOR_ACCOUNT,
    CONNECTOR_ACCOUNT_STUCK,
    CONNECTOR_RUN_ENDED,
    CONNECTOR_RUN_IN_AGENCY,
    CONNECTOR_ACCOUNT_SKIPPED,
    CONNECTOR_ACCOUNT_REPLAYED,
)
