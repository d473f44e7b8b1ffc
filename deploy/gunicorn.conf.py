"""gunicorn for every web process of Danh Mục, embedded and in production.

Never put it at the edge of a network: gthread has no time limit for reading a request's header
once its first byte is there, so a handful of half-sent requests occupies every thread. nginx or
HAProxy in front reads requests completely before passing them on.

The embedded run overrides bind, workers, certificate and key on the command line.
"""

import ctypes
import email.utils
import gc
import logging
import os
import re
import signal
import ssl
import sys

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.http.errors import (
    ExpectationFailed,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.http.wsgi import Response
from gunicorn.workers.gthread import ThreadWorker

_PORT = os.environ.get("DANHMUC_PORT", "8400")
os.umask(0o077)  # whatever a worker writes is its own

bind = [f"127.0.0.1:{_PORT}"]
workers = 2
threads = 8
preload_app = True  # workers share what was imported: less memory, quicker start
# What is imported stays: a collector that looks at it again and again takes a third of a start, and
# later writes to memory that the workers share (docs.python.org/3/library/gc.html#gc.freeze).
gc.disable()
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
_LONGEST_MESSAGE = 400
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class _WithoutContent(logging.Filter):
    """Takes out of gunicorn's own messages what somebody sent: its exceptions quote the line they
    could not read, which may be a password, and an address may hold a code."""

    def filter(self, record: logging.LogRecord) -> bool:
        args = record.args if isinstance(record.args, tuple) else ()
        record.args = tuple(
            type(one).__name__ if isinstance(one, BaseException) else one for one in args
        )
        record.msg = _QUERY.sub("?...", record.getMessage())[:_LONGEST_MESSAGE]
        record.args = ()
        return True


class logger_class(Logger):
    """gunicorn's logger: its lines go where the application's go and have their form.

    The application is loaded before the first of them (`preload_app`) and says how lines look.
    """

    def setup(self, cfg: object) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers[:]:
            self.error_log.removeHandler(handler)
        self.error_log.propagate = True
        if not self.error_log.filters:
            self.error_log.addFilter(_WithoutContent())


def _status_of(exc: BaseException) -> int:
    """The status of what the parser refused; 500 for what is no refusal (RFC 9110, 6585)."""
    if isinstance(exc, InvalidResponseHeader | InvalidResponseHeaderName):
        return 500
    if isinstance(exc, LimitRequestLine):
        return 414
    if isinstance(exc, LimitRequestHeaders):
        return 431
    if isinstance(exc, ExpectationFailed):
        return 417
    return 400 if isinstance(exc, ParseException | ssl.SSLError) else 500


class worker_class(ThreadWorker):
    """gthread, with our page for what its parser refuses before the application hears of it.

    An application that has a guard (`web.guard`, the demo applications) gives page and headers
    and writes the line, which holds the class of the fault and nothing of what was sent.
    """

    def handle_error(self, _req: object, client: object, addr: object, exc: BaseException) -> None:
        guard = getattr(self.wsgi, "extensions", {}).get("guard")
        if guard is None:
            self.log.warning("Refused a request: %s", type(exc).__name__)
            util.write_error(client, _status_of(exc), "Bad Request", "")
            return
        address = addr[0] if isinstance(addr, tuple) else ""
        line, headers, body = guard.refuse(_status_of(exc), exc, address=address)
        sent = [*headers, ("Date", email.utils.formatdate(usegmt=True)), ("Connection", "close")]
        head = "".join(f"{name}: {value}\r\n" for name, value in sent)
        try:
            whole = f"HTTP/1.1 {line}\r\n{head}\r\n".encode("latin-1") + body
            util.write_nonblock(client, whole)
        except OSError:
            self.log.debug("A refusal could not be sent.")


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


def when_ready(_server: object) -> None:
    """All is imported, and no worker there yet."""
    gc.freeze()
    # Answers leave few cycles. By default a few long lists have all that a worker keeps
    # looked through, which takes as long as a page.
    gc.set_threshold(10_000, 20, 20)
    gc.enable()


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
