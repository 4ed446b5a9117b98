"""The pages of one file: what it is, how it is shown, and saving it.

Rules: nothing is shown before the whole file was verified; a picture is shown as pixels drawn
elsewhere, a text as text, sound and film in a frame without rights, whose address is its only
authority; whatever else there is only leaves by a second click, under a harmless name, as bytes
that no browser opens. What was shown and what was saved stands in the custody log.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, current_app, redirect, request
from flask.typing import ResponseReturnValue

from intake.desk import pixels, showing
from intake.desk.passes import Passes
from intake.desk.services import Services, render, services, unlocked
from intake.desk.showing import View, Way
from intake.errors import IntakeError, PictureError, ServerError
from intake.media.sniff import UNKNOWN
from intake.vault import export as exports
from intake.vault.evidence import Content, Files, Held, Named
from intake.vault.export import Export

NAME = "intake-desk-evidence"
PLAYED = 200
"""Films and sounds whose frames are open at once."""
DRAWN = 8
"""Pictures kept in memory until the browser has them, below 16 MB each."""
_PIECE = 1 << 20
"""Bytes of an answer that are opened at once."""

_ALONE = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
"""Of what comes from a file: opened by itself it can do nothing."""
_PLAYS = {"video/quicktime": "video/mp4", "video/3gpp": "video/mp4"}
"""Browsers play these boxes, under another name."""


@dataclass(frozen=True)
class Showcase:
    """The files of the vault, and what pages of them have handed out."""

    files: Files
    played: Passes[Named]
    drawn: Passes[bytes]


def install(app: Flask, made: Services) -> None:
    """Give an app what these views work with."""
    files = Files(made.vault, made.now)
    app.extensions[NAME] = Showcase(files, Passes(made.vault, PLAYED), Passes(made.vault, DRAWN))


def page(entry: str, file: str) -> str:
    """Show a file with what is known of it."""
    named = _showcase().files.find(entry, file)
    return _page(named, _showcase().files.held(named))


def fetch(entry: str, file: str) -> ResponseReturnValue:
    """Fetch a file and verify it."""
    files = _showcase().files
    named = files.find(entry, file)
    try:
        with unlocked() as (opened, _):
            office = services().syncing.log_in(opened)
        files.fetch(office, named)
    except ServerError as error:
        return _page(named, files.held(named), str(error)), HTTPStatus.BAD_GATEWAY
    return _back(named)


def export(case: str) -> Response:
    """Give a case out as sealed files in one tar."""
    made = exports.export(services().vault, _showcase().files, case, services().now())
    answer = Response(_sealed(made), mimetype="application/x-tar")
    answer.headers.update(_ALONE)
    answer.headers.set("Content-Disposition", "attachment", filename=made.name)
    return answer


def _sealed(made: Export) -> Iterator[bytes]:
    """Yield a tar; it ends early where the vault is locked, and no program takes it for whole."""
    try:
        yield from made.pieces()
    except IntakeError:
        return


def forget(entry: str, file: str) -> ResponseReturnValue:
    """Remove a file from the vault."""
    files = _showcase().files
    named = files.find(entry, file)
    files.forget(named)
    return _back(named)


def _back(named: Named) -> ResponseReturnValue:
    """Go back to the file, by itself or beside its case."""
    by_itself = f"/evidence/{named.entry}/{named.told.id}"
    beside_case = f"/case/{named.case}?file={named.entry}.{named.told.id}#file"
    return redirect(beside_case if request.form.get("beside") else by_itself, HTTPStatus.SEE_OTHER)


def ask(entry: str, file: str) -> str:
    """Warn, before a file leaves the vault."""
    files = _showcase().files
    named = files.find(entry, file)
    files.open(named)
    held = files.held(named)
    assert held is not None
    return render(
        "saving.html",
        named=named,
        name=showing.visible(named.told.name),
        saved=showing.saved_name(named.told),
        view=showing.view(named.told, held.type),
        warning=showing.warning(held.type),
        held=held,
    )


def save(entry: str, file: str) -> Response:
    """Give a file out as bytes, under a harmless name."""
    files = _showcase().files
    named = files.find(entry, file)
    content = files.open(named)
    files.note(named, "file exported")
    answer = Response(_pieces(content, 0, content.length), mimetype=UNKNOWN)
    answer.headers.update(_ALONE)
    answer.headers.set("Content-Disposition", "attachment", filename=showing.saved_name(named.told))
    answer.content_length = content.length
    return answer


def drawn(token: str) -> Response:
    """Give the pixels of a picture."""
    answer = Response(_showcase().drawn.find(token), mimetype="image/png")
    answer.headers.update(_ALONE)
    return answer


def frame(token: str) -> Response:
    """Give the document that plays a file: it has no rights and loads nothing but that file.

    Its origin is opaque, so that "self" means nothing to it: the address is written out.
    """
    showcase = _showcase()
    named = showcase.played.find(token)
    held = showcase.files.held(named)
    is_film = held is not None and showing.WAYS.get(held.type) is Way.FILM
    source = f"{services().door.origin}/play/{token}"
    answer = Response(render("frame.html", source=source, is_film=is_film))
    answer.headers.update(_ALONE)
    answer.headers["Content-Security-Policy"] = (
        f"sandbox; default-src 'none'; media-src {source}; base-uri 'none'; frame-ancestors 'self'"
    )
    return answer


def play(token: str) -> Response:
    """Give a range of a file to the frame that plays it; the token is the authority."""
    showcase = _showcase()
    try:
        named = showcase.played.find(token)
        held, content = showcase.files.held(named), showcase.files.open(named)
    except IntakeError:
        return _refused(HTTPStatus.NOT_FOUND)
    kind = held.type if held else UNKNOWN
    if showing.WAYS.get(kind) not in (Way.FILM, Way.SOUND):
        return _refused(HTTPStatus.NOT_FOUND)
    start, end, status = 0, content.length, HTTPStatus.OK
    asked = request.range
    if asked is not None and asked.units == "bytes" and len(asked.ranges) == 1:
        found = asked.range_for_length(content.length)
        if found is None:
            return _refused(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, content.length)
        (start, end), status = found, HTTPStatus.PARTIAL_CONTENT
    answer = Response(_pieces(content, start, end), status, mimetype=_PLAYS.get(kind, kind))
    _frame_only(answer)
    answer.content_length = end - start
    if status is HTTPStatus.PARTIAL_CONTENT:
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{content.length}"
    return answer


def _page(named: Named, held: Held | None, problem: str = "") -> str:
    return render("evidence.html", **_context(named, held, problem))


def beside(entry: str, file: str) -> dict[str, object]:
    """Return what a page needs to show a file beside something else; raises EvidenceError."""
    named = _showcase().files.find(entry, file)
    return _context(named, _showcase().files.held(named), "")


def _context(named: Named, held: Held | None, problem: str) -> dict[str, object]:
    showcase = _showcase()
    view = showing.view(named.told, held.type) if held and held.state == "whole" else None
    shown = _Shown()
    if view:
        shown = _shown(named, view)
        showcase.files.note(named, "file shown")
    return {
        "named": named,
        "name": showing.visible(named.told.name),
        "held": held,
        "view": view,
        "shown": shown,
        "problem": problem,
    }


@dataclass(frozen=True, repr=False)
class _Shown:
    """What a page shows of a file: one of these, or why not."""

    text: str | None = None
    is_cut: bool = False
    drawn: str = ""
    frame: str = ""
    problem: str = ""


def _shown(named: Named, view: View) -> _Shown:
    showcase = _showcase()
    if view.way in (Way.SOUND, Way.FILM):
        return _Shown(frame=f"/frame/{showcase.played.give(named)}")
    if view.way is Way.DOWNLOAD:
        return _Shown()
    content = showcase.files.open(named)
    if view.way is Way.TEXT:
        is_cut = content.length > showing.TEXT
        return _Shown(showing.text(content.piece(0, showing.TEXT), is_cut=is_cut), is_cut)
    try:
        picture = _draw(named, content)
    except PictureError as error:
        return _Shown(problem=str(error))
    return _Shown(drawn=f"/drawn/{showcase.drawn.give(picture)}.png")


def _draw(named: Named, content: Content) -> bytes:
    held = _showcase().files.held(named)
    kind = held.type if held else UNKNOWN
    # One byte more than is drawn: then it is refused, and no more is in memory.
    return pixels.redraw(content.piece(0, pixels.PICTURE + 1), kind)


def _pieces(content: Content, start: int, end: int) -> Iterator[bytes]:
    """Yield a range; it ends early where the vault is locked meanwhile, which a browser sees."""
    try:
        for at in range(start, end, _PIECE):
            yield content.piece(at, min(_PIECE, end - at))
    except IntakeError:
        return


def _refused(status: HTTPStatus, length: int | None = None) -> Response:
    answer = Response(status=status)
    _frame_only(answer)
    if length is not None:
        answer.headers["Content-Range"] = f"bytes */{length}"
    return answer


def _frame_only(answer: Response) -> None:
    answer.headers.update(_ALONE)
    answer.headers["Accept-Ranges"] = "bytes"
    # The frame's origin is opaque, so any origin may embed it that knows the token.
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"


def _showcase() -> Showcase:
    found = current_app.extensions[NAME]
    assert isinstance(found, Showcase)
    return found
