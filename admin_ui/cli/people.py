"""danhmuc person …"""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from admin_ui.cli.answers import JsonGroup, answer, open_house, operator, table
from admin_ui.cli.terminal import one_line
from directory.catalogue.person import Post
from directory.clock import today
from directory.errors import Invalid, NotFound
from directory.ids import new_id
from directory.installation import Installation
from directory.outside_text import read_line
from directory.people import credentials, service
from directory.projection import queries
from idp.signin import pauses


@click.group(cls=JsonGroup)
def person() -> None:
    """People of the catalogue."""


def find_person(house: Installation, name: str) -> queries.PersonRow:
    """A person by username, work address or id. Raises NotFound."""
    with house.database.read() as tx:
        found = queries.find_person_by_login(tx, name) or queries.person(tx, name)
    if found is None:
        raise NotFound("person.unknown")
    return found


def find_agency(house: Installation, code: str) -> queries.AgencyRow:
    """An agency by code or id. Raises NotFound."""
    with house.database.read() as tx:
        found = queries.agency_by_code(tx, code) or queries.agency(tx, code)
    if found is None:
        raise NotFound("agency.unknown")
    return found


def find_unit(house: Installation, agency_id: str, name: str) -> str:
    """The id of a unit under an agency by code, id or name; empty for no unit. Raises NotFound."""
    if not name:
        return ""
    with house.database.read() as tx:
        below = queries.list_agencies(tx, query="", kind="unit")
        for unit in below:
            named = name in (unit.id, unit.code) or unit.name.lower() == name.strip().lower()
            if named and queries.is_under(tx, unit.id, agency_id):
                return unit.id
    raise NotFound("unit.unknown")


@person.command()
@click.option("--username", required=True, help="Sign-in name: a–z, 0–9, . - _")
@click.option("--full-name", required=True, help="Họ đệm tên, with diacritics.")
@click.option("--agency", "agency_code", required=True, metavar="CODE")
@click.option("--unit", default="", metavar="CODE", help="Unit of the agency: code, id or name.")
@click.option("--title", default="", help="Title of the main post.")
@click.option("--mail", default="", help="Work e-mail address.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(
    username: str,
    full_name: str,
    agency_code: str,
    unit: str,
    title: str,
    mail: str,
    password_stdin: bool,
) -> None:
    """Add a person with one main post."""
    house, actor = open_house(), operator()
    password = _password_from_stdin(username) if password_stdin else ""
    agency = find_agency(house, agency_code)
    unit_id = find_unit(house, agency.id, unit)
    new = service.NewPerson(username, full_name, agency.id, unit_id, title, mail)
    added = service.add_person(house, actor, new)
    if password:
        credentials.set_password(house, actor, added.id, password)
    answer(
        {"id": added.id, "username": added.username},
        f"Added {one_line(added.full_name)} ({added.username}), id {added.id}.",
    )


def ask_password(username: str) -> str:
    """Ask the person at the terminal for a password, twice. Raises Invalid: ``password.*``."""
    password: str = click.prompt(
        f"Password of {username}", hide_input=True, confirmation_prompt=True
    )
    credentials.check_password_policy(password, username)
    return password


def _password_from_stdin(username: str) -> str:
    password = read_line(sys.stdin.buffer, "The password on standard input")
    credentials.check_password_policy(password, username)  # before anything is written
    return password


@person.command()
@click.argument("name")
def show(name: str) -> None:
    """Show one person (username, work address or id)."""
    house = open_house()
    found = find_person(house, name)
    with house.database.read() as tx:
        places = queries.agencies_by_id(
            tx, [i for p in found.posts for i in (p.agency_id, p.unit_id) if i]
        )
    posts = [
        asdict(p)
        | {
            "agency": places[p.agency_id].name if p.agency_id in places else "",
            "unit": places[p.unit_id].name if p.unit_id in places else "",
        }
        for p in found.posts
    ]
    lines = [
        f"{one_line(found.full_name)}  ({found.username})",
        f"  id        {found.id}",
        f"  status    {found.status}",
        f"  mail      {found.mail or '–'}",
        f"  phone     {found.phone or '–'}",
        *(f"  post      {p['title']}, {p['unit'] or p['agency']} ({p['kind']})" for p in posts),
    ]
    answer(asdict(found) | {"posts": posts}, "\n".join(map(one_line, lines)))


@person.command("list")
@click.option("--agency", "agency_code", default="", metavar="CODE", help="Its people and below.")
@click.option("--query", default="", help="Words of the name, with or without diacritics.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10000))
def list_(agency_code: str, query: str, limit: int) -> None:
    """List people, sorted by given name."""
    house = open_house()
    place = find_agency(house, agency_code).id if agency_code else ""
    with house.database.read() as tx:
        total, people = queries.list_people(tx, query=query, place_id=place, limit=limit)
    fields = ("id", "username", "full_name", "status", "mail", "phone")
    rows = [(p.username, p.full_name, p.status, p.mail) for p in people]
    answer(
        {"total": total, "people": [{f: getattr(p, f) for f in fields} for p in people]},
        lambda: table(rows, ("USERNAME", "FULL NAME", "STATUS", "MAIL")) + f"\n{total} in all.",
    )


@person.command()
@click.argument("name")
@click.option("--agency", "agency_code", required=True, metavar="CODE")
@click.option("--unit", default="", metavar="CODE")
@click.option("--title", required=True)
@click.option("--basis", default="", help="The decision: số, ngày.")
def move(name: str, agency_code: str, unit: str, title: str, basis: str) -> None:
    """Give a person a new main post from today."""
    house = open_house()
    found, agency = find_person(house, name), find_agency(house, agency_code)
    post = Post(
        new_id(),
        agency.id,
        find_unit(house, agency.id, unit),
        title,
        start=today().isoformat(),
        basis=basis,
    )
    moved = service.move_person(house, operator(), found.id, post)
    begun = next(each for each in moved.posts if each.id == post.id)
    answer({"id": moved.id, "post": asdict(begun)}, f"Moved {one_line(moved.full_name)}.")


@person.command()
@click.argument("name")
@click.option("--reason", required=True)
def suspend(name: str, reason: str) -> None:
    """Stop a person from signing in; their sessions end at once."""
    house = open_house()
    done = service.suspend(house, operator(), find_person(house, name).id, reason)
    answer({"id": done.id, "status": done.status}, f"Suspended {one_line(done.full_name)}.")


@person.command()
@click.argument("name")
@click.option("--reason", required=True)
def resume(name: str, reason: str) -> None:
    """Let a suspended person in again."""
    house = open_house()
    done = service.resume(house, operator(), find_person(house, name).id, reason)
    answer({"id": done.id, "status": done.status}, f"{one_line(done.full_name)} may sign in again.")


@person.command()
@click.argument("name")
@click.option("--reason", required=True)
def retire(name: str, reason: str) -> None:
    """A person has left for good: posts end, no sign-in, the record stays."""
    house = open_house()
    done = service.retire(house, operator(), find_person(house, name).id, reason)
    answer({"id": done.id, "status": done.status}, f"{one_line(done.full_name)} has left.")


@person.command()
@click.argument("name")
def unlock(name: str) -> None:
    """End every pause of a person after too many wrong passwords."""
    house = open_house()
    found = find_person(house, name)
    unlocked = pauses.unlock_person(house, operator(), found.id)
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
def set_password(name: str, password_stdin: bool) -> None:
    """Set a person's password; everything they were signed in to ends.

    At a terminal it is asked for, twice.
    """
    house = open_house()
    if not password_stdin and not sys.stdin.isatty():
        raise Invalid("password.stdin", field="password")
    found = find_person(house, name)
    read = _password_from_stdin if password_stdin else ask_password
    credentials.set_password(house, operator(), found.id, read(found.username))
    answer({"id": found.id}, f"The password of {one_line(found.full_name)} is set.")
