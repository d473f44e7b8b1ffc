"""What was wrong with a request of an application, as commands tell it."""

from __future__ import annotations

from typing import Any

from admin_ui.cli.terminal import one_line
from idp.oidc.diagnosis import Fault


def fault_document(fault: Fault) -> dict[str, Any]:
    """For programs."""
    return {
        "parameter": fault.parameter,
        "problem": fault.problem.en,
        "received": fault.received,
        "registered": list(fault.registered),
        "advice": fault.advice.en,
    }


def told_fault(fault: Fault) -> str:
    """For people."""
    rows = [
        ("parameter", fault.parameter),
        ("received", fault.received),
        *(("registered", each) for each in fault.registered),
        ("to do", fault.advice.en),
    ]
    told = [one_line(f"  {label:12}{text}") for label, text in rows if text]
    return "\n".join([f"{fault.problem.en}.", *told])
