"""The two demo applications, in this process, against an issuer on a real port."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.demo.application_browser import (
    DOCUMENT,
    ONE_STOP,
    Visitor,
    environment,
    reached,
)
from tests.demo.foreign_issuer import ForeignIssuer, person
from tests.support.ports import free_port

# The applications are started with this folder as their own; they import nothing of ours.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "deploy" / "demo"))

from document.application import create as create_document
from one_stop.application import create as create_one_stop


@pytest.fixture(scope="session")
def running_issuer() -> Iterator[ForeignIssuer]:
    issuer = ForeignIssuer(free_port())
    issuer.start()
    yield issuer
    issuer.stop()


@pytest.fixture
def issuer(running_issuer: ForeignIssuer) -> Iterator[ForeignIssuer]:
    """The issuer, knowing both applications and a handful of people of STTTT and SNV."""
    running_issuer.clients = {client.client_id: client for client in (DOCUMENT, ONE_STOP)}
    people = (
        person("vanthu", "Nguyễn Thị Văn Thư", "STTTT", STTTT=["van_thu", "tiep_nhan"]),
        person("lanhdao", "Trần Lãnh Đạo", "STTTT", STTTT=["lanh_dao"]),
        person("chuyenvien", "Lê Chuyên Viên", "STTTT", STTTT=["chuyen_vien", "thu_ly"]),
        person("giamsat", "Phạm Giám Sát", "STTTT", STTTT=["giam_sat"]),
        person(
            "vanthu.snv", "Võ Văn Thư", "SNV", SNV=["van_thu", "lanh_dao", "tiep_nhan", "thu_ly"]
        ),
        person("haicoquan", "Đỗ Hai Cơ Quan", "SNV", SNV=["van_thu"], STTTT=["van_thu"]),
        person("khongvaitro", "Ngô Không", "STTTT"),
    )
    running_issuer.people = {claims["preferred_username"]: claims for claims in people}
    running_issuer.sessions.clear()
    running_issuer.signed_in_as = "vanthu"
    yield running_issuer
    running_issuer.behave()


@pytest.fixture
def document_app(issuer: ForeignIssuer, tmp_path: Path) -> Flask:
    return reached(create_document(environment(issuer, DOCUMENT, tmp_path)), DOCUMENT)


@pytest.fixture
def one_stop_app(issuer: ForeignIssuer, tmp_path: Path) -> Flask:
    return reached(create_one_stop(environment(issuer, ONE_STOP, tmp_path)), ONE_STOP)


@pytest.fixture
def visitor(document_app: Flask) -> Visitor:
    """Somebody at the document application, not signed in."""
    return Visitor(document_app)
