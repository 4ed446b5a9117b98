"""The questions of a report: one list feeds the form, the parser, the routes and the opener.

The programme gives the vocabularies; the catalogs give the labels. Every question may stay
unanswered but those marked required.
"""

from dataclasses import dataclass
from enum import Enum

from intake.core import limits


def _(message: str) -> str:
    """Mark a text for the catalogs."""
    return message


UNKNOWN = "unknown"
"""The answer "I don't know", open to every choice."""

DECLINED = "declined"
"""The answer "I prefer not to say", open to every choice."""

ESCAPES = {UNKNOWN: _("I don't know"), DECLINED: _("I prefer not to say")}
"""What stands beside every choice, with its label."""


class Kind(Enum):
    """How a question is answered."""

    TEXT = "text"
    LINE = "line"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True)
class Question:
    """One question; `limit` counts characters of a text, choices of a choice.

    `label` and `hint` are source texts of the catalogs.
    """

    name: str
    kind: Kind
    limit: int
    label: str
    hint: str = ""
    required: bool = False

    @property
    def is_choice(self) -> bool:
        """Whether the answer comes from the programme's vocabulary of the same name."""
        return self.kind in (Kind.CHOICE, Kind.CHOICES)


SHORT = (
    Question(
        "account",
        Kind.TEXT,
        limits.ACCOUNT_CHARACTERS,
        _("What happened?"),
        _("In your own words, in any language. A few sentences are enough."),
        required=True,
    ),
    Question(
        "place",
        Kind.LINE,
        limits.LINE_CHARACTERS,
        _("Where was it?"),
        _("A town, a street, a bridge, a building. As much as you know."),
    ),
    Question("region", Kind.CHOICE, 1, _("In which area?")),
    Question(
        "date",
        Kind.LINE,
        limits.LINE_CHARACTERS,
        _("When was it?"),
        _("A day, a month, “after Easter”: as you remember it."),
    ),
    Question("time", Kind.CHOICE, 1, _("How long ago?")),
    Question(
        "agency",
        Kind.CHOICES,
        20,
        _("Who did it, or whose staff were there?"),
        _("Choose all that fit."),
    ),
    Question("child", Kind.CHOICE, 1, _("Was a child harmed or in danger?")),
    Question("custody", Kind.CHOICE, 1, _("Is someone held or locked up now?")),
    Question("urgency", Kind.CHOICE, 1, _("How urgent is it?")),
)
"""The first step: what a frightened person can answer in two minutes."""

BY_NAME = {question.name: question for question in SHORT}

FACETS = tuple(question.name for question in SHORT if question.is_choice)
"""What routes may ask about; each has a vocabulary of its name in the programme."""
