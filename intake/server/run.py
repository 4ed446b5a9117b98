"""Serving by gunicorn, with threads, and with memory that forgets.

1. The process starts itself again with glibc's allocator and MALLOC_PERTURB_, which overwrites
   what is freed: without, a report's words stayed in the heap after the request.
2. No core dump, no dump by another process of the same user.
3. No temporary folder: a library that would spool a body to disk fails instead.
4. A body that comes too slowly is cut off, since each holds a thread.
5. Logs hold no address, no path and no text of an error.
6. Where Tor names circuits, what comes without Tor's line is refused.
"""

import ctypes
import gc
import logging
import os
import resource
import socket
import struct
import sys
import tempfile
import time
from functools import partial
from threading import BoundedSemaphore
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http.errors import InvalidProxyLine
from gunicorn.workers.gthread import TConn, ThreadWorker

from intake.server import circuits
from intake.server.app import make_app
from intake.server.assemble import assemble
from intake.server.circuits import CircuitError
from intake.server.config import Config

MEMORY = {
    "PYTHONMALLOC": "malloc",
    "MALLOC_PERTURB_": "85",
    # glibc overwrites nothing that its per-thread cache takes: pieces up to 1032 bytes stayed.
    "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0",
}
NOWHERE = "/nonexistent-intake-spool"

_PR_SET_DUMPABLE = 4
_RECV_SECONDS = 15.0
"""The longest silence in a body."""
_PATIENCE_SECONDS = 20.0
_BYTES_PER_SECOND = 500
"""After the patience, the slowest line that is waited for."""
_RECV_BYTES = 64 * 1024
"""Taken from a line at once. gunicorn's MiB lies in a buffer that each read copies: reading 50 MB
took 165 ms of the processor, and takes 40."""
_LONG_SECONDS = 60.0
"""From then on a body is a long one: a report in text took seconds, a photograph half a minute."""
_WORKER_SECONDS = 120
"""A worker whose main loop stands still for so long is replaced."""


def forget_memory() -> None:
    """Start this program again with an allocator that overwrites; returns if it has it."""
    if all(os.environ.get(name) == value for name, value in MEMORY.items()):
        return
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | MEMORY)  # noqa: S606 - itself, no shell


def serve(config: Config) -> None:
    """Serve until stopped."""
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.INFO)
    _Server(config).run()


class PacedSocket:
    """A socket whose reader waits no longer than a slow telephone needs.

    A body that takes longer than a minute needs one of the worker's places: slow lines, however
    many, leave threads for those that are not.
    """

    def __init__(self, inner: socket.socket, places: BoundedSemaphore) -> None:
        """Start counting now."""
        self._inner, self._places = inner, places
        self._start = time.monotonic()
        self._size = 0
        self._has_place = False

    def leave(self) -> None:
        """Give back the place of a long body."""
        if self._has_place:
            self._has_place = False
            self._places.release()

    def recv(self, size: int) -> bytes:
        """Return what came; nothing, as at the end, where the line is too slow, silent or too long.

        So the form's reader keeps what came before, and gives it back.
        """
        waited = time.monotonic() - self._start
        left = _PATIENCE_SECONDS + self._size / _BYTES_PER_SECOND - waited
        if waited > _LONG_SECONDS and not self._has_place:
            self._has_place = self._places.acquire(blocking=False)
            left = left if self._has_place else 0
        if left <= 0:
            return b""
        self._inner.settimeout(min(left, _RECV_SECONDS))
        try:
            data = self._inner.recv(size)
        except TimeoutError:
            return b""
        finally:
            self._inner.settimeout(None)
        self._size += len(data)
        return data


class Worker(ThreadWorker):
    """gunicorn's threads, with a pace for bodies and an end to every wait on a client."""

    circuits = False

    def init_process(self) -> None:
        """Let half of the threads wait for long bodies, and no more."""
        self._places = BoundedSemaphore(max(1, self.cfg.threads // 2))
        super().init_process()

    def handle(self, conn: TConn) -> Any:  # noqa: ANN401 - gunicorn's own types
        """Handle a connection that may neither be silent nor refuse to read for long."""
        for option, seconds in ((socket.SO_RCVTIMEO, 15), (socket.SO_SNDTIMEO, 30)):
            conn.sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", seconds, 0))
        # gunicorn would wait for the client's own end in the loop that serves all others.
        conn.close = partial(_close, conn)  # type: ignore[method-assign] # there is no hook
        if self.circuits:
            conn.init = partial(_init_circuit, conn)  # type: ignore[method-assign] # the same
        return super().handle(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:  # noqa: ANN401 - gunicorn's own types
        """Handle one request whose body is read through a paced socket."""
        unreader = req.unreader
        unreader.max_body_chunk = _RECV_BYTES
        plain = unreader.sock
        unreader.sock = paced = PacedSocket(plain, self._places)
        try:
            return super().handle_request(req, conn)
        finally:
            unreader.sock = plain
            paced.leave()


class CircuitWorker(Worker):
    """The same behind Tor, which says by which circuit each connection came."""

    circuits = True


def _init_circuit(conn: TConn) -> None:
    """Take Tor's line from a connection once, before the request; raises InvalidProxyLine.

    gunicorn's own reader of this protocol also takes connections without a line, and lines of
    any length.
    """
    if not conn.initialized:
        try:
            conn.client = (circuits.read(conn.sock), 0)
        except (CircuitError, OSError):
            raise InvalidProxyLine("") from None
    TConn.init(conn)


def _close(conn: TConn, *_args: object, **_kwargs: object) -> None:
    conn.sock.close()


class QuietLogger(Logger):
    """gunicorn's log without what it says of requests."""

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Keep the arbiter's warnings, drop the text of invalid requests."""
        if str(msg).startswith("Invalid request"):
            self.error_log.warning("event=invalid_request")
        else:
            self.error_log.warning(msg, *args, **kwargs)

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401, ARG002 - as inherited
        """Log the class of the error, not its text, path or stack."""
        kind = sys.exc_info()[0]
        self.error_log.error("event=worker error=%s", kind.__name__ if kind else "unknown")

    def debug(self, msg: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Say nothing: gunicorn's details name clients and requests."""

    def access(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as inherited
        """Say nothing: there is no access log."""


class _Server(BaseApplication):
    def __init__(self, config: Config) -> None:
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "bind": self._config.bind,
            "workers": self._config.workers,
            "threads": self._config.threads,
            "worker_class": CircuitWorker if self._config.circuits else Worker,
            "logger_class": QuietLogger,
            "worker_tmp_dir": "/dev/shm",  # noqa: S108 - memory, for gunicorn's heartbeat file
            # One request a connection: the workers share them evenly, and no buffer of a
            # connection keeps what was sent.
            "keepalive": 0,
            "timeout": _WORKER_SECONDS,
            "control_socket_disable": True,
            "post_fork": _harden,
            "proc_name": "intake",
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - gunicorn's union of WSGI and ASGI
        """Make the app in the worker: keys, connections and the limiter's key are its own."""
        app = make_app(assemble(self._config))
        # What is made once is never garbage: without it, each collection looks through it again.
        gc.freeze()
        return app


def _harden(_arbiter: object, _worker: object) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        logging.getLogger("intake").error("event=harden error=prctl")
    tempfile.tempdir = NOWHERE
