"""What makes this application: its name, its roles, its menu."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from one_stop.desk import SCHEMA, welcome
from one_stop.views import create_business
from relying_party.application import create_application
from relying_party.pages import Product

PRODUCT = Product(
    name="Một cửa điện tử (mẫu)",
    theme="one-stop",
    purpose=(
        "Bộ phận một cửa tiếp nhận hồ sơ và hẹn ngày trả, cán bộ thụ lý giải quyết, người giám sát"
        " xem báo cáo. Mỗi việc cần một vai trò do cơ quan mình cấp."
    ),
    role_names={"tiep_nhan": "Tiếp nhận", "thu_ly": "Thụ lý", "giam_sat": "Giám sát"},
    menu=(
        ("business.home", "Hồ sơ", ""),
        ("business.report", "Báo cáo", "giam_sat"),
    ),
)


def create(environ: Mapping[str, str]) -> Flask:
    """The WSGI application, configured by `environ` (the DEMO_* variables)."""
    return create_application("one_stop", environ, PRODUCT, SCHEMA, create_business, welcome)
