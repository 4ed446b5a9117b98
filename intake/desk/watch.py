"""The self-watch: visits the form as people do, and says where its keys are not the office's own.

Rules: each visit is by another browser, in another language and, through Tor, on a circuit of its
own, so that a site which lies to some cannot know whom it answers; what it sends is parsed once,
bounded, and never shown but as ids that our own programme has and as words of a fingerprint.

It shows what the site hands out to this desk, now; to somebody else it may hand out other keys.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum

import msgspec

from intake.core import canonical
from intake.core import programme as programmes
from intake.core.programme import Programme
from intake.crypto import keyring
from intake.crypto.age import HybridRecipient
from intake.crypto.keyring import OfficeKey
from intake.errors import ConfigError, KeyTextError, ServerError, VaultDamagedError, WireError
from intake.vault.vault import Open
from intake.vault.writing import KEYS
from intake.web.visitor import AnswerError, Visited
from intake.wordlists import wordlist

SETTING = "watched"
"""The setting of a vault that keeps what the last watch saw."""
_DAY = timedelta(days=1)
_OK = 200
_FORM = b'data-group="report"'
"""By this the page's script finds the form."""
_BROWSERS: tuple[Mapping[str, str], ...] = (
    {
        "User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:115.0) Gecko/20100101 Firefox/115.0",
        "Accept-Encoding": "gzip, deflate, br",
    },
    {
        "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
        "Accept-Encoding": "gzip, deflate, br",
    },
)
"""Tor's browser, and a common telephone. Neither asks for a packing that we could not unpack."""
_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class What(Enum):
    """What a watch can find. All of them are warnings."""

    MISSING = "missing"
    FOREIGN = "foreign"
    ENDED = "ended"
    NOT_OFFERED = "not offered"
    OTHER_READER = "other reader"
    PROGRAMME = "programme"
    DISAGREE = "disagree"
    UNREACHABLE = "unreachable"
    NO_FORM = "no form"


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One warning, about an office of our own programme or, empty, the whole site.

    `key` is the fingerprint (hex) of the key that it is about, empty where it is about none.
    """

    key: str
    office: str
    what: What


class Watched(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a watch saw; `at` is UTC, to the second. Nothing found: the keys are the office's."""

    at: str
    findings: tuple[Finding, ...]


canonical.ready(Watched)


@dataclass(frozen=True)
class Own:
    """What the office knows of itself: its id, its keys as its recipients file has them."""

    office: str
    keys: tuple[OfficeKey, ...]
    programme: Programme


def own(opened: Open, text: str = "") -> Own:
    """Return what the vault knows of its office; `text` is another recipients file than its own.

    Raises ConfigError where there is none, KeyringError.
    """
    text = text or opened.settings.get(KEYS, "")
    if not text:
        raise ConfigError("the vault does not know the office's keys, name their file: --keys")
    office = opened.settings["office"]
    keys = keyring.parse(text, f"{office}.txt")
    return Own(office, keys, programmes.parse(opened.settings["programme"]))


class _Office(msgspec.Struct, frozen=True):
    id: str
    reader: str
    open: bool


class _Facts(msgspec.Struct, frozen=True):
    """What the watch needs of `sealing.json`; the rest is texts. As a browser reads it.

    Of a key that stands twice in an object the last counts, here and in JavaScript.
    """

    digest: str
    keys: dict[str, tuple[str, ...]]
    language: str
    offices: tuple[_Office, ...]
    programme: str


canonical.ready(_Facts)


@dataclass(frozen=True)
class Offered:
    """What a site offered to one visit: reader and whether it is open by office, keys by reader."""

    programme: str
    digest: str
    readers: Mapping[str, tuple[str, bool]]
    keys: Mapping[str, frozenset[HybridRecipient]]


def watch(
    site: Callable[[], Visited], own: Own, now: datetime, wait: Callable[[], None]
) -> Watched:
    """Visit the form twice and say what is wrong; raises only where the vault or office is ours.

    `site` gives a visitor for each visit; `wait` lets some seconds pass between them.
    """
    own.programme.office(own.office)
    languages = own.programme.languages
    seen: list[Offered] = []
    found: list[Finding] = []
    for number, browser in enumerate(_BROWSERS):
        if number:
            wait()
        try:
            seen.append(visit(site(), languages[number % len(languages)], browser))
        except (AnswerError, WireError):
            found.append(Finding("", "", What.NO_FORM))
        except ServerError:
            found.append(Finding("", "", What.UNREACHABLE))
    found += (one for offered in seen for one in compare(offered, own, now.date()))
    if any(offered != seen[0] for offered in seen[1:]):
        found.append(Finding("", "", What.DISAGREE))
    at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Watched(at, tuple(dict.fromkeys(found)))


def visit(site: Visited, language: str, browser: Mapping[str, str]) -> Offered:
    """Return what one visit is offered; raises ServerError, AnswerError, WireError."""
    page = f"/{language}/"
    named = {
        "User-Agent": browser["User-Agent"],
        "Accept": _PAGE,
        "Accept-Language": f"{language},en;q=0.5",
        "Accept-Encoding": browser["Accept-Encoding"],
    }
    form = site.ask(page, named)
    kind = form.headers.get_content_type()
    if form.status != _OK or kind != "text/html" or _FORM not in form.body:
        raise WireError("what the site shows is no form")
    # As the page's script asks for it.
    more = {"Accept": "*/*", "Referer": f"{site.origin}{page}"}
    told = site.ask(f"{page}sealing.json", {**named, **more})
    if told.status != _OK:
        raise WireError("the site does not say what reports are sealed to")
    offered = parse(told.body, language)
    if form.headers.get_all("Set-Cookie") or told.headers.get_all("Set-Cookie"):
        raise WireError("the site marks its visitors")
    return offered


def parse(data: bytes, language: str) -> Offered:
    """Return what `sealing.json` offers; raises WireError."""
    wrong = WireError("what the site says reports are sealed to cannot be read")
    try:
        facts = msgspec.json.decode(data, type=_Facts, strict=True)
        keys = {
            reader: frozenset(
                HybridRecipient.from_bytes(base64.b64decode(key, validate=True)) for key in texts
            )
            for reader, texts in facts.keys.items()
        }
    except (
        msgspec.DecodeError, UnicodeDecodeError, RecursionError, binascii.Error, KeyTextError
    ):  # fmt: skip
        raise wrong from None
    except ValueError:  # a text that is not ASCII is no base64
        raise wrong from None
    readers = {office.id: (office.reader or office.id, office.open) for office in facts.offices}
    if facts.language != language or len(readers) != len(facts.offices):
        raise wrong
    return Offered(facts.programme, facts.digest, readers, keys)


def compare(offered: Offered, own: Own, today: date) -> Iterator[Finding]:
    """Yield what is wrong with what a site offers for an office, and for those it reads for.

    The keys of one reader are told of once, at the first office that it reads for.
    """
    told: set[str] = set()
    if (offered.programme, offered.digest) != (own.programme.id, own.programme.digest):
        yield Finding("", "", What.PROGRAMME)
    for office in own.programme.offices:
        if office.read_by != own.office or not office.is_open(today):
            continue
        reader, is_open = offered.readers.get(office.id, ("", False))
        keys = offered.keys.get(reader, frozenset())
        if not is_open or not keys:
            yield Finding("", office.id, What.NOT_OFFERED)
            continue
        if reader != own.office:
            yield Finding("", office.id, What.OTHER_READER)
        if reader not in told:
            yield from _keys(keys, own.keys, office.id, today)
        told.add(reader)


def _keys(
    offered: frozenset[HybridRecipient], own: Sequence[OfficeKey], office: str, today: date
) -> Iterator[Finding]:
    """Yield what is wrong with the keys offered for one office."""
    known = {key.recipient: key for key in own}
    # Where the server stands, it may be another day.
    days = (today - _DAY, today, today + _DAY)
    for recipient in sorted(offered, key=keyring.fingerprint):
        key = known.get(recipient)
        if key is None:
            yield Finding(keyring.fingerprint(recipient), office, What.FOREIGN)
        elif not any(key.is_valid(day) for day in days):
            yield Finding(key.fingerprint, office, What.ENDED)
    for key in own:
        if key.recipient not in offered and all(key.is_valid(day) for day in days):
            yield Finding(key.fingerprint, office, What.MISSING)


def sentences(watched: Watched) -> Iterator[str]:
    """Yield what a watch saw, in sentences for an investigator."""
    if not watched.findings:
        yield "the form hands out the office's own keys, and no other"
    for one in watched.findings:
        words = keyring.spoken(one.key, wordlist("en")) if one.key else ""
        office = f"office {one.office}: " if one.office else ""
        yield office + _SAID[one.what].format(words=words)


_SAID = {
    What.FOREIGN: "the form seals to a key that is not yours ({words}): whoever holds it reads "
    "every report; warn people, and compare the keys with the operator by voice",
    What.ENDED: "the form seals to a key of yours that ended ({words}); tell the operator",
    What.MISSING: "the form does not seal to your key ({words}); whoever holds only this one "
    "reads no new report; ask the operator why",
    What.NOT_OFFERED: "the form does not offer it to anybody; ask the operator why",
    What.OTHER_READER: "the form names another office as its reader; ask the operator why",
    What.PROGRAMME: "the form asks the questions of another programme, or of another version "
    "than your desk knows; ask the operator whether it changed",
    What.DISAGREE: "the form gave two visitors different answers, as a site does that lies to "
    "some; watch again, and ask the operator if it stays so",
    What.UNREACHABLE: "the site could not be reached; check address and line, and watch again",
    What.NO_FORM: "what the site shows is not the form, or could not be read; look at it in a "
    "browser, and ask the operator",
}


def keep(opened: Open, watched: Watched) -> None:
    """Keep what a watch saw in the vault."""
    text = canonical.encode(watched).decode()
    with opened.database.write():
        opened.database.run("INSERT OR REPLACE INTO settings VALUES (?, ?)", SETTING, text)


def kept(opened: Open) -> Watched | None:
    """Return what the last watch saw, None before the first; raises VaultDamagedError."""
    found = opened.database.rows(str, "SELECT value FROM settings WHERE name = ?", SETTING)
    what = "what the last watch saw"
    decoded = [canonical.decode(one.encode(), Watched, VaultDamagedError, what) for one in found]
    return decoded[0] if decoded else None
