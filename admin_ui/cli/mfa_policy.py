"""danhmuc mfa policy …"""

from __future__ import annotations

import click

from admin_ui.cli.answers import JsonGroup, answer, open_own_installation, operator, table
from admin_ui.cli.terminal import one_line
from directory.clock import iso, local
from idp.factor_policy.handles import FactorPolicyFor
from idp.factor_policy.rules import RuleKind, rule_ref, split_rule_ref

_FOR = (
    "`everybody`, `role:APPLICATION:ROLE`, `network:NAME` (`network:outside` is all that has no "
    "name), or `device:APPLICATION`."
)


@click.group(cls=JsonGroup)
def policy() -> None:
    """Who proves two factors where. Administrators always do; no rule changes that.

    In the console a second security officer approves what weakens the rules. Here it counts at
    once, and the log tells that nobody approved it.
    """


@policy.command()
def show() -> None:
    """Show the rules and the networks they name."""
    found = _policy().show()
    rows = [
        (rule_ref(rule.kind, rule.target), str(rule.days), rule.changed_by, local(rule.changed_at))
        for rule in found.rules
    ]
    zones = [(zone.name, " ".join(zone.networks)) for zone in found.zones]
    answer(
        {
            "rules": [
                {
                    "kind": rule.kind,
                    "target": rule.target or None,
                    "days": rule.days,
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
                table(rows, ("RULE", "DAYS", "SET BY", "SET AT")),
                table(zones, ("NETWORK", "ADDRESSES")),
            )
        ),
    )


@policy.command("set")
@click.argument("whom", metavar="RULE")
@click.option(
    "--days",
    type=int,
    default=0,
    show_default=True,
    help="How long whoever has no second factor yet may go on without; of a device, how long two "
    "factors on it spare the second (1 to 14).",
)
def set_(whom: str, days: int) -> None:
    """Want two factors of somebody, or let known devices spare the second."""
    kind, target = _read(whom)
    changed = _policy().put_rule(kind, target, days).changed
    answer(
        {"rule": rule_ref(kind, target), "days": days, "changed": changed},
        "Set; it counts within 5 seconds." if changed else "It is so already; nothing was changed.",
    )


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
