"""The pages of the one-stop desk."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from one_stop import desk
from one_stop.desk import OUTCOMES, PROCEDURES, STATES, NewFile
from relying_party.clock import format_day, today
from relying_party.forms import FormReader
from relying_party.member import require_access, require_any_role, require_role
from relying_party.store import Store

RECEPTION, OFFICER, OVERSIGHT = "tiep_nhan", "thu_ly", "giam_sat"
USUAL_DAYS = 7


def create_business(store: Store) -> Blueprint:
    """The desk's blueprint. Each action asks for its role at the agency of its file."""
    blueprint = Blueprint("business", __name__, template_folder="templates")

    @blueprint.get("/ho-so")
    def home() -> ResponseReturnValue:
        member = require_any_role()
        state = request.args.get("trang_thai", "")
        state = state if state in STATES else ""
        found = desk.list_files(
            store, member.agencies_with(), state, request.args.get("trang", 1, type=int)
        )
        return render_template("one_stop/list.html", found=found, state=state, **_words())

    @blueprint.get("/ho-so/moi")
    def new_file() -> ResponseReturnValue:
        form = FormReader({})
        due_on = today() + timedelta(days=USUAL_DAYS)
        form.values.update(due_on=format_day(due_on.isoformat()))
        return _reception_page(form)

    @blueprint.post("/ho-so/moi")
    def add_file() -> ResponseReturnValue:
        agency = request.form.get("agency", "")
        actor = require_role(RECEPTION, agency)
        form = FormReader(request.form, {"agency": agency})
        new_file = NewFile(
            agency=agency,
            procedure=form.choice("procedure", "Thủ tục", PROCEDURES),
            applicant=form.text("applicant", "Người nộp", longest=120),
            due_on=form.day("due_on", "Ngày hẹn trả", first=today()),
        )
        if form.errors:
            return _reception_page(form), 422
        file_id = desk.open_file(store, actor, new_file)
        flash("Đã tiếp nhận hồ sơ.")
        return redirect(url_for("business.show_file", file_id=file_id), code=303)

    @blueprint.get("/ho-so/<row:file_id>")
    def show_file(file_id: int) -> ResponseReturnValue:
        file = _file_or_404(store, file_id)
        require_access(file["agency"])
        return _file_page(store, file, FormReader({}))

    @blueprint.post("/ho-so/<row:file_id>/giai-quyet")
    def settle(file_id: int) -> ResponseReturnValue:
        file = _file_or_404(store, file_id)
        actor = require_role(OFFICER, file["agency"])
        form = FormReader(request.form)
        outcome = form.choice("outcome", "Kết quả", OUTCOMES)
        result = form.text("result", "Nội dung kết quả", longest=500)
        if form.errors:
            return _file_page(store, file, form), 422
        desk.settle_file(store, actor, file_id, outcome, result)
        flash("Đã ghi kết quả giải quyết.")
        return redirect(url_for("business.show_file", file_id=file_id), code=303)

    @blueprint.get("/bao-cao")
    def report() -> ResponseReturnValue:
        agencies = require_any_role(OVERSIGHT).agencies_with(OVERSIGHT)
        rows = desk.report_by_procedure(store, agencies)
        return render_template("one_stop/report.html", rows=rows, agencies=agencies, **_words())

    return blueprint


def _words() -> dict[str, object]:
    return {
        "states": STATES,
        "outcomes": OUTCOMES,
        "procedures": PROCEDURES,
        "today": today().isoformat(),
    }


def _file_or_404(store: Store, file_id: int) -> sqlite3.Row:
    file = desk.find_file(store, file_id)
    if file is None:
        abort(404)
    return file


def _reception_page(form: FormReader) -> str:
    agencies = {agency: agency for agency in require_any_role(RECEPTION).agencies_with(RECEPTION)}
    return render_template("one_stop/new.html", form=form, agencies=agencies, **_words())


def _file_page(store: Store, file: sqlite3.Row, form: FormReader) -> str:
    history = desk.history_of(store, file["id"])
    return render_template("one_stop/show.html", file=file, history=history, form=form, **_words())
