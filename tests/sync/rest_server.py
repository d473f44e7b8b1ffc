"""A JSON interface that we did not write (Django REST framework, on SQLite), behind a hand that
spoils what it answers, as targets do."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from werkzeug.serving import make_server

from tests.support.installation import _QuietHandler
from tests.support.ports import free_port
from tests.sync.scim_server import SpoiledServer

TOKEN = "ma-truy-cap-rest"


class RestServer(SpoiledServer):
    """Its accounts are rows; whoever looks at them looks past everything."""

    def accounts(self) -> list[dict[str, Any]]:
        """What it holds."""
        from django.db import connection  # it wants to be set up first

        with connection.cursor() as cursor:
            cursor.execute("SELECT id, ten, ho_ten, ma, dang_dung FROM cu_nguoidung ORDER BY id")
            names = ("id", "ten", "ho_ten", "ma", "dang_dung")
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def account(self, login: str) -> dict[str, Any] | None:
        found = [each for each in self.accounts() if each["ten"] == login]
        assert len(found) < 2, "a duplicate"
        return found[0] if found else None

    def write(self, statement: str, *values: object) -> None:
        """Somebody works in it past us."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    def empty(self) -> None:
        self.write("DELETE FROM cu_nguoidung")


@cache
def _application() -> Any:
    """As its own guide sets one up: a model, its serializer, its view, a router. One in a process,
    as Django is."""
    # A browser that the same process drives has a loop in this thread, which Django takes for ours.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    store = Path(tempfile.mkdtemp()) / "cu.db"
    settings.configure(
        SECRET_KEY="khong-bi-mat",
        ALLOWED_HOSTS=["127.0.0.1"],
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(store)}},
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        LOGGING_CONFIG=None,
        REST_FRAMEWORK={
            "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
            "PAGE_SIZE": 3,
            "DEFAULT_AUTHENTICATION_CLASSES": [],
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
            "DEFAULT_FILTER_BACKENDS": ["rest_framework.filters.SearchFilter"],
        },
    )
    django.setup()
    from django.core.wsgi import get_wsgi_application
    from django.db import connection, models
    from rest_framework import permissions, routers, serializers, viewsets

    class NguoiDung(models.Model):
        ten = models.CharField(max_length=150, unique=True)
        ho_ten = models.CharField(max_length=150, blank=True, null=True)
        ma = models.CharField(max_length=64, blank=True)
        dang_dung = models.BooleanField(default=True)

        class Meta:
            app_label = "cu"
            ordering = ("id",)

    class HasToken(permissions.BasePermission):
        def has_permission(self, request: Any, _view: Any) -> bool:
            return bool(request.headers.get("X-Api-Key") == TOKEN)

    class Form(serializers.ModelSerializer):
        class Meta:
            model = NguoiDung
            fields = ("id", "ten", "ho_ten", "ma", "dang_dung")

    class View(viewsets.ModelViewSet):
        queryset = NguoiDung.objects.all()
        serializer_class = Form
        permission_classes = (HasToken,)
        search_fields = ("ten",)

    router = routers.DefaultRouter()
    router.register("nguoi-dung", View)
    globals()["urlpatterns"] = router.urls
    with connection.schema_editor() as editor:
        editor.create_model(NguoiDung)
    return get_wsgi_application()


@contextmanager
def rest_server() -> Iterator[RestServer]:
    """It, on a port of its own, and empty."""
    port = free_port()
    server = RestServer(f"http://127.0.0.1:{port}", _application())
    server.empty()
    listening = make_server("127.0.0.1", port, server, threaded=True, request_handler=_QuietHandler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()


def definition(name: str, application: str, url: str, more: str = "") -> str:
    return f"""\
connector: {name}
application: {application}
target:
  kind: rest
  url: "{url}"
  token: {{header: X-Api-Key, value: "{{token}}"}}
  requests:
    test: {{path: /}}
    create:
      path: /nguoi-dung/
      body: {{ten: "{{ten}}", ho_ten: "{{ho_ten}}", ma: "{{person_id}}", dang_dung: true}}
    update:
      path: /nguoi-dung/{{remote_id}}/
      body: {{ten: "{{ten}}", ho_ten: "{{ho_ten}}", ma: "{{person_id}}", dang_dung: true}}
    disable: {{path: "/nguoi-dung/{{remote_id}}/", body: {{dang_dung: false}}}}
    delete: {{path: "/nguoi-dung/{{remote_id}}/"}}
    find: {{path: /nguoi-dung/, query: {{search: "{{ten}}", page: "{{page}}"}}, items: /results}}
    list: {{path: /nguoi-dung/, query: {{page: "{{page}}"}}, items: /results}}
  account:
    id: /id
    person: /ma
    active: /dang_dung
    login: ten
    attributes: {{ten: /ten, ho_ten: /ho_ten}}
  answers: {{exists: ["400 already exists", "409"], error: /error}}
accounts:
  ten: username
  ho_ten: full_name
limits: {{per_second: 1000}}
{more}"""
