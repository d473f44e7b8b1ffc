"""From nothing to an agency, an administrator and an application: as printed, and by setup."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from admin_ui.operations.first_steps import begin_with_slip, hints_for_empty, is_nobody_here
from directory.ldap.bind import BindResult
from directory.people.credentials import check_password, set_password
from directory.people.permissions import PeoplePermission
from directory.projection import queries
from directory.settings import Settings, read_settings
from tests.support.command_line import Ended, run_here
from tests.support.installation import opened, prepare, running_slapd, short_folder
from tests.support.made_once import quick_first_start
from tests.support.ports import find_free_block
from tests.support.postgres import sql_store
from tests.support.terminal import talk

pytestmark = pytest.mark.only_on_sqlite("the first steps are made with the embedded store")

ROOT = Path(__file__).parents[2]
PASSWORD = "chín con trâu trắng"
ANSWERS = {
    "province": "tỉnh Bà Rịa",
    "mail_domain": "baria.gov.vn",
    "operator_name": "Sở Khoa học và Công nghệ",
    "operator_phone": "0254 111 1111",
    "issuer": "",
    "agency_code": "UBND",
    "agency_name": "Ủy ban nhân dân tỉnh",
    "username": "quantri",
    "full_name": "Trần Quản Trị",
    "password": PASSWORD,
}


@dataclass
class Place:
    """A state folder in a folder of an awkward name, on a port of its own."""

    given: Mapping[str, str]
    folder: Path

    @property
    def settings(self) -> Settings:
        return read_settings(self.given)

    def environ(self) -> dict[str, str]:
        plain = {k: v for k, v in os.environ.items() if not k.startswith("DANHMUC_")}
        return {**plain, **self.given, "PYTHONPATH": str(ROOT)}

    def run(self, *argv: str, **more: str) -> Ended:
        with quick_first_start():
            return run_here(argv, self.environ() | more)


@pytest.fixture
def place() -> Iterator[Place]:
    with short_folder() as folder, sql_store(migrated=False) as store:
        state = folder / "Danh Mục tỉnh's"
        port = str(find_free_block())
        yield Place({"DANHMUC_STATE": str(state), "DANHMUC_PORT": port, **store}, folder)


def _answers(place: Place, **other: str) -> Path:
    path = place.folder / "answers.txt"
    said = ANSWERS | other
    path.write_bytes(
        "\ufeff# answers\r\n".encode()
        + "\r\n".join(f"{name} = {value}" for name, value in said.items()).encode()
    )
    return path


def test_what_is_printed_can_be_pasted(place: Place) -> None:
    settings = place.settings
    prepare(settings)
    with running_slapd(settings):
        assert is_nobody_here(settings)
        hints = hints_for_empty(settings)
        assert settings.province in hints and "danhmuc setup" in hints
        commands = [line.strip() for line in hints.splitlines() if "./" in line]
        assert len(commands) <= 6
        assert all(str(settings.port) in command for command in commands)
        plain = {k: v for k, v in os.environ.items() if not k.startswith("DANHMUC_")}
        for command in commands:
            code, shown = talk(["sh", "-c", command], [], environ=plain, folder=ROOT)
            assert code == 0, f"{command}\n{shown}"
            assert ("/kich-hoat#" in shown) is ("slip issue" in command)
        assert not is_nobody_here(settings)
        _require_administrator(settings, "quantri.qt", PASSWORD, is_set=False)
        clients = json.loads(place.run("client", "list", "--json").stdout)["clients"]
        assert any(each["client_id"] != "danh-muc" for each in clients)


def _require_administrator(
    settings: Settings, username: str, password: str, *, is_set: bool = True
) -> None:
    """`is_set`: else they set it first, as they do with their slip."""
    from directory.actor import Actor
    from directory.authz.decisions import decide
    from directory.authz.objects import OfPerson

    with opened(settings) as installation:
        with installation.database.read() as tx:
            person = queries.find_person_by_login(tx, username)
        assert person is not None
        if not is_set:
            set_password(installation, Actor("person", person.id), person.id, password)
    with opened(settings) as installation, installation.database.read() as tx:
        assert check_password(installation, person.id, password) is BindResult.ACCEPTED
        assert decide(
            tx, Actor("person", person.id), PeoplePermission.READ, OfPerson(person.id)
        ).allowed
        owner = queries.find_person_by_login(tx, "quantri")
        assert owner is not None and person.administrator_of == owner.id


def test_an_empty_installation_begins_with_a_slip(place: Place) -> None:
    settings = place.settings
    prepare(settings)
    with running_slapd(settings):
        said = begin_with_slip(settings)
        assert not is_nobody_here(settings)
        (found,) = json.loads(place.run("slip", "list", "--json").stdout)["slips"]
        assert found["username"] == "quantri.qt" and f"{settings.issuer}/kich-hoat#" in said
        _require_administrator(settings, "quantri.qt", PASSWORD, is_set=False)
        commands = [line.strip() for line in said.splitlines() if "./" in line]
        for command in commands:
            plain = {k: v for k, v in os.environ.items() if not k.startswith("DANHMUC_")}
            code, shown = talk(["sh", "-c", command], [], environ=plain, folder=ROOT)
            assert code == 0, f"{command}\n{shown}"


def test_without_a_password_setup_gives_a_slip(place: Place) -> None:
    path = _answers(place)
    lines = [line for line in path.read_text("utf-8-sig").splitlines() if "password" not in line]
    path.write_text("\n".join(lines), "utf-8")
    done = place.run("setup", "--answers", str(path), "--json")
    assert done.returncode == 0, done.stderr
    slip = json.loads(done.stdout)["slip"]
    assert slip["url"].endswith(f"/kich-hoat#{slip['code']}") and slip["expires_at"]


def test_setup_makes_an_installation_that_starts_by_itself(place: Place) -> None:
    done = place.run("setup", "--answers", str(_answers(place)))
    assert done.returncode == 0, done.stderr
    # The next start has the state folder and, on another server, its stores; nothing else is said.
    kept = {k: v for k, v in place.given.items() if k != "DANHMUC_PORT"}
    settings = read_settings(kept)
    assert settings.province == "tỉnh Bà Rịa"
    assert settings.suffix == "dc=baria,dc=gov,dc=vn"
    assert settings.operator_phone == "0254 111 1111"
    assert str(settings.port) == place.given["DANHMUC_PORT"]
    assert not settings.demo
    with running_slapd(settings):
        _require_administrator(settings, "quantri.qt", PASSWORD)
    again = place.run("setup", "--answers", str(_answers(place)))
    assert again.returncode == 1
    assert "set up already" in again.stderr


def test_everything_wrong_with_the_answers_is_told_at_once(place: Place) -> None:
    path = _answers(place, provinz="x", mail_domain="", username="")
    done = place.run("setup", "--answers", str(path))
    assert done.returncode == 1
    for said in ("'provinz' is no answer", "mail_domain is missing", "username is missing"):
        assert said in done.stderr
    assert not place.settings.state.exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("mail_domain", "@baria", "DANHMUC_MAIL_DOMAIN"),
        ("suffix", "ou=x", "DANHMUC_LDAP_SUFFIX"),
        ("issuer", "http://sso.baria.gov.vn", "DANHMUC_ISSUER"),
        ("password", "short", "at least"),
        ("username", "Quản trị", "username must have"),
        ("agency_code", "a b", "code must have"),
    ],
)
def test_an_answer_that_cannot_be_is_told(place: Place, name: str, value: str, said: str) -> None:
    done = place.run("setup", "--answers", str(_answers(place, **{name: value})))
    assert done.returncode == 1
    assert said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_after_all_these_answers_a_right_one_is_taken(place: Place) -> None:
    for wrong in ({"mail_domain": "@baria"}, {"username": "Quản trị"}, {"agency_code": "a b"}):
        assert place.run("setup", "--answers", str(_answers(place, **wrong))).returncode == 1
    done = place.run("setup", "--answers", str(_answers(place)))
    assert done.returncode == 0, done.stderr


def test_a_setup_that_failed_leaves_no_folder_for_a_demo(place: Place) -> None:
    done = place.run("setup", "--answers", str(_answers(place, password="short")))
    assert done.returncode == 1
    for argv in (["up"], ["up", "--empty"], ["init"], ["seed", "--people", "300"]):
        done = place.run(*argv)
        assert done.returncode == 1, argv
        assert "`danhmuc setup` was begun in" in done.stderr
        assert str(place.settings.state) in done.stderr
    assert not (place.settings.state / "demo").exists()
    # Another province on the second thought: nothing of the first is held against it.
    other = _answers(place, mail_domain="baria-vungtau.gov.vn")
    assert place.run("setup", "--answers", str(other)).returncode == 0
    assert place.settings.suffix == "dc=baria-vungtau,dc=gov,dc=vn"


@pytest.mark.parametrize(
    "file",
    [
        pytest.param("first-start", marks=pytest.mark.deep),
        pytest.param("slapd/db/data.mdb", marks=pytest.mark.deep),
        "people",
    ],
)
def test_a_setup_that_was_killed_begins_again(place: Place, file: str) -> None:
    """Early, while the catalogue is made, and while its first people are put into it."""
    state = place.settings.state
    running = subprocess.Popen(
        [sys.executable, "-m", "admin_ui.cli", "setup", "--answers", str(_answers(place))],
        env=place.environ(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _await(running, lambda: _is_reached(state, file))
    assert running.poll() is None, "it was done before it was killed"
    running.kill()
    running.wait()
    assert "`danhmuc setup` was begun in" in place.run("up").stderr
    other = _answers(place, mail_domain="baria-vungtau.gov.vn")
    done = place.run("setup", "--answers", str(other))
    assert done.returncode == 0, done.stderr
    assert not (state / "setup-unfinished").exists()
    assert place.settings.suffix == "dc=baria-vungtau,dc=gov,dc=vn"


def _is_reached(state: Path, file: str) -> bool:
    if file == "people":  # the first start is over
        return (state / "identity.json").exists() and not (state / "first-start").exists()
    return (state / file).exists()


def _await(running: subprocess.Popen[bytes], reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not reached() and running.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_setup_says_when_the_environment_would_override_it(place: Place) -> None:
    done = place.run("setup", "--answers", str(_answers(place)), DANHMUC_PROVINCE="tỉnh khác")
    assert done.returncode == 1
    assert "unset it" in done.stderr


def test_setup_without_anybody_to_ask_says_so(place: Place) -> None:
    done = place.run("setup")
    assert done.returncode == 1
    assert "--answers" in done.stderr


def test_setup_asks_until_an_answer_is_right(place: Place) -> None:
    answers = [
        ("Name of the province", "tỉnh Bà Rịa"),
        ("Domain of its e-mail", "@x"),
        ("Domain of its e-mail", "baria.gov.vn"),
        ("[dc=baria,dc=gov,dc=vn]", ""),
        ("Who runs", "Sở KHCN"),
        ("Whom people call", "0254 111"),
        ("[http://localhost", ""),
        ("short code", "UBND"),
        ("First agency: name", "Ủy ban"),
        ("sign-in name", "quantri"),
        ("full name", "Trần Quản Trị"),
    ]
    code, shown = talk(
        [sys.executable, "-m", "admin_ui.cli", "setup"],
        answers,
        environ=place.environ() | {"LC_ALL": "C.UTF-8"},
        folder=ROOT,
    )
    assert code == 0, shown
    assert "must be a domain" in shown
    assert "Activation slip of quantri.qt" in shown and "/kich-hoat#" in shown
    assert place.settings.suffix == "dc=baria,dc=gov,dc=vn"
