"""The JSON that each command answers, as types: docs/reference/json-schema.json is made of them.

python -m tests.support.command_documents > docs/reference/json-schema.json
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Literal, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, with_config
from pydantic.json_schema import JsonSchemaMode
from typing_extensions import TypedDict  # pydantic wants it before Python 3.12

INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
_REPR = re.compile(r"None|True|False|\(.*,\)|\[.*\]|\{.*\}|.*object at 0x.*|", re.DOTALL)


def _no_repr(text: str) -> str:
    if _REPR.fullmatch(text):
        raise ValueError("absent is null, and no value is written as Python writes it")
    return text


# An epoch in milliseconds is no number that anything here counts or measures.
Number = Annotated[int, Field(lt=1_000_000_000_000)]
Text = Annotated[str, AfterValidator(_no_repr)]
Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Instant = Annotated[str, Field(pattern=INSTANT)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
Status = Literal["pending", "active", "suspended", "left"]


@with_config(ConfigDict(extra="forbid"))
class Document(TypedDict):
    pass


class Added(Document):
    id: Id
    username: Text


class Updated(Document):
    id: Id
    username: Text
    changed: list[Text]


class Standing(Document):
    id: Id
    status: Status


class PersonId(Document):
    id: Id


class Unlocked(Document):
    id: Id
    unlocked: bool


class ListedPerson(Document):
    id: Id
    username: Text
    full_name: Text
    status: Status
    title: Text | None
    unit_id: Id | None
    unit: Text | None
    agency_id: Id | None
    agency_code: Text | None
    agency: Text | None
    mail: Text | None
    phone: Text | None
    academic_title: Text | None
    administrator_of: Text | None


class People(Document):
    total: Number
    people: list[ListedPerson]


class WrittenList(Document):
    """Of ``--xlsx`` and ``--csv``."""

    file: Text
    count: Number


class Post(Document):
    id: Id
    agency_id: Id
    agency: Text
    unit_id: Id | None
    unit: Text | None
    title: Text | None
    kind: Literal["main", "concurrent", "seconded"]
    start: Day | None
    end: Day | None
    basis: Text | None
    is_current: bool


class PositionName(Document):
    id: Id
    name: Text


class HeldPost(Post):
    position: PositionName | None


class Person(Document):
    id: Id
    username: Text
    full_name: Text
    family_name: Text | None
    middle_name: Text | None
    given_name: Text | None
    status: Status
    mail: Text | None
    phone: Text | None
    staff_no: Text | None
    staff_category: Text | None
    academic_title: Text | None
    administrator_of: Text | None
    precedence: Number
    language: Text
    csn: Text
    posts: list[HeldPost]
    former_posts: list[Post]


class Grant(Document):
    id: Id
    application_id: Text
    application: Text | None
    role: Text
    role_title: Text | None
    holder_kind: Literal["person", "post", "position"]
    holder_id: Text
    holder: Text | None
    agency_id: Id
    agency: Text | None
    agency_code: Text | None
    reason: Text
    field: Text | None
    procedure: Text | None
    start: Day | None
    end: Day | None
    basis: Text | None
    given_by: Text
    approved_by: Text | None


class Moved(Document):
    id: Id
    post: Post
    grants_ended: list[Grant]
    grants_renewed: list[Grant]


class PostAdded(Document):
    id: Id
    post: Post


class PostEnded(Document):
    id: Id
    post: Id
    last_day: Day
    grants_ended: list[Grant]
    grants_renewed: list[Grant]


class PositionId(Document):
    id: Id


class PositionRenamed(Document):
    id: Id
    name: Text


class PositionClosed(Document):
    id: Id
    revoked: list[Id]


class Position(Document):
    id: Id
    agency_id: Id
    agency: Text
    unit_id: Id | None
    unit: Text | None
    name: Text
    holders: Number
    roles: list[Text]
    closed_at: Instant | None


class Positions(Document):
    positions: list[Position]


class Scope(Document):
    agency: Text
    field: NotRequired[Text]
    procedure: NotRequired[Text]


class RoleExplained(Document):
    grant: Id
    role: Text
    scope: Scope
    through: Text
    state: Literal["holds", "begins", "waits", "ended", "withdrawn"]
    given_by: Text
    given_at: Instant
    approved_by: Text | None
    since: Day | None
    until: Day | None
    reason: Text
    basis: Text | None


class RoleNotHeld(Document):
    role: Text
    title: Text
    problem: Text | None


class RequestWaiting(Document):
    id: Id
    kind: Text
    asked_by: Text


class Explained(Document):
    may_enter: bool
    missing: Text | None
    obstacles: list[Text]
    roles: list[RoleExplained]
    others: list[RoleExplained]
    not_held: list[RoleNotHeld]
    requests: list[RequestWaiting]


class RolesConflicting(Document):
    person_id: Id
    person: Text | None
    application: Text
    role: Text
    grant: Id
    excluded: Text
    other_grant: Id


class Conflicts(Document):
    conflicts: list[RolesConflicting]


class AgencyAdded(Document):
    id: Id
    code: Text | None
    name: Text


class ListedAgency(Document):
    id: Id
    code: Text | None
    name: Text
    short_name: Text | None
    kind: Literal["agency", "unit"]
    type: Text | None
    parent_id: Id | None
    parent: Text | None
    parent_code: Text | None
    precedence: Number
    status: Literal["active", "closed"]


class Agencies(Document):
    agencies: list[ListedAgency]
    more: bool


class AgencyCode(Document):
    scheme: Text
    code: Text
    valid_from: Day | None
    valid_to: Day | None
    basis: Text | None


class Named(Document):
    id: Id
    name: Text | None


class Agency(ListedAgency):
    codes: list[AgencyCode]
    successors: list[Named]
    mail: Text | None
    phone: Text | None


class Node(Document):
    id: Id
    code: Text | None
    name: Text
    children: list[Node]


class Tree(Document):
    tree: list[Node]


class GrantId(Document):
    id: Id


class GrantGiven(Document):
    """One of the two is null: the grant, or the request that waits for a second person."""

    id: Id | None
    request: Id | None


class GrantRenewed(GrantGiven):
    renews: Id


class Grants(Document):
    grants: list[Grant]
    next: Text | None


class PrivilegedGrant(Grant):
    owner: Text | None
    given_at: Instant
    last_act_at: Instant | None
    concerns: list[
        Literal["own_account", "no_second", "by_command", "not_active", "unused", "ends_soon"]
    ]


class PrivilegedRoles(Document):
    holders: list[PrivilegedGrant]
    few: list[Text]


class Request(Document):
    id: Id
    kind: Text
    what: Text
    what_en: Text
    subject: Text
    agency_id: Id | None
    agency: Text | None
    asked_by: Text
    asked_by_name: Text
    asked_for: Text | None
    asked_for_name: Text | None
    reason: Text
    basis: Text | None
    state: Literal["open", "approved", "refused", "withdrawn", "lapsed"]
    asked_at: Instant
    expires_at: Instant
    decided_by: Text | None
    decided_by_name: Text | None
    decided_at: Instant | None
    decision_reason: Text | None


class Requests(Document):
    requests: list[Request]
    before: Id | None


class RequestDecided(Document):
    id: Id
    state: Literal["approved", "refused", "withdrawn"]


class RoleDeclared(Document):
    role: Text
    changed: bool


class Role(Document):
    application_id: Text
    application: Text | None
    name: Text
    title_vi: Text
    title_en: Text
    given_by: Literal["agency", "owner", "province", "operators", "operator"]
    description: Text | None
    by_field: Literal["may", "must"] | None
    by_procedure: Literal["may", "must"] | None
    default_days: Number
    is_endless: bool
    needs_approval: bool
    excludes: list[Text]
    retired_at: Instant | None


class RoleState(Document):
    role: Text
    retired: bool


CodeListName = Literal["title", "rank", "admin-unit", "field", "procedure"]


class Code(Document):
    list: CodeListName
    code: Text
    name_vi: Text
    name_en: Text | None
    valid_from: Day | None
    valid_to: Day | None
    basis: Text | None
    parent: Text | None
    precedence: int
    version: int


class Codes(Document):
    codes: list[Code]


class CodePut(Document):
    list: CodeListName
    code: Text
    changed: bool


class Absence(Document):
    id: Text
    person_id: Text
    username: Text
    person: Text
    kind: Literal["maternity", "study", "secondment", "illness", "unpaid", "other"]
    first_day: Day
    last_day: Day
    basis: Text | None
    given_at: Text


class Absences(Document):
    absences: list[Absence]


class CodesImported(Document):
    list: CodeListName
    dry_run: bool
    add: int
    change: int
    same: int


class CodeList(Document):
    list: CodeListName
    title: Text
    owner: Text | None
    closed: bool
    version: int
    valid: int


class CodeLists(Document):
    lists: list[CodeList]


class CodeListKept(Document):
    list: CodeListName
    owner: Text | None
    closed: bool


class Roles(Document):
    roles: list[Role]


class Client(Document):
    client_id: Text
    client_name: Text
    description: Text | None
    owner: Text | None
    sharing: Literal["internal", "shared"] | None
    access: Literal["everyone", "agencies", "roles"] | None
    agencies: list[Text]
    application_type: Literal["web", "native"]
    redirect_uris: list[Text]
    post_logout_redirect_uris: list[Text]
    token_endpoint_auth_method: Text
    grant_types: list[Text]
    response_types: list[Text]
    scope: Text
    id_token_signed_response_alg: Literal["ES256", "RS256"]
    contacts: list[Text]
    client_uri: Text | None
    backchannel_logout_uri: Text | None
    backchannel_logout_session_required: bool
    default_max_age: Number | None
    default_acr_values: NotRequired[list[Text]]
    require_auth_time: bool
    initiate_login_uri: Text | None
    logo_uri: Text | None
    policy_uri: Text | None
    tos_uri: Text | None
    subject_type: Literal["public"]
    token_endpoint_auth_signing_alg: Text | None
    jwks: dict[str, Any]
    resources: list[Text]
    strict_assertions: NotRequired[bool]
    pkce_exempt: Text | None
    stands_for: list[Text]
    previous_secret_until: Instant | None
    disabled: bool
    disabled_at: Instant | None


class Clients(Document):
    clients: list[Client]


class Registered(Client):
    client_secret: NotRequired[Text]
    warnings: list[Text]


class RegisteredAll(Document):
    clients: list[Registered]


class NewSecret(Document):
    client_id: Text
    client_secret: Text
    previous_secret_until: Instant | None


class ClientDisabled(Document):
    client_id: Text
    disabled: bool


class RequestFault(Document):
    parameter: Text | None
    problem: Text
    received: Text | None
    registered: list[Text]
    advice: Text


class ClientTrial(Document):
    client_id: Text
    client: Text
    ok: bool
    faults: list[RequestFault]
    url: Text | None
    expires_at: Instant | None


class RecentError(RequestFault):
    at: Instant
    count: Number
    address: Text | None
    request_id: Text


class ClientErrors(Document):
    client_id: Text
    client: Text
    errors: list[RecentError]


class FeedingConnector(Document):
    name: Text
    stopped: bool


class ClientRemoved(Document):
    client_id: Text
    client_name: Text
    ready_at: Instant | None
    problem: Text | None
    grants: Number
    grants_of_positions: Number
    roles: Number
    attributes: Number
    requests: Number
    connected: bool
    secrets: Number
    keys: Number
    sessions: Number
    ldap_account: bool
    connectors: list[FeedingConnector]
    resources: list[Text]
    removed: bool


class ReleasedAttribute(Document):
    name: Text
    purpose: Text
    basis: Text


class LdapClient(Document):
    client_id: Text
    client_name: Text
    bind_dn: Text
    servers: list[Text]
    base: Text
    login_filter: Text | None
    attributes: list[Text]
    access: Literal["everyone", "agencies", "roles"]
    disabled: bool


class NewLdapClient(LdapClient):
    password: Text


class ListedLdapClient(Document):
    client_id: Text
    client_name: Text
    bind_dn: Text
    disabled: bool


class LdapClients(Document):
    clients: list[ListedLdapClient]


class ClientRelease(Document):
    client_id: Text
    client: Text
    version: Number | None
    attributes: list[ReleasedAttribute]
    asked_by: Text | None
    decided_by: Text | None
    decided_at: Instant | None
    request: Id | None


class Resource(Document):
    uri: Text
    client_id: Text
    client: Text | None
    created_at: Instant


class Resources(Document):
    resources: list[Resource]


class ResourceRemoved(Document):
    uri: Text
    removed: Literal[True]


class SecondFactor(Document):
    kind: Literal["passkey", "certificate", "totp", "recovery_code"]
    id: Id
    name: Text | None
    left: Number | None
    added_at: Instant
    last_used_at: Instant | None


class SecondFactors(Document):
    id: Id
    username: Text
    factors: list[SecondFactor]


class FactorsReset(Document):
    id: Id
    username: Text
    removed: Number


class TotpGiven(Document):
    id: Id
    username: Text
    name: Text
    secret: Text
    uri: Text


class SlipIssued(Document):
    id: Id
    username: Text
    purpose: Literal["activate", "help"]
    url: Text
    code: Annotated[str, Field(pattern=r"^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$")]
    expires_at: Instant


class SlipsRevoked(Document):
    id: Id
    username: Text
    revoked: Number


class Slip(Document):
    person_id: Id
    username: Text
    person: Text
    purpose: Literal["activate", "help", "break_glass"]
    issued_at: Instant
    issued_by: Text
    expires_at: Instant


class Slips(Document):
    slips: list[Slip]


class CodeShown(Document):
    username: Text
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    counts_from: Instant


class CertificateBound(Document):
    id: Id
    username: Text
    name: Text
    issuer: Text
    serial: Text
    ends_at: Instant


class TrustedAuthority(Document):
    fingerprint: Text
    name: Text
    is_root: bool
    ends_at: Instant
    policies: list[Text]
    crl_url: Text | None
    without_crl: Text | None
    crl_ends_at: Instant | None
    crl_problem: Text | None


class TrustedAuthorities(Document):
    authorities: list[TrustedAuthority]


class AuthorityRemoved(Document):
    fingerprint: Text
    name: Text
    removed: Literal[True]


class AuthorityBundle(Document):
    pem: str | None


class RevocationListTaken(Document):
    fingerprint: Text
    name: Text
    added: Number


class PasskeyRemoved(Document):
    id: Id
    username: Text
    removed: Id
    name: Text


class FactorRule(Document):
    kind: Literal["everybody", "role", "network", "device", "idle", "lifetime"]
    target: Text | None
    days: Number | None
    minutes: Number | None
    changed_by: Text
    changed_at: Instant


class NetworkZone(Document):
    name: Text
    ranges: list[Text]


class FactorPolicy(Document):
    rules: list[FactorRule]
    networks: list[NetworkZone]


class FactorRuleSet(Document):
    rule: Text
    days: Number | None
    minutes: Number | None
    changed: bool


class FactorRuleRemoved(Document):
    rule: Text


class NetworkZoneSet(Document):
    name: Text
    changed: bool


class NoticeSet(Document):
    id: Id
    version: Number
    new: bool


class Notice(Document):
    id: Id
    version: Number
    kind: Literal["information", "warning", "maintenance", "read_only"]
    text: Text
    text_en: Text | None
    span: Text | None
    at: list[Literal["sign_in", "account", "console"]]
    work_from: Instant | None
    work_until: Instant | None
    shown_from: Instant
    shown_until: Instant | None
    put_up_by: Text
    put_up_by_name: Text
    put_up_at: Instant
    changed_by: Text | None
    changed_by_name: Text | None
    changed_at: Instant | None
    taken_down_by: Text | None
    taken_down_by_name: Text | None
    taken_down_at: Instant | None


class Notices(Document):
    notices: list[Notice]


class WaitingMessage(Document):
    id: Id
    kind: Text
    way: Literal["mail", "sms"]
    state: Literal["waits", "failed"]
    person_id: Id
    username: Text | None
    person: Text | None
    created_at: Instant
    tries: Number
    reason: Literal["refused", "address", "expired", "unreadable", "fault", "not_now",
                    "disconnected"] | None  # fmt: skip
    failed_at: Instant | None


class Messages(Document):
    messages: list[WaitingMessage]


class Retried(Document):
    retried: Number


class SmsSample(Document):
    marks: bool
    text: Text
    encoding: Literal["gsm-7", "ucs-2"]
    places: int
    parts: int


class MessageSample(Document):
    kind: Text
    language: Literal["vi", "en"]
    subject: Text
    text: Text
    sms: list[SmsSample] | None


class Pause(Document):
    kind: Literal["name", "device", "devices", "address"]
    person_id: Id | None
    person: Text | None
    username: Text | None
    network: Text | None
    until: Instant
    wrong: Number
    turned_away: Number


class Pauses(Document):
    pauses: list[Pause]


class BreakGlassSealed(Document):
    id: Id
    username: Text
    holders: list[Text]
    url: Text
    halves: list[Annotated[str, Field(pattern=r"^[0-9A-Z]{4}-[0-9A-Z]{4}$")]]
    expires_at: Instant


class BreakGlassAccount(Document):
    id: Id
    username: Text | None
    holders: list[Text | None]
    sealed_at: Instant | None
    counts_until: Instant | None
    opened_at: Instant | None
    closed_at: Instant | None


class BreakGlassAccounts(Document):
    accounts: list[BreakGlassAccount]


class SessionsFound(Document):
    name: Text
    people: Number
    sessions: Number
    told: list[Text]
    not_told: list[Text]


class SessionsEnded(Document):
    people: Number
    sessions: Number


class Policy(Document):
    shortest: Number
    shortest_with_second: Number
    classes: bool
    most_days: Number
    remembered: Number


class Policies(Document):
    person: Policy
    administrator: Policy


class PasswordPolicies(Document):
    profile: Text
    since: Instant | None
    listed: Number
    own_list: Text | None
    accounts: Policies


class LeakedRead(Document):
    id: Id
    state: Text
    lines: Number
    unreadable: Number
    unknown: Number
    repeated: Number
    matched: Number
    others: Number
    waiting: Number


class LeakedList(LeakedRead):
    begun_at: Instant


class LeakedLists(Document):
    lists: list[LeakedList]


class UnusedAccount(Document):
    person_id: Id
    username: Text
    person: Text
    last_here_at: Instant
    warnings: Number
    due: bool
    spared: bool
    unreached: bool


class UnusedAccounts(Document):
    days: Number
    due: Number
    most_at_once: Number
    total: Number
    accounts: list[UnusedAccount]


class UnusedSuspended(Document):
    suspended: Number


class Cleared(Document):
    cleared: Number


class Event(Document):
    id: Id
    at: Instant
    kind: Text
    actor: Text
    subject: Text | None
    agency: Text | None
    address: Text | None
    request_id: Text | None
    part_of: Id | None
    fields: dict[str, Any]


class ToldEvent(Event):
    sentence: Text


class Events(Document):
    events: list[ToldEvent]


class Act(Document):
    id: Id
    at: Instant
    state: Text
    sentence: Text
    events: list[Event]


class Acts(Document):
    acts: list[Act]
    older: Id | None
    folded: bool


class Key(Document):
    kid: Text
    alg: Literal["ES256", "RS256"]
    status: Literal["next", "current", "retired", "revoked"]
    created_at: Instant
    activated_at: Instant | None
    retired_at: Instant | None


class Keys(Document):
    keys: list[Key]


class Rotated(Document):
    kid: Text
    alg: Literal["ES256", "RS256"]


class SealingRotated(Document):
    key: Text
    made: bool
    values: Number
    sealed_again: Number
    left: Number
    older: list[Text]
    older_end_at: Instant | None


class Revoked(Document):
    kid: Text


class Difference(Document):
    trouble: Literal["missing", "extra", "stale", "unreadable"]
    kind: Literal["person", "agency", "tree"]
    entry_id: Text | None
    entry: Text | None
    fields: dict[str, Any]


class Reconciled(Document):
    entries: Number
    differences: list[Difference]
    counts: dict[str, Number]
    outside: Number
    repaired: bool


class Rebuilt(Document):
    people: Number
    agencies: Number
    kept: Number


class Brake(Document):
    braked: bool
    since: NotRequired[Instant]
    lost: NotRequired[Number]
    accounts: NotRequired[Number]


class ChangeReader(Document):
    name: Text
    waiting: Number
    taken_at: Instant


class ChangeReaders(Document):
    readers: list[ChangeReader]


class ConnectorAdded(Document):
    connector: Text
    application: Text
    paused: bool
    warnings: list[Text]


class ConnectorStanding(Document):
    connector: Text
    application: Text
    in_step: Number
    waiting: Number
    failed: Number
    quarantined: Number
    conflicts: Number
    skipped: Number
    paused_at: Instant | None
    stopped_at: Instant | None
    losses: Number | None
    failing_since: Instant | None
    failed_detail: Text | None
    last_success: Instant | None
    groups_untold: bool


class ConnectorStandings(Document):
    connectors: list[ConnectorStanding]


class TargetAccount(Document):
    person_id: Id
    person: Text | None
    username: Text | None
    state: Literal["in_step", "due", "quarantined", "conflict", "skipped"]
    leaving: bool
    has_account: bool
    remote_id: Text | None
    tries: Number
    failed: Text | None
    failed_detail: Text | None
    changed_at: Instant | None


class TargetOfPerson(TargetAccount):
    connector: Text


class TargetsOfPerson(Document):
    targets: list[TargetOfPerson]


class ConnectorShown(Document):
    connector: Text
    application: Text
    definition: Text
    has_token: bool
    stuck: list[TargetAccount]


class ConnectorTested(Document):
    connector: Text
    says: Text
    can: list[Text]
    cannot: list[Text]


class PlannedStep(Document):
    person_id: Id
    person: Text | None
    username: Text | None
    step: Literal["create", "update", "disable", "conflict"]
    before: dict[str, Text | bool]
    after: dict[str, Text | bool]


class ConnectorPlan(Document):
    create: Number
    update: Number
    disable: Number
    conflicts: Number
    people: list[PlannedStep]


class ConnectorRun(Document):
    done: Number
    failed: Number
    held: bool
    elsewhere: bool


class ConnectorRunKept(Document):
    id: Id
    connector: Text
    kind: Literal["first", "full", "ordinary", "replay", "reconcile"]
    begun_by: Text
    began_at: Instant
    ended_at: Instant | None
    held_by: Literal["brake", "away", "paused", "another"] | None
    held_detail: Text | None
    created: Number
    updated: Number
    disabled: Number
    repaired: Number
    failed: Number
    quarantined: Number
    skipped: Number
    looked_at: Number
    to_look_at: Number | None


class ConnectorRuns(Document):
    connector: Text
    runs: list[ConnectorRunKept]


class ConnectorFinding(Document):
    remote_id: Text
    kind: Text
    person_id: Text | None
    login: Text | None
    detail: Text | None
    repaired_at: Instant | None


class ConnectorCandidate(Document):
    remote_id: Text
    login: Text | None
    mail: Text | None
    person_id: Text
    person: Text
    confidence: Literal["high", "medium", "low"]


class ConnectorRefusal(Document):
    remote_id: Text
    login: Text | None
    person_id: Text
    person: Text
    reason: Text
    refused_by: Text
    refused_at: Instant


class ConnectorMatches(Document):
    connector: Text
    confirmed: Text | None
    candidates: list[ConnectorCandidate]
    refused: list[ConnectorRefusal]


class ConnectorReconciled(Document):
    connector: Text
    accounts: Number
    over: bool
    at: Instant | None
    repaired: Number
    counts: dict[str, Number]
    findings: list[ConnectorFinding]


class ConnectorChanged(Document):
    connector: Text
    changed: bool


class ConnectorSkipped(Document):
    connector: Text
    person_id: Id


class ConnectorAccounts(Document):
    connector: Text
    accounts: Number


class Archive(Document):
    file: Text
    sha256: Text
    size: int
    created_at: Instant
    people: Number
    audit_events: Number
    removed: list[Text]


class Listed(Document):
    file: Text
    created_at: Instant
    size: int
    sha256: Text | None
    good: bool


class Archives(Document):
    backups: list[Listed]


class Files(Document):
    files: list[Text]


class Step(Document):
    name: Text
    duration_s: float
    problem: Text | None


class Drilled(Document):
    ok: bool
    file: Text
    duration_s: float
    failed: Text | None
    steps: list[Step]
    minutes: Text


class Restored(Document):
    file: Text
    backup_at: Instant
    replaced: Text
    replaced_store: Text
    sessions_ended: Number
    tokens_revoked: Number
    changes_replayed: Number
    changes_refused: list[list[Text]]
    withdrawals: dict[str, Number]
    passwords_cleared: Number
    differences: Number
    review: list[Text]


class Seeded(Document):
    added: Number
    seconds: NotRequired[float]


class Ready(Document):
    state: Text


class FirstSlip(Document):
    url: Text
    code: Annotated[str, Field(pattern=r"^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$")]
    expires_at: Instant


class SetUp(Document):
    state: Text
    settings: Text
    administrator: Text
    slip: FirstSlip | None


class Finding(Document):
    part: Text
    ok: bool
    warns: bool
    says: Text


class Doctor(Document):
    ok: bool
    findings: list[Finding]


Setting = Text | Number | bool | list[Text] | None


class DeclaredChange(Document):
    field: Text
    before: Text | None
    after: Text | None


class DeclaredStep(Document):
    section: Literal[
        "agencies",
        "applications",
        "codes",
        "positions",
        "roles",
        "connectors",
        "grants",
        "policies",
    ]
    name: Text
    line: Number
    action: Literal["create", "change", "remove", "waiting"]
    note: Text | None
    changes: list[DeclaredChange]


class DeclaredSecret(Document):
    client_id: Text
    client_secret: Text


class Applied(Document):
    create: Number
    change: Number
    same: Number
    remove: Number
    waiting: list[Text]
    done: bool
    steps: list[DeclaredStep]
    secrets: list[DeclaredSecret]


class Exported(Document):
    yaml: Text


DOCUMENTS: dict[str, Any] = {
    "apply": Applied,
    "export": Exported,
    "agency add": AgencyAdded,
    "agency list": Agencies,
    "agency show": Agency,
    "agency tree": Tree,
    "audit search": Acts,
    "audit tail": Events,
    "backup create": Archive,
    "backup drill": Drilled,
    "backup keys": Files,
    "backup list": Archives,
    "backup restore": Restored,
    "backup unpack": Files,
    "catalogue brake": Brake,
    "catalogue readers": ChangeReaders,
    "connector add": ConnectorAdded,
    "connector list": ConnectorStandings,
    "connector match": ConnectorMatches,
    "connector pause": ConnectorChanged,
    "connector person": TargetsOfPerson,
    "connector plan": ConnectorPlan,
    "connector reconcile": ConnectorReconciled,
    "connector remove": ConnectorAccounts,
    "connector replay": ConnectorAccounts,
    "connector resume": ConnectorChanged,
    "connector retry": ConnectorAccounts,
    "connector run": ConnectorRun,
    "connector runs": ConnectorRuns,
    "connector show": ConnectorShown,
    "connector skip": ConnectorSkipped,
    "connector status": list[ConnectorStanding],
    "connector test": ConnectorTested,
    "catalogue rebuild": Rebuilt,
    "catalogue reconcile": Reconciled,
    "certificate authorities": TrustedAuthorities,
    "certificate bind": CertificateBound,
    "certificate bundle": AuthorityBundle,
    "certificate distrust": AuthorityRemoved,
    "certificate load-list": RevocationListTaken,
    "certificate trust": TrustedAuthority,
    "check-config": dict[str, Setting],
    "client add": Registered,
    "client disable": ClientDisabled,
    "client enable": ClientDisabled,
    "client errors": ClientErrors,
    "client import": RegisteredAll,
    "client ldap add": NewLdapClient,
    "client ldap disable": ClientDisabled,
    "client ldap enable": ClientDisabled,
    "client ldap list": LdapClients,
    "client ldap new-password": NewLdapClient,
    "client ldap show": LdapClient,
    "client list": Clients,
    "client release": ClientRelease,
    "client remove": ClientRemoved,
    "client rotate-secret": NewSecret,
    "client show": Client,
    "client try": ClientTrial,
    "client update": Registered,
    "absence add": Absence,
    "absence end": Absence,
    "absence list": Absences,
    "code assign": CodeListKept,
    "code close": Code,
    "code import": CodesImported,
    "code list": Codes,
    "code lists": CodeLists,
    "code put": CodePut,
    "doctor": Doctor,
    "grant add": GrantGiven,
    "grant conflicts": Conflicts,
    "grant explain": Explained,
    "grant privileged": PrivilegedRoles,
    "grant list": Grants,
    "grant renew": GrantRenewed,
    "grant revoke": GrantId,
    "init": Ready,
    "key list": Keys,
    "key revoke": Revoked,
    "key rotate": Rotated,
    "key rotate-sealing": SealingRotated,
    "mfa code": CodeShown,
    "mfa enrol-totp": TotpGiven,
    "mfa policy network": NetworkZoneSet,
    "mfa policy remove": FactorRuleRemoved,
    "mfa policy set": FactorRuleSet,
    "mfa policy show": FactorPolicy,
    "mfa remove": PasskeyRemoved,
    "mfa reset": FactorsReset,
    "mfa show": SecondFactors,
    "person add": Added,
    "person list": People | WrittenList,
    "person move": Moved,
    "person post add": PostAdded,
    "person post end": PostEnded,
    "person resume": Standing,
    "person retire": Standing,
    "person set-password": PersonId,
    "person show": Person,
    "person suspend": Standing,
    "person unlock": Unlocked,
    "person update": Updated,
    "position add": PositionId,
    "position close": PositionClosed,
    "position list": Positions,
    "position rename": PositionRenamed,
    "request approve": RequestDecided,
    "request list": Requests,
    "request refuse": RequestDecided,
    "request show": Request,
    "request withdraw": RequestDecided,
    "resource add": Resource,
    "resource list": Resources,
    "resource remove": ResourceRemoved,
    "role add": RoleDeclared,
    "role list": Roles,
    "role restore": RoleState,
    "role retire": RoleState,
    "seed": Seeded,
    "setup": SetUp,
    "message list": Messages,
    "message retry": Retried,
    "message show-sample": MessageSample,
    "notice clear": Cleared,
    "notice set": NoticeSet,
    "notice show": Notices,
    "slip issue": SlipIssued,
    "slip list": Slips,
    "slip revoke": SlipsRevoked,
    "break-glass create": BreakGlassSealed,
    "break-glass list": BreakGlassAccounts,
    "break-glass seal": BreakGlassSealed,
    "session end": SessionsEnded,
    "session list": SessionsFound,
    "policy import-leaked": LeakedRead,
    "policy leaked": LeakedLists,
    "policy show": PasswordPolicies,
    "throttle clear": Cleared,
    "throttle list": Pauses,
    "unused confirm": UnusedSuspended,
    "unused list": UnusedAccounts,
}


def check_document(command: str, document: object) -> None:
    """Raise ValueError unless `document` is what `command` may answer."""
    TypeAdapter(DOCUMENTS[command]).validate_python(document, strict=True)


def write_schema() -> str:
    """One JSON Schema: under `properties` the answer of every command."""
    asked: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        (name, "serialization", TypeAdapter(kind)) for name, kind in DOCUMENTS.items()
    ]
    found, whole = TypeAdapter.json_schemas(
        asked, title="Answers of danhmuc --json", ref_template="#/$defs/{model}"
    )
    properties = {name: found[name, "serialization"] for name in DOCUMENTS}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return (
        json.dumps(head | whole | {"properties": properties}, indent=1, ensure_ascii=False) + "\n"
    )


if __name__ == "__main__":
    print(write_schema(), end="")
