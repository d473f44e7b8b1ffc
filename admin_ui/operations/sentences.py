"""What an operator reads for each error code: what happened and what to do."""

from __future__ import annotations

from directory.errors import AppError
from idp.clients.problems import SENTENCES as CLIENT_SENTENCES

SENTENCES = {
    "database.unavailable": "The SQL store does not answer. Try again, or run `danhmuc doctor`.",
    "database.damaged": (
        "The SQL store is damaged. Stop Danh Mục and restore the last good backup "
        "(`danhmuc backup list`, `danhmuc backup restore FILE`)."
    ),
    "database.missing": (
        "The SQL store {path} is not there. Restore it from a backup (`danhmuc backup restore "
        "FILE`); nothing makes a new one in its place by itself."
    ),
    "database.no_schema": (
        "The SQL store {store} holds no tables of Danh Mục, though this state folder was in use. "
        "Is DANHMUC_DATABASE_URL the one it was used with? Else restore a backup. Nothing was "
        "changed."
    ),
    "database.schema_older": (
        "The SQL store is of an older version (step {revision}, this program wants {head}). Stop "
        "Danh Mục and run ./deploy/run or `danhmuc init`: it backs up, then brings it up to date."
    ),
    "database.schema_newer": (
        "The SQL store is of a newer version (step {revision}; this program knows steps up to "
        "{head}). Use the program it was last used with, or restore a backup made before."
    ),
    "database.differs": (
        "The tables of the SQL store do not fit its step {revision}: {what}. It was made by a "
        "version before the first release, or changed by hand. A demo is made anew by `danhmuc "
        "seed --people N --rebuild`; otherwise restore a backup, or go on with the version it was "
        "last used with."
    ),
    "database.value_refused": "The SQL store cannot hold one of these values: too long, perhaps.",
    "ldap.unavailable": (
        "The catalogue (LDAP) does not answer. Start Danh Mục with ./deploy/run, "
        "or run `danhmuc doctor`."
    ),
    "ldap.too_many_entries": "The catalogue (LDAP) gives too few entries: look at its limits.",
    "ldap.refused": "The catalogue (LDAP) refused. `danhmuc doctor` looks at it.",
    "ldap.forbidden": (
        "The catalogue (LDAP) does not let our account do this. `danhmuc init` gives its accounts "
        "the rights of this version."
    ),
    "ldap.no_such_value": "The catalogue no longer holds that value. Look at the entry again.",
    "ldap.value_exists": "The catalogue holds that value already. Look at the entry again.",
    "ldap.no_such_entry": "The catalogue has no such entry any more.",
    "ldap.already_exists": "The catalogue has that entry already.",
    "ldap.assertion_failed": "Somebody else changed the entry meanwhile. Look at it again.",
    "ldap.no_password": (
        "The password of our LDAP account “{account}” is missing in secrets/. Restore it from a "
        "backup; where slapd is ours, `danhmuc init` makes a new one."
    ),
    "ldap.no_slapd": "There is no slapd on this machine: apt-get install slapd, then try again.",
    "ldap.cannot_build": "slapd's catalogue cannot be made: {why}",
    "ldap.running": "The catalogue's own slapd still runs. Stop Danh Mục first.",
    "ldap.unsafe_socket_folder": (
        "{folder} must be a folder of this user with mode 0700: slapd's socket lies there. Remove "
        "it if it is nobody's, or set XDG_RUNTIME_DIR to a folder of yours."
    ),
    "ldap.value_taken": "A value of this entry belongs to another entry already.",
    "ldap.constraint": "The catalogue does not accept a value of this entry.",
    "installation.not_initialised": (
        "The state folder {state} is not initialised. Run ./deploy/run or `danhmuc init` first, or "
        "set DANHMUC_STATE to the folder you mean."
    ),
    "installation.other_store": (
        "The SQL store {store} belongs to another installation, {theirs}; this state folder is "
        "{ours}. Set DANHMUC_DATABASE_URL or DANHMUC_STATE right. Nothing was changed."
    ),
    "installation.other_key": (
        "keys/master.key is not the key that the SQL store {store} was sealed with. Put the right "
        "one back from where `danhmuc backup keys` copied it. Nothing was changed."
    ),
    "installation.sealing_key_missing": (
        "What is stored is sealed with a key that is not in {folder}: {keys}. Put its file "
        "sealing-….key back from where `danhmuc backup keys` copied it."
    ),
    "installation.store_taken": (
        "The state folder is new, but the SQL store {store} holds tables already. Set "
        "DANHMUC_DATABASE_URL to an empty one, or DANHMUC_STATE to the folder it belongs to. "
        "Nothing was changed."
    ),
    "installation.demo_elsewhere": (
        "A demo is for this machine only, for its passwords are shown, and {issuer} is another "
        "address. Make an installation of your own: `danhmuc setup`, or --empty."
    ),
    "installation.no_catalogue": (
        "{path} is missing, though this state folder was in use. If LDAP is on servers of its own, "
        "set DANHMUC_LDAP_URI; else restore a backup (`danhmuc backup restore FILE`). Nothing was "
        "changed."
    ),
    "installation.other_catalogue": (
        "The catalogue in this state folder was built for {theirs}, and now {ours} is set. Set "
        "{variable}={theirs}, or DANHMUC_STATE to another folder. Nothing was changed."
    ),
    "identity.damaged": "{path} is damaged: restore it from a backup of the state folder.",
    "input.unknown_field": "There is no field “{field}”.",
    "input.date": "“{value}” is not a date. Write it as 2026-12-31.",
    "input.id": "There is no id like that.",
    "input.encoding": "{source} is not UTF-8 text. Save or send it as UTF-8, then try again.",
    "input.long_line": "{source} is longer than any line may be.",
    "input.no_stdin": "Standard input is closed. Pipe the text in: `… < FILE`.",
    "input.file": "{path} cannot be read: {why}",
    "application.no_logo": "This application has no picture.",
    "application.agencies": "Give the agencies whose people may enter: --agency CODE.",
    "post.unknown": "There is no such post. `danhmuc person show USER --json` gives the ids.",
    "signin.busy": "Very many people are signing in. Try again in a moment.",
    "keys.lost": (
        "{path} is missing, and only it opens what the state folder holds. Put the copy back "
        "that `danhmuc backup keys` made (mode 600)."
    ),
    "key.sealing_under_way": (
        "Another rotation of the sealing key is at work; wait until it ends. Nothing was changed."
    ),
    "keys.missing": "There is no signing key. `danhmuc init` makes one.",
    "catalogue.no_such_entry": "The catalogue has no such entry any more.",
    "feed.moved_on": "Another process went on with the feed meanwhile; nothing was lost.",
    "outbound.forbidden": (
        "This address is not among those our servers may connect to (DANHMUC_OUTBOUND_ALLOW)."
    ),
    "outbound.bad_url": "This is not an address our servers can connect to.",
    "outbound.timeout": "The other server did not answer in time.",
    "outbound.unavailable": "The other server does not answer.",
    "outbound.too_large": "The other server's answer is too long.",
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
    "person.same_post": "The person holds that very post already; nothing was changed.",
    "person.no_main_post": "This person holds no main post at the moment.",
    "person.precedence": "The precedence must be a number from 0 to 99999.",
    "person.language": "The language is vi or en.",
    "person.reason": 'A reason is needed: --reason "…".',
    "password.stdin": (
        "Nobody is here to be asked. Give the password on standard input: "
        "`danhmuc person set-password USER --password-stdin < FILE`."
    ),
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
        "{gone} of {of} active accounts are gone from the catalogue, or suspended, at once. "
        "Nothing of it was taken over. `danhmuc catalogue brake` says what to do."
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
    "grant.over": "The last day, {value}, is over: the role would never hold.",
    "grant.exists": "This role is given already, by grant {grant}. `danhmuc grant renew` changes "
    "how long it holds.",
    "grant.not_yours_to_renew": "You may not give {roles} anew; without keeping it, it ends.",
    "role.given_by": "The roles of Danh Mục itself have givers of their own.",
    "position.unknown": "There is no position {value}. `danhmuc position list` shows them.",
    "position.name": "A position needs a name of at most {longest} characters.",
    "position.exists": "There is a position called “{name}” in that place already.",
    "position.closed": "The position “{name}” is closed: nobody can be put on it.",
    "position.held": "The position still has holders ({holders}). Move them, or end their posts.",
    "position.reason": 'A reason is needed: --reason "…".',
    "position.elsewhere": "The position “{name}” belongs to another agency or unit than the post.",
    "position.brings_roles": "This position brings roles you may not give: {roles}.",
    "post.kind": "A main post is given by `danhmuc person move`.",
    "grant.too_long": "The {field} has more than {longest} characters.",
    "grant.unknown": "No such grant stands. `danhmuc grant list` shows them.",
    "seed.not_a_demo": "This is not a demo: made-up people have no place in it.",
    "setup.initialised": (
        "{state} is set up already. What may change stands in settings.env in it "
        "(docs/reference/settings.md); for another province use another DANHMUC_STATE."
    ),
    "setup.unfinished": (
        "`danhmuc setup` was begun in {state} and did not come to its end. Run it again: it begins "
        "from nothing. For a demo or an installation without setup, use another DANHMUC_STATE."
    ),
    "setup.nobody_here": (
        "Nobody is here to be asked. Give the answers in a file: `danhmuc setup --answers FILE`."
    ),
    "seed.not_empty": (
        "This installation holds {people} people already. Add up to 5,000 while it runs, or make "
        "the whole demo again with --rebuild: nothing of it stays."
    ),
    "seed.stop_first": (
        "Danh Mục runs: up to {most} people can be added now, in the agencies there are. "
        "Stop it first for more."
    ),
    "seed.state_in_use": "The state folder cannot be filled: {why}.",
    "seed.too_few": "A demo province has at least {fewest} people.",
    "backup.nothing_ours": "Nothing here is ours to back up: {others}.",
    "backup.not_all_ours": (
        "Restore and drill put both stores back together, and not both are ours: {others}. "
        "`danhmuc backup unpack FILE --to DIR` gives what ours holds; put it back with slapadd "
        "beside a restore of the other, LDAP first, then `danhmuc catalogue reconcile`."
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
    "backup.no_sealing_key": (
        "The archive opens, but its data are sealed with a key that is not among those given: "
        "{keys}. `--keys DIR` names a folder copied after that key was made "
        "(`danhmuc key rotate-sealing`). Nothing was changed."
    ),
    "backup.checksum": (
        "{path} is not what its .sha256 says: the file is damaged or cut off. Nothing was changed."
    ),
    "backup.damaged": "The archive is damaged, altered or cut off. Nothing was changed.",
    "backup.newer_format": (
        "The archive was made by a newer version ({program}); restore it with that one. "
        "Nothing was changed."
    ),
    "backup.other_identity": (
        "The archive is of {theirs}, this installation is {ours} ({variable}). To restore it here, "
        "set {variable} to the archive's value; nothing was changed."
    ),
    "backup.other_installation": (
        "The archive is of another installation ({theirs}); this state folder is {ours}. Restore "
        "it into an empty folder (DANHMUC_STATE). Nothing was changed."
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
    "backup.drill_differences": "After the restore catalogue and SQL store still differ: {found}.",
    "backup.drill_audit": "The audit log of the archive cannot be read to its end.",
    "backup.drill_bind": "LDAP did not take the password that the drill had set.",
    "backup.drill_sign_in": "The trial sign-in failed: {why}.",
    "authz.denied": "That is not allowed ({reason}).",
}


# What is left to say of a refusal without a sentence of its own, by its class.
_OF_CLASS = {
    "Invalid": "What was given cannot be accepted",
    "NotFound": "There is no such thing",
    "Forbidden": "That is not allowed",
    "Conflict": "That is not possible now",
    "TooMany": "There were too many tries; wait a while",
    "Unavailable": "A part of the system does not answer; run `danhmuc doctor`",
}


def sentence_of(error: Exception) -> str:
    """One sentence for an operator; the stable code stands behind it."""
    if not isinstance(error, AppError):
        return str(error)
    template = SENTENCES.get(error.code) or CLIENT_SENTENCES.get(error.code)
    if template is None:
        details = ", ".join(f"{key}: {value}" for key, value in error.params.items())
        kinds = (_OF_CLASS.get(kind.__name__) for kind in type(error).__mro__)
        said = next(filter(None, kinds), "The request could not be carried out")
        return f"{said}{f' ({details})' if details else ''}. [{error.code}]"
    return f"{template.format_map(_Given(error.params))} [{error.code}]"


class _Given(dict[str, object]):
    """What an error tells of itself; what it does not tell is left out rather than failed on."""

    def __missing__(self, _name: str) -> str:
        return "…"
