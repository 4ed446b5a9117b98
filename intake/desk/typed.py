"""What is typed, pasted or chosen in a form, as views read it.

Rules: a file that was chosen is read in memory, never spooled to a disk; a path is a whole one, on
this machine.
"""

import secrets
from io import BytesIO
from pathlib import Path
from typing import IO

from flask import Request, request

from intake.core.plain import inline
from intake.errors import ConfigError
from intake.wordlists import wordlist

_EXAMPLE_WORDS = 6
"""66 random bits: with a second of scrypt for each guess, beyond any guessing."""


class Kept(Request):
    """A request whose files stay in memory: a key may be among them."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - as inherited
        content_type: str | None,  # noqa: ARG002 - as inherited
        filename: str | None = None,  # noqa: ARG002 - as inherited
        content_length: int | None = None,  # noqa: ARG002 - as inherited
    ) -> IO[bytes]:
        """Give a place for one file; the whole form is bounded by the app."""
        return BytesIO()


def given(name: str) -> str:
    """Return what was pasted into a field, or the file chosen in its stead; raises ConfigError."""
    file = request.files.get(f"{name}-file")
    data = file.read() if file else b""
    if not data:
        return request.form.get(name, "").replace("\r\n", "\n")
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ConfigError("the file is not text, choose another") from error


def line(name: str) -> str:
    """Return one line that was typed, without what could turn or hide the rest of a line."""
    return " ".join(inline(request.form.get(name, "")).split())


def path_of(text: str) -> Path:
    """Return the whole path that was typed; raises ConfigError."""
    if not text or inline(text) != text:
        raise ConfigError("type the whole path of a file on this machine")
    path = Path(text)
    try:
        path = path.expanduser()
    except RuntimeError as error:  # ~somebody who does not exist
        raise ConfigError("type the whole path of a file on this machine") from error
    if not path.is_absolute():
        raise ConfigError("type the whole path, from the disk's beginning")
    return path


def passphrase_example() -> str:
    """Return a passphrase made just now, to be used or not."""
    words = wordlist("en")
    return " ".join(secrets.choice(words) for _ in range(_EXAMPLE_WORDS))
