"""The pages of the register."""

from __future__ import annotations

import sqlite3

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from document import register
from document.register import STATES, URGENCIES, Assignment, IncomingDocument
from relying_party.clock import format_day, today
from relying_party.forms import FormReader
from relying_party.member import require_access, require_any_role, require_role
from relying_party.proof import INTERFACE, require_proof
from relying_party.store import Store

CLERK, LEADER, SPECIALIST = "van_thu", "lanh_dao", "chuyen_vien"


def create_business(store: Store) -> Blueprint:
    """The register's blueprint. Each action asks for its role at the agency of its document."""
    blueprint = Blueprint("business", __name__, template_folder="templates")

    @blueprint.get("/van-ban")
    def home() -> ResponseReturnValue:
        member = require_any_role()
        state = request.args.get("trang_thai", "")
        state = state if state in STATES else ""
        found = register.list_documents(
            store, member.agencies_with(), state, request.args.get("trang", 1, type=int)
        )
        return render_template("document/list.html", found=found, state=state, **_words())

    @blueprint.get("/van-ban/moi")
    def new_document() -> ResponseReturnValue:
        form = FormReader({})
        form.values.update(received_on=format_day(today().isoformat()), urgency="normal")
        return _registration_page(form)

    @blueprint.post("/van-ban/moi")
    def add_document() -> ResponseReturnValue:
        agency = request.form.get("agency", "")
        actor = require_role(CLERK, agency)
        form = FormReader(request.form, {"agency": agency})
        document = IncomingDocument(
            agency=agency,
            received_on=form.day("received_on", "Ngày đến", last=today()),
            sender=form.text("sender", "Cơ quan gửi", longest=200),
            reference=form.text("reference", "Số, ký hiệu", longest=60, required=False),
            summary=form.text("summary", "Trích yếu", longest=500),
            urgency=form.choice("urgency", "Độ khẩn", URGENCIES),
        )
        if form.errors:
            return _registration_page(form), 422
        document_id = register.register_document(store, actor, document)
        flash("Đã đăng ký văn bản đến.")
        return redirect(url_for("business.show_document", document_id=document_id), code=303)

    @blueprint.get("/van-ban/<row:document_id>")
    def show_document(document_id: int) -> ResponseReturnValue:
        document = _document_or_404(store, document_id)
        require_access(document["agency"])
        return _document_page(store, document, FormReader({}))

    @blueprint.post("/van-ban/<row:document_id>/phan-cong")
    def assign(document_id: int) -> ResponseReturnValue:
        document = _document_or_404(store, document_id)
        actor = require_role(LEADER, document["agency"])
        form = FormReader(request.form)
        assignment = Assignment(
            assignee=form.text("assignee", "Giao cho", longest=120),
            deadline=form.day("deadline", "Hạn xử lý", first=today()),
            instruction=form.text("instruction", "Bút phê", longest=500, required=False),
        )
        if form.errors:
            return _document_page(store, document, form), 422
        register.assign_document(store, actor, document_id, assignment)
        flash(f"Đã phân công cho {assignment.assignee}.")
        return redirect(url_for("business.show_document", document_id=document_id), code=303)

    @blueprint.post("/van-ban/<row:document_id>/hoan-thanh")
    def complete(document_id: int) -> ResponseReturnValue:
        document = _document_or_404(store, document_id)
        actor = require_role(SPECIALIST, document["agency"])
        form = FormReader(request.form)
        result = form.text("result", "Kết quả xử lý", longest=500)
        if form.errors:
            return _document_page(store, document, form), 422
        register.complete_document(store, actor, document_id, result)
        flash("Đã ghi nhận hoàn thành.")
        return redirect(url_for("business.show_document", document_id=document_id), code=303)

    _add_approval(blueprint, store)
    return blueprint


def _add_approval(blueprint: Blueprint, store: Store) -> None:
    @blueprint.get("/van-ban/<row:document_id>/phe-duyet")
    def look_before_approving(document_id: int) -> ResponseReturnValue:
        document = _document_or_404(store, document_id)
        require_role(LEADER, document["agency"])
        require_proof()
        return render_template("document/approve.html", document=document, **_words())

    @blueprint.post("/van-ban/<row:document_id>/phe-duyet")
    def approve(document_id: int) -> ResponseReturnValue:
        _approve(store, document_id)
        flash("Đã phê duyệt kết quả.")
        return redirect(url_for("business.show_document", document_id=document_id), code=303)

    @blueprint.post(f"{INTERFACE}van-ban/<row:document_id>/phe-duyet")
    def approve_over_interface(document_id: int) -> ResponseReturnValue:
        _approve(store, document_id)
        return {"state": register.APPROVED}


def _approve(store: Store, document_id: int) -> None:
    """What binds the agency: by its leader, who has just proved to be there."""
    document = _document_or_404(store, document_id)
    actor = require_role(LEADER, document["agency"])
    require_proof()
    register.approve_document(store, actor, document_id)


def _words() -> dict[str, object]:
    return {"states": STATES, "urgencies": URGENCIES, "today": today().isoformat()}


def _document_or_404(store: Store, document_id: int) -> sqlite3.Row:
    document = register.find_document(store, document_id)
    if document is None:
        abort(404)
    return document


def _registration_page(form: FormReader) -> str:
    agencies = {agency: agency for agency in require_any_role(CLERK).agencies_with(CLERK)}
    return render_template("document/new.html", form=form, agencies=agencies, **_words())


def _document_page(store: Store, document: sqlite3.Row, form: FormReader) -> str:
    return render_template(
        "document/show.html",
        document=document,
        history=register.history_of(store, document["id"]),
        specialists=register.list_specialists(store, document["agency"]),
        form=form,
        **_words(),
    )
