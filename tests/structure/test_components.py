"""What components declare is complete, and true."""

from __future__ import annotations

import ast
import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import mypy.api
import pytest

from admin_ui.components import COMPONENTS, VOCABULARY
from admin_ui.console.app import SCREENS
from admin_ui.entries import worker
from directory import errors
from directory.audit.kinds import Kind
from directory.authz.permissions import ADMIN_ROLES, Permission
from directory.catalogue.errors import TAKEN
from directory.component import Check, Job, checks_of, load_tables, permissions_of
from directory.database.engine import metadata
from directory.errors import ErrorCode, Sentence, Words
from directory.loading import load

pytestmark = pytest.mark.without_sql

ROOT = Path(__file__).resolve().parents[2]

load_tables(COMPONENTS)


def test_every_declaration_is_in_the_tuple() -> None:
    written = {
        ".".join(path.relative_to(ROOT).parent.parts)
        for package in ("directory", "web", "idp", "sync", "admin_ui")
        for path in (ROOT / package).rglob("component.py")
    } - {"directory"}  # directory/component.py says what a declaration is
    assert written == {component.package for component in COMPONENTS}


def test_every_table_has_one_owner_that_says_how_long_and_what_a_restore_does() -> None:
    owners = Counter(table for component in COMPONENTS for table in component.tables)
    assert set(owners) == set(metadata.tables)
    assert set(owners.values()) == {1}
    for component in COMPONENTS:
        for table, rule in component.tables.items():
            assert rule.kept and rule.restored, table


def test_a_table_is_defined_where_its_owner_says() -> None:
    for component in COMPONENTS:
        sources = "".join(
            (ROOT / f"{module.replace('.', '/')}.py").read_text() for module in component.tables_in
        )
        for table in component.tables:
            assert f'"{table}",' in sources, (component.package, table)
        for module in component.tables_in:
            assert module.startswith(f"{component.package}.")


@pytest.mark.parametrize("job", worker.JOBS, ids=lambda job: job.name)
def test_the_work_of_every_job_is_there(job: Job) -> None:
    assert callable(load(job.work))
    assert 0 < job.every_s <= 3600
    assert job.every_s <= job.longest_s or job.longest_s >= 60
    assert len(job.lease) <= 64


def test_no_two_jobs_have_one_name() -> None:
    names = [job.name for job in worker.JOBS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", [name for each in COMPONENTS for name in each.forget])
def test_what_forgets_is_there_and_belongs_to_its_component(name: str) -> None:
    assert callable(load(name))
    (owner,) = [component for component in COMPONENTS if name in component.forget]
    assert name.startswith(f"{owner.package}.")


def test_every_kind_of_event_has_one_owner_that_lists_it() -> None:
    declared = [kind for component in COMPONENTS for kind in component.kinds]
    assert len(VOCABULARY.kinds) == len(declared), "two kinds have one name"
    for component in COMPONENTS:
        path = ROOT / component.package.replace(".", "/") / "events.py"
        written = vars(import_module(f"{component.package}.events")) if path.is_file() else {}
        named = {name: kind for name, kind in written.items() if isinstance(kind, Kind)}
        assert set(named.values()) == set(component.kinds), component.package
        for name, kind in named.items():
            assert name == kind.name.replace(".", "_").upper()


def test_every_actor_of_our_own_has_a_name_and_one_owner() -> None:
    owners = Counter(actor for component in COMPONENTS for actor in component.actors)
    assert set(owners.values()) == {1}
    acting = {
        actor
        for package in ("directory", "web", "idp", "sync", "admin_ui")
        for path in (ROOT / package).rglob("*.py")
        for actor in re.findall(r'(?:\bsystem\(|Actor\("system", )"(\w+)"', path.read_text())
    }
    assert acting == set(owners)


def test_every_kind_of_subject_has_one_owner_and_a_way_to_its_names() -> None:
    declared = [(each, c.package) for c in COMPONENTS for each in c.subjects]
    kinds = [subject.kind for subject, _ in declared]
    assert len(set(kinds)) == len(kinds)
    for subject, package in declared:
        assert all(word.strip() for word in subject.nameless)
        for name in filter(None, (subject.names, subject.named)):
            assert name.startswith(f"{package}.")
            assert callable(load(name))
    tagged = {
        kind
        for path in _sources()
        for kind in re.findall(r'return f"(\w+):\{', path.read_text())
        if re.search(r"def (\w+_)?tag\(", path.read_text())
    }
    actors = {"os", "system", "anonymous"}
    assert tagged - actors and tagged - actors <= set(kinds)


def test_every_permission_has_one_owner_that_lists_it() -> None:
    """What no component lists has no words in the log and no line in the table of decisions."""
    for component in COMPONENTS:
        path = ROOT / component.package.replace(".", "/") / "permissions.py"
        written = vars(import_module(f"{component.package}.permissions")) if path.is_file() else {}
        enums = {each for each in written.values() if isinstance(each, type)} - {Permission}
        listed = [each for each in enums if issubclass(each, Permission)]
        assert set(listed) == set(component.permissions), component.package
    names = Counter(str(permission) for permission in permissions_of(COMPONENTS))
    assert names and set(names.values()) == {1}
    declaring = {
        str(path.relative_to(ROOT).parent).replace("/", ".")
        for path in _sources()
        if re.search(r"^class \w+\(Permission\):", path.read_text(), re.M)
    }
    assert declaring == {each.package for each in COMPONENTS if each.permissions}


@pytest.mark.parametrize("permission", permissions_of(COMPONENTS))
def test_a_permission_says_who_holds_it_and_how_it_is_told(permission: Permission) -> None:
    vi, en = permission.told
    assert vi.strip() and en.strip() and vi != en
    assert permission.held_by <= set(ADMIN_ROLES)
    # The application itself says who enters; operators do not lighten the sign-in of their own.
    if permission not in ("application:enter", "factor-policy:weaken"):
        assert "province_operator" in permission.held_by


def test_every_screen_of_the_console_is_in_its_list() -> None:
    """That each of its routes says who may come, the console itself asks when it starts."""
    declaring = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "admin_ui/console").rglob("*.py")
        if re.search(r"= Blueprint\(", path.read_text())
    }
    listed = {screen.blueprint.import_name for screen in SCREENS}
    assert listed == declaring


_OF_OPERATORS = re.compile(r"`|\bdanhmuc |DANHMUC_|--\w|\{(path|folder|why)\}")
ERRORS = [(component, error) for component in COMPONENTS for error in component.errors]


def test_every_error_has_one_owner_that_lists_it() -> None:
    """A code without a sentence cannot be written (`ErrorCode` refuses it), an undeclared one
    cannot be raised (see below), and one that no component lists is not in the documentation."""
    assert len({error.code for _, error in ERRORS}) == len(ERRORS), "two errors have one code"
    for component in COMPONENTS:
        folder = ROOT / component.package.replace(".", "/")
        modules = (
            ["errors"] if component.package != "directory.errors" else ["input", "installation"]
        )
        written = {
            name: error
            for module in modules
            if (folder / f"{module}.py").is_file()
            for name, error in vars(import_module(f"{component.package}.{module}")).items()
            if isinstance(error, ErrorCode)
        }
        assert set(written.values()) == set(component.errors), component.package
        for name, error in written.items():
            assert name == error.code.replace(".", "_").upper()


def test_errors_are_declared_nowhere_else() -> None:
    places = {path.relative_to(ROOT) for path in _sources() if " = ErrorCode(" in path.read_text()}
    owners = {component.package.replace(".", "/") for component, _ in ERRORS}
    assert {str(path.parent) for path in places} == owners
    others = {path.name for path in places} - {"errors.py"}
    assert others == {"input.py", "installation.py"}  # of directory.errors, which has two


@pytest.mark.parametrize("error", [error for _, error in ERRORS], ids=lambda error: error.code)
def test_an_error_is_told_in_both_languages_to_people_and_operators(error: ErrorCode) -> None:
    for words in _words_of(error):
        assert words.vi.strip() and words.en.strip() and words.vi != words.en
        assert _placeholders(words.vi) == _placeholders(words.en)
        assert "%(" not in words.vi + words.en
        for language in ("vi", "en"):
            told = words.filled(language, {})
            assert not re.search(r"None|[{}]|\(\)|\[\]", told), told
    for language in ("vi", "en"):
        assert re.search(r"\w{2,} \w+", error.told_to_operators(language, {}))


@pytest.mark.parametrize("error", [error for _, error in ERRORS], ids=lambda error: error.code)
def test_people_are_told_nothing_of_commands_and_folders(error: ErrorCode) -> None:
    told = [error.sentence({}), *error.by_reason.values()]
    for sentence in filter(None, told):
        for words in filter(None, (sentence.said, sentence.advice, sentence.title)):
            for text in words:
                assert not re.search(r"`|\bdanhmuc |DANHMUC_|--\w|\{(path|folder|why)\}", text), (
                    text
                )


def test_somebody_raises_every_error() -> None:
    sources = "\n".join(path.read_text() for path in _sources() if path.name != "errors.py")
    text = re.sub(r"^from \S+ import (\([^)]*\)|.*)$", "", sources, flags=re.M)
    names = {error.code.replace(".", "_").upper() for _, error in ERRORS} - {
        error.code.replace(".", "_").upper() for error in TAKEN.values()
    }
    assert names - set(re.findall(r"\b[A-Z_]+\b", text)) == set()


def test_whoever_raises_an_error_tells_what_its_sentence_asks_for() -> None:
    """Where the code is written at the place itself, as nearly everywhere."""
    declared = {error.code.replace(".", "_").upper(): error for _, error in ERRORS}
    raised = set(vars(errors)) - {"ErrorCode", "Sentence", "Words"}
    missing = []
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and node.args and _name(node.func) in raised):
                continue
            error = declared.get(_name(node.args[0]))
            given = {keyword.arg for keyword in node.keywords}
            if error is None or None in given:  # composed, or handed on with ``**params``
                continue
            wanted = {name for words in _words_of(error) for name in _placeholders(words.en)}
            missing += [f"{path}:{node.lineno}: {name}" for name in wanted - given]
    assert missing == []


def test_a_code_without_a_sentence_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="nothing is said"):
        ErrorCode("person.forgotten")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ('"person.unknown"', 'expected "ErrorCode"'),
        ("errors.PERSON_UNKNWON", 'Module has no attribute "PERSON_UNKNWON"'),
        ("errors.PERSON_UNKNOWN", "Success"),
    ],
)
def test_a_code_that_nobody_declared_fails_the_type_check(
    tmp_path: Path, given: str, told: str
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from directory.catalogue import errors\n"
        f"from directory.errors import NotFound\nraise NotFound({given})\n"
    )
    said, _, _ = mypy.api.run(["--config-file", str(ROOT / "pyproject.toml"), str(program)])
    assert told in said


def _words_of(error: ErrorCode) -> list[Words]:
    told: list[ErrorCode | Sentence] = [error, *error.by_reason.values()]
    each = [words for one in told for words in (one.said, one.advice, one.title)]
    return [words for words in (*each, error.operators, error.in_log) if words]


def _name(node: ast.expr) -> str:
    return str(getattr(node, "id", "") or getattr(node, "attr", ""))


def _placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{(\w+)\}", text))


def _sources() -> list[Path]:
    packages = ("directory", "web", "idp", "sync", "admin_ui")
    return [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("check", checks_of(COMPONENTS), ids=lambda check: check.part)
def test_what_a_check_asks_is_there_and_belongs_to_its_component(check: Check) -> None:
    assert callable(load(check.asks))
    (owner,) = [component for component in COMPONENTS if check in component.checks]
    assert check.asks.startswith(f"{owner.package}.checks:")


def test_no_two_checks_have_one_name() -> None:
    checks = checks_of(COMPONENTS)
    for names in ([each.part for each in checks], [each.ready for each in checks if each.ready]):
        assert len(set(names)) == len(names)
    # Nobody signs in without these, whatever becomes of their names.
    assert len([each for each in checks if each.decisive and each.ready]) == 3
