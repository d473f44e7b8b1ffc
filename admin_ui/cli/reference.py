"""The commands as one page, docs/reference/commands.md; `docs.generate` writes it."""

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
        "Made from the program's own help (`PYTHONPATH=. .venv/bin/python -m docs.generate`); a",
        "test keeps it true. Every command but `up` and `worker` takes `--json`. Exit codes: 0",
        "done, 1 refused or failed, 2 wrong usage; what is said then: [errors.md](errors.md).",
        "",
    ]
    # With the root as parent, so that help options read as they do on the command line.
    root = click.Context(
        danhmuc,
        info_name="danhmuc",
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        help_option_names=["-h", "--help"],
    )
    for context in _contexts(danhmuc, root):
        help_text = context.command.get_help(context)
        parts += [f"## {context.command_path}", "", "```", help_text, "```", ""]
    return "\n".join(parts)


def _contexts(command: click.Command, context: click.Context) -> Iterator[click.Context]:
    if not isinstance(command, click.Group):
        yield context
        return
    for name in sorted(command.list_commands(context)):
        below = command.get_command(context, name)
        if below is not None:
            inner = click.Context(below, parent=context, info_name=name, **below.context_settings)
            yield from _contexts(below, inner)
