"""The forms, by WTForms, from the one list of questions and the programme's vocabularies.

WTForms parses and renders; what is right is decided by `core.report.problems`, once for every
way in. Each field carries its own attributes against the browser's memory: Firefox kept a
textarea in its session store until the textarea itself said autocomplete=off.
"""

from collections.abc import Iterable, Mapping

from wtforms import Field, Form, RadioField, SelectField, SelectMultipleField, StringField
from wtforms import TextAreaField as AreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its stubs

from intake.core.programme import Programme
from intake.core.questions import ESCAPES, SHORT, Kind, Question
from intake.core.report import Answer, Problem
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
}

_SMALL = 4
"""Choices up to this many stand open as radio buttons; longer lists fold into a select."""


def answers(typed: Typed, programme: Programme) -> dict[str, Answer]:
    """Return the answers in what was typed, several choices in the vocabulary's order."""
    found: dict[str, Answer] = {}
    for question in SHORT:
        if question.kind is Kind.CHOICES:
            order = [*programme.terms(question.name), *ESCAPES]
            chosen = typed.all(question.name)
            known = [term for term in order if term in chosen]
            found[question.name] = (*known, *(term for term in chosen if term not in order))
        else:
            found[question.name] = typed.one(question.name).replace("\r\n", "\n").strip()
    return found


def form(
    programme: Programme,
    language: Language,
    given: Mapping[str, Answer],
    wrong: Iterable[Problem] = (),
) -> Form:
    """Return the short form, empty or filled, with each problem beside its field."""
    fields = {question.name: _field(question, programme, language) for question in SHORT}
    kind: type[Form] = type("ShortForm", (Form,), fields)
    filled = kind(data={name: _data(answer) for name, answer in given.items()})
    for problem in wrong:
        field = filled[problem.question]
        text = language.text(PROBLEMS[problem.code], limit=f"{problem.limit:,}")
        field.errors = [*field.errors, text]
    return filled


def forget(form: Form) -> None:
    """Empty a form that was rendered: form and fields hold each other until a collection."""
    for field in list(form):
        vars(field).clear()


def choices(question: Question, programme: Programme, language: Language) -> list[tuple[str, str]]:
    """Return what a choice offers, the two escapes last."""
    terms = [(t.id, t.label[language.code]) for t in programme.vocabularies[question.name]]
    return terms + [(name, language.text(label)) for name, label in ESCAPES.items()]


def _field(question: Question, programme: Programme, language: Language) -> Field:
    label = language.text(question.label)
    hint = language.text(question.hint) if question.hint else ""
    if question.kind is Kind.TEXT:
        return AreaField(label, description=hint, render_kw={**FORGETFUL, "rows": 8})
    if question.kind is Kind.LINE:
        return StringField(label, description=hint, render_kw=dict(FORGETFUL))
    offered = [SelectChoice(term, text) for term, text in choices(question, programme, language)]
    if question.kind is Kind.CHOICES:
        return SelectMultipleField(label, description=hint, choices=offered)
    if len(offered) <= _SMALL:
        return RadioField(label, description=hint, choices=offered, render_kw=_UNTICKED)
    nothing = SelectChoice("", language.text(_("No answer")))
    return SelectField(label, description=hint, choices=[nothing, *offered], render_kw=_UNTICKED)


def _data(answer: Answer) -> str | list[str]:
    return answer if isinstance(answer, str) else list(answer)
