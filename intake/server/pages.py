"""The pages of witnesses: form, review, sent, come back. Each works without script.

Rules: what was typed is read first and kept for this request, so that every refusal, of
whatever kind, answers with the page it came from, filled; no cookie; the empty pages are
the same bytes for everyone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from flask import Response, g, make_response, redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from intake.core import receipt, report
from intake.core.questions import BY_NAME
from intake.core.report import Answer, Report
from intake.crypto.derive import WitnessKeys
from intake.errors import ConflictError, NotFoundError, ReceiptError, ReportError
from intake.server import guard, nojs
from intake.server.nojs import Draft
from intake.server.services import services
from intake.store.records import Status
from intake.web import forms, messages, typed
from intake.web.i18n import Language
from intake.web.typed import Typed
from intake.wordlists import LIST_NAMES, wordlist, wordlists


class Refused(Exception):  # noqa: N818 - a way out of a view, not an error of the program
    """A form is given back: what to say, and the status to say it with."""

    def __init__(self, code: str, status: int, values: Mapping[str, object] | None = None) -> None:
        """Name a message of `web.messages`."""
        super().__init__(code)
        self.code, self.status, self.values = code, status, dict(values or {})


@dataclass(frozen=True)
class Said:
    """What a page says at its top, and its status; a page that refuses nothing says nothing."""

    text: str = ""
    status: int = 200


_NOTHING = Said()
_UNFIT = 422
"""The status of answers that do not fit their questions."""


def home() -> Response:
    """Offer the languages, each in itself."""
    return _page(_language(next(iter(services().languages))), "home.html")


def show(lang: str) -> Response:
    """Show the empty form, or that this address takes none."""
    language = _language(lang)
    if not services().config.seal_without_script:
        return _page(language, "error.html", Said(messages.text(language, "no_form"), 503))
    return _form(language, {})


def review(lang: str) -> Response:
    """Read the form and show what will be sent, and to whom it may go."""
    language = _language(lang)
    sent = _receive((*BY_NAME, *_choice_fields()))
    _refuse_switched_off()
    given = forms.answers(sent, services().programme)
    if list(report.problems(given, services().programme)):
        return _form(language, given, sent, Said(status=_UNFIT))
    answered = report.make(given, services().programme, language.code)
    if not sent.one("secret"):
        return _review(language, nojs.begin(services(), answered))
    # She is changing what she wrote: its words were shown already, so they stay.
    return _review(language, _with_choices(answered, sent))


def change(lang: str) -> Response:
    """Go back from the review page to the form, filled as it was."""
    sent = _receive(("report", *_choice_fields()))
    return _form(_language(lang), _draft(sent).report.answers, sent)


def send(lang: str) -> Response:
    """Seal and file what the review page carries; sent twice, it answers the same."""
    language = _language(lang)
    draft = _draft(_receive(("report", *_choice_fields())))
    _refuse_switched_off()
    try:
        status = nojs.file(services(), draft)
    except ConflictError:
        return _conflict(language, draft)
    except ReportError as error:
        raise Refused("offices", 422) from error
    return _sent(language, draft, status)


def again(lang: str) -> AnyResponse:
    """Answer a reload or Back to an address that only takes forms: start at the form."""
    _language(lang)
    return redirect(f"/{lang}/", 303)


def come_back(lang: str) -> Response:
    """Show the page that takes the ten words."""
    return _return(_language(lang))


def look(lang: str) -> Response:
    """Show what is kept under ten words: that it exists, since when, and who fetched it."""
    language = _language(lang)
    sent = _receive(("words", "list"))
    lists = wordlists()
    chosen = {sent.one("list"): lists[sent.one("list")]} if sent.one("list") in lists else lists
    try:
        found = receipt.parse(sent.one("words"), chosen)
    except ReceiptError as error:
        places = ", ".join(str(place) for place in error.places)
        code = "words_places" if places else f"words_{error.code}"
        raise Refused(code, 422, {"places": places}) from error
    try:
        keys = WitnessKeys.of(found, services().programme.id)
        status = services().records.mailbox(keys.mailbox())
    except NotFoundError as error:
        raise Refused("words_nothing", 404) from error
    return _page(language, "status.html", case=_case(language, status))


def style() -> Response:
    """Return the one stylesheet."""
    answer = make_response(services().languages[_first()].render("style.css"))
    answer.mimetype = "text/css"
    return answer


def health() -> Response:
    """Say that the store answers."""
    services().records.answer()
    answer = make_response("ok\n")
    answer.mimetype = "text/plain"
    return answer


def give_back(code: str, status: int, values: Mapping[str, object] | None = None) -> Response:
    """Answer a refused request with the page it came from, filled, or a plain error page."""
    language = _language(str((request.view_args or {}).get("lang", _first())), strict=False)
    said = Said(messages.text(language, code, values), status)
    if request.method == "POST" and request.endpoint in _GIVE_BACK:
        return _GIVE_BACK[request.endpoint](language, said)
    return _page(language, "error.html", said)


def last_resort() -> Response:
    """Give back what was typed where the page itself cannot be made."""
    language = _language(_first())
    kept = [(name, value) for name, values in _read().fields.items() for value in values]
    said = Said(messages.text(language, "failed"), 500)
    return _page(language, "damaged.html", said, kept=kept)


def _give_back_form(language: Language, said: Said) -> Response:
    sent = _read()
    given = forms.answers(sent, services().programme)
    return _form(language, given, sent, said)


def _give_back_review(language: Language, said: Said) -> Response:
    """Give the review page back; where the report itself is damaged, a page that still has it."""
    try:
        draft = _draft(_read())
    except (Refused, ReportError):
        kept = [(name, value) for name, values in _read().fields.items() for value in values]
        return _page(language, "damaged.html", said, kept=kept)
    return _review(language, draft, said)


def _give_back_return(language: Language, said: Said) -> Response:
    return _return(language, _read().one("words"), said)


_GIVE_BACK = {
    "review": _give_back_form,
    "change": _give_back_review,
    "send": _give_back_review,
    "look": _give_back_return,
}


def _first() -> str:
    return next(iter(services().languages))


def _language(code: str, *, strict: bool = True) -> Language:
    language = services().languages.get(code)
    if language is None and strict:
        raise NotFound
    return language or services().languages[_first()]


def _read() -> Typed:
    """Return what was typed; read once, whatever may be refused later."""
    if "typed" not in g:
        g.typed = typed.read(request.environ["wsgi.input"], request.mimetype)
    return cast("Typed", g.typed)


def _receive(expected: Iterable[str]) -> Typed:
    """Return what was typed, or give it back: what is wrong with it is said first."""
    sent = _read()
    guard.check_origin(request, services().config.origin)
    for code, status in messages.FORM_PROBLEMS.items():
        if code in sent.problems:
            raise Refused(code, status)
    if sent.strangers(expected):
        raise Refused("unknown_field", 400)
    return sent


def _choice_fields() -> tuple[str, ...]:
    """Return the fields of who may read it; the form carries them while it is changed."""
    contacts = (f"contact-{office.id}" for office in services().programme.offices)
    return ("secret", "office", *contacts)


def _draft(sent: Typed) -> Draft:
    try:
        answered = report.parse(sent.one("report").encode(errors="replace"), services().programme)
        return _with_choices(answered, sent)
    except ReportError as error:
        raise Refused("damaged", 400) from error


def _with_choices(answered: Report, sent: Typed) -> Draft:
    """Return the draft of a report with the secret, offices and contacts that a page carried."""
    offices = [office.id for office in services().programme.offices]
    contacts = {office: sent.one(f"contact-{office}").strip() for office in offices}
    chosen = tuple(office for office in offices if office in sent.all("office"))
    return Draft(answered, nojs.parse_secret(sent.one("secret")), chosen, contacts)


def _refuse_switched_off() -> None:
    if not services().config.seal_without_script:
        raise Refused("switched_off", 503)


def _form(
    language: Language,
    given: Mapping[str, Answer],
    sent: Typed | None = None,
    said: Said = _NOTHING,
) -> Response:
    """Show the form; one that was sent before carries on its secret and its choices."""
    programme = services().programme
    wrong = list(report.problems(given, programme)) if said.status == _UNFIT else []
    carried = [(name, value) for name in _choice_fields() for value in (sent or Typed()).all(name)]
    form = forms.form(programme, language, given, wrong)
    try:
        return _page(language, "form.html", said, form=form, carried=carried)
    finally:
        forms.forget(form)


def _review(language: Language, draft: Draft, said: Said = _NOTHING) -> Response:
    return _page(
        language,
        "review.html",
        said,
        draft=draft,
        given=_given(language, draft.report),
        report=report.encode(draft.report).decode(),
        secret=nojs.secret_text(draft.secret),
        routing=nojs.routing(services(), draft.report),
        words=_words(language, draft),
    )


def _sent(language: Language, draft: Draft, status: Status) -> Response:
    programme = services().programme
    served = [o for o in programme.offices if o.id in draft.offices and o.kind == "served"]
    passed = [
        (programme.office(office.reader).name[language.code], office.name[language.code])
        for office in served
    ]
    return _page(
        language,
        "sent.html",
        case=_case(language, status),
        words=_words(language, draft),
        passed=passed,
    )


def _conflict(language: Language, draft: Draft) -> Response:
    """Say that another content arrived before under these words, which still hold.

    What was not kept is shown, under a fresh secret, so that it can be sent as a case of its own.
    """
    return _page(
        language,
        "conflict.html",
        Said(status=409),
        case=_case(language, services().records.status(draft.secret.case())),
        words=_words(language, draft),
        given=_given(language, draft.report),
        report=report.encode(draft.report).decode(),
        secret=nojs.secret_text(nojs.begin(services(), draft.report).secret),
    )


def _return(language: Language, words: str = "", said: Said = _NOTHING) -> Response:
    return _page(language, "return.html", said, words=words, lists=LIST_NAMES)


def _given(language: Language, answered: Report) -> list[tuple[str, list[str]]]:
    """Return the questions answered and their answers as a person reads them."""
    programme, shown = services().programme, []
    for name, question in BY_NAME.items():
        answer = answered.answers.get(name)
        if answer is None:
            continue
        label = language.text(question.label)
        if question.is_choice:
            offered = dict(forms.choices(question, programme, language))
            shown.append((label, [offered[term] for term in report.as_terms(answer)]))
        else:
            shown.append((label, [str(answer)]))
    return shown


def _words(language: Language, draft: Draft) -> list[tuple[str, str]]:
    """Return the ten words with their numbers."""
    found = nojs.words(draft)
    return list(zip(found.words(wordlist(language.code)), found.numbers(), strict=True))


def _case(language: Language, status: Status) -> dict[str, object]:
    programme = services().programme
    readers = [
        (programme.office(item.reader).name[language.code], item.fetched)
        for item in status.deliveries
    ]
    return {"day": status.day, "readers": readers}


def _page(language: Language, template: str, said: Said = _NOTHING, **context: object) -> Response:
    page = language.render(
        template,
        programme=services().programme,
        languages=services().languages,
        message=said.text,
        **context,
    )
    return make_response(page, said.status)
