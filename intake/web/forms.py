"""The forms, by WTForms, from the one list of questions and the programme's vocabularies.

WTForms parses and renders; what is right is decided by `core.report.problems`, once for every
way in. Each field carries its own attributes against the browser's memory: Firefox kept a
textarea in its session store until the textarea itself said autocomplete=off.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from wtforms import Field, Form, RadioField, SelectField, SelectMultipleField, StringField
from wtforms import TextAreaField as AreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its stubs

from intake.core.programme import Programme
from intake.core.questions import ESCAPES, SHORT, UNDESCRIBED, WITHOUT, Kind, Question
from intake.core.report import Answer, Problem, as_terms, offered
from intake.web.i18n import Language
from intake.web.typed import Typed

FORGETFUL = {
    "autocomplete": "off",
    "autocapitalize": "off",
    "autocorrect": "off",
    "spellcheck": "false",
    "writingsuggestions": "false",
}
"""What every input and textarea carries, so that the phone keeps none of it."""

_UNTICKED = {"autocomplete": "off"}
"""What a choice carries: a browser restores ticks after a reload."""


def _(message: str) -> str:
    """Mark a text for the catalogs."""
    return message


PROBLEMS = {
    "required": _("Please tell us what happened. One sentence is enough."),
    "too_long": _("This is too long: at most %(limit)s characters fit. Please shorten it here."),
    "not_offered": _("Please choose one of the answers shown."),
    "not_text": _("Some letters arrived damaged. Please read it and correct it."),
    "too_many": _("At most %(limit)s persons fit here. Send these, then add the others."),
    "nothing": _("Nothing is answered yet. One answer is enough."),
    "no_keeper": _("Please choose one office, and no more."),
    "no_office": _("Choose for at least one office below what it may know or do."),
    "not_yours": _(
        "You can say yes only for yourself, and for a child in your care under %(limit)s whose age "
        "you write as a number. For others, leave this open: the office asks them itself."
    ),
}

_SMALL = 5
"""Choices up to this many stand open as radio buttons; longer lists fold into a select."""


WITHOUT_END = "_without"
"""What follows the name of a text's question in the name of the choice beside it."""


@dataclass(frozen=True)
class Part:
    """The questions of one part of a page; `prefix` tells it from other parts."""

    questions: tuple[Question, ...] = SHORT
    prefix: str = ""

    def names(self) -> Iterator[str]:
        """Yield the names of its fields."""
        for question in self.questions:
            yield self.prefix + question.name
            if not question.is_choice:
                yield self.prefix + question.name + WITHOUT_END


FIRST_STEP = Part()
"""The short form."""


def answers(typed: Typed, programme: Programme, part: Part = FIRST_STEP) -> dict[str, Answer]:
    """Return the answers in what was typed, several choices in the vocabulary's order.

    What somebody does not want to describe is not asked: it has no answer. A text typed counts
    before what was chosen beside it.
    """
    found: dict[str, Answer] = {}
    for question in part.questions:
        name = part.prefix + question.name
        if question.kind is Kind.CHOICES:
            order = [*offered(question, programme), *ESCAPES]
            chosen = [term for term in typed.all(name) if term != UNDESCRIBED]
            known = [term for term in order if term in chosen]
            found[question.name] = (*known, *(term for term in chosen if term not in order))
        else:
            text = typed.one(name).replace("\r\n", "\n").strip()
            beside = "" if question.is_choice else typed.one(name + WITHOUT_END)
            instead = (beside,) if beside not in ("", UNDESCRIBED) else ""
            found[question.name] = instead if text in ("", UNDESCRIBED) else text
    return found


def is_spared(typed: Typed) -> bool:
    """Whether somebody chose not to describe something: then help is shown first."""
    return any(UNDESCRIBED in values for values in typed.fields.values())


def form(
    programme: Programme,
    language: Language,
    given: Mapping[str, Answer],
    wrong: Iterable[Problem] = (),
    part: Part = FIRST_STEP,
) -> Form:
    """Return the form of these questions, empty or filled, with each problem beside its field."""
    fields: dict[str, Field] = {}
    for question in part.questions:
        fields[question.name] = _field(question, programme, language)
        if not question.is_choice and not question.required:
            nothing = SelectChoice("", language.text(_("… or choose")))
            beside = [nothing, *(SelectChoice(*one) for one in _without(language))]
            label = language.text(_("No answer to:"))
            fields[question.name + WITHOUT_END] = SelectField(
                label, choices=beside, render_kw=_UNTICKED
            )
    kind: type[Form] = type("QuestionsForm", (Form,), fields)
    filled = kind(data=dict(_filled(part, given)), prefix=part.prefix)
    for problem in wrong:
        field = filled[problem.question]
        text = language.text(PROBLEMS[problem.code], limit=f"{problem.limit:,}")
        field.errors = [*field.errors, text]
    return filled


def _filled(part: Part, given: Mapping[str, Answer]) -> Iterator[tuple[str, str | list[str]]]:
    """Yield what each field shows; what was chosen beside a text stands in its own field."""
    for question in part.questions:
        answer = given.get(question.name, "")
        if question.is_choice or isinstance(answer, str):
            yield question.name, answer if isinstance(answer, str) else list(answer)
        else:
            yield question.name + WITHOUT_END, answer[0]


def forget(form: Form) -> None:
    """Empty a form that was rendered: form and fields hold each other until a collection."""
    for field in list(form):
        vars(field).clear()


def choices(question: Question, programme: Programme, language: Language) -> list[tuple[str, str]]:
    """Return what a choice offers, what stands beside every question last."""
    return [*terms(question, programme, language), *_without(language)]


def terms(question: Question, programme: Programme, language: Language) -> list[tuple[str, str]]:
    """Return the vocabulary of a choice, with its labels."""
    if question.terms:
        return [(term, language.text(label)) for term, label in question.terms]
    return [(t.id, t.label[language.code]) for t in programme.vocabularies[question.name]]


def as_read(
    question: Question, answer: Answer, programme: Programme, language: Language
) -> list[str]:
    """Return an answer as a person reads it, one line for each choice."""
    if not question.is_choice and isinstance(answer, str):
        return [answer]
    known = dict(
        choices(question, programme, language) if question.is_choice else _without(language)
    )
    return [known[term] for term in as_terms(answer)]


def _without(language: Language) -> list[tuple[str, str]]:
    return [(name, language.text(label)) for name, label in WITHOUT.items()]


def _field(question: Question, programme: Programme, language: Language) -> Field:
    label = language.text(question.label)
    hint = language.text(question.hint) if question.hint else ""
    if question.kind is Kind.TEXT:
        rows = 8 if question.required else 4
        return AreaField(label, description=hint, render_kw={**FORGETFUL, "rows": rows})
    if question.kind is Kind.LINE:
        return StringField(label, description=hint, render_kw=dict(FORGETFUL))
    offers = [SelectChoice(term, text) for term, text in choices(question, programme, language)]
    if question.kind is Kind.CHOICES:
        return SelectMultipleField(label, description=hint, choices=offers)
    if len(offers) <= _SMALL:
        return RadioField(label, description=hint, choices=offers, render_kw=_UNTICKED)
    nothing = SelectChoice("", language.text(_("No answer")))
    return SelectField(label, description=hint, choices=[nothing, *offers], render_kw=_UNTICKED)
