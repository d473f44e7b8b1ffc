"""The commands of `docs/howto/connect-an-application.md` on a demo province."""

from __future__ import annotations

import json
import re
import shlex

from tests.support import how_to
from tests.support.product import Product

PAGE = "connect-an-application.md"
NOT_YET = "client remove"  # 30 days after it was disabled; until then it says so


def commands() -> list[str]:
    """Every command of the page, in its order; what follows a `#` is a remark."""
    text = "".join(
        block.text
        for heading in how_to.headings(PAGE)
        for block in how_to.section(PAGE, heading)
        if "./deploy/danhmuc" in block.text
    )
    joined = text.replace("\\\n", " ")
    return [line.split("  #")[0].strip() for line in joined.splitlines() if line.strip()]


def filled_in(command: str, own: dict[str, str]) -> str:
    """The command with the words in capitals replaced."""
    return re.sub(rf"(?<![-\w])({'|'.join(own)})\b", lambda word: own[word[0]], command)


def test_every_command_runs_as_written(http_product: Product) -> None:
    """Words in capitals are what the page says: the id printed before, or somebody's name."""
    own = {"USER": "chuyenvien.stttt", "CALLING_CLIENT": "lich", "CLIENT_ID": "", "ID": ""}
    run = []
    for command in commands():
        own |= {"ID": "lich"} if " client " in command else {}
        filled = filled_in(command, own)
        asked = filled if "--json" in filled else f"{filled} --json"
        [program, *words] = shlex.split(asked)
        assert program == "./deploy/danhmuc"
        done = http_product.danhmuc(*words, check=False)
        if NOT_YET in command and "--dry-run" not in command:
            assert done.returncode == 1 and "30" in done.stderr, done.stderr
        else:
            assert done.returncode == 0, f"{filled}\n{done.stdout}{done.stderr}"
            printed = json.loads(done.stdout)
            if "position add" in command:
                own["ID"] = printed["id"]
            own["CLIENT_ID"] = str(printed.get("client_id", ""))
        run.append(command.split()[1:3])
    assert len(run) >= 11
