"""Sealing on the server, in memory, for a page without script. It can be switched off.

The page carries everything between two requests: the report as one field of canonical JSON
and the filing secret. Nothing is kept here before the case is sealed and committed.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from intake.core import canonical, report
from intake.core import entry as entries
from intake.core.entry import AdditionBody, Entry, Kind, ReportBody
from intake.core.evidence import Evidence, visible
from intake.core.receipt import Receipt
from intake.core.report import Report
from intake.core.routing import Routing, route
from intake.crypto.derive import SECRET_BYTES, FilingSecret, WitnessKeys, authenticate
from intake.crypto.seal import Plaintext, seal
from intake.errors import KeyringError, NotFoundError, ReportError
from intake.server.services import Services
from intake.store.records import Filing, Item, Status


@dataclass(frozen=True, repr=False)
class Draft:
    """What a review page carries: the report, the filing secret, and who shall read it.

    `contacts` holds, for each office, how that office alone may reach the witness; `originals`
    are offices that get each file as it is, too. Without a way back no words open the case, and no
    office can answer. Of an urgent one the offices are told at once.
    """

    report: Report
    secret: FilingSecret
    offices: tuple[str, ...] = ()
    contacts: Mapping[str, str] | None = None
    originals: tuple[str, ...] = ()
    way_back: bool = True
    urgent: bool = False

    def contact(self, office: str) -> str:
        """Return what was written for one office, empty where nothing was."""
        return (self.contacts or {}).get(office, "")


@dataclass(frozen=True, repr=False)
class Own:
    """What one office is told and no other; the key may be empty."""

    contact: str
    evidence: tuple[Evidence, ...]
    message_key: bytes


@dataclass(frozen=True, repr=False)
class Letter:
    """What one office is told, before it is sealed. A message has a key for its MAC."""

    case: str
    office: str
    entry: str
    body: ReportBody | AdditionBody
    seen: tuple[str, ...] = ()
    message_key: bytes = b""


def begin(services: Services, answered: Report) -> Draft:
    """Return a draft with a fresh secret, or none of its offices chosen but the fallback."""
    secret = FilingSecret(services.random(SECRET_BYTES))
    fallback = (services.programme.fallback,)
    return Draft(answered, secret, fallback, originals=fallback)


def routing(services: Services, answered: Report) -> Routing:
    """Return the offices that this report may go to today; one without a valid key is closed."""
    today = services.today()
    found = route(services.programme, answered.facets(), today)
    ring = services.keyring
    keyed = tuple(p for p in found.proposals if ring.is_open(p.office.read_by, today))
    keyless = tuple(p.office for p in found.proposals if p not in keyed)
    return Routing(keyed, (*found.closed, *keyless))


def as_text(value: bytes) -> str:
    """Return random bytes as a page carries them: base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def parse_secret(text: str) -> FilingSecret:
    """Return the secret a page carried; raises ReportError."""
    try:
        value = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ReportError("the page's secret is damaged, fill in the form again") from error
    return FilingSecret(value)


def check(services: Services, draft: Draft) -> None:
    """Raise ReportError unless the offices chosen are offered and every contact is one line."""
    offered = routing(services, draft.report).offices
    if not draft.offices or not set(draft.offices) <= set(offered):
        raise ReportError("no office was chosen that takes this report today, choose again")
    if not all(report.fits_line(draft.contact(office)) for office in draft.offices):
        raise ReportError("a contact is longer than one line, shorten it")


def file(services: Services, draft: Draft) -> Status:
    """Seal the draft for each office and keep it; sent again, answer as before.

    What was acknowledged is answered again also on a day when it could not be sealed any more.
    Raises ConflictError, KeyringError, ReportError, StoreError.
    """
    digest = _digest(draft)
    try:
        check(services, draft)
        made = filing(services, draft, digest)
    except (KeyringError, ReportError):
        known = services.records.filed(draft.secret.case(), digest)
        if known is None:
            raise
        return known
    return services.door.keep(services.records, made)


def words(draft: Draft) -> Receipt:
    """Return the ten words of a draft, the same each time it is sent."""
    return draft.secret.receipt()


def has_way_back(services: Services, draft: Draft) -> bool:
    """Return whether the words of a draft open what was filed under it before."""
    keys = WitnessKeys.of(words(draft), services.programme.id)
    try:
        return services.cases.behind(keys.mailbox()).id == draft.secret.case()
    except NotFoundError:
        return False


def _digest(draft: Draft) -> bytes:
    chosen = {office: draft.contact(office) for office in draft.offices}
    originals = canonical.encode(draft.originals)
    back = b"words" if draft.way_back else b"none"
    content = report.encode(draft.report)
    more = (back, b"urgent") if draft.urgent else (back,)
    return draft.secret.digest(content, canonical.encode(chosen), originals, *more)


def filing(services: Services, draft: Draft, digest: bytes) -> Filing:
    """Return the draft sealed for each of its offices."""
    today = services.today()
    keys = WitnessKeys.of(words(draft), services.programme.id)
    reply_to = keys.recipient().raw if draft.way_back else b""
    case = draft.secret.case()
    items = tuple(
        seal_letter(
            services,
            Letter(
                case, office, keys.entry("report", office), _body(draft, office, keys, reply_to)
            ),
        )
        for office in draft.offices
    )
    mailbox = keys.mailbox() if draft.way_back else draft.secret.no_mailbox()
    return Filing(case, today, mailbox, digest, unscripted=True, items=items, urgent=draft.urgent)


def _body(draft: Draft, office: str, keys: WitnessKeys, reply_to: bytes) -> ReportBody:
    key = keys.message_key(office) if draft.way_back else draft.secret.note_key(office)
    files = visible(draft.report.evidence, originals=office in draft.originals)
    return report_body(draft.report, Own(draft.contact(office), files, key), reply_to)


def report_body(answered: Report, own: Own, reply_to: bytes) -> ReportBody:
    """Return the first that an office is told of a case, sealed here; `reply_to` may be empty."""
    return ReportBody(
        answers=answered.answers,
        contact=own.contact,
        digest=answered.digest,
        evidence=own.evidence,
        language=answered.language,
        message_key=own.message_key.hex(),
        reply_to=reply_to,
        unscripted=True,
        version=answered.version,
    )


def seal_letter(services: Services, letter: Letter) -> Item:
    """Return a letter, dated today and sealed to whoever reads for its office."""
    today = services.today()
    kind: Kind = "report" if isinstance(letter.body, ReportBody) else "message"
    entry = Entry(
        body=letter.body,
        case=letter.case,
        date=f"{today.isoformat()}+00:00",
        direction="in",
        format="intake/entry/v1",
        id=letter.entry,
        kind=kind,
        mac="",
        office=letter.office,
        programme=services.programme.id,
        seen=letter.seen,
    )
    if letter.message_key:
        entry = authenticate(entry, letter.message_key)
    reader = services.programme.office(letter.office).read_by
    recipients = services.keyring.recipients(reader, today)
    sealed = seal(Plaintext(entries.encode(entry)), recipients, services.random)
    return Item(entry.id, reader, sealed, kind, tuple(file.id for file in letter.body.evidence))
