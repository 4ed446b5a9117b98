"""The four published stories, each entered whole in a real Chromium without JavaScript, and read.

Once without a name, once with one. What is asserted is what a person at an office looks for.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

import pytest

from intake.core import programme as programmes
from intake.core.questions import BY_NAME, ESCAPES, GROUPS_BY_NAME, Kind, Question
from intake.paths import shipped
from tests.support.browser import drive
from tests.support.server import DemoServer, started
from tests.support.stories import STORIES, Answers, Story

# Minutes of a browser: in make check-all.
pytestmark = [pytest.mark.browser, pytest.mark.slow]

PROGRAMME = programmes.parse(shipped("programmes/default.toml").read_text("utf-8"))
READERS = [office.id for office in PROGRAMME.keyed]
TOLD = {
    f"{name}-{way}": (story, way == "named")
    for name, story in STORIES.items()
    for way in ("anonymous", "named")
}
ASKED = {
    (group.name, question.name): question
    for group in GROUPS_BY_NAME.values()
    for question in (*group.questions, *group.people)
}
"""Every question by its group: the same name is not worded alike everywhere."""
SIGNED = "\nMy name stands apart, for those who may know it."
"""Ends the account of who names herself: so a test knows the two cases of a story apart."""


@dataclass(frozen=True)
class Reading:
    """A story as it was told, what the witness saw, and what the offices opened of it.

    `entries` are the case's as `--json` gives them, `plain` as `intake open` prints them, both
    in the order in which they were printed.
    """

    story: Story
    is_named: bool
    seen: dict[str, Any]
    entries: list[dict[str, Any]]
    plain: list[str]

    def bodies(self, office: str) -> dict[str, dict[str, Any]]:
        """Return what an office got, by group, in order."""
        mine = [entry["body"] for entry in self.entries if entry["office"] == office]
        return {body.get("group", "report"): body for body in mine}

    def printed(self, office: str) -> str:
        """Return what is printed for an office."""
        name = PROGRAMME.office(office).name["en"]
        return "\n".join(
            part for part in self.plain if part.splitlines()[1].endswith(f", for {name}")
        )

    def additions(self) -> list[tuple[str, Answers]]:
        """Return what was added, by group, in order."""
        return additions(self.story, is_named=self.is_named)


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reading]:
    """Enter every story both ways on one server, and open what all offices got."""
    base = tmp_path_factory.mktemp("stories")
    tasks = [as_task(story, is_named=is_named) for story, is_named in TOLD.values()]
    with started(folder=base / "server") as server, ThreadPoolExecutor(2) as both:
        halves = [
            {"url": server.origin, "profile": str(base / str(part)), "stories": tasks[part::2]}
            for part in (0, 1)
        ]
        one, other = both.map(partial(drive, "stories.mjs"), halves)
        printed = list(both.map(partial(opened, server), READERS))
        lines = both.map(lambda office: opened(server, office, "--json").splitlines(), READERS)
        entries = [json.loads(line) for found in lines for line in found]
    seen = [saw for pair in zip(one, other, strict=True) for saw in pair]
    plain = [part for text in printed for part in split(text)]
    found = {}
    for (name, (story, is_named)), saw in zip(TOLD.items(), seen, strict=True):
        account = dict(first_step(story, is_named=is_named))["account"]
        (case,) = {
            e["case"] for e in entries if e["body"].get("answers", {}).get("account") == account
        }
        mine = [entry for entry in entries if entry["case"] == case]
        read = [part for part in plain if part.startswith(f"Case {case},")]
        found[name] = Reading(story, is_named, saw, mine, read)
    return found


@pytest.fixture(params=TOLD)
def reading(request: pytest.FixtureRequest, readings: dict[str, Reading]) -> Reading:
    """Return one story, told one way."""
    return readings[request.param]


def first_step(story: Story, *, is_named: bool) -> Answers:
    """Return the short form of a story."""
    (name, account), *others = story.report
    return ((name, account + SIGNED * is_named), *others)


def people(story: Story, *, is_named: bool) -> list[Answers]:
    """Return the answers about each person, who is called by name or without."""
    return [(("alias", p.name if is_named else p.called), *p.answers) for p in story.people]


def consent(story: Story, *, is_named: bool) -> Answers:
    """Return her name, and what each office may know and do: without a name, none may know it."""
    known = dict(story.identity) if is_named else {}
    answers = [("name", story.name)] if is_named else []
    for office in story.offices:
        answers.append((f"{office}-identity", known.get(office, "anonymous")))
        answers += [(f"{office}-purposes", purpose) for purpose in story.purposes]
    return tuple(answers)


def additions(story: Story, *, is_named: bool) -> list[tuple[str, Answers]]:
    """Return everything that is added to a story, persons apart, by group."""
    contact = story.contact if is_named else (("find", "words"),)
    return [
        ("persons", ()),
        *story.additions,
        ("relief", story.relief),
        ("contact", contact),
        ("consent", consent(story, is_named=is_named)),
    ]


def as_task(story: Story, *, is_named: bool) -> dict[str, object]:
    """Return a story as the browser's script types it."""
    persons = people(story, is_named=is_named)
    return {
        "report": first_step(story, is_named=is_named),
        "offices": story.offices,
        "additions": [
            {"group": group, "answers": answers, "people": persons if group == "persons" else []}
            for group, answers in additions(story, is_named=is_named)
        ],
    }


def opened(server: DemoServer, office: str, *options: str) -> str:
    """Return what `intake open` prints for an office."""
    command = [sys.executable, "-m", "intake", "open", "--server", server.origin, *options]
    command += ["--office", office, "--identity", str(server.identity(office))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def split(printed: str) -> list[str]:
    """Return the entries in what was printed."""
    return [f"Case {part}" for part in f"\n{printed}".split("\nCase ")[1:]]


def sent(answers: Answers) -> dict[str, str | list[str]]:
    """Return answers as an entry holds them: several choices and ways out as lists."""
    found: dict[str, str | list[str]] = {}
    for name, given in groupby(answers, itemgetter(0)):
        values = [value for _, value in given]
        plain = name.removesuffix("_without")
        is_list = plain != name or BY_NAME[plain].kind is Kind.CHOICES
        found[plain] = values if is_list else values[0]
    return found


def read_as(question: Question, answer: str | list[str]) -> list[str]:
    """Return the lines in which a person reads a question and its answer."""
    lines = answer.splitlines() if isinstance(answer, str) else answer
    if question.is_choice or isinstance(answer, list):
        terms = [answer] if isinstance(answer, str) else answer
        lines = [label(question, term) for term in terms]
    mark = "! " if question.clock else ""
    return [f"{mark}{question.label}", *(f"  {line}" for line in lines)]


def label(question: Question, term: str) -> str:
    """Return what a choice says."""
    known = {**ESCAPES, **dict(question.terms)}
    return known.get(term) or PROGRAMME.label(question.name, term, "en")


def test_story_is_read_over_whole_before_it_is_sent(reading: Reading) -> None:
    """The review page shows each answer in words, and offers the offices she said yes to."""
    assert set(reading.story.offices) <= set(reading.seen["offered"])
    for name, answer in sent(first_step(reading.story, is_named=reading.is_named)).items():
        for line in read_as(ASKED["report", name], answer):
            assert line.strip() in reading.seen["read"]


def test_case_shows_what_was_added_but_none_of_its_words(reading: Reading) -> None:
    """Somebody else may hold the words."""
    added = [GROUPS_BY_NAME[group].label for group, _ in reading.additions()]
    rows = reading.seen["rows"]
    assert {row.split("\n")[0] for row in rows if row.endswith("added")} == set(added)
    lines = [person[0][1] for person in people(reading.story, is_named=True)]
    lines += [reading.story.report[0][1][:30], reading.story.name]
    assert [line for line in lines if line in reading.seen["shown"]] == []


def test_story_is_at_the_offices_ticked_and_nowhere_else(reading: Reading) -> None:
    """Neither another office nor a reader that none of them has."""
    assert {entry["office"] for entry in reading.entries} == set(reading.story.offices)
    for office in PROGRAMME.offices:
        assert bool(reading.printed(office.id)) == (office.id in reading.story.offices)


def test_each_office_has_everything_in_the_order_of_writing(reading: Reading) -> None:
    """The report first; how to reach her at the fallback office alone."""
    wanted = ["report", *(group for group, _ in reading.additions())]
    for office in reading.story.offices:
        groups = [group for group in wanted if office == PROGRAMME.fallback or group != "contact"]
        assert list(reading.bodies(office)) == groups


def test_what_was_typed_is_there_letter_by_letter(reading: Reading) -> None:
    """Every answer to every question, and no answer that nobody gave."""
    told = [("report", first_step(reading.story, is_named=reading.is_named)), *reading.additions()]
    for office in reading.story.offices:
        for group, body in reading.bodies(office).items():
            if group != "consent":
                assert body["answers"] == sent(dict(told)[group])
                assert body["unscripted"] is True


def test_each_person_stands_with_her_own_acts(reading: Reading) -> None:
    """As data and in print, at every office."""
    persons = people(reading.story, is_named=reading.is_named)
    for office in reading.story.offices:
        assert reading.bodies(office)["persons"]["people"] == [sent(person) for person in persons]
        printed = reading.printed(office)
        for number, person in enumerate(persons, 1):
            _, part = printed.split(f"--- Person {number} of {len(persons)} ---\n")
            part = part.split("\n--- Person ")[0].split("\nCase ")[0]
            for name, answer in sent(person).items():
                assert "\n".join(read_as(ASKED["persons", name], answer)) + "\n" in part


def test_name_is_only_where_it_may_be_known(reading: Reading) -> None:
    """Neither as data nor in print at any other office, and nowhere if she names herself not."""
    knowing = set(dict(reading.story.identity)) if reading.is_named else set()
    for office in reading.story.offices:
        mine = [entry for entry in reading.entries if entry["office"] == office]
        assert (reading.story.name in json.dumps(mine, ensure_ascii=False)) == (office in knowing)
        assert (reading.story.name in reading.printed(office)) == (office in knowing)


def test_each_office_reads_what_it_may_do_and_not_what_others_may(reading: Reading) -> None:
    """Identity and purposes are told office by office."""
    asked = dict.fromkeys(reading.story.offices, "anonymous")
    asked |= dict(reading.story.identity) if reading.is_named else {}
    for office, identity in asked.items():
        answers = dict(reading.bodies(office)["consent"]["answers"])
        answers.pop("name", None)
        assert answers == {"identity": identity, "purposes": list(reading.story.purposes)}


def test_print_is_readable_labels_in_the_order_of_the_form(reading: Reading) -> None:
    """Each question in words above its answer in words, and no id of a choice anywhere."""
    told = [("report", first_step(reading.story, is_named=reading.is_named)), *reading.additions()]
    for office in reading.story.offices:
        printed, place = reading.printed(office), 0
        for group, answers in told:
            if group in ("consent", "contact"):
                continue
            for name, answer in sent(answers).items():
                place = printed.index("\n".join(read_as(ASKED[group, name], answer)) + "\n", place)
    ids = {term for q in BY_NAME.values() for term, _ in q.terms} | {*ESCAPES}
    ids |= {term for name in PROGRAMME.vocabularies for term in PROGRAMME.terms(name)}
    lines = {line.strip() for part in reading.plain for line in part.splitlines()}
    assert lines & ids == set()
