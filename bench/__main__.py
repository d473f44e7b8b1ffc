"""bench/run: start, measure, look inside, print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench import report
from bench.cast import assemble
from bench.load import Measured, measure
from bench.operations import OPERATIONS, Operation, Stage
from bench.product import Product, running_product
from bench.where import InProcess, Shares, look_into
from directory.component import expiries_of
from directory.installation import open_installation
from web.health.checks import ready_checks

_CLIENTS = (1, 8)
_LOOKS = 20


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["console"]:
        # It needs what tests need (PostgreSQL): the others do not.
        from bench.console_run import main as measure_console

        return measure_console(arguments[1:])
    if arguments[:1] == ["connectors"]:
        from bench.connectors_run import main as measure_connectors

        return measure_connectors(arguments[1:])
    options = _options(arguments)
    chosen = [op for op in OPERATIONS if not options.only or _is_wanted(op, options.only)]
    with running_product(options.people, options.agencies, options.state) as product:
        _tell(f"ready after {product.start_s:.1f} s; preparing accounts")
        idle = product.weigh()
        installation = open_installation(product.settings, "catalogue")
        stage = Stage(product.settings, assemble(installation, max(_CLIENTS)))
        measured = _measure_all(product, stage, chosen, options.seconds)
        loaded = product.weigh()
        found = _look_into_all(stage, chosen) if options.where else []
        installation.close_connections()
        text = _text(product, options.people, measured, found, report.memory(idle, loaded))
    print(text)
    if options.write:
        report.results_file(options.people).write_text(text + "\n", encoding="utf-8")
    return 1 if any(m.failures for _, m in measured) else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description="Measure Danh Mục.")
    usual = report.USUAL_PEOPLE
    parser.add_argument("--people", type=int, default=usual, help=f"size of the province ({usual})")
    parser.add_argument("--agencies", type=int, help="agencies of the province (138)")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each figure (2)")
    parser.add_argument("--only", nargs="+", default=[], help="operations whose name holds a word")
    parser.add_argument("--state", type=Path, help="a state folder to use, and to keep")
    parser.add_argument("--no-where", dest="where", action="store_false", help="no profile")
    parser.add_argument("--write", action="store_true", help="write bench/results*.md too")
    return parser.parse_args(arguments)


def _is_wanted(operation: Operation, words: Sequence[str]) -> bool:
    return any(word.lower() in operation.name.lower() for word in words)


def _measure_all(
    product: Product, stage: Stage, chosen: Sequence[Operation], seconds: float
) -> list[tuple[str, Measured]]:
    measured = []
    for operation in chosen:
        for wanted in _CLIENTS:
            clients = min(wanted, operation.most_clients)
            _tell(f"{operation.name}, {clients} at once")
            ready = [operation.prepare(stage, number) for number in range(clients)]
            measured.append((operation.name, measure(ready, seconds, product.cpu_s)))
    return measured


def _look_into_all(stage: Stage, chosen: Sequence[Operation]) -> list[Shares]:
    from admin_ui.components import COMPONENTS, REGISTRATION, REQUEST_KINDS, VOCABULARY
    from admin_ui.console.app import create_app as create_console
    from idp.app import create_app as create_web

    installations = [open_installation(stage.settings, name) for name in ("idp", "catalogue")]
    console_port = stage.console().port
    applications = {
        stage.settings.port: create_web(installations[0], COMPONENTS),
        console_port: create_console(
            installations[1],
            VOCABULARY,
            REGISTRATION,
            REQUEST_KINDS,
            ready_checks(COMPONENTS),
            expiries_of(COMPONENTS),
        ),
    }
    inside = Stage(stage.settings, stage.cast, partial(InProcess, applications=applications))
    found = []
    for operation in chosen:
        if not operation.name.endswith("alone"):
            _tell(f"{operation.name}, from inside")
            found.append(look_into(operation, inside, _LOOKS))
    for installation in installations:
        installation.close_connections()
    return found


def _text(
    product: Product,
    people: int,
    measured: Sequence[tuple[str, Measured]],
    found: Sequence[Shares],
    memory: str,
) -> str:
    busy = max((m.driver_cpu_s / m.elapsed_s for _, m in measured), default=0.0)
    parts = [
        "# Results\n\nWritten by bench/run; compare figures of one run only.",
        report.machine(product, people),
        "## Speed\n\nClosed loop, one kept-alive connection per client (console pages: one for "
        "each page), on loopback; the clients run on the same CPUs and took at most "
        f"{busy:.2f} of one. No other product is measured yet; the column is there for them."
        "\n\n" + report.speed(measured),
    ]
    share = report.hash_share(measured, "whole login")
    if share:
        parts.append("## The password hash\n\n" + share)
    parts.append("## Memory\n\n" + memory)
    if found:
        parts.append(
            "## Where the time goes\n\nOne at a time in one process, without a server between. "
            "For a login, “LDAP and hash” is mostly waiting for slapd, which verifies the hash."
            "\n\n" + report.places(found)
        )
    return "\n\n".join(parts)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
