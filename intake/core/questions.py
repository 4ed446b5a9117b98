"""The questions of a report: one list feeds the form, the parser, the routes and the opener.

The programme gives the vocabularies; the catalogs give the labels. Every question may stay
unanswered but those marked required.
"""

from dataclasses import dataclass
from enum import Enum

from intake.core import limits

UNKNOWN = "unknown"
"""The answer "I don't know", open to every choice."""

DECLINED = "declined"
"""The answer "I prefer not to say", open to every choice."""

ESCAPES = (UNKNOWN, DECLINED)


class Kind(Enum):
    """How a question is answered."""

    TEXT = "text"
    LINE = "line"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True)
class Question:
    """One question; `limit` counts characters of a text, choices of a choice."""

    name: str
    kind: Kind
    limit: int
    required: bool = False

    @property
    def is_choice(self) -> bool:
        """Whether the answer comes from the programme's vocabulary of the same name."""
        return self.kind in (Kind.CHOICE, Kind.CHOICES)


SHORT = (
    Question("account", Kind.TEXT, limits.ACCOUNT_CHARACTERS, required=True),
    Question("place", Kind.LINE, limits.LINE_CHARACTERS),
    Question("region", Kind.CHOICE, 1),
    Question("date", Kind.LINE, limits.LINE_CHARACTERS),
    Question("time", Kind.CHOICE, 1),
    Question("agency", Kind.CHOICES, 20),
    Question("child", Kind.CHOICE, 1),
    Question("custody", Kind.CHOICE, 1),
    Question("urgency", Kind.CHOICE, 1),
)
"""The first step: what a frightened person can answer in two minutes."""

BY_NAME = {question.name: question for question in SHORT}

FACETS = tuple(question.name for question in SHORT if question.is_choice)
"""What routes may ask about; each has a vocabulary of its name in the programme."""
