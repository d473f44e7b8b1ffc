"""Every component there is. The entries take it from here and hand it down."""

from __future__ import annotations

from admin_ui.console.component import COMPONENT as admin_ui_console
from admin_ui.entries.component import COMPONENT as admin_ui_entries
from admin_ui.operations.backup.component import COMPONENT as admin_ui_operations_backup
from admin_ui.operations.component import COMPONENT as admin_ui_operations
from admin_ui.operations.declared.component import COMPONENT as admin_ui_operations_declared
from admin_ui.operations.sealing.component import COMPONENT as admin_ui_operations_sealing
from admin_ui.operations.seed.component import COMPONENT as admin_ui_operations_seed
from directory.access.component import COMPONENT as directory_access
from directory.agencies.component import COMPONENT as directory_agencies
from directory.audit.component import COMPONENT as directory_audit
from directory.authz.component import COMPONENT as directory_authz
from directory.catalogue.component import COMPONENT as directory_catalogue
from directory.component import Component, requests_of, vocabulary_of
from directory.database.component import COMPONENT as directory_database
from directory.errors.component import COMPONENT as directory_errors
from directory.expiries.component import COMPONENT as directory_expiries
from directory.export_requests.component import COMPONENT as directory_export_requests
from directory.exports.component import COMPONENT as directory_exports
from directory.health.component import COMPONENT as directory_health
from directory.intents.component import COMPONENT as directory_intents
from directory.ldap.component import COMPONENT as directory_ldap
from directory.ldap_clients.component import COMPONENT as directory_ldap_clients
from directory.leaked_passwords.component import COMPONENT as directory_leaked_passwords
from directory.messages.component import COMPONENT as directory_messages
from directory.notices.component import COMPONENT as directory_notices
from directory.outbound.component import COMPONENT as directory_outbound
from directory.outbox.component import COMPONENT as directory_outbox
from directory.passwords.component import COMPONENT as directory_passwords
from directory.people.component import COMPONENT as directory_people
from directory.projection.component import COMPONENT as directory_projection
from directory.release.component import COMPONENT as directory_release
from directory.requests.component import COMPONENT as directory_requests
from directory.sheets.component import COMPONENT as directory_sheets
from idp.applications.component import COMPONENT as idp_applications
from idp.break_glass.component import COMPONENT as idp_break_glass
from idp.clients.component import COMPONENT as idp_clients
from idp.devices.component import COMPONENT as idp_devices
from idp.entry_requests.component import COMPONENT as idp_entry_requests
from idp.factor_policy.component import COMPONENT as idp_factor_policy
from idp.factors.certificate.component import COMPONENT as idp_factors_certificate
from idp.factors.component import COMPONENT as idp_factors
from idp.factors.passkey.component import COMPONENT as idp_factors_passkey
from idp.factors.password.component import COMPONENT as idp_factors_password
from idp.factors.recovery_codes.component import COMPONENT as idp_factors_recovery_codes
from idp.factors.totp.component import COMPONENT as idp_factors_totp
from idp.feature import registration_of
from idp.flows.component import COMPONENT as idp_flows
from idp.home.component import COMPONENT as idp_home
from idp.journeys.component import COMPONENT as idp_journeys
from idp.keys.component import COMPONENT as idp_keys
from idp.logout.component import COMPONENT as idp_logout
from idp.oidc.component import COMPONENT as idp_oidc
from idp.recovery.component import COMPONENT as idp_recovery
from idp.security.component import COMPONENT as idp_security
from idp.sessions.component import COMPONENT as idp_sessions
from idp.slips.component import COMPONENT as idp_slips
from idp.spray.component import COMPONENT as idp_spray
from idp.throttle.component import COMPONENT as idp_throttle
from sync.changes.component import COMPONENT as sync_changes
from sync.engine.component import COMPONENT as sync_engine
from sync.feed.component import COMPONENT as sync_feed
from web.component import COMPONENT as web

COMPONENTS: tuple[Component, ...] = (
    directory_errors,
    directory_ldap,
    directory_database,
    directory_catalogue,
    directory_health,
    directory_sheets,
    directory_audit,
    directory_exports,
    directory_authz,
    directory_requests,
    directory_notices,
    directory_messages,
    directory_export_requests,
    directory_expiries,
    directory_access,
    directory_release,
    directory_projection,
    directory_outbox,
    directory_outbound,
    directory_intents,
    directory_passwords,
    directory_leaked_passwords,
    directory_people,
    directory_agencies,
    directory_ldap_clients,
    web,
    idp_clients,
    idp_keys,
    idp_sessions,
    idp_devices,
    idp_flows,
    idp_throttle,
    idp_break_glass,
    idp_spray,
    idp_factor_policy,
    idp_factors,
    idp_factors_password,
    idp_factors_passkey,
    idp_factors_certificate,
    idp_factors_totp,
    idp_factors_recovery_codes,
    idp_slips,
    idp_recovery,
    idp_journeys,
    idp_oidc,
    idp_logout,
    idp_home,
    idp_entry_requests,
    idp_security,
    idp_applications,
    sync_feed,
    sync_changes,
    sync_engine,
    admin_ui_console,
    admin_ui_entries,
    admin_ui_operations,
    admin_ui_operations_backup,
    admin_ui_operations_declared,
    admin_ui_operations_sealing,
    admin_ui_operations_seed,
)

VOCABULARY = vocabulary_of(COMPONENTS)
"""For whoever reads the audit log; writing needs the kind alone."""

REGISTRATION = registration_of(COMPONENTS)
"""For whoever registers a client."""

REQUEST_KINDS = requests_of(COMPONENTS)
"""What one person may ask and a second decides."""
