"""Where the two demo applications run: the seed registers them, the supervisor starts them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from directory.settings import Settings


@dataclass(frozen=True)
class DemoApplication:
    """A demo application: its module, its client, where it listens and where people reach it."""

    name: str
    module: str
    client_id: str
    title: str
    host: str
    port: int
    url: str


def demo_applications(settings: Settings) -> tuple[DemoApplication, ...]:
    """The two applications that the demo province signs in to."""
    return (
        DemoApplication(
            name="document",
            module="document.wsgi:app",
            client_id="quan-ly-van-ban",
            title="Quản lý văn bản (mẫu)",
            host="127.0.0.2",
            port=settings.port + 4,
            url=settings.document_url,
        ),
        DemoApplication(
            name="one_stop",
            module="one_stop.wsgi:app",
            client_id="mot-cua-dien-tu",
            title="Một cửa điện tử (mẫu)",
            host="127.0.0.3",
            port=settings.port + 5,
            url=settings.one_stop_url,
        ),
    )


def accounts_file(settings: Settings, application: DemoApplication) -> Path:
    """Where a demo application keeps its accounts and its work."""
    return settings.state / "applications" / f"{application.name}.db"


def scim_token_file(settings: Settings, client_id: str) -> Path:
    """What a demo application wants to be shown by whoever keeps its accounts in step; not there:
    it keeps none of its own."""
    return settings.secrets_dir / f"scim-{client_id}.token"


def client_secret_file(settings: Settings, client_id: str) -> Path:
    """Where registering leaves the secret of a demo application's client."""
    return settings.secrets_dir / f"client-{client_id}.secret"
