"""Sealed files arrive here, resumable: tus 1.0.0 (core, creation, termination).

Source: https://tus.io/protocols/resumable-upload

Rules: what a client says of a file's name or type is never looked at; a file's address is
random and its only key; uploads never take all threads, so reports always find one; what came
before a line broke is kept.
"""

import secrets
from collections.abc import Iterator

from flask import Response, make_response, request

from intake.core import limits
from intake.errors import EvidenceError, WireError
from intake.server import api
from intake.server.services import services
from intake.web.origin import check_call

VERSION = "1.0.0"
PATH = "/api/v1/uploads"

_PIECE = 256 * limits.KIB
_OFFSET_TYPE = "application/offset+octet-stream"
CODES = {
    "missing": 409,
    "offset": 409,
    "version": 412,
    "too_large": 413,
    "type": 415,
    "busy": 423,
    "slots": 503,
    "full": 507,
}
"""The status of each reason why a file is not taken; 423 and 503 pass: try again soon."""


def options() -> Response:
    """Say what this server speaks."""
    answer = make_response("", 204)
    answer.headers["Tus-Version"] = VERSION
    answer.headers["Tus-Extension"] = "creation,termination"
    answer.headers["Tus-Max-Size"] = str(services().config.file_bytes)
    return _answer(answer)


def create() -> Response:
    """Make room for a sealed file of `Upload-Length` bytes."""
    _check()
    services().door.refuse_addition()
    size = _number("Upload-Length")
    if not 0 < size <= services().config.file_bytes:
        raise EvidenceError("this file is too large for this server, send less of it", "too_large")
    name = secrets.token_hex(16)
    services().uploads.begin(name, size, services().today())
    answer = make_response("", 201)
    answer.headers["Location"] = f"{PATH}/{name}"
    return _answer(answer)


def head(name: str) -> Response:
    """Say how much of a file is kept."""
    _check()
    upload = services().uploads.find(name)
    answer = make_response("", 200)
    answer.headers["Upload-Offset"] = str(upload.kept)
    answer.headers["Upload-Length"] = str(upload.size)
    return _answer(answer)


def patch(name: str) -> Response:
    """Keep what comes next of a file."""
    _check()
    if request.mimetype != _OFFSET_TYPE:
        raise EvidenceError("a part of a file has another type, check client and version", "type")
    offset = _number("Upload-Offset")
    with services().slots:
        upload = services().uploads.append(name, offset, _pieces(), services().today())
    answer = make_response("", 204)
    answer.headers["Upload-Offset"] = str(upload.kept)
    return _answer(answer)


def end(name: str) -> Response:
    """Remove a file that no report has named."""
    _check()
    services().uploads.end(name)
    return _answer(make_response("", 204))


def refusal(error: EvidenceError) -> Response:
    """Say why a file is not taken."""
    answer = api.refusal(error.code, str(error), CODES.get(error.code, 400))
    answer.headers["Tus-Version"] = VERSION
    return _answer(answer)


def _check() -> None:
    check_call(request, services().config.origin)
    if request.headers.get("Tus-Resumable") != VERSION:
        raise EvidenceError("this server speaks tus 1.0.0, check client and version", "version")


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(limits.FILE_LENGTH))):
        raise WireError("a header of the upload is no number, check client and version")
    return int(text)


def _pieces() -> Iterator[bytes]:
    """Yield the body; a line that breaks ends it, and what came is kept."""
    stream = request.environ["wsgi.input"]
    while True:
        try:
            piece = stream.read(_PIECE)
        except Exception:  # noqa: BLE001 - whatever a server's reader raises, what came is kept
            return
        if not piece:
            return
        yield piece


def _answer(answer: Response) -> Response:
    answer.headers["Tus-Resumable"] = VERSION
    return answer
