"""The app: every address in one table, headers on every answer, one way to be refused.

Rules: no cookie, no session, no static folder; a refused form comes back filled; a refused
call of an office is JSON; no error's text leaves the process but those written to be shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, update_wrapper

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter, RateLimitExceeded
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from intake.errors import (
    ConflictError,
    EvidenceError,
    IntakeError,
    KeyExpiredError,
    KeyringError,
    LoginError,
    NotFoundError,
    NotSealedError,
    StoreError,
    WireError,
)
from intake.server import (
    api,
    case,
    group,
    guard,
    keeper,
    mail,
    pages,
    scripted,
    sealed,
    tus,
    visit,
)
from intake.server.door import ClosedError
from intake.server.guard import Addresses
from intake.server.services import NAME, Services
from intake.server.visit import Refused, Said
from intake.web import messages
from intake.web.headers import Place, headers, place
from intake.web.origin import OriginError

View = Callable[..., ResponseReturnValue]

API = "/api/v1"


@dataclass(frozen=True)
class Address:
    """One line of the table: `budget` is "posts", "parts", "logins" or none.

    `alike` is an address that answers everybody the same: its answer is kept.
    """

    rule: str
    method: str
    endpoint: str
    view: View
    budget: str = ""
    alike: bool = False


ADDRESSES = (
    Address("/", "GET", "home", pages.home, alike=True),
    Address("/style.css", "GET", "style", pages.style, alike=True),
    Address("/loader.js", "GET", "loader", pages.script),
    Address("/app.js", "GET", "app", pages.script),
    Address("/later.js", "GET", "later", pages.script),
    Address("/back.js", "GET", "back_script", pages.script),
    Address("/open.js", "GET", "open", pages.script),
    Address("/open-full.js", "GET", "open_full", pages.script),
    Address("/words.json", "GET", "words", scripted.words, alike=True),
    Address("/leave.js", "GET", "leave", pages.script),
    Address("/seal.js", "GET", "seal", pages.script),
    Address("/seal-full.js", "GET", "seal_full", pages.script),
    Address("/files.js", "GET", "files", pages.script),
    Address("/files-full.js", "GET", "files_full", pages.script),
    Address("/health", "GET", "health", pages.health),
    Address("/ready", "GET", "ready", pages.ready),
    Address("/<lang>/", "GET", "show", pages.show, alike=True),
    Address("/<lang>/", "POST", "review", pages.review, "posts"),
    Address("/<lang>/sealing.json", "GET", "sealing", scripted.sealing, alike=True),
    Address("/<lang>/parts", "GET", "parts", scripted.parts, alike=True),
    Address("/<lang>/back", "GET", "back", scripted.back, alike=True),
    Address("/<lang>/group/<name>", "GET", "group", scripted.group, alike=True),
    Address("/<lang>/change", "POST", "change", pages.change, "posts"),
    Address("/<lang>/change", "GET", "again_change", pages.again),
    Address("/<lang>/send", "POST", "send", pages.send, "posts"),
    Address("/<lang>/send", "GET", "again_send", pages.again),
    Address("/<lang>/return", "GET", "come_back", case.come_back, alike=True),
    Address("/<lang>/return", "POST", "look", case.look, "posts"),
    Address("/<lang>/ask", "POST", "ask", group.ask, "posts"),
    Address("/<lang>/ask", "GET", "again_ask", case.again),
    Address("/<lang>/add", "POST", "add", group.add, "posts"),
    Address("/<lang>/add", "GET", "again_add", case.again),
    Address("/<lang>/discard", "POST", "discard", case.discard, "posts"),
    Address("/<lang>/discard", "GET", "again_discard", case.again),
    Address("/<lang>/stop", "POST", "stop", case.stop, "posts"),
    Address("/<lang>/stop", "GET", "again_stop", case.again),
    Address("/<lang>/end", "POST", "end", case.end, "posts"),
    Address("/<lang>/end", "GET", "again_end", case.again),
    Address(f"{API}/cases", "POST", "api_file", sealed.file, "posts"),
    Address(f"{API}/case", "POST", "api_look", sealed.look, "posts"),
    Address(f"{API}/additions", "POST", "api_add", sealed.add, "posts"),
    Address(f"{API}/withdraw", "POST", "api_withdraw", sealed.withdraw, "posts"),
    Address(f"{API}/deletion", "POST", "api_delete", sealed.delete, "posts"),
    Address(f"{API}/closing", "POST", "api_close", sealed.close, "posts"),
    Address(f"{API}/mail", "POST", "api_mail", mail.fetch, "parts"),
    Address(f"{API}/mail/discard", "POST", "api_discard", mail.discard, "posts"),
    Address(tus.PATH, "OPTIONS", "api_tus", tus.options),
    Address(tus.PATH, "POST", "api_upload", tus.create, "posts"),
    Address(f"{tus.PATH}/<name>", "HEAD", "api_stands", tus.head, "parts"),
    Address(f"{tus.PATH}/<name>", "PATCH", "api_part", tus.patch, "parts"),
    Address(f"{tus.PATH}/<name>", "DELETE", "api_end", tus.end, "parts"),
    Address(f"{API}/evidence/<name>", "GET", "api_evidence", api.evidence),
    Address(f"{API}/programme", "GET", "api_current", api.current),
    Address(f"{API}/programme/<digest>", "GET", "api_programme", api.programme),
    Address(f"{API}/challenge", "POST", "api_challenge", api.challenge, "logins"),
    Address(f"{API}/session", "POST", "api_session", api.session, "logins"),
    Address(f"{API}/days", "GET", "api_days", api.days),
    Address(f"{API}/days/<day>", "GET", "api_day", api.day),
    Address(f"{API}/cases/<case>", "GET", "api_case", api.case),
    Address(f"{API}/entries", "POST", "api_reply", mail.write),
    Address(f"{API}/entries/fetch", "POST", "api_entries", api.entries),
    Address(f"{API}/entries/<entry>", "GET", "api_entry", api.entry),
    Address(f"{API}/entries/<entry>/header", "GET", "api_header", api.header),
    Address(f"{API}/entries/<entry>/header", "PUT", "api_rewrap", api.rewrap),
    Address(f"{API}/words/release", "POST", "api_release_words", keeper.release, "logins"),
    Address(f"{API}/words", "PUT", "api_reissue", keeper.reissue, "logins"),
    Address(f"{API}/canary", "POST", "api_canary", api.canary, "logins"),
    Address(f"{API}/holds/<case>", "PUT", "api_hold", api.hold),
    Address(f"{API}/holds/<case>", "DELETE", "api_release", api.hold),
)

_GIVE_BACK = {**pages.GIVE_BACK, **case.GIVE_BACK, **group.GIVE_BACK}

_CODES: tuple[tuple[type[IntakeError], str, int], ...] = (
    (KeyExpiredError, "key_expired", 403),
    (KeyringError, "key_unknown", 403),
    (LoginError, "login", 401),
    (NotFoundError, "not_found", 404),
    (ConflictError, "conflict", 409),
    (NotSealedError, "not_sealed", 400),
    (OriginError, "origin", 403),
    (ClosedError, "closed", 503),
    (WireError, "wire", 400),
    (StoreError, "store", 503),
    (IntakeError, "refused", 400),
)

_PAGE_CODES: tuple[tuple[type[Exception], str, int], ...] = (
    (OriginError, "origin", 403),
    (RateLimitExceeded, "busy", 429),
    (ClosedError, "closed", 503),
    (StoreError, "store", 503),
    (KeyringError, "store", 503),
    (Exception, "failed", 500),
)

_OUR_FAULT = 500
"""From this status on, the operator is told by the log."""


def make_app(services: Services) -> Flask:
    """Return the WSGI app of one process."""
    app = Flask("intake", static_folder=None, template_folder=None)
    app.extensions[NAME] = services
    # Werkzeug would redirect to a host that the client names.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    addresses = Addresses(services.today, circuits=services.config.circuits)
    limiter = guard.limiter(addresses)
    for address in ADDRESSES:
        view = _budgeted(limiter, services, address)
        app.add_url_rule(address.rule, address.endpoint, view, methods=[address.method])
    limiter.init_app(app)
    app.after_request(_Headers.of(services))
    app.register_error_handler(Exception, refuse)
    if services.config.proxies:
        count = services.config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign] # Flask's documented way
    return app


def refuse(error: Exception) -> Response:
    """Answer any error: a form comes back filled, an office gets a code, nobody a traceback."""
    try:
        return _refuse(error)
    except Exception as failed:  # noqa: BLE001 - the last guard: nothing may be lost or told
        guard.note("give_back", failed)
        return _last_resort()
    finally:
        guard.forget(error)


def _refuse(error: Exception) -> Response:
    if request.path.startswith(API):
        return _refuse_call(error)
    if isinstance(error, Refused):
        return _give_back(error.code, error.status, error.values)
    if isinstance(error, HTTPException) and not isinstance(error, RateLimitExceeded):
        return _give_back("no_page", error.code or 500)
    code, status = next(
        (code, status) for kind, code, status in _PAGE_CODES if isinstance(error, kind)
    )
    if status >= _OUR_FAULT and code != "closed":
        guard.note("refused", error)
    return _give_back(code, status)


def _give_back(code: str, status: int, values: Mapping[str, object] | None = None) -> Response:
    """Answer a refused request with the page it came from, filled, or a plain error page."""
    # By its path: an address that is no page has no arguments.
    language = visit.language_of(request.path.split("/")[1], strict=False)
    said = Said(messages.text(language, code, values), status)
    if request.method == "POST" and request.endpoint in _GIVE_BACK:
        return _GIVE_BACK[request.endpoint](language, said)
    return visit.page(language, "error.html", said)


def _last_resort() -> Response:
    """Give back what was typed where the page itself cannot be made."""
    language = visit.language_of(visit.first())
    return visit.kept(language, Said(messages.text(language, "failed"), 500))


def _refuse_call(error: Exception) -> Response:
    if isinstance(error, RateLimitExceeded):
        return api.refusal("busy", "too many logins, wait a minute", 429)
    if isinstance(error, HTTPException):
        return api.refusal("no_address", "no such call, check the version", error.code or 500)
    if isinstance(error, EvidenceError):
        return tus.refusal(error)
    for kind, code, status in _CODES:
        if isinstance(error, kind):
            return api.refusal(code, str(error), status)
    guard.note("failed", error)
    return api.refusal("failed", "the server failed, try again later", 500)


@dataclass(frozen=True)
class _Headers:
    """Sets the headers of every answer, by what its address is for."""

    values: Mapping[Place, dict[str, str]]
    languages: frozenset[str]

    @classmethod
    def of(cls, services: Services) -> "_Headers":
        https = services.config.https
        digests = {address: body.sha256 for address, body in services.assets.items()}
        values = {at: headers(at, digests, https=https) for at in Place}
        return cls(values, frozenset(services.languages))

    def __call__(self, answer: Response) -> Response:
        answer.headers.update(self.values[place(request.path, self.languages)])
        return answer


def _budgeted(limiter: Limiter, services: Services, address: Address) -> View:
    """Return the view behind its budgets: one for everybody, one for an address.

    One that is alike for everybody is made once a day, and has none.
    """
    if address.alike:
        # The limiter looks for the name of every view.
        return update_wrapper(partial(visit.alike, address.view), address.view)
    everybody, one, logins, parts = guard.budgets(services.config)
    if address.budget == "posts":
        view = limiter.shared_limit(one, "address")(address.view)
        return limiter.shared_limit(everybody, "everybody", key_func=_everybody)(view)
    if address.budget == "parts":
        return limiter.shared_limit(parts, "parts")(address.view)
    if address.budget == "logins":
        return limiter.shared_limit(logins, "logins")(address.view)
    return address.view


def _everybody() -> str:
    return "everybody"
