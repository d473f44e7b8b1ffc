"""danhmuc person …"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

import click
from sqlalchemy import Connection

from admin_ui.cli.answers import (
    JsonGroup,
    answer,
    named_status,
    open_own_installation,
    operator,
    read_stdin,
    table,
)
from admin_ui.cli.grant_document import told_grants
from admin_ui.cli.new_file import new_file
from admin_ui.cli.person_facts import fact_lines, fact_options, given_facts, label_of
from admin_ui.cli.terminal import one_line
from admin_ui.components import VOCABULARY
from admin_ui.operations.errors import PASSWORD_STDIN
from directory.authz import grants
from directory.authz.positions import positions_of
from directory.authz.scopes import EVERYWHERE, Scope
from directory.authz.settling import former_posts
from directory.catalogue.errors import AGENCY_UNKNOWN, PERSON_UNKNOWN, UNIT_UNKNOWN
from directory.catalogue.facts import FACT, FACTS
from directory.catalogue.person import Post
from directory.clock import today
from directory.errors import Invalid, NotFound
from directory.exports.notes import Export, TakenBy
from directory.ids import new_id
from directory.installation import Installation
from directory.outside_text import read_line
from directory.passwords.made_of import Owner
from directory.people import credentials, service
from directory.people.handles import PeopleFor
from directory.people.listing import PeopleQuestion, list_with_posts
from directory.projection import queries
from directory.sheets.writing import Format, written
from idp.throttle import pauses


@click.group(cls=JsonGroup)
def person() -> None:
    """People of the catalogue."""


def find_person(installation: Installation, name: str) -> queries.PersonRow:
    """A person by username, work address or id. Raises NotFound."""
    with installation.database.read() as tx:
        found = queries.find_person_by_login(tx, name) or queries.person(tx, name)
    if found is None:
        raise NotFound(PERSON_UNKNOWN)
    return found


def find_agency(installation: Installation, code: str) -> queries.AgencyRow:
    """An agency by code or id. Raises NotFound."""
    with installation.database.read() as tx:
        found = queries.agency_by_code(tx, code) or queries.agency(tx, code)
    if found is None:
        raise NotFound(AGENCY_UNKNOWN)
    return found


def find_unit(installation: Installation, agency_id: str, name: str) -> str:
    """The id of a unit under an agency by code, id or name; empty for no unit. Raises NotFound."""
    if not name:
        return ""
    with installation.database.read() as tx:
        below = queries.list_agencies(tx, query="", kind="unit")
        for unit in below:
            named = name in (unit.id, unit.code) or unit.name.lower() == name.strip().lower()
            if named and queries.is_under(tx, unit.id, agency_id):
                return unit.id
    raise NotFound(UNIT_UNKNOWN)


@person.command()
@fact_options(for_new=True)
@click.option("--agency", "agency_code", required=True, metavar="CODE")
@click.option("--unit", default="", metavar="CODE", help="Unit of the agency: code, id or name.")
@click.option("--title", default="", help="Title of the main post.")
@click.option("--position", "position_id", default="", metavar="ID", help="Position they hold.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(
    agency_code: str,
    unit: str,
    title: str,
    position_id: str,
    password_stdin: bool,
    **facts: Any,
) -> None:
    """Add a person with one main post."""
    installation, actor = open_own_installation(), operator()
    password = _password_from_stdin(installation, facts["username"]) if password_stdin else ""
    agency = find_agency(installation, agency_code)
    unit_id = find_unit(installation, agency.id, unit)
    new = service.NewPerson(
        agency_id=agency.id,
        unit_id=unit_id,
        title=title,
        position_id=position_id,
        **{
            name: _resolved(installation, name, value) for name, value in given_facts(facts).items()
        },
    )
    added = service.add_person(installation, actor, new)
    if password:
        credentials.set_password(installation, actor, added.id, password)
    answer(
        {"id": added.id, "username": added.username},
        f"Added {one_line(added.full_name)} ({added.username}), id {added.id}.",
    )


def _resolved(installation: Installation, name: str, value: Any) -> Any:
    """Somebody is named by what people know of them; the fact is their id."""
    is_person = FACT[name].kind == "person" and value
    return find_person(installation, value).id if is_person else value


def ask_password(installation: Installation, username: str) -> str:
    """Ask the person at the terminal for a password, twice. Raises Invalid: ``password.*``."""
    password: str = click.prompt(
        f"Password of {username}", hide_input=True, confirmation_prompt=True
    )
    credentials.check_password_policy(installation.settings, password, Owner(username))
    return password


def _password_from_stdin(installation: Installation, username: str) -> str:
    password = read_line(read_stdin(), "The password on standard input")
    # Before anything is written.
    credentials.check_password_policy(installation.settings, password, Owner(username))
    return password


@person.command()
@click.argument("name")
def show(name: str) -> None:
    """Show one person (username, work address or id)."""
    installation = open_own_installation()
    found = find_person(installation, name)
    with installation.database.read() as tx:
        posts = [_told_post(tx, p) for p in found.posts]
        for each, held in zip(posts, found.posts, strict=True):
            position = positions_of(tx, found.id).get(held.id)
            each["position"] = {"id": position.id, "name": position.name} if position else None
        former = [_told_post(tx, p) for p in former_posts(tx, found.id)]
        owner = queries.list_names(tx, [found.administrator_of])
    usernames = {each: username for each, (_, username) in owner.items()}
    lines = [
        f"{one_line(found.full_name)}  ({found.username})",
        f"  id        {found.id}",
        f"  status    {named_status(found.status)}",
        *fact_lines(found, usernames),
        *(f"  post      {_line_of(p)}" for p in posts),
        *(f"  before    {_line_of(p)}" for p in former),
    ]
    document = {"id": found.id} | asdict(found) | {"posts": posts, "former_posts": former}
    answer(document, "\n".join(map(one_line, lines)))


def _told_post(tx: Connection, post: Post) -> dict[str, Any]:
    places = queries.agencies_by_id(
        tx, [place for place in (post.agency_id, post.unit_id) if place]
    )
    names = {place_id: place.name for place_id, place in places.items()}
    return asdict(post) | {
        "agency": names.get(post.agency_id, ""),
        "unit": names.get(post.unit_id, ""),
        "is_current": post.is_current(today().isoformat()),
    }


def _document_of(installation: Installation, post: Post) -> dict[str, Any]:
    with installation.database.read() as tx:
        return _told_post(tx, post)


_KINDS = {"main": "main post", "concurrent": "second post", "seconded": "secondment"}


def _line_of(post: dict[str, Any]) -> str:
    place = post["unit"] or post["agency"]
    days = f"{post['start'] or '…'} – {post['end'] or '…'}"
    if post["end"] and post["end"] < post["start"]:
        days = f"given on {post['start']} and taken back the same day"
    held = "" if post["is_current"] else ", not held today"
    position = ", position" if post.get("position") else ""
    basis = f", {post['basis']}" if post["basis"] else ""
    kind = _KINDS[post["kind"]]
    title = post["title"] or "no title"
    return f"{title}, {place} ({kind}{position}, {days}{held}{basis}), id {post['id']}"


# What tells people of the same name apart stands beside the name.
_LISTED = (
    *("id", "username", "full_name", "status", "title", "unit_id", "unit"),
    *("agency_id", "agency_code", "agency"),
)


@person.command("list")
@click.option("--agency", "agency_code", default="", metavar="CODE", help="Its people and below.")
@click.option("--query", default="", help="Words of the name, with or without diacritics.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10000))
@click.option("--xlsx", metavar="FILE", help="Write all of them to an Excel file instead.")
@click.option("--csv", metavar="FILE", help="Write all of them to a CSV file instead.")
@click.option("--reason", default="", help="Why more than 200 people are written to a file.")
def list_(
    agency_code: str, query: str, limit: int, xlsx: str | None, csv: str | None, reason: str
) -> None:
    """List people, sorted by given name.

    A file holds the same list as the console's, whatever --limit says, and the log keeps who wrote
    it.
    """
    installation = open_own_installation()
    place = find_agency(installation, agency_code).id if agency_code else ""
    if xlsx is not None and csv is not None:
        raise click.UsageError("Give --xlsx or --csv, not both.")
    if xlsx is not None or csv is not None:
        question, form = PeopleQuestion(query, place), "csv" if xlsx is None else "xlsx"
        _write_list(installation, question, cast(Format, form), xlsx or csv or "", reason)
        return
    with installation.database.read() as tx:
        total, people = queries.list_people(tx, query=query, place_id=place, limit=limit)
        scope = Scope(False, frozenset({place})) if place else EVERYWHERE
        found = [
            {field: getattr(listed, field) for field in _LISTED}
            | {fact.name: getattr(row, fact.name) for fact in FACTS if fact.listed}
            for row, listed in zip(people, list_with_posts(tx, people, scope), strict=True)
        ]
    heads = ("USERNAME", "FULL NAME", "TITLE", "UNIT", "AGENCY", "STATUS", "MAIL")
    rows = [
        (
            *(p["username"], p["full_name"], p["title"], p["unit"]),
            *(p["agency_code"] or p["agency"], named_status(p["status"]), p["mail"]),
        )
        for p in found
    ]
    answer(
        {"total": total, "people": found},
        lambda: table(rows, heads) + f"\n{total} in all.",
    )


def _write_list(
    installation: Installation, question: PeopleQuestion, form: Format, file: str, reason: str
) -> None:
    actor = operator()
    export = Export(form, reason, TakenBy(actor.id, ()), "vi")
    with new_file(Path(file)) as out:  # a place that cannot be written to is told first
        listing = PeopleFor(installation, actor, VOCABULARY).take_away(question, export)
        out.writelines(written(listing, form))
    answer(
        {"file": file, "count": listing.count},
        f"Wrote {listing.count} people to {one_line(file)}. It holds personal data.",
    )


@person.command()
@click.argument("name")
@fact_options(for_new=False)
@click.option("--title", help="Title of the main post.")
def update(name: str, **options: Any) -> None:
    """Change what is given of a person; an empty text ("") takes a fact away."""
    changes = given_facts(options)
    if not changes:
        raise click.UsageError("Give at least one option.")
    installation = open_own_installation()
    found = find_person(installation, name)
    # Whoever types a value means it, whatever stands there now.
    now = service.values_now(installation, found.id, changes)
    done = service.change_person(installation, operator(), found.id, changes, expected=now)
    changed = [
        field for field, value in service.values_of(done, changes).items() if value != now[field]
    ]
    answer(
        {"id": done.id, "username": done.username, "changed": changed},
        f"Changed {one_line(done.full_name)}: {', '.join(map(label_of, changed))}."
        if changed
        else f"{one_line(done.full_name)} says all of it already; nothing was changed.",
    )


@person.command()
@click.argument("name")
@click.option("--agency", "agency_code", required=True, metavar="CODE")
@click.option("--unit", default="", metavar="CODE")
@click.option("--title", default="", help="Else what the position is called.")
@click.option("--position", "position_id", default="", metavar="ID", help="Position they hold.")
@click.option("--basis", default="", help="The decision: số, ngày.")
@click.option("--keep-grants", is_flag=True, help="Give anew what would end by leaving the branch.")
def move(
    name: str,
    agency_code: str,
    unit: str,
    title: str,
    position_id: str,
    basis: str,
    keep_grants: bool,
) -> None:
    """Give a person a new main post from today; the one before ends and is kept.

    Roles given to the person in a branch they leave end with it.
    """
    installation = open_own_installation()
    found = find_person(installation, name)
    post = _post_of(installation, agency_code, unit, title, position_id, basis=basis)
    before = _standing_grants(installation, found.id)
    moved = service.move_person(
        installation,
        operator(),
        found.id,
        post,
        position_id=position_id,
        keep_grants=keep_grants,
    )
    begun = next(each for each in moved.posts if each.id == post.id)
    changed = _changed_grants(installation, found.id, before)
    document = {"id": moved.id, "post": _document_of(installation, begun), **changed}
    answer(document, "\n".join([f"Moved {one_line(moved.full_name)}.", *_told_grants(changed)]))


def _post_of(
    installation: Installation,
    agency_code: str,
    unit: str,
    title: str,
    position_id: str,
    **facts: Any,
) -> Post:
    if not title and not position_id:
        raise click.UsageError("Give --title or --position.")
    agency = find_agency(installation, agency_code)
    return Post(new_id(), agency.id, find_unit(installation, agency.id, unit), title, **facts)


def _standing_grants(installation: Installation, person_id: str) -> dict[str, grants.Grant]:
    with installation.database.read() as tx:
        return {each.id: each for each in grants.list_standing(tx, "person", person_id)}


def _changed_grants(
    installation: Installation, person_id: str, before: dict[str, grants.Grant]
) -> dict[str, list[dict[str, Any]]]:
    """The person's own grants that a change of posts ended or gave anew."""
    now = _standing_grants(installation, person_id)
    ended = [g for g in before.values() if g.id not in now or now[g.id].end != g.end]
    new = [g for g in now.values() if g.id not in before]
    with installation.database.read() as tx:
        return {
            "grants_ended": told_grants(tx, [now.get(g.id, g) for g in ended]),
            "grants_renewed": told_grants(tx, new),
        }


def _told_grants(changed: dict[str, list[dict[str, Any]]]) -> list[str]:
    def named(grant: dict[str, Any]) -> str:
        role = f"{grant['application_id']}:{grant['role']}"
        return f"{role} ({grant['role_title']}) in {grant['agency']}"

    renewed = {named(grant) for grant in changed["grants_renewed"]}
    ended = [grant for grant in changed["grants_ended"] if named(grant) not in renewed]
    lines = [f"Ends with it: {named(grant)}, {grant['end'] or 'at once'}." for grant in ended]
    hint = ["Give it anew with `danhmuc grant add` where it is still needed."] if lines else []
    return [*lines, *hint, *(f"Given anew: {name}." for name in sorted(renewed))]


@person.group()
def post() -> None:
    """Second posts (kiêm nhiệm), secondments (biệt phái), and the end of posts."""


@post.command("add")
@click.argument("name")
@click.option("--agency", "agency_code", required=True, metavar="CODE")
@click.option("--unit", default="", metavar="CODE")
@click.option("--title", default="", help="Else what the position is called.")
@click.option("--position", "position_id", default="", metavar="ID", help="Position they hold.")
@click.option("--seconded", is_flag=True, help="A secondment (biệt phái), not a second post.")
@click.option("--until", default="", metavar="DATE", help="Last day, as 2026-12-31.")
@click.option("--basis", default="", help="The decision: số, ngày.")
def post_add(
    name: str,
    agency_code: str,
    unit: str,
    title: str,
    position_id: str,
    seconded: bool,
    until: str,
    basis: str,
) -> None:
    """Give a person a second post from today; their main post stays."""
    installation = open_own_installation()
    found = find_person(installation, name)
    kind = "seconded" if seconded else "concurrent"
    given = _post_of(
        installation, agency_code, unit, title, position_id, kind=kind, end=until, basis=basis
    )
    done = service.add_post(installation, operator(), found.id, given, position_id=position_id)
    begun = next(each for each in done.posts if each.id == given.id)
    answer(
        {"id": done.id, "post": _document_of(installation, begun)},
        f"{one_line(done.full_name)} holds {one_line(begun.title)} too, post {begun.id}.",
    )


@post.command("end")
@click.argument("name")
@click.argument("post_id", metavar="POST")
@click.option("--last-day", default="", metavar="DATE", help="Today, if not given.")
def post_end(name: str, post_id: str, last_day: str) -> None:
    """End a post; it is kept with its dates. `danhmuc person show` tells the ids."""
    installation = open_own_installation()
    found = find_person(installation, name)
    before = _standing_grants(installation, found.id)
    last_day = last_day or today().isoformat()
    said = f"The post ends after {last_day}."
    if any((post.id, post.end) == (post_id, last_day) for post in found.posts):
        said = f"{last_day} is its last day already; nothing was changed."
    service.end_posts(installation, operator(), found.id, {post_id: last_day})
    changed = _changed_grants(installation, found.id, before)
    text = [said, *_told_grants(changed)]
    answer({"id": found.id, "post": post_id, "last_day": last_day, **changed}, "\n".join(text))


@person.command()
@click.argument("name")
@click.option("--reason", required=True)
def suspend(name: str, reason: str) -> None:
    """Stop a person from signing in; their sessions end at once."""
    installation = open_own_installation()
    done = service.suspend(installation, operator(), find_person(installation, name).id, reason)
    answer({"id": done.id, "status": done.status}, f"Suspended {one_line(done.full_name)}.")


@person.command()
@click.argument("name")
@click.option("--reason", required=True)
def resume(name: str, reason: str) -> None:
    """Make a suspended person what they were: active, or still without a first password."""
    installation = open_own_installation()
    done = service.resume(installation, operator(), find_person(installation, name).id, reason)
    full_name = one_line(done.full_name)
    answer(
        {"id": done.id, "status": done.status},
        f"{full_name} may sign in again."
        if done.status == "active"
        else f"{full_name} is not suspended any more; without a password nobody can sign in yet.",
    )


@person.command()
@click.argument("name")
@click.option("--reason", required=True)
def retire(name: str, reason: str) -> None:
    """A person has left for good: posts end, no sign-in, the record stays."""
    installation = open_own_installation()
    done = service.retire(installation, operator(), find_person(installation, name).id, reason)
    answer({"id": done.id, "status": done.status}, f"{one_line(done.full_name)} has left.")


@person.command()
@click.argument("name")
def unlock(name: str) -> None:
    """End every pause of a person after too many wrong passwords."""
    installation = open_own_installation()
    found = find_person(installation, name)
    unlocked = pauses.unlock_person(installation, operator(), found.id)
    full_name = one_line(found.full_name)
    answer(
        {"id": found.id, "unlocked": unlocked},
        f"{full_name} may try again."
        if unlocked
        else f"{full_name} was not paused; nothing was changed.",
    )


@person.command("set-password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--temporary", is_flag=True, help="Good for setting another one, and nothing else.")
def set_password(name: str, password_stdin: bool, temporary: bool) -> None:
    """Set a person's password; everything they were signed in to ends.

    At a terminal it is asked for, twice.
    """
    installation = open_own_installation()
    if not password_stdin and not (sys.stdin and sys.stdin.isatty()):
        raise Invalid(PASSWORD_STDIN, field="password")
    found = find_person(installation, name)
    read = _password_from_stdin if password_stdin else ask_password
    password = read(installation, found.username)
    credentials.set_password(installation, operator(), found.id, password, is_temporary=temporary)
    answer({"id": found.id}, f"The password of {one_line(found.full_name)} is set.")
