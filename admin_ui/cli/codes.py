"""danhmuc code …"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import IO

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.people import find_agency
from admin_ui.cli.terminal import one_line
from directory.access.code_list_sheet import MOST_BODY_BYTES, codes_of, read
from directory.authz import code_lists, codes
from directory.authz.code_lists import LISTS, CodeList
from directory.authz.codes import CodeValue
from directory.authz.errors import CODE_LINES
from directory.errors import Invalid
from directory.projection import queries

_LIST = click.Choice(list(LISTS))


@click.group(cls=JsonGroup)
def code() -> None:
    """Shared lists of codes: titles, ranks, administrative units, and the fields (lĩnh vực) and
    procedures (thủ tục) that grants are narrowed to."""


@code.command()
@click.argument("code_list", metavar="LIST", type=_LIST)
@click.argument("value", metavar="CODE")
@click.option("--name", required=True, help="Vietnamese name.")
@click.option("--name-en", default="", help="English name.")
@click.option("--from", "valid_from", default="", metavar="DATE", help="First day it is valid.")
@click.option("--parent", default="", metavar="CODE", help="The code it lies under.")
@click.option("--order", "precedence", type=int, default=0, help="Its place; 0: after all others.")
@click.option("--basis", default="", help="What it rests on, as a decision.")
def put(
    code_list: CodeList,
    value: str,
    name: str,
    name_en: str,
    valid_from: str,
    parent: str,
    precedence: int,
    basis: str,
) -> None:
    """Put a code on a list, or change what is said of it. One that is valid no more stays as it
    is, and its code is given to nothing else."""
    installation = open_own_installation()
    wanted = CodeValue(
        code_list,
        value,
        name,
        name_en,
        valid_from,
        basis=basis,
        parent=parent,
        precedence=precedence,
    )
    with installation.database.write() as tx:
        changed = codes.put_code(tx, operator(), wanted)
    answer(
        {"list": code_list, "code": value, "changed": changed},
        f"Put {value} on the list."
        if changed
        else f"{value} says so already; nothing was changed.",
    )


@code.command("import")
@click.argument("code_list", metavar="LIST", type=_LIST)
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def import_(code_list: CodeList, file: IO[bytes], dry_run: bool) -> None:
    """Put all codes of a sheet (.xlsx, .csv) on a list, or none: what an empty cell leaves out and
    what is not in the sheet stays as it is."""
    installation = open_own_installation()
    rows = read(file.read(MOST_BODY_BYTES), "")
    with installation.database.read() as tx:
        sheet = codes_of(tx, LISTS[code_list], rows)
    counts = Counter(line.act for line in sheet.lines)
    for line in sheet.lines:
        for problem in line.problems:
            told = problem.declared.told_to_operators("en", problem.params)
            click.echo(f"line {line.row}: {one_line(told)}", err=True)
    if counts["fault"]:
        raise Invalid(CODE_LINES, count=counts["fault"])
    if not dry_run:
        values = [line.value for line in sheet.lines if line.value is not None]
        with installation.database.write() as tx:
            codes.put_codes(tx, operator(), code_list, values)
    done = {name: counts[name] for name in ("add", "change", "same")}
    said = f"{counts['add']} new, {counts['change']} changed, {counts['same']} as they were."
    if not counts["add"] and not counts["change"]:
        said = f"nothing was changed, {counts['same']} as they were."
    answer(
        {"list": code_list, "dry_run": dry_run, **done},
        f"Would put: {said}" if dry_run else f"Put: {said}",
    )


@code.command()
@click.argument("code_list", metavar="LIST", type=_LIST)
@click.argument("value", metavar="CODE")
@click.option("--on", "last_day", required=True, metavar="DATE", help="Last day it is valid.")
@click.option("--basis", default="", help="What that rests on.")
def close(code_list: CodeList, value: str, last_day: str, basis: str) -> None:
    """Let a code be chosen until a day only; what says it already goes on saying so."""
    installation = open_own_installation()
    with installation.database.write() as tx:
        closed = codes.close_code(tx, operator(), code_list, value, last_day, basis)
    answer(_document(closed), f"{value} is valid until {last_day}.")


@code.command("list")
@click.argument("code_list", metavar="LIST", type=_LIST, required=False, default=None)
def list_(code_list: CodeList | None) -> None:
    """List the codes of one list, or of all."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        found = codes.list_codes(tx, code_list or "")
    rows = [(one.list, one.code, one.name_vi, one.valid_from, one.valid_to) for one in found]
    answer(
        {"codes": [_document(one) for one in found]},
        table(rows, ("LIST", "CODE", "NAME", "FROM", "UNTIL")),
    )


def _document(value: CodeValue) -> dict[str, object]:
    return asdict(value)


@code.command("lists")
def lists() -> None:
    """Say which lists there are, whose they are, and how many codes are valid."""
    installation = open_own_installation()
    with installation.database.read() as tx:
        states, valid = code_lists.list_states(tx), codes.count_valid(tx)
        owners = queries.agencies_by_id(tx, [s.owner_agency_id for s in states.values()])
    documents = [
        {
            "list": name,
            "title": state.kind.title.en,
            "owner": owners[state.owner_agency_id].code if state.owner_agency_id in owners else "",
            "closed": state.is_closed,
            "version": state.version,
            "valid": valid.get(name, 0),
        }
        for name, state in states.items()
    ]
    rows = [
        (
            one["list"],
            one["title"],
            one["owner"] or "the province",
            "only its codes" if one["closed"] else "",
            one["version"],
            one["valid"],
        )
        for one in documents
    ]
    answer(
        {"lists": documents}, table(rows, ("LIST", "TITLE", "OWNER", "CHOICE", "VERSION", "VALID"))
    )


@code.command()
@click.argument("code_list", metavar="LIST", type=_LIST)
@click.option("--agency", "agency_code", default="", metavar="CODE", help="Empty: the province.")
@click.option("--closed", is_flag=True, help="Let nothing but its codes be chosen (title).")
def assign(code_list: CodeList, agency_code: str, closed: bool) -> None:
    """Say whose list it is: the administrators of that agency keep it."""
    installation = open_own_installation()
    owner = find_agency(installation, agency_code).id if agency_code else ""
    with installation.database.write() as tx:
        before = code_lists.state_of(tx, code_list)
        kept = code_lists.set_list(tx, operator(), code_list, owner, closed)
    answer(
        {"list": code_list, "owner": agency_code, "closed": kept.is_closed},
        f"{code_list} is kept by {agency_code or 'the province'} already; nothing was changed."
        if kept == before
        else f"The list {code_list} is kept by {agency_code or 'the province'}.",
    )
