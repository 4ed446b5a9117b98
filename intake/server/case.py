"""The pages of a case: come back with the words, read, delete, take back, end. Without script.

Rules: the words are in the body of each form, never in an address; what was added is shown by
the names of its groups only, since somebody else may hold the words.
"""

from contextlib import suppress

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from intake.core import limits, receipt
from intake.core.entry import ID
from intake.core.questions import GROUPS, GROUPS_BY_NAME
from intake.core.receipt import Receipt
from intake.errors import ConflictError, NotFoundError, ReceiptError, ReportError
from intake.server import additions, letters
from intake.server.additions import Opened
from intake.server.nojs.letters import Letters
from intake.server.services import services
from intake.server.visit import (
    NOTHING,
    UNFIT,
    Refused,
    Said,
    carry_words,
    hours_of,
    language_of,
    name_of,
    page,
    read,
    reader_of,
    receive,
    refuse_switched_off,
)
from intake.web import messages
from intake.web.i18n import Language
from intake.web.typed import Typed
from intake.wordlists import LIST_NAMES

_DISCARD = ("words", "entry", "sure")
_STOP = ("words", "what", "office", "number")


def come_back(lang: str) -> Response:
    """Show the page that takes the ten words."""
    return _return(language_of(lang))


def look(lang: str) -> Response:
    """Show a case: since when, who holds it, who answered what, what was and could be added."""
    language = language_of(lang)
    return show_case(language, opened_by(receive(("words", "list"))))


def discard(lang: str) -> Response:
    """Ask whether a letter shall be deleted, and delete it: nothing brings it back."""
    language = language_of(lang)
    sent = receive(_DISCARD)
    refuse_switched_off()
    opened, entry = opened_by(sent), sent.one("entry")
    if not ID.fullmatch(entry):
        raise Refused("damaged", 400)
    if sent.one("sure") != "yes":
        return _discard(language, opened, entry)
    try:
        letters.discard(services(), opened, entry)
    except (ConflictError, NotFoundError) as error:
        raise Refused("letter_gone", 404) from error
    kept = additions.come_back(services(), opened.words)
    return show_case(language, kept, Said(good=messages.text(language, "letter_deleted")))


def stop(lang: str) -> Response:
    """Show what can be taken back or ended, and what cannot be undone any more."""
    language = language_of(lang)
    return _stop(language, opened_by(receive(_STOP)))


def end(lang: str) -> Response:
    """Take the case back from an office, delete it, keep it after all, or close it.

    Also where the server seals nothing for pages without script: no new word of hers is sent.
    """
    language = language_of(lang)
    sent = receive(_STOP)
    number, what = number_of(sent), sent.one("what")
    try:
        code = _end(opened_by(sent), what, sent.one("office"), number, language.code)
    except ConflictError as error:
        raise Refused("stop_again", 409) from error
    except ReportError as error:
        raise Refused("stop_choose", UNFIT) from error
    except Refused as refused:
        if what != "exposed" or refused.code != "words_nothing":
            raise
        code = "stop_exposed"  # sent twice: it is closed
    said = Said(good=messages.text(language, code, {"days": limits.DELETION_DAYS}))
    if code == "stop_exposed":
        return page(language, "closed.html", said)
    return _stop(language, opened_by(sent), said)


def again(lang: str) -> AnyResponse:
    """Answer a reload or Back to an address that only takes forms: start at the words."""
    language_of(lang)
    return redirect(f"/{lang}/return", 303)


def opened_by(sent: Typed) -> Opened:
    """Return the case behind the words that were typed or carried, or give the form back."""
    try:
        words = _parse(sent)
    except ReceiptError as error:
        places = ", ".join(str(place) for place in error.places)
        code = "words_places" if places else f"words_{error.code}"
        raise Refused(code, UNFIT, {"places": places}) from error
    try:
        return additions.come_back(services(), words)
    except NotFoundError as error:
        raise Refused("words_nothing", 404) from error


def _parse(sent: Typed) -> Receipt:
    """Return the words that were typed; the language chosen beside them may not be theirs."""
    lists, chosen = services().words, sent.one("list")
    if chosen in lists:
        with suppress(ReceiptError):
            return receipt.parse(sent.one("words"), {chosen: lists[chosen]})
    return receipt.parse(sent.one("words"), lists)


def number_of(sent: Typed) -> int:
    """Return which of its kind an addition or a notice is, or give the form back."""
    text = sent.one("number")
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(limits.ADDITIONS))):
        raise Refused("damaged", 400)
    return int(text)


def show_case(
    language: Language, opened: Opened, said: Said = NOTHING, *, spared: bool = False
) -> Response:
    """Return the page of a case; help comes first where something need not be described."""
    found = letters.read(services(), opened)
    groups = [(g.name, language.text(g.label), opened.numbers[g.name]) for g in GROUPS]
    lacking = [
        (
            name_of(office, language),
            [language.text(GROUPS_BY_NAME[group].label) for group in needed],
        )
        for office, needed in additions.missing(services(), opened).items()
    ]
    return page(
        language,
        "case.html",
        said,
        case=opened.case,
        readers=_readers(language, opened, found),
        letters=letters.show(language, opened, found),
        groups=groups,
        lacking=lacking,
        spared=spared,
        words=carry_words(opened.words),
    )


def _end(opened: Opened, what: str, office: str, number: int, language: str) -> str:
    """Do what was chosen; return the name of what to say."""
    match what:
        case "withdraw" if opened.is_withdrawn(office):
            return "stop_done"
        case "withdraw":
            was_read = additions.withdraw(services(), opened, office, number, language)
            return "stop_read" if was_read else "stop_unread"
        case "delete":
            additions.ask_deletion(services(), opened, number, language)
            return "stop_delete"
        case "keep":
            additions.cancel_deletion(services(), opened, number, language)
            return "stop_keep"
        case "exposed":
            additions.close(services(), opened, language)
            return "stop_exposed"
    raise ReportError("nothing was chosen, choose again")


def _return(language: Language, words: str = "", said: Said = NOTHING) -> Response:
    return page(language, "return.html", said, words=words, lists=LIST_NAMES)


def _discard(language: Language, opened: Opened, entry: str) -> Response:
    found = letters.read(services(), opened) or Letters()
    written = [one for one in found.entries if one.id == entry]
    if not written and entry not in (found.aside or {}):
        raise Refused("letter_gone", 404)
    return page(
        language,
        "discard.html",
        entry=entry,
        letters=[(name_of(one.office, language), letters.day_of(one)) for one in written],
        words=carry_words(opened.words),
    )


def _stop(language: Language, opened: Opened, said: Said = NOTHING) -> Response:
    return page(
        language,
        "stop.html",
        said,
        case=opened.case,
        readers=_readers(language, opened),
        numbers=opened.numbers,
        days=limits.DELETION_DAYS,
        words=carry_words(opened.words),
    )


def _readers(
    language: Language, opened: Opened, read_here: Letters | None = None
) -> list[dict[str, object]]:
    """Return each office that holds the case or held it, with what became of it."""
    found: list[dict[str, object]] = []
    for office in services().programme.offices:
        held = opened.held(office.id)
        if held or opened.is_withdrawn(office.id):
            answers = read_here.of(office.id) if read_here else ()
            found.append(
                {
                    "id": office.id,
                    "name": name_of(office.id, language),
                    "reader": reader_of(office.id, language),
                    "hours": hours_of(office.id, language),
                    "fetched": held.fetched if held else None,
                    "answered": min(map(letters.day_of, answers), default=None),
                    "withdrawn": held is None,
                }
            )
    return found


def _give_back_return(language: Language, said: Said) -> Response:
    return _return(language, read().one("words"), said)


def _give_back_stop(language: Language, said: Said) -> Response:
    try:
        return _stop(language, opened_by(read()), said)
    except Refused:
        return _give_back_return(language, said)


def _give_back_case(language: Language, said: Said) -> Response:
    try:
        return show_case(language, opened_by(read()), said)
    except Refused:
        return _give_back_return(language, said)


GIVE_BACK = {
    "look": _give_back_return,
    "discard": _give_back_case,
    "stop": _give_back_stop,
    "end": _give_back_stop,
}
"""How each address gives back a form that was refused."""
