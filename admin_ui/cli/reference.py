"""The commands as one page: `python -m admin_ui.cli.reference > docs/reference/commands.md`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from admin_ui.cli.main import danhmuc

_WIDTH = 96


def write_reference() -> str:
    """The help of every command, in Markdown."""
    parts = [
        "# Commands",
        "",
        "Made from the program's own help; a test keeps it true. Every command but `up` and",
        "`worker` takes `--json`. Exit codes: 0 done, 1 refused or failed, 2 wrong usage.",
        "",
    ]
    for path, command in _commands(danhmuc, "danhmuc"):
        context = click.Context(
            command, info_name=path, terminal_width=_WIDTH, max_content_width=_WIDTH
        )
        parts += [f"## {path}", "", "```", command.get_help(context), "```", ""]
    return "\n".join(parts)


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in sorted(command.list_commands(context)):
        below = command.get_command(context, name)
        if below is not None:
            yield from _commands(below, f"{path} {name}")


if __name__ == "__main__":
    click.echo(write_reference(), nl=False)
