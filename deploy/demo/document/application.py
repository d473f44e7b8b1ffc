"""What makes this application: its name, its roles, its menu."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from document.register import SCHEMA, welcome
from document.views import create_business
from relying_party.application import create_application
from relying_party.pages import Product

PRODUCT = Product(
    name="Quản lý văn bản (mẫu)",
    theme="document",
    purpose=(
        "Văn thư đăng ký văn bản đến, lãnh đạo phân công kèm thời hạn và bút phê, chuyên viên báo"
        " cáo hoàn thành. Mỗi việc cần một vai trò do cơ quan mình cấp."
    ),
    role_names={"van_thu": "Văn thư", "lanh_dao": "Lãnh đạo", "chuyen_vien": "Chuyên viên"},
)


def create(environ: Mapping[str, str]) -> Flask:
    """The WSGI application, configured by `environ` (the DEMO_* variables)."""
    return create_application("document", environ, PRODUCT, SCHEMA, create_business, welcome)
