"""The web desk: every address in one table, one browser let in, one way to be refused.

Rules: it answers on 127.0.0.1 to the browser that was let in; a locked vault shows the passphrase
page and nothing else, and where there is none yet, the first start; a page never grows with the
number of cases; what a report holds is text, never markup; what may not be is a sentence on a page,
and the desk goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, abort, make_response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from intake.desk import case, evidence, form, inbox, keeping, office, start
from intake.desk.services import NAME, Services, render, services
from intake.desk.typed import Kept
from intake.errors import IntakeError, VaultLockedError
from intake.paths import shipped
from intake.web.loopback import COOKIE, HEADERS, EntranceError
from intake.web.origin import OriginError

View = Callable[..., ResponseReturnValue]

BODY = 1024 * 1024
"""Bytes of a form: the longest reply is a sixteenth of it."""


@dataclass(frozen=True)
class Address:
    """One line of the table; `is_open` without the cookie, `is_locked` without the vault."""

    rule: str
    method: str
    endpoint: str
    view: View
    is_open: bool = False
    is_locked: bool = False
    is_start: bool = False
    """Only before identity and vault are there, or where it makes no difference."""


def enter(token: str) -> Response:
    """Let in the browser that has the one-time address."""
    cookie = services().door.enter(token)
    answer = redirect("/", 303)
    # A cookie of the session: it ends with the browser, and means nothing after the program.
    answer.set_cookie(COOKIE, cookie, httponly=True, samesite="Strict", path="/")
    return make_response(answer)


def style() -> Response:
    """Return the style sheet."""
    made = make_response((shipped("templates") / "desk" / "desk.css").read_bytes())
    made.mimetype = "text/css"
    return made


def script() -> Response:
    """Return the script for keys and for searching while one types."""
    found = services().scripts.get(request.path)
    if found is None:
        abort(404)
    made = make_response(found[0])
    made.mimetype = "text/javascript"
    return made


ADDRESSES = (
    Address("/enter/<token>", "GET", "enter", enter, is_open=True, is_locked=True, is_start=True),
    Address("/desk.css", "GET", "style", style, is_open=True, is_locked=True, is_start=True),
    Address("/desk.js", "GET", "script", script, is_open=True, is_locked=True, is_start=True),
    Address("/start", "GET", "ask_start", start.ask, is_locked=True, is_start=True),
    Address("/start/<way>", "GET", "ask_way", start.ask_way, is_locked=True, is_start=True),
    Address("/start/<way>", "POST", "begin", start.begin, is_locked=True, is_start=True),
    Address("/unlock", "GET", "ask_unlock", start.ask_unlock, is_locked=True),
    Address("/unlock", "POST", "unlock", start.unlock, is_locked=True),
    Address("/lock", "POST", "lock", start.lock, is_locked=True),
    Address("/", "GET", "inbox", inbox.inbox),
    Address("/searches", "POST", "save_search", inbox.save),
    Address("/search", "GET", "search", inbox.search),
    Address("/search.json", "GET", "search_as_typed", inbox.as_typed),
    Address("/aside", "GET", "aside", inbox.aside),
    Address("/sync", "GET", "syncing", inbox.syncing),
    Address("/sync", "POST", "sync", inbox.sync),
    Address("/form", "GET", "form", form.show),
    Address("/form", "POST", "watch", form.watch),
    Address("/form/settings", "POST", "form_settings", form.settings),
    Address("/case/<case>", "GET", "case", case.show),
    Address("/case/<case>/custody", "GET", "custody", case.custody),
    Address("/case/<case>/reply", "POST", "reply", case.reply),
    Address("/case/<case>/acknowledge", "POST", "acknowledge", case.acknowledge),
    Address("/case/<case>/work", "POST", "work", case.work),
    Address("/case/<case>/own", "POST", "own", case.own),
    Address("/case/<case>/sealed", "POST", "export", evidence.export),
    Address("/evidence/<entry>/<file>", "GET", "evidence", evidence.page),
    Address("/evidence/<entry>/<file>/fetch", "POST", "fetch", evidence.fetch),
    Address("/evidence/<entry>/<file>/forget", "POST", "forget", evidence.forget),
    Address("/evidence/<entry>/<file>/save", "GET", "ask_save", evidence.ask),
    Address("/evidence/<entry>/<file>/save", "POST", "save", evidence.save),
    Address("/drawn/<token>.png", "GET", "drawn", evidence.drawn),
    Address("/frame/<token>", "GET", "frame", evidence.frame),
    # A frame without rights sends no cookie: the token alone lets it in.
    Address("/play/<token>", "GET", "play", evidence.play, is_open=True),
    Address("/office", "GET", "office", office.show),
    Address("/office/keys", "GET", "export_keys", office.export),
    Address("/office/add", "POST", "add_key", office.add),
    Address("/office/remove", "POST", "remove_key", office.remove),
    Address("/office/take", "POST", "take_keys", office.take),
    Address("/office/seal", "GET", "resealing", keeping.sealing),
    Address("/office/seal", "POST", "reseal", keeping.seal),
    Address("/office/recovery", "POST", "new_recovery", keeping.recovery),
    Address("/office/acknowledge", "POST", "set_acknowledge", keeping.acknowledge),
    Address("/office/passphrase", "POST", "set_passphrase", keeping.passphrase),
    Address("/office/backup", "POST", "backup", keeping.backup),
    Address("/recovery", "GET", "sheet", keeping.sheet),
    Address("/recovery", "POST", "printed", keeping.printed),
)


def make_app(made: Services) -> Flask:
    """Return the WSGI app of one desk."""
    app = Flask("intake", static_folder=None, template_folder=None)
    app.extensions[NAME] = made
    app.request_class = Kept
    app.config["MAX_CONTENT_LENGTH"] = BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = BODY
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    for address in ADDRESSES:
        app.add_url_rule(address.rule, address.endpoint, address.view, methods=[address.method])
    evidence.install(app, made)
    app.before_request(_guard)
    app.after_request(_headers)
    app.register_error_handler(Exception, refuse)
    return app


_BY_ENDPOINT = {address.endpoint: address for address in ADDRESSES}


def _guard() -> ResponseReturnValue | None:
    """Let in who may come in; lead to the passphrase where the vault is locked."""
    at = services()
    at.door.check_host(request)
    address = _BY_ENDPOINT.get(request.endpoint or "")
    if address is None or not address.is_open:
        at.door.check(request)
    if not at.home.is_there and (address is None or not address.is_start):
        return ("", 401) if request.path.endswith(".json") else redirect("/start", 303)
    if at.home.is_there and request.path.startswith("/start"):
        return redirect("/", 303)
    if (address is None or not address.is_locked) and at.vault.is_locked:
        raise VaultLockedError("the vault is locked, unlock it with your passphrase")
    return None


def _headers(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    return answer


def refuse(error: Exception) -> ResponseReturnValue:
    """Answer any error in a sentence; nobody gets a traceback, and no log gets a word."""
    if isinstance(error, VaultLockedError):
        if request.path.endswith(".json"):
            return "", 401
        return redirect("/unlock", 303)
    if isinstance(error, EntranceError | OriginError):
        return render("refused.html", message=str(error)), 403
    if isinstance(error, HTTPException):
        return render(
            "refused.html", message=_SAID.get(error.code or 0, _FAILED)
        ), error.code or 500
    if isinstance(error, IntakeError):
        return render("refused.html", message=str(error)), 400
    return render("refused.html", message=f"{_FAILED} ({type(error).__name__})"), 500


_FAILED = "this did not work; nothing was lost, go back and try again"
_SAID = {
    404: "there is no such page, look at the address",
    405: "there is no such page, look at the address",
    413: "this is too long for one sending, send it in parts",
}
