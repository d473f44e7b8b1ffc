"""gunicorn for every web process of Danh Mục, embedded and in production.

Never put it at the edge of a network: gthread has no time limit for reading a request's header
once its first byte is there, so a handful of half-sent requests occupies every thread. nginx or
HAProxy in front reads requests completely before passing them on.

The embedded run overrides bind, workers, certificate and key on the command line.
"""

import ctypes
import logging
import os
import re
import signal
import ssl
import sys

from gunicorn.glogging import Logger
from gunicorn.http.wsgi import Response

_PORT = os.environ.get("DANHMUC_PORT", "8400")
os.umask(0o077)  # whatever a worker writes is its own

bind = [f"127.0.0.1:{_PORT}"]
worker_class = "gthread"
workers = 2
threads = 8
preload_app = True  # workers share what was imported: less memory, quicker start
timeout = 60
graceful_timeout = 5
keepalive = 5
# The heartbeat file must not block on a busy or full disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

limit_request_line = 8190  # a long authorization request still fits; bigger ones use PAR
limit_request_fields = 64
limit_request_field_size = 8190

# We never believe X-Forwarded-* here: URLs come from the configured issuer and the application
# itself decides, by DANHMUC_TRUSTED_PROXIES, whose word about a client address counts.
forwarded_allow_ips = ""
control_socket_disable = True

# No access log: a request line carries codes, state and login hints. The application logs its own
# events without them.
accesslog = None
errorlog = "-"
loglevel = "info"

_QUERY = re.compile(r"\?[^\s'\"]*")
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class _WithoutQueries(logging.Filter):
    """Cuts query strings out of gunicorn's own messages ("Error handling request /cb?code=...")."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _QUERY.sub("?...", record.getMessage())
        record.args = ()
        return True


class logger_class(Logger):
    """gunicorn's logger, without query strings."""

    def setup(self, cfg: object) -> None:
        super().setup(cfg)
        self.error_log.addFilter(_WithoutQueries())


def _headers_without_server(response: Response) -> list[str]:
    return [line for line in _default_headers(response) if not line.startswith("Server:")]


# Which server answers, in which version, is nobody's business.
_default_headers = Response.default_headers
Response.default_headers = _headers_without_server


def ssl_context(_config: object, default_ssl_context_factory: object) -> ssl.SSLContext:
    """TLS 1.2 at least."""
    context = default_ssl_context_factory()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def post_fork(_server: object, worker: object) -> None:
    """In a new worker: die with the master, and share no connection with it."""
    # Until gunicorn sets a worker's own handlers it has the master's, which only take a note: told
    # to stop right now, it would be waited for until its grace is over.
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(signum, lambda *_: os._exit(0))
    # gunicorn notices a dead master itself, but only between two events: at once is safer.
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != worker.ppid:
        os._exit(1)
    module = sys.modules.get(worker.app.app_uri.partition(":")[0])
    after_fork = getattr(module, "after_fork", None)
    if after_fork is not None:
        after_fork()  # SQL and LDAP connections must not be used by two processes
