"""What an operator reads for each error code: what happened and what to do."""

from __future__ import annotations

from directory.errors import AppError
from idp.clients.problems import SENTENCES as CLIENT_SENTENCES

SENTENCES = {
    "database.unavailable": "The SQL store does not answer. Try again, or run `danhmuc doctor`.",
    "database.value_refused": "The SQL store cannot hold one of these values: too long, perhaps.",
    "ldap.unavailable": (
        "The catalogue (LDAP) does not answer. Start Danh Mục with ./deploy/run, "
        "or run `danhmuc doctor`."
    ),
    "ldap.value_taken": "A value of this entry belongs to another entry already.",
    "ldap.constraint": "The catalogue does not accept a value of this entry.",
    "installation.not_initialised": (
        "This state folder is not initialised. Run ./deploy/run or `danhmuc init` first."
    ),
    "input.unknown_field": "There is no field “{field}”.",
    "input.date": "“{value}” is not a date. Write it as 2026-12-31.",
    "input.id": "There is no id like that.",
    "input.encoding": "{source} is not UTF-8 text. Save or send it as UTF-8, then try again.",
    "input.long_line": "{source} is longer than any line may be.",
    "input.file": "{path} cannot be read: {why}",
    "agency.unknown": "There is no such agency. `danhmuc agency list` shows the codes.",
    "agency.no_parent": "The agency above it does not exist. Add that one first.",
    "agency.name": "The name must have 1 to 250 characters.",
    "agency.code": "The code must have 1 to 35 characters without blanks or / \\ | , ; @.",
    "agency.too_long": "The {field} has more than {longest} characters.",
    "agency.precedence": "The precedence must be a number from 0 to 99999.",
    "agency.code.taken": "The code “{value}” belongs, or once belonged, to another agency.",
    "agency.unit_without_parent": "A unit needs --parent: the agency or unit it is part of.",
    "agency.circle": "An agency cannot lie under itself.",
    "unit.unknown": "There is no such unit in that agency. `danhmuc agency tree CODE` shows them.",
    "person.unknown": "There is no such person. Find them with `danhmuc person list --query …`.",
    "person.full_name": "The full name must have 1 to 200 characters, without < and >.",
    "person.username": (
        "The username must have 2 to 63 characters: a–z, 0–9, dot, dash, underscore; "
        "it begins with a letter or digit."
    ),
    "person.mail": "The e-mail address is not valid.",
    "person.phone": "The telephone number needs at least 3 digits; blanks and + ( ) . - may stand "
    "between them.",
    "person.title": "The title must have 1 to 200 characters.",
    "person.staff_no": "The staff number may have at most 64 characters.",
    "person.staff_category": "The staff category is not one of the known ones.",
    "person.username.taken": "The username “{value}” belongs, or once belonged, to somebody else.",
    "person.mail.taken": "The address “{value}” belongs, or once belonged, to somebody else.",
    "person.staff_no.taken": "The staff number “{value}” belongs to somebody else.",
    "person.status": "That is not possible now: the person is “{status}”.",
    "person.reason": 'A reason is needed: --reason "…".',
    "password.too_short": "The password must have at least {shortest} characters.",
    "password.too_long": "The password may have at most {longest} characters.",
    "password.contains_username": "The password must not contain the username.",
    "password.too_simple": "The password is too simple: use more different characters.",
    "password.characters": (
        "The password holds characters that cannot be seen or typed, such as a tab or an invisible "
        "mark. Type it instead of pasting it."
    ),
    "catalogue.unreadable": (
        "The entry in LDAP holds what no record can hold; somebody wrote to it past the services. "
        "`danhmuc audit tail --kind catalogue.unreadable` says what."
    ),
    "catalogue.changed_meanwhile": "Somebody else changed it meanwhile; now it says: {current}.",
    "catalogue.repair_running": (
        "The catalogue is being compared or rebuilt already. Try again when that is done."
    ),
    "feed.mass_deletion": (
        "{gone} of {of} entries are gone from the catalogue at once. If that is right, run "
        "`danhmuc catalogue reconcile --accept-deletions`."
    ),
    "lease.lost": "Another process took over this work meanwhile. Nothing was changed; try again.",
    "change.pending": (
        "A store did not answer in time. The change is noted and is made as soon as it answers; "
        "look at the entry again in a minute."
    ),
    "change.settled_otherwise": "The change was settled otherwise meanwhile; look at the entry.",
    "change.in_progress": "Another change of the same entry is under way. Try again in a moment.",
    "application.unknown": "There is no application “{value}”. `danhmuc client list` shows them.",
    "application.id": "The id of an application must have 1 to 120 characters.",
    "application.name": "The application needs a name.",
    "role.unknown": "There is no role “{value}”. `danhmuc role list` shows them.",
    "role.name": "The role name “{value}” must be lower-case letters, digits, . - and _.",
    "grant.reason": 'A reason is needed: --reason "…".',
    "grant.dates": "The last day lies before the first.",
    "grant.position": "A position is a title of at most 200 characters.",
    "grant.too_long": "The {field} has more than {longest} characters.",
    "grant.unknown": "No such grant stands. `danhmuc grant list` shows them.",
    "seed.not_a_demo": "This is not a demo: made-up people have no place in it.",
    "seed.not_empty": (
        "This installation holds {people} people already. Add up to 5,000 while it runs, or make "
        "the whole demo again with --rebuild: nothing of it stays."
    ),
    "seed.stop_first": (
        "Danh Mục runs: up to {most} people can be added now, in the agencies there are. "
        "Stop it first for more."
    ),
    "seed.state_in_use": "{why}.",
    "seed.too_few": "A demo province has at least {fewest} people.",
    "backup.embedded_only": (
        "This backs up the embedded system only. Here LDAP or SQL is a server of its own: back "
        "them up with their own tools (slapcat, pg_dump), LDAP first."
    ),
    "backup.under_way": "Another backup, restore or drill is at work in {folder}.",
    "backup.none": "There is no finished archive yet. Make one with `danhmuc backup create`.",
    "backup.no_file": "There is no archive {path}.",
    "backup.no_key": "{why}. `--keys DIR` names the folder the keys were copied to.",
    "backup.keys_exist": "{path} holds another key already; choose another folder.",
    "backup.not_a_backup": "This file is not an archive of Danh Mục. Nothing was changed.",
    "backup.other_key": (
        "This archive was sealed with another backup.key. `--keys DIR` names the folder of its "
        "keys. Nothing was changed."
    ),
    "backup.other_master_key": (
        "The archive opens, but its data belong to another master.key. `--keys DIR` names the "
        "folder of its keys. Nothing was changed."
    ),
    "backup.checksum": (
        "{path} is not what its .sha256 says: the file is damaged or cut off. Nothing was changed."
    ),
    "backup.damaged": "The archive is damaged, altered or cut off. Nothing was changed.",
    "backup.newer_format": (
        "The archive was made by a newer version ({program}); restore it with that one. "
        "Nothing was changed."
    ),
    "backup.other_suffix": (
        "The archive is of {theirs}, this installation is {ours} (DANHMUC_LDAP_SUFFIX). "
        "Nothing was changed."
    ),
    "backup.counts": (
        "The archive does not hold what it says: {found} {what} instead of {wanted}. "
        "Nothing was changed."
    ),
    "backup.no_room": (
        "The disk is too full: {megabytes} MB are needed beside the present state. "
        "Nothing was changed."
    ),
    "backup.disk": "The disk refuses: {why} ({path}).",
    "backup.system_runs": "Stop Danh Mục before a restore: {why}.",
    "backup.interrupted": (
        "A restore was interrupted. `./deploy/run`, or the same `danhmuc backup restore` again, "
        "finishes it first."
    ),
    "backup.other_file_system": (
        "{path} lies on another file system than the state folder; a restore replaces both at "
        "once, so they must be on one."
    ),
    "throttle.address": "“{value}” is not an IP address or network, such as 10.1.2.3.",
    "throttle.what": "Say whose pause to end: a person, --address ADDRESS, or --all.",
    "authz.denied": "That is not allowed ({reason}).",
}


def sentence_of(error: Exception) -> str:
    """One sentence for an operator; the stable code stands behind it."""
    if not isinstance(error, AppError):
        return str(error)
    template = SENTENCES.get(error.code) or CLIENT_SENTENCES.get(error.code)
    if template is None:
        details = ", ".join(f"{key}: {value}" for key, value in error.params.items())
        return f"{error.code}{f' ({details})' if details else ''}"
    try:
        return f"{template.format_map(dict(error.params))} [{error.code}]"
    except KeyError:
        return f"{template} [{error.code}]"
