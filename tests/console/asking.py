"""A request of every sort that one person asks and a second decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select, update

from directory.access.asking import ask_for_grant
from directory.access.entering import ask_to_enter
from directory.actor import Actor
from directory.authz import applications
from directory.authz.grants import Grant
from directory.clock import now_ms
from directory.export_requests.asking import ask_for_export
from directory.exports.approvals import WantedExport
from directory.exports.taking import OverQuota, Taking
from directory.ids import new_id
from directory.release import service as release
from directory.release.register import find_release
from directory.requests.tables import request
from idp.applications.opening import ask_to_open
from idp.factor_policy import service as factor_policy
from idp.slips import asking as slips
from sync.engine.losses import ask_for_losses
from sync.engine.tables import connector
from tests.console.world import NEXT_YEAR, World
from tests.support.installation import OPERATOR


def ask_each(world: World) -> Mapping[str, str]:
    """Ids by kind: of what an administrator of A asks for a newcomer and for an application of
    theirs with a connector that is stopped, and of what the officer asks for the province."""
    tag = new_id()[-8:]
    database, admin = world.installation.database, Actor("person", world.people["admin_a"])
    officer = Actor("person", world.people["officer"])
    person = world.add_person(f"y{tag}", "Lê Xin Phép", world.post("A")).id
    app = world.applications[f"y{tag}"] = world.register(f"y{tag}", "A")
    world.connect(f"con-y{tag}", f"y{tag}")
    shared = world.applications["shared"]
    grant = Grant(shared, "doc", "person", person, world.places["A"], end=NEXT_YEAR, reason="Trực")
    wanted = WantedExport("people", f"/nguoi-dung?tim={tag}", "Họ và tên", 9000)
    taking = Taking("people", "csv", "báo cáo", place=world.places["A"], address="/nguoi-dung")
    with database.write() as tx:
        applications.describe(tx, OPERATOR, world.applications["of_b"], access="roles", agencies=())
        factor_policy.put_zone(tx, OPERATOR, f"y{tag}", ("10.14.0.0/16",))
        factor_policy.put_rule(tx, OPERATOR, "network", f"y{tag}", 7)
        its = connector.c.name == f"con-y{tag}"
        tx.execute(update(connector).where(its).values(stopped_at=now_ms(), losses_found=5))
        found = find_release(tx, app)
        learned = release.proposed((*(found.attributes if found else ()), "staff_no"))
        asked = {
            "grant": ask_for_grant(tx, replace(admin, id=world.people["hr_officer"]), grant).id,
            "enter": ask_to_enter(
                tx, Actor("person", person), world.applications["of_b"], "việc mới"
            ).id,
            "release": release.change(tx, admin, app, learned, "cần").request_id,
            "open_application": ask_to_open(tx, admin, app, "everyone", (), "cần").id,
            "export": ask_for_export(tx, admin, OverQuota(taking, wanted), f"báo cáo {tag}").id,
            "connector_losses": ask_for_losses(tx, admin, f"con-y{tag}", "đã xem").id,
            "slip": slips.ask_for_slip(tx, officer, person, "help", tag).id,
            "factor_policy": factor_policy.put_rule(
                tx, officer, "network", f"y{tag}", 14, "chuẩn bị"
            ).request_id,
        }
        slips.want_help(tx, person)
    slips.pass_on(world.installation)
    its_kind = (request.c.kind == "signin_help", request.c.subject == f"person:{person}")
    with database.read() as tx:
        asked["signin_help"] = tx.execute(select(request.c.id).where(*its_kind)).scalar_one()
    return asked
