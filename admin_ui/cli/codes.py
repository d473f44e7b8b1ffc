"""danhmuc code …"""

from __future__ import annotations

from dataclasses import asdict

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from directory.authz import codes
from directory.authz.codes import CodeList, CodeValue

_LIST = click.Choice(["field", "procedure"])


@click.group(cls=JsonGroup)
def code() -> None:
    """Codes that grants are narrowed to: fields (lĩnh vực) and procedures (thủ tục)."""


@code.command()
@click.argument("code_list", metavar="LIST", type=_LIST)
@click.argument("value", metavar="CODE")
@click.option("--name", required=True, help="Vietnamese name.")
@click.option("--name-en", default="", help="English name.")
@click.option("--from", "valid_from", default="", metavar="DATE", help="First day it is valid.")
@click.option("--basis", default="", help="What it rests on, as a decision.")
def put(
    code_list: CodeList, value: str, name: str, name_en: str, valid_from: str, basis: str
) -> None:
    """Put a code on a list, or change what is said of it; a closed one is valid again."""
    installation = open_own_installation()
    wanted = CodeValue(code_list, value, name, name_en, valid_from, basis=basis)
    with installation.database.write() as tx:
        changed = codes.put_code(tx, operator(), wanted)
    answer(
        {"list": code_list, "code": value, "changed": changed},
        f"Put {value} on the list."
        if changed
        else f"{value} says so already; nothing was changed.",
    )


@code.command()
@click.argument("code_list", metavar="LIST", type=_LIST)
@click.argument("value", metavar="CODE")
@click.option("--on", "last_day", required=True, metavar="DATE", help="Last day it is valid.")
@click.option("--basis", default="", help="What that rests on.")
def close(code_list: CodeList, value: str, last_day: str, basis: str) -> None:
    """Let no more grants be narrowed to a code from a day on; what was given stays."""
    installation = open_own_installation()
    with installation.database.write() as tx:
        closed = codes.close_code(tx, operator(), code_list, value, last_day, basis)
    answer(_document(closed), f"{value} is valid until {last_day}.")


@code.command("list")
@click.argument("code_list", metavar="LIST", type=_LIST, required=False, default=None)
def list_(code_list: CodeList | None) -> None:
    """List the codes of one list, or of both."""
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
