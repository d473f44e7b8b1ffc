"""danhmuc mfa policy …"""

from __future__ import annotations

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.terminal import one_line
from directory.clock import iso, local
from idp.factor_policy.handles import FactorPolicyFor
from idp.factor_policy.rules import LIMIT_KINDS, RuleKind, rule_ref, split_rule_ref

_FOR = (
    "`everybody`, `role:APPLICATION:ROLE`, `network:NAME` (`network:outside` is all that has no "
    "name), `device:APPLICATION`, or `idle:APPLICATION:ROLE` and `lifetime:APPLICATION:ROLE`."
)


@click.group(cls=JsonGroup)
def policy() -> None:
    """Who proves two factors where, and how long sessions last by role. Administrators always do
    prove two, and their sessions have limits of their own; no rule changes that.

    In the console a second security officer approves what weakens the rules. Here it counts at
    once, and the log tells that nobody approved it.
    """


@policy.command()
def show() -> None:
    """Show the rules and the networks they name."""
    found = _policy().show()
    rows = [
        (
            rule_ref(rule.kind, rule.target),
            "" if rule.minutes else str(rule.days),
            str(rule.minutes or ""),
            rule.changed_by,
            local(rule.changed_at),
        )
        for rule in found.rules
    ]
    zones = [(zone.name, " ".join(zone.networks)) for zone in found.zones]
    answer(
        {
            "rules": [
                {
                    "kind": rule.kind,
                    "target": rule.target or None,
                    "days": None if rule.minutes else rule.days,
                    "minutes": rule.minutes or None,
                    "changed_by": rule.changed_by,
                    "changed_at": iso(rule.changed_at),
                }
                for rule in found.rules
            ],
            "networks": [
                {"name": zone.name, "ranges": list(zone.networks)} for zone in found.zones
            ],
        },
        lambda: "\n\n".join(
            (
                table(rows, ("RULE", "DAYS", "MINUTES", "SET BY", "SET AT")),
                table(zones, ("NETWORK", "ADDRESSES")),
            )
        ),
    )


@policy.command("set")
@click.argument("whom", metavar="RULE")
@click.option(
    "--days",
    type=int,
    help="How long whoever has no second factor yet may go on without (0 if not said); of a "
    "device, how long two factors on it spare the second (1 to 14).",
)
@click.option(
    "--minutes",
    type=int,
    help="Of idle and lifetime: after how long unused, or in any case, the sessions of whoever "
    "holds the role end (5 to 60, 15 to 720).",
)
def set_(whom: str, days: int | None, minutes: int | None) -> None:
    """Want two factors of somebody, let known devices spare the second, or limit sessions."""
    kind, target = _read(whom)
    is_limit = kind in LIMIT_KINDS
    if is_limit == (minutes is None) or (is_limit and days is not None):
        raise click.UsageError("idle and lifetime want --minutes; all else takes --days.")
    number = (minutes if is_limit else days) or 0
    changed = _policy().put_rule(kind, target, number).changed
    answer(
        {
            "rule": rule_ref(kind, target),
            "days": None if is_limit else number,
            "minutes": number if is_limit else None,
            "changed": changed,
        },
        _told(changed, is_limit=is_limit),
    )


def _told(changed: bool, *, is_limit: bool) -> str:
    if not changed:
        return "It is so already; nothing was changed."
    if is_limit:
        return "Set; it counts within 20 seconds, for sessions that are open too."
    return "Set; it counts within 5 seconds."


@policy.command()
@click.argument("whom", metavar="RULE")
def remove(whom: str) -> None:
    """Remove a rule."""
    kind, target = _read(whom)
    _policy().remove_rule(kind, target)
    answer({"rule": rule_ref(kind, target)}, "Removed; it counts within 5 seconds.")


@policy.command()
@click.argument("name")
@click.argument("ranges", nargs=-1, metavar="[RANGE]…")
@click.option("--remove", "removed", is_flag=True, help="Forget it; no rule may name it.")
def network(name: str, ranges: tuple[str, ...], removed: bool) -> None:
    """Name a network by its address ranges, as 10.12.0.0/16."""
    if removed == bool(ranges):
        raise click.UsageError("Name address ranges, or --remove.")
    if removed:
        _policy().remove_zone(name)
        answer({"name": name, "changed": True}, f"{one_line(name)} is no network any more.")
        return
    changed = _policy().put_zone(name, ranges).changed
    answer(
        {"name": name, "changed": changed},
        "Set; it counts within 5 seconds." if changed else "It is so already; nothing was changed.",
    )


def _policy() -> FactorPolicyFor:
    return FactorPolicyFor(open_own_installation(), operator())


def _read(whom: str) -> tuple[RuleKind, str]:
    ref = split_rule_ref(whom)
    if ref is None:
        raise click.UsageError(f"RULE is {_FOR}")
    return ref
