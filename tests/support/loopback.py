"""A site of this process on a port of loopback, as a browser or a command reaches it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import get_input_stream

from tests.support.server import free_port

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


class _Quiet(WSGIRequestHandler):
    """Prints nothing of requests."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - as inherited
        """Say nothing."""

    def make_environ(self) -> "WSGIEnvironment":
        """End the body where it ends, as gunicorn does."""
        environ = super().make_environ()
        environ["wsgi.input"] = get_input_stream(environ)
        return environ


@contextmanager
def served(make: Callable[[str], "WSGIApplication"]) -> Iterator[str]:
    """Serve what `make` returns for an origin, and yield that origin."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    server = make_server("127.0.0.1", port, make(origin), threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield origin
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
