"""The facts of a person (`directory.catalogue.facts`) as options and lines of a command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from directory.catalogue.facts import FACT, IN_LDAP, ON_PAGE, Fact, PersonFacts

Command = Callable[..., None]


def fact_options(*, for_new: bool) -> Callable[[Command], Command]:
    """An option for each fact; what a person cannot be without is required `for_new` ones."""

    def with_options(command: Command) -> Command:
        for fact in reversed(IN_LDAP):
            if for_new or not fact.fixed:
                command = _option(fact, for_new)(command)
        return command

    return with_options


def _option(fact: Fact, for_new: bool) -> Callable[[Command], Command]:
    hint = fact.hint.en if fact.hint else ", ".join(fact.choices or ())
    return click.option(
        f"--{fact.name.replace('_', '-')}",
        required=for_new and fact.required and not fact.default,
        type=int if fact.kind == "number" else str,
        metavar="WORD" if fact.choices else "USER" if fact.kind == "person" else None,
        help=f"{fact.label.en.capitalize()}{f': {hint}' if hint else ''}.",
    )


def given_facts(options: dict[str, Any]) -> dict[str, Any]:
    """What was given of the options."""
    return {name: value for name, value in options.items() if value is not None}


def label_of(field: str) -> str:
    """What a field that may be changed is called."""
    return FACT[field].label.en if field in FACT else field


def fact_lines(person: PersonFacts, usernames: Mapping[str, str]) -> list[str]:
    """The facts under the head of a person, a line each. `usernames`: of whom they name by id."""
    shown = ((fact, str(getattr(person, fact.name))) for fact in ON_PAGE if fact.kind != "login")
    return [
        f"  {fact.name:<9} {usernames.get(value, value) or '–'}"
        for fact, value in shown
        if value or fact.page == "always"
    ]
