"""django-scim2 with models as its guide shows them, in an SQLite file: listens at PORT, takes
TOKEN."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from werkzeug.serving import make_server

PORT, TOKEN = int(os.environ["PORT"]), os.environ["TOKEN"]

settings.configure(
    SECRET_KEY="x" * 50,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="__main__",
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django_scim", "keeping"],
    MIGRATION_MODULES=dict.fromkeys(("auth", "contenttypes", "keeping")),
    MIDDLEWARE=["__main__.by_token", "django_scim.middleware.SCIMAuthCheckMiddleware"],
    AUTH_USER_MODEL="keeping.User",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["FILE"],
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode = WAL",
            },
        }
    },
    SCIM_SERVICE_PROVIDER={
        "NETLOC": f"127.0.0.1:{PORT}",
        "SCHEME": "http",
        "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken", "name": "token"}],
        "GROUP_MODEL": "keeping.models.Group",
    },
)


def by_token(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Whoever shows the token is the connector."""

    def answer(request: HttpRequest) -> HttpResponse:
        is_it = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        request.user = SimpleNamespace(is_authenticated=is_it)
        return get_response(request)

    return answer


@csrf_exempt
def empty(_request: HttpRequest) -> HttpResponse:
    """A hand that empties it between two tests."""
    from keeping.models import Group, User

    User.objects.all().delete()
    Group.objects.all().delete()
    return HttpResponse(status=204)


django.setup()
urlpatterns: list[Any] = [
    path("", lambda _request: HttpResponse("up")),
    path("all", empty),
    path("scim/v2/", include("django_scim.urls")),
]


if __name__ == "__main__":
    call_command("migrate", run_syncdb=True, verbosity=0)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    logging.getLogger("django").setLevel(logging.CRITICAL)
    make_server("127.0.0.1", PORT, get_wsgi_application(), threaded=True).serve_forever()
