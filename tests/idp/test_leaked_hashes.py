"""A password that stands in the list of hashes: not taken, and replaced at the sign-in."""

from __future__ import annotations

from pathlib import Path

import pytest

from directory.component import NotWell
from directory.errors import Invalid
from directory.passwords.checks import leaked_passwords
from directory.people import credentials
from tests.directory.test_leaked_hashes import digest
from tests.idp.test_activation import set_password
from tests.support.browser import PASSWORD
from tests.support.idp_app import running_idp
from tests.support.installation import OPERATOR

pytestmark = pytest.mark.only_on_sqlite("a file decides, not SQL")
NEW = "bốn con mèo ngồi trên mái ngói"
LEAKED = "mười hai con giáp ngồi bên bếp"


def test_it_is_not_taken_and_replaced_at_the_sign_in(tmp_path: Path) -> None:
    path = tmp_path / "leaked"
    lines = sorted(f"{digest(each)}:9" for each in (LEAKED, "123456", "password"))
    path.write_text("\n".join(lines))
    with running_idp(DANHMUC_LEAKED_HASHES=str(path)) as idp:
        assert "0 MB" in leaked_passwords(idp.installation)
        person, other = idp.person(), idp.person()
        with pytest.raises(Invalid) as refused:
            credentials.set_password(idp.installation, OPERATOR, person.id, LEAKED)
        assert refused.value.code == "password.leaked"
        lines.append(f"{digest(PASSWORD)}:1")
        path.write_text("\n".join(sorted(lines)))
        browser = idp.browser()
        page = browser.follow(browser.answer(browser.open_sign_in(), person.username, PASSWORD))
        assert "đã bị lộ" in page.text and not browser.cookie
        page = set_password(browser, page, LEAKED)
        assert "đã bị lộ ở nơi khác" in page.text and not browser.cookie
        set_password(browser, page, NEW)
        assert browser.is_signed_in()
        idp.browser().sign_in(person, password=NEW)
        path.unlink()
        idp.browser().sign_in(other)
        with pytest.raises(NotWell, match="cannot be read"):
            leaked_passwords(idp.installation)
