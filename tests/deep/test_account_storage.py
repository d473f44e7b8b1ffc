"""What scim2-server itself asks of whoever keeps its resources, asked of the demo applications."""

from __future__ import annotations

from pathlib import Path

import pytest
from scim2_models import ScimProvider
from scim2_server.storage import ScimStorage
from scim2_server.testing import ScimStorageContract
from scim2_server.utils import load_default_provider

import tests.demo.conftest  # noqa: F401 - puts the folder of the demo on the path
from relying_party import accounts
from relying_party.scim_server import AccountStorage
from relying_party.store import Store

pytestmark = [pytest.mark.deep, pytest.mark.without_sql]


class _Offered(ScimStorageContract):
    """Cursors and searches of everything at once are not offered: their tests would be skipped."""


for _name in dir(ScimStorageContract):
    if _name.startswith(("test_cursor", "test_search_at_the_root")):
        setattr(_Offered, _name, None)


class TestAccountStorage(_Offered):
    @pytest.fixture(scope="class")
    def provider(self) -> ScimProvider:
        return load_default_provider()

    @pytest.fixture
    def storage(self, provider: ScimProvider, tmp_path: Path) -> ScimStorage:
        return AccountStorage(Store(tmp_path / "accounts.db", accounts.SCHEMA), provider)
