"""Files in a web desk, as a browser brings them there."""

import io
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

from werkzeug.serving import make_server

from intake.core import limits
from intake.core.evidence import Evidence
from intake.desk import run
from intake.web.loopback import HOST
from tests.desk.hostile import Hostile
from tests.support.desk import TODAY
from tests.support.files import naming, sealed
from tests.support.webdesk import WebDesk


def filed(web: WebDesk, told: Evidence, made: bytes, of: str = "1") -> str:
    """File a report that names a file, sync, and return the address of the file."""
    entry = naming(told, of=of)
    web.shelf.put(entry, TODAY, web.key)
    web.shelf.stock.files[told.id] = made
    web.services.syncing.run()
    return f"/evidence/{entry.id}/{told.id}"


def brought(web: WebDesk, files: Sequence[Hostile]) -> dict[str, str]:
    """File many, twenty to a report, and fetch them; return the label by the address of each."""
    made = [(one.label, sealed(one.data, one.name, one.type, one.label)) for one in files]
    pages: dict[str, str] = {}
    for start in range(0, len(made), limits.FILES):
        part = made[start : start + limits.FILES]
        entry = naming(*(told for _, (told, _) in part), of=str(start))
        web.shelf.put(entry, TODAY, web.key)
        web.shelf.stock.files |= {told.id: data for _, (told, data) in part}
        pages |= {f"/evidence/{entry.id}/{told.id}": label for label, (told, _) in part}
    web.services.syncing.run()
    for at in pages:
        assert web.post(f"{at}/fetch").status_code == 303
    return pages


def fetched(web: WebDesk, data: bytes, name: str, kind: str, of: str = "1") -> str:
    """Return the address of a file that was fetched."""
    at = filed(web, *sealed(data, name, kind, of), of)
    answer = web.post(f"{at}/fetch")
    assert (answer.status_code, answer.location) == (303, at)
    return at


def sound(seconds: int = 3) -> bytes:
    """Return a sound of silence."""
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setparams((1, 2, 8000, 0, "NONE", ""))
        made.writeframes(bytes(16_000 * seconds))
    return out.getvalue()


@contextmanager
def serving(web: WebDesk) -> Iterator[str]:
    """Serve a desk to a browser; yield an address that lets in once."""
    server = make_server(
        HOST, web.services.door.port, web.app, threaded=True, request_handler=run._Handler
    )
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield web.services.door.address()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
