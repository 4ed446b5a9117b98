"""One request of a person: its language, what was typed, the page it is answered with.

Rules: what was typed is read first and kept for this request, so that every refusal, of
whatever kind, answers with the page it came from, filled.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from flask import Response, g, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from intake.core import canonical, evidence, limits
from intake.core.evidence import Taken
from intake.core.receipt import Receipt
from intake.errors import EvidenceError
from intake.server.nojs.files import Files
from intake.server.services import services
from intake.web import findings, messages, typed
from intake.web.assets import Body
from intake.web.i18n import Language
from intake.web.origin import OriginError, check_origin
from intake.web.typed import Typed
from intake.wordlists import wordlist

UNFIT = 422
"""The status of answers that do not fit their questions."""

_OK = 200


class Refused(Exception):  # noqa: N818 - a way out of a view, not an error of the program
    """A form is given back: what to say, and the status to say it with."""

    def __init__(self, code: str, status: int, values: Mapping[str, object] | None = None) -> None:
        """Name a message of `web.messages`."""
        super().__init__(code)
        self.code, self.status, self.values = code, status, dict(values or {})


@dataclass(frozen=True)
class Said:
    """What a page says at its top, and its status; a page that refuses nothing says nothing.

    `good` is said of what went well.
    """

    text: str = ""
    status: int = 200
    good: str = ""


NOTHING = Said()


def first() -> str:
    """Return the programme's first language."""
    return next(iter(services().languages))


def language_of(code: str, *, strict: bool = True) -> Language:
    """Return a language of the programme; 404, or the first, for another."""
    language = services().languages.get(code)
    if language is None and strict:
        raise NotFound
    return language or services().languages[first()]


def read() -> Typed:
    """Return what was typed; read once, whatever may be refused later."""
    if "typed" not in g:
        stream, content_type = request.environ["wsgi.input"], request.content_type or ""
        g.typed = typed.read(stream, content_type, files=_files())
    return cast("Typed", g.typed)


def _files() -> Files | None:
    """Return where the files of this form go; nowhere if another site sent it."""
    if not services().config.seal_without_script:
        return None
    try:
        check_origin(request, services().config.origin)
    except OriginError:
        return None
    return Files(services())


def files_of(sent: Typed) -> tuple[Taken, ...]:
    """Return the files that a page carried or that came now, but those taken away again."""
    texts = [text for text in (*sent.all("file"), *sent.all("new")) if text]
    if len(texts) != len(_parsed(texts)):
        raise Refused("damaged", 400)
    return readable_files(sent)


def readable_files(sent: Typed) -> tuple[Taken, ...]:
    """Return the same files, each once, and without those whose field arrived damaged."""
    files, dropped = _parsed((*sent.all("file"), *sent.all("new"))), sent.all("drop")
    return tuple(file for name, file in files.items() if name not in dropped)


def originals_of(sent: Typed) -> tuple[str, ...]:
    """Return the offices that get each file as it is, too.

    Where the page had no copy to ask about, the one that is preselected.
    """
    if not any(file.copy for file in _parsed(sent.all("file")).values()):
        return (services().programme.fallback,)
    offices = (office.id for office in services().programme.offices)
    return tuple(office for office in offices if office in sent.all("original"))


def _parsed(texts: Iterable[str]) -> dict[str, Taken]:
    """Return what can be read of these fields, by id."""
    files = {}
    for text in texts:
        with suppress(EvidenceError):
            file = evidence.parse(text.encode(errors="replace"))
            files[file.original.id] = file
    return files


def refuse_many(files: Sequence[Taken]) -> None:
    """Give the form back where it holds more files than fit, so that some can be left out."""
    if len(files) > limits.FILES:
        raise Refused("files_many", UNFIT)


def show_files(language: Language, files: Iterable[Taken]) -> list[dict[str, object]]:
    """Return files as a page shows and carries them."""
    return [
        {
            "id": one.original.id,
            "name": one.original.name,
            "size": findings.size(one.original.length),
            "found": findings.lines(one, language),
            "warning": findings.warning(one, language),
            "copied": one.copy is not None,
            "carried": canonical.encode(one).decode(),
        }
        for one in files
    ]


def receive(expected: Iterable[str]) -> Typed:
    """Return what was typed, or give it back: what is wrong with it is said first."""
    sent = read()
    check_origin(request, services().config.origin)
    for code, status in messages.FORM_PROBLEMS.items():
        if code in sent.problems:
            raise Refused(code, status)
    if sent.strangers(expected):
        raise Refused("unknown_field", 400)
    return sent


def refuse_switched_off() -> None:
    """Give the form back where this server seals nothing for pages without script."""
    if not services().config.seal_without_script:
        raise Refused("switched_off", 503)


def page(language: Language, template: str, said: Said = NOTHING, **context: object) -> Response:
    """Return a page in a language.

    It is never compressed: it may hold a secret beside words that somebody else chose, and then
    its length would tell about the secret.
    """
    text = language.render(
        template,
        programme=services().programme,
        languages=services().languages,
        message=said.text,
        good=said.good,
        ends=services().door.end,
        scripts=services().assets,
        **context,
    )
    return make_response(text, said.status)


def alike(view: Callable[..., ResponseReturnValue], **named: str) -> ResponseReturnValue:
    """Answer what a view answers everybody; made once a day, kept with its compressed forms.

    `named` is what the address names: a language, which the view refuses if it is not ours. An
    answer that is no good one is not kept.
    """
    shelf, today = services().shelf, services().today()
    door = services().door
    name = (str(request.endpoint), str(door.takes_reports), str(door.end), *named.values())
    body = shelf.find(today, name)
    if body is None:
        made = make_response(view(**named))
        if made.status_code != _OK:
            return made
        body = Body.of(made.get_data(), made.content_type or "")
        shelf.keep(today, name, body)
    return give(body)


def give(body: Body) -> Response:
    """Answer a body in the form that the browser can unpack."""
    data, coding = body.coded(request.accept_encodings)
    answer = Response(data, content_type=body.media_type)
    answer.headers["Vary"] = "Accept-Encoding"
    if coding:
        answer.headers["Content-Encoding"] = coding
    return answer


def kept(language: Language, said: Said) -> Response:
    """Return everything that was typed, where the page itself cannot be made."""
    fields = [(name, value) for name, values in read().fields.items() for value in values]
    return page(language, "damaged.html", said, kept=fields)


def show_words(language: Language, words: Receipt) -> list[tuple[str, str]]:
    """Return ten words with their numbers."""
    return list(zip(words.words(wordlist(language.code)), words.numbers(), strict=True))


def carry_words(words: Receipt) -> str:
    """Return ten words as a page carries them: as numbers, the same in every language."""
    return " ".join(words.numbers())


def name_of(office: str, language: Language) -> str:
    """Return the name of an office."""
    return services().programme.office(office).name[language.code]


def reader_of(office: str, language: Language) -> str:
    """Return who reads what is sealed for a served office, empty for one that reads itself."""
    reader = services().programme.office(office).reader
    return name_of(reader, language) if reader else ""


def hours_of(office: str, language: Language) -> str:
    """Return when what is sealed for an office is read, empty where nothing is promised."""
    return services().programme.hours(office, language.code)
