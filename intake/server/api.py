"""What offices call: log in with a key, list by day, fetch. JSON of `core.wire`.

Rules: no password; a challenge is an HPKE message bound to origin, office, key and expiry,
answered once within 60 seconds; a bearer token opens for 15 minutes; an office gets only
entries it has a grant for, and puts another header only on those; every refusal is a code and a
sentence.
"""

import hashlib
import hmac
import secrets
from datetime import date

from flask import Response, make_response, request

from intake.core import limits, wire
from intake.core.entry import ID
from intake.crypto import login
from intake.crypto.header import Header
from intake.crypto.seal import SealedHeader
from intake.errors import LoginError, NotFoundError, NotSealedError, WireError
from intake.server.services import services
from intake.store.state import Name

BEARER = "Bearer "


def current() -> Response:
    """Return the TOML of today's programme: what a desk begins with."""
    return programme(services().programme.digest)


def programme(digest: str) -> Response:
    """Return the programme's TOML, for whoever reads its reports; 404 for another version."""
    if digest != services().programme.digest:
        raise NotFoundError("this server keeps no such version, look in its programme's history")
    made = make_response(services().programme_text)
    made.mimetype = "application/toml"
    return made


def challenge() -> Response:
    """Seal a fresh token to the key of an office that wants to log in."""
    asked = wire.parse(body(limits.API_BODY), wire.Ask)
    key = services().keyring.key(asked.office, asked.key, services().today())
    expiry = int(services().now()) + limits.LOGIN_SECONDS
    bound = login.info(services().config.origin, asked.office, asked.key, expiry)
    token, name = secrets.token_bytes(login.TOKEN), secrets.token_hex(16)
    services().records.keep_challenge(name, asked.office, bound, token, expiry)
    return answer(wire.Challenge(name, login.challenge(key.recipient, bound, token), expiry))


def session() -> Response:
    """Take the answer to a challenge and give a bearer token."""
    answered = wire.parse(body(limits.API_BODY), wire.Answer)
    now = int(services().now())
    try:
        office, bound, token = services().records.take_challenge(answered.id, now)
    except NotFoundError as error:
        raise LoginError(str(error)) from error
    if not hmac.compare_digest(login.proof(token, bound), answered.proof):
        raise LoginError("the answer to the challenge is wrong, check office, address and key")
    bearer, expiry = secrets.token_urlsafe(32), now + limits.SESSION_SECONDS
    services().records.keep_session(_hash(bearer), office, now, expiry)
    return answer(wire.Session(bearer, expiry))


def days() -> Response:
    """List the office's days, each with its hash."""
    return answer(services().records.days(office()))


def day(day: str) -> Response:
    """List the office's entries of one day."""
    reader = office()
    try:
        asked = date.fromisoformat(day)
    except ValueError as error:
        raise WireError("a day is written 2026-01-31, correct the address") from error
    return answer(services().records.items(reader, asked))


def case(case: str) -> Response:
    """List the office's entries of one case."""
    return answer(services().records.of_case(office(), case))


def entry(entry: str) -> Response:
    """Return one sealed entry, and note the day it was fetched first."""
    return answer(services().records.fetch(office(), entry, services().today()))


def entries() -> Response:
    """Return the first of several entries, as many as fit one answer; each counts as fetched."""
    reader = office()
    wanted = wire.parse(body(limits.API_BODY), wire.Wanted).entries
    if not 0 < len(set(wanted)) == len(wanted) <= limits.FETCH_ENTRIES:
        raise WireError("ask for one to a hundred entries, each once")
    return answer(services().records.fetch_several(reader, wanted, services().today()))


def header(entry: str) -> Response:
    """Return the header of an entry alone, which is no fetching: it tells nothing of the words."""
    return answer(services().records.header(office(), entry))


def rewrap(entry: str) -> Response:
    """Take another header for an entry of this office: its payload and its day stay."""
    reader = office()
    sent = wire.parse(body(limits.API_BODY), wire.Rewrap)
    sealed = SealedHeader(sent.header)
    if len(Header.parse(sent.header).stanzas) > limits.RECIPIENTS_PER_OFFICE:
        raise NotSealedError("a header has at most the four keys of an office, seal to fewer")
    return answer(wire.Item(entry, services().records.rewrap(reader, entry, sent.before, sealed)))


def evidence(name: str) -> Response:
    """Return a sealed file, as it was sent."""
    size, pieces = services().uploads.fetch(office(), name)
    made = Response(pieces, mimetype="application/octet-stream")
    made.content_length = size
    return made


def hold(case: str) -> Response:
    """Keep a case of the office from being deleted by age, or no more with DELETE."""
    if not ID.fullmatch(case):  # half a surrogate pair would not even reach SQLite
        raise NotFoundError("this names no case, look at its name again")
    day = services().today() if request.method == "PUT" else None
    services().cases.hold(office(), case, day)
    return make_response("", 204)


def canary() -> Response:
    """Take the code of a canary from the office that opened it."""
    office()
    told = wire.parse(body(limits.API_BODY), wire.Canary)
    filed = services().canaries.open(told.code, services().today())
    services().door.remember(Name.CANARY, filed)
    return make_response("", 204)


def refusal(code: str, message: str, status: int) -> Response:
    """Return a refusal as JSON."""
    made = answer(wire.Refusal(code, message))
    made.status_code = status
    return made


def office() -> str:
    """Return the office whose session this request belongs to; raises LoginError."""
    header = request.headers.get("Authorization", "")
    if not header.startswith(BEARER):
        raise LoginError("this needs a session, log in first")
    try:
        now = int(services().now())
        return services().records.session(_hash(header.removeprefix(BEARER)), now)
    except NotFoundError as error:
        raise LoginError(str(error)) from error


def body(limit: int) -> bytes:
    """Return the body of a call; raises WireError where it is longer than `limit` bytes."""
    data = request.environ["wsgi.input"].read(limit + 1)
    if len(data) > limit:
        raise WireError("the message is too large, check client and version")
    return bytes(data)


def _hash(bearer: str) -> bytes:
    return hashlib.sha256(bearer.encode()).digest()


def answer(message: object) -> Response:
    """Return a message of `core.wire` as JSON."""
    made = make_response(wire.encode(message))
    made.mimetype = "application/json"
    return made
