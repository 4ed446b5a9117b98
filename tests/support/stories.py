"""The four stories of the founding page, in our own words, as the people in them might enter them.

The facts are those that were published; who tells, names, days and details of contact are made
up where nothing was published, since a form asks for them.
"""

from dataclasses import dataclass

Answers = tuple[tuple[str, str], ...]
"""Questions by name, several choices one after the other, in the order of their vocabulary."""


@dataclass(frozen=True)
class Person:
    """One of those it happened to: what she is called, by name or without, and her answers."""

    called: str
    name: str
    answers: Answers


@dataclass(frozen=True)
class Story:
    """A case: the short form, the offices that may read it, and what is added.

    `named` holds what only somebody tells who names herself: her name, and how to reach her.
    `identity` says what each office may know of her then; all others get no name.
    """

    report: Answers
    offices: tuple[str, ...]
    people: tuple[Person, ...]
    additions: tuple[tuple[str, Answers], ...]
    relief: Answers
    name: str
    contact: Answers
    identity: tuple[tuple[str, str], ...]
    purposes: tuple[str, ...] = ("investigate", "refer")


TIJUANA = Story(
    report=(
        (
            "account",
            (
                "My husband was stabbed to death in Tijuana. We are from El Salvador. US "
                "officers had sent the four of us back to wait there for our hearings.\n"
                "We told the officers, the asylum officer and the judge that we were afraid. "
                "Nobody took us out of the programme."
            ),
        ),
        ("place", "Tijuana, Baja California"),
        ("region", "mx-border"),
        ("date", "November 2019"),
        ("time", "longer"),
        ("agency", "cbp"),
        ("agency", "uscis"),
        ("agency", "us-court"),
        ("agency", "group"),
        ("child", "yes"),
        ("custody", "no"),
        ("urgency", "life"),
    ),
    offices=("investigators", "children", "legal-aid", "dhs-crcl", "iachr"),
    people=(
        Person(
            "my husband",
            "Wilmer A.",
            (
                ("relation", "family"),
                ("sex", "male"),
                ("acts", "killing"),
                ("acts", "torture"),
                ("acts", "return"),
                ("nationality", "El Salvador"),
            ),
        ),
        Person(
            "me",
            "Reina A.",
            (
                ("relation", "self"),
                ("sex", "female"),
                ("acts", "return"),
                ("acts", "no-asylum"),
                ("speaks", "Spanish"),
                ("agrees", "investigate"),
                ("agrees", "publish"),
            ),
        ),
        Person(
            "our two children",
            "Kevin and Abigail",
            (
                ("relation", "in-my-care"),
                ("acts", "return"),
                ("needs", "child"),
                ("size", "2"),
            ),
        ),
    ),
    additions=(
        ("reporter", (("role", "relative"), ("knows", "lived"), ("knows", "told"))),
        (
            "incident",
            (
                ("began", "The day he did not come back"),
                ("going", "over"),
                ("precision", "about"),
                ("place-kind", "street"),
                ("country", "Mexico, Baja California"),
                ("acts", "killing"),
                ("acts", "torture"),
                ("acts", "no-asylum"),
                ("method", "Knives. His body had marks as if they had tortured him first."),
                ("said", "The judge heard that our children were not safe, and sent us back."),
            ),
        ),
        (
            "actors",
            (
                ("agency", "cbp"),
                ("agency", "us-court"),
                ("agency", "group"),
                ("actor-people", "Nobody saw the killers."),
                ("government", "failed"),
                ("government", "returned"),
            ),
        ),
        ("harm", (("harms", "mind"), ("harms", "death"), ("care", "None."))),
        ("steps", (("court", "Immigration court, San Diego."), ("hearing", "14 January 2020"))),
    ),
    relief=(
        ("relief", "safety"),
        ("relief", "stop-removal"),
        ("relief", "inquiry"),
        ("urgency", "life"),
        ("deadline", "13 January 2020"),
    ),
    name="Reina Abrego",
    contact=(
        ("find", "trusted"),
        ("trusted", "The sisters at the shelter on the hill"),
        ("hours", "In the morning"),
        ("contact-language", "Spanish"),
        ("say-you-are", "The school"),
    ),
    identity=(("investigators", "open"), ("legal-aid", "confidential"), ("iachr", "not-accused")),
)

JUAREZ = Story(
    report=(
        (
            "account",
            (
                "Armed men took the three of us while we waited for a taxi. They held us for "
                "a week and hurt my friend and me in the worst way, many times, until a "
                "ransom was paid.\n"
                "Weeks later we asked for asylum on the bridge at El Paso. The officers sent "
                "us two back to Juárez and did not ask whether we were afraid. We hide and "
                "hardly go out."
            ),
        ),
        ("place", "Near Ciudad Juárez"),
        ("region", "mx-border"),
        ("date", "April 2019"),
        ("time", "half-year"),
        ("agency", "cbp"),
        ("agency", "group"),
        ("child", "no"),
        ("custody", "no"),
        ("urgency", "retaliation"),
    ),
    offices=("investigators", "legal-aid", "dhs-oig", "un-special-procedures"),
    people=(
        Person(
            "me",
            "Dayana P.",
            (
                ("relation", "self"),
                ("sex", "female"),
                ("acts", "kidnapping"),
                ("acts", "sexual"),
                ("acts", "extortion"),
                ("acts", "return"),
                ("acts", "no-asylum"),
                ("nationality", "Cuba"),
                ("agrees", "refer"),
            ),
        ),
        Person(
            "my friend",
            "Odalys M.",
            (
                ("relation", "known"),
                ("sex", "female"),
                ("acts", "kidnapping"),
                ("acts", "sexual"),
                ("acts", "return"),
                ("acts", "no-asylum"),
                ("nationality", "Cuba"),
            ),
        ),
        Person(
            "my partner",
            "Yoel P.",
            (
                ("relation", "family"),
                ("sex", "male"),
                ("acts", "kidnapping"),
                ("acts", "extortion"),
                ("nationality", "Cuba"),
            ),
        ),
    ),
    additions=(
        ("reporter", (("role", "victim"), ("knows", "lived"))),
        (
            "incident",
            (
                ("ended", "A week later, when we were ransomed"),
                ("going", "ongoing"),
                ("place-kind", "transport"),
                ("country", "Mexico, Chihuahua"),
                ("acts", "kidnapping"),
                ("acts", "sexual"),
                ("acts", "no-asylum"),
                ("method", "They had long guns. Several men."),
                ("reason", "They heard how we talk: one knows us for Cubans."),
            ),
        ),
        (
            "actors",
            (
                ("agency", "cbp"),
                ("agency", "group"),
                ("unit", "Port of entry, El Paso"),
                ("vehicle", "A grey van"),
                ("government", "returned"),
            ),
        ),
        ("harm", (("harms", "body"), ("harms", "mind"), ("harms", "return"))),
        ("steps", (("told", "The waiting list at the bridge"), ("told-answer", "To wait."))),
    ),
    relief=(("relief", "safety"), ("relief", "care"), ("urgency", "retaliation")),
    name="Dayana Pupo",
    contact=(("find", "words"), ("leave-message", "no")),
    identity=(("investigators", "confidential"), ("un-special-procedures", "not-accused")),
)

POLICE = Story(
    report=(
        (
            "account",
            (
                "I am her lawyer. CBP returned my client, a Garifuna woman from Honduras, to "
                "Juárez. Men in the uniform of the federal police took and raped her, again "
                "and again.\n"
                "She had told the officers that for her colour she would be a target. No "
                "asylum officer ever heard her."
            ),
        ),
        ("place", "Ciudad Juárez"),
        ("region", "mx-border"),
        ("date", "After the return, that week"),
        ("agency", "cbp"),
        ("agency", "mx-police"),
        ("child", "unknown"),
        ("urgency", "health"),
    ),
    offices=("investigators", "dhs-crcl", "un-special-procedures"),
    people=(
        Person(
            "my client",
            "G. M. C.",
            (
                ("relation", "client"),
                ("age", "29"),
                ("sex", "female"),
                ("acts", "kidnapping"),
                ("acts", "sexual"),
                ("acts", "return"),
                ("acts", "no-asylum"),
                ("acts", "discrimination"),
                ("nationality", "Honduras"),
                ("ethnicity", "Garifuna"),
                ("held", "no"),
            ),
        ),
    ),
    additions=(
        (
            "reporter",
            (("role", "advocate"), ("organisation", "A legal centre, El Paso"), ("knows", "told")),
        ),
        (
            "incident",
            (
                ("going", "over"),
                ("precision", "unsure"),
                ("country", "Mexico, Chihuahua"),
                ("acts", "kidnapping"),
                ("acts", "sexual"),
                ("acts", "no-asylum"),
                ("acts", "discrimination"),
                ("said", "That she could tell it to a judge in some months."),
            ),
        ),
        (
            "actors",
            (
                ("agency", "cbp"),
                ("agency", "mx-police"),
                ("actor-people", "Dark blue uniforms with the word FEDERAL."),
                ("government", "committed"),
                ("government", "returned"),
            ),
        ),
        ("harm", (("harms", "body"), ("harms", "mind"), ("care", "A clinic saw her."))),
        ("steps", (("told", "CBP"), ("told-answer", "None."), ("court", "I represent her."))),
    ),
    relief=(("relief", "care"), ("relief", "inquiry"), ("relief", "punishment")),
    name="Lic. Norma Tello",
    contact=(("find", "contact"), ("channel", "email"), ("contact", "n.tello@legal.example")),
    identity=(("investigators", "open"), ("dhs-crcl", "open"), ("un-special-procedures", "open")),
    purposes=("investigate", "refer", "statistics"),
)

LAREDO = Story(
    report=(
        (
            "account",
            (
                "They sent us three back over the bridge to Nuevo Laredo, and men kidnapped "
                "us. I heard them beat my husband and give him electric shocks in another "
                "room.\n"
                "He lay on the floor bleeding and told me that we would die. They let me go "
                "with my son, who is three. I do not know whether my husband lives. ¿Dónde "
                "está?"
            ),
        ),
        ("place", "Nuevo Laredo, Tamaulipas"),
        ("region", "mx-border"),
        ("time", "month"),
        ("agency", "cbp"),
        ("agency", "group"),
        ("child", "yes"),
        ("custody", "unknown"),
        ("urgency", "life"),
    ),
    offices=("investigators", "children", "dhs-oig", "iachr"),
    people=(
        Person(
            "my husband",
            "Denis L.",
            (
                ("relation", "family"),
                ("sex", "male"),
                ("acts", "disappearance"),
                ("acts", "kidnapping"),
                ("acts", "torture"),
                ("acts", "separation"),
                ("acts", "return"),
                ("nationality", "Honduras"),
                ("whereabouts_without", "unknown"),
            ),
        ),
        Person(
            "me",
            "Suyapa L.",
            (
                ("relation", "self"),
                ("sex", "female"),
                ("acts", "kidnapping"),
                ("acts", "separation"),
                ("acts", "return"),
                ("agrees", "investigate"),
            ),
        ),
        Person(
            "my son",
            "Jostin L.",
            (
                ("relation", "in-my-care"),
                ("age", "3"),
                ("sex", "male"),
                ("acts", "kidnapping"),
                ("acts", "separation"),
                ("acts", "return"),
                ("needs", "child"),
                ("agrees", "investigate"),
            ),
        ),
    ),
    additions=(
        ("reporter", (("role", "victim"), ("knows", "lived"), ("knows", "saw"))),
        (
            "incident",
            (
                ("going", "ongoing"),
                ("place-kind", "hidden"),
                ("country", "Mexico, Tamaulipas"),
                ("acts", "disappearance"),
                ("acts", "kidnapping"),
                ("acts", "torture"),
                ("method", "Blows and an electric cable. We were kept apart."),
            ),
        ),
        (
            "actors",
            (("agency", "cbp"), ("agency", "group"), ("government", "returned")),
        ),
        (
            "harm",
            (
                ("harms", "mind"),
                ("harms", "disappeared"),
                ("harms", "separation"),
                ("care_without", "declined"),
            ),
        ),
        ("steps", (("told_without", "unknown"), ("hearing", "3 December 2019"))),
    ),
    relief=(("relief", "find"), ("relief", "reunion"), ("urgency", "life")),
    name="Suyapa Lainez",
    contact=(
        ("find", "contact"),
        ("channel", "call"),
        ("contact", "+52 555 0100, the neighbour"),
        ("silent-days", "Three"),
        ("then-tell", "My sister in Houston"),
        ("then-allow", "use"),
        ("then-allow", "alert"),
    ),
    identity=(("investigators", "confidential"), ("children", "not-accused"), ("iachr", "open")),
)

STORIES = {"tijuana": TIJUANA, "juarez": JUAREZ, "police": POLICE, "laredo": LAREDO}
