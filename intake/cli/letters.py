"""What commands that write to a witness share: the local date, and sending until it arrived."""

import time
from datetime import datetime

from intake.client import Office
from intake.core import wire
from intake.errors import UnreachableError

_TRIES = 3
_PAUSE_SECONDS = 2.0
"""A line that broke off is often back at once; longer outages are for people to decide."""


def local_date() -> str:
    """Return today's date where the investigator is, with its offset from UTC."""
    now = datetime.now().astimezone()
    offset = now.strftime("%z")
    return f"{now.date().isoformat()}{offset[:3]}:{offset[3:5]}"


def send(office: Office, sent: wire.Reply) -> None:
    """Send the same bytes until the server answers: what arrived twice is kept once.

    Raises UnreachableError, ConflictError, ServerError.
    """
    for pause in (0.0, *([_PAUSE_SECONDS] * (_TRIES - 1))):
        time.sleep(pause)
        try:
            office.write(sent)
        except UnreachableError:
            continue
        return
    raise UnreachableError(
        "no answer came: it may have arrived, so look with intake open before you write again"
    )
