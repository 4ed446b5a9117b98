"""The questions of a report: one list feeds the form, the parser, the routes and the opener.

The first step and each group of additions are a `Group`. The programme gives the vocabularies
of its subject; what means the same everywhere stands here. The catalogs give the labels. Every
question may stay unanswered but those marked required.
"""

from dataclasses import dataclass
from enum import Enum

from intake.core import limits


def _(message: str) -> str:
    """Mark a text for the catalogs."""
    return message


UNKNOWN = "unknown"
"""The answer "I don't know", open to every question."""

DECLINED = "declined"
"""The answer "I prefer not to say", open to every question."""

UNDESCRIBED = "undescribed"
"""The answer "I don't want to describe it". It leads to help and is kept nowhere: whoever reads
the report sees "not asked", so nobody names herself a survivor by choosing it."""

ESCAPES = {UNKNOWN: _("I don't know"), DECLINED: _("I prefer not to say")}
"""What a report may hold instead of an answer, with its label."""

WITHOUT = {**ESCAPES, UNDESCRIBED: _("I don't want to describe it")}
"""What stands beside every question, with its label."""

Terms = tuple[tuple[str, str], ...]
"""A vocabulary that is the same everywhere: ids with the source texts of their labels."""

YES_NO: Terms = (("yes", _("Yes")), ("no", _("No")))

PURPOSES: Terms = (
    ("investigate", _("Look into it")),
    ("refer", _("Pass it to another office that can help")),
    ("publish", _("Publish it without names")),
    ("statistics", _("Count it in statistics")),
    ("nothing", _("None of these")),
)
"""What a person may agree to. Unanswered means: keep it safe, and do nothing of these."""


class Kind(Enum):
    """How a question is answered."""

    TEXT = "text"
    LINE = "line"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True)
class Question:
    """One question; `limit` counts characters of a text, choices of a choice.

    `label` and `hint` are source texts of the catalogs. A choice without `terms` takes those of
    the programme's vocabulary of its name. `clock` marks a date after which it is too late.
    """

    name: str
    kind: Kind
    limit: int
    label: str
    hint: str = ""
    required: bool = False
    terms: Terms = ()
    clock: bool = False

    @property
    def is_choice(self) -> bool:
        """Whether the answer comes from a vocabulary."""
        return self.kind in (Kind.CHOICE, Kind.CHOICES)

    @property
    def in_programme(self) -> bool:
        """Whether the vocabulary is the programme's."""
        return self.is_choice and not self.terms


@dataclass(frozen=True)
class Group:
    """Questions asked together, on one page. `label` and `lead` are source texts.

    `people`: asked for each of several persons. `per_office`: asked for each office, and told to
    it alone. `reroutes`: the answers may lead to further offices. `private`: what stands here is
    meant for the fallback office unless more are ticked. `files`: files may come with it.
    `keeper`: told to one office alone, which can give new words from then on.
    """

    name: str
    label: str
    lead: str
    questions: tuple[Question, ...]
    people: tuple[Question, ...] = ()
    per_office: tuple[Question, ...] = ()
    reroutes: bool = False
    private: bool = False
    files: bool = False
    keeper: bool = False


def _line(name: str, label: str, hint: str = "", *, clock: bool = False) -> Question:
    return Question(name, Kind.LINE, limits.LINE_CHARACTERS, label, hint, clock=clock)


def _text(name: str, label: str, hint: str = "", *, required: bool = False) -> Question:
    return Question(name, Kind.TEXT, limits.ACCOUNT_CHARACTERS, label, hint, required=required)


def _one(name: str, label: str, terms: Terms = (), hint: str = "") -> Question:
    return Question(name, Kind.CHOICE, 1, label, hint, terms=terms)


def _several(name: str, label: str, terms: Terms = ()) -> Question:
    return Question(
        name, Kind.CHOICES, limits.CHOICES, label, _("Choose all that fit."), terms=terms
    )


_DATE_HINT = _("A day, a month, “after Easter”: as you remember it.")

_REGION = _one("region", _("In which area?"))
_AGENCY = _several("agency", _("Who did it, or whose staff were there?"))
_CUSTODY = _one("custody", _("Is someone held or locked up now?"))
_URGENCY = _one("urgency", _("How urgent is it?"))

SHORT = (
    _text(
        "account",
        _("What happened?"),
        _("In your own words, in any language. A few sentences are enough."),
        required=True,
    ),
    _line(
        "place",
        _("Where was it?"),
        _("A town, a street, a bridge, a building. As much as you know."),
    ),
    _REGION,
    _line("date", _("When was it?"), _DATE_HINT),
    _one("time", _("How long ago?")),
    _AGENCY,
    _one("child", _("Was a child harmed or in danger?")),
    _CUSTODY,
    _URGENCY,
)
"""The first step: what a frightened person can answer in two minutes."""

REPORT = Group("report", _("What happened"), "", SHORT, reroutes=True)
"""The first step as a group: what a case begins with."""

_RELATION = _one(
    "relation",
    _("Who is this person to you?"),
    (
        ("self", _("It is me")),
        ("in-my-care", _("A small child in my care")),
        ("family", _("Someone of my family")),
        ("client", _("A client of mine")),
        ("known", _("Someone I know")),
        ("stranger", _("Someone I do not know")),
    ),
)

_AGREES = Question(
    "agrees",
    Kind.CHOICES,
    limits.CHOICES,
    _("Only for you and a small child in your care: what may be done with this?"),
    _("Others are asked by the office before anything is done with their names."),
    terms=PURPOSES,
)

PERSON = (
    _RELATION,
    _line(
        "alias",
        _("Name, or what we may call this person"),
        _("Every office ticked below reads it. A made-up name will do."),
    ),
    _line("age", _("Age then, or date of birth")),
    _one(
        "sex",
        _("Woman, man, girl, boy?"),
        (
            ("female", _("Woman or girl")),
            ("male", _("Man or boy")),
            ("other", _("Neither, or another word")),
        ),
    ),
    _several("acts", _("What was done to this person?")),
    _line("nationality", _("From which country?")),
    _line("ethnicity", _("Of which people or community?")),
    _line("speaks", _("Which languages does this person speak?")),
    _line("a-number", _("Number in immigration papers (A-number), if there is one")),
    _line("whereabouts", _("Where is this person now?")),
    _one("held", _("Is this person held or locked up?"), YES_NO),
    _several(
        "needs",
        _("Is any of this true of this person?"),
        (
            ("child", _("Under 18")),
            ("pregnant", _("Pregnant")),
            ("disability", _("Lives with a disability")),
            ("ill", _("Ill or hurt")),
        ),
    ),
    _line("size", _("If it is a group: how many are they?")),
    _AGREES,
)
"""What is asked of each person concerned; acts are counted by person."""

_IDENTITY = _one(
    "identity",
    _("May it know who you are?"),
    (
        ("anonymous", _("No. It gets no name.")),
        ("confidential", _("Yes, and it tells nobody.")),
        ("not-accused", _("Yes, but it never tells those I accuse.")),
        ("open", _("Yes, and it may use my name.")),
    ),
)

GROUPS = (
    Group(
        "new",
        _("Something new happened"),
        _("Tell it as you told the first time. It goes to the same case."),
        SHORT,
        reroutes=True,
    ),
    Group(
        "date",
        _("My date changed"),
        _("A hearing, a removal, an appointment: tell the new day."),
        (
            _one(
                "date-of",
                _("What is the date for?"),
                (
                    ("hearing", _("A hearing in court")),
                    ("removal", _("A removal or return")),
                    ("appointment", _("An appointment with an office")),
                    ("other", _("Something else")),
                ),
            ),
            _line("new-date", _("What is the new date?"), _DATE_HINT, clock=True),
            _line("old-date", _("What was the date before?"), _DATE_HINT),
            _AGENCY,
            _URGENCY,
        ),
        reroutes=True,
    ),
    Group(
        "moved",
        _("I moved"),
        _("Only where you are now. You need not give an address."),
        (
            _line("whereabouts-now", _("Where are you now?"), _("A town or an area is enough.")),
            _REGION,
            _one("moved-why", _("Did you leave by your own choice?"), YES_NO),
            _URGENCY,
        ),
        reroutes=True,
    ),
    Group(
        "detained",
        _("I am detained, or someone is"),
        _("Other offices may then be able to help. You decide about each."),
        (
            _CUSTODY,
            _AGENCY,
            _line("held-at", _("Where?"), _("The name of the place, or a town.")),
            _REGION,
            _line("held-since", _("Since when?"), _DATE_HINT),
            _URGENCY,
        ),
        reroutes=True,
    ),
    Group(
        "reporter",
        _("Who you are in this"),
        _("No name is asked here."),
        (
            _one(
                "role",
                _("Who are you in what happened?"),
                (
                    ("victim", _("It happened to me")),
                    ("witness", _("I saw it or know of it")),
                    ("relative", _("I belong to the family")),
                    ("advocate", _("I am a lawyer or helper")),
                    ("official", _("I work for an authority")),
                ),
            ),
            _line("organisation", _("If you write for an organisation: which?")),
            _several(
                "knows",
                _("How do you know it?"),
                (
                    ("lived", _("I lived it")),
                    ("saw", _("I saw it or heard it")),
                    ("told", _("Somebody told me")),
                    ("document", _("From a paper, a photo, a recording")),
                ),
            ),
        ),
    ),
    Group(
        "consent",
        _("Your name, and what each office may do"),
        _(
            "Each office learns only what you choose for it. Unanswered means: it keeps the "
            "report safe, has no name, and does nothing of these."
        ),
        (_line("name", _("Your name"), _("Only offices that may know who you are get it.")),),
        per_office=(_IDENTITY, _several("purposes", _("What may it do?"), PURPOSES)),
    ),
    Group(
        "persons",
        _("The persons it happened to"),
        _("One part for each person. Leave out what you do not know."),
        (),
        people=PERSON,
        private=True,
    ),
    Group(
        "incident",
        _("More about what happened"),
        _("Only what you remember. Do not guess."),
        (
            _line("began", _("When did it begin?"), _DATE_HINT),
            _line("ended", _("When did it end?"), _DATE_HINT),
            _one(
                "going",
                _("Is it over?"),
                (
                    ("over", _("It is over")),
                    ("ongoing", _("It goes on")),
                    ("expected", _("It has not happened yet, and I fear it will")),
                ),
            ),
            _one(
                "precision",
                _("How sure are you of the dates?"),
                (
                    ("sure", _("I am sure")),
                    ("about", _("More or less")),
                    ("unsure", _("I am not sure")),
                ),
            ),
            _one("place-kind", _("What kind of place was it?")),
            _line("facility", _("What is the place called?")),
            _line("country", _("In which country and state?")),
            _several("acts", _("What was done?")),
            _text("method", _("How was it done?"), _("Weapons, threats, tricks: what you saw.")),
            _text("reason", _("Did they say why?")),
            _text("said", _("What did officers say to you?"), _("Their words, if you remember.")),
        ),
    ),
    Group(
        "actors",
        _("Who did it, and what the government did"),
        _("Two things: those who did it, and those who should have protected you."),
        (
            _AGENCY,
            _line("unit", _("Which department, unit or firm?")),
            _text("actor-people", _("Names, badges, uniforms, faces: what do you know of them?")),
            _line("vehicle", _("A car, a plate, a number?")),
            _several(
                "government",
                _("What did a government do?"),
                (
                    ("committed", _("Its people did it")),
                    ("ordered", _("It ordered it")),
                    ("failed", _("It knew, and did not protect")),
                    ("returned", _("It sent the person back into danger")),
                ),
            ),
        ),
    ),
    Group(
        "harm",
        _("What it did to you or them"),
        _("You need not describe anything."),
        (
            _several(
                "harms",
                _("What harm came of it?"),
                (
                    ("body", _("Injury or pain")),
                    ("mind", _("Fear, sleeplessness, sadness")),
                    ("death", _("Someone died")),
                    ("disappeared", _("Someone is missing")),
                    ("separation", _("A family was separated")),
                    ("loss", _("Money, papers or things were lost")),
                    ("return", _("Someone was sent back into danger")),
                ),
            ),
            _text("care", _("Was there a doctor or other help?"), _("Where, and when.")),
        ),
    ),
    Group(
        "evidence",
        _("Proof, and who saw it"),
        _("Keep originals as they are. Send nothing that puts you in danger."),
        (
            _text("proof", _("What proof is there?"), _("Papers, photos, messages, injuries.")),
            _text("originals", _("Where are the originals, and who made them?")),
            _line(
                "camera",
                _("Was there a camera? Where, and when will its recording be erased?"),
                _("Many recordings are erased after a few weeks."),
                clock=True,
            ),
            _text(
                "witnesses",
                _("Who else saw it?"),
                _("Write how to reach them only if they said yes."),
            ),
        ),
        files=True,
    ),
    Group(
        "steps",
        _("What was done before"),
        _("Other complaints, a lawyer, a court."),
        (
            _line("told", _("Which office was told?")),
            _line("told-number", _("Under which number?")),
            _line("told-date", _("When?"), _DATE_HINT),
            _text("told-answer", _("What did it answer?")),
            _text("court", _("Is there a case in court? Is there a lawyer?")),
            _line("hearing", _("Next hearing or removal date"), _DATE_HINT, clock=True),
        ),
    ),
    Group(
        "relief",
        _("What you wish, and by when"),
        _("No office can promise it. It helps to know."),
        (
            _several("relief", _("What do you wish for?")),
            _URGENCY,
            _line("deadline", _("After which day is it too late?"), _DATE_HINT, clock=True),
        ),
    ),
    Group(
        "contact",
        _("How to reach you safely"),
        _("Write only what nobody dangerous can see. Ticked offices get it, no others."),
        (
            _one(
                "find",
                _("How may we find you?"),
                (
                    ("words", _("I come back with my words")),
                    ("contact", _("As I write below")),
                    ("trusted", _("Through someone I trust, or a shelter")),
                    ("never", _("Please do not contact me")),
                ),
            ),
            _one(
                "channel",
                _("By which means?"),
                (
                    ("call", _("A call")),
                    ("message", _("A message on the telephone")),
                    ("email", _("E-mail")),
                    ("visit", _("In person")),
                ),
            ),
            _line("contact", _("Number, address or place")),
            _line("trusted", _("The person or shelter you trust, and how to reach them")),
            _line("hours", _("On which days and at what hours?")),
            _line("contact-language", _("In which language?")),
            _line("say-you-are", _("Who should the caller say they are?"), _("“A friend of Ana.”")),
            _one("leave-message", _("May a message be left?"), YES_NO),
            _line("silent-days", _("If we cannot reach you: after how many days do we worry?")),
            _line("then-tell", _("Who may be told then?")),
            _several(
                "then-allow",
                _("What may be done then?"),
                (
                    ("use", _("Use the report")),
                    ("publish", _("Publish it without names")),
                    ("alert", _("Alert others that I may be in danger")),
                    ("nothing", _("None of these")),
                ),
            ),
        ),
        private=True,
    ),
    Group(
        "answer",
        _("Write to an office"),
        _("An answer, a question, or anything else. Only the offices you tick get it."),
        (_text("message", _("What do you want to say?")),),
        private=True,
        files=True,
    ),
    Group(
        "keeper",
        _("If you lose your words"),
        _(
            "One office that you trust can give you new words, once it is sure that it is you. The "
            "lost ones then open nothing. It could do so against your will too, and read the "
            "answers you get: choose with care. Who was chosen before can no longer."
        ),
        (
            _text(
                "known-by",
                _("How can it be sure that it is you?"),
                _("A question only you can answer, a person who knows you, a place to come to."),
            ),
        ),
        private=True,
        keeper=True,
    ),
)
"""The additions: any of them, in any order, now or later."""

NOTICES = {
    "withdrawal": _("The person took this report back from this office: stop using it"),
    "stopped": _("The person took the report back from another office: pass nothing on to it"),
    "deletion": _("The person asked to delete the case: the server deletes it after seven days"),
    "kept": _("The person wants the case kept after all"),
    "exposed": _("Somebody else has the words of this case: they open it no more"),
}
"""What a person tells an office about her case without a question, by the name of its group."""


def _all() -> dict[str, Question]:
    found: dict[str, Question] = {}
    for group in (REPORT, *GROUPS):
        for question in (*group.questions, *group.people, *group.per_office):
            found.setdefault(question.name, question)
    return found


BY_NAME = _all()
"""Every question. One name has one kind and one vocabulary, wherever it is asked."""

GROUPS_BY_NAME = {group.name: group for group in (REPORT, *GROUPS)}

FACETS = tuple(question.name for question in SHORT if question.is_choice)
"""What routes may ask about; each has a vocabulary of its name in the programme."""

VOCABULARIES = tuple(question.name for question in BY_NAME.values() if question.in_programme)
"""The vocabularies a programme has: those of the facets, and those of its subject."""
