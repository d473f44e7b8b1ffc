"""The numbered steps make exactly the tables that the code names, and can be gone back from."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Inspector, inspect, text

from directory.database.engine import Database, metadata
from directory.database.migrating import (
    configuration,
    current_revision,
    differences,
    head_revision,
    pending,
    require_current,
    require_same,
    upgrade,
)
from directory.errors import Conflict, Unavailable
from tests.support.postgres import empty_database

pytestmark = pytest.mark.both_engines


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with empty_database(tmp_path) as url:
        found = Database(url, synchronous="NORMAL")
        yield found
        found.dispose()


def test_the_steps_make_the_tables_of_the_code(database: Database) -> None:
    upgrade(database)
    with database.write() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert _nullable(inspect(tx)) == _nullable_in_code()


def test_comparing_says_nothing_that_is_nobodys_to_mend(database: Database) -> None:
    """A first start shows what it prints to somebody who has not seen the product yet."""
    upgrade(database)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        require_same(database)


def test_text_is_compared_by_bytes(database: Database) -> None:
    """On PostgreSQL every column says so: the database's own order is another one."""
    upgrade(database)
    if database.is_sqlite:
        with database.read() as tx:
            assert _sorted_by_sql(tx) == ["B", "a", "đ", "ơ"]
        return
    with database.read() as tx:
        rows = tx.execute(
            text(
                "SELECT table_name, column_name, collation_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND data_type IN ('text', 'character varying')"
            )
        ).all()
        assert {row[:2] for row in rows if row.collation_name != "C"} == {
            ("alembic_version", "version_num")
        }
        assert len(rows) > 100
        assert _sorted_by_sql(tx) != ["B", "a", "đ", "ơ"], "the cluster proves nothing"


# What has landed has run somewhere: an edit would leave two kinds of stores under one number.
_LANDED = {
    "0001_first_schema.py": "3b38d44bf0905c091c71217684c326e0b996a3cb4afd5b5875b983e692ae572c",
    "0002_kept_forms.py": "61885870893b1e3566be8f7a076364c076cb190d7a6886dec6f45d9d412744cc",
    "0003_known_devices.py": "60c5d071da057bbc61c0cb270a5b4f22cca7d1ef9836174f58514c30e909f14c",
    "0004_entry_steps.py": "8cb4bcbd6babee1b106f09f8f7f863302fb041f5e206dfbaebfdbdb02964ad2f",
    "0005_job_runs.py": "7ab5dc4d7ce96e6a082ccb231863e9ed6a97bd6a1f65b64befa13894b72441fd",
    "0006_clients.py": "10175bcae03ff76e3870fe00da45beaffee59a8bb4207b5fac51019e5e008489",
    "0007_acts.py": "62598e0d267adfe91d56f0f3628c3f679236d960013bd94d426145f13059d46b",
    "0008_whose_store.py": "d9aa41555f2d395abff84fd9f57753389cf3b4c1f02f00b9a1cc57935dcb3b59",
    "0009_positions.py": "d8136de8081f0f940cf61f86e9c0e027da9ce89643f756312fe0deb90f60b8b0",
    "0010_job_leases.py": "0b2861f4625084a187315914ed3fb7becb7509cc181e79b2c353366143da2cbd",
    "0011_academic_title.py": "162f639c899a8f239b14401257f343012d8562825d079c4c4ce6e316f3fa267b",
    "0012_journeys.py": "c0c6850a3a284f49199b40d724314fec1d1443066e6ed0555f4f1a3bce1012af",
    "0013_columns_filled.py": "ef483219c83b4a4fab73edd032447b41ab0a2c99d6f725cfd41b4de36799104c",
    "0014_register.py": "2359583d6e099e3c9516155d472d547c86f21d49bd3e4e5b4ad71c70bfede173",
    "0015_administrator_of.py": "fc97627ec85f2d0993bb7dfc5d565d0e0cc7676cc51718d3f8c10a0619a67fa8",
    "0016_requests.py": "91e47d9d0e7a01833930835d3b043ba42f01a39757c5542572f50a58eb700836",
    "0017_roles.py": "6e9decfbd751d172af1c0df1bf3eb27309b319e74ef22eca9b86e8a21dbc616e",
    "0018_totp.py": "49b158ab0ffeab3b233b108407b00c54fdd12d2883e5bcd4466458fa95814612",
    "0019_role_retired.py": "bf2ad9375a05762ceda1045a75e23a2bbdfcb1e0f9b27349ca3a73721095beb7",
    "0020_change_readers.py": "9d4b68ed2a88dd23f7ba168f2b6a933b2bfbec9003c0b15b39d6c72fabfcf7bc",
    "0021_release.py": "da71fea96629195d6075433a6972c676a05c751816fd3faf8eab5694403a9a86",
    "0022_recovery_codes.py": "4b0ba7dd38eb66376dd8246f969a5053ef9aad440ad26180cb92a6e998c38278",
    "0023_support_codes.py": "1f9c228c280ecbcab4413835cfe5a00f2601b9cef0f24cb3ac5660c14ecf82fc",
    "0024_notices.py": "369244563958e87db13e9c649d72d8d1ca4eb47c08558bc65a177a4b4d9c6771",
    "0025_connectors.py": "ea1754847e7d7f0c46b4874ce19b5a782b18cb6aea590a5bfc9723ef5b6e1e8d",
    "0026_viewing.py": "78bc4a58a7b6c29487190b01250c1b59ed74f94da6be20f4ad62d2d2306d3fc5",
    "0027_findings.py": "3c4f9a7ccfdc256e3823d31af22bd80c5c108955d711c1df8b2aec099095b17b",
    "0028_export_approvals.py": "7311d72c27425a3c15ef0d12ab1240b9334431eb94f92a638c1bd7b83676aa6d",
    "0029_accounts_used.py": "f2964fb8d102e33e0b15ed637f348767f9eba825f7258044e9f8b0688ec2e9b5",
    "0030_moved_people.py": "c49868d4e663bd391d10b59b7492754a54c5f3ec5887ba4b666335e8404b8740",
    "0031_passkeys.py": "d3ada81fe9491bc0cff3eaa17868829805ff9eb49eb0ac12981fda5bcb599e7d",
    "0032_ways_to_grants.py": "41034b4f101b38958e2fa361b394d8bfb03d993042e4c7c8c7d8698b0f8ec5b6",
    "0033_conflicts.py": "2555c115fd9adfac93c7c0257b0133cd1f7604dc1f9a98a24fb5f445717613e7",
    "0035_connector_runs.py": "a080da38b9381d05ec23316051745ad692f133c575a42a85c3e3a1605bf1c80f",
    "0034_ldap_clients.py": "817ecd0da117f3be2ce69b3c6afb3121a5fb9199b262ebdcab42c18e4569d1ef",
    "0046_spray.py": "4f9ee14914f9aae9eaa373c330dfbe8b7912a8392a9da0478cc64a1403bbc3ba",
    "0045_break_glass.py": "8ca1d7fa1ae60f052ff7fe03a33887f7a27c0b7f2f8780491eb5ea99e176ad10",
    "0039_factor_policy.py": "f113220c9e7f2a8ec8b0a0be1f3eddd5483d63e72145676562ca94cf54644c8e",
    "0038_messages.py": "bd3035856ac1d03acafd4549cc5eb232e62c7a4ca47c815206e51494b2f38f8f",
    "0037_slips.py": "a45a28e02afe6c92395bc707eb33bfec8515ad93f6656db20a51e08b6e1cbda4",
    "0043_passwords.py": "d3de9296b91e9cf924015f33dbff9910fd0afebf801dee8b630e828d435c88b6",
    "0044_certificates.py": "a6265a6c1a8f7a67ade0fcf7967cff5f3a8cecd63bc213523a8141bfd01216a0",
    "0041_grants_of_many.py": "80471aa81b4cf22caab0b2200bcf83ba259a525c2bfb3776808499529b7aa847",
    "0047_messages_told.py": "ca25f6984549e58bfa1136737fbaa796f1360a161285f6d37f234970d39a3cc6",
    "0048_accounts_unused.py": "e0336848c063728574e2869b93b4f2dc16cdc15c9c73aabfda382e99a05665b4",
    "0049_message_way.py": "b22fa3711ffb3a296e9ffbe045ab674fa4ab4a4522c2f4e88364a3132c17f5c1",
    "0050_removed_applications.py": (
        "b4787836cbfc6b7ac0893fccbd90355b087f2bddd3b8aab3fb295d5b82722780"
    ),
    "0053_certificates_told.py": "67396bc4413599f0c6b56fa0a13361d0fb070be06dc9699a5cc3914008ca56a0",
    "0051_log_folded.py": "f5ef6e23add52828d51c067782a60fc814fad68f0a8e79b6d2f14639b87d0979",
    "0056_texts_sent.py": "47b78d2638ea44ba765d603fa81836d6b562dd27c2433744b17f93df421c8f87",
    "0058_code_lists.py": "835be73e65599ca24ba06ebab09a7f2a870de00a4b2489cae6150df788ec854a",
    "0052_absences.py": "e602adb0bdc592b3a0baef564980a1f7e946e4810ae1d4538d3a2388dff71679",
}


@pytest.mark.without_sql
def test_no_step_that_has_landed_is_edited() -> None:
    """A change of the schema is a step of its own. Add its line here with it."""
    folder = Path(__file__).parents[2] / "migrations" / "versions"
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.py")
    }
    missing = "".join(
        f'\n    "{name}": "{found[name]}",' for name in sorted(found.keys() - _LANDED)
    )
    assert not missing, f"new steps; when they land, add to _LANDED:{missing}"
    assert found == _LANDED


def test_a_store_that_does_not_fit_its_step_is_named(database: Database) -> None:
    upgrade(database)
    require_same(database)
    with database.write() as tx:
        for statement in (
            "ALTER TABLE catalogue_word DROP COLUMN shared",
            "ALTER TABLE lease ADD COLUMN more INTEGER",
            "DROP TABLE outbox",
            "CREATE TABLE of_somebody_else (a INTEGER)",
        ):
            tx.execute(text(statement))
    assert [place for place in differences(database) if "outbox." not in place] == [
        "table catalogue_word has no column shared",
        "table lease should not have column more",
        "table outbox has no ix_outbox_topic_due_at",
        "the store has no table outbox",
    ]
    with pytest.raises(Conflict) as refused:
        require_same(database)
    assert refused.value.code == "database.differs"


def test_a_store_is_told_by_its_step(database: Database) -> None:
    if database.file is not None:
        database.file.unlink()
        with pytest.raises(Unavailable, match=r"database\.missing"):
            require_current(database)
        assert not database.file.exists(), "looking made one"
        database.file.touch()
    with pytest.raises(Conflict) as refused:
        require_current(database)
    assert refused.value.code == "database.no_schema"
    upgrade(database)
    require_current(database)
    assert current_revision(database) == head_revision()
    with database.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for look in (require_current, pending, upgrade):
        with pytest.raises(Conflict) as refused:
            look(database)
        assert refused.value.code == "database.schema_newer"
        assert refused.value.params["revision"] == "9999"


def test_a_store_of_the_first_step_is_brought_up_to_date(database: Database) -> None:
    if database.file is not None:
        database.file.touch()
    with database.write() as tx:
        command.upgrade(configuration(tx), "0001")
    if head_revision() != "0001":
        with pytest.raises(Conflict) as refused:
            require_current(database)
        assert refused.value.code == "database.schema_older"
    upgrade(database)
    require_same(database)


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    upgrade(database)
    with database.read() as tx:
        before = inspect(tx).get_table_names()
    assert not pending(database)
    upgrade(database)
    with database.write() as tx:
        command.upgrade(configuration(tx), "head")
        assert inspect(tx).get_table_names() == before


def test_the_way_back_leaves_nothing_and_can_be_gone_again(database: Database) -> None:
    upgrade(database)
    with database.write() as tx:
        command.downgrade(configuration(tx), "base")
    with database.read() as tx:
        assert inspect(tx).get_table_names() == ["alembic_version"]
        assert tx.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 0
    assert pending(database)
    upgrade(database)
    with database.write() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


def _sorted_by_sql(tx: Connection) -> list[str]:
    query = "SELECT 'a' AS v UNION SELECT 'B' UNION SELECT 'đ' UNION SELECT 'ơ' ORDER BY v"
    return list(tx.execute(text(query)).scalars())


def _nullable(found: Inspector) -> set[tuple[str, str]]:
    return {
        (table, column["name"])
        for table in found.get_table_names()
        for column in found.get_columns(table)
        if column["nullable"]
    }


def _nullable_in_code() -> set[tuple[str, str]]:
    return {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if column.nullable
    }
