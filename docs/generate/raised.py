"""Every error code that is raised anywhere in the code, with its class and where."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from pathlib import Path

from authlib.oauth2 import OAuth2Error

from directory import errors
from directory.catalogue.facts import FACTS
from directory.database.lease import LeaseLost
from directory.errors import AppError
from directory.ldap import results
from idp.clients.problems import SENTENCES as CLIENT_SENTENCES

ROOT = Path(__file__).resolve().parents[2]
_PACKAGES = ("directory", "web", "idp", "sync", "admin_ui")
CLASSES = {
    name: found
    for name, found in vars(errors).items()
    if isinstance(found, type) and issubclass(found, AppError) and name != "Unreadable"
}
# Made of a name at run time: in which file, of what, and what it may come to. The codes of LDAP's
# results stand beside their classes in a table.
_COMPOSED: Mapping[tuple[str, str], Sequence[str]] = {
    ("directory/intents/carrying.py", "f'{namespace}.taken'"): [
        *(f"person.{fact.name}.taken" for fact in FACTS if fact.unique),
        "agency.code.taken",
    ],
    ("directory/people/service.py", "fact.refused"): [fact.refused.code for fact in FACTS],
    ("directory/agencies/service.py", "code"): [
        *("agency.name", "agency.code", "agency.unit_without_parent", "agency.precedence"),
    ],
    ("idp/clients/uris.py", "f'client.uri.{problem}'"): [
        code for code in CLIENT_SENTENCES if code.startswith("client.uri.")
    ],
    ("idp/clients/service.py", "code"): ["client.exists", "client.id_used"],
    ("directory/people/handles.py", "code"): ["person.unknown", "agency.unknown"],
    ("directory/ldap/results.py", "name"): [],
}


@dataclass(frozen=True)
class Raised:
    """One place where an error of ours is made."""

    code: str
    kind: type[AppError]
    where: str


def raised() -> Iterator[Raised]:
    """Every place, in the order of the code."""
    for path, tree in _sources(*_PACKAGES):
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            name = name or getattr(node.func, "attr", "")
            if name in CLASSES:
                for code in _codes(node.args[0], path):
                    yield Raised(code, CLASSES[name], f"{path}:{node.lineno}")
    for kind, code in results._ERRORS.values():
        yield Raised(code, kind, "directory/ldap/results.py")
    yield Raised("ldap.refused", AppError, "directory/ldap/results.py")
    # Of a class of their own.
    yield Raised("catalogue.unreadable", errors.Unreadable, "directory/errors/__init__.py")
    yield Raised("lease.lost", LeaseLost, "directory/database/lease.py")


def raised_oauth() -> Iterator[tuple[type[OAuth2Error], str]]:
    """The OAuth errors that are made in our code: class, and the English sentence."""
    for path, tree in _sources("idp"):
        module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            made = getattr(module, node.func.id, None)
            if isinstance(made, type) and issubclass(made, OAuth2Error):
                # Some of Authlib's take something else first, and make a sentence of it.
                says = "description" in list(signature(made).parameters)[:1]
                given = [
                    *(node.args if says else ()),
                    *(k.value for k in node.keywords if k.arg == "description"),
                ]
                yield made, _text(given[0]) if given else ""


def _sources(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def _codes(given: ast.expr, path: str) -> Sequence[str]:
    if isinstance(given, ast.Constant):
        return [str(given.value)]
    if isinstance(given, ast.IfExp):
        return [*_codes(given.body, path), *_codes(given.orelse, path)]
    text = ast.unparse(given)
    if (path, text) not in _COMPOSED:
        raise LookupError(f"{path}: a code made of {text}; name in {__name__} what it may come to")
    return _COMPOSED[path, text]


def _text(given: ast.expr) -> str:
    """A sentence as it is written; what is known at run time only stands as `…`."""
    if isinstance(given, ast.Constant):
        return str(given.value)
    if isinstance(given, ast.JoinedStr):
        return "".join(_text(part) or "…" for part in given.values)
    return ""
