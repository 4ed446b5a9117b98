"""The pages of a filing: form, review, sent. Each works without script.

Rules: what was typed comes back with every refusal; no cookie; the empty pages are the same
bytes for everyone.
"""

from collections.abc import Iterable, Mapping

from flask import Response, make_response, redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from intake.core import report
from intake.core.evidence import Taken
from intake.core.questions import REPORT, SHORT
from intake.core.report import Answer, Report
from intake.errors import ConflictError, EvidenceError, ReportError
from intake.server import nojs
from intake.server.nojs import Draft
from intake.server.services import services
from intake.server.visit import (
    NOTHING,
    UNFIT,
    Refused,
    Said,
    carry_words,
    files_of,
    first,
    give,
    hours_of,
    kept,
    language_of,
    name_of,
    originals_of,
    page,
    read,
    readable_files,
    reader_of,
    receive,
    refuse_many,
    refuse_switched_off,
    show_files,
    show_words,
)
from intake.store.records import Status
from intake.web import forms, messages
from intake.web.i18n import Language
from intake.web.typed import Typed


def home() -> Response:
    """Offer the languages, each in itself."""
    return page(language_of(next(iter(services().languages))), "home.html")


def show(lang: str) -> Response:
    """Show the empty form, or that this address takes none."""
    language = language_of(lang)
    if not services().door.takes_reports:
        return page(language, "error.html", Said(messages.text(language, "no_reports"), 503))
    if not (services().config.seal_without_script or services().assets):
        return page(language, "error.html", Said(messages.text(language, "no_form"), 503))
    return _form(language, {})


def review(lang: str) -> Response:
    """Read the form and show what will be sent, and to whom it may go."""
    language = language_of(lang)
    sent = receive((*forms.FIRST_STEP.names(), *_choice_fields()))
    refuse_switched_off()
    services().door.refuse_report()
    given, files = forms.answers(sent, services().programme), files_of(sent)
    refuse_many(files)
    told = tuple(file for one in files for file in one.files)
    if list(report.problems(given, services().programme, evidence=told)):
        return _form(language, given, sent, Said(status=UNFIT))
    answered = report.make(given, services().programme, language.code, evidence=told)
    spared = forms.is_spared(sent)
    if not sent.one("secret"):
        return _review(language, nojs.begin(services(), answered), files, spared=spared)
    # She is changing what she wrote: its words were shown already, so they stay.
    return _review(language, _with_choices(answered, sent), files, spared=spared)


def change(lang: str) -> Response:
    """Go back from the review page to the form, filled as it was."""
    sent = receive(("report", *_choice_fields()))
    files_of(sent)  # one that arrived damaged is not left out silently
    return _form(language_of(lang), _draft(sent).report.answers, sent)


def send(lang: str) -> Response:
    """Seal and file what the review page carries; sent twice, it answers the same."""
    language = language_of(lang)
    draft = _draft(receive(("report", *_choice_fields())))
    refuse_switched_off()
    try:
        status = nojs.file(services(), draft)
    except ConflictError:
        return _conflict(language, draft)
    except ReportError as error:
        raise Refused("offices", 422) from error
    except EvidenceError as error:
        raise Refused("files_gone", 409) from error
    return _sent(language, draft, status)


def again(lang: str) -> AnyResponse:
    """Answer a reload or Back to an address that only takes forms: start at the form."""
    language_of(lang)
    return redirect(f"/{lang}/", 303)


def style() -> Response:
    """Return the one stylesheet."""
    answer = make_response(services().languages[first()].render("style.css"))
    answer.mimetype = "text/css"
    return answer


def script() -> Response:
    """Return the built script of this address; 404 where none was built."""
    body = services().assets.get(str(request.url_rule))
    if body is None:
        raise NotFound
    return give(body)


def health() -> Response:
    """Say that the store answers."""
    services().records.answer()
    answer = make_response("ok\n")
    answer.mimetype = "text/plain"
    return answer


def ready() -> Response:
    """Say whether a report would be taken now: store, room, keys; nothing of why not."""
    today, ring = services().today(), services().keyring
    services().records.answer()
    has_room = services().uploads.has_room()
    takes = services().door.takes_reports and ring.is_open(services().programme.fallback, today)
    is_ready = has_room and takes
    answer = make_response("ready\n" if is_ready else "not ready\n", 200 if is_ready else 503)
    answer.mimetype = "text/plain"
    return answer


def _give_back_form(language: Language, said: Said) -> Response:
    sent = read()
    given = forms.answers(sent, services().programme)
    return _form(language, given, sent, said)


def _give_back_review(language: Language, said: Said) -> Response:
    """Give the review page back; where the report itself is damaged, a page that still has it."""
    try:
        draft = _draft(read())
        files_of(read())
    except (Refused, ReportError):
        return kept(language, said)
    return _review(language, draft, files_of(read()), said)


_FILES = ("file", "new", "drop")
"""The fields of files: carried by the page, sent with it, taken away again."""

GIVE_BACK = {
    "review": _give_back_form,
    "change": _give_back_review,
    "send": _give_back_review,
}
"""How each address gives back a form that was refused."""


def _choice_fields() -> tuple[str, ...]:
    """Return the fields of who may read it; the form carries them while it is changed."""
    contacts = (f"contact-{office.id}" for office in services().programme.offices)
    return ("secret", "back", "urgent", "office", "original", *contacts, *_FILES)


def _draft(sent: Typed) -> Draft:
    try:
        answered = report.parse(sent.one("report").encode(errors="replace"), services().programme)
        draft = _with_choices(answered, sent)
    except ReportError as error:
        raise Refused("damaged", 400) from error
    if answered.group != REPORT.name:
        raise Refused("damaged", 400)
    return draft


def _with_choices(answered: Report, sent: Typed) -> Draft:
    """Return the draft of a report with the secret, offices and contacts that a page carried."""
    offices = [office.id for office in services().programme.offices]
    contacts = {office: sent.one(f"contact-{office}").strip() for office in offices}
    chosen = tuple(office for office in offices if office in sent.all("office"))
    secret = nojs.parse_secret(sent.one("secret"))
    back = sent.one("back") != "none"
    return Draft(
        answered,
        secret,
        chosen,
        contacts,
        originals_of(sent),
        way_back=back,
        urgent=bool(sent.one("urgent")),
    )


def _form(
    language: Language,
    given: Mapping[str, Answer],
    sent: Typed | None = None,
    said: Said = NOTHING,
) -> Response:
    """Show the form; one that was sent before carries on its secret and its choices."""
    programme = services().programme
    sent = sent or Typed()
    files = readable_files(sent)
    told = [file for one in files for file in one.files]
    is_wrong = said.status == UNFIT
    wrong = list(report.problems(given, programme, evidence=told)) if is_wrong else []
    names = [name for name in _choice_fields() if name not in _FILES]
    carried = [(name, value) for name in names for value in sent.all(name)]
    form = forms.form(programme, language, given, wrong)
    shown = show_files(language, files)
    try:
        seals = services().config.seal_without_script
        return page(
            language, "form.html", said, form=form, carried=carried, files=shown, seals=seals
        )
    finally:
        forms.forget(form)


def _review(
    language: Language,
    draft: Draft,
    files: Iterable[Taken],
    said: Said = NOTHING,
    *,
    spared: bool = False,
) -> Response:
    return page(
        language,
        "review.html",
        said,
        draft=draft,
        files=show_files(language, files),
        spared=spared,
        given=_given(language, draft.report),
        report=report.encode(draft.report).decode(),
        secret=nojs.as_text(draft.secret.value),
        routing=nojs.routing(services(), draft.report),
        words=_words(language, draft),
    )


def _sent(language: Language, draft: Draft, status: Status) -> Response:
    chosen = [office.id for office in services().programme.offices if office.id in draft.offices]
    passed = [(reader_of(o, language), name_of(o, language)) for o in chosen]
    return page(
        language,
        "sent.html",
        case=_case(language, status),
        words=_words(language, draft) if draft.way_back else [],
        carried=carry_words(nojs.words(draft)) if draft.way_back else "",
        passed=[(reader, office) for reader, office in passed if reader],
    )


def _conflict(language: Language, draft: Draft) -> Response:
    """Say that another content arrived before under these words, which still hold.

    What was not kept is shown, under a fresh secret, so that it can be sent as a case of its own.
    """
    return page(
        language,
        "conflict.html",
        Said(status=409),
        case=_case(language, services().records.status(draft.secret.case())),
        words=_words(language, draft) if nojs.has_way_back(services(), draft) else [],
        given=_given(language, draft.report),
        report=report.encode(draft.report).decode(),
        secret=nojs.as_text(nojs.begin(services(), draft.report).secret.value),
    )


def _given(language: Language, answered: Report) -> list[tuple[str, list[str]]]:
    """Return the questions answered and their answers as a person reads them."""
    programme, answers = services().programme, answered.answers
    return [
        (language.text(q.label), forms.as_read(q, answers[q.name], programme, language))
        for q in SHORT
        if q.name in answers
    ]


def _words(language: Language, draft: Draft) -> list[tuple[str, str]]:
    return show_words(language, nojs.words(draft))


def _case(language: Language, status: Status) -> dict[str, object]:
    readers = [
        (name_of(item.reader, language), item.fetched, hours_of(item.reader, language))
        for item in status.deliveries
    ]
    return {"day": status.day, "readers": readers}
